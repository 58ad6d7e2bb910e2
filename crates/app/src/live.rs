//! What changes for a user while somebody looks: the journal as it grows, and replies that begin and end, whichever copy
//! of the program they come from.

use std::collections::BTreeSet;

use domain::{
    Actor, ConversationId, Door, Entry, MessageId, Project, ProjectId, Receipt, RowId, Seq, TaskId,
    UserId, View,
};
use jiff::Timestamp;
use language::say;
use schemars::JsonSchema;
use serde::Serialize;
use store::{Moment, Watch};

use crate::{App, Error};

/// Those who may listen to one user's changes at once, in one process.
const LISTENERS_MAX: usize = 32;
/// Changes that are told one by one; who has missed more reads everything anew.
const MISSED_MAX: i64 = 500;
/// Changes that are read at once.
const PAGE: u32 = 50;

/// Something that somebody who looks has to know.
#[derive(Debug, Clone, PartialEq)]
pub enum LiveEvent {
    /// From here on everything is told.
    Hello(Seq),
    /// More has changed than is told one by one: everything is to be read anew, and from here on everything is told.
    Reset(Seq),
    /// A change that has been committed.
    Change(LiveChange),
    /// A reply has begun or ended.
    Conversation(LiveReply),
}

/// A change that has been committed.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LiveChange {
    /// Its place in the journal, by which it can be undone.
    pub seq: Seq,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Through which door.
    pub door: Door,
    /// The name of the command.
    pub action: String,
    /// What was done, in words.
    pub text: String,
    /// The tasks that are not as they were.
    pub task_ids: Vec<TaskId>,
    /// The projects that are not as they were.
    pub project_ids: Vec<ProjectId>,
    /// Whether the settings are not as they were.
    pub settings: bool,
    /// The `X-Request-Id` of the request that made it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    /// The change it takes back, or makes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Seq>,
    /// The change that has taken it back meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone_by: Option<Seq>,
}

/// A reply that has begun or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LiveReply {
    /// In which conversation.
    pub conversation_id: ConversationId,
    /// Its place there.
    pub message_id: MessageId,
    /// Whether it is still being written.
    pub writing: bool,
}

/// Somebody who listens to a user's changes.
#[derive(Debug)]
pub struct Listening {
    app: App,
    user: UserId,
    watch: Watch,
    /// The last change that whoever listens knows already, if they say so.
    known: Option<Seq>,
    /// How far everything has been told. `None` before the first look.
    told: Option<(Seq, Moment)>,
    /// Whether there may be something new.
    look: bool,
}

impl App {
    /// Listens to changes for `user`, from now on or after the change that is `known` already.
    ///
    /// # Errors
    /// [`Error::TooManyListeners`].
    pub fn listen(&self, user: &UserId, known: Option<Seq>) -> Result<Listening, Error> {
        let watch = self.store().watch(user, LISTENERS_MAX);
        Ok(Listening {
            app: self.clone(),
            user: user.clone(),
            watch: watch.ok_or(Error::TooManyListeners(LISTENERS_MAX))?,
            known,
            told: None,
            look: true,
        })
    }
}

impl Listening {
    /// What comes next, at least one event; an empty list at the end, which comes when the program ends. It may be given
    /// up and asked again.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if the database does not answer; nothing is lost by it.
    pub async fn next(&mut self) -> Result<Vec<LiveEvent>, Error> {
        loop {
            if self.look {
                let events = self.read().await?;
                if !events.is_empty() {
                    return Ok(events);
                }
            }
            if !self.watch.changed().await {
                return Ok(Vec::new());
            }
            self.look = true;
        }
    }

    /// What is new. Whoever gives it up has missed nothing: how far has been told is noted at the end.
    async fn read(&mut self) -> Result<Vec<LiveEvent>, Error> {
        let store = self.app.store();
        let now = store.moment(&self.user).await?;
        let mut events = Vec::new();
        let head = now.seq;
        let (mut seq, before) = if let Some((seq, before)) = &self.told {
            (*seq, before.clone())
        } else {
            let seq = self.known.unwrap_or(head);
            if is_within_reach(seq, head) {
                events.push(LiveEvent::Hello(seq));
            }
            // Replies under way are told as if they had just begun.
            let writing = BTreeSet::new();
            let before = Moment {
                writing,
                ..now.clone()
            };
            (seq, before)
        };
        if !is_within_reach(seq, head) {
            events.push(LiveEvent::Reset(head));
            seq = head;
        }
        if seq < head {
            let entries = store.changes_after(&self.user, seq, PAGE).await?;
            if entries.first().is_none_or(|first| first.seq != seq.next()) {
                // The journal has been shortened.
                events = vec![LiveEvent::Reset(head)];
                seq = head;
            } else {
                let view = self.app.view(&self.user).await?;
                let projects = self.app.projects(&self.user).await?;
                for entry in entries {
                    seq = entry.seq;
                    let change = LiveChange::of(entry, &view, &projects);
                    events.push(LiveEvent::Change(change));
                }
            }
        }
        events.extend(replies(&before, &now).map(LiveEvent::Conversation));
        self.look = seq < head;
        self.told = Some((seq, now));
        Ok(events)
    }
}

/// Whether what came after `seq` is told one by one. One that lies ahead is of another journal, before a backup.
fn is_within_reach(seq: Seq, head: Seq) -> bool {
    (0..=MISSED_MAX).contains(&(head.0.saturating_sub(seq.0)))
}

/// Replies that have begun or ended between two moments.
fn replies(before: &Moment, now: &Moment) -> impl Iterator<Item = LiveReply> {
    let reply = |writing: bool| {
        move |(conversation_id, message_id): &(ConversationId, MessageId)| LiveReply {
            conversation_id: *conversation_id,
            message_id: *message_id,
            writing,
        }
    };
    let begun = now.writing.difference(&before.writing).map(reply(true));
    let ended = before.writing.difference(&now.writing).map(reply(false));
    // One that was written between two looks, as the engine's are, has only ended.
    let at_once = now.latest.filter(|latest| {
        let place = (latest.conversation, latest.message);
        before.latest != now.latest
            && !now.writing.contains(&place)
            && !before.writing.contains(&place)
            && before.latest.is_none_or(|known| known.at <= latest.at)
    });
    let at_once = at_once.map(|latest| reply(false)(&(latest.conversation, latest.message)));
    begun
        .chain(ended)
        .chain(at_once)
        .collect::<Vec<_>>()
        .into_iter()
}

impl LiveChange {
    fn of(entry: Entry, view: &View, projects: &[Project]) -> Self {
        let request_id = entry.origin.request_id.clone();
        let receipt = Receipt::from(entry);
        let text = say::receipt(&receipt, view, projects);
        let rows: BTreeSet<RowId> = receipt.changes.iter().map(domain::Change::row).collect();
        let tasks = rows.iter().filter_map(|row| match row {
            RowId::Task(id) => Some(*id),
            _ => None,
        });
        let projects = rows.iter().filter_map(|row| match row {
            RowId::Project(id) => Some(*id),
            _ => None,
        });
        Self {
            seq: receipt.change_id,
            at: receipt.at,
            actor: receipt.actor,
            door: receipt.door,
            action: receipt.action,
            text,
            task_ids: tasks.collect(),
            project_ids: projects.collect(),
            settings: rows.contains(&RowId::Settings),
            request_id,
            undoes: receipt.undoes,
            undone_by: receipt.undone_by,
        }
    }
}
