//! A task as every list shows it.

use app::StepCount;
use domain::{Task, TaskId};
use language::say;

use super::frame::Scene;

/// A task, ready to be shown.
pub(super) struct Row {
    /// What its ids on the page begin with, where a list is not the only one.
    pub(super) at: String,
    pub(super) id: TaskId,
    pub(super) version: i64,
    pub(super) title: String,
    pub(super) due: Option<When>,
    pub(super) repeat: Option<String>,
    pub(super) priority: Option<&'static str>,
    pub(super) project: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) note: bool,
    /// How many of its steps are done: `1/3`.
    pub(super) steps: Option<String>,
    pub(super) done: bool,
    pub(super) trashed: bool,
}

/// When a task is due, as its row says it.
pub(super) struct When {
    /// Nothing where the heading has said it.
    pub(super) words: String,
    /// The date itself, for whoever wants to know.
    pub(super) exact: String,
    /// For how long it should have been done.
    pub(super) overdue: Option<String>,
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
        let view = &scene.view;
        let due = task.due.as_ref().map(|due| When {
            words: say::near(due, view),
            exact: say::exactly(due, view),
            overdue: (task.is_open() && due.is_past(&view.now)).then(|| say::overdue(due, view)),
        });
        Self {
            at: String::new(),
            id: task.id,
            version: task.version.0,
            title: task.title.to_string(),
            due,
            repeat: task.repeat.as_ref().map(say::rule),
            priority: Some(say::priority(task.priority)).filter(|word| !word.is_empty()),
            project: project.map(|project| project.name.to_string()),
            tags: task.tags.iter().map(ToString::to_string).collect(),
            note: !task.description.is_empty(),
            steps: None,
            done: task.is_done(),
            trashed: task.is_trashed(),
        }
    }

    /// Whether there is more to say of it than its title.
    pub(super) fn has_more(&self) -> bool {
        self.due.is_some()
            || self.repeat.is_some()
            || self.priority.is_some()
            || self.project.is_some()
            || self.note
            || self.steps.is_some()
            || !self.tags.is_empty()
    }

    /// The same with how far its steps have come.
    pub(super) fn with_steps(self, steps: Option<&StepCount>) -> Self {
        let steps = steps.map(|steps| format!("{}/{}", steps.done, steps.all));
        Self { steps, ..self }
    }

    /// The same under a heading that says the day: only the time of day is left to say.
    pub(super) fn on_its_day(self, task: &Task, scene: &Scene<'_>) -> Self {
        let due = task.due.as_ref();
        let time = due.and_then(|due| due.time.as_ref().map(|_| say::clock(due, &scene.view)));
        let due = self.due.map(|when| When {
            words: time.unwrap_or_default(),
            ..when
        });
        // A day that is all there is has been said.
        let due = due.filter(|when| !when.words.is_empty());
        Self { due, ..self }
    }
}
