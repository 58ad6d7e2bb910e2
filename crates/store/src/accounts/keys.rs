//! Personal API tokens, one-time links, invitations, what was sent by mail, and the keys that sign.

use domain::{Access, UserId};
use jiff::Timestamp;

use super::users::{user, user_columns, user_tables};
use super::{User, access, instant, iso, micros_or_null, optional};
use crate::db::{Row, params};
use crate::journal::micros;
use crate::{Error, Store, rows};

/// A personal API token, as its owner sees it. The token itself is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub access: Access,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends. `None` if it does not.
    pub expires_at: Option<Timestamp>,
    /// When it was shown last, to the minute. `None` if never.
    pub last_used_at: Option<Timestamp>,
}

/// A key that signs tokens of ours, as Better Auth keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The id, the `kid` of what it signs.
    pub id: String,
    /// The public key, a JWK.
    pub public_key: String,
    /// The private key, a JWK, encrypted.
    pub private_key: String,
    /// From when on nothing is signed with it. `None` if it may be used for ever.
    pub expires_at: Option<Timestamp>,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The columns of an API token, in the order in which [`api_token`] reads them.
macro_rules! token_columns {
    () => {
        "t.id, t.name, t.scope, t.created_at, t.expires_at, t.last_used_at"
    };
}

fn api_token(row: &mut Row) -> Result<ApiToken, Error> {
    Ok(ApiToken {
        id: row.text()?,
        name: row.text()?,
        access: access(row)?,
        created_at: rows::instant(row.int()?)?,
        expires_at: micros_or_null(row)?,
        last_used_at: micros_or_null(row)?,
    })
}

impl Store {
    /// Keeps an API token by its hash.
    pub async fn create_token(
        &self,
        user: &UserId,
        token: &ApiToken,
        hash: &str,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO api_token (user_id, id, name, hash, scope, created_at, expires_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let params = params![
            user.as_str(),
            token.id.as_str(),
            token.name.as_str(),
            hash,
            token.access.as_str(),
            micros(token.created_at),
            token.expires_at.map(micros)
        ];
        self.change(sql, params).await.map(|_| ())
    }

    /// The API token with this hash, and whose it is. `None` if there is none at `now`, or if its user is disabled.
    pub async fn token(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<(ApiToken, User)>, Error> {
        let sql = concat!(
            "SELECT ",
            token_columns!(),
            ", ",
            user_columns!(),
            user_tables!(),
            " JOIN api_token t ON t.user_id = \"user\".\"id\" WHERE t.hash = $1 AND t.revoked_at IS NULL \
             AND (t.expires_at IS NULL OR t.expires_at > $2) AND disabled_user.disabled_at IS NULL"
        );
        let both = |row: &mut Row| Ok((api_token(row)?, user(row)?));
        self.one(sql, params![hash, micros(now)], both).await
    }

    /// The API tokens of a user that count, in the order in which they were made.
    pub async fn tokens(&self, user: &UserId, now: Timestamp) -> Result<Vec<ApiToken>, Error> {
        let sql = concat!(
            "SELECT ",
            token_columns!(),
            " FROM api_token t WHERE t.user_id = $1 AND t.revoked_at IS NULL \
             AND (t.expires_at IS NULL OR t.expires_at > $2) ORDER BY t.created_at, t.id"
        );
        self.every(sql, params![user.as_str(), micros(now)], api_token)
            .await
    }

    /// Notes that an API token was shown.
    pub async fn touch_token(&self, user: &str, id: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE api_token SET last_used_at = $3 WHERE user_id = $1 AND id = $2";
        self.change(sql, params![user, id, micros(now)])
            .await
            .map(|_| ())
    }

    /// Takes back an API token of this user's. Whether there was one.
    pub async fn revoke_token(
        &self,
        user: &UserId,
        id: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let sql = "UPDATE api_token SET revoked_at = $3 WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL RETURNING id";
        let params = params![user.as_str(), id, micros(now)];
        let revoked = self.change(sql, params).await?;
        Ok(!revoked.is_empty())
    }

    /// Keeps a one-time link.
    pub async fn create_link(
        &self,
        user: &UserId,
        hash: &str,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO sign_in_link (user_id, hash, expires_at) VALUES ($1, $2, $3)";
        self.change(sql, params![user.as_str(), hash, micros(expires_at)])
            .await
            .map(|_| ())
    }

    /// Uses up the link with this hash: whose it was. `None` if it does not count; of two at the same time one wins.
    pub async fn use_link(&self, hash: &str, now: Timestamp) -> Result<Option<String>, Error> {
        let sql = "UPDATE sign_in_link SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2 \
                   RETURNING user_id";
        let params = params![hash, micros(now)];
        let mut used = self.change(sql, params).await?;
        used.first_mut().map(Row::text).transpose()
    }

    /// Keeps an invitation, for this address only if there is one.
    pub async fn create_invitation(
        &self,
        hash: &str,
        email: Option<&str>,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO invitation (hash, email, expires_at) VALUES ($1, $2, $3)";
        self.change(sql, params![hash, optional(email), micros(expires_at)])
            .await
            .map(|_| ())
    }

    /// Uses up the invitation with this hash for this address. Whether it counted; of two at the same time one wins.
    pub async fn use_invitation(
        &self,
        hash: &str,
        email: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let sql = "UPDATE invitation SET used_at = $3 WHERE hash = $1 AND used_at IS NULL AND expires_at > $3 \
                   AND (email IS NULL OR email = $2) RETURNING hash";
        let params = params![hash, email, micros(now)];
        let used = self.change(sql, params).await?;
        Ok(!used.is_empty())
    }

    /// Makes an invitation count again whose sign-up came to nothing.
    pub async fn return_invitation(&self, hash: &str) -> Result<(), Error> {
        self.change(
            "UPDATE invitation SET used_at = NULL WHERE hash = $1",
            params![hash],
        )
        .await
        .map(|_| ())
    }

    /// Keeps what a link in a mail stands for.
    pub async fn create_verification(
        &self,
        id: &str,
        identifier: &str,
        value: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), Error> {
        let sql = "INSERT INTO \"verification\" (\"id\", \"identifier\", \"value\", \"expiresAt\", \"createdAt\", \"updatedAt\") \
                   VALUES ($1, $2, $3, $4::timestamptz, $5::timestamptz, $5::timestamptz)";
        self.change(
            sql,
            params![id, identifier, value, iso(expires_at), iso(now)],
        )
        .await
        .map(|_| ())
    }

    /// What a link in a mail stands for, without using it up. `None` if it does not count.
    pub async fn verification(
        &self,
        identifier: &str,
        now: Timestamp,
    ) -> Result<Option<String>, Error> {
        let sql = "SELECT \"value\" FROM \"verification\" WHERE \"identifier\" = $1 AND \"expiresAt\" > $2::timestamptz";
        self.one(sql, params![identifier, iso(now)], Row::text)
            .await
    }

    /// Uses up a link in a mail: what it stood for and until when. `None` if there is none; of two at once one wins.
    pub async fn use_verification(
        &self,
        identifier: &str,
    ) -> Result<Option<(String, Timestamp)>, Error> {
        let sql = "DELETE FROM \"verification\" WHERE \"identifier\" = $1 RETURNING \"value\", \"expiresAt\"";
        let mut used = self.change(sql, params![identifier]).await?;
        let both = |row: &mut Row| Ok((row.text()?, instant(row)?));
        used.first_mut().map(both).transpose()
    }

    /// Every key that signs or has signed, newest first.
    pub async fn signing_keys(&self) -> Result<Vec<SigningKey>, Error> {
        let sql = "SELECT \"id\", \"publicKey\", \"privateKey\", \"expiresAt\" FROM \"jwks\" ORDER BY \"createdAt\" DESC, \"id\"";
        let key = |row: &mut Row| {
            Ok(SigningKey {
                id: row.text()?,
                public_key: row.text()?,
                private_key: row.text()?,
                expires_at: match row.text_or_null()? {
                    Some(text) => text.parse().ok(),
                    None => None,
                },
            })
        };
        self.every(sql, params![], key).await
    }

    /// Keeps a key that signs.
    pub async fn create_signing_key(&self, key: &SigningKey, now: Timestamp) -> Result<(), Error> {
        let sql = "INSERT INTO \"jwks\" (\"id\", \"publicKey\", \"privateKey\", \"createdAt\") VALUES ($1, $2, $3, $4::timestamptz)";
        let params = params![
            key.id.as_str(),
            key.public_key.as_str(),
            key.private_key.as_str(),
            iso(now)
        ];
        self.change(sql, params).await.map(|_| ())
    }
}
