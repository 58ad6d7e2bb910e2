//! OAuth for agents: what they find out about this server, where people are asked, where they get tokens. What counts
//! is decided in `accounts`.

mod consent;
mod metadata;
mod tokens;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::json;
use tower_http::cors::{Any, CorsLayer};
use url::Url;

use crate::limits::Class;
use crate::{Problem, Server, edge};

/// Where the MCP endpoint is described as a resource; with its path behind, and also without.
pub(crate) const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource";

/// The page on which people are asked.
pub(crate) fn page() -> Router<Server> {
    Router::new().route("/oauth/authorize", get(consent::ask).post(consent::answer))
}

/// What programs read and call, also those that are pages of any site: nothing here looks at a cookie.
pub(crate) fn endpoints(server: &Server) -> Router<Server> {
    /// The most that any of them is sent.
    const BODY_BYTES_MAX: usize = 16 * 1024;
    let settings = server.accounts.settings();
    let mut endpoints = Router::new()
        .route(RESOURCE_METADATA, get(metadata::resource))
        .route(
            "/.well-known/oauth-authorization-server",
            get(metadata::server),
        )
        // Also for OpenID Connect, which this is not: pages can read that there is nothing.
        .route("/.well-known/{*name}", any(async || Problem::not_found()))
        .route("/oauth/token", post(tokens::token))
        .route("/oauth/revoke", post(tokens::revoke));
    if let Ok(url) = settings.mcp_url.parse::<Url>()
        && url.path() != "/"
    {
        let path = format!("{RESOURCE_METADATA}{}", url.path());
        endpoints = endpoints.route(&path, get(metadata::resource));
    }
    if settings.oauth_registration {
        endpoints = endpoints.route("/oauth/register", post(tokens::register));
    }
    let anybody = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(Any)
        .max_age(std::time::Duration::from_mins(10));
    endpoints
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state(server.clone(), limited))
        .layer(anybody)
}

/// Refuses what comes too often from one address.
async fn limited(State(server): State<Server>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path();
    // Whatever registers is kept for a while.
    let class = if path == "/oauth/register" {
        Class::Guessing
    } else {
        Class::Plain
    };
    let address = edge::client(&parts, &server).address;
    match server.limits.check(&address, path, class) {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(seconds) => {
            let body = json!({ "error": "temporarily_unavailable", "error_description": "too many requests" });
            let status = StatusCode::TOO_MANY_REQUESTS;
            (status, [("retry-after", seconds.to_string())], Json(body)).into_response()
        }
    }
}
