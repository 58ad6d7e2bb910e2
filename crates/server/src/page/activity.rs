//! What changed, with its undo.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::Uri;
use axum::response::Response;
use domain::{Actor, Command, Door, GetHistory, Outcome, Receipt, Seq};
use jiff::civil::Date;
use language::say;
use serde::Deserialize;

use super::frame::{ChangeView, Frame, InTheWay, Scene};
use super::{Visitor, html};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
    days: Vec<Day>,
    actors: Vec<(String, &'static str, bool)>,
    next: Option<String>,
}

/// What changed on one day.
struct Day {
    title: String,
    changes: Vec<ChangeView>,
}

/// Whose changes somebody looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    You,
    Assistant,
    Agents,
    Sayso,
}

impl By {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::You, "you", "You"),
        (Self::Assistant, "assistant", "Assistant"),
        (Self::Agents, "agents", "Agents"),
        (Self::Sayso, "sayso", "Upkeep"),
    ];

    /// Whether it was they who made a change. What was said to the assistant is theirs as well as its.
    fn made(self, receipt: &Receipt) -> bool {
        match self {
            Self::You => receipt.actor == Actor::Person && receipt.door != Door::Upkeep,
            Self::Assistant => receipt.door == Door::Chat,
            Self::Agents => matches!(receipt.actor, Actor::Agent(_)),
            Self::Sayso => receipt.door == Door::Upkeep,
        }
    }
}

#[derive(Debug, Default, Deserialize)]
struct ActivityQuery {
    before: Option<i64>,
    change: Option<i64>,
    by: Option<By>,
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
) -> Result<Response, Problem> {
    page(&server, &visitor, &uri, None, None).await
}

/// The page, with what went wrong on top.
pub(super) async fn page(
    server: &Server,
    visitor: &Visitor,
    uri: &Uri,
    problem: Option<String>,
    in_the_way: Option<(Seq, Seq)>,
) -> Result<Response, Problem> {
    let query = Query::<ActivityQuery>::try_from_uri(uri).map(|Query(query)| query);
    let query = query.unwrap_or_default();
    let scene = Scene::of(server, visitor).await?;
    let history = GetHistory {
        task_id: None,
        // Most of what is looked through for somebody's changes may be others'.
        limit: Some(if query.by.is_some() { 200 } else { 50 }),
        before: query.before.map(Seq),
    };
    let Outcome::History(found) = scene.look(Command::GetHistory(history)).await? else {
        return Err(Problem::internal());
    };
    let mut days: Vec<(Date, Day)> = Vec::new();
    let zone = scene.view.now.time_zone();
    let made = |receipt: &Receipt| query.by.is_none_or(|by| by.made(receipt));
    for receipt in found.changes.into_iter().filter(made) {
        let date = zone.to_datetime(receipt.at).date();
        let change = scene.change(receipt);
        match days.last_mut() {
            Some((day, last)) if *day == date => last.changes.push(change),
            _ => days.push((
                date,
                Day {
                    title: say::near_day(date, &scene.view),
                    changes: vec![change],
                },
            )),
        }
    }
    let by = By::ALL.iter().find(|(by, ..)| query.by == Some(*by));
    let by = by.map_or("", |(_, word, _)| word);
    let mut actors = vec![("/activity".to_owned(), "Everybody", by.is_empty())];
    let chosen = |(_, word, name): &(By, &str, &'static str)| {
        (format!("/activity?by={word}"), *name, *word == by)
    };
    actors.extend(By::ALL.iter().map(chosen));
    let mut frame = scene.frame(&uri.to_string(), query.change, problem).await?;
    frame.in_the_way = match in_the_way {
        Some((change, by)) => InTheWay::of(&scene, change, by).await?,
        None => None,
    };
    Ok(html(&ActivityPage {
        frame,
        days: days.into_iter().map(|(_, day)| day).collect(),
        actors,
        next: found.next_before.map(|before| match by {
            "" => format!("/activity?before={before}"),
            by => format!("/activity?by={by}&before={before}"),
        }),
    }))
}
