//! Dates of the calendar in words: "march 3rd", "the 5th", "the first monday of april".

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::day::{Day, Lead};
use super::reader::Reader;
use super::scan::Kind;
use super::word::{Unit, Word};

/// A day of the year.
#[derive(Debug, Clone, Copy)]
pub(super) struct MonthDay {
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) year: Option<i16>,
}

/// No year before is meant by four digits, nor one after the last.
pub(super) const YEARS: std::ops::Range<u32> = 1900..2200;

impl MonthDay {
    /// The day in its year, or the next one from `today` on. `None` if there is no such day.
    pub(super) fn resolve(self, today: Date) -> Option<Date> {
        match self.year {
            Some(year) => Date::new(year, self.month, self.day).ok(),
            // A leap day comes within eight years.
            None => (0..=8)
                .filter_map(|years| Date::new(today.year() + years, self.month, self.day).ok())
                .find(|date| *date >= today),
        }
    }
}

impl Reader<'_> {
    /// A year in four digits, perhaps after a comma, "of" or "in".
    pub(super) fn year(&self, at: usize) -> Option<(usize, i16)> {
        let next = match self.kind(at)? {
            Kind::Mark(b',') | Kind::Word(Word::Of | Word::In) => at + 1,
            _ => at,
        };
        if self.mark(next, b'\'')
            && self.glued(next + 1)
            && let Some((short, 2)) = self.number(next + 1)
        {
            return Some((next + 2, 2000 + i16::try_from(short).ok()?));
        }
        let Some((year, digits)) = self.number(next) else {
            return self.spelled_year(at);
        };
        let follows = matches!(
            self.kind(next + 1),
            Some(Kind::Mark(b':' | b'-' | b'/' | b'.'))
        ) && self.glued(next + 2)
            && self.number(next + 2).is_some();
        if digits != 4
            || !YEARS.contains(&year)
            || follows
            || matches!(self.word(next + 1), Some(Word::Am | Word::Pm))
        {
            return None;
        }
        Some((next + 1, i16::try_from(year).ok()?))
    }

    /// "two thousand and thirty", "twenty twenty-six".
    pub(super) fn spelled_year(&self, at: usize) -> Option<(usize, i16)> {
        let (Word::Number(first @ (2 | 19 | 20)), second) = (self.word(at)?, at + 1) else {
            return None;
        };
        if first == 2 {
            if !self.is(second, Word::Number(1000)) {
                return None;
            }
            let (end, rest) = self
                .count(self.skip(second + 1, Word::And))
                .unwrap_or((second + 1, 0));
            return Some((
                end,
                2000 + i16::try_from(rest).ok().filter(|rest| *rest < 100)?,
            ));
        }
        let (end, rest) = self.count(second)?;
        let spelled = self.number(second).is_none() && (10..100).contains(&rest);
        let year = i16::try_from(first).ok()? * 100 + i16::try_from(rest).ok()?;
        spelled.then_some((end, year))
    }

    /// "1st", "first", "twenty-third": the place after it and the number.
    pub(super) fn ordinal(&self, at: usize) -> Option<(usize, u8)> {
        match self.kind(at)? {
            Kind::Number(value, 1..=2)
                if self.is(at + 1, Word::OrdinalMark) && self.glued(at + 1) =>
            {
                Some((
                    at + 2,
                    u8::try_from(value)
                        .ok()
                        .filter(|day| (1..=39).contains(day))?,
                ))
            }
            Kind::Word(Word::Ordinal(value)) => Some((at + 1, value)),
            Kind::Word(Word::Number(tens @ (20 | 30))) => {
                let next = self.skip_mark(at + 1, b'-');
                match self.word(next)? {
                    Word::Ordinal(ones @ 1..=9) => {
                        Some((next + 1, u8::try_from(tens).ok()? + ones))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// A day and a month in words, in either order, and perhaps a year.
    pub(super) fn month_day(&self, at: usize) -> Option<(usize, MonthDay)> {
        let with_year = |end: usize, month: i8, day: u32| {
            let (end, year) = self
                .year(end)
                .map_or((end, None), |(end, year)| (end, Some(year)));
            Some((
                end,
                MonthDay {
                    month,
                    day: i8::try_from(day).ok()?,
                    year,
                },
            ))
        };
        if let Some(Word::Month(month)) = self.word(at) {
            let dot = self.mark(at + 1, b'.') && self.slice(at).len() <= 4;
            let mut next = at + 1 + usize::from(dot);
            if self.glued(next) && matches!(self.kind(next), Some(Kind::Mark(b'-' | b'/'))) {
                next += 1;
            }
            let next = self.skip(next, Word::The);
            let (end, day) = if let Some((end, day)) = self.ordinal(next) {
                (end, u32::from(day))
            } else {
                let (end, day) = self.count(next)?;
                let digits = self.number(next).map_or(2, |(_, digits)| digits);
                let other = matches!(self.kind(end), Some(Kind::Mark(b':'))) && self.glued(end + 1)
                    || matches!(self.word(end), Some(Word::Am | Word::Pm | Word::OClock))
                    || matches!(self.word(end), Some(Word::Letter(_))) && self.glued(end)
                    || self.mark(end, b'%');
                if digits > 2 || other {
                    return None;
                }
                (end, day)
            };
            return with_year(end, month, day).filter(|_| (1..=39).contains(&day));
        }
        let (next, day) = match self.ordinal(at) {
            Some((next, day)) => (next, u32::from(day)),
            None => self.count(at).filter(|(_, day)| *day <= 39)?,
        };
        let next = self.skip(next, Word::Unit(Unit::Day));
        let mut next = self.skip(next, Word::Of);
        if self.glued(next) && matches!(self.kind(next), Some(Kind::Mark(b'-' | b'/' | b'.'))) {
            next += 1;
        }
        let Some(Word::Month(month)) = self.word(next) else {
            return None;
        };
        let dot = self.mark(next + 1, b'.')
            && self.glued(next + 1)
            && self.slice(next).len() <= 4
            && self.year(next + 2).is_some();
        let mut end = next + 1 + usize::from(dot);
        if self.glued(end)
            && matches!(self.kind(end), Some(Kind::Mark(b'-' | b'/')))
            && self.number(end + 1).is_some()
        {
            end += 1;
        }
        with_year(end, month, day).filter(|_| (1..=39).contains(&day))
    }

    /// Days and months in words, and days of the month.
    pub(super) fn dated(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        if let Some((end, said)) = self.month_day(at) {
            let Some(date) = said.resolve(self.today) else {
                self.note_impossible(at, end);
                return None;
            };
            // "may 5 people": a number after a weak month may count things.
            let spelled =
                self.ordinal(at + 1).is_some() || self.ordinal(at).is_some() || said.year.is_some();
            let counts = self.weak(at) && !spelled && self.things(end);
            return (!counts).then(|| {
                (
                    end,
                    Day {
                        year_said: said.year.is_some(),
                        ..Day::on(date)
                    },
                )
            });
        }
        if let Some(Word::Month(month)) = self.word(at) {
            return self.month(at, month, lead);
        }
        let Some((next, nth)) = self.ordinal(at) else {
            return self.bare_day_of_month(at, lead);
        };
        if let Some(found) = self.nth_weekday(next, i8::try_from(nth).ok()?) {
            return Some(found);
        }
        if self.is(next, Word::Quarter) {
            return self.quarter(next + 1, nth);
        }
        if self.is(next, Word::Last) {
            return self.nth_weekday(next + 1, -i8::try_from(nth).ok()?);
        }
        if nth <= 5 && self.is(next, Word::Unit(Unit::Week)) {
            return None;
        }
        self.day_of_month(at, next, nth, lead)
    }

    /// "on the 17", "20 of next month": a day of the month in plain digits.
    pub(super) fn bare_day_of_month(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (day, digits) = self.number(at)?;
        let of = self.is(at + 1, Word::Of)
            && matches!(
                self.word(at + 2),
                Some(Word::This | Word::Next | Word::Last | Word::The)
            );
        // "on the 9:40 train" names a time.
        let goes_on = self.glued(at + 1) && self.number(at + 2).is_some();
        let announced = lead.preposition && lead.the && self.loose(at + 1) && !goes_on;
        if !(1..=31).contains(&day) || digits > 2 || !of && !announced {
            return None;
        }
        self.day_of_month(at, at + 1, u8::try_from(day).ok()?, lead)
    }

    /// "in 2030".
    pub(super) fn whole_year(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (end, year) = self.year(at).filter(|(_, year)| {
            lead.within && !lead.company && !lead.the && *year >= self.today.year()
        })?;
        let first = Date::new(year, 1, 1).ok()?;
        Some((
            end,
            Day {
                year_said: true,
                ..Day::stretch(first, first.last_of_year())
            },
        ))
    }

    /// A month by itself, or with a year.
    pub(super) fn month(&self, at: usize, month: i8, lead: Lead) -> Option<(usize, Day)> {
        let dot = self.mark(at + 1, b'.')
            && self.glued(at + 1)
            && self.slice(at).len() <= 4
            && self.number(at + 2).is_some();
        if let Some((end, year)) = self.year(at + 1 + usize::from(dot)) {
            let first = Date::new(year, month, 1).ok()?;
            return Some((
                end,
                Day {
                    year_said: true,
                    ..Day::stretch(first, first.last_of_month())
                },
            ));
        }
        let meant = (lead.within || lead.preposition) && !lead.the && !self.things(at + 1)
            || self.alone(at, at + 1)
            || lead.company;
        if !meant || self.number(at + 1).is_some() {
            return None;
        }
        let year = if month < self.today.month() {
            self.today.year() + 1
        } else {
            self.today.year()
        };
        let first = Date::new(year, month, 1).ok()?;
        Some((at + 1, Day::stretch(first, first.last_of_month())))
    }

    /// "monday of april" after an ordinal or "last"; "day of the month".
    pub(super) fn nth_weekday(&self, at: usize, nth: i8) -> Option<(usize, Day)> {
        let weekday = match self.word(at)? {
            Word::Weekday(weekday) => Some(weekday),
            Word::Unit(Unit::Weekend) => Some(Weekday::Saturday),
            Word::Unit(Unit::Day) => None,
            _ => return None,
        };
        let part = self.word(at + 1).and_then(|word| match word {
            Word::Part(part) => Some(part),
            _ => None,
        });
        let after = at + 1 + usize::from(part.is_some());
        let of = if matches!(self.word(after), Some(Word::Of | Word::In)) {
            after + 1
        } else {
            after
        };
        let next = self.skip(of, Word::The);
        let pick = |first: Date| match weekday {
            Some(weekday) => first.nth_weekday_of_month(nth, weekday).ok(),
            None if nth < 0 => Some(first.last_of_month()),
            None => first.with().day(nth).build().ok(),
        };
        let (end, first, open) = match self.word(next) {
            Some(Word::Unit(Unit::Month)) if of > after => {
                let first = self.today.first_of_month();
                (next + 1, first, true)
            }
            Some(Word::Unit(Unit::Year)) if of > after && weekday.is_none() => {
                let year = self.today;
                let day = if nth < 0 {
                    year.last_of_year()
                } else {
                    Self::plus(year.first_of_year(), i32::from(nth) - 1)
                };
                return Some((next + 1, Day::on(day)));
            }
            Some(Word::This | Word::Next | Word::Coming | Word::Last | Word::Past) => {
                if let Some((end, first)) = self.shifted_unit(next, Unit::Month) {
                    (end, first, false)
                } else if let Some((end, first)) = self
                    .shifted_unit(next, Unit::Year)
                    .filter(|_| weekday.is_none())
                {
                    let day = if nth < 0 {
                        first.last_of_year()
                    } else {
                        Self::plus(first, i32::from(nth) - 1)
                    };
                    return Some((end, Day::on(day)));
                } else {
                    let Some(Word::Month(month)) = self.word(next + 1) else {
                        return None;
                    };
                    (next + 2, Date::new(self.today.year(), month, 1).ok()?, true)
                }
            }
            Some(Word::Month(month)) => match self.year(next + 1) {
                Some((end, year)) => (end, Date::new(year, month, 1).ok()?, false),
                None => (next + 1, Date::new(self.today.year(), month, 1).ok()?, true),
            },
            _ => return None,
        };
        let mut date = pick(first)?;
        if open && date < self.today {
            let named = matches!(self.word(end - 1), Some(Word::Month(_)));
            let later = if named {
                first.checked_add(1.year())
            } else {
                first.checked_add(1.month())
            };
            date = pick(later.ok()?)?;
        }
        if self.is(at, Word::Unit(Unit::Weekend)) {
            return Some((end, Day::stretch(date, Self::plus(date, 1))));
        }
        Some((
            end,
            Day {
                part,
                ..Day::on(date)
            },
        ))
    }

    /// "the 5th", "15th", "the 20th of next month".
    pub(super) fn day_of_month(
        &self,
        at: usize,
        next: usize,
        day: u8,
        lead: Lead,
    ) -> Option<(usize, Day)> {
        let day = i8::try_from(day).ok()?;
        let unit = self.skip(next, Word::Unit(Unit::Day));
        let of = if matches!(self.word(unit), Some(Word::Of | Word::In)) {
            unit + 1
        } else {
            unit
        };
        let of_the = self.skip(of, Word::The);
        if let Some((end, first)) = self.shifted_unit(of_the, Unit::Month).filter(|_| of > unit) {
            let date = first.with().day(day).build();
            if date.is_err() {
                self.note_impossible(at, end);
            }
            return Some((end, Day::on(date.ok()?)));
        }
        let end = if of > unit && self.is(of_the, Word::Unit(Unit::Month)) {
            of_the + 1
        } else {
            next
        };
        if day > 31 {
            return None;
        }
        let spelled = self.number(at).is_none();
        let clear = end > next
            || self.alone(at, end) && !spelled
            || self.loose(end)
                && (!spelled || lead.preposition && lead.the)
                && !self.is(end, Word::Of)
            || lead.preposition && lead.the && !spelled && !self.things(end) && self.may_end(end)
            || lead.company && !spelled && self.loose(end);
        if !clear
            || lead.within && !lead.preposition
            || matches!(
                self.word(end),
                Some(Word::Thing | Word::Task | Word::Unit(_) | Word::Number(_))
            )
        {
            return None;
        }
        let month = |n: i32| self.today.first_of_month().checked_add(n.months()).ok();
        let mut dates = (0..=2).filter_map(|n| month(n)?.with().day(day).build().ok());
        let date = dates.find(|date| *date >= self.today)?;
        Some((
            end,
            Day {
                bare: end == next && !lead.preposition,
                ..Day::on(date)
            },
        ))
    }

    /// "last friday of october", "last day of the month".
    pub(super) fn last_of(&self, at: usize) -> Option<(usize, Day)> {
        if !self.is(at, Word::Last) {
            return None;
        }
        let found = self.nth_weekday(at + 1, -1)?;
        // "last friday next week" and the like are not the last of anything.
        self.may_end(found.0).then_some(found)
    }
}
