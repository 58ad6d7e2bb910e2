//! Replies as others see them: while they are written, in this process or another, and when nobody writes them any more.

use domain::{ConversationId, MessageId, UserId};
use jiff::SignedDuration;
use language::say;
use store::{Batch, Message, Rewrite};

use super::exchange::reply_message;
use super::{Place, Reply};
use crate::{App, Block, End, Error};

/// For how long a writer may be silent before it is taken for dead. It says that it is alive every two seconds.
const SILENCE_MAX: SignedDuration = SignedDuration::from_secs(7);

impl App {
    /// The reply at `place` as it is now. One whose writer has died is ended first.
    ///
    /// # Errors
    /// [`Error::NoSuchMessage`].
    pub async fn reply(&self, user: &UserId, place: Place) -> Result<Reply, Error> {
        loop {
            let (conversation, reply) = (place.conversation, place.reply);
            let message = self.store().message(user, conversation, reply).await?;
            let message = message.filter(|message| message.role == store::Role::Assistant);
            let message = message.ok_or(Error::NoSuchMessage(reply))?;
            if !self.end_if_abandoned(user, &message).await? {
                return Ok(Reply::from(message));
            }
        }
    }

    /// The reply once it is written to its end.
    ///
    /// # Errors
    /// [`Error::NoSuchMessage`] if it is deleted meanwhile.
    pub async fn finished(&self, user: &UserId, reply: Reply) -> Result<Reply, Error> {
        let place = reply.place();
        let mut reply = reply;
        while reply.is_writing {
            let mut watched = self.watch(user, place);
            reply = self.reply(user, place).await?;
            if reply.is_writing {
                self.changed(&mut watched).await;
            }
        }
        Ok(reply)
    }

    /// Ends a reply whose writer has died. Whether it had to; if so, it is to be read again.
    pub(super) async fn end_if_abandoned(
        &self,
        user: &UserId,
        message: &Message,
    ) -> Result<bool, Error> {
        let Some(writing) = &message.writing else {
            return Ok(false);
        };
        if self.clock().now().duration_since(writing.alive_at) <= SILENCE_MAX {
            return Ok(false);
        }
        let mut reply = Reply::from(message.clone());
        let text = say::interrupted(reply.content.receipts().count());
        reply.content.blocks.push(Block::Notice { text });
        reply.usage.end = End::Stopped;
        let (content, usage) = (&reply.content, &reply.usage);
        let ended = reply_message(
            reply.place(),
            message.created_at,
            content,
            &reply.engine,
            usage,
            None,
        );
        let batch = Batch {
            rewrite: Some(Rewrite {
                message: ended,
                writer: writing.writer.clone(),
                even_if_stopped: true,
            }),
            ..Batch::default()
        };
        match self.store().commit(user, &batch).await {
            // Another copy may have found it at the same time.
            Ok(()) | Err(store::Error::Conflict) => Ok(true),
            Err(error) => Err(error.into()),
        }
    }

    /// The latest reply of a conversation, which may still be written.
    ///
    /// # Errors
    /// [`Error::NoSuchConversation`].
    pub async fn latest_reply(
        &self,
        user: &UserId,
        conversation: ConversationId,
    ) -> Result<Reply, Error> {
        let latest = self.messages(user, conversation, None, 1).await?;
        let reply = latest.last().map_or(MessageId(0), |message| message.id);
        self.reply(
            user,
            Place {
                conversation,
                reply,
            },
        )
        .await
    }
}
