//! The journal: what changed, and taking it back.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::routing::{get, post};
use domain::{Command, GetHistory, HistoryPage, Origin, Outcome, RedoChange, Seq, UndoChange};

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
    let origin = Origin::person(domain::Door::Rest, "");
    match run(&server, &user, &Command::GetHistory(query), origin).await? {
        (Outcome::History(page), _) => Ok(Json(page)),
        _ => Err(Problem::internal()),
    }
}

/// A request to take something back or to make it again.
struct Asked {
    user: CurrentUser,
    server: Server,
    origin: Origin,
}

impl FromRequestParts<Server> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let user = CurrentUser::from_request_parts(parts, server).await?;
        let request_id = RequestId::from_request_parts(parts, server).await?;
        Ok(Self {
            user,
            server: server.clone(),
            origin: origin(&request_id, &parts.headers)?,
        })
    }
}

impl Asked {
    async fn undo(self, change_id: Option<Seq>) -> Result<Json<Outcome>, Problem> {
        self.run(&Command::UndoChange(UndoChange { change_id }))
            .await
    }

    async fn redo(self, change_id: Option<Seq>) -> Result<Json<Outcome>, Problem> {
        self.run(&Command::RedoChange(RedoChange { change_id }))
            .await
    }

    async fn run(self, command: &Command) -> Result<Json<Outcome>, Problem> {
        Ok(Json(
            run(&self.server, &self.user, command, self.origin).await?.0,
        ))
    }
}

async fn undo_last(asked: Asked) -> Result<Json<Outcome>, Problem> {
    asked.undo(None).await
}

async fn redo_last(asked: Asked) -> Result<Json<Outcome>, Problem> {
    asked.redo(None).await
}

async fn undo(asked: Asked, IdOf(id): IdOf) -> Result<Json<Outcome>, Problem> {
    asked.undo(Some(Seq(id))).await
}

async fn redo(asked: Asked, IdOf(id): IdOf) -> Result<Json<Outcome>, Problem> {
    asked.redo(Some(Seq(id))).await
}
