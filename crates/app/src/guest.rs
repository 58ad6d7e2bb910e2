//! What somebody else's agent asks for: run, kept for the owner, or refused, by what it may do.

use domain::{
    Actor, Command, Door, Filter, GetHistory, GetTask, Guest, IdempotencyKey, ListTasks, Origin,
    Outcome, Permission, Refusal, Seq, Status, TaskId, UndoChange,
};
use serde_json::{Map, Value};

use crate::ran::{Came, Ran};
use crate::tool::{Answer, Misgiven, Seen, given, own};
use crate::{App, Error, Proposing};

/// A tool that is called by somebody else's agent.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentCall<'a> {
    /// The name of the tool, one of [`crate::agent_tools`].
    pub tool: &'a str,
    /// What it is called with.
    pub arguments: Map<String, Value>,
    /// The name under which logs know the request.
    pub request_id: &'a str,
    /// Where people reach this server.
    pub base_url: &'a str,
}

/// Why a tool did not do what it was called for: `code: what was wrong. What to do next.`
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {text}")]
pub struct ToolError {
    /// One word for programs.
    pub code: &'static str,
    /// For the model.
    pub text: String,
}

/// How many of the latest changes are looked through for the agent's own last one.
const OWN_CHANGES: u32 = 200;
/// Tasks on a page for an agent that does not say how many, and for one that does: an answer has to fit into what its model
/// reads at a time.
const LIMIT: u32 = 50;
const LIMIT_MAX: u32 = 200;

impl App {
    /// Answers a tool that `guest` calls.
    ///
    /// # Errors
    /// Why nothing came of it, in words for the agent; nothing has changed then.
    pub async fn call(&self, guest: &Guest, call: AgentCall<'_>) -> Result<Answer, ToolError> {
        let (mut ran, request_id, tool) = (Ran::new(), call.request_id, call.tool);
        let answer = self.answer(guest, call).await;
        let came = match &answer {
            Ok(answer) if answer.is_waiting() => Came::Proposed,
            Ok(_) => Came::Done,
            Err(error) if matches!(error.code, "unavailable" | "rate_limited") => Came::Failed,
            Err(_) => Came::Refused,
        };
        ran.note(tool, came);
        self.tell(Door::Mcp, request_id, ran);
        answer
    }

    async fn answer(&self, guest: &Guest, call: AgentCall<'_>) -> Result<Answer, ToolError> {
        let AgentCall {
            tool,
            mut arguments,
            request_id,
            base_url,
        } = call;
        let user = &guest.user;
        let misgiven = |misgiven| {
            if misgiven == Misgiven::AnotherUser {
                // Worth a look by whoever watches: agents do not come by other people's ids by chance.
                tracing::warn!(request_id, tool, "an agent named another user");
            }
            ToolError::from(misgiven)
        };
        if matches!(tool, "search" | "fetch") {
            own(&mut arguments, user).map_err(misgiven)?;
            return self.look_up(guest, tool, &arguments, base_url).await;
        }
        if tool == "get_overview"
            && let Some(Value::String(said)) = arguments.get("date")
        {
            let date = self.day(user, said).await?;
            arguments.insert("date".to_owned(), date.to_string().into());
        }
        let idempotency_key = key(&mut arguments)?;
        let spoken = given(tool, arguments, user).map_err(misgiven)?;
        let mut command = self.meant(user, spoken).await?;
        match &mut command {
            Command::ListTasks(list) => {
                let limit = *list.limit.get_or_insert(LIMIT);
                if limit > LIMIT_MAX {
                    return Err(Error::BadLimit(LIMIT_MAX).into());
                }
            }
            Command::UndoChange(undo) if undo.change_id.is_none() => {
                undo.change_id = Some(self.last_change_of(guest).await?);
            }
            _ => {}
        }
        let outcome = match self.permission(guest, &command).await? {
            Permission::Denied => {
                return Err(ToolError::new(
                    "forbidden",
                    "This token may only read. Ask the owner for one that may change tasks.",
                ));
            }
            Permission::Proposed => {
                let proposing = self.propose(user, &command, &guest.name, request_id);
                match proposing.await? {
                    Proposing::Waits(proposed) => {
                        return Ok(Seen::waiting(tool, about(&command), &proposed));
                    }
                    Proposing::Outcome(outcome) => outcome,
                }
            }
            Permission::Granted => {
                let origin = Origin {
                    actor: Actor::Agent(guest.name.clone()),
                    idempotency_key,
                    ..Origin::person(Door::Mcp, request_id)
                };
                self.run(user, &command, origin).await?
            }
        };
        let seen = self.seen(guest, &outcome).await?;
        Ok(seen.answer(tool, about(&command), &outcome))
    }

    /// What becomes of `command` if `guest` asks for it.
    async fn permission(&self, guest: &Guest, command: &Command) -> Result<Permission, Error> {
        let permission = guest.access.permission(command);
        let Command::UndoChange(UndoChange {
            change_id: Some(change),
        }) = command
        else {
            return Ok(permission);
        };
        if permission != Permission::Granted {
            return Ok(permission);
        }
        // What a change did is never altered, so it does not matter that this is read before.
        let change = self.change(&guest.user, *change).await?;
        Ok(change.map_or(permission, |change| {
            guest.access.permission_to_undo(&change.changes)
        }))
    }

    /// What the owner sees, with their projects if the outcome speaks of any.
    async fn seen(&self, guest: &Guest, outcome: &Outcome) -> Result<Seen, Error> {
        let speaks = match outcome {
            Outcome::Tasks(page) => page.tasks.iter().any(|task| task.project.is_some()),
            Outcome::Projects { .. } => false,
            _ => true,
        };
        let projects = async {
            if speaks {
                self.projects(&guest.user).await
            } else {
                Ok(Vec::new())
            }
        };
        let (view, projects) = tokio::try_join!(self.view(&guest.user), projects)?;
        Ok(Seen { view, projects })
    }

    /// The last change that `guest` made and nobody took back.
    async fn last_change_of(&self, guest: &Guest) -> Result<Seq, Error> {
        let actor = Actor::Agent(guest.name.clone());
        let history = GetHistory {
            limit: Some(OWN_CHANGES),
            ..GetHistory::default()
        };
        let Some(Outcome::History(page)) = self
            .look(&guest.user, &Command::GetHistory(history))
            .await?
        else {
            return Err(Refusal::NothingToUndo.into());
        };
        let own = page.changes.into_iter().find(|change| {
            change.actor == actor && change.undoes.is_none() && change.undone_by.is_none()
        });
        Ok(own.ok_or(Refusal::NothingToUndo)?.change_id)
    }

    /// The pair of tools by which some hosts look anything up.
    async fn look_up(
        &self,
        guest: &Guest,
        tool: &str,
        arguments: &Map<String, Value>,
        base_url: &str,
    ) -> Result<Answer, ToolError> {
        let (name, example) = if tool == "search" {
            ("query", "{\"query\": \"milk\"}")
        } else {
            ("id", "{\"id\": \"task:42\"}")
        };
        let wanted = match (arguments.get(name), arguments.len()) {
            (Some(Value::String(text)), 1) if !text.trim().is_empty() => text.trim(),
            _ => {
                return Err(ToolError::new(
                    "invalid_arguments",
                    format!("{tool} takes {name}, a text, and nothing else. Try {example}."),
                ));
            }
        };
        let command = if tool == "search" {
            Command::ListTasks(ListTasks {
                filter: Some(Filter::Text(wanted.to_owned())),
                status: Some(Status::All),
                limit: Some(LIMIT),
                ..ListTasks::default()
            })
        } else {
            let number = wanted.strip_prefix("task:").unwrap_or(wanted);
            let task_id = number.parse::<TaskId>().map_err(|_| {
                ToolError::new(
                    "invalid_arguments",
                    format!("\u{201c}{wanted}\u{201d} is no id of search. Try {example}."),
                )
            })?;
            Command::GetTask(GetTask { task_id })
        };
        let outcome = self.look(&guest.user, &command).await?;
        Ok(match &outcome {
            Some(Outcome::Tasks(page)) => Seen::found(page, base_url),
            Some(outcome @ Outcome::Task(detail)) => {
                let seen = self.seen(guest, outcome).await?;
                seen.fetched(detail, base_url)
            }
            _ => return Err(ToolError::new("not_found", "There is no such thing.")),
        })
    }
}

/// The task that a command is about, if it is about one.
fn about(command: &Command) -> Option<TaskId> {
    match command {
        Command::CompleteTask(it) => Some(it.task_id),
        Command::ReopenTask(it) => Some(it.task_id),
        Command::UpdateTask(it) => Some(it.task_id),
        Command::DeleteTask(it) => Some(it.task_id),
        _ => None,
    }
}

/// Takes the key that makes a repeat harmless out of the arguments.
fn key(arguments: &mut Map<String, Value>) -> Result<Option<IdempotencyKey>, ToolError> {
    match arguments.remove("idempotency_key") {
        None | Some(Value::Null) => Ok(None),
        Some(key) => serde_json::from_value(key).map(Some).map_err(|error| {
            ToolError::new(
                "invalid_arguments",
                format!("idempotency_key: {error}. Leave it out or send a text of your own."),
            )
        }),
    }
}

impl ToolError {
    pub(crate) fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// `what`, an error of ours, as two sentences: what was wrong, and what to do next, which is `next`, or if that is empty
    /// what the error says itself.
    fn saying(code: &'static str, what: &str, next: &str) -> Self {
        // Not where somebody's own words are cut in two.
        let is_advice =
            |said: &str| said.matches('\u{201c}').count() == said.matches('\u{201d}').count();
        let cut = what.rsplit_once("; ").or_else(|| what.rsplit_once(". "));
        let (what, said) = cut
            .filter(|(_, said)| is_advice(said))
            .unwrap_or((what, ""));
        let next = if next.is_empty() { said } else { next };
        let text = format!("{} {}", sentence(what), sentence(next));
        Self::new(code, text.trim_end())
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else {
        return String::new();
    };
    let end = if text.ends_with(['.', '?', '!']) {
        ""
    } else {
        "."
    };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}

impl From<Misgiven> for ToolError {
    fn from(misgiven: Misgiven) -> Self {
        match misgiven {
            Misgiven::AnotherUser => Self::new(
                "forbidden",
                "You act for the owner of this token and for nobody else. Leave user_id out.",
            ),
            Misgiven::Arguments(what) => {
                let field = what.split([':', '[', '.']).next().unwrap_or_default();
                let code = match field {
                    "title" => "invalid_title",
                    "due" | "due_date" => "invalid_due",
                    "repeat" | "recurrence" => "invalid_repeat",
                    _ => "invalid_arguments",
                };
                // It begins with the name of the argument, as it is written.
                Self::new(
                    code,
                    format!("{what}. See the tool's schema for what it takes."),
                )
            }
        }
    }
}

impl From<Refusal> for ToolError {
    fn from(refusal: Refusal) -> Self {
        Error::from(refusal).into()
    }
}

impl From<Error> for ToolError {
    fn from(error: Error) -> Self {
        let (code, next) = match &error {
            Error::Refused(refusal) => refused(refusal),
            Error::UnreadableDate(_) => ("invalid_due", ""),
            Error::BadCursor => ("invalid_cursor", ""),
            Error::KeyReused => ("conflict", ""),
            Error::BadLimit(_) => (
                "invalid_arguments",
                "Ask for fewer and go on with next_cursor",
            ),
            Error::TooManyProposals => ("limit_exceeded", ""),
            Error::Busy | Error::ModelBusy | Error::TooManyListeners(_) => ("rate_limited", ""),
            Error::Unavailable(_) => ("unavailable", ""),
            Error::Corrupt(_) => ("unavailable", "Tell whoever runs this server"),
            Error::NoSuchConversation(_)
            | Error::NoSuchMessage(_)
            | Error::StillWriting
            | Error::NotTheLast
            | Error::EarlierChanges(_)
            | Error::NoSuchProposal(_)
            | Error::ProposalEnded(..)
            | Error::NotProposed(..)
            | Error::NothingToApprove => ("conflict", ""),
        };
        if matches!(error, Error::Unavailable(_) | Error::Corrupt(_)) {
            tracing::error!(error = telemetry::chain(&error), "a tool failed");
        }
        Self::saying(code, &error.to_string(), next)
    }
}

/// The code of a refusal, and what to do if its words do not say.
fn refused(refusal: &Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::NoSuchTask(_) => ("not_found", "Call list_tasks to see valid ids"),
        Refusal::NoSuchProject(_) => ("not_found", "Call list_projects to see them"),
        Refusal::NoSuchChange(_) => ("not_found", "Use a change_id from an answer"),
        Refusal::InTrash(_) => ("conflict", "Leave it there, or undo its deletion"),
        Refusal::ProjectExists(_) => ("conflict", "Use it, or choose another name"),
        Refusal::FilterExists(_) => ("conflict", ""),
        Refusal::ChangedSince { .. } | Refusal::StandsInTheWay { .. } => ("conflict", ""),
        Refusal::AlreadyUndone(..) | Refusal::NotUndone(_) | Refusal::OnlyARedo(_) => {
            ("conflict", "Nothing has to be done")
        }
        Refusal::NothingToUndo | Refusal::NothingToRedo => {
            ("conflict", "Name a change by its change_id")
        }
        Refusal::TooMany { .. } => ("limit_exceeded", "Do it in several calls"),
        Refusal::Rule(_) | Refusal::NeverRepeats => (
            "invalid_repeat",
            "Try \"every 2 weeks\" or FREQ=WEEKLY;BYDAY=MO",
        ),
        Refusal::NoDue(_) | Refusal::NoTime(_) | Refusal::OutsideCalendar => ("invalid_due", ""),
        Refusal::UnclearSelection
        | Refusal::NothingToChange
        | Refusal::None
        | Refusal::FilterTooLong(_)
        | Refusal::UnclearPlace => ("invalid_arguments", ""),
        Refusal::StepOfStep(..) => ("invalid_arguments", "Choose a task that is no step"),
    }
}
