//! Everything at one moment, and databases that are filled with it.

use domain::{Command, CompleteTask, DeleteTask, Filter, TaskId};
use jiff::Timestamp;
use store::{Contents, Error, Piece, RowSecurity, Store};

use crate::database::{
    ALL, Database, Kind, Ran, add, at, join, meddle, mentions, run, titles, user,
};

/// Two users with a few tasks each.
async fn lived_in(kind: Kind) -> Database {
    let database = Database::new(kind).await;
    for name in ["ana", "ben"] {
        join(&database.store, name).await;
        for n in 0..300 {
            let title =
                format!("{n} of {name}: \u{201c}\u{e9}\u{1f600}\\t\u{201d} 'x' \"y\" {{z}}");
            run(&database.store, &user(name), &add(&title), at(n)).await;
        }
        let done = Command::CompleteTask(CompleteTask { task_id: TaskId(3) });
        run(&database.store, &user(name), &done, at(400)).await;
    }
    database
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_database_can_be_filled_with_every_other() {
    for from in ALL {
        let from = lived_in(from).await;
        let there = from.store.contents().count().await.unwrap();
        assert_eq!(there.tables["tasks"].rows, 600);
        assert_eq!(there.tables["user"].rows, 2);
        for to in ALL {
            // Lifted while it was filled, row security has to be back.
            let walls = match to {
                Kind::Postgres => RowSecurity::Enforced,
                Kind::Memory | Kind::File => RowSecurity::Unsupported,
            };
            let to = Database::empty(to).await;
            let given = to.store.fill(from.store.contents()).await.unwrap();
            assert_eq!(given, there);
            assert_eq!(to.store.contents().count().await.unwrap(), there);
            assert_eq!(to.store.row_security().await.unwrap(), walls);
            for name in ["ana", "ben"] {
                assert_eq!(to.store.verify(&user(name)).await.unwrap().entries, 301);
            }
            // Life goes on in it, and nobody sees what is not theirs.
            let ran = run(&to.store, &user("ana"), &add("One more"), at(500)).await;
            assert!(matches!(ran, Ran::Changed(_)), "{ran:?}");
            let nobody = titles(&to.store, "eva").await;
            assert_eq!(nobody, Vec::<String>::new());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_one_value_is_seen_and_named() {
    for kind in [Kind::File, Kind::Postgres] {
        let database = lived_in(kind).await;
        let before = database.store.contents().count().await.unwrap();
        let change = "UPDATE tasks SET title = 'other' WHERE user_id = 'ben' AND id = 7";
        meddle(kind, &database.url, change).await;
        let after = database.store.contents().count().await.unwrap();
        assert_eq!(before.difference(&after), ["tasks"]);
        assert_eq!(before.journal_heads, after.journal_heads);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_meanwhile_is_not_in_it() {
    for kind in [Kind::File, Kind::Postgres] {
        let database = lived_in(kind).await;
        let before = database.store.contents().count().await.unwrap();
        let mut contents = database.store.contents();
        assert!(matches!(
            contents.next().await.unwrap(),
            Some(Piece::Schema(_))
        ));
        // Whoever writes does not wait.
        join(&database.store, "eva").await;
        run(&database.store, &user("ana"), &add("Late"), at(500)).await;
        assert_eq!(contents.count().await.unwrap(), before);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_with_anything_in_it_is_left_alone() {
    let from = lived_in(Kind::Memory).await;
    for kind in ALL {
        let database = Database::new(kind).await;
        // Rows of nobody who is still there count too, though row security hides them.
        run(&database.store, &user("gone"), &add("Left"), at(0)).await;
        let filled = database.store.fill(from.store.contents()).await;
        assert!(matches!(filled, Err(Error::NotEmpty)), "{filled:?}");
        assert_eq!(titles(&database.store, "gone").await, ["Left"]);
        assert!(titles(&database.store, "ana").await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_ends_too_soon_leaves_nothing_behind() {
    let from = lived_in(Kind::Memory).await;
    for kind in [Kind::File, Kind::Postgres] {
        for error in [true, false] {
            let database = Database::empty(kind).await;
            let (giver, cut) = Contents::channel();
            let mut all = from.store.contents();
            let given = tokio::spawn(async move {
                for _ in 0..12 {
                    giver
                        .give(Ok(all.next().await.unwrap().unwrap()))
                        .await
                        .unwrap();
                }
                if error {
                    let end = Error::Unavailable("the network".into());
                    giver.give(Err(end)).await.unwrap();
                }
            });
            let filled = database.store.fill(cut).await;
            assert!(matches!(filled, Err(Error::Unavailable(_))), "{filled:?}");
            given.await.unwrap();
            assert_eq!(database.store.schema_version().await.unwrap(), 0);
            assert!(mentions(kind, &database.url, "ana").await.is_empty());
            // And so it can be tried again.
            database.store.fill(from.store.contents()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_program_made_is_refused() {
    for kind in ALL {
        let database = Database::empty(kind).await;
        let (giver, contents) = Contents::channel();
        let newer = Store::newest_schema_version() + 1;
        giver.give(Ok(Piece::Schema(newer))).await.unwrap();
        let filled = database.store.fill(contents).await;
        assert!(
            matches!(filled, Err(Error::NewerSchema { found, .. }) if found == newer),
            "{filled:?}"
        );
        assert_eq!(database.store.schema_version().await.unwrap(), 0);
    }
}

#[tokio::test]
async fn of_several_copies_one_makes_the_backup() {
    let database = Database::new(Kind::Postgres).await;
    let other = database.again().await;
    let turn = database.store.backup_turn().await.unwrap();
    assert!(turn.is_some());
    assert!(other.backup_turn().await.unwrap().is_none());
    drop(turn);
    // The database hears of it a moment later.
    while other.backup_turn().await.unwrap().is_none() {
        tokio::task::yield_now().await;
    }
}

/// What a user can see of their tasks and of what was undone.
async fn seen(store: &Store, name: &str) -> String {
    let everything = domain::Needs {
        projects: true,
        filter: Some(Filter::Or(vec![Filter::All, Filter::Trash])),
        ..domain::Needs::default()
    };
    let mut rows = store.read(&user(name), &everything, at(0)).await.unwrap();
    // Numbers that were given are not given again.
    rows.head.next_task = TaskId(0);
    let history = store.history(&user(name), None, None, None, 1_000).await;
    format!("{rows:?} {:?}", history.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_moment_can_be_gone_back_to() {
    let undo = |seq| Command::UndoChange(domain::UndoChange { change_id: seq });
    let delete = Command::DeleteTask(DeleteTask { task_id: TaskId(1) });
    let done = Command::CompleteTask(CompleteTask { task_id: TaskId(2) });
    let steps = [
        add("One"),
        add("Two"),
        done,
        delete,
        undo(None),
        Command::RedoChange(domain::RedoChange { change_id: None }),
        undo(None),
        add("Three"),
        undo(Some(domain::Seq(2))),
    ];
    for kind in ALL {
        let lived = Database::new(kind).await;
        join(&lived.store, "ana").await;
        let mut moments: Vec<(Timestamp, String)> = Vec::new();
        for (step, n) in steps.iter().zip(1..) {
            run(&lived.store, &user("ana"), step, at(n * 10)).await;
            moments.push((at(n * 10), seen(&lived.store, "ana").await));
        }
        for (moment, then) in &moments {
            let copy = Database::empty(Kind::Memory).await;
            copy.store.fill(lived.store.contents()).await.unwrap();
            copy.store.rewind(&user("ana"), *moment).await.unwrap();
            assert_eq!(seen(&copy.store, "ana").await, *then, "{moment}");
            copy.store.verify(&user("ana")).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_moment_before_what_the_journal_still_knows_is_refused() {
    let database = Database::new(Kind::Memory).await;
    let (store, ana) = (&database.store, user("ana"));
    for n in 1..4 {
        run(store, &ana, &add("Task"), at(n * 10)).await;
    }
    store.remove_entries(&ana, at(25)).await.unwrap();
    let before = seen(store, "ana").await;
    let refused = store.rewind(&ana, at(15)).await;
    assert!(matches!(refused, Err(Error::Forgotten(_))), "{refused:?}");
    assert_eq!(seen(store, "ana").await, before);
    // From the last entry that was removed on, everything is still known.
    assert_eq!(store.rewind(&ana, at(20)).await.unwrap(), 1);
    assert_eq!(titles(store, "ana").await.len(), 2);
    store.verify(&ana).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_what_was_promised_leaves_nothing_behind() {
    let from = lived_in(Kind::Memory).await;
    let promised = from.store.contents().count().await.unwrap();
    run(&from.store, &user("ana"), &add("Too much"), at(500)).await;
    for kind in ALL {
        let database = Database::empty(kind).await;
        let contents = from.store.contents().expect(promised.clone());
        let filled = database.store.fill(contents).await;
        assert!(
            matches!(&filled, Err(Error::Corrupt(what)) if what.contains("tasks")),
            "{filled:?}"
        );
        assert_eq!(database.store.schema_version().await.unwrap(), 0);
    }
}
