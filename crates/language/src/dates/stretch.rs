//! Weeks, months and other stretches relative to today: "next week", "the last two months", "end of june".

use domain::Days;
use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

use super::day::{Day, Lead};
use super::reader::Reader;
use super::word::{Part, Unit, Word};

impl Reader<'_> {
    /// A weekday, unit, month or weekend of this, the next or the last time.
    pub(super) fn shifted_day(&self, at: usize, word: Word, lead: Lead) -> Option<(usize, Day)> {
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
            // "the current apr" is a rate.
            Word::Month(_) if self.weak(next) && lead.the && direction == 0 => None,
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
            Word::Season(first) => self.season(next + 1, first, direction),
            _ => self.counted_stretch(next, direction),
        }
    }

    /// "this week", "next month", "last year" as a stretch of days.
    pub(super) fn shifted_whole(
        &self,
        at: usize,
        unit: Unit,
        direction: i32,
    ) -> Option<(usize, Day)> {
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
            (Unit::Week, 1) => Some(Days::NextWeek),
            (Unit::Month, -1) => Some(Days::LastMonth),
            (Unit::Month, 0) => Some(Days::ThisMonth),
            (Unit::Month, 1) => Some(Days::NextMonth),
            _ => None,
        };
        // What is to be done this week is due by its end; what is to be done in another starts it.
        let due = if direction == 0 { last } else { first };
        Some((
            at + 1,
            Day {
                due,
                days,
                ..Day::stretch(first, last)
            },
        ))
    }

    /// "the week", "this month" after "the rest of".
    pub(super) fn unit_of_today(&self, at: usize) -> Option<(usize, Day)> {
        let next = if matches!(self.word(at), Some(Word::The | Word::This)) {
            at + 1
        } else {
            at
        };
        match self.word(next)? {
            Word::Unit(unit @ (Unit::Day | Unit::Week | Unit::Month | Unit::Year)) => {
                let (first, last) = self.bounds(unit, self.today)?;
                Some((next + 1, Day::stretch(first, last)))
            }
            _ => None,
        }
    }

    /// The nth quarter of a year, this or the next one if it is not said.
    pub(super) fn quarter(&self, at: usize, nth: u8) -> Option<(usize, Day)> {
        let month = i8::try_from(nth).ok().filter(|nth| (1..=4).contains(nth))? * 3 - 2;
        let of = |year: i16| self.bounds(Unit::Quarter, Date::new(year, month, 1).ok()?);
        let (end, (first, last)) = match self.year(at) {
            Some((end, year)) => (end, of(year)?),
            // "first quarter numbers" are a thing, not a time.
            None if !self.loose(at) => return None,
            None => {
                let this = of(self.today.year()).filter(|(_, last)| *last >= self.today);
                (at, this.or_else(|| of(self.today.year() + 1))?)
            }
        };
        Some((end, Day::stretch(first, last)))
    }

    /// The three months of a season, as in the north.
    pub(super) fn season(&self, at: usize, first: i8, direction: i32) -> Option<(usize, Day)> {
        let of = |year: i16| {
            let first = Date::new(year, first, 1).ok()?;
            Some((first, Self::plus(first.checked_add(3.months()).ok()?, -1)))
        };
        if !self.loose(at) {
            return None;
        }
        let year = self.today.year();
        let is_meant = |days: &(Date, Date)| match direction {
            1 => days.0 > self.today,
            0 => days.1 >= self.today,
            _ => days.1 < self.today,
        };
        let mut years = [year - 1, year, year + 1];
        if direction < 0 {
            years.reverse();
        }
        let (first, last) = years.into_iter().filter_map(of).find(is_meant)?;
        Some((at, Day::stretch(first, last)))
    }

    /// The date so many units on, the first of them for months and years so that no day is lost.
    pub(super) fn shift(&self, date: Date, unit: Unit, by: i32) -> Option<Date> {
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
    pub(super) fn shifted_unit(&self, at: usize, unit: Unit) -> Option<(usize, Date)> {
        let by = match self.word(at)? {
            Word::This => 0,
            Word::Next | Word::Coming => 1,
            Word::Last | Word::Past => -1,
            _ => return None,
        };
        let Word::Unit(said) = self.word(at + 1)? else {
            return None;
        };
        (said == unit).then_some((at + 2, self.shift(self.today, unit, by)?))
    }

    /// "next 3 days", "last two weeks".
    pub(super) fn counted_stretch(&self, at: usize, direction: i32) -> Option<(usize, Day)> {
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
    pub(super) fn edge(&self, at: usize, word: Word) -> Option<(usize, Day)> {
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
    pub(super) fn weekend(&self, weeks: i32) -> (Date, Date) {
        let sunday = Self::weekday_from(self.today, Weekday::Sunday);
        let last = Self::plus(sunday, 7 * weeks);
        (Self::plus(last, -1), last)
    }
    /// "from now", "from today", "later", "hence": the place after it.
    pub(super) fn counting_from_now(&self, at: usize) -> Option<usize> {
        match self.word(at)? {
            Word::Later | Word::Hence => Some(at + 1),
            Word::From if matches!(self.word(at + 1), Some(Word::Now | Word::Today)) => {
                Some(at + 2)
            }
            _ => None,
        }
    }
}
