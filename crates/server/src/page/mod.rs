//! The web page: server-rendered, works without scripts. Every change is a form that posts and comes back.

mod account;
mod activity;
mod assets;
mod assistant;
mod conversation;
mod detail;
mod find;
mod forms;
mod frame;
mod list;
mod proposals;
mod row;
mod settings;
mod sign_in;
mod trash;

use accounts::{Credential, Secrets, Session};
use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::UserId;
use serde::Deserialize;
use tower_http::compression::CompressionLayer;

pub(crate) use self::assets::folder as assets;
pub(crate) use self::forms::{Bare, Form};
use self::frame::{FRAGMENT, Look};
pub(crate) use self::sign_in::Door;
use crate::auth::{CurrentUser, cookies};
use crate::{Problem, Server};

pub(crate) fn router() -> Router<Server> {
    let mut router = Router::new();
    for list in [
        "/",
        "/upcoming",
        "/inbox",
        "/all",
        "/done",
        "/trash",
        "/search",
        "/projects/{id}",
        "/labels/{name}",
    ] {
        router = router.route(list, get(list::show));
    }
    router
        .route("/tasks", post(forms::act))
        .route("/tasks/{id}", get(detail::permalink).post(forms::edit))
        .route("/tasks/{id}/steps", post(forms::add_step))
        .route("/find", get(find::show))
        .route("/add", post(forms::add))
        .route("/changes/{id}/{action}", post(forms::undo_or_redo))
        .route("/trash/empty", get(trash::ask).post(trash::empty))
        .route("/assistant", get(assistant::show))
        .route("/say", post(assistant::say))
        .route("/approval", post(assistant::approve))
        .route("/stop", post(assistant::stop))
        .route("/activity", get(activity::show))
        .route("/proposals", get(proposals::show))
        .route("/proposals/{id}", post(proposals::answer))
        .route("/settings", get(settings::show).post(settings::change))
        .route("/settings/look", post(settings::change_look))
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
        .layer(CompressionLayer::new().quality(tower_http::CompressionLevel::Fastest))
        // Compressed already.
        .route("/assets/{folder}/{name}", get(assets::asset))
}

/// A change that is to be shown.
#[derive(Debug, Default, Deserialize)]
struct ChangeQuery {
    change: Option<i64>,
}

/// Somebody signed in by a browser's session.
pub(crate) struct Visitor {
    pub(crate) user: UserId,
    pub(crate) name: String,
    /// The id of the session, where it is one of ours.
    session: Option<String>,
    /// The session as its cookie has it, which no other site can know.
    signed: String,
    secrets: Secrets,
    /// Whether a page that is there already asks for what has changed of it.
    fragment: bool,
    /// How this browser shows the page.
    look: Look,
}

impl Visitor {
    /// What every form of theirs carries. Never the same twice, so that how well a page can be compressed tells nothing of it.
    pub(crate) fn csrf(&self) -> String {
        self.salted(&accounts::random_name())
    }

    /// Whether a form carries it.
    fn knows(&self, csrf: &str) -> bool {
        csrf.split_once('.')
            .is_some_and(|(salt, _)| self.salted(salt) == csrf)
    }

    fn salted(&self, salt: &str) -> String {
        format!(
            "{salt}.{}",
            self.secrets.derive(&format!("form {salt} {}", self.signed))
        )
    }

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
                secrets: server.accounts.settings().secrets.clone(),
                signed,
                fragment: parts.headers.contains_key(FRAGMENT),
                look: Look::of(&parts.headers),
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
