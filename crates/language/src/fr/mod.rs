//! French.

mod claims;
mod dates;
mod frames;
mod words;

pub(crate) use claims::CLAIMS;

use std::sync::LazyLock;

use crate::language::{Language, Tables};

/// French, in terms of English.
pub(crate) static FRENCH: Language = Language {
    tag: "fr",
    words: words::WORDS,
    frames: frames::FRAMES,
    dates: dates::WORDS,
    orders: dates::ORDERS,
    stop_words: words::STOP_WORDS,
    small_words: words::SMALL,
    shared_words: words::SHARED,
    elisions: &[
        "d'", "l'", "j'", "qu'", "n'", "s'", "c'", "m'", "t'", "jusqu'",
    ],
    mixes: false,
    tables: LazyLock::new(|| Tables::of(&FRENCH)),
};
