//! Days and stretches of days: "tomorrow", "march 3rd", "the first monday of april", "next week", "9 to 12 june".

use domain::Days;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::reader::Reader;
use super::scan::Kind;
use super::word::{Holiday, Part, Unit, Word};
use crate::en::dates as en;

/// A day or a stretch of days as it was said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    /// The day, or the first one.
    pub(super) first: Date,
    /// The last one; the same for a single day.
    pub(super) last: Date,
    /// The day a task is due that is to be done then.
    pub(super) due: Date,
    /// Whether it is a stretch, even of one day.
    pub(super) wide: bool,
    /// The same in words relative to today, where there are such words.
    pub(super) days: Option<Days>,
    /// A part of the day that was said with it: "tonight".
    pub(super) part: Option<Part>,
    /// Another day it can mean.
    pub(super) other: Option<Date>,
    /// Said as a weekday alone, which a day of the month may still complete.
    pub(super) weekday: Option<Weekday>,
    /// A day of the month by itself: "the 2nd".
    pub(super) bare: bool,
    /// The year was said.
    pub(super) year_said: bool,
}

impl Day {
    pub(super) fn on(date: Date) -> Self {
        Self {
            first: date,
            last: date,
            due: date,
            wide: false,
            days: None,
            part: None,
            other: None,
            weekday: None,
            bare: false,
            year_said: false,
        }
    }

    fn relative(date: Date, days: Days) -> Self {
        Self {
            days: Some(days),
            ..Self::on(date)
        }
    }

    pub(super) fn stretch(first: Date, last: Date) -> Self {
        Self {
            last: last.max(first),
            wide: true,
            ..Self::on(first)
        }
    }

    fn or(self, other: Option<Date>) -> Self {
        Self {
            other: other.filter(|other| *other != self.first),
            ..self
        }
    }
}

/// What was said before a day.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lead {
    /// "on", "by", "due" and others that dates follow.
    pub(super) preposition: bool,
    /// "in", which months, years and lengths of time follow.
    pub(super) within: bool,
    pub(super) the: bool,
    /// Another piece of a date stands before it, or it is the second end of a range.
    pub(super) company: bool,
}

/// A day of the year.
#[derive(Debug, Clone, Copy)]
pub(super) struct MonthDay {
    pub(super) month: i8,
    pub(super) day: i8,
    pub(super) year: Option<i16>,
}

/// No year before is meant by four digits, nor one after the last.
const YEARS: std::ops::Range<u32> = 1900..2200;

impl Holiday {
    /// The day in `year`.
    pub(super) fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed(month, day) => Date::new(year, month, day).ok(),
            Self::Nth(nth, weekday, month) => Date::new(year, month, 1)
                .ok()?
                .nth_weekday_of_month(nth, weekday)
                .ok(),
            Self::Easter(shift) => {
                easter(year).map(|sunday| Reader::plus(sunday, i32::from(shift)))
            }
        }
    }
}

/// Easter Sunday, by the rule of Meeus, Jones and Butcher.
fn easter(year: i16) -> Option<Date> {
    let y = i32::from(year);
    let (a, b, c) = (y % 19, y / 100, y % 100);
    let (d, e, g) = (b / 4, b % 4, (8 * b + 13) / 25);
    let h = (19 * a + b - d - g + 15) % 30;
    let (i, k) = (c / 4, c % 4);
    let l = (32 + 2 * e + 2 * i - h - k) % 7;
    let m = (a + 11 * h + 22 * l) / 451;
    let sum = h + l - 7 * m + 114;
    Date::new(
        year,
        i8::try_from(sum / 31).ok()?,
        i8::try_from(sum % 31 + 1).ok()?,
    )
    .ok()
}

impl MonthDay {
    /// The day in its year, or the next one from `today` on. `None` if there is no such day.
    fn resolve(self, today: Date) -> Option<Date> {
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
    /// A day, or a range of days.
    pub(super) fn days(&self, at: usize, lead: Lead, between: bool) -> Option<(usize, Day)> {
        if let Some(range) = self.number_range(at, between) {
            return Some(range);
        }
        let (end, first) = self.day_unchecked(at, lead)?;
        let range = if first.wide && !between {
            None
        } else {
            self.range_end(end, first, between)
        };
        range.or_else(|| self.may_end(end).then_some((end, first)))
    }

    /// The rest of a range that began with `from`.
    fn range_end(&self, at: usize, from: Day, between: bool) -> Option<(usize, Day)> {
        let next = self.range_to(at, between)?;
        let the = self.is(next, Word::The);
        let next = next + usize::from(the);
        let company = Lead {
            preposition: true,
            the,
            company: true,
            ..Lead::default()
        };
        // "july 13 to 15": a bare number is a day of the same month.
        let bare = self
            .number(next)
            .filter(|_| from.weekday.is_none())
            .and_then(|(day, digits)| {
                let (end, _) = self.ordinal(next).unwrap_or((next + 1, 0));
                let is_day = digits <= 2 && day > u32::from(from.first.day().unsigned_abs());
                let more =
                    matches!(
                        self.word(end),
                        Some(
                            Word::Month(_)
                                | Word::Of
                                | Word::Am
                                | Word::Pm
                                | Word::Unit(_)
                                | Word::Letter(_)
                        )
                    ) || matches!(self.kind(end), Some(Kind::Mark(b':' | b'/' | b'-' | b'.')))
                        && self.glued(end + 1);
                let date = from
                    .first
                    .with()
                    .day(i8::try_from(day).ok()?)
                    .build()
                    .ok()?;
                (is_day && !more && self.may_end(end)).then(|| (self.year_after(end, date), date))
            });
        if let Some(((end, date), _)) = bare {
            return Some((
                end,
                Day::stretch(
                    Date::new(date.year(), from.first.month(), from.first.day()).ok()?,
                    date,
                ),
            ));
        }
        let (end, to) = match self.ordinal(next) {
            Some((end, day))
                if !self.is(end, Word::Of)
                    && !matches!(self.word(end), Some(Word::Month(_)))
                    && from.weekday.is_none() =>
            {
                let date = from
                    .first
                    .with()
                    .day(i8::try_from(day).ok()?)
                    .build()
                    .ok()
                    .filter(|date| *date > from.first)?;
                (end, Day::on(date))
            }
            _ => self.day(next, company)?,
        };
        let (mut first, mut last) = (from.first, to.last);
        if to.year_said && !from.year_said {
            first = first.with().year(last.year()).build().ok()?;
            if first > last {
                first = first.checked_sub(1.year()).ok()?;
            }
        } else if last < first || from.year_said && !to.year_said {
            if to.weekday.is_some() {
                last = Self::weekday_from(first, last.weekday());
            } else if !to.year_said {
                last = last.with().year(first.year()).build().ok()?;
                if last < first {
                    last = last.checked_add(1.year()).ok()?;
                }
            }
        }
        (first <= last && self.may_end(end)).then(|| (end, Day::stretch(first, last)))
    }

    /// "9 to 12 of june", "1-8 september", "13th to the 15th of july".
    fn number_range(&self, at: usize, between: bool) -> Option<(usize, Day)> {
        let (next, day) = match self.ordinal(at) {
            Some((next, day)) => (next, u32::from(day)),
            None => (at + 1, self.number(at)?.0),
        };
        if day == 0 || day > 31 {
            return None;
        }
        let next = self.skip(self.range_to(next, between)?, Word::The);
        let (end, last) = self.month_day(next)?;
        let last = last.resolve(self.today)?;
        let first = last.with().day(i8::try_from(day).ok()?).build().ok()?;
        (first <= last).then(|| (end, Day::stretch(first, last)))
    }

    /// A year after a day: the place after it and the day in that year.
    fn year_after(&self, at: usize, date: Date) -> (usize, Date) {
        match self.year(at) {
            Some((end, year)) => match date.with().year(year).build() {
                Ok(date) => (end, date),
                Err(_) => (at, date),
            },
            None => (at, date),
        }
    }

    /// One day, or a stretch with a name.
    pub(super) fn day(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (end, day) = self.day_unchecked(at, lead)?;
        self.may_end(end).then_some((end, day))
    }

    fn day_unchecked(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let today = self.today;
        if let Some((end, holiday)) = self.holiday(at) {
            let (end, date) = self.holiday_in(end, holiday, today)?;
            return Some((end, date));
        }
        match self.kind(at)? {
            Kind::Number(..) => {
                let said = self.numeric(at, lead).or_else(|| self.dated(at, lead));
                said.or_else(|| self.whole_year(at, lead))
            }
            Kind::Word(word) => match word {
                Word::Today => {
                    let named = !self.is_only_first(at) || self.may_be_short(at);
                    named.then(|| (at + 1, Day::relative(today, Days::Today)))
                }
                Word::Tonight => Some((
                    at + 1,
                    Day {
                        part: Some(Part::Night),
                        ..Day::relative(today, Days::Today)
                    },
                )),
                Word::Tomorrow => {
                    let named = !self.is_only_first(at) || self.may_be_short(at);
                    named.then(|| (at + 1, Day::relative(Self::plus(today, 1), Days::Tomorrow)))
                }
                Word::Yesterday => Some((
                    at + 1,
                    Day::relative(Self::plus(today, -1), Days::Yesterday),
                )),
                Word::Later if matches!(self.word(at + 1), Some(Word::Today | Word::This)) => {
                    self.later(at)
                }
                Word::Weekday(weekday) => self.weekday(at, weekday, lead),
                Word::This | Word::Next | Word::Coming | Word::Last | Word::Past => {
                    self.shifted_day(at, word, lead)
                }
                Word::Month(_) => self.dated(at, lead),
                Word::Ordinal(_) | Word::Number(_) => self.dated(at, lead),
                Word::Unit(Unit::Weekend) if lead.the || lead.preposition => {
                    let (first, last) = self.weekend(0);
                    Some((at + 1, Day::stretch(first, last)))
                }
                Word::Unit(Unit::Day) if lead.the && self.is(at + 1, Word::After) => {
                    self.around_day(at + 2, 1)
                }
                Word::Unit(Unit::Day) if lead.the && self.is(at + 1, Word::Before) => {
                    self.around_day(at + 2, -1)
                }
                Word::Unit(Unit::Day)
                    if self.is(at + 1, Word::After) && self.is(at + 2, Word::Tomorrow) =>
                {
                    self.around_day(at + 2, 1)
                }
                Word::Unit(Unit::Day)
                    if self.is(at + 1, Word::Before) && self.is(at + 2, Word::Yesterday) =>
                {
                    self.around_day(at + 2, -1)
                }
                Word::Unit(Unit::Week) if self.is(at + 1, Word::Of) => {
                    let next = self.skip(at + 2, Word::The);
                    let (end, day) = self.day(
                        next,
                        Lead {
                            company: true,
                            the: true,
                            ..lead
                        },
                    )?;
                    let first = self.week(day.first);
                    Some((end, Day::stretch(first, Self::plus(first, 6))))
                }
                Word::End
                | Word::Start
                | Word::Early
                | Word::Middle
                | Word::Late
                | Word::Starting => self.edge(at, word),
                Word::EndOf(unit) => {
                    let (end, anchor) = match self.day(
                        self.skip(at + 1, Word::On),
                        Lead {
                            company: true,
                            ..lead
                        },
                    ) {
                        Some((end, day)) if unit == Unit::Day => (end, day.first),
                        _ => (at + 1, today),
                    };
                    Some((end, Day::on(self.bounds(unit, anchor)?.1)))
                }
                Word::StartOf(unit) => Some((at + 1, Day::on(self.bounds(unit, today)?.0))),
                _ => None,
            },
            _ => None,
        }
    }

    fn is_only_first(&self, at: usize) -> bool {
        en::ONLY_FIRST
            .iter()
            .any(|short| self.slice(at).eq_ignore_ascii_case(short))
    }

    /// "tom" is tomorrow only where nobody is called or spoken of.
    fn may_be_short(&self, at: usize) -> bool {
        at == 0
            && (self.loose(at + 1) || self.number(at + 1).is_some())
            && self.slice(at).starts_with(char::is_lowercase)
    }

    /// "later today", "later this week".
    fn later(&self, at: usize) -> Option<(usize, Day)> {
        let (end, day) = self.day(
            at + 1,
            Lead {
                company: true,
                ..Lead::default()
            },
        )?;
        if day.first > self.today || day.last <= self.today {
            return Some((end, day));
        }
        Some((end, Day::stretch(Self::plus(self.today, 1), day.last)))
    }

    /// "the day after tomorrow", "the day before christmas"; the day itself may be left out.
    fn around_day(&self, at: usize, shift: i32) -> Option<(usize, Day)> {
        let next = self.skip(at, Word::The);
        match self.day(
            next,
            Lead {
                company: true,
                the: next > at,
                ..Lead::default()
            },
        ) {
            Some((end, day)) if !day.wide => Some((end, Day::on(Self::plus(day.first, shift)))),
            _ if self.loose(at) => Some((at, Day::on(Self::plus(self.today, shift)))),
            _ => None,
        }
    }

    /// The first and last day of the unit that `date` is in.
    pub(super) fn bounds(&self, unit: Unit, date: Date) -> Option<(Date, Date)> {
        Some(match unit {
            Unit::Day => (date, date),
            Unit::Week => (self.week(date), Self::plus(self.week(date), 6)),
            Unit::Month => (date.first_of_month(), date.last_of_month()),
            Unit::Quarter => {
                let first = date
                    .with()
                    .day(1)
                    .month((date.month() - 1) / 3 * 3 + 1)
                    .build()
                    .ok()?;
                (first, Self::plus(first.checked_add(3.months()).ok()?, -1))
            }
            Unit::Year => (date.first_of_year(), date.last_of_year()),
            _ => return None,
        })
    }

    /// Saturday and Sunday of this week, or so many weeks later.
    fn weekend(&self, weeks: i32) -> (Date, Date) {
        let sunday = Self::weekday_from(self.today, Weekday::Sunday);
        let last = Self::plus(sunday, 7 * weeks);
        (Self::plus(last, -1), last)
    }

    /// A weekday and what may complete it: "friday the 13th", "friday week", "friday, december 4", "friday of next week".
    fn weekday(&self, at: usize, weekday: Weekday, lead: Lead) -> Option<(usize, Day)> {
        let dotted = self.mark(at + 1, b'.') && self.glued(at + 1) && self.slice(at).len() <= 5;
        let after =
            at + 1 + usize::from(dotted && self.number(at + 2).is_some() | self.loose(at + 2));
        let coming = Self::weekday_from(Self::plus(self.today, 1), weekday);
        let today = (self.today.weekday() == weekday).then_some(self.today);
        let plain = Day {
            weekday: Some(weekday),
            ..Day::on(coming)
        }
        .or(today);
        let company = Lead {
            company: true,
            preposition: true,
            ..lead
        };

        let next = self.skip(self.skip_mark(after, b','), Word::The);
        if let Some((end, day)) = self.ordinal(next)
            && !matches!(
                self.word(end),
                Some(Word::Of | Word::Month(_) | Word::Unit(_) | Word::Weekday(_))
            )
        {
            return Some((end, Day::on(self.month_day_on(day, weekday)?)));
        }
        if let Some((day @ 1..=31, _)) = self.number(next)
            && next == after
            && self.loose(next + 1)
            && !matches!(
                self.kind(next + 1),
                Some(Kind::Mark(b':' | b'.' | b'/' | b'-'))
            )
            && day > 12
        {
            return Some((
                next + 1,
                Day::on(self.month_day_on(u8::try_from(day).ok()?, weekday)?),
            ));
        }
        if matches!(
            self.kind(next),
            Some(Kind::Number(..) | Kind::Word(Word::Month(_) | Word::Ordinal(_)))
        ) && let Some((end, date)) = self
            .numeric(next, company)
            .or_else(|| self.dated(next, company))
            && !date.wide
        {
            // Where both orders of day and month are fair, the weekday tells.
            let fits = |date: &Date| date.weekday() == weekday;
            let chosen = [Some(date.first), date.other]
                .into_iter()
                .flatten()
                .find(fits)
                .unwrap_or(date.first);
            return Some((
                end,
                Day {
                    first: chosen,
                    last: chosen,
                    due: chosen,
                    ..date
                },
            ));
        }
        if self.is(after, Word::Unit(Unit::Week)) && self.loose(after + 1) {
            return Some((after + 1, Day::on(Self::plus(coming, 7))));
        }
        let of = if matches!(self.word(after), Some(Word::Of | Word::In)) {
            after + 1
        } else {
            after
        };
        let of = self.skip(of, Word::The);
        if let Some((end, week)) = self.shifted_unit(of, Unit::Week) {
            return Some((end, Day::on(Self::weekday_from(week, weekday))));
        }
        let ahead = self.skip_mark(after, b',');
        if let Some((end, length)) = self.length(ahead)
            && let Some(end) = self.from_now(end)
            && !length.is_of_hours()
        {
            let day = length.from_day(self.today, false)?;
            return Some((end, Day::on(Self::weekday_from(self.week(day), weekday))));
        }
        if self.weak(at) && !self.weekday_is_meant(at, after, lead) {
            return None;
        }
        Some((after, plain))
    }

    /// Whether a short weekday such as "sun" is a weekday here.
    fn weekday_is_meant(&self, at: usize, after: usize, lead: Lead) -> bool {
        let time_follows = self.part(after).is_some()
            || self.mark(after, b'@')
            || self.clock(after, false).is_some()
            || self.is(after, Word::At) && self.clock(after + 1, true).is_some()
            || self.is(after, Word::Until)
            || self.mark(after, b'-') && matches!(self.word(after + 1), Some(Word::Weekday(_)));
        let preposition = lead.preposition || lead.company && !lead.the;
        let ends = self.loose(after)
            && !lead.the
            && !(self.slice(at).len() == 3 && self.is(after, Word::On));
        preposition || time_follows && !lead.the || ends || self.alone(at, after)
    }

    /// The next month's day that is this weekday.
    fn month_day_on(&self, day: u8, weekday: Weekday) -> Option<Date> {
        let day = i8::try_from(day).ok()?;
        let month = |n: i32| self.today.first_of_month().checked_add(n.months()).ok();
        let dates = (0..=60).filter_map(|n| month(n)?.with().day(day).build().ok());
        let mut dates = dates.filter(|date| *date >= self.today);
        dates.find(|date| date.weekday() == weekday)
    }

    /// A weekday, unit, month or weekend of this, the next or the last time.
    fn shifted_day(&self, at: usize, word: Word, lead: Lead) -> Option<(usize, Day)> {
        let today = self.today;
        // "this past wednesday", "this coming friday".
        let (at, word) = match (word, self.word(at + 1)) {
            (Word::This, Some(inner @ (Word::Coming | Word::Past | Word::Last | Word::Next))) => {
                (at + 1, inner)
            }
            _ => (at, word),
        };
        let direction = match word {
            Word::This => 0,
            Word::Next | Word::Coming => 1,
            _ => -1,
        };
        let next = at + 1;
        if let Some(holiday) = self.holiday(next) {
            let date = holiday
                .1
                .in_year(today.year())
                .filter(|date| *date >= today);
            let date = date.or_else(|| holiday.1.in_year(today.year() + 1))?;
            return (direction >= 0).then(|| (holiday.0, Day::on(date)));
        }
        let Some(word_after) = self.word(next) else {
            return self.counted_stretch(next, direction);
        };
        match word_after {
            Word::Weekday(weekday) => {
                let coming = Self::weekday_from(Self::plus(today, 1), weekday);
                let last = Self::plus(
                    coming,
                    if coming == Self::plus(today, 7) {
                        -14
                    } else {
                        -7
                    },
                );
                let last = if today.weekday() == weekday {
                    Self::plus(today, -7)
                } else {
                    last
                };
                let following = Self::weekday_from(Self::plus(self.week(today), 7), weekday);
                let day = match word {
                    Word::This if today.weekday() == weekday => Day::on(today),
                    Word::This => Day {
                        weekday: Some(weekday),
                        ..Day::on(coming)
                    },
                    Word::Coming => Day::on(coming),
                    Word::Next => Day::on(following).or(Some(coming)),
                    _ => Day::on(last),
                };
                // "this friday 7/6", "next monday the 14th".
                let company = Lead {
                    company: true,
                    preposition: true,
                    ..lead
                };
                if let Some((end, dated)) = self.numeric(next + 1, company) {
                    return Some((end, dated));
                }
                Some((next + 1, day))
            }
            Word::Month(month) => {
                let (year, month_now) = (today.year(), today.month());
                let first = |year: i16| Date::new(year, month, 1).ok();
                let coming = if month > month_now || direction == 0 && month == month_now {
                    year
                } else {
                    year + 1
                };
                let first = first(if direction < 0 {
                    if month < month_now { year } else { year - 1 }
                } else {
                    coming
                })?;
                // "this march 3rd" is a day.
                if self.number(next + 1).is_some() || self.ordinal(next + 1).is_some() {
                    return self.dated(next, lead);
                }
                Some((next + 1, Day::stretch(first, first.last_of_month())))
            }
            Word::Part(part) => {
                let day = match direction {
                    0 => today,
                    -1 if part == Part::Night || part == Part::Evening => Self::plus(today, -1),
                    _ => return None,
                };
                Some((
                    next + 1,
                    Day {
                        part: Some(part),
                        ..Day::on(day)
                    },
                ))
            }
            Word::Unit(unit) => self.shifted_whole(next, unit, direction),
            Word::Quarter => self.shifted_whole(next, Unit::Quarter, direction),
            _ => self.counted_stretch(next, direction),
        }
    }

    /// "this week", "next month", "last year" as a stretch of days.
    fn shifted_whole(&self, at: usize, unit: Unit, direction: i32) -> Option<(usize, Day)> {
        if unit == Unit::Weekend {
            // "week-end" aside, the weekend of this week is the coming one, also on its Saturday.
            let (first, last) = self.weekend(direction);
            return Some((at + 1, Day::stretch(first, last)));
        }
        if unit == Unit::Week && self.mark(at + 1, b'-') && self.is(at + 2, Word::End) {
            let (first, last) = self.weekend(direction);
            return Some((at + 3, Day::stretch(first, last)));
        }
        if unit == Unit::Day {
            return Some((at + 1, Day::on(Self::plus(self.today, direction))));
        }
        let anchor = self.shift(self.today, unit, direction)?;
        let (first, last) = self.bounds(unit, anchor)?;
        let days = match (unit, direction) {
            (Unit::Week, -1) => Some(Days::LastWeek),
            (Unit::Week, 0) => Some(Days::ThisWeek),
            (Unit::Week, _) => Some(Days::NextWeek),
            (Unit::Month, -1) => Some(Days::LastMonth),
            (Unit::Month, 0) => Some(Days::ThisMonth),
            (Unit::Month, _) => Some(Days::NextMonth),
            _ => None,
        };
        // What is to be done this week is due by its end; what is to be done in another starts it.
        let due = if direction == 0 { last } else { first };
        Some((
            at + 1,
            Day {
                days,
                due,
                ..Day::stretch(first, last)
            },
        ))
    }

    /// The date so many units on, the first of them for months and years so that no day is lost.
    fn shift(&self, date: Date, unit: Unit, by: i32) -> Option<Date> {
        let (first, _) = self.bounds(unit, date)?;
        match unit {
            Unit::Week => Some(Self::plus(first, 7 * by)),
            Unit::Month => first.checked_add(by.months()).ok(),
            Unit::Quarter => first.checked_add((3 * by).months()).ok(),
            Unit::Year => first.checked_add(by.years()).ok(),
            _ => None,
        }
    }

    /// The first day of "this week", "next month" and so on, only of this unit.
    fn shifted_unit(&self, at: usize, unit: Unit) -> Option<(usize, Date)> {
        let by = match self.word(at)? {
            Word::This => 0,
            Word::Next | Word::Coming => 1,
            Word::Last | Word::Past => -1,
            _ => return None,
        };
        let said = match self.word(at + 1)? {
            Word::Unit(said) => said,
            _ => return None,
        };
        (said == unit).then_some((at + 2, self.shift(self.today, unit, by)?))
    }

    /// "next 3 days", "last two weeks".
    fn counted_stretch(&self, at: usize, direction: i32) -> Option<(usize, Day)> {
        let (end, length) = self.length(at)?;
        let (count, unit) = length.said?;
        let count_days = i32::from(count);
        if direction == 0 || length.is_of_hours() || count == 0 {
            return None;
        }
        let today = self.today;
        let ahead = direction > 0;
        if unit == Unit::Day {
            let edge = Self::plus(today, if ahead { count_days - 1 } else { -count_days });
            return Some((
                end,
                if ahead {
                    Day {
                        days: Some(Days::Next(count)),
                        ..Day::stretch(today, edge)
                    }
                } else {
                    Day {
                        days: Some(Days::Last(count)),
                        ..Day::stretch(edge, Self::plus(today, -1))
                    }
                },
            ));
        }
        let (this, _) = self.bounds(unit, today)?;
        let (first, after) = if ahead {
            (
                self.shift(this, unit, 1)?,
                self.shift(this, unit, count_days.min(9999) + 1)?,
            )
        } else {
            (self.shift(this, unit, -count_days.min(9999))?, this)
        };
        Some((end, Day::stretch(first, Self::plus(after, -1))))
    }

    /// "end of next month", "early march", "the beginning of the year", "mid june".
    fn edge(&self, at: usize, word: Word) -> Option<(usize, Day)> {
        let of = self.is(at + 1, Word::Of);
        let hyphen = self.mark(at + 1, b'-') && self.glued(at + 1);
        let tight = matches!(word, Word::Early | Word::Middle | Word::Late);
        let next = at + 1 + usize::from(of || hyphen && tight);
        let next = self.skip(next, Word::The);
        if !of && !tight {
            return None;
        }
        let (end, first, last, single) = match self.word(next) {
            Some(Word::Unit(Unit::Day)) if of => {
                let lead = Lead {
                    company: true,
                    preposition: true,
                    ..Lead::default()
                };
                let (end, day) = self
                    .day(self.skip(next + 1, Word::On), lead)
                    .filter(|(_, day)| !day.wide)
                    .unwrap_or((next + 1, Day::on(self.today)));
                (end, day.first, day.first, true)
            }
            Some(Word::Unit(unit)) if of && unit != Unit::Weekend => {
                let (first, last) = self.bounds(unit, self.today)?;
                (next + 1, first, last, false)
            }
            Some(Word::Quarter) if of => {
                let (first, last) = self.bounds(Unit::Quarter, self.today)?;
                (next + 1, first, last, false)
            }
            Some(Word::Part(_)) => return None,
            _ => {
                let (end, day) = match self.year(next) {
                    Some((end, year)) => {
                        let first = Date::new(year, 1, 1).ok()?;
                        (end, Day::stretch(first, first.last_of_year()))
                    }
                    None => self.day(
                        next,
                        Lead {
                            within: true,
                            company: true,
                            ..Lead::default()
                        },
                    )?,
                };
                (end, day.first, day.last, !day.wide)
            }
        };
        if single && tight {
            return None;
        }
        let third = (last - first).get_days() / 3;
        let day = match word {
            Word::Early => Day::stretch(first, Self::plus(first, third - 1)),
            Word::Middle => {
                let (from, to) = (Self::plus(first, third), Self::plus(last, -third));
                Day {
                    due: Self::plus(first, (last - first).get_days() / 2),
                    ..Day::stretch(from, to)
                }
            }
            Word::Late => Day {
                due: last,
                ..Day::stretch(Self::plus(last, 1 - third), last)
            },
            Word::End => Day::on(last),
            _ => Day::on(first),
        };
        Some((end, day))
    }

    /// A day with a name.
    pub(super) fn holiday(&self, at: usize) -> Option<(usize, Holiday)> {
        if !matches!(
            self.word(at)?,
            Word::Holiday(_) | Word::HolidayName | Word::Month(4)
        ) {
            return None;
        }
        let same = |at: usize, word: &str| {
            let said = self.slice(at);
            said.eq_ignore_ascii_case(word)
                || said.len() == word.len() + 2 && {
                    // A typographic apostrophe is three bytes, a plain one is one.
                    said.replace('\u{2019}', "'").eq_ignore_ascii_case(word)
                }
        };
        let named = en::HOLIDAYS
            .iter()
            .find(|(words, _)| words.iter().enumerate().all(|(n, word)| same(at + n, word)));
        if let Some((words, holiday)) = named {
            return Some((at + words.len(), *holiday));
        }
        match self.word(at)? {
            Word::Holiday(holiday) if self.loose(at + 1) || self.number(at + 1).is_some() => {
                Some((at + 1, holiday))
            }
            _ => None,
        }
    }

    fn holiday_in(&self, end: usize, holiday: Holiday, today: Date) -> Option<(usize, Day)> {
        let (end, date) = match self.year(end) {
            Some((end, year)) => (end, holiday.in_year(year)?),
            None => {
                let this = holiday.in_year(today.year()).filter(|date| *date >= today);
                (end, this.or_else(|| holiday.in_year(today.year() + 1))?)
            }
        };
        Some((end, Day::on(date)))
    }

    /// A year in four digits, perhaps after a comma, "of" or "in".
    pub(super) fn year(&self, at: usize) -> Option<(usize, i16)> {
        let next = match self.kind(at)? {
            Kind::Mark(b',') => at + 1,
            Kind::Word(Word::Of | Word::In) => at + 1,
            _ => at,
        };
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
    fn spelled_year(&self, at: usize) -> Option<(usize, i16)> {
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
            let (end, day) = match self.ordinal(next) {
                Some((end, day)) => (end, u32::from(day)),
                None => {
                    let (end, day) = self.count(next)?;
                    let digits = self.number(next).map_or(2, |(_, digits)| digits);
                    let other = matches!(self.kind(end), Some(Kind::Mark(b':')))
                        && self.glued(end + 1)
                        || matches!(self.word(end), Some(Word::Am | Word::Pm | Word::OClock))
                        || matches!(self.word(end), Some(Word::Letter(_))) && self.glued(end)
                        || self.mark(end, b'%');
                    if digits > 2 || other {
                        return None;
                    }
                    (end, day)
                }
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
    fn dated(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
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
        if self.is(next, Word::Last) {
            return self.nth_weekday(next + 1, -i8::try_from(nth).ok()?);
        }
        if nth <= 5 && self.is(next, Word::Unit(Unit::Week)) {
            return None;
        }
        self.day_of_month(at, next, nth, lead)
    }

    /// "on the 17", "20 of next month": a day of the month in plain digits.
    fn bare_day_of_month(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (day, digits) = self.number(at)?;
        let of = self.is(at + 1, Word::Of)
            && matches!(
                self.word(at + 2),
                Some(Word::This | Word::Next | Word::Last | Word::The)
            );
        let led = lead.preposition && lead.the && self.loose(at + 1);
        if !(1..=31).contains(&day) || digits > 2 || !of && !led {
            return None;
        }
        self.day_of_month(at, at + 1, u8::try_from(day).ok()?, lead)
    }

    /// "in 2030".
    fn whole_year(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (end, year) = self
            .year(at)
            .filter(|_| lead.within && !lead.company && !lead.the)?;
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
    fn month(&self, at: usize, month: i8, lead: Lead) -> Option<(usize, Day)> {
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
    fn nth_weekday(&self, at: usize, nth: i8) -> Option<(usize, Day)> {
        let weekday = match self.word(at)? {
            Word::Weekday(weekday) => Some(weekday),
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
        Some((
            end,
            Day {
                part,
                ..Day::on(date)
            },
        ))
    }

    /// "the 5th", "15th", "the 20th of next month".
    fn day_of_month(&self, at: usize, next: usize, day: u8, lead: Lead) -> Option<(usize, Day)> {
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

    /// Dates in digits.
    fn numeric(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
        let (first, digits) = self.number(at)?;
        if digits == 8 {
            let date = Date::new(
                i16::try_from(first / 10_000).ok()?,
                i8::try_from(first / 100 % 100).ok()?,
                i8::try_from(first % 100).ok()?,
            );
            let date = date.ok().filter(|_| YEARS.contains(&(first / 10_000)))?;
            return Some((
                at + 1,
                Day {
                    year_said: true,
                    ..Day::on(date)
                },
            ));
        }
        let sign = match self.kind(at + 1)? {
            Kind::Mark(sign @ (b'-' | b'/' | b'.')) if self.glued(at + 1) && self.glued(at + 2) => {
                sign
            }
            Kind::Number(month @ 1..=12, 2) if digits == 4 && YEARS.contains(&first) => {
                let (day, _) = self.number(at + 2).filter(|(_, digits)| *digits == 2)?;
                let date = Date::new(
                    i16::try_from(first).ok()?,
                    i8::try_from(month).ok()?,
                    i8::try_from(day).ok()?,
                )
                .ok()?;
                return Some((
                    at + 3,
                    Day {
                        year_said: true,
                        ..Day::on(date)
                    },
                ));
            }
            _ => return None,
        };
        if let Some(Word::Month(month)) = self.word(at + 2) {
            // "2026-aug-5"; "5-aug-2026" is read with the months in words.
            let (day, _) = self
                .number(at + 4)
                .filter(|_| digits == 4 && self.mark(at + 3, sign))?;
            let date =
                Date::new(i16::try_from(first).ok()?, month, i8::try_from(day).ok()?).ok()?;
            return Some((
                at + 5,
                Day {
                    year_said: true,
                    ..Day::on(date)
                },
            ));
        }
        let (second, second_digits) = self.number(at + 2)?;
        if second_digits > 2 {
            return None;
        }
        let third = self
            .number(at + 4)
            .filter(|_| self.mark(at + 3, sign) && self.glued(at + 3) && self.glued(at + 4));
        if digits == 4 {
            let (day, _) = third?;
            return self.year_month_day(at, at + 5, [first, second, day]);
        }
        if digits > 2 {
            return None;
        }
        if let Some((year, year_digits)) = third {
            let year = match year_digits {
                4 if YEARS.contains(&year) => year,
                2 => 2000 + year,
                _ => return None,
            };
            let (date, other) =
                self.either_order(first, second, Some(i16::try_from(year).ok()?), sign);
            let Some(date) = date else {
                self.note_impossible(at, at + 5);
                return None;
            };
            return Some((
                at + 5,
                Day {
                    year_said: true,
                    ..Day::on(date)
                }
                .or(other),
            ));
        }
        // Two numbers: a fraction, a score or a version more often than a date, unless something speaks for it.
        let end = match sign {
            b'/' => at + 3,
            b'.' if self.mark(at + 3, b'.')
                && self.glued(at + 3)
                && first <= 31
                && (lead.preposition || second_digits == 2 || self.loose(at + 4)) =>
            {
                at + 4
            }
            b'.' if lead.company && lead.preposition => at + 3,
            _ => return None,
        };
        if matches!(self.kind(end), Some(Kind::Mark(b'/' | b'-' | b':')))
            && self.glued(end)
            && self.glued(end + 1)
        {
            return None;
        }
        let spoken_for =
            lead.preposition || lead.company || self.loose(end) || self.clock(end, false).is_some();
        let a_name = en::NOT_DATES.contains(&(first, second)) && !lead.preposition;
        if !spoken_for || a_name || self.things(end) || lead.within && !lead.preposition {
            return None;
        }
        let (date, other) = self.either_order(first, second, None, sign);
        if date.is_none()
            && (1..=31).contains(&first)
            && (1..=31).contains(&second)
            && lead.preposition
        {
            self.note_impossible(at, end);
        }
        Some((end, Day::on(date?).or(other)))
    }

    fn year_month_day(
        &self,
        at: usize,
        end: usize,
        [year, month, day]: [u32; 3],
    ) -> Option<(usize, Day)> {
        if !YEARS.contains(&year) {
            return None;
        }
        let date = Date::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
        );
        let Ok(date) = date else {
            self.note_impossible(at, end);
            return None;
        };
        // The T of "2026-04-05T10:00".
        let joined = self.glued(end)
            && self.slice(end).eq_ignore_ascii_case("t")
            && self.clock(end + 1, true).is_some_and(|(after, _)| self.may_end(after));
        Some((
            end + usize::from(joined),
            Day {
                year_said: true,
                ..Day::on(date)
            },
        ))
    }

    /// The date that two numbers name, in the order usual where the user is, and in the other.
    fn either_order(
        &self,
        first: u32,
        second: u32,
        year: Option<i16>,
        sign: u8,
    ) -> (Option<Date>, Option<Date>) {
        let read = |month: u32, day: u32| {
            let said = MonthDay {
                month: i8::try_from(month).ok()?,
                day: i8::try_from(day).ok()?,
                year,
            };
            said.resolve(self.today)
        };
        let month_first = read(first, second);
        let day_first = read(second, first);
        let (usual, other) = if self.month_comes_first() && sign != b'.' {
            (month_first, day_first)
        } else {
            (day_first, month_first)
        };
        match usual {
            Some(_) => (usual, other),
            None => (other, None),
        }
    }

    /// Whether 3/4 is the fourth of March where the user lives. English without a place is taken as American.
    fn month_comes_first(&self) -> bool {
        let zone = self.view.now.time_zone().iana_name().unwrap_or("UTC");
        let elsewhere = [
            "Europe/",
            "Asia/",
            "Africa/",
            "Australia/",
            "Pacific/",
            "Atlantic/",
            "Indian/",
        ];
        !elsewhere.iter().any(|part| zone.starts_with(part))
            || zone == "Pacific/Honolulu"
            || zone == "Asia/Manila"
    }

    /// "from now", "from today", "later", "hence": the place after it.
    pub(super) fn from_now(&self, at: usize) -> Option<usize> {
        match self.word(at)? {
            Word::Later | Word::Hence => Some(at + 1),
            Word::From if matches!(self.word(at + 1), Some(Word::Now | Word::Today)) => {
                Some(at + 2)
            }
            _ => None,
        }
    }
}
