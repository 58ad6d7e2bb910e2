//! Reads odd texts for as long as told: `fuzz <seconds> <seed>`. Prints a line a minute, every text that makes the engine
//! panic, and at the end the texts that took longest.

#[path = "../tests/it/always.rs"]
mod always;
#[path = "../tests/it/babble.rs"]
mod babble;

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use always::{Scene, check, shortest};
use babble::{Babble, LONGEST};

/// How long one text may take before it is reported as stuck.
const PATIENCE: Duration = Duration::from_secs(20);

/// The text that is being read, for the watchman.
static AT: AtomicU64 = AtomicU64::new(0);

fn main() {
    let mut arguments = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let mut number = |default| {
        arguments
            .next()
            .map_or(default, |word| word.expect("a number"))
    };
    let (seconds, first) = (number(60), number(0));
    std::thread::spawn(watch);
    // Panics are reported once, with their text.
    set_hook(Box::new(|_| {}));
    let babble = Babble::new(Path::new(env!("CARGO_MANIFEST_DIR")));
    let scene = Scene::new();
    let started = Instant::now();
    let (mut read, mut panics, mut minutes) = (0_u64, 0_u64, 0);
    let mut worst = Worst::default();
    for seed in first.. {
        if started.elapsed() >= Duration::from_secs(seconds) {
            break;
        }
        AT.store(seed, Ordering::Relaxed);
        let text = babble.text(seed);
        let sight = scene.sight(usize::try_from(seed % 4).unwrap_or_default());
        let fails = |text: &str| catch_unwind(AssertUnwindSafe(|| check(text, &sight))).is_err();
        if fails(&text) {
            panics += 1;
            println!("PANIC at seed {seed}: {:?}", shortest(&text, fails));
        } else {
            let began = Instant::now();
            black_box(language::read(black_box(&text), &sight));
            worst.keep(began.elapsed(), seed, &text);
        }
        read += 1;
        if started.elapsed().as_secs() / 60 > minutes {
            minutes += 1;
            println!(
                "{minutes} min: {read} texts, {panics} panics, worst {:?}",
                worst.time()
            );
        }
    }
    drop(take_hook());
    println!("{read} texts, {panics} panics");
    worst.print();
    assert!(panics == 0, "some texts panic");
}

/// Says so when a text takes far too long.
fn watch() {
    let mut before = (0, Instant::now());
    loop {
        std::thread::sleep(PATIENCE / 10);
        let now = AT.load(Ordering::Relaxed);
        if now != before.0 {
            before = (now, Instant::now());
        } else if before.1.elapsed() > PATIENCE {
            println!("STUCK at seed {now}");
            before.1 = Instant::now();
        }
    }
}

/// The texts that took longest: of all, and for their length.
#[derive(Default)]
struct Worst {
    all: Vec<(Duration, u64, String)>,
    by_length: Vec<(Duration, u64, String)>,
}

impl Worst {
    const KEPT: usize = 5;

    fn time(&self) -> Duration {
        self.all.first().map(|first| first.0).unwrap_or_default()
    }

    fn keep(&mut self, time: Duration, seed: u64, text: &str) {
        let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let rows = [
            (&mut self.all, time),
            (&mut self.by_length, time / length.max(40)),
        ];
        for (kept, time) in rows {
            if kept.len() < Self::KEPT || kept.last().is_some_and(|last| time > last.0) {
                kept.push((time, seed, text.to_owned()));
                kept.sort_by_key(|(time, ..)| std::cmp::Reverse(*time));
                kept.truncate(Self::KEPT);
            }
        }
    }

    fn print(&self) {
        println!("\nLongest, of up to {LONGEST} characters:");
        for (time, seed, text) in &self.all {
            println!(
                "- {time:?}, seed {seed}, {} characters: {text:?}",
                text.chars().count()
            );
        }
        println!("\nLongest for each of their characters:");
        for (time, seed, text) in &self.by_length {
            println!(
                "- {time:?}, seed {seed}, {} characters: {text:?}",
                text.chars().count()
            );
        }
    }
}
