//! Tasks and projects as rows: how each column is read and written.

use domain::{Change, Priority, Project, ProjectId, Seq, Task, TaskId, UserId, fold, search_text};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::db::{Row, Statement, Value, params};

/// The columns of a task, in the order in which [`task`] reads them.
macro_rules! columns {
    () => {
        "id, title, description, due, repeat, priority, tags, project_id, parent_id, position, completed_at, \
         deleted_at, created_at, updated_at, version"
    };
}

pub(crate) const TASKS: &str = concat!("SELECT ", columns!(), " FROM tasks");
pub(crate) const PROJECTS: &str = "SELECT id, name, colour, archived_at, version FROM projects";

/// Values in one list of a statement.
const LIST_MAX: usize = 500;
/// The due key of a task without a date: a text after every date.
pub(crate) const NO_DUE_KEY: &str = "~";

/// Where a task is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Open,
    Done,
    Trashed,
}

impl State {
    fn of(task: &Task) -> Self {
        match (task.is_trashed(), task.is_done()) {
            (true, _) => Self::Trashed,
            (false, true) => Self::Done,
            (false, false) => Self::Open,
        }
    }

    /// Its number in the column `state`.
    pub(crate) fn number(self) -> i64 {
        match self {
            Self::Open => 1,
            Self::Done => 2,
            Self::Trashed => 3,
        }
    }

    /// That a row is so, in SQL.
    pub(crate) fn is(self) -> String {
        format!("state = {}", self.number())
    }
}

pub(crate) fn instant(micros: i64) -> Result<Timestamp, Error> {
    Timestamp::from_microsecond(micros).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::Corrupt(error.to_string()))
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("rows are plain data, which always has a JSON form")
}

fn corrupt(error: impl std::fmt::Display) -> Error {
    Error::Corrupt(error.to_string())
}

pub(crate) fn task(mut row: Row) -> Result<Task, Error> {
    Ok(Task {
        id: TaskId(row.int()?),
        title: row.text()?.parse().map_err(corrupt)?,
        description: row.text()?.parse().map_err(corrupt)?,
        due: row
            .text_or_null()?
            .map(|due| due.parse())
            .transpose()
            .map_err(corrupt)?,
        repeat: row
            .text_or_null()?
            .map(|repeat| from_json(&repeat))
            .transpose()?,
        priority: Priority::from_rank(row.int()?)
            .ok_or_else(|| corrupt("there is no such priority"))?,
        tags: from_json(&row.text()?)?,
        project: row.int_or_null()?.map(ProjectId),
        parent: row.int_or_null()?.map(TaskId),
        position: row.int()?,
        completed_at: row.int_or_null()?.map(instant).transpose()?,
        deleted_at: row.int_or_null()?.map(instant).transpose()?,
        created_at: instant(row.int()?)?,
        updated_at: instant(row.int()?)?,
        version: Seq(row.int()?),
    })
}

pub(crate) fn project(mut row: Row) -> Result<Project, Error> {
    Ok(Project {
        id: ProjectId(row.int()?),
        name: row.text()?.parse().map_err(corrupt)?,
        colour: row
            .text_or_null()?
            .map(|colour| colour.parse())
            .transpose()
            .map_err(corrupt)?,
        archived_at: row.int_or_null()?.map(instant).transpose()?,
        version: Seq(row.int()?),
    })
}

/// What lists are sorted by: the date, then the time if there is one; a task without either comes last.
pub(crate) fn due_key(task: &Task) -> String {
    task.due
        .as_ref()
        .map_or(NO_DUE_KEY.to_owned(), |due| match due.time() {
            Some(time) => format!("{}T{:02}:{:02}", due.date, time.hour(), time.minute()),
            None => due.date.to_string(),
        })
}

/// The statement that makes the stored row what a change says.
pub(crate) fn change_statement(user: &UserId, change: &Change) -> Statement {
    match change {
        Change::Task {
            after: Some(task), ..
        } => put_task(user, task),
        Change::Task {
            before,
            after: None,
        } => {
            let id = before.as_ref().map_or(0, |task| task.id.0);
            Statement::new(
                "DELETE FROM tasks WHERE user_id = $1 AND id = $2",
                params![user.as_str(), id],
            )
        }
        Change::Project {
            after: Some(project),
            ..
        } => Statement::new(
            "INSERT INTO projects (user_id, id, name, folded, colour, archived_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (user_id, id) DO UPDATE SET name = excluded.name, \
             folded = excluded.folded, colour = excluded.colour, archived_at = excluded.archived_at, \
             version = excluded.version",
            params![
                user.as_str(),
                project.id.0,
                project.name.as_str(),
                fold(project.name.as_str()),
                project.colour.as_ref().map(ToString::to_string),
                project.archived_at.map(Timestamp::as_microsecond),
                project.version.0,
            ],
        ),
        Change::Project {
            before,
            after: None,
        } => {
            let id = before.as_ref().map_or(0, |project| project.id.0);
            Statement::new(
                "DELETE FROM projects WHERE user_id = $1 AND id = $2",
                params![user.as_str(), id],
            )
        }
        Change::Settings { after, .. } => Statement::new(
            "UPDATE profile SET settings = $2 WHERE user_id = $1",
            params![user.as_str(), to_json(after)],
        ),
    }
}

fn put_task(user: &UserId, task: &Task) -> Statement {
    let due = task.due.as_ref();
    let due_at = due
        .filter(|due| due.zone().is_some())
        .map(|due| due.instant(&TimeZone::UTC).as_microsecond());
    // A line break on either side of each, so that only whole labels are found.
    let tags = task.tags.iter().fold(String::new(), |mut text, tag| {
        text.extend(["\n", &tag.folded(), "\n"]);
        text
    });
    Statement::new(
        "INSERT INTO tasks (user_id, id, state, title, description, due, due_at, due_key, repeat, priority, tags, \
         tags_folded, project_id, parent_id, position, completed_at, deleted_at, created_at, updated_at, version, \
         search) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
         ON CONFLICT (user_id, id) DO UPDATE SET state = excluded.state, title = excluded.title, \
         description = excluded.description, due = excluded.due, due_at = excluded.due_at, \
         due_key = excluded.due_key, repeat = excluded.repeat, priority = excluded.priority, tags = excluded.tags, \
         tags_folded = excluded.tags_folded, project_id = excluded.project_id, parent_id = excluded.parent_id, \
         position = excluded.position, completed_at = excluded.completed_at, deleted_at = excluded.deleted_at, \
         created_at = excluded.created_at, updated_at = excluded.updated_at, version = excluded.version, \
         search = excluded.search",
        params![
            user.as_str(),
            task.id.0,
            State::of(task).number(),
            task.title.as_str(),
            task.description.as_str(),
            due.map(ToString::to_string),
            due_at,
            due_key(task),
            task.repeat.as_ref().map(to_json),
            task.priority.rank(),
            to_json(&task.tags),
            tags,
            task.project.map(|id| id.0),
            task.parent.map(|id| id.0),
            task.position,
            task.completed_at.map(Timestamp::as_microsecond),
            task.deleted_at.map(Timestamp::as_microsecond),
            task.created_at.as_microsecond(),
            task.updated_at.as_microsecond(),
            task.version.0,
            search_text(task),
        ],
    )
}

/// The rows, each read by `one`.
pub(crate) fn all<T>(
    rows: Vec<Row>,
    one: impl FnMut(Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    rows.into_iter().map(one).collect()
}

/// The one number of the one row; 0 if there is none.
pub(crate) fn number(rows: Option<Vec<Row>>) -> Result<i64, Error> {
    rows.unwrap_or_default().first_mut().map_or(Ok(0), Row::int)
}

/// Rows whose `column` is one of `ids`, in statements of bounded length.
pub(crate) fn among(user: &UserId, select: &str, column: &str, ids: &[i64]) -> Vec<Statement> {
    ids.chunks(LIST_MAX)
        .map(|ids| {
            let places: Vec<String> = (2..ids.len() + 2).map(|n| format!("${n}")).collect();
            let sql = format!(
                "{select} WHERE user_id = $1 AND {column} IN ({})",
                places.join(", ")
            );
            let params = [Value::from(user.as_str())]
                .into_iter()
                .chain(ids.iter().map(|id| Value::from(*id)));
            Statement::new(sql, params.collect())
        })
        .collect()
}

pub(crate) fn all_projects(user: &UserId) -> Statement {
    Statement::new(
        format!("{PROJECTS} WHERE user_id = $1 ORDER BY id"),
        params![user.as_str()],
    )
}
