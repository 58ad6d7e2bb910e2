//! What came of a command: data for a reading one, a receipt for a changing one.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Actor, Change, Door, Entry, Filter, Project, Seq, Task};

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "outcome", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "there is one of them per request, and it is soon written out"
)]
pub enum Outcome {
    /// Something changed: the proof of it.
    Changed(Receipt),
    /// Nothing had to change.
    Unchanged(Unchanged),
    /// Tasks.
    Tasks(TaskPage),
    /// One task.
    Task(TaskDetail),
    /// Numbers of tasks.
    Counts(Counts),
    /// What there is to do.
    Overview(Overview),
    /// What changed before.
    History(HistoryPage),
    /// Projects.
    Projects {
        /// In the order of their numbers.
        projects: Vec<Project>,
    },
}

/// A view of a committed journal entry; nothing else may say that something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Receipt {
    /// The entry's place in the journal, by which it can be undone.
    pub change_id: Seq,
    /// When.
    #[schemars(with = "String")]
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Through which door.
    pub door: Door,
    /// The name of the command.
    pub action: String,
    /// The change it takes back, or makes again.
    pub undoes: Option<Seq>,
    /// The change that took it back.
    pub undone_by: Option<Seq>,
    /// Every row before and after.
    pub changes: Vec<Change>,
}

impl From<Entry> for Receipt {
    fn from(entry: Entry) -> Self {
        Self {
            change_id: entry.seq,
            at: entry.at,
            actor: entry.origin.actor,
            door: entry.origin.door,
            action: entry.action,
            undoes: entry.undoes,
            undone_by: entry.undone_by,
            changes: entry.changes,
        }
    }
}

/// What happened to a task in a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Happened {
    /// It is new.
    Added,
    /// It was done.
    Completed,
    /// It is not done after all.
    Reopened,
    /// It went to the trash.
    Deleted,
    /// It came back from the trash.
    Restored,
    /// It is gone altogether.
    Removed,
    /// Something else about it changed.
    Updated,
}

impl Happened {
    /// What happened between two states of a task.
    pub fn between(before: Option<&Task>, after: Option<&Task>) -> Self {
        match (before, after) {
            (None, _) => Self::Added,
            (_, None) => Self::Removed,
            (Some(before), Some(after)) => match (before.is_trashed(), after.is_trashed()) {
                (false, true) => Self::Deleted,
                (true, false) => Self::Restored,
                _ => match (before.completed_at.is_some(), after.completed_at.is_some()) {
                    (false, true) => Self::Completed,
                    (true, false) => Self::Reopened,
                    _ => Self::Updated,
                },
            },
        }
    }
}

impl Receipt {
    /// What happened to each task: the task as it is now (as it last was, if it is gone), the state before, and what
    /// it comes to.
    pub fn tasks(&self) -> impl Iterator<Item = (&Task, Option<&Task>, Happened)> {
        self.changes.iter().filter_map(|change| match change {
            Change::Task { before, after } => {
                let task = after.as_deref().or(before.as_deref())?;
                Some((
                    task,
                    before.as_deref(),
                    Happened::between(before.as_deref(), after.as_deref()),
                ))
            }
            _ => None,
        })
    }
}

/// Why nothing had to change.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Unchanged {
    /// Why.
    pub why: WhyUnchanged,
    /// The tasks that are already so.
    pub tasks: Vec<Task>,
}

/// Why nothing had to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum WhyUnchanged {
    /// Done already.
    AlreadyDone,
    /// Not done in the first place.
    AlreadyOpen,
    /// Not in the trash.
    NotInTrash,
    /// It is so already.
    AlreadySo,
    /// The trash is empty.
    TrashEmpty,
    /// No task is meant by the filter.
    NoneMatch,
}

/// One page of tasks.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaskPage {
    /// Which tasks were asked for.
    pub filter: Filter,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// How many there are on all pages.
    pub total: i64,
    /// Where the next page begins; `None` on the last.
    pub next_cursor: Option<String>,
}

/// One task and its steps.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaskDetail {
    /// The task.
    pub task: Task,
    /// Its steps that are not in the trash.
    pub steps: Vec<Task>,
}

/// Numbers of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// Which tasks were counted, if not all.
    pub filter: Option<Filter>,
    /// Tasks that the filter names; without one, open ones.
    pub matching: i64,
    /// Open tasks.
    pub open: i64,
    /// Done tasks.
    pub done: i64,
    /// Open tasks whose time has passed.
    pub overdue: i64,
    /// Open tasks due today, passed or not.
    pub today: i64,
    /// Tasks finished today.
    pub done_today: i64,
}

/// What there is to do.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Overview {
    /// The day it is of.
    #[schemars(with = "String")]
    pub date: jiff::civil::Date,
    /// What should have been done before that day.
    pub overdue: Vec<Task>,
    /// What is due that day.
    pub today: Vec<Task>,
    /// What is due in the seven days after.
    pub upcoming: Vec<Task>,
    /// How much there is in all.
    pub counts: Counts,
}

impl Overview {
    /// Most tasks in one part; a list has them all.
    pub const PART_MAX: u32 = 100;
}

/// One page of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct HistoryPage {
    /// The changes, newest first.
    pub changes: Vec<Receipt>,
    /// Ask for those before this one to go on; `None` on the last page.
    pub next_before: Option<Seq>,
}
