//! Policies on rows, the second wall between users: whether the database keeps them.

use crate::db::{Db, Row, Statement, params};
use crate::{Error, Store};

/// Whether the database itself keeps users' rows apart, whatever a statement says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowSecurity {
    /// It does.
    Enforced,
    /// It could, but its policies do not bind the role of this program: a superuser, or one with `BYPASSRLS`.
    Bypassed,
    /// It knows nothing of users.
    Unsupported,
}

impl Store {
    /// Whether the policies on rows bind this program.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn row_security(&self) -> Result<RowSecurity, Error> {
        if let Db::Sqlite(_) = self.db {
            return Ok(RowSecurity::Unsupported);
        }
        // Postgres says it of the role that asks, for all the reasons there can be. What holds for one of the tables holds
        // for the others: they have the same owner and the same policy.
        let sql = "SELECT CAST(CAST(row_security_active('profile') AS INT) AS BIGINT)";
        let mut rows = self
            .db
            .shared()
            .query(Statement::new(sql, params![]))
            .await?;
        let active = rows.first_mut().map_or(Ok(0), Row::int)? == 1;
        Ok(if active {
            RowSecurity::Enforced
        } else {
            RowSecurity::Bypassed
        })
    }
}
