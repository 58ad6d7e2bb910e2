//! Saying something: the contract's chat, as JSON or as events, the answer to a proposal, and the end of patience.

use app::{Approved, Block, Kind, Place, Reply, Turn, Usage};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use domain::{ConversationId, Door, MessageId, MessageText, TaskId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::stream::{self, Shape};
use crate::auth::CurrentUser;
use crate::body::{Body, IdOf, idempotency_key};
use crate::layers::RequestId;
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Conversations";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(
            Method::POST,
            "/chat",
            "Say something. With `Accept: text/event-stream` the same turn as events",
            post(chat),
        )
        .body::<ChatRequest>()
        .answers::<ChatReply>(200),
        new(
            Method::POST,
            "/conversations/{id}/approval",
            "Answer what the latest reply proposes: yes to all or some of it, or no",
            post(approve),
        )
        .body::<ApprovalRequest>()
        .answers::<ChatReply>(200),
        new(
            Method::POST,
            "/conversations/{id}/stop",
            "Stop the reply that is being written; once this is answered, nothing more is changed by it",
            post(stop),
        )
        .answers::<Stopped>(200),
        new(
            Method::GET,
            "/conversations/{id}/events",
            "The latest reply as events, or what comes after `Last-Event-ID`; 204 if nothing does",
            get(events),
        )
        .answers_nothing(200),
    ]
}

/// A message.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChatRequest {
    /// The conversation it belongs to; a new one begins without it.
    conversation_id: Option<ConversationId>,
    /// What is said, 1 to 4,096 characters.
    message: MessageText,
    /// Your last message of the conversation, if this is said in its place.
    edit_message_id: Option<MessageId>,
    /// Whether what the edited message did is taken back first; has to be said if it did anything.
    undo_earlier: Option<bool>,
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChatReply {
    /// The conversation, for the next message.
    conversation_id: ConversationId,
    /// The place of the reply in it.
    message_id: MessageId,
    /// The reply in words.
    response: String,
    /// The commands that were run, and what came of them.
    tool_calls: Vec<app::ToolCall>,
    /// The parts of the reply: text, receipts, tasks, questions, approvals, notices.
    #[schemars(with = "Vec<Value>")]
    blocks: Vec<Block>,
    /// What answered: `rules` or `model`.
    engine: String,
    /// How long it took, in milliseconds.
    took_ms: f64,
    /// What it cost, and what left the server for it.
    usage: Usage,
}

impl From<Reply> for ChatReply {
    fn from(reply: Reply) -> Self {
        Self {
            conversation_id: reply.conversation,
            message_id: reply.message,
            response: reply.text,
            tool_calls: reply.content.calls,
            blocks: reply.content.blocks,
            engine: reply.engine,
            took_ms: reply.usage.took_ms,
            usage: reply.usage,
        }
    }
}

async fn chat(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(request): Body<ChatRequest>,
) -> Result<Response, Problem> {
    let kind = match (request.edit_message_id, request.undo_earlier) {
        (Some(message), undo) => Kind::Edit { message, undo },
        (None, None) => Kind::Words,
        (None, Some(_)) => {
            let detail = "undo_earlier: it goes with edit_message_id; leave it out";
            return Err(Problem::invalid(detail));
        }
    };
    let turn = Turn {
        conversation: request.conversation_id,
        text: request.message,
        kind,
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: idempotency_key(&headers)?,
    };
    answer(&server, &user, &headers, &turn).await
}

/// An answer to a proposal.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApprovalRequest {
    /// The reply that proposes it.
    message_id: MessageId,
    /// Whether it is approved.
    approve: bool,
    /// Only what it does to these tasks; all of it without.
    task_ids: Option<Vec<TaskId>>,
}

async fn approve(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    IdOf(id): IdOf,
    Body(request): Body<ApprovalRequest>,
) -> Result<Response, Problem> {
    let approved = match (request.approve, request.task_ids) {
        (false, None) => Approved::Nothing,
        (false, Some(_)) => {
            let detail = "task_ids: a no is a no to everything; leave them out";
            return Err(Problem::invalid(detail));
        }
        (true, None) => Approved::All,
        (true, Some(ids)) if ids.is_empty() => {
            return Err(Problem::invalid("task_ids: name at least one task"));
        }
        (true, Some(ids)) => Approved::Some(ids),
    };
    let turn = Turn {
        conversation: Some(ConversationId(id)),
        text: approved
            .words()
            .parse()
            .map_err(|error| Problem::invalid(format!("task_ids: {error}")))?,
        kind: Kind::Approval {
            proposal: request.message_id,
            approved,
        },
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: idempotency_key(&headers)?,
    };
    answer(&server, &user, &headers, &turn).await
}

/// Answers a turn in the form that was asked for: as events, or as JSON once it is complete.
async fn answer(
    server: &Server,
    user: &CurrentUser,
    headers: &HeaderMap,
    turn: &Turn,
) -> Result<Response, Problem> {
    // Who comes back with the same key and the id of an event goes on from there.
    let read = stream::last_event_id(headers)?;
    let reply = server.app.begin(user.id(), turn).await?;
    if stream::is_wanted(headers) {
        let read = read.filter(|read| read.reply == reply.message);
        return Ok(stream::of(server, user.id(), reply, read, Shape::Data));
    }
    let reply = server.app.finished(user.id(), reply).await?;
    Ok(Json(ChatReply::from(reply)).into_response())
}

/// Whether a reply was being written.
#[derive(Debug, Serialize, JsonSchema)]
struct Stopped {
    /// Whether there was anything to stop.
    stopping: bool,
}

async fn stop(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
) -> Result<Json<Stopped>, Problem> {
    let conversation = ConversationId(id);
    let stopping = server.app.stop(user.id(), conversation).await?;
    if !stopping {
        // What is not there cannot be stopped either.
        server.app.latest_reply(user.id(), conversation).await?;
    }
    Ok(Json(Stopped { stopping }))
}

async fn events(
    user: CurrentUser,
    State(server): State<Server>,
    headers: HeaderMap,
    IdOf(id): IdOf,
) -> Result<Response, Problem> {
    let conversation = ConversationId(id);
    let read = stream::last_event_id(&headers)?;
    let reply = match read {
        Some(read) => {
            let reply = read.reply;
            server
                .app
                .reply(
                    user.id(),
                    Place {
                        conversation,
                        reply,
                    },
                )
                .await?
        }
        None => server.app.latest_reply(user.id(), conversation).await?,
    };
    Ok(stream::of(&server, user.id(), reply, read, Shape::Data))
}
