//! What somebody else's agent is answered: data whose shape is known beforehand, and the same in words.

use domain::{
    Happened, Outcome, Overview, Priority, Project, ProjectId, ProposalId, Receipt, Seq, Task,
    TaskDetail, TaskId, TaskPage, View,
};
use jiff::tz::TimeZone;
use language::say;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::status;
use crate::Proposed;

/// An answer to somebody else's agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// As data, in the shape that the tool's definition says.
    pub content: Value,
    /// All of it in words.
    pub text: String,
}

impl Answer {
    /// Whether nothing has changed yet, because the owner has to say yes first.
    pub(crate) fn is_waiting(&self) -> bool {
        self.content["status"] == WAITING
    }
}

/// The status of what waits for the owner's yes.
const WAITING: &str = "waiting_for_approval";

/// A task as agents see it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Row {
    id: TaskId,
    title: String,
    /// `pending`, `completed` or `deleted`.
    status: &'static str,
    completed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<Priority>,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<TaskId>,
}

/// What came of a change of one task.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct Written {
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_id: Option<TaskId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<Seq>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    already: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_due: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal_id: Option<ProposalId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Map>")]
    task: Option<Row>,
}

/// Any object: what is in it is said elsewhere.
type Map = serde_json::Map<String, Value>;

/// What came of a change of several tasks.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct WrittenMany {
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal_id: Option<ProposalId>,
    results: Vec<TaskResult>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TaskResult {
    task_id: TaskId,
    status: &'static str,
    title: String,
}

/// What came of a change of a project.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(super) struct ProjectWritten {
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<ProjectId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<Seq>,
    #[serde(skip_serializing_if = "Option::is_none")]
    proposal_id: Option<ProposalId>,
}

/// Tasks that were asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Listed {
    /// How what was asked for was read.
    filter: String,
    tasks: Vec<Row>,
    count: usize,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    now: String,
    timezone: String,
}

/// One task.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Shown {
    #[schemars(with = "Map")]
    task: Row,
    description: String,
    #[schemars(with = "Vec<Map>")]
    steps: Vec<Row>,
    now: String,
    timezone: String,
}

/// What there is to do.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Overviewed {
    date: String,
    #[schemars(with = "Vec<Map>")]
    overdue: Vec<Row>,
    #[schemars(with = "Vec<Map>")]
    today: Vec<Row>,
    #[schemars(with = "Vec<Map>")]
    upcoming: Vec<Row>,
    /// Whether a part may have more than it shows.
    is_cut: bool,
    #[schemars(with = "Map")]
    counts: Value,
    now: String,
    timezone: String,
}

/// Projects.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Projects {
    projects: Vec<ProjectRow>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ProjectRow {
    id: ProjectId,
    name: String,
    archived: bool,
}

/// What was found by words.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Found {
    results: Vec<FoundTask>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FoundTask {
    id: String,
    title: String,
    url: String,
}

/// What a user sees, and what their projects are called.
pub(crate) struct Seen {
    pub(crate) view: View,
    pub(crate) projects: Vec<Project>,
}

impl Seen {
    fn row(&self, task: &Task) -> Row {
        let home = self.view.now.time_zone();
        let named = |id: ProjectId| self.projects.iter().find(|project| project.id == id);
        Row {
            id: task.id,
            title: task.title.to_string(),
            status: if task.is_trashed() {
                "deleted"
            } else if task.is_done() {
                "completed"
            } else {
                "pending"
            },
            completed: task.completed_at.is_some(),
            due_date: task
                .due
                .as_ref()
                .map(|due| due.local(home).date().to_string()),
            due_at: due_at(task, home),
            repeat: task.repeat.as_ref().map(|repeat| repeat.rule.to_string()),
            priority: Some(task.priority).filter(|priority| *priority != Priority::None),
            project: task
                .project
                .and_then(named)
                .map(|project| project.name.to_string()),
            tags: task.tags.iter().map(ToString::to_string).collect(),
            parent_id: task.parent,
        }
    }

    fn rows(&self, tasks: &[Task]) -> Vec<Row> {
        tasks.iter().map(|task| self.row(task)).collect()
    }

    fn now(&self) -> String {
        self.view.now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    fn timezone(&self) -> String {
        let name = self.view.now.time_zone().iana_name();
        name.unwrap_or("UTC").to_owned()
    }

    /// The answer of the tool `name`, which was called for `task`, if for one.
    pub(crate) fn answer(&self, name: &str, task: Option<TaskId>, outcome: &Outcome) -> Answer {
        let said = || say::outcome(outcome, &self.view, &self.projects);
        match outcome {
            Outcome::Changed(receipt) => self.changed(name, task, receipt, &said()),
            Outcome::Unchanged(unchanged) => {
                let row = unchanged.tasks.first().map(|task| self.row(task));
                let content = if task.is_some() {
                    value(Written {
                        status: unchanged
                            .tasks
                            .first()
                            .map_or("unchanged", |task| already(name, task))
                            .to_owned(),
                        already: true,
                        task_id: row.as_ref().map(|row| row.id),
                        title: row.as_ref().map(|row| row.title.clone()),
                        task: row,
                        ..Written::default()
                    })
                } else {
                    json!({ "status": "unchanged", "results": [] })
                };
                Answer {
                    content,
                    text: said(),
                }
            }
            Outcome::Tasks(page) => self.listed(page),
            Outcome::Task(detail) => self.shown(detail),
            Outcome::Overview(overview) => self.overviewed(overview),
            Outcome::Projects { projects } => Answer {
                text: said(),
                content: value(Projects {
                    projects: projects
                        .iter()
                        .map(|project| ProjectRow {
                            id: project.id,
                            name: project.name.to_string(),
                            archived: project.archived_at.is_some(),
                        })
                        .collect(),
                }),
            },
            Outcome::Counts(_) | Outcome::History(_) => Answer {
                content: value(outcome),
                text: said(),
            },
        }
    }

    /// That a change waits for its owner, and nothing has changed yet.
    pub(crate) fn waiting(name: &str, task: Option<TaskId>, proposed: &Proposed) -> Answer {
        let status = WAITING.to_owned();
        let proposal_id = Some(proposed.id);
        let content = if name.ends_with("_project") {
            value(ProjectWritten {
                status,
                proposal_id,
                ..ProjectWritten::default()
            })
        } else if task.is_some() || name == "add_task" {
            value(Written {
                status,
                task_id: task,
                proposal_id,
                ..Written::default()
            })
        } else {
            value(WrittenMany {
                status,
                proposal_id,
                ..WrittenMany::default()
            })
        };
        Answer {
            text: format!(
                "Nothing has changed yet: this waits for the owner's yes in Sayso (proposal {}, until {}). {}",
                proposed.id,
                proposed.expires_at.strftime("%Y-%m-%d"),
                on_one_line(&proposed.text)
            ),
            content,
        }
    }

    fn changed(&self, name: &str, task: Option<TaskId>, receipt: &Receipt, said: &str) -> Answer {
        let said = on_one_line(said);
        let mut named = String::new();
        let content = if name.ends_with("_project") {
            let project = receipt.changes.iter().find_map(|change| match change {
                domain::Change::Project { before, after } => after.as_ref().or(before.as_ref()),
                _ => None,
            });
            value(ProjectWritten {
                status: match name {
                    "add_project" => "created",
                    "delete_project" => "deleted",
                    _ => "updated",
                }
                .to_owned(),
                project_id: project.map(|project| project.id),
                name: project.map(|project| project.name.to_string()),
                change_id: Some(receipt.change_id),
                proposal_id: None,
            })
        } else if let Some((task, before, happened)) = main_task(name, task, receipt) {
            named = format!("task {}, ", task.id);
            value(Written {
                status: status(happened).to_owned(),
                task_id: Some(task.id),
                title: Some(task.title.to_string()),
                change_id: Some(receipt.change_id),
                already: false,
                changed: match (before, happened) {
                    (Some(before), Happened::Updated) => differing(before, task),
                    _ => Vec::new(),
                },
                next_due: next(receipt, task, happened)
                    .map(|next| next.local(self.view.now.time_zone()).date().to_string()),
                proposal_id: None,
                task: Some(self.row(task)),
            })
        } else {
            let results = receipt.tasks().map(|(task, _, happened)| TaskResult {
                task_id: task.id,
                status: status(happened),
                title: task.title.to_string(),
            });
            named = numbers(receipt);
            value(WrittenMany {
                status: match name {
                    "add_tasks" => "created",
                    "complete_tasks" => "completed",
                    "delete_tasks" => "deleted",
                    "empty_trash" => "removed",
                    "undo_change" => "undone",
                    _ => "updated",
                }
                .to_owned(),
                change_id: Some(receipt.change_id),
                proposal_id: None,
                results: results.collect(),
            })
        };
        Answer {
            text: format!("{said} ({named}change {})", receipt.change_id),
            content,
        }
    }

    fn listed(&self, page: &TaskPage) -> Answer {
        let tasks = self.rows(&page.tasks);
        let (now, timezone) = (self.now(), self.timezone());
        let mut lines = vec![format!(
            "{} of {} tasks ({}). It is {now} ({timezone}).",
            tasks.len(),
            page.total,
            page.filter
        )];
        lines.extend(tasks.iter().map(line));
        lines.extend(
            page.next_cursor
                .as_ref()
                .map(|cursor| format!("More with cursor {cursor}")),
        );
        Answer {
            text: lines.join("\n"),
            content: value(Listed {
                filter: page.filter.to_string(),
                count: tasks.len(),
                tasks,
                total: page.total,
                next_cursor: page.next_cursor.clone(),
                now,
                timezone,
            }),
        }
    }

    fn shown(&self, detail: &TaskDetail) -> Answer {
        let task = self.row(&detail.task);
        let steps = self.rows(&detail.steps);
        let mut lines = vec![line(&task)];
        if !detail.task.description.is_empty() {
            lines.push(detail.task.description.to_string());
        }
        lines.extend(steps.iter().map(|step| format!("  {}", line(step))));
        Answer {
            text: lines.join("\n"),
            content: value(Shown {
                task,
                description: detail.task.description.to_string(),
                steps,
                now: self.now(),
                timezone: self.timezone(),
            }),
        }
    }

    fn overviewed(&self, overview: &Overview) -> Answer {
        let (now, timezone) = (self.now(), self.timezone());
        let parts = [
            ("Overdue", self.rows(&overview.overdue)),
            ("Due that day", self.rows(&overview.today)),
            ("The seven days after", self.rows(&overview.upcoming)),
        ];
        let mut lines = vec![format!(
            "{}. It is {now} ({timezone}). {} open, {} done.",
            overview.date, overview.counts.open, overview.counts.done
        )];
        let is_full = |rows: &[Row]| rows.len() == Overview::PART_MAX as usize;
        for (name, rows) in &parts {
            let more = if is_full(rows) { " or more" } else { "" };
            lines.push(format!("{name}: {}{more}", rows.len()));
            lines.extend(rows.iter().map(line));
        }
        let is_cut = parts.iter().any(|(_, rows)| is_full(rows));
        if is_cut {
            lines.push("A part shows so many at most; list_tasks shows all.".to_owned());
        }
        let [(_, overdue), (_, today), (_, upcoming)] = parts;
        Answer {
            text: lines.join("\n"),
            content: value(Overviewed {
                date: overview.date.to_string(),
                overdue,
                today,
                upcoming,
                is_cut,
                counts: json!({
                    "open": overview.counts.open, "done": overview.counts.done,
                    "done_today": overview.counts.done_today,
                }),
                now,
                timezone,
            }),
        }
    }

    /// What `search` answers: the JSON is all that its hosts read.
    pub(crate) fn found(page: &TaskPage, base_url: &str) -> Answer {
        let found = page.tasks.iter().map(|task| FoundTask {
            id: format!("task:{}", task.id),
            title: task.title.to_string(),
            url: url(base_url, task.id),
        });
        let content = value(Found {
            results: found.collect(),
        });
        Answer {
            text: content.to_string(),
            content,
        }
    }

    /// What `fetch` answers, likewise.
    pub(crate) fn fetched(&self, detail: &TaskDetail, base_url: &str) -> Answer {
        let content = json!({
            "id": format!("task:{}", detail.task.id),
            "title": detail.task.title,
            "text": self.shown(detail).text,
            "url": url(base_url, detail.task.id),
            "metadata": self.row(&detail.task),
        });
        Answer {
            text: content.to_string(),
            content,
        }
    }
}

fn on_one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(" ")
}

fn url(base_url: &str, task: TaskId) -> String {
    format!("{base_url}/tasks/{task}")
}

/// As JSON: these are plain structs, which always can be.
fn value(answer: impl Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or_default()
}

/// When exactly it is due, by the clock of its owner. `None` if it is due all day or never.
fn due_at(task: &Task, home: &TimeZone) -> Option<String> {
    let due = task.due.as_ref().filter(|due| due.time().is_some())?;
    let due = due.instant(home).to_zoned(home.clone());
    Some(due.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// The numbers of the tasks that a change is about, for hosts that read words alone.
fn numbers(receipt: &Receipt) -> String {
    const NUMBERS_MAX: usize = 50;
    let ids: Vec<String> = receipt
        .tasks()
        .map(|(task, ..)| task.id.to_string())
        .collect();
    match ids.len() {
        0 => String::new(),
        1 => format!("task {}, ", ids[0]),
        count if count > NUMBERS_MAX => {
            let more = count - NUMBERS_MAX;
            format!("tasks {} and {more} more, ", ids[..NUMBERS_MAX].join(", "))
        }
        _ => format!("tasks {}, ", ids.join(", ")),
    }
}

/// A task on one line.
fn line(row: &Row) -> String {
    let due = row.due_at.as_deref().or(row.due_date.as_deref());
    let facts: Vec<String> = [
        due.map(|due| format!("due {due}")),
        row.repeat.as_ref().map(|rule| format!("repeats {rule}")),
        row.priority.map(|priority| format!("priority {priority}")),
        row.project.as_ref().map(|name| format!("project {name}")),
        (!row.tags.is_empty()).then(|| format!("tags {}", row.tags.join(", "))),
        (row.status != "pending").then(|| row.status.to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let facts = if facts.is_empty() {
        String::new()
    } else {
        format!(" ({})", facts.join("; "))
    };
    format!("#{} {}{facts}", row.id, row.title)
}

/// The task that a change of one task was about; what else it changed followed from that.
fn main_task<'a>(
    name: &str,
    task: Option<TaskId>,
    receipt: &'a Receipt,
) -> Option<(&'a Task, Option<&'a Task>, Happened)> {
    receipt.tasks().find(|(changed, _, happened)| match task {
        Some(id) => changed.id == id,
        None => name == "add_task" && *happened == Happened::Added,
    })
}

/// The contract's word for a task that is so already.
fn already(name: &str, task: &Task) -> &'static str {
    match name {
        "complete_task" if task.is_done() => "completed",
        "reopen_task" if task.is_open() => "reopened",
        _ => "unchanged",
    }
}

/// The next time of a repeating task that was completed.
fn next<'a>(receipt: &'a Receipt, task: &Task, happened: Happened) -> Option<&'a domain::Due> {
    let mut added = receipt.tasks().filter(|(next, _, happened)| {
        *happened == Happened::Added && next.parent == task.parent && next.repeat.is_some()
    });
    (happened == Happened::Completed)
        .then(|| added.next())??
        .0
        .due
        .as_ref()
}

/// The names of the fields that differ.
fn differing(before: &Task, after: &Task) -> Vec<&'static str> {
    let fields = [
        ("title", before.title != after.title),
        ("description", before.description != after.description),
        ("due", before.due != after.due),
        ("repeat", before.repeat != after.repeat),
        ("priority", before.priority != after.priority),
        ("tags", before.tags != after.tags),
        ("project", before.project != after.project),
        ("parent_id", before.parent != after.parent),
        ("place", before.position != after.position),
    ];
    let differing = fields.into_iter().filter(|(_, differs)| *differs);
    differing.map(|(name, _)| name).collect()
}
