//! A copy of the server dies in the middle of a reply: another one ends it honestly, and shows every receipt once.

use std::sync::Arc;
use std::time::Duration;

use app::ModelSettings;
use domain::UserId;
use scripted_model::{Call, Gate, Model, Reply, Script};
use serde_json::{Value, json};
use store::Store;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::events::{Event, Events};
use crate::harness::{BOTH, Client, Database, Harness, fresh};

/// When whoever was writing at the usual time is still taken for alive, and when no longer.
const SOON: &str = "2026-11-25T09:15:05Z";
const LATER: &str = "2026-11-25T09:15:20Z";

const EVENTS: [(&str, &str); 2] = [("accept", "text/event-stream"), ("idempotency-key", "k-1")];

/// What is said to the copy that dies.
fn message() -> Value {
    json!({ "message": "the vet ought to land on thursday somehow" })
}

/// What a copy of the server has left that died while a model was writing, as with `kill -9`.
struct Died {
    model: Arc<Model>,
    store: Store,
    user: UserId,
    /// The last things it sent.
    receipt: Event,
    text: Event,
}

impl Died {
    /// The model makes a change and a mistake, is told so, and begins a sentence that it never ends.
    async fn on(database: Database) -> Self {
        let calls = [
            Call::new("add_task", json!({ "title": "Vet" })),
            Call::new("complete_task", json!({ "task_id": 999 })),
        ];
        let never = Gate::new();
        let rest = Reply::text("I cannot find that one. What is it called?")
            .split_text(24)
            .held_before(2, &never);
        let script = Script::replies([Reply::calls(calls), rest]);
        let model = Arc::new(Model::start(script).await);
        let (url, store) = fresh(database).await;
        // Everything that this copy does happens here. SQLite in memory is in the store and is shared; connections to
        // Postgres are a runtime's own.
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let (say, heard) = oneshot::channel();
        let (to, shared) = (Arc::clone(&model), store.clone());
        runtime.spawn(async move {
            let store = match database {
                Database::Sqlite => shared,
                Database::Postgres => Store::open(&url).await.unwrap(),
            };
            let ana = Harness::asking(store, &to).user("ana").await;
            let body = message();
            let open = ana.open("POST", "/chat", Some(&body), &EVENTS);
            let mut events = Events::of(open.await);
            let receipt = events.until("receipt").await;
            let text = events.until("text").await;
            say.send((ana.id.clone(), receipt, text)).unwrap();
            // Nobody hangs up.
            events.rest().await;
        });
        let (user, receipt, text) = heard.await.unwrap();
        runtime.shutdown_background();
        model.wait_for_hang_up().await;
        Self {
            model,
            store,
            user,
            receipt,
            text,
        }
    }

    /// The same person at another copy, whose clock says this.
    async fn at(&self, now: &str) -> Client {
        let settings = ModelSettings::default();
        let copy = Harness::asking_at(self.store.clone(), now, &[&self.model], settings);
        copy.client(self.user.clone()).await
    }
}

/// The rest of the reply after this event, or all of it.
async fn read(client: &Client, after: Option<&Event>) -> Vec<Event> {
    let id = after.map(|event| event.id.unwrap().to_string());
    let headers: Vec<_> = id.iter().map(|id| ("last-event-id", &**id)).collect();
    let mut events = Events::of(events_from(client, &headers).await);
    events.rest().await
}

async fn events_from(client: &Client, headers: &[(&str, &str)]) -> axum::response::Response {
    client
        .open("GET", "/conversations/1/events", None, headers)
        .await
}

fn names(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| &*event.name).collect()
}

#[tokio::test]
async fn another_copy_ends_what_a_dead_one_began() {
    for database in BOTH {
        let died = Died::on(database).await;
        let ana = died.at(LATER).await;
        // What was sent already is not sent again.
        let rest = read(&ana, Some(&died.receipt)).await;
        assert_eq!(names(&rest), ["text", "notice", "end"]);
        assert_eq!(rest[0].data, died.text.data);
        assert_eq!(
            rest[1].data["text"],
            "Interrupted. What is shown above had been done."
        );
        assert_eq!(rest[2].data["reason"], "stopped");
        assert_eq!(rest[2].data["tool_calls"].as_array().unwrap().len(), 1);
        assert_eq!(rest[2].data["usage"]["requests"], 2, "both left the server");
        let rest = read(&ana, Some(&died.text)).await;
        assert_eq!(names(&rest), ["notice", "end"]);
        // From the beginning, everything once.
        let all = read(&ana, None).await;
        assert_eq!(names(&all), ["turn", "receipt", "text", "notice", "end"]);
        assert_eq!(
            (all[1].id, &all[1].data),
            (died.receipt.id, &died.receipt.data)
        );
        assert_eq!(ana.tasks().await, "1 [ ] Vet");
        // To say it once more is harmless, and is answered with what there is.
        let again = ana.send("POST", "/chat", Some(message()), &EVENTS[1..]);
        let again = again.await.json();
        assert_eq!(again["message_id"], all[0].data["message_id"]);
        assert_eq!(again["response"], all[4].data["response"]);
        // The conversation goes on, and the receipt can be undone.
        let next = json!({ "message": "undo", "conversation_id": 1 });
        let next = ana.post("/chat", next).await;
        assert_eq!(next.status, 200, "{next:?}");
        assert_eq!(ana.tasks().await, "");
        assert_eq!(died.model.count(), 2);
    }
}

#[tokio::test]
async fn a_copy_that_was_heard_of_just_now_is_not_taken_for_dead() {
    for database in BOTH {
        let died = Died::on(database).await;
        let ana = died.at(SOON).await;
        let next = json!({ "message": "add buy milk", "conversation_id": 1 });
        let busy = ana.post("/chat", next).await;
        assert!(busy.problem().starts_with("409 still-writing"), "{busy:?}");
        let id = died.text.id.unwrap().to_string();
        let mut events = Events::of(events_from(&ana, &[("last-event-id", &id)]).await);
        let open = async {
            loop {
                let event = events.next().await.expect("it stays open");
                assert_eq!(event.name, "status", "{event:?}");
            }
        };
        let moment = Duration::from_millis(400);
        assert!(timeout(moment, open).await.is_err());
        let messages = ana.get("/conversations/1").await.json();
        assert_eq!(messages[1]["is_writing"], true, "{messages}");
        assert_eq!(ana.tasks().await, "1 [ ] Vet");
    }
}
