//! Reading a line without adding it: what a capture line shows while it is typed.

use std::ops::Range;

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use axum::routing::post;
use domain::{AddTask, Due, MessageText, Rule};
use language::{Mark, Occasion, SpanKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::auth::Reader;
use crate::body::Body;
use crate::route::Route;
use crate::sent::Sent;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let summary = "How a line would be read as a task; nothing is added";
    vec![
        Route::new(
            Method::POST,
            "/parse",
            "Everything else",
            summary,
            post(parse),
        )
        .body::<ParseRequest>()
        .answers::<ParseReply>(200),
    ]
}

/// A line to read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ParseRequest {
    /// The line, 1 to 4,096 characters.
    #[schemars(with = "MessageText")]
    text: Sent,
    /// Stretches that are not to be read, each as start and end in UTF-16 code units, as spans have them. Every word that
    /// one of them touches stays in the title as it is.
    #[serde(default)]
    literal: Vec<(u32, u32)>,
}

/// How a line is read.
#[derive(Debug, Serialize, JsonSchema)]
struct ParseReply {
    /// The task it would add, as `POST /tasks` takes it; null if nothing is left for a title, or too much.
    task: Option<AddTask<Due, Rule>>,
    /// What its words were read as, in their order. They overlap only if there is nothing but marks: those are then in the
    /// title too.
    spans: Vec<SpanReply>,
    /// Whether it looks like a question or an order to the assistant rather than a task.
    is_request: bool,
}

/// Words of the line and what they mean.
#[derive(Debug, Serialize, JsonSchema)]
struct SpanReply {
    /// Where they begin, in UTF-16 code units, as `JavaScript` counts.
    start: u32,
    /// Where they end, in UTF-16 code units.
    end: u32,
    /// What they were read as. The title can be in several stretches.
    #[schemars(with = "String", extend("enum" = ["date", "repeat", "priority", "tag", "project", "title"]))]
    kind: SpanKind,
    /// What they mean, in few words: `Fri 27 Nov`, `every 2 weeks on Monday`, `high priority`, `#home`, `project Work`;
    /// for the title all of it.
    meaning: String,
    /// When else the task can be due if the words can be understood in more than one way, the likeliest first. To take one,
    /// put it into the task.
    alternatives: Vec<OccasionReply>,
    /// The first three times of a repeat; of one that is counted from when the task is done, only the first.
    next: Vec<OccasionReply>,
}

/// A time to do a task.
#[derive(Debug, Serialize, JsonSchema)]
struct OccasionReply {
    /// When it is, as one would say it.
    meaning: String,
    /// The same as the `due` of a task.
    due: Due,
}

impl From<Occasion> for OccasionReply {
    fn from(occasion: Occasion) -> Self {
        Self {
            meaning: occasion.meaning,
            due: occasion.due,
        }
    }
}

async fn parse(
    Reader(user): Reader,
    State(server): State<Server>,
    Body(request): Body<ParseRequest>,
) -> Result<Json<ParseReply>, Problem> {
    let ParseRequest { text, literal } = request;
    let literal: Vec<Range<usize>> = literal
        .into_iter()
        .map(|(start, end)| text.bytes(start..end))
        .collect();
    let line = server
        .app
        .parse(&user.user, text.as_str(), &literal)
        .await?;
    let reply = |mark: Mark| {
        let units = text.units(&mark.span.range);
        SpanReply {
            start: units.start,
            end: units.end,
            kind: mark.span.kind,
            meaning: mark.meaning,
            alternatives: mark.alternatives.into_iter().map(Into::into).collect(),
            next: mark.next.into_iter().map(Into::into).collect(),
        }
    };
    Ok(Json(ParseReply {
        task: line.task.map(in_the_api),
        spans: line.marks.into_iter().map(reply).collect(),
        is_request: line.is_request,
    }))
}

/// `task` with its repeat as a client sends it: the rule as text, and beside it what it is counted from.
fn in_the_api(task: AddTask) -> AddTask<Due, Rule> {
    let (rule, mode, missed) = match task.repeat {
        Some(repeat) => (Some(repeat.rule), Some(repeat.mode), Some(repeat.missed)),
        None => (None, task.repeat_mode, task.missed),
    };
    AddTask {
        title: task.title,
        description: task.description,
        due: task.due,
        repeat: rule,
        repeat_mode: mode,
        missed,
        priority: task.priority,
        tags: task.tags,
        project: task.project,
        parent_id: task.parent_id,
        completed: task.completed,
    }
}
