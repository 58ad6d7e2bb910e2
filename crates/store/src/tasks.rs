//! Tasks and projects, as commands and messages need them.

use std::collections::BTreeMap;

use domain::{
    Filter, Needs, Project, RowId, Rows, Settings, Task, TaskDetail, TaskId, UserId, View, fold,
};
use jiff::Timestamp;

use crate::db::{Statement, params};
use crate::filter::{Condition, is_relative};
use crate::journal::{entry, entry_statement, head, head_statement, later_statements};
use crate::lists::BY_DUE;
use crate::rows::{PROJECTS, State, TASKS, all, all_projects, among, due_key, project, task};
use crate::{Error, Store};

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
    let order = format!(" ORDER BY {BY_DUE}");
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
        self.add_to(user, &mut rows, wanted).await?;

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
            // What belongs to a task or a project that may go.
            wanted.extend(with(Part::Tasks, among(user, TASKS, "parent_id", &tasks)));
            wanted.extend(with(
                Part::Tasks,
                among(user, TASKS, "project_id", &projects),
            ));
            wanted.extend(with(Part::Projects, among(user, PROJECTS, "id", &projects)));
            wanted.extend(with(Part::Later, later_statements(user, entry)));
        }
        self.add_to(user, &mut rows, wanted).await?;

        if needs.steps && needs.filter.is_some() {
            let parents: Vec<i64> = rows.selected.iter().map(|id| id.0).collect();
            let steps = with(Part::Tasks, among(user, TASKS, "parent_id", &parents));
            self.add_to(user, &mut rows, steps.collect()).await?;
        }
        Ok(rows)
    }

    async fn add_to(
        &self,
        user: &UserId,
        rows: &mut Rows,
        wanted: Vec<(Part, Statement)>,
    ) -> Result<(), Error> {
        if wanted.is_empty() {
            return Ok(());
        }
        let (parts, statements): (Vec<_>, Vec<_>) = wanted.into_iter().unzip();
        for (part, found) in parts
            .into_iter()
            .zip(self.db.of(user).read(statements).await?)
        {
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

    /// The settings of a user; the usual ones before the first change.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn settings(&self, user: &UserId) -> Result<Settings, Error> {
        let (_, settings) = head(self.db.of(user).query(head_statement(user)).await?)?;
        Ok(settings)
    }

    /// A task and its steps that are not in the trash; the task itself may be. `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn task(&self, user: &UserId, id: TaskId) -> Result<Option<TaskDetail>, Error> {
        let one = format!("{TASKS} WHERE user_id = $1 AND id = $2");
        let steps = format!(
            "{TASKS} WHERE user_id = $1 AND parent_id = $2 AND state < 3 ORDER BY position, id"
        );
        let statements = [one, steps].map(|sql| Statement::new(sql, params![user.as_str(), id.0]));
        let mut answers = self.db.of(user).read(statements.into()).await?;
        let steps = all(answers.pop().unwrap_or_default(), task)?;
        let found = all(answers.pop().unwrap_or_default(), task)?.pop();
        Ok(found.map(|task| TaskDetail { task, steps }))
    }

    /// The projects, in the order of their numbers; those put away only if asked for.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn projects(&self, user: &UserId, archived: bool) -> Result<Vec<Project>, Error> {
        let mut projects = all(self.db.of(user).query(all_projects(user)).await?, project)?;
        projects.retain(|project| archived || project.archived_at.is_none());
        Ok(projects)
    }

    /// The tasks a message may speak of: open ones and done or trashed ones that changed last, and those with one of
    /// `words` in them. By due date and number.
    ///
    /// # Errors
    /// [`Error::Unavailable`].
    pub async fn in_sight(&self, user: &UserId, words: &[String]) -> Result<Vec<Task>, Error> {
        const MAX: [(State, usize); 3] =
            [(State::Open, 300), (State::Done, 60), (State::Trashed, 60)];
        const FOUND_MAX: usize = 200;
        let latest = |(state, max): (State, usize)| {
            let mut condition = Condition::of(user);
            condition.sql = format!("{} AND {}", condition.sql, state.is());
            let latest = format!(" ORDER BY updated_at DESC, id DESC LIMIT {max}");
            condition.statement(TASKS, &latest)
        };
        let answers = self.db.of(user).read(MAX.map(latest).into()).await?;
        // Whoever has no more than that is seen whole.
        let all_seen = answers
            .iter()
            .zip(MAX)
            .all(|(rows, (_, max))| rows.len() < max);
        let mut found = answers.concat();
        if !all_seen && !words.is_empty() {
            let mut condition = Condition::of(user);
            let any = words
                .iter()
                .map(|word| condition.contains("search", &fold(word)));
            let any = any.collect::<Vec<_>>().join(" OR ");
            condition.sql = format!("{} AND ({any})", condition.sql);
            let latest = format!(" ORDER BY updated_at DESC, id DESC LIMIT {FOUND_MAX}");
            found.extend(
                self.db
                    .of(user)
                    .query(condition.statement(TASKS, &latest))
                    .await?,
            );
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
        self.add_to(user, &mut rows, wanted).await?;
        Ok(rows)
    }
}
