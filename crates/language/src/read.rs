//! Reads a message: what is asked for, of which tasks, and how sure that is.

use std::ops::Range;

use domain::{AddTask, Command, Project, Task, TaskId, View};
use serde::{Deserialize, Serialize};

/// What a message is read against.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// The time, the zone and the week of the user.
    pub view: &'a View,
    /// The tasks that can be meant: open ones, and done or trashed ones of late.
    pub tasks: &'a [Task],
    /// The user's projects.
    pub projects: &'a [Project],
    /// The numbered list last shown in this conversation, in its order.
    pub shown: &'a [TaskId],
    /// The tasks last spoken of or changed in this conversation, the latest first: what "it" and "them" are.
    pub recent: &'a [TaskId],
    /// What was asked last and not answered.
    pub question: Option<&'a Question>,
}

/// What a message comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Reading {
    /// Do this, in this order.
    Act(Vec<Step>),
    /// Ask first; nothing changes.
    Ask(Question),
    /// The open question is answered with yes.
    Yes,
    /// The open question is answered with no, or dropped.
    No,
    /// Something to say, nothing to do.
    Talk(Talk),
    /// No task by that name or number: what was looked for, as it was said.
    NoSuch(String),
    /// Not a matter of tasks, or not understood.
    NotMine,
}

/// One request of a message.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What is asked for.
    pub command: Command,
    /// How sure that is, from 0 to 1.
    pub certainty: f32,
    /// The words it was read from.
    pub spans: Vec<Span>,
}

/// Words and what they were read as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The bytes of the text.
    pub range: Range<usize>,
    /// As what.
    pub kind: SpanKind,
}

/// What words can be read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// A date or time.
    Date,
    /// A repeat.
    Repeat,
    /// A priority.
    Priority,
    /// A label.
    Tag,
    /// A project.
    Project,
    /// The name of a task, old or new.
    Title,
    /// The words that say what to do.
    Action,
}

/// Something to ask before anything is done. It is kept with the conversation until the next message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// Which of these?
    Which {
        /// What the person called it.
        said: String,
        /// The ways it can be meant, 2 to 5.
        choices: Vec<Choice>,
    },
    /// Add what? The answer becomes the title.
    AddWhat {
        /// What is known so far; its title is a placeholder.
        task: Box<AddTask>,
    },
    /// Do what was just proposed? Made by the application when a change needs approval.
    Approve,
    /// Anything else to ask, in words.
    Say {
        /// The words.
        text: String,
    },
}

/// One answer to a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// What it is called.
    pub label: String,
    /// The task it is about.
    pub task_id: Option<TaskId>,
    /// What is done if it is chosen.
    pub commands: Vec<Command>,
}

/// Something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talk {
    /// What can be said.
    Help,
    /// A greeting.
    Hello,
    /// Thanks.
    Thanks,
    /// Who is speaking.
    Who,
    /// An acknowledgement that asks for nothing ("ok cool").
    Fine,
}

/// Reads a message.
pub fn read(_text: &str, _sight: &Sight<'_>) -> Reading {
    Reading::NotMine
}

/// Reads one line as a task to add, whatever its words look like, with what was found in it. `None` if nothing is left
/// for a title.
pub fn capture(_text: &str, _sight: &Sight<'_>) -> Option<(AddTask, Vec<Span>)> {
    None
}
