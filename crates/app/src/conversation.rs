//! What a conversation is made of: blocks that a page can show and a later turn can read.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use domain::{Actor, Command, ConversationId, Filter, MessageId, Seq, TaskId, Title, UserId};
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
    /// What was spoken of so long before that later turns would not look for it there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Carried>,
}

/// What later messages may speak of.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Carried {
    /// The list last shown, in its order.
    pub shown: Vec<TaskId>,
    /// The tasks last spoken of.
    pub recent: Vec<TaskId>,
}

impl Content {
    /// All of it in words.
    pub fn text(&self) -> String {
        let parts: Vec<&str> = self.blocks.iter().map(Block::text).collect();
        parts.join("\n")
    }

    /// The changes that it shows, by their numbers in the journal.
    pub fn receipts(&self) -> impl Iterator<Item = Seq> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Receipt { change_id, .. } => Some(*change_id),
            _ => None,
        })
    }

    /// The same without those that only took back what an earlier run of the message did: nothing was called for them.
    pub(crate) fn did(&self) -> impl Iterator<Item = Seq> {
        let is_called = |seq: &Seq| {
            let mut changes = self.calls.iter().map(|call| &call.result["change_id"]);
            changes.any(|change| change.as_i64() == Some(seq.0))
        };
        self.receipts().filter(is_called)
    }

    /// How many tasks it shows changed.
    pub(crate) fn task_count(&self) -> usize {
        let tasks = self.blocks.iter().map(|block| match block {
            Block::Receipt { task_ids, .. } => task_ids.len(),
            _ => 0,
        });
        tasks.sum()
    }
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
    /// What is done: first what was asked about, then what follows it.
    pub commands: Vec<Command>,
    /// How many of the commands were asked about.
    #[serde(default = "one")]
    pub shown: usize,
    /// Whose changes these are.
    #[serde(default = "person")]
    pub actor: Actor,
    /// The rows it changes, each at the version that was shown.
    pub rows: Vec<(TaskId, Seq)>,
    /// By what the rows were found, if the person said that instead of naming them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Filter>,
    /// How many more times the person has to say yes.
    pub yes_needed: u8,
    /// When the offer ends.
    pub expires_at: Timestamp,
}

fn one() -> usize {
    1
}

fn person() -> Actor {
    Actor::Person
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

    /// How many changes were made in each of these conversations; those without any are left out.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn changes_in(
        &self,
        user: &UserId,
        conversations: RangeInclusive<ConversationId>,
    ) -> Result<BTreeMap<ConversationId, i64>, Error> {
        Ok(self.store().changes_in(user, conversations).await?)
    }

    /// The conversation with this number.
    ///
    /// # Errors
    /// [`Error::NoSuchConversation`].
    pub async fn conversation(
        &self,
        user: &UserId,
        id: ConversationId,
    ) -> Result<Conversation, Error> {
        let before = Some(ConversationId(id.0.saturating_add(1)));
        let found = self.store().conversations(user, before, 1).await?;
        let found = found.into_iter().find(|found| found.id == id);
        found.ok_or(Error::NoSuchConversation(id))
    }

    /// The conversations after `after`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn conversations_after(
        &self,
        user: &UserId,
        after: ConversationId,
        limit: u32,
    ) -> Result<Vec<Conversation>, Error> {
        Ok(self.store().conversations_after(user, after, limit).await?)
    }

    /// The messages of a conversation after `after`, oldest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn messages_after(
        &self,
        user: &UserId,
        conversation: ConversationId,
        after: MessageId,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        let messages = self
            .store()
            .messages_after(user, conversation, after, limit);
        Ok(messages.await?)
    }

    /// Gives a conversation another title.
    ///
    /// # Errors
    /// [`Error::NoSuchConversation`].
    pub async fn rename_conversation(
        &self,
        user: &UserId,
        id: ConversationId,
        title: &Title,
    ) -> Result<(), Error> {
        let renamed = self.store().rename_conversation(user, id, title.as_str());
        if renamed.await? {
            Ok(())
        } else {
            Err(Error::NoSuchConversation(id))
        }
    }

    /// The conversations before `before` in which `query` was said, or whose title has it; newest first.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn search_conversations(
        &self,
        user: &UserId,
        query: &str,
        before: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<Conversation>, Error> {
        /// Conversations looked through at a time, and messages.
        const PAGE: u32 = 200;
        let query = domain::fold(query.trim());
        let has = |text: &str| domain::fold(text).contains(&query);
        // Text is compared here and not in the database, so that both databases find the same.
        let mut said = BTreeSet::new();
        let mut from = (
            before.unwrap_or(ConversationId(i64::MAX)),
            MessageId(i64::MIN),
        );
        loop {
            let page = self.store().said(user, from, PAGE).await?;
            let Some((conversation, message, _)) = page.last() else {
                break;
            };
            from = (*conversation, *message);
            let found = page.iter().filter(|(.., text)| has(text));
            said.extend(found.map(|(conversation, ..)| *conversation));
            if said.len() > limit as usize {
                break;
            }
        }
        let (mut found, mut before) = (Vec::new(), before);
        while found.len() < limit as usize {
            let page = self.store().conversations(user, before, PAGE).await?;
            let Some(last) = page.last() else {
                break;
            };
            before = Some(last.id);
            let fits = |conversation: &Conversation| {
                said.contains(&conversation.id) || has(&conversation.title)
            };
            found.extend(page.into_iter().filter(fits));
        }
        found.truncate(limit as usize);
        Ok(found)
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
