//! The store as it would be if memory were all it had to be: maps, vectors and the meaning of filters in memory.

use std::collections::BTreeMap;

use domain::{
    Command, Decision, Entry, EntryNeed, Filter, Needs, Order, Project, Rows, Seq, Task, TaskId,
    View, decide, needs,
};
use jiff::Timestamp;

use crate::database::{Ran, origin};

#[derive(Default)]
pub(crate) struct Model {
    rows: Rows,
    journal: Vec<Entry>,
}

impl Model {
    pub(crate) fn run(&mut self, command: &Command, now: Timestamp) -> Ran {
        let rows = self.read(&needs(command), now);
        match decide(&rows, command, now) {
            Ok(Decision::Change(changes)) => {
                let (entry, head) = changes.entry(&rows.head, command, origin(), now);
                self.rows.apply(&entry.changes);
                self.rows.head = head;
                if let Some(undone) = entry.undoes {
                    for other in &mut self.journal {
                        if other.undone_by == Some(undone) {
                            other.undone_by = None;
                        }
                        if other.seq == undone {
                            other.undone_by = Some(entry.seq);
                        }
                    }
                }
                self.journal.push(entry.clone());
                Ran::Changed(Box::new(entry))
            }
            Ok(_) => Ran::Unchanged,
            Err(refusal) => Ran::Refused(refusal),
        }
    }

    pub(crate) fn read(&self, needs: &Needs, now: Timestamp) -> Rows {
        let mut rows = Rows {
            head: self.rows.head,
            settings: self.rows.settings.clone(),
            ..Rows::default()
        };
        let mut take = |id: &TaskId| {
            if let Some(task) = self.rows.tasks.get(id) {
                rows.tasks.insert(*id, task.clone());
            }
        };
        needs.tasks.iter().for_each(&mut take);
        if let Some(filter) = &needs.filter {
            rows.selected = self
                .list(filter, Order::Due, now)
                .iter()
                .map(|task| task.id)
                .collect();
            let selected = rows.selected.clone();
            for id in selected {
                rows.tasks.insert(id, self.rows.tasks[&id].clone());
            }
        }
        if needs.steps {
            let parents: Vec<TaskId> = rows.tasks.keys().copied().collect();
            for task in self.rows.tasks.values() {
                if task.parent.is_some_and(|parent| parents.contains(&parent)) {
                    rows.tasks.insert(task.id, task.clone());
                }
            }
        }
        if needs.projects {
            rows.projects = self.rows.projects.clone();
        }
        let ordinary = |entry: &&Entry| entry.undoes.is_none();
        let entry = match needs.entry {
            None => None,
            Some(EntryNeed::At(seq)) => self.journal.iter().find(|entry| entry.seq == seq),
            Some(EntryNeed::LastChange) => self
                .journal
                .iter()
                .rev()
                .find(|entry| ordinary(entry) && entry.undone_by.is_none()),
            Some(EntryNeed::LastUndo) => self
                .journal
                .iter()
                .rev()
                .take_while(|entry| !ordinary(entry))
                .find(|entry| entry.action == "undo_change" && entry.undone_by.is_none()),
        };
        if let Some(entry) = entry {
            let touched: Vec<_> = entry.changes.iter().map(domain::Change::row).collect();
            for row in &touched {
                match row {
                    domain::RowId::Task(id) => {
                        rows.tasks
                            .extend(self.rows.tasks.get(id).map(|task| (*id, task.clone())));
                    }
                    domain::RowId::Project(id) => {
                        rows.projects.extend(
                            self.rows
                                .projects
                                .get(id)
                                .map(|project| (*id, project.clone())),
                        );
                    }
                    domain::RowId::Settings => {}
                }
            }
            let about = |later: &&Entry| {
                later.seq > entry.seq
                    && later
                        .changes
                        .iter()
                        .any(|change| touched.contains(&change.row()))
            };
            rows.later = self.journal.iter().filter(about).cloned().collect();
            rows.entry = Some(entry.clone());
        }
        rows
    }

    /// Every task that `filter` names, in order.
    pub(crate) fn list(&self, filter: &Filter, order: Order, now: Timestamp) -> Vec<Task> {
        let view = View::new(&self.rows.settings, now);
        let projects: Vec<Project> = self.rows.projects.values().cloned().collect();
        let mut tasks: Vec<Task> = self
            .rows
            .tasks
            .values()
            .filter(|task| filter.matches(task, &projects, &view))
            .cloned()
            .collect();
        let due = |task: &Task| {
            let due = task.due.as_ref();
            (
                due.is_none(),
                due.map(|due| due.date),
                due.and_then(domain::Due::time),
            )
        };
        tasks.sort_by(|one, other| match order {
            Order::Due => (due(one), one.priority.rank(), one.position, one.id).cmp(&(
                due(other),
                other.priority.rank(),
                other.position,
                other.id,
            )),
            Order::Added => one.id.cmp(&other.id),
            Order::Place => (one.position, one.id).cmp(&(other.position, other.id)),
            Order::Completed => (other.completed_at, other.id).cmp(&(one.completed_at, one.id)),
        });
        tasks
    }

    pub(crate) fn journal(&self) -> &[Entry] {
        &self.journal
    }

    pub(crate) fn projects(&self) -> &BTreeMap<domain::ProjectId, Project> {
        &self.rows.projects
    }

    /// The number that the next task gets.
    pub(crate) fn next_task(&self) -> i64 {
        self.rows.head.next_task.0
    }

    pub(crate) fn last(&self) -> Seq {
        self.rows.head.seq
    }
}
