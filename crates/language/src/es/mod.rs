//! Spanish.

mod claims;
mod dates;
mod frames;
mod words;

pub(crate) use claims::CLAIMS;

use std::sync::LazyLock;

use crate::language::{Language, Tables};

/// Spanish, in terms of English.
pub(crate) static SPANISH: Language = Language {
    tag: "es",
    words: words::WORDS,
    frames: frames::FRAMES,
    dates: dates::WORDS,
    orders: dates::ORDERS,
    stop_words: words::STOP_WORDS,
    small_words: words::SMALL,
    shared_words: words::SHARED,
    elisions: &[],
    mixes: false,
    tables: LazyLock::new(|| Tables::of(&SPANISH)),
};
