//! What every request to Better Auth's endpoints passes: limits by address, then whether a page of another site may have
//! sent it.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answers::{self, Refused};
use super::{Source, is_safe, source};
use crate::Server;
use crate::edge;
use crate::limits::Class;

/// The layer.
pub(super) async fn guard(State(server): State<Server>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let class = class(parts.uri.path());
    let address = edge::client(&parts, &server).address;
    if let Err(seconds) = server.limits.check(&address, parts.uri.path(), class) {
        return Refused::too_many(seconds).into_response();
    }
    let checked = check_kind(&parts).and_then(|()| check_source(&server, &parts));
    if let Err(refused) = checked {
        return refused.into_response();
    }
    let mut response = next.run(Request::from_parts(parts, body)).await;
    response
        .headers_mut()
        .insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

/// Which limit a path has, below `/api/auth`.
fn class(path: &str) -> Class {
    let is = |start: &str| path.starts_with(start);
    if is("/sign-in") || is("/sign-up") || is("/change-password") || is("/change-email") {
        Class::Guessing
    } else if is("/request-password-reset") || is("/send-verification-email") {
        Class::Mailing
    } else {
        Class::Plain
    }
}

/// Refuses bodies that a form of another site could send, but for signing in and up, which forms may do.
fn check_kind(parts: &Parts) -> Result<(), Refused> {
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let form = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-www-form"));
    let path = parts.uri.path();
    if form && !path.starts_with("/sign-in/") && !path.starts_with("/sign-up/") {
        return Err(answers::unsupported());
    }
    Ok(())
}

/// Refuses what a page of another site sends in the name of whoever looks at it.
fn check_source(server: &Server, parts: &Parts) -> Result<(), Refused> {
    if is_safe(&parts.method) {
        return Ok(());
    }
    let headers = &parts.headers;
    let says = |name: &str, value: &str| headers.get(name).is_some_and(|given| given == value);
    if !headers.contains_key(header::COOKIE) {
        let path = parts.uri.path();
        if !path.starts_with("/sign-in") && !path.starts_with("/sign-up") {
            return Ok(());
        }
        if says("sec-fetch-site", "cross-site") && says("sec-fetch-mode", "navigate") {
            return Err(Refused::new(
                403,
                "CROSS_SITE_NAVIGATION_LOGIN_BLOCKED",
                "Cross-site navigation login blocked",
            ));
        }
        let browser = [
            "origin",
            "referer",
            "sec-fetch-site",
            "sec-fetch-mode",
            "sec-fetch-dest",
        ];
        if !browser.iter().any(|name| headers.contains_key(*name)) {
            return Ok(());
        }
    }
    match source(server, headers) {
        Source::Trusted => Ok(()),
        Source::Unknown => Err(Refused::new(
            403,
            "MISSING_OR_NULL_ORIGIN",
            "Missing or null Origin",
        )),
        Source::Foreign => Err(Refused::new(403, "INVALID_ORIGIN", "Invalid origin")),
    }
}
