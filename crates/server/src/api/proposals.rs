//! What agents propose: looking at it, and the owner's answer.

use app::{Accepted, WaitingProposal};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{get, post};
use domain::{ProposalId, TaskId};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::auth::CurrentUser;
use crate::body::{Body, IdOf};
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Proposals";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(
            Method::GET,
            "/proposals",
            "Changes that agents propose and that wait for an answer, oldest first",
            get(proposals),
        )
        .answers::<Vec<WaitingProposal>>(200),
        new(
            Method::POST,
            "/proposals/{id}/accept",
            "Make the changes of a proposal, or those to some of its tasks",
            post(accept),
        )
        .optional_body::<Accept>()
        .answers::<Accepted>(200),
        new(
            Method::POST,
            "/proposals/{id}/dismiss",
            "Drop a proposal",
            post(dismiss),
        )
        .answers_nothing(204),
    ]
}

/// How much of a proposal is accepted.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// The tasks that may change, of those that the proposal names; all of it without them.
    #[serde(default)]
    task_ids: Option<Vec<TaskId>>,
}

async fn proposals(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Vec<WaitingProposal>>, Problem> {
    Ok(Json(server.app.proposals(user.id()).await?))
}

async fn accept(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
    body: Option<Body<Accept>>,
) -> Result<Json<Accepted>, Problem> {
    let some = body.and_then(|Body(accept)| accept.task_ids);
    let accepted = server
        .app
        .accept_proposal(user.id(), ProposalId(id), some.as_deref());
    Ok(Json(accepted.await?))
}

async fn dismiss(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
) -> Result<StatusCode, Problem> {
    server
        .app
        .dismiss_proposal(user.id(), ProposalId(id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
