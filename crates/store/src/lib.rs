//! The database: every statement once, in the dialect SQLite and Postgres share.
//!
//! Every statement names the user whose rows it is about; there is none that could reach somebody else's. What a
//! command changes is appended as one batch: journal, rows and counters together, refused as a whole with
//! [`Error::Conflict`] when somebody else's entry has come in between.

mod accounts;
mod contents;
mod conversations;
mod db;
mod filter;
mod journal;
mod lists;
mod migrate;
mod model_use;
mod proposals;
mod retention;
mod rewind;
mod row_security;
mod rows;
mod steps;
mod tasks;
mod verify;
mod watching;
mod writing;

use std::sync::Arc;

use db::{Db, Statement, params};
use telemetry::{Backend, Figures, Pool};
use watching::Watching;

pub use accounts::{
    ApiToken, NewUser, OauthClient, OauthCode, OauthGrant, RefreshToken, SecurityEvent, Session,
    SigningKey, User, iso,
};
pub use contents::{BackupTurn, Contents, Counted, Giver, Piece, Record, Table, Tally};
pub use conversations::{
    Conversation, ConversationWrite, Latest, Message, Moment, Role, TurnContext,
};
pub use journal::Batch;
pub use model_use::{ModelUse, ModelUsed};
pub use proposals::{Decided, Decision, KeptProposal};
pub use row_security::RowSecurity;
pub use steps::StepCount;
pub use verify::Verified;
pub use watching::Watch;
pub use writing::{Rewrite, Writing};

/// What can go wrong with the database, as far as a caller can tell it apart.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody was faster: read again and decide again. Nothing was written.
    #[error("somebody else changed the same in between")]
    Conflict,
    /// Too many requests wait already. Nothing was written.
    #[error("too many requests are waiting for the database")]
    Busy,
    /// A page was asked for by something that is no cursor.
    #[error("that is not a cursor")]
    BadCursor,
    /// The address of the database cannot be read.
    #[error("{0} is not the address of a database; use sqlite://PATH or postgres://\u{2026}")]
    BadUrl(String),
    /// The schema was made by a newer program.
    #[error("the database has schema {found}, this program knows {known}; use a newer program")]
    NewerSchema {
        /// The version of the schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// A database of this kind has none.
    #[error("only a Postgres database has a read replica")]
    NoReplica,
    /// A database that was to be filled has something in it already.
    #[error("the database is not empty; nothing was changed")]
    NotEmpty,
    /// The journal of this user does not reach back to a moment: entries from after it have been removed.
    #[error(
        "the journal of {0} does not reach back to then; entries from after it have been removed, as JOURNAL_DAYS says"
    )]
    Forgotten(String),
    /// The database does not answer, or cannot store what it is given.
    #[error("the database did not answer")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored cannot be right.
    #[error("the database holds something unexpected: {0}")]
    Corrupt(String),
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    watching: Arc<Watching>,
    figures: Figures,
}

impl Store {
    /// Opens the database at `url`: `sqlite://PATH`, `sqlite::memory:` or `postgres://…`. Its schema is left as it is.
    ///
    /// # Errors
    /// [`Error::BadUrl`], or [`Error::Unavailable`] if it cannot be opened.
    pub async fn open(url: &str) -> Result<Self, Error> {
        Self::open_counted(url, Figures::default()).await
    }

    /// The same, and what it does is counted in `figures`.
    ///
    /// # Errors
    /// As with [`Store::open`].
    #[expect(
        clippy::unused_async,
        reason = "opening a database is a wait, even where it happens later"
    )]
    pub async fn open_counted(url: &str, figures: Figures) -> Result<Self, Error> {
        let db = if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(Error::BadUrl(url.to_owned()));
            }
            Db::Sqlite(db::sqlite::Sqlite::open(path, figures.clone())?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Db::Postgres(db::postgres::Postgres::open(url, "main", figures.clone())?)
        } else {
            return Err(Error::BadUrl(
                url.split("://").next().unwrap_or_default().to_owned(),
            ));
        };
        Ok(Self {
            db,
            watching: Arc::default(),
            figures,
        })
    }

    /// Where what it does is counted.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// How its connections are used now.
    pub fn pools(&self) -> Vec<Pool> {
        match &self.db {
            Db::Sqlite(db) => db.pools(),
            Db::Postgres(db) => db.pools(),
        }
    }

    /// What the database says about itself.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not answer.
    pub async fn backend(&self) -> Result<Backend, Error> {
        let ask = |sql: &'static str| vec![Statement::new(sql, params![])];
        let (version, journal, synchronous) = match &self.db {
            Db::Sqlite(db) => {
                // Of the writer's connection, which is the one that commits.
                let mut answers = Vec::new();
                for sql in ["SELECT sqlite_version()", "PRAGMA journal_mode"] {
                    answers.push(text(db.write(ask(sql)).await?)?);
                }
                let level = db.write(ask("PRAGMA synchronous")).await?;
                let level = match level.into_iter().next().map(|mut row| row.int()) {
                    Some(Ok(0)) => "off",
                    Some(Ok(1)) => "normal",
                    Some(Ok(2)) => "full",
                    _ => "extra",
                };
                let [version, journal] = <[String; 2]>::try_from(answers).unwrap_or_default();
                (version, journal, level.to_owned())
            }
            Db::Postgres(_) => {
                let setting = async |name: &'static str| {
                    let statement = Statement::new("SELECT current_setting($1)", params![name]);
                    text(self.db.shared().query(statement).await?)
                };
                let version = setting("server_version").await?;
                (
                    version,
                    "wal".to_owned(),
                    setting("synchronous_commit").await?,
                )
            }
        };
        Ok(Backend {
            backend: self.kind(),
            version,
            journal,
            synchronous,
        })
    }

    /// The same database, whose copy at `url` answers lists and history whenever it has everything that the user has
    /// written. What else it is asked stays with the first.
    ///
    /// # Errors
    /// [`Error::BadUrl`], or [`Error::NoReplica`] if this is no Postgres database.
    pub fn with_replica(self, url: &str) -> Result<Self, Error> {
        match self.db {
            Db::Postgres(db) => {
                let replica = db::replica::Replica::open(url, self.figures.clone())?;
                Ok(Self {
                    db: Db::Postgres(db.with_replica(replica)),
                    ..self
                })
            }
            Db::Sqlite(_) => Err(Error::NoReplica),
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if it does not.
    pub async fn ping(&self) -> Result<(), Error> {
        self.db
            .shared()
            .query(Statement::new("SELECT CAST(1 AS BIGINT)", params![]))
            .await
            .map(|_| ())
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self.db {
            Db::Sqlite(_) => "sqlite",
            Db::Postgres(_) => "postgres",
        }
    }

    /// Lets go of the database. Writes that were accepted are finished first.
    pub async fn close(&self) {
        self.end_watching();
        self.finish_telling().await;
        match &self.db {
            // The writer answers in order, so once this is answered everything before it is committed.
            Db::Sqlite(db) => {
                let _ = db.write(Vec::new()).await;
            }
            Db::Postgres(db) => db.close(),
        }
    }
}

/// The one text in the one row.
fn text(rows: Vec<db::Row>) -> Result<String, Error> {
    match rows.into_iter().next() {
        Some(mut row) => row.text(),
        None => Err(Error::Corrupt("an answer is missing".to_owned())),
    }
}
