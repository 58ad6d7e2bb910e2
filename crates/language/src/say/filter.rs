//! A filter in plain words: `overdue & +Work & !@waiting` is “Overdue tasks in Work, not labelled @waiting”.

use std::slice;

use domain::{Filter, Priority, View};

use super::{capital, span};

/// Which tasks a filter names, as somebody with `view` would say it.
pub fn filter(filter: &Filter, view: &View) -> String {
    let parts = match filter {
        Filter::And(parts) => parts.as_slice(),
        one => slice::from_ref(one),
    };
    let said = |wanted: fn(&Filter) -> bool| {
        let parts = parts.iter().filter(move |part| wanted(part));
        parts.map(|part| predicate(part, view))
    };
    let words: Vec<String> = said(goes_before)
        .chain(["tasks".to_owned()])
        .chain(said(goes_after))
        .collect();
    let apart = said(|part| !goes_before(part) && !goes_after(part));
    let all: Vec<String> = [words.join(" ")].into_iter().chain(apart).collect();
    capital(&all.join(", "))
}

/// Whether it is said before “tasks”.
fn goes_before(filter: &Filter) -> bool {
    match filter {
        Filter::Open | Filter::Done | Filter::Overdue | Filter::Repeating => true,
        Filter::Priority(priority) => *priority != Priority::None,
        _ => false,
    }
}

/// Whether it is said right after “tasks”; what is neither stands behind a comma.
fn goes_after(filter: &Filter) -> bool {
    match filter {
        Filter::All | Filter::And(_) | Filter::Or(_) => false,
        Filter::Not(inner) => matches!(**inner, Filter::HasDate(_)),
        other => !goes_before(other),
    }
}

/// What a task is that a filter names.
fn predicate(filter: &Filter, view: &View) -> String {
    let each = |parts: &[Filter], last: &str| {
        let said: Vec<String> = parts.iter().map(|part| predicate(part, view)).collect();
        match said.as_slice() {
            [] => "none".to_owned(),
            [one] => one.clone(),
            [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
        }
    };
    match filter {
        Filter::Open => "open".to_owned(),
        Filter::Done => "done".to_owned(),
        Filter::All => "open or done".to_owned(),
        Filter::Trash => "in the trash".to_owned(),
        Filter::Overdue => "overdue".to_owned(),
        Filter::HasDate(true) => "with a due date".to_owned(),
        Filter::HasDate(false) => "without a due date".to_owned(),
        Filter::Due(days) => format!("due {}", span(days, view)),
        Filter::DoneIn(days) => format!("done {}", span(days, view)),
        Filter::Repeating => "repeating".to_owned(),
        Filter::Priority(Priority::None) => "without a priority".to_owned(),
        Filter::Priority(priority) => super::priority(*priority).to_owned(),
        Filter::Tag(tag) => format!("labelled @{tag}"),
        Filter::Project(name) => format!("in {name}"),
        Filter::ProjectNumber(id) => format!("in project {id}"),
        // A project or a label, whichever there is.
        Filter::Label(name) => format!("in #{name}"),
        Filter::Inbox => "in the inbox".to_owned(),
        Filter::Under(id) => format!("under task {id}"),
        Filter::Number(id) => format!("with the number {id}"),
        Filter::Text(text) => format!("with \u{201c}{text}\u{201d}"),
        Filter::Not(inner) => match &**inner {
            Filter::HasDate(has) => predicate(&Filter::HasDate(!has), view),
            Filter::Or(parts) => format!("neither {}", each(parts, "nor")),
            Filter::And(parts) => format!("not all of {}", each(parts, "and")),
            Filter::Not(twice) => predicate(twice, view),
            other => format!("not {}", predicate(other, view)),
        },
        Filter::And(parts) => each(parts, "and"),
        Filter::Or(parts) => format!("either {}", each(parts, "or")),
    }
}
