//! Tasks and projects: their rows, and the pages that show them.

use std::collections::BTreeMap;

use domain::{
    Change, Counts, Days, Filter, Needs, Order, Priority, Project, ProjectId, RowId, Rows, Seq,
    Settings, Task, TaskDetail, TaskId, TaskPage, UserId, View, fold, search_text,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::db::{Row, Statement, Value, params};
use crate::filter::{Condition, is_relative};
use crate::journal::{entry, entry_statement, head, head_statement, later_statements};
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
    // A line break on either side of each, so that only whole labels are found.
    let tags = task.tags.iter().fold(String::new(), |mut text, tag| {
        text.extend(["\n", &tag.folded(), "\n"]);
        text
    });
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

/// The rows, each read by `one`.
pub(crate) fn all<T>(
    rows: Vec<Row>,
    one: impl FnMut(Row) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    rows.into_iter().map(one).collect()
}

/// The one number of the one row; 0 if there is none.
fn number(rows: Option<Vec<Row>>) -> Result<i64, Error> {
    rows.unwrap_or_default().first_mut().map_or(Ok(0), Row::int)
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
const COUNT: &str = "SELECT COUNT(*) FROM tasks";
const PROJECTS: &str = "SELECT id, name, colour, archived_at, version FROM projects";

fn all_projects(user: &UserId) -> Statement {
    Statement::new(
        format!("{PROJECTS} WHERE user_id = $1 ORDER BY id"),
        params![user.as_str()],
    )
}

/// The order of a list, and how a place in it is written.
struct Sorting {
    /// Begins its cursors, so that one of another order is known for what it is.
    name: &'static str,
    /// Whether the first of the values it is sorted by is a text; all others are numbers.
    by_text: bool,
    /// How many values those are.
    length: usize,
    columns: &'static str,
    order_by: &'static str,
    compare: &'static str,
    key: fn(&Task) -> Vec<Value>,
}

fn sorting(order: Order) -> Sorting {
    match order {
        Order::Due => Sorting {
            name: "d",
            by_text: true,
            length: 4,
            columns: "due_key, priority, position, id",
            order_by: "due_key, priority, position, id",
            compare: ">",
            key: |task| {
                let rank = task.priority.rank();
                params![due_key(task), rank, task.position, task.id.0]
            },
        },
        Order::Added => Sorting {
            name: "a",
            by_text: false,
            length: 1,
            columns: "id",
            order_by: "id",
            compare: ">",
            key: |task| params![task.id.0],
        },
        Order::Place => Sorting {
            name: "p",
            by_text: false,
            length: 2,
            columns: "position, id",
            order_by: "position, id",
            compare: ">",
            key: |task| params![task.position, task.id.0],
        },
        Order::Completed => Sorting {
            name: "c",
            by_text: false,
            length: 2,
            columns: "(COALESCE(completed_at, 0)), id",
            order_by: "(COALESCE(completed_at, 0)) DESC, id DESC",
            compare: "<",
            key: |task| {
                let at = task.completed_at.map_or(0, Timestamp::as_microsecond);
                params![at, task.id.0]
            },
        },
    }
}

impl Sorting {
    /// The place of `task` as text: the values it is sorted by, with `_` between them.
    fn cursor(&self, task: &Task) -> String {
        let word = |value: Value| match value {
            Value::Int(value) => value.unwrap_or_default().to_string(),
            Value::Text(text) => text.unwrap_or_default(),
        };
        let values = (self.key)(task).into_iter().map(word);
        let words: Vec<String> = [self.name.to_owned()].into_iter().chain(values).collect();
        words.join("_")
    }

    /// The values of the place that `cursor` names.
    fn place(&self, cursor: &str) -> Result<Vec<Value>, Error> {
        /// A due key has no more than this.
        const KEY_MAX: usize = 24;
        let mut words = cursor.split('_');
        let mut values = Vec::new();
        if words.next() != Some(self.name) {
            return Err(Error::BadCursor);
        }
        if self.by_text {
            let key = words.next().ok_or(Error::BadCursor)?;
            if key.len() > KEY_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(Error::BadCursor);
            }
            values.push(key.into());
        }
        for word in words {
            let number: i64 = word.parse().map_err(|_| Error::BadCursor)?;
            values.push(number.into());
        }
        if values.len() == self.length {
            Ok(values)
        } else {
            Err(Error::BadCursor)
        }
    }
}

/// One of the things that [`Store::read`] asks for.
#[derive(Debug, Clone, Copy)]
enum Part {
    Head,
    Projects,
    Tasks,
    Selected,
    Entry,
    Later,
}

/// The rows that `filter` names, in the order a list shows them.
fn selected(user: &UserId, filter: &Filter, view: &View) -> Statement {
    let order = format!(" ORDER BY {}", sorting(Order::Due).order_by);
    Condition::of(user)
        .and(filter, view)
        .statement(TASKS, &order)
}

fn with(part: Part, statements: Vec<Statement>) -> impl Iterator<Item = (Part, Statement)> {
    statements
        .into_iter()
        .map(move |statement| (part, statement))
}

impl Store {
    /// The rows that `needs` names, and where the user's journal stands.
    ///
    /// What one trip can fetch comes with the head; what depends on that comes after it. Rows that are newer than the
    /// head make the commit a conflict; older ones there cannot be.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn read(&self, user: &UserId, needs: &Needs, now: Timestamp) -> Result<Rows, Error> {
        let mut rows = Rows::default();
        let mut wanted = vec![(Part::Head, head_statement(user))];
        if needs.projects {
            wanted.push((Part::Projects, all_projects(user)));
        }
        let ids: Vec<i64> = needs.tasks.iter().map(|id| id.0).collect();
        wanted.extend(with(Part::Tasks, among(user, TASKS, "id", &ids)));
        if needs.steps {
            wanted.extend(with(Part::Tasks, among(user, TASKS, "parent_id", &ids)));
        }
        // Relative words need the user's zone, which comes with the head.
        let (later, at_once) = needs
            .filter
            .iter()
            .partition::<Vec<_>, _>(|filter| is_relative(filter));
        let usual = View::new(&rows.settings, now);
        wanted.extend(
            at_once
                .iter()
                .map(|filter| (Part::Selected, selected(user, filter, &usual))),
        );
        wanted.extend(
            needs
                .entry
                .map(|need| (Part::Entry, entry_statement(user, need))),
        );
        self.add_to(&mut rows, wanted).await?;

        let view = View::new(&rows.settings, now);
        let mut wanted: Vec<_> = later
            .iter()
            .map(|filter| (Part::Selected, selected(user, filter, &view)))
            .collect();
        if let Some(entry) = &rows.entry {
            let (mut tasks, mut projects) = (Vec::new(), Vec::new());
            for change in &entry.changes {
                match change.row() {
                    RowId::Task(id) => tasks.push(id.0),
                    RowId::Project(id) => projects.push(id.0),
                    RowId::Settings => {}
                }
            }
            wanted.extend(with(Part::Tasks, among(user, TASKS, "id", &tasks)));
            wanted.extend(with(Part::Projects, among(user, PROJECTS, "id", &projects)));
            wanted.extend(with(Part::Later, later_statements(user, entry)));
        }
        self.add_to(&mut rows, wanted).await?;

        if needs.steps && needs.filter.is_some() {
            let parents: Vec<i64> = rows.selected.iter().map(|id| id.0).collect();
            let steps = with(Part::Tasks, among(user, TASKS, "parent_id", &parents));
            self.add_to(&mut rows, steps.collect()).await?;
        }
        Ok(rows)
    }

    async fn add_to(&self, rows: &mut Rows, wanted: Vec<(Part, Statement)>) -> Result<(), Error> {
        if wanted.is_empty() {
            return Ok(());
        }
        let (parts, statements): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        for (part, found) in parts.into_iter().zip(self.db.read(statements).await?) {
            match part {
                Part::Head => (rows.head, rows.settings) = head(found)?,
                Part::Projects => {
                    for project in all(found, project)? {
                        rows.projects.insert(project.id, project);
                    }
                }
                Part::Tasks => {
                    for task in all(found, task)? {
                        rows.tasks.insert(task.id, task);
                    }
                }
                Part::Selected => {
                    for task in all(found, task)? {
                        rows.selected.push(task.id);
                        rows.tasks.insert(task.id, task);
                    }
                }
                Part::Entry => rows.entry = all(found, entry)?.pop(),
                Part::Later => rows.later.extend(all(found, entry)?),
            }
        }
        // They come in portions, each of other rows; an entry can be about rows of several.
        rows.later.sort_by_key(|entry| entry.seq);
        rows.later.dedup_by_key(|entry| entry.seq);
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
        let sorting = sorting(order);
        let place = from.map(|cursor| sorting.place(cursor)).transpose()?;
        let view = self.view(user, [filter], now).await?;
        let mut condition = Condition::of(user).and(filter, &view);
        let count = condition.clone().statement(COUNT, "");
        if let Some(place) = place {
            let places = place.into_iter().map(|value| condition.param(value));
            let places = places.collect::<Vec<_>>().join(", ");
            let Sorting {
                columns, compare, ..
            } = sorting;
            condition.sql = format!("{} AND ({columns}) {compare} ({places})", condition.sql);
        }
        let one_more = u64::from(limit) + 1;
        let page = format!(" ORDER BY {} LIMIT {one_more}", sorting.order_by);
        let mut answers = self
            .db
            .read(vec![condition.statement(TASKS, &page), count])
            .await?;
        let total = number(answers.pop())?;
        let mut tasks = all(answers.pop().unwrap_or_default(), task)?;
        let more = tasks.len() > limit as usize;
        tasks.truncate(limit as usize);
        Ok(TaskPage {
            filter: filter.clone(),
            total,
            next_cursor: tasks
                .last()
                .filter(|_| more)
                .map(|last| sorting.cursor(last)),
            tasks,
        })
    }

    /// What a user sees at `now`, as far as it matters to `filters`.
    async fn view(
        &self,
        user: &UserId,
        filters: impl IntoIterator<Item = &Filter>,
        now: Timestamp,
    ) -> Result<View, Error> {
        let settings = if filters.into_iter().any(is_relative) {
            self.settings(user).await?
        } else {
            Settings::default()
        };
        Ok(View::new(&settings, now))
    }

    /// The settings of a user; the usual ones before the first change.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn settings(&self, user: &UserId) -> Result<Settings, Error> {
        let (_, settings) = head(self.db.query(head_statement(user)).await?)?;
        Ok(settings)
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
        let today = Days::Today;
        let (due, done) = (Filter::Due(today), Filter::DoneIn(today));
        let filters = [Filter::Open, Filter::Done, Filter::Overdue, due, done];
        let view = self.view(user, &filters, now).await?;
        let count = |filter| Condition::of(user).and(filter, &view).statement(COUNT, "");
        let statements = filters.iter().chain(filter).map(count).collect();
        let answers = self.db.read(statements).await?.into_iter();
        let numbers: Vec<i64> = answers
            .map(|rows| number(Some(rows)))
            .collect::<Result<_, _>>()?;
        let [open, done, overdue, today, done_today, ref rest @ ..] = numbers[..] else {
            return Err(corrupt("a count is missing"));
        };
        Ok(Counts {
            filter: filter.cloned(),
            matching: rest.first().copied().unwrap_or(open),
            open,
            done,
            overdue,
            today,
            done_today,
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
        let mut answers = self.db.read(statements.into()).await?;
        let steps = all(answers.pop().unwrap_or_default(), task)?;
        let found = all(answers.pop().unwrap_or_default(), task)?.pop();
        Ok(found.map(|task| TaskDetail { task, steps }))
    }

    /// The projects, in the order of their numbers; those put away only if asked for.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn projects(&self, user: &UserId, archived: bool) -> Result<Vec<Project>, Error> {
        let mut projects = all(self.db.query(all_projects(user)).await?, project)?;
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
        let mut found = answers.concat();
        if !all_seen && !words.is_empty() {
            let mut condition = Condition::of(user);
            let any = words
                .iter()
                .map(|word| condition.contains("search", &fold(word)));
            let any = any.collect::<Vec<_>>().join(" OR ");
            condition.sql = format!("{} AND ({any})", condition.sql);
            let latest = format!(" ORDER BY updated_at DESC, id DESC LIMIT {FOUND_MAX}");
            found.extend(self.db.query(condition.statement(TASKS, &latest)).await?);
        }
        let mut seen = BTreeMap::new();
        for task in all(found, task)? {
            seen.insert(task.id, task);
        }
        let mut tasks: Vec<Task> = seen.into_values().collect();
        tasks.sort_by_cached_key(|task| (due_key(task), task.id));
        Ok(tasks)
    }

    /// Everything that the journal speaks of as it is at one moment, the trash included.
    pub(crate) async fn everything(&self, user: &UserId) -> Result<Rows, Error> {
        let mut rows = Rows::default();
        let tasks = Condition::of(user).statement(TASKS, "");
        let wanted = vec![
            (Part::Head, head_statement(user)),
            (Part::Projects, all_projects(user)),
            (Part::Tasks, tasks),
        ];
        self.add_to(&mut rows, wanted).await?;
        Ok(rows)
    }
}
