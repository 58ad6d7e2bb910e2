//! A model's prose as it streams in, sentence by sentence, without the sentences that claim or promise a change: only a
//! receipt says that something was done.
//!
//! When in doubt a sentence is left out. A lost sentence is a pity; a false "done" is a lie about somebody's tasks.

mod others;
mod pattern;

use std::sync::LazyLock;

use crate::language::fold;
use crate::{de, en, es, fr, ur};
use others::{SCRIPTS, Script};
use pattern::{Lexicon, Pattern};

/// How one language claims or promises a change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Claims {
    /// Sets of words, by the names that patterns have for them.
    pub(crate) sets: &'static [(&'static str, &'static [&'static str])],
    /// The patterns that claim or promise.
    pub(crate) phrases: &'static [&'static str],
    /// The patterns that only look so: a claim that ends within one of them is none.
    pub(crate) honest: &'static [&'static str],
    /// Words that turn a claim before which they stand into its opposite.
    pub(crate) negations: &'static [&'static str],
    /// Words right before a claim that make it a condition.
    pub(crate) conditions: &'static [&'static str],
    /// What the one who claims is called.
    pub(crate) subjects: &'static [&'static str],
    /// What others are called: "you added milk and deleted the eggs" claims nothing.
    pub(crate) others: &'static [&'static str],
    /// Words that join clauses.
    pub(crate) joints: &'static [&'static str],
    /// Words that begin a question. Without any, the last part of a question claims nothing.
    pub(crate) asks: &'static [&'static str],
    /// Words that may come before a claim's beginning.
    pub(crate) openers: &'static [&'static str],
    /// Words that only colour a claim.
    pub(crate) fillers: &'static [&'static str],
}

impl Claims {
    /// Without any words.
    pub(crate) const NONE: Self = Self {
        sets: &[],
        phrases: &[],
        honest: &[],
        negations: &[],
        conditions: &[],
        subjects: &[],
        others: &[],
        joints: &[],
        asks: &[],
        openers: &[],
        fillers: &[],
    };
}

/// A model's prose as it streams in, of which only what claims no change comes out.
#[derive(Debug, Default)]
pub struct Prose {
    /// What has come in and is no whole sentence yet.
    rest: String,
    /// The end of what was shown last, if its sentence may go on: a claim is not hidden by a line break.
    open: String,
    withheld: bool,
    shown: bool,
}

/// How a sentence ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// With a sign.
    Full,
    /// With the line, or because it was too long; the next may go on with it.
    Open,
}

impl Prose {
    /// Takes the next piece. Comes back with what can be shown now: whole sentences, each with the space after it; nothing
    /// if there is none.
    pub fn push(&mut self, piece: &str) -> String {
        self.rest.push_str(piece);
        self.take(false)
    }

    /// What is left at the end of the answer.
    pub fn end(&mut self) -> String {
        self.take(true)
    }

    /// Whether something was left out because it claimed or promised a change.
    pub fn withheld(&self) -> bool {
        self.withheld
    }

    fn take(&mut self, ended: bool) -> String {
        let rest = std::mem::take(&mut self.rest);
        let mut left = rest.as_str();
        let mut shown = String::new();
        while let Some((length, end)) = sentence(left, ended) {
            let (sentence, after) = left.split_at(length);
            left = after;
            if self.passes(sentence, end) {
                shown.push_str(sentence);
            }
        }
        left.clone_into(&mut self.rest);
        shown
    }

    fn passes(&mut self, sentence: &str, end: End) -> bool {
        /// How much of what was shown is read again with what goes on from it.
        const OPEN_MAX: usize = 120;
        if sentence.trim().is_empty() {
            self.open.clear();
            return self.shown;
        }
        let whole = format!("{}{sentence}", self.open);
        let goes_on = !self.open.is_empty() && !begins_anew(sentence);
        if claims(sentence) || (goes_on && claims(&whole)) {
            self.withheld = true;
            self.open.clear();
            return false;
        }
        self.shown = true;
        let from = whole.char_indices().rev().nth(OPEN_MAX);
        self.open = match end {
            End::Full => String::new(),
            End::Open => whole[from.map_or(0, |(at, _)| at)..].replace('\n', " "),
        };
        true
    }
}

/// Whether a line is one of a list or a heading, which goes on from nothing.
fn begins_anew(line: &str) -> bool {
    line.trim_start().starts_with(|c: char| {
        matches!(c, '-' | '*' | '#' | '>' | '|' | '\u{2022}') || c.is_ascii_digit()
    })
}

/// The length of the sentence that `text` begins with, and how it ends. `None` if more has to come to tell.
fn sentence(text: &str, ended: bool) -> Option<(usize, End)> {
    /// The most characters of a sentence; a longer one is cut at a space.
    const LENGTH_MAX: usize = 400;
    /// The most characters without any space.
    const WORD_MAX: usize = 1000;
    let mut space = None;
    let mut letters = text.char_indices().enumerate().peekable();
    while let Some((count, (at, c))) = letters.next() {
        if count >= LENGTH_MAX
            && let Some(space) = space
        {
            return Some((space, End::Open));
        }
        if count >= WORD_MAX {
            return Some((at, End::Open));
        }
        if c == '\n' {
            let line = text[..at].trim_end();
            let end = if line.ends_with(':') {
                End::Full
            } else {
                End::Open
            };
            return Some((at + 1, end));
        }
        if c.is_whitespace() {
            space = Some(at + c.len_utf8());
            continue;
        }
        if !is_end(c) {
            continue;
        }
        let mut wide = is_wide(c);
        let mut last = at + c.len_utf8();
        while let Some((_, (at, c))) = letters.next_if(|(_, (_, c))| is_end(*c) || closes(*c)) {
            wide |= is_wide(c);
            last = at + c.len_utf8();
        }
        match letters.peek() {
            None if ended => return Some((text.len(), End::Full)),
            None => return None,
            Some((_, (_, next))) if next.is_whitespace() && !goes_on(&text[..last]) => {
                return Some((last + next.len_utf8(), End::Full));
            }
            Some(_) if wide => return Some((last, End::Full)),
            Some(_) => {}
        }
    }
    (ended && !text.is_empty()).then_some((text.len(), End::Full))
}

fn is_end(c: char) -> bool {
    matches!(
        c,
        '.' | '!' | '?' | '\u{2026}' | '\u{61f}' | '\u{6d4}' | '\u{964}'
    ) || is_wide(c)
}

/// Whether a sign ends a sentence with no space after it.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3002}' | '\u{ff01}' | '\u{ff1f}')
}

fn closes(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | ')' | ']' | '*' | '_' | '`' | '\u{201d}' | '\u{2019}' | '\u{bb}' | '\u{300d}'
    )
}

/// Whether a full stop at the end of `text` ends no sentence: that of "1.", "Dr.", "e.g.".
fn goes_on(text: &str) -> bool {
    const SHORT: &[&str] = &[
        "dr.", "mr.", "mrs.", "ms.", "vs.", "e.g.", "i.e.", "st.", "nr.", "z.b.",
    ];
    let line = text.trim_start_matches(|c: char| !c.is_alphanumeric());
    let number = line.strip_suffix('.').unwrap_or_default();
    let is_number =
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let last = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    is_number || SHORT.contains(&last.to_lowercase().as_str())
}

/// Signs that say by themselves that something was done.
const MARKS: [char; 6] = [
    '\u{2705}',
    '\u{2713}',
    '\u{2714}',
    '\u{2611}',
    '\u{2612}',
    '\u{1f5f9}',
];
/// Signs that say so where they are all there is.
const THUMBS: [char; 3] = ['\u{1f44d}', '\u{1f44c}', '\u{1f197}'];

/// Whether a sentence claims or promises a change.
fn claims(sentence: &str) -> bool {
    let visible: String = sentence
        .chars()
        .filter(|c| {
            !matches!(
                c,
                '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{fe0f}'
            )
        })
        .collect();
    let lower = visible.to_lowercase();
    let thumbs = lower.contains(THUMBS) && !lower.contains(char::is_alphanumeric);
    if thumbs || lower.contains(MARKS) || lower.contains("[x]") || lower.contains("~~") {
        return true;
    }
    if SCRIPTS.iter().any(|script| script.claims(&lower)) {
        return true;
    }
    let (outer, quoted) = unquoted(&lower);
    let told = quoted.iter().map(String::as_str);
    let said = [outer.as_str()].into_iter().chain(told);
    let asks = outer
        .trim_end()
        .trim_end_matches(closes)
        .ends_with(['?', '\u{61f}', '\u{ff1f}']);
    said.zip(0..).any(|(text, place)| {
        let segments = segments(text);
        LANGUAGES.iter().any(|language| {
            segments.iter().enumerate().any(|(at, words)| {
                let asked = asks && place == 0 && at + 1 == segments.len();
                language.claims(words, asked)
            })
        })
    })
}

impl Script {
    fn claims(&self, text: &str) -> bool {
        self.claims.iter().any(|phrase| {
            text.match_indices(phrase).any(|(at, _)| {
                let clause = text[..at + phrase.len()]
                    .rsplit([',', '\u{ff0c}', '\u{60c}', '\u{3001}', ';', '\u{2014}', ':'])
                    .next()
                    .unwrap_or_default();
                !self.negations.iter().any(|no| clause.contains(no))
            })
        }) && !self.asks.iter().any(|asks| text.trim_end().ends_with(asks))
    }
}

/// Words before a quotation that say it is something to say.
const SAYING: &[&str] = &[
    "say", "saying", "says", "type", "typing", "write", "reply", "answer", "send", "enter", "try",
    "like", "example", "ask", "tell", "use", "with", "word", "words", "phrase", "command", "g",
    "di", "escribe", "responde", "dis", "ecris", "reponds", "sag", "schreib", "antworte", "bolo",
    "kaho", "likho", "or", "and", "just",
];

/// A sentence with `x` for what is quoted, and what is quoted but not as something to say.
fn unquoted(text: &str) -> (String, Vec<String>) {
    let letters: Vec<char> = text.chars().collect();
    let (mut outer, mut quoted) = (String::new(), Vec::new());
    let mut at = 0;
    while let Some(&c) = letters.get(at) {
        let close = match c {
            '"' => '"',
            '\'' => '\'',
            '`' => '`',
            '\u{201c}' | '\u{201e}' => '\u{201d}',
            '\u{2018}' => '\u{2019}',
            '\u{ab}' => '\u{bb}',
            '\u{300c}' => '\u{300d}',
            _ => '\0',
        };
        let begins = at == 0 || !letters[at - 1].is_alphanumeric();
        let end = (at + 1..letters.len()).find(|&end| {
            let closing = letters[end] == close || (c == '\u{201e}' && letters[end] == '\u{201c}');
            closing
                && !letters
                    .get(end + 1)
                    .is_some_and(|next| next.is_alphanumeric())
        });
        if let Some(end) = end.filter(|_| begins && close != '\0') {
            let before = fold(&outer);
            let last = before
                .rsplit(|c: char| !c.is_alphanumeric())
                .find(|word| !word.is_empty());
            if !last.is_some_and(|word| SAYING.contains(&word)) {
                quoted.push(letters[at + 1..end].iter().collect());
            }
            outer.push_str(" x ");
            at = end + 1;
        } else {
            outer.push(c);
            at += 1;
        }
    }
    (outer, quoted)
}

/// The words of a text, cut where a sign parts them.
fn segments(text: &str) -> Vec<Vec<String>> {
    let folded = fold(text);
    let letters: Vec<char> = folded.chars().collect();
    let mut all = vec![Vec::new()];
    let mut word = String::new();
    let keep = |word: &mut String, all: &mut Vec<Vec<String>>| {
        let kept = word.trim_matches('\'');
        if !kept.is_empty()
            && let Some(words) = all.last_mut()
        {
            words.push(kept.to_owned());
        }
        word.clear();
    };
    for (at, &c) in letters.iter().enumerate() {
        let next = letters.get(at + 1);
        let spaced = next.is_none_or(|next| next.is_whitespace());
        let parts = match c {
            c if c.is_alphanumeric() || c == '\'' => {
                word.push(c);
                continue;
            }
            // Decoration may stand in the middle of a word.
            '*' | '_' | '`' | '#' => continue,
            ',' | ';' | '(' | ')' | '\u{2014}' | '\u{2013}' | '|' | '!' | '?' | '\u{2026}'
            | '\u{a1}' | '\u{bf}' => true,
            ':' | '.' => spaced,
            '-' => spaced && word.is_empty(),
            _ => false,
        };
        keep(&mut word, &mut all);
        if parts && all.last().is_some_and(|words| !words.is_empty()) {
            all.push(Vec::new());
        }
    }
    keep(&mut word, &mut all);
    all.retain(|words| !words.is_empty());
    all
}

/// The claims of one language, ready to be looked for.
struct Spoken {
    table: Claims,
    lexicon: Lexicon,
    claims: Vec<(Pattern, &'static str)>,
    honest: Vec<Pattern>,
}

static LANGUAGES: LazyLock<Vec<Spoken>> = LazyLock::new(|| {
    let tables = [
        en::words::CLAIMS,
        es::CLAIMS,
        fr::CLAIMS,
        de::CLAIMS,
        ur::CLAIMS,
    ];
    let others = others::OTHERS.iter().copied();
    tables.into_iter().chain(others).map(Spoken::of).collect()
});

impl Spoken {
    fn of(table: Claims) -> Self {
        Self {
            lexicon: Lexicon::of(&table),
            claims: table
                .phrases
                .iter()
                .map(|text| (Pattern::of(text), *text))
                .collect(),
            honest: table.honest.iter().map(|text| Pattern::of(text)).collect(),
            table,
        }
    }

    fn claims(&self, words: &[String], asked: bool) -> bool {
        let is = |word: &String, known: &[&str]| known.contains(&word.as_str());
        let opens = |word: &&String| self.lexicon.openers.contains(*word);
        let first = words.iter().find(|word| !opens(word));
        if asked
            && (self.table.asks.is_empty() || first.is_some_and(|word| is(word, self.table.asks)))
        {
            return false;
        }
        // Where each clause begins.
        let joints = words
            .iter()
            .enumerate()
            .filter(|(_, word)| is(word, self.table.joints));
        let starts: Vec<usize> = [0]
            .into_iter()
            .chain(joints.map(|(at, _)| at + 1))
            .collect();
        let honest: Vec<_> = self
            .honest
            .iter()
            .filter_map(|pattern| self.lexicon.find(pattern, words, &starts, 0))
            .collect();
        self.claims.iter().any(|(pattern, text)| {
            let mut from = 0;
            while let Some(found) = self.lexicon.find(pattern, words, &starts, from) {
                from = found.start + 1;
                let covers = |honest: &std::ops::Range<usize>| {
                    honest.start <= found.start && found.end <= honest.end
                };
                if !honest.iter().any(covers) && self.stands(&found, text, words, &starts) {
                    return true;
                }
            }
            false
        })
    }

    /// Whether what was found is a claim where it stands.
    fn stands(
        &self,
        found: &std::ops::Range<usize>,
        text: &str,
        words: &[String],
        starts: &[usize],
    ) -> bool {
        /// How far before a claim a condition may stand.
        const CONDITION_MAX: usize = 4;
        let has = |range: std::ops::Range<usize>, known: &[&str]| {
            words[range]
                .iter()
                .any(|word| known.contains(&word.as_str()))
        };
        let clause = starts
            .iter()
            .copied()
            .filter(|start| *start <= found.start)
            .max()
            .unwrap_or(0);
        let denies = text
            .split([' ', '|'])
            .any(|word| self.table.negations.contains(&word));
        if !denies && has(clause..found.end, self.table.negations) {
            return false;
        }
        // "when you asked i added milk": of what somebody says of themselves only the word right before counts.
        let by_us = self.table.subjects.contains(&words[found.start].as_str());
        let near = if by_us { 1 } else { CONDITION_MAX };
        if has(
            found.start.saturating_sub(near)..found.start,
            self.table.conditions,
        ) {
            return false;
        }
        // "you finished the report and moved milk".
        let joined = text.starts_with('^') && clause > 0;
        !(joined && has(0..clause, self.table.others) && !has(0..clause, self.table.subjects))
    }
}
