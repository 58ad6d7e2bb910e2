//! The journal: what changed, and taking it back.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::routing::{get, post};
use domain::{Command, GetHistory, HistoryPage, Outcome, RedoChange, Seq, UndoChange};

use super::{origin, run};
use crate::auth::CurrentUser;
use crate::body::{IdOf, QueryOf};
use crate::layers::RequestId;
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Journal";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(
            Method::GET,
            "/journal",
            "What changed, newest first",
            get(history),
        )
        .query::<GetHistory>()
        .answers::<HistoryPage>(200),
        new(
            Method::POST,
            "/journal/undo",
            "Take the last change back",
            post(undo_last),
        )
        .answers::<Outcome>(200),
        new(
            Method::POST,
            "/journal/redo",
            "Make the last undone change again",
            post(redo_last),
        )
        .answers::<Outcome>(200),
        new(
            Method::POST,
            "/journal/{id}/undo",
            "Take a change back",
            post(undo),
        )
        .answers::<Outcome>(200),
        new(
            Method::POST,
            "/journal/{id}/redo",
            "Make an undone change again",
            post(redo),
        )
        .answers::<Outcome>(200),
    ]
}

async fn history(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<GetHistory>,
) -> Result<Json<HistoryPage>, Problem> {
    let origin = domain::Origin::person(domain::Door::Rest, "");
    match run(&server, &user, &Command::GetHistory(query), origin).await? {
        (Outcome::History(page), _) => Ok(Json(page)),
        _ => Err(Problem::internal()),
    }
}

async fn undo_last(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
) -> Result<Json<Outcome>, Problem> {
    let command = Command::UndoChange(UndoChange { change_id: None });
    Ok(Json(
        run(&server, &user, &command, origin(&request_id, &headers)?)
            .await?
            .0,
    ))
}

async fn redo_last(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
) -> Result<Json<Outcome>, Problem> {
    let command = Command::RedoChange(RedoChange { change_id: None });
    Ok(Json(
        run(&server, &user, &command, origin(&request_id, &headers)?)
            .await?
            .0,
    ))
}

async fn undo(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
) -> Result<Json<Outcome>, Problem> {
    let command = Command::UndoChange(UndoChange {
        change_id: Some(Seq(id)),
    });
    Ok(Json(
        run(&server, &user, &command, origin(&request_id, &headers)?)
            .await?
            .0,
    ))
}

async fn redo(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
) -> Result<Json<Outcome>, Problem> {
    let command = Command::RedoChange(RedoChange {
        change_id: Some(Seq(id)),
    });
    Ok(Json(
        run(&server, &user, &command, origin(&request_id, &headers)?)
            .await?
            .0,
    ))
}
