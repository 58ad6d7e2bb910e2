//! When a task is due: a local date, perhaps a time of day, perhaps a zone of its own.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::temporal::{Pieces, PiecesOffset};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of a time zone in the IANA database, such as `Europe/Lisbon`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub struct ZoneName(String);

impl ZoneName {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone's rules.
    pub fn rules(&self) -> TimeZone {
        // A name is only ever made by finding it in the bundled database.
        TimeZone::get(&self.0).unwrap_or(TimeZone::UTC)
    }
}

impl FromStr for ZoneName {
    type Err = DueError;

    fn from_str(text: &str) -> Result<Self, DueError> {
        let zone = TimeZone::get(text.trim()).ok();
        // A zone without a name is the one that stands for "unknown".
        let name = zone.as_ref().and_then(TimeZone::iana_name);
        name.map(|name| Self(name.to_owned()))
            .ok_or_else(|| DueError::NoSuchZone(text.to_owned()))
    }
}

impl TryFrom<String> for ZoneName {
    type Error = DueError;

    fn try_from(text: String) -> Result<Self, DueError> {
        text.parse()
    }
}

impl From<ZoneName> for String {
    fn from(zone: ZoneName) -> String {
        zone.0
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why something is not a due date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DueError {
    /// Not a date in any form we read.
    #[error("\u{201c}{0}\u{201d} is not a date; write one like 2026-12-01 or 2026-12-01T15:00")]
    NotADate(String),
    /// A zone that does not exist.
    #[error("there is no time zone \u{201c}{0}\u{201d}; use a name like Europe/Lisbon")]
    NoSuchZone(String),
}

/// A time of day, in minutes: what a due date needs and no finer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTime {
    /// On the clock on the wall.
    pub time: Time,
    /// Whose clock; `None` is the user's own, wherever they are.
    pub zone: Option<ZoneName>,
}

/// When a task is due.
///
/// Its text form, which is also its JSON form, is `2026-12-01`, `2026-12-01T15:00` or, in a zone of its own,
/// `2026-12-01T15:00[Europe/Lisbon]` (RFC 9557 without the offset). Text that carries an offset or `Z` is an instant
/// and is kept in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The day.
    pub date: Date,
    /// When on that day; `None` is the whole day.
    pub time: Option<DueTime>,
}

impl Due {
    /// Due some time on `date`.
    pub fn on(date: Date) -> Self {
        Self { date, time: None }
    }

    /// Due at `moment` by the user's own clock.
    pub fn at(moment: DateTime) -> Self {
        let time = moment
            .time()
            .with()
            .second(0)
            .subsec_nanosecond(0)
            .build()
            .unwrap_or(moment.time());
        Self {
            date: moment.date(),
            time: Some(DueTime { time, zone: None }),
        }
    }

    /// The time of day, if it has one.
    pub fn time(&self) -> Option<Time> {
        self.time.as_ref().map(|due| due.time)
    }

    /// The zone of its own, if it has one.
    pub fn zone(&self) -> Option<&ZoneName> {
        self.time.as_ref().and_then(|due| due.zone.as_ref())
    }

    /// Date and time together, midnight if it is due all day.
    pub fn civil(&self) -> DateTime {
        self.date
            .to_datetime(self.time().unwrap_or(Time::midnight()))
    }

    /// The instant, for a user whose zone is `home`; the start of the day if it is due all day. Times in a gap of the
    /// clock move forward.
    pub fn instant(&self, home: &TimeZone) -> Timestamp {
        let zone = self
            .zone()
            .map_or(Cow::Borrowed(home), |zone| Cow::Owned(zone.rules()));
        zone.to_ambiguous_timestamp(self.civil())
            .compatible()
            .unwrap_or(Timestamp::MAX)
    }

    /// The same moment as the clock of a user in `home` shows it.
    pub fn local(&self, home: &TimeZone) -> DateTime {
        match self.zone() {
            Some(_) => home.to_datetime(self.instant(home)),
            None => self.civil(),
        }
    }

    /// Whether it has passed: the day for one due all day, the minute for one with a time.
    pub fn is_past(&self, now: &Zoned) -> bool {
        match self.time {
            Some(_) => self.instant(now.time_zone()) < now.timestamp(),
            None => self.date < now.date(),
        }
    }

    /// The first day there is: one before it has no form in which it could be read again.
    pub const EARLIEST: Date = jiff::civil::date(1, 1, 1);

    /// The same time and zone on another day.
    #[must_use]
    pub fn on_date(&self, date: Date) -> Self {
        Self {
            date,
            time: self.time.clone(),
        }
    }
}

impl FromStr for Due {
    type Err = DueError;

    fn from_str(text: &str) -> Result<Self, DueError> {
        let text = text.trim();
        let not_a_date = || DueError::NotADate(text.to_owned());
        let (moment, zone) = match text.strip_suffix(']').and_then(|text| text.split_once('[')) {
            Some((moment, zone)) => (moment, Some(zone.parse::<ZoneName>()?)),
            None => (text, None),
        };
        // Read in pieces, because jiff passes over an offset when it is asked for a local time.
        let pieces = Pieces::parse(moment).map_err(|_| not_a_date())?;
        if pieces.date().year() < 1 {
            return Err(not_a_date());
        }
        let Some(time) = pieces.time() else {
            let whole_day = zone.is_none() && pieces.offset().is_none();
            return whole_day
                .then_some(Self::on(pieces.date()))
                .ok_or_else(not_a_date);
        };
        let written = pieces.date().to_datetime(time);
        let (local, zone) = match pieces.offset() {
            None => (written, zone),
            Some(offset) => {
                let zone = zone.unwrap_or_else(ZoneName::utc);
                let is_zulu = matches!(offset, PiecesOffset::Zulu);
                let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
                let instant = offset.to_timestamp(written).map_err(|_| not_a_date())?;
                let rules = zone.rules();
                if !is_zulu && zone != ZoneName::utc() && rules.to_offset(instant) != offset {
                    return Err(not_a_date());
                }
                (rules.to_datetime(instant), Some(zone))
            }
        };
        let mut due = Self::at(local);
        if let Some(time) = &mut due.time {
            time.zone = zone;
        }
        Ok(due)
    }
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(due) = &self.time {
            write!(f, "T{:02}:{:02}", due.time.hour(), due.time.minute())?;
            if let Some(zone) = &due.zone {
                write!(f, "[{zone}]")?;
            }
        }
        Ok(())
    }
}

impl Serialize for Due {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Due {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Due {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Due".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A date, `2026-12-01`, a local date and time, `2026-12-01T15:00`, or one in a zone, \
                            `2026-12-01T15:00[Europe/Lisbon]`.",
        })
    }
}
