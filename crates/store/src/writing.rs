//! Replies that are still being written, and the wish that they stop.

use domain::{ConversationId, UserId};
use jiff::{SignedDuration, Timestamp};

use crate::db::{Row, Statement, params};
use crate::journal::micros;
use crate::rows::instant;
use crate::{Error, Message, Store};

/// That a message is still being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// Whoever writes it, by a name that nobody else has.
    pub writer: String,
    /// When that one was last heard of.
    pub alive_at: Timestamp,
    /// Whether it is to stop.
    pub stop: bool,
}

/// What is read of a message about its being written.
pub(crate) fn writing(row: &mut Row) -> Result<Option<Writing>, Error> {
    let (writer, alive_at, stop_at) = (row.text_or_null()?, row.int_or_null()?, row.int_or_null()?);
    let Some((writer, alive_at)) = writer.zip(alive_at) else {
        return Ok(None);
    };
    Ok(Some(Writing {
        writer,
        alive_at: instant(alive_at)?,
        stop: stop_at.is_some(),
    }))
}

/// A message that was being written as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct Rewrite {
    /// The message; finished if nobody is writing it any more.
    pub message: Message,
    /// Who has been writing it; somebody else's is left alone.
    pub writer: String,
    /// Whether it is written even though it should have stopped: as its end is, and nothing else.
    pub even_if_stopped: bool,
}

impl Rewrite {
    /// It changes one row, or what it is part of is a conflict.
    pub(crate) fn statement(&self, user: &UserId) -> Statement {
        let unless = if self.even_if_stopped {
            ""
        } else {
            " AND stop_at IS NULL"
        };
        let message = &self.message;
        let writing = message.writing.as_ref();
        Statement::new(
            format!(
                "UPDATE messages SET text = $5, blocks = $6, engine = $7, usage = $8, writer = $9, alive_at = $10 \
                 WHERE user_id = $1 AND conversation_id = $2 AND id = $3 AND writer = $4{unless}"
            ),
            params![
                user.as_str(),
                message.conversation.0,
                message.id.0,
                self.writer.clone(),
                message.text.clone(),
                message.blocks.to_string(),
                message.engine.clone(),
                message.usage.clone(),
                writing.map(|writing| writing.writer.clone()),
                writing.map(|writing| micros(writing.alive_at)),
            ],
        )
        .must_change_one()
    }
}

impl Store {
    /// Asks whoever writes a reply in this conversation to stop. Whether anybody does; once this is answered, nothing is
    /// committed for that reply any more but its end.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn request_stop(
        &self,
        user: &UserId,
        conversation: ConversationId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        /// What nobody has come for, because its writer has gone.
        const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(1);
        let old = now.saturating_sub(FORGOTTEN_AFTER).unwrap_or(now);
        let params = params![user.as_str(), conversation.0, micros(now)];
        let statements = vec![
            Statement::new(
                "DELETE FROM stop_request WHERE at < $1",
                params![micros(old)],
            ),
            Statement::new(
                "INSERT INTO stop_request (writer, at) SELECT writer, $3 FROM messages \
                 WHERE user_id = $1 AND conversation_id = $2 AND writer IS NOT NULL ON CONFLICT (writer) DO NOTHING",
                params.clone(),
            ),
            Statement::new(
                "UPDATE messages SET stop_at = COALESCE(stop_at, $3) \
                 WHERE user_id = $1 AND conversation_id = $2 AND writer IS NOT NULL RETURNING id",
                params,
            ),
        ];
        Ok(!self.db.of(user).write(statements).await?.is_empty())
    }

    /// The writers, of all users, that are to stop.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn stop_requests(&self) -> Result<Vec<String>, Error> {
        let all = Statement::new("SELECT writer FROM stop_request", params![]);
        let found = self.db.shared().query(all).await?;
        found.into_iter().map(|mut row| row.text()).collect()
    }

    /// Forgets that a writer is to stop: it has.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn forget_stop(&self, writer: &str) -> Result<(), Error> {
        let sql = "DELETE FROM stop_request WHERE writer = $1";
        let statement = Statement::new(sql, params![writer]);
        self.db.shared().write(vec![statement]).await.map(|_| ())
    }
}
