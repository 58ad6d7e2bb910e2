//! Phrases with gaps, and whether the words of a clause fit one.
//!
//! | in a pattern | is |
//! |---|---|
//! | `a\|b` | one of these words |
//! | `%set` | a word of a set of the table |
//! | `*ed`, `ge*` | a word that ends, or begins, so |
//! | `~` | any number of words that only colour what is said |
//! | `...` | up to [`GAP_MAX`] other words |
//! | `%block_free` | up to [`NAME_MAX`] words of which none is in the set `block`: the name of something |
//! | `^`, `$` | where a clause begins (after what may open it), and where it ends |

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::Claims;
use crate::language::fold;

/// Most words that `...` stands for.
const GAP_MAX: usize = 12;
/// Most words of a name.
const NAME_MAX: usize = 7;

/// One way for a word to fit.
enum Word {
    Is(String),
    Set(String),
    Ends(String),
    Begins(String),
}

enum Part {
    Words(Vec<Word>),
    Fillers,
    Gap,
    Name,
    Start,
    End,
}

/// A pattern of a table.
pub(super) struct Pattern(Vec<Part>);

impl Pattern {
    pub(super) fn of(text: &str) -> Self {
        let word = |text: &str| {
            if let Some(set) = text.strip_prefix('%') {
                Word::Set(set.to_owned())
            } else if let Some(end) = text.strip_prefix('*') {
                Word::Ends(fold(end))
            } else if let Some(start) = text.strip_suffix('*') {
                Word::Begins(fold(start))
            } else {
                Word::Is(fold(text))
            }
        };
        let part = |text: &str| match text {
            "~" => Part::Fillers,
            "..." => Part::Gap,
            "%block_free" => Part::Name,
            "^" => Part::Start,
            "$" => Part::End,
            words => Part::Words(words.split('|').map(word).collect()),
        };
        Self(text.split_whitespace().map(part).collect())
    }
}

/// The words of one language in a form in which they are found quickly.
pub(super) struct Lexicon {
    sets: HashMap<&'static str, HashSet<String>>,
    pub(super) fillers: HashSet<String>,
    pub(super) openers: HashSet<String>,
}

impl Lexicon {
    pub(super) fn of(claims: &Claims) -> Self {
        let set = |words: &[&str]| words.iter().map(|word| fold(word)).collect::<HashSet<_>>();
        Self {
            sets: claims
                .sets
                .iter()
                .map(|(name, words)| (*name, set(words)))
                .collect(),
            fillers: set(claims.fillers),
            openers: set(claims.openers),
        }
    }

    fn has(&self, name: &str, word: &str) -> bool {
        self.sets.get(name).is_some_and(|set| set.contains(word))
    }

    fn fits(&self, ways: &[Word], word: &str) -> bool {
        ways.iter().any(|way| match way {
            Word::Is(known) => known == word,
            Word::Set(name) => self.has(name, word),
            // "ed" alone is no past form.
            Word::Ends(end) => word.len() > end.len() + 1 && word.ends_with(end.as_str()),
            Word::Begins(start) => word.starts_with(start.as_str()),
        })
    }

    fn is_filler(&self, word: &str) -> bool {
        self.fillers.contains(word) || (word.len() > 4 && word.ends_with("ly"))
    }

    /// Where `pattern` fits the words of a clause, from the first place on. `None` if it does not.
    /// `starts` is where each clause begins.
    pub(super) fn find(
        &self,
        pattern: &Pattern,
        words: &[String],
        starts: &[usize],
        from: usize,
    ) -> Option<Range<usize>> {
        (from..words.len()).find_map(|at| {
            let end = self.match_at(&pattern.0, words, starts, at)?;
            Some(at..end)
        })
    }

    /// Where the match of `parts` from the word `at` on ends.
    fn match_at(
        &self,
        parts: &[Part],
        words: &[String],
        starts: &[usize],
        at: usize,
    ) -> Option<usize> {
        let Some((part, rest)) = parts.split_first() else {
            return Some(at);
        };
        match part {
            Part::Words(ways) => {
                let word = words.get(at)?;
                self.fits(ways, word)
                    .then(|| self.match_at(rest, words, starts, at + 1))
                    .flatten()
            }
            Part::Start => {
                let clause = starts.iter().rev().find(|start| **start <= at).copied();
                let before = &words[clause.unwrap_or(0)..at];
                let opened = before.iter().all(|word| self.openers.contains(word));
                opened
                    .then(|| self.match_at(rest, words, starts, at))
                    .flatten()
            }
            Part::End => (at == words.len())
                .then(|| self.match_at(rest, words, starts, at))
                .flatten(),
            Part::Fillers => {
                let many = words[at..].iter().take_while(|word| self.is_filler(word));
                (0..=many.count()).find_map(|skip| self.match_at(rest, words, starts, at + skip))
            }
            Part::Gap => (0..=GAP_MAX.min(words.len() - at))
                .find_map(|skip| self.match_at(rest, words, starts, at + skip)),
            Part::Name => {
                let many = words[at..]
                    .iter()
                    .take(NAME_MAX)
                    .take_while(|word| !self.has("block", word));
                (1..=many.count()).find_map(|skip| self.match_at(rest, words, starts, at + skip))
            }
        }
    }
}
