//! Brings the schema up to date: numbered files, each run once, never edited once released.

use crate::db::{Db, Row, Statement, params};
use crate::{Error, Store};

/// A numbered file, or two where the databases must differ.
struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

/// In a file for both, `{text}` and `{rowless}` are where they differ.
const fn both(file: &'static str) -> Migration {
    Migration {
        sqlite: file,
        postgres: file,
    }
}

/// Every migration, in order.
const MIGRATIONS: [Migration; 12] = [
    both(include_str!("../migrations/0001_tables.sql")),
    Migration {
        sqlite: include_str!("../migrations/0002_users.sqlite.sql"),
        postgres: include_str!("../migrations/0002_users.postgres.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/0003_statistics.sqlite.sql"),
        // It counts for itself.
        postgres: "",
    },
    Migration {
        sqlite: include_str!("../migrations/0004_better_auth.sqlite.sql"),
        postgres: include_str!("../migrations/0004_better_auth.postgres.sql"),
    },
    both(include_str!("../migrations/0005_accounts.sql")),
    Migration {
        // It has no such thing.
        sqlite: "",
        postgres: include_str!("../migrations/0006_row_security.postgres.sql"),
    },
    both(include_str!("../migrations/0007_models.sql")),
    Migration {
        sqlite: "",
        postgres: include_str!("../migrations/0008_model_use.postgres.sql"),
    },
    Migration {
        sqlite: include_str!("../migrations/0009_oauth.sql"),
        postgres: concat!(
            include_str!("../migrations/0009_oauth.sql"),
            include_str!("../migrations/0009_oauth.postgres.sql"),
        ),
    },
    Migration {
        sqlite: include_str!("../migrations/0010_proposals.sql"),
        postgres: concat!(
            include_str!("../migrations/0010_proposals.sql"),
            include_str!("../migrations/0010_proposals.postgres.sql"),
        ),
    },
    Migration {
        sqlite: include_str!("../migrations/0011_labels.sqlite.sql"),
        // It reads the tasks themselves as fast.
        postgres: "",
    },
    both(include_str!("../migrations/0012_history.sql")),
];

/// Which lock a migration on Postgres holds; any number will do.
const LOCK: i64 = 0x5a75_0001;
/// Whether there is a schema, as a number.
pub(crate) const HAS_SCHEMA_ON_SQLITE: &str =
    "SELECT COUNT(*) FROM sqlite_master WHERE name = 'schema_version'";
/// The same on Postgres.
pub(crate) const HAS_SCHEMA_ON_POSTGRES: &str =
    "SELECT CAST(COUNT(to_regclass('schema_version')) AS BIGINT)";
/// The version of the schema that there is.
pub(crate) const SCHEMA_VERSION: &str = "SELECT COALESCE(MAX(version), 0) FROM schema_version";

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// The statements that make schema `to` of schema `from`.
pub(crate) fn steps(dialect: Dialect, from: i64, to: i64) -> Vec<Statement> {
    let versions =
        "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";
    let mut statements = vec![Statement::new(versions, params![])];
    let wanted = (1..).zip(&MIGRATIONS);
    for (number, migration) in wanted.filter(|(number, _)| (from + 1..=to).contains(number)) {
        // First of all, so that whoever was slower fails before it does anything.
        let begun = "INSERT INTO schema_version (version) VALUES ($1)";
        statements.push(Statement::new(begun, params![number]));
        let file = migration.file(dialect);
        let parts = file.split(';').map(str::trim);
        let parts = parts.filter(|part| !part.is_empty());
        statements.extend(parts.map(|part| Statement::new(part.to_owned(), params![])));
    }
    statements
}

impl Migration {
    /// Its statements, without comments.
    fn file(&self, dialect: Dialect) -> String {
        let (file, text, rowless) = match dialect {
            Dialect::Sqlite => (self.sqlite, "TEXT", "WITHOUT ROWID"),
            Dialect::Postgres => (self.postgres, "TEXT COLLATE \"C\"", ""),
        };
        let file = file.replace("{text}", text).replace("{rowless}", rowless);
        let lines = file
            .lines()
            .filter(|line| !line.trim_start().starts_with("--"));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Store {
    /// The schema that this program knows.
    pub fn newest_schema_version() -> i64 {
        i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
    }

    /// Runs the migrations that have not run yet, all or none of them. Of several programs that start at once one runs
    /// them, and the others wait.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] if the schema is newer than this program.
    pub async fn migrate(&self) -> Result<(), Error> {
        loop {
            let version = self.schema_version().await?;
            let known = Self::newest_schema_version();
            if version > known {
                return Err(Error::NewerSchema {
                    found: version,
                    known,
                });
            }
            if version == known {
                return Ok(());
            }
            match self.migrate_from(version).await {
                // Somebody else has done it in the meantime, or a part of it.
                Err(_) if self.schema_version().await? != version => {}
                result => return result,
            }
        }
    }

    async fn migrate_from(&self, version: i64) -> Result<(), Error> {
        let to = Self::newest_schema_version();
        match &self.db {
            Db::Sqlite(db) => {
                let steps = steps(Dialect::Sqlite, version, to);
                db.write(steps).await.map(|_| ())
            }
            Db::Postgres(db) => {
                // Not a lock of the session, which a pooler would give to somebody else.
                let lock = "SELECT CAST(pg_advisory_xact_lock($1) AS TEXT)";
                let mut statements = vec![Statement::new(lock, params![LOCK])];
                statements.extend(steps(Dialect::Postgres, version, to));
                db.migrate(statements).await
            }
        }
    }

    /// The version of the schema; 0 before the first migration.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn schema_version(&self) -> Result<i64, Error> {
        let exists = match self.db {
            Db::Sqlite(_) => HAS_SCHEMA_ON_SQLITE,
            Db::Postgres(_) => HAS_SCHEMA_ON_POSTGRES,
        };
        if self.number(exists).await? == 0 {
            return Ok(0);
        }
        self.number(SCHEMA_VERSION).await
    }

    async fn number(&self, sql: &'static str) -> Result<i64, Error> {
        let mut rows = self
            .db
            .shared()
            .query(Statement::new(sql, params![]))
            .await?;
        rows.first_mut().map_or(Ok(0), Row::int)
    }
}
