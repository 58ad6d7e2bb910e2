//! Many writers at once: nothing lost, nothing doubled, no gaps.

use std::collections::BTreeSet;

use domain::{Filter, Order};
use futures_util::future::join_all;
use store::{Error, Store};

use crate::database::{ALL, DURABLE, Database, Ran, add, at, run, try_run, user};

/// Has `writers` of one user add `each` tasks; each writer is on the next of the stores.
async fn write(stores: &[Store], writers: usize, each: usize) {
    let work = (0..writers)
        .zip(stores.iter().cycle())
        .map(|(writer, store)| {
            let store = store.clone();
            tokio::spawn(async move {
                for n in 0..each {
                    let command = add(&format!("{writer} {n}"));
                    let ran = run(&store, &user("ana"), &command, at(0)).await;
                    assert!(matches!(ran, Ran::Changed(_)), "{ran:?}");
                }
            })
        });
    for done in join_all(work).await {
        done.unwrap();
    }
    let store = &stores[0];
    let page = store
        .list(&user("ana"), &Filter::Open, Order::Added, 500, None, at(0))
        .await
        .unwrap();
    let titles: BTreeSet<String> = page
        .tasks
        .iter()
        .map(|task| task.title.to_string())
        .collect();
    let expected = writers * each;
    assert_eq!((page.tasks.len(), titles.len()), (expected, expected));
    let verified = store.verify(&user("ana")).await.unwrap();
    assert_eq!(verified.entries, expected as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_of_one_user() {
    for kind in ALL {
        let database = Database::new(kind).await;
        write(std::slice::from_ref(&database.store), 8, 15).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_writers_of_one_user_in_two_programs() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        let stores = [database.store.clone(), database.again().await];
        write(&stores, 8, 10).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn programs_that_start_at_once_make_the_tables_once() {
    for kind in DURABLE {
        let database = Database::empty(kind).await;
        assert_eq!(database.store.schema_version().await.unwrap(), 0);
        let stores = join_all((0..4).map(|_| database.again())).await;
        for migrated in join_all(stores.iter().map(Store::migrate)).await {
            migrated.unwrap();
        }
        for store in stores {
            let version = store.schema_version().await.unwrap();
            assert_eq!(version, Store::newest_schema_version());
        }
    }
}

/// Everybody who is told that it was done finds it done, and nobody else does, however many come.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_than_the_queue_holds() {
    const USERS: usize = 3_000;
    for kind in ALL {
        let database = Database::new(kind).await;
        let store = &database.store;
        let names: Vec<_> = (0..USERS).map(|n| user(&format!("user {n}"))).collect();
        let command = add("Once");
        let each = names
            .iter()
            .map(|name| try_run(store, name, &command, at(0)));
        let mut done = 0_u64;
        for (name, ran) in names.iter().zip(join_all(each).await) {
            let entries = match ran {
                Ok(Ran::Changed(_)) => 1,
                // Too many wait for the queue of SQLite, or for a connection to Postgres.
                Err(Error::Busy | Error::Unavailable(_)) => 0,
                other => panic!("{kind:?}: {other:?}"),
            };
            done += entries;
            assert_eq!(
                store.verify(name).await.unwrap().entries,
                entries,
                "{kind:?}"
            );
        }
        assert!(done >= 500, "{kind:?}: {done}");
    }
}
