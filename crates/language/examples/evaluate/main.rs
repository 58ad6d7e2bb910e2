//! Answers evaluation lines, one JSON object a line on standard input, one on standard output.

mod utterance;

use std::io::{BufRead, Write};

use domain::{View, WeekStart};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use language::Language;
use language::dates::{self, FoundKind};
use serde_json::{Value, json};

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let Ok(row) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        let mut answer = match row["task"].as_str() {
            Some("date") => date(&row),
            Some("ref") => reference(&row),
            _ => utterance::answer(row["text"].as_str().unwrap_or(""), &view(&row)),
        };
        answer["id"] = row["id"].clone();
        writeln!(out, "{answer}")?;
    }
    Ok(())
}

/// What the row's `now` and `timezone` come to.
fn view(row: &Value) -> View {
    let now: DateTime = row["now"]
        .as_str()
        .and_then(|now| now.parse().ok())
        .unwrap_or_default();
    let zone = row["timezone"]
        .as_str()
        .and_then(|name| TimeZone::get(name).ok())
        .unwrap_or(TimeZone::UTC);
    let now = zone
        .to_ambiguous_zoned(now)
        .compatible()
        .unwrap_or_default();
    View {
        now,
        week_start: WeekStart::Monday,
    }
}

/// The first date in the text.
fn date(row: &Value) -> Value {
    let text = row["text"].as_str().unwrap_or("");
    let found = match row["lang"].as_str().and_then(Language::tagged) {
        Some(language) => dates::find_for(text, &view(row), language),
        None => dates::find(text, &view(row)),
    };
    let when = found.first().map_or(json!({"kind": "none"}), |found| {
        let due = found.schedule.due.as_ref().map(ToString::to_string);
        match (found.kind, &found.stretch) {
            (FoundKind::Repeat, _) => {
                let rule = found
                    .schedule
                    .repeat
                    .as_ref()
                    .map(|repeat| repeat.rule.to_string());
                json!({"kind": "recurrence", "rrule": rule, "start": due})
            }
            (FoundKind::Stretch, Some(stretch)) => {
                let side = |moment: Option<DateTime>| moment.map(|moment| moment.to_string());
                json!({"kind": "interval", "start": side(stretch.start), "end": side(stretch.end)})
            }
            (FoundKind::Day, _) => json!({"kind": "date", "value": due}),
            _ => json!({"kind": "datetime", "value": due}),
        }
    });
    json!({"when": when})
}

/// The places, in the row's list, of the tasks that its words mean.
fn reference(row: &Value) -> Value {
    let titles = row["tasks"].as_array().cloned().unwrap_or_default();
    let tasks: Vec<_> = (0..)
        .zip(&titles)
        .map(|(id, title)| utterance::task(id, title.as_str().unwrap_or("")))
        .collect();
    let view = view(row);
    let sight = language::Sight {
        tasks: &tasks,
        ..language::Sight::new(&view)
    };
    let meant = language::tasks_meant(row["query"].as_str().unwrap_or(""), &sight);
    json!({"match": meant.iter().map(|id| id.0).collect::<Vec<_>>()})
}
