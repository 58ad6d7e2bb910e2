//! What follows from a command: the rules of the product, as a pure function.

mod projects;
mod tasks;
mod undo;

use jiff::Timestamp;

use crate::{
    Actor, Change, Command, Effect, Entry, EntryNeed, Filter, Hash, Head, Needs, Origin, Project,
    ProjectId, Refusal, Rows, Selection, Seq, Task, TaskId, Unchanged, View,
};

/// What follows from a command.
#[derive(Debug, Clone, PartialEq)]
pub enum Decision {
    /// These rows change.
    Change(Changes),
    /// Nothing has to change.
    Unchanged(Unchanged),
    /// The command only looks; there is nothing to decide.
    Reads,
}

/// The changes of one command, ready to become a journal entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Every row before and after.
    pub changes: Vec<Change>,
    /// The entry it takes back.
    pub undoes: Option<Seq>,
    /// The name it has in the journal, if that is not the command's.
    pub action: Option<&'static str>,
    /// The counters after it.
    pub next_task: TaskId,
    /// The counters after it.
    pub next_project: ProjectId,
}

impl Changes {
    /// How many tasks it touches.
    pub fn task_count(&self) -> usize {
        self.changes
            .iter()
            .filter(|change| matches!(change, Change::Task { .. }))
            .count()
    }

    /// The journal entry it makes after `head`, and where the journal stands then.
    pub fn entry(
        self,
        head: &Head,
        command: &Command,
        origin: Origin,
        at: Timestamp,
    ) -> (Entry, Head) {
        let mut entry = Entry {
            seq: head.seq.next(),
            at,
            origin,
            action: self.action.unwrap_or(command.name()).to_owned(),
            changes: self.changes,
            undoes: self.undoes,
            undone_by: None,
            previous_hash: head.hash,
            hash: Hash::default(),
        };
        entry.hash = entry.hash_with(&entry.changes_text());
        let head = Head {
            seq: entry.seq,
            hash: entry.hash,
            next_task: self.next_task,
            next_project: self.next_project,
        };
        (entry, head)
    }
}

/// The rows that have to be read before `command` can be decided.
pub fn needs(command: &Command) -> Needs {
    let selection = |selection: &Selection, steps| Needs {
        tasks: selection.task_ids.clone(),
        filter: selection.filter.clone(),
        steps,
        ..Needs::default()
    };
    let one = |id: TaskId, steps| Needs {
        tasks: vec![id],
        steps,
        ..Needs::default()
    };
    let projects = Needs {
        projects: true,
        ..Needs::default()
    };
    match command {
        Command::AddTask(task) => Needs {
            tasks: task.parent_id.into_iter().collect(),
            ..projects
        },
        Command::AddTasks(add) => Needs {
            tasks: add.tasks.iter().filter_map(|task| task.parent_id).collect(),
            ..projects
        },
        Command::UpdateTask(update) => Needs {
            tasks: [update.task_id]
                .into_iter()
                .chain(update.patch.parent_id)
                .collect(),
            steps: update.patch.parent_id.is_some(),
            ..projects
        },
        Command::UpdateTasks(update) => Needs {
            tasks: update
                .selection
                .task_ids
                .iter()
                .copied()
                .chain(update.patch.parent_id)
                .collect(),
            filter: update.selection.filter.clone(),
            steps: update.patch.parent_id.is_some(),
            ..projects
        },
        Command::CompleteTask(it) => one(it.task_id, true),
        Command::ReopenTask(it) => one(it.task_id, false),
        Command::ReopenTasks(it) => selection(it, false),
        Command::DeleteTask(it) => one(it.task_id, true),
        Command::CompleteTasks(it) | Command::DeleteTasks(it) | Command::RestoreTasks(it) => {
            selection(it, true)
        }
        Command::EmptyTrash(_) => Needs {
            filter: Some(Filter::Trash),
            steps: true,
            ..Needs::default()
        },
        // A done task has a place too.
        Command::MoveTask(it) => Needs {
            tasks: [it.task_id]
                .into_iter()
                .chain(it.before)
                .chain(it.after)
                .collect(),
            filter: Some(Filter::Open),
            ..Needs::default()
        },
        Command::AddProject(_) | Command::UpdateProject(_) => projects,
        Command::DeleteProject(it) => Needs {
            filter: Some(projects::everything_in(&it.project)),
            ..projects
        },
        Command::UndoChange(it) => Needs {
            entry: Some(it.change_id.map_or(EntryNeed::LastChange, EntryNeed::At)),
            ..projects
        },
        Command::RedoChange(it) => Needs {
            entry: Some(it.change_id.map_or(EntryNeed::LastUndo, EntryNeed::At)),
            ..projects
        },
        Command::UpdateSettings(_)
        | Command::ListTasks(_)
        | Command::GetTask(_)
        | Command::CountTasks(_)
        | Command::GetOverview(_)
        | Command::ListProjects(_)
        | Command::GetHistory(_) => Needs::default(),
    }
}

/// What `command` changes at `now`, or why it may not. `rows` are those that [`needs`] asked for.
///
/// # Errors
/// The reason why it may not, in words for whoever asked.
pub fn decide(rows: &Rows, command: &Command, now: Timestamp) -> Result<Decision, Refusal> {
    let mut draft = Draft::new(rows, now);
    match command {
        Command::AddTask(task) => draft.add(task)?,
        Command::AddTasks(add) => draft.add_all(&add.tasks)?,
        Command::UpdateTask(update) => {
            return draft.update(&[update.task_id], &update.patch, update.if_version);
        }
        Command::UpdateTasks(update) => {
            let ids = draft.select(&update.selection)?;
            return draft.update(&ids, &update.patch, None);
        }
        Command::CompleteTask(it) => return draft.complete(&[it.task_id]),
        Command::CompleteTasks(it) => return draft.select(it).and_then(|ids| draft.complete(&ids)),
        Command::ReopenTask(it) => return draft.reopen(&[it.task_id]),
        Command::ReopenTasks(it) => return draft.select(it).and_then(|ids| draft.reopen(&ids)),
        Command::DeleteTask(it) => return draft.delete(&[it.task_id]),
        Command::DeleteTasks(it) => return draft.select(it).and_then(|ids| draft.delete(&ids)),
        Command::RestoreTasks(it) => return draft.select(it).and_then(|ids| draft.restore(&ids)),
        Command::EmptyTrash(it) => return Ok(draft.empty_trash(it)),
        Command::MoveTask(it) => draft.place(it)?,
        Command::AddProject(it) => draft.add_project(it)?,
        Command::UpdateProject(it) => return draft.update_project(it),
        Command::DeleteProject(it) => draft.delete_project(it)?,
        Command::UpdateSettings(it) => return draft.update_settings(it),
        Command::UndoChange(it) => draft.undo(it)?,
        Command::RedoChange(it) => draft.redo(it)?,
        Command::ListTasks(_)
        | Command::GetTask(_)
        | Command::CountTasks(_)
        | Command::GetOverview(_)
        | Command::ListProjects(_)
        | Command::GetHistory(_) => return Ok(Decision::Reads),
    }
    Ok(draft.finish())
}

/// How often the person has to say yes before a change is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Approval {
    /// It is made at once.
    NotNeeded,
    /// Once.
    Once,
    /// Twice: it cannot be made good by a mere glance at a list.
    Twice,
}

/// The most tasks that may change without asking, and the most that may be deleted.
pub const UNASKED_MAX: usize = 5;

/// Whether `changes` must be approved in a conversation first; decided from what would happen, never from wording.
pub fn approval(command: &Command, actor: &Actor, changes: &Changes) -> Approval {
    let is_new = |change: &&Change| matches!(change, Change::Task { before: None, .. });
    let tasks = match command {
        Command::AddTask(_) | Command::AddTasks(_) => changes.task_count(),
        // The next time of a repeating task, and its steps, are no more than was asked for.
        _ => changes.task_count() - changes.changes.iter().filter(is_new).count(),
    };
    match command {
        Command::EmptyTrash(_) | Command::DeleteProject(_) => Approval::Twice,
        Command::UpdateSettings(_) => Approval::Once,
        // A move may have to spread others out, but nobody's order changes but the moved task's.
        Command::MoveTask(_) | Command::UndoChange(_) | Command::RedoChange(_) => {
            Approval::NotNeeded
        }
        _ if command.effect() == Effect::Destroys && (tasks > 1 || *actor != Actor::Person) => {
            Approval::Once
        }
        _ if tasks > UNASKED_MAX => Approval::Once,
        _ => Approval::NotNeeded,
    }
}

/// Changes being put together.
struct Draft<'a> {
    rows: &'a Rows,
    view: View,
    at: Timestamp,
    version: Seq,
    changes: Vec<Change>,
    undoes: Option<Seq>,
    action: Option<&'static str>,
    next_task: TaskId,
    next_project: ProjectId,
    /// Projects made on the way, so that a name makes one project however often it is used.
    new_projects: Vec<Project>,
}

impl<'a> Draft<'a> {
    fn new(rows: &'a Rows, now: Timestamp) -> Self {
        Self {
            rows,
            view: View::new(&rows.settings, now),
            at: now,
            version: rows.head.seq.next(),
            changes: Vec::new(),
            undoes: None,
            action: None,
            next_task: rows.head.next_task,
            next_project: rows.head.next_project,
            new_projects: Vec::new(),
        }
    }

    fn finish(self) -> Decision {
        Decision::Change(Changes {
            changes: self.changes,
            undoes: self.undoes,
            action: self.action,
            next_task: self.next_task,
            next_project: self.next_project,
        })
    }

    /// The numbers of the selected tasks, each once.
    fn select(&self, selection: &Selection) -> Result<Vec<TaskId>, Refusal> {
        match (&selection.filter, selection.task_ids.is_empty()) {
            (Some(_), true) => Ok(self.rows.selected.clone()),
            (None, false) => {
                let mut seen = std::collections::BTreeSet::new();
                Ok(selection
                    .task_ids
                    .iter()
                    .copied()
                    .filter(|id| seen.insert(*id))
                    .collect())
            }
            _ => Err(Refusal::UnclearSelection),
        }
    }

    /// The task with this number, in the trash or not.
    fn any_task(&self, id: TaskId) -> Result<&'a Task, Refusal> {
        self.rows.tasks.get(&id).ok_or(Refusal::NoSuchTask(id))
    }

    /// The task with this number, if it is not in the trash.
    fn task(&self, id: TaskId) -> Result<&'a Task, Refusal> {
        let task = self.any_task(id)?;
        if task.is_trashed() {
            Err(Refusal::InTrash(id))
        } else {
            Ok(task)
        }
    }

    /// Notes that `before` becomes `after`.
    fn change_task(&mut self, before: &Task, after: Task) {
        let after = Task {
            updated_at: self.at,
            version: self.version,
            ..after
        };
        self.changes.push(Change::Task {
            before: Some(Box::new(before.clone())),
            after: Some(Box::new(after)),
        });
    }

    fn new_task(&mut self, task: Task) {
        self.changes.push(Change::Task {
            before: None,
            after: Some(Box::new(task)),
        });
    }

    fn take_task_id(&mut self) -> TaskId {
        let id = self.next_task;
        self.next_task = TaskId(id.0 + 1);
        id
    }
}
