//! Changes as they are made, as server-sent events.

use axum::response::Response;
use jiff::Timestamp;
use scripted_model::{Gate, Model, Reply, Script};
use serde_json::json;
use store::Store;

use crate::events::{Event, Events};
use crate::harness::{BOTH, Client, Database, Harness, fresh, request};

/// What `client` hears from now on, or after a change.
async fn listen(client: &Client, path: &str) -> Events {
    Events::of(client.open("GET", path, None, &[]).await)
}

/// An event without what the test does not say.
fn line(event: &Event) -> String {
    let mut data = event.data.clone();
    if let Some(fields) = data.as_object_mut() {
        for name in ["at", "request_id"] {
            fields.remove(name);
        }
    }
    let id = event.id.map_or(String::new(), |id| format!("{id} "));
    format!("{id}{} {data}", event.name)
}

async fn lines(events: &mut Events, count: usize) -> String {
    let mut lines = Vec::new();
    for _ in 0..count {
        lines.push(line(&events.next().await.expect("it goes on")));
    }
    lines.join("\n")
}

#[tokio::test]
async fn a_change_is_told_as_it_is_made() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let (ana, ben) = (harness.user("ana").await, harness.user("ben").await);
        let mut hers = listen(&ana, "/events").await;
        let mut his = listen(&ben, "/events").await;
        assert_eq!(lines(&mut hers, 1).await, r#"1 hello {"seq":1}"#);
        assert_eq!(lines(&mut his, 1).await, r#"1 hello {"seq":1}"#);

        let headers = [("x-request-id", "mine")];
        let milk = json!({ "title": "Milk", "project": "Home" });
        ana.send("POST", "/tasks", Some(milk), &headers).await;
        let change = hers.next().await.unwrap();
        assert_eq!(change.data["request_id"], "mine");
        assert_eq!(change.data["at"], "2026-11-25T09:15:00Z");
        assert_eq!(
            line(&change),
            r#"2 change {"action":"add_task","actor":"person","door":"rest","project_ids":[1],"seq":2,"settings":false,"task_ids":[1],"text":"Added “Milk”, in Home. New project “Home”."}"#
        );
        ana.post("/journal/undo", json!(null)).await;
        ana.patch("/settings", json!({ "week_start": "sunday" }))
            .await;
        assert_eq!(
            lines(&mut hers, 2).await,
            r#"3 change {"action":"undo_change","actor":"person","door":"rest","project_ids":[1],"seq":3,"settings":false,"task_ids":[1],"text":"Taken back: “Milk” is gone and the project “Home” is gone.","undoes":2}
4 change {"action":"update_settings","actor":"person","door":"rest","project_ids":[],"seq":4,"settings":true,"task_ids":[],"text":"Settings changed: your week starts on Sunday."}"#
        );

        // The first thing that he hears is his own.
        ben.add(json!({ "title": "Bread" })).await;
        assert_eq!(
            lines(&mut his, 1).await,
            r#"2 change {"action":"add_task","actor":"person","door":"rest","project_ids":[],"seq":2,"settings":false,"task_ids":[1],"text":"Added “Bread”."}"#
        );
    }
}

#[tokio::test]
async fn whoever_comes_back_hears_what_they_have_missed() {
    for database in BOTH {
        let (_, store) = fresh(database).await;
        let harness = Harness::on(store.clone());
        let ana = harness.user("ana").await;
        for title in ["One", "Two"] {
            ana.add(json!({ "title": title })).await;
        }
        ana.post("/journal/undo", json!(null)).await;
        let mut all = listen(&ana, "/events?after=1").await;
        let missed = lines(&mut all, 4).await;
        assert_eq!(
            missed,
            r#"1 hello {"seq":1}
2 change {"action":"add_task","actor":"person","door":"rest","project_ids":[],"seq":2,"settings":false,"task_ids":[1],"text":"Added “One”."}
3 change {"action":"add_task","actor":"person","door":"rest","project_ids":[],"seq":3,"settings":false,"task_ids":[2],"text":"Added “Two”.","undone_by":4}
4 change {"action":"undo_change","actor":"person","door":"rest","project_ids":[],"seq":4,"settings":false,"task_ids":[2],"text":"Taken back: “Two” is gone.","undoes":3}"#
        );
        let headers = [("last-event-id", "3")];
        let open = ana.open("GET", "/events?after=1", None, &headers).await;
        let mut rest = Events::of(open);
        assert_eq!(
            lines(&mut rest, 2).await,
            r#"3 hello {"seq":3}
4 change {"action":"undo_change","actor":"person","door":"rest","project_ids":[],"seq":4,"settings":false,"task_ids":[2],"text":"Taken back: “Two” is gone.","undoes":3}"#
        );
        ana.add(json!({ "title": "Three" })).await;
        for events in [&mut all, &mut rest] {
            assert_eq!(
                events.until("change").await.data["seq"],
                5,
                "and it goes on"
            );
        }

        // A number that was never given is of another journal, such as the one before a backup.
        assert_eq!(
            lines(&mut listen(&ana, "/events?after=99").await, 1).await,
            r#"5 reset {"seq":5}"#
        );
        for wrong in ["x", "1.5"] {
            let headers = [("last-event-id", wrong)];
            let answer = ana.send("GET", "/events", None, &headers).await;
            assert!(answer.problem().starts_with("422 invalid"), "{wrong}");
        }
        store.remove_entries(&ana.id, Timestamp::MAX).await.unwrap();
        assert_eq!(
            lines(&mut listen(&ana, "/events?after=2").await, 1).await,
            r#"5 reset {"seq":5}"#
        );
    }
}

#[tokio::test]
async fn who_has_missed_too_much_reads_everything_anew() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    for n in 0..501 {
        let version = json!({ "title": n.to_string() });
        ana.add(version).await;
    }
    let mut one_too_many = listen(&ana, "/events?after=1").await;
    assert_eq!(
        lines(&mut one_too_many, 1).await,
        r#"502 reset {"seq":502}"#
    );
    let mut all = listen(&ana, "/events?after=2").await;
    assert_eq!(all.next().await.unwrap().name, "hello");
    for seq in 3..=502 {
        assert_eq!(all.next().await.unwrap().data["seq"], seq);
    }
    ana.add(json!({ "title": "Last" })).await;
    assert_eq!(lines(&mut one_too_many, 1).await, lines(&mut all, 1).await);
}

/// Another copy of the server on the same Postgres.
async fn copies() -> (Harness, Harness) {
    let (url, store) = fresh(Database::Postgres).await;
    let other = Store::open(&url).await.unwrap();
    (Harness::on(store), Harness::on(other))
}

#[tokio::test]
async fn what_another_copy_changes_is_told() {
    let (here, there) = copies().await;
    let ana = here.user("ana").await;
    let elsewhere = there.client(ana.id.clone()).await;
    let mut events = listen(&ana, "/events").await;
    events.until("hello").await;
    for n in 0..20 {
        elsewhere.add(json!({ "title": "Elsewhere" })).await;
        let change = events.until("change").await;
        assert_eq!(change.data["task_ids"], json!([n + 1]));
    }
}

#[tokio::test]
async fn replies_that_begin_and_end_are_told() {
    for database in BOTH {
        let gate = Gate::new();
        let text = "I would begin with the one that worries you most, and leave the rest.";
        let reply = Reply::text(text).split_text(24).held_before(1, &gate);
        let model = Model::start(Script::replies([reply])).await;
        let (_, store) = fresh(database).await;
        let harness = Harness::asking(store, &model);
        let mut ana = harness.user("ana").await;
        let mut events = listen(&ana, "/events").await;
        events.until("hello").await;

        ana.say("add milk").await;
        let mut told = [lines(&mut events, 1).await, lines(&mut events, 1).await];
        told.sort();
        assert_eq!(
            told.join("\n"),
            r#"2 change {"action":"add_task","actor":"person","door":"chat","project_ids":[],"seq":2,"settings":false,"task_ids":[1],"text":"Added “Milk”."}
conversation {"conversation_id":1,"message_id":2,"writing":false}"#
        );

        let body = json!({ "message": "where would you begin?", "conversation_id": 1 });
        let headers = [("accept", "text/event-stream")];
        let mut turn = Events::of(ana.open("POST", "/chat", Some(&body), &headers).await);
        assert_eq!(
            lines(&mut events, 1).await,
            r#"conversation {"conversation_id":1,"message_id":4,"writing":true}"#
        );
        // Who comes in the middle of it is told that it is being written.
        let mut late = listen(&ana, "/events").await;
        assert_eq!(
            lines(&mut late, 2).await,
            r#"2 hello {"seq":2}
conversation {"conversation_id":1,"message_id":4,"writing":true}"#
        );
        gate.open();
        turn.until("end").await;
        assert_eq!(
            lines(&mut events, 1).await,
            r#"conversation {"conversation_id":1,"message_id":4,"writing":false}"#
        );
        assert_eq!(
            late.until("conversation").await.data,
            json!({ "conversation_id": 1, "message_id": 4, "writing": false })
        );
    }
}

#[tokio::test]
async fn who_is_signed_out_hears_no_more() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.sign_up("ana").await;
    let id = harness.accounts.user(&ana.id).await.unwrap();
    let program = harness.client(id.clone()).await;
    let open = async |headers: &[(&str, &str)]| -> Response {
        let request = request("GET", "/api/events", headers, None);
        tower::ServiceExt::oneshot(harness.router.clone(), request)
            .await
            .unwrap()
    };
    let session = [("cookie", ana.cookie.as_str())];
    let mut browser = Events::of(open(&session).await);
    let mut token = listen(&program, "/events").await;
    let jwt = harness.jwt(&ana).await;
    let mut jwt = Events::of(open(&[("authorization", &jwt)]).await);
    for events in [&mut browser, &mut token, &mut jwt] {
        events.until("hello").await;
    }

    let trusted = [
        ("cookie", ana.cookie.as_str()),
        ("origin", "http://todo.test"),
    ];
    let out = request("POST", "/api/auth/sign-out", &trusted, Some(&json!({})));
    assert_eq!(harness.send(out).await.status, 200);
    program.add(json!({ "title": "Said later" })).await;
    assert_eq!(browser.rest().await, [], "the session has ended");
    assert_eq!(jwt.rest().await, [], "and with it what was made of it");
    assert_eq!(
        token.until("change").await.data["text"],
        "Added \u{201c}Said later\u{201d}."
    );

    let here = accounts::Client::default();
    let tokens = harness.accounts.tokens(&id).await.unwrap();
    let revoked = harness.accounts.revoke_token(&id, &tokens[0].id, &here);
    revoked.await.unwrap();
    // Nothing happens any more, and yet it ends: with the next sign of life.
    tokio::time::pause();
    let begun = tokio::time::Instant::now();
    assert_eq!(token.rest().await, []);
    assert!(begun.elapsed() <= std::time::Duration::from_secs(16));
}

#[tokio::test]
async fn streams_end_when_the_server_does() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    let mut events = listen(&ana, "/events").await;
    events.until("hello").await;
    harness.app.halt().await;
    assert_eq!(events.rest().await, []);
}

#[tokio::test]
async fn a_user_has_so_many_streams_at_once() {
    let harness = Harness::new(Database::Sqlite).await;
    let (ana, ben) = (harness.user("ana").await, harness.user("ben").await);
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(listen(&ana, "/events").await);
    }
    let refused = ana.get("/events").await;
    assert_eq!(
        refused.problem(),
        "429 too-many-streams: 32 streams of your changes are open already; close one first"
    );
    listen(&ben, "/events").await;
    open.pop();
    listen(&ana, "/events").await;
}

#[tokio::test]
async fn a_token_that_may_only_read_may_listen() {
    let harness = Harness::new(Database::Sqlite).await;
    let mut ana = harness.user("ana").await;
    let here = accounts::Client::default();
    let token = harness
        .accounts
        .create_token(&ana.id, "reader", domain::Access::Read, None, &here);
    ana.token = token.await.unwrap().secret;
    assert_eq!(
        listen(&ana, "/events").await.until("hello").await.id,
        Some(1)
    );
}
