//! Lines of a capture line, and what is marked in them: the file `tests/capture.txt`. Whatever it does not list is not marked.
//!
//! `line => title | kind: words | kind: words`, with `| request` for what looks like one. A title that is empty is none.

use std::fmt::Write;

use language::{Sight, SpanKind};

use crate::world::World;

/// What a line is read as, in the form of the file.
fn read(text: &str, sight: &Sight<'_>) -> String {
    let line = language::line(text, &[], sight);
    let mut shown = line
        .task
        .map_or_else(String::new, |task| task.title.to_string());
    for mark in line.marks {
        let kind = match mark.span.kind {
            SpanKind::Date => "date",
            SpanKind::Repeat => "repeat",
            SpanKind::Priority => "priority",
            SpanKind::Tag => "tag",
            SpanKind::Project => "project",
            SpanKind::Title => continue,
        };
        write!(shown, " | {kind}: {}", &text[mark.span.range]).unwrap();
    }
    if line.is_request {
        shown.push_str(" | request");
    }
    shown
}

#[test]
fn lines_are_marked_as_expected() {
    let world = World::new();
    let sight = Sight {
        projects: &world.projects,
        ..Sight::new(&world.view)
    };
    let mut wrong = String::new();
    for line in include_str!("../capture.txt").lines() {
        let Some((text, expected)) = line.split_once(" => ") else {
            continue;
        };
        let got = read(text, &sight);
        if got != expected {
            writeln!(wrong, "{text}\n    expected {expected}\n    read as  {got}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
