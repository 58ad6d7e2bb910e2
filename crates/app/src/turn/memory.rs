//! What a message is read against, all of it from the database.

use std::collections::BTreeSet;

use domain::{ConversationId, Head, MessageId, Needs, Project, Task, TaskId, UserId, View};
use jiff::Timestamp;
use language::{Question, Sight, needs_tasks};
use store::{Conversation, Role};

use super::Turn;
use crate::{App, Block, Content, Error, Proposal};

/// How many messages back a turn looks for what is spoken of.
const MEMORY: u32 = 12;

/// What a message is read against.
pub(super) struct Memory {
    pub(super) now: Timestamp,
    pub(super) view: View,
    pub(super) projects: Vec<Project>,
    pub(super) head: Head,
    pub(super) tasks: Vec<Task>,
    pub(super) conversation: Option<Conversation>,
    pub(super) next_conversation: ConversationId,
    pub(super) next_message: MessageId,
    /// The replies so far, the latest first.
    pub(super) replies: Vec<Content>,
}

impl Memory {
    /// What a message is read against.
    pub(super) fn sight<'a>(
        &'a self,
        shown: &'a [TaskId],
        recent: &'a [TaskId],
        question: Option<&'a Question>,
    ) -> Sight<'a> {
        Sight {
            view: &self.view,
            tasks: &self.tasks,
            projects: &self.projects,
            shown,
            recent,
            question,
        }
    }

    /// The list last shown, in its order.
    pub(super) fn shown(&self) -> Vec<TaskId> {
        let lists = self
            .replies
            .iter()
            .flat_map(|reply| reply.blocks.iter().rev())
            .filter_map(|block| match block {
                Block::Tasks { task_ids, .. } if task_ids.len() > 1 => Some(task_ids.clone()),
                Block::Question {
                    question: Question::Which { choices, .. },
                    ..
                } => Some(choices.iter().filter_map(|choice| choice.task_id).collect()),
                _ => None,
            });
        lists.into_iter().next().unwrap_or_default()
    }

    /// The tasks last spoken of, those of the latest reply that has any.
    pub(super) fn recent(&self) -> Vec<TaskId> {
        for reply in &self.replies {
            let mut ids = Vec::new();
            for block in &reply.blocks {
                match block {
                    Block::Receipt { task_ids, .. } | Block::Tasks { task_ids, .. } => {
                        ids.extend(task_ids);
                    }
                    Block::Approval { proposal, .. } => {
                        ids.extend(proposal.rows.iter().map(|(id, _)| id));
                    }
                    _ => {}
                }
            }
            if !ids.is_empty() {
                return ids;
            }
        }
        Vec::new()
    }

    /// What the latest reply asked.
    pub(super) fn question(&self) -> Option<Question> {
        self.replies
            .first()?
            .blocks
            .iter()
            .find_map(|block| match block {
                Block::Question { question, .. } => Some(question.clone()),
                Block::Approval { .. } => Some(Question::Approve),
                _ => None,
            })
    }

    /// What the latest reply proposed.
    pub(super) fn proposal(&self) -> Option<&Proposal> {
        self.replies
            .first()?
            .blocks
            .iter()
            .find_map(|block| match block {
                Block::Approval { proposal, .. } => Some(proposal),
                _ => None,
            })
    }
}

impl App {
    /// Everything a message is read against.
    pub(super) async fn remember(&self, user: &UserId, turn: &Turn) -> Result<Memory, Error> {
        let now = self.clock().now();
        let needs = Needs {
            projects: true,
            ..Needs::default()
        };
        let (rows, context) = tokio::try_join!(
            self.store().read(user, &needs, now),
            self.store().turn_context(user, turn.conversation, MEMORY),
        )?;
        if let (Some(id), None) = (turn.conversation, &context.conversation) {
            return Err(Error::NoSuchConversation(id));
        }
        let replies = context.messages.into_iter().rev();
        let replies = replies.filter(|message| message.role == Role::Assistant);
        let mut memory = Memory {
            now,
            view: View::new(&rows.settings, now),
            projects: rows.projects.into_values().collect(),
            head: rows.head,
            tasks: Vec::new(),
            conversation: context.conversation,
            next_conversation: context.next_conversation,
            next_message: context.next_message,
            replies: replies
                .map(|message| serde_json::from_value(message.blocks).unwrap_or_default())
                .collect(),
        };
        let (shown, recent, question) = (memory.shown(), memory.recent(), memory.question());
        let sight = memory.sight(&shown, &recent, question.as_ref());
        if needs_tasks(turn.text.as_str(), &sight) {
            let words = words(turn.text.as_str());
            memory.tasks = self.store().in_sight(user, &words).await?;
        }
        Ok(memory)
    }
}

/// The words of a message by which tasks are looked up.
fn words(text: &str) -> Vec<String> {
    /// Short words name no task.
    const LENGTH_MIN: usize = 3;
    const WORDS_MAX: usize = 24;
    let folded = domain::fold(text);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= LENGTH_MIN);
    words
        .map(str::to_owned)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .take(WORDS_MAX)
        .collect()
}
