//! Texts nobody would write are read without harm.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;

use crate::always::{Scene, check, shortest};
use crate::babble::{Babble, LONGEST};

static BABBLE: LazyLock<Babble> =
    LazyLock::new(|| Babble::new(Path::new(env!("CARGO_MANIFEST_DIR"))));

/// Whether a text is read with a panic.
fn panics(text: &str, question: usize) -> bool {
    let scene = Scene::new();
    catch_unwind(AssertUnwindSafe(|| check(text, &scene.sight(question)))).is_err()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, max_shrink_iters: 0, ..ProptestConfig::default() })]

    // For an hour of it: `cargo run --release -p language --example fuzz -- 3600`.
    #[test]
    fn odd_texts_are_read_without_panic(seed: u64, question in 0..4_usize) {
        let text = BABBLE.text(seed);
        prop_assert!(text.chars().count() <= LONGEST);
        if panics(&text, question) {
            let text = shortest(&text, |text| panics(text, question));
            prop_assert!(false, "seed {seed}, question {question}: {text:?}");
        }
    }

    #[test]
    fn any_characters_are_read_without_panic(text in any::<String>(), question in 0..4_usize) {
        check(&text, &Scene::new().sight(question));
    }
}

#[test]
fn long_texts_of_one_thing_are_read_without_panic() {
    let scene = Scene::new();
    for piece in [
        "\"", "'", "\\", "(", "“", "#", "@", "+", ",", ".", "-", "⏎", "\n", " ", "0", "9:", "1/",
        "and ", "a ", "every ", "the ", "🎂", "e\u{301}", "İ",
    ] {
        let text: String = piece.chars().cycle().take(LONGEST).collect();
        check(&text, &scene.sight(0));
    }
}

/// What fuzzing found.
#[test]
fn texts_that_were_not_read_once_are_read() {
    let scene = Scene::new();
    for text in [
        "no\u{1ff33}sunda",
        "no h\u{203a} saturdA",
        "\u{2028}\u{2028}no thur",
        "no g\u{202e}p2",
        "parso-2night d",
        "no \u{7f}how \u{1f924}p3 tsk",
        "no, s\u{70bc}e tomo",
        "no\u{44d76}ow at0",
        "parso se-pehle",
    ] {
        for question in 0..4 {
            check(text, &scene.sight(question));
        }
    }
}
