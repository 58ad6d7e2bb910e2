//! Cuts a message into requests: what may be said around one is left out, and what asks for several things is split.

use super::Sight;
use super::items::{Item, Kind};
use super::pattern::{Match, matches};
use super::phrases::{begins, ends, is_sign};
use super::refer::{Meant, Wanted, meant};
use crate::en::frames::Ask;
use crate::en::words::{
    ACTIONS, ASKING, ASKING_OPENERS, CLOSERS, COMMANDS, DIRECTED, MACHINES, NEED_OPENERS,
    NOT_NOTE_PHRASES, NOT_NOTES, NOUNS, OPENERS, OUR_NOUNS, REASONS,
};

/// `items` without politeness and signs around them.
pub(super) fn plain(items: &[Item]) -> &[Item] {
    let mut items = items;
    loop {
        let before = items.len();
        while let [first, rest @ ..] = items {
            if rest.is_empty() || !is_punctuation(first) || first.folded.starts_with('#') {
                break;
            }
            items = rest;
        }
        while let [rest @ .., last] = items {
            if rest.is_empty() || !is_punctuation(last) {
                break;
            }
            items = rest;
        }
        if let Some(length) = longest_before(items, OPENERS) {
            items = &items[length..];
        }
        // "tell me" is an opener of a question only: "tell me what is due", not "tell me a joke".
        if let Some(length) = longest_before(items, ASKING_OPENERS)
            && items
                .get(length)
                .is_some_and(|next| next.is_one_of(ASKING) || matches!(next.kind, Kind::List(_)))
        {
            items = &items[length..];
        }
        if let Some(length) = longest_before(items, NEED_OPENERS)
            && items[length..]
                .first()
                .is_some_and(|next| next.is_one_of(COMMANDS))
        {
            items = &items[length..];
        }
        if let Some(length) = longest_after(items, CLOSERS) {
            items = &items[..items.len() - length];
        }
        // "Make it friday instead", but not "remind me of it friday instead".
        if longest_after(items, &["instead"]).is_some()
            && items[0].is_one_of(&[
                "make",
                "move",
                "change",
                "put",
                "set",
                "push",
                "reschedule",
                "do",
                "schedule",
            ])
        {
            items = &items[..items.len() - 1];
        }
        if items.len() == before {
            return items;
        }
    }
}

/// Whether the words of `all` before `clause` make it a request to whoever listens: "can you", "please".
pub(super) fn is_asked(all: &[Item], clause: &[Item]) -> bool {
    let Some(first) = clause.first() else {
        return false;
    };
    let before = all.iter().filter(|item| item.span.end <= first.span.start);
    before.take(6).any(|item| item.is_one_of(DIRECTED))
        || clause.last().is_some_and(|last| {
            let mut after = all.iter().filter(|item| item.span.start >= last.span.end);
            after.any(|item| item.is_one_of(DIRECTED) || item.is("me"))
        })
}

/// Whether an item is punctuation: a picture can be all there is of a title.
fn is_punctuation(item: &Item) -> bool {
    is_sign(item) && (item.span.len() <= 3 || item.folded.is_ascii())
}

/// The length of the longest of `phrases` that `items` begin with and go on after.
fn longest_before(items: &[Item], phrases: &[&str]) -> Option<usize> {
    let (_, before_last) = items.split_last()?;
    begins(before_last, phrases).map(|(length, _)| length)
}

/// The length of the longest of `phrases` that `items` end with and begin before.
fn longest_after(items: &[Item], phrases: &[&str]) -> Option<usize> {
    let (_, after_first) = items.split_first()?;
    ends(after_first, phrases).map(|(length, _)| length)
}

/// The requests of a message. One, if nothing in it is a request of its own.
pub(super) fn split<'a>(items: &'a [Item], text: &str, sight: &Sight<'_>) -> Vec<&'a [Item]> {
    /// Most items of a request that another comes after, so that long messages are read in linear time.
    const ITEMS_MAX: usize = 40;
    /// Most requests of a message.
    const REQUESTS_MAX: usize = 20;
    /// How far the request after is looked at to tell whether it is one.
    const AHEAD_MAX: usize = 120;
    let mut clauses: Vec<&[Item]> = Vec::new();
    let mut rest = items;
    'next: while !rest.is_empty() {
        let last = clauses.len() + 1 == REQUESTS_MAX;
        for at in 1..rest.len().min(if last { 0 } else { ITEMS_MAX }) {
            let length = joint(&rest[at..]);
            if length == 0 || at + length >= rest.len() {
                continue;
            }
            let ahead = &rest[at + length..];
            let (left, right) = (
                plain(&rest[..at]),
                plain(&ahead[..ahead.len().min(AHEAD_MAX)]),
            );
            let apart = rest[at..at + length].iter().any(|item| !item.is("and"));
            if splits(left, right, apart, text, sight) {
                clauses.push(left);
                rest = &rest[at + length..];
                continue 'next;
            }
        }
        clauses.push(plain(rest));
        break;
    }
    clauses
}

/// How many items stand between two requests here; none if nothing does.
fn joint(items: &[Item]) -> usize {
    let count = items
        .iter()
        .take_while(|item| {
            item.is_one_of(&[
                "and", "then", ",", ";", ".", "&", "also", "plus", "!", "but",
            ])
        })
        .count();
    count.min(4)
}

/// What the first request in `items` asks for, if a frame says so.
fn asked(items: &[Item]) -> Option<Ask> {
    matches(items).next().map(|found| found.ask)
}

/// Whether `left` and `right` are requests of their own. `apart` is whether more than an "and" stands between them.
fn splits(left: &[Item], right: &[Item], apart: bool, text: &str, sight: &Sight<'_>) -> bool {
    // "on my list, add soap" and "is soap on my list, add it if not" are each one request.
    let place = left.iter().all(|item| item.is_place() || item.is_mark());
    let asks = left
        .first()
        .is_some_and(|first| first.is_one_of(&["is", "are", "if", "do", "does"]));
    let adds = right
        .iter()
        .take(4)
        .any(|item| item.is_one_of(&["add", "put"]));
    let back = right
        .iter()
        .any(|item| item.is_one_of(&["it", "it's", "them", "if"]));
    if place || (asks && adds && back) {
        return false;
    }
    let (Some(one), Some(other)) = (
        asked(left).or_else(|| is_note(left).then_some(Ask::Add)),
        matches(right).next(),
    ) else {
        return false;
    };
    if matches!(
        other.ask,
        Ask::Help | Ask::Hello | Ask::Thanks | Ask::Who | Ask::Fine
    ) {
        return false;
    }
    // A description ("the last", "my reports") or an unfinished sentence ("remind me") belongs to what it follows.
    match other.ask {
        Ask::List | Ask::Overview | Ask::Count | Ask::Find
            if !right.first().is_some_and(|first| {
                first.is_one_of(&["show", "list", "what", "what's", "how", "tell"])
            }) =>
        {
            return false;
        }
        Ask::Add if other.get("title", right).is_none() => return false,
        // "I need eggs; add them" adds what was just said.
        Ask::Add if other.get("title", right).is_some_and(is_said_before) => return false,
        _ => {}
    }
    if goes_on(one, left, &other, right) {
        return false;
    }
    if one != Ask::Add {
        return other.ask != Ask::Add
            || right
                .first()
                .is_some_and(|first| first.is_one_of(&["add", "remind", "create", "new", "put"]));
    }
    // After something to add, what follows is most likely more of it, unless it can be nothing else.
    match other.ask {
        Ask::Add => right
            .first()
            .is_some_and(|first| first.is_one_of(&["add", "remind", "create"])),
        Ask::List | Ask::Overview | Ask::Count | Ask::Find => true,
        Ask::Undo | Ask::Redo => false,
        _ => {
            // "..., and mark rent as done" can be nothing else.
            let plain_command = apart
                && right.first().is_some_and(|first| {
                    first.is_one_of(&["mark", "delete", "remove", "complete"])
                });
            match other.get("task", right) {
                Some(task) => {
                    plain_command || is_pronoun(task) || is_there(task, other.ask, text, sight)
                }
                None => other.ask == Ask::Mark,
            }
        }
    }
}

/// Whether `right` belongs to the request before it, which asks for `one`: as more of its description, its reason or the
/// same in other words.
fn goes_on(one: Ask, left: &[Item], other: &Match, right: &[Item]) -> bool {
    let begins =
        |items: &[Item], words: &[&str]| items.first().is_some_and(|first| first.is_one_of(words));
    // "Everything overdue and everything done" is one description.
    if begins(right, &["everything"]) {
        return true;
    }
    // What gives a reason asks for nothing.
    if begins(right, REASONS) && matches!(one, Ask::Delete | Ask::Reopen | Ask::Change) {
        return true;
    }
    // "I cancelled the trip, so remove the reminder" asks for one thing.
    let unnamed =
        |item: &Item| item.is_one_of(NOUNS) || item.is_one_of(&["it", "that", "the", "this", "my"]);
    let twice = other.ask == Ask::Delete
        && matches!(one, Ask::Delete | Ask::Complete)
        && begins(left, &["i", "we", "i'm"])
        && other
            .get("task", right)
            .is_none_or(|task| task.iter().all(unnamed));
    // "The next time it rains, remind me ..." says when.
    let when = one == Ask::List
        && begins(right, &["remind"])
        && begins(left, &["the", "next", "all", "my"]);
    twice || when
}

/// Whether a task of the name is there to be asked this for.
fn is_there(task: &[Item], ask: Ask, text: &str, sight: &Sight<'_>) -> bool {
    let wanted = if ask == Ask::Reopen {
        Wanted::Done
    } else {
        Wanted::Open
    };
    matches!(
        meant(task, wanted, text, sight),
        Meant::Tasks(_) | Meant::OneOf(_)
    )
}

/// Whether what is to be added was named before: "add that", "add them to my list".
fn is_said_before(title: &[Item]) -> bool {
    title.iter().all(|item| {
        item.is_mark()
            || matches!(item.kind, Kind::List(_))
            || item.is_one_of(&[
                "it", "that", "them", "those", "these", "this", "some", "one", "to", "the", "my",
            ])
    })
}

/// Whether words speak of what was just added.
pub(super) fn is_pronoun(items: &[Item]) -> bool {
    matches!(items, [one] if one.is_one_of(&["it", "that", "this", "them", "those", "these"]))
}

/// Whether words are a plain note of something to do.
pub(super) fn is_note(items: &[Item]) -> bool {
    /// Most words of a note that begins with no verb we know.
    const WORDS_MAX: usize = 7;
    let Some(first) = items.iter().find(|item| !item.is_mark()) else {
        return false;
    };
    let number = first.folded.parse::<f64>().is_ok();
    let elsewhere = |item: &Item| item.is_one_of(&["everything", "instead"]);
    if first.is_one_of(NOT_NOTES) || number || items.iter().any(elsewhere) {
        return false;
    }
    let lists = [
        "list",
        "lists",
        "calendar",
        "schedule",
        "items",
        "appointment",
        "event",
    ];
    if first.is_one_of(&["clear", "read", "evaluate"])
        && items.iter().any(|item| item.is_one_of(&lists))
    {
        return false;
    }
    // "give me", "read me", "find us": a request to whoever listens, and no note.
    if items
        .iter()
        .skip(1)
        .take(2)
        .any(|item| item.is_one_of(&["me", "us"]))
    {
        return false;
    }
    // What speaks of lists and reminders and fits no frame is a request that was not understood; what speaks of a speaker
    // or the weather is one to another machine.
    if longest_before(items, NOT_NOTE_PHRASES).is_some()
        || items.iter().any(|item| {
            item.is_one_of(OUR_NOUNS)
                || item.is_one_of(MACHINES)
                || matches!(item.kind, Kind::List(_))
        })
    {
        return false;
    }
    let marked = items.iter().any(Item::is_mark);
    let words = items
        .iter()
        .filter(|item| !item.is_mark() && item.folded.chars().any(char::is_alphanumeric))
        .count();
    // Whatever has a date can be a note if it is short; a long sentence with one is told about something else.
    let asks = items
        .iter()
        .any(|item| item.is_one_of(ASKING) || item.is_one_of(&["i", "me", "needs"]));
    let tells = items
        .iter()
        .skip(1)
        .any(|item| item.is_one_of(&["will", "is", "are", "was", "were", "has", "have", "had"]));
    let marked = marked && words <= WORDS_MAX && !asks && !tells;
    // In other languages the verb may as well come last: "Milch kaufen".
    let acts = first.is_one_of(ACTIONS)
        || items
            .iter()
            .any(|item| item.said.is_some() && item.is_one_of(ACTIONS));
    words > 0 && (marked || (acts && words > 1) || first.kind == Kind::Literal)
}
