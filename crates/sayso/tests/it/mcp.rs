//! The official programs of the Model Context Protocol, unchanged, against the server and against `sayso mcp`. They are in
//! `tests/mcp`; `./test` installs what they need.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::postgres;
use crate::program::Home;
use crate::server::{Server, free_address};

/// The official clients and the ways they have of beginning, as scripts and what they are told first.
const CLIENTS: [&[&str]; 7] = [
    &["life.mjs", "sdk", "legacy"],
    &["life.mjs", "client", "legacy"],
    &["life.mjs", "client", "auto"],
    &["life.mjs", "client", "2026-07-28"],
    &["life.py", "legacy"],
    &["life.py", "auto"],
    &["life.py", "2026-07-28"],
];

/// Our program.
const SAYSO: &str = env!("CARGO_BIN_EXE_sayso");

const INSPECTOR: &str =
    "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/mcp")
}

/// Runs a script of the folder to its end, with these settings and no others of the machine's.
fn run(home: &Home, script: &[&str], settings: &[(&str, &str)]) -> Output {
    let interpreter = match Path::new(script[0]).extension() {
        Some(extension) if extension == "py" => "venv/bin/python",
        _ => "node_modules/node/bin/node",
    };
    Command::new(folder().join(interpreter))
        .current_dir(folder())
        .args(script)
        .env_clear()
        .env("HOME", home.path(""))
        .env("TZ", "Europe/Lisbon")
        .envs(settings.iter().copied())
        .output()
        .expect("what it needs is installed, as ./test sees to")
}

/// Both outputs of a run, which has to have ended well.
fn ok(script: &[&str], output: &Output) -> (String, String) {
    let [out, err] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{script:?}: {out}{err}");
    (out.into_owned(), err.into_owned())
}

/// Lets each client live the life of a task with the server at this address, or with the one that this command line starts.
fn lives(home: &Home, place: &[&str], settings: &[(&str, &str)]) {
    for client in CLIENTS {
        let script = [client, place].concat();
        ok(&script, &run(home, &script, settings));
    }
}

/// A database in a file.
fn sqlite(home: &Home) -> String {
    format!("sqlite://{}", home.path("tasks.db"))
}

/// A server on this database that has every tool, its endpoint, and a token for it.
fn serve(home: &Home, database: &str) -> (Server, String, String) {
    let settings = [
        ("DATABASE_URL", database),
        ("MCP_TOOLS", "search"),
        ("OAUTH_REGISTRATION", "true"),
        ("RATE_LIMIT", "off"),
    ];
    let server = Server::start(home, &settings);
    let url = format!("{}/mcp", server.url());
    let token = home.ok(&["--database-url", database, "token", "create"]);
    (server, url, token)
}

/// Whether what the journals on this database say is what there is.
fn is_sound(home: &Home, database: &str) -> bool {
    let audit = ["--database-url", database, "audit", "verify"];
    home.run(&audit).code == 0
}

#[test]
fn a_task_lives_its_life_over_http() {
    let home = Home::new();
    let database = sqlite(&home);
    let (_server, url, token) = serve(&home, &database);
    lives(&home, &[&url], &[("SAYSO_TOKEN", &token)]);
    assert!(is_sound(&home, &database));
}

#[test]
fn a_task_lives_its_life_over_stdio() {
    let home = Home::new();
    let database = sqlite(&home);
    lives(&home, &[SAYSO, "mcp"], &[("DATABASE_URL", &database)]);
    assert!(is_sound(&home, &database));
}

#[test]
fn a_task_lives_its_life_through_a_relay_and_on_postgres() {
    let home = Home::new();
    let database = postgres::database();
    let (_server, url, token) = serve(&home, &database);
    let relay = [SAYSO, "mcp", "--server", &url];
    lives(&home, &relay, &[("SAYSO_TOKEN", &token)]);
    assert!(is_sound(&home, &database));
}

#[test]
fn what_each_tool_answers_is_what_its_schema_says() {
    let home = Home::new();
    for client in [["sdk", "legacy"], ["client", "auto"]] {
        let server = [SAYSO, "mcp", "--access", "write"];
        let script = [&["tools.mjs"][..], &client, &server].concat();
        // A database each: every task of it is counted.
        let database = format!("sqlite://{}", home.path(client[0]));
        let settings = [("DATABASE_URL", database.as_str()), ("MCP_TOOLS", "search")];
        ok(&script, &run(&home, &script, &settings));
    }
}

#[test]
fn agents_do_what_their_access_lets_them() {
    let home = Home::new();
    for client in [["sdk", "legacy"], ["client", "auto"]] {
        let script = [&["access.mjs"][..], &client, &[SAYSO]].concat();
        let database = format!("sqlite://{}", home.path(client[0]));
        ok(
            &script,
            &run(&home, &script, &[("DATABASE_URL", &database)]),
        );
        assert!(is_sound(&home, &database));
    }
}

#[test]
fn over_stdio_nothing_but_answers_is_said_and_the_end_of_the_input_is_the_end() {
    let home = Home::new();
    let opening = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}
    }});
    let run = home.run_with(&["mcp"], &format!("{opening}\n"));
    assert_eq!(run.code, 0, "{run:?}");
    let answers: Vec<Value> = run
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(answers.len(), 1, "{run:?}");
    assert_eq!(answers[0]["result"]["serverInfo"]["name"], "sayso");
}

#[test]
fn what_is_said_wrongly_is_not_written_down() {
    let home = Home::new();
    let lines = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}
        }}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "prompts/get", "params": {
            "name": "weekly_review", "arguments": {"week": "the surprise party"}
        }}),
        json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": {"name": "the surprise party"}}),
    ];
    let lines = lines.map(|line| format!("{line}\n")).concat();
    for level in ["info", "debug"] {
        let run = home.run_with(&["--log-level", level, "mcp"], &lines);
        assert!(run.out.contains("the surprise party"), "{run:?}");
        assert!(!run.err.contains("surprise"), "{run:?}");
    }
}

#[test]
fn the_inspector_finds_nothing_wrong() {
    let home = Home::new();
    let (_server, url, token) = serve(&home, &sqlite(&home));
    let authorization = format!("Authorization: Bearer {token}");
    for era in ["legacy", "modern"] {
        let inspect = |asked: &[&str]| {
            let place = [INSPECTOR, "--cli", &url, "--transport", "http"];
            let how = [
                "--stored-auth-only",
                "--format",
                "json",
                "--protocol-era",
                era,
            ];
            let script = [&place[..], &how[..], &["--header", &authorization], asked].concat();
            ok(&script, &run(&home, &script, &[]))
        };
        let (out, findings) = inspect(&["--method", "tools/list", "--strict"]);
        assert!(out.contains("add_task"), "{out}");
        assert_eq!(findings, "");

        let call = ["--method", "tools/call", "--tool-name"];
        let add = [
            "add_task",
            "--tool-args-json",
            r#"{"title":"Water the plants"}"#,
        ];
        let (out, _) = inspect(&[&call[..], &add[..]].concat());
        assert!(out.contains(r#""status":"created""#), "{out}");

        let (out, _) = inspect(&[&call[..], &["list_tasks", "--app-info"]].concat());
        let app: Value = serde_json::from_str(&out).unwrap();
        let app = &app["appInfo"];
        assert_eq!(app["hasApp"], true, "{app}");
        assert_eq!(
            app["resourceMimeType"], "text/html;profile=mcp-app",
            "{app}"
        );

        for (method, known) in [
            ("prompts/list", "plan_my_day"),
            ("resources/list", "todo://overview/today"),
        ] {
            let (out, _) = inspect(&["--method", method]);
            assert!(out.contains(known), "{out}");
        }
    }
}

#[test]
fn without_a_token_that_counts_clients_are_told_where_to_get_one() {
    let home = Home::new();
    let (_server, url, _) = serve(&home, &sqlite(&home));
    let script = ["challenge.mjs", &url];
    ok(&script, &run(&home, &script, &[]));
}

/// Lets clients that know nothing but this address find the way in.
fn are_let_in(home: &Home, url: &str, clients: &[&[&str]]) {
    for client in clients {
        let script = [client, &[url][..]].concat();
        ok(&script, &run(home, &script, &[]));
    }
}

#[test]
fn an_agent_that_knows_only_the_address_is_let_in_by_a_person() {
    let home = Home::new();
    let (_server, url, _) = serve(&home, &sqlite(&home));
    let clients: [&[&str]; 5] = [
        &["oauth.mjs", "sdk", "legacy"],
        &["oauth.mjs", "client", "auto"],
        &["oauth.mjs", "client", "2026-07-28"],
        &["oauth.py", "legacy"],
        &["oauth.py", "auto"],
    ];
    are_let_in(&home, &url, &clients);
}

#[test]
fn an_agent_is_let_in_at_an_address_that_is_for_agents_alone() {
    let home = Home::new();
    let agents = free_address();
    let url = format!("http://{agents}/mcp");
    let _server = Server::start(
        &home,
        &[
            ("DATABASE_URL", &sqlite(&home)),
            ("MCP_PORT", &agents.port().to_string()),
            ("MCP_URL", &url),
            ("OAUTH_REGISTRATION", "true"),
            ("RATE_LIMIT", "off"),
        ],
    );
    let clients: [&[&str]; 2] = [&["oauth.mjs", "sdk", "legacy"], &["oauth.py", "auto"]];
    are_let_in(&home, &url, &clients);
}

#[test]
fn the_suite_for_authorization_servers_finds_nothing_wrong() {
    let home = Home::new();
    let (_server, url, _) = serve(&home, &sqlite(&home));
    let script = ["authorization.mjs", &url];
    ok(&script, &run(&home, &script, &[]));
}
