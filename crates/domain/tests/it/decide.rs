//! What follows from each command, and what is refused.

use domain::{
    Actor, Approval, Changes, Decision, MoveTask, Project, ProjectId, Rows, Seq, Task, TaskId,
    approval, decide,
};
use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::undo::any_command;
use crate::world::{World, command};

fn milk() -> World {
    World::with(&json!([{ "title": "milk" }, { "title": "bread" }]))
}

/// What a command does to a list of milk (1) and bread (2).
fn on_milk(name: &str, arguments: &Value) -> String {
    milk().run(name, arguments)
}

fn update(patch: &Value) -> String {
    let mut arguments = json!({ "task_id": 1 });
    arguments
        .as_object_mut()
        .unwrap()
        .extend(patch.as_object().unwrap().clone());
    let tasks = json!([{ "title": "milk", "tags": ["shop"], "due": "2026-12-05T09:00", "description": "oat" }]);
    World::with(&tasks).run("update_task", &arguments)
}

/// The numbers of tasks in the order of their places.
fn order(world: &World) -> String {
    let mut tasks: Vec<&Task> = world.rows.tasks.values().collect();
    tasks.sort_by_key(|task| (task.position, task.id));
    tasks
        .iter()
        .map(|task| task.id.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn adding() {
    let world = &mut World::new();
    assert_snapshot!(world.run("add_task", &json!({ "title": "milk" })), @r#"task 1 new title="milk""#);
    assert_snapshot!(world.run("add_task", &json!({ "title": "oat", "parent_id": 1, "completed": true })), @r#"task 2 new completed_at="2026-12-02T12:02:00Z" parent_id=1 title="oat""#);
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "parent_id": 2 })), @"refused: task 3 cannot be a step of task 2: steps have no steps of their own");
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "parent_id": 9 })), @"refused: there is no task 9; list your tasks to see their numbers");
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "project": 9 })), @"refused: there is no project 9; list your projects to see them");
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "repeat": { "rule": "FREQ=WEEKLY;BYDAY=MO" } })), @r#"task 3 new due_date="2026-12-07" repeat={"missed":"skip","mode":"schedule","rule":"FREQ=WEEKLY;BYDAY=MO"} title="x""#);
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "due": "2026-12-08T09:00", "repeat": { "rule": "FREQ=WEEKLY;BYDAY=MO" }, "missed": "all" })), @r#"task 4 new due_date="2026-12-14T09:00" repeat={"missed":"all","mode":"schedule","rule":"FREQ=WEEKLY;BYDAY=MO"} title="x""#);
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "repeat": { "rule": "FREQ=DAILY;UNTIL=20261201" } })), @"refused: that repeat has no day after today");
    let tags: Vec<String> = (0..21).map(|n| format!("tag{n}")).collect();
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "tags": tags })), @"refused: at most 20 labels on a task at once; this is 21");
    assert_snapshot!(world.run("add_tasks", &json!({ "tasks": [] })), @"refused: name at least one task");
    assert_snapshot!(world.run("add_tasks", &json!({ "tasks": vec![json!({ "title": "x" }); 1001] })), @"refused: at most 1000 tasks at once; this is 1001");
    assert_snapshot!(world.run("add_tasks", &json!({ "tasks": [{ "title": "a" }, { "title": "b", "parent_id": 9 }] })), @"refused: there is no task 9; list your tasks to see their numbers");
}

#[test]
fn a_project_by_name_is_made_once() {
    let tasks = json!([{ "title": "a", "project": "Home" }, { "title": "b", "project": "home " }]);
    let world = &mut World::new();
    assert_snapshot!(world.run("add_tasks", &json!({ "tasks": tasks })), @r#"project 1 new name="Home"; task 1 new project_id=1 title="a"; task 2 new project_id=1 title="b""#);
    assert_snapshot!(world.run("add_task", &json!({ "title": "c", "project": "HOME" })), @r#"task 3 new project_id=1 title="c""#);
    assert_snapshot!(world.run("update_tasks", &json!({ "filter": "all", "patch": { "project": "new" } })), @r#"project 2 new name="new"; task 1 project_id=2; task 2 project_id=2; task 3 project_id=2"#);
    assert_snapshot!(world.run("update_project", &json!({ "project": "home", "archived": true })), @r#"project 1 archived_at="2026-12-02T12:04:00Z""#);
    assert_snapshot!(world.run("update_task", &json!({ "task_id": 1, "project": "home" })), @r#"project 3 new name="home"; task 1 project_id=3"#);
}

#[test]
fn updating() {
    assert_snapshot!(update(&json!({ "title": "oat milk", "priority": "high" })), @r#"task 1 priority="high" title="oat milk""#);
    assert_snapshot!(update(&json!({ "title": "milk", "tags": ["SHOP"] })), @"unchanged: AlreadySo");
    assert_snapshot!(update(&json!({})), @"refused: nothing to change was named; give a title, a date or another field");
    assert_snapshot!(update(&json!({ "clear": ["description", "due", "tags"] })), @r#"task 1 description="" due_date=null tags=[]"#);
    assert_snapshot!(update(&json!({ "clear": ["time"] })), @r#"task 1 due_date="2026-12-05""#);
    assert_snapshot!(update(&json!({ "add_tags": ["a", "b"], "remove_tags": ["Shop", "b"] })), @r#"task 1 tags=["a"]"#);
    assert_snapshot!(update(&json!({ "postpone": "P1M" })), @r#"task 1 due_date="2027-01-05T09:00""#);
    assert_snapshot!(update(&json!({ "postpone": "-PT10H" })), @r#"task 1 due_date="2026-12-04T23:00""#);
    assert_snapshot!(update(&json!({ "postpone": "PT30S" })), @"unchanged: AlreadySo");
    assert_snapshot!(update(&json!({ "postpone": "P9000Y" })), @"refused: that date is outside the calendar");
    assert_snapshot!(update(&json!({ "postpone": "-P3000Y" })), @"refused: that date is outside the calendar");
    assert_snapshot!(update(&json!({ "postpone": "P1D", "clear": ["due"] })), @"refused: task 1 has no due date to move; give it one first");
    assert_snapshot!(update(&json!({ "postpone": "PT1H", "clear": ["time"] })), @"refused: task 1 is due all day; give it a time before you move it by hours");
    assert_snapshot!(update(&json!({ "postpone": "PT24H", "clear": ["time"] })), @r#"task 1 due_date="2026-12-06""#);
    assert_snapshot!(update(&json!({ "repeat": { "rule": "FREQ=WEEKLY;BYDAY=SA" } })), @r#"task 1 repeat={"missed":"skip","mode":"schedule","rule":"FREQ=WEEKLY;BYDAY=SA"}"#);
    assert_snapshot!(update(&json!({ "repeat": { "rule": "FREQ=WEEKLY;BYDAY=TH" } })), @r#"task 1 due_date="2026-12-03T09:00" repeat={"missed":"skip","mode":"schedule","rule":"FREQ=WEEKLY;BYDAY=TH"}"#);
    assert_snapshot!(update(&json!({ "parent_id": 1 })), @"refused: task 1 cannot be a step of task 1: steps have no steps of their own");
    assert_snapshot!(on_milk("update_task", &json!({ "task_id": 9, "title": "x" })), @"refused: there is no task 9; list your tasks to see their numbers");
    assert_snapshot!(on_milk("update_tasks", &json!({ "task_ids": [1], "filter": "all", "patch": { "title": "x" } })), @"refused: name the tasks either by their numbers or by a filter");
    assert_snapshot!(on_milk("update_tasks", &json!({ "filter": "p1", "patch": { "title": "x" } })), @"unchanged: NoneMatch");
    assert_snapshot!(on_milk("update_tasks", &json!({ "filter": "all", "patch": { "title": "milk" } })), @r#"task 2 title="milk""#);
}

#[test]
fn a_task_that_changed_since_is_not_overwritten() {
    let world = &mut milk();
    assert_snapshot!(world.run("update_task", &json!({ "task_id": 1, "title": "oat", "if_version": 1 })), @r#"task 1 title="oat""#);
    assert_snapshot!(world.run("update_task", &json!({ "task_id": 1, "title": "soy", "if_version": 1 })), @"refused: task 1 has changed since; it is at version 2 now. Look at it again before you change it");
}

#[test]
fn steps_have_no_steps() {
    let world = &mut milk();
    assert_snapshot!(world.run("update_task", &json!({ "task_id": 2, "parent_id": 1 })), @"task 2 parent_id=1");
    assert_snapshot!(world.run("add_task", &json!({ "title": "x", "parent_id": 2 })), @"refused: task 3 cannot be a step of task 2: steps have no steps of their own");
    world.run("add_task", &json!({ "title": "eggs" }));
    assert_snapshot!(world.run("update_task", &json!({ "task_id": 1, "parent_id": 3 })), @"refused: task 1 cannot be a step of task 3: steps have no steps of their own");
    assert_snapshot!(world.run("update_task", &json!({ "task_id": 3, "parent_id": 2 })), @"refused: task 3 cannot be a step of task 2: steps have no steps of their own");
}

#[test]
fn completing_and_reopening() {
    let world = &mut milk();
    assert_snapshot!(world.run("complete_task", &json!({ "task_id": 1 })), @r#"task 1 completed_at="2026-12-02T12:02:00Z""#);
    assert_snapshot!(world.run("complete_task", &json!({ "task_id": 1 })), @"unchanged: AlreadyDone");
    assert_snapshot!(world.run("complete_tasks", &json!({ "task_ids": [2, 1, 2] })), @r#"task 2 completed_at="2026-12-02T12:04:00Z""#);
    assert_snapshot!(world.run("complete_tasks", &json!({ "filter": "open" })), @"unchanged: NoneMatch");
    assert_snapshot!(world.run("complete_tasks", &json!({})), @"refused: name the tasks either by their numbers or by a filter");
    assert_snapshot!(world.run("complete_task", &json!({ "task_id": 9 })), @"refused: there is no task 9; list your tasks to see their numbers");
    assert_snapshot!(world.run("reopen_task", &json!({ "task_id": 1 })), @"task 1 completed_at=null");
    assert_snapshot!(world.run("reopen_tasks", &json!({ "filter": "all" })), @"task 2 completed_at=null");
    assert_snapshot!(world.run("reopen_tasks", &json!({ "task_ids": [1, 2] })), @"unchanged: AlreadyOpen");
}

#[test]
fn a_repeating_task_comes_back_with_its_steps() {
    let world = &mut World::with(
        &json!([{ "title": "clean", "repeat": { "rule": "FREQ=WEEKLY;COUNT=2" }, "due": "2026-12-02", "tags": ["home"] }]),
    );
    world.run("add_tasks", &json!({ "tasks": [
        { "title": "kitchen", "parent_id": 1, "completed": true }, { "title": "bath", "parent_id": 1 }, { "title": "attic", "parent_id": 1 },
    ] }));
    world.run("delete_task", &json!({ "task_id": 4 }));
    assert_snapshot!(world.run("complete_task", &json!({ "task_id": 1 })), @r#"task 1 completed_at="2026-12-02T12:04:00Z" repeat=null; task 5 new due_date="2026-12-09" repeat={"missed":"skip","mode":"schedule","rule":"FREQ=WEEKLY;COUNT=1"} tags=["home"] title="clean"; task 6 new parent_id=5 title="kitchen"; task 7 new parent_id=5 title="bath""#);
    assert_snapshot!(world.run("reopen_task", &json!({ "task_id": 1 })), @"task 1 completed_at=null");
    assert_snapshot!(world.run("complete_task", &json!({ "task_id": 5 })), @r#"task 5 completed_at="2026-12-02T12:06:00Z" repeat=null"#);
}

#[test]
fn steps_keep_their_distance_and_ask_nobody() {
    let world = &mut World::with(
        &json!([{ "title": "trip", "repeat": { "rule": "FREQ=MONTHLY" }, "due": "2026-12-10" }]),
    );
    let steps = vec![json!({ "title": "pack", "parent_id": 1, "due": "2026-12-09T20:00" }); 6];
    world.run("add_tasks", &json!({ "tasks": steps }));
    let completing = command("complete_task", &json!({ "task_id": 1 }));
    let Decision::Change(changes) = world.decide(&completing).unwrap() else {
        panic!("it is done")
    };
    assert_eq!(
        approval(&completing, &Actor::Person, &changes),
        Approval::NotNeeded
    );
    world.run("complete_task", &json!({ "task_id": 1 }));
    let due = |id| {
        world.rows.tasks[&TaskId(id)]
            .due
            .as_ref()
            .unwrap()
            .to_string()
    };
    assert_eq!(
        (due(8), due(9)),
        ("2027-01-10".to_owned(), "2027-01-09T20:00".to_owned())
    );
}

#[test]
fn moving_what_is_done_or_gone() {
    let world = &mut milk();
    world.run("complete_task", &json!({ "task_id": 1 }));
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 2, "before": 1 })), @"task 2 position=0");
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 2, "before": 2 })), @"refused: say which task to put it before or after");
    world.run("delete_task", &json!({ "task_id": 1 }));
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 2, "before": 1 })), @"refused: task 1 is in the trash; restore it first");
}

#[test]
fn deleting_takes_steps_along_and_restoring_brings_them_back() {
    let world = &mut milk();
    world.run("add_tasks", &json!({ "tasks": [{ "title": "oat", "parent_id": 1 }, { "title": "soy", "parent_id": 1 }] }));
    world.run("delete_task", &json!({ "task_id": 4 }));
    assert_snapshot!(world.run("delete_tasks", &json!({ "task_ids": [1] })), @r#"task 1 deleted_at="2026-12-02T12:04:00Z"; task 3 deleted_at="2026-12-02T12:04:00Z""#);
    assert_snapshot!(world.run("delete_task", &json!({ "task_id": 1 })), @"refused: task 1 is in the trash; restore it first");
    assert_snapshot!(world.run("complete_task", &json!({ "task_id": 1 })), @"refused: task 1 is in the trash; restore it first");
    assert_snapshot!(world.run("restore_tasks", &json!({ "task_ids": [1, 2] })), @"task 1 deleted_at=null; task 3 deleted_at=null");
    assert_snapshot!(world.run("restore_tasks", &json!({ "task_ids": [1] })), @"unchanged: NotInTrash");
    assert_snapshot!(world.run("restore_tasks", &json!({ "filter": "trash" })), @"task 4 deleted_at=null");
    assert_snapshot!(world.run("restore_tasks", &json!({ "filter": "trash" })), @"unchanged: NoneMatch");
    assert_snapshot!(world.run("delete_tasks", &json!({ "filter": "p1" })), @"unchanged: NoneMatch");
}

#[test]
fn emptying_the_trash() {
    let world = &mut milk();
    world.run("add_task", &json!({ "title": "oat", "parent_id": 1 }));
    assert_snapshot!(world.run("empty_trash", &json!({})), @"unchanged: TrashEmpty");
    world.run("delete_task", &json!({ "task_id": 1 }));
    world.run("restore_tasks", &json!({ "task_ids": [3] }));
    assert_snapshot!(world.run("empty_trash", &json!({})), @"task 1 gone; task 3 parent_id=null");
}

#[test]
fn moving() {
    let world = &mut World::with(&json!([{ "title": "a" }, { "title": "b" }, { "title": "c" }]));
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 3, "before": 1 })), @"task 3 position=0");
    assert_snapshot!(order(world), @"3 1 2");
    world.run("move_task", &json!({ "task_id": 3, "after": 2 }));
    assert_snapshot!(order(world), @"1 2 3");
    world.run("move_task", &json!({ "task_id": 1, "after": 2 }));
    assert_snapshot!(order(world), @"2 1 3");
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 1 })), @"refused: say which task to put it before or after");
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 1, "before": 2, "after": 3 })), @"refused: say which task to put it before or after");
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 1, "before": 9 })), @"refused: there is no task 9; list your tasks to see their numbers");
    assert_snapshot!(world.run("move_task", &json!({ "task_id": 9, "before": 1 })), @"refused: there is no task 9; list your tasks to see their numbers");
}

#[test]
fn moving_goes_on_when_no_room_is_left() {
    let world = &mut World::with(&json!([{ "title": "a" }, { "title": "b" }, { "title": "c" }]));
    for n in 0..100 {
        let (task_id, other) = if n % 2 == 0 { (3, 2) } else { (2, 3) };
        let moved = world.run("move_task", &json!({ "task_id": task_id, "after": 1 }));
        assert!(moved.starts_with("task"), "{moved}");
        assert_eq!(order(world), format!("1 {task_id} {other}"));
    }
}

#[test]
fn projects() {
    let world = &mut World::with(&json!([{ "title": "a", "project": "home" }]));
    assert_snapshot!(world.run("add_project", &json!({ "name": "Work", "colour": "#aabbcc" })), @r##"project 2 new colour="#AABBCC" name="Work""##);
    assert_snapshot!(world.run("add_project", &json!({ "name": "HOME" })), @"refused: there is a project called “home” already");
    assert_snapshot!(world.run("update_project", &json!({ "project": "work", "name": "WORK" })), @r#"project 2 name="WORK""#);
    assert_snapshot!(world.run("update_project", &json!({ "project": "work", "name": "WORK" })), @"unchanged: AlreadySo");
    assert_snapshot!(world.run("update_project", &json!({ "project": "work", "name": "home" })), @"refused: there is a project called “home” already");
    assert_snapshot!(world.run("update_project", &json!({ "project": "work" })), @"refused: nothing to change was named; give a title, a date or another field");
    assert_snapshot!(world.run("update_project", &json!({ "project": 9, "name": "x" })), @"refused: there is no project 9; list your projects to see them");
    assert_snapshot!(world.run("delete_project", &json!({ "project": "nowhere" })), @"refused: there is no project called “nowhere”; list your projects to see them");
    world.run("delete_task", &json!({ "task_id": 1 }));
    assert_snapshot!(world.run("delete_project", &json!({ "project": "home" })), @"task 1 project_id=null; project 1 gone");
    world.run("update_project", &json!({ "project": 2, "archived": true }));
    world.run("add_project", &json!({ "name": "work" }));
    assert_snapshot!(world.run("update_project", &json!({ "project": 2, "archived": false })), @"refused: there is a project called “work” already");
}

#[test]
fn settings() {
    assert_snapshot!(on_milk("update_settings", &json!({ "time_zone": "europe/lisbon" })), @r#"settings time_zone="Europe/Lisbon""#);
    let filters = |filters: Value| on_milk("update_settings", &json!({ "filters": filters }));
    let named = |name: &str, filter: &str| json!({ "name": name, "filter": filter });
    assert_snapshot!(filters(json!([named("Work", "#work"), named("Home", "#home")])), @r##"settings filters=[{"filter":"#work","name":"Work"},{"filter":"#home","name":"Home"}]"##);
    assert_snapshot!(filters(json!([])), @"unchanged: AlreadySo");
    assert_snapshot!(filters(json!([named("Work", "#work"), named("work", "#home")])), @"refused: two filters are called “work”; give one of them another name");
    assert_snapshot!(filters((0..51).map(|n| named(&n.to_string(), "open")).collect()), @"refused: at most 50 saved filters at once; this is 51");
    // Short as it was written, too long as it would be kept.
    assert_snapshot!(filters(json!([named("Letters", &["a"; 600].join("|"))])), @"refused: the filter “Letters” is too long to be saved");
    assert_snapshot!(on_milk("update_settings", &json!({ "locale": "en" })), @"unchanged: AlreadySo");
    assert_snapshot!(on_milk("update_settings", &json!({})), @"refused: nothing to change was named; give a title, a date or another field");
}

#[test]
fn looking_decides_nothing() {
    for name in [
        "list_tasks",
        "count_tasks",
        "get_overview",
        "list_projects",
        "get_history",
    ] {
        assert_eq!(on_milk(name, &json!({})), "reads");
    }
    assert_eq!(on_milk("get_task", &json!({ "task_id": 9 })), "reads");
}

/// How often the person is asked before a command about eight tasks, one with a step, is done.
fn asked(actor: &Actor, name: &str, arguments: &Value) -> Approval {
    let mut world = World::with(&json!(vec![json!({ "title": "x", "project": "home" }); 8]));
    world.run("add_task", &json!({ "title": "step", "parent_id": 1 }));
    world.run("delete_task", &json!({ "task_id": 8 }));
    let command = command(name, arguments);
    match world.decide(&command).unwrap() {
        Decision::Change(changes) => approval(&command, actor, &changes),
        other => panic!("{other:?}"),
    }
}

#[test]
fn when_the_person_is_asked() {
    use Approval::{NotNeeded, Once, Twice};
    let model = Actor::Model("small".to_owned());
    let adding = |count: usize| json!({ "tasks": vec![json!({ "title": "y" }); count] });
    for (name, arguments, person, others) in [
        ("add_tasks", adding(5), NotNeeded, NotNeeded),
        ("add_tasks", adding(6), Once, Once),
        (
            "complete_tasks",
            json!({ "task_ids": [1, 2, 3, 4, 5] }),
            NotNeeded,
            NotNeeded,
        ),
        ("complete_tasks", json!({ "filter": "open" }), Once, Once),
        ("delete_task", json!({ "task_id": 2 }), NotNeeded, Once),
        ("delete_task", json!({ "task_id": 1 }), Once, Once),
        ("delete_tasks", json!({ "task_ids": [2, 3] }), Once, Once),
        ("empty_trash", json!({}), Twice, Twice),
        ("delete_project", json!({ "project": "home" }), Twice, Twice),
        ("update_settings", json!({ "locale": "pt" }), Once, Once),
        (
            "restore_tasks",
            json!({ "task_ids": [8] }),
            NotNeeded,
            NotNeeded,
        ),
        (
            "undo_change",
            json!({ "change_id": 3 }),
            NotNeeded,
            NotNeeded,
        ),
        (
            "move_task",
            json!({ "task_id": 1, "after": 2 }),
            NotNeeded,
            NotNeeded,
        ),
    ] {
        assert_eq!(asked(&Actor::Person, name, &arguments), person, "{name}");
        assert_eq!(asked(&model, name, &arguments), others, "{name}");
    }
    assert!(NotNeeded < Once && Once < Twice);
}

#[test]
fn spreading_tasks_out_for_a_move_asks_nobody() {
    let world = World::with(&json!(vec![json!({ "title": "x" }); 9]));
    let mut rows = world.rows;
    rows.tasks.values_mut().for_each(|task| task.position = 0);
    let moving = domain::Command::MoveTask(MoveTask {
        task_id: TaskId(9),
        before: Some(TaskId(2)),
        after: None,
    });
    let Ok(Decision::Change(changes)) = decide(&rows, &moving, world.now) else {
        panic!("it is moved")
    };
    assert!(changes.task_count() > 5);
    assert_eq!(
        approval(&moving, &Actor::Person, &changes),
        Approval::NotNeeded
    );
}

fn any_rows() -> impl Strategy<Value = Rows> {
    let position = prop_oneof![Just(i64::MIN), Just(i64::MAX), -3_i64..3, any::<i64>()];
    let due = proptest::sample::select(vec![
        json!(null),
        json!("2020-01-01"),
        json!("9999-12-31T23:59"),
        json!("2026-12-02T09:00[Asia/Tokyo]"),
    ]);
    let repeat = proptest::sample::select(vec![
        json!(null),
        json!({ "rule": "FREQ=DAILY" }),
        json!({ "rule": "FREQ=YEARLY;COUNT=2", "missed": "one" }),
        json!({ "rule": "FREQ=WEEKLY;INTERVAL=1000", "mode": "completion" }),
    ]);
    let state = proptest::sample::select(vec![
        json!(null),
        json!(null),
        json!("2026-12-01T00:00:00Z"),
    ]);
    let link = || proptest::option::of(1_i64..9);
    let row = (position, due, repeat, state.clone(), state, link(), link());
    proptest::collection::vec(row, 0..8).prop_map(|fields| {
        let mut rows = Rows::default();
        (rows.head.next_task, rows.head.next_project) = (TaskId(9), ProjectId(9));
        for ((position, due, repeat, done, deleted, project, parent), id) in fields.into_iter().zip(1..) {
            let task: Task = serde_json::from_value(json!({
                "id": id, "title": "x", "position": position, "due_date": due, "repeat": repeat,
                "completed_at": done, "deleted_at": deleted, "project_id": project, "parent_id": parent,
                "created_at": "2026-11-01T00:00:00Z", "updated_at": "2026-11-01T00:00:00Z", "version": 1,
            })).unwrap();
            rows.selected.push(task.id);
            rows.tasks.insert(task.id, task);
        }
        for (id, name) in [(1, "home"), (2, "HOME")] {
            let id = ProjectId(id);
            let name = name.parse().unwrap();
            rows.projects.insert(id, Project { id, name, colour: None, archived_at: None, version: Seq(1) });
        }
        rows
    })
}

proptest! {
    #[test]
    fn nothing_panics_and_what_is_decided_can_be_kept(rows in any_rows(), command in any_command()) {
        if let Ok(Decision::Change(changes)) = decide(&rows, &command, "2026-12-02T12:00:00Z".parse().unwrap()) {
            let Changes { changes: made, next_task, .. } = &changes;
            prop_assert!(!made.is_empty());
            prop_assert!(*next_task >= rows.head.next_task);
            let mut seen: Vec<_> = made.iter().map(domain::Change::row).collect();
            seen.sort();
            seen.dedup();
            prop_assert_eq!(seen.len(), made.len(), "each row once");
            let text = serde_json::to_string(made).unwrap();
            let read: Vec<domain::Change> = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, made);
        }
    }
}
