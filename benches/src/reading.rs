//! How long the engine takes for one message.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::{Command, Decision, Rows, Settings, Task, View, decide};
use jiff::Timestamp;
use language::{Sight, read};

use crate::babble::{Babble, LONGEST};

const MESSAGES: [&str; 16] = [
    "add a task to buy groceries",
    "remind me to call mum tomorrow at 6pm",
    "water the plants every 3 days, and make it high priority",
    "add milk, eggs and bread",
    "what's due this week?",
    "show me all my tasks",
    "mark task 3 as complete",
    "done with the groceries",
    "change task 1 to 'Call mom tonight'",
    "move it to friday",
    "delete the meeting task",
    "delete all completed tasks",
    "undo",
    "what's the weather?",
    "tick off the second one and push the report by two days",
    "pay the rent on the 1st of every month at 9 #home p1, then call the landlord about the broken heating",
];

/// Prints the median and the worst time of a reading with 100 tasks in sight, of plain messages and of odd ones.
pub(crate) fn measure() {
    const ROUNDS: usize = 2_000;
    let now: Timestamp = "2026-03-11T10:15:00Z".parse().expect("it is an instant");
    let view = View::new(&Settings::default(), now);
    let tasks = tasks(now);
    let sight = Sight {
        tasks: &tasks,
        ..Sight::new(&view)
    };
    let mut times: Vec<Duration> = Vec::with_capacity(ROUNDS * MESSAGES.len());
    let mut medians: Vec<(Duration, &str)> = Vec::new();
    for message in MESSAGES {
        let mut own: Vec<Duration> = (0..ROUNDS)
            .map(|_| {
                let started = Instant::now();
                black_box(read(black_box(message), &sight));
                started.elapsed()
            })
            .collect();
        own.sort();
        medians.push((own[ROUNDS / 2], message));
        times.extend(own);
    }
    times.sort();
    let micros = |time: Duration| time.as_secs_f64() * 1e6;
    let slowest = medians.iter().max().copied().unwrap_or_default();
    println!(
        "- median of {} messages, 100 tasks in sight: {:.1} \u{b5}s",
        MESSAGES.len(),
        micros(times[times.len() / 2])
    );
    println!(
        "- 99.9th percentile: {:.1} \u{b5}s",
        micros(times[times.len() * 999 / 1000])
    );
    println!(
        "- slowest message by its median: {:.1} \u{b5}s ({})",
        micros(slowest.0),
        slowest.1
    );
    measure_odd(&sight);
}

/// Beginnings, and what comes after them until a text is as long as it may be: what the fuzzing found to take longest.
const SLOW: [(&str, &str); 7] = [
    ("add, ", "dr, "),
    ("add ", "a, "),
    ("remind me ", "4, dec and "),
    ("", "add, weekened: "),
    ("add toothpaste to my shopping list ", "jan, mar, "),
    ("delete ", "and "),
    ("", "\" a"),
];

/// Prints how long odd texts take: each is read once, and again if it is among the slowest, as a machine has its pauses.
fn measure_odd(sight: &Sight<'_>) {
    const TEXTS: usize = 10_000;
    /// How many of the slowest are read again.
    const AGAIN: usize = 50;
    let language = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/language");
    let babble = Babble::new(Path::new(language));
    let mut texts: Vec<String> = (0..).take(TEXTS).map(|seed| babble.text(seed)).collect();
    texts.extend(SLOW.map(|(head, piece)| {
        let all = head.chars().chain(piece.chars().cycle());
        all.take(LONGEST).collect()
    }));
    let time = |text: &str| {
        let started = Instant::now();
        black_box(read(black_box(text), sight));
        started.elapsed()
    };
    let mut times: Vec<(Duration, &str)> = texts.iter().map(|text| (time(text), &**text)).collect();
    times.sort();
    let most = times.len() - AGAIN;
    for (first, text) in &mut times[most..] {
        *first = time(text).min(time(text)).min(*first);
    }
    times.sort();
    let millis = |place: usize| times[place].0.as_secs_f64() * 1e3;
    let (count, last) = (times.len(), times.len() - 1);
    println!(
        "- {count} odd texts of up to {LONGEST} characters: median {:.2} ms, 99.9th percentile {:.1} ms, worst {:.1} ms",
        millis(count / 2),
        millis(count * 999 / 1000),
        millis(last)
    );
    let beginning: String = times[last].1.chars().take(60).collect();
    println!("- the slowest odd text begins with {beginning:?}");
}

fn tasks(now: Timestamp) -> Vec<Task> {
    let titles = [
        "Buy groceries",
        "Call mum",
        "Team meeting",
        "Quarterly report",
        "Water the plants",
    ];
    let mut rows = Rows::default();
    for n in 0..100 {
        let title = if n < titles.len() {
            titles[n].to_owned()
        } else {
            format!("Sort box {n} in the attic")
        };
        let task = domain::AddTask::new(title.parse().expect("it is a title"));
        if let Ok(Decision::Change(changes)) = decide(&rows, &Command::AddTask(task), now) {
            rows.apply(&changes.changes);
            rows.head.next_task = changes.next_task;
        }
    }
    rows.tasks.into_values().collect()
}
