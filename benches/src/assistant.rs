//! Chats that a language model answers: a scripted one in this process, so that what is measured is ours.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use scripted_model::{Call, Gate, Model, Reply, Script};
use serde_json::{Value, json};

use crate::client::{Answer, Connection, Request};
use crate::process::{self, Process};

/// What the engine makes nothing of.
const ODD: &str = "the vet ought to land on thursday somehow";
/// What a model thinks before it answers, where it thinks.
const THINKS: Duration = Duration::from_secs(1);
/// Chats at once that are all answered, and that are more than may be written at once.
const CROWD: usize = 50;
const FLOOD: usize = 200;
/// After how many turns memory is looked at, on how many connections they come, and how long they may take. What grows
/// after the first 10,000 would go on growing.
const TURNS: [usize; 6] = [1_000, 5_000, 10_000, 20_000, 25_000, 30_000];
const TALKERS: usize = 8;
const TURNS_TIME_MAX: Duration = Duration::from_mins(2);
/// Turns of one conversation.
const CONVERSATION: usize = 50;
/// Streams whose first word and whose end are waited for.
const STREAMS: usize = 20;

/// Prints a table for this database.
pub(crate) async fn measure(database: &str) -> anyhow::Result<()> {
    process::sayso(database, &["migrate"])?;
    let tokens = users(database, CROWD + FLOOD)?;
    println!("| what | aim | measured |\n|---|---|---|");
    let (crowd, flood) = tokens.split_at(CROWD);
    at_once(database, crowd).await?;
    too_many(database, flood).await?;
    streams(database, &tokens[0]).await?;
    killed(database, &tokens[1]).await?;
    turns(database, &tokens[..TALKERS]).await
}

/// So many new users: a token of each.
fn users(database: &str, count: usize) -> anyhow::Result<Vec<String>> {
    let user = |n| {
        let email = format!("talker{n}@example.com");
        process::sayso(database, &["user", "create", "--email", &email])?;
        process::sayso(database, &["token", "create", "--user", &email])
    };
    (0..count).map(user).collect()
}

/// A server that asks this model.
async fn server(database: &str, model: &Model) -> anyhow::Result<Process> {
    let url = model.url();
    let settings = [("OPENAI_BASE_URL", url.as_str()), ("OPENAI_API_KEY", "x")];
    Process::start_with(database, &settings).await
}

/// A model that calls for a new task after a while.
async fn adding() -> Model {
    let after_ms = u64::try_from(THINKS.as_millis()).unwrap_or_default();
    let call = Reply::call("add_task", json!({ "title": "Vet" })).after_ms(after_ms);
    Model::start(Script::with(move |_| call.clone())).await
}

fn say(message: &str, conversation: Option<&Value>) -> String {
    let mut body = json!({ "message": message });
    if let Some(conversation) = conversation {
        body["conversation_id"] = conversation.clone();
    }
    body.to_string()
}

/// Says something for each of these users at the same moment.
async fn all_say(server: &Process, tokens: &[String]) -> anyhow::Result<Vec<(Answer, Duration)>> {
    let mut chats = Vec::new();
    for token in tokens {
        let request = Request::new("POST", "/api/chat", token, Some(&say(ODD, None)));
        let mut connection = Connection::open(server.address).await?;
        chats.push(async move {
            let sent = Instant::now();
            let answer = connection.ask(&request).await?;
            anyhow::Ok((answer, sent.elapsed()))
        });
    }
    // The connections are there; now all at once.
    let chats: Vec<_> = chats.into_iter().map(tokio::spawn).collect();
    let mut answers = Vec::new();
    for chat in chats {
        answers.push(chat.await??);
    }
    Ok(answers)
}

/// How many tasks there are.
async fn tasks(connection: &mut Connection, token: &str) -> anyhow::Result<usize> {
    let request = Request::new("GET", "/api/tasks", token, None);
    let answer = connection.ask(&request).await?;
    let total = answer.header("x-total-count");
    Ok(total.context("a list without a count")?.parse()?)
}

async fn at_once(database: &str, tokens: &[String]) -> anyhow::Result<()> {
    let model = adding().await;
    let server = server(database, &model).await?;
    let over = Arc::new(AtomicBool::new(false));
    let health = tokio::spawn(health(server.address, Arc::clone(&over)));
    // What health takes when nothing else happens.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let begun = Instant::now();
    let answers = all_say(&server, tokens).await?;
    let took = begun.elapsed();
    over.store(true, Ordering::Relaxed);
    let health = health.await??;
    let (mut quiet, mut meanwhile) = (Vec::new(), Vec::new());
    for (sent, latency) in health {
        let is_before = sent + latency < begun;
        let times = if is_before {
            &mut quiet
        } else {
            &mut meanwhile
        };
        times.push(latency);
    }
    let mut changed = 0;
    let mut connection = Connection::open(server.address).await?;
    for ((answer, _), token) in answers.iter().zip(tokens) {
        let has_receipt = answer.status == 200 && answer.json()?["blocks"][0]["block"] == "receipt";
        changed += usize::from(has_receipt && tasks(&mut connection, token).await? == 1);
    }
    let mut times: Vec<Duration> = answers.iter().map(|(_, took)| *took).collect();
    row(
        &format!("{CROWD} chats at once, a model that takes 1 s: all answered after"),
        "two model times: 2 s",
        &format!(
            "{:.2} s (p50 {:.2} s)",
            took.as_secs_f64(),
            at(&mut times, 50).as_secs_f64()
        ),
    );
    row(
        "of them failed, or without their one task",
        "0",
        &(CROWD - changed).to_string(),
    );
    row(
        "requests to the model for each",
        "1.0",
        &format!("{:.2}", ratio(model.count(), CROWD)),
    );
    row(
        "`/health` p50 / p99 / longest meanwhile, every 5 ms",
        "p99 20 ms",
        &format!(
            "{} / {:.1} ms ({} before)",
            p50_and(&mut meanwhile, 99),
            at(&mut meanwhile, 100).as_secs_f64() * 1000.0,
            p50_and(&mut quiet, 99)
        ),
    );
    Ok(())
}

/// How long health takes, and when, until it is `over`.
async fn health(
    address: std::net::SocketAddr,
    over: Arc<AtomicBool>,
) -> anyhow::Result<Vec<(Instant, Duration)>> {
    let request = Request::new("GET", "/health", "", None);
    let mut connection = Connection::open(address).await?;
    let mut latencies = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let sent = Instant::now();
        ensure!(connection.send(&request).await? == 200, "it is not well");
        latencies.push((sent, sent.elapsed()));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(latencies)
}

async fn too_many(database: &str, tokens: &[String]) -> anyhow::Result<()> {
    let model = adding().await;
    let server = server(database, &model).await?;
    let begun = Instant::now();
    let answers = all_say(&server, tokens).await?;
    let took = begun.elapsed();
    let (mut done, mut shed, mut others, mut odd) = (0, Vec::new(), 0, 0);
    let mut connection = Connection::open(server.address).await?;
    for ((answer, took), token) in answers.iter().zip(tokens) {
        let tasks = tasks(&mut connection, token).await?;
        match answer.status {
            200 => done += 1,
            503 if answer.header("retry-after").is_some() => shed.push(*took),
            _ => others += 1,
        }
        odd += usize::from(tasks != usize::from(answer.status == 200));
    }
    row(
        &format!("{FLOOD} chats at once: 200, 503 with `Retry-After`, anything else"),
        "100, 100, 0",
        &format!("{done}, {}, {others}", shed.len()),
    );
    row(
        "all of them over after; the 503 p50 / p95",
        "",
        &format!("{:.2} s; {} ms", took.as_secs_f64(), p50_and(&mut shed, 95)),
    );
    row(
        "of them without exactly the tasks they were told of",
        "0",
        &odd.to_string(),
    );
    Ok(())
}

/// A model that begins at once, and takes so long over each word.
async fn talking(piece_ms: u64) -> Model {
    let text = format!("Sure. {}", "That is one way to put it. ".repeat(30));
    let talk = Reply::text(&text).piece_ms(piece_ms);
    Model::start(Script::with(move |_| talk.clone())).await
}

/// The first word of a stream, and its end after somebody has had enough of it, at the same copy and at another.
async fn streams(database: &str, token: &str) -> anyhow::Result<()> {
    let chat = Request::events("POST", "/api/chat", token, Some(&say(ODD, None)), None);
    first_words(database, &chat).await?;
    let model = talking(20).await;
    let (one, other) = (
        server(database, &model).await?,
        server(database, &model).await?,
    );
    for (name, stopper) in [("the same copy", &one), ("another copy", &other)] {
        let (mut answered, mut ended) = (Vec::new(), Vec::new());
        let mut connection = Connection::open(stopper.address).await?;
        for _ in 0..STREAMS {
            let listener = Connection::open(one.address).await?;
            let mut events = listener.listen(&chat).await?;
            let turn = events.until("turn").await?;
            events.until("text").await?;
            // Not always at the same moment of what the server does at intervals.
            let moment = 200 + 7 * u64::try_from(ended.len())?;
            tokio::time::sleep(Duration::from_millis(moment)).await;
            let path = format!("/api/conversations/{}/stop", turn.data["conversation_id"]);
            let stop = Request::new("POST", &path, token, None);
            let sent = Instant::now();
            let (answer, end) = tokio::join!(
                async {
                    let answer = connection.ask(&stop).await?;
                    answered.push(sent.elapsed());
                    anyhow::Ok(answer)
                },
                async {
                    let end = events.until("end").await?;
                    ended.push(sent.elapsed());
                    anyhow::Ok(end)
                },
            );
            let answer = answer?.json()?;
            ensure!(
                answer["stopping"] == true,
                "there was nothing to stop: {answer}"
            );
            let reason = &end?.data["reason"];
            ensure!(reason == "stopped", "it ended otherwise: {reason}");
        }
        row(
            &format!("stop at {name}, until the stream ends, p50 / p95"),
            "150 ms",
            &format!(
                "{} ms; answered in {} ms",
                p50_and(&mut ended, 95),
                p50_and(&mut answered, 95)
            ),
        );
    }
    Ok(())
}

async fn first_words(database: &str, chat: &Request) -> anyhow::Result<()> {
    let model = talking(1).await;
    let server = server(database, &model).await?;
    let mut first = Vec::new();
    for _ in 0..STREAMS {
        let listener = Connection::open(server.address).await?;
        let sent = Instant::now();
        let mut events = listener.listen(chat).await?;
        events.until("text").await?;
        first.push(sent.elapsed());
        events.until("end").await?;
    }
    row(
        "from the request to the first word of a stream, p50 / p95",
        "",
        &format!("{} ms", p50_and(&mut first, 95)),
    );
    Ok(())
}

/// `kill -9` in the middle of a reply that has changed something already, and the rest of it from another copy.
async fn killed(database: &str, token: &str) -> anyhow::Result<()> {
    let calls = [
        Call::new("add_task", json!({ "title": "Vet" })),
        Call::new("complete_task", json!({ "task_id": 999 })),
    ];
    let never = Gate::new();
    let rest = Reply::text("I cannot find that one. What is it called?")
        .split_text(24)
        .held_before(2, &never);
    let model = Model::start(Script::replies([Reply::calls(calls), rest])).await;
    let (one, other) = (
        server(database, &model).await?,
        server(database, &model).await?,
    );
    let mut connection = Connection::open(other.address).await?;
    let before = tasks(&mut connection, token).await.context("before")?;
    let chat = Request::events("POST", "/api/chat", token, Some(&say(ODD, None)), None);
    let mut events = Connection::open(one.address).await?.listen(&chat).await?;
    let turn = events.until("turn").await?;
    let receipt = events.until("receipt").await.context("the receipt")?;
    let text = events.until("text").await.context("the text")?;
    // That is SIGKILL.
    drop(one);
    let died = Instant::now();
    let path = format!("/api/conversations/{}/events", turn.data["conversation_id"]);
    let from = |id| Request::events("GET", &path, token, None, id);
    let (after, begin) = (from(text.id), from(None));
    let rest = Connection::open(other.address)
        .await?
        .listen(&after)
        .await?;
    let (rest, took) = (names(rest).await.context("the rest")?, died.elapsed());
    let all = Connection::open(other.address)
        .await?
        .listen(&begin)
        .await?;
    let all = names(all).await.context("all of it")?;
    // A connection that is silent for as long is closed.
    let mut connection = Connection::open(other.address).await?;
    let receipts = all.iter().filter(|name| *name == "receipt").count();
    ensure!(
        receipt.id.is_some() && receipts == 1,
        "receipts: {receipts}"
    );
    row(
        "`kill -9` in the middle of a reply: the stream at another copy ends after",
        "7 s of silence",
        &format!("{:.1} s: {}", took.as_secs_f64(), rest.join(", ")),
    );
    row(
        "the same read from its beginning; tasks that it added",
        "one receipt; 1",
        &format!(
            "{}; {}",
            all.join(", "),
            tasks(&mut connection, token).await? - before
        ),
    );
    Ok(())
}

/// What comes, by name.
async fn names(mut events: crate::client::Events) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    while let Some(event) = events.next().await? {
        let reason = event.data["reason"].as_str();
        let reason = reason.map_or(String::new(), |reason| format!(" ({reason})"));
        if event.name != "status" {
            names.push(format!("{}{reason}", event.name));
        }
    }
    Ok(names)
}

/// One turn after another, with a model that takes no time.
async fn turns(database: &str, tokens: &[String]) -> anyhow::Result<()> {
    let answer = Reply::text("That is a good question. Perhaps the plants come first?");
    let model = Model::start(Script::with(move |_| answer.clone())).await;
    let server = server(database, &model).await?;
    let (begun, mut done) = (Instant::now(), 0);
    let memory =
        |done: usize| Ok::<_, anyhow::Error>(format!("{:.1} ({done})", server.memory_mb()?));
    let cpu = server.cpu()?;
    let mut seen = vec![memory(0)?];
    for until in TURNS {
        let each = (until - done).div_ceil(tokens.len());
        let mut talkers = Vec::new();
        for token in tokens {
            let talk = talk(server.address, token.clone(), each, begun);
            talkers.push(tokio::spawn(talk));
        }
        for talker in talkers {
            done += talker.await??;
        }
        seen.push(memory(done)?);
        if begun.elapsed() > TURNS_TIME_MAX {
            break;
        }
    }
    let (took, cpu) = (begun.elapsed(), server.cpu()?.saturating_sub(cpu));
    row(
        "turns with a model that takes no time, on 8 connections",
        "10,000 at least",
        &format!("{done} in {:.0} s", took.as_secs_f64()),
    );
    row("memory MB (after so many turns)", "flat", &seen.join(", "));
    row(
        "turns per s; CPU ms a turn",
        "",
        &format!(
            "{:.0}; {:.2}",
            ratio(done, 1) / took.as_secs_f64(),
            cpu.as_secs_f64() * 1000.0 / ratio(done.max(1), 1)
        ),
    );
    // The script keeps every request it got; that is put away before anything else is measured.
    drop((server, model));
    tokio::time::sleep(Duration::from_secs(2)).await;
    Ok(())
}

/// So many turns of one user, in conversations of some length, unless it takes too long. How many it were.
async fn talk(
    address: std::net::SocketAddr,
    token: String,
    count: usize,
    begun: Instant,
) -> anyhow::Result<usize> {
    let mut connection = Connection::open(address).await?;
    let mut conversation = None;
    for n in 0..count {
        if begun.elapsed() > TURNS_TIME_MAX {
            return Ok(n);
        }
        if n % CONVERSATION == 0 {
            conversation = None;
        }
        let body = say("frobnicate the sprockets", conversation.as_ref());
        let request = Request::new("POST", "/api/chat", &token, Some(&body));
        let answer = connection.ask(&request).await?;
        let said = answer.json()?;
        ensure!(
            answer.status == 200 && said["engine"] == "model",
            "a turn failed: {} {said}",
            answer.status
        );
        conversation = Some(said["conversation_id"].clone());
    }
    Ok(count)
}

/// Prints what one request to a model has in it, for lists of different lengths.
pub(crate) async fn tokens(database: &str) -> anyhow::Result<()> {
    const LISTS: [usize; 2] = [20, 500];
    process::sayso(database, &["migrate"])?;
    let words = tiktoken_rs::o200k_base()?;
    let model = Model::start(Script::with(|_| Reply::text("Which vet?"))).await;
    let server = server(database, &model).await?;
    println!(
        "\n| tasks on the list | bytes | tokens | of them tools | instructions | date and tasks | message and frame | tasks named |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|");
    for (n, count) in LISTS.into_iter().enumerate() {
        let email = format!("lister{n}@example.com");
        process::sayso(database, &["user", "create", "--email", &email])?;
        let token = process::sayso(database, &["token", "create", "--user", &email])?;
        let mut connection = Connection::open(server.address).await?;
        let import = Request::new("POST", "/api/import", &token, Some(&list(count)));
        ensure!(connection.send(&import).await? == 201, "no list was made");
        let chat = Request::new("POST", "/api/chat", &token, Some(&say(ODD, None)));
        ensure!(connection.send(&chat).await? == 200, "there was no answer");
        let requests = model.requests();
        let request = requests.last().context("no model was asked")?;
        let told = request["messages"][0]["content"].as_str();
        let told = told.and_then(|told| told.split_once("\n\nIt is "));
        let (instructions, data) = told.context("the model is told something else")?;
        let whole = request.to_string();
        let tokens = |text: &str| words.encode_ordinary(text).len();
        let (all, tools) = (tokens(&whole), tokens(&request["tools"].to_string()));
        let (instructions, tasks) = (tokens(instructions), tokens(data));
        println!(
            "| {count} | {} | {all} | {tools} | {instructions} | {tasks} | {} | {} |",
            whole.len(),
            all.saturating_sub(tools + instructions + tasks),
            data.matches("\"id\":").count(),
        );
    }
    Ok(())
}

/// A list as people have it: short titles, every second task with a date, every fifth with a priority and a label.
fn list(count: usize) -> String {
    const THINGS: [&str; 10] = [
        "Buy oat milk and bread",
        "Call the landlord about the heating",
        "Renew the passport",
        "Water the plants",
        "Send the quarterly report to Ana",
        "Book a table for Saturday",
        "Pay the electricity bill",
        "Pick up the parcel",
        "Write to the insurance",
        "Clean the bicycle",
    ];
    let task = |n: usize| {
        let title = format!("{} {}", THINGS[n % THINGS.len()], n / THINGS.len() + 1);
        let mut task = json!({ "title": title });
        if n.is_multiple_of(2) {
            task["due_date"] = json!(format!("2030-{:02}-{:02}", n % 12 + 1, n % 28 + 1));
        }
        if n.is_multiple_of(5) {
            task["priority"] = json!("high");
            task["tags"] = json!(["home"]);
        }
        task
    };
    json!({ "tasks": (0..count).map(task).collect::<Vec<_>>() }).to_string()
}

fn row(what: &str, aim: &str, measured: &str) {
    println!("| {what} | {aim} | {measured} |");
}

/// The latency that so many of a hundred do not exceed.
fn at(latencies: &mut [Duration], percent: usize) -> Duration {
    latencies.sort();
    let last = latencies.len().saturating_sub(1);
    let rank = (latencies.len() * percent / 100).min(last);
    latencies.get(rank).copied().unwrap_or_default()
}

/// The median and another percentile, in milliseconds.
fn p50_and(latencies: &mut [Duration], percent: usize) -> String {
    let ms = |latency: Duration| latency.as_secs_f64() * 1000.0;
    let (half, most) = (at(latencies, 50), at(latencies, percent));
    format!("{:.1} / {:.1}", ms(half), ms(most))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn ratio(count: usize, of: usize) -> f64 {
    count as f64 / of as f64
}
