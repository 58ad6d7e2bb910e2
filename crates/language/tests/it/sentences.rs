//! What people say and dictate, and what a sensible person would make of it: the files in `tests/sentences`.

use std::path::Path;

use crate::world::{Verdict, World};

/// Every sentence is read as its line says, and every one that is marked as missed is still missed.
///
/// The marks say what the engine owes; take one away when its sentence is read right. What is expected is changed only if
/// it was not sensible. The figures are printed by `cargo run -p language --example accuracy`.
#[test]
fn sentences_are_read_as_expected() {
    let world = World::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sentences");
    let (mut all, mut marked, mut table) = (0, 0, String::new());
    for (theme, sentences) in world.themes(&folder) {
        for sentence in sentences {
            let (reading, verdict) = world.read(&sentence);
            all += 1;
            marked += usize::from(sentence.is_marked);
            let is_right = verdict == Verdict::Right;
            if is_right != sentence.is_marked {
                continue;
            }
            let trouble = if is_right {
                "is read right: take its mark away".to_owned()
            } else {
                format!(
                    "{verdict:?}\n    expected {}\n    read as  {reading}",
                    sentence.expected
                )
            };
            table += &format!("{theme}:{}: {}: {trouble}\n", sentence.line, sentence.text);
        }
    }
    println!("{marked} of {all} sentences are known misses");
    assert!(table.is_empty(), "\n{table}");
}

/// The sentences that are held back for measuring are well-formed.
#[test]
fn sentences_held_back_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sentences/held-back");
    assert!(!World::new().themes(&folder).is_empty());
}
