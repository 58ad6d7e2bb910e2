//! Reads what a request brings: JSON bodies, queries and paths, each with an error that says what is wrong with it.

use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use domain::IdempotencyKey;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Problem, Server};

/// The most bytes a request body may have.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// A JSON body.
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Server> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "send the body as JSON, with content-type: application/json";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not-json",
                detail,
            ));
        }
        let bytes = in_time(Bytes::from_request(request, server)).await?;
        let bytes = bytes.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(BODY_BYTES_MAX),
            _ => Problem::malformed("the body ended before it was complete"),
        })?;
        parse(&bytes).map(Self)
    }
}

/// A body that may be left out.
impl<T: DeserializeOwned> OptionalFromRequest<Server> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Option<Self>, Problem> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        <Self as FromRequest<Server>>::from_request(request, server)
            .await
            .map(Some)
    }
}

/// What reading a body comes to, if it arrives in time.
pub(crate) async fn in_time<T>(read: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::time::timeout(BODY_TIMEOUT, read).await.map_err(|_| {
        let detail = "the body took too long to arrive; send it at once";
        Problem::new(StatusCode::REQUEST_TIMEOUT, "too-slow", detail)
    })
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let essence = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
        || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value: Value = serde::Deserialize::deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Problem::malformed(format!("the body is not JSON: {error}")))?;
    from_value(value)
}

/// `value` as a `T`, or what is wrong with which field.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let what = error.into_inner();
        Problem::invalid(if path == "." {
            what.to_string()
        } else {
            format!("{path}: {what}")
        })
    })
}

/// The query of a request.
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Server> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, server).await;
        query
            .map(|Query(query)| Self(query))
            .map_err(|error| Problem::invalid(error.body_text()))
    }
}

/// A number in a path, such as a task's: anything that cannot be one is simply not there.
pub(crate) struct IdOf(pub(crate) i64);

impl FromRequestParts<Server> for IdOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        #[derive(serde::Deserialize)]
        struct Named {
            id: String,
        }
        let Path(Named { id }) = Path::<Named>::from_request_parts(parts, server)
            .await
            .map_err(|_| Problem::not_found())?;
        id.parse()
            .map(Self)
            .map_err(|_| Problem::invalid(format!("\u{201c}{id}\u{201d} is not a number")))
    }
}

/// The name a client gives a request so that it can be repeated, from `Idempotency-Key`.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .map_err(|_| Problem::invalid("Idempotency-Key must be plain text"))?;
    text.parse()
        .map(Some)
        .map_err(|error: domain::TextError| Problem::invalid(error.to_string()))
}
