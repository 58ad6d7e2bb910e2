//! The MCP endpoint: who calls, and whether the token reaches far enough. What is asked for is `mcp`'s business.

use std::sync::Arc;

use accounts::{READ_SCOPE, Settings, WRITE_SCOPE};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use domain::Access;
use mcp::{Caller, HttpSettings, MCP_BODY_BYTES_MAX, Tasks};
use telemetry::Trail;
use url::Url;

use crate::auth::bearer;
use crate::body::in_time;
use crate::edge::Edge;
use crate::layers::RequestId;
use crate::oauth::RESOURCE_METADATA;
use crate::{Problem, Server};

/// Where agents find it.
const PATH: &str = "/mcp";

/// The endpoint, with all it needs.
pub(crate) type Endpoint = mcp::Service<Tasks>;

pub(crate) fn router() -> Router<Server> {
    Router::new().route(PATH, any(answer))
}

/// The endpoint of `app`, by the names under which it may be called.
pub(crate) fn endpoint(app: app::App, settings: &Settings, edge: &Edge) -> Endpoint {
    let base_url = &settings.base_url;
    let tasks = Tasks::new(
        app,
        Arc::new(mcp::Settings {
            base_url: base_url.origin().to_owned(),
            toolset: edge.toolset,
        }),
    );
    let addresses: Vec<Url> = [base_url.origin(), &settings.mcp_url]
        .iter()
        .filter_map(|address| address.parse().ok())
        .collect();
    let mut hosts: Vec<String> = addresses
        .iter()
        .filter_map(Url::host_str)
        .map(str::to_owned)
        .collect();
    let others = edge.origins.iter().map(|origin| origin.origin().to_owned());
    let ours = addresses
        .iter()
        .map(|url| url.origin().ascii_serialization());
    let mut origins: Vec<String> = ours.chain(others).map(with_port).collect();
    if base_url.is_loopback() {
        hosts.extend(["localhost", "127.0.0.1", "::1"].map(str::to_owned));
        origins.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("http://{host}:*")));
    }
    mcp::service(move || tasks.clone(), HttpSettings { hosts, origins })
}

/// An origin with its port written out, so that it stands for that one alone.
fn with_port(origin: String) -> String {
    match origin.parse::<Url>() {
        Ok(url) if url.port().is_none() => match url.port_or_known_default() {
            Some(port) => format!("{origin}:{port}"),
            None => origin,
        },
        _ => origin,
    }
}

async fn answer(
    State(server): State<Server>,
    request_id: RequestId,
    request: Request,
) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    // Before anything is answered: a connection with a body that was not read is closed, and a client that is told to come
    // back with a token comes back on it.
    let body = in_time(axum::body::to_bytes(body, MCP_BODY_BYTES_MAX)).await?;
    let guest = match bearer(&parts.headers) {
        Some(credential) => server.accounts.guest(&credential).await?,
        None => None,
    };
    let Some(guest) = guest else {
        let is_shown = parts.headers.contains_key(header::AUTHORIZATION);
        let error = is_shown.then_some("invalid_token");
        return Ok(challenge(&server, Problem::unauthorized(), error));
    };
    server.limits.user(guest.user.as_str())?;
    let body = body.map_err(|_| Problem::too_large(MCP_BODY_BYTES_MAX))?;
    if guest.access == Access::Read && mcp::changes_something(&body) {
        let problem =
            Problem::forbidden("this token may only read; changing tasks takes tasks:write");
        return Ok(challenge(&server, problem, Some("insufficient_scope")));
    }
    parts.extensions.insert(Caller {
        guest,
        request_id: request_id.as_str().to_owned(),
        trail: Trail::current().unwrap_or_default(),
    });
    let request = Request::from_parts(parts, axum::body::Body::from(body));
    Ok(server.mcp.handle(request).await.into_response())
}

/// Says how to come by a token that counts: RFC 9728, section 5.1.
fn challenge(server: &Server, problem: Problem, error: Option<&str>) -> Response {
    let settings = server.accounts.settings();
    let metadata = metadata_url(settings);
    let mut value =
        format!("Bearer resource_metadata=\"{metadata}\", scope=\"{READ_SCOPE} {WRITE_SCOPE}\"");
    if let Some(error) = error {
        value.push_str(&format!(", error=\"{error}\""));
    }
    let mut response = problem.into_response();
    if let Ok(value) = HeaderValue::from_str(&value) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

/// Where the endpoint's metadata are: its own address with a well-known path before its path.
fn metadata_url(settings: &Settings) -> String {
    match settings.mcp_url.parse::<Url>() {
        Ok(url) => format!(
            "{}{RESOURCE_METADATA}{}",
            url.origin().ascii_serialization(),
            url.path()
        ),
        Err(_) => format!("{}{RESOURCE_METADATA}", settings.base_url.origin()),
    }
}
