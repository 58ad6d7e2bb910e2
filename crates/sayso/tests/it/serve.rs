//! `sayso serve`: it starts, answers over sockets, bears bad clients, stops, and has everything after a restart.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::Home;

struct Server {
    child: Child,
    address: SocketAddr,
    link: String,
}

impl Server {
    /// Starts a server and waits until it says that it listens.
    fn start(home: &Home) -> Self {
        Self::start_on(home, None)
    }

    /// Likewise on the database at `url`.
    fn start_on(home: &Home, url: Option<&str>) -> Self {
        // Free a moment ago; a port can only be lent.
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let mut command = home.command();
        command.envs(url.map(|url| ("DATABASE_URL", url)));
        command
            .arg("serve")
            .env("PORT", address.port().to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut link = String::new();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        loop {
            let mut line = String::new();
            assert!(
                log.read_line(&mut line).unwrap() > 0,
                "the server has stopped by itself"
            );
            if let Some(found) = line.trim().strip_prefix(&format!("http://{address}")) {
                link = found.to_owned();
            }
            if line.contains("listening") {
                break;
            }
        }
        // The log goes on being read, so that the server never waits for a reader.
        std::thread::spawn(move || log.lines().for_each(drop));
        Self {
            child,
            address,
            link,
        }
    }

    fn signal(&self, name: &str) {
        let done = std::process::Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(done.success());
    }

    /// Sends bytes as they are and returns everything that comes back.
    fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        // A server that has heard enough may close before everything is sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn call(&self, method: &str, path: &str, token: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.raw(
            format!(
                "{method} {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n{body}",
                self.address,
                body.len()
            )
            .as_bytes(),
        );
        let status = answer
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0);
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn without_any_settings_it_serves_and_signs_the_browser_in_once() {
    let home = Home::new();
    let server = Server::start(&home);
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
        let mut server = Server::start(&home);
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
    let server = Server::start(&home);
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
    let server = Server::start(&home);
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
        let (slow_head, slow_body) = (slow_head.join().unwrap(), slow_body.join().unwrap());
        assert!(
            slow_head.is_empty() || slow_head.starts_with("HTTP/1.1 408"),
            "{slow_head}"
        );
        assert!(slow_body.starts_with("HTTP/1.1 408"), "{slow_body}");
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
    /// A role that policies on rows bind, unlike the superuser who makes the database.
    const ROLE: &str = "DO $$ BEGIN CREATE ROLE sayso_test LOGIN PASSWORD 'sayso_test'; \
                        EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings of their own"
    )]
    let server = std::env::var("TEST_POSTGRES")
        .expect("TEST_POSTGRES names no Postgres server; run ./test, which starts one");
    let name = format!("servers_{}", std::process::id());
    let made = std::process::Command::new("psql")
        .args([&server, "-q", "-c", ROLE, "-c"])
        .arg(format!("CREATE DATABASE {name} OWNER sayso_test"))
        .status()
        .unwrap();
    assert!(made.success());
    let (_, place) = server.rsplit_once('@').unwrap();
    let (host, _) = place.rsplit_once('/').unwrap();
    let url = format!("postgres://sayso_test:sayso_test@{host}/{name}");
    let home = Home::new();
    let on = |arguments: &[&str]| home.ok(&[&["--database-url", &url], arguments].concat());
    let users = ["ana", "ben"].map(|name| {
        on(&["user", "create", "--email", &format!("{name}@example.com")]);
        on(&["token", "create", "--user", &format!("{name}@example.com")])
    });
    let servers = [
        Server::start_on(&home, Some(&url)),
        Server::start_on(&home, Some(&url)),
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
