//! What a message is made of once dates, priorities, labels and projects are found: words and marks.

use std::ops::Range;

use domain::{Priority, Project, Schedule, Tag};

use super::Sight;
use super::lists::{self, List};
use crate::dates::{self, Found};
use crate::en::words::{
    ACTIONS, COMMAND_WORDS, HESITATIONS, LISTING, NOT_COMMAND_WORDS, SPELLINGS,
};
use crate::language::Language;
use crate::token::{Said, Token, in_english, tokens};

/// A word or a mark of a message.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Item {
    /// In lower case; in another language than English, what it means in English.
    pub(super) folded: String,
    /// Its bytes in the text.
    pub(super) span: Range<usize>,
    pub(super) kind: Kind,
    /// What was said, if `folded` is only what it means.
    pub(super) said: Option<Said>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A word that may mean something.
    Word,
    /// Words that mean themselves.
    Literal,
    Date(Box<Found>),
    Priority(Priority),
    Tag(Tag),
    Project(String),
    List(List),
}

impl Item {
    pub(super) fn is_mark(&self) -> bool {
        !matches!(self.kind, Kind::Word | Kind::Literal | Kind::List(_))
    }

    /// Whether it says on which list something is or goes.
    pub(super) fn is_place(&self) -> bool {
        matches!(&self.kind, Kind::List(list) if list.place)
    }

    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.folded == word
    }

    pub(super) fn is_one_of(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.contains(&self.folded.as_str())
    }

    /// The word, if it may mean something; empty if it is anything else.
    pub(super) fn plain(&self) -> &str {
        if self.kind == Kind::Word {
            &self.folded
        } else {
            ""
        }
    }

    /// The word itself, in lower case.
    pub(super) fn word(&self) -> &str {
        self.said.as_ref().map_or(&self.folded, |said| &said.word)
    }
}

/// The language that `items` were said in, as far as they show it.
pub(super) fn language(items: &[Item]) -> Option<&'static Language> {
    items
        .iter()
        .find_map(|item| item.said.as_ref().map(|said| said.language))
}

/// The items of `text`, which is in the language of `sight`.
pub(super) fn items(text: &str, sight: &Sight<'_>) -> Vec<Item> {
    items_but(&[], text, sight)
}

/// The same when the words that touch the stretches `literal` mean themselves, as if they stood between quotes.
pub(super) fn items_but(literal: &[Range<usize>], text: &str, sight: &Sight<'_>) -> Vec<Item> {
    let language = sight.spoken();
    let mut tokens = tokens(text);
    let mut found = if literal.is_empty() {
        dates::find_in(text, sight.view, language)
    } else {
        let masked = masked(literal, text, &mut tokens);
        dates::find_in(&masked, sight.view, language)
    };
    // "the second one" is a place in a list, not a day.
    found.retain(|found| found.sure || !followed_by_one(&tokens, found.span.end));
    // "It is now at 4" is at 4.
    if found.len() > 1 {
        found.retain(|found| !text[found.span.clone()].eq_ignore_ascii_case("now"));
    }
    if !language.is_english() {
        let dated = |token: &Token| {
            let start = token.span.start;
            found.iter().any(|found| found.span.contains(&start))
        };
        tokens = in_english(text, tokens, language, dated);
    }
    let mut items: Vec<Item> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let inside = |found: &&Found| {
            found.span.start <= token.span.start && token.span.start < found.span.end
        };
        if let Some(found) = found.iter().find(inside).filter(|_| !token.literal) {
            let span = found.span.clone();
            while at < tokens.len() && tokens[at].span.start < span.end {
                at += 1;
            }
            items.push(Item {
                folded: text[span.clone()].to_lowercase(),
                span,
                kind: Kind::Date(Box::new(found.clone())),
                said: None,
            });
            continue;
        }
        let (kind, count) = if token.literal {
            (Kind::Literal, 1)
        } else {
            mark(&tokens[at..], sight)
        };
        let span = token.span.start..tokens[at + count - 1].span.end;
        let kind = match kind {
            // A new project is called as it was written.
            Kind::Project(name)
                if token.folded.starts_with('+') && project_called(&name, sight).is_none() =>
            {
                Kind::Project(text[span.clone()].trim_start_matches('+').to_owned())
            }
            kind => kind,
        };
        let folded = if count == 1 && language.is_english() {
            spelt(&token.folded, sight)
        } else if count == 1 {
            token.folded.clone()
        } else {
            text[span.clone()].to_lowercase()
        };
        let said = token.said.clone();
        items.push(Item {
            folded,
            span,
            kind,
            said,
        });
        at += count;
    }
    // In other languages some of them are words: "um" and "er" in German.
    if items.len() > 1 && language.is_english() {
        items.retain(|item| !item.is_one_of(HESITATIONS));
    }
    lists::marked(&items, text)
}

/// Makes the tokens that touch `literal` mean themselves. Comes back with `text`, in which signs that mean nothing stand in
/// for them, as many bytes as they have.
fn masked(literal: &[Range<usize>], text: &str, tokens: &mut [Token]) -> String {
    // How many stretches begin, less those that end, at each byte.
    let mut edges = vec![0_i64; text.len() + 1];
    for range in literal.iter().filter(|range| range.start < range.end) {
        edges[range.start.min(text.len())] += 1;
        edges[range.end.min(text.len())] -= 1;
    }
    let mut depth = 0;
    let inside: Vec<bool> = edges
        .iter()
        .map(|edge| {
            depth += edge;
            depth > 0
        })
        .collect();
    let mut masked = text.to_owned();
    for token in tokens {
        if inside[token.span.clone()].contains(&true) {
            token.literal = true;
            masked.replace_range(token.span.clone(), &"_".repeat(token.span.len()));
        }
    }
    masked
}

fn followed_by_one(tokens: &[Token], end: usize) -> bool {
    let next = tokens.iter().find(|token| token.span.start >= end);
    next.is_none_or(|token| {
        matches!(
            token.folded.as_str(),
            "one" | "ones" | "task" | "item" | "two" | "three" | "four"
        )
    })
}

/// The mark that `tokens` begin with, or a plain word, and how many tokens it takes.
fn mark(tokens: &[Token], sight: &Sight<'_>) -> (Kind, usize) {
    let word = tokens[0].folded.as_str();
    let at = |n: usize| {
        tokens
            .get(n)
            .filter(|token| !token.literal)
            .map_or("", |token| token.folded.as_str())
    };
    if let Some(name) = word
        .strip_prefix('#')
        .filter(|name| name.parse::<i64>().is_err() && !name.is_empty())
    {
        return match project_called(name, sight) {
            Some(project) => (Kind::Project(project.name.to_string()), 1),
            None => (label(name), 1),
        };
    }
    if let Some(name) = word.strip_prefix('@').filter(|name| !name.is_empty()) {
        return (label(name), 1);
    }
    if let Some(name) = word
        .strip_prefix('+')
        .filter(|name| name.chars().any(char::is_alphabetic))
    {
        let known = project_called(name, sight).map(|project| project.name.to_string());
        return (Kind::Project(known.unwrap_or_else(|| name.to_owned())), 1);
    }
    let level = |word: &str| match word {
        "high" | "top" | "urgent" | "highest" | "critical" | "important" => Some(Priority::High),
        "medium" | "med" | "normal" | "mid" | "moderate" => Some(Priority::Medium),
        "low" | "lowest" | "minor" => Some(Priority::Low),
        "no" => Some(Priority::None),
        _ => None,
    };
    let is_priority = |word: &str| matches!(word, "priority" | "prio" | "importance");
    match word {
        "p1" => return (Kind::Priority(Priority::High), 1),
        "p2" => return (Kind::Priority(Priority::Medium), 1),
        "p3" => return (Kind::Priority(Priority::Low), 1),
        "p4" => return (Kind::Priority(Priority::None), 1),
        "!!" | "!!!" | "!1" => return (Kind::Priority(Priority::High), 1),
        "!2" => return (Kind::Priority(Priority::Medium), 1),
        "!3" => return (Kind::Priority(Priority::Low), 1),
        _ => {}
    }
    if let Some(priority) = word.strip_prefix('!').and_then(level) {
        return (Kind::Priority(priority), 1);
    }
    // "with high priority", "as a top priority", "priority: high".
    let mut start = 0;
    while start < 2 && matches!(at(start), "with" | "as" | "a" | "at") {
        start += 1;
    }
    if let Some(priority) = level(at(start)).filter(|_| is_priority(at(start + 1))) {
        return (Kind::Priority(priority), start + 2);
    }
    if is_priority(word) {
        let sign = usize::from(matches!(at(1), ":" | "="));
        if let Some(priority) = level(at(1 + sign)).filter(|priority| *priority != Priority::None) {
            return (Kind::Priority(priority), 2 + sign);
        }
    }
    let alone = match word {
        // Alone these are adjectives of the task as often as marks of it: at an edge of the message they are marks.
        "urgent" | "important" => {
            matches!(at(1), "task" | "todo" | "reminder" | "item")
                || tokens.len() == 1
                || tokens[1..]
                    .iter()
                    .all(|token| !token.folded.chars().any(char::is_alphanumeric))
        }
        "high" | "medium" | "low" => tokens.len() == 1,
        "asap" | "urgently" => true,
        _ => false,
    };
    if alone {
        return (Kind::Priority(level(word).unwrap_or(Priority::High)), 1);
    }
    (Kind::Word, 1)
}

/// The project of this name. In one word it is written with `-` or `_` where the name has spaces.
fn project_called<'a>(name: &str, sight: &Sight<'a>) -> Option<&'a Project> {
    let in_one = |name: &str| domain::fold(name).replace([' ', '_'], "-");
    let exactly = |project: &&Project| domain::fold(project.name.as_str()) == domain::fold(name);
    let in_one_word = |project: &&Project| in_one(project.name.as_str()) == in_one(name);
    let projects = || sight.projects.iter();
    projects()
        .find(exactly)
        .or_else(|| projects().find(in_one_word))
}

fn label(name: &str) -> Kind {
    name.parse().map_or(Kind::Word, Kind::Tag)
}

/// A word as it should have been written.
fn spelt(word: &str, sight: &Sight<'_>) -> String {
    /// From this length on two slips are forgiven.
    const LONG: usize = 8;
    if let Some((_, right)) = SPELLINGS.iter().find(|(wrong, _)| *wrong == word) {
        return (*right).to_owned();
    }
    let ascii = word.bytes().all(|byte| byte.is_ascii_lowercase());
    if word.len() < 4 || !ascii || is_known(word) || NOT_COMMAND_WORDS.contains(&word) {
        return word.to_owned();
    }
    let close = |right: &&&str| {
        let slips = if right.len() >= LONG { 2 } else { 1 };
        // Short words are too close to others: in them only letters that change places are a slip.
        let swapped = word.len() == right.len() && {
            let (mut a, mut b) = (word.as_bytes().to_vec(), right.as_bytes().to_vec());
            a.sort_unstable();
            b.sort_unstable();
            a == b
        };
        word.as_bytes()[0] == right.as_bytes()[0]
            && (right.len() > 4 || swapped)
            && super::refer::distance(word, right, slips) <= slips
    };
    match COMMAND_WORDS.iter().find(close) {
        // A word that is in a task's title is spelt as it should be.
        Some(right) if !in_a_title(word, sight) => (*right).to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether a word is one that requests are made of.
fn is_known(word: &str) -> bool {
    super::pattern::is_known(word) || ACTIONS.contains(&word) || LISTING.contains(&word)
}

fn in_a_title(word: &str, sight: &Sight<'_>) -> bool {
    sight.tasks.iter().any(|task| {
        task.title
            .as_str()
            .to_lowercase()
            .split(|c: char| !c.is_alphanumeric())
            .any(|known| known == word)
    })
}

/// What the dates among `items` come to together.
pub(super) fn schedule<'a>(items: impl IntoIterator<Item = &'a Item>) -> Schedule {
    let mut whole: Schedule = Schedule::default();
    let mut before: Option<&Found> = None;
    for item in items {
        let Kind::Date(found) = &item.kind else {
            continue;
        };
        let due = before.and_then(|before| before.with(found));
        whole.due = due.or(whole.due).or_else(|| found.schedule.due.clone());
        if whole.repeat.is_none() {
            whole.repeat.clone_from(&found.schedule.repeat);
        }
        before = Some(found);
    }
    whole
}
