//! One task, beside the list it is in.

use axum::extract::Path;
use axum::response::Redirect;
use domain::{Command, GetHistory, GetTask, Outcome, TaskId};
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
    pub(super) priority: String,
    pub(super) tags: String,
    pub(super) project: String,
    pub(super) steps: Vec<Row>,
    pub(super) changes: Vec<ChangeView>,
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
            before: None,
        };
        let changes = match scene.look(Command::GetHistory(history)).await? {
            Outcome::History(page) => page.changes,
            _ => Vec::new(),
        };
        let row = Row::of(&task, scene);
        Ok(Some(Self {
            description: task.description.to_string(),
            due: task
                .due
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            repeat: task.repeat.as_ref().map(say::rule).unwrap_or_default(),
            priority: task.priority.to_string(),
            tags: row.tags.join(" "),
            project: row.project.clone().unwrap_or_default(),
            steps: steps.iter().map(|step| Row::of(step, scene)).collect(),
            changes: changes
                .into_iter()
                .map(|receipt| scene.change(receipt))
                .collect(),
            row,
        }))
    }
}

/// Where a task is shown, for links from elsewhere.
pub(super) async fn permalink(Path(id): Path<i64>) -> Redirect {
    Redirect::to(&format!("/all?task={id}"))
}
