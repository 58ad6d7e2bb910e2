//! What agents find out before they ask for anything.

use accounts::{READ_SCOPE, WRITE_SCOPE};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::Server;

/// The MCP endpoint as a resource (RFC 9728).
pub(super) async fn resource(State(server): State<Server>) -> Json<Value> {
    let settings = server.accounts.settings();
    Json(json!({
        "resource": settings.mcp_url,
        "resource_name": "Sayso",
        "authorization_servers": [settings.base_url.origin()],
        "scopes_supported": [READ_SCOPE, WRITE_SCOPE],
        "bearer_methods_supported": ["header"],
    }))
}

/// This server as an authorization server (RFC 8414).
pub(super) async fn server(State(server): State<Server>) -> Json<Value> {
    let settings = server.accounts.settings();
    let origin = settings.base_url.origin();
    let mut metadata = json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/oauth/authorize"),
        "token_endpoint": format!("{origin}/oauth/token"),
        "revocation_endpoint": format!("{origin}/oauth/revoke"),
        "scopes_supported": [READ_SCOPE, WRITE_SCOPE],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "client_id_metadata_document_supported": true,
        "authorization_response_iss_parameter_supported": true,
        "protected_resources": [settings.mcp_url],
    });
    // An external server has keys of its own at that address.
    if settings.external.is_none() {
        metadata["jwks_uri"] = json!(format!("{origin}/api/auth/jwks"));
    }
    if settings.oauth_registration {
        metadata["registration_endpoint"] = json!(format!("{origin}/oauth/register"));
    }
    Json(metadata)
}
