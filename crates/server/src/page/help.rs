//! What can be said, and which keys do what.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::frame::{Frame, Look, Scene};
use super::{Visitor, html};
use crate::{Problem, Server};

/// What can be said, by what it is about. A test says each of these.
const SAYINGS: &[(&str, &[&str])] = &[
    (
        "Add",
        &[
            "add buy oat milk",
            "remind me to ring the dentist tomorrow at 4pm",
            "I have to hand in the report by friday",
            "add eggs, rice and soap",
            "add water the ferns every 3 days",
            "add take out the bins every tuesday at 7am",
            "add book flights next monday #travel p1",
        ],
    ),
    (
        "Look",
        &[
            "what's due today?",
            "what is overdue?",
            "show everything labelled errand",
            "what did I finish this week?",
            "how many tasks do I have?",
            "find dentist",
        ],
    ),
    (
        "Finish",
        &[
            "done with the laundry",
            "I've called the dentist",
            "mark the laundry as not done",
        ],
    ),
    (
        "Change",
        &[
            "move the laundry to saturday",
            "rename the laundry to wash the curtains",
            "make the laundry high priority",
            "put the laundry in the project House",
            "label the laundry errand",
            "repeat the laundry every week",
            "move all overdue tasks to tomorrow",
        ],
    ),
    (
        "Delete and take back",
        &[
            "delete the laundry",
            "delete all completed tasks",
            "undo",
            "what did I change today?",
        ],
    ),
];

/// How a filter is written, and what it finds. A test reads each of these.
const FILTERS: &[(&str, &str)] = &[
    ("overdue", "due before now, and open"),
    ("today | tomorrow", "either of two"),
    ("#work & !p1", "in Work, and not of priority 1"),
    ("@errand & this week", "labelled errand, due this week"),
    ("no date & inbox", "not planned yet"),
    ("milk", "with this word"),
];

/// What a key does.
pub(super) struct Key {
    /// What is written on it, or on those pressed together.
    pub(super) keys: &'static str,
    pub(super) does: &'static str,
}

const fn key(keys: &'static str, does: &'static str) -> Key {
    Key { keys, does }
}

/// What the single letters do; each can be another letter.
pub(super) const LETTERS: &[(char, &str)] = &[
    ('q', "Add a task"),
    ('n', "Add a task, too"),
    ('j', "Next row"),
    ('k', "Row before"),
    ('o', "Open the row"),
    ('d', "Complete, or reopen"),
    ('e', "Edit the title"),
    ('s', "Schedule"),
    ('r', "Repeat"),
    ('l', "Labels"),
    ('m', "Move to a project"),
    ('x', "Select"),
    ('c', "Open the assistant"),
    ('a', "Ask about the row, or those selected"),
    ('u', "Undo; with Shift, redo"),
    ('h', "Activity"),
    ('g', "Go to a list: then t, u, i, a, d or p"),
    ('t', "Theme: then d, l or s"),
];

/// What other keys do.
const KEYS: &[Key] = &[
    key("/", "Search"),
    key("Ctrl K", "Command palette"),
    key("\u{2193} \u{2191}", "Next row, row before"),
    key("Enter", "Open the row"),
    key("Space", "Complete, or reopen"),
    key("1 2 3 4", "Priority"),
    key("Shift \u{2193} \u{2191}", "Select more rows"),
    key("Ctrl A", "Select the group"),
    key("Alt \u{2191} \u{2193}", "Move the row"),
    key("Delete", "Delete, to the trash"),
    key(".", "Menu of the row"),
    key("Ctrl Z", "Undo; with Shift, redo"),
    key("Ctrl Enter", "Approve; in the add line, add and open"),
    key("Alt Enter", "In the add line: ask the assistant"),
    key("Ctrl /", "To the assistant and back"),
    key("Ctrl .", "Stop the assistant"),
    key("F6", "Next part of the page"),
    key("Esc", "Close what is on top"),
    key("?", "These keys"),
];

#[derive(Template)]
#[template(path = "help.html")]
struct HelpPage {
    frame: Frame,
    sayings: &'static [(&'static str, &'static [&'static str])],
    filters: &'static [(&'static str, &'static str)],
    letters: Vec<(String, &'static str)>,
    keys: &'static [Key],
}

/// The letters as this browser has them.
fn letters(look: &Look) -> Vec<(String, &'static str)> {
    let all = LETTERS.iter();
    all.map(|(usual, does)| (look.letter(*usual).to_string(), *does))
        .collect()
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    let scene = Scene::of(&server, &visitor).await?;
    let frame = scene.frame(&uri.to_string(), None, None).await?;
    Ok(html(&HelpPage {
        letters: letters(&frame.look),
        frame,
        sayings: SAYINGS,
        filters: FILTERS,
        keys: KEYS,
    }))
}
