//! Days and stretches of days: "tomorrow", "march 3rd", "the first monday of april", "next week", "9 to 12 june".

use domain::Days;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::reader::Reader;
use super::scan::Kind;
use super::word::{Part, Unit, Word};
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

    pub(super) fn or(self, other: Option<Date>) -> Self {
        Self {
            other: other.filter(|other| *other != self.first),
            ..self
        }
    }
}

/// What was said before a day.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each word before a day may be there or not"
)]
pub(super) struct Lead {
    /// "on", "by", "due" and others that dates follow.
    pub(super) preposition: bool,
    /// "in", which months, years and lengths of time follow.
    pub(super) within: bool,
    pub(super) the: bool,
    /// Another piece of a date stands before it, or it is the second end of a range.
    pub(super) company: bool,
}

impl Reader<'_> {
    /// A day, or a range of days.
    pub(super) fn days(
        &self,
        at: usize,
        lead: Lead,
        from: bool,
        between: bool,
    ) -> Option<(usize, Day)> {
        if let Some(range) = self.number_range(at, between) {
            return Some(range);
        }
        let (end, first) = self.day_unchecked(at, lead)?;
        let range = if first.wide && !from {
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
        self.nested(|| self.any_day(at, lead))
    }

    fn any_day(&self, at: usize, lead: Lead) -> Option<(usize, Day)> {
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
                Word::Month(_) | Word::Ordinal(_) | Word::Number(_) => self.dated(at, lead),
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
                _ => self.named_stretch(at, word, lead),
            },
            _ => None,
        }
    }

    /// "the week of june 1", "the rest of the month", "end of march", "q3".
    fn named_stretch(&self, at: usize, word: Word, lead: Lead) -> Option<(usize, Day)> {
        let today = self.today;
        match word {
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
            Word::End | Word::Start | Word::Early | Word::Middle | Word::Late | Word::Starting => {
                self.edge(at, word)
            }
            Word::Unit(unit)
                if lead.the && self.is(at + 1, Word::After) && self.is(at + 2, Word::Next) =>
            {
                let (end, day) = self.shifted_whole(at, unit, 2)?;
                Some((end + 2, day))
            }
            Word::Rest if self.is(at + 1, Word::Of) => {
                let (end, day) = self.unit_of_today(at + 2)?;
                let due = day.last;
                Some((
                    end,
                    Day {
                        due,
                        days: None,
                        ..Day::stretch(today, day.last)
                    },
                ))
            }
            Word::Letter(b'q') if self.glued(at + 1) => {
                let (nth, _) = self.number(at + 1)?;
                self.quarter(at + 2, u8::try_from(nth).ok()?)
            }
            Word::Season(first) if lead.the && lead.within => self.season(at + 1, first, 0),
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
        if self.is(after, Word::After) && self.is(after + 1, Word::Next) {
            return Some((after + 2, Day::on(Self::plus(coming, 7))));
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
            && let back = self.is(end, Word::Ago)
            && let Some(end) = self.counting_from_now(end).or(back.then_some(end + 1))
            && !length.is_of_hours()
        {
            let day = length.after_day(self.today, back)?;
            return Some((end, Day::on(Self::weekday_from(self.week(day), weekday))));
        }
        if self.weak(at) && !self.weekday_is_meant(at, after, lead) {
            return None;
        }
        // Nobody meets with a day, but with somebody who is called Friday.
        if at
            .checked_sub(1)
            .is_some_and(|before| self.slice(before).eq_ignore_ascii_case("with"))
        {
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
}
