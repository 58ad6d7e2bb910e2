//! A task as every list shows it.

use domain::{Task, TaskId};
use language::say;

use super::frame::Scene;

/// A task, ready to be shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question the template asks"
)]
pub(super) struct Row {
    /// What its ids on the page begin with, where a list is not the only one.
    pub(super) at: String,
    pub(super) id: TaskId,
    pub(super) version: i64,
    pub(super) title: String,
    pub(super) due: Option<String>,
    pub(super) overdue: bool,
    pub(super) repeat: Option<String>,
    pub(super) priority: Option<&'static str>,
    pub(super) project: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) note: bool,
    pub(super) done: bool,
    pub(super) trashed: bool,
}

impl Row {
    /// As it is shown in the part `at` of a page that may show it elsewhere, too.
    pub(super) fn within(at: &str, task: &Task, scene: &Scene<'_>) -> Self {
        Self {
            at: format!("{at}-"),
            ..Self::of(task, scene)
        }
    }

    pub(super) fn of(task: &Task, scene: &Scene<'_>) -> Self {
        let project = task
            .project
            .and_then(|id| scene.projects.iter().find(|project| project.id == id));
        let is_past = |due: &domain::Due| due.is_past(&scene.view.now);
        Self {
            at: String::new(),
            id: task.id,
            version: task.version.0,
            title: task.title.to_string(),
            due: task.due.as_ref().map(|due| say::due(due, &scene.view)),
            overdue: task.is_open() && task.due.as_ref().is_some_and(is_past),
            repeat: task.repeat.as_ref().map(say::rule),
            priority: Some(say::priority(task.priority)).filter(|word| !word.is_empty()),
            project: project.map(|project| project.name.to_string()),
            tags: task.tags.iter().map(ToString::to_string).collect(),
            note: !task.description.is_empty(),
            done: task.is_done(),
            trashed: task.is_trashed(),
        }
    }
}
