//! Everything in a database as one stream: a file can hold it, and another database can be filled with it.

mod filling;
mod reading;
mod schema;
mod tally;

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::Error;
use crate::db::Value;
use tally::Counting;

pub use reading::BackupTurn;
pub use tally::{Counted, Tally};

/// Records given at a time.
const BATCH: usize = 256;
/// Pieces that wait for whoever takes them; with this, only a few megabytes of a database are in memory.
const AHEAD: usize = 4;

/// A part of everything.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// The version of the schema. It comes first.
    Schema(i64),
    /// The table that the records after it are of.
    Table(Table),
    /// Records of that table, in the order of its key.
    Records(Vec<Record>),
    /// There is nothing more. A stream without it was cut short.
    End,
}

/// A table, as far as it has to be known to put records in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    #[serde(rename = "table")]
    pub name: String,
    /// Which columns a record has, in its order.
    pub columns: Vec<String>,
}

/// The values of one row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record(pub(crate) Vec<Value>);

/// Everything, piece by piece. It is counted as it is taken.
#[derive(Debug)]
pub struct Contents {
    pieces: mpsc::Receiver<Result<Piece, Error>>,
    counting: Counting,
    tally: Tally,
    /// What it has to come to in the end, if that is known.
    expected: Option<Tally>,
}

/// The end at which pieces are put in.
#[derive(Debug, Clone)]
pub struct Giver(mpsc::Sender<Result<Piece, Error>>);

impl Contents {
    /// A stream and the end at which pieces are put in.
    pub fn channel() -> (Giver, Self) {
        let (giver, pieces) = mpsc::channel(AHEAD);
        let contents = Self {
            pieces,
            counting: Counting::default(),
            tally: Tally::default(),
            expected: None,
        };
        (Giver(giver), contents)
    }

    /// The same, but an error at its end unless it is what `tally` says.
    #[must_use]
    pub fn expect(self, tally: Tally) -> Self {
        Self {
            expected: Some(tally),
            ..self
        }
    }

    /// The next piece. `None` after the last.
    ///
    /// # Errors
    /// What went wrong where it comes from.
    pub async fn next(&mut self) -> Result<Option<Piece>, Error> {
        let piece = self.pieces.recv().await;
        self.counted(piece)
    }

    /// The same on a thread that may wait.
    ///
    /// # Errors
    /// What went wrong where it comes from.
    pub fn blocking_next(&mut self) -> Result<Option<Piece>, Error> {
        let piece = self.pieces.blocking_recv();
        self.counted(piece)
    }

    fn counted(&mut self, piece: Option<Result<Piece, Error>>) -> Result<Option<Piece>, Error> {
        let piece = piece.ok_or_else(|| Error::Unavailable("it was cut short".into()))??;
        if piece == Piece::End {
            self.tally = std::mem::take(&mut self.counting).done();
            if let Some(expected) = &self.expected
                && *expected != self.tally
            {
                let tables = expected.difference(&self.tally).join(", ");
                return Err(Error::Corrupt(format!(
                    "it is not what was written: {tables}"
                )));
            }
            return Ok(None);
        }
        self.counting.count(&piece)?;
        Ok(Some(piece))
    }

    /// What there was of it, once the end has been taken.
    pub fn tally(self) -> Tally {
        self.tally
    }

    /// What there is, without keeping any of it.
    ///
    /// # Errors
    /// What went wrong where it comes from.
    pub async fn count(mut self) -> Result<Tally, Error> {
        while self.next().await?.is_some() {}
        Ok(self.tally())
    }
}

impl Giver {
    /// Gives a piece, or what went wrong, once there is room for it.
    ///
    /// # Errors
    /// If nobody takes any more.
    pub async fn give(&self, piece: Result<Piece, Error>) -> Result<(), Error> {
        self.0.send(piece).await.map_err(|_| gone())
    }

    /// The same on a thread that may wait.
    ///
    /// # Errors
    /// If nobody takes any more.
    pub fn blocking_give(&self, piece: Result<Piece, Error>) -> Result<(), Error> {
        self.0.blocking_send(piece).map_err(|_| gone())
    }
}

fn gone() -> Error {
    Error::Unavailable("nobody takes what is read".into())
}
