//! Measures a release build of `sayso` from outside and prints the tables of `docs/benchmarks.md`.
//!
//! `cargo build --release && cargo run --release -p benches`. Postgres is measured too when `TEST_POSTGRES` names a
//! server on which databases can be made; `./benchmark` does all of it. With `reading` only the language is measured, with
//! `assistant` only the chats that a language model answers, with `agents` only tools called over MCP, with `page` only the
//! page in a browser, for which `./test` has to have installed what it needs once.

mod agents;
mod assistant;
#[path = "../../crates/language/tests/it/babble.rs"]
mod babble;
mod client;
mod flood;
mod page;
mod process;
mod reading;

use std::time::{Duration, Instant};

use client::{Connection, Request};
use process::Process;

/// Connections at once.
const CONNECTIONS: [usize; 4] = [1, 10, 50, 100];
/// Requests of one measurement, and how long it may take.
const REQUESTS: usize = 4_000;
const TIME_MAX: Duration = Duration::from_secs(10);
/// Users, one for each connection at most.
const USERS: usize = 100;
/// Tasks on the list that is measured.
const LIST: usize = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let only = std::env::args().nth(1);
    let only = only.as_deref();
    if only.is_none_or(|only| only == "reading") {
        println!("## One language reading\n");
        reading::measure();
    }
    if only == Some("reading") {
        return Ok(());
    }
    if only.is_none_or(|only| only == "page") {
        println!("\n## The page\n");
        page::measure().await?;
    }
    if only == Some("page") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let sqlite = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark has no settings of its own"
    )]
    let postgres = std::env::var("TEST_POSTGRES").ok();
    if postgres.is_none() {
        println!("\nPostgres is not measured: TEST_POSTGRES names no server.");
    }
    if only.is_none() {
        measure("SQLite", &sqlite("bench.db")).await?;
        if let Some(url) = &postgres {
            measure("Postgres", &process::fresh_database(url)?).await?;
        }
    }
    if only.is_none_or(|only| only == "agents") {
        println!("\n## Agents\n\n### SQLite");
        agents::measure(&sqlite("agents.db")).await?;
        if let Some(url) = &postgres {
            println!("\n### Postgres");
            agents::measure(&process::fresh_database(url)?).await?;
        }
    }
    if only == Some("agents") {
        return Ok(());
    }
    println!("\n## The assistant");
    assistant::tokens(&sqlite("tokens.db")).await?;
    println!("\n### SQLite\n");
    assistant::measure(&sqlite("assistant.db")).await?;
    if let Some(url) = &postgres {
        println!("\n### Postgres\n");
        assistant::measure(&process::fresh_database(url)?).await?;
    }
    Ok(())
}

async fn measure(name: &str, database: &str) -> anyhow::Result<()> {
    // The schema is made beforehand, so that the start is the start of every day.
    process::sayso(database, &["migrate"])?;
    println!("\n## {name}\n");
    let mut starts: Vec<Duration> = Vec::new();
    for _ in 0..5 {
        starts.push(Process::start(database).await?.started_in);
    }
    starts.sort();
    let server = Process::start(database).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    println!(
        "- start to the first answer: {:.0} ms (median of 5)",
        starts[2].as_secs_f64() * 1000.0
    );
    println!("- memory idle: {:.1} MB", server.memory_mb()?);

    // Every connection is a user of its own, with a list of the usual length.
    let mut tokens = Vec::new();
    for n in 0..USERS {
        let email = format!("user{n}@example.com");
        process::sayso(database, &["user", "create", "--email", &email])?;
        tokens.push(process::sayso(
            database,
            &["token", "create", "--user", &email],
        )?);
    }
    let mut connection = Connection::open(server.address).await?;
    let tasks: Vec<String> = (0..LIST)
        .map(|n| {
            format!(
                r#"{{"title":"Water plant {n}","due_date":"2030-01-{:02}"}}"#,
                n % 28 + 1
            )
        })
        .collect();
    let body = format!(r#"{{"tasks":[{}]}}"#, tasks.join(","));
    for token in &tokens {
        let status = connection
            .send(&Request::new("POST", "/api/import", token, Some(&body)))
            .await?;
        anyhow::ensure!(status == 201, "the tasks could not be added: {status}");
    }

    println!(
        "\n| request | connections | requests | per s | p50 ms | p95 ms | p99 ms | CPU ms a request | memory MB | failed |"
    );
    println!("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    let list = format!("/api/tasks?limit={LIST}&status=pending");
    let kinds: [(&str, &str, &str, Option<&str>); 4] = [
        ("health", "GET", "/health", None),
        ("list of 100", "GET", &list, None),
        (
            "create",
            "POST",
            "/api/tasks",
            Some(r#"{"title":"Buy milk"}"#),
        ),
        (
            "chat turn",
            "POST",
            "/api/chat",
            Some(r#"{"message":"remind me to call mum tomorrow at 6pm"}"#),
        ),
    ];
    for (name, method, path, body) in kinds {
        for connections in CONNECTIONS {
            let requests: Vec<Request> = tokens
                .iter()
                .take(connections)
                .map(|token| Request::new(method, path, token, body))
                .collect();
            load(name, &server, &requests).await?;
        }
    }
    drop(server);
    flood::measure(database).await?;
    flood::guesses(database).await
}

/// Sends each request over and over on a connection of its own, and prints a row.
async fn load(name: &str, server: &Process, requests: &[Request]) -> anyhow::Result<()> {
    let connections = requests.len();
    let each = REQUESTS / connections;
    let cpu_before = server.cpu()?;
    let started = Instant::now();
    let mut clients = Vec::new();
    for request in requests {
        let (request, mut connection) = (request.clone(), Connection::open(server.address).await?);
        clients.push(tokio::spawn(async move {
            let (mut latencies, mut failed) = (Vec::with_capacity(each), 0);
            for _ in 0..each {
                if started.elapsed() > TIME_MAX {
                    break;
                }
                let sent = Instant::now();
                match connection.send(&request).await {
                    Ok(status) if status < 300 => latencies.push(sent.elapsed()),
                    _ => failed += 1,
                }
            }
            (latencies, failed)
        }));
    }
    let (mut latencies, mut failed) = (Vec::new(), 0);
    for client in clients {
        let (some, wrong) = client.await?;
        latencies.extend(some);
        failed += wrong;
    }
    let took = started.elapsed();
    let cpu = server.cpu()?.saturating_sub(cpu_before);
    latencies.sort();
    let at = |part: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a rank"
        )]
        let rank =
            ((latencies.len() as f64 * part) as usize).min(latencies.len().saturating_sub(1));
        latencies
            .get(rank)
            .copied()
            .unwrap_or_default()
            .as_secs_f64()
            * 1000.0
    };
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    let count = latencies.len().max(1) as f64;
    println!(
        "| {name} | {connections} | {} | {:.0} | {:.2} | {:.2} | {:.2} | {:.3} | {:.1} | {failed} |",
        latencies.len(),
        count / took.as_secs_f64(),
        at(0.5),
        at(0.95),
        at(0.99),
        cpu.as_secs_f64() * 1000.0 / count,
        server.memory_mb()?,
    );
    Ok(())
}
