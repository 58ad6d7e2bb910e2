//! What a message is read against, all of it from the database.

use std::collections::BTreeSet;

use domain::{
    Command, ConversationId, CountTasks, Head, MessageId, ModelMode, Needs, Project, Rows, Seq,
    Task, TaskId, UserId, View,
};
use jiff::Timestamp;
use language::{Language, Question, Sight, needs_tasks};
use store::{Conversation, Message, Role};

use super::{Kind, MODEL, Turn};
use crate::{App, Block, Carried, Content, Error, Proposal, tool};

/// How many messages back a turn looks for what is spoken of.
const MEMORY: u32 = 12;
/// How many replies back what is spoken of may be before the next reply has to carry it on.
const CARRIED_AFTER: usize = 4;

/// What a message is read against.
pub(crate) struct Memory {
    pub(crate) now: Timestamp,
    pub(super) view: View,
    /// The user's own language, if messages are read in it.
    language: Option<&'static Language>,
    pub(super) projects: Vec<Project>,
    pub(super) head: Head,
    pub(super) tasks: Vec<Task>,
    pub(super) conversation: Option<Conversation>,
    pub(super) next_conversation: ConversationId,
    pub(super) next_message: MessageId,
    /// When the user wants a language model to be asked.
    pub(super) model_mode: Option<ModelMode>,
    /// The latest reply, if it is still being written.
    pub(super) unfinished: Option<Message>,
    /// The last messages, oldest first.
    pub(super) messages: Vec<Message>,
    /// The last replies, latest first.
    pub(super) replies: Vec<Content>,
    /// The list last shown, in its order.
    pub(super) shown: Vec<TaskId>,
    /// The tasks last spoken of.
    pub(super) recent: Vec<TaskId>,
    /// Both, if they would be out of sight soon.
    pub(super) carried: Option<Carried>,
    /// What was done last.
    did: Vec<Command>,
    /// Its number in the journal, if that is one change.
    pub(super) did_change: Option<Seq>,
    /// What the latest reply asked.
    pub(super) question: Option<Question>,
    /// What the latest reply proposed.
    pub(super) proposal: Option<Proposal>,
}

impl Memory {
    /// What has to be read for it, whatever the conversation.
    fn needs() -> Needs {
        Needs {
            projects: true,
            ..Needs::default()
        }
    }

    /// What is so at `now` where nothing was said yet.
    fn of(rows: Rows, now: Timestamp) -> Self {
        Self {
            now,
            view: View::new(&rows.settings, now),
            language: Language::tagged(&rows.settings.locale),
            projects: rows.projects.into_values().collect(),
            head: rows.head,
            tasks: Vec::new(),
            conversation: None,
            next_conversation: ConversationId(1),
            next_message: MessageId(1),
            model_mode: rows.settings.model_mode,
            unfinished: None,
            messages: Vec::new(),
            replies: Vec::new(),
            shown: Vec::new(),
            recent: Vec::new(),
            carried: None,
            did: Vec::new(),
            did_change: None,
            question: None,
            proposal: None,
        }
    }

    /// What a message is read against, as the language knows it.
    pub(super) fn sight(&self) -> Sight<'_> {
        Sight {
            view: &self.view,
            tasks: &self.tasks,
            projects: &self.projects,
            shown: &self.shown,
            recent: &self.recent,
            did: &self.did,
            question: self.question.as_ref(),
            language: self.language,
        }
    }
}

/// The list last shown in `replies`, the latest of which comes first, and how many replies ago that was.
fn shown(replies: &[Content]) -> (Vec<TaskId>, usize) {
    let list = |reply: &Content| {
        let lists = reply.blocks.iter().rev().filter_map(|block| match block {
            Block::Tasks { task_ids, .. } if task_ids.len() > 1 => Some(task_ids.clone()),
            Block::Question {
                question: Question::Which { choices, .. },
                ..
            } => Some(choices.iter().filter_map(|choice| choice.task_id).collect()),
            _ => None,
        });
        let carried = reply.carried.iter().map(|carried| carried.shown.clone());
        lists.chain(carried).next().filter(|list| !list.is_empty())
    };
    latest(replies, list)
}

/// What the latest reply that has any has, and how many replies ago that was.
fn latest(
    replies: &[Content],
    of: impl Fn(&Content) -> Option<Vec<TaskId>>,
) -> (Vec<TaskId>, usize) {
    let found = replies
        .iter()
        .zip(0..)
        .find_map(|(reply, ago)| Some((of(reply)?, ago)));
    found.unwrap_or_default()
}

/// The tasks last spoken of: those of the latest reply that has any, and how many replies ago that was. What was taken back
/// on the way to something else is not spoken of.
fn recent(replies: &[Content]) -> (Vec<TaskId>, usize) {
    let spoken_of = |reply: &Content| {
        let takes_back = |change: Seq| {
            reply.calls.iter().any(|call| {
                call.tool == "undo_change" && call.result["change_id"].as_i64() == Some(change.0)
            })
        };
        let (mut ids, mut taken_back) = (Vec::new(), Vec::new());
        for block in &reply.blocks {
            match block {
                Block::Receipt {
                    change_id,
                    task_ids,
                    ..
                } if takes_back(*change_id) => taken_back.extend(task_ids),
                Block::Receipt { task_ids, .. } | Block::Tasks { task_ids, .. } => {
                    ids.extend(task_ids);
                }
                Block::Approval { proposal, .. } => {
                    ids.extend(proposal.rows.iter().map(|(id, _)| id));
                }
                _ => {}
            }
        }
        let mut seen = BTreeSet::new();
        let mut ids = if ids.is_empty() { taken_back } else { ids };
        ids.retain(|id| seen.insert(*id));
        let carried = || Some(reply.carried.as_ref()?.recent.clone());
        Some(ids)
            .filter(|ids| !ids.is_empty())
            .or_else(carried)
            .filter(|ids| !ids.is_empty())
    };
    latest(replies, spoken_of)
}

/// What was done last: the commands of the latest reply that changed something, each with its number in the journal.
fn did(replies: &[Content]) -> Vec<(Command, Seq)> {
    let changed = |reply: &Content| -> Vec<(Command, Seq)> {
        let changes = reply.calls.iter().filter_map(|call| {
            let change = call.result.get("change_id")?.as_i64()?;
            Some((tool::command(call)?, Seq(change)))
        });
        changes.collect()
    };
    let changes = replies.iter().map(changed);
    changes
        .into_iter()
        .find(|changes| !changes.is_empty())
        .unwrap_or_default()
}

/// The number of the one change there is besides what was taken back.
fn only_change(did: &[(Command, Seq)]) -> Option<Seq> {
    let mut changes = did
        .iter()
        .filter(|(command, _)| !matches!(command, Command::UndoChange(_)));
    let (_, change) = changes.next()?;
    changes.next().is_none().then_some(*change)
}

/// The tasks that a reply counted, if they are all in sight: what "those" are right after.
fn counted_by(reply: &Content, memory: &Memory) -> Option<Vec<TaskId>> {
    let [.., call] = reply.calls.as_slice() else {
        return None;
    };
    let Some(Command::CountTasks(CountTasks {
        filter: Some(filter),
    })) = tool::command(call)
    else {
        return None;
    };
    let fits = |task: &&Task| filter.matches(task, &memory.projects, &memory.view);
    let ids: Vec<TaskId> = memory
        .tasks
        .iter()
        .filter(fits)
        .map(|task| task.id)
        .collect();
    let matching = call.result.get("matching")?.as_u64()?;
    (!ids.is_empty() && u64::try_from(ids.len()) == Ok(matching)).then_some(ids)
}

/// What a reply asked.
fn question(reply: &Content) -> Option<Question> {
    reply.blocks.iter().find_map(|block| match block {
        Block::Question { question, .. } => Some(question.clone()),
        Block::Approval { .. } => Some(Question::Approve),
        _ => None,
    })
}

/// What a reply proposed.
fn proposal(reply: &Content) -> Option<Proposal> {
    reply.blocks.iter().find_map(|block| match block {
        Block::Approval { proposal, .. } => Some(proposal.clone()),
        _ => None,
    })
}

impl App {
    /// Everything a message is read against, as it is before the message `until` where the conversation has that already.
    pub(super) async fn remember(
        &self,
        user: &UserId,
        turn: &Turn,
        until: Option<MessageId>,
    ) -> Result<Memory, Error> {
        let now = self.clock().now();
        let needs = Memory::needs();
        let (rows, context) = tokio::try_join!(
            self.store().read(user, &needs, now),
            self.store().turn_context(user, turn.conversation, MEMORY),
        )?;
        if let (Some(id), None) = (turn.conversation, &context.conversation) {
            return Err(Error::NoSuchConversation(id));
        }
        let mut messages = context.messages;
        let unfinished = messages
            .last()
            .filter(|message| message.writing.is_some())
            .cloned();
        messages.retain(|message| until.is_none_or(|until| message.id < until));
        let replies: Vec<Content> = messages
            .iter_mut()
            .rev()
            .filter(|message| message.role == Role::Assistant)
            .map(|message| serde_json::from_value(message.blocks.take()).unwrap_or_default())
            .collect();
        let did = did(&replies);
        let (shown, recent) = (shown(&replies), recent(&replies));
        let is_old = |(list, ago): &(Vec<TaskId>, usize)| !list.is_empty() && *ago >= CARRIED_AFTER;
        let carried = (is_old(&shown) || is_old(&recent)).then(|| Carried {
            shown: shown.0.clone(),
            recent: recent.0.clone(),
        });
        let mut memory = Memory {
            conversation: context.conversation,
            next_conversation: context.next_conversation,
            next_message: context.next_message,
            shown: shown.0,
            recent: recent.0,
            carried,
            did: did.iter().map(|(command, _)| command.clone()).collect(),
            did_change: only_change(&did),
            question: replies.first().and_then(question),
            proposal: replies.first().and_then(proposal),
            unfinished,
            messages,
            replies,
            ..Memory::of(rows, now)
        };
        if let Kind::About(tasks) = &turn.kind {
            memory.shown.clone_from(tasks);
            memory.recent.clone_from(tasks);
            memory.question = None;
        }
        if needs_tasks(turn.text.as_str(), &memory.sight()) {
            self.look_around(user, turn, &mut memory).await?;
        }
        Ok(memory)
    }

    /// What changes are decided against outside of a conversation.
    pub(crate) async fn without_words(&self, user: &UserId) -> Result<Memory, Error> {
        let now = self.clock().now();
        let rows = self.store().read(user, &Memory::needs(), now).await?;
        Ok(Memory::of(rows, now))
    }

    /// Fetches the tasks that a message can speak of.
    pub(super) async fn look_around(
        &self,
        user: &UserId,
        turn: &Turn,
        memory: &mut Memory,
    ) -> Result<(), Error> {
        memory.tasks = self
            .store()
            .in_sight(user, &words(turn.text.as_str()))
            .await?;
        let counted = memory.replies.first();
        if let Some(counted) = counted.and_then(|reply| counted_by(reply, memory))
            && !matches!(turn.kind, Kind::About(_))
        {
            memory.recent = counted;
        }
        Ok(())
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

impl Memory {
    /// What the person said before, if a model answered it with a question that may be answered now.
    pub(super) fn last_asked_by_model(&self) -> Option<&str> {
        let [.., asked, reply] = self.messages.as_slice() else {
            return None;
        };
        let asks = reply.engine.as_deref() == Some(MODEL) && reply.text.trim_end().ends_with('?');
        (asks && asked.role == Role::User).then_some(asked.text.as_str())
    }
}
