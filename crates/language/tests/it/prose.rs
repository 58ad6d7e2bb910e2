//! What of a model's prose is shown, and what is not because it claims or promises a change.

use language::Prose;
use proptest::prelude::*;

/// The lines of a file that are sentences.
fn sentences(file: &str) -> Vec<&str> {
    let lines = file.lines();
    lines
        .filter(|line| !(line.trim().is_empty() || line.starts_with("// ")))
        .collect()
}

/// What is shown of a text, and whether something was withheld.
fn shown(text: &str) -> (String, bool) {
    let mut prose = Prose::default();
    let mut shown = prose.push(text);
    shown.push_str(&prose.end());
    (shown, prose.withheld())
}

#[test]
fn claims_and_promises_are_withheld() {
    let all = sentences(include_str!("../prose/claims.txt"));
    let passed: Vec<&str> = all
        .iter()
        .copied()
        .filter(|sentence| {
            let (shown, withheld) = shown(sentence);
            !shown.trim().is_empty() || !withheld
        })
        .collect();
    println!("{} of {} claims pass", passed.len(), all.len());
    assert!(all.len() >= 150);
    assert!(passed.is_empty(), "shown:\n{}", passed.join("\n"));
}

#[test]
fn what_claims_nothing_is_shown() {
    let all = sentences(include_str!("../prose/honest.txt"));
    let lost: Vec<&str> = all
        .iter()
        .copied()
        .filter(|sentence| shown(sentence) != ((*sentence).to_owned(), false))
        .collect();
    println!("{} of {} honest sentences are lost", lost.len(), all.len());
    println!("{}", lost.join("\n"));
    assert!(all.len() >= 120);
    assert!(lost.len() * 20 <= all.len(), "lost:\n{}", lost.join("\n"));
}

#[test]
fn only_the_sentence_that_claims_is_lost() {
    let (shown, withheld) = shown(
        "You have 3.5 hours left. I've added the milk! Should I move the rest?\n\n1. Buy milk\n2. Call Dr. Who\n",
    );
    assert_eq!(
        shown,
        "You have 3.5 hours left. Should I move the rest?\n\n1. Buy milk\n2. Call Dr. Who\n"
    );
    assert!(withheld);
}

#[test]
fn a_sentence_is_shown_as_soon_as_it_has_ended() {
    let mut prose = Prose::default();
    assert_eq!(prose.push("You have two"), "");
    assert_eq!(prose.push(" tasks."), "");
    assert_eq!(prose.push(" Both are"), "You have two tasks. ");
    assert_eq!(prose.end(), " Both are".trim_start());
}

#[test]
fn a_claim_is_not_hidden_by_where_a_line_or_a_long_sentence_is_cut() {
    assert_eq!(
        shown("I have\nadded the milk."),
        ("I have\n".to_owned(), true)
    );
    let long = format!("{} i have added the milk to it", "word ".repeat(78));
    for cut in 0..40 {
        let (shown, withheld) = shown(&format!("{}{long}", "x".repeat(cut)));
        assert!(withheld && !shown.contains("milk"), "{shown}");
    }
}

proptest! {
    /// What is shown does not depend on how the text came in.
    #[test]
    fn pieces_come_to_the_same(
        picked in prop::collection::vec((0_usize..400, prop::sample::select(vec![" ", "\n", "  ", "", "\n\n"])), 1..8),
        odd in "\\PC{0,40}",
        cuts in prop::collection::vec(0_usize..600, 0..30),
    ) {
        let claims = sentences(include_str!("../prose/claims.txt"));
        let honest = sentences(include_str!("../prose/honest.txt"));
        let mut text = odd;
        for (at, space) in picked {
            let all = if at % 2 == 0 { &claims } else { &honest };
            text.push_str(all[at % all.len()]);
            text.push_str(space);
        }
        let whole = shown(&text);
        let mut prose = Prose::default();
        let mut pieces = String::new();
        let mut from = 0;
        let mut cuts = cuts;
        cuts.sort_unstable();
        for cut in cuts {
            if cut > from && text.is_char_boundary(cut) {
                pieces.push_str(&prose.push(&text[from..cut]));
                from = cut;
            }
        }
        pieces.push_str(&prose.push(&text[from..]));
        pieces.push_str(&prose.end());
        prop_assert_eq!((pieces, prose.withheld()), whole);
    }
}
