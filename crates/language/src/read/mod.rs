//! Reads a message: what is asked for, of which tasks, and how sure that is.

mod acting;
mod adding;
mod answer;
mod capture;
mod carries;
mod changing;
mod clauses;
mod follow;
mod gist;
mod items;
mod lines;
mod listing;
mod lists;
mod looking;
mod pattern;
mod phrases;
mod refer;
mod request;
mod titles;

use std::ops::Range;

use domain::{AddTask, Command, Project, Task, TaskId, View};
use serde::{Deserialize, Serialize};

use crate::dates;
use crate::en::ENGLISH;
use crate::language::Language;
use capture::capture;
pub use capture::{Line, Mark, Occasion, each_line, line};
pub use carries::carries;
use items::{Item, items};
use request::Request;

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
    /// What was done last in this conversation, in its order: what "and the milk" goes on with and "no, friday" corrects.
    pub did: &'a [Command],
    /// What was asked last and not answered.
    pub question: Option<&'a Question>,
    /// The user's own language, which settles what a message leaves open. Without one that is English.
    pub language: Option<&'static Language>,
}

impl<'a> Sight<'a> {
    /// With nothing in sight and nothing said before.
    pub fn new(view: &'a View) -> Self {
        Self {
            view,
            tasks: &[],
            projects: &[],
            shown: &[],
            recent: &[],
            did: &[],
            question: None,
            language: None,
        }
    }

    /// The same for one message, in the language that it is in.
    fn of(&self, text: &str) -> Self {
        Self {
            language: Some(Language::of(text, self.language)),
            ..*self
        }
    }

    /// The language of the message that is being read.
    fn spoken(&self) -> &'static Language {
        self.language.unwrap_or(&ENGLISH)
    }
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
    /// Only some of the tasks that were proposed are approved: these.
    YesTo(Vec<TaskId>),
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
    /// Should this be added? Asked when words may be a note of something to do, or an order to somebody else.
    Offer {
        /// What would be added.
        task: Box<AddTask>,
    },
    /// A request that lacks something; the answer completes it.
    Finish {
        /// The question.
        text: String,
        /// The request, with `{}` where the answer goes.
        request: String,
    },
    /// Do what was just proposed? Made by the application when a change needs approval.
    Approve,
    /// Only a part of the message was understood, so nothing of it is done: can it be said otherwise? It is a question of its
    /// own so that the application can ask somebody who may understand all of it.
    Part,
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
pub fn read(text: &str, sight: &Sight<'_>) -> Reading {
    let sight = &sight.of(text);
    lines::read(text, sight).unwrap_or_else(|| one(text, sight))
}

/// Reads one line of a message in the language of `sight`.
fn one(text: &str, sight: &Sight<'_>) -> Reading {
    let all = items(text, sight);
    let whole = clauses::plain(&all);
    if whole.is_empty() {
        return Reading::NotMine;
    }
    if let Some(reading) = answer::read(text, &all, whole, sight) {
        return reading;
    }
    // "hello there" is a greeting before its "hello" is politeness in front of something.
    if let Some(talk) = request::talk(&all) {
        return Reading::Talk(talk);
    }
    let reading = match follow::read(text, &all, sight) {
        Some(reading) => reading,
        None => together(requests(text, &all, whole, sight)),
    };
    match dates::impossible_in(text, sight.spoken()) {
        // A day that does not exist is asked about, never guessed.
        Some(span) if is_about_dates(&reading) => Reading::Ask(Question::Say {
            text: format!("There is no {}. Which day do you mean?", text[span].trim()),
        }),
        _ => reading,
    }
}

/// The requests of a line, each read with what the ones before it speak of.
fn requests(text: &str, all: &[Item], whole: &[Item], sight: &Sight<'_>) -> Vec<Request> {
    let mut requests: Vec<Request> = Vec::new();
    let mut recent = sight.recent.to_vec();
    for clause in clauses::split(whole, text, sight) {
        let asked = clauses::is_asked(all, clause);
        if let Some(ids) = requests.last().and_then(follow::spoken_of) {
            recent = ids;
        }
        let read = |recent: &[TaskId]| {
            let sight = Sight { recent, ..*sight };
            match request::read(clause, asked, text, &sight) {
                // "i haven't called her yet" is about what was spoken of.
                Request::NoSuch(said) => follow::personal(clause, &said)
                    .map_or(Request::NoSuch(said), |clause| {
                        request::read(&clause, asked, text, &sight)
                    }),
                request => request,
            }
        };
        if let Some(Request::Which(_, choices)) = requests.last_mut()
            && follow::has_pronoun(clause)
            && let Some(more) = follow::after_each(choices, &read)
        {
            *choices = more;
            continue;
        }
        let request = read(&recent);
        // "i haven't called her, mark it as not done" asks for one thing twice.
        let twice = match (&request, requests.last()) {
            (Request::Do(one, _), Some(Request::Do(other, _))) => {
                one == other
                    && one
                        .iter()
                        .any(|command| !follow::tasks_of(command).is_empty())
            }
            _ => false,
        };
        if !twice {
            requests.push(request);
        }
    }
    requests
}

/// Whether a reading would be wrong if a date were missing from it.
fn is_about_dates(reading: &Reading) -> bool {
    let dated = |step: &Step| {
        matches!(
            step.command,
            Command::AddTask(_)
                | Command::AddTasks(_)
                | Command::UpdateTask(_)
                | Command::UpdateTasks(_)
        )
    };
    match reading {
        Reading::Act(steps) => steps.iter().any(dated),
        Reading::NotMine | Reading::NoSuch(_) => true,
        _ => false,
    }
}

/// Whether a message could be read otherwise if the user's tasks were at hand. `sight` has none of them. Most messages
/// that add something cannot, and then nobody has to fetch them.
pub fn needs_tasks(text: &str, sight: &Sight<'_>) -> bool {
    let several = |item: &Item| item.is_one_of(&["and", "then", "but", "also", ",", ";", ".", "&"]);
    if sight.question.is_some()
        || text.trim().contains('\n')
        || items(text, &sight.of(text)).iter().any(several)
    {
        return true;
    }
    match read(text, sight) {
        Reading::Act(steps) => steps.iter().any(|step| match &step.command {
            Command::AddTask(_) => step.certainty <= request::NOTE,
            Command::GetOverview(_)
            | Command::UndoChange(_)
            | Command::RedoChange(_)
            | Command::GetHistory(_) => false,
            _ => true,
        }),
        Reading::Talk(_) => false,
        _ => true,
    }
}

/// Puts the requests of one message together: all of them, or the question that one of them needs answered first.
fn together(requests: Vec<Request>) -> Reading {
    let mut steps: Vec<Step> = Vec::new();
    let mut asked: Option<(String, Vec<Choice>)> = None;
    let only = requests.len() == 1;
    for request in requests {
        match request {
            Request::Do(commands, certainty) => {
                for command in commands {
                    steps.push(Step { command, certainty });
                }
            }
            Request::Amend(patch, question) => {
                // "and make it urgent" speaks of what the request before adds.
                match steps.last_mut().map(|step| &mut step.command) {
                    Some(Command::AddTask(task)) => adding::amend(task, *patch),
                    Some(Command::AddTasks(add)) => {
                        for task in &mut add.tasks {
                            adding::amend(task, (*patch).clone());
                        }
                    }
                    _ => return Reading::Ask(question),
                }
            }
            Request::Which(said, choices) => asked = asked.or(Some((said, choices))),
            Request::Ask(question) => return Reading::Ask(question),
            // Half of a message is never done while the other half is silently dropped.
            Request::NoSuch(said) => return Reading::NoSuch(said),
            Request::Talk(talk) if only => return Reading::Talk(talk),
            Request::Unknown if !only => return Reading::Ask(Question::Part),
            Request::Talk(_) | Request::Unknown => {}
        }
    }
    if let Some((said, mut choices)) = asked {
        // What else was asked for is done along with whatever is chosen.
        for choice in &mut choices {
            let others = steps.iter().map(|step| step.command.clone());
            choice.commands = others.chain(choice.commands.drain(..)).collect();
        }
        return Reading::Ask(Question::Which { said, choices });
    }
    if steps.is_empty() {
        Reading::NotMine
    } else {
        Reading::Act(steps)
    }
}

/// The tasks in sight that words mean, such as "the dentist one": several if it is not clear which, none if there is no
/// such task.
pub fn tasks_meant(text: &str, sight: &Sight<'_>) -> Vec<TaskId> {
    let sight = &sight.of(text);
    let items = items(text, sight);
    match refer::meant(&items, refer::Wanted::Open, text, sight) {
        refer::Meant::Tasks(ids) | refer::Meant::OneOf(ids) => ids,
        refer::Meant::By(filter) => {
            let fitting = sight
                .tasks
                .iter()
                .filter(|task| filter.matches(task, sight.projects, sight.view));
            fitting.map(|task| task.id).collect()
        }
        refer::Meant::Nothing | refer::Meant::Unsaid => Vec::new(),
    }
}
