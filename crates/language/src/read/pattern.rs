//! Matches the items of a request against frames.

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
pub(super) struct Frame {
    pub(super) ask: Ask,
    weak: bool,
    elements: Vec<(Element, bool)>,
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

static TABLE: LazyLock<Vec<Frame>> = LazyLock::new(|| table(FRAMES));

/// The frames that each other language has besides.
static OTHERS: LazyLock<Vec<(&Language, Vec<Frame>)>> = LazyLock::new(|| {
    LANGUAGES
        .into_iter()
        .map(|language| (language, table(language.frames)))
        .collect()
});

fn table(frames: &'static [(Ask, &'static str)]) -> Vec<Frame> {
    frames
        .iter()
        .map(|(ask, text)| Frame {
            ask: *ask,
            weak: text.starts_with('~'),
            elements: elements(text.trim_start_matches('~')),
        })
        .collect()
}

/// The frames that fit all of `items`, the most particular first; those of the language they are said in before those of
/// English.
pub(super) fn matches(items: &[Item]) -> impl Iterator<Item = Match> {
    let others = language(items).and_then(|spoken| {
        let mut known = OTHERS.iter();
        known.find(|(language, _)| **language == *spoken)
    });
    let own = others.map_or(&[][..], |(_, frames)| frames);
    own.iter().chain(TABLE.iter()).filter_map(move |frame| {
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
            let ends = if rest.is_empty() {
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
