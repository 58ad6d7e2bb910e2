//! The main job: say it, and it is on your list. Each test runs on both databases and must come out the same.

use serde_json::json;

use crate::harness::{BOTH, Client, Database, Harness};

async fn ana(database: Database) -> Client {
    Harness::new(database).await.user("ana").await
}

#[tokio::test]
async fn adding() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.say("Add a task to buy groceries").await;
        ana.say("I need to remember to pay bills").await;
        ana.say("remind me to call mum tomorrow at 6pm").await;
        ana.say("water the plants every 3 days, and make it high priority")
            .await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Buy groceries\n\
             2 [ ] Pay bills\n\
             3 [ ] Call mum due 2026-11-26T18:00\n\
             4 [ ] Water the plants due 2026-11-25 every FREQ=DAILY;INTERVAL=3 high"
        );
    }
}

#[tokio::test]
async fn several_at_once_are_taken_back_by_one_undo() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.say("add milk, eggs and bread").await;
        assert_eq!(ana.tasks().await, "1 [ ] Milk\n2 [ ] Eggs\n3 [ ] Bread");
        ana.say("undo").await;
        assert_eq!(ana.tasks().await, "");
    }
}

#[tokio::test]
async fn lists_show_numbers_that_can_be_used_next() {
    for database in BOTH {
        let mut ana = ana(database).await;
        for title in ["Buy milk", "Post the letter", "Fix the tap"] {
            ana.add(json!({ "title": title })).await;
        }
        ana.add(json!({ "title": "Read the paper", "completed": true }))
            .await;
        ana.add(json!({ "title": "Send invoice", "due_date": "2026-11-27" }))
            .await;
        ana.add(json!({ "title": "Plan holidays", "due_date": "2026-12-20" }))
            .await;

        let all = ana.say("Show me all my tasks").await;
        for title in [
            "Buy milk",
            "Post the letter",
            "Fix the tap",
            "Send invoice",
            "Plan holidays",
        ] {
            assert!(all.contains(title), "{title} is not in {all}");
        }
        let pending = ana.say("What's pending?").await;
        assert!(
            pending.contains("Fix the tap") && !pending.contains("Read the paper"),
            "{pending}"
        );
        let done = ana.say("What have I completed?").await;
        assert!(
            done.contains("Read the paper") && !done.contains("Fix the tap"),
            "{done}"
        );
        let week = ana.say("what's due this week?").await;
        assert!(
            week.contains("5. Send invoice") && !week.contains("Plan holidays"),
            "{week}"
        );
        ana.say("mark task 5 as complete").await;
        assert!(ana.tasks().await.contains("5 [x] Send invoice"));
    }
}

#[tokio::test]
async fn completing_one_and_no_other() {
    for database in BOTH {
        let mut ana = ana(database).await;
        for title in ["Buy groceries", "Wash the car", "Call Tom"] {
            ana.add(json!({ "title": title })).await;
        }
        ana.say("Mark task 3 as complete").await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Buy groceries\n2 [ ] Wash the car\n3 [x] Call Tom"
        );
        ana.say("done with the groceries").await;
        assert_eq!(
            ana.tasks().await,
            "1 [x] Buy groceries\n2 [ ] Wash the car\n3 [x] Call Tom"
        );
        ana.say("undo").await;
        ana.say("show my tasks").await;
        ana.say("I finished the second one").await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Buy groceries\n2 [x] Wash the car\n3 [x] Call Tom"
        );
    }
}

#[tokio::test]
async fn renaming_and_rescheduling_change_nothing_else() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.add(json!({ "title": "Call mom", "priority": "low", "tags": ["family"] }))
            .await;
        ana.say("Change task 1 to 'Call mom tonight'").await;
        assert_eq!(ana.tasks().await, "1 [ ] Call mom tonight low @family");
        ana.say("move it to friday").await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Call mom tonight due 2026-11-27 low @family"
        );
    }
}

#[tokio::test]
async fn two_that_fit_make_a_question_and_nothing_changes_until_it_is_answered() {
    for database in BOTH {
        let mut ana = ana(database).await;
        for title in [
            "Prepare the board meeting",
            "Meeting with Sam",
            "Water plants",
        ] {
            ana.add(json!({ "title": title })).await;
        }
        let before = ana.tasks().await;
        let reply = ana.say("Delete the meeting task").await;
        assert!(
            reply.contains("Prepare the board meeting") && reply.contains("Meeting with Sam"),
            "{reply}"
        );
        assert_eq!(ana.tasks().await, before);
        ana.say("the second one").await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Prepare the board meeting\n3 [ ] Water plants"
        );
        ana.say("take back the delete").await;
        assert_eq!(ana.tasks().await, before);
        ana.say("delete the plants task").await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Prepare the board meeting\n2 [ ] Meeting with Sam"
        );
    }
}

#[tokio::test]
async fn deleting_many_waits_for_a_yes() {
    for database in BOTH {
        let mut ana = ana(database).await;
        for title in ["One", "Two", "Three"] {
            ana.add(json!({ "title": title, "completed": true })).await;
        }
        ana.add(json!({ "title": "Open" })).await;
        let before = ana.tasks().await;
        let reply = ana.turn("delete all completed tasks").await;
        let text = reply["response"].as_str().unwrap();
        assert!(
            text.contains("One") && text.contains("Two") && text.contains("Three"),
            "{text}"
        );
        assert_eq!(
            reply["tool_calls"][0]["result"]["status"],
            "waiting_for_approval"
        );
        assert_eq!(ana.tasks().await, before);
        ana.say("no").await;
        assert_eq!(ana.tasks().await, before);
        // A yes that comes after the no has nothing to say yes to.
        ana.say("yes").await;
        assert_eq!(ana.tasks().await, before);

        ana.say("delete all completed tasks").await;
        // What has changed since it was shown is left out.
        ana.patch("/tasks/2", json!({ "title": "Two, renamed" }))
            .await;
        ana.say("yes").await;
        assert_eq!(ana.tasks().await, "2 [x] Two, renamed\n4 [ ] Open");
        ana.say("undo").await;
        assert_eq!(
            ana.tasks().await,
            "1 [x] One\n2 [x] Two, renamed\n3 [x] Three\n4 [ ] Open"
        );
    }
}

#[tokio::test]
async fn undo_goes_back_to_exactly_the_state_before() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.add(json!({ "title": "Keep me" })).await;
        let first = ana.tasks().await;
        ana.say("add call the bank friday 3pm #money p2").await;
        let second = ana.tasks().await;
        ana.say("mark task 1 as done").await;
        ana.say("undo").await;
        assert_eq!(ana.tasks().await, second);
        ana.say("undo that again").await;
        assert_eq!(ana.tasks().await, first);
        ana.say("redo").await;
        assert_eq!(ana.tasks().await, second);
    }
}

#[tokio::test]
async fn everything_that_one_message_did_is_undone_together() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.add(json!({ "title": "Do the ironing" })).await;
        ana.add(json!({ "title": "Go to the cinema" })).await;
        let before = ana.tasks().await;
        ana.say("tick off the ironing and delete the cinema task")
            .await;
        assert_eq!(ana.tasks().await, "1 [x] Do the ironing");
        ana.say("undo").await;
        assert_eq!(ana.tasks().await, before);
    }
}

#[tokio::test]
async fn what_is_not_there_is_said_and_what_is_pending_is_shown() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.add(json!({ "title": "Buy stamps" })).await;
        let reply = ana.say("Mark task 999 as complete").await;
        assert!(
            reply.contains("999") && reply.contains("1. Buy stamps"),
            "{reply}"
        );
        let reply = ana.say("I finished the tax return").await;
        assert!(
            reply.contains("tax return") && reply.contains("1. Buy stamps"),
            "{reply}"
        );
        assert_eq!(ana.tasks().await, "1 [ ] Buy stamps");
    }
}

#[tokio::test]
async fn what_is_missing_is_asked_for() {
    for database in BOTH {
        let mut ana = ana(database).await;
        let reply = ana.say("Add something").await;
        assert!(reply.contains('?'), "{reply}");
        assert_eq!(ana.tasks().await, "");
        ana.say("renew the passport").await;
        assert_eq!(ana.tasks().await, "1 [ ] Renew the passport");
    }
}

#[tokio::test]
async fn what_is_not_about_tasks_gets_an_honest_line() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.add(json!({ "title": "Check the weather station" }))
            .await;
        let before = ana.tasks().await;
        let reply = ana.turn("what's the weather?").await;
        assert!(!reply["response"].as_str().unwrap().is_empty());
        assert_eq!(reply["tool_calls"], json!([]));
        assert_eq!(ana.tasks().await, before);
    }
}

#[tokio::test]
async fn tool_calls_name_the_contracts_tools() {
    let mut ana = ana(Database::Sqlite).await;
    let reply = ana.turn("add buy bread").await;
    assert!(reply["conversation_id"].is_i64());
    assert_eq!(reply["tool_calls"][0]["tool"], "add_task");
    assert_eq!(reply["tool_calls"][0]["arguments"]["title"], "Buy bread");
    assert_eq!(
        reply["tool_calls"][0]["result"],
        json!({ "task_id": 1, "status": "created", "title": "Buy bread", "change_id": 2 })
    );
    let call = |reply: &serde_json::Value| {
        (
            reply["tool_calls"][0]["tool"].clone(),
            reply["tool_calls"][0]["result"]["status"].clone(),
        )
    };
    assert_eq!(
        call(&ana.turn("mark task 1 as done").await),
        (json!("complete_task"), json!("completed"))
    );
    assert_eq!(
        call(&ana.turn("rename task 1 to 'Buy rye bread'").await),
        (json!("update_task"), json!("updated"))
    );
    assert_eq!(
        call(&ana.turn("delete task 1").await),
        (json!("delete_task"), json!("deleted"))
    );
    assert_eq!(
        ana.turn("list my tasks").await["tool_calls"][0]["tool"],
        "list_tasks"
    );
}

#[tokio::test]
async fn a_repeated_request_changes_nothing_and_gets_the_same_answer() {
    for database in BOTH {
        let ana = ana(database).await;
        let body = json!({ "message": "add buy bread" });
        let key = [("idempotency-key", "k-1")];
        let first = ana
            .send("POST", "/chat", Some(body.clone()), &key)
            .await
            .json();
        let second = ana.send("POST", "/chat", Some(body), &key).await.json();
        assert_eq!(first["response"], second["response"]);
        assert_eq!(first["message_id"], second["message_id"]);
        assert_eq!(first["tool_calls"], second["tool_calls"]);
        assert_eq!(ana.tasks().await, "1 [ ] Buy bread");
        let other = ana
            .send(
                "POST",
                "/chat",
                Some(json!({ "message": "add buy jam" })),
                &key,
            )
            .await;
        assert_eq!(other.problem().split(':').next(), Some("422 key-reused"));
    }
}

#[tokio::test]
async fn a_conversation_that_is_not_there() {
    let ana = ana(Database::Sqlite).await;
    let answer = ana
        .post("/chat", json!({ "message": "hello", "conversation_id": 7 }))
        .await;
    assert_eq!(
        answer.problem(),
        "404 no-such-conversation: there is no conversation 7; leave the number out to begin a new one"
    );
    assert_eq!(ana.get("/conversations").await.json(), json!([]));
}

#[tokio::test]
async fn a_message_goes_on_from_the_one_before() {
    for database in BOTH {
        let mut ana = ana(database).await;
        for title in ["Buy milk", "Post the letter", "Fix the tap"] {
            ana.add(json!({ "title": title })).await;
        }
        ana.say("complete the milk").await;
        ana.say("and the letter too").await;
        assert_eq!(
            ana.tasks().await,
            "1 [x] Buy milk\n2 [x] Post the letter\n3 [ ] Fix the tap"
        );
        ana.say("no, the tap").await;
        assert_eq!(
            ana.tasks().await,
            "1 [x] Buy milk\n2 [ ] Post the letter\n3 [x] Fix the tap"
        );
        ana.say("undo").await;
        ana.say("move the letter to friday").await;
        ana.say("no, saturday").await;
        ana.say("at 4pm").await;
        assert_eq!(
            ana.tasks().await,
            "1 [x] Buy milk\n2 [ ] Post the letter due 2026-11-28T16:00\n3 [ ] Fix the tap"
        );
    }
}

#[tokio::test]
async fn what_was_counted_can_be_spoken_of() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.add(json!({ "title": "Buy milk", "completed": true }))
            .await;
        ana.add(json!({ "title": "Fix the tap" })).await;
        ana.say("how many tasks are done?").await;
        ana.say("delete those").await;
        assert_eq!(ana.tasks().await, "2 [ ] Fix the tap");
    }
}

#[tokio::test]
async fn each_line_is_a_request() {
    for database in BOTH {
        let mut ana = ana(database).await;
        ana.say("to do tomorrow:\n- iron shirts\n- call Bo at 5pm")
            .await;
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Iron shirts due 2026-11-26\n2 [ ] Call Bo due 2026-11-26T17:00"
        );
        ana.say("complete the shirts\nmove call Bo to friday").await;
        assert_eq!(
            ana.tasks().await,
            "1 [x] Iron shirts due 2026-11-26\n2 [ ] Call Bo due 2026-11-27T17:00"
        );
    }
}
