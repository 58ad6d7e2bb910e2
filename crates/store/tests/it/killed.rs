//! A program that is killed in the middle of a load loses nothing it had acknowledged.
//!
//! The program is this test itself, started again with an address in its environment: it writes and says what was
//! acknowledged, until it is killed.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command as Process, Stdio};

use domain::{AddTask, Command, Filter, Order};
use store::Store;

use crate::database::{DURABLE, Database, Kind, Ran, at, run, user};

/// The variable that makes this test the program that is killed.
const ADDRESS: &str = "STORE_TEST_WRITER";
const ROUNDS: usize = 20;

#[test]
fn kill_9_loses_nothing_that_was_acknowledged() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no settings of its own"
    )]
    if let Ok(url) = std::env::var(ADDRESS) {
        return writer(&url);
    }
    for kind in DURABLE {
        killed_again_and_again(kind);
    }
}

/// Writes for several users at once and prints each acknowledged task, for as long as it lives.
fn writer(url: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(url).await.unwrap();
        let writers = ["ana", "ben", "eva"].map(|name| {
            let store = store.clone();
            tokio::spawn(async move {
                loop {
                    let title = format!("of {name}").parse().unwrap();
                    let ran = run(
                        &store,
                        &user(name),
                        &Command::AddTask(AddTask::new(title)),
                        at(0),
                    )
                    .await;
                    let Ran::Changed(entry) = ran else {
                        panic!("it can be added: {ran:?}")
                    };
                    println!("acknowledged {name} {}", entry.seq);
                }
            })
        });
        futures_util::future::join_all(writers).await;
    });
}

/// The program, in whose output `count` acknowledgements have been seen.
fn start(
    url: &str,
    count: usize,
) -> (
    Child,
    BufReader<std::process::ChildStdout>,
    Vec<(String, i64)>,
) {
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args([
            "killed::kill_9_loses_nothing_that_was_acknowledged",
            "--exact",
            "--nocapture",
        ])
        .env(ADDRESS, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = Vec::new();
    while acknowledged.len() < count {
        let mut line = String::new();
        assert!(
            output.read_line(&mut line).unwrap() > 0,
            "the writer has stopped by itself"
        );
        acknowledged.extend(acknowledgement(&line));
    }
    (child, output, acknowledged)
}

fn acknowledgement(line: &str) -> Option<(String, i64)> {
    let (name, seq) = line.trim().split_once("acknowledged ")?.1.split_once(' ')?;
    Some((name.to_owned(), seq.parse().ok()?))
}

fn killed_again_and_again(kind: Kind) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::new(kind));
    for round in 0..ROUNDS {
        // A different moment each time: while it starts to write or later, right after an answer or in the middle.
        let (mut child, output, mut acknowledged) = start(&database.url, 1 + round * 7 % 40);
        std::thread::sleep(std::time::Duration::from_micros(round as u64 * 997 % 6_000));
        child.kill().unwrap();
        child.wait().unwrap();
        // What it had said before it died counts too; a line cut off does not.
        acknowledged.extend(
            output
                .lines()
                .map_while(Result::ok)
                .filter_map(|line| acknowledgement(&line)),
        );
        runtime.block_on(async {
            let store = Store::open(&database.url).await.unwrap();
            for name in ["ana", "ben", "eva"] {
                let verified = store
                    .verify(&user(name))
                    .await
                    .unwrap_or_else(|error| panic!("{kind:?} {round}: {error}"));
                let last = acknowledged
                    .iter()
                    .filter(|(who, _)| who == name)
                    .map(|(_, seq)| *seq)
                    .max()
                    .unwrap_or(0);
                assert!(
                    verified.entries >= last.unsigned_abs(),
                    "{kind:?} {round}: {last} was acknowledged, {} are there",
                    verified.entries
                );
                let page = store
                    .list(&user(name), &Filter::Open, Order::Added, 1, None, at(0))
                    .await
                    .unwrap();
                // Postgres may still have been writing what the program had sent before it died.
                let after = store.verify(&user(name)).await.unwrap().entries;
                assert!(
                    (verified.entries..=after).contains(&page.total.unsigned_abs()),
                    "{kind:?} {round}: {} entries, then {} tasks, then {after} entries",
                    verified.entries,
                    page.total
                );
                assert!(
                    kind == Kind::Postgres || after == verified.entries,
                    "a dead program writes nothing"
                );
            }
            store.close().await;
        });
    }
}
