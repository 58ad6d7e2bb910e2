//! The tokens of a text, and how to look at them.

use std::cell::Cell;
use std::ops::Range;

use domain::View;
use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

use super::foreign;
use super::scan::{Kind, Token, scan};
use super::word::Word;
use super::{Found, phrase};
use crate::language::Language;

/// A text being read. Places in it are indices of tokens; a method that reads something gives the place after it.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: Vec<Token>,
    pub(super) view: &'a View,
    pub(super) language: &'static Language,
    pub(super) now: DateTime,
    pub(super) today: Date,
    /// The tokens of the first day that does not exist.
    impossible: Cell<Option<(usize, usize)>>,
    /// How many days deep in others is being read.
    depth: Cell<u8>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, view: &'a View, language: &'static Language) -> Self {
        let now = view.now.datetime();
        Self {
            text,
            tokens: if language.is_english() {
                scan(text)
            } else {
                foreign::scan(text, language)
            },
            view,
            language,
            now,
            today: now.date(),
            impossible: Cell::new(None),
            depth: Cell::new(0),
        }
    }

    /// Everything found.
    pub(super) fn all(&self) -> Vec<Found> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.tokens.len() {
            let known = self.impossible.get();
            if self.may_start(at)
                && let Some((end, it)) = phrase::read(self, at)
            {
                found.push(it);
                at = end.max(at + 1);
            } else if let (None, Some((_, end))) = (known, self.impossible.get()) {
                // What is left of an impossible day must not be read as another one.
                at = end.max(at + 1);
            } else {
                at += 1;
            }
        }
        found
    }

    /// What is found when it takes up the whole text, signs at its end aside.
    pub(super) fn whole(&self) -> Option<Found> {
        let (end, found) = phrase::read(self, 0)?;
        let rest = self.tokens.get(end..)?;
        rest.iter()
            .all(|token| matches!(token.kind, Kind::Mark(b'.' | b'!' | b'?' | b',')))
            .then_some(found)
    }

    pub(super) fn impossible(&self) -> Option<Range<usize>> {
        self.impossible
            .get()
            .map(|(first, end)| self.span(first, end))
    }

    /// Notes that the tokens name a day that does not exist.
    pub(super) fn note_impossible(&self, first: usize, end: usize) {
        if self.impossible.get().is_none() {
            self.impossible.set(Some((first, end)));
        }
    }

    /// Reads a day inside another ("the end of the week of june 1"). `None` beyond a depth that nobody speaks at.
    pub(super) fn nested<T>(&self, read: impl FnOnce() -> Option<T>) -> Option<T> {
        const DEPTH_MAX: u8 = 4;
        if self.depth.get() >= DEPTH_MAX {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let found = read();
        self.depth.set(self.depth.get() - 1);
        found
    }

    /// The bytes from one token to before another.
    pub(super) fn span(&self, first: usize, end: usize) -> Range<usize> {
        let start = self
            .tokens
            .get(first)
            .map_or(self.text.len(), |token| token.start);
        let end = end
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last))
            .map_or(start, |token| token.end);
        start..end.max(start)
    }

    /// Whether a date can start here: not inside a word, a tag, an address or a version.
    fn may_start(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return false;
        };
        if token.literal || matches!(token.kind, Kind::Other) {
            return false;
        }
        if matches!(token.kind, Kind::Mark(sign) if sign != b'@') {
            return false;
        }
        if !token.glued || at == 0 {
            return true;
        }
        match self.tokens[at - 1].kind {
            Kind::Mark(b'(' | b'[' | b',' | b';' | b':' | b'"' | b'*' | b'!' | b'?' | b'~') => true,
            Kind::Mark(b'-' | b'/' | b'\'' | b'.') => !self.tokens[at - 1].glued,
            _ => false,
        }
    }

    /// What the token is. `None` at the end and for literal words.
    pub(super) fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens
            .get(at)
            .filter(|token| !token.literal)
            .map(|token| token.kind)
    }

    pub(super) fn word(&self, at: usize) -> Option<Word> {
        match self.kind(at)? {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    pub(super) fn is(&self, at: usize, word: Word) -> bool {
        self.word(at) == Some(word)
    }

    /// The place after `word` if it stands here, else here.
    pub(super) fn skip(&self, at: usize, word: Word) -> usize {
        at + usize::from(self.is(at, word))
    }

    pub(super) fn mark(&self, at: usize, sign: u8) -> bool {
        self.kind(at) == Some(Kind::Mark(sign))
    }

    /// The place after `sign` if it stands here, else here.
    pub(super) fn skip_mark(&self, at: usize, sign: u8) -> usize {
        at + usize::from(self.mark(at, sign))
    }

    pub(super) fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.glued)
    }

    pub(super) fn weak(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| token.weak)
    }

    /// The digits here: what they come to and how many there are.
    pub(super) fn number(&self, at: usize) -> Option<(u32, usize)> {
        match self.kind(at)? {
            Kind::Number(value, digits) => Some((value, digits)),
            _ => None,
        }
    }

    pub(super) fn slice(&self, at: usize) -> &'a str {
        self.tokens.get(at).map_or("", |token| {
            token.said.unwrap_or(&self.text[token.start..token.end])
        })
    }

    /// "a" or "an".
    pub(super) fn article(&self, at: usize) -> bool {
        matches!(self.word(at), Some(Word::A | Word::Letter(b'a')))
    }

    /// Whether nothing follows, or something that begins another thought.
    pub(super) fn loose(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            None => true,
            Some(token) => match token.kind {
                Kind::Mark(sign) => {
                    !token.glued || !matches!(sign, b'%' | b'\'' | b'$' | b'_' | b'+' | b'=')
                }
                Kind::Word(
                    Word::Thing
                    | Word::Task
                    | Word::Unit(_)
                    | Word::Finish
                    | Word::Letter(_)
                    | Word::HolidayName,
                )
                | Kind::Number(..)
                | Kind::Other => false,
                Kind::Word(_) => !token.glued,
            },
        }
    }

    /// Whether a noun in the plural seems to follow, so that a number before it counts things.
    pub(super) fn things(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            Some(token) if token.kind == Kind::Other => {
                let word = self.slice(at);
                word.len() > 3
                    && word.ends_with('s')
                    && !word.ends_with("ss")
                    && word.starts_with(char::is_lowercase)
            }
            Some(token) => matches!(
                token.kind,
                Kind::Word(Word::Thing | Word::Task | Word::Unit(_))
            ),
            None => false,
        }
    }

    /// Whether the tokens are the whole text, a sign at its end aside.
    pub(super) fn alone(&self, first: usize, end: usize) -> bool {
        first == 0
            && self
                .tokens
                .get(end..)
                .is_some_and(|rest| rest.iter().all(|token| matches!(token.kind, Kind::Mark(_))))
    }

    /// Whether a phrase may end before this token: not in the middle of an address, a version or a longer word.
    pub(super) fn may_end(&self, at: usize) -> bool {
        let Some(token) = self.tokens.get(at) else {
            return true;
        };
        if !token.glued {
            return true;
        }
        match token.kind {
            Kind::Mark(b'.' | b'-' | b'_' | b'@' | b'/') => {
                let next = self.tokens.get(at + 1);
                !next.is_some_and(|next| next.glued && !matches!(next.kind, Kind::Mark(_)))
                    || self.word(at + 1).is_some() && self.mark(at, b'/')
            }
            Kind::Mark(sign) => !matches!(sign, b'%' | b'=' | b'+' | b'$'),
            // The T of "2026-04-05T10:00" stands before the time.
            Kind::Number(..) => at > 0 && self.slice(at - 1).eq_ignore_ascii_case("t"),
            Kind::Word(_) | Kind::Other => false,
        }
    }

    /// So many days later; the calendar's end if it is beyond it.
    pub(super) fn plus(date: Date, days: i32) -> Date {
        date.saturating_add(days.days())
    }

    /// The first such weekday on `date` or after it.
    pub(super) fn weekday_from(date: Date, weekday: Weekday) -> Date {
        Self::plus(date, i32::from(weekday.since(date.weekday())))
    }

    /// The first day of the user's week that `date` is in.
    pub(super) fn week(&self, date: Date) -> Date {
        domain::week_of(date, self.view.week_start.weekday())
    }
}
