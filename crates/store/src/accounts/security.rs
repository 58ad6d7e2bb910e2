//! Sign-ins that failed, what happened that concerns safety, and what is kept no longer than promised.

use domain::UserId;
use jiff::{SignedDuration, Timestamp};

use super::iso;
use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::{Error, Store, rows};

/// Something that concerns the safety of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecurityEvent {
    /// When.
    pub at: Timestamp,
    /// What, such as `sign-in`.
    pub kind: String,
    /// From which address; empty if none can be trusted.
    pub address: String,
    /// What the client calls itself.
    pub agent: String,
}

impl Store {
    /// Counts an attempt to sign in for the address with this hash, before it is looked at. `None` if it may go on;
    /// when the next may be made, if it comes too soon after others that failed.
    ///
    /// Five are free; after that each has to wait twice as long as the one before, up to 64 seconds. A quarter of an
    /// hour without an attempt forgets them.
    pub async fn attempt_sign_in(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Error> {
        /// Microseconds after which failures are forgotten.
        const FORGOTTEN: i64 = 15 * 60 * 1_000_000;
        let count = "INSERT INTO failed_sign_in (hash, failures, retry_at) VALUES ($1, 1, $2) ON CONFLICT (hash) DO UPDATE SET \
                     failures = CASE WHEN failed_sign_in.retry_at < $3 THEN 1 ELSE failed_sign_in.failures + 1 END, \
                     retry_at = CASE WHEN failed_sign_in.retry_at < $3 OR failed_sign_in.failures < 4 THEN $2 \
                     WHEN failed_sign_in.failures > 9 THEN $2 + 64000000 \
                     ELSE $2 + 1000000 * (1 << CAST(failed_sign_in.failures - 4 AS INTEGER)) END \
                     WHERE failed_sign_in.retry_at <= $2 RETURNING hash";
        let now = micros(now);
        let counted = self
            .change(count, params![hash, now, now - FORGOTTEN])
            .await?;
        if !counted.is_empty() {
            return Ok(None);
        }
        let sql = "SELECT retry_at FROM failed_sign_in WHERE hash = $1";
        let retry_at = |row: &mut Row| rows::instant(row.int()?);
        self.one(sql, params![hash], retry_at).await
    }

    /// Forgets the failures for the address with this hash.
    pub async fn forget_failures(&self, hash: &str) -> Result<(), Error> {
        self.change("DELETE FROM failed_sign_in WHERE hash = $1", params![hash])
            .await
            .map(|_| ())
    }

    /// Notes something that concerns safety; `user` is empty where nobody is known.
    pub async fn note(&self, id: &str, user: &str, event: &SecurityEvent) -> Result<(), Error> {
        let sql = "INSERT INTO security_event (id, user_id, at, kind, address, agent) VALUES ($1, $2, $3, $4, $5, $6)";
        let params = params![
            id,
            user,
            micros(event.at),
            event.kind.as_str(),
            event.address.as_str(),
            event.agent.as_str()
        ];
        self.change(sql, params).await.map(|_| ())
    }

    /// What concerned the safety of a user's account, newest first, at most `limit`.
    pub async fn security_events(
        &self,
        user: &UserId,
        limit: u32,
    ) -> Result<Vec<SecurityEvent>, Error> {
        let sql = "SELECT at, kind, address, agent FROM security_event WHERE user_id = $1 ORDER BY at DESC, id LIMIT $2";
        let params = params![user.as_str(), i64::from(limit)];
        let event = |row: &mut Row| {
            Ok(SecurityEvent {
                at: rows::instant(row.int()?)?,
                kind: row.text()?,
                address: row.text()?,
                agent: row.text()?,
            })
        };
        self.every(sql, params, event).await
    }

    /// Removes what has ended: sessions, mailed links, one-time links, invitations, failures, agents' codes and refresh
    /// tokens, clients that nobody ever let in; and events older than `events`. Sessions and mailed links are left to
    /// another server if they are not `ours`.
    pub async fn remove_ended(
        &self,
        ours: bool,
        now: Timestamp,
        events: Option<SignedDuration>,
    ) -> Result<(), Error> {
        let ended = [
            "DELETE FROM \"session\" WHERE \"expiresAt\" <= $1::timestamptz",
            "DELETE FROM \"verification\" WHERE \"expiresAt\" <= $1::timestamptz",
        ];
        let gone = [
            "DELETE FROM sign_in_link WHERE expires_at <= $1 OR used_at IS NOT NULL",
            "DELETE FROM invitation WHERE expires_at <= $1",
            "DELETE FROM failed_sign_in WHERE retry_at <= $1 - 900000000",
            // A day longer than it counts, so that one that is shown again is noticed.
            "DELETE FROM oauth_code WHERE expires_at <= $1 - 86400000000",
            "DELETE FROM oauth_refresh_token WHERE expires_at <= $1",
            "DELETE FROM oauth_client WHERE used_at IS NULL AND created_at <= $1 - 604800000000",
        ];
        let mut statements: Vec<_> = ended
            .into_iter()
            .filter(|_| ours)
            .map(|sql| Statement::new(sql, params![iso(now)]))
            .collect();
        statements.extend(
            gone.into_iter()
                .map(|sql| Statement::new(sql, params![micros(now)])),
        );
        if let Some(before) = events.and_then(|age| now.checked_sub(age).ok()) {
            let sql = "DELETE FROM security_event WHERE at < $1";
            statements.push(Statement::new(sql, params![micros(before)]));
        }
        self.db.shared().write(statements).await.map(|_| ())
    }
}
