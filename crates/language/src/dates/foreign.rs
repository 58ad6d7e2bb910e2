//! Puts the dates of other languages into English words in English order, which the rest then reads. Each token keeps the
//! place of what it stands for.
//!
//! An order of words is a row: `a|b` is either, a trailing `?` may be missing, a leading `~` stands with no space before it,
//! `{n}` is a number, `{nn}` one of two digits, and `{weekday}`, `{weekdays}`, `{month}`, `{unit}`, `{part}` (of a day) and
//! `{day}` are words of that kind. The English order names them by their places, `1` being the first, or is `=` if the words
//! are well as they are and no later row is to touch them.

use super::scan::{self, Kind, Token};
use super::word::{Unit, Word};
use crate::language::{Language, fold};

/// A token, and the word it is in the text: in lower case, without accents, empty if it is literal.
#[derive(Debug, Clone)]
struct Piece {
    token: Token,
    word: String,
}

/// An order of words and the English one.
pub(crate) struct Order {
    said: Vec<Element>,
    english: Vec<English>,
}

struct Element {
    any_of: Vec<Match>,
    optional: bool,
    glued: bool,
}

enum Match {
    Word(&'static str),
    Number,
    TwoDigits,
    Weekday,
    Weekdays,
    Month,
    Unit,
    Part,
    Day,
}

enum English {
    Same,
    Place(usize),
    Word(&'static str),
}

/// The tokens of a text of `language`, in English.
pub(super) fn scan(text: &str, language: &Language) -> Vec<Token> {
    let pieces = in_words(&pieces(text, language), language);
    reordered(&pieces, &language.tables.orders)
}

fn pieces(text: &str, language: &Language) -> Vec<Piece> {
    let mut pieces = Vec::new();
    for token in scan::scan(text) {
        let word = fold(&text[token.start..token.end]);
        let elided = language.elisions.iter().find(|elided| {
            word.starts_with(**elided) && word.len() > elided.len() && !token.literal
        });
        let Some(elided) = elided else {
            let word = if token.literal { String::new() } else { word };
            pieces.push(Piece { token, word });
            continue;
        };
        // A typographic apostrophe is longer than a plain one.
        let sign = text[token.start..].find(['\'', '\u{2019}']).unwrap_or(0);
        let after = text[token.start + sign..].chars().next();
        let end = token.start + sign + after.map_or(0, char::len_utf8);
        let rest = word[elided.len()..].to_owned();
        pieces.push(Piece {
            token: Token { end, ..token },
            word: (*elided).to_owned(),
        });
        pieces.push(Piece {
            token: Token {
                start: end,
                glued: false,
                ..token
            },
            word: rest,
        });
    }
    pieces
}

/// `pieces` with the phrases of `language` in English.
fn in_words(pieces: &[Piece], language: &Language) -> Vec<Piece> {
    /// Shorter names of days and months are as well other words.
    const SHORT: usize = 3;
    let words: Vec<String> = pieces.iter().map(|piece| piece.word.clone()).collect();
    let mut all = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        let Some((count, meaning)) = language.tables.dates.longest(&words[at..]) else {
            let mut piece = piece.clone();
            if !language.mixes && matches!(piece.token.kind, Kind::Word(_)) {
                piece.token.kind = Kind::Other;
                (piece.token.weak, piece.token.owning) = (false, false);
            }
            all.push(piece);
            at += 1;
            continue;
        };
        let end = pieces[at + count - 1].token.end;
        for (n, word) in meaning.split_whitespace().enumerate() {
            let kind = kind(word);
            let name = matches!(kind, Kind::Word(Word::Weekday(_) | Word::Month(_)));
            all.push(Piece {
                token: Token {
                    kind,
                    end,
                    glued: n == 0 && piece.token.glued,
                    weak: name && piece.word.chars().count() <= SHORT,
                    owning: false,
                    said: Some(word),
                    ..piece.token
                },
                word: if count == 1 {
                    piece.word.clone()
                } else {
                    String::new()
                },
            });
        }
        at += count;
    }
    all
}

/// What an English word, a number or a sign is.
fn kind(word: &str) -> Kind {
    if let Ok(value) = word.parse() {
        return Kind::Number(value, word.len());
    }
    match word.as_bytes() {
        [sign] if sign.is_ascii_punctuation() => Kind::Mark(*sign),
        bytes => match scan::look_up(bytes) {
            // "one" has a meaning of its own in "once a week".
            Some((Word::Number(value @ 2..), _)) => {
                Kind::Number(value.into(), if value < 10 { 1 } else { 2 })
            }
            Some((word, _)) => Kind::Word(word),
            None => Kind::Other,
        },
    }
}

/// `pieces` in English order.
fn reordered(pieces: &[Piece], orders: &[Order]) -> Vec<Token> {
    let mut all = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while let Some(first) = pieces.get(at) {
        let mut places = Vec::new();
        let fitting = orders.iter().find_map(|order| {
            places.clear();
            let end = fits(&order.said, pieces, at, &mut places)?;
            (end > at).then_some((order, end))
        });
        let Some((order, end)) = fitting else {
            all.push(first.token);
            at += 1;
            continue;
        };
        if let [English::Same] = order.english[..] {
            all.extend(pieces[at..end].iter().map(|piece| piece.token));
            at = end;
            continue;
        }
        let mut glued = first.token.glued;
        for word in &order.english {
            let (kind, said, weak) = match word {
                English::Same => continue,
                English::Word(word) => (kind(word), Some(*word), false),
                English::Place(place) => match places.get(place - 1).copied().flatten() {
                    Some(place) => {
                        let token: &Token = &pieces[place].token;
                        (token.kind, token.said.or(Some("")), token.weak)
                    }
                    None => continue,
                },
            };
            let sign = matches!(kind, Kind::Mark(_));
            let ending = matches!(said, Some("th" | "st" | "h"));
            all.push(Token {
                kind,
                end: pieces[end - 1].token.end,
                glued: glued || sign || ending,
                weak,
                owning: false,
                said,
                ..first.token
            });
            // The signs in "15:30" and "2.5" have no space around them.
            glued = sign;
        }
        at = end;
    }
    all
}

/// The place after `elements` at `at`, and where each of them is. `None` if they do not stand there.
fn fits(
    elements: &[Element],
    pieces: &[Piece],
    at: usize,
    places: &mut Vec<Option<usize>>,
) -> Option<usize> {
    let Some((element, rest)) = elements.split_first() else {
        return Some(at);
    };
    let known = places.len();
    let here = pieces.get(at).filter(|piece| {
        !piece.token.literal
            && (piece.token.glued || !element.glued)
            && element.any_of.iter().any(|wanted| wanted.is(piece))
    });
    if here.is_some() {
        places.push(Some(at));
        if let Some(end) = fits(rest, pieces, at + 1, places) {
            return Some(end);
        }
        places.truncate(known);
    }
    if !element.optional {
        return None;
    }
    places.push(None);
    let end = fits(rest, pieces, at, places);
    if end.is_none() {
        places.truncate(known);
    }
    end
}

impl Match {
    fn is(&self, piece: &Piece) -> bool {
        let word = match piece.token.kind {
            Kind::Word(word) => Some(word),
            _ => None,
        };
        match self {
            Self::Word(wanted) => {
                piece.token.said == Some(wanted)
                    || piece.token.said.is_none() && piece.word == *wanted
            }
            Self::Number => {
                matches!(piece.token.kind, Kind::Number(0..1000, _))
                    || matches!(word, Some(Word::Number(_)))
            }
            Self::TwoDigits => matches!(piece.token.kind, Kind::Number(0..60, 2)),
            Self::Weekday => matches!(word, Some(Word::Weekday(_))),
            Self::Weekdays => matches!(word, Some(Word::Weekday(_) | Word::Weekdays(_))),
            Self::Month => matches!(word, Some(Word::Month(_))),
            Self::Unit => matches!(word, Some(Word::Unit(_) | Word::Quarter)),
            Self::Part => matches!(word, Some(Word::Part(_))),
            Self::Day => matches!(
                word,
                Some(
                    Word::Weekday(_)
                        | Word::Today
                        | Word::Tomorrow
                        | Word::Yesterday
                        | Word::Unit(Unit::Weekend)
                )
            ),
        }
    }
}

/// The orders of a table.
pub(crate) fn orders(table: &'static [(&'static str, &'static str)]) -> Vec<Order> {
    let order = |(said, english): &(&'static str, &'static str)| Order {
        said: said.split_whitespace().map(element).collect(),
        english: english.split_whitespace().map(word).collect(),
    };
    table.iter().map(order).collect()
}

fn element(text: &'static str) -> Element {
    let glued = text.strip_prefix('~');
    let rest = glued.unwrap_or(text);
    let optional = rest.strip_suffix('?').filter(|rest| !rest.is_empty());
    let any_of = optional.unwrap_or(rest).split('|').map(|word| match word {
        "{n}" => Match::Number,
        "{nn}" => Match::TwoDigits,
        "{weekday}" => Match::Weekday,
        "{weekdays}" => Match::Weekdays,
        "{month}" => Match::Month,
        "{unit}" => Match::Unit,
        "{part}" => Match::Part,
        "{day}" => Match::Day,
        word => Match::Word(word),
    });
    Element {
        any_of: any_of.collect(),
        optional: optional.is_some(),
        glued: glued.is_some(),
    }
}

fn word(text: &'static str) -> English {
    match text.parse() {
        _ if text == "=" => English::Same,
        // Numbers of more digits are numbers.
        Ok(place @ 1..=9) if text.len() == 1 => English::Place(place),
        _ => English::Word(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::LANGUAGES;

    /// An English word that is none is a mark that an order is to find.
    #[test]
    fn the_tables_speak_english() {
        for language in LANGUAGES {
            let sought: Vec<&str> = language
                .orders
                .iter()
                .flat_map(|(said, _)| said.split(|c: char| c.is_whitespace() || "|?~".contains(c)))
                .collect();
            for (phrase, meaning) in language.dates {
                for word in meaning.split_whitespace() {
                    let plain = word.trim_end_matches("'s");
                    let known = kind(plain) != Kind::Other || sought.contains(&word);
                    assert!(known, "{}: {phrase} is {word}", language.tag);
                }
            }
            for (said, english) in language.orders {
                let length = said.split_whitespace().count();
                for word in english.split_whitespace().map(word) {
                    match word {
                        English::Place(place) => assert!(place <= length, "{said}"),
                        English::Word(word) => {
                            assert_ne!(kind(word), Kind::Other, "{said}: {word}");
                        }
                        English::Same => {}
                    }
                }
            }
        }
    }
}
