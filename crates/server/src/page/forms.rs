//! What the page's forms do. Each does one thing and comes back to where it was sent from.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    Command, CompleteTask, DeleteTask, Door, Field, IdempotencyKey, Origin, Outcome, Priority,
    ProjectRef, RedoChange, ReopenTask, Said, Selection, Seq, SpokenCommand, Tag, TaskId,
    TaskPatch, UndoChange, UpdateTask, UpdateTasks,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{Visitor, list};
use crate::body::{idempotency_key, in_time};
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
        if visitor.knows(&self.csrf) {
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

/// What the browser calls this attempt, so that it can be made again when nobody knows whether it arrived.
pub(super) struct Attempt(pub(super) Option<IdempotencyKey>);

impl FromRequestParts<Server> for Attempt {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Problem> {
        Ok(Self(idempotency_key(&parts.headers)?))
    }
}

pub(super) fn origin(request_id: &RequestId, key: Option<IdempotencyKey>) -> Origin {
    Origin {
        idempotency_key: key,
        ..Origin::person(Door::Web, request_id.as_str())
    }
}

/// Runs a command and goes back, with the change to show; or shows the page with what went wrong.
pub(super) async fn run(
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
        Err(problem) => list::with_problem(server, visitor, &problem, &bare.back).await,
    }
}

/// What the form around a list says: one button of a row, or one of the bar for all tasks that are picked.
struct ListForm {
    bare: Bare,
    action: String,
    task_ids: Vec<TaskId>,
    fields: BTreeMap<String, String>,
}

impl ListForm {
    fn of(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let number = |text: &str| {
            text.parse()
                .map(TaskId)
                .map_err(|_| Problem::no_such_task(text))
        };
        let (mut picked, mut one, mut fields) = (Vec::new(), None, BTreeMap::new());
        for (name, value) in pairs {
            match name.as_str() {
                "id" => picked.push(number(&value)?),
                "complete" | "reopen" | "restore" | "delete" => one = Some((name, number(&value)?)),
                _ => _ = fields.insert(name, value),
            }
        }
        let mut take = |name: &str| fields.remove(name).unwrap_or_default();
        let bare = Bare {
            csrf: take("csrf"),
            back: take("back"),
        };
        let bulk = take("bulk");
        let (action, task_ids) = match one {
            Some((action, id)) => (action, vec![id]),
            None => (bulk, picked),
        };
        Ok(Self {
            bare,
            action,
            task_ids,
            fields,
        })
    }

    /// What it asks for.
    fn command(&self) -> Result<SpokenCommand, Problem> {
        let wrong = |error: domain::TextError| Problem::invalid(error.to_string());
        let field = |name: &str| self.fields.get(name).map_or("", |text| text.trim());
        let mut patch = TaskPatch::default();
        match (self.action.as_str(), self.task_ids.as_slice()) {
            (_, []) => return Err(Problem::invalid("pick at least one task first")),
            ("complete", [task_id]) => {
                return Ok(Command::CompleteTask(CompleteTask { task_id: *task_id }));
            }
            ("reopen", [task_id]) => {
                return Ok(Command::ReopenTask(ReopenTask { task_id: *task_id }));
            }
            ("delete", [task_id]) => {
                return Ok(Command::DeleteTask(DeleteTask { task_id: *task_id }));
            }
            ("complete", _) => return Ok(Command::CompleteTasks(self.selection())),
            ("reopen", _) => return Ok(Command::ReopenTasks(self.selection())),
            ("delete", _) => return Ok(Command::DeleteTasks(self.selection())),
            ("restore", _) => return Ok(Command::RestoreTasks(self.selection())),
            ("due", _) if field("due").is_empty() => patch.clear.push(Field::Due),
            ("due", _) => patch.due = Some(Said(field("due").to_owned())),
            ("repeat", _) if field("repeat").is_empty() => patch.clear.push(Field::Repeat),
            ("repeat", _) => patch.repeat = Some(Said(field("repeat").to_owned())),
            ("project", _) if field("project").is_empty() => patch.clear.push(Field::Project),
            ("project", _) => {
                patch.project = Some(ProjectRef::Name(field("project").parse().map_err(wrong)?));
            }
            ("priority", _) => {
                let rank = field("priority").parse().ok().and_then(Priority::from_rank);
                patch.priority =
                    Some(rank.ok_or_else(|| Problem::invalid("a priority is 1, 2, 3 or 4"))?);
            }
            ("label", _) => patch.add_tags.push(field("label").parse().map_err(wrong)?),
            ("unlabel", _) => patch
                .remove_tags
                .push(field("label").parse().map_err(wrong)?),
            _ => {
                return Err(Problem::invalid(
                    "this button does nothing here; reload the page",
                ));
            }
        }
        Ok(Command::UpdateTasks(UpdateTasks {
            selection: self.selection(),
            patch,
        }))
    }

    fn selection(&self) -> Selection {
        Selection::of(self.task_ids.iter().copied())
    }
}

pub(super) async fn act(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Attempt(attempt): Attempt,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let form = ListForm::of(pairs)?;
    form.bare.check(&visitor)?;
    let command = match form.command() {
        Ok(command) => server
            .app
            .meant(&visitor.user, command)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    run(
        &server,
        &visitor,
        command,
        origin(&request_id, attempt),
        &form.bare,
    )
    .await
}

pub(super) async fn undo_or_redo(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path((id, action)): Path<(String, String)>,
    Form(bare): Form<Bare>,
) -> Result<Response, Problem> {
    bare.check(&visitor)?;
    let change_id = match id.as_str() {
        "last" => None,
        id => Some(Seq(id.parse().map_err(|_| Problem::not_found())?)),
    };
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
    Attempt(attempt): Attempt,
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
        origin(&request_id, attempt),
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
