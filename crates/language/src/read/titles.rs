//! Makes titles of what is left of a request.

use std::ops::Range;

use domain::Title;

use super::items::{Item, Kind};
use crate::en::words::{ACTIONS, ERRANDS};

/// The title that `items` make, the marks among them left out. `None` if nothing is left.
pub(super) fn title(items: &[Item], text: &str) -> Option<Title> {
    titled(items, &joined(items, text, false).0)
}

/// The title that `items` make, dates and all.
pub(super) fn verbatim(items: &[Item], text: &str) -> Option<Title> {
    titled(items, &joined(items, text, true).0)
}

/// The bytes of `text` that are in the title of a task made of `items`, in as few stretches as there are.
pub(super) fn ranges(items: &[Item], text: &str) -> Vec<Range<usize>> {
    let (mut whole, mut pieces) = joined(items, text, false);
    if titled(items, &whole).is_none() {
        (whole, pieces) = joined(items, text, true);
    }
    let kept = if is_literal(items) {
        0..whole.len()
    } else {
        let loose = |c: char| is_loose(c) || c == ')';
        let start = whole.len() - whole.trim_start_matches(loose).len();
        start..start + bare(&whole).len()
    };
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (at, span) in &pieces {
        let start = span.start + kept.start.saturating_sub(*at);
        let end = span.end - (at + span.len()).saturating_sub(kept.end).min(span.len());
        if start >= end {
            continue;
        }
        match ranges.last_mut() {
            // What stands between two words is in the title, unless something else was read from it.
            Some(range) if !is_parted(items, range.end, start) => range.end = end,
            _ => ranges.push(start..end),
        }
    }
    ranges
}

/// Whether something that is no part of the title stands between two places of a text.
fn is_parted(items: &[Item], from: usize, to: usize) -> bool {
    items.iter().any(|item| {
        (item.is_mark() || item.is_place()) && item.span.start >= from && item.span.end <= to
    })
}

/// The words of a title one after the other, and where each of them is in that and in `text`.
fn joined(items: &[Item], text: &str, verbatim: bool) -> (String, Vec<(usize, Range<usize>)>) {
    let mut whole = String::new();
    let mut pieces = Vec::new();
    let mut last_end: Option<usize> = None;
    for (item, next) in items
        .iter()
        .zip(items.iter().skip(1).map(Some).chain([None]))
    {
        // "Monday's meeting" is called so.
        let owning = matches!(&item.kind, Kind::Date(found) if found.owning)
            && next.is_some_and(|next| next.kind == Kind::Word);
        if (item.is_mark() || item.is_place()) && !verbatim && !owning {
            last_end = None;
            continue;
        }
        match last_end {
            // Neighbours keep what stood between them, quotation marks apart.
            Some(end) if item.kind != Kind::Literal || end == item.span.start => {
                let between = &text[end.min(item.span.start)..item.span.start];
                // What was left out in between ("um") leaves a space.
                let between = if between.contains(char::is_alphanumeric) {
                    " "
                } else {
                    between
                };
                whole.push_str(
                    between
                        .trim_matches(['"', '\u{201c}', '\u{201d}'])
                        .trim_matches('\\'),
                );
                if between.contains('"') && !whole.ends_with(' ') && between.contains(' ') {
                    whole.push(' ');
                }
            }
            Some(_) => whole.push(' '),
            None if whole.is_empty() => {}
            None => whole.push(' '),
        }
        pieces.push((whole.len(), item.span.clone()));
        whole.push_str(&text[item.span.clone()]);
        last_end = Some(item.span.end);
    }
    (whole, pieces)
}

fn is_literal(items: &[Item]) -> bool {
    matches!(items, [only] if only.kind == Kind::Literal)
}

fn titled(items: &[Item], whole: &str) -> Option<Title> {
    let literal = is_literal(items);
    let words = if literal { whole.trim() } else { bare(whole) };
    let mut letters = words.chars();
    let capital: String = match letters.next() {
        // A name that begins small and goes on large, such as iPhone, is left as it is.
        Some(first)
            if !literal
                && !words
                    .split_whitespace()
                    .next()
                    .is_some_and(|word| word.chars().skip(1).any(char::is_uppercase)) =>
        {
            first.to_uppercase().chain(letters).collect()
        }
        _ => words.to_owned(),
    };
    capital.parse().ok()
}

/// Whether a sign says nothing at either end of a title.
fn is_loose(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | ':' | '-' | '\u{2013}' | '\u{2014}' | '.')
}

/// `words` without signs and small words left over at their ends.
fn bare(words: &str) -> &str {
    /// Words that nothing comes after any more.
    const DANGLING: &[&str] = &[
        "and", "with", "due", "by", "on", "at", "for", "as", "it's", "is", "that", "from", "to",
    ];
    let mut words = words.trim();
    loop {
        let before = words;
        words = words.trim_matches(is_loose);
        words = words
            .trim_end_matches(['(', '!', '?'])
            .trim_start_matches(')');
        if words.matches('(').count() < words.matches(')').count() {
            words = words.trim_end_matches(')');
        }
        if let Some((rest, last)) = words.rsplit_once(char::is_whitespace)
            && DANGLING.contains(&last.to_lowercase().as_str())
        {
            words = rest;
        }
        if words == before {
            return words;
        }
    }
}

/// "Ring Joe at 5 and buy candles on friday": two things, each with a verb and a date of its own.
fn dated_each(items: &[Item]) -> Option<Vec<&[Item]>> {
    let dated = |part: &[Item]| part.iter().any(|item| matches!(item.kind, Kind::Date(_)));
    let mut places = items.iter().enumerate().filter(|(_, item)| item.is("and"));
    let at = places.find_map(|(at, _)| {
        let (left, right) = (&items[..at], &items[at + 1..]);
        let verb = right.iter().find(|item| !item.is("to"))?;
        (dated(left) && dated(right) && (verb.is_one_of(ACTIONS) || verb.is_one_of(ERRANDS)))
            .then_some(at)
    })?;
    let right = &items[at + 1..];
    let right = &right[usize::from(right.first().is_some_and(|first| first.is("to")))..];
    Some(vec![&items[..at], right])
}

/// The parts of an enumeration: "milk, eggs and bread". One part if it is none.
pub(super) fn enumerated(items: &[Item]) -> Vec<&[Item]> {
    /// Words in a part; longer ones are clauses of a sentence.
    const WORDS_MAX: usize = 4;
    let commas = items.iter().filter(|item| item.is(",")).count();
    let mut parts: Vec<&[Item]> = items
        .split(|item| item.is(",") || item.is(";"))
        .filter(|part| !part.is_empty())
        .collect();
    if let Some(parts) = dated_each(items) {
        return parts;
    }
    if commas == 0 {
        return vec![items];
    }
    if let Some(last) = parts.pop() {
        let halves: Vec<&[Item]> = match last.iter().position(|item| item.is("and") || item.is("&"))
        {
            Some(0) => vec![&last[1..]],
            Some(at) => vec![&last[..at], &last[at + 1..]],
            None => vec![last],
        };
        parts.extend(halves);
    }
    let words = |part: &&[Item]| part.iter().filter(|item| !item.is_mark()).count();
    let short = parts
        .iter()
        .all(|part| (1..=WORDS_MAX).contains(&words(part)));
    let single = parts.iter().all(|part| words(part) == 1);
    if short && (parts.len() > 2 || single) {
        parts
    } else {
        vec![items]
    }
}
