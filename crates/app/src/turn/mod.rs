//! One turn of a conversation: a message is read, its commands are decided, and message, entries and reply are
//! committed together.
//!
//! Nothing is remembered between turns but what is stored: what "it" is, what was last listed and what waits for an
//! answer are read from the messages, so any copy of the server can take the next one.

mod draft;
mod memory;

use std::time::{Duration, Instant};

use domain::{ConversationId, Door, IdempotencyKey, MessageId, MessageText, UserId};

use crate::run::ATTEMPTS_MAX;
use crate::{App, Content, Error};
use draft::Draft;

/// A message to answer.
#[derive(Debug, Clone)]
pub struct Turn {
    /// The conversation it belongs to; a new one begins without it.
    pub conversation: Option<ConversationId>,
    /// What is said.
    pub text: MessageText,
    /// Through which door.
    pub door: Door,
    /// The name under which logs know the request.
    pub request_id: String,
    /// What makes a repeat of the request harmless.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// The answer to a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    /// The conversation.
    pub conversation: ConversationId,
    /// The place of the reply in it.
    pub message: MessageId,
    /// All of it in words.
    pub text: String,
    /// Its parts, and the commands that were run.
    pub content: Content,
    /// What answered.
    pub engine: String,
    /// How long it took.
    pub took: Duration,
}

/// What answers when no language model does.
const ENGINE: &str = "rules";

impl App {
    /// Answers a message.
    ///
    /// # Errors
    /// Why there is no answer; nothing was stored or changed then.
    pub async fn turn(&self, user: &UserId, turn: &Turn) -> Result<Reply, Error> {
        let started = Instant::now();
        let _turn = self.queue(user).await;
        for _ in 0..ATTEMPTS_MAX {
            if let Some(reply) = self.answered(user, turn).await? {
                return Ok(reply);
            }
            let memory = self.remember(user, turn).await?;
            let mut draft = Draft::new(self, user, turn, &memory);
            draft.answer().await?;
            let (batch, reply) = draft.finish(started);
            match self.store().commit(user, &batch).await {
                Ok(()) => return Ok(reply),
                Err(store::Error::Conflict) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Busy)
    }

    /// The reply that the same request got before. `None` if it is new.
    async fn answered(&self, user: &UserId, turn: &Turn) -> Result<Option<Reply>, Error> {
        let Some(key) = &turn.idempotency_key else {
            return Ok(None);
        };
        let Some((asked, reply)) = self.store().exchange_by_key(user, key).await? else {
            return Ok(None);
        };
        if asked.text != turn.text.as_str() {
            return Err(Error::KeyReused);
        }
        Ok(Some(Reply {
            conversation: reply.conversation,
            message: reply.id,
            text: reply.text,
            content: serde_json::from_value(reply.blocks).unwrap_or_default(),
            engine: reply.engine.unwrap_or_else(|| ENGINE.to_owned()),
            took: Duration::ZERO,
        }))
    }
}
