//! Cuts a text into the words, numbers and signs that dates are made of.

use super::word::Word;
use crate::en::dates as en;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word that can be part of a date.
    Word(Word),
    /// Digits: what they come to, and how many there are.
    Number(u32, usize),
    /// A sign.
    Mark(u8),
    /// Anything else.
    Other,
}

/// A word, a number or a sign, and where it stands.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are independent of each other"
)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// No space stands between it and the token before.
    pub(super) glued: bool,
    /// It is more often something else than a date.
    pub(super) weak: bool,
    /// It ends in 's.
    pub(super) owning: bool,
    /// It stands between quotes or after a backslash.
    pub(super) literal: bool,
    /// The English word that it is read as, if it stands for another.
    pub(super) said: Option<&'static str>,
}

/// The longest word in the lexicon, in bytes.
const WORD_MAX: usize = 16;

/// A run of letters and digits longer than this is a key or an id, whatever stands in it; the longest date without signs
/// is `20261125T100000Z`.
const RUN_MAX: usize = 20;

/// The tokens of `text`.
pub(super) fn scan(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::with_capacity(text.len() / 4 + 2);
    let mut at = 0;
    let mut glued = false;
    // The end of the quotation or the escaped word that is being read.
    let mut literal_until = 0;
    while let Some(&byte) = bytes.get(at) {
        let start = at;
        let mut kind = Kind::Other;
        let (mut weak, mut owning) = (false, false);
        if byte.is_ascii_whitespace() {
            at += 1;
            glued = false;
            continue;
        } else if let Some(end) = key(bytes, at) {
            at = end;
        } else if byte.is_ascii_digit() {
            at = end_of(bytes, at, |byte| byte.is_ascii_digit());
            if at - start <= 8 {
                let value = bytes[start..at]
                    .iter()
                    .fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'));
                kind = Kind::Number(value, at - start);
            }
        } else if byte.is_ascii_alphabetic() || !byte.is_ascii() {
            (at, kind, weak, owning) = word(text, start);
            if at == start {
                // A sign outside ASCII: spaces and dashes have their plain meaning, anything else has none.
                let sign = text[start..].chars().next().unwrap_or(' ');
                at += sign.len_utf8();
                match sign {
                    '\u{2010}'..='\u{2015}' => kind = Kind::Mark(b'-'),
                    '\u{2018}' | '\u{2019}' => kind = Kind::Mark(b'\''),
                    '\u{201c}' => literal_until = literal_until.max(closing(text, at, '\u{201d}')),
                    _ if sign.is_whitespace() => {
                        glued = false;
                        continue;
                    }
                    _ => {}
                }
            }
        } else {
            at += 1;
            kind = Kind::Mark(byte);
            if start >= literal_until {
                if byte == b'"' {
                    literal_until = closing(text, at, '"');
                } else if byte == b'\\' {
                    literal_until = end_of(bytes, at, |byte| !byte.is_ascii_whitespace());
                }
            }
        }
        // A number may begin with a digit in a lexicon word such as "2moro".
        if let (Kind::Number(..), Some(next)) = (kind, bytes.get(at))
            && next.is_ascii_alphabetic()
        {
            let end = end_of(bytes, at, |byte| byte.is_ascii_alphanumeric());
            if let Some((found, _)) = look_up(&bytes[start..end]) {
                (at, kind) = (end, Kind::Word(found));
            }
        }
        tokens.push(Token {
            kind,
            start,
            end: at,
            glued,
            weak,
            owning,
            literal: start < literal_until,
            said: None,
        });
        glued = true;
    }
    tokens
}

/// Where the key or id that starts at `start` ends. `None` if none does.
fn key(bytes: &[u8], start: usize) -> Option<usize> {
    let end = end_of(bytes, start, |byte| byte.is_ascii_alphanumeric());
    let is_mixed = bytes[start..end].iter().any(u8::is_ascii_digit)
        && bytes[start..end].iter().any(u8::is_ascii_alphabetic);
    (end - start > RUN_MAX && is_mixed).then_some(end)
}

/// The word that starts at `start`: its end, what it is, whether it is weak and whether it owns something. Ends where it
/// starts if there is no word.
fn word(text: &str, start: usize) -> (usize, Kind, bool, bool) {
    let bytes = text.as_bytes();
    let mut folded = [0; WORD_MAX];
    let mut length = 0;
    let mut end = start;
    let mut plain = true;
    for (offset, character) in text[start..].char_indices() {
        let letter = match character {
            '\'' | '\u{2019}' if offset > 0 => {
                let after = start + offset + character.len_utf8();
                if !bytes.get(after).is_some_and(u8::is_ascii_alphabetic) {
                    break;
                }
                b'\''
            }
            _ if character.is_ascii_alphabetic() => bytes[start + offset].to_ascii_lowercase(),
            _ if character.is_alphabetic() || is_joiner(character) && offset > 0 => {
                plain = false;
                0
            }
            _ => break,
        };
        end = start + offset + character.len_utf8();
        if let Some(place) = folded.get_mut(length) {
            *place = letter;
        }
        length += 1;
    }
    if !plain || length > WORD_MAX {
        return (end, Kind::Other, false, false);
    }
    let whole = &folded[..length];
    if let Some((word, weak)) = look_up(whole) {
        return (end, Kind::Word(word), weak, false);
    }
    if let Some((word, weak)) = whole.strip_suffix(b"'s").and_then(look_up) {
        return (end, Kind::Word(word), weak, true);
    }
    let meant = misspelt(whole).map_or(Kind::Other, Kind::Word);
    (end, meant, false, false)
}

/// What a word with a slip in it is meant to be.
fn misspelt(word: &[u8]) -> Option<Word> {
    if word.len() < 5
        || en::NOT_MISSPELT
            .iter()
            .any(|known| known.as_bytes() == word)
    {
        return None;
    }
    let meant = en::OFTEN_MISSPELT
        .iter()
        .find(|known| one_slip_apart(known.as_bytes(), word))?;
    look_up(meant.as_bytes()).map(|(word, _)| word)
}

/// Whether two words differ in one letter, or in two that are swapped. The first letter is hardly ever wrong.
fn one_slip_apart(known: &[u8], said: &[u8]) -> bool {
    if known.first() != said.first() || known.len().abs_diff(said.len()) > 1 {
        return false;
    }
    let same = known.iter().zip(said).take_while(|(a, b)| a == b).count();
    let (known, said) = (&known[same..], &said[same..]);
    match (known, said) {
        ([_, rest @ ..], _) if rest == said => true,
        (_, [_, rest @ ..]) if rest == known => true,
        ([_, a @ ..], [_, b @ ..]) if a == b => true,
        ([a, b, rest @ ..], [c, d, other @ ..]) => a == d && b == c && rest == other,
        _ => false,
    }
}

/// Marks that combine with the letter before, without which a word would be cut in two.
fn is_joiner(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}

/// What a word in lower case can mean, and whether it is weak.
pub(super) fn look_up(word: &[u8]) -> Option<(Word, bool)> {
    let index = en::WORDS
        .binary_search_by(|(known, _)| known.as_bytes().cmp(word))
        .ok()?;
    let (known, meaning) = en::WORDS[index];
    let weak = matches!(meaning, Word::Month(_) | Word::Weekday(_)) && en::WEAK.contains(&known);
    Some((meaning, weak))
}

fn end_of(bytes: &[u8], from: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| !belongs(*byte))
        .map_or(bytes.len(), |length| from + length)
}

/// Where the quotation that opened just before `from` closes; nowhere, so at 0, if it never does.
fn closing(text: &str, from: usize, sign: char) -> usize {
    text[from..]
        .find(sign)
        .map_or(0, |length| from + length + sign.len_utf8())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lexicon_is_in_order_and_fits() {
        assert!(en::WORDS.is_sorted_by(|a, b| a.0.as_bytes() < b.0.as_bytes()));
        assert!(en::WORDS.iter().all(|(word, _)| word.len() <= WORD_MAX));
        assert!(
            en::WEAK
                .iter()
                .all(|word| look_up(word.as_bytes()).is_some())
        );
    }

    #[test]
    fn quoted_and_escaped_words_are_literal() {
        let literal = |text: &str| {
            scan(text)
                .iter()
                .filter(|token| token.literal)
                .map(|token| &text[token.start..token.end])
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(literal("see \"friday night\" today"), "\" friday night \"");
        assert_eq!(literal("call \\friday today"), "\\ friday");
        assert_eq!(literal("a 5\" screen today"), "");
    }
}
