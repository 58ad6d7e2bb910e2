//! One user's rows and journal in memory, kept as the store keeps them.

use domain::{
    Change, Changes, Command, Decision, Door, Entry, EntryNeed, Filter, Needs, Origin, Project,
    ProjectId, Refusal, RowId, Rows, Seq, Task, TaskId, View, decide, needs,
};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};

#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) rows: Rows,
    pub(crate) journal: Vec<Entry>,
    pub(crate) now: Timestamp,
}

/// A command from its name and arguments.
pub(crate) fn command(name: &str, arguments: &Value) -> Command {
    serde_json::from_value(json!({ "name": name, "arguments": arguments })).unwrap()
}

impl World {
    /// Nothing yet, at noon on Wednesday 2 December 2026 in UTC.
    pub(crate) fn new() -> Self {
        Self {
            rows: Rows::default(),
            journal: Vec::new(),
            now: "2026-12-02T12:00:00Z".parse().unwrap(),
        }
    }

    /// A world in which these tasks were added, numbered from 1.
    pub(crate) fn with(tasks: &Value) -> Self {
        let mut world = Self::new();
        world.run("add_tasks", &json!({ "tasks": tasks }));
        world
    }

    /// Runs a command and tells what came of it: each row that changed, `unchanged: why`, or the refusal.
    pub(crate) fn run(&mut self, name: &str, arguments: &Value) -> String {
        match self.execute(&command(name, arguments)) {
            Ok(Decision::Change(changes)) => {
                let shown: Vec<String> = changes.changes.iter().map(shown).collect();
                shown.join("; ")
            }
            Ok(Decision::Unchanged(unchanged)) => format!("unchanged: {:?}", unchanged.why),
            Ok(Decision::Reads) => "reads".to_owned(),
            Err(refusal) => format!("refused: {refusal}"),
        }
    }

    pub(crate) fn decide(&self, command: &Command) -> Result<Decision, Refusal> {
        decide(&self.read(&needs(command)), command, self.now)
    }

    pub(crate) fn execute(&mut self, command: &Command) -> Result<Decision, Refusal> {
        self.now += 1.minute();
        let decision = self.decide(command)?;
        if let Decision::Change(changes) = &decision {
            self.commit(command, changes.clone());
        }
        Ok(decision)
    }

    fn commit(&mut self, command: &Command, changes: Changes) {
        let origin = Origin::person(Door::Cli, "request");
        let (entry, head) = changes.entry(&self.rows.head, command, origin, self.now);
        self.rows.apply(&entry.changes);
        self.rows.head = head;
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
        self.journal.push(entry);
    }

    fn entry(&self, need: EntryNeed) -> Option<&Entry> {
        let mut newest = self.journal.iter().rev();
        match need {
            EntryNeed::At(seq) => newest.find(|entry| entry.seq == seq),
            EntryNeed::LastChange => {
                newest.find(|entry| entry.undone_by.is_none() && entry.undoes.is_none())
            }
            EntryNeed::LastUndo => newest
                .take_while(|entry| entry.undoes.is_some())
                .find(|entry| entry.action == "undo_change" && entry.undone_by.is_none()),
        }
    }

    fn named(&self, filter: &Filter) -> Vec<TaskId> {
        let view = View::new(&self.rows.settings, self.now);
        let projects: Vec<Project> = self.rows.projects.values().cloned().collect();
        let meant = |task: &&Task| filter.matches(task, &projects, &view);
        self.rows
            .tasks
            .values()
            .filter(meant)
            .map(|task| task.id)
            .collect()
    }

    /// Only the rows that were asked for, so that a need forgotten shows.
    fn read(&self, needs: &Needs) -> Rows {
        let mut rows = Rows {
            head: self.rows.head,
            settings: self.rows.settings.clone(),
            ..Rows::default()
        };
        let mut tasks = needs.tasks.clone();
        if let Some(filter) = &needs.filter {
            rows.selected = self.named(filter);
            tasks.extend(&rows.selected);
        }
        if needs.steps {
            let parents = tasks.clone();
            let steps = self.rows.tasks.values();
            let steps = steps.filter(|task| task.parent.is_some_and(|id| parents.contains(&id)));
            tasks.extend(steps.map(|task| task.id));
        }
        let mut projects: Vec<ProjectId> = Vec::new();
        if needs.projects {
            projects.extend(self.rows.projects.keys());
        }
        if let Some(entry) = needs.entry.and_then(|need| self.entry(need)) {
            let about: Vec<RowId> = entry.changes.iter().map(Change::row).collect();
            for row in &about {
                match row {
                    RowId::Task(id) => tasks.push(*id),
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
            tasks.extend(self.rows.tasks.values().filter(belongs).map(|task| task.id));
            let same = |later: &&Entry| {
                later.seq > entry.seq
                    && later
                        .changes
                        .iter()
                        .any(|change| about.contains(&change.row()))
            };
            rows.later = self.journal.iter().filter(same).cloned().collect();
            rows.entry = Some(entry.clone());
        }
        let all = &self.rows;
        rows.tasks = tasks
            .iter()
            .filter_map(|id| Some((*id, all.tasks.get(id)?.clone())))
            .collect();
        rows.projects = projects
            .iter()
            .filter_map(|id| Some((*id, all.projects.get(id)?.clone())))
            .collect();
        rows
    }

    /// The rows without what every change sets.
    pub(crate) fn state(&self) -> Rows {
        let mut rows = Rows {
            head: domain::Head::default(),
            ..self.rows.clone()
        };
        for task in rows.tasks.values_mut() {
            (task.version, task.updated_at) = (Seq(0), Timestamp::UNIX_EPOCH);
        }
        for project in rows.projects.values_mut() {
            project.version = Seq(0);
        }
        rows
    }
}

/// `7 “title” now this, was that` for what differs between the two sides of a change.
fn shown(change: &Change) -> String {
    let (what, before, after) = match change {
        Change::Task { before, after } => ("task", json!(before), json!(after)),
        Change::Project { before, after } => ("project", json!(before), json!(after)),
        Change::Settings { before, after } => ("settings", json!(before), json!(after)),
    };
    let id = if after.is_null() {
        &before["id"]
    } else {
        &after["id"]
    };
    let name = if id.is_null() {
        what.to_owned()
    } else {
        format!("{what} {id}")
    };
    let dull = ["id", "version", "updated_at", "created_at", "position"];
    match (before.is_null(), after.as_object()) {
        (false, None) => format!("{name} gone"),
        (_, None) => name,
        (new, Some(after)) => {
            let empty = |value: &Value| {
                value.is_null()
                    || *value == json!("")
                    || *value == json!([])
                    || *value == json!("none")
            };
            let fields = after
                .iter()
                .filter(|(field, _)| {
                    !dull.contains(&field.as_str()) || (!new && *field == "position")
                })
                .filter(|(field, value)| before[*field] != **value && !(new && empty(value)))
                .map(|(field, value)| format!(" {field}={value}"));
            format!(
                "{name}{}{}",
                if new { " new" } else { "" },
                fields.collect::<String>()
            )
        }
    }
}
