//! Which tasks are meant: one text form, one type, one meaning.
//!
//! The text form is a small algebra, `overdue & #work & !p1`, with `&`, `|`, `!` and parentheses over these words:
//!
//! | words | tasks that are |
//! |---|---|
//! | `open`, `done`, `all`, `trash` | still to do; done; either; in the trash |
//! | `today`, `tomorrow`, `this week`, `next 7 days`, `2026-12-01`, `2026-12-01..2026-12-07`, `..2026-12-07` | due then |
//! | `done today`, `done last week`, `done 2026-12-01` | finished then |
//! | `overdue`, `no date`, `has date`, `repeating` | as it says |
//! | `p1` … `p4` | of that priority (p4 is none) |
//! | `@phone` | labelled so |
//! | `+home`, `+"home repairs"`, `project 3`, `inbox` | in that project; in none |
//! | `#work` | in a project of that name, or labelled so |
//! | `under 7` | steps of task 7 |
//! | `number 7` | task 7 |
//! | `"milk"`, `milk` | with that in title, description or labels |
//!
//! Inside quotation marks, two of them stand for one: `"a 5"" disk"`.
//! A filter that does not say `open`, `done`, `all` or `trash` means open tasks.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::{ToSpan, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::repeat::week_of;
use crate::text::fold;
use crate::{Priority, Project, ProjectId, Settings, Tag, Task, TaskId, WeekStart};

/// Which tasks are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Still to do.
    Open,
    /// Done.
    Done,
    /// Still to do or done.
    All,
    /// In the trash.
    Trash,
    /// Open, and due before now.
    Overdue,
    /// With a due date, or without.
    HasDate(bool),
    /// Due in this span of days.
    Due(Days),
    /// Finished in this span of days.
    DoneIn(Days),
    /// Coming back once done.
    Repeating,
    /// Of this priority.
    Priority(Priority),
    /// Labelled so.
    Tag(Tag),
    /// In the project of this name.
    Project(String),
    /// In the project of this number.
    ProjectNumber(ProjectId),
    /// In a project of this name, or labelled so.
    Label(String),
    /// In no project.
    Inbox,
    /// A step of this task.
    Under(TaskId),
    /// The task with this number.
    Number(TaskId),
    /// With these words in title, description or labels.
    Text(String),
    /// Not this.
    Not(Box<Filter>),
    /// All of these.
    And(Vec<Filter>),
    /// Any of these.
    Or(Vec<Filter>),
}

/// A span of days, most of them relative to the day it is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// The day before today.
    Yesterday,
    /// Today.
    Today,
    /// The day after today.
    Tomorrow,
    /// The week before this one.
    LastWeek,
    /// The week that today is in.
    ThisWeek,
    /// The week after this one.
    NextWeek,
    /// The month before this one.
    LastMonth,
    /// The month that today is in.
    ThisMonth,
    /// The month after this one.
    NextMonth,
    /// Today and the days after it, this many in all.
    Next(u16),
    /// Today and the days before it, this many in all.
    Last(u16),
    /// From the first date to the second, both included; `None` is open.
    Between(Option<Date>, Option<Date>),
}

/// What relative words are relative to.
#[derive(Debug, Clone)]
pub struct View {
    /// The time, in the user's zone.
    pub now: Zoned,
    /// The first day of the user's week.
    pub week_start: WeekStart,
}

impl View {
    /// What a user with these settings sees at `now`.
    pub fn new(settings: &Settings, now: jiff::Timestamp) -> Self {
        Self {
            now: now.to_zoned(settings.time_zone.rules()),
            week_start: settings.week_start,
        }
    }
}

impl Days {
    /// One day.
    pub fn on(date: Date) -> Self {
        Self::Between(Some(date), Some(date))
    }

    /// The first and the last day; `None` is open. Days beyond the calendar are the calendar's end.
    pub fn bounds(self, view: &View) -> (Option<Date>, Option<Date>) {
        let today = view.now.date();
        let plus = |date: Date, days: i32| date.saturating_add(days.days());
        let week = |shift: i32| {
            let first = plus(week_of(today, view.week_start.weekday()), 7 * shift);
            (Some(first), Some(plus(first, 6)))
        };
        let month = |shift: i32| {
            let first = today.first_of_month().saturating_add(shift.months());
            (Some(first), Some(first.last_of_month()))
        };
        let day = |shift: i32| (Some(plus(today, shift)), Some(plus(today, shift)));
        match self {
            Self::Yesterday => day(-1),
            Self::Today => day(0),
            Self::Tomorrow => day(1),
            Self::LastWeek => week(-1),
            Self::ThisWeek => week(0),
            Self::NextWeek => week(1),
            Self::LastMonth => month(-1),
            Self::ThisMonth => month(0),
            Self::NextMonth => month(1),
            Self::Next(days) => (Some(today), Some(plus(today, i32::from(days.max(1)) - 1))),
            Self::Last(days) => (Some(plus(today, 1 - i32::from(days.max(1)))), Some(today)),
            Self::Between(first, last) => (first, last),
        }
    }

    fn contain(self, date: Date, view: &View) -> bool {
        let (first, last) = self.bounds(view);
        first.is_none_or(|first| date >= first) && last.is_none_or(|last| date <= last)
    }
}

/// The part of a user's tasks that a filter speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those still to do.
    Open,
    /// Those not in the trash.
    Kept,
    /// All, the trash included.
    Everything,
}

impl Filter {
    /// The most characters that its text may have.
    pub const LENGTH_MAX: usize = 2_000;

    /// All of these; one is itself, none is every open task.
    pub fn all_of(filters: impl IntoIterator<Item = Filter>) -> Self {
        let mut filters: Vec<Filter> = filters.into_iter().collect();
        if filters.len() == 1 {
            filters.remove(0)
        } else if filters.is_empty() {
            Self::Open
        } else {
            Self::And(filters)
        }
    }

    /// The filters that leave out one of the conditions which all have to hold, each with the one left out.
    pub fn looser(&self) -> Vec<(Self, Self)> {
        let Self::And(parts) = self else {
            return Vec::new();
        };
        let without = |n: usize| {
            let others = parts.iter().enumerate().filter(|(m, _)| *m != n);
            Self::all_of(others.map(|(_, part)| part.clone()))
        };
        (0..parts.len())
            .map(|n| (without(n), parts[n].clone()))
            .collect()
    }

    /// The part of a user's tasks it speaks of: open ones, unless it says otherwise.
    pub fn scope(&self) -> Scope {
        match self {
            Self::Trash => Scope::Everything,
            Self::Open | Self::Done | Self::All | Self::DoneIn(_) | Self::Number(_) => Scope::Kept,
            Self::Not(inner) => inner.scope(),
            Self::And(parts) | Self::Or(parts) => {
                let scopes = || parts.iter().map(Filter::scope);
                if scopes().any(|scope| scope == Scope::Everything) {
                    Scope::Everything
                } else if scopes().any(|scope| scope == Scope::Kept) {
                    Scope::Kept
                } else {
                    Scope::Open
                }
            }
            _ => Scope::Open,
        }
    }

    /// Whether `task` is meant, seen from `view`, in the projects of its user.
    pub fn matches(&self, task: &Task, projects: &[Project], view: &View) -> bool {
        let in_scope = match self.scope() {
            Scope::Open => task.is_open(),
            Scope::Kept => !task.is_trashed(),
            Scope::Everything => true,
        };
        in_scope && self.holds(task, projects, view)
    }

    fn holds(&self, task: &Task, projects: &[Project], view: &View) -> bool {
        let zone = view.now.time_zone();
        let in_project = |name: &str| {
            let project = task
                .project
                .and_then(|id| projects.iter().find(|project| project.id == id));
            project.is_some_and(|project| fold(project.name.as_str()) == fold(name))
        };
        let labelled = |name: &str| task.tags.iter().any(|tag| tag.folded() == fold(name));
        match self {
            Self::Open => task.is_open(),
            Self::Done => task.is_done(),
            Self::All => !task.is_trashed(),
            Self::Trash => task.is_trashed(),
            Self::Overdue => {
                task.is_open() && task.due.as_ref().is_some_and(|due| due.is_past(&view.now))
            }
            Self::HasDate(has) => task.due.is_some() == *has,
            Self::Due(days) => task
                .due
                .as_ref()
                .is_some_and(|due| days.contain(due.local(zone).date(), view)),
            Self::DoneIn(days) => {
                task.is_done()
                    && task
                        .completed_at
                        .is_some_and(|at| days.contain(zone.to_datetime(at).date(), view))
            }
            Self::Repeating => task.repeat.is_some(),
            Self::Priority(priority) => task.priority == *priority,
            Self::Tag(tag) => task.tags.contains(tag),
            Self::Project(name) => in_project(name),
            Self::ProjectNumber(id) => task.project == Some(*id),
            Self::Label(name) => in_project(name) || labelled(name),
            Self::Inbox => task.project.is_none(),
            Self::Under(parent) => task.parent == Some(*parent),
            Self::Number(id) => task.id == *id,
            Self::Text(text) => search_text(task).contains(&fold(text)),
            Self::Not(inner) => !inner.holds(task, projects, view),
            Self::And(parts) => parts.iter().all(|part| part.holds(task, projects, view)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(task, projects, view)),
        }
    }

    /// What binds it to its neighbours: 0 for an alternative, 1 for a conjunction, 2 for one word.
    fn binding(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            _ => 2,
        }
    }
}

/// Everything of a task that a search looks through, folded.
pub fn search_text(task: &Task) -> String {
    let mut text = fold(task.title.as_str());
    if !task.description.is_empty() {
        text.push('\n');
        text.push_str(&fold(task.description.as_str()));
    }
    for tag in task.tags.iter() {
        text.push('\n');
        text.push_str(&tag.folded());
    }
    text
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Yesterday => "yesterday",
            Self::Today => "today",
            Self::Tomorrow => "tomorrow",
            Self::LastWeek => "last week",
            Self::ThisWeek => "this week",
            Self::NextWeek => "next week",
            Self::LastMonth => "last month",
            Self::ThisMonth => "this month",
            Self::NextMonth => "next month",
            Self::Next(days) => return write!(f, "next {days} days"),
            Self::Last(days) => return write!(f, "last {days} days"),
            // A year before 0 is longer than a date that is read by itself.
            Self::Between(Some(first), Some(last)) if first == last && first.year() >= 0 => {
                return write!(f, "{first}");
            }
            Self::Between(first, last) => {
                if let Some(first) = first {
                    write!(f, "{first}")?;
                }
                f.write_str("..")?;
                return last.map_or(Ok(()), |last| write!(f, "{last}"));
            }
        })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |f: &mut fmt::Formatter<'_>, mark: char, name: &str| {
            let plain = name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'));
            if plain {
                write!(f, "{mark}{name}")
            } else {
                write!(f, "{mark}\"{}\"", name.replace('"', "\"\""))
            }
        };
        match self {
            Self::Open => f.write_str("open"),
            Self::Done => f.write_str("done"),
            Self::All => f.write_str("all"),
            Self::Trash => f.write_str("trash"),
            Self::Overdue => f.write_str("overdue"),
            Self::HasDate(true) => f.write_str("has date"),
            Self::HasDate(false) => f.write_str("no date"),
            Self::Due(days) => days.fmt(f),
            Self::DoneIn(days) => write!(f, "done {days}"),
            Self::Repeating => f.write_str("repeating"),
            Self::Priority(priority) => write!(f, "p{}", priority.rank()),
            Self::Tag(tag) => name(f, '@', tag.as_str()),
            Self::Project(project) => name(f, '+', project),
            Self::ProjectNumber(id) => write!(f, "project {id}"),
            Self::Label(label) => name(f, '#', label),
            Self::Inbox => f.write_str("inbox"),
            Self::Under(id) => write!(f, "under {id}"),
            Self::Number(id) => write!(f, "number {id}"),
            Self::Text(text) => write!(f, "\"{}\"", text.replace('"', "\"\"")),
            Self::Not(inner) if inner.binding() < 2 => write!(f, "!({inner})"),
            Self::Not(inner) => write!(f, "!{inner}"),
            Self::And(parts) | Self::Or(parts) => {
                let between = if matches!(self, Self::And(_)) {
                    " & "
                } else {
                    " | "
                };
                for (n, part) in parts.iter().enumerate() {
                    if n > 0 {
                        f.write_str(between)?;
                    }
                    if part.binding() <= self.binding() {
                        write!(f, "({part})")?;
                    } else {
                        part.fmt(f)?;
                    }
                }
                Ok(())
            }
        }
    }
}

/// Why a text is not a filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the filter \u{201c}{text}\u{201d} cannot be read: {why}")]
pub struct FilterError {
    text: String,
    why: String,
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        if text.chars().count() > Self::LENGTH_MAX {
            return Err(FilterError {
                text: text.chars().take(30).collect(),
                why: "it is too long".to_owned(),
            });
        }
        let mut parser = Parser {
            rest: text,
            depth: 0,
        };
        let parsed = parser.or().and_then(|filter| match parser.peek() {
            None => Ok(filter),
            Some(extra) => Err(format!(
                "\u{201c}{extra}\u{201d} is in a place where nothing can be"
            )),
        });
        parsed.map_err(|why| FilterError {
            text: text.to_owned(),
            why,
        })
    }
}

/// Recursive descent over the text; each level binds tighter than the one before.
struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    const DEPTH_MAX: usize = 20;

    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.rest = &self.rest[wanted.len_utf8()..];
        }
        found
    }

    fn or(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.and()?];
        while self.take('|') {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 {
            parts.remove(0)
        } else {
            Filter::Or(parts)
        })
    }

    fn and(&mut self) -> Result<Filter, String> {
        let mut parts = vec![self.not()?];
        while self.take('&') {
            parts.push(self.not()?);
        }
        Ok(Filter::all_of(parts))
    }

    fn not(&mut self) -> Result<Filter, String> {
        self.depth += 1;
        if self.depth > Self::DEPTH_MAX {
            return Err("it is nested too deeply".to_owned());
        }
        let filter = if self.take('!') {
            Filter::Not(Box::new(self.not()?))
        } else if self.take('(') {
            let inner = self.or()?;
            if !self.take(')') {
                return Err("a parenthesis is not closed".to_owned());
            }
            inner
        } else {
            self.word()?
        };
        self.depth -= 1;
        Ok(filter)
    }

    fn word(&mut self) -> Result<Filter, String> {
        match self.peek() {
            Some('"') => Ok(Filter::Text(self.quoted()?)),
            Some(mark @ ('#' | '@' | '+')) => {
                self.rest = &self.rest[1..];
                let name = if self.rest.starts_with('"') {
                    self.quoted()?
                } else {
                    self.run().to_owned()
                };
                if name.is_empty() {
                    return Err(format!("\u{201c}{mark}\u{201d} needs a name after it"));
                }
                Ok(match mark {
                    '@' => Filter::Tag(
                        name.parse()
                            .map_err(|error: crate::TextError| error.to_string())?,
                    ),
                    '+' => Filter::Project(name),
                    _ => Filter::Label(name),
                })
            }
            _ => match self.run() {
                "" => Err("a word is missing".to_owned()),
                words => atom(words),
            },
        }
    }

    /// What stands between a pair of double quotes, where two in a row are one of the text.
    fn quoted(&mut self) -> Result<String, String> {
        let mut text = String::new();
        loop {
            let (inner, rest) = self.rest[1..]
                .split_once('"')
                .ok_or("a quotation mark is not closed")?;
            text.push_str(inner);
            self.rest = rest;
            if !rest.starts_with('"') {
                break;
            }
            text.push('"');
        }
        if text.trim().is_empty() {
            Err("the quotation marks are empty".to_owned())
        } else {
            Ok(text)
        }
    }

    /// The words up to the next sign.
    fn run(&mut self) -> &'a str {
        let end = self
            .rest
            .find(['&', '|', '!', '(', ')', '"', '#', '@', '+'])
            .unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run.trim()
    }
}

/// The meaning of a run of words.
fn atom(words: &str) -> Result<Filter, String> {
    let folded = fold(words).split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some(days) = folded
        .strip_prefix("done ")
        .map(|rest| rest.trim_start_matches("in "))
    {
        return Ok(match days_of(days)? {
            Some(days) => Filter::DoneIn(days),
            None => Filter::Text(words.to_owned()),
        });
    }
    let number = |prefix: &str| {
        folded
            .strip_prefix(prefix)
            .and_then(|rest| rest.parse().ok())
    };
    if let Some(id) = number("under ") {
        return Ok(Filter::Under(TaskId(id)));
    }
    if let Some(id) = number("number ") {
        return Ok(Filter::Number(TaskId(id)));
    }
    if let Some(id) = number("project ") {
        return Ok(Filter::ProjectNumber(ProjectId(id)));
    }
    Ok(match folded.as_str() {
        "open" | "pending" => Filter::Open,
        "done" | "completed" => Filter::Done,
        "all" => Filter::All,
        "trash" => Filter::Trash,
        "overdue" => Filter::Overdue,
        "no date" => Filter::HasDate(false),
        "has date" => Filter::HasDate(true),
        "repeating" => Filter::Repeating,
        "inbox" => Filter::Inbox,
        "p1" => Filter::Priority(Priority::High),
        "p2" => Filter::Priority(Priority::Medium),
        "p3" => Filter::Priority(Priority::Low),
        "p4" => Filter::Priority(Priority::None),
        _ => match days_of(&folded)? {
            Some(days) => Filter::Due(days),
            None => Filter::Text(words.to_owned()),
        },
    })
}

/// The span that `words` name; `None` if they are no span at all, an error if they look like one and are not.
fn days_of(words: &str) -> Result<Option<Days>, String> {
    let date = |text: &str| -> Result<Option<Date>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| format!("\u{201c}{text}\u{201d} is not a date like 2026-12-01"))
    };
    let count = |prefix: &str| {
        let rest = words.strip_prefix(prefix)?;
        let number = rest
            .strip_suffix(" days")
            .or_else(|| rest.strip_suffix(" day"))?;
        if !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let count = number
            .parse()
            .ok()
            .filter(|count| (1..=3660).contains(count));
        Some(count.ok_or_else(|| format!("\u{201c}{words}\u{201d} is not from 1 to 3660 days")))
    };
    Ok(Some(match words {
        "yesterday" => Days::Yesterday,
        "today" => Days::Today,
        "tomorrow" => Days::Tomorrow,
        "last week" => Days::LastWeek,
        "this week" => Days::ThisWeek,
        "next week" => Days::NextWeek,
        "last month" => Days::LastMonth,
        "this month" => Days::ThisMonth,
        "next month" => Days::NextMonth,
        _ => {
            if let Some(days) = count("next ") {
                Days::Next(days?)
            } else if let Some(days) = count("last ") {
                Days::Last(days?)
            } else if let Some((first, last)) = words.split_once("..") {
                let (first, last) = (date(first.trim())?, date(last.trim())?);
                if first.is_none() && last.is_none() {
                    return Err("\u{201c}..\u{201d} needs a date on one side".to_owned());
                }
                Days::Between(first, last)
            } else if words.len() == 10
                && words.starts_with(|c: char| c.is_ascii_digit())
                && words.bytes().filter(|byte| *byte == b'-').count() == 2
            {
                match date(words)? {
                    Some(date) => Days::on(date),
                    None => return Ok(None),
                }
            } else {
                return Ok(None);
            }
        }
    }))
}

impl Serialize for Filter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Filter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Filter".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Which tasks, such as `overdue & #work & !p1`, `this week`, `done yesterday`, `\"milk\"`.",
        })
    }
}
