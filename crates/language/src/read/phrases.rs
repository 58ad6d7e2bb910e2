//! Phrases at the ends of what was said.

use super::items::{Item, Kind};

/// The longest of `phrases` that `items` begin with, and how many items it takes.
pub(super) fn begins<'p>(items: &[Item], phrases: &[&'p str]) -> Option<(usize, &'p str)> {
    let first = items.first()?.folded.as_str();
    // Hardly any phrase has the first word.
    let likely = phrases.iter().filter(|phrase| phrase.starts_with(first));
    let fitting = likely.filter_map(|phrase| {
        let mut rest = items.iter();
        let fits = |word| rest.next().is_some_and(|item| item.is(word));
        let fitting = phrase.split(' ').all(fits);
        fitting.then(|| (items.len() - rest.as_slice().len(), *phrase))
    });
    fitting.max_by_key(|(length, _)| *length)
}

/// The longest of `phrases` that `items` end with, and how many items it takes.
pub(super) fn ends<'p>(items: &[Item], phrases: &[&'p str]) -> Option<(usize, &'p str)> {
    let last = items.last()?.folded.as_str();
    let likely = phrases.iter().filter(|phrase| phrase.ends_with(last));
    let fitting = likely.filter_map(|phrase| {
        let mut rest = items.iter();
        let fits = |word| rest.next_back().is_some_and(|item| item.is(word));
        let fitting = phrase.rsplit(' ').all(fits);
        fitting.then(|| (items.len() - rest.as_slice().len(), *phrase))
    });
    fitting.max_by_key(|(length, _)| *length)
}

/// `items` without the longest of `phrases` that they begin with, and that phrase.
pub(super) fn without_first<'i, 'p>(
    items: &'i [Item],
    phrases: &[&'p str],
) -> Option<(&'i [Item], &'p str)> {
    begins(items, phrases).map(|(length, phrase)| (&items[length..], phrase))
}

/// `items` without the longest of `phrases` that they end with, and that phrase.
pub(super) fn without_last<'i, 'p>(
    items: &'i [Item],
    phrases: &[&'p str],
) -> Option<(&'i [Item], &'p str)> {
    ends(items, phrases).map(|(length, phrase)| (&items[..items.len() - length], phrase))
}

/// Whether an item is no word.
pub(super) fn is_sign(item: &Item) -> bool {
    item.kind == Kind::Word && !item.folded.chars().any(char::is_alphanumeric)
}

/// `items` without signs at their ends.
pub(super) fn unsigned(items: &[Item]) -> &[Item] {
    let start = items
        .iter()
        .position(|item| !is_sign(item))
        .unwrap_or(items.len());
    let end = items
        .iter()
        .rposition(|item| !is_sign(item))
        .map_or(start, |at| at + 1);
    &items[start..end]
}

/// The words of `items` with nothing between them but spaces.
pub(super) fn words(items: &[Item]) -> String {
    let words = items.iter().filter(|item| !is_sign(item));
    words
        .map(|item| item.folded.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}
