//! Cuts a text into words and signs, and remembers where each stood.

use std::ops::Range;

use crate::language::{Language, fold};

/// A word, a number or a sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// In lower case, with typographic apostrophes made plain.
    pub(crate) folded: String,
    /// Its bytes in the text, quotation marks not included.
    pub(crate) span: Range<usize>,
    /// Whether it stands between quotes or after a backslash: never read as anything but itself.
    pub(crate) literal: bool,
    /// What was said, if `folded` is only what it means in English.
    pub(crate) said: Option<Said>,
}

/// A word of another language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// In lower case; empty for all but one of the words that a phrase stands for.
    pub(crate) word: String,
    pub(crate) language: &'static Language,
}

/// Whether a sign belongs to the word it stands in: `don't`, `e-mail`, `9/11`, `5:30`, `c++`.
fn joins(c: char, before: Option<char>, after: Option<char>) -> bool {
    let inside =
        before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
    match c {
        '\'' | '\u{2019}' | '-' | '/' | ':' | '.' | '_' | '&' => inside,
        '@' => inside,
        _ => false,
    }
}

/// The closing partner of a quotation mark that opens at a word's beginning. `None` if it is none.
fn closing(open: char) -> Option<char> {
    match open {
        '"' => Some('"'),
        '\'' => Some('\''),
        '\u{201c}' => Some('\u{201d}'),
        '\u{2018}' => Some('\u{2019}'),
        '\u{ab}' => Some('\u{bb}'),
        _ => None,
    }
}

/// The words of `text`. What stands between quotes is one literal token; space separates and is dropped.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let at = |n: usize| letters.get(n).map(|(_, c)| *c);
    let byte = |n: usize| letters.get(n).map_or(text.len(), |(byte, _)| *byte);
    let mut tokens = Vec::new();
    let mut n = 0;
    while let Some(c) = at(n) {
        if c.is_whitespace() {
            n += 1;
            continue;
        }
        let starts_word = n == 0 || !at(n - 1).is_some_and(char::is_alphanumeric);
        if let Some(close) = closing(c).filter(|_| starts_word) {
            // A quote closes at the end of a word, so that an apostrophe in between does not.
            let end = (n + 2..letters.len()).find(|&end| {
                at(end) == Some(close) && !at(end + 1).is_some_and(char::is_alphanumeric)
            });
            if let Some(end) = end {
                tokens.push(token(text, byte(n + 1)..byte(end), true));
                n = end + 1;
                continue;
            }
        }
        // Only in front of a word: `a\b` is called so.
        let literal =
            c == '\\' && starts_word && at(n + 1).is_some_and(|next| !next.is_whitespace());
        let start = if literal { n + 1 } else { n };
        let mut end = start + 1;
        if at(start).is_some_and(|c| c.is_alphanumeric() || matches!(c, '#' | '@' | '+')) {
            while let Some(c) = at(end) {
                if c.is_alphanumeric() || c == '\u{200d}' || joins(c, at(end - 1), at(end + 1)) {
                    end += 1;
                } else {
                    break;
                }
            }
        } else if at(start) == Some('!') {
            while at(end).is_some_and(|c| c.is_alphanumeric() || c == '!') {
                end += 1;
            }
        }
        tokens.push(token(text, byte(start)..byte(end), literal));
        n = end;
    }
    tokens
}

fn token(text: &str, span: Range<usize>, literal: bool) -> Token {
    let folded = text[span.clone()].to_lowercase().replace('\u{2019}', "'");
    Token {
        folded,
        span,
        literal,
        said: None,
    }
}

/// `tokens` with the phrases of `language` in English words. What `keeps` itself, such as a date, is no part of a phrase.
pub(crate) fn in_english(
    text: &str,
    tokens: Vec<Token>,
    language: &'static Language,
    keeps: impl Fn(&Token) -> bool,
) -> Vec<Token> {
    let tokens: Vec<Token> = tokens
        .into_iter()
        .flat_map(|token| parts(text, token, language))
        .collect();
    let words: Vec<String> = tokens
        .iter()
        .map(|token| {
            if token.literal || keeps(token) {
                String::new()
            } else {
                fold(&token.folded)
            }
        })
        .collect();
    let mut all = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        let Some((count, meaning)) = language.tables.words.longest(&words[at..]) else {
            all.push(tokens[at].clone());
            at += 1;
            continue;
        };
        let span = tokens[at].span.start..tokens[at + count - 1].span.end;
        let mut english = meaning.split_whitespace().peekable();
        while let Some(word) = english.next() {
            // The last word stands for the whole phrase, so that what a title keeps of it is there once.
            let last = english.peek().is_none();
            let span = if last {
                span.clone()
            } else {
                span.start..span.start
            };
            all.push(Token {
                folded: word.to_owned(),
                said: Some(Said {
                    word: text[span.clone()].to_lowercase(),
                    language,
                }),
                span,
                literal: false,
            });
        }
        at += count;
    }
    all
}

/// The words that are run together in a token: "rappelle-moi", "l'eau".
fn parts(text: &str, token: Token, language: &Language) -> Vec<Token> {
    if token.literal || !token.folded.contains(['-', '\'']) {
        return vec![token];
    }
    let mut parts = Vec::new();
    let mut start = token.span.start;
    for (at, sign) in text[token.span.clone()].char_indices() {
        let here = token.span.start + at;
        if here < start {
            continue;
        }
        let after = here + sign.len_utf8();
        let cut = match sign {
            '-' => Some(here),
            '\'' | '\u{2019}' => {
                let elided = fold(&text[start..after]);
                language
                    .elisions
                    .contains(&elided.as_str())
                    .then_some(after)
            }
            _ => None,
        };
        if let Some(end) = cut.filter(|end| *end > start && after < token.span.end) {
            parts.push(self::token(text, start..end, false));
            start = after;
        }
    }
    parts.push(self::token(text, start..token.span.end, false));
    parts
}
