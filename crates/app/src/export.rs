//! Everything of a user's, and whether what is stored agrees with itself.

use domain::{Filter, MessageId, Order, Project, Receipt, Settings, Task, UserId};
use serde::Serialize;
use serde_json::Value;
use store::{Conversation, Message};

use crate::{App, Error, WaitingProposal};

/// Everything of a user's.
#[derive(Debug, Serialize)]
pub struct Export {
    /// The version of this form.
    format: u32,
    user_id: UserId,
    settings: Settings,
    projects: Vec<Project>,
    /// The trash included.
    tasks: Vec<Task>,
    conversations: Vec<ExportedConversation>,
    /// Those that wait.
    proposals: Vec<WaitingProposal>,
    /// Oldest first.
    journal: Vec<Receipt>,
}

#[derive(Debug, Serialize)]
struct ExportedConversation {
    id: domain::ConversationId,
    title: String,
    created_at: jiff::Timestamp,
    updated_at: jiff::Timestamp,
    messages: Vec<ExportedMessage>,
}

#[derive(Debug, Serialize)]
struct ExportedMessage {
    id: MessageId,
    role: &'static str,
    text: String,
    blocks: Value,
    created_at: jiff::Timestamp,
}

/// What a look through one user's journal came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Whose.
    pub user: String,
    /// How many entries were looked at.
    pub entries: u64,
    /// What is wrong, if anything.
    pub problem: Option<String>,
}

/// Rows fetched at a time.
const PAGE: u32 = 500;

impl App {
    /// Everything of `user`'s.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn export(&self, user: &UserId) -> Result<Export, Error> {
        let (store, now) = (self.store(), self.clock().now());
        let everything = Filter::Or(vec![Filter::All, Filter::Trash]);
        let (mut tasks, mut cursor) = (Vec::new(), None);
        loop {
            let page = store
                .list(
                    user,
                    &everything,
                    Order::Added,
                    PAGE,
                    cursor.as_deref(),
                    now,
                )
                .await?;
            tasks.extend(page.tasks);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        let (mut journal, mut before) = (Vec::new(), None);
        loop {
            let page = store.history(user, None, None, before, PAGE).await?;
            journal.extend(page.changes);
            before = page.next_before;
            if before.is_none() {
                break;
            }
        }
        journal.reverse();
        Ok(Export {
            format: 1,
            user_id: user.clone(),
            settings: store.settings(user).await?,
            projects: store.projects(user, true).await?,
            tasks,
            conversations: self.export_conversations(user).await?,
            proposals: self.proposals(user).await?,
            journal,
        })
    }

    async fn export_conversations(
        &self,
        user: &UserId,
    ) -> Result<Vec<ExportedConversation>, Error> {
        let (mut exported, mut before) = (Vec::new(), None);
        loop {
            let page = self.store().conversations(user, before, PAGE).await?;
            for conversation in &page {
                exported.push(self.export_conversation(user, conversation).await?);
            }
            match page.last() {
                Some(last) if page.len() == PAGE as usize => before = Some(last.id),
                _ => break,
            }
        }
        exported.reverse();
        Ok(exported)
    }

    async fn export_conversation(
        &self,
        user: &UserId,
        conversation: &Conversation,
    ) -> Result<ExportedConversation, Error> {
        let (mut messages, mut before) = (Vec::new(), None);
        loop {
            let page: Vec<Message> = self
                .store()
                .messages(user, conversation.id, before, PAGE)
                .await?;
            before = page.first().map(|message| message.id);
            let full = page.len() == PAGE as usize;
            messages.splice(0..0, page);
            if !full {
                break;
            }
        }
        let message = |message: Message| ExportedMessage {
            id: message.id,
            role: message.role.as_str(),
            text: message.text,
            blocks: message.blocks,
            created_at: message.created_at,
        };
        Ok(ExportedConversation {
            id: conversation.id,
            title: conversation.title.clone(),
            created_at: conversation.created_at,
            updated_at: conversation.updated_at,
            messages: messages.into_iter().map(message).collect(),
        })
    }

    /// Looks through the journals of `users`.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn audit(&self, users: &[UserId]) -> Result<Vec<Audit>, Error> {
        let mut audits = Vec::new();
        for user in users {
            audits.push(match self.store().verify(user).await {
                Ok(verified) => Audit {
                    user: user.to_string(),
                    entries: verified.entries,
                    problem: None,
                },
                Err(store::Error::Corrupt(problem)) => Audit {
                    user: user.to_string(),
                    entries: 0,
                    problem: Some(problem),
                },
                Err(error) => return Err(error.into()),
            });
        }
        Ok(audits)
    }
}
