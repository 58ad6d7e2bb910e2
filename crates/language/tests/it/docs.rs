//! What docs/language.md says is so.

use domain::{Project, Task, TaskId, View, WeekStart};
use language::{Reading, Sight, dates, say};
use serde_json::json;

use crate::reading::task;

const DOCS: &str = include_str!("../../../../docs/language.md");

/// Wednesday, 25 November 2026, a quarter past nine, as the page says.
fn view() -> View {
    View {
        now: "2026-11-25T09:15:00[Europe/Lisbon]".parse().unwrap(),
        week_start: WeekStart::Monday,
    }
}

/// The tasks that its examples speak of.
fn tasks() -> Vec<Task> {
    let due = |day: &str| json!({ "due_date": day });
    let done = json!({ "completed_at": "2026-11-24T09:00:00Z" });
    vec![
        task(1, "Buy groceries", &due("2026-11-25")),
        task(2, "Dentist appointment", &due("2026-11-27")),
        task(3, "Write the report", &json!({})),
        task(4, "Call the landlord", &json!({})),
        task(5, "Iron the shirts", &json!({})),
        task(6, "Book cinema tickets", &json!({})),
        task(7, "Milk", &json!({})),
        task(8, "Pay rent", &done),
    ]
}

/// The project that they speak of.
fn work() -> Project {
    serde_json::from_value(json!({ "id": 1, "name": "Work", "version": 1 })).unwrap()
}

/// The names of the commands that `text` is read as; empty if it is read as something else.
fn commands(text: &str) -> Vec<&'static str> {
    let (view, tasks) = (view(), tasks());
    let sight = Sight {
        view: &view,
        tasks: &tasks,
        projects: &[work()],
        shown: &[TaskId(3), TaskId(1), TaskId(4)],
        recent: &[TaskId(3)],
        question: None,
        did: &[],
        language: None,
    };
    match language::read(text, &sight) {
        Reading::Act(steps) => steps.iter().map(|step| step.command.name()).collect(),
        _ => Vec::new(),
    }
}

/// The rows of the table under a heading, each as its cells, without the heads of the columns.
fn table(heading: &str) -> Vec<Vec<&'static str>> {
    let (_, section) = DOCS.split_once(&format!("\n{heading}\n")).unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with('|'));
    let rows = lines.take_while(|line| line.starts_with('|')).skip(2);
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

/// What stands between quotes.
fn quoted(cell: &'static str) -> impl Iterator<Item = &'static str> {
    cell.split('"').skip(1).step_by(2)
}

#[test]
fn every_example_is_read_as_what_it_is_an_example_of() {
    let mut wrong = Vec::new();
    assert!(table("## By intent").len() > 9 && table("## Other languages").len() == 4);
    for row in table("## By intent") {
        let names: &[&str] = match row[0] {
            "add" => &["add_task"],
            "add several" => &["add_tasks"],
            "look" => &["list_tasks"],
            "find" => &["list_tasks", "get_task"],
            "count" => &["count_tasks"],
            "plan" => &["get_overview"],
            "complete" => &["complete_task", "complete_tasks"],
            "reopen" => &["reopen_task"],
            "change" => &["update_task", "update_tasks"],
            "delete" => &["delete_task", "delete_tasks", "empty_trash"],
            "several things at once" => &["complete_task", "delete_task"],
            "take back" => &["undo_change", "redo_change", "get_history"],
            "ask for help" => continue,
            other => panic!("no commands for {other}"),
        };
        for text in quoted(row[1]) {
            let read = commands(text);
            if read.is_empty() || !read.iter().all(|name| names.contains(name)) {
                wrong.push(format!("{}: {text}: {read:?}", row[0]));
            }
        }
    }
    for row in table("## Other languages") {
        for (cell, name) in
            row[1..]
                .iter()
                .zip(["add_task", "list_tasks", "complete_task", "delete_task"])
        {
            for text in quoted(cell) {
                if commands(text) != [name] {
                    wrong.push(format!("{}: {text}: {:?}", row[0], commands(text)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_date_means_what_it_is_said_to_mean() {
    let view = view();
    let mut wrong = Vec::new();
    assert!(table("## Dates").len() > 30 && table("### Repeats").len() > 10);
    for row in table("## Dates").into_iter().chain(table("### Repeats")) {
        let text = row[0].trim_matches('"');
        let meant = dates::when(text, &view).unwrap_or_default();
        let due = meant.due.map(|due| say::due(&due, &view));
        let repeat = meant.repeat.map(|repeat| say::rule(&repeat));
        if due.as_deref() != Some(row[1]) || repeat.as_deref() != row.get(2).copied() {
            wrong.push(format!("{text}: {due:?} {repeat:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
