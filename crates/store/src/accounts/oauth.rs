//! Agents that act for users: clients, codes, grants and refresh tokens of OAuth. Secrets are kept as hashes.
//!
//! Codes and refresh tokens are looked up before it is known whose they are. A grant is not, so it stands behind the
//! policies on rows as well.

use domain::{Access, UserId};
use jiff::Timestamp;

use super::users::user_tables;
use super::{access, micros_or_null};
use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::{Error, Store, rows};

/// A client that has registered itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthClient {
    /// The id.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Where people may be sent back to.
    pub redirect_uris: Vec<String>,
    /// When it registered.
    pub created_at: Timestamp,
}

/// What a user has said yes to, before the client has fetched it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthCode {
    /// Whose yes it is.
    pub user_id: String,
    /// The id that the grant will have.
    pub grant_id: String,
    /// The client.
    pub client_id: String,
    /// What it calls itself.
    pub client_name: String,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// What the client has to show the origin of.
    pub challenge: String,
    /// What it may do.
    pub access: Access,
    /// Where its tokens count.
    pub resource: String,
    /// Until when it can be fetched.
    pub expires_at: Timestamp,
    /// When it was fetched. `None` if it was not.
    pub used_at: Option<Timestamp>,
}

/// A client that may act for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OauthGrant {
    /// The id.
    pub id: String,
    /// The client.
    pub client_id: String,
    /// What it calls itself.
    pub client_name: String,
    /// What it may do.
    pub access: Access,
    /// Where its tokens count.
    pub resource: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Until when, if it does not refresh its tokens before.
    pub expires_at: Timestamp,
    /// When it last did something, to the minute. `None` if it never has.
    pub last_used_at: Option<Timestamp>,
}

/// What stands behind a refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    /// Whose grant it is of.
    pub user_id: String,
    /// The grant.
    pub grant_id: String,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// When it was used. `None` if it was not: it can be used once.
    pub used_at: Option<Timestamp>,
}

/// The columns of a grant, in the order in which [`grant`] reads them.
macro_rules! grant_columns {
    () => {
        "g.id, g.client_id, g.client_name, g.access, g.resource, g.created_at, g.expires_at, g.last_used_at"
    };
}

fn grant(row: &mut Row) -> Result<OauthGrant, Error> {
    Ok(OauthGrant {
        id: row.text()?,
        client_id: row.text()?,
        client_name: row.text()?,
        access: access(row)?,
        resource: row.text()?,
        created_at: rows::instant(row.int()?)?,
        expires_at: rows::instant(row.int()?)?,
        last_used_at: micros_or_null(row)?,
    })
}

fn insert_refresh_token(user: &str, grant: &str, hash: &str, expires_at: Timestamp) -> Statement {
    let sql = "INSERT INTO oauth_refresh_token (hash, user_id, grant_id, expires_at) VALUES ($1, $2, $3, $4)";
    Statement::new(sql, params![hash, user, grant, micros(expires_at)])
}

impl Store {
    /// Keeps a client that registers itself.
    pub async fn create_oauth_client(&self, client: &OauthClient) -> Result<(), Error> {
        let sql = "INSERT INTO oauth_client (id, name, redirect_uris, created_at) VALUES ($1, $2, $3, $4)";
        let params = params![
            client.id.as_str(),
            client.name.as_str(),
            // No address has a space.
            client.redirect_uris.join(" "),
            micros(client.created_at)
        ];
        self.change(sql, params).await.map(|_| ())
    }

    /// The registered client with this id. `None` if there is none.
    pub async fn oauth_client(&self, id: &str) -> Result<Option<OauthClient>, Error> {
        let sql = "SELECT id, name, redirect_uris, created_at FROM oauth_client WHERE id = $1";
        let client = |row: &mut Row| {
            Ok(OauthClient {
                id: row.text()?,
                name: row.text()?,
                redirect_uris: row.text()?.split(' ').map(str::to_owned).collect(),
                created_at: rows::instant(row.int()?)?,
            })
        };
        self.one(sql, params![id], client).await
    }

    /// Keeps what a user has said yes to, for whoever shows the code with this hash.
    pub async fn create_oauth_code(
        &self,
        code: &OauthCode,
        hash: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO oauth_code (hash, user_id, grant_id, client_id, client_name, redirect_uri, challenge, access, \
                   resource, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let params = params![
            hash,
            code.user_id.as_str(),
            code.grant_id.as_str(),
            code.client_id.as_str(),
            code.client_name.as_str(),
            code.redirect_uri.as_str(),
            code.challenge.as_str(),
            code.access.as_str(),
            code.resource.as_str(),
            micros(code.expires_at)
        ];
        let used = "UPDATE oauth_client SET used_at = $2 WHERE id = $1 AND used_at IS NULL";
        let statements = vec![
            Statement::new(sql, params),
            Statement::new(used, params![code.client_id.as_str(), micros(now)]),
        ];
        self.db.shared().write(statements).await.map(|_| ())
    }

    /// What the code with this hash stands for, used or not. `None` if there is none.
    pub async fn oauth_code(&self, hash: &str) -> Result<Option<OauthCode>, Error> {
        let sql = "SELECT user_id, grant_id, client_id, client_name, redirect_uri, challenge, access, resource, expires_at, \
                   used_at FROM oauth_code WHERE hash = $1";
        let code = |row: &mut Row| {
            Ok(OauthCode {
                user_id: row.text()?,
                grant_id: row.text()?,
                client_id: row.text()?,
                client_name: row.text()?,
                redirect_uri: row.text()?,
                challenge: row.text()?,
                access: access(row)?,
                resource: row.text()?,
                expires_at: rows::instant(row.int()?)?,
                used_at: micros_or_null(row)?,
            })
        };
        self.one(sql, params![hash], code).await
    }

    /// Uses up the code with this hash: makes `grant` of it, with the refresh token that has the hash `refresh`. Grants
    /// of the user's that have ended are removed on the way.
    ///
    /// # Errors
    /// [`Error::Conflict`] if the code has been used since it was read; of two at the same time one wins.
    pub async fn begin_oauth_grant(
        &self,
        user: &UserId,
        hash: &str,
        grant: &OauthGrant,
        refresh: &str,
    ) -> Result<(), Error> {
        let id = user.as_str();
        let now = micros(grant.created_at);
        let used = "UPDATE oauth_code SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
        let ended = "DELETE FROM oauth_grant WHERE user_id = $1 AND expires_at <= $2";
        let sql = "INSERT INTO oauth_grant (user_id, id, client_id, client_name, access, resource, created_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let params = params![
            id,
            grant.id.as_str(),
            grant.client_id.as_str(),
            grant.client_name.as_str(),
            grant.access.as_str(),
            grant.resource.as_str(),
            now,
            micros(grant.expires_at)
        ];
        let statements = vec![
            Statement::new(used, params![hash, now]).must_change_one(),
            Statement::new(ended, params![id, now]),
            Statement::new(sql, params),
            insert_refresh_token(id, &grant.id, refresh, grant.expires_at),
        ];
        self.db.of(user).write(statements).await.map(|_| ())
    }

    /// What stands behind the refresh token with this hash, used or not. `None` if there is none.
    pub async fn refresh_token(&self, hash: &str) -> Result<Option<RefreshToken>, Error> {
        let sql = "SELECT user_id, grant_id, expires_at, used_at FROM oauth_refresh_token WHERE hash = $1";
        let token = |row: &mut Row| {
            Ok(RefreshToken {
                user_id: row.text()?,
                grant_id: row.text()?,
                expires_at: rows::instant(row.int()?)?,
                used_at: micros_or_null(row)?,
            })
        };
        self.one(sql, params![hash], token).await
    }

    /// Uses up the refresh token with the hash `old`, and keeps the one with the hash `new` in its place.
    ///
    /// # Errors
    /// [`Error::Conflict`] if it has been used, or the grant taken back, since it was read; of two at the same time
    /// one wins.
    pub async fn rotate_refresh_token(
        &self,
        user: &UserId,
        grant: &str,
        (old, new): (&str, &str),
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let id = user.as_str();
        let used =
            "UPDATE oauth_refresh_token SET used_at = $2 WHERE hash = $1 AND used_at IS NULL";
        let lasts = "UPDATE oauth_grant SET expires_at = $3 WHERE user_id = $1 AND id = $2";
        let statements = vec![
            Statement::new(used, params![old, micros(now)]).must_change_one(),
            Statement::new(lasts, params![id, grant, micros(expires_at)]).must_change_one(),
            insert_refresh_token(id, grant, new, expires_at),
        ];
        self.db.of(user).write(statements).await.map(|_| ())
    }

    /// A grant of this user's. `None` if it does not count at `now`, or if the user is disabled.
    pub async fn oauth_grant(
        &self,
        of: &UserId,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<OauthGrant>, Error> {
        let sql = concat!(
            "SELECT ",
            grant_columns!(),
            user_tables!(),
            " JOIN oauth_grant g ON g.user_id = \"user\".\"id\" WHERE g.user_id = $1 AND g.id = $2 AND g.expires_at > $3 \
             AND disabled_user.disabled_at IS NULL"
        );
        let statement = Statement::new(sql, params![of.as_str(), id, micros(now)]);
        let mut found = self.db.of(of).query(statement).await?;
        found.first_mut().map(grant).transpose()
    }

    /// The grants of a user that count, in the order in which they were made.
    pub async fn oauth_grants(
        &self,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Vec<OauthGrant>, Error> {
        let sql = concat!(
            "SELECT ",
            grant_columns!(),
            " FROM oauth_grant g WHERE g.user_id = $1 AND g.expires_at > $2 ORDER BY g.created_at, g.id"
        );
        let statement = Statement::new(sql, params![user.as_str(), micros(now)]);
        let mut found = self.db.of(user).query(statement).await?;
        found.iter_mut().map(grant).collect()
    }

    /// Notes that a client did something with a grant.
    pub async fn touch_oauth_grant(
        &self,
        user: &UserId,
        id: &str,
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "UPDATE oauth_grant SET last_used_at = $3 WHERE user_id = $1 AND id = $2";
        let statement = Statement::new(sql, params![user.as_str(), id, micros(now)]);
        self.db.of(user).write(vec![statement]).await.map(|_| ())
    }

    /// Takes back a grant of this user's, with all its refresh tokens. Whether there was one.
    pub async fn end_oauth_grant(&self, user: &UserId, id: &str) -> Result<bool, Error> {
        let tokens = "DELETE FROM oauth_refresh_token WHERE user_id = $1 AND grant_id = $2";
        let grant = "DELETE FROM oauth_grant WHERE user_id = $1 AND id = $2 RETURNING id";
        let statements = [tokens, grant]
            .map(|sql| Statement::new(sql, params![user.as_str(), id]))
            .into();
        let ended = self.db.of(user).write(statements).await?;
        Ok(!ended.is_empty())
    }
}
