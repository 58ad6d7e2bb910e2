//! The web page: server-rendered, works without scripts. Every change is a form that posts and comes back.

mod account;
mod activity;
mod assets;
mod assistant;
mod capture;
mod chatkit;
mod conversation;
mod detail;
mod find;
mod forms;
mod frame;
mod help;
mod install;
mod list;
mod places;
mod proposals;
mod row;
mod settings;
mod sign_in;
mod trash;

use accounts::{Credential, Secrets, Session};
use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use domain::UserId;
use serde::Deserialize;
use tower_http::compression::CompressionLayer;

pub(crate) use self::assets::folder as assets;
pub(crate) use self::conversation::Drawing;
pub(crate) use self::forms::{Bare, Form};
use self::frame::FRAGMENT;
pub(crate) use self::frame::Look;
pub(crate) use self::sign_in::Door;
use crate::auth::{CurrentUser, cookies};
use crate::layers::RequestId;
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
        .route("/add", get(capture::show).post(capture::add))
        .route("/add/read", post(capture::read))
        .route("/tasks/{id}/steps", post(forms::add_step))
        .route("/find", get(find::show))
        .route("/changes/{id}/{action}", post(forms::undo_or_redo))
        .route("/trash/empty", get(trash::ask).post(trash::empty))
        .route("/assistant", get(assistant::show))
        .route("/assistant/events", get(assistant::events))
        .route("/assistant/history", get(assistant::history))
        .route("/assistant/model", post(assistant::choose_model))
        .route("/assistant/rename", post(assistant::rename))
        .route("/assistant/delete", post(assistant::delete))
        .route("/say", post(assistant::say))
        .route("/approval", post(assistant::approve))
        .route("/stop", post(assistant::stop))
        .route("/activity", get(activity::show))
        .route("/proposals", get(proposals::show))
        .route("/proposals/{id}", post(proposals::answer))
        .route("/settings", get(settings::show).post(settings::change))
        .route("/settings/look", post(settings::change_look))
        .route("/projects", get(places::show).post(places::add_project))
        .route("/projects/{id}", post(places::change_project))
        .route(
            "/projects/{id}/delete",
            get(places::ask_to_delete).post(places::delete_project),
        )
        .route("/labels", get(places::show))
        .route("/labels/{name}", post(places::change_label))
        .route("/filters", post(places::change_filters))
        .route("/help", get(help::show))
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
        .route("/sw.js", get(install::worker))
        .route("/manifest.webmanifest", get(install::manifest))
        .layer(from_fn(readable))
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

    /// What stands for them where a browser keeps their pages for when it is offline; it tells nobody who they are.
    fn keeper(&self) -> String {
        let mut name = self.secrets.derive(&format!("keeper {}", self.user));
        name.truncate(16);
        name
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

/// Says what went wrong on a page, to somebody whose browser asked for one. A page that is there already says it itself.
async fn readable(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let takes_pages = headers
        .get(header::ACCEPT)
        .and_then(|kinds| kinds.to_str().ok())
        .is_some_and(|kinds| kinds.contains("text/html"));
    let wants_page = takes_pages && !headers.contains_key(FRAGMENT);
    let reference = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    if wants_page && let Some(problem) = response.extensions_mut().remove::<Problem>() {
        return problem.on(html(&ProblemPage {
            door: Door::new(),
            words: words(&problem),
            reference: reference
                .filter(|_| problem.status().is_server_error())
                .map(|reference| reference.as_str().to_owned()),
        }));
    }
    response
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    door: Door,
    words: String,
    /// What finds it in the log, where the server is at fault.
    reference: Option<String>,
}

/// What a problem is called on a page.
fn words(problem: &Problem) -> String {
    match problem.status() {
        // The same whether it is not theirs or not there at all.
        StatusCode::NOT_FOUND => "You can\u{2019}t see that. It may be gone.".to_owned(),
        StatusCode::INTERNAL_SERVER_ERROR => {
            "Something went wrong on the server. Nothing was changed.".to_owned()
        }
        _ => problem.detail().to_owned(),
    }
}

/// `text` as a value in a query, or as a part of a path.
fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

/// A rendered page.
pub(crate) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(page) => Html(page).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::internal().into_response()
        }
    }
}
