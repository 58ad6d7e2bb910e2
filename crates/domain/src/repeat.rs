//! How a task comes back: recurrence rules of RFC 5545 (iCalendar), by the day and coarser.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::{ToSpan, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Due;

/// Why a text is not a recurrence rule we keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\u{201c}{text}\u{201d} is not a repeat rule: {why}")]
pub struct RuleError {
    text: String,
    why: String,
}

/// The length of one round of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// Every day.
    Daily,
    /// Every week.
    Weekly,
    /// Every month.
    Monthly,
    /// Every year.
    Yearly,
}

/// A weekday in a rule: every one, or only the nth of the month or year (negative: from its end).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByDay {
    /// Which one; `None` is every one.
    pub nth: Option<i8>,
    /// The weekday.
    pub weekday: Weekday,
}

/// A recurrence rule: the parts of RFC 5545 §3.3.10 that speak of days.
///
/// Its text and JSON form is the RFC's, `FREQ=MONTHLY;BYDAY=-1FR`, and what is read is written back the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The length of a round.
    pub frequency: Frequency,
    /// How many rounds from one to the next; at least 1.
    pub interval: u16,
    /// Only on these weekdays.
    pub by_day: Vec<ByDay>,
    /// Only on these days of the month (negative: from its end).
    pub by_month_day: Vec<i8>,
    /// Only in these months.
    pub by_month: Vec<i8>,
    /// Of a round's days only these (from 1; negative: from its end).
    pub by_set_position: Vec<i16>,
    /// The first day of a week.
    pub week_start: Weekday,
    /// How many times in all, this one included.
    pub count: Option<u32>,
    /// The last day there may be one.
    pub until: Option<Date>,
}

/// What the next occurrence is counted from.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum RepeatMode {
    /// The day it was due: "every week".
    #[default]
    Schedule,
    /// The day it was done: "a week after I did it", `every!`.
    Completion,
}

/// What becomes of occurrences whose time passed before the task was done; on schedule only.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Missed {
    /// They are forgotten: the next is the first one still to come.
    #[default]
    Skip,
    /// The latest of them stands for all: it is opened, overdue, and the others are forgotten.
    One,
    /// Each of them is opened in its turn.
    All,
}

/// How a task comes back once it is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Repeat {
    /// On which days.
    pub rule: Rule,
    /// Counted from what.
    #[serde(default)]
    pub mode: RepeatMode,
    /// What of those missed.
    #[serde(default)]
    pub missed: Missed,
}

impl Repeat {
    /// The due date after `due`, when the task is done at `done` (in the user's zone), and how it goes on from there.
    /// `None` when the rule has come to its end.
    pub fn next(&self, due: &Due, done: &Zoned) -> Option<(Due, Self)> {
        // A due date with a zone of its own was done on the day it is there.
        let done_on = due.zone().map_or(done.date(), |zone| {
            zone.rules().to_datetime(done.timestamp()).date()
        });
        let start = match self.mode {
            RepeatMode::Schedule => due.date,
            RepeatMode::Completion => done_on,
        };
        // How many there may be after this one, which counts even if it was moved to a day that the rule does not name.
        let left = match self.rule.count {
            Some(count) => count.checked_sub(1)?,
            None => u32::MAX,
        };
        let uncounted = Rule {
            count: None,
            ..self.rule.clone()
        };
        let missed = |day: Date| match due.time {
            Some(_) => due.on_date(day).instant(done.time_zone()) <= done.timestamp(),
            // What is due today is done by doing it today.
            None => day <= done.date(),
        };
        let by_schedule = self.mode == RepeatMode::Schedule && self.missed != Missed::All;
        let after = |round| {
            uncounted
                .days_from(start, round)
                .skip_while(move |day| *day <= start)
        };
        // Rounds long past need not be gone through one by one, unless somebody counts.
        let mut round = if by_schedule && self.rule.count.is_none() {
            self.rule.round_before(start, done_on)
        } else {
            0
        };
        let mut back = 1;
        while self.missed == Missed::One && round > 0 && !after(round).next().is_some_and(missed) {
            round = (round - back).max(0);
            back *= 2;
        }
        let mut days = (1..=left).zip(after(round)).peekable();
        let mut chosen = days.next()?;
        if by_schedule && self.missed == Missed::Skip {
            while missed(chosen.1) {
                chosen = days.next()?;
            }
        } else if by_schedule {
            while let Some(later) = days.next_if(|(_, later)| missed(*later)) {
                chosen = later;
            }
        }
        let (passed, day) = chosen;
        let mut next = self.clone();
        next.rule.count = self.rule.count.map(|count| count - passed);
        Some((due.on_date(day), next))
    }
}

impl Rule {
    /// A rule that says no more than how often.
    pub fn every(interval: u16, frequency: Frequency) -> Self {
        Self {
            frequency,
            interval: interval.max(1),
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_month: Vec::new(),
            by_set_position: Vec::new(),
            week_start: Weekday::Monday,
            count: None,
            until: None,
        }
    }

    /// The first day of the rule that is not before `from`. `None` if there is none.
    pub fn first(&self, from: Date) -> Option<Date> {
        self.days(from).next()
    }

    /// The days of a series that starts on `start`, in order. Days that do not exist (31 April) are passed over, as
    /// the RFC says; `start` itself counts only if the rule names it.
    pub fn days(&self, start: Date) -> impl Iterator<Item = Date> + '_ {
        self.days_from(start, 0)
    }

    /// The same, without those of the rounds before `round`.
    fn days_from(&self, start: Date, mut round: i32) -> impl Iterator<Item = Date> + '_ {
        // A rule may name days that never come (30 February); more rounds than any real rule needs without one are
        // taken as the end. The rarest day is a 29 February on a given weekday: 40 years, or 14,610 days, apart.
        const BARREN_ROUNDS_MAX: u32 = 15_000;
        let mut barren = 0;
        let mut ready: std::vec::IntoIter<Date> = Vec::new().into_iter();
        let mut given = 0;
        std::iter::from_fn(move || {
            loop {
                if self.count.is_some_and(|count| given >= count) {
                    return None;
                }
                if let Some(day) = ready.next() {
                    if self.until.is_some_and(|until| day > until) {
                        return None;
                    }
                    given += 1;
                    return Some(day);
                }
                if barren > BARREN_ROUNDS_MAX {
                    return None;
                }
                let mut days = self.round(start, round)?;
                days.retain(|day| *day >= start);
                barren = if days.is_empty() { barren + 1 } else { 0 };
                round += 1;
                ready = days.into_iter();
            }
        })
    }

    /// A round of the series from `start` that ends some days before `day`, or the first.
    fn round_before(&self, start: Date, day: Date) -> i32 {
        let days = day.duration_since(start).as_hours() / 24;
        let passed = match self.frequency {
            Frequency::Daily => days,
            Frequency::Weekly => days / 7,
            Frequency::Monthly => days / 31,
            Frequency::Yearly => days / 366,
        };
        let rounds = (passed - 4) / i64::from(self.interval.max(1)) - 1;
        i32::try_from(rounds.max(0)).unwrap_or(0)
    }

    /// The days of the nth round, in order. `None` when the calendar ends.
    fn round(&self, start: Date, n: i32) -> Option<Vec<Date>> {
        let step = n.checked_mul(i32::from(self.interval.max(1)))?;
        let mut days: Vec<Date> = match self.frequency {
            Frequency::Daily => vec![start.checked_add(step.days()).ok()?],
            Frequency::Weekly => {
                let first = week_of(start, self.week_start)
                    .checked_add(step.weeks())
                    .ok()?;
                let wanted: Vec<Weekday> = if self.by_day.is_empty() {
                    vec![start.weekday()]
                } else {
                    self.by_day.iter().map(|by| by.weekday).collect()
                };
                let week = (0..7).filter_map(|day| first.checked_add(day.days()).ok());
                week.filter(|day| wanted.contains(&day.weekday())).collect()
            }
            Frequency::Monthly => {
                let first = start.first_of_month().checked_add(step.months()).ok()?;
                self.month(first, start.day())
            }
            Frequency::Yearly => {
                let first = Date::new(start.year(), 1, 1)
                    .ok()?
                    .checked_add(step.years())
                    .ok()?;
                self.year(first, start)
            }
        };
        if !self.by_month.is_empty() {
            days.retain(|day| self.by_month.contains(&day.month()));
        }
        if self.frequency == Frequency::Daily {
            days.retain(|day| {
                (self.by_day.is_empty() || self.by_day.iter().any(|by| by.weekday == day.weekday()))
                    && (self.by_month_day.is_empty()
                        || self.by_month_day.iter().any(|&by| is_month_day(*day, by)))
            });
        }
        days.sort();
        days.dedup();
        if !self.by_set_position.is_empty() {
            let length = i16::try_from(days.len()).ok()?;
            let kept = |index: usize| {
                let place = i16::try_from(index).unwrap_or(i16::MAX).saturating_add(1);
                self.by_set_position
                    .iter()
                    .any(|&by| by == place || by == place - length - 1)
            };
            days = days
                .into_iter()
                .enumerate()
                .filter(|(index, _)| kept(*index))
                .map(|(_, day)| day)
                .collect();
        }
        Some(days)
    }

    /// The days of the month that begins on `first`; on `day` if nothing in the rule says which.
    fn month(&self, first: Date, day: i8) -> Vec<Date> {
        let all = (0..first.days_in_month()).filter_map(|n| first.checked_add(n.days()).ok());
        if self.by_day.is_empty() && self.by_month_day.is_empty() {
            return all.filter(|date| date.day() == day).collect();
        }
        all.filter(|date| {
            self.by_month_day.is_empty()
                || self.by_month_day.iter().any(|&by| is_month_day(*date, by))
        })
        .filter(|date| {
            let weeks_from_start = (date.day() - 1) / 7 + 1;
            let weeks_from_end = -((date.days_in_month() - date.day()) / 7 + 1);
            self.by_day.is_empty()
                || self.by_day.iter().any(|by| {
                    by.weekday == date.weekday()
                        && by
                            .nth
                            .is_none_or(|nth| nth == weeks_from_start || nth == weeks_from_end)
                })
        })
        .collect()
    }

    /// The days of the year that begins on `first`.
    fn year(&self, first: Date, start: Date) -> Vec<Date> {
        let months: Vec<i8> = if !self.by_month.is_empty() {
            self.by_month.clone()
        } else if self.by_day.is_empty() && self.by_month_day.is_empty() {
            vec![start.month()]
        } else if self.by_day.iter().any(|by| by.nth.is_some()) {
            return self.weekdays_of_year(first);
        } else {
            (1..=12).collect()
        };
        months
            .into_iter()
            .filter_map(|month| Date::new(first.year(), month, 1).ok())
            .flat_map(|month| self.month(month, start.day()))
            .collect()
    }

    /// The nth weekdays of the whole year.
    fn weekdays_of_year(&self, first: Date) -> Vec<Date> {
        let last = first.last_of_year();
        let all = (0..first.days_in_year()).filter_map(|n| first.checked_add(n.days()).ok());
        all.filter(|date| {
            let weeks_from_start = (date.day_of_year() - 1) / 7 + 1;
            let weeks_from_end = -((last.day_of_year() - date.day_of_year()) / 7 + 1);
            let named = |by: &i8| is_month_day(*date, *by);
            let limited = self.by_month_day.is_empty() || self.by_month_day.iter().any(named);
            limited
                && self.by_day.iter().any(|by| {
                    let nth = by.nth.map(i16::from);
                    by.weekday == date.weekday()
                        && nth.is_none_or(|nth| nth == weeks_from_start || nth == weeks_from_end)
                })
        })
        .collect()
    }

    /// Why its parts do not go together. `None` if they do.
    fn contradiction(&self) -> Option<&'static str> {
        if self.count.is_some() && self.until.is_some() {
            return Some("it can have COUNT or UNTIL, not both");
        }
        if matches!(self.frequency, Frequency::Daily | Frequency::Weekly)
            && self.by_day.iter().any(|by| by.nth.is_some())
        {
            return Some("only monthly and yearly rules number their weekdays");
        }
        if self.frequency == Frequency::Weekly && !self.by_month_day.is_empty() {
            return Some("a weekly rule cannot have BYMONTHDAY");
        }
        if Date::new(2000, 1, 1)
            .ok()
            .and_then(|start| {
                // With a longer interval it depends on the start whether its rounds meet the days it names.
                Self {
                    until: None,
                    interval: 1,
                    ..self.clone()
                }
                .first(start)
            })
            .is_none()
        {
            return Some("it never happens");
        }
        None
    }
}

fn is_month_day(date: Date, by: i8) -> bool {
    by == date.day() || by == date.day() - date.days_in_month() - 1
}

/// The first day of the week that `date` is in, when weeks begin on `start`.
pub fn week_of(date: Date, start: Weekday) -> Date {
    let days = i32::from(date.weekday().since(start));
    date.checked_sub(days.days()).unwrap_or(date)
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

fn weekday_code(weekday: Weekday) -> &'static str {
    WEEKDAYS[usize::try_from(weekday.to_monday_zero_offset()).unwrap_or(0)].0
}

fn weekday_of(code: &str) -> Option<Weekday> {
    WEEKDAYS
        .iter()
        .find(|(name, _)| *name == code)
        .map(|(_, weekday)| *weekday)
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        /// Longer than any rule that says each thing once.
        const LENGTH_MAX: usize = 1_000;
        let read = if text.len() > LENGTH_MAX {
            Err("it is too long".to_owned())
        } else {
            Self::read(&text.trim().to_ascii_uppercase())
        };
        read.map_err(|why| RuleError {
            text: text.chars().take(100).collect(),
            why,
        })
    }
}

impl Rule {
    /// The rule that `text`, in capitals, says, or why it says none.
    fn read(text: &str) -> Result<Self, String> {
        let mut frequency = None;
        let mut rule = Self::every(1, Frequency::Daily);
        let mut seen = Vec::new();
        for part in text
            .strip_prefix("RRULE:")
            .unwrap_or(text)
            .split(';')
            .filter(|part| !part.is_empty())
        {
            let (name, value) = part
                .split_once('=')
                .ok_or("it has a part without \u{201c}=\u{201d}")?;
            if seen.contains(&name) {
                return Err(format!("it says {name} twice"));
            }
            seen.push(name);
            if name == "FREQ" {
                frequency = Some(match value {
                    "DAILY" => Frequency::Daily,
                    "WEEKLY" => Frequency::Weekly,
                    "MONTHLY" => Frequency::Monthly,
                    "YEARLY" => Frequency::Yearly,
                    _ => return Err("FREQ is DAILY, WEEKLY, MONTHLY or YEARLY".to_owned()),
                });
            } else {
                rule.set(name, value)?;
            }
        }
        rule.frequency = frequency.ok_or("it needs FREQ, for example FREQ=WEEKLY;BYDAY=MO")?;
        match rule.contradiction() {
            Some(why) => Err(why.to_owned()),
            None => Ok(rule),
        }
    }

    /// Takes one part of a text other than its frequency.
    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "INTERVAL" => {
                self.interval =
                    number_to(value, 1000).ok_or("INTERVAL is a number from 1 to 1000")?;
            }
            "COUNT" => {
                let count = number_to(value, 10_000);
                self.count = Some(count.ok_or("COUNT is a number from 1 to 10000")?);
            }
            "UNTIL" => {
                self.until = Some(until(value).ok_or("UNTIL is a date like 20261231")?);
            }
            "WKST" => {
                self.week_start = weekday_of(value).ok_or("WKST is a weekday like MO")?;
            }
            "BYDAY" => {
                let days = value.split(',').map(by_day).collect::<Option<_>>();
                self.by_day = days.ok_or("BYDAY lists weekdays like MO,TU or -1FR")?;
            }
            "BYMONTHDAY" => {
                self.by_month_day =
                    numbers(value, 31).ok_or("BYMONTHDAY lists days from 1 to 31 or -1 to -31")?;
            }
            "BYMONTH" => {
                let months =
                    numbers(value, 12).filter(|months| months.iter().all(|month: &i8| *month > 0));
                self.by_month = months.ok_or("BYMONTH lists months from 1 to 12")?;
            }
            "BYSETPOS" => {
                self.by_set_position =
                    numbers(value, 366).ok_or("BYSETPOS lists places from 1 to 366")?;
            }
            _ => {
                let name: String = name.chars().take(20).collect();
                return Err(format!(
                    "{name} is not a part we keep; days, weeks, months and years are what we repeat by"
                ));
            }
        }
        Ok(())
    }
}

/// The number in `text`, from 1 to `most`. `None` if it is not one.
fn number_to<N: FromStr + Copy + Into<u32>>(text: &str, most: u32) -> Option<N> {
    let number = text.parse().ok();
    number.filter(|&n: &N| (1..=most).contains(&n.into()))
}

/// The day of `20261231` or `20261231T235959Z`. `None` if it is neither.
fn until(text: &str) -> Option<Date> {
    let (day, time) = text
        .split_once('T')
        .map_or((text, None), |(day, time)| (day, Some(time)));
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    let time_fits = time.is_none_or(|time| digits(time.strip_suffix('Z').unwrap_or(time), 6));
    if !digits(day, 8) || !time_fits {
        return None;
    }
    let part = |from: usize, to: usize| day[from..to].parse().ok();
    Date::new(day[..4].parse().ok()?, part(4, 6)?, part(6, 8)?).ok()
}

fn by_day(text: &str) -> Option<ByDay> {
    let weekday = weekday_of(text.get(text.len().checked_sub(2)?..)?)?;
    let nth = match text.get(..text.len() - 2)? {
        "" => None,
        nth => Some(
            nth.parse()
                .ok()
                .filter(|nth: &i8| (1..=53).contains(&nth.unsigned_abs()))?,
        ),
    };
    Some(ByDay { nth, weekday })
}

/// The list of numbers in `text`, none of them 0 or larger than `most` either way. `None` if it is not one.
fn numbers<N: FromStr + Copy + Into<i32>>(text: &str, most: i32) -> Option<Vec<N>> {
    let number = |text: &str| {
        text.parse()
            .ok()
            .filter(|&n: &N| (1..=most).contains(&n.into().abs()))
    };
    text.split(',').map(number).collect()
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<T: ToString>(items: &[T]) -> String {
            items
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(",")
        }
        f.write_str(match self.frequency {
            Frequency::Daily => "FREQ=DAILY",
            Frequency::Weekly => "FREQ=WEEKLY",
            Frequency::Monthly => "FREQ=MONTHLY",
            Frequency::Yearly => "FREQ=YEARLY",
        })?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if !self.by_month.is_empty() {
            write!(f, ";BYMONTH={}", list(&self.by_month))?;
        }
        if !self.by_month_day.is_empty() {
            write!(f, ";BYMONTHDAY={}", list(&self.by_month_day))?;
        }
        if !self.by_day.is_empty() {
            write!(f, ";BYDAY={}", list(&self.by_day))?;
        }
        if !self.by_set_position.is_empty() {
            write!(f, ";BYSETPOS={}", list(&self.by_set_position))?;
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", weekday_code(self.week_start))?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        if let Some(until) = self.until {
            write!(
                f,
                ";UNTIL={:04}{:02}{:02}",
                until.year(),
                until.month(),
                until.day()
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nth) = self.nth {
            write!(f, "{nth}")?;
        }
        f.write_str(weekday_code(self.weekday))
    }
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Rule {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Rule".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A recurrence rule of RFC 5545, such as `FREQ=WEEKLY;BYDAY=MO,WE`.",
        })
    }
}

impl FromStr for Repeat {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Ok(Self {
            rule: text.parse()?,
            mode: RepeatMode::default(),
            missed: Missed::default(),
        })
    }
}
