//! Random histories of commands: every database does what the model does, after every command.

use std::cell::Cell;

use domain::{Command, Decision, Filter, Needs, Order, TaskId, UserId, decide, needs};
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use store::{Batch, Store};

use crate::commands::{Step, step};
use crate::database::{Database, Kind, origin, user};
use crate::model::Model;

const ORDERS: [Order; 4] = [Order::Due, Order::Added, Order::Place, Order::Completed];

/// Runs one command on the database and on the model.
async fn take(
    store: &Store,
    user: &UserId,
    model: &mut Model,
    command: &Command,
    now: Timestamp,
) -> Result<(), TestCaseError> {
    let rows = store.read(user, &needs(command), now).await.unwrap();
    prop_assert_eq!(
        &rows,
        &model.read(&needs(command), now),
        "rows for {:?}",
        command
    );
    if let Ok(Decision::Change(changes)) = decide(&rows, command, now) {
        let (entry, head) = changes.entry(&rows.head, command, origin(), now);
        let batch = Batch {
            head_before: rows.head,
            head,
            entries: vec![entry.clone()],
            ..Batch::default()
        };
        let written = store.commit(user, &batch).await;
        prop_assert!(written.is_ok(), "{:?}", written);
        model.commit(entry, head);
    }
    Ok(())
}

/// Compares everything that can be asked.
async fn compare(
    store: &Store,
    user: &UserId,
    model: &Model,
    step: &Step,
    now: Timestamp,
) -> Result<(), TestCaseError> {
    for order in ORDERS {
        let wanted = model.list(&step.filter, order, now);
        let (mut found, mut cursor) = (Vec::new(), None);
        loop {
            let page = store
                .list(
                    user,
                    &step.filter,
                    order,
                    step.limit,
                    cursor.as_deref(),
                    now,
                )
                .await
                .unwrap();
            prop_assert_eq!(
                page.total,
                i64::try_from(wanted.len()).unwrap(),
                "{}",
                step.filter
            );
            prop_assert!(page.tasks.len() <= step.limit as usize);
            found.extend(page.tasks);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        prop_assert_eq!(found, wanted, "{:?} of {} at {}", order, step.filter, now);
    }
    let counts = store.counts(user, Some(&step.filter), now).await.unwrap();
    prop_assert_eq!(counts, model.counts(Some(&step.filter), now));
    prop_assert_eq!(
        store.counts(user, None, now).await.unwrap(),
        model.counts(None, now)
    );
    for archived in [false, true] {
        let projects = store.projects(user, archived).await.unwrap();
        prop_assert_eq!(projects, model.projects(archived));
    }
    let detail = store.task(user, step.task).await.unwrap();
    prop_assert_eq!(
        detail.as_ref().map(|detail| &detail.task),
        model.tasks.get(&step.task)
    );
    prop_assert_eq!(
        detail.map(|detail| detail.steps).unwrap_or_default(),
        if model.tasks.contains_key(&step.task) {
            model.steps(step.task)
        } else {
            Vec::new()
        }
    );
    for task in [None, Some(step.task)] {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = store
                .history(user, task, None, before, step.limit)
                .await
                .unwrap();
            found.extend(page.changes);
            before = page.next_before;
            if before.is_none() {
                break;
            }
        }
        prop_assert_eq!(found, model.history(task));
    }
    let sight: Vec<TaskId> = store
        .in_sight(user, &[])
        .await
        .unwrap()
        .iter()
        .map(|task| task.id)
        .collect();
    prop_assert_eq!(sight.len(), model.tasks.len());
    Ok(())
}

async fn live(store: &Store, user: &UserId, steps: &[Step]) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    let mut now: Timestamp = "2026-03-28T20:00:00Z".parse().unwrap();
    for step in steps {
        now += step.minutes.minutes().seconds(step.seconds);
        take(store, user, &mut model, &step.command, now).await?;
        compare(store, user, &model, step, now).await?;
    }
    let everything = Needs {
        projects: true,
        filter: Some(Filter::Or(vec![Filter::All, Filter::Trash])),
        ..Needs::default()
    };
    let rows = store.read(user, &everything, now).await.unwrap();
    prop_assert_eq!(rows, model.read(&everything, now));
    let verified = store.verify(user).await;
    prop_assert!(verified.is_ok(), "{:?}", verified);
    prop_assert_eq!(verified.unwrap().entries, model.last().0.unsigned_abs());
    Ok(())
}

fn check(kind: Kind, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let database = runtime.block_on(Database::new(kind));
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    let count = Cell::new(0);
    let result = TestRunner::new(config).run(&prop::collection::vec(step(), 1..24), |steps| {
        count.set(count.get() + 1);
        let user = user(&format!("user-{}", count.get()));
        runtime.block_on(live(&database.store, &user, &steps))
    });
    if let Err(TestError::Fail(reason, steps)) = &result {
        panic!("{reason}\nafter {steps:#?}");
    }
    result.unwrap();
}

#[test]
fn memory_does_what_the_model_does() {
    check(Kind::Memory, 96);
}

#[test]
fn a_file_does_what_the_model_does() {
    check(Kind::File, 32);
}

#[test]
fn postgres_does_what_the_model_does() {
    check(Kind::Postgres, 32);
}
