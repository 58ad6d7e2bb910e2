//! German.

mod claims;
mod dates;
mod frames;
mod words;

pub(crate) use claims::CLAIMS;

use std::sync::LazyLock;

use crate::language::{Language, Tables};

/// German, in terms of English.
pub(crate) static GERMAN: Language = Language {
    tag: "de",
    words: words::WORDS,
    frames: frames::FRAMES,
    dates: dates::WORDS,
    orders: dates::ORDERS,
    stop_words: words::STOP_WORDS,
    small_words: words::SMALL,
    shared_words: words::SHARED,
    elisions: &[],
    mixes: false,
    tables: LazyLock::new(|| Tables::of(&GERMAN)),
};
