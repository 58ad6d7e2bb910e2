//! Matches the items of a request against frames.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::items::{Item, Kind, language};
use crate::en::frames::{Ask, FRAMES};
use crate::en::words::SETS;
use crate::language::{LANGUAGES, Language};

/// One place of a frame.
#[derive(Debug)]
enum Element {
    /// One of these words.
    Word(Vec<&'static str>),
    /// Any words, under a name.
    Capture(&'static str),
    /// A mark of one kind.
    Mark(&'static str),
    /// Marks of any kind.
    Marks,
}

#[derive(Debug)]
struct Frame {
    ask: Ask,
    /// The language whose word order it has; English ones serve all.
    language: Option<&'static Language>,
    weak: bool,
    elements: Vec<(Element, bool)>,
    /// The groups of which a message has to have a word each, or the frame cannot fit.
    needs: Vec<usize>,
}

/// A frame that fits, and where its captures are.
#[derive(Debug)]
pub(super) struct Match {
    pub(super) ask: Ask,
    /// Whether it is only meant so if the task it names is there.
    pub(super) weak: bool,
    captures: Vec<(&'static str, Range<usize>)>,
}

impl Match {
    /// The items of a capture. `None` if the frame has none of this name, or it took up nothing.
    pub(super) fn get<'a>(&self, name: &str, items: &'a [Item]) -> Option<&'a [Item]> {
        let (_, range) = self.captures.iter().find(|(known, _)| *known == name)?;
        items.get(range.clone()).filter(|items| !items.is_empty())
    }
}

/// The frames, and an index that tells without trying which of them cannot fit a message.
struct Table {
    frames: Vec<Frame>,
    /// For each word, the groups of alternatives it is one of.
    groups: HashMap<&'static str, Vec<usize>>,
    group_count: usize,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut groups: HashMap<&'static str, Vec<usize>> = HashMap::new();
    let mut known: HashMap<Vec<&'static str>, usize> = HashMap::new();
    let mut frame = |language, (ask, text): &(Ask, &'static str)| {
        let elements = elements(text.trim_start_matches('~'));
        let words = elements
            .iter()
            .filter_map(|(element, optional)| match element {
                Element::Word(words) => Some((words, *optional)),
                _ => None,
            });
        let mut group = |words: &Vec<&'static str>| {
            let next = known.len();
            *known.entry(words.clone()).or_insert_with(|| {
                for word in words {
                    groups.entry(word).or_default().push(next);
                }
                next
            })
        };
        let mut needs = Vec::new();
        for (words, optional) in words {
            let group = group(words);
            if !optional {
                needs.push(group);
            }
        }
        Frame {
            ask: *ask,
            language,
            weak: text.starts_with('~'),
            elements,
            needs,
        }
    };
    let others = LANGUAGES.into_iter().flat_map(|language| {
        let frames = language.frames.iter();
        frames.map(move |frame| (Some(language), frame))
    });
    let all = others.chain(FRAMES.iter().map(|frame| (None, frame)));
    Table {
        frames: all.map(|(language, text)| frame(language, text)).collect(),
        group_count: known.len(),
        groups,
    }
});

/// Whether a word stands in a frame.
pub(super) fn is_known(word: &str) -> bool {
    TABLE.groups.contains_key(word)
}

/// The frames that fit all of `items`, the most particular first; those of the language they are said in before those of
/// English.
pub(super) fn matches(items: &[Item]) -> impl Iterator<Item = Match> {
    let mut there = vec![false; TABLE.group_count];
    for item in items.iter().filter(|item| item.kind == Kind::Word) {
        for group in TABLE.groups.get(item.folded.as_str()).into_iter().flatten() {
            there[*group] = true;
        }
    }
    let spoken = language(items);
    let possible = move |frame: &&Frame| {
        (frame.language.is_none() || frame.language == spoken)
            && frame.needs.iter().all(|group| there[*group])
    };
    TABLE
        .frames
        .iter()
        .filter(possible)
        .filter_map(move |frame| {
            let mut captures = Vec::new();
            // What is added keeps all its marks, wherever they stand.
            let skip = frame.ask == Ask::Add;
            fits(&frame.elements, items, 0, skip, &mut captures).then_some(Match {
                ask: frame.ask,
                weak: frame.weak,
                captures,
            })
        })
}

fn elements(text: &'static str) -> Vec<(Element, bool)> {
    text.split_whitespace()
        .map(|word| {
            let (word, optional) = match word.strip_suffix('?') {
                Some(rest) if !rest.is_empty() => (rest, true),
                _ => (word, false),
            };
            let element = if let Some(name) = word
                .strip_prefix('<')
                .and_then(|word| word.strip_suffix('>'))
            {
                Element::Capture(name)
            } else if word == "{marks}" {
                Element::Marks
            } else if let Some(name) = word
                .strip_prefix('{')
                .and_then(|word| word.strip_suffix('}'))
            {
                Element::Mark(name)
            } else {
                Element::Word(word.split('|').flat_map(alternatives).collect())
            };
            (element, optional)
        })
        .collect()
}

fn alternatives(word: &'static str) -> Vec<&'static str> {
    match word.strip_prefix('%') {
        Some(set) => {
            let words = SETS
                .iter()
                .find(|(name, _)| *name == set)
                .map_or("", |(_, words)| *words);
            words.split('|').collect()
        }
        None => vec![word],
    }
}

fn is_mark(item: &Item, name: &str) -> bool {
    match item.kind {
        Kind::Date(_) => name == "date",
        Kind::Priority(_) => name == "priority",
        Kind::Tag(_) => name == "tag",
        Kind::Project(_) => name == "project",
        Kind::List(_) => name == "list",
        Kind::Word | Kind::Literal => false,
    }
}

/// Whether `items` from `at` on fit `elements`, taking as few items for a capture as will do. With `skip`, marks may stand
/// between words.
fn fits(
    elements: &[(Element, bool)],
    items: &[Item],
    at: usize,
    skip: bool,
    captures: &mut Vec<(&'static str, Range<usize>)>,
) -> bool {
    let Some(((element, optional), rest)) = elements.split_first() else {
        return at == items.len() || (skip && items[at..].iter().all(Item::is_mark));
    };
    let known = captures.len();
    let then = |end: usize, captures: &mut Vec<_>| {
        let found = fits(rest, items, end, skip, captures);
        if !found {
            captures.truncate(known);
        }
        found
    };
    match element {
        Element::Word(words) => {
            let skipped = if skip {
                items[at.min(items.len())..]
                    .iter()
                    .take_while(|item| item.is_mark())
                    .count()
            } else {
                0
            };
            let here = at + skipped;
            let fitting = items.get(here).is_some_and(|item| {
                item.kind == Kind::Word && words.contains(&item.folded.as_str())
            });
            (fitting && then(here + 1, captures)) || (*optional && then(at, captures))
        }
        Element::Capture(name) => {
            /// Most items of a name that something comes after, so that long messages are read in linear time.
            const ITEMS_MAX: usize = 40;
            let least = at + usize::from(!optional);
            let ends = if *name == "tag" {
                at + 1..=(at + 1).min(items.len())
            } else if rest.is_empty() {
                least.max(items.len())..=items.len()
            } else {
                least..=items.len().min(at + ITEMS_MAX)
            };
            ends.into_iter().any(|end| {
                captures.push((name, at..end));
                let found = fits(rest, items, end, skip, captures);
                if !found {
                    captures.truncate(known);
                }
                found
            })
        }
        Element::Mark(name) => {
            let here = items.get(at).is_some_and(|item| is_mark(item, name));
            (here && then(at + 1, captures)) || (*optional && then(at, captures))
        }
        Element::Marks => {
            let marks = items[at.min(items.len())..]
                .iter()
                .take_while(|item| item.is_mark())
                .count();
            (1..=marks).rev().any(|count| {
                captures.push(("marks", at..at + count));
                let found = fits(rest, items, at + count, skip, captures);
                if !found {
                    captures.truncate(known);
                }
                found
            }) || (*optional && then(at, captures))
        }
    }
}
