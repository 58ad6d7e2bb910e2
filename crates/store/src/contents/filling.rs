//! Fills an empty database: all of it in one transaction, schema included, or nothing.

use rusqlite::Connection;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};

use super::{Contents, Piece, Record, Table, Tally, schema};
use crate::db::postgres::{Postgres, failed, row, typed};
use crate::db::sqlite::{from_sqlite, run, run_all};
use crate::db::{Db, Row, Statement, Value, params};
use crate::migrate::{self, Dialect, HAS_SCHEMA_ON_POSTGRES, HAS_SCHEMA_ON_SQLITE, SCHEMA_VERSION};
use crate::rows::to_json;
use crate::{Error, Store};

const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '5s'; \
                     SET LOCAL idle_in_transaction_session_timeout = 0";

impl Store {
    /// Fills the database, which must be empty, with `contents`, at the schema they have; what there was of them.
    ///
    /// # Errors
    /// [`Error::NotEmpty`], [`Error::NewerSchema`], or what went wrong where they come from. Nothing is changed then.
    pub async fn fill(&self, contents: Contents) -> Result<Tally, Error> {
        match &self.db {
            Db::Sqlite(db) => {
                db.alone(move |connection| {
                    connection
                        .execute_batch("BEGIN IMMEDIATE")
                        .map_err(from_sqlite)?;
                    let filled = fill_sqlite(connection, contents).and_then(|tally| {
                        connection.execute_batch("COMMIT").map_err(from_sqlite)?;
                        Ok(tally)
                    });
                    if filled.is_ok() {
                        // The file alone then has all of it, should somebody carry it away.
                        let _ = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
                    } else {
                        // SQLite may have rolled back by itself already.
                        let _ = connection.execute_batch("ROLLBACK");
                    }
                    filled
                })
                .await
            }
            // Its connection ends with it, and so does a transaction that has not been committed.
            Db::Postgres(db) => fill_postgres(db, contents).await,
        }
    }
}

/// The version that contents begin with.
fn version_in(piece: Option<&Piece>) -> Result<i64, Error> {
    match piece {
        Some(Piece::Schema(version)) if *version > 0 => Ok(*version),
        Some(Piece::Schema(_)) => Err(Error::Unavailable("there is no database yet".into())),
        _ => Err(Error::Corrupt(
            "no version of the schema comes first".to_owned(),
        )),
    }
}

/// That a schema which is there already can become `wanted`.
fn can_become(found: i64, wanted: i64) -> Result<(), Error> {
    if found > wanted {
        return Err(Error::Unavailable(
            format!("it has schema {found} already and cannot go back to {wanted}; give it a new database").into(),
        ));
    }
    Ok(())
}

/// The table among `tables` that is meant, if it has all of the columns.
fn known(tables: &[schema::Shape], table: Table) -> Result<Table, Error> {
    let shape = tables.iter().find(|shape| shape.table.name == table.name);
    match shape {
        Some(shape) if shape.table == table => Ok(table),
        _ => Err(Error::Corrupt(format!(
            "no such table or columns: {}",
            table.name
        ))),
    }
}

fn fill_sqlite(connection: &Connection, mut contents: Contents) -> Result<Tally, Error> {
    let ask = |sql: String| {
        let mut rows = run(connection, &Statement::new(sql, params![]))?;
        rows.first_mut().map_or(Ok(0), Row::int)
    };
    let version = version_in(contents.blocking_next()?.as_ref())?;
    let tables = schema::tables(version)?;
    let found = if ask(HAS_SCHEMA_ON_SQLITE.to_owned())? == 0 {
        0
    } else {
        ask(SCHEMA_VERSION.to_owned())?
    };
    can_become(found, version)?;
    for statement in migrate::steps(Dialect::Sqlite, found, version) {
        run(connection, &statement)?;
    }
    for shape in &tables {
        if ask(any(&shape.table))? > 0 {
            return Err(Error::NotEmpty);
        }
    }
    let mut insert = String::new();
    while let Some(piece) = contents.blocking_next()? {
        match piece {
            Piece::Table(table) => {
                let table = known(&tables, table)?;
                let places: Vec<String> =
                    (1..=table.columns.len()).map(|n| format!("${n}")).collect();
                insert = format!(
                    "INSERT INTO \"{}\" ({}) VALUES ({})",
                    table.name,
                    table.list(),
                    places.join(", ")
                );
            }
            Piece::Records(records) => {
                run_all(
                    connection,
                    &insert,
                    records.into_iter().map(|Record(values)| values),
                )?;
            }
            Piece::Schema(_) | Piece::End => {}
        }
    }
    Ok(contents.tally())
}

/// Whether there is any row, as 0 or 1.
fn any(table: &Table) -> String {
    format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM \"{}\" LIMIT 1) AS one",
        table.name
    )
}

async fn fill_postgres(db: &Postgres, mut contents: Contents) -> Result<Tally, Error> {
    let version = version_in(contents.next().await?.as_ref())?;
    let tables = schema::tables(version)?;
    let client = db.client().await?;
    client.batch_execute(BEGIN).await.map_err(failed)?;
    let found = if ask(&client, HAS_SCHEMA_ON_POSTGRES).await? == 0 {
        0
    } else {
        ask(&client, SCHEMA_VERSION).await?
    };
    can_become(found, version)?;
    for statement in migrate::steps(Dialect::Postgres, found, version) {
        client
            .query_typed(&statement.sql, &typed(&statement))
            .await
            .map_err(failed)?;
    }
    // Rows of everybody's go in, so until they are there policies must not bind the owner, who we are.
    let forced = "SELECT CAST(relname AS TEXT) FROM pg_class \
                  WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relforcerowsecurity";
    let forced = client.query_typed(forced, &[]).await.map_err(failed)?;
    let forced: Vec<String> = forced
        .iter()
        .map(|found| row(found)?.text())
        .collect::<Result<_, Error>>()?;
    let force = async |how: &str| {
        for table in &forced {
            let sql = format!("ALTER TABLE \"{table}\" {how} ROW LEVEL SECURITY");
            client.batch_execute(&sql).await.map_err(failed)?;
        }
        Ok::<(), Error>(())
    };
    force("NO FORCE").await?;
    for shape in &tables {
        if ask(&client, &any(&shape.table)).await? > 0 {
            return Err(Error::NotEmpty);
        }
    }
    let mut filling = None;
    while let Some(piece) = contents.next().await? {
        match piece {
            Piece::Table(table) => filling = Some(known(&tables, table)?),
            Piece::Records(records) => {
                let Some(table) = &filling else {
                    return Err(Error::Corrupt("records of no table".to_owned()));
                };
                insert(&client, table, &records).await?;
            }
            Piece::Schema(_) | Piece::End => {}
        }
    }
    force("FORCE").await?;
    for shape in &tables {
        // Otherwise the first to come would wait for plans made for empty tables.
        let sql = format!("ANALYZE \"{}\"", shape.table.name);
        client.batch_execute(&sql).await.map_err(failed)?;
    }
    client.batch_execute("COMMIT").await.map_err(failed)?;
    Ok(contents.tally())
}

async fn ask(client: &Client, sql: &str) -> Result<i64, Error> {
    let rows = client.query_typed(sql, &[]).await.map_err(failed)?;
    rows.first().map_or(Ok(0), |found| row(found)?.int())
}

/// Puts records in. Postgres makes of each value what its column holds.
async fn insert(client: &Client, table: &Table, records: &[Record]) -> Result<(), Error> {
    let names: Vec<String> = table.columns.iter().map(to_json).collect();
    let object = |Record(values): &Record| {
        let fields = names.iter().zip(values);
        let fields =
            fields.map(|(name, value): (&String, &Value)| format!("{name}:{}", to_json(value)));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    };
    let objects = records.iter().map(object).collect::<Vec<_>>().join(",");
    let objects = format!("[{objects}]");
    let (name, columns) = (&table.name, table.list());
    let sql = format!(
        "INSERT INTO \"{name}\" ({columns}) SELECT {columns} \
         FROM json_populate_recordset(CAST(NULL AS \"{name}\"), CAST($1 AS json))"
    );
    let params: [(&(dyn ToSql + Sync), Type); 1] = [(&objects, Type::TEXT)];
    client.execute_typed(&sql, &params).await.map_err(failed)?;
    Ok(())
}
