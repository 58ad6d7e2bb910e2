//! Lengths of time: "3 days", "an hour and a half", "1h30".

use std::ops::Range;

use domain::Period;
use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan};

use super::reader::Reader;
use super::scan::Kind;
use super::word::{Unit, Word};

/// A length of time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Length {
    pub(super) months: i32,
    pub(super) days: i32,
    pub(super) minutes: i32,
    /// How many of its first unit were said, and which.
    pub(super) said: Option<(u16, Unit)>,
}

/// A number, in hundredths.
type Hundredths = i32;

/// Larger numbers are no lengths anybody means.
const COUNT_MAX: u32 = 9999;

impl Length {
    /// Whether it is shorter than a day, so that the time of day counts.
    pub(super) fn is_of_hours(self) -> bool {
        self.minutes != 0
    }

    fn negated(self) -> Self {
        Self {
            months: -self.months,
            days: -self.days,
            minutes: -self.minutes,
            said: self.said,
        }
    }

    /// The day that is this long after `date`, or before it.
    pub(super) fn after_day(self, date: Date, back: bool) -> Option<Date> {
        let it = if back { self.negated() } else { self };
        date.checked_add(it.months.months())
            .ok()?
            .checked_add(it.days.days())
            .ok()
    }

    /// The moment that is this long from now, or before: hours are elapsed time.
    pub(super) fn after_now(self, reader: &Reader<'_>, back: bool) -> Option<DateTime> {
        let it = if back { self.negated() } else { self };
        let date = reader
            .view
            .now
            .checked_add(it.months.months().days(it.days))
            .ok()?;
        Some(date.checked_add(it.minutes.minutes()).ok()?.datetime())
    }

    fn add(&mut self, count: Hundredths, unit: Unit) -> Option<()> {
        let whole = (count % 100 == 0).then_some(count / 100);
        match unit {
            Unit::Second => {}
            Unit::Minute => self.minutes += count / 100,
            Unit::Hour => self.minutes += count * 60 / 100,
            Unit::Day | Unit::Workday => match whole {
                Some(days) => self.days += days,
                None => self.minutes += count * 24 * 60 / 100,
            },
            Unit::Week | Unit::Weekend => {
                self.days += if let Some(weeks) = whole {
                    weeks * 7
                } else {
                    count * 7 / 100
                }
            }
            Unit::Fortnight => self.days += whole? * 14,
            Unit::Month => {
                self.months += count / 100;
                self.days += count % 100 * 30 / 100;
            }
            Unit::Quarter => self.months += whole? * 3,
            Unit::Year => self.months += count * 12 / 100,
        }
        if self.said.is_none() {
            self.said = Some((u16::try_from(count / 100).ok()?, unit));
        }
        Some(())
    }
}

impl Reader<'_> {
    /// A whole number in digits or words.
    pub(super) fn count(&self, at: usize) -> Option<(usize, u32)> {
        match self.kind(at)? {
            Kind::Number(value, _) => Some((at + 1, value)),
            Kind::Word(Word::Number(tens)) if (20..100).contains(&tens) => {
                let next = if self.mark(at + 1, b'-') {
                    at + 2
                } else {
                    at + 1
                };
                match self.word(next) {
                    Some(Word::Number(ones)) if ones < 10 => {
                        Some((next + 1, u32::from(tens + ones)))
                    }
                    _ => Some((at + 1, u32::from(tens))),
                }
            }
            Kind::Word(Word::Number(value)) if value < 100 => Some((at + 1, u32::from(value))),
            _ => None,
        }
    }

    /// How many of a unit: "3", "a", "half an", "2.5", "1/2", "a couple of", "one and a half".
    fn amount(&self, at: usize) -> Option<(usize, Hundredths)> {
        if self.is(at, Word::Half) {
            let next = self.skip(at + 1, Word::Of);
            return Some((next + usize::from(self.article(next)), 50));
        }
        if self.article(at) || self.is(at, Word::The) {
            return match self.word(at + 1) {
                Some(Word::Couple) => Some((self.skip(at + 2, Word::Of), 200)),
                Some(Word::Few) => Some((at + 2, 300)),
                Some(Word::Half) if self.article(at) => Some((at + 2, 50)),
                Some(Word::Quarter) if self.article(at) && self.is(at + 2, Word::Of) => {
                    Some((at + 3 + usize::from(self.article(at + 3)), 25))
                }
                _ if self.article(at) => Some((at + 1, 100)),
                _ => None,
            };
        }
        match self.word(at) {
            Some(Word::Couple) => return Some((self.skip(at + 1, Word::Of), 200)),
            Some(Word::Few) => return Some((at + 1, 300)),
            _ => {}
        }
        let (mut next, mut value) = self.count(at)?;
        // "2-3 days", "two or three weeks": the later is the safer promise.
        if let Some(Kind::Mark(b'-') | Kind::Word(Word::Or)) = self.kind(next)
            && let Some((end, later)) = self.count(next + 1)
            && self.unit(end).is_some()
        {
            (next, value) = (end, later);
        }
        if value > COUNT_MAX {
            return None;
        }
        let hundredths = i32::try_from(value).ok()? * 100;
        if let (true, true, Some((part, digits))) = (
            self.glued(next),
            self.glued(next + 1),
            self.number(next + 1),
        ) {
            let part = i32::try_from(part).ok()?;
            if self.mark(next, b'.') && digits <= 2 {
                let scale = if digits == 1 { 10 } else { 1 };
                return Some((next + 2, hundredths + part * scale));
            }
            if self.mark(next, b'/') && (1..=9).contains(&part) && value < 10 {
                return Some((next + 2, hundredths / part));
            }
        }
        if self.is(next, Word::And) && self.article(next + 1) && self.is(next + 2, Word::Half) {
            return Some((next + 3, hundredths + 50));
        }
        Some((self.skip(next, Word::More), hundredths))
    }

    /// A unit; a single letter is one only right after a number.
    fn unit(&self, at: usize) -> Option<Unit> {
        match self.word(at)? {
            Word::Unit(unit) => Some(unit),
            Word::Quarter => Some(Unit::Quarter),
            Word::Letter(letter) if self.glued(at) && at > 0 && self.number(at - 1).is_some() => {
                match letter {
                    b'm' => Some(Unit::Minute),
                    b'h' => Some(Unit::Hour),
                    b'd' => Some(Unit::Day),
                    b'w' => Some(Unit::Week),
                    b'y' => Some(Unit::Year),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A length of time.
    pub(super) fn length(&self, at: usize) -> Option<(usize, Length)> {
        let mut length = Length::default();
        let mut end = None;
        let mut next = at;
        // "1 hour and 3 minutes": few parts make a length, and a bound keeps odd input cheap.
        for _ in 0..4 {
            let Some((after, count)) = self.amount(next) else {
                break;
            };
            let Some(unit) = self.unit(after) else { break };
            length.add(count, unit)?;
            let mut after = after + 1;
            if self.is(after, Word::And)
                && self.article(after + 1)
                && self.is(after + 2, Word::Half)
            {
                length.add(50, unit)?;
                after += 3;
            } else if let (Unit::Hour, true, Some((minutes @ 1..60, 2))) =
                (unit, self.glued(after), self.number(after))
            {
                length.minutes += i32::try_from(minutes).ok()?;
                after += 1;
                if self.is(after, Word::Letter(b'm')) && self.glued(after) {
                    after += 1;
                }
            }
            end = Some(after);
            // "a week or two"
            if self.is(after, Word::Or)
                && let Some((later, _)) = self.count(after + 1)
                && self.loose(later)
            {
                end = Some(later);
                break;
            }
            next = self.skip(self.skip_mark(after, b','), Word::And);
        }
        end.map(|end| (end, length))
    }

    /// Where the text says how far to move something, and how far: "by two days", "a week earlier", or how long at its
    /// very end, as in "postpone it a week".
    pub(super) fn period(&self) -> Option<(Range<usize>, Period)> {
        let ends = |end: usize| {
            self.tokens
                .get(end..)
                .is_some_and(|rest| rest.iter().all(|token| matches!(token.kind, Kind::Mark(_))))
        };
        (0..self.tokens.len()).find_map(|start| {
            let led = matches!(self.word(start), Some(Word::By | Word::For));
            let (mut end, length) = self.length(start + usize::from(led))?;
            let back = self.is(end, Word::Earlier);
            let moved = back || self.is(end, Word::Later);
            let last = ends(end)
                && !matches!(
                    start.checked_sub(1).and_then(|before| self.word(before)),
                    Some(Word::In | Word::Within | Word::Every)
                );
            if !led && !moved && !last
                || length.months == 0 && length.days == 0 && length.minutes == 0
            {
                return None;
            }
            end += usize::from(moved);
            let length = if back { length.negated() } else { length };
            Some((self.span(start, end), Period(length.span())))
        })
    }
}

impl Length {
    fn span(self) -> Span {
        let span = self.months.months().days(self.days);
        if self.minutes % 60 == 0 {
            span.hours(self.minutes / 60)
        } else {
            span.minutes(self.minutes)
        }
    }
}
