//! Waiting for changes: in the process that makes them, and in others on the same database.

use std::time::Duration;

use store::Watch;
use tokio::time::timeout;

use crate::database::{ALL, DURABLE, Database, add, at, run, user};

/// Less than what it takes until whoever waits on Postgres looks by themselves.
const PROMPTLY: Duration = Duration::from_secs(4);

/// Waits until somebody says that there may be something new.
async fn told(watch: &mut Watch) {
    let told = timeout(PROMPTLY, watch.changed()).await;
    assert!(told.expect("somebody says so"), "it goes on");
}

#[tokio::test]
async fn whoever_waits_is_told_of_their_own_changes() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let (ana, ben) = (user("ana"), user("ben"));
        let mut watch = store.watch(&ana, 9).unwrap();
        for n in 1..4 {
            run(store, &ben, &add("His"), at(n)).await;
            run(store, &ana, &add("Hers"), at(n)).await;
            told(&mut watch).await;
        }
    }
}

#[tokio::test]
async fn another_process_is_told() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        let (here, there) = (&database.store, &database.again().await);
        let ana = user("ana");
        for round in 0..2 {
            let mut watch = there.watch(&ana, 9).unwrap();
            for n in 1..4 {
                let n = 3 * round + n;
                run(here, &ana, &add("Something"), at(n)).await;
                told(&mut watch).await;
            }
            // Nobody waits, so nobody listens; whoever comes next begins anew.
            drop(watch);
        }
    }
}

/// As with the command line, which ends right after its change.
#[tokio::test]
async fn a_process_that_ends_at_once_has_told_the_others() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        let ana = user("ana");
        let mut watch = database.store.watch(&ana, 9).unwrap();
        for n in 1..4 {
            let brief = database.again().await;
            run(&brief, &ana, &add("Something"), at(n)).await;
            brief.close().await;
            told(&mut watch).await;
        }
    }
}

#[tokio::test]
async fn only_so_many_wait_for_the_same_user() {
    let Database { store, .. } = &Database::new(ALL[0]).await;
    let (ana, ben) = (user("ana"), user("ben"));
    let both = (store.watch(&ana, 2).unwrap(), store.watch(&ana, 2).unwrap());
    assert!(store.watch(&ana, 2).is_none());
    assert!(store.watch(&ben, 2).is_some());
    drop(both.0);
    assert!(store.watch(&ana, 2).is_some());
}

#[tokio::test]
async fn waiting_ends_with_the_program() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let mut watch = store.watch(&user("ana"), 9).unwrap();
        store.end_watching();
        while watch.changed().await {}
        let mut late = store.watch(&user("ana"), 9).unwrap();
        assert!(!late.changed().await, "and nobody begins anew");
    }
}
