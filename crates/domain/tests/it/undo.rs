//! Taking changes back, and making them again.

use domain::{Command, Decision, RedoChange, Refusal, Seq, UndoChange};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{World, command};

fn undo(world: &mut World, seq: i64) -> String {
    world.run("undo_change", &json!({ "change_id": seq }))
}

fn redo(world: &mut World, seq: i64) -> String {
    world.run("redo_change", &json!({ "change_id": seq }))
}

fn update(world: &mut World, patch: &Value) -> String {
    let mut arguments = json!({ "task_id": 1 });
    arguments
        .as_object_mut()
        .unwrap()
        .extend(patch.as_object().unwrap().clone());
    world.run("update_task", &arguments)
}

fn milk() -> World {
    World::with(&json!([{ "title": "milk" }]))
}

#[test]
fn the_last_change_and_what_is_left() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk", "due": "2026-12-05" }));
    assert_snapshot!(world.run("undo_change", &json!({})), @r#"task 1 due_date=null title="milk""#);
    assert_snapshot!(world.run("undo_change", &json!({})), @"task 1 gone");
    assert_snapshot!(world.run("undo_change", &json!({})), @"refused: there is nothing to undo");
    assert_snapshot!(world.run("redo_change", &json!({})), @r#"task 1 new title="milk""#);
    assert_snapshot!(world.run("redo_change", &json!({})), @r#"task 1 due_date="2026-12-05" title="oat milk""#);
    assert_snapshot!(world.run("redo_change", &json!({})), @"refused: there is nothing to redo");
}

#[test]
fn a_change_in_the_middle_leaves_the_other_fields() {
    let world = &mut milk();
    update(world, &json!({ "priority": "high", "due": "2026-12-05" }));
    update(world, &json!({ "title": "oat milk" }));
    assert_snapshot!(undo(world, 2), @r#"task 1 due_date=null priority="none""#);
    assert_eq!(
        world.rows.tasks[&domain::TaskId(1)].title.as_str(),
        "oat milk"
    );
}

#[test]
fn what_stands_in_the_way_is_the_change_of_the_same_field() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk" }));
    update(world, &json!({ "title": "soy milk" }));
    update(world, &json!({ "priority": "high" }));
    assert_snapshot!(undo(world, 1), @"refused: change 1 cannot be undone: change 4 came later and changed the same (priority, title). Undo that one first");
    assert_snapshot!(undo(world, 2), @"refused: change 2 cannot be undone: change 3 came later and changed the same (title). Undo that one first");
    // An undoing is not named where the change that stands can be.
    update(world, &json!({ "title": "rice milk" }));
    undo(world, 5);
    assert_snapshot!(undo(world, 2), @"refused: change 2 cannot be undone: change 3 came later and changed the same (title). Undo that one first");
    undo(world, 3);
    assert_snapshot!(undo(world, 2), @r#"task 1 title="milk""#);
}

#[test]
fn what_is_gone_since_stands_in_the_way() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk" }));
    world.run("delete_task", &json!({ "task_id": 1 }));
    world.run("empty_trash", &json!({}));
    assert_snapshot!(undo(world, 2), @"refused: change 2 cannot be undone: change 4 came later and changed the same (all of it). Undo that one first");
    assert_snapshot!(undo(world, 4), @r#"task 1 new deleted_at="2026-12-02T12:03:00Z" title="oat milk""#);
    assert_snapshot!(undo(world, 2), @r#"task 1 title="milk""#);
}

#[test]
fn adding_is_undone_until_what_was_added_has_changed() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk" }));
    assert_snapshot!(undo(world, 1), @"refused: change 1 cannot be undone: change 2 came later and changed the same (title). Undo that one first");
    undo(world, 2);
    assert_snapshot!(undo(world, 1), @"task 1 gone");
}

#[test]
fn not_twice() {
    let world = &mut milk();
    assert_snapshot!(undo(world, 1), @"task 1 gone");
    assert_snapshot!(undo(world, 1), @"refused: change 1 was undone already, by change 2");
    assert_snapshot!(redo(world, 1), @r#"task 1 new title="milk""#);
    assert_snapshot!(redo(world, 1), @"refused: change 1 was not undone, so there is nothing to redo about it");
    assert_snapshot!(redo(world, 2), @"refused: change 2 was not undone, so there is nothing to redo about it");
    assert_snapshot!(undo(world, 2), @"refused: change 2 was undone already, by change 3");
    assert_snapshot!(undo(world, 3), @"refused: change 3 only made an earlier change again; undo that one");
    assert_snapshot!(undo(world, 1), @"task 1 gone");
    assert_snapshot!(redo(world, 4), @r#"task 1 new title="milk""#);
    assert_snapshot!(undo(world, 99), @"refused: there is no change 99; look at the history to see their numbers");
    assert_snapshot!(redo(world, 99), @"refused: there is no change 99; look at the history to see their numbers");
}

#[test]
fn undoing_an_undoing_makes_the_change_again() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk" }));
    undo(world, 2);
    assert_snapshot!(undo(world, 3), @r#"task 1 title="oat milk""#);
    assert_snapshot!(undo(world, 2), @r#"task 1 title="milk""#);
}

#[test]
fn an_undoing_taken_back_is_a_redoing() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk" }));
    undo(world, 2);
    undo(world, 3);
    assert_eq!(world.journal[3].action, "redo_change");
    assert_snapshot!(world.run("redo_change", &json!({})), @"refused: there is nothing to redo");
    assert_snapshot!(undo(world, 4), @"refused: change 4 only made an earlier change again; undo that one");
    assert_snapshot!(world.run("undo_change", &json!({})), @r#"task 1 title="milk""#);
    assert_snapshot!(redo(world, 2), @r#"task 1 title="oat milk""#);
}

#[test]
fn what_others_belong_to_stays() {
    let world = &mut World::with(&json!([{ "title": "paint", "project": "home" }]));
    world.run("add_task", &json!({ "title": "buy paint", "parent_id": 1 }));
    assert_snapshot!(undo(world, 1), @"refused: change 1 cannot be undone: change 2 came later and changed the same (its steps). Undo that one first");
    undo(world, 2);
    world.run("add_task", &json!({ "title": "sweep", "project": "home" }));
    assert_snapshot!(undo(world, 1), @"refused: change 1 cannot be undone: change 4 came later and changed the same (its tasks). Undo that one first");
    undo(world, 4);
    assert_snapshot!(undo(world, 1), @"task 1 gone; project 1 gone");
}

#[test]
fn no_step_gets_steps() {
    let world = &mut World::with(&json!([{ "title": "paint" }, { "title": "house" }]));
    update(world, &json!({ "parent_id": 2 }));
    update(world, &json!({ "clear": ["parent"] }));
    world.run("add_task", &json!({ "title": "buy paint", "parent_id": 1 }));
    assert_snapshot!(undo(world, 3), @"refused: task 1 cannot be a step of task 2: steps have no steps of their own");
}

#[test]
fn redoing_does_not_overwrite_what_came_later() {
    let world = &mut milk();
    update(world, &json!({ "title": "oat milk" }));
    undo(world, 2);
    update(world, &json!({ "title": "soy milk" }));
    assert_snapshot!(world.run("redo_change", &json!({})), @"refused: there is nothing to redo");
    assert_snapshot!(redo(world, 2), @"refused: change 2 cannot be redone: change 4 came later and changed the same (title). Undo that one first");
}

#[test]
fn a_repeat_does_not_lose_its_date() {
    let world = &mut milk();
    update(world, &json!({ "due": "2026-12-07" }));
    update(world, &json!({ "repeat": { "rule": "FREQ=WEEKLY" } }));
    assert_snapshot!(undo(world, 2), @"refused: change 2 cannot be undone: change 3 came later and changed the same (repeat). Undo that one first");
}

#[test]
fn nothing_goes_back_to_a_project_that_is_gone() {
    let world = &mut World::with(&json!([{ "title": "paint", "project": "home" }]));
    update(world, &json!({ "clear": ["project"] }));
    world.run("delete_project", &json!({ "project": "home" }));
    assert_snapshot!(undo(world, 2), @"refused: there is no project 1; list your projects to see them");
    assert_snapshot!(undo(world, 3), @r#"project 1 new name="home""#);
    assert_snapshot!(undo(world, 2), @"task 1 project_id=1");
}

#[test]
fn no_two_projects_in_use_get_the_same_name() {
    let world = &mut World::new();
    world.run("add_project", &json!({ "name": "home" }));
    world.run("delete_project", &json!({ "project": 1 }));
    world.run("add_project", &json!({ "name": "Home" }));
    assert_snapshot!(undo(world, 2), @"refused: there is a project called “Home” already");
}

#[test]
fn settings_and_projects() {
    let world = &mut World::with(&json!([{ "title": "paint", "project": "home" }]));
    world.run(
        "update_settings",
        &json!({ "time_zone": "Europe/Lisbon", "week_start": "sunday" }),
    );
    world.run("update_settings", &json!({ "locale": "pt" }));
    assert_snapshot!(undo(world, 2), @r#"settings time_zone="UTC" week_start="monday""#);
    let filters = json!([{ "name": "Work", "filter": "#work" }]);
    world.run("update_settings", &json!({ "filters": filters }));
    world.run("update_settings", &json!({ "filters": [] }));
    assert_snapshot!(world.run("undo_change", &json!({})), @r##"settings filters=[{"filter":"#work","name":"Work"}]"##);
    world.run("delete_project", &json!({ "project": "home" }));
    assert_snapshot!(world.run("undo_change", &json!({})), @r#"project 1 new name="home"; task 1 project_id=1"#);
}

/// Commands about a handful of tasks and projects, many of which are refused.
pub(crate) fn any_command() -> impl Strategy<Value = Command> {
    let id = || 1_i64..8;
    let ids = || proptest::collection::vec(id(), 1..4);
    let filter =
        proptest::sample::select(vec!["all", "open", "done", "trash", "today", "+home", "p1"]);
    let title = proptest::sample::select(vec!["milk", "bread", "paint"]);
    let project = proptest::sample::select(vec![
        json!(null),
        json!("home"),
        json!("Work"),
        json!(1),
        json!(2),
    ]);
    let repeat = proptest::sample::select(vec![
        json!(null),
        json!(null),
        json!({ "rule": "FREQ=DAILY" }),
        json!({ "rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=2", "missed": "one" }),
        json!({ "rule": "FREQ=MONTHLY;BYMONTHDAY=31", "mode": "completion" }),
    ]);
    let due = proptest::sample::select(vec![
        json!(null),
        json!("2026-12-01"),
        json!("2026-12-31T09:00"),
        json!("2026-12-02T09:00[Asia/Tokyo]"),
        json!("9999-12-31"),
    ]);
    let postpone = proptest::sample::select(vec![
        json!(null),
        json!(null),
        json!("P1D"),
        json!("-PT90M"),
        json!("P9000Y"),
    ]);
    let tags = proptest::sample::select(vec![json!([]), json!(["a"]), json!(["B", "b", "c"])]);
    let parent =
        proptest::sample::select(vec![json!(null), json!(null), json!(1), json!(2), json!(9)]);
    let clear = proptest::sample::select(vec![
        json!([]),
        json!(["due"]),
        json!(["time", "tags"]),
        json!(["repeat"]),
        json!(["project", "parent"]),
    ]);
    let fields = (title, project.clone(), repeat, due, tags, parent);
    let task = fields.prop_map(|(title, project, repeat, due, tags, parent)| {
        json!({ "title": title, "project": project, "repeat": repeat, "due": due, "tags": tags, "parent_id": parent })
    });
    let patch = (task.clone(), postpone, clear).prop_map(|(mut task, postpone, clear)| {
        task["postpone"] = postpone;
        task["clear"] = clear;
        task
    });
    let named = |id, mut patch: Value| {
        patch["task_id"] = json!(id);
        patch
    };
    prop_oneof![
        4 => task.clone().prop_map(|task| command("add_task", &task)),
        1 => proptest::collection::vec(task, 1..4).prop_map(|tasks| command("add_tasks", &json!({ "tasks": tasks }))),
        4 => (id(), patch.clone()).prop_map(move |(id, patch)| command("update_task", &named(id, patch))),
        1 => (filter.clone(), patch).prop_map(|(filter, patch)| command("update_tasks", &json!({ "filter": filter, "patch": patch }))),
        3 => id().prop_map(|id| command("complete_task", &json!({ "task_id": id }))),
        1 => ids().prop_map(|ids| command("complete_tasks", &json!({ "task_ids": ids }))),
        1 => ids().prop_map(|ids| command("reopen_tasks", &json!({ "task_ids": ids }))),
        2 => ids().prop_map(|ids| command("delete_tasks", &json!({ "task_ids": ids }))),
        1 => filter.prop_map(|filter| command("restore_tasks", &json!({ "filter": filter }))),
        1 => ids().prop_map(|ids| command("restore_tasks", &json!({ "task_ids": ids }))),
        1 => Just(command("empty_trash", &json!({}))),
        2 => (id(), id()).prop_map(|(id, before)| command("move_task", &json!({ "task_id": id, "before": before }))),
        1 => (id(), id()).prop_map(|(id, after)| command("move_task", &json!({ "task_id": id, "after": after }))),
        1 => Just(command("add_project", &json!({ "name": "Work", "colour": "#112233" }))),
        1 => (1..4, proptest::bool::ANY).prop_map(|(id, archived)| command("update_project", &json!({ "project": id, "archived": archived }))),
        1 => (1..4).prop_map(|id| command("delete_project", &json!({ "project": id }))),
        1 => Just(command("update_settings", &json!({ "time_zone": "Asia/Tokyo" }))),
    ]
}

/// Any of those, or an undoing or redoing.
fn any_step() -> impl Strategy<Value = Command> {
    let seq = || proptest::option::of((1_i64..12).prop_map(Seq));
    prop_oneof![
        4 => any_command(),
        1 => seq().prop_map(|change_id| Command::UndoChange(UndoChange { change_id })),
        1 => seq().prop_map(|change_id| Command::RedoChange(RedoChange { change_id })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn undoing_everything_in_reverse_restores_what_was(
        before in proptest::collection::vec(any_command(), 0..4),
        commands in proptest::collection::vec(any_command(), 1..12),
    ) {
        let mut world = World::new();
        for command in &before {
            let _ = world.execute(command);
        }
        let mut states = vec![world.state()];
        let mut made = Vec::new();
        for command in &commands {
            if let Ok(Decision::Change(_)) = world.execute(command) {
                made.push(world.rows.head.seq);
                states.push(world.state());
            }
        }
        for seq in made.iter().rev() {
            let last = states.pop();
            let undone = world.execute(&Command::UndoChange(UndoChange { change_id: None }));
            prop_assert!(undone.is_ok(), "{seq}: {undone:?}");
            prop_assert_eq!(&world.state(), states.last().unwrap());
            // Made again, and taken back again.
            let redone = world.execute(&Command::RedoChange(RedoChange { change_id: None }));
            prop_assert!(redone.is_ok(), "{seq}: {redone:?}");
            prop_assert_eq!(Some(world.state()), last);
            let undone = world.execute(&Command::UndoChange(UndoChange { change_id: Some(*seq) }));
            prop_assert!(undone.is_ok(), "{seq}: {undone:?}");
            prop_assert_eq!(&world.state(), states.last().unwrap());
        }
    }

    #[test]
    fn whatever_is_done_and_undone_the_rows_make_sense(commands in proptest::collection::vec(any_step(), 1..25)) {
        let mut world = World::new();
        for command in &commands {
            let refused = world.execute(command).err();
            if let Some(Refusal::StandsInTheWay { change, by, .. }) = refused {
                prop_assert!(by > change);
            }
            for task in world.rows.tasks.values() {
                prop_assert!(task.repeat.is_none() || task.due.is_some(), "{task:?}");
                prop_assert!(task.id < world.rows.head.next_task);
                if let Some(parent) = task.parent.and_then(|id| world.rows.tasks.get(&id)) {
                    prop_assert!(parent.parent.is_none(), "{task:?} {parent:?}");
                }
                prop_assert!(task.project.is_none_or(|id| world.rows.projects.contains_key(&id)), "{task:?}");
                prop_assert!(task.version <= world.rows.head.seq);
            }
            let in_use: Vec<String> = world.rows.projects.values()
                .filter(|project| project.archived_at.is_none())
                .map(|project| domain::fold(project.name.as_str()))
                .collect();
            let names: std::collections::BTreeSet<&String> = in_use.iter().collect();
            prop_assert_eq!(names.len(), in_use.len());
        }
    }
}
