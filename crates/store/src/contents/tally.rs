//! What there is: how many records of each table, and digests that are equal exactly where the records are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Piece, Record};
use crate::Error;
use crate::rows::to_json;

/// What there is in a database. Equal tallies are equal contents, whichever database they are in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The version of the schema.
    pub schema_version: i64,
    /// Each table.
    pub tables: BTreeMap<String, Counted>,
    /// SHA-256 of where the journal of each user ends. It stays the same when the schema changes.
    pub journal_heads: String,
}

/// What there is in a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counted {
    /// How many records.
    pub rows: u64,
    /// SHA-256 of the records as lines of JSON, in the order of the key.
    pub sha256: String,
}

impl Tally {
    /// How many records there are in all.
    pub fn rows(&self) -> u64 {
        self.tables.values().map(|table| table.rows).sum()
    }

    /// The names of the tables in which the two differ.
    pub fn difference(&self, other: &Self) -> Vec<String> {
        let names = self.tables.keys().chain(other.tables.keys());
        let mut differ: Vec<String> = names
            .filter(|name| self.tables.get(*name) != other.tables.get(*name))
            .cloned()
            .collect();
        differ.sort_unstable();
        differ.dedup();
        differ
    }
}

/// Counts what comes by.
#[derive(Debug, Default)]
pub(super) struct Counting {
    tally: Tally,
    table: Option<Counter>,
    heads: Sha256,
}

#[derive(Debug)]
struct Counter {
    name: String,
    rows: u64,
    lines: Sha256,
    /// Which values say whose journal ends where.
    head: Option<[usize; 3]>,
}

impl Counting {
    pub(super) fn count(&mut self, piece: &Piece) -> Result<(), Error> {
        match piece {
            Piece::Schema(version) => self.tally.schema_version = *version,
            Piece::Table(table) => {
                self.end_table();
                let place = |name| table.columns.iter().position(|column| column == name);
                let head = (table.name == "profile")
                    .then(|| Some([place("user_id")?, place("seq")?, place("hash")?]))
                    .flatten();
                self.table = Some(Counter {
                    name: table.name.clone(),
                    rows: 0,
                    lines: Sha256::new(),
                    head,
                });
            }
            Piece::Records(records) => {
                let Some(table) = &mut self.table else {
                    return Err(Error::Corrupt("records of no table".to_owned()));
                };
                for record in records {
                    table.count(record, &mut self.heads);
                }
            }
            Piece::End => {}
        }
        Ok(())
    }

    fn end_table(&mut self) {
        if let Some(table) = self.table.take() {
            let counted = Counted {
                rows: table.rows,
                sha256: hex(table.lines),
            };
            self.tally.tables.insert(table.name, counted);
        }
    }

    pub(super) fn done(mut self) -> Tally {
        self.end_table();
        self.tally.journal_heads = hex(self.heads);
        self.tally
    }
}

impl Counter {
    fn count(&mut self, record: &Record, heads: &mut Sha256) {
        self.rows += 1;
        self.lines.update(to_json(record));
        self.lines.update("\n");
        if let Some(places) = self.head {
            let values = places.map(|place| record.0.get(place));
            heads.update(to_json(&values));
            heads.update("\n");
        }
    }
}

fn hex(hash: Sha256) -> String {
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
