//! `sayso serve`: it starts, answers over sockets, bears bad clients, stops, and has everything after a restart.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::Home;
use crate::server::Server;

#[test]
fn without_any_settings_it_serves_and_signs_the_browser_in_once() {
    let home = Home::new();
    let server = Server::start(&home, &[]);
    assert_eq!(server.call("GET", "/readyz", "", None).0, 200);
    let get = format!(
        "GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        server.link
    );
    let signed_in = server.raw(get.as_bytes());
    assert!(
        signed_in.starts_with("HTTP/1.1 303")
            && signed_in.contains("set-cookie: better-auth.session_token="),
        "{signed_in}"
    );
    assert!(
        server.raw(get.as_bytes()).starts_with("HTTP/1.1 401"),
        "a link works once"
    );
}

#[test]
fn killed_or_stopped_it_has_everything_when_it_starts_again() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    for signal in ["-KILL", "-TERM"] {
        let mut server = Server::start(&home, &[]);
        let (status, reply) = server.call(
            "POST",
            "/api/chat",
            &token,
            Some(&json!({ "message": format!("add before {signal}") })),
        );
        assert_eq!(status, 200, "{reply}");
        server.signal(signal);
        let status = server.child.wait().unwrap();
        assert_eq!(status.success(), signal == "-TERM", "{status:?}");
    }
    let server = Server::start(&home, &[]);
    let (_, tasks) = server.call("GET", "/api/tasks", &token, None);
    assert_eq!(tasks.as_array().unwrap().len(), 2, "{tasks}");
    // The command line works on the same file while the server runs.
    assert!(home.ok(&["list"]).starts_with("2 tasks"));
    home.ok(&["add", "from the command line"]);
    assert_eq!(
        server
            .call("GET", "/api/tasks", &token, None)
            .1
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(home.run(&["audit", "verify"]).code, 0);
}

#[test]
fn clients_that_misbehave_are_told_and_let_go() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let server = &Server::start(&home, &[]);
    let status = |request: &[u8]| {
        server
            .raw(request)
            .split(' ')
            .nth(1)
            .unwrap_or("closed")
            .to_owned()
    };

    assert_eq!(status(b"nonsense\r\n\r\n"), "400");
    let many: String = (0..300).map(|n| format!("x-{n}: y\r\n")).collect();
    assert_eq!(
        status(format!("GET / HTTP/1.1\r\nhost: x\r\n{many}\r\n").as_bytes()),
        "431"
    );
    let large = "x".repeat(1 << 20);
    assert_eq!(
        status(format!("GET / HTTP/1.1\r\nhost: x\r\nx: {large}\r\n\r\n").as_bytes()),
        "431"
    );
    let head = format!(
        "POST /api/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    );
    let told = server.raw(
        format!("{head}content-length: 10000000\r\nconnection: close\r\n\r\n{large}").as_bytes(),
    );
    assert!(told.starts_with("HTTP/1.1 413"), "{told}");

    // Headers that never end, and a body that never comes: both are waited for only so long.
    let started = Instant::now();
    let half = format!("{head}content-length: 20\r\nconnection: close\r\n\r\n{{\"title\"");
    std::thread::scope(|both| {
        let slow_head = both.spawn(|| server.raw(b"GET / HTTP/1.1\r\nhost: x\r\n"));
        let slow_body = both.spawn(|| server.raw(half.as_bytes()));
        let to_agents = half.replace("/api/tasks", "/mcp");
        let slow_agent = both.spawn(move || server.raw(to_agents.as_bytes()));
        let (slow_head, slow_body) = (slow_head.join().unwrap(), slow_body.join().unwrap());
        let slow_agent = slow_agent.join().unwrap();
        assert!(
            slow_head.is_empty() || slow_head.starts_with("HTTP/1.1 408"),
            "{slow_head}"
        );
        for slow_body in [slow_body, slow_agent] {
            assert!(slow_body.starts_with("HTTP/1.1 408"), "{slow_body}");
        }
    });
    assert!(started.elapsed() < Duration::from_secs(20));
    assert_eq!(
        server.call("GET", "/api/tasks", &token, None),
        (200, json!([]))
    );
}

#[test]
fn a_port_that_is_taken_is_named() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let run = home.run(&[
        "serve",
        "--port",
        &taken.local_addr().unwrap().port().to_string(),
    ]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("cannot be listened on"), "{}", run.err);
}

#[test]
fn two_servers_on_one_postgres_share_fifty_conversations() {
    let url = crate::postgres::database();
    let home = Home::new();
    let on = |arguments: &[&str]| home.ok(&[&["--database-url", &url], arguments].concat());
    let users = ["ana", "ben"].map(|name| {
        on(&["user", "create", "--email", &format!("{name}@example.com")]);
        on(&["token", "create", "--user", &format!("{name}@example.com")])
    });
    let servers = [
        Server::start(&home, &[("DATABASE_URL", &url)]),
        Server::start(&home, &[("DATABASE_URL", &url)]),
    ];
    std::thread::scope(|all| {
        for n in 0..50 {
            let (servers, token) = (&servers, &users[n % 2]);
            all.spawn(move || {
                let say = |server: &Server, body: Value| {
                    let (status, reply) = server.call("POST", "/api/chat", token, Some(&body));
                    assert_eq!(status, 200, "{reply}");
                    reply["conversation_id"].clone()
                };
                let begun = say(
                    &servers[n / 2 % 2],
                    json!({ "message": format!("add \"chat {n}\"") }),
                );
                // The other server goes on with what the first began.
                say(
                    &servers[(n / 2 + 1) % 2],
                    json!({ "message": "mark it as done", "conversation_id": begun }),
                );
            });
        }
    });
    let mut titles = Vec::new();
    for token in &users {
        let (_, tasks) = servers[0].call("GET", "/api/tasks", token, None);
        for task in tasks.as_array().unwrap() {
            assert_eq!(task["completed"], true, "{task}");
            titles.push(task["title"].as_str().unwrap().to_owned());
        }
    }
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), 50, "{titles:?}");
    on(&["audit", "verify"]);
}

#[test]
fn agents_can_have_an_address_of_their_own() {
    let home = Home::new();
    let token = home.ok(&["token", "create"]);
    let agents = crate::server::free_address();
    let port = agents.port().to_string();
    let mut server = Server::start(&home, &[("MCP_PORT", &port)]);
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" }).to_string();
    let ask = |address, path: &str| {
        Server::send_to(
            address,
            format!(
                "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
                 accept: application/json, text/event-stream\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{list}",
                list.len()
            ),
        )
    };
    for address in [agents, server.address] {
        let answer = ask(address, "/mcp");
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("add_task"),
            "{answer}"
        );
    }
    for path in ["/", "/api/chat", "/sign-in"] {
        assert!(ask(agents, path).starts_with("HTTP/1.1 404"), "{path}");
    }
    server.signal("-TERM");
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn whoever_watches_over_it_asks_whether_it_is_ready() {
    let home = Home::new();
    let server = Server::start(&home, &[("HOST", "0.0.0.0")]);
    let port = server.address.port().to_string();
    let ask = ["health", "--host", "0.0.0.0", "--port", &port];
    assert_eq!(home.run(&ask).code, 0);
    assert_eq!(home.run(&["health", &server.url()]).code, 0);
    drop(server);
    let run = home.run(&ask);
    assert_eq!(run.code, 1);
    assert!(
        run.err
            .contains(&format!("http://127.0.0.1:{port} does not answer")),
        "{run:?}"
    );
}
