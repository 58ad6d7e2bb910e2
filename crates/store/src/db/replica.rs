//! A copy of the Postgres database that answers reads, as long as it has everything that the user has written.
//!
//! Every read names one user, and every change of what is read here moves the number of that user's journal. So the copy
//! is asked for this number together with the rows, at one moment, and the primary for the number alone, at the same
//! time: if the copy's is not lower, its rows are what the primary would have answered. That holds for whoever wrote last,
//! through whichever copy of the server, and needs neither a memory of who wrote when nor a guess at how far the copy is
//! behind. The price is that the primary is asked for one row by its key.

use std::error::Error as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::UserId;
use telemetry::Figures;
use tokio::time::{Instant, timeout};

use super::postgres::Postgres;
use super::{Row, Statement, params};
use crate::Error;
use crate::journal::LAST_SEQ;

/// How long the copy may take.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long it is left alone after it has failed.
const REST: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) struct Replica {
    db: Postgres,
    rests_until: Mutex<Option<Instant>>,
}

impl Replica {
    pub(crate) fn open(url: &str, figures: Figures) -> Result<Self, Error> {
        Ok(Self {
            db: Postgres::open(url, "replica", figures)?,
            rests_until: Mutex::default(),
        })
    }

    pub(super) fn db(&self) -> &Postgres {
        &self.db
    }

    pub(crate) fn close(&self) {
        self.db.close();
    }

    /// The rows of each statement. `None` if the primary has to be asked.
    pub(crate) async fn read(
        &self,
        primary: &Postgres,
        user: &UserId,
        statements: &[Statement],
    ) -> Result<Option<Vec<Vec<Row>>>, Error> {
        if self.rests() {
            return Ok(None);
        }
        let last = Statement::new(LAST_SEQ, params![user.as_str()]);
        let mut wanted = statements.to_vec();
        wanted.push(last.clone());
        let (here, there) = tokio::join!(
            primary.read(Some(user), vec![last]),
            timeout(PATIENCE, self.db.read(Some(user), wanted)),
        );
        let number = |rows: Option<Vec<Row>>| crate::rows::number(rows);
        let here = number(here?.pop())?;
        match there {
            Ok(Ok(mut rows)) => Ok((number(rows.pop())? >= here).then_some(rows)),
            Ok(Err(error)) => {
                // What it was is told by where it comes from.
                let cause = error.source();
                self.rest(&cause.map_or_else(|| error.to_string(), ToString::to_string));
                Ok(None)
            }
            Err(_) => {
                self.rest("it took too long to answer");
                Ok(None)
            }
        }
    }

    fn rests(&self) -> bool {
        let until = *self
            .rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self, reason: &str) {
        tracing::warn!(
            reason,
            "the read replica has failed; the primary answers for a while"
        );
        let mut until = self
            .rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *until = Some(Instant::now() + REST);
    }
}
