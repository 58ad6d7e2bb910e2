//! The caller's own account: personal tokens, connected agents, and everything that is kept about them.

use accounts::{ApiToken, OauthGrant, SecurityEvent, iso};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{Method, StatusCode};
use axum::routing::{delete, get, post};
use domain::{Access, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::auth::CurrentUser;
use crate::body::Body;
use crate::edge::ClientOf;
use crate::route::Route;
use crate::{Problem, Server};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Account";
    let new = |method, path, summary, handler| Route::new(method, path, tag, summary, handler);
    vec![
        new(Method::GET, "/tokens", "List personal tokens", get(tokens)).answers::<Vec<Token>>(200),
        new(
            Method::POST,
            "/tokens",
            "Make a personal token; it is shown only now",
            post(create_token),
        )
        .body::<TokenRequest>()
        .answers::<NewToken>(201),
        new(
            Method::DELETE,
            "/tokens/{token_id}",
            "Take a personal token back",
            delete(revoke_token),
        )
        .answers_nothing(204),
        new(
            Method::GET,
            "/agents",
            "List the agents that may act for the user",
            get(agents),
        )
        .answers::<Vec<Agent>>(200),
        new(
            Method::DELETE,
            "/agents/{agent_id}",
            "Disconnect an agent",
            delete(disconnect),
        )
        .answers_nothing(204),
        new(
            Method::GET,
            "/security-events",
            "Who signed in, from where, and what else concerns safety, newest first",
            get(security_events),
        )
        .answers::<Vec<Event>>(200),
        new(
            Method::GET,
            "/export",
            "Everything that is kept about the user",
            get(export),
        )
        .answers::<Value>(200),
    ]
}

/// A personal token, without its secret.
#[derive(Debug, Serialize, JsonSchema)]
struct Token {
    /// The id.
    id: String,
    /// What it is for.
    name: String,
    /// What it may do.
    scope: Access,
    created_at: String,
    /// When it ends, if it does.
    expires_at: Option<String>,
    /// When it was shown last, to the minute.
    last_used_at: Option<String>,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            scope: token.access,
            created_at: iso(token.created_at),
            expires_at: token.expires_at.map(iso),
            last_used_at: token.last_used_at.map(iso),
        }
    }
}

/// A token to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TokenRequest {
    /// What it is for.
    name: String,
    /// What it may do.
    scope: Access,
    /// How many days it lasts, at most 3650; for ever without it.
    days: Option<u32>,
}

/// A token that has just been made.
#[derive(Debug, Serialize, JsonSchema)]
struct NewToken {
    /// The secret, shown only now.
    token: String,
    #[serde(flatten)]
    kept: Token,
}

async fn tokens(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Vec<Token>>, Problem> {
    let tokens = server.accounts.tokens(user.id()).await?;
    Ok(Json(tokens.into_iter().map(Token::from).collect()))
}

async fn create_token(
    user: CurrentUser,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Body(request): Body<TokenRequest>,
) -> Result<(StatusCode, Json<NewToken>), Problem> {
    user.in_person()?;
    let new = server
        .accounts
        .create_token(
            user.id(),
            &request.name,
            request.scope,
            request.days,
            &client,
        )
        .await?;
    let answer = NewToken {
        token: new.secret,
        kept: new.token.into(),
    };
    Ok((StatusCode::CREATED, Json(answer)))
}

async fn revoke_token(
    user: CurrentUser,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Path(path): Path<TokenPath>,
) -> Result<StatusCode, Problem> {
    user.in_person()?;
    server
        .accounts
        .revoke_token(user.id(), &path.token_id, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct TokenPath {
    token_id: String,
}

/// An agent that may act for the user.
#[derive(Debug, Serialize, JsonSchema)]
struct Agent {
    /// The id.
    id: String,
    /// What it calls itself.
    name: String,
    /// The id that it has as a client; if it is an address, a document there describes it.
    client_id: String,
    /// What it may do.
    access: Access,
    created_at: String,
    /// When it ends, unless the agent comes back before.
    expires_at: String,
    /// When it last did something, to the minute.
    last_used_at: Option<String>,
}

impl From<OauthGrant> for Agent {
    fn from(grant: OauthGrant) -> Self {
        Self {
            id: grant.id,
            name: grant.client_name,
            client_id: grant.client_id,
            access: grant.access,
            created_at: iso(grant.created_at),
            expires_at: iso(grant.expires_at),
            last_used_at: grant.last_used_at.map(iso),
        }
    }
}

async fn agents(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Vec<Agent>>, Problem> {
    let agents = server.accounts.agents(user.id()).await?;
    Ok(Json(agents.into_iter().map(Agent::from).collect()))
}

async fn disconnect(
    user: CurrentUser,
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Path(path): Path<AgentPath>,
) -> Result<StatusCode, Problem> {
    user.in_person()?;
    server
        .accounts
        .disconnect(user.id(), &path.agent_id, &client)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct AgentPath {
    agent_id: String,
}

/// Something that concerns safety.
#[derive(Debug, Serialize, JsonSchema)]
struct Event {
    at: String,
    /// What happened, such as `sign-in`.
    kind: String,
    /// From which address; empty if none can be trusted.
    address: String,
    /// What the client called itself.
    agent: String,
}

impl From<SecurityEvent> for Event {
    fn from(event: SecurityEvent) -> Self {
        Self {
            at: iso(event.at),
            kind: event.kind,
            address: event.address,
            agent: event.agent,
        }
    }
}

/// How many events are shown.
const EVENTS: u32 = 200;

async fn security_events(
    user: CurrentUser,
    State(server): State<Server>,
) -> Result<Json<Vec<Event>>, Problem> {
    let events = server.accounts.security_events(user.id(), EVENTS).await?;
    Ok(Json(events.into_iter().map(Event::from).collect()))
}

async fn export(user: CurrentUser, State(server): State<Server>) -> Result<Json<Value>, Problem> {
    Ok(Json(everything(&server, user.id()).await?))
}

/// Everything that is kept about a user, without what would let somebody be them.
pub(crate) async fn everything(server: &Server, user: &UserId) -> Result<Value, Problem> {
    let accounts = &server.accounts;
    let mut all =
        serde_json::to_value(server.app.export(user).await?).map_err(|_| Problem::internal())?;
    all["account"] = accounts.export(user).await?;
    Ok(all)
}
