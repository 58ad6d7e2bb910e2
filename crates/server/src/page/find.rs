//! What the words in a field find, while they are typed.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use domain::{Filter, ListTasks, Scope, Status};
use language::say;
use serde::Deserialize;

use super::frame::Scene;
use super::row::Row;
use super::{Visitor, html};
use crate::{Problem, Server};

#[derive(Template)]
#[template(path = "find.html")]
struct Found {
    /// What was looked for, as it was understood.
    echo: String,
    /// Why it is no filter.
    problem: Option<String>,
    total: i64,
    rows: Vec<Row>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FindQuery {
    #[serde(default)]
    filter: String,
}

pub(super) async fn show(
    visitor: Visitor,
    State(server): State<Server>,
    Query(query): Query<FindQuery>,
) -> Result<Response, Problem> {
    const ROWS: u32 = 8;
    let scene = Scene::of(&server, &visitor).await?;
    let filter: Filter = match query.filter.parse() {
        Ok(filter) => filter,
        Err(error) => {
            return Ok(html(&Found {
                echo: String::new(),
                problem: Some(domain::FilterError::to_string(&error)),
                total: 0,
                rows: Vec::new(),
            }));
        }
    };
    let echo = say::filter(&filter, &scene.view);
    let found = scene
        .list(ListTasks {
            status: (filter.scope() == Scope::Open).then_some(Status::Pending),
            filter: Some(filter),
            limit: Some(ROWS),
            ..ListTasks::default()
        })
        .await?;
    Ok(html(&Found {
        echo,
        problem: None,
        total: found.total,
        rows: found
            .tasks
            .iter()
            .map(|task| Row::of(task, &scene))
            .collect(),
    }))
}
