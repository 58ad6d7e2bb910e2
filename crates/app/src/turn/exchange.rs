//! A message and the reply to it, as they are committed.

use domain::{ConversationId, MessageId};
use jiff::Timestamp;
use store::{Batch, Conversation, ConversationWrite, Message, Role, Writing};

use super::memory::Memory;
use super::{Kind, Turn};
use crate::{Content, Usage};

/// Where a reply stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    /// In which conversation.
    pub conversation: ConversationId,
    /// Which message it is.
    pub reply: MessageId,
}

/// A message that is answered.
pub(super) struct Exchange<'a> {
    pub(super) turn: &'a Turn,
    pub(super) memory: &'a Memory,
    /// The message that is answered.
    pub(super) asked: MessageId,
    pub(super) place: Place,
}

impl<'a> Exchange<'a> {
    pub(super) fn new(turn: &'a Turn, memory: &'a Memory) -> Self {
        let conversation = memory
            .conversation
            .as_ref()
            .map_or(memory.next_conversation, |known| known.id);
        // No number is given twice: what waits for an answer is known by it.
        let (asked, reply) = match turn.kind {
            Kind::Again { message } => (message, memory.next_message),
            _ => (memory.next_message, MessageId(memory.next_message.0 + 1)),
        };
        Self {
            turn,
            memory,
            asked,
            place: Place {
                conversation,
                reply,
            },
        }
    }

    /// `batch` with the message, the reply, and what both do to their conversation; and the reply.
    pub(super) fn committed_with(
        &self,
        batch: Batch,
        content: &Content,
        engine: &str,
        usage: &Usage,
        writing: Option<Writing>,
    ) -> (Batch, Message) {
        let (turn, memory, place) = (self.turn, self.memory, self.place);
        let asked = Message {
            conversation: place.conversation,
            id: self.asked,
            role: Role::User,
            text: turn.text.as_str().to_owned(),
            blocks: serde_json::Value::Null,
            engine: None,
            usage: None,
            idempotency_key: turn.idempotency_key.clone(),
            created_at: memory.now,
            writing: None,
        };
        let reply = reply_message(place, memory.now, content, engine, usage, writing);
        let conversation = match &memory.conversation {
            Some(known) => ConversationWrite::Continue(Conversation {
                updated_at: memory.now,
                ..known.clone()
            }),
            None => ConversationWrite::Begin(Conversation {
                id: place.conversation,
                title: title(turn.text.as_str()),
                created_at: memory.now,
                updated_at: memory.now,
            }),
        };
        let (said_anew, messages) = match turn.kind {
            Kind::Edit { message, .. } => (Some(message), vec![asked, reply.clone()]),
            Kind::Again { message } => (Some(MessageId(message.0 + 1)), vec![reply.clone()]),
            Kind::Words | Kind::About(_) | Kind::Approval { .. } => {
                (None, vec![asked, reply.clone()])
            }
        };
        let batch = Batch {
            conversation: Some(conversation),
            messages,
            said_anew: said_anew.map(|from| (place.conversation, from)),
            ..batch
        };
        (batch, reply)
    }
}

/// A reply as it is stored.
pub(super) fn reply_message(
    place: Place,
    at: Timestamp,
    content: &Content,
    engine: &str,
    usage: &Usage,
    writing: Option<Writing>,
) -> Message {
    Message {
        conversation: place.conversation,
        id: place.reply,
        role: Role::Assistant,
        text: content.text(),
        blocks: serde_json::to_value(content).unwrap_or_default(),
        engine: Some(engine.to_owned()),
        usage: serde_json::to_string(usage).ok(),
        idempotency_key: None,
        created_at: at,
        writing,
    }
}

/// The first words of a conversation, as its title.
fn title(text: &str) -> String {
    const LENGTH_MAX: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(LENGTH_MAX) {
        Some((end, _)) => format!("{}\u{2026}", line[..end].trim_end()),
        None => line.to_owned(),
    }
}
