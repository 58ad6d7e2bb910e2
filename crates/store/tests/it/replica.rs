//! A read replica. One that never follows is as far behind as one can be, so a second database that was filled once plays
//! it; what it alone says shows who has answered.

use store::Store;

use crate::database::{Database, Kind, Ran, add, at, join, meddle, run, titles, user};

/// A primary with two users, and a copy of it in which every title is another.
async fn with_copy() -> (Database, Database, Store) {
    let (primary, copy) = (
        Database::new(Kind::Postgres).await,
        Database::empty(Kind::Postgres).await,
    );
    for name in ["ana", "ben"] {
        join(&primary.store, name).await;
        run(&primary.store, &user(name), &add("Here"), at(1)).await;
    }
    copy.store.fill(primary.store.contents()).await.unwrap();
    let mark = "UPDATE tasks SET title = 'There'";
    meddle(Kind::Postgres, &copy.url, mark).await;
    let store = primary.again().await.with_replica(&copy.url).unwrap();
    (primary, copy, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_from_the_replica_and_what_was_just_written_is_in_them() {
    let (primary, _copy, store) = with_copy().await;
    assert_eq!(titles(&store, "ana").await, ["There"]);
    // Through another copy of the server, which does not know who reads where.
    let ran = run(&primary.store, &user("ana"), &add("Just now"), at(2)).await;
    assert!(matches!(ran, Ran::Changed(_)));
    assert_eq!(titles(&store, "ana").await, ["Here", "Just now"]);
    let history = store.history(&user("ana"), None, None, None, 10).await;
    assert_eq!(history.unwrap().changes.len(), 2);
    let counts = store.counts(&user("ana"), None, at(2)).await.unwrap();
    assert_eq!(counts.open, 2);
    // Nobody else is kept from the replica by that.
    assert_eq!(titles(&store, "ben").await, ["There"]);
    // What is decided is decided on what the primary has.
    let task = store.task(&user("ben"), domain::TaskId(1)).await.unwrap();
    assert_eq!(task.unwrap().task.title.as_str(), "Here");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_fails_is_done_without() {
    let (_primary, copy, store) = with_copy().await;
    assert_eq!(titles(&store, "ana").await, ["There"]);
    meddle(Kind::Postgres, &copy.url, "DROP TABLE tasks").await;
    for _ in 0..3 {
        assert_eq!(titles(&store, "ana").await, ["Here"]);
    }
    let nowhere = "postgres://sayso_test@127.0.0.1:1/nothing";
    let store = store.with_replica(nowhere).unwrap();
    assert_eq!(titles(&store, "ana").await, ["Here"]);
}
