//! The REST API: `/api/{user_id}/…` of the contract, and the same under `/api/…`.

mod account;
mod chat;
mod conversations;
mod journal;
mod live;
mod others;
mod parse;
mod proposals;
mod sse;
pub(crate) mod stream;
mod tasks;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::{MethodRouter, get};
use domain::{Command, Door, Origin, Outcome, Seq};

pub(crate) use self::account::everything;
use crate::auth::CurrentUser;
use crate::body::idempotency_key;
use crate::layers::RequestId;
use crate::route::Route;
use crate::{Problem, Server, openapi};

/// Every route of the API.
pub(crate) fn routes() -> Vec<Route> {
    [
        tasks::routes(),
        chat::routes(),
        conversations::routes(),
        journal::routes(),
        live::routes(),
        proposals::routes(),
        others::routes(),
        parse::routes(),
        account::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The API, its `OpenAPI` document and the page that shows it.
pub(crate) fn router() -> Router<Server> {
    let mut router = Router::new();
    for prefix in ["/api", "/api/{user_id}"] {
        for route in routes() {
            router = router.route(&format!("{prefix}{}", route.path), route.handler);
        }
    }
    let document = openapi::document(&routes());
    let page = openapi::page(&document);
    router
        .route("/openapi.json", get_static(axum::Json(document)))
        .route("/docs", get_static(page))
}

fn get_static<R>(answer: R) -> MethodRouter<Server>
where
    R: axum::response::IntoResponse + Clone + Send + Sync + 'static,
{
    get(move || {
        let answer = answer.clone();
        async move { answer }
    })
}

/// Where a request through this door comes from.
fn origin(request_id: &RequestId, headers: &HeaderMap) -> Result<Origin, Problem> {
    let origin = Origin::person(Door::Rest, request_id.as_str());
    Ok(Origin {
        idempotency_key: idempotency_key(headers)?,
        ..origin
    })
}

/// Runs a command and says which change it made, if it made one.
async fn run(
    server: &Server,
    user: &CurrentUser,
    command: &Command,
    origin: Origin,
) -> Result<(Outcome, Option<Seq>), Problem> {
    let outcome = server.app.run(user.id(), command, origin).await?;
    let change = match &outcome {
        Outcome::Changed(receipt) => Some(receipt.change_id),
        _ => None,
    };
    Ok((outcome, change))
}
