//! Takes a user's rows back to a moment, by the journal.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use domain::{Change, Hash, RowId, Seq, TaskId, UserId};
use jiff::Timestamp;

use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::rows::change_statement;
use crate::{Error, Store};

impl Store {
    /// Makes a user's tasks, projects, settings and journal what they were at `to`, and forgets the messages and proposals
    /// from after it; how many entries went. It is meant for a copy that nobody uses yet.
    ///
    /// # Errors
    /// [`Error::Forgotten`] if entries from after that moment have been removed already.
    pub async fn rewind(&self, user: &UserId, to: Timestamp) -> Result<u64, Error> {
        /// Entries fetched at a time.
        const PAGE: u32 = 1_000;
        let (head, first) = self.first_after(user, to).await?;
        let mut statements = Vec::new();
        let mut gone = 0;
        // What a row was before the first entry that is about it is what it was then.
        let mut changes: BTreeMap<RowId, Change> = BTreeMap::new();
        if let Some(first) = first {
            let (mut last, mut hash) = (Seq(first.0 - 1), None::<Hash>);
            loop {
                let page = self.entries_after(user, last, head, PAGE).await?;
                if page.is_empty() {
                    break;
                }
                for (entry, _) in page {
                    hash.get_or_insert(entry.previous_hash);
                    for change in entry.changes {
                        if let Entry::Vacant(row) = changes.entry(change.row()) {
                            row.insert(reversed(change));
                        }
                    }
                    last = entry.seq;
                    gone += 1;
                }
            }
            let rewound = changes.values();
            statements.extend(rewound.map(|change| change_statement(user, change)));
            for table in ["journal_rows", "journal"] {
                let sql = format!("DELETE FROM {table} WHERE user_id = $1 AND seq >= $2");
                statements.push(Statement::new(sql, params![user.as_str(), first.0]));
            }
            statements.push(Statement::new(
                "UPDATE profile SET seq = $2, hash = $3 WHERE user_id = $1",
                params![
                    user.as_str(),
                    first.0 - 1,
                    hash.unwrap_or_default().to_string()
                ],
            ));
            statements.extend(self.undone_before(user, first).await?);
        }
        statements.extend(
            [
                "DELETE FROM messages WHERE user_id = $1 AND created_at > $2",
                "DELETE FROM conversations WHERE user_id = $1 AND created_at > $2",
                "DELETE FROM proposals WHERE user_id = $1 AND proposed_at > $2",
                "UPDATE proposals SET decided_at = NULL, decision = NULL WHERE user_id = $1 AND decided_at > $2",
            ]
            .map(|sql| Statement::new(sql, params![user.as_str(), micros(to)])),
        );
        self.reaches_back(user, &changes, to).await?;
        self.db.of(user).write(statements).await?;
        Ok(gone)
    }

    /// Where the journal ends, and the first entry from after `at`. It is the first in the order of the journal: clocks
    /// that were set back do not change what follows from what.
    async fn first_after(&self, user: &UserId, at: Timestamp) -> Result<(Seq, Option<Seq>), Error> {
        let sql = "SELECT seq, (SELECT MIN(seq) FROM journal WHERE journal.user_id = $1 AND at > $2) \
                   FROM profile WHERE user_id = $1";
        let statement = Statement::new(sql, params![user.as_str(), micros(at)]);
        let mut found = self.db.of(user).query(statement).await?;
        match found.first_mut() {
            Some(row) => Ok((Seq(row.int()?), row.int_or_null()?.map(Seq))),
            None => Ok((Seq(0), None)),
        }
    }

    /// That nothing is younger than `to` after `changes`; if something is, the entry that made it so has been removed.
    async fn reaches_back(
        &self,
        user: &UserId,
        changes: &BTreeMap<RowId, Change>,
        to: Timestamp,
    ) -> Result<(), Error> {
        let sql = "SELECT id FROM tasks WHERE user_id = $1 AND updated_at > $2";
        let statement = Statement::new(sql, params![user.as_str(), micros(to)]);
        let young = self.db.of(user).query(statement).await?;
        let mut reaches = changes.values().all(|change| match change {
            Change::Task {
                after: Some(task), ..
            } => task.updated_at <= to,
            _ => true,
        });
        for mut row in young {
            reaches &= changes.contains_key(&RowId::Task(TaskId(row.int()?)));
        }
        if reaches {
            Ok(())
        } else {
            Err(Error::Forgotten(user.to_string()))
        }
    }

    /// What had been undone by what when `first` was still to come: the entries say it, one after the other.
    async fn undone_before(&self, user: &UserId, first: Seq) -> Result<Vec<Statement>, Error> {
        let sql = "SELECT seq, undoes FROM journal WHERE user_id = $1 AND seq < $2 AND undoes IS NOT NULL ORDER BY seq";
        let statement = Statement::new(sql, params![user.as_str(), first.0]);
        let undoing = self.db.of(user).query(statement).await?;
        let mut undone: BTreeMap<i64, i64> = BTreeMap::new();
        for mut row in undoing {
            let (seq, undoes) = pair(&mut row)?;
            undone.retain(|_, by| *by != undoes);
            undone.insert(undoes, seq);
        }
        let none = "UPDATE journal SET undone_by = NULL WHERE user_id = $1";
        let one = "UPDATE journal SET undone_by = $3 WHERE user_id = $1 AND seq = $2";
        let mut statements = vec![Statement::new(none, params![user.as_str()])];
        let each = undone.into_iter();
        statements
            .extend(each.map(|(seq, by)| Statement::new(one, params![user.as_str(), seq, by])));
        Ok(statements)
    }
}

fn pair(row: &mut Row) -> Result<(i64, i64), Error> {
    Ok((row.int()?, row.int()?))
}

/// The change that takes a change back.
fn reversed(change: Change) -> Change {
    match change {
        Change::Task { before, after } => Change::Task {
            before: after,
            after: before,
        },
        Change::Project { before, after } => Change::Project {
            before: after,
            after: before,
        },
        Change::Settings { before, after } => Change::Settings {
            before: after,
            after: before,
        },
    }
}
