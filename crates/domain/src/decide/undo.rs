//! Taking a change back, and making it again.
//!
//! Both work field by field: a field that the change set goes back to what it was, if it still has the value the change
//! gave it; what others have changed since stays. A field changed since stands in the way.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Draft;
use crate::{
    Change, Entry, Project, RedoChange, Refusal, RowId, Seq, Task, TaskId, UndoChange, fold,
};

/// The action of an undoing entry.
const UNDO: &str = "undo_change";
/// The action of a redoing entry.
const REDO: &str = "redo_change";

impl Draft<'_> {
    pub(super) fn undo(&mut self, it: &UndoChange) -> Result<(), Refusal> {
        let missing = it
            .change_id
            .map_or(Refusal::NothingToUndo, Refusal::NoSuchChange);
        let entry = self.rows.entry.as_ref().ok_or(missing)?;
        match (entry.undone_by, entry.action.as_str()) {
            (Some(by), _) => Err(Refusal::AlreadyUndone(entry.seq, by)),
            (None, REDO) => Err(Refusal::OnlyARedo(entry.seq)),
            // Whether a change stands is kept with the change. Chains of undoings of undoings would lose it, so
            // taking an undoing back is what it comes to: making the change again.
            (None, UNDO) => {
                self.action = Some(REDO);
                self.reverse(entry, entry.seq, "undone", Side::Before)
            }
            (None, _) => self.reverse(entry, entry.seq, "undone", Side::Before),
        }
    }

    pub(super) fn redo(&mut self, it: &RedoChange) -> Result<(), Refusal> {
        let missing = it
            .change_id
            .map_or(Refusal::NothingToRedo, Refusal::NoSuchChange);
        let entry = self.rows.entry.as_ref().ok_or(missing)?;
        match entry.undone_by {
            // Named by the undoing that stands, or by the change that it took back.
            None if entry.action == UNDO => self.reverse(entry, entry.seq, "redone", Side::Before),
            Some(undoing) if entry.action != UNDO => {
                self.reverse(entry, undoing, "redone", Side::After)
            }
            _ => Err(Refusal::NotUndone(entry.seq)),
        }
    }

    /// Puts every row of `entry` on `side` of it; `undoes` is the entry that this takes back.
    fn reverse(
        &mut self,
        entry: &Entry,
        undoes: Seq,
        verb: &'static str,
        side: Side,
    ) -> Result<(), Refusal> {
        let rows = self.rows;
        let blocked = |row: RowId, what: Vec<String>| {
            let touches = |change: &Change| change.row() == row && changes_any(change, &what);
            let by = rows
                .later
                .iter()
                .rev()
                .filter(|later| later.changes.iter().any(touches));
            let standing = |later: &&Entry| later.undone_by.is_none() && later.undoes.is_none();
            let by = by
                .clone()
                .find(standing)
                .or_else(|| by.clone().next())
                .map_or(entry.seq, |later| later.seq);
            Refusal::StandsInTheWay {
                change: entry.seq,
                verb,
                by,
                what: what.join(", "),
            }
        };
        self.undoes = Some(undoes);
        // The last row changed goes first, as when unwinding.
        for change in entry.changes.iter().rev() {
            let row = change.row();
            match change {
                Change::Task { before, after } => {
                    let current = match row {
                        RowId::Task(id) => rows.tasks.get(&id),
                        _ => None,
                    };
                    let (to, from) = side.order(before.as_deref(), after.as_deref());
                    let restored: Option<Task> =
                        restored(to, from, current).map_err(|what| blocked(row, what))?;
                    if restored
                        .as_ref()
                        .is_some_and(|task| task.repeat.is_some() && task.due.is_none())
                    {
                        return Err(blocked(row, vec!["repeat".to_owned()]));
                    }
                    let after = restored.map(|task| {
                        Box::new(Task {
                            updated_at: self.at,
                            version: self.version,
                            ..task
                        })
                    });
                    self.changes.push(Change::Task {
                        before: current.cloned().map(Box::new),
                        after,
                    });
                }
                Change::Project { before, after } => {
                    let current = match row {
                        RowId::Project(id) => rows.projects.get(&id),
                        _ => None,
                    };
                    let (to, from) = side.order(before.as_deref(), after.as_deref());
                    let restored: Option<Project> =
                        restored(to, from, current).map_err(|what| blocked(row, what))?;
                    let after = restored.map(|project| {
                        Box::new(Project {
                            version: self.version,
                            ..project
                        })
                    });
                    self.changes.push(Change::Project {
                        before: current.cloned().map(Box::new),
                        after,
                    });
                }
                Change::Settings { before, after } => {
                    let (to, from) = side.order(Some(&**before), Some(&**after));
                    let settings = restored(to, from, Some(&rows.settings))
                        .map_err(|what| blocked(row, what))?;
                    self.changes.push(Change::Settings {
                        before: Box::new(rows.settings.clone()),
                        after: Box::new(settings.unwrap_or_default()),
                    });
                }
            }
        }
        self.fits()?;
        self.leaves_nothing_behind(entry.seq, verb)
    }

    /// Refuses what was put back into a project that is gone, and a project whose name another has taken since.
    fn fits(&self) -> Result<(), Refusal> {
        let mut projects = self.rows.projects.clone();
        for change in &self.changes {
            match (change.row(), change) {
                (
                    RowId::Project(id),
                    Change::Project {
                        after: Some(project),
                        ..
                    },
                ) => {
                    projects.insert(id, (**project).clone());
                }
                (RowId::Project(id), Change::Project { after: None, .. }) => {
                    projects.remove(&id);
                }
                _ => {}
            }
        }
        for change in &self.changes {
            match change {
                Change::Task {
                    after: Some(task), ..
                } => {
                    if let Some(gone) = task.project.filter(|id| !projects.contains_key(id)) {
                        return Err(Refusal::NoSuchProject(gone.to_string()));
                    }
                }
                Change::Project {
                    after: Some(project),
                    ..
                } if project.archived_at.is_none() => {
                    let same = |other: &&Project| {
                        other.id != project.id
                            && other.archived_at.is_none()
                            && fold(other.name.as_str()) == fold(project.name.as_str())
                    };
                    if let Some(other) = projects.values().find(same) {
                        return Err(Refusal::ProjectExists(other.name.clone()));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Draft<'_> {
    /// Refuses to take away what other tasks belong to, and to make a step of what has steps.
    fn leaves_nothing_behind(&self, change: Seq, verb: &'static str) -> Result<(), Refusal> {
        let mut tasks: BTreeMap<TaskId, &Task> = self.rows.tasks.iter().map(by_number).collect();
        for change in &self.changes {
            match (change.row(), change) {
                (
                    RowId::Task(id),
                    Change::Task {
                        after: Some(task), ..
                    },
                ) => tasks.insert(id, task),
                (RowId::Task(id), _) => tasks.remove(&id),
                _ => None,
            };
        }
        let blocked = |task: &Task, what: &str| Refusal::StandsInTheWay {
            change,
            verb,
            by: task.version,
            what: what.to_owned(),
        };
        let steps: BTreeMap<TaskId, &Task> = tasks
            .values()
            .filter_map(|step| Some((step.parent?, *step)))
            .collect();
        for change in &self.changes {
            match (change.row(), change) {
                (RowId::Task(id), Change::Task { after: None, .. }) => {
                    if let Some(step) = steps.get(&id) {
                        return Err(blocked(step, "its steps"));
                    }
                }
                (RowId::Project(id), Change::Project { after: None, .. }) => {
                    if let Some(task) = tasks.values().find(|task| task.project == Some(id)) {
                        return Err(blocked(task, "its tasks"));
                    }
                }
                (
                    RowId::Task(id),
                    Change::Task {
                        before,
                        after: Some(task),
                    },
                ) => {
                    let kept = before.as_ref().is_some_and(|was| was.parent == task.parent);
                    let parent = task.parent.filter(|_| !kept);
                    let is_step = |id| tasks.get(&id).is_some_and(|task| task.parent.is_some());
                    if let Some(parent) =
                        parent.filter(|&to| steps.contains_key(&id) || is_step(to))
                    {
                        return Err(Refusal::StepOfStep(id, parent));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn by_number<'a>((id, task): (&TaskId, &'a Task)) -> (TaskId, &'a Task) {
    (*id, task)
}

/// One side of a change.
#[derive(Clone, Copy)]
enum Side {
    Before,
    After,
}

impl Side {
    /// What to go to, and what to come from.
    fn order<T>(self, before: T, after: T) -> (T, T) {
        match self {
            Self::Before => (before, after),
            Self::After => (after, before),
        }
    }
}

/// Fields that every change sets, and that say nothing about what it was for.
const BOOKKEEPING: [&str; 2] = ["version", "updated_at"];

fn fields<T: Serialize>(row: &T) -> Map<String, Value> {
    match serde_json::to_value(row) {
        Ok(Value::Object(mut fields)) => {
            for name in BOOKKEEPING {
                fields.remove(name);
            }
            fields
        }
        _ => unreachable!("a row is a struct of plain data"),
    }
}

/// Whether `change` is to one of the fields called `names`; a row that comes or goes does so with all of them.
fn changes_any(change: &Change, names: &[String]) -> bool {
    let set = match change {
        Change::Task {
            before: Some(before),
            after: Some(after),
        } => differing(&fields(before), &fields(after)),
        Change::Project {
            before: Some(before),
            after: Some(after),
        } => differing(&fields(before), &fields(after)),
        Change::Settings { before, after } => differing(&fields(before), &fields(after)),
        Change::Task { .. } | Change::Project { .. } => return true,
    };
    set.iter().any(|name| names.contains(name))
}

/// The row with what changed from `to` to `from` taken back, or the names of the fields that have changed since.
/// Going by field names spares every new field a line here.
fn restored<T: Serialize + DeserializeOwned + Clone>(
    to: Option<&T>,
    from: Option<&T>,
    current: Option<&T>,
) -> Result<Option<T>, Vec<String>> {
    let whole = || vec!["all of it".to_owned()];
    match (to, from, current) {
        (Some(to), None, None) => Ok(Some(to.clone())),
        (None, Some(from), Some(current)) => {
            let differing = differing(&fields(from), &fields(current));
            if differing.is_empty() {
                Ok(None)
            } else {
                Err(differing)
            }
        }
        (Some(to), Some(from), Some(current)) => {
            let (to, from, now) = (fields(to), fields(from), fields(current));
            let set = differing(&to, &from);
            let lost: Vec<String> = set
                .iter()
                .filter(|name| from.get(*name) != now.get(*name))
                .cloned()
                .collect();
            if !lost.is_empty() {
                return Err(lost);
            }
            let Ok(Value::Object(mut row)) = serde_json::to_value(current) else {
                return Err(whole());
            };
            for name in set {
                match to.get(&name) {
                    Some(value) => row.insert(name, value.clone()),
                    None => row.remove(&name),
                };
            }
            serde_json::from_value(Value::Object(row))
                .map(Some)
                .map_err(|_| whole())
        }
        _ => Err(whole()),
    }
}

/// The names of the fields that differ.
fn differing(one: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let mut names: Vec<String> = one.keys().chain(other.keys()).cloned().collect();
    names.sort();
    names.dedup();
    names.retain(|name| one.get(name) != other.get(name));
    names
}
