//! Random histories come to the same on every database as in the model.

use domain::{
    AddProject, AddTask, AddTasks, Command, CompleteTask, DeleteProject, DeleteTask, EmptyTrash,
    Field, Filter, MoveTask, Order, Priority, ProjectRef, RedoChange, ReopenTask, Selection, Seq,
    TaskId, TaskPatch, UndoChange, UpdateProject, UpdateSettings, UpdateTask, UpdateTasks,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::database::{ALL, Database, Kind, at, run, user};
use crate::model::Model;

fn task_id() -> impl Strategy<Value = TaskId> {
    (1_i64..14).prop_map(TaskId)
}

fn title() -> impl Strategy<Value = domain::Title> {
    prop_oneof![
        "[a-c]{1,3}",
        Just("100% of_it \\ é".to_owned()),
        Just("Straße".to_owned())
    ]
    .prop_map(|title| title.parse().unwrap())
}

fn due() -> impl Strategy<Value = domain::Due> {
    prop_oneof![
        Just("2026-11-24"),
        Just("2026-11-25"),
        Just("2026-11-25T09:15"),
        Just("2026-11-25T23:30"),
        Just("2026-11-26T00:30[Asia/Tokyo]"),
        Just("2026-12-31"),
    ]
    .prop_map(|due| due.parse().unwrap())
}

fn repeat() -> impl Strategy<Value = domain::Repeat> {
    prop_oneof![
        Just("FREQ=DAILY"),
        Just("FREQ=WEEKLY;BYDAY=MO,TH"),
        Just("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=2")
    ]
    .prop_map(|rule| rule.parse().unwrap())
}

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![
        Just(Priority::None),
        Just(Priority::Low),
        Just(Priority::High)
    ]
}

fn tag() -> impl Strategy<Value = domain::Tag> {
    prop_oneof![Just("work"), Just("Home"), Just("a_b")].prop_map(|tag| tag.parse().unwrap())
}

fn project() -> impl Strategy<Value = ProjectRef> {
    prop_oneof![
        Just(ProjectRef::Name("Work".parse().unwrap())),
        Just(ProjectRef::Name("garden".parse().unwrap())),
        (1_i64..4).prop_map(|id| ProjectRef::Id(domain::ProjectId(id))),
    ]
}

pub(crate) fn filter() -> impl Strategy<Value = Filter> {
    let word = prop_oneof![
        Just("open"),
        Just("done"),
        Just("all"),
        Just("trash"),
        Just("overdue"),
        Just("today"),
        Just("this week"),
        Just("2026-11-25..2026-11-26"),
        Just("..2026-11-25"),
        Just("done today"),
        Just("no date"),
        Just("has date"),
        Just("repeating"),
        Just("p1"),
        Just("p4"),
        Just("@work"),
        Just("@a_b"),
        Just("#work"),
        Just("#home"),
        Just("+garden"),
        Just("project 1"),
        Just("inbox"),
        Just("under 1"),
        Just("number 2"),
        Just("\"a\""),
        Just("\"0% OF_\""),
        Just("\"_\""),
        Just("\"É\""),
    ]
    .prop_map(|text| text.parse::<Filter>().unwrap());
    word.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Filter::Not(Box::new(inner))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            prop::collection::vec(inner, 2..4).prop_map(Filter::Or),
        ]
    })
}

fn selection() -> impl Strategy<Value = Selection> {
    prop_oneof![
        prop::collection::vec(task_id(), 1..4).prop_map(Selection::of),
        filter().prop_map(Selection::by)
    ]
}

fn new_task() -> impl Strategy<Value = AddTask> {
    let optional = (
        prop::option::of(due()),
        prop::option::weighted(0.2, repeat()),
        prop::collection::vec(tag(), 0..3),
        prop::option::weighted(0.3, project()),
        prop::option::weighted(0.2, task_id()),
    );
    (title(), priority(), any::<bool>(), optional).prop_map(
        |(title, priority, completed, (due, repeat, tags, project, parent_id))| AddTask {
            priority,
            completed,
            due,
            repeat,
            tags,
            project,
            parent_id,
            ..AddTask::new(title)
        },
    )
}

fn patch() -> impl Strategy<Value = TaskPatch> {
    let clear = prop_oneof![
        Just(Field::Due),
        Just(Field::Tags),
        Just(Field::Project),
        Just(Field::Parent)
    ];
    (
        prop::option::of(title()),
        prop::option::of(due()),
        prop::option::of(priority()),
        prop::collection::vec(tag(), 0..2),
        prop::option::weighted(0.2, project()),
        prop::option::weighted(0.2, task_id()),
        prop::collection::vec(clear, 0..2),
    )
        .prop_map(
            |(title, due, priority, add_tags, project, parent_id, clear)| TaskPatch {
                title,
                due,
                priority,
                add_tags,
                project,
                parent_id,
                clear,
                ..TaskPatch::default()
            },
        )
}

fn command() -> impl Strategy<Value = Command> {
    let seq = || prop::option::of((1_i64..20).prop_map(Seq));
    let name = || prop_oneof![Just("Work"), Just("Garden")].prop_map(|name| name.parse().unwrap());
    prop_oneof![
        4 => new_task().prop_map(Command::AddTask),
        1 => prop::collection::vec(new_task(), 1..3).prop_map(|tasks| Command::AddTasks(AddTasks { tasks })),
        2 => task_id().prop_map(|task_id| Command::CompleteTask(CompleteTask { task_id })),
        1 => selection().prop_map(Command::CompleteTasks),
        1 => task_id().prop_map(|task_id| Command::ReopenTask(ReopenTask { task_id })),
        1 => selection().prop_map(Command::ReopenTasks),
        3 => (task_id(), patch()).prop_map(|(task_id, patch)| Command::UpdateTask(UpdateTask { task_id, patch, if_version: None })),
        1 => (selection(), patch()).prop_map(|(selection, patch)| Command::UpdateTasks(UpdateTasks { selection, patch })),
        1 => task_id().prop_map(|task_id| Command::DeleteTask(DeleteTask { task_id })),
        1 => selection().prop_map(Command::DeleteTasks),
        1 => selection().prop_map(Command::RestoreTasks),
        1 => Just(Command::EmptyTrash(EmptyTrash {})),
        1 => (task_id(), task_id(), any::<bool>()).prop_map(|(task_id, anchor, before)| Command::MoveTask(MoveTask {
            task_id,
            before: before.then_some(anchor),
            after: (!before).then_some(anchor),
        })),
        1 => name().prop_map(|name| Command::AddProject(AddProject { name, colour: None })),
        1 => (project(), prop::option::of(name()), prop::option::of(any::<bool>()))
            .prop_map(|(project, name, archived)| Command::UpdateProject(UpdateProject { project, name, colour: None, archived })),
        1 => project().prop_map(|project| Command::DeleteProject(DeleteProject { project })),
        1 => prop_oneof![Just("Europe/Lisbon"), Just("Pacific/Auckland")].prop_map(|zone| Command::UpdateSettings(UpdateSettings {
            time_zone: Some(zone.parse().unwrap()),
            ..UpdateSettings::default()
        })),
        2 => seq().prop_map(|change_id| Command::UndoChange(UndoChange { change_id })),
        2 => seq().prop_map(|change_id| Command::RedoChange(RedoChange { change_id })),
    ]
}

#[test]
fn every_database_agrees_with_the_model() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for kind in ALL {
        let database = runtime.block_on(Database::new(kind));
        let cases = if kind == Kind::Memory { 96 } else { 32 };
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            ..Config::with_cases(cases)
        });
        let history = (
            prop::collection::vec(command(), 1..30),
            prop::collection::vec(filter(), 4),
            any::<u64>(),
        );
        runner
            .run(&history, |(commands, filters, name)| {
                runtime.block_on(agrees(&database, &commands, &filters, &name.to_string()));
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{kind:?}: {error}"));
    }
}

/// Runs a history for a new user and compares everything that can be asked afterwards.
async fn agrees(database: &Database, commands: &[Command], filters: &[Filter], name: &str) {
    let (store, ana) = (&database.store, user(name));
    let mut model = Model::default();
    for (command, n) in commands.iter().zip(0..) {
        let now = at(n);
        assert_eq!(
            run(store, &ana, command, now).await,
            model.run(command, now),
            "{command:?}"
        );
    }
    let now = at(1_000);
    let everything = Filter::Or(vec![Filter::All, Filter::Trash]);
    for filter in filters.iter().chain([&everything]) {
        for order in [Order::Due, Order::Added, Order::Place, Order::Completed] {
            let expected = model.list(filter, order, now);
            let (mut found, mut cursor) = (Vec::new(), None);
            loop {
                let page = store
                    .list(&ana, filter, order, 3, cursor.as_deref(), now)
                    .await
                    .unwrap();
                assert_eq!(
                    page.total,
                    i64::try_from(expected.len()).unwrap(),
                    "{filter}"
                );
                found.extend(page.tasks);
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            assert_eq!(found, expected, "{filter} {order:?}");
        }
        let counts = store.counts(&ana, Some(filter), now).await.unwrap();
        assert_eq!(
            counts.matching,
            i64::try_from(model.list(filter, Order::Added, now).len()).unwrap(),
            "{filter}"
        );
        assert_eq!(
            counts.open,
            i64::try_from(model.list(&Filter::Open, Order::Added, now).len()).unwrap()
        );
    }
    let (mut history, mut before) = (Vec::new(), None);
    loop {
        let page = store.history(&ana, None, before, 4).await.unwrap();
        history.extend(page.changes);
        before = page.next_before;
        if before.is_none() {
            break;
        }
    }
    let expected: Vec<domain::Receipt> = model
        .journal()
        .iter()
        .rev()
        .cloned()
        .map(Into::into)
        .collect();
    assert_eq!(history, expected);
    for id in (1..model.next_task()).map(TaskId) {
        let about = |receipt: &&domain::Receipt| receipt.tasks().any(|(task, ..)| task.id == id);
        let expected: Vec<_> = expected.iter().filter(about).cloned().collect();
        assert_eq!(
            store
                .history(&ana, Some(id), None, 100)
                .await
                .unwrap()
                .changes,
            expected
        );
    }
    let projects = store.projects(&ana, true).await.unwrap();
    assert_eq!(
        projects,
        model.projects().values().cloned().collect::<Vec<_>>()
    );
    let verified = store.verify(&ana).await.unwrap();
    assert_eq!(verified.entries, model.last().0.unsigned_abs());
}
