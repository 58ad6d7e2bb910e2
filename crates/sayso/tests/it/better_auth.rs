//! The official Better Auth client, unchanged, against this server; and databases that move to and from the official
//! server. The programs are in `tests/better-auth`; `./test` installs what they need.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use crate::postgres;
use crate::program::Home;
use crate::server::{Server, free_address};

/// What both kinds of server sign with in these tests.
const SECRET: &str = "kT7pQ2vXw9ZbR4mN8sLd3FgH6jCy1aEu";
const PASSWORD: &str = "correct horse 1";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/better-auth")
}

/// Runs one of the programs, which has to succeed.
fn program(script: &str, arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new("node")
        .current_dir(folder())
        .arg(script)
        .args(arguments)
        .output()
        .expect("node is installed, as ./test sees to");
    let out = String::from_utf8_lossy(&stdout).into_owned();
    assert!(
        status.success(),
        "{script}: {out}{}",
        String::from_utf8_lossy(&stderr)
    );
    out
}

/// The official server.
struct Official {
    child: Child,
    url: String,
}

impl Official {
    fn start(database: &str) -> Self {
        let port = free_address().port().to_string();
        let mut child = Command::new(folder().join("node_modules/node/bin/node"))
            .current_dir(folder())
            .args(["server.mjs", database, &port])
            .env("BETTER_AUTH_SECRET", SECRET)
            .env("BETTER_AUTH_TELEMETRY", "0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim() != "ready" {
            line.clear();
            assert!(
                lines.read_line(&mut line).unwrap() > 0,
                "the official server has not started"
            );
        }
        std::thread::spawn(move || lines.read_to_end(&mut Vec::new()));
        Self {
            child,
            url: format!("http://127.0.0.1:{port}"),
        }
    }
}

impl Drop for Official {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Our server on this database, as it is without settings but for the secret and the limits.
fn ours(home: &Home, database: &str, settings: &[(&str, &str)]) -> Server {
    let mut all = vec![
        ("DATABASE_URL", database),
        ("BETTER_AUTH_SECRET", SECRET),
        ("RATE_LIMIT", "off"),
    ];
    all.extend(settings);
    Server::start(home, &all)
}

/// A new database of each kind: its address for us, and for the official server.
fn databases(home: &Home) -> [(String, String); 2] {
    let file = home.path("accounts.db");
    let postgres = postgres::database();
    [
        (format!("sqlite://{file}"), format!("sqlite:{file}")),
        (postgres.clone(), postgres),
    ]
}

#[test]
fn the_official_client_lives_a_whole_life_here() {
    let home = Home::new();
    for (database, _) in databases(&home) {
        let server = ours(&home, &database, &[]);
        program("client.mjs", &[&server.url()]);
        assert_eq!(
            home.ok(&["--database-url", &database, "audit", "verify"]),
            ""
        );
    }
}

#[test]
fn links_in_mails_work_with_the_official_client() {
    let home = Home::new();
    for (database, _) in databases(&home) {
        let server = ours(&home, &database, &[]);
        program("mail.mjs", &[&server.url(), &home.path("server.log")]);
    }
}

#[test]
fn a_database_of_the_official_server_is_opened_and_its_users_sign_in() {
    let home = Home::new();
    for (ours_url, theirs_url) in databases(&home) {
        let email = "ada@example.com";
        {
            let official = Official::start(&theirs_url);
            program("sign-up.mjs", &[&official.url, email, PASSWORD, "Ada"]);
        }
        let server = ours(&home, &ours_url, &[]);
        let user = program("sign-in.mjs", &[&server.url(), email, PASSWORD]);
        assert!(user.contains("\"name\":\"Ada\""), "{user}");
        // Twice: the first time has changed how the password is kept.
        program("sign-in.mjs", &[&server.url(), email, PASSWORD]);
    }
}

#[test]
fn a_database_of_ours_is_opened_by_the_official_server_and_its_users_sign_in() {
    let home = Home::new();
    for (ours_url, theirs_url) in databases(&home) {
        let email = "ada@example.com";
        {
            let server = ours(&home, &ours_url, &[("AUTH_PASSWORD_FORMAT", "better-auth")]);
            program("sign-up.mjs", &[&server.url(), email, PASSWORD, "Ada"]);
            program("sign-in.mjs", &[&server.url(), email, PASSWORD]);
        }
        let official = Official::start(&theirs_url);
        let user = program("sign-in.mjs", &[&official.url, email, PASSWORD]);
        assert!(user.contains("\"name\":\"Ada\""), "{user}");
    }
}

#[test]
fn an_official_server_vouches_for_its_users_here() {
    let home = Home::new();
    let official = Official::start(&format!("sqlite:{}", home.path("theirs.db")));
    program(
        "sign-up.mjs",
        &[&official.url, "ada@example.com", PASSWORD, "Ada"],
    );
    for (database, _) in databases(&home) {
        let server = ours(&home, &database, &[("BETTER_AUTH_URL", &official.url)]);
        program(
            "external.mjs",
            &[&official.url, &server.url(), "ada@example.com", PASSWORD],
        );
    }
}
