//! Tasks, as the contract has them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use domain::{
    AddTask, Command, CompleteTask, DeleteTask, Filter, ListTasks, Order, Outcome, Priority,
    ReopenTask, Rule, Said, Selection, Seq, SpokenCommand, Status, Tag, Task, TaskId, TaskPatch,
    UpdateTask,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{origin, run};
use crate::auth::CurrentUser;
use crate::body::{Body, IdOf, QueryOf, from_value};
use crate::layers::RequestId;
use crate::route::Route;
use crate::{Problem, Server};

/// A task as clients of the contract know it: ours, and their names for the same.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TaskView {
    /// Whose it is.
    user_id: String,
    /// Whether it is done.
    completed: bool,
    /// Its repeat rule alone, as RFC 5545 writes it.
    recurrence: Option<Rule>,
    #[serde(flatten)]
    task: Task,
}

impl TaskView {
    pub(crate) fn new(user: &CurrentUser, task: Task) -> Self {
        Self {
            user_id: user.id().as_str().to_owned(),
            completed: task.completed_at.is_some(),
            recurrence: task.repeat.as_ref().map(|repeat| repeat.rule.clone()),
            task,
        }
    }
}

pub(super) fn routes() -> Vec<Route> {
    let tag = "Tasks";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(Method::GET, "/tasks", "List tasks", get(list))
            .query::<ListQuery>()
            .answers::<Vec<TaskView>>(200),
        new(Method::POST, "/tasks", "Add a task", post(add))
            .body::<AddTask<Said, Said>>()
            .answers::<TaskView>(201),
        new(Method::GET, "/tasks/{id}", "Get a task", get(one)).answers::<TaskView>(200),
        new(Method::PUT, "/tasks/{id}", "Change a task", put(update))
            .body::<TaskPatch<Said, Said>>()
            .answers::<TaskView>(200),
        new(Method::PATCH, "/tasks/{id}", "Change a task", patch(update))
            .body::<TaskPatch<Said, Said>>()
            .answers::<TaskView>(200),
        new(
            Method::DELETE,
            "/tasks/{id}",
            "Move a task to the trash",
            delete(remove),
        )
        .answers_nothing(204),
        new(
            Method::PATCH,
            "/tasks/{id}/complete",
            "Mark a task as done, or a done one as not done",
            patch(toggle),
        )
        .answers::<TaskView>(200),
        new(
            Method::POST,
            "/tasks/{id}/restore",
            "Take a task out of the trash",
            post(restore),
        )
        .answers::<TaskView>(200),
    ]
}

/// Which tasks to list.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    /// `all`, `pending` or `completed`; all without it, or what the filter says.
    status: Option<Status>,
    /// Which tasks, such as `overdue & #work & !p1`.
    filter: Option<Filter>,
    /// Words in title, description or labels.
    #[serde(alias = "query")]
    search: Option<String>,
    /// Only of this priority.
    priority: Option<Priority>,
    /// Only with this label.
    tag: Option<Tag>,
    /// Only in the project of this name.
    project: Option<String>,
    /// In which order.
    #[serde(default)]
    order: Order,
    /// How many at most, 1 to 500.
    limit: Option<u32>,
    /// Where the page before ended: the `x-next-cursor` of its answer.
    cursor: Option<String>,
}

impl ListQuery {
    fn command(self) -> ListTasks {
        let status = if self.filter.is_none() {
            self.status.or(Some(Status::All))
        } else {
            self.status
        };
        let more = [
            self.filter,
            self.priority.map(Filter::Priority),
            self.tag.map(Filter::Tag),
            self.project.map(Filter::Project),
        ];
        let mut parts: Vec<Filter> = more.into_iter().flatten().collect();
        let filter = if parts.len() > 1 {
            Some(Filter::And(parts))
        } else {
            parts.pop()
        };
        let limit = self.limit.or(Some(ListTasks::LIMIT_MAX));
        ListTasks {
            filter,
            status,
            query: self.search,
            order: self.order,
            limit,
            cursor: self.cursor,
        }
    }
}

/// The tasks of a page; how many there are in all and where the next page begins are in the headers.
async fn list(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<ListQuery>,
) -> Result<Response, Problem> {
    let command = Command::ListTasks(query.command());
    let (outcome, _) = run(
        &server,
        &user,
        &command,
        domain::Origin::person(domain::Door::Rest, ""),
    )
    .await?;
    let Outcome::Tasks(page) = outcome else {
        return Err(Problem::internal());
    };
    let tasks: Vec<TaskView> = page
        .tasks
        .into_iter()
        .map(|task| TaskView::new(&user, task))
        .collect();
    let mut response = Json(tasks).into_response();
    response
        .headers_mut()
        .insert("x-total-count", HeaderValue::from(page.total));
    if let Some(cursor) = page
        .next_cursor
        .and_then(|cursor| HeaderValue::from_str(&cursor).ok())
    {
        response.headers_mut().insert("x-next-cursor", cursor);
    }
    Ok(response)
}

async fn one(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
) -> Result<Json<TaskView>, Problem> {
    Ok(Json(TaskView::new(
        &user,
        current(&server, &user, TaskId(id)).await?,
    )))
}

/// The task with this number, unless it is in the trash.
async fn current(server: &Server, user: &CurrentUser, id: TaskId) -> Result<Task, Problem> {
    let task = server.app.task(user.id(), id).await?;
    task.filter(|task| !task.is_trashed())
        .ok_or_else(|| Problem::no_such_task(&id.to_string()))
}

async fn add(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(body): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let fields = without_nulls(own(body, &user)?);
    let command = SpokenCommand::AddTask(from_value::<AddTask<Said, Said>>(Value::Object(fields))?);
    let command = server.app.meant(user.id(), command).await?;
    let (outcome, change) = run(&server, &user, &command, origin(&request_id, &headers)?).await?;
    let Outcome::Changed(receipt) = outcome else {
        return Err(Problem::internal());
    };
    let task = receipt
        .tasks()
        .next()
        .map(|(task, ..)| task.clone())
        .ok_or_else(Problem::internal)?;
    let location = format!("/api/{}/tasks/{}", user.id(), task.id);
    let mut response = (StatusCode::CREATED, Json(TaskView::new(&user, task))).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(with_change(response, change))
}

async fn update(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
    Body(body): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let id = TaskId(id);
    let mut fields = own(body, &user)?;
    let completed = fields.remove("completed").filter(|value| !value.is_null());
    let completed: Option<bool> = completed.map(from_value).transpose()?;
    let mut fields = cleared(fields);
    fields.insert("task_id".to_owned(), json!(id));
    let command = from_value::<UpdateTask<Said, Said>>(Value::Object(fields))?;
    let named_nothing = command.patch == TaskPatch::default();
    let mut origin = origin(&request_id, &headers)?;
    let mut change = None;
    if !named_nothing || completed.is_none() {
        let command = server
            .app
            .meant(user.id(), SpokenCommand::UpdateTask(command))
            .await?;
        change = run(&server, &user, &command, origin.clone()).await?.1;
        // The key is the update's; completing a task twice changes nothing anyway.
        origin.idempotency_key = None;
    }
    if let Some(completed) = completed {
        let command = if completed {
            Command::CompleteTask(CompleteTask { task_id: id })
        } else {
            Command::ReopenTask(ReopenTask { task_id: id })
        };
        change = run(&server, &user, &command, origin).await?.1.or(change);
    }
    let task = current(&server, &user, id).await?;
    Ok(with_change(
        Json(TaskView::new(&user, task)).into_response(),
        change,
    ))
}

async fn toggle(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
) -> Result<Response, Problem> {
    let task = current(&server, &user, TaskId(id)).await?;
    let command = if task.is_open() {
        Command::CompleteTask(CompleteTask { task_id: task.id })
    } else {
        Command::ReopenTask(ReopenTask { task_id: task.id })
    };
    changed(&server, &user, task.id, command, &request_id, &headers).await
}

async fn restore(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
) -> Result<Response, Problem> {
    let command = Command::RestoreTasks(Selection::of([TaskId(id)]));
    changed(&server, &user, TaskId(id), command, &request_id, &headers).await
}

async fn remove(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
) -> Result<Response, Problem> {
    let command = Command::DeleteTask(DeleteTask {
        task_id: TaskId(id),
    });
    let (_, change) = run(&server, &user, &command, origin(&request_id, &headers)?).await?;
    Ok(with_change(StatusCode::NO_CONTENT.into_response(), change))
}

/// Runs a command about one task and answers with the task as it is then.
async fn changed(
    server: &Server,
    user: &CurrentUser,
    id: TaskId,
    command: Command,
    request_id: &RequestId,
    headers: &HeaderMap,
) -> Result<Response, Problem> {
    let (_, change) = run(server, user, &command, origin(request_id, headers)?).await?;
    let task = current(server, user, id).await?;
    Ok(with_change(
        Json(TaskView::new(user, task)).into_response(),
        change,
    ))
}

/// Says in a header which change was made, so that it can be undone.
fn with_change(mut response: Response, change: Option<Seq>) -> Response {
    if let Some(change) = change {
        response
            .headers_mut()
            .insert("x-change-id", HeaderValue::from(change.0));
    }
    response
}

/// A body without the `user_id` that some clients send along; another user's is refused.
fn own(mut body: Map<String, Value>, user: &CurrentUser) -> Result<Map<String, Value>, Problem> {
    match body.remove("user_id") {
        Some(Value::String(id)) if id != user.id().as_str() => {
            Err(Problem::forbidden("user_id names another user"))
        }
        Some(Value::String(_) | Value::Null) | None => Ok(body),
        Some(_) => Err(Problem::invalid("user_id: expected a string")),
    }
}

fn without_nulls(fields: Map<String, Value>) -> Map<String, Value> {
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect()
}

/// A patch whose `null`s say what to clear, as the command has it.
fn cleared(fields: Map<String, Value>) -> Map<String, Value> {
    let nulls: Vec<Value> = fields
        .iter()
        .filter(|(_, value)| value.is_null())
        .map(|(name, _)| json!(name))
        .collect();
    let mut fields = without_nulls(fields);
    if !nulls.is_empty()
        && let Value::Array(clear) = fields.entry("clear").or_insert_with(|| json!([]))
    {
        clear.extend(nulls);
    }
    fields
}
