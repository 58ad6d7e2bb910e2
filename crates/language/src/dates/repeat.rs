//! Repeats: "every other friday", "the 15th of each month", "daily for 5 times".

use domain::{ByDay, Frequency, RepeatMode, Rule};
use jiff::civil::Weekday;

use super::reader::Reader;
use super::scan::Kind;
use super::word::{Holiday, Part, Unit, Word};

/// A repeat as it was said.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) rule: Rule,
    pub(super) mode: RepeatMode,
    /// "every morning".
    pub(super) part: Option<Part>,
}

impl Said {
    fn new(rule: Rule) -> Self {
        Self {
            rule,
            mode: RepeatMode::Schedule,
            part: None,
        }
    }
}

const WORKDAYS: [Weekday; 5] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
];

fn on_weekdays(interval: u16, days: &[Weekday]) -> Rule {
    let by_day = days
        .iter()
        .map(|weekday| ByDay {
            nth: None,
            weekday: *weekday,
        })
        .collect();
    Rule {
        by_day,
        ..Rule::every(interval, Frequency::Weekly)
    }
}

fn on_month_days(interval: u16, days: Vec<i8>) -> Rule {
    Rule {
        by_month_day: days,
        ..Rule::every(interval, Frequency::Monthly)
    }
}

fn in_year(month: i8, days: Vec<i8>) -> Rule {
    Rule {
        by_month: vec![month],
        by_month_day: days,
        ..Rule::every(1, Frequency::Yearly)
    }
}

/// The rule for every so many of a unit. `None` for what is shorter than a day.
fn every(count: u16, unit: Unit) -> Option<Rule> {
    let rule = match unit {
        Unit::Second | Unit::Minute | Unit::Hour => return None,
        Unit::Day => Rule::every(count, Frequency::Daily),
        Unit::Week => Rule::every(count, Frequency::Weekly),
        Unit::Fortnight => Rule::every(count.checked_mul(2)?, Frequency::Weekly),
        Unit::Weekend => on_weekdays(count, &[Weekday::Saturday, Weekday::Sunday]),
        Unit::Workday => on_weekdays(count, &WORKDAYS),
        Unit::Month => Rule::every(count, Frequency::Monthly),
        Unit::Quarter => Rule::every(count.checked_mul(3)?, Frequency::Monthly),
        Unit::Year => Rule::every(count, Frequency::Yearly),
    };
    (u32::from(rule.interval) <= INTERVAL_MAX).then_some(rule)
}

/// The longest interval that is meant as one.
const INTERVAL_MAX: u32 = 1000;

impl Reader<'_> {
    /// A repeat.
    pub(super) fn repeat(&self, at: usize) -> Option<(usize, Said)> {
        let (end, said) = match self.word(at) {
            Some(Word::Every) => self.every(at)?,
            Some(Word::Often(count, unit)) => self.often(at, u16::from(count), unit)?,
            Some(Word::Weekdays(_)) => self.plural_weekdays(at)?,
            Some(Word::Other) if matches!(self.word(at + 1), Some(Word::Weekdays(_))) => {
                self.every_nth(at + 1, 2)?
            }
            Some(Word::Weekday(weekday)) if self.plural_part(at + 1).is_some() => {
                let part = self.plural_part(at + 1);
                (
                    at + 2,
                    Said {
                        part,
                        ..Said::new(on_weekdays(1, &[weekday]))
                    },
                )
            }
            Some(Word::Unit(Unit::Workday)) if self.plural_part(at + 1).is_some() => {
                let part = self.plural_part(at + 1);
                (
                    at + 2,
                    Said {
                        part,
                        ..Said::new(on_weekdays(1, &WORKDAYS))
                    },
                )
            }
            Some(Word::Unit(unit @ (Unit::Workday | Unit::Weekend))) => {
                let plural = self.slice(at).ends_with(['s', 'S']);
                (plural && self.loose(at + 1)).then_some((at + 1, Said::new(every(1, unit)?)))?
            }
            Some(Word::Once | Word::Number(1) | Word::A | Word::Letter(b'a')) => self.once_a(at)?,
            Some(Word::End | Word::Start | Word::Starting) if self.is(at + 1, Word::Of) => {
                let (end, interval) = self.of_months(at + 1)?;
                let day = if self.is(at, Word::End) { -1 } else { 1 };
                (end, Said::new(on_month_days(interval, vec![day])))
            }
            _ => self.nth_of_months(at)?,
        };
        let (end, said) = self.repeat_tail(end, said);
        self.may_end(end).then_some((end, said))
    }

    /// "mornings", "nights".
    fn plural_part(&self, at: usize) -> Option<Part> {
        match self.word(at)? {
            Word::Part(part) if self.slice(at).ends_with(['s', 'S']) => Some(part),
            _ => None,
        }
    }

    /// What follows "every".
    fn every(&self, at: usize) -> Option<(usize, Said)> {
        let again = self.is(at + 1, Word::And) && self.is(at + 2, Word::Every);
        let mut next = at + if again { 3 } else { 1 };
        let done = self.mark(next, b'!') && self.glued(next);
        next += usize::from(done);
        let (end, mut said) = self.every_what(next)?;
        let (end, rule) = self.except(end, said.rule);
        said.rule = rule;
        if done {
            said.mode = RepeatMode::Completion;
        }
        Some((end, said))
    }

    /// "every day except sundays": the other days of the week.
    fn except(&self, at: usize, rule: Rule) -> (usize, Rule) {
        let among = match rule.frequency {
            _ if rule.interval != 1 => Vec::new(),
            Frequency::Daily => Weekday::Monday.cycle_forward().take(7).collect(),
            Frequency::Weekly => rule.by_day.iter().map(|by| by.weekday).collect(),
            _ => Vec::new(),
        };
        let next = self.skip(at + 1, Word::On);
        let without = match self.word(next) {
            _ if among.is_empty() || !self.is(at, Word::Except) => None,
            Some(Word::Unit(Unit::Weekend)) => {
                Some((next + 1, vec![Weekday::Saturday, Weekday::Sunday]))
            }
            _ => self.weekdays(next),
        };
        let Some((end, without)) = without else {
            return (at, rule);
        };
        let days: Vec<_> = among
            .into_iter()
            .filter(|day| !without.contains(day))
            .collect();
        if days.is_empty() {
            (at, rule)
        } else {
            (end, on_weekdays(1, &days))
        }
    }

    fn every_what(&self, at: usize) -> Option<(usize, Said)> {
        // "every single day"
        let at = self.skip(at, Word::More);
        if let Some((end, holiday)) = self.holiday(at) {
            let Holiday::Fixed(month, day) = holiday else {
                return None;
            };
            return Some((end, Said::new(in_year(month, vec![day]))));
        }
        // "every second friday" and "every other friday" are every two weeks; "every 2nd friday" may be of the month.
        let other = match self.word(at) {
            Some(Word::Other) => true,
            Some(Word::Ordinal(2)) => matches!(self.word(at + 1), Some(Word::Unit(_))),
            _ => false,
        };
        if other {
            return self.every_nth(at + 1, 2);
        }
        if self.is(at, Word::Last) {
            return self.every_ordinal(at);
        }
        if let Some((next, nth)) = self.ordinal(at) {
            if let Some(Word::Unit(unit)) = self.word(next)
                && !(unit == Unit::Day
                    && (nth == 1 || matches!(self.word(next + 1), Some(Word::Of | Word::In))))
            {
                return Some((next + 1, Said::new(every(u16::from(nth), unit)?)));
            }
            return self.every_ordinal(at);
        }
        if let Some((end, rule)) = self.yearly_days(at) {
            return Some((end, Said::new(rule)));
        }
        if let Some((end, said)) = self.month_day(at)
            && said.day > days_at_most(said.month)
        {
            self.note_impossible(at, end);
            return None;
        }
        if let Some((next, count)) = self.count(at) {
            if count == 0 || count > INTERVAL_MAX {
                return None;
            }
            if let Some(found) = self.every_nth(next, u16::try_from(count).ok()?) {
                return Some(found);
            }
            let days = self.month_days(at)?;
            return self
                .loose(days.0)
                .then(|| (days.0, Said::new(on_month_days(1, days.1))));
        }
        if self.is(at, Word::Few) || self.is(at, Word::Couple) {
            let count = if self.is(at, Word::Few) { 3 } else { 2 };
            return self.every_nth(self.skip(at + 1, Word::Of), count);
        }
        self.every_nth(at, 1)
    }

    /// "days", "mon and thu", "morning" after "every 3", "every other" or "every".
    fn every_nth(&self, at: usize, count: u16) -> Option<(usize, Said)> {
        match self.word(at)? {
            Word::Unit(unit) => Some((at + 1, Said::new(every(count, unit)?))),
            Word::Letter(letter) if self.glued(at) => {
                let unit = match letter {
                    b'd' => Unit::Day,
                    b'w' => Unit::Week,
                    b'y' => Unit::Year,
                    _ => return None,
                };
                Some((at + 1, Said::new(every(count, unit)?)))
            }
            Word::Quarter => Some((at + 1, Said::new(every(count, Unit::Quarter)?))),
            Word::Part(part) => {
                let said = Said {
                    part: Some(part),
                    ..Said::new(every(count, Unit::Day)?)
                };
                Some((at + 1, said))
            }
            Word::Weekday(_) | Word::Weekdays(_) => {
                let (end, days) = self.weekdays(at)?;
                Some((end, Said::new(on_weekdays(count, &days))))
            }
            Word::Month(month) => {
                let days = vec![1];
                Some((
                    at + 1,
                    Said::new(Rule {
                        interval: count,
                        ..in_year(month, days)
                    }),
                ))
            }
            _ => None,
        }
    }

    /// "daily", "weekly" and so on: not before a noun, as in "weekly report".
    fn often(&self, at: usize, count: u16, unit: Unit) -> Option<(usize, Said)> {
        let said = Said::new(every(count, unit)?);
        let (end, _) = self.repeat_tail(at + 1, said.clone());
        (end > at + 1
            || self.is(at + 1, Word::Task)
            || self.loose(at + 1) && !self.mark(at + 1, b'-')
            || self.tail_follows(at + 1))
        .then_some((at + 1, said))
    }

    fn tail_follows(&self, at: usize) -> bool {
        self.clock(at, false).is_some() || matches!(self.word(at), Some(Word::Weekday(_)))
    }

    /// "mondays", "tuesdays and thursdays", "saturdays through tuesdays".
    fn plural_weekdays(&self, at: usize) -> Option<(usize, Said)> {
        let (end, days) = self.weekdays(at)?;
        Some((end, Said::new(on_weekdays(1, &days))))
    }

    /// "once a week", "one a day", "once every two months".
    fn once_a(&self, at: usize) -> Option<(usize, Said)> {
        let next = at + 1;
        if matches!(self.word(at), Some(Word::A | Word::Letter(_))) {
            return None;
        }
        if self.is(next, Word::Every) {
            return self.every(next);
        }
        if !self.article(next) {
            return None;
        }
        match self.word(next + 1)? {
            Word::Unit(unit) => Some((next + 2, Said::new(every(1, unit)?))),
            Word::Quarter => Some((next + 2, Said::new(every(1, Unit::Quarter)?))),
            _ => None,
        }
    }

    /// "of every 3rd month", "of each month": the place after it and how many months. Plain "of the month" only where
    /// "every" stands before.
    fn of_months(&self, at: usize) -> Option<(usize, u16)> {
        if !matches!(self.word(at), Some(Word::Of | Word::In | Word::On))
            || !self.is(at + 1, Word::Every)
        {
            return None;
        }
        let mut next = at + 2;
        let mut interval = 1;
        if self.is(next, Word::Other) {
            (next, interval) = (next + 1, 2);
        } else if let Some((after, nth)) = self.ordinal(next) {
            (next, interval) = (after, u16::from(nth));
        } else if let Some((after, count @ 1..=INTERVAL_MAX)) = self.count(next) {
            (next, interval) = (after, u16::try_from(count).ok()?);
        }
        match self.word(next)? {
            Word::Unit(Unit::Month) => Some((next + 1, interval)),
            Word::Quarter => Some((next + 1, interval.checked_mul(3)?)),
            _ => None,
        }
    }

    /// "the first and third friday of every month", "last day of each month", "the 4th of every 3rd month".
    fn nth_of_months(&self, at: usize) -> Option<(usize, Said)> {
        let (next, rule) = self.nth_days(at)?;
        if let Some((end, interval)) = self.of_months(next) {
            return Some((end, Said::new(Rule { interval, ..rule })));
        }
        // "the fourth thursday in november every year"
        if matches!(self.word(next), Some(Word::Of | Word::In))
            && let Some(Word::Month(month)) = self.word(next + 1)
            && self.is(next + 2, Word::Every)
            && self.is(next + 3, Word::Unit(Unit::Year))
        {
            return Some((next + 4, Said::new(yearly(rule, month))));
        }
        None
    }

    /// The same after "every", where "of the month" may follow or nothing at all.
    fn every_ordinal(&self, at: usize) -> Option<(usize, Said)> {
        let (next, rule) = self.nth_days(at)?;
        if let Some((end, interval)) = self.of_months(next) {
            return Some((end, Said::new(Rule { interval, ..rule })));
        }
        if matches!(self.word(next), Some(Word::Of | Word::In)) {
            let target = self.skip(next + 1, Word::The);
            match self.word(target) {
                Some(Word::Unit(Unit::Month)) => return Some((target + 1, Said::new(rule))),
                Some(Word::Month(month)) => {
                    return Some((target + 1, Said::new(yearly(rule, month))));
                }
                _ => {}
            }
        }
        (!matches!(self.word(next), Some(Word::Thing))).then(|| (next, Said::new(rule)))
    }

    /// Which days of a month: "first monday", "last day", "5th and 20th", "2nd last friday".
    fn nth_days(&self, at: usize) -> Option<(usize, Rule)> {
        let mut nths = Vec::new();
        let mut next = at;
        loop {
            let item = self.skip(next, Word::The);
            let (after, nth) = match self.ordinal(item) {
                Some((after, nth)) if self.is(after, Word::Last) => {
                    (after + 1, -i8::try_from(nth).ok()?)
                }
                Some((after, nth)) => (after, i8::try_from(nth).ok()?),
                None if self.is(item, Word::Last) => (item + 1, -1),
                None => break,
            };
            nths.push(nth);
            next = after;
            match self.list_next(after) {
                Some(more) if nths.len() < 31 && self.starts_nth(more) => next = more,
                _ => {
                    break;
                }
            }
        }
        if nths.is_empty() {
            return None;
        }
        if matches!(self.word(next), Some(Word::Weekday(_) | Word::Weekdays(_))) {
            let (end, days) = self.weekdays(next)?;
            let by_day = days.iter().flat_map(|weekday| {
                nths.iter().map(|nth| ByDay {
                    nth: Some(*nth),
                    weekday: *weekday,
                })
            });
            let small = nths.iter().all(|nth| nth.unsigned_abs() <= 5);
            return small.then(|| {
                (
                    end,
                    Rule {
                        by_day: by_day.collect(),
                        ..Rule::every(1, Frequency::Monthly)
                    },
                )
            });
        }
        if matches!(self.word(next), Some(Word::Unit(Unit::Workday))) {
            let by_day = WORKDAYS
                .iter()
                .map(|weekday| ByDay {
                    nth: None,
                    weekday: *weekday,
                })
                .collect();
            let by_set_position = nths.iter().map(|nth| i16::from(*nth)).collect();
            return Some((
                next + 1,
                Rule {
                    by_day,
                    by_set_position,
                    ..Rule::every(1, Frequency::Monthly)
                },
            ));
        }
        let end = self.skip(next, Word::Unit(Unit::Day));
        // "last week" is no day of the month, and "last" alone is only one after "2nd".
        let bare_last = end == next && nths == [-1];
        let days = nths.iter().all(|nth| nth.unsigned_abs() <= 31);
        (!bare_last && days && !matches!(self.word(end), Some(Word::Unit(_))))
            .then(|| (end, on_month_days(1, nths)))
    }

    fn starts_nth(&self, at: usize) -> bool {
        let at = self.skip(at, Word::The);
        self.is(at, Word::Last) || self.ordinal(at).is_some()
    }

    /// The place after what joins a list: a comma, "and", "&" or several.
    fn list_next(&self, at: usize) -> Option<usize> {
        let comma = self.skip_mark(self.skip_mark(at, b','), b'&');
        let next = self.skip(comma, Word::And);
        (next > at).then_some(next)
    }

    /// Weekdays in a list or a range, in any form; each once.
    fn weekdays(&self, at: usize) -> Option<(usize, Vec<Weekday>)> {
        let weekday = |at: usize| match self.word(at)? {
            Word::Weekday(weekday) | Word::Weekdays(weekday) => Some(weekday),
            _ => None,
        };
        let mut days = vec![weekday(at)?];
        let mut end = self.after_weekday(at);
        loop {
            if let Some(next) = self.range_to(end, false)
                && let Some(last) = weekday(next)
            {
                let mut day = *days.last()?;
                while day != last {
                    day = day.next();
                    if !days.contains(&day) {
                        days.push(day);
                    }
                }
                end = self.after_weekday(next);
            } else if let Some(next) = self
                .list_next(end)
                .map(|next| self.skip(self.skip(next, Word::On), Word::Every))
                .or(Some(end))
                && let Some(day) = weekday(next)
            {
                if !days.contains(&day) {
                    days.push(day);
                }
                end = self.after_weekday(next);
            } else if self.mark(end, b'/') && self.glued(end + 1) && weekday(end + 1).is_some() {
                end += 1;
            } else {
                break;
            }
        }
        Some((end, days))
    }

    /// The place after a weekday, the dot of a short one included.
    fn after_weekday(&self, at: usize) -> usize {
        let dot = self.mark(at + 1, b'.') && self.glued(at + 1) && self.slice(at).len() <= 5;
        at + 1 + usize::from(dot && self.tokens.len() > at + 2)
    }

    /// Days of the month in digits: "15", "5, 20".
    fn month_days(&self, at: usize) -> Option<(usize, Vec<i8>)> {
        let mut days = Vec::new();
        let mut next = at;
        let mut end = at;
        while let Some((day @ 1..=31, 1..=2)) = self.number(next) {
            days.push(i8::try_from(day).ok()?);
            end = next + 1;
            match self.list_next(end) {
                Some(more) if days.len() < 31 => next = more,
                _ => break,
            }
        }
        (!days.is_empty()).then_some((end, days))
    }

    /// "march 3", "december 21st and 31st", "the 3rd of march".
    fn yearly_days(&self, at: usize) -> Option<(usize, Rule)> {
        let (mut end, said) = self
            .month_day(self.skip(at, Word::The))
            .filter(|(_, said)| said.year.is_none())?;
        // 29 February comes, if not every year.
        if said.day > days_at_most(said.month) {
            return None;
        }
        let mut days = vec![said.day];
        while let Some(next) = self.list_next(end)
            && let Some((after, day)) = self.ordinal(next)
            && days.len() < 31
            && !matches!(self.word(after), Some(Word::Of | Word::Month(_)))
        {
            days.push(i8::try_from(day).ok()?);
            end = after;
        }
        Some((end, in_year(said.month, days)))
    }

    /// What says on which days, after how often: "on mon and fri", "on the 15th", "on the first monday", "at the end".
    fn repeat_tail(&self, at: usize, said: Said) -> (usize, Said) {
        let rule = &said.rule;
        if !(rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_month.is_empty()) {
            return (at, said);
        }
        let on = if matches!(self.word(at), Some(Word::On | Word::At | Word::In)) {
            at + 1
        } else {
            at
        };
        let the = self.skip(on, Word::The);
        let interval = rule.interval;
        let found = match rule.frequency {
            Frequency::Weekly => self
                .weekdays(on)
                .map(|(end, days)| (end, on_weekdays(interval, &days))),
            Frequency::Monthly if on > at || the > at => match self.word(the) {
                Some(Word::End) => Some((the + 1, on_month_days(interval, vec![-1]))),
                Some(Word::Start | Word::Starting) => {
                    Some((the + 1, on_month_days(interval, vec![1])))
                }
                _ => self
                    .nth_days(the)
                    .map(|(end, days)| (end, Rule { interval, ..days }))
                    .or_else(|| {
                        let (end, days) = self.month_days(the)?;
                        (self.loose(end) && !self.is(at, Word::At))
                            .then(|| (end, on_month_days(interval, days)))
                    }),
            },
            Frequency::Yearly => self
                .yearly_days(on)
                .map(|(end, days)| (end, Rule { interval, ..days }))
                .or_else(|| {
                    let (next, days) = self.nth_days(the).filter(|_| on > at)?;
                    let month = match self.word(next + 1)? {
                        Word::Month(month)
                            if matches!(self.word(next), Some(Word::Of | Word::In)) =>
                        {
                            month
                        }
                        _ => return None,
                    };
                    Some((
                        next + 2,
                        Rule {
                            interval,
                            ..yearly(days, month)
                        },
                    ))
                }),
            _ => None,
        };
        match found {
            Some((end, rule)) => (end, Said { rule, ..said }),
            None => (at, said),
        }
    }

    /// "5 times", "for 5 occurrences", "twice".
    pub(super) fn times(&self, at: usize) -> Option<(usize, u32)> {
        let next = self.skip(at, Word::For);
        if self.is(next, Word::Twice) {
            return Some((next + 1, 2));
        }
        let (end, count) = self.count(next)?;
        (self.is(end, Word::Times) && (1..=10_000).contains(&count)).then_some((end + 1, count))
    }

    /// "after I finish", "after completion", "when done".
    pub(super) fn on_completion(&self, at: usize) -> Option<usize> {
        let when = self.slice(at).eq_ignore_ascii_case("when");
        if !when && !matches!(self.word(at), Some(Word::After | Word::From)) {
            return None;
        }
        let mut next = at + 1;
        for _ in 0..3 {
            next = self.skip(next, Word::Pronoun);
        }
        let end = self.skip(next, Word::The);
        self.is(end, Word::Finish).then(|| {
            let it = self.skip(end + 1, Word::Pronoun);
            if self.loose(it) { it } else { end + 1 }
        })
    }

    /// "3 days after I finish": a repeat that counts from when it was done.
    pub(super) fn after_done(&self, at: usize) -> Option<(usize, Said)> {
        if !matches!(
            self.kind(at)?,
            Kind::Number(..) | Kind::Word(Word::Number(_) | Word::A | Word::Letter(b'a'))
        ) {
            return None;
        }
        let (next, length) = self.length(at)?;
        let (count, unit) = length.said?;
        let end = self.on_completion(next)?;
        let rule = every(count, unit).filter(|_| count > 0 && u32::from(count) <= INTERVAL_MAX)?;
        Some((
            end,
            Said {
                mode: RepeatMode::Completion,
                ..Said::new(rule)
            },
        ))
    }
}

/// The days of a month's rule, in one month of the year.
fn yearly(rule: Rule, month: i8) -> Rule {
    Rule {
        frequency: Frequency::Yearly,
        by_month: vec![month],
        ..rule
    }
}

/// The most days a month can have.
fn days_at_most(month: i8) -> i8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
