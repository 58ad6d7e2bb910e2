//! What is read in other languages than English, and that English is not taken for one of them.
//!
//! The sentences are in a file for each language: first the tasks that are there, then a sentence and its reading a line, and
//! dates, which begin with `@`.

use domain::{Task, TaskId};
use language::dates;
use language::{Language, Reading, Sight};
use proptest::prelude::*;
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
        tasks,
        shown: &shown,
        recent: &[TaskId(2)],
        language: own,
        ..Sight::new(&view)
    };
    language::read(text, &sight)
}

/// What the first date in `text` comes to, said by somebody whose own language is `own`.
fn dated(text: &str, own: &'static Language) -> String {
    let found = dates::find_for(text, &view(), own);
    let Some(found) = found.first() else {
        return "none".to_owned();
    };
    let due = found.schedule.due.as_ref().map(ToString::to_string);
    let mut meaning = due.unwrap_or_default();
    if let Some(stretch) = &found.stretch {
        let day = |side: Option<jiff::civil::DateTime>| {
            side.map_or(String::new(), |side| {
                side.to_string().replace("T00:00:00", "")
            })
        };
        meaning = format!("{}..{}", day(stretch.start), day(stretch.end));
    }
    match &found.schedule.repeat {
        Some(repeat) => format!("{} from {meaning}", repeat.rule),
        None => meaning,
    }
}

/// Reads the sentences of a file, which nobody said the language of, and its dates.
fn check(tag: &str, file: &str) {
    let (tasks, own) = (tasks(file), Language::tagged(tag).unwrap());
    let sentences = file.lines().filter(|line| line.contains(" => "));
    let (mut count, mut wrong) = (0, String::new());
    for line in sentences {
        let (text, expected) = line.split_once(" => ").unwrap();
        let found = match text.strip_prefix("@ ") {
            Some(date) => dated(date, own),
            None => printed(&reading(text, &tasks, None)),
        };
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
    check("es", include_str!("languages/es.txt"));
}

#[test]
fn french() {
    check("fr", include_str!("languages/fr.txt"));
}

#[test]
fn german() {
    check("de", include_str!("languages/de.txt"));
}

#[test]
fn urdu() {
    check("ur", include_str!("languages/ur.txt"));
}

#[test]
fn english_is_not_taken_for_another_language() {
    check("en", include_str!("languages/en.txt"));
}

#[test]
fn what_is_open_is_settled_by_the_users_language() {
    let said = |text: &str, tag: &str| printed(&reading(text, &[], Language::tagged(tag)));
    let day = |text: &str, tag: &str| dated(text, Language::tagged(tag).unwrap());
    assert_eq!(day("kal", "ur-Latn"), "2026-11-25");
    assert_eq!(day("kal", "en"), "none");
    assert_eq!(day("am 3.", "de"), "2026-12-03");
    assert_eq!(day("am 3.", "en"), "none");
    assert_eq!(day("so um 5", "de-AT"), "2026-11-29T17:00");
    // What is clear needs no setting, and none changes it.
    let clear = "add_task \u{201c}Call mum\u{201d} due=2026-11-25";
    for tag in ["en", "es", "fr", "de", "ur"] {
        assert_eq!(said("call mum tomorrow", tag), clear, "{tag}");
    }
    let clear = "add_task \u{201c}Comprar pan\u{201d} due=2026-11-25";
    for tag in ["en", "es-MX", "fr", "de", "ur"] {
        assert_eq!(said("añade comprar pan mañana", tag), clear, "{tag}");
    }
    assert!(Language::tagged("ja").is_none());
}

#[test]
fn accents_may_be_left_out() {
    let said = |text: &str| printed(&reading(text, &[], None));
    for (with, without) in [
        ("añade comprar pan mañana", "anade comprar pan manana"),
        (
            "recuérdame el sábado limpiar",
            "recuerdame el sabado limpiar",
        ),
        ("Oma anrufen übermorgen", "Oma anrufen uebermorgen"),
        ("Oma anrufen übermorgen", "Oma anrufen ubermorgen"),
        ("lösche Aufgabe 3", "loesche Aufgabe 3"),
    ] {
        let plain = |text: String| text.replace('ñ', "n").replace('á', "a");
        assert_eq!(plain(said(with)), plain(said(without)), "{without}");
    }
}

proptest! {
    /// Words of all languages in any order, with any signs between them.
    #[test]
    fn nothing_panics(text in "((add|añade|lösche|l'|d\u{2019}eau|qu'|demain|el|am|vor|3|14\\.|15h30|:|,|-|halb|vier|kal|baje|har|peer|list|mein|é|ß|\"|hace|dos|días|[ -~])[ ]?){0,14}") {
        for tag in ["en", "es", "fr", "de", "ur"] {
            let own = Language::tagged(tag);
            reading(&text, &[], own);
            for found in dates::find_for(&text, &view(), own.unwrap()) {
                prop_assert!(text.get(found.span).is_some());
            }
        }
    }
}
