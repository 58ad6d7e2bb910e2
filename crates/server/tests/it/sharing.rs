//! Several copies of the server on one database, and many requests at once.

use std::sync::Arc;

use serde_json::json;

use crate::harness::{BOTH, Database, Harness, fresh};

#[tokio::test]
async fn a_conversation_goes_on_in_another_copy_of_the_server() {
    for database in BOTH {
        let (_, store) = fresh(database).await;
        let (one, two) = (Harness::on(store.clone()), Harness::on(store));
        let mut here = one.user("ana").await;
        here.say("add book the flight").await;
        let mut there = two.client(here.id.clone()).await;
        there.continue_from(&here);
        there.say("make it high priority").await;
        assert_eq!(here.tasks().await, "1 [ ] Book the flight high");
        there.begin_anew();
        there.say("mark it as done").await;
        assert_eq!(
            here.tasks().await,
            "1 [ ] Book the flight high",
            "a new conversation knows no \u{201c}it\u{201d}"
        );
    }
}

#[tokio::test]
async fn fifty_chats_of_two_users_on_two_copies_lose_and_double_nothing() {
    for database in BOTH {
        let (url, store) = fresh(database).await;
        // In memory there is one copy; on Postgres each has a pool of its own.
        let other = match database {
            Database::Sqlite => store.clone(),
            Database::Postgres => store::Store::open(&url).await.unwrap(),
        };
        let copies = [Arc::new(Harness::on(store)), Arc::new(Harness::on(other))];
        let users = [
            copies[0].user("ana").await.id,
            copies[0].user("ben").await.id,
        ];
        let mut chats = Vec::new();
        for n in 0..50 {
            let (copy, user) = (copies[n / 2 % 2].clone(), users[n % 2].clone());
            chats.push(tokio::spawn(async move {
                let mut client = copy.client(user).await;
                client.say(&format!("add \"chat {n}\"")).await;
                client.say("make it high priority").await;
            }));
        }
        for chat in chats {
            chat.await.unwrap();
        }
        let mut titles = Vec::new();
        for user in users {
            let client = copies[1].client(user).await;
            let tasks = client.get("/tasks").await.json();
            for task in tasks.as_array().unwrap() {
                assert_eq!(task["priority"], "high");
                titles.push(task["title"].as_str().unwrap().to_lowercase());
            }
            assert_eq!(
                client
                    .get("/conversations")
                    .await
                    .json()
                    .as_array()
                    .unwrap()
                    .len(),
                25
            );
        }
        titles.sort();
        let mut wanted: Vec<String> = (0..50).map(|n| format!("chat {n}")).collect();
        wanted.sort();
        assert_eq!(titles, wanted);
        let everybody = copies[0].accounts.everybody().await.unwrap();
        for audit in copies[0].app.audit(&everybody).await.unwrap() {
            assert_eq!(audit.problem, None, "{}", audit.user);
        }
    }
}

#[tokio::test]
async fn an_idempotency_key_used_at_the_same_time_makes_one_change() {
    for database in BOTH {
        let harness = Arc::new(Harness::new(database).await);
        let user = harness.user("ana").await.id;
        let mut requests = Vec::new();
        for _ in 0..20 {
            let (harness, user) = (harness.clone(), user.clone());
            requests.push(tokio::spawn(async move {
                let client = harness.client(user).await;
                client
                    .send(
                        "POST",
                        "/tasks",
                        Some(json!({ "title": "Once" })),
                        &[("idempotency-key", "k")],
                    )
                    .await
                    .status
            }));
        }
        for request in requests {
            assert_eq!(request.await.unwrap(), 201);
        }
        assert_eq!(harness.client(user).await.tasks().await, "1 [ ] Once");
    }
}
