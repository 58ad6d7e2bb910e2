//! What is not a matter of histories: keys, conversations, accounts, and a journal that somebody has tampered with.

use domain::{
    Actor, AddTask, AddTasks, Command, CompleteTask, ConversationId, Decision, MessageId,
    ProjectId, ProjectRef, Rows, Seq, Tag, TaskId, decide, needs,
};
use store::{Batch, Conversation, ConversationWrite, Error, Message, Role, Store};

use crate::database::{ALL, DURABLE, Database, Ran, add, at, meddle, origin, run, user};

/// A batch that adds a task with this idempotency key.
async fn keyed(store: &Store, title: &str, key: &str) -> Batch {
    let (ana, command) = (user("ana"), add(title));
    let rows: Rows = store.read(&ana, &needs(&command), at(0)).await.unwrap();
    let Ok(Decision::Change(changes)) = decide(&rows, &command, at(0)) else {
        panic!("it can be added")
    };
    let mut origin = origin();
    origin.idempotency_key = Some(key.parse().unwrap());
    let (entry, head) = changes.entry(&rows.head, &command, origin, at(0));
    Batch {
        head_before: rows.head,
        head,
        entries: vec![entry],
        ..Batch::default()
    }
}

#[tokio::test]
async fn a_key_is_used_once_and_finds_its_entry_again() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = user("ana");
        let batch = keyed(store, "One", "k").await;
        store.commit(&ana, &batch).await.unwrap();
        let found = store
            .entry_by_key(&ana, &"k".parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found, batch.entries[0]);
        assert!(matches!(
            store.commit(&ana, &batch).await,
            Err(Error::Conflict)
        ));
        let again = keyed(store, "Two", "k").await;
        assert!(matches!(
            store.commit(&ana, &again).await,
            Err(Error::Conflict)
        ));
        // Another user's keys are another matter.
        assert_eq!(
            store
                .entry_by_key(&user("ben"), &"k".parse().unwrap())
                .await
                .unwrap(),
            None
        );
        assert_eq!(store.verify(&ana).await.unwrap().entries, 1);
    }
}

fn message(conversation: i64, id: i64, text: &str) -> Message {
    Message {
        conversation: ConversationId(conversation),
        id: MessageId(id),
        role: if id % 2 == 1 {
            Role::User
        } else {
            Role::Assistant
        },
        text: text.to_owned(),
        blocks: serde_json::json!({ "n": id }),
        engine: None,
        usage: None,
        idempotency_key: (id == 1).then(|| "m".parse().unwrap()),
        created_at: at(id),
        writing: None,
    }
}

fn conversation(id: i64) -> Conversation {
    Conversation {
        id: ConversationId(id),
        title: format!("number {id}"),
        created_at: at(0),
        updated_at: at(id),
    }
}

#[tokio::test]
async fn a_turn_is_written_as_a_whole_or_not_at_all() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = user("ana");
        let mut batch = keyed(store, "One", "k").await;
        batch.conversation = Some(ConversationWrite::Begin(conversation(1)));
        batch.messages = vec![message(1, 1, "add one"), message(1, 2, "Added one.")];
        store.commit(&ana, &batch).await.unwrap();
        let context = store
            .turn_context(&ana, Some(ConversationId(1)), 10)
            .await
            .unwrap();
        assert_eq!(
            (context.next_conversation, context.next_message),
            (ConversationId(2), MessageId(3))
        );
        assert_eq!(context.messages, batch.messages);
        let exchange = store
            .exchange_by_key(&ana, &"m".parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (exchange.0.text.as_str(), exchange.1.text.as_str()),
            ("add one", "Added one.")
        );

        // A message's place that is taken takes everything else with it.
        let mut second = keyed(store, "Two", "k2").await;
        second.conversation = Some(ConversationWrite::Continue(conversation(1)));
        second.messages = vec![message(1, 2, "too late")];
        assert!(matches!(
            store.commit(&ana, &second).await,
            Err(Error::Conflict)
        ));
        // So does a number of a conversation that is not the next, and a conversation that has gone.
        second.messages = Vec::new();
        second.conversation = Some(ConversationWrite::Begin(conversation(5)));
        assert!(matches!(
            store.commit(&ana, &second).await,
            Err(Error::Conflict)
        ));
        second.conversation = Some(ConversationWrite::Continue(conversation(9)));
        assert!(matches!(
            store.commit(&ana, &second).await,
            Err(Error::Conflict)
        ));
        assert_eq!(store.verify(&ana).await.unwrap().entries, 1);
        assert_eq!(
            store.conversations(&ana, None, 10).await.unwrap(),
            [conversation(1)]
        );
        assert!(
            store
                .conversations(&user("ben"), None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        assert!(
            store
                .messages(&user("ben"), ConversationId(1), None, 10)
                .await
                .unwrap()
                .is_empty()
        );

        assert!(
            !store
                .delete_conversation(&user("ben"), ConversationId(1))
                .await
                .unwrap()
        );
        assert!(
            store
                .delete_conversation(&ana, ConversationId(1))
                .await
                .unwrap()
        );
        assert!(
            store
                .messages(&ana, ConversationId(1), None, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let context = store.turn_context(&ana, None, 10).await.unwrap();
        assert_eq!(
            context.next_conversation,
            ConversationId(2),
            "numbers are not used again"
        );
    }
}

#[tokio::test]
async fn tampering_is_noticed() {
    let tampering = [
        (
            "UPDATE journal SET changes = replace(changes, 'One', 'Own') WHERE seq = 1",
            "it is not what was written",
        ),
        (
            "UPDATE journal SET actor = 'agent:x' WHERE seq = 2",
            "it is not what was written",
        ),
        (
            "UPDATE journal SET at = at + 1 WHERE seq = 2",
            "it is not what was written",
        ),
        (
            "DELETE FROM journal WHERE seq = 1",
            "an entry before it is missing",
        ),
        ("DELETE FROM journal WHERE seq = 3", "the journal ends at 2"),
        (
            "UPDATE tasks SET title = 'Own' WHERE id = 1",
            "task 1 is not what the journal says",
        ),
        (
            "DELETE FROM tasks WHERE id = 2",
            "task 2 is not what the journal says",
        ),
        (
            "UPDATE journal SET hash = previous_hash WHERE seq = 2",
            "it is not what was written",
        ),
    ];
    for kind in DURABLE {
        for (sql, words) in tampering {
            let database = Database::new(kind).await;
            for title in ["One", "Two", "Three"] {
                assert!(matches!(
                    run(&database.store, &user("ana"), &add(title), at(0)).await,
                    Ran::Changed(_)
                ));
            }
            assert_eq!(
                database.store.verify(&user("ana")).await.unwrap().entries,
                3
            );
            meddle(kind, &database.url, sql).await;
            let found = database
                .store
                .verify(&user("ana"))
                .await
                .unwrap_err()
                .to_string();
            assert!(found.contains(words), "{sql}: {found}");
        }
    }
}

#[tokio::test]
async fn a_schema_of_the_future_is_left_alone() {
    for kind in DURABLE {
        let database = Database::new(kind).await;
        database.store.migrate().await.unwrap();
        meddle(
            kind,
            &database.url,
            "INSERT INTO schema_version (version) VALUES (999)",
        )
        .await;
        assert!(matches!(
            database.store.migrate().await,
            Err(Error::NewerSchema { found: 999, .. })
        ));
    }
}

#[tokio::test]
async fn addresses_that_are_none() {
    for url in ["", "mysql://x", "tasks.db", "sqlite://", "postgres://[bad"] {
        let error = Store::open(url).await.unwrap_err();
        assert!(matches!(error, Error::BadUrl(_)), "{url}: {error:?}");
    }
    let nowhere = Store::open("postgres://nobody@127.0.0.1:1/none")
        .await
        .unwrap();
    assert!(matches!(nowhere.ping().await, Err(Error::Unavailable(_))));
    assert!(matches!(
        Store::open("sqlite:///no/such/folder/x.db").await,
        Err(Error::Unavailable(_))
    ));
}

#[tokio::test]
async fn what_open_tasks_are_labelled_and_where_they_are() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let (ana, ben) = (user("ana"), user("ben"));
        assert_eq!(store.last_seq(&ana).await.unwrap(), Seq(0));
        let task = |title: &str, tags: &[&str], project: Option<&str>| {
            let tags = tags.iter().map(|tag| tag.parse::<Tag>().unwrap());
            let project = project.map(|name| ProjectRef::Name(name.parse().unwrap()));
            AddTask {
                tags: tags.collect(),
                project,
                ..AddTask::new(title.parse().unwrap())
            }
        };
        let tasks = vec![
            task("One", &["Phone", "home"], Some("Flat")),
            task("Two", &["phone"], Some("Flat")),
            task("Three", &["phone", "\u{e9}t\u{e9}"], None),
            task("Four", &[], None),
            task("Five", &["home", "gone"], Some("Work")),
        ];
        run(store, &ana, &Command::AddTasks(AddTasks { tasks }), at(0)).await;
        let complete = Command::CompleteTask(CompleteTask { task_id: TaskId(5) });
        run(store, &ana, &complete, at(1)).await;
        let others = task("His", &["secret"], None);
        run(store, &ben, &Command::AddTask(others), at(0)).await;

        let labels = store.labels(&ana, 100).await.unwrap();
        let said: Vec<_> = labels
            .iter()
            .map(|(tag, count)| format!("{tag} {count}"))
            .collect();
        assert_eq!(said, ["phone 3", "home 1", "\u{e9}t\u{e9} 1"], "{kind:?}");
        assert_eq!(store.labels(&ana, 1).await.unwrap().len(), 1);
        let projects = store.project_counts(&ana).await.unwrap();
        let (inbox, flat) = (None, Some(ProjectId(1)));
        assert_eq!(projects, [(inbox, 2), (flat, 2)].into(), "{kind:?}");
        assert_eq!(store.last_seq(&ana).await.unwrap(), Seq(2));
        assert_eq!(store.last_seq(&ben).await.unwrap(), Seq(1));
    }
}

#[tokio::test]
async fn what_each_of_them_did() {
    for kind in ALL {
        let Database { store, .. } = &Database::new(kind).await;
        let ana = user("ana");
        let actors = [
            Actor::Person,
            Actor::Model("rules".to_owned()),
            Actor::Agent("model:x".to_owned()),
        ];
        for n in 0..9 {
            let mut batch = keyed(store, "One", &n.to_string()).await;
            let actor = &actors[n % 3];
            let entry = &mut batch.entries[0];
            entry.origin.actor.clone_from(actor);
            entry.hash = entry.hash_with(&entry.changes_text());
            batch.head.hash = entry.hash;
            store.commit(&ana, &batch).await.unwrap();
        }
        for (n, actor) in (1..).zip(&actors) {
            let by = Some(actor.kind());
            let first = store.history(&ana, None, by, None, 2).await.unwrap();
            let rest = store
                .history(&ana, None, by, first.next_before, 2)
                .await
                .unwrap();
            let all = first.changes.iter().chain(&rest.changes);
            let all: Vec<_> = all
                .map(|change| (change.change_id.0, &change.actor))
                .collect();
            assert_eq!(
                all,
                [(n + 6, actor), (n + 3, actor), (n, actor)],
                "{kind:?}"
            );
            assert_eq!(rest.next_before, None);
            let of_task = store
                .history(&ana, Some(TaskId(n)), by, None, 9)
                .await
                .unwrap();
            assert_eq!(of_task.changes, rest.changes, "{kind:?}");
            let others = store
                .history(&ana, Some(TaskId(n + 1)), by, None, 9)
                .await
                .unwrap();
            assert_eq!(others.changes, [], "{kind:?}");
        }
    }
}
