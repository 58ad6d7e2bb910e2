//! Tasks and projects: their rows, and the pages that show them.

use std::collections::BTreeMap;

use domain::{
    Change, Counts, Filter, Needs, Order, Priority, Project, ProjectId, Rows, Seq, Settings, Task,
    TaskDetail, TaskId, TaskPage, UserId, View, fold, search_text,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::{Row, Statement, Value, params};
use crate::filter::Condition;
use crate::journal::{entry_statement, head_statement};
use crate::{Error, Store};

/// The columns of a task, in the order in which [`task`] reads them.
macro_rules! columns {
    () => {
        "id, title, description, due, repeat, priority, tags, project_id, parent_id, position, completed_at, \
         deleted_at, created_at, updated_at, version"
    };
}

/// Values in one list of a statement.
const LIST_MAX: usize = 500;
/// A text after every date.
const NO_DUE_KEY: &str = "~";

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

fn task(mut row: Row) -> Result<Task, Error> {
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

fn project(mut row: Row) -> Result<Project, Error> {
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
fn due_key(task: &Task) -> String {
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
    let time = due
        .and_then(domain::Due::time)
        .map(|time| format!("{:02}:{:02}", time.hour(), time.minute()));
    let due_at = due
        .filter(|due| due.zone().is_some())
        .map(|due| due.instant(&TimeZone::UTC).as_microsecond());
    let tags: String = task
        .tags
        .iter()
        .map(|tag| format!("\n{}\n", tag.folded()))
        .collect();
    Statement::new(
        "INSERT INTO tasks (user_id, id, title, description, due, due_date, due_time, due_at, due_key, repeat, \
         priority, tags, tags_folded, project_id, parent_id, position, completed_at, deleted_at, created_at, \
         updated_at, version, search) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) \
         ON CONFLICT (user_id, id) DO UPDATE SET title = excluded.title, description = excluded.description, \
         due = excluded.due, due_date = excluded.due_date, due_time = excluded.due_time, due_at = excluded.due_at, \
         due_key = excluded.due_key, repeat = excluded.repeat, priority = excluded.priority, tags = excluded.tags, \
         tags_folded = excluded.tags_folded, project_id = excluded.project_id, parent_id = excluded.parent_id, \
         position = excluded.position, completed_at = excluded.completed_at, deleted_at = excluded.deleted_at, \
         created_at = excluded.created_at, updated_at = excluded.updated_at, version = excluded.version, \
         search = excluded.search",
        params![
            user.as_str(),
            task.id.0,
            task.title.as_str(),
            task.description.as_str(),
            due.map(ToString::to_string),
            due.map(|due| due.date.to_string()),
            time,
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

/// Rows whose `column` is one of `ids`, in statements of bounded length.
fn among(user: &UserId, select: &str, column: &str, ids: &[i64]) -> Vec<Statement> {
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

const TASKS: &str = concat!("SELECT ", columns!(), " FROM tasks");
const PROJECTS: &str = "SELECT id, name, colour, archived_at, version FROM projects";

fn all_projects(user: &UserId) -> Statement {
    Statement::new(
        format!("{PROJECTS} WHERE user_id = $1 ORDER BY id"),
        params![user.as_str()],
    )
}

/// The order of a list: what it sorts by, and how a row's place in it is written.
struct Sorting {
    columns: &'static str,
    order_by: &'static str,
    compare: &'static str,
    key: fn(&Task) -> Vec<Value>,
}

fn sorting(order: Order) -> Sorting {
    match order {
        Order::Due => Sorting {
            columns: "due_key, priority, position, id",
            order_by: "due_key, priority, position, id",
            compare: ">",
            key: |task| {
                params![
                    due_key(task),
                    task.priority.rank(),
                    task.position,
                    task.id.0
                ]
            },
        },
        Order::Added => Sorting {
            columns: "id",
            order_by: "id",
            compare: ">",
            key: |task| params![task.id.0],
        },
        Order::Place => Sorting {
            columns: "position, id",
            order_by: "position, id",
            compare: ">",
            key: |task| params![task.position, task.id.0],
        },
        Order::Completed => Sorting {
            columns: "COALESCE(completed_at, 0), id",
            order_by: "COALESCE(completed_at, 0) DESC, id DESC",
            compare: "<",
            key: |task| {
                params![
                    task.completed_at.map_or(0, Timestamp::as_microsecond),
                    task.id.0
                ]
            },
        },
    }
}

/// A place in a list as text: the values it is sorted by, with `_` between them.
fn cursor(values: &[Value]) -> String {
    let word = |value: &Value| match value {
        Value::Int(value) => value.unwrap_or_default().to_string(),
        Value::Text(text) => text.clone().unwrap_or_default(),
    };
    values.iter().map(word).collect::<Vec<_>>().join("_")
}

/// The values of a place in a list that is sorted by the like of `pattern`.
fn place(cursor: &str, pattern: &[Value]) -> Result<Vec<Value>, Error> {
    let words: Vec<&str> = cursor.split('_').collect();
    if words.len() != pattern.len() {
        return Err(Error::BadCursor);
    }
    let value = |(word, like): (&str, &Value)| match like {
        Value::Int(_) => word
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| Error::BadCursor),
        Value::Text(_) if word.len() <= 16 => Ok(Value::from(word)),
        Value::Text(_) => Err(Error::BadCursor),
    };
    words.into_iter().zip(pattern).map(value).collect()
}

impl Store {
    /// The rows that `needs` names, and where the user's journal stands.
    ///
    /// The head is read first: rows that are newer than it make the commit fail, older ones there cannot be.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn read(&self, user: &UserId, needs: &Needs, now: Timestamp) -> Result<Rows, Error> {
        let mut statements = vec![head_statement(user)];
        if needs.projects {
            statements.push(all_projects(user));
        }
        let ids: Vec<i64> = needs.tasks.iter().map(|id| id.0).collect();
        statements.extend(among(user, TASKS, "id", &ids));
        let mut answers = self.db.read(statements).await?.into_iter();
        let mut rows = Rows::default();
        (rows.head, rows.settings) = crate::journal::head(answers.next().unwrap_or_default())?;
        if needs.projects {
            for found in answers.next().unwrap_or_default() {
                let project = project(found)?;
                rows.projects.insert(project.id, project);
            }
        }
        for found in answers.flatten() {
            let task = task(found)?;
            rows.tasks.insert(task.id, task);
        }
        if let Some(filter) = &needs.filter {
            let condition = Condition::of(user).and(filter, &View::new(&rows.settings, now));
            let sql = format!(
                "{TASKS} WHERE {} ORDER BY {}",
                condition.sql,
                sorting(Order::Due).order_by
            );
            for found in self.db.query(Statement::new(sql, condition.params)).await? {
                let task = task(found)?;
                rows.selected.push(task.id);
                rows.tasks.insert(task.id, task);
            }
        }
        if needs.steps {
            let parents: Vec<i64> = rows.tasks.keys().map(|id| id.0).collect();
            for found in self
                .db
                .read(among(user, TASKS, "parent_id", &parents))
                .await?
                .into_iter()
                .flatten()
            {
                let task = task(found)?;
                rows.tasks.entry(task.id).or_insert(task);
            }
        }
        if let Some(need) = needs.entry {
            let found = self
                .db
                .query(entry_statement(user, need))
                .await?
                .into_iter()
                .next();
            if let Some(entry) = found.map(crate::journal::entry).transpose()? {
                self.read_about(user, &entry, &mut rows).await?;
                rows.entry = Some(entry);
            }
        }
        Ok(rows)
    }

    /// The rows that an entry changed, as they are now, and the later entries about them.
    async fn read_about(
        &self,
        user: &UserId,
        entry: &domain::Entry,
        rows: &mut Rows,
    ) -> Result<(), Error> {
        let (mut tasks, mut projects) = (Vec::new(), Vec::new());
        for change in &entry.changes {
            match change.row() {
                domain::RowId::Task(id) => tasks.push(id.0),
                domain::RowId::Project(id) => projects.push(id.0),
                domain::RowId::Settings => {}
            }
        }
        for found in self
            .db
            .read(among(user, TASKS, "id", &tasks))
            .await?
            .into_iter()
            .flatten()
        {
            let task = task(found)?;
            rows.tasks.insert(task.id, task);
        }
        for found in self
            .db
            .read(among(user, PROJECTS, "id", &projects))
            .await?
            .into_iter()
            .flatten()
        {
            let project = project(found)?;
            rows.projects.insert(project.id, project);
        }
        rows.later = self.later(user, entry).await?;
        Ok(())
    }

    /// One page of the tasks that `filter` names.
    ///
    /// # Errors
    /// [`Error::BadCursor`] if `from` is no cursor of this order.
    pub async fn list(
        &self,
        user: &UserId,
        filter: &Filter,
        order: Order,
        limit: u32,
        from: Option<&str>,
        now: Timestamp,
    ) -> Result<TaskPage, Error> {
        let view = self.view(user, now).await?;
        let sorting = sorting(order);
        let condition = Condition::of(user).and(filter, &view);
        let count = Statement::new(
            format!("SELECT COUNT(*) FROM tasks WHERE {}", condition.sql),
            condition.params.clone(),
        );
        let mut condition = condition;
        if let Some(from) = from {
            let pattern = match order {
                Order::Due => params!["", 0, 0, 0],
                Order::Added => params![0],
                Order::Place | Order::Completed => params![0, 0],
            };
            let values = place(from, &pattern)?;
            let places: Vec<String> = values
                .into_iter()
                .map(|value| condition.param(value))
                .collect();
            condition.sql.push_str(&format!(
                " AND ({}) {} ({})",
                sorting.columns,
                sorting.compare,
                places.join(", ")
            ));
        }
        let sql = format!(
            "{TASKS} WHERE {} ORDER BY {} LIMIT {}",
            condition.sql,
            sorting.order_by,
            u64::from(limit) + 1
        );
        let mut answers = self
            .db
            .read(vec![Statement::new(sql, condition.params), count])
            .await?
            .into_iter();
        let mut tasks = answers
            .next()
            .unwrap_or_default()
            .into_iter()
            .map(task)
            .collect::<Result<Vec<_>, _>>()?;
        let total = answers
            .next()
            .unwrap_or_default()
            .first_mut()
            .map_or(Ok(0), |row| row.int())?;
        let more = tasks.len() > limit as usize;
        tasks.truncate(limit as usize);
        let next_cursor = tasks
            .last()
            .filter(|_| more)
            .map(|last| cursor(&(sorting.key)(last)));
        Ok(TaskPage {
            filter: filter.clone(),
            tasks,
            total,
            next_cursor,
        })
    }

    /// What a user sees at `now`.
    async fn view(&self, user: &UserId, now: Timestamp) -> Result<View, Error> {
        Ok(View::new(&self.settings(user).await?, now))
    }

    /// The settings of a user; the usual ones before the first change.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn settings(&self, user: &UserId) -> Result<Settings, Error> {
        Ok(crate::journal::head(self.db.query(head_statement(user)).await?)?.1)
    }

    /// How many tasks there are, and how many of them `filter` names.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn counts(
        &self,
        user: &UserId,
        filter: Option<&Filter>,
        now: Timestamp,
    ) -> Result<Counts, Error> {
        let view = self.view(user, now).await?;
        let today = domain::Days::Today;
        let filters = [
            filter.cloned().unwrap_or(Filter::Open),
            Filter::Open,
            Filter::Done,
            Filter::Overdue,
            Filter::Due(today),
            Filter::DoneIn(today),
        ];
        let count = |filter: &Filter| {
            let condition = Condition::of(user).and(filter, &view);
            Statement::new(
                format!("SELECT COUNT(*) FROM tasks WHERE {}", condition.sql),
                condition.params,
            )
        };
        let answers = self.db.read(filters.iter().map(count).collect()).await?;
        let mut numbers = answers
            .into_iter()
            .map(|mut rows| rows.first_mut().map_or(Ok(0), |row| row.int()));
        let mut next = || numbers.next().unwrap_or(Ok(0));
        Ok(Counts {
            filter: filter.cloned(),
            matching: next()?,
            open: next()?,
            done: next()?,
            overdue: next()?,
            today: next()?,
            done_today: next()?,
        })
    }

    /// A task and its steps that are not in the trash; the task itself may be. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn task(&self, user: &UserId, id: TaskId) -> Result<Option<TaskDetail>, Error> {
        let one = format!("{TASKS} WHERE user_id = $1 AND id = $2");
        let steps = format!(
            "{TASKS} WHERE user_id = $1 AND parent_id = $2 AND deleted_at IS NULL ORDER BY position, id"
        );
        let statements = [one, steps].map(|sql| Statement::new(sql, params![user.as_str(), id.0]));
        let mut answers = self.db.read(statements.into()).await?.into_iter();
        let Some(found) = answers.next().unwrap_or_default().into_iter().next() else {
            return Ok(None);
        };
        let steps = answers
            .next()
            .unwrap_or_default()
            .into_iter()
            .map(task)
            .collect::<Result<_, _>>()?;
        Ok(Some(TaskDetail {
            task: task(found)?,
            steps,
        }))
    }

    /// The projects, in the order of their numbers; those put away only if asked for.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn projects(&self, user: &UserId, archived: bool) -> Result<Vec<Project>, Error> {
        let found = self
            .db
            .query(all_projects(user))
            .await?
            .into_iter()
            .map(project);
        let mut projects = found.collect::<Result<Vec<_>, _>>()?;
        projects.retain(|project| archived || project.archived_at.is_none());
        Ok(projects)
    }

    /// The tasks a message may speak of: open ones and done or trashed ones that changed last, and those with one of
    /// `words` in them. By due date and number.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn in_sight(&self, user: &UserId, words: &[String]) -> Result<Vec<Task>, Error> {
        const OPEN_MAX: usize = 300;
        const CLOSED_MAX: usize = 60;
        const FOUND_MAX: usize = 200;
        let open = format!(
            "{TASKS} WHERE user_id = $1 AND completed_at IS NULL AND deleted_at IS NULL \
             ORDER BY updated_at DESC, id DESC LIMIT {OPEN_MAX}"
        );
        let closed = format!(
            "{TASKS} WHERE user_id = $1 AND (completed_at IS NOT NULL OR deleted_at IS NOT NULL) \
             ORDER BY updated_at DESC, id DESC LIMIT {CLOSED_MAX}"
        );
        let statements = [open, closed].map(|sql| Statement::new(sql, params![user.as_str()]));
        let answers = self.db.read(statements.into()).await?;
        // Whoever has no more than that is seen whole.
        let all_seen = answers[0].len() < OPEN_MAX && answers[1].len() < CLOSED_MAX;
        let mut seen = BTreeMap::new();
        let mut add = |found: Vec<Row>| -> Result<(), Error> {
            for row in found {
                let task = task(row)?;
                seen.insert(task.id, task);
            }
            Ok(())
        };
        answers.into_iter().try_for_each(&mut add)?;
        if !all_seen && !words.is_empty() {
            let mut condition = Condition::of(user);
            let any: Vec<String> = words
                .iter()
                .map(|word| condition.contains("search", &fold(word)))
                .collect();
            let sql = format!(
                "{TASKS} WHERE {} AND ({}) ORDER BY updated_at DESC, id DESC LIMIT {FOUND_MAX}",
                condition.sql,
                any.join(" OR ")
            );
            add(self.db.query(Statement::new(sql, condition.params)).await?)?;
        }
        let mut tasks: Vec<Task> = seen.into_values().collect();
        tasks.sort_by_cached_key(|task| (due_key(task), task.id));
        Ok(tasks)
    }

    /// Every task and project of a user, the trash included.
    pub(crate) async fn everything(
        &self,
        user: &UserId,
    ) -> Result<(BTreeMap<TaskId, Task>, BTreeMap<ProjectId, Project>), Error> {
        let statements = vec![
            Statement::new(
                format!("{TASKS} WHERE user_id = $1"),
                params![user.as_str()],
            ),
            all_projects(user),
        ];
        let mut answers = self.db.read(statements).await?.into_iter();
        let tasks = answers
            .next()
            .unwrap_or_default()
            .into_iter()
            .map(|row| task(row).map(|task| (task.id, task)));
        let projects = answers
            .next()
            .unwrap_or_default()
            .into_iter()
            .map(|row| project(row).map(|project| (project.id, project)));
        Ok((
            tasks.collect::<Result<_, _>>()?,
            projects.collect::<Result<_, _>>()?,
        ))
    }
}
