//! Users and what they prove themselves with. Secrets come in as hashes only.
//!
//! Users and sessions are in Better Auth's tables: quoted names, and times of its own kind, which for SQLite are text.

use domain::UserId;
use jiff::Timestamp;

use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::{Error, Store};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mail address, in lower case.
    pub email: String,
}

/// The columns of a user, in the order in which [`user`] reads them.
macro_rules! users {
    () => {
        "SELECT \"user\".\"id\", \"user\".\"name\", \"user\".\"email\" FROM \"user\""
    };
}

/// A time as Better Auth writes it, of fixed width, so that text sorts as time.
fn iso(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn user(mut row: Row) -> Result<User, Error> {
    Ok(User {
        id: row.text()?,
        name: row.text()?,
        email: row.text()?,
    })
}

impl Store {
    async fn one_user(
        &self,
        sql: &'static str,
        params: Vec<crate::db::Value>,
    ) -> Result<Option<User>, Error> {
        let found = self.db.shared().query(Statement::new(sql, params)).await?;
        found.into_iter().next().map(user).transpose()
    }

    /// Makes a user. Whether it was made; it was not if the id or the address is in use.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn create_user(
        &self,
        id: &str,
        name: &str,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let sql = "INSERT INTO \"user\" (\"id\", \"name\", \"email\", \"emailVerified\", \"createdAt\", \"updatedAt\") \
                   VALUES ($1, $2, $3, FALSE, $4::timestamptz, $4::timestamptz)";
        match self
            .db
            .shared()
            .write(vec![Statement::new(
                sql,
                params![id, name, email, iso(now)],
            )])
            .await
        {
            Ok(_) => Ok(true),
            Err(Error::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Every user, in the order in which they were made.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn users(&self) -> Result<Vec<User>, Error> {
        let sql = concat!(users!(), " ORDER BY \"createdAt\", \"id\"");
        self.db
            .shared()
            .query(Statement::new(sql, params![]))
            .await?
            .into_iter()
            .map(user)
            .collect()
    }

    /// The user with this id. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn user(&self, id: &str) -> Result<Option<User>, Error> {
        self.one_user(concat!(users!(), " WHERE \"id\" = $1"), params![id])
            .await
    }

    /// The user with this e-mail address, in lower case. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn user_by_email(&self, email: &str) -> Result<Option<User>, Error> {
        self.one_user(concat!(users!(), " WHERE \"email\" = $1"), params![email])
            .await
    }

    /// Every user's id.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn user_ids(&self) -> Result<Vec<String>, Error> {
        let sql = "SELECT \"id\" FROM \"user\" ORDER BY \"id\"";
        let found = self.db.shared().query(Statement::new(sql, params![]));
        found.await?.into_iter().map(|mut row| row.text()).collect()
    }

    /// Keeps a bearer token.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn create_token(
        &self,
        user: &UserId,
        id: &str,
        name: &str,
        hash: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO api_token (user_id, id, name, hash, created_at) VALUES ($1, $2, $3, $4, $5)";
        let params = params![user.as_str(), id, name, hash, micros(now)];
        self.db
            .shared()
            .write(vec![Statement::new(sql, params)])
            .await
            .map(|_| ())
    }

    /// Whose bearer token has this hash. `None` if nobody's, or if it does not count at `now`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn user_of_token(&self, hash: &str, now: Timestamp) -> Result<Option<User>, Error> {
        let sql = concat!(
            users!(),
            " JOIN api_token ON api_token.user_id = \"user\".\"id\" WHERE hash = $1 AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2)"
        );
        self.one_user(sql, params![hash, micros(now)]).await
    }

    /// Keeps a one-time link.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn create_link(
        &self,
        user: &UserId,
        hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO sign_in_link (user_id, hash, expires_at) VALUES ($1, $2, $3)";
        self.db
            .shared()
            .write(vec![Statement::new(
                sql,
                params![user.as_str(), hash, micros(expires_at)],
            )])
            .await
            .map(|_| ())
    }

    /// Uses up the link with this hash: whose it was. `None` if it does not count; of two at the same time one wins.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn use_link(&self, hash: &str, now: Timestamp) -> Result<Option<String>, Error> {
        let sql = "UPDATE sign_in_link SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 \
                   RETURNING user_id";
        let mut used = self
            .db
            .shared()
            .write(vec![Statement::new(sql, params![hash, micros(now)])])
            .await?;
        used.first_mut().map(Row::text).transpose()
    }

    /// Keeps a browser's session.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn create_session(
        &self,
        user: &UserId,
        id: &str,
        hash: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO \"session\" (\"userId\", \"id\", \"token\", \"createdAt\", \"updatedAt\", \"expiresAt\") \
                   VALUES ($1, $2, $3, $4::timestamptz, $4::timestamptz, $5::timestamptz)";
        let params = params![user.as_str(), id, hash, iso(now), iso(expires_at)];
        self.db
            .shared()
            .write(vec![Statement::new(sql, params)])
            .await
            .map(|_| ())
    }

    /// Whose browser session has this hash. `None` if nobody's, or if it has ended.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn user_of_session(&self, hash: &str, now: Timestamp) -> Result<Option<User>, Error> {
        let sql = concat!(
            users!(),
            " JOIN \"session\" ON \"session\".\"userId\" = \"user\".\"id\" WHERE \"session\".\"token\" = $1 \
             AND \"session\".\"expiresAt\" > $2::timestamptz"
        );
        self.one_user(sql, params![hash, iso(now)]).await
    }

    /// Ends the session with this hash.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn delete_session(&self, hash: &str) -> Result<(), Error> {
        let sql = "DELETE FROM \"session\" WHERE \"token\" = $1";
        self.db
            .shared()
            .write(vec![Statement::new(sql, params![hash])])
            .await
            .map(|_| ())
    }
}
