//! What changed, with its undo.

use askama::Template;
use axum::extract::{OriginalUri, Query, State};
use axum::response::Response;
use domain::{Command, GetHistory, Outcome, Seq};
use serde::Deserialize;

use super::frame::{ChangeView, Frame, Scene};
use super::{Visitor, html};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
    changes: Vec<ChangeView>,
    next: Option<Seq>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct ActivityQuery {
    before: Option<i64>,
    change: Option<i64>,
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    OriginalUri(uri): OriginalUri,
    Query(query): Query<ActivityQuery>,
) -> Result<Response, Problem> {
    let scene = Scene::of(&server, &visitor).await?;
    let history = GetHistory {
        task_id: None,
        limit: Some(50),
        before: query.before.map(Seq),
    };
    let Outcome::History(page) = scene.look(Command::GetHistory(history)).await? else {
        return Err(Problem::internal());
    };
    Ok(html(&ActivityPage {
        frame: scene.frame(&uri.to_string(), query.change, None).await?,
        changes: page
            .changes
            .into_iter()
            .map(|receipt| scene.change(receipt))
            .collect(),
        next: page.next_before,
    }))
}
