//! Users and what they prove themselves with.
//!
//! Users, sessions, accounts, verifications and signing keys are in Better Auth's tables: quoted names, and times of its
//! own kind, which for SQLite are text of fixed width. What is ours alone is in tables of our own, secrets as hashes.

mod keys;
mod security;
mod sessions;
mod users;

use jiff::Timestamp;

use crate::Error;
use crate::db::{Row, Value};

pub use keys::{ApiToken, SigningKey};
pub use security::SecurityEvent;
pub use sessions::Session;
pub use users::{NewUser, User};

/// A time as Better Auth writes it, so that text sorts as time.
fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}

/// A time of Better Auth's.
fn instant(row: &mut Row) -> Result<Timestamp, Error> {
    let text = row.text()?;
    text.parse()
        // SQLite's own CURRENT_TIMESTAMP names no zone; it is UTC.
        .or_else(|_| format!("{text}Z").parse())
        .map_err(|_| Error::Corrupt(format!("{text:?} is not a time")))
}

/// A time of ours.
fn micros_or_null(row: &mut Row) -> Result<Option<Timestamp>, Error> {
    row.int_or_null()?.map(from_micros).transpose()
}

fn from_micros(at: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(at).map_err(|error| Error::Corrupt(error.to_string()))
}

/// An optional text as a parameter.
fn optional(text: Option<&str>) -> Value {
    Value::from(text.map(str::to_owned))
}
