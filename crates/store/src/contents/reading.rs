//! Reads everything, as it is at one moment. Nobody who writes waits for it.

use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, stream};
use rusqlite::Connection;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, RowStream};

use super::schema::{self, Shape};
use super::{BATCH, Contents, Giver, Piece, Record};
use crate::accounts::iso;
use crate::db::postgres::{Postgres, failed, row, scope};
use crate::db::sqlite::{each, from_sqlite, run};
use crate::db::{Db, Row, Statement, Value, params};
use crate::migrate::{Dialect, SCHEMA_VERSION};
use crate::{Error, Store};

/// Begins a look at everything, which may take its time.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; \
                     SET LOCAL idle_in_transaction_session_timeout = 0";
/// Users who are asked for before it is their turn, so that the way to the database is not waited for each time.
const USERS_AHEAD: usize = 32;
/// No parameters.
const NOTHING: [(i64, Type); 0] = [];
/// Which lock the copy of the server holds that makes a backup; any number will do.
const LOCK: i64 = 0x5a75_0002;

/// The right to make the backup that is due, as long as it is kept.
#[derive(Debug)]
pub struct BackupTurn(
    #[expect(dead_code, reason = "the lock ends with its connection")] Option<Client>,
);

impl Store {
    /// Everything in the database, as it is at one moment, whichever it is by the time it is taken.
    pub fn contents(&self) -> Contents {
        let (giver, contents) = Contents::channel();
        let db = self.db.clone();
        tokio::spawn(async move {
            let given = match &db {
                Db::Sqlite(db) => {
                    let giver = giver.clone();
                    db.look(move |connection| read_sqlite(connection, &giver))
                        .await
                }
                Db::Postgres(db) => read_postgres(db, &giver).await,
            };
            // If nobody takes any more, there is nobody to tell.
            let _ = giver.give(given.map(|()| Piece::End)).await;
        });
        contents
    }

    /// The right to make the backup that is due. `None` if another copy of the server is making one.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn backup_turn(&self) -> Result<Option<BackupTurn>, Error> {
        let Db::Postgres(db) = &self.db else {
            return Ok(Some(BackupTurn(None)));
        };
        let client = db.client().await?;
        // A lock of the transaction, because behind a pooler one of the session would be somebody else's.
        client.batch_execute(BEGIN).await.map_err(failed)?;
        let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK})");
        let rows = client.query_typed(&sql, &[]).await.map_err(failed)?;
        let ours = rows.first().map_or(Ok(false), |row| row.try_get(0));
        Ok(ours.map_err(failed)?.then_some(BackupTurn(Some(client))))
    }
}

fn read_sqlite(connection: &Connection, giver: &Giver) -> Result<(), Error> {
    let _moment = connection.unchecked_transaction().map_err(from_sqlite)?;
    let mut version = run(connection, &Statement::new(SCHEMA_VERSION, params![]))?;
    let version = version.first_mut().map_or(Ok(0), Row::int)?;
    giver.blocking_give(Ok(Piece::Schema(version)))?;
    for shape in schema::tables(version)? {
        giver.blocking_give(Ok(Piece::Table(shape.table.clone())))?;
        let mut batch = Vec::with_capacity(BATCH);
        let all = Statement::new(shape.select(Dialect::Sqlite), params![]);
        each(connection, &all, |row| {
            batch.push(shape.record(row));
            if batch.len() == BATCH {
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                giver.blocking_give(Ok(Piece::Records(full)))?;
            }
            Ok(())
        })?;
        if !batch.is_empty() {
            giver.blocking_give(Ok(Piece::Records(batch)))?;
        }
    }
    Ok(())
}

async fn read_postgres(db: &Postgres, giver: &Giver) -> Result<(), Error> {
    let client = db.client().await?;
    client.batch_execute(BEGIN).await.map_err(failed)?;
    let one = async |sql: &str| {
        let rows = client.query_typed(sql, &[]).await.map_err(failed)?;
        rows.iter().map(row).collect::<Result<Vec<Row>, Error>>()
    };
    let version = one(SCHEMA_VERSION)
        .await?
        .first_mut()
        .map_or(Ok(0), Row::int)?;
    giver.give(Ok(Piece::Schema(version))).await?;
    // Where policies bind us there is nothing to see but one user's rows, so we look as one after the other.
    let bound = "SELECT CAST(relname AS TEXT) FROM pg_class \
                 WHERE relkind = 'r' AND pg_table_is_visible(oid) AND row_security_active(oid)";
    let texts = |rows: Vec<Row>| {
        rows.into_iter()
            .map(|mut row| row.text())
            .collect::<Result<Vec<_>, _>>()
    };
    let bound = texts(one(bound).await?)?;
    let users = if bound.is_empty() {
        Vec::new()
    } else {
        texts(one("SELECT \"id\" FROM \"user\" ORDER BY \"id\" COLLATE \"C\"").await?)?
    };
    for shape in schema::tables(version)? {
        giver.give(Ok(Piece::Table(shape.table.clone()))).await?;
        let mut batch = Vec::with_capacity(BATCH);
        let all = shape.select(Dialect::Postgres);
        if bound.contains(&shape.table.name) {
            let (client, all, users) = (&client, &all, &users);
            let as_each = (0..users.len()).map(|number| async move {
                let scope = scope(&users[number]);
                // Polled together and in this order, they travel in one trip.
                let (scoped, rows) = tokio::join!(
                    biased;
                    client.batch_execute(&scope),
                    client.query_typed_raw(all, NOTHING),
                );
                scoped.and(rows)
            });
            let mut as_each = pin!(stream::iter(as_each).buffered(USERS_AHEAD));
            while let Some(rows) = as_each.next().await {
                take(rows, &shape, giver, &mut batch).await?;
            }
        } else {
            let rows = client.query_typed_raw(&all, NOTHING).await;
            take(rows, &shape, giver, &mut batch).await?;
        }
        if !batch.is_empty() {
            giver.give(Ok(Piece::Records(batch))).await?;
        }
    }
    client.batch_execute("COMMIT").await.map_err(failed)
}

/// Takes the rows of a table, or of one user's part of it.
async fn take(
    rows: Result<RowStream, tokio_postgres::Error>,
    shape: &Shape,
    giver: &Giver,
    batch: &mut Vec<Record>,
) -> Result<(), Error> {
    let mut rows = pin!(rows.map_err(failed)?);
    while let Some(found) = rows.try_next().await.map_err(failed)? {
        batch.push(shape.record(row(&found)?));
        if batch.len() == BATCH {
            let full = std::mem::replace(batch, Vec::with_capacity(BATCH));
            giver.give(Ok(Piece::Records(full))).await?;
        }
    }
    Ok(())
}

impl Shape {
    fn record(&self, Row(values): Row) -> Record {
        let value = |(value, is_time): (Value, &bool)| match value {
            Value::Int(None) | Value::Text(None) => Value::Text(None),
            Value::Text(Some(text)) if *is_time => Value::Text(Some(time(text))),
            value => value,
        };
        Record(values.into_iter().zip(&self.times).map(value).collect())
    }
}

/// A time of Better Auth's in the one way in which both databases say it. What is none stays as it is.
fn time(text: String) -> String {
    let at = text.parse().or_else(|_| format!("{text}Z").parse());
    at.map_or(text, iso)
}
