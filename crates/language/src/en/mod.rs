//! English.

pub(crate) mod dates;
pub(crate) mod follow;
pub(crate) mod frames;
pub(crate) mod words;

use std::sync::LazyLock;

use crate::language::{Language, Tables};

/// English, in whose words the grammar is written: it has nothing to say in other words.
pub(crate) static ENGLISH: Language = Language {
    tag: "en",
    words: &[],
    frames: &[],
    dates: &[],
    orders: &[],
    stop_words: &[],
    small_words: &[],
    shared_words: &[],
    elisions: &[],
    mixes: false,
    tables: LazyLock::new(|| Tables::of(&ENGLISH)),
};

/// The words by which a text shows that it is English.
pub(crate) fn vocabulary() -> impl Iterator<Item = &'static str> {
    let lists = [
        words::OPENERS,
        words::CLOSERS,
        words::ACTIONS,
        words::NOT_NOTES,
        words::STOP_WORDS,
        words::LISTING,
        words::LIST_NOUNS,
        words::OCCASIONS,
        words::FILLERS,
        words::LINKS,
        words::TASK_NOUNS,
        words::YES,
        words::NO,
    ];
    let sets = words::SETS.iter().chain(words::STATES);
    lists
        .into_iter()
        .flatten()
        .copied()
        .chain(sets.map(|(_, words)| *words))
        .chain(dates::WORDS.iter().map(|(word, _)| *word))
        .flat_map(|words| words.split([' ', '|', '\'', '-']))
        .filter(|word| word.len() > 1 || matches!(*word, "a" | "i"))
}
