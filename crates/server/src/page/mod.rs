//! The web page: server-rendered, works without scripts. Every change is a form that posts and comes back.

mod assets;
mod forms;
mod show;
mod sign_in;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::UserId;
use sha2::{Digest, Sha256};

pub(crate) use self::assets::style;
use crate::auth::{CurrentUser, session_cookie};
use crate::{Problem, Server};

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/", get(show::index))
        .route("/tasks/{id}", get(show::task).post(forms::edit))
        .route("/activity", get(show::activity))
        .route("/settings", get(show::settings).post(forms::settings))
        .route(
            "/trash/empty",
            get(show::empty_trash).post(forms::empty_trash),
        )
        .route("/add", post(forms::add))
        .route("/tasks/{id}/{action}", post(forms::act))
        .route("/changes/{id}/{action}", post(forms::undo_or_redo))
        .route("/say", post(forms::say))
        .route("/sign-in", get(sign_in::with_link))
        .route("/sign-out", post(sign_in::out))
        .route("/assets/{name}", get(assets::asset))
}

/// Somebody signed in by a browser's session.
struct Visitor {
    user: UserId,
    name: String,
    /// What every form of theirs carries, and no other site can know.
    csrf: String,
}

impl FromRequestParts<Server> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Response> {
        let session = session_cookie(&parts.headers).map(str::to_owned);
        match (
            session,
            CurrentUser::from_request_parts(parts, server).await,
        ) {
            (Some(session), Ok(CurrentUser(principal))) => Ok(Self {
                user: principal.user,
                name: principal.name,
                csrf: csrf(&session),
            }),
            (_, Err(problem)) if problem.status().is_server_error() => Err(problem.into_response()),
            // A form of another site's gets no further than somebody who is not signed in.
            _ => Err(sign_in::page()),
        }
    }
}

/// The form token of a session.
fn csrf(session: &str) -> String {
    let digest = Sha256::digest(format!("sayso form {session}"));
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A rendered page.
fn html(template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::internal().into_response()
        }
    }
}
