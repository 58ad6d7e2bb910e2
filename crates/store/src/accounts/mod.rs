//! Users and what they prove themselves with.
//!
//! Users, sessions, accounts, verifications and signing keys are in Better Auth's tables: quoted names, and times of its
//! own kind, which for SQLite are text of fixed width. What is ours alone is in tables of our own, secrets as hashes.

mod keys;
mod oauth;
mod security;
mod sessions;
mod users;

use domain::Access;
use jiff::Timestamp;

use crate::db::{Row, Statement, Value};
use crate::{Error, Store, rows};

pub use keys::{ApiToken, SigningKey};
pub use oauth::{OauthClient, OauthCode, OauthGrant, RefreshToken};
pub use security::SecurityEvent;
pub use sessions::Session;
pub use users::{NewUser, User};

/// A time as Better Auth writes it: in UTC and to the millisecond, so that text sorts as time.
pub fn iso(at: Timestamp) -> String {
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
    row.int_or_null()?.map(rows::instant).transpose()
}

/// What a credential gives access to. What cannot be read gives the least.
fn access(row: &mut Row) -> Result<Access, Error> {
    Ok(row.text()?.parse().unwrap_or(Access::Read))
}

/// An optional text as a parameter.
fn optional(text: Option<&str>) -> Value {
    Value::from(text.map(str::to_owned))
}

impl Store {
    /// The first row that `sql` finds among what is nobody's yet, as `read` reads it.
    async fn one<T>(
        &self,
        sql: &'static str,
        params: Vec<Value>,
        read: impl FnOnce(&mut Row) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        let mut found = self.db.shared().query(Statement::new(sql, params)).await?;
        found.first_mut().map(read).transpose()
    }

    /// Every row that `sql` finds among what is nobody's yet, as `read` reads it.
    async fn every<T>(
        &self,
        sql: &'static str,
        params: Vec<Value>,
        read: impl FnMut(&mut Row) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let mut found = self.db.shared().query(Statement::new(sql, params)).await?;
        found.iter_mut().map(read).collect()
    }

    /// Changes what is nobody's yet by one statement; the rows that it returns.
    async fn change(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Error> {
        let statement = Statement::new(sql, params);
        self.db.shared().write(vec![statement]).await
    }
}
