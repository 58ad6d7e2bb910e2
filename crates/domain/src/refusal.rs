//! Why a command may not be done: what is wrong, and what to do.

use crate::{FilterName, ProjectName, RuleError, Seq, TaskId};

/// Why a command may not be done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No task has this number, or not one of this user's.
    #[error("there is no task {0}; list your tasks to see their numbers")]
    NoSuchTask(TaskId),
    /// The task is in the trash.
    #[error("task {0} is in the trash; restore it first")]
    InTrash(TaskId),
    /// No project is called so.
    #[error("there is no project {0}; list your projects to see them")]
    NoSuchProject(String),
    /// A project is called so already.
    #[error("there is a project called \u{201c}{0}\u{201d} already")]
    ProjectExists(ProjectName),
    /// Two saved filters are called so.
    #[error("two filters are called \u{201c}{0}\u{201d}; give one of them another name")]
    FilterExists(FilterName),
    /// A filter that is too long once it is written out.
    #[error("the filter \u{201c}{0}\u{201d} is too long to be saved")]
    FilterTooLong(FilterName),
    /// The selection names tasks by number and by filter, or not at all.
    #[error("name the tasks either by their numbers or by a filter")]
    UnclearSelection,
    /// An update that changes nothing.
    #[error("nothing to change was named; give a title, a date or another field")]
    NothingToChange,
    /// More than one request may ask for.
    #[error("at most {max} {what} at once; this is {count}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        max: usize,
        /// How many there are.
        count: usize,
    },
    /// Fewer than a request needs.
    #[error("name at least one task")]
    None,
    /// The task is not as the client last saw it.
    #[error(
        "task {task} has changed since; it is at version {version} now. Look at it again before you change it"
    )]
    ChangedSince {
        /// Which task.
        task: TaskId,
        /// Its version now.
        version: Seq,
    },
    /// A task would be a step of a step, or of itself.
    #[error("task {0} cannot be a step of task {1}: steps have no steps of their own")]
    StepOfStep(TaskId, TaskId),
    /// A repeat that never comes.
    #[error("that repeat has no day after today")]
    NeverRepeats,
    /// A task without a due date cannot be moved by a length of time.
    #[error("task {0} has no due date to move; give it one first")]
    NoDue(TaskId),
    /// A task due all day cannot be moved by hours.
    #[error("task {0} is due all day; give it a time before you move it by hours")]
    NoTime(TaskId),
    /// A date beyond the calendar.
    #[error("that date is outside the calendar")]
    OutsideCalendar,
    /// A repeat rule that cannot be read.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A move that does not say where to, or says it twice.
    #[error("say which task to put it before or after")]
    UnclearPlace,
    /// There is no change with this number.
    #[error("there is no change {0}; look at the history to see their numbers")]
    NoSuchChange(Seq),
    /// Nothing was changed yet, or everything is undone.
    #[error("there is nothing to undo")]
    NothingToUndo,
    /// Nothing was undone, or something changed after it.
    #[error("there is nothing to redo")]
    NothingToRedo,
    /// The change is undone already.
    #[error("change {0} was undone already, by change {1}")]
    AlreadyUndone(Seq, Seq),
    /// The change stands, so it cannot be made again.
    #[error("change {0} was not undone, so there is nothing to redo about it")]
    NotUndone(Seq),
    /// The change only made an earlier one again.
    #[error("change {0} only made an earlier change again; undo that one")]
    OnlyARedo(Seq),
    /// A later change of the same thing would be lost.
    #[error(
        "change {change} cannot be {verb}: change {by} came later and changed the same ({what}). Undo that one first"
    )]
    StandsInTheWay {
        /// The change in question.
        change: Seq,
        /// "undone" or "redone".
        verb: &'static str,
        /// The later change.
        by: Seq,
        /// What both changed.
        what: String,
    },
}
