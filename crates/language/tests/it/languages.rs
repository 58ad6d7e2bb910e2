//! What is read in other languages than English, and that English is not taken for one of them.
//!
//! The sentences are in a file for each language: first the tasks that are there, then a sentence and its reading a line.

use domain::{Task, TaskId};
use language::{Language, Reading, Sight};
use serde_json::json;

use crate::reading::{printed, task, view};

/// The open tasks of a file, by their numbers from 1.
fn tasks(file: &str) -> Vec<Task> {
    let titles = file.lines().filter_map(|line| line.strip_prefix("# "));
    (1..)
        .zip(titles)
        .map(|(id, title)| task(id, title, &json!({})))
        .collect()
}

/// What `text` is read as, said by somebody whose own language is `own`.
fn reading(text: &str, tasks: &[Task], own: Option<&'static Language>) -> Reading {
    let view = view();
    let shown: Vec<TaskId> = tasks.iter().map(|task| task.id).collect();
    let sight = Sight {
        view: &view,
        tasks,
        projects: &[],
        shown: &shown,
        recent: &[TaskId(2)],
        question: None,
        language: own,
    };
    language::read(text, &sight)
}

/// Reads the sentences of a file, which nobody said the language of.
fn check(file: &str) {
    let tasks = tasks(file);
    let sentences = file.lines().filter(|line| line.contains(" => "));
    let (mut count, mut wrong) = (0, String::new());
    for line in sentences {
        let (text, expected) = line.split_once(" => ").unwrap();
        let found = printed(&reading(text, &tasks, None));
        if found != expected {
            wrong += &format!("{text} => {found}\n");
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "read otherwise:\n{wrong}");
    assert!(count >= 25, "{count} sentences are too few");
}

#[test]
fn spanish() {
    check(include_str!("languages/es.txt"));
}

#[test]
fn french() {
    check(include_str!("languages/fr.txt"));
}

#[test]
fn german() {
    check(include_str!("languages/de.txt"));
}

#[test]
fn urdu() {
    check(include_str!("languages/ur.txt"));
}
