//! One task, beside the list it is in.

use axum::extract::Path;
use axum::response::Redirect;
use domain::{
    Command, Due, GetHistory, GetTask, Missed, Outcome, Repeat, RepeatMode, Task, TaskId, View,
};
use language::say;

use super::frame::{ChangeView, Scene};
use super::row::Row;
use crate::Problem;

/// A task with everything that can be changed of it.
pub(super) struct Detail {
    pub(super) row: Row,
    pub(super) description: String,
    pub(super) due: String,
    pub(super) repeat: String,
    pub(super) repeating: Option<Repeating>,
    pub(super) priority: String,
    pub(super) tags: String,
    pub(super) project: String,
    pub(super) steps: Vec<Row>,
    /// Whether it is a step itself, which has none.
    pub(super) is_step: bool,
    pub(super) changes: Vec<ChangeView>,
}

/// How a task comes back, and how it could.
pub(super) struct Repeating {
    pub(super) modes: Vec<Way>,
    pub(super) missed: Vec<Way>,
}

/// One of the ways of coming back.
pub(super) struct Way {
    pub(super) word: &'static str,
    pub(super) name: &'static str,
    pub(super) chosen: bool,
    /// The next days there would be.
    pub(super) days: String,
}

impl Detail {
    /// `None` if there is no such task.
    pub(super) async fn of(scene: &Scene<'_>, id: TaskId) -> Result<Option<Self>, Problem> {
        let Some(task) = scene.server.app.task(&scene.visitor.user, id).await? else {
            return Ok(None);
        };
        let steps = match scene.look(Command::GetTask(GetTask { task_id: id })).await {
            Ok(Outcome::Task(detail)) => detail.steps,
            // Somebody looking at a task in the trash sees it without its steps.
            _ => Vec::new(),
        };
        let history = GetHistory {
            task_id: Some(id),
            limit: Some(20),
            ..GetHistory::default()
        };
        let changes = match scene.look(Command::GetHistory(history)).await? {
            Outcome::History(page) => page.changes,
            _ => Vec::new(),
        };
        let row = Row::of(&task, scene);
        let due = task.due.as_ref();
        Ok(Some(Self {
            description: task.description.to_string(),
            due: due
                .map(|due| say::near(due, &scene.view))
                .unwrap_or_default(),
            repeat: row.repeat.clone().unwrap_or_default(),
            repeating: Repeating::of(&task, &scene.view),
            priority: task.priority.to_string(),
            tags: row.tags.join(" "),
            project: row.project.clone().unwrap_or_default(),
            steps: steps.iter().map(|step| Row::of(step, scene)).collect(),
            is_step: task.parent.is_some(),
            changes: changes
                .into_iter()
                .map(|receipt| scene.change(receipt))
                .collect(),
            row,
        }))
    }
}

impl Repeating {
    /// `None` if it does not come back.
    fn of(task: &Task, view: &View) -> Option<Self> {
        let (repeat, due) = (task.repeat.as_ref()?, task.due.as_ref()?);
        let way = |word, name, other: Repeat| Way {
            word,
            name,
            chosen: other == *repeat,
            days: ahead(&other, due, view),
        };
        let mode = |word, name, mode| {
            let other = Repeat {
                mode,
                ..repeat.clone()
            };
            way(word, name, other)
        };
        let missed = |word, name, missed| {
            let other = Repeat {
                missed,
                ..repeat.clone()
            };
            way(word, name, other)
        };
        Some(Self {
            modes: vec![
                mode("schedule", "On schedule", RepeatMode::Schedule),
                mode("completion", "After I finish", RepeatMode::Completion),
            ],
            missed: match repeat.mode {
                RepeatMode::Completion => Vec::new(),
                RepeatMode::Schedule => vec![
                    missed("skip", "Skip them", Missed::Skip),
                    missed("one", "One for all of them", Missed::One),
                    missed("all", "All, one by one", Missed::All),
                ],
            },
        })
    }
}

/// The next five days, if it is done now and then always on its day.
fn ahead(repeat: &Repeat, due: &Due, view: &View) -> String {
    const DAYS: usize = 5;
    let (mut days, mut now) = (Vec::new(), view.now.clone());
    let (mut due, mut repeat) = (due.clone(), repeat.clone());
    while days.len() < DAYS {
        let Some((next, rest)) = repeat.next(&due, &now) else {
            break;
        };
        days.push(say::near_day(next.date, view));
        let on_its_day = next.instant(view.now.time_zone());
        let on_its_day = on_its_day.to_zoned(view.now.time_zone().clone());
        if on_its_day > now {
            now = on_its_day;
        }
        (due, repeat) = (next, rest);
    }
    days.join(", ")
}

/// Where a task is shown, for links from elsewhere.
pub(super) async fn permalink(Path(id): Path<i64>) -> Redirect {
    Redirect::to(&format!("/all?task={id}"))
}
