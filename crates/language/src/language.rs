//! What belongs to one language, and which language a text is in.
//!
//! English is the language of the grammar: frames, dates and tables are written in it. Another language says in its tables
//! which English words its own words stand for, and which orders of words English does not have. A language is therefore a
//! folder, and a line in [`LANGUAGES`].

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::dates::foreign::Order;
use crate::en::frames::Ask;
use crate::{dates, de, en, es, fr, ur};

/// A language that messages are read in.
pub struct Language {
    /// Its BCP 47 tag.
    pub(crate) tag: &'static str,
    /// Its phrases, each with the English words it is read as.
    pub(crate) words: &'static [(&'static str, &'static str)],
    /// The ways to ask for something that English has not, in English words.
    pub(crate) frames: &'static [(Ask, &'static str)],
    /// Its phrases in dates, each with the English words of dates it is read as.
    pub(crate) dates: &'static [(&'static str, &'static str)],
    /// The orders of words in dates that English has not, each with the English one.
    pub(crate) orders: &'static [(&'static str, &'static str)],
    /// Words that name no task.
    pub(crate) stop_words: &'static [&'static str],
    /// Words that show that a text may be in this language, besides those in the tables.
    pub(crate) small_words: &'static [&'static str],
    /// Words in the tables that are as well names or words of another language, and show as little.
    pub(crate) shared_words: &'static [&'static str],
    /// What is run together with the word after it: "l'" in "l'eau".
    pub(crate) elisions: &'static [&'static str],
    /// Whether it is spoken with English mixed in, so that English dates are read in it.
    pub(crate) mixes: bool,
    pub(crate) tables: LazyLock<Tables>,
}

/// Every language, English first.
pub(crate) static LANGUAGES: [&Language; COUNT] = [
    &en::ENGLISH,
    &es::SPANISH,
    &fr::FRENCH,
    &de::GERMAN,
    &ur::URDU,
];

const COUNT: usize = 5;

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag)
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag == other.tag
    }
}

impl Eq for Language {}

impl Language {
    /// The language that a BCP 47 tag names: "es", "de-AT", "ur-Latn". `None` if messages are not read in it.
    pub fn tagged(tag: &str) -> Option<&'static Self> {
        let part = |tag: &str| {
            let first = tag.split(['-', '_']).next();
            first.unwrap_or_default().to_lowercase()
        };
        let wanted = part(tag);
        LANGUAGES
            .into_iter()
            .find(|language| part(language.tag) == wanted)
    }

    pub(crate) fn is_english(&self) -> bool {
        std::ptr::eq(self, &raw const en::ENGLISH)
    }

    /// The language that `text` is in. What it leaves open is `settled` by the user's own language; without one it is
    /// English.
    pub(crate) fn of(text: &str, settled: Option<&'static Self>) -> &'static Self {
        let weights = weights(text);
        let english = weights[0].all;
        let weight = |language: &Self| {
            let known = LANGUAGES.iter().position(|known| *known == language);
            known.map_or_else(Weight::default, |known| weights[known])
        };
        let settled = settled.filter(|language| !language.is_english());
        // Of two that are as likely, the last is taken.
        let best = LANGUAGES
            .into_iter()
            .skip(1)
            .rev()
            .chain(settled)
            .max_by_key(|language| weight(language).all);
        match (settled, best) {
            // Where English is mixed in, its words say nothing against the other.
            (Some(settled), _) if settled.mixes && weight(settled).own > 0 => settled,
            (Some(settled), Some(best)) if settled == best && weight(best).all >= english => {
                settled
            }
            (_, Some(best)) if weight(best).all > english && weight(best).own >= CLEAR => best,
            _ => &en::ENGLISH,
        }
    }
}

/// How much must speak for a language that is not the user's own: one word of its tables, or two small ones.
const CLEAR: u16 = 2;

/// Most words of a text that are looked at to tell its language.
const WORDS_MAX: usize = 60;

/// How much speaks for a language.
#[derive(Debug, Clone, Copy, Default)]
struct Weight {
    all: u16,
    /// Without the words that are as well English.
    own: u16,
}

/// How much in `text` speaks for each language.
fn weights(text: &str) -> [Weight; COUNT] {
    let mut weights = [Weight::default(); COUNT];
    let mut word = String::with_capacity(16);
    let words = text
        .split(|c: char| !(c.is_alphabetic() || c == '\u{301}'))
        .filter(|word| !word.is_empty());
    for said in words.take(WORDS_MAX) {
        word.clear();
        fold_into(said, &mut word);
        if let Some(known) = VOCABULARY.get(word.as_str()) {
            for (sum, weight) in weights.iter_mut().zip(known) {
                sum.all += u16::from(*weight);
                if known[0] == 0 {
                    sum.own += u16::from(*weight);
                }
            }
        }
    }
    weights
}

/// What each word says about the language of a text.
static VOCABULARY: LazyLock<HashMap<String, [u8; COUNT]>> = LazyLock::new(|| {
    // Shorter words are in every language; where English is mixed in, they are all there is to tell by.
    let telling = |word: &str, language: &Language| {
        let least = if language.mixes { 3 } else { 4 };
        word.chars().count() >= least && !language.shared_words.contains(&word)
    };
    let mut all: HashMap<String, [u8; COUNT]> = HashMap::new();
    let mut note = |word: &str, language: usize, weight: u8| {
        for word in spellings(word, LANGUAGES[language]) {
            let known = all.entry(word).or_default();
            known[language] = known[language].max(weight);
        }
    };
    for word in en::vocabulary().filter(|word| !word.is_empty()) {
        note(word, 0, 1);
    }
    for (at, language) in LANGUAGES.into_iter().enumerate().skip(1) {
        for (phrase, _) in language.words.iter().chain(language.dates) {
            let alone = !phrase.contains(' ');
            for word in phrase.split([' ', '\'']).filter(|word| word.len() > 1) {
                let telling = alone && telling(word, language);
                note(word, at, if telling { 2 } else { 1 });
            }
        }
        for word in language.small_words {
            let telling = language.mixes && telling(word, language);
            note(word, at, if telling { 2 } else { 1 });
        }
    }
    // What is English as well says little for another language.
    for weights in all.values_mut().filter(|weights| weights[0] > 0) {
        for weight in weights.iter_mut() {
            *weight = (*weight).min(1);
        }
    }
    all
});

/// Adds `word` in lower case and without accents.
pub(crate) fn fold_into(word: &str, folded: &mut String) {
    for c in word.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            continue;
        }
        for c in c.to_lowercase() {
            match c {
                '\u{2019}' => folded.push('\''),
                'à'..='å' => folded.push('a'),
                'ç' => folded.push('c'),
                'è'..='ë' => folded.push('e'),
                'ì'..='ï' => folded.push('i'),
                'ñ' => folded.push('n'),
                'ò'..='ö' => folded.push('o'),
                'ù'..='ü' => folded.push('u'),
                'ß' => folded.push_str("ss"),
                'œ' => folded.push_str("oe"),
                'æ' => folded.push_str("ae"),
                '\u{300}'..='\u{36f}' => {}
                c => folded.push(c),
            }
        }
    }
}

/// A word in lower case and without accents.
pub(crate) fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    fold_into(word, &mut folded);
    folded
}

/// The ways to write a word of a table without accents: German "ü" is "u" or "ue".
fn spellings(word: &str, language: &Language) -> Vec<String> {
    let mut all = vec![fold(word)];
    if language.tag == "de" {
        let plain = word
            .replace('ä', "ae")
            .replace('ö', "oe")
            .replace('ü', "ue");
        let other = fold(&plain);
        if other != all[0] {
            all.push(other);
        }
    }
    all
}

/// A language's tables, ready to be looked up.
pub(crate) struct Tables {
    pub(crate) words: Phrases,
    pub(crate) dates: Phrases,
    pub(crate) orders: Vec<Order>,
}

impl Tables {
    pub(crate) fn of(language: &Language) -> Self {
        Self {
            words: Phrases::of(language.words, language),
            dates: Phrases::of(language.dates, language),
            orders: dates::foreign::orders(language.orders),
        }
    }
}

/// Phrases by their first word, the longest first.
pub(crate) struct Phrases(HashMap<String, Vec<(Vec<String>, &'static str)>>);

impl Phrases {
    fn of(table: &'static [(&'static str, &'static str)], language: &Language) -> Self {
        let mut all: HashMap<String, Vec<(Vec<String>, &'static str)>> = HashMap::new();
        for (phrase, meaning) in table {
            for spelling in spellings(phrase, language) {
                let mut words = spelling.split(' ').map(str::to_owned);
                let first = words.next().unwrap_or_default();
                let rest = words.collect();
                all.entry(first).or_default().push((rest, meaning));
            }
        }
        for phrases in all.values_mut() {
            phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        Self(all)
    }

    /// The longest phrase that `words` begin with: how many of them it takes, and what it means. A hyphen may stand
    /// between two words. `None` if there is none.
    pub(crate) fn longest(&self, words: &[String]) -> Option<(usize, &'static str)> {
        let (first, after) = words.split_first()?;
        self.0.get(first)?.iter().find_map(|(rest, meaning)| {
            let mut at = 0;
            for word in rest {
                if after.get(at).is_some_and(|said| said == "-") {
                    at += 1;
                }
                after.get(at).filter(|said| *said == word)?;
                at += 1;
            }
            Some((at + 1, *meaning))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_phrase_stands_twice() {
        for language in LANGUAGES {
            for table in [language.words, language.dates] {
                let mut known = HashSet::new();
                for (phrase, _) in table {
                    let tag = language.tag;
                    assert!(known.insert(fold(phrase)), "{tag}: {phrase}");
                }
            }
        }
    }

    #[test]
    fn the_longest_phrase_counts() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let dates = &es::SPANISH.tables.dates;
        assert_eq!(
            dates.longest(&words("pasado manana por")),
            Some((2, "the day after tomorrow"))
        );
        assert_eq!(
            fr::FRENCH.tables.dates.longest(&words("apres - demain")),
            Some((3, "the day after tomorrow"))
        );
        assert_eq!(dates.longest(&words("tomorrow")), None);
    }
}
