//! Where agents get tokens, give them back, and register: forms and JSON in, the answers of OAuth out.

use accounts::{AgentMetadata, OauthError, Parameters, RegisteredAgent, Tokens};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::body::in_time;
use crate::edge::ClientOf;
use crate::{Problem, Server};

/// What went wrong, as agents read it (RFC 6749, section 5.2).
pub(super) struct Refused(OauthError);

impl From<OauthError> for Refused {
    fn from(error: OauthError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, error, description) = match self.0 {
            OauthError::Refused { error, description } => {
                let status = if error == "invalid_client" {
                    StatusCode::UNAUTHORIZED
                } else {
                    StatusCode::BAD_REQUEST
                };
                (status, error, description)
            }
            OauthError::Accounts(error) => {
                let status = Problem::from(error).status();
                if status == StatusCode::SERVICE_UNAVAILABLE {
                    (
                        status,
                        "temporarily_unavailable",
                        "try again in a moment".into(),
                    )
                } else {
                    (
                        status,
                        "server_error",
                        "something went wrong on the server".into(),
                    )
                }
            }
        };
        let body = json!({ "error": error, "error_description": description });
        let mut response = (status, [(header::PRAGMA, "no-cache")], Json(body)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from(1));
        }
        response
    }
}

/// A body of this type, as it came.
async fn read(request: Request, server: &Server, kind: &str) -> Result<Bytes, Refused> {
    let refused = |why: &'static str| {
        Refused(OauthError::Refused {
            error: "invalid_request",
            description: why.into(),
        })
    };
    let given = request.headers().get(header::CONTENT_TYPE);
    let given = given
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim();
    if !given.eq_ignore_ascii_case(kind) {
        return Err(refused(if kind == "application/json" {
            "send the body as application/json"
        } else {
            "send the body as application/x-www-form-urlencoded"
        }));
    }
    let body = in_time(Bytes::from_request(request, server)).await;
    body.ok()
        .and_then(Result::ok)
        .ok_or_else(|| refused("the body is too large, or took too long to arrive"))
}

/// A posted form.
pub(super) struct Sent(Parameters);

impl FromRequest<Server> for Sent {
    type Rejection = Refused;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Refused> {
        let body = read(request, server, "application/x-www-form-urlencoded").await?;
        Ok(Self(Parameters::parse(&body)))
    }
}

/// What an agent says of itself.
pub(super) struct Described(AgentMetadata);

impl FromRequest<Server> for Described {
    type Rejection = Refused;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Refused> {
        let body = read(request, server, "application/json").await?;
        let metadata = serde_json::from_slice(&body).map_err(|_| OauthError::Refused {
            error: "invalid_client_metadata",
            description: "the body is not JSON of the right shape".into(),
        })?;
        Ok(Self(metadata))
    }
}

pub(super) async fn token(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Sent(parameters): Sent,
) -> Result<([(header::HeaderName, &'static str); 1], Json<Tokens>), Refused> {
    let tokens = server.accounts.token(&parameters, &client).await?;
    Ok(([(header::PRAGMA, "no-cache")], Json(tokens)))
}

pub(super) async fn revoke(
    State(server): State<Server>,
    ClientOf(client): ClientOf,
    Sent(parameters): Sent,
) -> Result<StatusCode, Refused> {
    server.accounts.give_back(&parameters, &client).await?;
    Ok(StatusCode::OK)
}

pub(super) async fn register(
    State(server): State<Server>,
    Described(metadata): Described,
) -> Result<(StatusCode, Json<RegisteredAgent>), Refused> {
    let registered = server.accounts.register_agent(&metadata).await?;
    Ok((StatusCode::CREATED, Json(registered)))
}
