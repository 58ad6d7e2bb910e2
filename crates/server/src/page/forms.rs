//! What the page's forms do. Each does one thing and comes back to where it was sent from.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use domain::{
    AddTask, Command, CompleteTask, Days, DeleteTask, Door, Field, Filter, IdempotencyKey, Missed,
    MoveTask, Origin, Outcome, Priority, ProjectRef, RedoChange, Refusal, ReopenTask, RepeatMode,
    Said, Selection, Seq, SpokenCommand, Tag, TaskId, TaskPatch, UndoChange, UpdateTask,
    UpdateTasks,
};
use jiff::civil::Date;
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
    finish(server, visitor, outcome, bare).await
}

/// Goes back with what came of a command; or shows the page with what went wrong.
async fn finish(
    server: &Server,
    visitor: &Visitor,
    outcome: Result<Outcome, Problem>,
    bare: &Bare,
) -> Result<Response, Problem> {
    match outcome {
        Ok(Outcome::Changed(receipt)) => {
            Ok(Redirect::to(&bare.back(&format!("change={}", receipt.change_id))).into_response())
        }
        Ok(_) => Ok(Redirect::to(&bare.back("")).into_response()),
        Err(problem) if problem.status().is_server_error() => Err(problem),
        Err(problem) => list::with_problem(server, visitor, &problem, &bare.back).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct StepLine {
    #[serde(flatten)]
    bare: Bare,
    text: String,
}

pub(super) async fn add_step(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path(id): Path<i64>,
    Form(line): Form<StepLine>,
) -> Result<Response, Problem> {
    line.bare.check(&visitor)?;
    let read = server.app.parse(&visitor.user, &line.text, &[]).await?.task;
    let command = match read {
        Some(task) => Ok(Command::AddTask(AddTask {
            parent_id: Some(TaskId(id)),
            ..task
        })),
        None => Err(Problem::invalid("say what the step is")),
    };
    let origin = origin(&request_id, None);
    run(&server, &visitor, command, origin, &line.bare).await
}

/// What the form around a list says: one button of a row, or one of the bar for all tasks that are picked.
struct ListForm {
    bare: Bare,
    action: String,
    task_ids: Vec<TaskId>,
    fields: BTreeMap<String, String>,
}

/// The buttons of one row.
const ROW_BUTTONS: [&str; 5] = ["complete", "reopen", "restore", "delete", "move"];

impl ListForm {
    fn of(pairs: Vec<(String, String)>) -> Result<Self, Problem> {
        let (mut picked, mut one, mut fields) = (Vec::new(), None, BTreeMap::new());
        for (name, value) in pairs {
            match name.as_str() {
                "id" => picked.push(number(&value)?),
                button if ROW_BUTTONS.contains(&button) => one = Some((name, number(&value)?)),
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
            // A button that says what a field becomes, whatever is typed: `due=tomorrow`.
            None => match bulk.split_once('=') {
                Some((name, value)) => {
                    fields.insert(name.to_owned(), value.to_owned());
                    (name.to_owned(), picked)
                }
                None => (bulk, picked),
            },
        };
        Ok(Self {
            bare,
            action,
            task_ids,
            fields,
        })
    }

    /// What it asks for.
    fn command(&self, today: Date) -> Result<SpokenCommand, Problem> {
        let wrong = |error: domain::TextError| Problem::invalid(error.to_string());
        let said = |text: &str| Some(Said(text.to_owned()));
        let mut patch = TaskPatch::default();
        match (self.action.as_str(), self.task_ids.as_slice()) {
            // All that is overdue, whether it is on this page of the list or not.
            ("overdue", _) => {
                let before = Filter::Due(Days::Between(None, today.yesterday().ok()));
                return Ok(Command::UpdateTasks(UpdateTasks {
                    selection: Selection::by(Filter::all_of([Filter::Open, before])),
                    patch: TaskPatch {
                        due: said(self.field("overdue")),
                        ..patch
                    },
                }));
            }
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
            ("move", [task_id]) => {
                let beside = |name| Some(self.field(name)).filter(|id| !id.is_empty());
                return Ok(Command::MoveTask(MoveTask {
                    task_id: *task_id,
                    before: beside("before").map(number).transpose()?,
                    after: beside("after").map(number).transpose()?,
                }));
            }
            ("complete", _) => return Ok(Command::CompleteTasks(self.selection())),
            ("reopen", _) => return Ok(Command::ReopenTasks(self.selection())),
            ("delete", _) => return Ok(Command::DeleteTasks(self.selection())),
            ("restore", _) => return Ok(Command::RestoreTasks(self.selection())),
            // Whatever has been typed into the fields of the bar, of which one is open at a time.
            ("typed", _) => {
                for name in ["due", "day", "repeat", "project", "label"] {
                    if !self.field(name).is_empty() {
                        self.set(name, &mut patch).map_err(wrong)?;
                    }
                }
            }
            ("priority", _) => {
                let rank = self.field("priority").parse().ok();
                let rank = rank.and_then(Priority::from_rank);
                patch.priority =
                    Some(rank.ok_or_else(|| Problem::invalid("a priority is 1, 2, 3 or 4"))?);
            }
            (name @ ("due" | "repeat" | "project" | "label" | "unlabel"), _) => {
                self.set(name, &mut patch).map_err(wrong)?;
            }
            _ => {
                return Err(Problem::invalid(
                    "this button does nothing here; reload the page",
                ));
            }
        }
        Ok(match self.task_ids.as_slice() {
            // Moved to another day by words, one task keeps its time of day.
            [task_id] => Command::UpdateTask(UpdateTask {
                task_id: *task_id,
                patch,
                if_version: None,
            }),
            _ => Command::UpdateTasks(UpdateTasks {
                selection: self.selection(),
                patch,
            }),
        })
    }

    /// Takes over what a field says. Nothing in it takes away what the tasks have.
    fn set(&self, name: &str, patch: &mut TaskPatch<Said, Said>) -> Result<(), domain::TextError> {
        let text = self.field(name);
        let said = || Some(Said(text.to_owned()));
        match (name, text) {
            ("due", "") => patch.clear.push(Field::Due),
            ("due", _) => patch.due = said(),
            // As words, so that the time of day stays.
            ("day", day) => patch.due = Some(Said(format!("on {day}"))),
            ("repeat", "") => patch.clear.push(Field::Repeat),
            ("repeat", _) => patch.repeat = said(),
            ("project", "") => patch.clear.push(Field::Project),
            ("project", name) => patch.project = Some(ProjectRef::Name(name.parse()?)),
            ("unlabel", label) => patch.remove_tags.push(label.parse()?),
            (_, label) => patch.add_tags.push(label.trim_start_matches('@').parse()?),
        }
        Ok(())
    }

    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", |text| text.trim())
    }

    fn selection(&self) -> Selection {
        Selection::of(self.task_ids.iter().copied())
    }
}

/// The task with the number that a form has.
fn number(text: &str) -> Result<TaskId, Problem> {
    text.parse()
        .map(TaskId)
        .map_err(|_| Problem::no_such_task(text))
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
    let today = server.app.view(&visitor.user).await?.now.date();
    let command = match form.command(today) {
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

#[derive(Debug, Deserialize)]
pub(super) struct Undoing {
    #[serde(flatten)]
    bare: Bare,
    /// Whether later changes that stand in the way are to be undone, too.
    #[serde(default)]
    later: bool,
}

pub(super) async fn undo_or_redo(
    visitor: Visitor,
    State(server): State<Server>,
    request_id: RequestId,
    Path((id, action)): Path<(String, String)>,
    Form(Undoing { bare, later }): Form<Undoing>,
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
    let outcome = match &command {
        Command::UndoChange(undo) if later => {
            undo_with_later(&server, &visitor, undo, &request_id).await
        }
        _ => {
            let origin = origin(&request_id, None);
            server.app.run(&visitor.user, &command, origin).await
        }
    };
    if let Err(app::Error::Refused(refusal @ Refusal::StandsInTheWay { change, by, .. })) = outcome
    {
        // Making something again has nothing that could be offered along with it.
        let in_the_way = (action == "undo").then_some((change, by));
        let problem = refusal.into();
        return list::refused(&server, &visitor, &problem, &bare.back, in_the_way).await;
    }
    finish(&server, &visitor, outcome.map_err(Problem::from), &bare).await
}

/// Undoes a change, and before it what later changed the same: newest first, each as a change of its own.
async fn undo_with_later(
    server: &Server,
    visitor: &Visitor,
    undo: &UndoChange,
    request_id: &RequestId,
) -> Result<Outcome, app::Error> {
    /// More than anybody means by one press.
    const CHANGES_MAX: usize = 50;
    let mut wanted = vec![undo.clone()];
    for _ in 0..2 * CHANGES_MAX {
        let next = wanted.last().unwrap_or(undo).clone();
        let origin = origin(request_id, None);
        let command = Command::UndoChange(next);
        match server.app.run(&visitor.user, &command, origin).await {
            Err(app::Error::Refused(Refusal::StandsInTheWay { by, .. }))
                if wanted.iter().all(|undo| undo.change_id != Some(by)) =>
            {
                wanted.push(UndoChange {
                    change_id: Some(by),
                });
            }
            Ok(_) if wanted.len() > 1 => _ = wanted.pop(),
            outcome => return outcome,
        }
    }
    Err(app::Error::Busy)
}

/// The fields of a task that its form sends. With scripts that is the one that was changed.
#[derive(Debug, Deserialize)]
pub(super) struct Edit {
    #[serde(flatten)]
    bare: Bare,
    /// The version of the task that the form shows.
    version: Option<i64>,
    title: Option<String>,
    description: Option<String>,
    due: Option<String>,
    repeat: Option<String>,
    repeat_mode: Option<RepeatMode>,
    missed: Option<Missed>,
    priority: Option<Priority>,
    tags: Option<String>,
    project: Option<String>,
    /// What due and repeat were when the form was shown; what was not touched is not read again.
    #[serde(default)]
    due_was: String,
    #[serde(default)]
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
                if_version: edit.version.map(Seq),
            };
            server
                .app
                .meant(&visitor.user, SpokenCommand::UpdateTask(update))
                .await
                .map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    let origin = origin(&request_id, attempt);
    run(&server, &visitor, command, origin, &edit.bare).await
}

impl Edit {
    fn patch(&self) -> Result<TaskPatch<Said, Said>, Problem> {
        let wrong = |error: domain::TextError| Problem::invalid(error.to_string());
        let mut patch = TaskPatch {
            title: parsed(self.title.as_deref())?,
            description: parsed(self.description.as_deref())?,
            priority: self.priority,
            repeat_mode: self.repeat_mode,
            missed: self.missed,
            ..TaskPatch::default()
        };
        if let Some(tags) = &self.tags {
            let words = tags.split([',', ' ']).filter(|word| !word.is_empty());
            let tags = words.map(|word| word.trim_start_matches('@').parse());
            patch.tags = Some(tags.collect::<Result<Vec<Tag>, _>>().map_err(wrong)?);
        }
        match touched(self.due.as_deref(), &self.due_was) {
            Some("") => patch.clear.push(Field::Due),
            due => patch.due = due.map(|due| Said(due.to_owned())),
        }
        match touched(self.repeat.as_deref(), &self.repeat_was) {
            Some("") => patch.clear.push(Field::Repeat),
            repeat => patch.repeat = repeat.map(|repeat| Said(repeat.to_owned())),
        }
        match self.project.as_deref().map(str::trim) {
            None => {}
            Some("") => patch.clear.push(Field::Project),
            Some(name) => patch.project = Some(ProjectRef::Name(name.parse().map_err(wrong)?)),
        }
        Ok(patch)
    }
}

/// What a field says, as the text it has to be.
fn parsed<T: FromStr<Err = domain::TextError>>(text: Option<&str>) -> Result<Option<T>, Problem> {
    let parsed = text.map(str::parse).transpose();
    parsed.map_err(|error: domain::TextError| Problem::invalid(error.to_string()))
}

/// What a field says, if that is not what it said before.
fn touched<'a>(text: Option<&'a str>, was: &str) -> Option<&'a str> {
    text.map(str::trim).filter(|text| *text != was)
}
