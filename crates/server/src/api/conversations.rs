//! Conversations: what was said before.

use app::{Message, Reply};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::{delete, get, patch};
use domain::{ConversationId, MessageId, Title};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::auth::CurrentUser;
use crate::body::{Body, IdOf, QueryOf};
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Conversations";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(
            Method::GET,
            "/conversations",
            "List conversations, or those in which something was said, newest first",
            get(list),
        )
        .query::<SearchQuery>()
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
            Method::PATCH,
            "/conversations/{id}",
            "Rename a conversation",
            patch(rename),
        )
        .body::<RenameRequest>()
        .answers_nothing(204),
        new(
            Method::DELETE,
            "/conversations/{id}",
            "Delete a conversation; its changes stay",
            delete(remove),
        )
        .answers_nothing(204),
        new(
            Method::GET,
            "/model-use",
            "What language models were used for, by day (UTC), the latest first",
            get(model_use),
        )
        .answers::<Vec<DayView>>(200),
    ]
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

/// Which conversations.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SearchQuery {
    /// Only those in which this was said, or whose title has it.
    query: Option<String>,
    /// Only those before this number.
    before: Option<i64>,
    /// How many at most, 1 to 200.
    limit: Option<u32>,
}

/// How many of a list.
fn limit(asked: Option<u32>) -> Result<u32, Problem> {
    const MAX: u32 = 200;
    match asked.unwrap_or(50) {
        limit if (1..=MAX).contains(&limit) => Ok(limit),
        _ => Err(app::Error::BadLimit(MAX).into()),
    }
}

/// A conversation.
#[derive(Debug, Serialize, JsonSchema)]
struct ConversationView {
    id: ConversationId,
    /// Its first words, or what it was renamed to.
    title: String,
    #[schemars(with = "String")]
    created_at: jiff::Timestamp,
    #[schemars(with = "String")]
    updated_at: jiff::Timestamp,
}

async fn list(
    user: CurrentUser,
    State(server): State<Server>,
    QueryOf(query): QueryOf<SearchQuery>,
) -> Result<Json<Vec<ConversationView>>, Problem> {
    let (before, limit) = (query.before.map(ConversationId), limit(query.limit)?);
    let words = query.query.as_deref().map(str::trim);
    let list = match words.filter(|words| !words.is_empty()) {
        Some(words) => {
            let found = server
                .app
                .search_conversations(user.id(), words, before, limit);
            found.await?
        }
        None => server.app.conversations(user.id(), before, limit).await?,
    };
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
    /// What answered: `rules` or `model`; only of a reply.
    #[serde(skip_serializing_if = "Option::is_none")]
    engine: Option<String>,
    /// What a reply cost, and what left the server for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<app::Usage>,
    /// Whether it is still being written.
    is_writing: bool,
}

impl From<Message> for MessageView {
    fn from(message: Message) -> Self {
        let (id, role, created_at) = (message.id, message.role, message.created_at);
        if role == app::Role::User {
            return Self {
                id,
                role: role.as_str(),
                text: message.text,
                blocks: Value::Null,
                created_at,
                engine: None,
                usage: None,
                is_writing: false,
            };
        }
        let reply = Reply::from(message);
        Self {
            id,
            role: role.as_str(),
            text: reply.text,
            blocks: serde_json::to_value(reply.content.blocks).unwrap_or_default(),
            created_at,
            engine: Some(reply.engine),
            usage: Some(reply.usage),
            is_writing: reply.is_writing,
        }
    }
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
        .messages(user.id(), ConversationId(id), before, limit(query.limit)?)
        .await?;
    Ok(Json(messages.into_iter().map(MessageView::from).collect()))
}

/// A new title.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RenameRequest {
    /// What the conversation is called, 1 to 500 characters.
    title: Title,
}

async fn rename(
    user: CurrentUser,
    State(server): State<Server>,
    IdOf(id): IdOf,
    Body(request): Body<RenameRequest>,
) -> Result<StatusCode, Problem> {
    let id = ConversationId(id);
    let app = &server.app;
    app.rename_conversation(user.id(), id, &request.title)
        .await?;
    Ok(StatusCode::NO_CONTENT)
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

/// What language models were used for on one day.
#[derive(Debug, Serialize, JsonSchema)]
struct DayView {
    /// The day (UTC).
    day: String,
    /// Requests to providers.
    requests: u64,
    /// Tokens sent.
    input_tokens: u64,
    /// Tokens received.
    output_tokens: u64,
}

async fn model_use(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Vec<DayView>>, Problem> {
    /// Days shown.
    const DAYS: u32 = 90;
    let days = server.app.model_uses(user.id(), DAYS).await?;
    let view = |day: app::ModelUse| DayView {
        day: day.day.to_string(),
        requests: day.requests,
        input_tokens: day.input_tokens,
        output_tokens: day.output_tokens,
    };
    Ok(Json(days.into_iter().map(view).collect()))
}
