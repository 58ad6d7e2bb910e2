//! What a conversation is made of: blocks that a page can show and a later turn can read.

use domain::{Command, ConversationId, Filter, MessageId, Seq, TaskId, UserId};
use jiff::Timestamp;
use language::Question;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Conversation, Message};

use crate::{App, Error};

/// What a stored reply holds besides its text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Content {
    /// The parts of the reply, in order.
    pub blocks: Vec<Block>,
    /// The commands that were run for it.
    pub calls: Vec<ToolCall>,
}

/// One part of a reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// Words that claim nothing.
    Text {
        /// The words.
        text: String,
    },
    /// A committed change, in words made from it.
    Receipt {
        /// Its number in the journal.
        change_id: Seq,
        /// The words.
        text: String,
        /// The tasks it is about.
        task_ids: Vec<TaskId>,
    },
    /// Tasks that were asked for, in the order shown.
    Tasks {
        /// The filter they were asked for by.
        filter: Option<Filter>,
        /// The words, one numbered line a task.
        text: String,
        /// Their numbers.
        task_ids: Vec<TaskId>,
    },
    /// A question that waits for an answer.
    Question {
        /// The words.
        text: String,
        /// What is asked.
        question: Question,
    },
    /// A change that waits for the person's yes.
    Approval {
        /// The words.
        text: String,
        /// What is proposed.
        proposal: Proposal,
    },
    /// What did not go as asked.
    Notice {
        /// The words.
        text: String,
    },
}

impl Block {
    /// Its words.
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text }
            | Self::Receipt { text, .. }
            | Self::Tasks { text, .. }
            | Self::Question { text, .. }
            | Self::Approval { text, .. }
            | Self::Notice { text } => text,
        }
    }
}

/// Changes that are made once the person has said yes, and only to the rows they saw.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What is done; the first is what was asked about, the others follow it.
    pub commands: Vec<Command>,
    /// The rows it changes, each at the version that was shown.
    pub rows: Vec<(TaskId, Seq)>,
    /// How many more times the person has to say yes.
    pub yes_needed: u8,
    /// When the offer ends.
    pub expires_at: Timestamp,
}

/// A command that was run, as the contract's clients know it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ToolCall {
    /// The name of the command.
    pub tool: String,
    /// What it was given.
    pub arguments: Value,
    /// What came of it.
    pub result: Value,
}

impl App {
    /// The conversations before `before`, newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn conversations(
        &self,
        user: &UserId,
        before: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, Error> {
        Ok(self.store().conversations(user, before, limit).await?)
    }

    /// The last messages of a conversation before `before`, oldest first.
    ///
    /// # Errors
    /// [`Error::NoSuchConversation`].
    pub async fn messages(
        &self,
        user: &UserId,
        conversation: ConversationId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let messages = self
            .store()
            .messages(user, conversation, before, limit)
            .await?;
        // A conversation begins with a message, so without any there is none.
        if messages.is_empty() && before.is_none() {
            return Err(Error::NoSuchConversation(conversation));
        }
        Ok(messages)
    }

    /// Deletes a conversation; what was changed in it stays changed.
    ///
    /// # Errors
    /// [`Error::NoSuchConversation`].
    pub async fn delete_conversation(
        &self,
        user: &UserId,
        id: ConversationId,
    ) -> Result<(), Error> {
        if self.store().delete_conversation(user, id).await? {
            Ok(())
        } else {
            Err(Error::NoSuchConversation(id))
        }
    }
}
