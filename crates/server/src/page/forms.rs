//! What the page's forms do. Each does one thing and comes back to where it was sent from.

use std::collections::BTreeMap;

use app::{Approved, Kind, Turn};
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    Command, CompleteTask, ConversationId, DeleteTask, Door, EmptyTrash, Field, IdempotencyKey,
    MessageId, MessageText, ModelMode, Origin, Outcome, Priority, ProjectRef, RedoChange,
    ReopenTask, Said, Selection, Seq, SpokenCommand, Tag, TaskId, TaskPatch, UndoChange,
    UpdateSettings, UpdateTask,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Visitor, show};
use crate::body::in_time;
use crate::layers::RequestId;
use crate::{Problem, Server};

/// A posted form.
pub(crate) struct Form<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Server> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        let form = in_time(axum::Form::<T>::from_request(request, server)).await?;
        form.map(|axum::Form(form)| Self(form))
            .map_err(|error| match error.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(crate::body::BODY_BYTES_MAX),
                _ => Problem::invalid(error.body_text()),
            })
    }
}

/// What every form carries.
#[derive(Debug, Deserialize)]
pub(crate) struct Bare {
    pub(super) csrf: String,
    /// The address of the page it was on.
    #[serde(default)]
    pub(super) back: String,
}

impl Bare {
    /// Refuses a form that is not of this visitor's own page.
    pub(crate) fn check(&self, visitor: &Visitor) -> Result<(), Problem> {
        if self.csrf == visitor.csrf {
            Ok(())
        } else {
            Err(Problem::forbidden(
                "this form is not from your page, or it is too old; go back and reload the page",
            ))
        }
    }

    /// The page it was on, with `what` added to its query. Never another site.
    pub(super) fn back(&self, what: &str) -> String {
        let page = if self.back.starts_with('/') && !self.back.starts_with("//") {
            &self.back
        } else {
            "/"
        };
        let page = page.split('#').next().unwrap_or("/");
        let (path, query) = page.split_once('?').unwrap_or((page, ""));
        let name = what.split('=').next().unwrap_or_default();
        let kept = query.split('&').filter(|part| {
            let part = part.split('=').next().unwrap_or_default();
            !part.is_empty() && part != "change" && part != name
        });
        let query: Vec<&str> = kept.chain([what]).filter(|part| !part.is_empty()).collect();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Line {
    #[serde(flatten)]
    bare: Bare,
    text: String,
    key: Option<IdempotencyKey>,
    conversation: Option<ConversationId>,
}

fn origin(request_id: &RequestId, key: Option<IdempotencyKey>) -> Origin {
    Origin {
        idempotency_key: key,
        ..Origin::person(Door::Web, request_id.as_str())
    }
}

/// Runs a command and goes back, with the change to show; or shows the page with what went wrong.
async fn run(
    server: &Server,
    visitor: &Visitor,
    command: Result<Command, Problem>,
    origin: Origin,
    bare: &Bare,
) -> Result<Response, Problem> {
    let outcome = match command {
        Ok(command) => server
            .app
            .run(&visitor.user, &command, origin)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(Outcome::Changed(receipt)) => {
            Ok(Redirect::to(&bare.back(&format!("change={}", receipt.change_id))).into_response())
        }
        Ok(_) => Ok(Redirect::to(&bare.back("")).into_response()),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => show::with_problem(server, visitor, &problem, &bare.back).await,
    }
}

pub(super) async fn add(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(line): Form<Line>,
) -> Result<Response, Problem> {
    line.bare.check(&visitor)?;
    let command = match server.app.parse(&visitor.user, &line.text, &[]).await?.task {
        Some(task) => Ok(Command::AddTask(task)),
        None => Err(Problem::invalid(
            "say what is to be done; there was nothing left for a title",
        )),
    };
    run(
        &server,
        &visitor,
        command,
        origin(&request_id, line.key),
        &line.bare,
    )
    .await
}

pub(super) async fn act(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path((id, action)): Path<(i64, String)>,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    bare.check(&visitor)?;
    let task_id = TaskId(id);
    let command = match action.as_str() {
        "complete" => Command::CompleteTask(CompleteTask { task_id }),
        "reopen" => Command::ReopenTask(ReopenTask { task_id }),
        "delete" => Command::DeleteTask(DeleteTask { task_id }),
        "restore" => Command::RestoreTasks(Selection::of([task_id])),
        _ => return Err(Problem::not_found()),
    };
    run(
        &server,
        &visitor,
        Ok(command),
        origin(&request_id, None),
        &bare,
    )
    .await
}

pub(super) async fn undo_or_redo(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path((id, action)): Path<(i64, String)>,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    bare.check(&visitor)?;
    let change_id = Some(Seq(id));
    let command = match action.as_str() {
        "undo" => Command::UndoChange(UndoChange { change_id }),
        "redo" => Command::RedoChange(RedoChange { change_id }),
        _ => return Err(Problem::not_found()),
    };
    run(
        &server,
        &visitor,
        Ok(command),
        origin(&request_id, None),
        &bare,
    )
    .await
}

/// All fields of a task, as they stand in its form.
#[derive(Debug, Deserialize)]
pub(super) struct Edit {
    #[serde(flatten)]
    bare: Bare,
    title: String,
    description: String,
    due: String,
    repeat: String,
    priority: Priority,
    tags: String,
    project: String,
    /// What due and repeat were when the form was shown; what was not touched is not read again.
    due_was: String,
    repeat_was: String,
}

pub(super) async fn edit(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path(id): Path<i64>,
    Form(edit): Form<Edit>,
) -> Result<Response, Problem> {
    edit.bare.check(&visitor)?;
    let command = match edit.patch() {
        Ok(patch) => {
            let update = UpdateTask {
                task_id: TaskId(id),
                patch,
                if_version: None,
            };
            server
                .app
                .meant(&visitor.user, SpokenCommand::UpdateTask(update))
                .await
                .map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    run(
        &server,
        &visitor,
        command,
        origin(&request_id, None),
        &edit.bare,
    )
    .await
}

impl Edit {
    fn patch(&self) -> Result<TaskPatch<Said, Said>, Problem> {
        let wrong = |error: domain::TextError| Problem::invalid(error.to_string());
        let mut patch = TaskPatch {
            title: Some(self.title.parse().map_err(wrong)?),
            description: Some(self.description.parse().map_err(wrong)?),
            priority: Some(self.priority),
            ..TaskPatch::default()
        };
        let words = self.tags.split([',', ' ']).filter(|word| !word.is_empty());
        patch.tags = Some(
            words
                .map(str::parse)
                .collect::<Result<Vec<Tag>, _>>()
                .map_err(wrong)?,
        );
        let said = |text: &str| Some(Said(text.trim().to_owned()));
        if self.due.trim() != self.due_was {
            if self.due.trim().is_empty() {
                patch.clear.push(Field::Due);
            } else {
                patch.due = said(&self.due);
            }
        }
        if self.repeat.trim() != self.repeat_was {
            if self.repeat.trim().is_empty() {
                patch.clear.push(Field::Repeat);
            } else {
                patch.repeat = said(&self.repeat);
            }
        }
        match self.project.trim() {
            "" => patch.clear.push(Field::Project),
            name => patch.project = Some(ProjectRef::Name(name.parse().map_err(wrong)?)),
        }
        Ok(patch)
    }
}

pub(super) async fn say(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(line): Form<Line>,
) -> Result<Response, Problem> {
    line.bare.check(&visitor)?;
    let text: MessageText = match line.text.parse() {
        Ok(text) => text,
        Err(error) => {
            let problem = Problem::invalid(domain::TextError::to_string(&error));
            return show::with_problem(&server, &visitor, &problem, &line.bare.back).await;
        }
    };
    let turn = Turn {
        conversation: line.conversation,
        text,
        kind: Kind::Words,
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: line.key,
    };
    talk(&server, &visitor, &turn, &line.bare).await
}

/// Says something and goes back to the conversation, or shows the page with what went wrong.
async fn talk(
    server: &Server,
    visitor: &Visitor,
    turn: &Turn,
    bare: &Bare,
) -> Result<Response, Problem> {
    let answer = server.app.turn(&visitor.user, turn).await;
    match answer.map_err(Problem::from) {
        Ok(reply) => {
            let back = bare.back(&format!("conversation={}", reply.conversation));
            Ok(Redirect::to(&format!("{back}#latest")).into_response())
        }
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => show::with_problem(server, visitor, &problem, &bare.back).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct ApprovalForm {
    conversation: ConversationId,
    message: MessageId,
    answer: Answer,
    key: Option<IdempotencyKey>,
    csrf: String,
    #[serde(default)]
    back: String,
    /// How many tasks can be left out; the checked ones are fields named by them.
    #[serde(default)]
    choices: usize,
    #[serde(flatten)]
    checked: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Answer {
    Approve,
    Cancel,
}

/// How much is approved, if so many tasks could be left out and these fields were checked.
pub(super) fn approved(
    answer: &Answer,
    choices: usize,
    checked: &BTreeMap<String, String>,
) -> Approved {
    let checked = checked.keys();
    let checked = checked.filter_map(|name| name.strip_prefix("task_")?.parse().ok());
    let checked: Vec<TaskId> = checked.map(TaskId).collect();
    match answer {
        Answer::Cancel => Approved::Nothing,
        Answer::Approve if checked.len() == choices => Approved::All,
        Answer::Approve if checked.is_empty() => Approved::Nothing,
        Answer::Approve => Approved::Some(checked),
    }
}

pub(super) async fn approve(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<ApprovalForm>,
) -> Result<Response, Problem> {
    let bare = Bare {
        csrf: form.csrf,
        back: form.back,
    };
    bare.check(&visitor)?;
    let approved = approved(&form.answer, form.choices, &form.checked);
    let turn = Turn {
        conversation: Some(form.conversation),
        text: approved
            .words()
            .parse()
            .map_err(|error: domain::TextError| Problem::invalid(error.to_string()))?,
        kind: Kind::Approval {
            proposal: form.message,
            approved,
        },
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: form.key,
    };
    talk(&server, &visitor, &turn, &bare).await
}

#[derive(Debug, Deserialize)]
pub(super) struct StopForm {
    #[serde(flatten)]
    bare: Bare,
    conversation: ConversationId,
}

pub(super) async fn stop(
    visitor: Visitor,
    State(server): State<Server>,
    Form(form): Form<StopForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    server.app.stop(&visitor.user, form.conversation).await?;
    if let Ok(reply) = server
        .app
        .latest_reply(&visitor.user, form.conversation)
        .await
    {
        server.app.finished(&visitor.user, reply).await?;
    }
    let back = format!("conversation={}", form.conversation);
    Ok(Redirect::to(&format!("{}#latest", form.bare.back(&back))).into_response())
}

pub(super) async fn empty_trash(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    bare.check(&visitor)?;
    let command = Command::EmptyTrash(EmptyTrash::default());
    run(
        &server,
        &visitor,
        Ok(command),
        origin(&request_id, None),
        &bare,
    )
    .await
}

#[derive(Debug, Deserialize)]
pub(super) struct SettingsForm {
    #[serde(flatten)]
    bare: Bare,
    time_zone: String,
    week_start: domain::WeekStart,
    model_mode: Option<ModelMode>,
}

pub(super) async fn settings(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Form(form): Form<SettingsForm>,
) -> Result<Response, Problem> {
    form.bare.check(&visitor)?;
    let command = match form.time_zone.parse() {
        Ok(zone) => Ok(Command::UpdateSettings(UpdateSettings {
            time_zone: Some(zone),
            week_start: Some(form.week_start),
            model_mode: form.model_mode,
            ..UpdateSettings::default()
        })),
        Err(error) => Err(Problem::invalid(domain::DueError::to_string(&error))),
    };
    run(
        &server,
        &visitor,
        command,
        origin(&request_id, None),
        &form.bare,
    )
    .await
}
