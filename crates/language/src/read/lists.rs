//! Finds where a message speaks of a list as a place: "on my shopping list", "off the calendar", "to my list of things to
//! do".

use std::ops::Range;

use super::items::{Item, Kind};
use crate::en::words::{
    KNOWN_LISTS, LIST_KINDS, LIST_NOUNS, LIST_OWNERS, LIST_PLACES, LIST_PLURALS, LIST_TAILS,
    LISTS_OF_OTHERS, NO_LIST_NAMES, NOUNS,
};

/// A list as a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct List {
    /// What it is called, if it is not just the list.
    pub(super) name: Option<String>,
    /// Whether it says where something is or goes ("on my list"), and is not spoken of itself ("my list").
    pub(super) place: bool,
}

/// `items` with each list as one item.
pub(super) fn marked(items: &[Item], text: &str) -> Vec<Item> {
    let mut whole: Vec<Item> = Vec::with_capacity(items.len());
    let mut at = 0;
    while at < items.len() {
        match list(&items[at..]) {
            Some((list, length)) if at + length <= items.len() => {
                let range = items[at].span.start..items[at + length - 1].span.end;
                // A day in between ("to today's list") stays a day.
                whole.extend(
                    items[at..at + length]
                        .iter()
                        .filter(|item| item.is_mark())
                        .cloned(),
                );
                whole.push(item(list, range, text));
                at += length;
            }
            _ => {
                whole.push(items[at].clone());
                at += 1;
            }
        }
    }
    whole
}

fn item(list: List, span: Range<usize>, text: &str) -> Item {
    Item {
        folded: text[span.clone()].to_lowercase(),
        span,
        kind: Kind::List(list),
        said: None,
    }
}

/// The list that `items` begin with, and how many of them it takes.
fn list(items: &[Item]) -> Option<(List, usize)> {
    /// Most words of a list's name.
    const NAME_MAX: usize = 3;
    let Lead {
        place,
        owner,
        by_name,
        length: named,
    } = lead(items)?;
    let plural = place && owner && !items[0].is_one_of(&["for", "of", "at"]);
    let is_noun = |at: usize| {
        items[at].is_one_of(LIST_NOUNS)
            || (plural
                && at == named
                && items[at].is_one_of(LIST_PLURALS)
                && !items
                    .get(at + 1)
                    .is_some_and(|next| next.is_one_of(LIST_NOUNS) || next.is_one_of(NOUNS)))
    };
    let noun = (named..items.len().min(named + NAME_MAX + 3)).find(|&at| is_noun(at));
    let (name_end, mut end) = match noun {
        // "to list" and "to schedule" are verbs more often than places.
        Some(noun)
            if noun == named
                && !owner
                && !by_name
                && (items[noun].is("schedule")
                    || items.get(noun + 1).is_some_and(|next| {
                        next.kind == Kind::Word && next.folded.chars().any(char::is_alphanumeric)
                    })) =>
        {
            return None;
        }
        Some(noun) => (noun, noun + 1),
        None => {
            // "on my to do", "to my todos".
            let length = kind_length(&items[named..]);
            let last = items[named + length..]
                .iter()
                .all(|item| !item.folded.chars().any(char::is_alphanumeric));
            // "Off my reminder to call" is about one of them.
            let one = items[named].is_one_of(&["task", "reminder", "event"]);
            if length == 0 || one || !owner || !(place || last && is_plural(&items[named..])) {
                return None;
            }
            (named + length, named + length)
        }
    };
    let name = name(&items[named..name_end]);
    let plain =
        |item: &&Item| item.kind == Kind::Word && item.folded.chars().any(char::is_alphanumeric);
    // Without a word that says whose it is, only a short name is one: "to hardware store list", but not "to a friend's
    // party and write the list".
    let few = if owner { NAME_MAX } else { 2 };
    if name.len() > few
        || !name.iter().all(plain)
        || name.iter().any(|item| item.is_one_of(NO_LIST_NAMES))
    {
        return None;
    }
    // A list that is not a place is ours only under a name that we know.
    let known = |item: &&Item| item.is_one_of(KNOWN_LISTS);
    if !place && !name.iter().all(known) {
        return None;
    }
    // "a list of facts" is none of ours, "a to do list" is.
    let indefinite = !place && items[0].is("a") && name_end == named;
    if indefinite || name.iter().any(|item| item.is_one_of(LISTS_OF_OTHERS)) {
        return None;
    }
    if let Some(length) = LIST_TAILS
        .iter()
        .filter_map(|tail| follows(&items[end..], tail))
        .max()
    {
        end += length;
    }
    let name = (!name.is_empty()).then(|| {
        name.iter()
            .map(|item| item.folded.as_str())
            .collect::<Vec<_>>()
            .join("-")
    });
    Some((List { name, place }, end))
}

/// What stands before the name of a list: "on my".
struct Lead {
    /// Whether it makes the list a place.
    place: bool,
    /// Whether it says whose the list is.
    owner: bool,
    /// Whether what follows is a list without that.
    by_name: bool,
    /// How many items it takes.
    length: usize,
}

/// What `items` begin with if a list can come after it.
fn lead(items: &[Item]) -> Option<Lead> {
    let mut at = 0;
    while items
        .get(at)
        .is_some_and(|item| item.is_one_of(LIST_PLACES))
    {
        at += 1;
    }
    let place = at > 0;
    let owner = items
        .get(at)
        .is_some_and(|item| item.is_one_of(LIST_OWNERS));
    at += usize::from(owner);
    if items
        .get(at)
        .is_some_and(|item| matches!(&item.kind, Kind::Date(found) if found.owning))
    {
        at += 1;
    }
    // "shopping list" is one by its name.
    let first = items.get(at)?;
    let by_name = !owner && !place && first.is_one_of(KNOWN_LISTS);
    // So is "today's schedule".
    let by_day = matches!(&items[at.saturating_sub(1)].kind, Kind::Date(found) if found.owning);
    let by_name = by_name || by_day;
    let begins = owner || by_name || place && !items[0].is_one_of(&["for", "of"]);
    begins.then_some(Lead {
        place,
        owner,
        by_name,
        length: at,
    })
}

/// The words that say which list it is, without those that say only that it is one.
fn name(items: &[Item]) -> Vec<&Item> {
    let mut name = Vec::new();
    let mut at = 0;
    while at < items.len() {
        let length = kind_length(&items[at..]);
        if length > 0 {
            at += length;
        } else {
            name.push(&items[at]);
            at += 1;
        }
    }
    name
}

/// Whether items speak of several: "to do's", "todos".
fn is_plural(items: &[Item]) -> bool {
    items.last().is_some_and(|last| {
        last.is_one_of(&["todos", "to-dos", "to-do's", "dos", "do's", "todo's"])
    })
}

/// How many items say that it is a list of things to do, and nothing about which.
fn kind_length(items: &[Item]) -> usize {
    LIST_KINDS
        .iter()
        .filter_map(|kind| follows(items, kind))
        .max()
        .unwrap_or(0)
}

/// The number of words of `phrase` if `items` begin with it.
fn follows(items: &[Item], phrase: &str) -> Option<usize> {
    let mut count = 0;
    for word in phrase.split(' ') {
        items.get(count).filter(|item| item.is(word))?;
        count += 1;
    }
    Some(count)
}
