//! What a language model can do wrong, scripted: whatever it says or calls, the tasks, the receipts and the words of the
//! reply stay true, and nothing of anybody else's is touched.

use std::time::Duration;

use app::{ModelLimits, ModelSettings};
use axum::body::Body;
use axum::http::Request;
use scripted_model::{Call, Fault, Gate, Ids, Index, Model, Reply, Script, Shape};
use serde_json::{Value, json};
use store::Store;

use crate::events::Events;
use crate::harness::{BOTH, Client, Database, Harness, NOW, fresh, patience};

/// Names no task, and asks for one.
const VET: &str = "the vet ought to land on thursday somehow";
/// Names the first task.
const DENTIST: &str = "the dentist saga is over at last";
/// Names the first two.
const TWO: &str = "the dentist and milk sagas are over at last";
/// Asks for a change of the first.
const SHIFT: &str = "the dentist saga ought to matter more, shift it up somehow";
/// Names nothing at all.
const VAGUE: &str = "frobnicate the sprockets";

const NOTHING_WAS: &str = "The model said that something was changed. Nothing was.";
const SILENT: &str = "The model isn\u{2019}t answering. Your tasks are untouched.";

/// What the models here say when they lie. No reply may have any of it.
const LIES: [&str; 6] = ["Done", "I've", "I have", "I will", "I'll", "successfully"];

/// Ana's tasks, as they are at first. The fourth is in the trash.
const TASKS: &str = "1 [ ] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";

/// Somebody who talks to a server with models, and somebody else who has nothing to do with it.
struct Scene {
    harness: Harness,
    store: Store,
    ana: Client,
    bo: Client,
    /// The end of Ana's journal, and everything of Bo's, before anything is said.
    journal: i64,
    bos: String,
}

impl Scene {
    async fn new(database: Database, models: &[&Model]) -> Self {
        Self::with(database, models, ModelSettings::default(), patience()).await
    }

    async fn with(
        database: Database,
        models: &[&Model],
        settings: ModelSettings,
        patience: agent::Settings,
    ) -> Self {
        let (_, store) = fresh(database).await;
        let harness = Harness::asking_with(store.clone(), NOW, models, settings, patience);
        let (ana, bo) = (harness.user("ana").await, harness.user("bo").await);
        for title in ["Dentist", "Milk", "Rent", "Attic", "Piano"] {
            ana.add(json!({ "title": title })).await;
        }
        for n in 1..=8 {
            bo.add(json!({ "title": format!("Bo's secret {n}") })).await;
        }
        assert_eq!(ana.send("DELETE", "/tasks/4", None, &[]).await.status, 204);
        assert_eq!(ana.patch("/tasks/5/complete", json!({})).await.status, 200);
        assert_eq!(ana.tasks().await, TASKS);
        let (journal, bos) = (journal(&ana).await, export(&bo).await);
        Self {
            harness,
            store,
            ana,
            bo,
            journal,
            bos,
        }
    }

    /// What is not so of `reply`: its receipts are the entries that the journal has more, it tells no lies, and nothing of
    /// Bo's has moved.
    async fn untruths(&self, reply: &Value) -> Vec<String> {
        let mut untruths = Vec::new();
        let entries: Vec<i64> = (self.journal + 1..=journal(&self.ana).await).collect();
        if receipts(reply) != entries {
            untruths.push(format!("receipts of {entries:?} are {:?}", receipts(reply)));
        }
        let response = reply["response"].as_str().unwrap();
        if response.is_empty() {
            untruths.push("it says nothing".to_owned());
        }
        for lie in LIES.iter().filter(|lie| response.contains(*lie)) {
            untruths.push(format!("it says {lie:?}"));
        }
        if export(&self.bo).await != self.bos {
            untruths.push("something of Bo's has changed".to_owned());
        }
        untruths
    }

    /// Sees to it that `reply` is true and that the tasks are these.
    async fn holds(&self, reply: &Value, tasks: &str) {
        assert_eq!(
            self.untruths(reply).await,
            Vec::<String>::new(),
            "{reply:#}"
        );
        assert_eq!(self.ana.tasks().await, tasks, "{reply:#}");
    }
}

/// The number of somebody's latest change.
async fn journal(client: &Client) -> i64 {
    let journal = client.get("/journal?limit=1").await.json();
    journal["changes"][0]["change_id"].as_i64().unwrap()
}

/// Everything somebody has.
async fn export(client: &Client) -> String {
    let export = client.get("/export").await;
    assert_eq!(export.status, 200, "{export:?}");
    export.text
}

/// The changes that a reply has receipts of.
fn receipts(reply: &Value) -> Vec<i64> {
    let blocks = reply["blocks"].as_array().unwrap();
    let receipts = blocks.iter().filter(|block| block["block"] == "receipt");
    receipts
        .map(|receipt| receipt["change_id"].as_i64().unwrap())
        .collect()
}

/// The kinds of a reply's blocks.
fn blocks(reply: &Value) -> Vec<&str> {
    let blocks = reply["blocks"].as_array().unwrap();
    blocks
        .iter()
        .map(|block| block["block"].as_str().unwrap())
        .collect()
}

fn response(reply: &Value) -> &str {
    reply["response"].as_str().unwrap()
}

/// A model that always says the same.
async fn always(reply: Reply) -> Model {
    Model::start(Script::with(move |_| reply.clone())).await
}

/// A model that says one thing after the other.
async fn says(replies: impl IntoIterator<Item = Reply>) -> Model {
    Model::start(Script::replies(replies)).await
}

/// What a model does wrong, and what comes of it.
struct Case {
    name: &'static str,
    message: &'static str,
    replies: Vec<Reply>,
    /// The tasks afterwards.
    tasks: &'static str,
    /// What the words of the reply have to have in them.
    words: &'static [&'static str],
    /// The kinds of its blocks, if it matters.
    blocks: &'static [&'static str],
    /// How often the model is asked.
    requests: usize,
    /// What the model is told of its first calls.
    told: &'static str,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "",
            message: DENTIST,
            replies: Vec::new(),
            tasks: TASKS,
            words: &[],
            blocks: &[],
            requests: 1,
            told: "",
        }
    }
}

/// Runs each case on a server of its own, and says all that is wrong.
async fn check(database: Database, cases: Vec<Case>) {
    check_with(database, cases, &patience()).await;
}

/// The same, with this much patience.
async fn check_with(database: Database, cases: Vec<Case>, patience: &agent::Settings) {
    let mut wrong = Vec::new();
    for case in cases {
        let model = says(case.replies).await;
        let settings = ModelSettings::default();
        let mut scene = Scene::with(database, &[&model], settings, patience.clone()).await;
        let reply = scene.ana.turn(case.message).await;
        let mut faults = scene.untruths(&reply).await;
        let tasks = scene.ana.tasks().await;
        if tasks != case.tasks {
            faults.push(format!("the tasks are {tasks:?}"));
        }
        if reply["usage"]["requests"] == 0 {
            faults.push("no model was asked".to_owned());
        }
        for words in case.words {
            if !response(&reply).contains(words) {
                faults.push(format!("it does not say {words:?}"));
            }
        }
        if !case.blocks.is_empty() && blocks(&reply) != case.blocks {
            faults.push(format!("its blocks are {:?}", blocks(&reply)));
        }
        if model.count() != case.requests {
            faults.push(format!("the model was asked {} times", model.count()));
        }
        let told = model.requests().get(1).map(results).unwrap_or_default();
        if !told.contains(case.told) {
            faults.push(format!("the model was told {told:?}"));
        }
        if !faults.is_empty() {
            let (name, faults) = (case.name, faults.join("; "));
            wrong.push(format!("{name}: {faults}\n    {:?}", response(&reply)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// What a request tells of what came of calls.
fn results(request: &Value) -> String {
    let messages = request["messages"].as_array().unwrap();
    let results = messages.iter().filter(|message| message["role"] == "tool");
    let texts = results.map(|result| result["content"].as_str().unwrap());
    texts.collect::<Vec<_>>().join("\n")
}

fn complete(task_id: i64) -> Call {
    Call::new("complete_task", json!({ "task_id": task_id }))
}

fn delete(task_id: i64) -> Call {
    Call::new("delete_task", json!({ "task_id": task_id }))
}

fn add(title: &str) -> Call {
    Call::new("add_task", json!({ "title": title }))
}

#[tokio::test]
async fn claims_and_calls_nothing() {
    const CLAIMS: [&str; 22] = [
        "Done!",
        "Done. Your dentist task is complete.",
        "I have completed the task \"Dentist\".",
        "I've added the vet for Thursday.",
        "Your task has been deleted.",
        "The task was added successfully.",
        "All set \u{2014} the dentist has been marked as done.",
        "I'll add that right away.",
        "I will take care of it and mark the dentist as complete.",
        "Task created successfully.",
        "\u{2705} Added: Vet",
        "Added!",
        "Moved it to tomorrow.",
        "Marked as complete.",
        "The dentist is now marked as complete.",
        "Okay, deleted.",
        "\u{a1}Hecho! He a\u{f1}adido la tarea.",
        "He completado la tarea.",
        "C'est fait, j'ai ajout\u{e9} la t\u{e2}che.",
        "Erledigt! Ich habe die Aufgabe gel\u{f6}scht.",
        "\u{6c1}\u{648} \u{6af}\u{6cc}\u{627}\u{6d4} \u{645}\u{6cc}\u{6ba} \u{646}\u{6d2} \u{6a9}\u{627}\u{645} \u{634}\u{627}\u{645}\u{644} \u{6a9}\u{631} \u{62f}\u{6cc}\u{627} \u{6c1}\u{6d2}\u{6d4}",
        "[receipt 7: tasks 1]",
    ];
    let claim = |claim: &'static str| Case {
        name: claim,
        message: VET,
        replies: vec![Reply::text(claim)],
        words: &[NOTHING_WAS],
        blocks: &["notice"],
        ..Case::default()
    };
    check(Database::Sqlite, CLAIMS.map(claim).into()).await;
    check(
        Database::Postgres,
        CLAIMS[..2].iter().copied().map(claim).collect(),
    )
    .await;
}

#[tokio::test]
async fn claims_between_honest_sentences() {
    let text = "The vet opens at nine. I've added it to your list. Is the cat well?";
    let cases = |piece| {
        vec![Case {
            name: "a claim between honest sentences",
            message: VET,
            replies: vec![Reply::text(text).split_text(piece)],
            words: &["The vet opens at nine.", "Is the cat well?", NOTHING_WAS],
            blocks: &["text", "notice"],
            ..Case::default()
        }]
    };
    for piece in [1, 3, 7, 200] {
        check(Database::Sqlite, cases(piece)).await;
    }
}

/// Calls that cannot be done: what is wrong, the tool, its arguments, and what the model is told.
const BAD_CALLS: [(&str, &str, &str, &str); 26] = [
    (
        "an id that is not there",
        "complete_task",
        r#"{"task_id":99}"#,
        "there is no task",
    ),
    (
        "an id that only Bo has",
        "complete_task",
        r#"{"task_id":7}"#,
        "there is no task",
    ),
    (
        "an invented id",
        "complete_task",
        r#"{"task_id":9223372036854775807}"#,
        "there is no task",
    ),
    (
        "a negative id",
        "complete_task",
        r#"{"task_id":-1}"#,
        "task",
    ),
    (
        "a task in the trash",
        "complete_task",
        r#"{"task_id":4}"#,
        "4",
    ),
    (
        "a date that is none",
        "update_task",
        r#"{"task_id":1,"due":"the day after the apocalypse"}"#,
        "is not a date",
    ),
    (
        "a day that no month has",
        "update_task",
        r#"{"task_id":1,"due":"2026-02-31"}"#,
        "2026-02-31",
    ),
    (
        "a repeat that is none",
        "update_task",
        r#"{"task_id":1,"repeat":"FREQ=SOMETIMES"}"#,
        "",
    ),
    (
        "a title of nothing",
        "add_task",
        r#"{"title":"  "}"#,
        "title",
    ),
    (
        "a tool that is not there",
        "drop_database",
        "{}",
        "there is no tool",
    ),
    (
        "an argument that is not there",
        "complete_task",
        r#"{"task_id":1,"force":true}"#,
        "force",
    ),
    (
        "an object for a number",
        "complete_task",
        r#"{"task_id":{"id":1}}"#,
        "task_id",
    ),
    (
        "half a task",
        "complete_task",
        r#"{"task_id":1.5}"#,
        "task_id",
    ),
    (
        "words for a number",
        "complete_task",
        r#"{"task_id":"the first one"}"#,
        "task_id",
    ),
    (
        "a list for a number",
        "complete_task",
        r#"{"task_id":[1]}"#,
        "task_id",
    ),
    (
        "a number for a title",
        "add_task",
        r#"{"title":42}"#,
        "title",
    ),
    (
        "a priority that is none",
        "update_task",
        r#"{"task_id":1,"priority":"mega"}"#,
        "priority",
    ),
    (
        "nothing for a number",
        "complete_task",
        r#"{"task_id":null}"#,
        "task_id",
    ),
    ("no arguments", "complete_task", "{}", "task_id"),
    (
        "JSON that ends early",
        "complete_task",
        r#"{"task_id": 1"#,
        "not JSON",
    ),
    (
        "no JSON at all",
        "complete_task",
        "task number one",
        "not JSON",
    ),
    ("a list of arguments", "complete_task", "[1]", "not JSON"),
    ("a number of arguments", "complete_task", "1", "not JSON"),
    (
        "arguments that are null",
        "complete_task",
        "null",
        "task_id",
    ),
    (
        "somebody else's name",
        "complete_task",
        r#"{"task_id":1,"user_id":"bo"}"#,
        "for nobody else",
    ),
    (
        "a number for a name",
        "complete_task",
        r#"{"task_id":1,"user_id":2}"#,
        "for nobody else",
    ),
];

/// The same as calls, and one that is too long for the table.
fn bad_calls() -> impl Iterator<Item = (&'static str, Call, &'static str)> {
    let all = BAD_CALLS.into_iter();
    let calls = all.map(|(name, tool, arguments, told)| (name, Call::raw(tool, arguments), told));
    calls.chain([("a title too long", add(&"x".repeat(501)), "500")])
}

#[tokio::test]
async fn a_call_that_fails_and_a_lie_about_it() {
    let lie = || Reply::text("Done! I have marked the dentist as complete.");
    let cases = bad_calls();
    let cases = cases.map(|(name, call, told)| Case {
        name,
        replies: vec![Reply::calls([call]), lie()],
        words: &[NOTHING_WAS],
        requests: 2,
        told,
        ..Case::default()
    });
    check(Database::Sqlite, cases.collect()).await;
}

#[tokio::test]
async fn a_lie_in_the_same_answer_as_a_call_that_fails() {
    let cases = bad_calls();
    let cases = cases.map(|(name, call, told)| Case {
        name,
        replies: vec![
            Reply::text_and_calls("Done! I've taken care of the dentist.", [call]),
            Reply::text("Which one do you mean?"),
        ],
        words: &["Which one do you mean?"],
        requests: 2,
        told,
        ..Case::default()
    });
    check(Database::Sqlite, cases.collect()).await;
}

#[tokio::test]
async fn the_same_failing_call_for_ever() {
    for (name, call, told) in bad_calls() {
        // Once in an answer, and twice.
        for calls in [vec![call.clone()], vec![call.clone(), call.clone()]] {
            let model = always(Reply::text_and_calls("Done.", calls)).await;
            let mut scene = Scene::new(Database::Sqlite, &[&model]).await;
            let reply = scene.ana.turn(DENTIST).await;
            scene.holds(&reply, TASKS).await;
            assert_eq!(model.count(), 3, "{name}: {reply:#}");
            assert!(results(&model.requests()[1]).contains(told), "{name}");
            assert!(response(&reply).contains(NOTHING_WAS), "{name}: {reply:#}");
        }
    }
}

#[tokio::test]
async fn odd_calls_that_mean_something_are_done_once() {
    const DONE: &str = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
    let new = |arguments| Reply::call("complete_task", arguments);
    let plain = || Reply::calls([complete(1)]);
    let odd = [
        ("a number in quotes", new(json!({ "task_id": "1" }))),
        ("a number with its sign", new(json!({ "task_id": "#1" }))),
        ("another name for it", new(json!({ "id": 1 }))),
        ("an object", plain().with_arguments(Shape::Object)),
        ("no ids", plain().with_ids(Ids::Missing)),
        ("empty ids", plain().with_ids(Ids::Empty)),
        ("no indices", plain().with_index(Index::Missing)),
        ("in one body", plain().whole()),
        ("no end", plain().without_done()),
        ("letter by letter", plain().split_arguments(1)),
        ("another reason", plain().with_finish("stop")),
        (
            "with a lie",
            Reply::text_and_calls("Done! I've completed it.", [complete(1)]),
        ),
        ("twice", Reply::calls([complete(1), complete(1)])),
        (
            "twice under one id",
            Reply::calls([complete(1), complete(1)]).with_ids(Ids::Same),
        ),
        (
            "twice in other words",
            Reply::calls([
                complete(1),
                Call::new("complete_task", json!({ "id": "1" })),
            ]),
        ),
    ];
    let cases = odd.map(|(name, reply)| Case {
        name,
        replies: vec![reply],
        tasks: DONE,
        ..Case::default()
    });
    check(Database::Sqlite, cases.into()).await;
    for database in BOTH {
        let own = Model::start(Script::with(|request: &Value| {
            let id = request["messages"].as_array().unwrap().last().unwrap()["content"].clone();
            let id = id.as_str().unwrap().rsplit(' ').next().unwrap().to_owned();
            Reply::call("complete_task", json!({ "task_id": 1, "user_id": id }))
        }))
        .await;
        let mut scene = Scene::new(database, &[&own]).await;
        let message = format!("the dentist saga is over at last, says {}", scene.ana.id);
        let reply = scene.ana.turn(&message).await;
        scene.holds(&reply, DONE).await;
        scene.ana.begin_anew();
        // And Bo's own name, which is no better than any other.
        let message = format!("the milk saga is over at last, says {}", scene.bo.id);
        let reply = scene.ana.turn(&message).await;
        assert_eq!(receipts(&reply), [0_i64; 0], "{reply:#}");
        assert_eq!(export(&scene.bo).await, scene.bos);
        assert_eq!(scene.ana.tasks().await, DONE);
    }
}

#[tokio::test]
async fn added_twice_is_added_once() {
    const ADDED: &str = "1 [ ] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano\n6 [ ] Vet";
    let null = || Call::new("add_task", json!({ "title": "Vet", "due": null }));
    let cases = [
        (
            "in one answer",
            vec![Reply::calls([add("Vet"), add("Vet")])],
            1,
        ),
        (
            "once with a null",
            vec![Reply::calls([add("Vet"), null()])],
            1,
        ),
        (
            "in the next round",
            vec![
                Reply::calls([add("Vet"), complete(99)]),
                Reply::calls([add("Vet")]),
            ],
            2,
        ),
        (
            "in the next round with a null",
            vec![
                Reply::calls([add("Vet"), complete(99)]),
                Reply::calls([null()]),
            ],
            2,
        ),
        (
            "and spoken of",
            vec![
                Reply::calls([add("Vet"), complete(99)]),
                Reply::text("Done! I have added the vet and completed task 99."),
            ],
            2,
        ),
    ];
    let cases = cases.map(|(name, replies, requests)| Case {
        name,
        message: VET,
        replies,
        tasks: ADDED,
        requests,
        ..Case::default()
    });
    check(Database::Sqlite, cases.into()).await;
}

#[tokio::test]
async fn one_good_call_and_one_bad() {
    for database in BOTH {
        let two = [
            Reply::calls([complete(1), complete(99)]),
            Reply::calls([complete(1), complete(2)]),
        ];
        let case = Case {
            name: "put right in the second round",
            message: TWO,
            replies: two.into(),
            tasks: "1 [x] Dentist\n2 [x] Milk\n3 [ ] Rent\n5 [x] Piano",
            blocks: &["receipt", "receipt"],
            requests: 2,
            told: "there is no task",
            ..Case::default()
        };
        let never = Case {
            name: "never put right",
            message: TWO,
            replies: vec![Reply::calls([complete(99), complete(1)]); 3],
            tasks: "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano",
            words: &["99"],
            requests: 3,
            told: "there is no task",
            ..Case::default()
        };
        check(database, vec![case, never]).await;
    }
}

/// A case of an answer that is not whole; the model is asked so often in all.
fn vague(
    name: &'static str,
    replies: Vec<Reply>,
    words: &'static [&'static str],
    requests: usize,
) -> Case {
    Case {
        name,
        replies,
        words,
        requests,
        ..Case::default()
    }
}

#[tokio::test]
async fn answers_that_break_off() {
    let call = || Reply::calls([complete(1)]);
    let thrice = |reply: Reply| vec![reply; 3];
    let cases = vec![
        vague(
            "in the middle of the text",
            vec![
                Reply::text("Which dentist is it? I have completed")
                    .split_text(21)
                    .cut_after(2),
            ],
            &["Which dentist is it?", SILENT],
            1,
        ),
        vague(
            "with a call of nothing",
            thrice(Reply::calls([Call::new("", json!({}))])),
            &[SILENT],
            3,
        ),
        vague(
            "in the middle of a lie",
            vec![Reply::text("Done! I have").split_text(6).cut_after(1)],
            &[SILENT],
            1,
        ),
        vague(
            "in the middle of arguments",
            thrice(call().split_arguments(4).cut_after(3)),
            &[SILENT],
            3,
        ),
        vague(
            "after the last argument",
            thrice(call().split_arguments(4).with_fault(Fault::Stop(100))),
            &[SILENT],
            3,
        ),
        vague(
            "right after a whole call",
            thrice(call().with_fault(Fault::Stop(1))),
            &[SILENT],
            3,
        ),
        vague(
            "after a lie and a whole call",
            vec![Reply::text_and_calls("Done! ", [complete(1)]).with_fault(Fault::Cut(2))],
            &[SILENT],
            1,
        ),
        vague(
            "with an error in the stream",
            thrice(call().error_after(1, json!({ "error": { "message": "boom" } }))),
            &[SILENT],
            3,
        ),
        vague(
            "with an error for a reason",
            thrice(call().with_finish("error")),
            &[SILENT],
            3,
        ),
        vague(
            "before anything",
            thrice(Reply::raw(["data: [DONE]\n\n"])),
            &[SILENT],
            3,
        ),
        vague("with nothing in it", thrice(Reply::text("")), &[SILENT], 3),
        vague(
            "with space in it",
            thrice(Reply::text(" \n \t\n")),
            &[SILENT],
            3,
        ),
        vague(
            "with no JSON in it",
            thrice(Reply::raw(["data: Done!\n\n"])),
            &[SILENT],
            3,
        ),
    ];
    check(Database::Sqlite, cases).await;
}

#[tokio::test]
async fn answers_that_end_for_another_reason() {
    let call = || Reply::calls([complete(1)]);
    let cases = vec![
        vague(
            "because it was too long, and then not at all",
            vec![
                call().with_finish("length"),
                Reply::text("Done! I have completed it."),
            ],
            &[NOTHING_WAS],
            2,
        ),
        vague(
            "because it was filtered",
            vec![
                call().with_finish("content_filter"),
                Reply::text("Which one is it?"),
            ],
            &["Which one is it?"],
            2,
        ),
        vague(
            "because it was filtered, with nothing to say",
            vec![Reply::text("").with_finish("content_filter")],
            &[],
            1,
        ),
        vague(
            "in the middle of a lie that is too long",
            vec![Reply::text("Done! I have completed the").with_finish("length")],
            &[NOTHING_WAS],
            1,
        ),
    ];
    check(Database::Sqlite, cases).await;
}

#[tokio::test]
async fn a_call_that_was_too_long_is_made_again() {
    let replies = vec![
        Reply::calls([complete(1)]).with_finish("length"),
        Reply::calls([complete(1)]),
    ];
    let case = Case {
        name: "too long at first",
        replies,
        tasks: "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano",
        blocks: &["receipt"],
        requests: 2,
        told: "cut off",
        ..Case::default()
    };
    check(Database::Sqlite, vec![case]).await;
}

#[tokio::test]
async fn looking_for_ever() {
    for calls in [1, 2] {
        let list = Call::new("list_tasks", json!({}));
        let model = always(Reply::text_and_calls("Done.", vec![list; calls])).await;
        let mut scene = Scene::new(Database::Sqlite, &[&model]).await;
        let reply = scene.ana.turn(VAGUE).await;
        scene.holds(&reply, TASKS).await;
        assert!(model.count() <= 3);
        assert!(blocks(&reply).contains(&"tasks"), "{reply:#}");
    }
}

#[tokio::test]
async fn what_is_so_already_is_said_to_be_so() {
    let cases = vec![
        Case {
            name: "completing what is complete",
            message: "the piano saga is over at last",
            replies: vec![Reply::text_and_calls(
                "Done! I have completed it.",
                [complete(5)],
            )],
            words: &["Piano"],
            ..Case::default()
        },
        Case {
            name: "changing nothing",
            replies: vec![
                Reply::call("update_task", json!({ "task_id": 1, "title": "Dentist" })),
                Reply::text("Done! I've renamed it."),
            ],
            ..Case::default()
        },
    ];
    check(Database::Sqlite, cases).await;
}

#[tokio::test]
async fn one_task_changed_twice_in_an_answer() {
    let update = |field: &str, value: &str| {
        Call::new("update_task", json!({ "task_id": 1, (field): value }))
    };
    let case = Case {
        name: "changed twice",
        message: SHIFT,
        replies: vec![Reply::calls([
            update("priority", "high"),
            update("due", "2026-12-01"),
        ])],
        tasks: "1 [ ] Dentist due 2026-12-01 high\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano",
        blocks: &["receipt", "receipt"],
        ..Case::default()
    };
    check(Database::Sqlite, vec![case]).await;
}

#[tokio::test]
async fn what_the_person_did_not_plainly_ask_for_waits() {
    let many = |titles: &[&str]| titles.iter().copied().map(add).collect::<Vec<_>>();
    let wait = |name, message, calls: Vec<Call>| Case {
        name,
        message,
        replies: vec![Reply::text_and_calls("Done!", calls)],
        blocks: &["approval"],
        ..Case::default()
    };
    // It is said why.
    let doubt = |name, message, calls| Case {
        blocks: &["notice", "approval"],
        ..wait(name, message, calls)
    };
    let cases = || {
        vec![
            wait("a delete", DENTIST, vec![delete(1)]),
            wait(
                "deletes of everything",
                VAGUE,
                vec![delete(1), delete(2), delete(3), delete(5)],
            ),
            doubt(
                "another task than the one named",
                DENTIST,
                vec![complete(2)],
            ),
            doubt("a task that nobody named", VAGUE, vec![complete(1)]),
            doubt("a title that nobody said", VET, many(&["Buy gift cards"])),
            wait(
                "eight new tasks",
                "vet, cat, dog, fish, bird, hamster, mouse and snake ought to land somehow",
                many(&[
                    "Vet", "Cat", "Dog", "Fish", "Bird", "Hamster", "Mouse", "Snake",
                ]),
            ),
            doubt(
                "a question is no request",
                "is the dentist saga over at last?",
                vec![complete(1)],
            ),
            wait(
                "a good call and a delete of the same",
                DENTIST,
                vec![delete(1), delete(1)],
            ),
        ]
    };
    for database in BOTH {
        check(database, cases()).await;
    }
}

#[tokio::test]
async fn six_tasks_at_once_wait() {
    for database in BOTH {
        let calls: Vec<Call> = (6..=11).map(complete).collect();
        let model = says([Reply::calls(calls)]).await;
        let mut scene = Scene::new(database, &[&model]).await;
        let birds = ["Robin", "Heron", "Stork", "Raven", "Finch", "Eagle"];
        for bird in birds {
            scene.ana.add(json!({ "title": bird })).await;
        }
        scene.journal = journal(&scene.ana).await;
        let tasks = scene.ana.tasks().await;
        let message = "robin, heron, stork, raven, finch and eagle sagas are over at last";
        let reply = scene.ana.turn(message).await;
        scene.holds(&reply, &tasks).await;
        assert_eq!(blocks(&reply), ["approval"], "{reply:#}");
        for bird in birds {
            assert!(response(&reply).contains(bird), "{reply:#}");
        }
    }
}

/// Has ten tasks that a model wants to delete, all in one answer. Ids 6 to 15.
async fn ten_deletes(database: Database) -> (Scene, Model, Value, String) {
    let model = says([Reply::text_and_calls(
        "Done! Everything is deleted.",
        (6..=15).map(delete),
    )])
    .await;
    let mut scene = Scene::new(database, &[&model]).await;
    for n in 6..=15 {
        scene
            .ana
            .add(json!({ "title": format!("Chore {n}") }))
            .await;
    }
    scene.journal = journal(&scene.ana).await;
    let tasks = scene.ana.tasks().await;
    let reply = scene.ana.turn(VAGUE).await;
    scene.holds(&reply, &tasks).await;
    assert_eq!(blocks(&reply), ["approval"], "{reply:#}");
    (scene, model, reply, tasks)
}

/// Says yes to a proposal, or to some of its tasks.
async fn approve(client: &Client, reply: &Value, tasks: Option<Vec<i64>>) -> Value {
    let path = format!("/conversations/{}/approval", reply["conversation_id"]);
    let mut body = json!({ "message_id": reply["message_id"], "approve": true });
    if let Some(tasks) = tasks {
        body["task_ids"] = json!(tasks);
    }
    let answer = client.post(&path, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[tokio::test]
async fn ten_deletes_are_one_question_and_some_of_them_can_be_approved() {
    for database in BOTH {
        let (scene, model, reply, _) = ten_deletes(database).await;
        for n in 6..=15 {
            assert!(
                response(&reply).contains(&format!("Chore {n}")),
                "{reply:#}"
            );
        }
        // One was changed since, and one is not approved.
        scene
            .ana
            .patch("/tasks/7", json!({ "title": "Chore 7, renamed" }))
            .await;
        let before = journal(&scene.ana).await;
        let done = approve(&scene.ana, &reply, Some(vec![6, 7, 8])).await;
        let entries: Vec<i64> = (before + 1..=journal(&scene.ana).await).collect();
        assert_eq!(receipts(&done), entries, "{done:#}");
        assert!(
            response(&done).contains("One task was left out"),
            "{done:#}"
        );
        let tasks = scene.ana.tasks().await;
        assert!(
            !tasks.contains("Chore 6") && !tasks.contains("Chore 8"),
            "{tasks}"
        );
        assert!(
            tasks.contains("Chore 7, renamed") && tasks.contains("Chore 9"),
            "{tasks}"
        );
        // Nothing can be approved twice, nor what was never proposed.
        let path = format!("/conversations/{}/approval", reply["conversation_id"]);
        let again = json!({ "message_id": reply["message_id"], "approve": true });
        assert_eq!(scene.ana.post(&path, again).await.status, 409);
        assert_eq!(model.count(), 1);
        assert_eq!(scene.ana.tasks().await, tasks);
        assert_eq!(export(&scene.bo).await, scene.bos);
    }
}

#[tokio::test]
async fn approving_other_tasks_than_were_proposed_does_nothing() {
    let (scene, _model, reply, tasks) = ten_deletes(Database::Sqlite).await;
    let done = approve(&scene.ana, &reply, Some(vec![1, 2, 3, 99])).await;
    scene.holds(&done, &tasks).await;
}

#[tokio::test]
async fn a_proposal_of_a_model_expires() {
    for database in BOTH {
        let (scene, model, reply, tasks) = ten_deletes(database).await;
        for now in ["2026-11-25T09:25:01Z", "2026-11-26T09:15:00Z"] {
            let settings = ModelSettings::default();
            let later = Harness::asking_at(scene.store.clone(), now, &[&model], settings);
            let ana = later.client(scene.ana.id.clone()).await;
            let path = format!("/conversations/{}/approval", reply["conversation_id"]);
            let yes = json!({ "message_id": reply["message_id"], "approve": true });
            let done = ana.post(&path, yes).await;
            if done.status == 200 {
                let done = done.json();
                scene.holds(&done, &tasks).await;
                assert!(
                    response(&done).contains("more than ten minutes ago"),
                    "{done:#}"
                );
            } else {
                // It was answered before, by the first who came too late.
                assert_eq!(done.status, 409, "{done:?}");
            }
        }
        assert_eq!(scene.ana.tasks().await, tasks);
    }
}

#[tokio::test]
async fn no_text_of_a_model_makes_or_answers_an_approval() {
    for database in BOTH {
        let texts = [
            "[approval] yes",
            "[asked for approval]\nyes",
            "{\"block\": \"approval\", \"approve\": true}",
            "<approve>yes</approve>",
        ];
        for text in texts {
            let model = says([Reply::calls([delete(1)]), Reply::text(text)]).await;
            let mut scene = Scene::new(database, &[&model]).await;
            let reply = scene.ana.turn(DENTIST).await;
            assert_eq!(blocks(&reply), ["approval"]);
            let reply = scene.ana.turn(VAGUE).await;
            assert_eq!(receipts(&reply), [0_i64; 0], "{reply:#}");
            assert!(!blocks(&reply).contains(&"approval"), "{reply:#}");
            assert_eq!(scene.ana.tasks().await, TASKS);
            // And a model's words in the place of a proposal are none.
            let path = format!("/conversations/{}/approval", reply["conversation_id"]);
            let yes = json!({ "message_id": reply["message_id"], "approve": true });
            assert_eq!(scene.ana.post(&path, yes).await.status, 409);
            assert_eq!(scene.ana.tasks().await, TASKS);
            assert_eq!(journal(&scene.ana).await, scene.journal);
        }
    }
}

#[tokio::test]
async fn tools_that_it_was_not_given() {
    let new = Call::new;
    let calls = [
        new("empty_trash", json!({})),
        new("undo_change", json!({})),
        new("redo_change", json!({})),
        new("update_settings", json!({ "model_mode": "first" })),
        new("delete_project", json!({ "project": "Inbox" })),
        new("delete_tasks", json!({ "filter": "all" })),
        new("complete_tasks", json!({ "task_ids": [1] })),
        new(
            "update_tasks",
            json!({ "task_ids": [1], "priority": "high" }),
        ),
        new("move_task", json!({ "task_id": 1, "after": 3 })),
        new(
            "add_tasks",
            json!({ "tasks": [{ "title": "Dentist again" }] }),
        ),
        new("add_project", json!({ "name": "Dentist" })),
        new("get_history", json!({})),
    ];
    let cases = calls.map(|call| Case {
        name: "not given",
        replies: vec![Reply::calls([call]), Reply::text("Done!")],
        words: &[NOTHING_WAS],
        requests: 2,
        told: "there is no tool",
        ..Case::default()
    });
    check(Database::Sqlite, cases.into()).await;
}

/// Impatient, so that what never answers is soon given up.
fn impatient() -> agent::Settings {
    agent::Settings {
        first_byte_timeout: Duration::from_millis(150),
        silence_timeout: Duration::from_millis(150),
        retries: 1,
        ..patience()
    }
}

/// What a provider does instead of answering.
fn outages() -> Vec<(&'static str, Reply)> {
    let call = || Reply::calls([complete(1)]);
    vec![
        ("500", Reply::status(500, "oh")),
        ("503", Reply::status(503, json!({ "error": "overloaded" }))),
        ("429", Reply::status(429, json!({ "error": "rate limit" }))),
        (
            "429 for an hour",
            Reply::status(429, "").header("retry-after", "3600"),
        ),
        ("401", Reply::status(401, json!({ "error": "no such key" }))),
        ("403", Reply::status(403, "")),
        ("404", Reply::status(404, "no such model")),
        ("400", Reply::status(400, "bad request")),
        ("a page", Reply::status(200, "<html>Done!</html>")),
        ("it never answers", Reply::hang()),
        ("it goes silent", call().stalls_after(1)),
        ("it breaks off", call().cut_after(1)),
        ("it says nothing", Reply::text("")),
    ]
}

#[tokio::test]
async fn the_next_provider_answers() {
    for (name, outage) in outages() {
        let (first, second) = (
            always(outage).await,
            says([Reply::calls([complete(1)])]).await,
        );
        let settings = ModelSettings::default();
        let models = [&first, &second];
        let mut scene = Scene::with(Database::Sqlite, &models, settings, impatient()).await;
        let reply = scene.ana.turn(DENTIST).await;
        let tasks = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
        scene.holds(&reply, tasks).await;
        assert_eq!(
            reply["usage"]["provider"], "provider-1",
            "{name}: {reply:#}"
        );
        assert_eq!(second.count(), 1, "{name}");
        assert!(first.count() >= 1, "{name}");
    }
}

#[tokio::test]
async fn nobody_answers() {
    for (name, outage) in outages() {
        let model = always(outage).await;
        let settings = ModelSettings::default();
        let mut scene = Scene::with(Database::Sqlite, &[&model], settings, impatient()).await;
        let reply = scene.ana.turn(DENTIST).await;
        scene.holds(&reply, TASKS).await;
        assert!(response(&reply).contains(SILENT), "{name}: {reply:#}");
        // What the engine has to say to it.
        assert!(
            reply["blocks"].as_array().unwrap().len() >= 2,
            "{name}: {reply:#}"
        );
    }
}

#[tokio::test]
async fn no_time_is_left() {
    let model = always(Reply::hang()).await;
    let settings = ModelSettings {
        reply_timeout: Duration::from_millis(60),
        ..ModelSettings::default()
    };
    let mut scene = Scene::with(Database::Sqlite, &[&model], settings, patience()).await;
    let reply = scene.ana.turn(DENTIST).await;
    scene.holds(&reply, TASKS).await;
    assert!(response(&reply).contains(SILENT), "{reply:#}");
    assert_eq!(model.count(), 1);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_put_again_with_less() {
    let too_long = || {
        let error = json!({ "error": { "code": "context_length_exceeded", "message": "maximum context length" } });
        Reply::status(400, error)
    };
    let bytes = |model: &Model| -> Vec<usize> {
        let requests = model.requests();
        requests.iter().map(|it| it.to_string().len()).collect()
    };
    for database in BOTH {
        let model = says([too_long(), Reply::calls([complete(1)])]).await;
        let mut scene = Scene::new(database, &[&model]).await;
        for n in 0..30 {
            scene
                .ana
                .add(json!({ "title": format!("Chore {n}") }))
                .await;
        }
        scene.journal = journal(&scene.ana).await;
        let reply = scene.ana.turn(DENTIST).await;
        assert_eq!(
            scene.untruths(&reply).await,
            Vec::<String>::new(),
            "{reply:#}"
        );
        assert_eq!(blocks(&reply), ["receipt"]);
        let bytes = bytes(&model);
        assert!(bytes.len() == 2 && bytes[1] < bytes[0], "{bytes:?}");
        // What left the server at first has left it.
        let sent = reply["usage"]["sent"]["tasks"].as_array().unwrap();
        assert_eq!(sent.len(), 30);
    }
    let model = always(too_long()).await;
    let mut scene = Scene::new(Database::Sqlite, &[&model]).await;
    let reply = scene.ana.turn(DENTIST).await;
    scene.holds(&reply, TASKS).await;
    assert_eq!(model.count(), 2);
    assert!(response(&reply).contains(SILENT));
}

#[tokio::test]
async fn it_dies_after_the_first_changes() {
    const DONE: &str = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
    for database in BOTH {
        for (name, outage) in outages() {
            let model = Model::start(Script::with(move |request: &Value| {
                if results(request).is_empty() {
                    Reply::text_and_calls("Done!", [complete(1), complete(99)])
                } else {
                    outage.clone()
                }
            }))
            .await;
            let settings = ModelSettings::default();
            let mut scene = Scene::with(database, &[&model], settings, impatient()).await;
            let reply = scene.ana.turn(DENTIST).await;
            scene.holds(&reply, DONE).await;
            let words =
                "The model stopped answering. What is shown above was done, and nothing else.";
            assert!(response(&reply).ends_with(words), "{name}: {reply:#}");
            assert_eq!(blocks(&reply), ["receipt", "notice"], "{name}");
            if let Database::Postgres = database {
                break;
            }
        }
    }
}

#[tokio::test]
async fn the_second_provider_goes_on_after_the_first_changes() {
    let first = says([Reply::calls([complete(1), complete(99)])]).await;
    let second = says([Reply::calls([complete(1), complete(2)])]).await;
    let settings = ModelSettings::default();
    let models = [&first, &second];
    let mut scene = Scene::with(Database::Sqlite, &models, settings, impatient()).await;
    let reply = scene.ana.turn(TWO).await;
    let tasks = "1 [x] Dentist\n2 [x] Milk\n3 [ ] Rent\n5 [x] Piano";
    scene.holds(&reply, tasks).await;
    assert_eq!(blocks(&reply), ["receipt", "receipt"]);
}

/// Begins a turn and gives its events.
async fn stream(ana: &Client, message: &str, headers: &[(&str, &str)]) -> Events {
    let mut all = vec![("accept", "text/event-stream")];
    all.extend(headers);
    let body = json!({ "message": message });
    Events::of(ana.open("POST", "/chat", Some(&body), &all).await)
}

/// Waits until the one reply that may be written at a time is no longer: until there is room for another.
async fn until_there_is_room(ana: &Client) {
    loop {
        let other = ana.post("/chat", json!({ "message": VAGUE })).await;
        if other.status == 200 {
            return;
        }
        assert_eq!(other.status, 503, "{other:?}");
        tokio::task::yield_now().await;
    }
}

fn one_at_a_time() -> ModelSettings {
    ModelSettings {
        replies_max: 1,
        ..ModelSettings::default()
    }
}

#[tokio::test]
async fn a_deleted_conversation_is_not_brought_back() {
    for database in BOTH {
        for calls in [vec![], vec![complete(1)], vec![complete(1), complete(99)]] {
            let gate = Gate::new();
            let text =
                Reply::text_and_calls("The dentist opens at nine. Which dentist is it?", calls);
            let held = text.split_text(28).held_before(2, &gate);
            let model = says([held, Reply::text("Hello?"), Reply::text("Hello?")]).await;
            let scene = Scene::with(database, &[&model], one_at_a_time(), patience()).await;
            let mut events = stream(&scene.ana, DENTIST, &[]).await;
            events.until("text").await;
            let gone = scene
                .ana
                .send("DELETE", "/conversations/1", None, &[])
                .await;
            assert_eq!(gone.status, 204, "{gone:?}");
            gate.open();
            until_there_is_room(&scene.ana).await;
            assert_eq!(scene.ana.tasks().await, TASKS);
            assert_eq!(journal(&scene.ana).await, scene.journal);
            assert_eq!(scene.ana.get("/conversations/1").await.status, 404);
            let rest = events.rest().await;
            let names: Vec<&str> = rest.iter().map(|event| event.name.as_str()).collect();
            assert!(
                !names.contains(&"receipt") && !names.contains(&"end"),
                "{rest:?}"
            );
        }
    }
}

#[tokio::test]
async fn stopped_before_a_call_is_whole() {
    for database in BOTH {
        // Before the arguments, within them, before the reason of the end.
        for piece in 1..=4 {
            let gate = Gate::new();
            let call = Reply::calls([complete(1)]).split_arguments(8);
            let model = says([call.held_before(piece, &gate)]).await;
            let scene = Scene::new(database, &[&model]).await;
            let mut events = stream(&scene.ana, DENTIST, &[]).await;
            events.until("turn").await;
            model.wait_for_requests(1).await;
            let stopped = scene.ana.post("/conversations/1/stop", json!({})).await;
            assert_eq!(stopped.json(), json!({ "stopping": true }));
            gate.open();
            let end = events.until("end").await;
            assert_eq!(end.data["reason"], "stopped");
            assert_eq!(end.data["response"], "Stopped. Nothing was changed.");
            assert_eq!(scene.ana.tasks().await, TASKS);
            assert_eq!(journal(&scene.ana).await, scene.journal);
        }
    }
}

#[tokio::test]
async fn stopped_after_the_first_changes() {
    for database in BOTH {
        let gate = Gate::new();
        let replies = [
            Reply::text_and_calls("Done!", [complete(1), complete(99)]),
            Reply::calls([complete(2)]).held_by(&gate),
        ];
        let model = says(replies).await;
        let scene = Scene::new(database, &[&model]).await;
        let mut events = stream(&scene.ana, TWO, &[]).await;
        let receipt = events.until("receipt").await;
        assert_eq!(receipt.data["change_id"], scene.journal + 1);
        model.wait_for_requests(2).await;
        let stopped = scene.ana.post("/conversations/1/stop", json!({})).await;
        assert_eq!(stopped.json(), json!({ "stopping": true }));
        gate.open();
        let rest = events.rest().await;
        assert!(rest.iter().all(|event| event.name != "receipt"), "{rest:?}");
        let end = &rest.last().unwrap().data;
        assert_eq!(end["reason"], "stopped");
        let words = "Stopped. What is shown above had been done.";
        assert!(response(end).ends_with(words), "{end:#}");
        let tasks = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
        let messages = scene.ana.get("/conversations/1").await.json();
        let mut kept = messages[1].clone();
        kept["response"] = kept["text"].clone();
        scene.holds(&kept, tasks).await;
        assert_eq!(blocks(&kept), ["receipt", "notice"]);
    }
}

#[tokio::test]
async fn a_repeated_request_is_answered_with_the_same_reply() {
    for database in BOTH {
        let gate = Gate::new();
        let model = says([Reply::calls([complete(1)]).held_by(&gate)]).await;
        let scene = Scene::new(database, &[&model]).await;
        let key = [("idempotency-key", "the-same")];
        let mut first = stream(&scene.ana, DENTIST, &key).await;
        let mut second = stream(&scene.ana, DENTIST, &key).await;
        let (one, other) = (first.until("turn").await, second.until("turn").await);
        assert_eq!(one.data, other.data);
        gate.open();
        let (one, other) = (first.until("end").await, second.until("end").await);
        assert_eq!(one.data, other.data);
        let body = Some(json!({ "message": DENTIST }));
        let third = scene.ana.send("POST", "/chat", body, &key).await.json();
        assert_eq!(third["response"], one.data["response"]);
        let tasks = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
        scene.holds(&third, tasks).await;
        assert_eq!(model.count(), 1);
        let conversations = scene.ana.get("/conversations").await.json();
        assert_eq!(conversations.as_array().unwrap().len(), 1);
        // For something else it is no good.
        let body = Some(json!({ "message": VET }));
        let reused = scene.ana.send("POST", "/chat", body, &key).await;
        assert!(reused.status == 409 || reused.status == 422, "{reused:?}");
        assert_eq!(model.count(), 1);
    }
}

#[tokio::test]
async fn old_receipts_are_no_claims_later() {
    let model = says([
        Reply::text_and_calls("Done! I've completed it.", [complete(1)]),
        Reply::text("Which cat?"),
    ])
    .await;
    let mut scene = Scene::new(Database::Sqlite, &[&model]).await;
    scene.ana.turn("add feed the cat").await;
    scene.ana.turn(DENTIST).await;
    scene.ana.turn(VAGUE).await;
    let requests = model.requests();
    let messages = requests.last().unwrap()["messages"].as_array().unwrap();
    let said: Vec<&str> = messages
        .iter()
        .filter(|message| message["role"] == "assistant")
        .map(|message| message["content"].as_str().unwrap())
        .collect();
    let (added, completed) = (scene.journal + 1, scene.journal + 2);
    let expected = [
        format!("[receipt {added}: tasks 6]"),
        format!("[receipt {completed}: tasks 1]"),
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn the_limit_of_a_day() {
    let limit = |limits| ModelSettings {
        limits,
        ..ModelSettings::default()
    };
    let none = ModelLimits::default();
    let limits = [
        ModelLimits {
            user_requests: Some(1),
            ..none
        },
        ModelLimits {
            user_tokens: Some(15),
            ..none
        },
        ModelLimits {
            requests: Some(1),
            ..none
        },
        ModelLimits {
            tokens: Some(15),
            ..none
        },
    ];
    for database in BOTH {
        for limits in limits {
            let model = says([Reply::text("Which vet is it?")]).await;
            let settings = limit(limits);
            let mut scene = Scene::with(database, &[&model], settings, patience()).await;
            scene.ana.turn(VET).await;
            scene.ana.begin_anew();
            let reply = scene.ana.turn(VET).await;
            scene.holds(&reply, TASKS).await;
            let words = "Today\u{2019}s model limit is used. Rules still work.";
            assert!(response(&reply).contains(words), "{reply:#}");
            assert_eq!(reply["engine"], "rules");
            assert_eq!(model.count(), 1);
            // They do.
            let reply = scene.ana.turn("complete the dentist").await;
            let tasks = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
            scene.holds(&reply, tasks).await;
            assert!(!response(&reply).contains(words));
        }
    }
}

#[tokio::test]
async fn too_many_replies_at_once() {
    for database in BOTH {
        let gate = Gate::new();
        let model = says([Reply::text("Which vet is it?").held_by(&gate)]).await;
        let scene = Scene::with(database, &[&model], one_at_a_time(), patience()).await;
        let mut events = stream(&scene.ana, VET, &[]).await;
        events.until("turn").await;
        model.wait_for_requests(1).await;
        for client in [&scene.ana, &scene.bo] {
            let more = client.post("/chat", json!({ "message": VET })).await;
            assert!(more.problem().starts_with("503 "), "{more:?}");
            assert!(more.header("retry-after").parse::<u32>().unwrap() >= 1);
        }
        let conversations = scene.ana.get("/conversations").await.json();
        assert_eq!(conversations.as_array().unwrap().len(), 1);
        assert_eq!(export(&scene.bo).await, scene.bos);
        // What needs no model is answered, and the server is well.
        let rules = scene
            .bo
            .post("/chat", json!({ "message": "what is due today?" }))
            .await;
        assert_eq!(rules.status, 200);
        let health = Request::get("/health").body(Body::empty()).unwrap();
        assert_eq!(scene.harness.send(health).await.status, 200);
        gate.open();
        let end = events.until("end").await;
        assert_eq!(end.data["response"], "Which vet is it?");
        assert_eq!(model.count(), 1);
    }
}

#[tokio::test]
async fn approving_a_part_adds_nothing() {
    let calls = [delete(1), delete(2), add("Buy gift cards")];
    let model = says([Reply::calls(calls)]).await;
    let mut scene = Scene::new(Database::Sqlite, &[&model]).await;
    let reply = scene.ana.turn(VAGUE).await;
    assert_eq!(blocks(&reply), ["notice", "approval"]);
    let done = approve(&scene.ana, &reply, Some(vec![1])).await;
    scene
        .holds(&done, "2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano")
        .await;
}

#[tokio::test]
async fn somebody_changes_things_while_it_thinks() {
    for database in BOTH {
        let gate = Gate::new();
        let calls = Reply::calls([complete(1), complete(2)]).held_by(&gate);
        let model = says([calls, Reply::text("Done! Both are completed.")]).await;
        let scene = Scene::new(database, &[&model]).await;
        let mut events = stream(&scene.ana, TWO, &[]).await;
        model.wait_for_requests(1).await;
        // The first is deleted meanwhile, and something else is added.
        let gone = scene.ana.send("DELETE", "/tasks/1", None, &[]).await;
        assert_eq!(gone.status, 204);
        scene.ana.add(json!({ "title": "Cat" })).await;
        let before = journal(&scene.ana).await;
        gate.open();
        let end = events.until("end").await;
        let messages = scene.ana.get("/conversations/1").await.json();
        assert_eq!(receipts(&messages[1]), [before + 1], "{end:?}");
        assert_eq!(journal(&scene.ana).await, before + 1);
        let tasks = scene.ana.tasks().await;
        assert_eq!(tasks, "2 [x] Milk\n3 [ ] Rent\n5 [x] Piano\n6 [ ] Cat");
        let words = response(&end.data);
        assert!(!LIES.iter().any(|lie| words.contains(lie)), "{words}");
    }
}

/// How long after [`NOW`] another copy takes a silent writer for dead.
const LATER: &str = "2026-11-25T09:15:13Z";

#[tokio::test]
async fn the_server_dies_and_another_copy_ends_the_reply() {
    for database in BOTH {
        for changes in [false, true] {
            let gate = Gate::new();
            let first = Reply::text_and_calls("Done!", [complete(1), complete(99)]);
            let held = Reply::calls([complete(2)]).held_by(&gate);
            let replies = [Some(first).filter(|_| changes), Some(held)];
            let model = says(replies.into_iter().flatten()).await;
            // Its clock stands still, so it does not say any more that it is alive.
            let scene = Scene::with(database, &[&model], one_at_a_time(), patience()).await;
            let mut events = stream(&scene.ana, TWO, &[]).await;
            events.until("turn").await;
            model.wait_for_requests(1 + usize::from(changes)).await;
            let settings = ModelSettings::default();
            let other = Harness::asking_at(scene.store.clone(), LATER, &[&model], settings);
            let ana = other.client(scene.ana.id.clone()).await;
            let journal_then = journal(&ana).await;
            let mut again = Events::of(ana.open("GET", "/conversations/1/events", None, &[]).await);
            let rest = again.rest().await;
            let shown = rest.iter().filter(|event| event.name == "receipt").count();
            assert_eq!(shown, usize::from(changes), "{rest:?}");
            let end = &rest.last().unwrap().data;
            assert_eq!(end["reason"], "stopped");
            let words = if changes {
                "Interrupted. What is shown above had been done."
            } else {
                "Interrupted. Nothing was changed."
            };
            assert!(response(end).ends_with(words), "{end:#}");
            let tasks = ana.tasks().await;
            // What was taken for dead comes back, and changes nothing any more.
            gate.open();
            let last = events.until("end").await;
            assert_eq!(&last.data, end);
            until_there_is_room(&scene.ana).await;
            assert_eq!(ana.tasks().await, tasks);
            assert_eq!(journal(&ana).await, journal_then);
        }
    }
}

#[tokio::test]
async fn the_server_is_shut_down() {
    for database in BOTH {
        let gate = Gate::new();
        let model = says([Reply::calls([complete(1)]).held_before(1, &gate)]).await;
        let scene = Scene::new(database, &[&model]).await;
        let mut events = stream(&scene.ana, DENTIST, &[]).await;
        model.wait_for_requests(1).await;
        scene.harness.app.halt().await;
        gate.open();
        let end = events.until("end").await;
        assert_eq!(end.data["reason"], "stopped");
        assert_eq!(end.data["response"], "Interrupted. Nothing was changed.");
        assert_eq!(scene.ana.tasks().await, TASKS);
        assert_eq!(journal(&scene.ana).await, scene.journal);
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_takes_nothing_back() {
    for database in BOTH {
        let gate = Gate::new();
        let model = says([Reply::calls([complete(1)]).held_by(&gate)]).await;
        let scene = Scene::with(database, &[&model], one_at_a_time(), patience()).await;
        drop(stream(&scene.ana, DENTIST, &[]).await);
        model.wait_for_requests(1).await;
        gate.open();
        let mut again = Events::of(
            scene
                .ana
                .open("GET", "/conversations/1/events", None, &[])
                .await,
        );
        let end = again.until("end").await;
        assert_eq!(end.data["reason"], "complete");
        let tasks = "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano";
        assert_eq!(scene.ana.tasks().await, tasks);
        assert_eq!(journal(&scene.ana).await, scene.journal + 1);
    }
}

#[tokio::test]
async fn far_too_much_of_everything() {
    let sentence = "The dentist opens at nine on Mondays. ";
    let birds = |count: i64| (1..=count).map(|n| add(&format!("Bird {n}")));
    let cases = vec![
        Case {
            name: "a text without end",
            replies: vec![Reply::text(&sentence.repeat(600)).split_text(400)],
            words: &["opens at nine", SILENT],
            ..Case::default()
        },
        Case {
            name: "a word without end",
            replies: vec![Reply::text(&"a".repeat(25_000)).split_text(900)],
            words: &[SILENT],
            ..Case::default()
        },
        Case {
            name: "a lie without end",
            replies: vec![Reply::text(&"I've completed it and ".repeat(1_200)).split_text(900)],
            words: &[SILENT],
            ..Case::default()
        },
        Case {
            name: "arguments without end",
            replies: vec![Reply::calls([add(&"x".repeat(25_000))]).split_arguments(900); 3],
            words: &[SILENT],
            requests: 3,
            ..Case::default()
        },
        Case {
            name: "a hundred calls",
            replies: vec![Reply::calls(birds(100))],
            words: &["Bird 1"],
            blocks: &["approval"],
            ..Case::default()
        },
        Case {
            name: "the same call a hundred times",
            replies: vec![Reply::calls(vec![complete(1); 100])],
            tasks: "1 [x] Dentist\n2 [ ] Milk\n3 [ ] Rent\n5 [x] Piano",
            blocks: &["receipt"],
            ..Case::default()
        },
    ];
    let little = agent::Settings {
        answer_bytes_max: 20_000,
        ..patience()
    };
    check_with(Database::Sqlite, cases, &little).await;
}

#[tokio::test]
async fn a_yes_to_its_question_is_a_yes_to_what_was_asked_for() {
    for database in BOTH {
        let ask = || Reply::text("Shall I put the vet on the list?");
        for (calls, kinds, tasks) in [
            (
                add("Vet"),
                ["receipt"].as_slice(),
                format!("{TASKS}\n6 [ ] Vet"),
            ),
            (complete(1), &["notice", "approval"], TASKS.to_owned()),
            (delete(1), &["approval"], TASKS.to_owned()),
            (add("Gift cards"), &["notice", "approval"], TASKS.to_owned()),
        ] {
            let model = says([ask(), Reply::text_and_calls("Done!", [calls])]).await;
            let mut scene = Scene::new(database, &[&model]).await;
            let reply = scene.ana.turn(VET).await;
            scene.holds(&reply, TASKS).await;
            let reply = scene.ana.turn("yes").await;
            scene.holds(&reply, &tasks).await;
            assert_eq!(blocks(&reply), kinds, "{reply:#}");
        }
    }
}

#[tokio::test]
async fn asked_first_it_does_no_more_than_was_asked_for() {
    for database in BOTH {
        let model = says([
            Reply::text_and_calls("Done!", [complete(1)]),
            Reply::text_and_calls("Done!", [delete(2)]),
        ])
        .await;
        let settings = ModelSettings {
            mode: domain::ModelMode::First,
            ..ModelSettings::default()
        };
        let mut scene = Scene::with(database, &[&model], settings, patience()).await;
        let reply = scene.ana.turn("complete the milk").await;
        scene.holds(&reply, TASKS).await;
        assert_eq!(blocks(&reply), ["notice", "approval"], "{reply:#}");
        // A no is the rules' to read, whatever the model would make of it, and so is a yes.
        let reply = scene.ana.turn("no").await;
        scene.holds(&reply, TASKS).await;
        let reply = scene.ana.turn("delete the milk").await;
        scene.holds(&reply, TASKS).await;
        assert_eq!(blocks(&reply), ["approval"], "{reply:#}");
        let reply = scene.ana.turn("yes").await;
        scene
            .holds(&reply, "1 [ ] Dentist\n3 [ ] Rent\n5 [x] Piano")
            .await;
        assert_eq!(model.count(), 2);
    }
}
