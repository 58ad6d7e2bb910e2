//! Changes that one program makes are heard through another on the same database.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::postgres;
use crate::program::Home;
use crate::server::Server;

/// A stream of events over a socket of its own.
struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(server: &Server, token: &str) -> Self {
        let mut socket = TcpStream::connect(server.address).unwrap();
        let limit = Some(Duration::from_secs(20));
        socket.set_read_timeout(limit).unwrap();
        let request = format!(
            "GET /api/events HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\n\r\n",
            server.address
        );
        socket.write_all(request.as_bytes()).unwrap();
        let mut stream = Self(BufReader::new(socket));
        assert_eq!(stream.until("hello").map(|_| ()), Some(()));
        stream
    }

    /// The data of the next event with this name. `None` at the end.
    fn until(&mut self, name: &str) -> Option<Value> {
        let mut event = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(found) = line.strip_prefix("event: ") {
                found.trim().clone_into(&mut event);
            }
            if let (Some(data), true) = (line.strip_prefix("data: "), event == name) {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }
}

/// A server and a command line on one database, and then another server.
fn on(database: &[(&str, &str)]) {
    let home = Home::new();
    let run = |arguments: &[&str]| {
        let mut command = home.command();
        command.envs(database.iter().copied()).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let token = run(&["token", "create"]);
    let server = Server::start(&home, database);
    let mut stream = Stream::open(&server, &token);
    for title in ["One", "Two", "Three"] {
        run(&["add", title]);
        let change = stream.until("change").unwrap();
        assert_eq!(change["text"], format!("Added \u{201c}{title}\u{201d}."));
        assert_eq!(change["door"], "cli");
    }
    let other = Server::start(&home, database);
    let (status, _) = other.call(
        "PATCH",
        "/api/tasks/1",
        &token,
        Some(&serde_json::json!({ "title": "Four" })),
    );
    assert_eq!(status, 200);
    assert_eq!(stream.until("change").unwrap()["task_ids"][0], 1);

    let asked = Instant::now();
    server.signal("-TERM");
    assert_eq!(stream.until("change"), None, "it ends");
    let mut server = server;
    assert!(server.child.wait().unwrap().success());
    // Nobody waited for it until the patience with requests under way was over.
    assert!(asked.elapsed() < Duration::from_secs(9));
}

#[test]
fn on_one_file() {
    on(&[]);
}

#[test]
fn on_one_postgres() {
    on(&[("DATABASE_URL", &postgres::database())]);
}
