//! The rules about tasks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Decision, Draft};
use crate::{
    AddTask, Due, DueTime, EmptyTrash, Field, MoveTask, Period, ProjectId, ProjectRef, Refusal,
    Repeat, Seq, Tag, Tags, Task, TaskId, TaskPatch, Unchanged, WhyUnchanged,
};

/// Most tasks that one request may add.
const ADD_MAX: usize = 1_000;

fn unchanged(why: WhyUnchanged, tasks: Vec<Task>) -> Decision {
    Decision::Unchanged(Unchanged { why, tasks })
}

impl<'a> Draft<'a> {
    pub(super) fn add(&mut self, add: &AddTask) -> Result<(), Refusal> {
        let project = add
            .project
            .as_ref()
            .map(|named| self.project_or_new(named))
            .transpose()?;
        if let Some(parent) = add.parent_id
            && self.task(parent)?.parent.is_some()
        {
            return Err(Refusal::StepOfStep(self.next_task, parent));
        }
        let id = self.take_task_id();
        let mut task = Task {
            id,
            title: add.title.clone(),
            description: add.description.clone().unwrap_or_default(),
            due: add.due.clone(),
            repeat: None,
            priority: add.priority,
            tags: tags(add.tags.iter().cloned())?,
            project,
            parent: add.parent_id,
            position: id.0.saturating_mul(Task::POSITION_STEP),
            completed_at: add.completed.then_some(self.at),
            deleted_at: None,
            created_at: self.at,
            updated_at: self.at,
            version: self.version,
        };
        if let Some(repeat) = &add.repeat {
            let from = add
                .due
                .as_ref()
                .map_or(self.view.now.date(), |due| due.date);
            set_repeat(&mut task, repeat, from)?;
        }
        adjust_repeat(&mut task, add.repeat_mode, add.missed);
        self.new_task(task);
        Ok(())
    }

    pub(super) fn add_all(&mut self, tasks: &[AddTask]) -> Result<(), Refusal> {
        match tasks.len() {
            0 => Err(Refusal::None),
            count if count > ADD_MAX => Err(Refusal::TooMany {
                what: "tasks",
                max: ADD_MAX,
                count,
            }),
            _ => tasks.iter().try_for_each(|task| self.add(task)),
        }
    }

    pub(super) fn update(
        mut self,
        ids: &[TaskId],
        patch: &TaskPatch,
        if_version: Option<Seq>,
    ) -> Result<Decision, Refusal> {
        if *patch == TaskPatch::default() {
            return Err(Refusal::NothingToChange);
        }
        if ids.is_empty() {
            return Ok(unchanged(WhyUnchanged::NoneMatch, Vec::new()));
        }
        let mut same = Vec::new();
        for id in ids {
            let before = self.task(*id)?;
            if if_version.is_some_and(|version| version != before.version) {
                return Err(Refusal::ChangedSince {
                    task: *id,
                    version: before.version,
                });
            }
            let after = self.patched(before, patch)?;
            if after == *before {
                same.push(before.clone());
            } else {
                self.change_task(before, after);
            }
        }
        Ok(if self.changes.is_empty() {
            unchanged(WhyUnchanged::AlreadySo, same)
        } else {
            self.finish()
        })
    }

    fn patched(&mut self, before: &Task, patch: &TaskPatch) -> Result<Task, Refusal> {
        let mut task = before.clone();
        for field in &patch.clear {
            match field {
                Field::Description => task.description = crate::Description::default(),
                Field::Due => (task.due, task.repeat) = (None, None),
                Field::Time => task.due = task.due.map(|due| Due::on(due.date)),
                Field::Repeat => task.repeat = None,
                Field::Priority => task.priority = crate::Priority::None,
                Field::Tags => task.tags = Tags::default(),
                Field::Project => task.project = None,
                Field::Parent => task.parent = None,
            }
        }
        if let Some(title) = &patch.title {
            task.title = title.clone();
        }
        if let Some(description) = &patch.description {
            task.description = description.clone();
        }
        if let Some(due) = &patch.due {
            task.due = Some(due.clone());
        }
        if let Some(period) = patch.postpone {
            task.due = Some(postponed(&task, period)?);
        }
        if let Some(repeat) = &patch.repeat {
            let today = self.view.now.date();
            // A day the rule names stays; any other gives way to the rule's next one.
            let from = match &task.due {
                Some(due)
                    if patch.due.is_some() || repeat.rule.first(due.date) == Some(due.date) =>
                {
                    due.date
                }
                _ => today,
            };
            set_repeat(&mut task, repeat, from)?;
        }
        adjust_repeat(&mut task, patch.repeat_mode, patch.missed);
        if let Some(priority) = patch.priority {
            task.priority = priority;
        }
        if patch.tags.is_some() || !patch.add_tags.is_empty() || !patch.remove_tags.is_empty() {
            let base: Vec<Tag> = patch
                .tags
                .clone()
                .unwrap_or_else(|| task.tags.iter().cloned().collect());
            let kept = base.into_iter().chain(patch.add_tags.iter().cloned());
            task.tags = tags(kept.filter(|tag| !patch.remove_tags.contains(tag)))?;
        }
        if let Some(named) = &patch.project {
            task.project = Some(self.project_or_new(named)?);
        }
        if let Some(parent) = patch.parent_id {
            let has_steps = self
                .rows
                .tasks
                .values()
                .any(|other| other.parent == Some(task.id));
            if parent == task.id || has_steps || self.task(parent)?.parent.is_some() {
                return Err(Refusal::StepOfStep(task.id, parent));
            }
            task.parent = Some(parent);
        }
        Ok(task)
    }

    /// The project somebody names; a name that is new makes a project.
    fn project_or_new(&mut self, named: &ProjectRef) -> Result<ProjectId, Refusal> {
        if let Some(project) = self.rows.project(named) {
            return Ok(project.id);
        }
        match named {
            ProjectRef::Id(id) => Err(Refusal::NoSuchProject(id.to_string())),
            ProjectRef::Name(name) => Ok(self.new_project(name.clone(), None)),
        }
    }

    pub(super) fn complete(mut self, ids: &[TaskId]) -> Result<Decision, Refusal> {
        if ids.is_empty() {
            return Ok(unchanged(WhyUnchanged::NoneMatch, Vec::new()));
        }
        let (mut already, steps) = (Vec::new(), self.steps());
        for id in ids {
            let before = self.task(*id)?;
            if before.is_done() {
                already.push(before.clone());
                continue;
            }
            // The repeat goes on with the next occurrence, so that opening this one again does not double it.
            self.change_task(
                before,
                Task {
                    completed_at: Some(self.at),
                    repeat: None,
                    ..before.clone()
                },
            );
            if let (Some(repeat), Some(due)) = (&before.repeat, &before.due)
                && let Some((due, repeat)) = repeat.next(due, &self.view.now)
            {
                self.open_next(
                    before,
                    due,
                    repeat,
                    steps.get(id).map_or(&[], Vec::as_slice),
                );
            }
        }
        Ok(if self.changes.is_empty() {
            unchanged(WhyUnchanged::AlreadyDone, already)
        } else {
            self.finish()
        })
    }

    /// The steps among the rows, by the task they belong to.
    fn steps(&self) -> BTreeMap<TaskId, Vec<&'a Task>> {
        let mut steps: BTreeMap<TaskId, Vec<&Task>> = BTreeMap::new();
        for task in self.rows.tasks.values() {
            if let Some(parent) = task.parent {
                steps.entry(parent).or_default().push(task);
            }
        }
        steps
    }

    /// Opens the next occurrence of `done`, with its steps all to be done again, as long before or after it as before.
    fn open_next(&mut self, done: &Task, due: Due, repeat: Repeat, steps: &[&Task]) {
        let fresh = |id, parent, task: &Task| Task {
            id,
            parent,
            completed_at: None,
            created_at: self.at,
            updated_at: self.at,
            version: self.version,
            ..task.clone()
        };
        let later = done
            .due
            .as_ref()
            .map(|was| due.date.duration_since(was.date))
            .unwrap_or_default();
        let next = Task {
            due: Some(due),
            repeat: Some(repeat),
            ..fresh(self.next_task, done.parent, done)
        };
        let mut opened = vec![next];
        let kept = steps.iter().filter(|step| !step.is_trashed());
        for (step, id) in kept.zip(self.next_task.0 + 1..) {
            let moved = |due: &Due| {
                let date = due.date.saturating_add(later);
                due.on_date(date.max(Due::EARLIEST))
            };
            opened.push(Task {
                due: step.due.as_ref().map(moved),
                ..fresh(TaskId(id), Some(self.next_task), step)
            });
        }
        for task in opened {
            self.next_task = TaskId(task.id.0 + 1);
            self.new_task(task);
        }
    }

    pub(super) fn reopen(mut self, ids: &[TaskId]) -> Result<Decision, Refusal> {
        if ids.is_empty() {
            return Ok(unchanged(WhyUnchanged::NoneMatch, Vec::new()));
        }
        let mut already = Vec::new();
        for id in ids {
            let before = self.task(*id)?;
            if before.is_open() {
                already.push(before.clone());
            } else {
                self.change_task(
                    before,
                    Task {
                        completed_at: None,
                        ..before.clone()
                    },
                );
            }
        }
        Ok(if self.changes.is_empty() {
            unchanged(WhyUnchanged::AlreadyOpen, already)
        } else {
            self.finish()
        })
    }

    pub(super) fn delete(mut self, ids: &[TaskId]) -> Result<Decision, Refusal> {
        if ids.is_empty() {
            return Ok(unchanged(WhyUnchanged::NoneMatch, Vec::new()));
        }
        for id in ids {
            self.task(*id)?;
        }
        let named: BTreeSet<TaskId> = ids.iter().copied().collect();
        // Steps go with the task they belong to.
        let steps = self.rows.tasks.values().filter(|task| {
            !task.is_trashed()
                && !named.contains(&task.id)
                && task.parent.is_some_and(|parent| named.contains(&parent))
        });
        let tasks: Vec<&Task> = ids
            .iter()
            .filter_map(|id| self.rows.tasks.get(id))
            .chain(steps)
            .collect();
        for before in tasks {
            self.change_task(
                before,
                Task {
                    deleted_at: Some(self.at),
                    ..before.clone()
                },
            );
        }
        Ok(self.finish())
    }

    pub(super) fn restore(mut self, ids: &[TaskId]) -> Result<Decision, Refusal> {
        if ids.is_empty() {
            return Ok(unchanged(WhyUnchanged::NoneMatch, Vec::new()));
        }
        let mut already = Vec::new();
        let (named, steps): (BTreeSet<TaskId>, _) = (ids.iter().copied().collect(), self.steps());
        for id in ids {
            let before = self.any_task(*id)?;
            if !before.is_trashed() {
                already.push(before.clone());
                continue;
            }
            self.change_task(
                before,
                Task {
                    deleted_at: None,
                    ..before.clone()
                },
            );
            // Steps that went with it come back with it.
            let went_along =
                |task: &&&Task| task.deleted_at == before.deleted_at && !named.contains(&task.id);
            for step in steps.get(id).into_iter().flatten().filter(went_along) {
                self.change_task(
                    step,
                    Task {
                        deleted_at: None,
                        ..(*step).clone()
                    },
                );
            }
        }
        Ok(if self.changes.is_empty() {
            unchanged(WhyUnchanged::NotInTrash, already)
        } else {
            self.finish()
        })
    }

    pub(super) fn empty_trash(mut self, it: &EmptyTrash) -> Decision {
        let rows = self.rows;
        let goes = |task: &Task| {
            task.deleted_at
                .is_some_and(|at| it.deleted_before.is_none_or(|before| at < before))
        };
        for task in rows.tasks.values() {
            if goes(task) {
                self.changes.push(crate::Change::Task {
                    before: Some(Box::new(task.clone())),
                    after: None,
                });
            } else if task.parent.is_some_and(|parent| {
                let parent = rows.tasks.get(&parent);
                parent.is_none_or(goes)
            }) {
                // A step that was taken out of the trash, or into it later, outlives the task it belonged to.
                self.change_task(
                    task,
                    Task {
                        parent: None,
                        ..task.clone()
                    },
                );
            }
        }
        if self.changes.is_empty() {
            unchanged(WhyUnchanged::TrashEmpty, Vec::new())
        } else {
            self.finish()
        }
    }

    pub(super) fn place(&mut self, it: &MoveTask) -> Result<(), Refusal> {
        let (anchor, shift) = match (it.before, it.after) {
            (Some(anchor), None) => (anchor, 0),
            (None, Some(anchor)) => (anchor, 1),
            _ => return Err(Refusal::UnclearPlace),
        };
        if anchor == it.task_id {
            return Err(Refusal::UnclearPlace);
        }
        let moved = self.task(it.task_id)?;
        self.task(anchor)?;
        let mut others: Vec<&Task> = self
            .rows
            .tasks
            .values()
            .filter(|task| task.id != moved.id && !task.is_trashed())
            .collect();
        others.sort_by_key(|task| (task.position, task.id));
        let index = others
            .iter()
            .position(|task| task.id == anchor)
            .ok_or(Refusal::NoSuchTask(anchor))?
            + shift;
        let below = index.checked_sub(1).map_or(
            others[0].position.saturating_sub(2 * Task::POSITION_STEP),
            |n| others[n].position,
        );
        let above = others
            .get(index)
            .map_or(below.saturating_add(2 * Task::POSITION_STEP), |task| {
                task.position
            });
        let middle = below.midpoint(above);
        if middle > below && middle < above {
            self.change_task(
                moved,
                Task {
                    position: middle,
                    ..moved.clone()
                },
            );
            return Ok(());
        }
        // No room left between the two: everything is spread out anew.
        others.insert(index, moved);
        for (task, n) in others.into_iter().zip(1..) {
            self.change_task(
                task,
                Task {
                    position: n * Task::POSITION_STEP,
                    ..task.clone()
                },
            );
        }
        Ok(())
    }
}

fn tags(tags: impl IntoIterator<Item = Tag>) -> Result<Tags, Refusal> {
    let tags: Tags = tags.into_iter().collect();
    match tags.len() {
        count if count > Tags::MAX => Err(Refusal::TooMany {
            what: "labels on a task",
            max: Tags::MAX,
            count,
        }),
        _ => Ok(tags),
    }
}

/// Gives `task` a repeat whose first day is not before `from`, and the due date that goes with it.
fn set_repeat(task: &mut Task, repeat: &Repeat, from: Date) -> Result<(), Refusal> {
    let day = repeat.rule.first(from).ok_or(Refusal::NeverRepeats)?;
    task.due = Some(
        task.due
            .as_ref()
            .map_or(Due::on(day), |due| due.on_date(day)),
    );
    task.repeat = Some(repeat.clone());
    Ok(())
}

fn adjust_repeat(task: &mut Task, mode: Option<crate::RepeatMode>, missed: Option<crate::Missed>) {
    if let Some(repeat) = &mut task.repeat {
        repeat.mode = mode.unwrap_or(repeat.mode);
        repeat.missed = missed.unwrap_or(repeat.missed);
    }
}

/// The due date of `task` moved by `period` on the clock on the wall.
fn postponed(task: &Task, Period(period): Period) -> Result<Due, Refusal> {
    let due = task.due.as_ref().ok_or(Refusal::NoDue(task.id))?;
    let moved = due
        .civil()
        .checked_add(period)
        .map_err(|_| Refusal::OutsideCalendar)?;
    if moved.date() < Due::EARLIEST {
        return Err(Refusal::OutsideCalendar);
    }
    if due.time.is_none() && moved.time() != jiff::civil::Time::midnight() {
        return Err(Refusal::NoTime(task.id));
    }
    let mut moved_due = due.on_date(moved.date());
    if let Some(time) = &mut moved_due.time {
        // Due dates know minutes and no finer.
        *time = DueTime {
            time: Due::at(moved).time().unwrap_or(time.time),
            zone: time.zone.take(),
        };
    }
    Ok(moved_due)
}
