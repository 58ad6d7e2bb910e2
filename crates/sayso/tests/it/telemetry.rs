//! What a server tells of itself: its log, its figures, how it does, traces and reports of errors; and what it tells nobody.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use scripted_model::{Model, Reply, Script};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::collector::Collector;
use crate::program::Home;
use crate::server::{Server, free_address};

/// Sends one request and returns all that comes back.
fn send(address: SocketAddr, request: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("{request} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").unwrap();
    }
    write!(text, "content-length: {}\r\n\r\n{body}", body.len()).unwrap();
    Server::send_to(address, text)
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("closed")
}

/// What a server has written to its log.
fn log(home: &Home) -> String {
    std::fs::read_to_string(home.path("server.log")).unwrap()
}

/// Stops a server, which must end well, and returns its whole log.
fn stop(server: &mut Server, home: &Home) -> String {
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
    // The log is copied by a thread, which ends with what it copies.
    let started = Instant::now();
    loop {
        let log = log(home);
        if log.contains("\"stopped\"") || started.elapsed() > Duration::from_secs(10) {
            return log;
        }
        std::thread::yield_now();
    }
}

fn lines(log: &str) -> Vec<Value> {
    log.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")))
        .collect()
}

/// The figures of the server that shows them at `address`.
fn figures(address: SocketAddr) -> String {
    let answer = send(address, "GET /metrics", &[], "");
    assert_eq!(status(&answer), "200", "{answer}");
    answer
}

/// The value of a series, 0 if it is not there.
fn figure(figures: &str, series: &str) -> f64 {
    let line = figures
        .lines()
        .find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.map_or(0.0, |value| value.trim().parse().unwrap())
}

#[test]
fn each_request_and_each_tool_is_one_line_with_what_it_cost() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let mut server = Server::start(&home, &[]);
    let bearer = format!("Bearer {token}");
    let authorization = ("authorization", bearer.as_str());
    let json = ("content-type", "application/json");
    let address = server.address;
    let ask = |request: &str, name: &str, body: &str| {
        let headers = [authorization, json, ("x-request-id", name)];
        send(address, request, &headers, body)
    };
    let answer = ask("POST /api/tasks", "one", r#"{"title": "Water the roses"}"#);
    assert!(answer.contains("x-request-id: one\r\n"), "{answer}");
    let answer = ask("GET /api/tasks/99", "two", "");
    assert!(answer.contains("\"request_id\":\"two\""), "{answer}");
    ask(
        "POST /api/chat",
        "three",
        r#"{"message": "add call the vet"}"#,
    );
    // Not fit for a log: it gets another name.
    let answer = ask("GET /api/tasks", "a b", "");
    assert!(!answer.contains("x-request-id: a b"), "{answer}");
    ask("GET /readyz", "five", "");

    let lines = lines(&stop(&mut server, &home));
    for line in &lines {
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(
            line["level"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
    let told = |message: &str, name: &str| {
        let is = |line: &&Value| line["message"] == message && line["request_id"] == name;
        let mut found = lines.iter().filter(is);
        let line = found.next().cloned();
        assert_eq!(found.count(), 0, "{message} of {name} is told twice");
        line
    };
    let line = told("request", "one").unwrap();
    assert_eq!(
        (
            &line["level"],
            &line["method"],
            &line["route"],
            &line["status"]
        ),
        (
            &json!("INFO"),
            &json!("POST"),
            &json!("/api/tasks"),
            &json!(201)
        )
    );
    assert!(
        line["took_ms"].as_f64() >= line["database_ms"].as_f64(),
        "{line}"
    );
    assert!(line["database_ms"].as_f64().unwrap() > 0.0, "{line}");
    assert_eq!(line["model_ms"], 0.0);
    assert_eq!(line["user"].as_str().unwrap().len(), 12, "{line}");
    assert_eq!(told("request", "two").unwrap()["level"], "INFO");
    let tool = told("tool", "three").unwrap();
    assert_eq!(
        (&tool["tool"], &tool["door"], &tool["outcome"]),
        (&json!("add_task"), &json!("chat"), &json!("ok"))
    );
    assert!(tool["took_ms"].is_f64(), "{tool}");
    assert_eq!(told("turn", "three").unwrap()["engine"], "rules");
    assert!(
        told("request", "five").is_none(),
        "health is nothing for a log"
    );
    let requests = lines.iter().filter(|line| line["message"] == "request");
    assert_eq!(requests.count(), 4);
}

#[expect(clippy::too_many_lines, reason = "a list")]
#[test]
fn figures_count_what_happens_and_are_shut_to_the_world() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let metrics = free_address();
    let port = metrics.port().to_string();
    let server = Server::start(&home, &[("METRICS_PORT", &port)]);
    let before = figures(metrics);
    for n in 0..3 {
        let body = json!({ "message": format!("add thing {n}") });
        assert_eq!(server.call("POST", "/api/chat", &token, Some(&body)).0, 200);
    }
    for _ in 0..5 {
        assert_eq!(server.call("GET", "/api/tasks/99", &token, None).0, 404);
        assert_eq!(server.call("GET", "/api/tasks", "", None).0, 401);
    }
    let after = figures(metrics);
    for (series, more) in [
        (
            r#"sayso_http_requests_total{method="POST",route="/api/chat",status="200"}"#,
            3.0,
        ),
        (
            r#"sayso_http_requests_total{method="GET",route="/api/tasks/{id}",status="404"}"#,
            5.0,
        ),
        (
            r#"sayso_http_request_duration_seconds_count{method="POST",route="/api/chat"}"#,
            3.0,
        ),
        (
            r#"sayso_http_request_duration_seconds_bucket{le="+Inf",method="POST",route="/api/chat"}"#,
            3.0,
        ),
        (
            r#"sayso_tool_calls_total{tool="add_task",door="chat",outcome="ok"}"#,
            3.0,
        ),
        (r#"sayso_tool_duration_seconds_count{tool="add_task"}"#, 3.0),
        (r#"sayso_chat_turns_total{engine="rules"}"#, 3.0),
        (r#"sayso_refusals_total{reason="unauthorized"}"#, 5.0),
    ] {
        let moved = figure(&after, series) - figure(&before, series);
        assert!(
            (moved - more).abs() < f64::EPSILON,
            "{series} moved by {moved}:\n{after}"
        );
    }
    for series in [
        r#"sayso_db_pool_size{pool="writer"}"#,
        r#"sayso_db_pool_connections{pool="readers",state="idle"}"#,
        "sayso_db_commit_batch_size_count",
        "process_resident_memory_bytes",
        "process_start_time_seconds",
        "process_open_fds",
    ] {
        assert!(figure(&after, series) > 0.0, "{series}:\n{after}");
    }
    // Each has a name before anything of it has happened, so that rules and dashboards can be held against them.
    for name in [
        "sayso_http_requests",
        "sayso_http_request_duration_seconds",
        "sayso_http_requests_in_flight",
        "sayso_tool_calls",
        "sayso_tool_duration_seconds",
        "sayso_chat_turns",
        "sayso_model_requests",
        "sayso_model_request_duration_seconds",
        "sayso_model_tokens",
        "sayso_db_pool_connections",
        "sayso_db_pool_size",
        "sayso_db_pool_waiting",
        "sayso_db_pool_timeouts",
        "sayso_db_commit_batch_size",
        "sayso_event_streams",
        "sayso_refusals",
        "sayso_panics",
        "sayso_log_errors",
        "sayso_draining",
        "sayso_build_info",
        "sayso_config_info",
        "sayso_database_info",
        "sayso_backup_last_success_timestamp_seconds",
        "sayso_backup_duration_seconds",
        "process_resident_memory_bytes",
        "process_cpu_seconds",
        "process_start_time_seconds",
        "process_open_fds",
    ] {
        assert!(
            after.contains(&format!("# TYPE {name} ")),
            "{name}:\n{after}"
        );
    }
    assert!(after.trim_end().ends_with("# EOF"), "{after}");
    assert!(
        after.contains(r#"backend="sqlite""#)
            && after.contains(r#"journal="wal",synchronous="full""#),
        "{after}"
    );
    let checked: Value = serde_json::from_str(&{
        let mut command = home.command();
        command
            .args([
                "config",
                "check",
                "--json",
                "--port",
                &server.address.port().to_string(),
            ])
            .env("METRICS_PORT", &port);
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    })
    .unwrap();
    let digest = checked["digest"].as_str().unwrap();
    assert!(
        after.contains(&format!("sayso_config_info{{digest=\"{digest}\"}} 1")),
        "{checked}\n{after}"
    );
    assert_eq!(
        status(&send(server.address, "GET /metrics", &[], "")),
        "404"
    );
    assert_eq!(status(&send(metrics, "GET /api/tasks", &[], "")), "404");
}

#[test]
fn whoever_asks_for_everything_makes_no_more_than_two_thousand_series() {
    let home = Home::new();
    let metrics = free_address();
    let server = Server::start(&home, &[("METRICS_PORT", &metrics.port().to_string())]);
    let (_, document) = server.call("GET", "/openapi.json", "", None);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            for path in [path.clone(), path.replace("/{user_id}", "")] {
                let path = path.replace(['{', '}'], "x");
                server.call(&method.to_uppercase(), &path, "", None);
            }
        }
    }
    for n in 0..50 {
        server.call("GET", &format!("/nowhere/{n}"), "", None);
        server.raw(
            format!("M{n} /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes(),
        );
    }
    let figures = figures(metrics);
    let series = figures.lines().filter(|line| line.starts_with("sayso_"));
    let labels: BTreeSet<&str> = figures
        .split(['{', ','])
        .filter_map(|part| part.split_once("=\"").map(|(label, _)| label))
        .collect();
    assert!(series.clone().count() < 2000, "{}", series.count());
    for label in ["user", "user_id", "email", "title", "path"] {
        assert!(!labels.contains(label), "{labels:?}");
    }
}

#[test]
fn health_says_which_program_it_is_and_whether_the_database_answers() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    for path in ["/health", "/livez", "/readyz"] {
        for method in ["GET", "HEAD"] {
            let answer = send(server.address, &format!("{method} {path}"), &[], "");
            assert_eq!(status(&answer), "200", "{answer}");
            assert!(answer.contains("cache-control: no-store\r\n"), "{answer}");
            assert!(answer.len() < 2048, "{answer}");
        }
    }
    let (_, health) = server.call("GET", "/health", "", None);
    let version = home.ok(&["--version"]);
    let commit = health["commit"].as_str().unwrap();
    assert_eq!(
        version,
        format!("sayso {} ({commit})", health["version"].as_str().unwrap())
    );
    assert_eq!(health["status"], "ok");
    assert_eq!(health["build"], "debug");
    assert_eq!(health["degraded"], json!([]));
    assert_eq!(
        health["database"],
        json!({ "kind": "sqlite", "answers": true })
    );
    let other = Server::start(&home, &[]).call("GET", "/health", "", None).1;
    assert_ne!(health["instance"], other["instance"]);
}

#[test]
fn whoever_asks_while_it_stops_is_told_so_as_long_as_something_is_under_way() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let metrics = free_address();
    let settings = [("METRICS_PORT", &*metrics.port().to_string())];
    let mut server = Server::start(&home, &settings);
    // A request that has begun, and of which the end is missing.
    let mut slow = TcpStream::connect(server.address).unwrap();
    let body = r#"{"title": "Slow"}"#;
    let (now, later) = body.split_at(5);
    let head = format!(
        "POST /api/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{now}",
        body.len()
    );
    slow.write_all(head.as_bytes()).unwrap();
    while figure(&figures(metrics), "sayso_http_requests_in_flight") < 1.0 {}
    server.signal("-TERM");
    while figure(&figures(metrics), "sayso_draining") < 1.0 {}
    assert_eq!(server.call("GET", "/readyz", "", None).0, 503);
    assert_eq!(server.call("GET", "/livez", "", None).0, 200);
    slow.write_all(later.as_bytes()).unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "201", "{answer}");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn a_database_that_says_nothing_is_found_out_in_time() {
    // It takes connections and never answers, like a database behind a broken way.
    let url = crate::postgres::database();
    let home = Home::new();
    let (_, place) = url.rsplit_once('@').unwrap();
    let (host, name) = place.rsplit_once('/').unwrap();
    let relay = crate::relay::Relay::start(host);
    let through = format!("postgres://sayso_test:sayso_test@{}/{name}", relay.address);
    let server = Server::start(&home, &[("DATABASE_URL", &through)]);
    assert_eq!(server.call("GET", "/readyz", "", None).0, 200);
    relay.hold();
    let started = Instant::now();
    // What was asked a moment ago still counts for a moment.
    while server.call("GET", "/readyz", "", None).0 == 200 {
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(server.call("GET", "/livez", "", None).0, 200);
    let (code, health) = server.call("GET", "/health", "", None);
    assert_eq!((code, &health["status"]), (503, &json!("unavailable")));
    assert_eq!(health["database"]["answers"], false);
    relay.release();
    let again = Instant::now();
    while server.call("GET", "/readyz", "", None).0 != 200 {
        assert!(again.elapsed() < Duration::from_secs(10));
    }
}

#[test]
fn a_trace_comes_in_and_goes_on_to_the_model_and_the_collector() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let collector = Collector::start();
    let mut server = Server::start(
        &home,
        &[
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                &format!("http://{}", collector.address),
            ),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-key=let-me-in"),
            (
                "OPENAI_BASE_URL",
                &format!("http://{}/v1", collector.address),
            ),
            ("OPENAI_API_KEY", "sk-anything"),
        ],
    );
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let bearer = format!("Bearer {token}");
    let answer = send(
        server.address,
        "POST /api/chat",
        &[
            ("authorization", &bearer),
            ("content-type", "application/json"),
            ("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01")),
        ],
        r#"{"message": "what do you make of the weather in my life?"}"#,
    );
    assert_eq!(status(&answer), "200", "{answer}");
    stop(&mut server, &home);
    let asked = collector.sent("/chat/completions");
    assert!(
        asked[0].head.contains(&format!("traceparent: 00-{trace}-")),
        "{}",
        asked[0].head
    );
    let sent = collector.sent("/v1/traces");
    assert!(
        sent[0].head.contains("x-key: let-me-in"),
        "{}",
        sent[0].head
    );
    let bytes: Vec<u8> = (0..trace.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&trace[at..at + 2], 16).unwrap())
        .collect();
    let has = |part: &[u8]| {
        let mut bodies = sent.iter().map(|sent| &sent.body);
        bodies.any(|body| body.windows(part.len()).any(|window| window == part))
    };
    assert!(has(&bytes), "the trace goes on");
    for span in ["request", "database", "model"] {
        assert!(has(span.as_bytes()), "{span}");
    }
}

#[test]
fn collectors_that_are_not_there_hold_up_nobody() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let nobody = free_address();
    let mut server = Server::start(
        &home,
        &[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &format!("http://{nobody}")),
            ("SENTRY_DSN", &format!("http://key@{nobody}/1")),
        ],
    );
    let started = Instant::now();
    for n in 0..20 {
        let body = json!({ "title": format!("Task {n}") });
        assert_eq!(
            server.call("POST", "/api/tasks", &token, Some(&body)).0,
            201
        );
    }
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    let stopping = Instant::now();
    stop(&mut server, &home);
    assert!(
        stopping.elapsed() < Duration::from_secs(10),
        "{:?}",
        stopping.elapsed()
    );
}

/// What nobody may find anywhere, by what it is.
const PLANTED: [(&str, &str); 9] = [
    ("a title", "Zebrafinch & co 1"),
    ("a description", "Zebrafinch & co 2"),
    ("words in a chat", "zebrafinch & co 3"),
    ("words for a model", "zebrafinch & co 4"),
    ("words of a model", "Zebrafinch & co 5"),
    ("a password", "Zebrafinch & co 6"),
    ("a key of a model", "sk-zebrafinch-7-0123456789"),
    ("the secret", "zebrafinch 8 QWERTZUIOPASDFGHJKLYXCVBNM"),
    ("an address", "zebrafinch9@example.com"),
];

/// The forms in which `text` could be hidden in something else.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let percent = |space: &str| -> String {
        let encoded = text.bytes().map(|byte| match byte {
            b' ' => space.to_owned(),
            byte if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        });
        encoded.collect()
    };
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    let html = text.replace('&', "&amp;");
    let escaped = text.replace('&', "\\u0026");
    let mut forms = vec![text.to_owned(), percent("%20"), percent("+"), html, escaped];
    forms.extend([hex.to_uppercase(), hex]);
    // In whichever place of three it begins; the letters at both ends belong to what is around it, too.
    for before in 0..3 {
        let padded = [&[0; 3][..before], text.as_bytes()].concat();
        for engine in [BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&padded);
            forms.push(encoded[if before == 0 { 0 } else { 4 }..encoded.len() - 2].to_owned());
        }
    }
    forms.into_iter().map(String::into_bytes).collect()
}

fn has(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

#[expect(
    clippy::too_many_lines,
    reason = "one thing after another, through every door"
)]
#[test]
fn nothing_that_people_write_and_nothing_that_lets_them_in_is_told_to_anybody() {
    let found = BASE64_STANDARD_NO_PAD.encode("Basic ana:Zebrafinch & co 6, and more");
    assert!(
        forms(PLANTED[5].1)
            .iter()
            .any(|form| has(found.as_bytes(), form))
    );

    let what = |wanted: &str| PLANTED.iter().find(|(what, _)| *what == wanted).unwrap().1;
    let home = Home::new();
    let runtime = Runtime::new().unwrap();
    let reply = what("words of a model").to_owned();
    let model = runtime.block_on(Model::start(Script::with(move |_| Reply::text(&reply))));
    let collector = Collector::start();
    let metrics = free_address();
    let mut server = Server::start(
        &home,
        &[
            ("LOG_LEVEL", "trace"),
            ("BETTER_AUTH_SECRET", what("the secret")),
            ("OPENAI_BASE_URL", model.url().as_str()),
            ("OPENAI_API_KEY", what("a key of a model")),
            (
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                &format!("http://{}", collector.address),
            ),
            ("SENTRY_DSN", &format!("http://key@{}/1", collector.address)),
            ("METRICS_PORT", &metrics.port().to_string()),
            ("RATE_LIMIT", "off"),
        ],
    );
    let json = ("content-type", "application/json");
    let origin = server.url();
    let named = ("x-request-id", "planted-to-be-found");
    let sign = |path: &str, password: &str| {
        let body = json!({ "email": what("an address"), "password": password, "name": "Ana" });
        let headers = [json, ("origin", origin.as_str())];
        send(
            server.address,
            &format!("POST /api/auth/{path}/email"),
            &headers,
            &body.to_string(),
        )
    };
    let signed_up = sign("sign-up", what("a password"));
    assert_eq!(status(&signed_up), "200", "{signed_up}");
    assert_eq!(
        status(&sign("sign-in", "Zebrafinch & co 6, but wrong")),
        "401"
    );
    let cookie = signed_up.split("set-cookie: ").nth(1).unwrap();
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let with_cookie = [
        ("cookie", cookie.as_str()),
        ("origin", origin.as_str()),
        named,
    ];
    let ask = |request: &str, kind: &str, body: &str| {
        let headers = [&with_cookie[..], &[("content-type", kind)]].concat();
        send(server.address, request, &headers, body)
    };
    let made = json!({ "name": "for this test", "scope": "write" }).to_string();
    let made = ask("POST /api/tokens", "application/json", &made);
    let token = made
        .split("\"token\":\"")
        .nth(1)
        .unwrap_or_else(|| panic!("{made}"));
    let token = token.split('"').next().unwrap().to_owned();
    let bearer = format!("Bearer {token}");
    let rest = |request: &str, body: &str| {
        let headers = [("authorization", bearer.as_str()), json, named];
        send(server.address, request, &headers, body)
    };
    let (title, description) = (what("a title"), what("a description"));
    let task = json!({ "title": title, "description": description }).to_string();
    assert_eq!(status(&rest("POST /api/tasks", &task)), "201");
    let encoded = "Zebrafinch%20%26%20co%201";
    let asked = rest(&format!("GET /api/tasks?search={encoded}"), "");
    assert!(matches!(status(&asked), "200" | "422"), "{asked}");
    // What is refused is as private as what is done.
    rest(&format!("GET /api/{encoded}/tasks"), "");
    rest(
        "POST /api/tasks",
        &json!({ "title": title, "due_date": title }).to_string(),
    );
    rest("POST /api/tasks", &format!("{{\"title\": \"{title}"));
    send(
        server.address,
        "GET /api/tasks",
        &[("authorization", &format!("Bearer {title}"))],
        "",
    );
    for words in ["words in a chat", "words for a model"] {
        let begin = if words == "words in a chat" {
            "add"
        } else {
            "what do you think of"
        };
        let said = json!({ "message": format!("{begin} {}", what(words)) }).to_string();
        let answer = rest("POST /api/chat", &said);
        assert_eq!(status(&answer), "200", "{answer}");
    }
    assert!(model.count() > 0, "the model was asked");
    let call = |name: &str, arguments: Value| {
        let call = json!({
            "jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": { "name": name, "arguments": arguments },
        });
        let accept = ("accept", "application/json, text/event-stream");
        let headers = [
            ("authorization", bearer.as_str()),
            json,
            accept,
            ("mcp-protocol-version", "2025-06-18"),
            named,
        ];
        send(server.address, "POST /mcp", &headers, &call.to_string())
    };
    let called = call("add_task", json!({ "title": title }));
    assert!(called.contains("task_id"), "{called}");
    call(
        "add_task",
        json!({ "title": title, "due": title, "other": title }),
    );
    call(title, json!({}));
    let said = json!({ "type": "threads.create", "params": { "input": {
        "content": [{ "type": "input_text", "text": format!("add {}", what("words in a chat")) }],
        "attachments": [], "inference_options": {},
    } } });
    let answer = rest("POST /chatkit", &said.to_string());
    assert!(answer.contains("thread.created"), "{answer}");
    let form = "application/x-www-form-urlencoded";
    for (request, body) in [
        (format!("GET /find?q={encoded}"), String::new()),
        ("GET /".to_owned(), String::new()),
        ("POST /add".to_owned(), format!("text={encoded}")),
        ("POST /say".to_owned(), format!("text=add+{encoded}")),
        (format!("GET /labels/{encoded}"), String::new()),
    ] {
        let answer = ask(&request, form, &body);
        assert_ne!(status(&answer), "401", "{request}: {answer}");
    }
    // The file is made unreadable under the server: an error with a cause.
    let database = home.path(".local/share/sayso/sayso.db");
    for file in ["", "-wal"] {
        let file = format!("{database}{file}");
        let length = std::fs::metadata(&file).unwrap().len();
        std::fs::write(&file, vec![b'x'; usize::try_from(length).unwrap()]).unwrap();
    }
    let answer = rest("GET /api/tasks", "");
    assert!(status(&answer).starts_with('5'), "{answer}");

    let figures = figures(metrics);
    let log = stop(&mut server, &home);
    let reports = collector.sent("/envelope");
    let traces = collector.sent("/v1/traces");
    let joined = |sent: &[crate::collector::Sent]| {
        let mut all = Vec::new();
        for sent in sent {
            all.extend_from_slice(&sent.body);
        }
        all
    };
    let told = [
        ("the log", log.into_bytes()),
        ("reports of errors", joined(&reports)),
        ("traces", joined(&traces)),
        ("figures", figures.into_bytes()),
    ];
    // What may be found is found, or nothing would be proven by what is not.
    for (place, text) in &told[..3] {
        assert!(has(text, b"planted-to-be-found"), "{place}");
    }
    assert!(has(&told[3].1, b"route=\"/api/tasks\""), "figures");
    let session = cookie.split_once('=').unwrap().1.split('.').next().unwrap();
    let others = [("a cookie", session), ("a token", token.as_str())];
    for (place, text) in &told {
        for (what, planted) in PLANTED.into_iter().chain(others) {
            for form in forms(planted) {
                let form_shown = String::from_utf8_lossy(&form);
                assert!(!has(text, &form), "{what} is in {place} as {form_shown}");
            }
        }
    }
    // One report of the error, although two lines of the log tell of it.
    let told = String::from_utf8(joined(&reports)).unwrap();
    assert_eq!(
        told.matches("\"request_id\":\"planted-to-be-found\"")
            .count(),
        1,
        "{told}"
    );
}
