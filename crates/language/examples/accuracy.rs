//! How well the sentences of `tests/sentences` are read, theme by theme, and apart those held back for measuring.
//!
//! With `--misses` every sentence that is not read right is printed, those held back too.

#[path = "../tests/it/world.rs"]
mod world;

use std::path::Path;

use world::{Verdict, World};

/// The columns of the table.
const VERDICTS: [(Verdict, &str); 6] = [
    (Verdict::Right, "right"),
    (Verdict::Asked, "asked instead"),
    (Verdict::Ignored, "ignored"),
    (Verdict::Looked, "only looked"),
    (Verdict::Inexact, "inexact"),
    (Verdict::Wrong, "wrong change"),
];

fn main() {
    let misses = std::env::args().any(|argument| argument == "--misses");
    let sentences = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sentences");
    report("Sentences", &sentences, misses);
    report("Held back", &sentences.join("held-back"), misses);
}

fn report(name: &str, folder: &Path, misses: bool) {
    let world = World::new();
    print!("\n{name:<24}{:>9}", "all");
    for (_, column) in VERDICTS {
        print!("{column:>15}");
    }
    println!();
    let mut sums = [0; VERDICTS.len()];
    let mut shown = String::new();
    for (theme, sentences) in world.themes(folder) {
        let mut counts = [0; VERDICTS.len()];
        for sentence in sentences {
            let (reading, verdict) = world.read(&sentence);
            counts[verdict as usize] += 1;
            if verdict != Verdict::Right {
                let mark = if sentence.is_marked { "! " } else { "" };
                shown += &format!(
                    "{theme}:{}: {mark}{} => {} BUT {verdict:?}: {reading}\n",
                    sentence.line, sentence.text, sentence.expected
                );
            }
        }
        row(&theme, &counts);
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum += count;
        }
    }
    row("all", &sums);
    if misses {
        println!("\n{shown}");
    }
}

fn row(name: &str, counts: &[usize]) {
    print!("{name:<24}{:>9}", counts.iter().sum::<usize>());
    for count in counts {
        print!("{count:>15}");
    }
    println!();
}
