//! The conversation beside the list.

use std::collections::BTreeMap;

use app::{Block, Proposal, Reply, Role};
use domain::{ConversationId, MessageId, ModelMode, Seq, Task, TaskId, View};
use language::{Question, say};

use super::frame::{ChangeView, Scene};
use crate::{Problem, Server};

/// The conversation beside the list.
pub(super) struct Chat {
    pub(super) conversation: Option<ConversationId>,
    pub(super) messages: Vec<MessageView>,
    pub(super) key: String,
    /// What answers here.
    pub(super) engine: String,
}

pub(super) enum MessageView {
    Mine(String),
    Reply {
        parts: Vec<Part>,
        footer: String,
        is_writing: bool,
    },
}

/// One part of a reply, ready to be shown.
pub(super) struct Part {
    pub(super) kind: &'static str,
    pub(super) lines: Vec<String>,
    pub(super) change: Option<ChangeView>,
    /// What can be said to a question that still waits: the words, and what they are called.
    pub(super) answers: Vec<(String, String)>,
    /// What can be approved, if it still waits.
    pub(super) approval: Option<Approval>,
}

/// Changes that wait for a yes.
pub(super) struct Approval {
    /// The reply that proposes them.
    pub(super) message: MessageId,
    /// The tasks they are about, where some can be left out.
    pub(super) tasks: Vec<Choice>,
}

/// A task that can be left out.
pub(super) struct Choice {
    pub(super) id: TaskId,
    pub(super) title: String,
    pub(super) due: Option<String>,
    /// Whether it is not any more what was shown, so that it will be left out.
    pub(super) changed_since: bool,
}

impl Chat {
    /// The conversation that was asked for, or the latest.
    pub(super) async fn of(scene: &Scene<'_>, wanted: Option<&str>) -> Result<Self, Problem> {
        /// Messages of a conversation on the page.
        const SHOWN: u32 = 40;
        let (app, user) = (&scene.server.app, &scene.visitor.user);
        let conversation = match wanted {
            Some("new") => None,
            Some(number) => number.parse().ok().map(ConversationId),
            None => app
                .conversations(user, None, 1)
                .await?
                .first()
                .map(|latest| latest.id),
        };
        let stored = match conversation {
            Some(id) => app.messages(user, id, None, SHOWN).await,
            None => Ok(Vec::new()),
        };
        let (conversation, stored) = match stored {
            Ok(stored) => (conversation, stored),
            // An old link to a conversation that is gone opens a new one.
            Err(app::Error::NoSuchConversation(_)) => (None, Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut messages = Vec::new();
        let last = stored.len().saturating_sub(1);
        for (n, message) in stored.into_iter().enumerate() {
            if message.role == Role::User {
                messages.push(MessageView::Mine(message.text));
                continue;
            }
            let reply = Reply::from(message);
            let footer = footer(&reply);
            let is_writing = reply.is_writing;
            let mut parts = Vec::new();
            for block in reply.content.blocks {
                let waiting = (n == last).then_some(reply.message);
                parts.push(part(scene, block, waiting).await?);
            }
            messages.push(MessageView::Reply {
                parts,
                footer,
                is_writing,
            });
        }
        Ok(Self {
            conversation,
            messages,
            key: accounts::random_name(),
            engine: engine(scene.server, scene.settings.model_mode),
        })
    }
}

async fn part(
    scene: &Scene<'_>,
    block: Block,
    waiting: Option<MessageId>,
) -> Result<Part, Problem> {
    let lines = block.text().lines().map(str::to_owned).collect();
    let mut part = Part {
        kind: "text",
        lines,
        change: None,
        answers: Vec::new(),
        approval: None,
    };
    match block {
        Block::Text { .. } | Block::Tasks { .. } => {}
        Block::Notice { .. } => part.kind = "notice",
        Block::Receipt { change_id, .. } => {
            part.kind = "receipt";
            let receipt = scene
                .server
                .app
                .change(&scene.visitor.user, change_id)
                .await?;
            part.change = receipt.map(|receipt| scene.change(receipt));
        }
        Block::Question { question, .. } => {
            part.kind = "question";
            part.answers = match question {
                Question::Which { choices, .. } if waiting.is_some() => {
                    let numbered = choices.into_iter().zip(1..);
                    numbered
                        .map(|(choice, n)| (n.to_string(), choice.label))
                        .collect()
                }
                Question::Offer { .. } if waiting.is_some() => vec![
                    ("yes".into(), "Yes, add it".into()),
                    ("no".into(), "No".into()),
                ],
                _ => Vec::new(),
            };
        }
        Block::Approval { proposal, .. } => {
            part.kind = "question";
            // There are buttons for it.
            part.lines.retain(|line| line != say::yes_or_no());
            if let Some(message) = waiting {
                let approval = approval(scene, message, &proposal).await?;
                if proposal.shown == 1 && !approval.tasks.is_empty() {
                    part.lines.truncate(1);
                }
                part.approval = Some(approval);
            }
        }
    }
    Ok(part)
}

/// What waits for a yes, each of its tasks to be left out or not.
async fn approval(
    scene: &Scene<'_>,
    message: MessageId,
    proposal: &Proposal,
) -> Result<Approval, Problem> {
    let ids = proposal.rows.iter().map(|(id, _)| *id);
    let tasks = scene.server.app.tasks(&scene.visitor.user, ids).await?;
    let tasks = choices(proposal, &tasks, &scene.view);
    Ok(Approval { message, tasks })
}

/// The tasks of a proposal, where some can be left out.
pub(super) fn choices(
    proposal: &Proposal,
    tasks: &BTreeMap<TaskId, Task>,
    view: &View,
) -> Vec<Choice> {
    /// Above this many tasks it is all or nothing.
    const CHOSEN_MAX: usize = 20;
    if !(2..=CHOSEN_MAX).contains(&proposal.rows.len()) {
        return Vec::new();
    }
    let choice = |(id, version): &(TaskId, Seq)| {
        let task = tasks.get(id)?;
        Some(Choice {
            id: *id,
            title: task.title.to_string(),
            due: task.due.as_ref().map(|due| say::due(due, view)),
            changed_since: task.version != *version,
        })
    };
    proposal.rows.iter().filter_map(choice).collect()
}

/// What is said under a reply: what answered, how long it took, and what left the server.
fn footer(reply: &Reply) -> String {
    let usage = &reply.usage;
    let took = if usage.took_ms < 1000.0 {
        format!("{:.0} ms", usage.took_ms.max(1.0))
    } else {
        format!("{:.1} s", usage.took_ms / 1000.0)
    };
    if usage.requests == 0 {
        return format!("Rules \u{b7} {took} \u{b7} nothing sent");
    }
    let model = usage.model.as_deref().unwrap_or("a model");
    let about = if usage.estimated { "about " } else { "" };
    let tokens = usage.input_tokens + usage.output_tokens;
    let sent = &usage.sent;
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let notes = match sent.notes.len() {
        0 => "notes not sent".to_owned(),
        number => count(number, "note"),
    };
    format!(
        "{model} \u{b7} {took} \u{b7} {about}{tokens} tokens \u{b7} sent: {}, titles and dates of {}, {notes}",
        count(sent.messages, "message"),
        count(sent.tasks.len(), "task"),
    )
}

/// What answers here, and whether anything leaves the server for it.
pub(super) fn engine(server: &Server, chosen: Option<ModelMode>) -> String {
    let Some(provider) = server.app.models().first() else {
        return "Built-in rules".to_owned();
    };
    let here = provider.is_local();
    let place = if here {
        "on this server"
    } else {
        "leaves this server"
    };
    match server.app.model_mode(chosen) {
        ModelMode::Rules => "Built-in rules".to_owned(),
        ModelMode::Unsure => format!("Rules, then {} \u{2014} {place}", provider.model),
        ModelMode::First => format!("{} first \u{2014} {place}", provider.model),
    }
}
