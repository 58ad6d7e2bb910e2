//! Urdu, and what of Hindi is the same, as they are typed in Latin letters.

mod claims;
mod dates;
mod frames;
mod words;

pub(crate) use claims::CLAIMS;

use std::sync::LazyLock;

use crate::language::{Language, Tables};

/// Urdu, in terms of English.
pub(crate) static URDU: Language = Language {
    tag: "ur-Latn",
    words: words::WORDS,
    frames: frames::FRAMES,
    dates: dates::WORDS,
    orders: dates::ORDERS,
    stop_words: words::STOP_WORDS,
    small_words: words::SMALL,
    shared_words: words::SHARED,
    elisions: &[],
    mixes: true,
    tables: LazyLock::new(|| Tables::of(&URDU)),
};
