//! Sessions, as Better Auth keeps them.

use domain::UserId;
use jiff::Timestamp;

use super::users::{user, user_columns, user_tables};
use super::{User, instant, iso};
use crate::db::{Row, params};
use crate::{Error, Store};

/// A browser or program that is signed in.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// The id.
    pub id: String,
    /// The secret that it shows, signed.
    pub token: String,
    /// Whose.
    pub user_id: String,
    /// When somebody signed in.
    pub created_at: Timestamp,
    /// When it was prolonged last.
    pub updated_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// The address it was begun from; empty if none can be trusted.
    pub ip_address: String,
    /// What the client calls itself.
    pub user_agent: String,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

macro_rules! session_columns {
    () => {
        "s.\"id\", s.\"token\", s.\"userId\", s.\"createdAt\", s.\"updatedAt\", s.\"expiresAt\", s.\"ipAddress\", s.\"userAgent\""
    };
}

fn session(row: &mut Row) -> Result<Session, Error> {
    Ok(Session {
        id: row.text()?,
        token: row.text()?,
        user_id: row.text()?,
        created_at: instant(row)?,
        updated_at: instant(row)?,
        expires_at: instant(row)?,
        ip_address: row.text_or_null()?.unwrap_or_default(),
        user_agent: row.text_or_null()?.unwrap_or_default(),
    })
}

fn session_and_user(row: &mut Row) -> Result<(Session, User), Error> {
    Ok((session(row)?, user(row)?))
}

/// A session and whose it is, under a condition on the session.
macro_rules! session_where {
    ($condition:literal) => {
        concat!(
            "SELECT ",
            session_columns!(),
            ", ",
            user_columns!(),
            user_tables!(),
            " JOIN \"session\" s ON s.\"userId\" = \"user\".\"id\" WHERE ",
            $condition,
            " AND s.\"expiresAt\" > $2::timestamptz AND disabled_user.disabled_at IS NULL"
        )
    };
}

impl Store {
    /// Keeps a new session.
    pub async fn create_session(&self, session: &Session) -> Result<(), Error> {
        let sql = "INSERT INTO \"session\" (\"id\", \"token\", \"userId\", \"createdAt\", \"updatedAt\", \"expiresAt\", \
                   \"ipAddress\", \"userAgent\") \
                   VALUES ($1, $2, $3, $4::timestamptz, $5::timestamptz, $6::timestamptz, $7, $8)";
        let params = params![
            session.id.as_str(),
            session.token.as_str(),
            session.user_id.as_str(),
            iso(session.created_at),
            iso(session.updated_at),
            iso(session.expires_at),
            session.ip_address.as_str(),
            session.user_agent.as_str()
        ];
        self.change(sql, params).await.map(|_| ())
    }

    /// The session with this token, and whose it is. `None` if there is none at `now`, or if its user is disabled.
    pub async fn session(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<(Session, User)>, Error> {
        let sql = session_where!("s.\"token\" = $1");
        self.one(sql, params![token, iso(now)], session_and_user)
            .await
    }

    /// The session with this id, and whose it is. `None` as with [`Store::session`].
    pub async fn session_by_id(
        &self,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<(Session, User)>, Error> {
        let sql = session_where!("s.\"id\" = $1");
        self.one(sql, params![id, iso(now)], session_and_user).await
    }

    /// The sessions of a user, newest last.
    pub async fn sessions(&self, user: &UserId, now: Timestamp) -> Result<Vec<Session>, Error> {
        let sql = concat!(
            "SELECT ",
            session_columns!(),
            " FROM \"session\" s WHERE s.\"userId\" = $1 AND s.\"expiresAt\" > $2::timestamptz ORDER BY s.\"createdAt\", s.\"id\""
        );
        self.every(sql, params![user.as_str(), iso(now)], session)
            .await
    }

    /// Lets the session last until `expires_at`.
    pub async fn prolong_session(
        &self,
        token: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "UPDATE \"session\" SET \"expiresAt\" = $2::timestamptz, \"updatedAt\" = $3::timestamptz WHERE \"token\" = $1";
        self.change(sql, params![token, iso(expires_at), iso(now)])
            .await
            .map(|_| ())
    }

    /// Ends the session with this token.
    pub async fn delete_session(&self, token: &str) -> Result<(), Error> {
        self.change(
            "DELETE FROM \"session\" WHERE \"token\" = $1",
            params![token],
        )
        .await
        .map(|_| ())
    }

    /// Ends the session with this token, if it is this user's.
    pub async fn delete_session_of(&self, user: &UserId, token: &str) -> Result<(), Error> {
        let sql = "DELETE FROM \"session\" WHERE \"userId\" = $1 AND \"token\" = $2";
        self.change(sql, params![user.as_str(), token])
            .await
            .map(|_| ())
    }

    /// Ends this user's sessions, except the one with this token, if any.
    pub async fn delete_sessions(&self, user: &UserId, except: Option<&str>) -> Result<(), Error> {
        let sql = "DELETE FROM \"session\" WHERE \"userId\" = $1 AND \"token\" <> $2";
        self.change(sql, params![user.as_str(), except.unwrap_or_default()])
            .await
            .map(|_| ())
    }
}
