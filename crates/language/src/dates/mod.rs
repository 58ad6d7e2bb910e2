//! Finds dates, times, lengths of time and repeats in a text.
//!
//! `scan` cuts the text into tokens, which a `reader` looks at; `day` (with `calendar`, `numeric`, `stretch` and
//! `holiday`), `time`, `length` and `repeat` each read one piece of a phrase; `phrase` puts the pieces together and says
//! what they come to. The words themselves are in `en::dates`; `foreign` puts those of other languages into them.

mod calendar;
mod day;
pub(crate) mod foreign;
mod holiday;
mod length;
mod numeric;
mod phrase;
mod reader;
mod repeat;
mod scan;
mod stretch;
mod time;
pub(crate) mod word;

use std::ops::Range;

use domain::{Days, Due, Period, Schedule, View};
use jiff::civil::{DateTime, Time};

use crate::language::Language;
use reader::Reader;

/// A date, time or repeat found in a text.
#[derive(Debug, Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each answers a question of its own"
)]
pub struct Found {
    /// The bytes it takes up, the preposition before it included ("on friday", "by 5pm").
    pub span: Range<usize>,
    /// What kind of thing it is.
    pub kind: FoundKind,
    /// What it comes to for a task: a stretch of time is due where it starts, an end ("before", "until") where it ends.
    pub schedule: Schedule,
    /// The days it names, for a list of what is due then. `None` for a repeat.
    pub days: Option<Days>,
    /// Its bounds, if it is a [`FoundKind::Stretch`].
    pub stretch: Option<Stretch>,
    /// The other end of a range: in "move it from friday to monday at 2" what it is moved to.
    pub to: Option<Due>,
    /// What else it can mean, the likeliest first.
    pub alternatives: Vec<Due>,
    /// Whether it ends in 's: "today's tasks".
    pub owning: bool,
    /// Whether a day was said, and not only a time.
    pub names_day: bool,
    /// Whether a time by the clock was said, and not only a day or a part of it.
    pub names_time: bool,
    /// Whether it can only be a date; "the 2nd" can also be one of a list, and "friday" may belong to the next word, as in
    /// "friday prayers".
    pub sure: bool,
}

impl Found {
    /// What a day and a time come to that were said apart ("remind me tonight to call at 8"). `None` if both say a day
    /// or both a time.
    pub fn with(&self, other: &Self) -> Option<Due> {
        let (day, time) = match (self.names_day, other.names_day) {
            (true, false) => (self, other),
            (false, true) => (other, self),
            _ => return None,
        };
        if day.names_time || !time.names_time {
            return None;
        }
        let date = day.schedule.due.as_ref()?.date;
        let clock = time.schedule.due.as_ref()?.time()?;
        // An open hour was read as the next one; on another day it is by day.
        // With a part of the day ("tonight") it is the reading nearest to that.
        if let Some(part) = day.schedule.due.as_ref().and_then(Due::time) {
            let distance = |time: &Time| (time.hour() - part.hour()).abs();
            let readings = time
                .alternatives
                .iter()
                .filter_map(Due::time)
                .chain([clock]);
            return readings
                .min_by_key(distance)
                .map(|time| Due::at(date.to_datetime(time)));
        }
        let by_day = match clock.hour() {
            hour @ (0..7 | 12) if !time.alternatives.is_empty() => {
                clock.with().hour((hour + 12) % 24).build().ok()?
            }
            hour @ 19.. if !time.alternatives.is_empty() => {
                clock.with().hour(hour - 12).build().ok()?
            }
            _ => clock,
        };
        Some(Due::at(date.to_datetime(by_day)))
    }
}

/// What kind of date was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundKind {
    /// A whole day.
    Day,
    /// A time on a day.
    Time,
    /// A stretch of time: "this week", "3 to 4pm", "before monday".
    Stretch,
    /// A repeat.
    Repeat,
}

/// A stretch of time by the user's clock; `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The first moment in it.
    pub start: Option<DateTime>,
    /// The first moment after it.
    pub end: Option<DateTime>,
}

/// The dates in `text`, in their order, as somebody with `view` means them, in whatever language it is.
pub fn find(text: &str, view: &View) -> Vec<Found> {
    find_in(text, view, Language::of(text, None))
}

/// The same for somebody whose own language, which settles what the text leaves open, is `language`.
pub fn find_for(text: &str, view: &View, language: &'static Language) -> Vec<Found> {
    find_in(text, view, Language::of(text, Some(language)))
}

/// The dates in a text of `language`.
pub(crate) fn find_in(text: &str, view: &View, language: &'static Language) -> Vec<Found> {
    let mut found = Reader::new(text, view, language).all();
    // Words that were put in another order can lie around a date that was found before.
    let mut end = 0;
    found.retain(|found| {
        let is_apart = found.span.start >= end;
        end = end.max(found.span.end);
        is_apart
    });
    found
}

/// What `text` means when all of it is a date, a repeat or both. `None` if it is not.
pub fn when(text: &str, view: &View) -> Option<Schedule> {
    if let Ok(due) = text.parse::<Due>() {
        return Some(Schedule {
            due: Some(due),
            repeat: None,
        });
    }
    let language = Language::of(text, None);
    let found = Reader::new(text, view, language).whole();
    found.map(|found| found.schedule)
}

/// Where `text` names a day that does not exist ("30 February"). `None` if it does not.
pub fn impossible(text: &str) -> Option<Range<usize>> {
    impossible_in(text, Language::of(text, None))
}

/// The same in a text of `language`.
pub(crate) fn impossible_in(text: &str, language: &'static Language) -> Option<Range<usize>> {
    let view = any_view();
    let reader = Reader::new(text, &view, language);
    reader.all();
    reader.impossible()
}

/// Where `text` says how far to move something ("by two days", "an hour later", "a week earlier"), and how far.
pub fn period(text: &str) -> Option<(Range<usize>, Period)> {
    let view = any_view();
    Reader::new(text, &view, Language::of(text, None)).period()
}

/// A view for what does not depend on the time.
fn any_view() -> View {
    View {
        now: jiff::Zoned::default(),
        week_start: domain::WeekStart::Monday,
    }
}
