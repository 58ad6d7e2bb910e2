//! The web page: server-rendered, works without scripts. Every change is a form that posts and comes back.

mod account;
mod assets;
mod chatkit;
mod conversation;
mod forms;
mod proposals;
mod show;
mod sign_in;

use accounts::{Credential, Session};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::UserId;

pub(crate) use self::assets::style;
pub(crate) use self::forms::{Bare, Form};
pub(crate) use self::sign_in::Door;
use crate::auth::{CurrentUser, cookies};
use crate::{Problem, Server};

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/", get(show::index))
        .route("/tasks/{id}", get(show::task).post(forms::edit))
        .route("/activity", get(show::activity))
        .route("/proposals", get(proposals::show))
        .route("/proposals/{id}", post(proposals::answer))
        .route("/settings", get(show::settings).post(forms::settings))
        .route(
            "/trash/empty",
            get(show::empty_trash).post(forms::empty_trash),
        )
        .route("/add", post(forms::add))
        .route("/tasks/{id}/{action}", post(forms::act))
        .route("/changes/{id}/{action}", post(forms::undo_or_redo))
        .route("/say", post(forms::say))
        .route("/approval", post(forms::approve))
        .route("/stop", post(forms::stop))
        .route("/sign-in", get(sign_in::show).post(sign_in::enter))
        .route("/sign-up", get(sign_in::sign_up).post(sign_in::register))
        .route(
            "/forgot-password",
            get(sign_in::forgot).post(sign_in::send_reset),
        )
        .route(
            "/reset-password",
            get(sign_in::reset).post(sign_in::set_password),
        )
        .route("/sign-out", post(sign_in::out))
        .route("/account", get(account::show))
        .route("/account/export.json", get(account::export))
        .route("/account/{action}", post(account::act))
        .route("/chatkit", get(chatkit::show))
        .route("/assets/{name}", get(assets::asset))
}

/// Somebody signed in by a browser's session.
pub(crate) struct Visitor {
    pub(crate) user: UserId,
    pub(crate) name: String,
    /// The id of the session, where it is one of ours.
    session: Option<String>,
    /// What every form of theirs carries, and no other site can know.
    pub(crate) csrf: String,
}

impl Visitor {
    /// Whether this is the session of the browser that they sit at.
    fn is_signed_in_by(&self, session: &Session) -> bool {
        self.session.as_deref() == Some(session.id.as_str())
    }
}

impl FromRequestParts<Server> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Response> {
        let Some(Credential::SignedSession { signed, .. }) =
            cookies::credential(server, &parts.headers)
        else {
            return Err(sign_in::page(server, parts));
        };
        // With a header, the cookie would not be what is checked below, and a token would get what only a session may.
        if parts.headers.contains_key(header::AUTHORIZATION) {
            return Err(sign_in::page(server, parts));
        }
        match CurrentUser::from_request_parts(parts, server).await {
            Ok(CurrentUser(principal)) => Ok(Self {
                user: principal.user,
                name: principal.name,
                session: principal.session.map(|session| session.id),
                csrf: server
                    .accounts
                    .settings()
                    .secrets
                    .derive(&format!("form {signed}")),
            }),
            Err(problem) if problem.status().is_server_error() => Err(problem.into_response()),
            // A form of another site's gets no further than somebody who is not signed in.
            Err(_) => Err(sign_in::page(server, parts)),
        }
    }
}

/// A rendered page.
pub(crate) fn html(template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::internal().into_response()
        }
    }
}
