//! The two databases behind one face: statements with `$1` parameters, values, rows.

pub(crate) mod postgres;
pub(crate) mod replica;
pub(crate) mod sqlite;

use std::borrow::Cow;
use std::collections::VecDeque;

use domain::UserId;
use serde::{Deserialize, Serialize};
use telemetry::Trail;

use crate::Error;

/// A value in a statement or a row: every column is text or a whole number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}

impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}

/// The values of a statement, `$1` first.
macro_rules! params {
    ($($value:expr),* $(,)?) => { vec![$($crate::db::Value::from($value)),*] };
}
pub(crate) use params;

/// A statement and its values.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) params: Vec<Value>,
    /// It must change exactly one row; if it does not, somebody was faster.
    pub(crate) must_change_one: bool,
}

impl Statement {
    pub(crate) fn new(sql: impl Into<Cow<'static, str>>, params: Vec<Value>) -> Self {
        Self {
            sql: sql.into(),
            params,
            must_change_one: false,
        }
    }

    pub(crate) fn must_change_one(self) -> Self {
        Self {
            must_change_one: true,
            ..self
        }
    }
}

/// A row, read from its first column to its last.
#[derive(Debug, Clone)]
pub(crate) struct Row(pub(crate) VecDeque<Value>);

impl Row {
    pub(crate) fn int(&mut self) -> Result<i64, Error> {
        self.int_or_null()?
            .ok_or_else(|| Error::Corrupt("a number is missing".to_owned()))
    }

    pub(crate) fn int_or_null(&mut self) -> Result<Option<i64>, Error> {
        match self.0.pop_front() {
            Some(Value::Int(value)) => Ok(value),
            Some(Value::Text(None)) => Ok(None),
            _ => Err(Error::Corrupt("a number was expected".to_owned())),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, Error> {
        self.text_or_null()?
            .ok_or_else(|| Error::Corrupt("a text is missing".to_owned()))
    }

    pub(crate) fn text_or_null(&mut self) -> Result<Option<String>, Error> {
        match self.0.pop_front() {
            Some(Value::Text(value)) => Ok(value),
            Some(Value::Int(None)) => Ok(None),
            _ => Err(Error::Corrupt("a text was expected".to_owned())),
        }
    }
}

/// One of the two.
#[derive(Debug, Clone)]
pub(crate) enum Db {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Db {
    /// The database as `user` has it. On Postgres nothing else can be seen or changed through it.
    pub(crate) fn of<'a>(&'a self, user: &'a UserId) -> Scope<'a> {
        Scope {
            db: self,
            user: Some(user),
            anywhere: false,
        }
    }

    /// What is nobody's, or is looked up before it is known whose it is. On Postgres no user's rows can be seen through
    /// it.
    pub(crate) fn shared(&self) -> Scope<'_> {
        Scope {
            db: self,
            user: None,
            anywhere: false,
        }
    }
}

/// The only way to run statements, so that nothing runs without saying for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    db: &'a Db,
    user: Option<&'a UserId>,
    /// Whether a replica may answer.
    anywhere: bool,
}

impl Scope<'_> {
    /// The same, but a replica may answer. Only for what moves the journal whenever it changes.
    pub(crate) fn anywhere(self) -> Self {
        Self {
            anywhere: true,
            ..self
        }
    }

    /// The rows of each statement: one trip, and one moment that all of them see.
    pub(crate) async fn read(self, statements: Vec<Statement>) -> Result<Vec<Vec<Row>>, Error> {
        // On the heap, or every caller's future would have room for it twice.
        let read = Box::pin(async {
            match self.db {
                Db::Sqlite(db) => db.read(statements).await,
                Db::Postgres(db) => {
                    if let (true, Some(user), Some(replica)) =
                        (self.anywhere, self.user, db.replica())
                        && let Some(rows) = replica.read(db, user, &statements).await?
                    {
                        return Ok(rows);
                    }
                    db.read(self.user, statements).await
                }
            }
        });
        Trail::database(read).await
    }

    /// The rows of one statement.
    pub(crate) async fn query(self, statement: Statement) -> Result<Vec<Row>, Error> {
        Ok(self.read(vec![statement]).await?.pop().unwrap_or_default())
    }

    /// Runs all statements in one transaction, or none of them; returns the rows of the last.
    pub(crate) async fn write(self, statements: Vec<Statement>) -> Result<Vec<Row>, Error> {
        let written = Box::pin(async {
            match self.db {
                Db::Sqlite(db) => db.write(statements).await,
                Db::Postgres(db) => db.write(self.user, statements).await,
            }
        });
        Trail::database(written).await
    }
}
