//! A filter as a condition in SQL, with the meaning it has in memory (`domain::Filter::matches`).

use domain::{Days, Filter, Scope, UserId, View, fold};
use jiff::civil::{Date, DateTime, Time};
use jiff::{Timestamp, ToSpan, Zoned};

use crate::db::{Statement, Value};
use crate::rows::{NO_DUE_KEY, State};

/// Whether what `filter` names depends on the time or on the user's zone.
pub(crate) fn is_relative(filter: &Filter) -> bool {
    match filter {
        Filter::Overdue | Filter::Due(_) | Filter::DoneIn(_) => true,
        Filter::Not(inner) => is_relative(inner),
        Filter::And(parts) | Filter::Or(parts) => parts.iter().any(is_relative),
        Filter::Open
        | Filter::Done
        | Filter::All
        | Filter::Trash
        | Filter::HasDate(_)
        | Filter::Repeating
        | Filter::Priority(_)
        | Filter::Tag(_)
        | Filter::Project(_)
        | Filter::ProjectNumber(_)
        | Filter::Label(_)
        | Filter::Inbox
        | Filter::Under(_)
        | Filter::Number(_)
        | Filter::Text(_) => false,
    }
}

/// Whether `filter` names nothing in the trash in so many words.
fn says_state(filter: &Filter) -> bool {
    match filter {
        Filter::Open | Filter::Done | Filter::All | Filter::DoneIn(_) => true,
        Filter::And(parts) => parts.iter().any(says_state),
        _ => false,
    }
}

/// A condition and its values being put together.
#[derive(Clone)]
pub(crate) struct Condition {
    pub(crate) sql: String,
    params: Vec<Value>,
}

impl Condition {
    /// That a row is the user's: the beginning of every condition. The user is `$1`.
    pub(crate) fn of(user: &UserId) -> Self {
        Self {
            sql: "user_id = $1".to_owned(),
            params: vec![user.as_str().into()],
        }
    }

    /// Also that `filter` names the row, seen from `view`.
    pub(crate) fn and(mut self, filter: &Filter, view: &View) -> Self {
        let scope = match filter.scope() {
            Scope::Open => State::Open.is(),
            // Twice would hide from SQLite which state it is.
            Scope::Kept if !says_state(filter) => KEPT.to_owned(),
            Scope::Kept | Scope::Everything => ALWAYS.to_owned(),
        };
        self.sql.push_str(" AND ");
        self.sql.push_str(&scope);
        self.sql.push_str(" AND ");
        self.holds(filter, view);
        self
    }

    /// Adds a value and returns its place.
    pub(crate) fn param(&mut self, value: impl Into<Value>) -> String {
        self.params.push(value.into());
        format!("${}", self.params.len())
    }

    /// The statement with this condition between `before` and `after`.
    pub(crate) fn statement(self, before: &str, after: &str) -> Statement {
        let sql = format!("{before} WHERE {}{after}", self.sql);
        Statement::new(sql, self.params)
    }

    /// That a column holds a text, whatever signs are in it.
    pub(crate) fn contains(&mut self, column: &str, text: &str) -> String {
        if cannot_be_stored(text) {
            return NEVER.to_owned();
        }
        format!("strpos({column}, {}) > 0", self.param(text))
    }

    /// Adds the condition. No part of it may come to NULL, which would be lost on the way through a NOT.
    fn holds(&mut self, filter: &Filter, view: &View) {
        let sql = match filter {
            Filter::Open => State::Open.is(),
            Filter::Done => State::Done.is(),
            Filter::All => KEPT.to_owned(),
            Filter::Trash => State::Trashed.is(),
            Filter::Overdue => self.overdue(&view.now),
            Filter::HasDate(true) => format!("due_key < '{NO_DUE_KEY}'"),
            Filter::HasDate(false) => format!("due_key = '{NO_DUE_KEY}'"),
            Filter::Due(days) => self.due(*days, view),
            Filter::DoneIn(days) => {
                let (done, within) = (State::Done.is(), self.instants(COMPLETED, *days, view));
                format!("({done}{within})")
            }
            Filter::Repeating => "repeat IS NOT NULL".to_owned(),
            Filter::Priority(priority) => format!("priority = {}", self.param(priority.rank())),
            Filter::Tag(tag) => self.labelled(&tag.folded()),
            Filter::Project(name) => self.in_project(name),
            Filter::ProjectNumber(id) => {
                format!(
                    "(project_id IS NOT NULL AND project_id = {})",
                    self.param(id.0)
                )
            }
            Filter::Label(name) => {
                let in_project = self.in_project(name);
                format!("({in_project} OR {})", self.labelled(&fold(name)))
            }
            Filter::Inbox => "project_id IS NULL".to_owned(),
            Filter::Under(id) => {
                format!(
                    "(parent_id IS NOT NULL AND parent_id = {})",
                    self.param(id.0)
                )
            }
            Filter::Number(id) => format!("id = {}", self.param(id.0)),
            Filter::Text(text) => self.contains("search", &fold(text)),
            Filter::Not(inner) => {
                self.sql.push_str("NOT (");
                self.holds(inner, view);
                ")".to_owned()
            }
            Filter::And(parts) => return self.joined(parts, " AND ", ALWAYS, view),
            Filter::Or(parts) => return self.joined(parts, " OR ", NEVER, view),
        };
        self.sql.push_str(&sql);
    }

    /// All parts with `between` between them. SQLite allows an expression only so much depth, and a chain is as deep
    /// as it is long; halves of halves are not.
    fn joined(&mut self, parts: &[Filter], between: &str, none: &str, view: &View) {
        match parts {
            [] => self.sql.push_str(none),
            [part] => self.holds(part, view),
            _ => {
                let (first, second) = parts.split_at(parts.len() / 2);
                self.sql.push('(');
                self.joined(first, between, none, view);
                self.sql.push_str(between);
                self.joined(second, between, none, view);
                self.sql.push(')');
            }
        }
    }

    fn overdue(&mut self, now: &Zoned) -> String {
        let (passed, today) = (Passed::at(now), now.date());
        let near = self.near(None, Some(today));
        let instant = self.param(now.timestamp().as_microsecond());
        // What is due all day sorts before every time of that day, but is not over while the day goes on; the next
        // minute may be of the next day already.
        let next = self.param(passed.before.date().to_string());
        let today = self.param(today.to_string());
        let before = self.param(key(passed.before));
        let mut clock = format!("due_key < {before} AND due_key NOT IN ({today}, {next})");
        if let Some((from, to)) = passed.except {
            let (from, to) = (self.param(key(from)), self.param(key(to)));
            clock = format!("{clock} AND NOT (due_key >= {from} AND due_key < {to})");
        }
        let open = State::Open.is();
        format!(
            "({open}{near} AND CASE WHEN due_at IS NOT NULL THEN due_at < {instant} ELSE {clock} END)"
        )
    }

    fn due(&mut self, days: Days, view: &View) -> String {
        let (first, last) = days.bounds(view);
        let near = self.near(first, last);
        // After every time of the last day, and before the next day.
        let end = last.map_or(NO_DUE_KEY.to_owned(), |last| format!("{last}~"));
        let mut local = format!("due_key < {}", self.param(end));
        if let Some(first) = first {
            local = format!("{local} AND due_key >= {}", self.param(first.to_string()));
        }
        let zoned = self.instants("due_at", days, view);
        format!(
            "({ALWAYS}{near} AND CASE WHEN due_at IS NOT NULL THEN {ALWAYS}{zoned} ELSE {local} END)"
        )
    }

    /// What follows from a due date between two days, in any zone whatever: it is there so that an index can be used.
    fn near(&mut self, first: Option<Date>, last: Option<Date>) -> String {
        let mut sql = String::new();
        for (compare, date, days) in [(">=", first, -3), ("<", last, 3)] {
            if let Some(Ok(date)) = date.map(|date| date.checked_add(days.days())) {
                let date = self.param(date.to_string());
                sql = format!("{sql} AND due_key {compare} {date}");
            }
        }
        sql
    }

    /// That an instant falls on one of the days, by the user's clock; nothing if any will do.
    fn instants(&mut self, column: &str, days: Days, view: &View) -> String {
        let start = |date: Date| {
            let midnight = date.to_datetime(Time::midnight());
            let midnight = view.now.time_zone().to_ambiguous_timestamp(midnight);
            let outside = if date.year() < 0 { i64::MIN } else { i64::MAX };
            midnight
                .compatible()
                .map_or(outside, Timestamp::as_microsecond)
        };
        let (first, last) = days.bounds(view);
        let mut sql = String::new();
        if let Some(first) = first {
            let first = self.param(start(first));
            sql = format!("{sql} AND {column} >= {first}");
        }
        if let Some(last) = last {
            let end = self.param(last.tomorrow().map_or(i64::MAX, start));
            sql = format!("{sql} AND {column} < {end}");
        }
        sql
    }

    fn in_project(&mut self, name: &str) -> String {
        if cannot_be_stored(name) {
            return NEVER.to_owned();
        }
        let name = self.param(fold(name));
        format!(
            "(project_id IS NOT NULL AND project_id IN (SELECT id FROM projects WHERE user_id = $1 AND folded = {name}))"
        )
    }

    fn labelled(&mut self, folded: &str) -> String {
        self.contains("tags_folded", &format!("\n{folded}\n"))
    }
}

const ALWAYS: &str = "1 = 1";
const NEVER: &str = "1 = 0";
/// When a task was done, as it is indexed.
const COMPLETED: &str = "(COALESCE(completed_at, 0))";
/// That a row is not in the trash.
const KEPT: &str = "state < 3";

/// Postgres takes no text with NUL in it, and none of ours has one.
fn cannot_be_stored(text: &str) -> bool {
    text.contains('\0')
}

/// A time on the clock on the wall, as it is stored and compared.
fn key(at: DateTime) -> String {
    format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute())
}

/// Which times on the user's clock have passed.
struct Passed {
    /// Those before this one,
    before: DateTime,
    /// except those from the first to the second, which the clock left out when it went forward: they count as that
    /// much later.
    except: Option<(DateTime, DateTime)>,
}

impl Passed {
    fn at(now: &Zoned) -> Self {
        let wall = now.datetime();
        // Due times are whole minutes, so one has passed once the clock is any bit beyond it.
        let minute = |at: DateTime| {
            let whole = at.date().at(at.hour(), at.minute(), 0, 0);
            if whole < at {
                whole.saturating_add(1.minute())
            } else {
                whole
            }
        };
        let mut passed = Self {
            before: minute(wall),
            except: None,
        };
        let zone = now.time_zone();
        let (instant, moment) = (now.timestamp(), 1.nanosecond());
        let Some(transition) = zone
            .preceding(instant.saturating_add(moment).unwrap_or(instant))
            .next()
        else {
            return passed;
        };
        let change = transition.timestamp();
        let Ok(before_it) = change.checked_sub(moment) else {
            return passed;
        };
        let (old, new) = (zone.to_offset(before_it), transition.offset());
        let (from, to) = (old.to_datetime(change), new.to_datetime(change));
        let still = minute(old.to_datetime(instant));
        if from > to {
            // The clock went back: the times it shows twice passed the first time.
            passed.before = passed.before.max(from);
        } else if still < to {
            passed.except = Some((still, to));
        }
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_depends_on_the_day() {
        let relative = |text: &str| is_relative(&text.parse().unwrap());
        assert!(relative("#work & (p1 | !today)"));
        assert!(relative("2026-12-01"));
        assert!(!relative("#work & (p1 | !milk) & done"));
    }

    /// What `domain` says of a due time, at every minute around the hours in which clocks change.
    #[test]
    fn times_that_have_passed_while_the_clocks_change() {
        for hour in ["2026-03-29T00:00", "2026-10-25T00:00", "2026-06-01T10:00"] {
            let start: DateTime = hour.parse().unwrap();
            let zone = jiff::tz::TimeZone::get("Europe/Lisbon").unwrap();
            let first = zone.to_timestamp(start).unwrap();
            for seconds in (0..4 * 3600).step_by(30) {
                let now = first
                    .checked_add(jiff::SignedDuration::from_secs(seconds))
                    .unwrap()
                    .to_zoned(zone.clone());
                let passed = Passed::at(&now);
                for minutes in 0..240_i64 {
                    let due = start.saturating_add(minutes.minutes());
                    let by_key = key(due) < key(passed.before)
                        && passed
                            .except
                            .is_none_or(|(from, to)| key(due) < key(from) || key(due) >= key(to));
                    assert_eq!(domain::Due::at(due).is_past(&now), by_key, "{due} at {now}");
                }
            }
        }
    }
}
