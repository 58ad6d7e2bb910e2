//! What guessing and flooding do to everybody else: sign-ins that are held back, and a list read meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::client::{Connection, Request};
use crate::process::{self, Process};

/// A flood: how it is called, how many sign-ins, on how many connections, and the limits by address.
const FLOODS: [(&str, usize, usize, &str); 2] = [
    ("1,000 at one account", 1_000, 20, "off"),
    ("10,000 from one address", 10_000, 50, "strict"),
];

/// Prints a row for each flood.
pub(crate) async fn measure(database: &str) -> anyhow::Result<()> {
    println!(
        "\n| sign-ins | of them tried | took s | list p50 / p95 ms before | list p50 / p95 ms meanwhile | memory MB before / after |"
    );
    println!("|---|---:|---:|---:|---:|---:|");
    for (name, count, connections, limits) in FLOODS {
        let server = Process::start_with(database, &[("RATE_LIMIT", limits)]).await?;
        let token = process::sayso(
            database,
            &["token", "create", "--user", "user0@example.com"],
        )?;
        let list = Request::new("GET", "/api/tasks?limit=100", &token, None);
        // The first hash takes its memory.
        flood(&server, connections, connections, false, &Arc::default()).await?;
        let before = watch(&server, &list, &Arc::default(), Duration::from_secs(2)).await?;
        let memory_before = server.memory_mb()?;
        let over = Arc::new(AtomicBool::new(false));
        let started = Instant::now();
        let tried = Arc::new(AtomicUsize::new(0));
        let (took, meanwhile) = tokio::join!(
            async {
                flood(&server, count, connections, limits == "off", &tried).await?;
                over.store(true, Ordering::Relaxed);
                anyhow::Ok(started.elapsed())
            },
            watch(&server, &list, &over, Duration::from_mins(1)),
        );
        println!(
            "| {name} | {} | {:.2} | {before} | {} | {memory_before:.1} / {:.1} |",
            tried.load(Ordering::Relaxed),
            took?.as_secs_f64(),
            meanwhile?,
            server.memory_mb()?,
        );
    }
    Ok(())
}

/// How long a sign-in takes with a wrong password and with an address that nobody has: nothing should tell them apart.
pub(crate) async fn guesses(database: &str) -> anyhow::Result<()> {
    /// Of each kind; every one is for another address, since those that fail have to wait.
    const GUESSES: usize = 60;
    let server = Process::start_with(database, &[("RATE_LIMIT", "off")]).await?;
    let mut connection = Connection::open(server.address).await?;
    for n in 0..GUESSES {
        let body = format!(
            r#"{{"name":"x","email":"known{n}@example.com","password":"correct horse 1"}}"#
        );
        let request = Request::new("POST", "/api/auth/sign-up/email", "x", Some(&body));
        anyhow::ensure!(connection.send(&request).await? == 200, "nobody was made");
    }
    let mut medians = Vec::new();
    for who in ["known", "unknown"] {
        let mut latencies = Vec::new();
        for n in 0..GUESSES {
            let body = format!(r#"{{"email":"{who}{n}@example.com","password":"a guess 1234"}}"#);
            let request = Request::new("POST", "/api/auth/sign-in/email", "x", Some(&body));
            let sent = Instant::now();
            anyhow::ensure!(connection.send(&request).await? == 401, "somebody got in");
            latencies.push(sent.elapsed());
        }
        latencies.sort();
        medians.push(latencies[GUESSES / 2].as_secs_f64() * 1000.0);
    }
    println!(
        "\n- a sign-in with a wrong password: {:.2} ms, for an address that nobody has: {:.2} ms (medians of {GUESSES})",
        medians[0], medians[1]
    );
    Ok(())
}

/// Signs in wrongly `count` times, and counts those that were not held back.
async fn flood(
    server: &Process,
    count: usize,
    connections: usize,
    one_account: bool,
    tried: &Arc<AtomicUsize>,
) -> anyhow::Result<()> {
    let mut clients = Vec::new();
    for client in 0..connections {
        let (mut connection, tried) = (Connection::open(server.address).await?, tried.clone());
        clients.push(tokio::spawn(async move {
            for n in 0..count / connections {
                let account = if one_account {
                    0
                } else {
                    n * connections + client
                };
                let body =
                    format!(r#"{{"email":"user{account}@example.com","password":"a guess 1234"}}"#);
                let request = Request::new("POST", "/api/auth/sign-in/email", "x", Some(&body));
                if connection.send(&request).await? != 429 {
                    tried.fetch_add(1, Ordering::Relaxed);
                }
            }
            anyhow::Ok(())
        }));
    }
    for client in clients {
        client.await??;
    }
    Ok(())
}

/// Reads a list over and over, five milliseconds apart, and says how long it took.
async fn watch(
    server: &Process,
    list: &Request,
    over: &Arc<AtomicBool>,
    most: Duration,
) -> anyhow::Result<String> {
    let mut connection = Connection::open(server.address).await?;
    let (started, mut latencies) = (Instant::now(), Vec::new());
    while started.elapsed() < most && !over.load(Ordering::Relaxed) {
        let sent = Instant::now();
        connection.send(list).await?;
        latencies.push(sent.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    latencies.sort();
    let at = |part: usize| {
        let latency = latencies.get(latencies.len() * part / 100);
        latency.copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    Ok(format!("{:.2} / {:.2}", at(50), at(95)))
}
