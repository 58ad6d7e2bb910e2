//! Brings the schema up to date: numbered files, each run once, never edited once released.

use crate::db::{Db, Statement, params};
use crate::{Error, Store};

/// Every migration, in order. `{text}` and `{rowless}` are where the databases differ.
const MIGRATIONS: [(i64, &str); 1] = [(1, include_str!("../migrations/0001_tables.sql"))];

/// Serialises migrations of several servers that start at once; any number will do.
const LOCK: i64 = 0x5a75_0001;

impl Store {
    /// Runs the migrations that have not run yet, all or none of them.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] if the schema is newer than this program.
    pub async fn migrate(&self) -> Result<(), Error> {
        let mut statements = Vec::new();
        if let Db::Postgres(_) = self.db {
            statements.push(Statement::new(
                "SELECT pg_advisory_xact_lock($1)::text",
                params![LOCK],
            ));
        }
        statements.push(Statement::new(
            "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)",
            params![],
        ));
        self.db.write(statements.clone()).await?;
        loop {
            let version = self.schema_version().await?;
            let known = MIGRATIONS.len() as i64;
            if version > known {
                return Err(Error::NewerSchema {
                    found: version,
                    known,
                });
            }
            if version == known {
                return Ok(());
            }
            let mut migration = statements.clone();
            for (number, file) in MIGRATIONS.iter().filter(|(number, _)| *number > version) {
                let file = self.dialect(file);
                let parts = file
                    .split(';')
                    .map(str::trim)
                    .filter(|part| !part.is_empty());
                migration.extend(parts.map(|part| Statement::new(part.to_owned(), params![])));
                // Whoever finds the number there already was slower, and looks again.
                let done = "INSERT INTO schema_version (version) VALUES ($1)";
                migration.push(Statement::new(done, params![*number]));
            }
            match self.db.write(migration).await {
                Ok(_) => return Ok(()),
                Err(error) if self.schema_version().await? == version => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// The version of the schema; 0 before the first migration.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn schema_version(&self) -> Result<i64, Error> {
        let sql = "SELECT COALESCE(MAX(version), 0) FROM schema_version";
        let mut rows = self.db.query(Statement::new(sql, params![])).await?;
        rows.first_mut().map_or(Ok(0), |row| row.int())
    }

    fn dialect(&self, file: &str) -> String {
        let (text, rowless) = match self.db {
            Db::Sqlite(_) => ("TEXT", "WITHOUT ROWID"),
            Db::Postgres(_) => ("TEXT COLLATE \"C\"", ""),
        };
        let file = file.replace("{text}", text).replace("{rowless}", rowless);
        let lines = file
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"));
        lines.collect::<Vec<_>>().join("\n")
    }
}
