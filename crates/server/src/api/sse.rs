//! Server-sent events on the wire.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;
use serde_json::Value;

/// How often something is sent at least, so that nothing in between takes the connection for dead.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(15);

/// What is sent when there is nothing to say.
pub(super) const STILL_HERE: Bytes = Bytes::from_static(b": still here\n\n");

/// One event.
pub(super) fn frame(event: &str, id: Option<u64>, data: &Value) -> String {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    // JSON has no line breaks of its own.
    format!("{id}event: {event}\ndata: {data}\n\n")
}

/// The answer that `chunks` are sent in as they come.
pub(super) fn response(
    chunks: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static,
) -> Response {
    let mut response = Body::from_stream(chunks).into_response();
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Proxies that gather what they pass on let this through at once.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}
