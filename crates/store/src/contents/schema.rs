//! Which tables there are, told by the migrations themselves, so that no table can be forgotten.

use rusqlite::Connection;

use super::Table;
use crate::db::sqlite::{from_sqlite, run};
use crate::db::{Row, Statement, params};
use crate::migrate::{self, Dialect};
use crate::{Error, Store};

/// A table, and how its records are read.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) table: Table,
    /// The columns of the primary key, and whether each is text.
    key: Vec<(String, bool)>,
    /// For each column whether it holds a time of Better Auth's.
    pub(super) times: Vec<bool>,
}

/// The tables of schema `version`, in an order in which they can be filled.
pub(super) fn tables(version: i64) -> Result<Vec<Shape>, Error> {
    let known = Store::newest_schema_version();
    if version > known {
        return Err(Error::NewerSchema {
            found: version,
            known,
        });
    }
    // Both databases have the same tables and columns, so the one that can be made here and now tells of both.
    let sketch = Connection::open_in_memory().map_err(from_sqlite)?;
    for statement in migrate::steps(Dialect::Sqlite, 0, version) {
        run(&sketch, &statement)?;
    }
    // Sessions and accounts refer to users, so these come first.
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                 AND name <> 'schema_version' ORDER BY name <> 'user', name";
    let names = run(&sketch, &Statement::new(names, params![]))?;
    names
        .into_iter()
        .map(|mut row| shape(&sketch, row.text()?))
        .collect()
}

fn shape(sketch: &Connection, name: String) -> Result<Shape, Error> {
    let sql = "SELECT name, type, pk FROM pragma_table_info($1) ORDER BY cid";
    let found = run(sketch, &Statement::new(sql, params![name.as_str()]))?;
    let column = |mut row: Row| Ok((row.text()?, row.text()?, row.int()?));
    let found: Vec<(String, String, i64)> = found
        .into_iter()
        .map(column)
        .collect::<Result<_, Error>>()?;
    let mut key: Vec<_> = found.iter().filter(|(_, _, place)| *place > 0).collect();
    key.sort_by_key(|(_, _, place)| *place);
    Ok(Shape {
        key: key
            .into_iter()
            .map(|(column, kind, _)| (column.clone(), kind == "TEXT"))
            .collect(),
        times: found.iter().map(|(_, kind, _)| kind == "DATE").collect(),
        table: Table {
            name,
            columns: found.into_iter().map(|(column, _, _)| column).collect(),
        },
    })
}

impl Shape {
    /// The statement that reads all records, in the order of their key, in which both databases agree.
    pub(super) fn select(&self, dialect: Dialect) -> String {
        let key = self.key.iter().map(|(column, is_text)| match dialect {
            Dialect::Postgres if *is_text => format!("\"{column}\" COLLATE \"C\""),
            _ => format!("\"{column}\""),
        });
        let key = key.collect::<Vec<_>>().join(", ");
        let Table { name, .. } = &self.table;
        format!(
            "SELECT {} FROM \"{name}\" ORDER BY {key}",
            self.table.list()
        )
    }
}

impl Table {
    /// Its columns, as SQL names them.
    pub(super) fn list(&self) -> String {
        let columns = self.columns.iter().map(|column| format!("\"{column}\""));
        columns.collect::<Vec<_>>().join(", ")
    }
}
