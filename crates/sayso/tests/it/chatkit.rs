//! The official package of ChatKit against the server. The program is in `tests/chatkit`; `./test` installs what it needs.

use std::path::Path;
use std::process::Command;

use scripted_model::{Fault, Model, Reply, Rule, Script, When};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::postgres;
use crate::program::Home;
use crate::server::Server;

/// What the model says to the words of `life.py`.
fn script() -> Script {
    let rule = |words: &str, then| Rule {
        when: When {
            contains: Some(words.to_owned()),
            ..When::default()
        },
        then,
    };
    let slowly = |text: String, piece_delay_ms| Reply {
        piece_delay_ms,
        ..Reply::text(&text)
    };
    let sentences = (1..=40).map(|n| format!("This is sentence {n}. "));
    Script::rules(vec![
        rule(
            "talk on",
            slowly("The vet is open from nine. Which day?".to_owned(), 40),
        ),
        rule(
            "fail on",
            Reply {
                fault: Some(Fault::Status {
                    code: 500,
                    headers: Vec::new(),
                    body: json!({ "error": "http://127.0.0.1 is on fire" }),
                }),
                ..Reply::default()
            },
        ),
        rule("dawdle on", slowly(sentences.collect(), 60)),
        rule(
            "history, frankly",
            Reply::call("delete_task", json!({ "task_id": VET })),
        ),
    ])
}

/// The number of the task that the model would delete, by what was added before it.
const VET: i64 = 5;

/// Two people go through all of it on this database.
fn life(home: &Home, database: &str) {
    let runtime = Runtime::new().unwrap();
    let model = runtime.block_on(Model::start(script()));
    let models = json!([{ "url": model.url(), "model": "scripted" }]).to_string();
    let settings = [
        ("DATABASE_URL", database),
        ("RATE_LIMIT", "off"),
        ("SAYSO_MODELS", &models),
    ];
    let server = Server::start(home, &settings);
    let here = ["--database-url", database];
    let run = |arguments: &[&str]| home.ok(&[&here, arguments].concat());
    let bob = run(&["user", "create", "--email", "bob@example.com"]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/chatkit");
    let output = Command::new(folder.join("venv/bin/python"))
        .current_dir(&folder)
        .args(["life.py", &format!("{}/chatkit", server.url())])
        .env_clear()
        .env("SAYSO_TOKEN", run(&["token", "create"]))
        .env("OTHER_TOKEN", run(&["--user", &bob, "token", "create"]))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("what it needs is installed, as ./test sees to");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    assert_eq!(
        home.run(&[&here[..], &["audit", "verify"]].concat()).code,
        0
    );
}

#[test]
fn the_official_types_take_all_that_is_sent() {
    let home = Home::new();
    life(&home, &format!("sqlite://{}", home.path("tasks.db")));
}

#[test]
fn the_official_types_take_all_that_is_sent_from_postgres() {
    life(&Home::new(), &postgres::database());
}

#[test]
fn the_page_gives_way_to_our_own_assistant() {
    let home = Home::new();
    let database = format!("sqlite://{}", home.path("tasks.db"));
    let settings = [
        ("DATABASE_URL", database.as_str()),
        ("CHATKIT_DOMAIN_KEY", "local-dev"),
    ];
    let server = Server::start(&home, &settings);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/chatkit");
    let output = Command::new("node")
        .current_dir(&folder)
        .args(["page.mjs", &server.url(), &server.link])
        .output()
        .expect("node is installed, as ./test sees to");
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out}");
}
