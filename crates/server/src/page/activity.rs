//! What changed, with its undo.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::http::Uri;
use axum::response::Response;
use domain::{ActorKind, Command, GetHistory, Outcome, Seq};
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

/// Whose changes somebody can look for: as the address says it, and as the page does.
const ACTORS: [(ActorKind, &str, &str); 3] = [
    (ActorKind::Person, "person", "You"),
    (ActorKind::Model, "model", "Models"),
    (ActorKind::Agent, "agent", "Agents"),
];

#[derive(Debug, Default, Deserialize)]
struct ActivityQuery {
    before: Option<i64>,
    change: Option<i64>,
    by: Option<ActorKind>,
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
        by: query.by,
        limit: Some(50),
        before: query.before.map(Seq),
    };
    let Outcome::History(found) = scene.look(Command::GetHistory(history)).await? else {
        return Err(Problem::internal());
    };
    let mut days: Vec<(Date, Day)> = Vec::new();
    let zone = scene.view.now.time_zone();
    for receipt in found.changes {
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
    let by = ACTORS.iter().find(|(by, ..)| query.by == Some(*by));
    let by = by.map_or("", |(_, word, _)| word);
    let mut actors = vec![("/activity".to_owned(), "Everybody", by.is_empty())];
    let chosen = |(_, word, name): &(ActorKind, &str, &'static str)| {
        (format!("/activity?by={word}"), *name, *word == by)
    };
    actors.extend(ACTORS.iter().map(chosen));
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
