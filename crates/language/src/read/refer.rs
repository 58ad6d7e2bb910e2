//! Which tasks are meant: by number, by place in what was shown, by a pronoun, by a description or by words of the title.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use domain::{Days, Filter, Task, TaskId};

use super::Sight;
use super::items::{Item, Kind};
use super::listing;
use crate::en::ENGLISH;
use crate::en::words::{
    ADJECTIVES, EVERYTHING, LINKS, NOUNS, NUMBERS, ORDINALS, PLURALS, PRONOUNS, STOP_WORDS,
    SYNONYMS,
};
use crate::language::{LANGUAGES, Language};

/// Which tasks words mean.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meant {
    /// These.
    Tasks(Vec<TaskId>),
    /// All that a filter names.
    By(Filter),
    /// One of these, and it is not clear which.
    OneOf(Vec<TaskId>),
    /// None that is in sight.
    Nothing,
    /// One that was not named: "a task", or "it" when nothing was spoken of.
    Unsaid,
}

/// What a request does to tasks, so that of two that fit the one it makes sense for is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Open,
    Done,
    Trashed,
    Any,
}

impl Wanted {
    pub(super) fn fits(self, task: &Task) -> bool {
        match self {
            Self::Open => task.is_open(),
            Self::Done => task.is_done(),
            Self::Trashed => task.is_trashed(),
            Self::Any => !task.is_trashed(),
        }
    }
}

/// The tasks that `items` mean.
pub(super) fn meant(items: &[Item], wanted: Wanted, text: &str, sight: &Sight<'_>) -> Meant {
    /// Most words and signs by which tasks are named; more are none, and are not looked through.
    const ITEMS_MAX: usize = 100;
    if items.len() > ITEMS_MAX {
        return Meant::Nothing;
    }
    let definite = items
        .iter()
        .any(|item| item.is_one_of(&["the", "this", "that"]));
    let one = items.last().is_some_and(|last| last.is_one_of(NOUNS));
    let items = trimmed(items);
    let Some((first, last)) = items.first().zip(items.last()) else {
        return Meant::Unsaid;
    };
    if items.iter().all(|item| {
        item.is_one_of(NOUNS) || item.is_one_of(&["something", "some", "any", "a", "s"])
    }) {
        return match sight.recent {
            [one] if definite => Meant::Tasks(vec![*one]),
            _ => Meant::Unsaid,
        };
    }
    if let Some((from, except)) = excepted(items) {
        return all_but(from, except, wanted, text, sight);
    }
    if let Some(ids) = numbers(items) {
        return Meant::Tasks(ids);
    }
    if let Some(meant) = places(items, sight) {
        return meant;
    }
    if let Some(meant) = spoken_of(items, sight) {
        return meant;
    }
    if let Some(meant) = counted(items, wanted, text, sight) {
        return meant;
    }
    let mut by_title = titled(items, wanted, text, sight);
    if by_title.0 == Meant::Nothing && items.iter().any(Item::is_mark) {
        by_title = titled_and_dated(items, wanted, text, sight);
    }
    // Two names in one breath fit neither title whole.
    if !by_title.1
        && !matches!(by_title.0, Meant::Tasks(_))
        && let Some(meant) = coordinated(items, wanted, text, sight)
    {
        return meant;
    }
    if by_title.1 && by_title.0 != Meant::Nothing {
        return by_title.0;
    }
    if first.is_one_of(EVERYTHING)
        || last.is_one_of(&[
            "tasks",
            "items",
            "todos",
            "ones",
            "reminders",
            "things",
            "stuff",
        ])
        || items.iter().any(|item| item.is("everything"))
    {
        if let Some(filter) = listing::filter(items, sight, false) {
            return Meant::By(whole(filter, wanted));
        }
        // "All the reminders about the trip": what is called so, if anything is.
        if let Some(filter) = listing::filter(items, sight, true)
            && (first.is_one_of(EVERYTHING) || by_title.0 == Meant::Nothing)
            && sight
                .tasks
                .iter()
                .any(|task| filter.matches(task, sight.projects, sight.view))
        {
            return Meant::By(whole(filter, wanted));
        }
    }
    if by_title.0 != Meant::Nothing {
        return by_title.0;
    }
    // "overdue" alone, "today's", "the friday one": a description is enough when nothing is called so.
    let described = items.iter().any(Item::is_mark);
    // "completed" alone is all of them.
    if !one
        && items.iter().all(listing::is_state)
        && let Some(filter) = listing::filter(items, sight, false)
    {
        return Meant::By(whole(filter, wanted));
    }
    match listing::filter(items, sight, false) {
        Some(filter) if described => described_by(&filter, wanted, sight),
        _ => Meant::Nothing,
    }
}

/// What was last spoken of or shown: "it", "those", "all of them". `None` if `items` are no such words.
fn spoken_of(items: &[Item], sight: &Sight<'_>) -> Option<Meant> {
    let words = items
        .iter()
        .map(|item| item.folded.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if PRONOUNS.contains(&words.as_str()) && items.iter().all(|item| item.kind == Kind::Word) {
        return Some(match sight.recent {
            [] => Meant::Unsaid,
            // "it" is one thing; of a list just shown it is the only one or nothing.
            [one] => Meant::Tasks(vec![*one]),
            many => Meant::OneOf(many.to_vec()),
        });
    }
    if !PLURALS.contains(&words.trim_start_matches("of ")) {
        return None;
    }
    let ids = if sight.recent.len() > 1 || sight.shown.is_empty() {
        sight.recent
    } else {
        sight.shown
    };
    Some(if ids.is_empty() {
        Meant::Unsaid
    } else {
        Meant::Tasks(ids.to_vec())
    })
}

/// "Both meetings", "the two meetings": as many of that name as are said. "One of the meetings": which of them is open.
fn counted(items: &[Item], wanted: Wanted, text: &str, sight: &Sight<'_>) -> Option<Meant> {
    let [first, rest @ ..] = items else {
        return None;
    };
    let one_of = first.is_one_of(&["one", "any", "either"]) && rest.first()?.is("of");
    let count = if first.is("both") {
        2
    } else {
        count(first.plain())?
    };
    let rest = match rest {
        [of, rest @ ..] if of.is("of") => rest,
        rest => rest,
    };
    if rest.is_empty() || !(one_of || count > 1) {
        return None;
    }
    // "Both the tap and the passport" counts what is named.
    let named = coordinated(rest, wanted, text, sight);
    let (Meant::Tasks(ids) | Meant::OneOf(ids)) =
        named.unwrap_or_else(|| meant(rest, wanted, text, sight))
    else {
        return None;
    };
    let fitting: Vec<TaskId> = ids
        .iter()
        .copied()
        .filter(|id| {
            sight
                .tasks
                .iter()
                .any(|task| task.id == *id && wanted.fits(task))
        })
        .collect();
    Some(match fitting.len() {
        0 => Meant::Nothing,
        _ if one_of => Meant::OneOf(fitting),
        fits if fits == count => Meant::Tasks(fitting),
        _ => Meant::OneOf(fitting),
    })
}

/// "The milk and the parcel": each of them one, or none of it is meant so.
fn coordinated(items: &[Item], wanted: Wanted, text: &str, sight: &Sight<'_>) -> Option<Meant> {
    /// Most tasks named in one breath.
    const PARTS_MAX: usize = 12;
    let parts: Vec<&[Item]> = items
        .split(|item| item.is_one_of(&["and", "&", ",", "plus"]))
        .filter(|part| !part.is_empty())
        .collect();
    if !(2..=PARTS_MAX).contains(&parts.len()) {
        return None;
    }
    let mut all = Vec::new();
    let mut filters = Vec::new();
    for part in parts {
        match meant(part, wanted, text, sight) {
            Meant::Tasks(ids) => all.extend(ids),
            Meant::By(filter) => filters.push(filter),
            _ => return None,
        }
    }
    if !filters.is_empty() {
        return all.is_empty().then_some(Meant::By(Filter::Or(filters)));
    }
    let mut seen = Vec::new();
    all.retain(|id| {
        !seen.contains(id) && {
            seen.push(*id);
            true
        }
    });
    Some(Meant::Tasks(all))
}

/// The tasks in sight that a description names, one or several.
fn described_by(filter: &Filter, wanted: Wanted, sight: &Sight<'_>) -> Meant {
    let filter = whole(filter.clone(), wanted);
    let fitting = sight
        .tasks
        .iter()
        .filter(|task| wanted.fits(task) && filter.matches(task, sight.projects, sight.view));
    match fitting.map(|task| task.id).collect::<Vec<_>>().as_slice() {
        [] => Meant::Nothing,
        [one] => Meant::Tasks(vec![*one]),
        many => Meant::OneOf(many.to_vec()),
    }
}

/// A filter made to speak of the tasks that a request makes sense for.
fn whole(filter: Filter, wanted: Wanted) -> Filter {
    match wanted {
        Wanted::Done if filter == Filter::Open => return Filter::Done,
        Wanted::Trashed if filter == Filter::Open => return Filter::Trash,
        _ => {}
    }
    if filter.scope() != domain::Scope::Open {
        return filter;
    }
    match wanted {
        Wanted::Open => filter,
        Wanted::Done => both(filter, Filter::Done),
        Wanted::Trashed => both(filter, Filter::Trash),
        Wanted::Any => filter,
    }
}

fn both(one: Filter, other: Filter) -> Filter {
    if one == Filter::Open {
        other
    } else {
        Filter::And(vec![one, other])
    }
}

/// `items` without what says nothing at their ends: "the reminder to call Ana" and "the Ana reminder" are what they remind
/// of.
pub(super) fn trimmed(items: &[Item]) -> &[Item] {
    let mut items = items;
    loop {
        let before = items.len();
        while let [first, rest @ ..] = items {
            let noise = first.is_one_of(&["the", "my", "our", "a", "an", ":", ",", "-", "off", "with"])
                || first.is_place()
                // "all" is a word of its own only when nothing says of what.
                || (first.is("all") && rest.iter().any(|item| item.is("of")));
            if !noise || rest.is_empty() {
                break;
            }
            items = rest;
        }
        while let [rest @ .., last] = items {
            let noise = last.is_one_of(&[
                ".", ",", "!", "?", ";", ":", "please", "now", "too", "already",
            ]) || last.is_place();
            if !noise || rest.is_empty() {
                break;
            }
            items = rest;
        }
        items = after_noun(items);
        if let [rest @ .., last] = items
            && !rest.is_empty()
            && last.is_one_of(NOUNS)
        {
            items = rest;
        }
        if items.len() == before {
            return items;
        }
    }
}

/// What comes after "daily reminder to", "task called". All of `items` if they do not begin so.
fn after_noun(items: &[Item]) -> &[Item] {
    let adjectives = items
        .iter()
        .take_while(|item| {
            item.is_one_of(ADJECTIVES)
                || matches!(&item.kind, Kind::Date(found) if found.schedule.repeat.is_some())
        })
        .count();
    let Some(noun) = items.get(adjectives).filter(|item| item.is_one_of(NOUNS)) else {
        return items;
    };
    let rest = &items[adjectives + 1..];
    let dates = rest.iter().take_while(|item| item.is_mark()).count();
    let links = rest[dates..]
        .iter()
        .take_while(|item| item.is_one_of(LINKS))
        .count();
    let rest = &rest[dates + links..];
    // "The reminder I set for tomorrow" is told by its date.
    let by_date = rest.iter().any(|item| matches!(item.kind, Kind::Date(_)));
    if links == 0 || rest.is_empty() || noun.is("one") || rest.iter().all(Item::is_mark) && !by_date
    {
        items
    } else {
        rest
    }
}

/// What stands before and after "except", "but", "besides".
fn excepted(items: &[Item]) -> Option<(&[Item], &[Item])> {
    let at = items
        .iter()
        .position(|item| item.is_one_of(&["except", "but", "besides", "excluding"]))?;
    let after = if items.get(at + 1).is_some_and(|item| item.is("for")) {
        at + 2
    } else {
        at + 1
    };
    let (before, after) = (items.get(..at)?, items.get(after..)?);
    (!before.is_empty() && !after.is_empty()).then_some((before, after))
}

fn all_but(from: &[Item], except: &[Item], wanted: Wanted, text: &str, sight: &Sight<'_>) -> Meant {
    let Meant::Tasks(out) = meant(except, wanted, text, sight) else {
        return Meant::Nothing;
    };
    let only_all = from
        .iter()
        .all(|item| item.is_one_of(&["all", "everything", "of", "them", "those", "these"]));
    if only_all && sight.shown.len() > 1 {
        return Meant::Tasks(
            sight
                .shown
                .iter()
                .copied()
                .filter(|id| !out.contains(id))
                .collect(),
        );
    }
    match meant(from, wanted, text, sight) {
        Meant::Tasks(ids) => Meant::Tasks(ids.into_iter().filter(|id| !out.contains(id)).collect()),
        Meant::By(filter) => {
            let not = |id: TaskId| Filter::Not(Box::new(Filter::Number(id)));
            let filter = if filter.scope() == domain::Scope::Open {
                Filter::And(vec![filter, Filter::Open])
            } else {
                filter
            };
            Meant::By(Filter::And(
                [filter]
                    .into_iter()
                    .chain(out.into_iter().map(not))
                    .collect(),
            ))
        }
        other => other,
    }
}

fn number(item: &Item) -> Option<i64> {
    if item.kind != Kind::Word {
        return None;
    }
    item.folded.trim_start_matches('#').parse().ok()
}

/// The numbers of tasks, if `items` are nothing else: "3", "task 3", "#1, #2 and #4", "tasks 1-3".
fn numbers(items: &[Item]) -> Option<Vec<TaskId>> {
    /// Most tasks of a range.
    const RANGE_MAX: i64 = 100;
    let mut ids = Vec::new();
    let mut items = items.iter().peekable();
    while let Some(item) = items.next() {
        let until = ["to", "through", "till", "until", "-"];
        if let (Some(last), true, Some(TaskId(first))) = (
            items.peek().and_then(|last| number(last)),
            item.is_one_of(&until),
            ids.last(),
        ) {
            let first = *first;
            if !(first..first.saturating_add(RANGE_MAX)).contains(&last) {
                return None;
            }
            ids.extend((first + 1..last).map(TaskId));
        } else if let Some(id) = number(item) {
            ids.push(TaskId(id));
        } else if let Some((first, last)) = item
            .folded
            .split_once('-')
            .and_then(|(a, b)| Some((a.parse::<i64>().ok()?, b.parse::<i64>().ok()?)))
        {
            if !(first..first.saturating_add(RANGE_MAX)).contains(&last) {
                return None;
            }
            ids.extend((first..=last).map(TaskId));
        } else if !item.is_one_of(&[
            "task", "tasks", "number", "numbers", "no", "nr", "#", ",", "and", "&", "item",
            "items", "todo", ".", "the",
        ]) {
            return None;
        }
    }
    (!ids.is_empty()).then_some(ids)
}

/// The place that a word such as "second" names.
pub(super) fn ordinal(word: &str) -> Option<usize> {
    let named = ORDINALS.iter().find(|(known, _)| *known == word);
    named.map(|(_, place)| *place)
}

/// The number that a word such as "two" is.
pub(super) fn count(word: &str) -> Option<usize> {
    let (_, number) = NUMBERS.iter().find(|(known, _)| *known == word)?;
    usize::try_from(*number).ok()
}

/// A place in what was shown: "the second one", "first and third", "the last two", "the first three".
fn places(items: &[Item], sight: &Sight<'_>) -> Option<Meant> {
    let how_many = |item: &Item| {
        let number = || usize::try_from(number(item)?).ok();
        count(item.plain()).or_else(number)
    };
    let filler = |item: &Item| {
        item.is_one_of(&[
            "the", "one", "ones", "task", "tasks", "item", "items", "and", ",", "of", "them", "in",
            "list", "on", "two",
        ])
    };
    let from_end = |item: &Item| item.is_one_of(&["last", "final", "bottom"]);
    let from_start = |item: &Item| item.is("top");
    let shown = sight.shown;
    if let [edge, count, rest @ ..] = items
        && let Some(count) = how_many(count).filter(|count| *count > 1 && rest.iter().all(filler))
    {
        if edge.is("first") || edge.is("top") {
            return (count <= shown.len()).then(|| Meant::Tasks(shown[..count].to_vec()));
        }
        if from_end(edge) {
            return (count <= shown.len())
                .then(|| Meant::Tasks(shown[shown.len() - count..].to_vec()));
        }
    }
    let mut ids = Vec::new();
    for item in items {
        if let Some(place) = ordinal(item.plain()).or_else(|| from_start(item).then_some(1)) {
            ids.push(shown.get(place - 1).copied());
        } else if from_end(item) {
            // Of nothing shown, the last one is what was spoken of last.
            ids.push(shown.last().or(sight.recent.first()).copied());
        } else if !filler(item) {
            return None;
        }
    }
    if ids.is_empty() {
        return None;
    }
    Some(
        ids.into_iter()
            .collect::<Option<Vec<_>>>()
            .map_or(Meant::Nothing, Meant::Tasks),
    )
}

/// Anything this close to the best title could as well be meant.
const MARGIN: f32 = 0.12;

/// The tasks that `items` name besides a date: "the lunch with Ana tomorrow". The date tells apart those that share the name.
fn titled_and_dated(
    items: &[Item],
    wanted: Wanted,
    text: &str,
    sight: &Sight<'_>,
) -> (Meant, bool) {
    let name: Vec<Item> = items
        .iter()
        .filter(|item| !item.is_mark())
        .cloned()
        .collect();
    let (meant, whole) = titled(&name, wanted, text, sight);
    let (ids, days) = match (&meant, days(items)) {
        (Meant::OneOf(ids), Some(days)) => (ids, days),
        // The day it was done on says nothing about which; another than it is due on does.
        (Meant::Tasks(ids), Some(days)) if wanted == Wanted::Any => (ids, days),
        _ => return (meant, whole),
    };
    let due = Filter::Due(days);
    let then = sight
        .tasks
        .iter()
        .filter(|task| ids.contains(&task.id) && due.matches(task, sight.projects, sight.view));
    match then.map(|task| task.id).collect::<Vec<_>>().as_slice() {
        [] => (Meant::OneOf(ids.clone()), whole),
        [one] => (Meant::Tasks(vec![*one]), whole),
        many => (Meant::OneOf(many.to_vec()), whole),
    }
}

/// Whether `items` name tasks by their titles, and not by number, place or pronoun.
pub(super) fn is_by_title(items: &[Item], text: &str, sight: &Sight<'_>) -> bool {
    titled(trimmed(items), Wanted::Any, text, sight).0 != Meant::Nothing
}

/// The tasks whose titles have the words of `items`, and whether that is by the whole title.
fn titled(items: &[Item], wanted: Wanted, text: &str, sight: &Sight<'_>) -> (Meant, bool) {
    let words: Vec<&str> = items.iter().map(|item| &text[item.span.clone()]).collect();
    let said = words.join(" ");
    let language = sight.spoken();
    let query = content_in(&said, language);
    if query.is_empty() {
        return (Meant::Nothing, false);
    }
    let mut fitting: Vec<(&Task, f32, bool)> = Vec::new();
    let beginnings = beginnings(&query);
    let likely = sight
        .tasks
        .iter()
        .filter(|task| begins_like(task.title.as_str(), &beginnings));
    for task in likely {
        let title = content_in(task.title.as_str(), language);
        let score = likeness(&query, &title);
        if score > 0.0 {
            let whole = score >= 0.99 && title.len() == query.len();
            fitting.push((task, score, whole));
        }
    }
    let trashed = wanted == Wanted::Trashed;
    fitting.retain(|(task, ..)| task.is_trashed() == trashed);
    // Of those that fit, the ones the request makes sense for; if there are none, the others get the honest answer.
    if fitting.iter().any(|(task, ..)| wanted.fits(task)) {
        fitting.retain(|(task, ..)| wanted.fits(task));
    }
    if wanted == Wanted::Any && fitting.iter().any(|(task, ..)| task.is_open()) {
        fitting.retain(|(task, ..)| task.is_open());
    }
    if fitting.iter().any(|(.., whole)| *whole) {
        fitting.retain(|(.., whole)| *whole);
    }
    let best = fitting
        .iter()
        .map(|(_, score, _)| *score)
        .fold(0.0, f32::max);
    fitting.retain(|(_, score, _)| *score > best - MARGIN);
    let whole = fitting.iter().any(|(.., whole)| *whole);
    let ids: Vec<TaskId> = fitting.iter().map(|(task, ..)| task.id).collect();
    let meant = match ids.as_slice() {
        [] => Meant::Nothing,
        [_] => Meant::Tasks(ids),
        _ => Meant::OneOf(ids),
    };
    (meant, whole)
}

/// For each way to say the same the word that stands for all of them.
static SAME: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    let ways = SYNONYMS.iter().rev();
    ways.flat_map(|(one, ways)| ways.iter().map(|way| (*way, *one)))
        .collect()
});

static STOPS: LazyLock<HashSet<&str>> = LazyLock::new(|| STOP_WORDS.iter().copied().collect());

/// Whether a word of any language names no task.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOPS.contains(word)
        || LANGUAGES
            .iter()
            .any(|language| language.stop_words.contains(&word))
}

/// The words of a text that tell tasks apart, stemmed, without accents, each way to say the same as one.
pub(super) fn content(text: &str) -> Vec<String> {
    content_in(text, &ENGLISH)
}

/// The same where `language` is spoken, whose small words tell nothing apart either.
fn content_in(text: &str, language: &Language) -> Vec<String> {
    let folded: String = text
        .chars()
        .flat_map(char::to_lowercase)
        .map(unaccented)
        .collect();
    let words = folded
        .split(|c: char| !(c.is_alphanumeric() || c == '\''))
        .map(|word| unelided(word, language))
        .map(|word| word.trim_end_matches("'s").replace('\'', ""))
        .filter(|word| !word.is_empty());
    let (mut all, mut telling) = (Vec::new(), Vec::new());
    for word in words {
        let stem = stem(&word);
        let same = SAME.get(stem.as_str()).or_else(|| SAME.get(word.as_str()));
        let stem = same.map_or(stem, |one| (*one).to_owned());
        if !STOPS.contains(word.as_str()) && !language.stop_words.contains(&word.as_str()) {
            telling.push(stem.clone());
        }
        all.push(stem);
    }
    if telling.is_empty() { all } else { telling }
}

/// A word without what is run together with it: "eau" of "l'eau".
fn unelided<'a>(word: &'a str, language: &Language) -> &'a str {
    let mut elisions = language.elisions.iter();
    elisions
        .find_map(|elided| word.strip_prefix(elided))
        .unwrap_or(word)
}

/// A letter of the Latin alphabet without its accent, a typographic apostrophe made plain.
fn unaccented(c: char) -> char {
    match c {
        '\u{2019}' => '\'',
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        c => c,
    }
}

/// What words can begin with, one bit each: a to z, 0 to 9, and any letter that is not of ASCII.
type Initials = u64;

const FOREIGN: Initials = 1 << 36;

fn initial(first: char) -> Initials {
    match unaccented(first).to_ascii_lowercase() {
        letter @ 'a'..='z' => 1 << (u32::from(letter) - u32::from('a')),
        digit @ '0'..='9' => 1 << (26 + u32::from(digit) - u32::from('0')),
        _ => FOREIGN,
    }
}

/// The letters that the words of a title begin with.
fn initials(title: &str) -> Initials {
    let mut all = 0;
    let mut inside = false;
    for c in title.chars() {
        let word = c.is_alphanumeric();
        if word && !inside {
            all |= initial(c);
        }
        inside = word;
    }
    all
}

/// For each word of a query, the letters that a word it may stand for begins with: its own, and those of its synonyms.
fn beginnings(query: &[String]) -> Vec<Initials> {
    let ways = |word: &String| {
        let same = SYNONYMS.iter().filter(|(one, _)| one == word);
        let others = same.flat_map(|(_, ways)| ways.iter().copied());
        let all = others.chain([word.as_str()]);
        all.filter_map(|way| way.chars().next())
            .map(initial)
            .fold(0, |all, one| all | one)
    };
    query.iter().map(ways).collect()
}

/// Whether a title can have enough of a query's words, by what its words begin with: no word is taken for one that begins
/// otherwise. It saves looking closer at most titles.
fn begins_like(title: &str, beginnings: &[Initials]) -> bool {
    let initials = initials(title);
    let missing = beginnings
        .iter()
        .filter(|word| **word & (initials | FOREIGN) == 0)
        .count();
    initials & FOREIGN != 0 || missing <= forgiven(beginnings.len())
}

/// How many words of a query may be missing in a title: one too many is forgiven if three others are right.
fn forgiven(words: usize) -> usize {
    usize::from(words > 3)
}

/// A word without the endings of number and tense. Coarse on purpose: it only has to agree with itself.
pub(super) fn stem(word: &str) -> String {
    let cut = |ending: &str, least: usize| {
        word.strip_suffix(ending)
            .filter(|rest| rest.chars().count() >= least)
    };
    if let Some(rest) = cut("ies", 2) {
        return format!("{rest}y");
    }
    let rest = cut("ing", 3).or_else(|| cut("ed", 3)).or_else(|| {
        if word.ends_with("ss") || word.ends_with("us") {
            None
        } else {
            cut("es", 4).or_else(|| cut("s", 3))
        }
    });
    let rest = rest.unwrap_or(word);
    // "running", "stopped".
    let mut letters: Vec<char> = rest.chars().collect();
    if rest.len() < word.len()
        && letters.len() > 3
        && letters[letters.len() - 1] == letters[letters.len() - 2]
        && !matches!(letters[letters.len() - 1], 'l' | 's')
    {
        letters.pop();
    }
    let rest: String = letters.into_iter().collect();
    rest.strip_suffix('e')
        .filter(|rest| rest.len() > 2)
        .map_or(rest.clone(), str::to_owned)
}

/// How well the words of a query fit a title: 0 not at all, 1 each of them exactly.
fn likeness(query: &[String], title: &[String]) -> f32 {
    let mut sum = 0.0;
    let mut missing = 0;
    for word in query {
        let best = title
            .iter()
            .map(|known| alike(word, known))
            .fold(0.0, f32::max);
        if best == 0.0 {
            missing += 1;
        }
        sum += best;
    }
    if missing > forgiven(query.len()) {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "a handful of words")]
    let mean = sum / query.len() as f32;
    if mean < 0.6 { 0.0 } else { mean }
}

fn alike(one: &str, other: &str) -> f32 {
    if one == other {
        return 1.0;
    }
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let length = short.chars().count();
    if length >= 3 && long.starts_with(short) && one.len() <= other.len() {
        return 0.8;
    }
    let allowed = if length >= 8 {
        2
    } else {
        usize::from(length >= 4)
    };
    // In a short word another letter makes another word: a mill is no milk.
    if length == 4 && one.len() == other.len() && !is_swapped(one, other) {
        return 0.0;
    }
    // A letter too many is a slip only where it doubles its neighbour: "garbage" is not "garage".
    let longer = one.chars().count() > other.chars().count();
    if allowed > 0
        && one.chars().next() == other.chars().next()
        && distance(one, other, allowed) <= allowed
        && (!longer || allowed > 1 || squeezed(one) == squeezed(other))
    {
        0.75
    } else {
        0.0
    }
}

/// Whether two words have the same letters.
fn is_swapped(one: &str, other: &str) -> bool {
    let sorted = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(one) == sorted(other)
}

/// A word with each run of one letter as one.
fn squeezed(word: &str) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// The number of letters by which two words differ, a swap of neighbours counting as one (Damerau's distance, restricted);
/// more than `most` is `most + 1`.
pub(super) fn distance(one: &str, other: &str, most: usize) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return most + 1;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut next = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let cost = usize::from(a[i - 1] != b[j - 1]);
            next[j] = (row[j] + 1).min(next[j - 1] + 1).min(row[j - 1] + cost);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                next[j] = next[j].min(before[j - 2] + 1);
            }
        }
        before = row;
        row = next;
    }
    row[b.len()].min(most + 1)
}

/// The days that a date among `items` names.
pub(super) fn days(items: &[Item]) -> Option<Days> {
    items.iter().find_map(|item| match &item.kind {
        Kind::Date(found) => found.days,
        _ => None,
    })
}
