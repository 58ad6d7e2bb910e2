//! What a task is, and what may be asked of a list of them.
//!
//! Everything is a [`Command`]; [`decide`] says what follows from it; a [`Receipt`] shows what came of it. Nothing
//! here does I/O or asks the time.

mod access;
mod clock;
mod command;
mod decide;
mod due;
mod filter;
mod id;
mod journal;
mod outcome;
mod refusal;
mod repeat;
mod rows;
mod settings;
mod task;
mod text;

pub use access::{Access, AccessError, Guest, Permission};
pub use clock::Clock;
pub use command::*;
pub use decide::{Approval, Changes, Decision, UNASKED_MAX, approval, decide, needs};
pub use due::{Due, DueError, DueTime, ZoneName};
pub use filter::{Days, Filter, FilterError, Scope, View, search_text};
pub use id::{ConversationId, IdError, MessageId, ProjectId, ProposalId, Seq, TaskId, UserId};
pub use journal::{Actor, ActorKind, Change, Door, Entry, Hash, Origin, RowId, WordError};
pub use outcome::*;
pub use refusal::Refusal;
pub use repeat::{ByDay, Frequency, Missed, Repeat, RepeatMode, Rule, RuleError, week_of};
pub use rows::{EntryNeed, Head, Needs, Rows};
pub use settings::{ModelMode, SavedFilter, SavedFilterError, Settings, WeekStart};
pub use task::{Priority, Project, ProjectRef, Tags, Task};
pub use text::{
    Colour, Description, FilterName, IdempotencyKey, MessageText, ProjectName, Tag, TextError,
    Title, fold, shown_name,
};
