//! Conversations: the contract's chat, and what was said before.

use app::{Block, Turn};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::{delete, get, post};
use domain::{ConversationId, Door, MessageId, MessageText};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::auth::CurrentUser;
use crate::body::{Body, IdOf, QueryOf, idempotency_key};
use crate::layers::RequestId;
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Conversations";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(Method::POST, "/chat", "Say something", post(chat))
            .body::<ChatRequest>()
            .answers::<ChatReply>(200),
        new(
            Method::GET,
            "/conversations",
            "List conversations, newest first",
            get(conversations),
        )
        .query::<PageQuery>()
        .answers::<Vec<ConversationView>>(200),
        new(
            Method::GET,
            "/conversations/{id}",
            "The messages of a conversation",
            get(messages),
        )
        .query::<PageQuery>()
        .answers::<Vec<MessageView>>(200),
        new(
            Method::DELETE,
            "/conversations/{id}",
            "Delete a conversation; its changes stay",
            delete(remove),
        )
        .answers_nothing(204),
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
}

/// The answer.
#[derive(Debug, Serialize, JsonSchema)]
struct ChatReply {
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
    /// What answered.
    engine: String,
    /// How long it took, in milliseconds.
    took_ms: f64,
}

async fn chat(
    user: CurrentUser,
    State(server): State<Server>,
    request_id: RequestId,
    headers: HeaderMap,
    Body(request): Body<ChatRequest>,
) -> Result<Json<ChatReply>, Problem> {
    let turn = Turn {
        conversation: request.conversation_id,
        text: request.message,
        door: Door::Chat,
        request_id: request_id.as_str().to_owned(),
        idempotency_key: idempotency_key(&headers)?,
    };
    let reply = server.app.turn(user.id(), &turn).await?;
    Ok(Json(ChatReply {
        conversation_id: reply.conversation,
        message_id: reply.message,
        response: reply.text,
        tool_calls: reply.content.calls,
        blocks: reply.content.blocks,
        engine: reply.engine,
        took_ms: reply.took.as_secs_f64() * 1000.0,
    }))
}

/// Which page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PageQuery {
    /// Only those before this number.
    before: Option<i64>,
    /// How many at most, 1 to 200.
    limit: Option<u32>,
}

impl PageQuery {
    fn limit(&self) -> Result<u32, Problem> {
        const MAX: u32 = 200;
        match self.limit.unwrap_or(50) {
            limit if (1..=MAX).contains(&limit) => Ok(limit),
            _ => Err(app::Error::BadLimit(MAX).into()),
        }
    }
}

/// A conversation.
#[derive(Debug, Serialize, JsonSchema)]
struct ConversationView {
    id: ConversationId,
    /// Its first words.
    title: String,
    #[schemars(with = "String")]
    created_at: jiff::Timestamp,
    #[schemars(with = "String")]
    updated_at: jiff::Timestamp,
}

async fn conversations(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<Vec<ConversationView>>, Problem> {
    let before = query.before.map(ConversationId);
    let list = server
        .app
        .conversations(user.id(), before, query.limit()?)
        .await?;
    let view = |conversation: app::Conversation| ConversationView {
        id: conversation.id,
        title: conversation.title,
        created_at: conversation.created_at,
        updated_at: conversation.updated_at,
    };
    Ok(Json(list.into_iter().map(view).collect()))
}

/// A message of a conversation.
#[derive(Debug, Serialize, JsonSchema)]
struct MessageView {
    id: MessageId,
    /// `user` or `assistant`.
    role: &'static str,
    /// In words.
    text: String,
    /// The parts of a reply.
    blocks: Value,
    #[schemars(with = "String")]
    created_at: jiff::Timestamp,
}

async fn messages(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<Vec<MessageView>>, Problem> {
    let before = query.before.map(MessageId);
    let messages = server
        .app
        .messages(user.id(), ConversationId(id), before, query.limit()?)
        .await?;
    let view = |mut message: app::Message| MessageView {
        id: message.id,
        role: message.role.as_str(),
        text: message.text,
        blocks: message
            .blocks
            .get_mut("blocks")
            .map(Value::take)
            .unwrap_or_default(),
        created_at: message.created_at,
    };
    Ok(Json(messages.into_iter().map(view).collect()))
}

async fn remove(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
) -> Result<StatusCode, Problem> {
    server
        .app
        .delete_conversation(user.id(), ConversationId(id))
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
