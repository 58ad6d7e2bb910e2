//! The rows a command is decided on: which it needs, and what was found.

use std::collections::BTreeMap;

use crate::{
    Change, Entry, Filter, Hash, Project, ProjectId, ProjectRef, RowId, Seq, Settings, Task,
    TaskId, fold,
};

/// Where a user's journal and counters stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// The last entry.
    pub seq: Seq,
    /// Its hash.
    pub hash: Hash,
    /// The number the next task gets.
    pub next_task: TaskId,
    /// The number the next project gets.
    pub next_project: ProjectId,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            seq: Seq(0),
            hash: Hash::default(),
            next_task: TaskId(1),
            next_project: ProjectId(1),
        }
    }
}

/// Which journal entry a command speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryNeed {
    /// This one.
    At(Seq),
    /// The last one that can be undone: not undone, and not itself an undoing or redoing.
    LastChange,
    /// The last undoing that stands, if no new change came after it.
    LastUndo,
}

/// What has to be read before a command can be decided.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Needs {
    /// Tasks by number.
    pub tasks: Vec<TaskId>,
    /// The steps of those tasks as well, and of those the filter names.
    pub steps: bool,
    /// Tasks by filter.
    pub filter: Option<Filter>,
    /// All projects.
    pub projects: bool,
    /// A journal entry, the rows it changed as they are now, the steps of those tasks, the tasks in those projects, and
    /// the later entries about the same rows.
    pub entry: Option<EntryNeed>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rows {
    /// Where the journal stands.
    pub head: Head,
    /// The user's settings.
    pub settings: Settings,
    /// The tasks that were needed and are there.
    pub tasks: BTreeMap<TaskId, Task>,
    /// The numbers of those that the filter named, in the order a list shows them.
    pub selected: Vec<TaskId>,
    /// The projects.
    pub projects: BTreeMap<ProjectId, Project>,
    /// The journal entry that was needed.
    pub entry: Option<Entry>,
    /// The entries after it that changed the same rows, oldest first.
    pub later: Vec<Entry>,
}

impl Rows {
    /// The project that somebody names. `None` if there is none; one put away is found by its number only.
    pub fn project(&self, named: &ProjectRef) -> Option<&Project> {
        match named {
            ProjectRef::Id(id) => self.projects.get(id),
            ProjectRef::Name(name) => self.projects.values().find(|project| {
                project.archived_at.is_none() && fold(project.name.as_str()) == fold(name.as_str())
            }),
        }
    }

    /// Makes `changes` to these rows, as the database will.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match (change.row(), change) {
                (RowId::Task(id), Change::Task { after, .. }) => match after {
                    Some(task) => {
                        self.tasks.insert(id, (**task).clone());
                    }
                    None => {
                        self.tasks.remove(&id);
                    }
                },
                (RowId::Project(id), Change::Project { after, .. }) => match after {
                    Some(project) => {
                        self.projects.insert(id, (**project).clone());
                    }
                    None => {
                        self.projects.remove(&id);
                    }
                },
                (_, Change::Settings { after, .. }) => self.settings = (**after).clone(),
                _ => unreachable!("a change is about a row of its own kind"),
            }
        }
    }
}
