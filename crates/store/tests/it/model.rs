//! What the store should do, in memory: rows in maps, filters by their own meaning.

use std::collections::BTreeMap;

use domain::{
    Change, Counts, Days, Entry, EntryNeed, Filter, Head, Needs, Order, Project, ProjectId,
    Receipt, RowId, Rows, Seq, Settings, Task, TaskId, View,
};
use jiff::Timestamp;

#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) head: Head,
    pub(crate) settings: Settings,
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) projects: BTreeMap<ProjectId, Project>,
    pub(crate) journal: Vec<Entry>,
}

impl Model {
    pub(crate) fn commit(&mut self, entry: Entry, head: Head) {
        let mut rows = Rows {
            settings: self.settings.clone(),
            tasks: std::mem::take(&mut self.tasks),
            projects: std::mem::take(&mut self.projects),
            ..Rows::default()
        };
        rows.apply(&entry.changes);
        (self.settings, self.tasks, self.projects) = (rows.settings, rows.tasks, rows.projects);
        if let Some(undoes) = entry.undoes {
            for earlier in &mut self.journal {
                if earlier.undone_by == Some(undoes) {
                    earlier.undone_by = None;
                }
                if earlier.seq == undoes {
                    earlier.undone_by = Some(entry.seq);
                }
            }
        }
        self.head = head;
        self.journal.push(entry);
    }

    fn view(&self, now: Timestamp) -> View {
        View::new(&self.settings, now)
    }

    fn entry(&self, need: EntryNeed) -> Option<&Entry> {
        let newest = || self.journal.iter().rev();
        match need {
            EntryNeed::At(seq) => self.journal.iter().find(|entry| entry.seq == seq),
            EntryNeed::LastChange => {
                newest().find(|entry| entry.undone_by.is_none() && entry.undoes.is_none())
            }
            EntryNeed::LastUndo => newest()
                .take_while(|entry| entry.undoes.is_some())
                .find(|entry| entry.action == "undo_change" && entry.undone_by.is_none()),
        }
    }

    pub(crate) fn read(&self, needs: &Needs, now: Timestamp) -> Rows {
        let mut rows = Rows {
            head: self.head,
            settings: self.settings.clone(),
            ..Rows::default()
        };
        let mut wanted = needs.tasks.clone();
        if let Some(filter) = &needs.filter {
            let selected = self.list(filter, Order::Due, now);
            rows.selected = selected.iter().map(|task| task.id).collect();
            wanted.extend(&rows.selected);
        }
        if needs.steps {
            let parents = wanted.clone();
            let steps = self
                .tasks
                .values()
                .filter(|task| task.parent.is_some_and(|parent| parents.contains(&parent)));
            wanted.extend(steps.map(|task| task.id));
        }
        let mut projects = Vec::new();
        if needs.projects {
            projects.extend(self.projects.keys());
        }
        if let Some(entry) = needs.entry.and_then(|need| self.entry(need)) {
            let about: Vec<RowId> = entry.changes.iter().map(Change::row).collect();
            for row in &about {
                match row {
                    RowId::Task(id) => wanted.push(*id),
                    RowId::Project(id) => projects.push(*id),
                    RowId::Settings => {}
                }
            }
            let belongs = |task: &&Task| {
                task.parent
                    .is_some_and(|id| about.contains(&RowId::Task(id)))
                    || task
                        .project
                        .is_some_and(|id| about.contains(&RowId::Project(id)))
            };
            wanted.extend(self.tasks.values().filter(belongs).map(|task| task.id));
            rows.later = self
                .journal
                .iter()
                .filter(|later| later.seq > entry.seq)
                .filter(|later| {
                    later
                        .changes
                        .iter()
                        .any(|change| about.contains(&change.row()))
                })
                .cloned()
                .collect();
            rows.entry = Some(entry.clone());
        }
        let task = |id: TaskId| self.tasks.get(&id).map(|task| (id, task.clone()));
        rows.tasks = wanted.into_iter().filter_map(task).collect();
        let project = |id: ProjectId| self.projects.get(&id).map(|row| (id, row.clone()));
        rows.projects = projects.into_iter().filter_map(project).collect();
        rows
    }

    pub(crate) fn list(&self, filter: &Filter, order: Order, now: Timestamp) -> Vec<Task> {
        let (view, projects) = (self.view(now), self.all_projects());
        let matching = |task: &&Task| filter.matches(task, &projects, &view);
        let mut tasks: Vec<Task> = self.tasks.values().filter(matching).cloned().collect();
        match order {
            Order::Due => tasks.sort_by_key(|task| {
                let due = task.due.as_ref().map(|due| (due.date, due.time()));
                let rank = task.priority.rank();
                (due.is_none(), due, rank, task.position, task.id)
            }),
            Order::Added => tasks.sort_by_key(|task| task.id),
            Order::Place => tasks.sort_by_key(|task| (task.position, task.id)),
            Order::Completed => {
                tasks.sort_by_key(|task| std::cmp::Reverse((task.completed_at, task.id)));
            }
        }
        tasks
    }

    pub(crate) fn counts(&self, filter: Option<&Filter>, now: Timestamp) -> Counts {
        let count =
            |filter: &Filter| i64::try_from(self.list(filter, Order::Added, now).len()).unwrap();
        Counts {
            filter: filter.cloned(),
            matching: count(filter.unwrap_or(&Filter::Open)),
            open: count(&Filter::Open),
            done: count(&Filter::Done),
            overdue: count(&Filter::Overdue),
            today: count(&Filter::Due(Days::Today)),
            done_today: count(&Filter::DoneIn(Days::Today)),
        }
    }

    fn all_projects(&self) -> Vec<Project> {
        self.projects.values().cloned().collect()
    }

    pub(crate) fn projects(&self, archived: bool) -> Vec<Project> {
        let mut projects = self.all_projects();
        projects.retain(|project| archived || project.archived_at.is_none());
        projects
    }

    pub(crate) fn steps(&self, parent: TaskId) -> Vec<Task> {
        let mut steps: Vec<Task> = self.tasks.values().cloned().collect();
        steps.retain(|task| task.parent == Some(parent) && task.deleted_at.is_none());
        steps.sort_by_key(|task| (task.position, task.id));
        steps
    }

    pub(crate) fn history(&self, task: Option<TaskId>) -> Vec<Receipt> {
        let about = |entry: &&Entry| {
            task.is_none_or(|id| {
                entry
                    .changes
                    .iter()
                    .any(|change| change.row() == RowId::Task(id))
            })
        };
        let entries = self.journal.iter().rev().filter(about);
        entries.cloned().map(Receipt::from).collect()
    }

    /// The number of the last entry.
    pub(crate) fn last(&self) -> Seq {
        self.head.seq
    }
}
