//! Who a request is from: the one extractor behind which all authentication stands.

use app::{Credential, Principal};
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use domain::UserId;

use crate::{Problem, Server};

/// The cookie that holds a browser's session.
pub(crate) const SESSION_COOKIE: &str = "sayso.session";

/// The user whom a request is from, proven, and the same as the one its path names.
#[derive(Debug, Clone)]
pub(crate) struct CurrentUser(pub(crate) Principal);

impl CurrentUser {
    pub(crate) fn id(&self) -> &UserId {
        &self.0.user
    }
}

impl FromRequestParts<Server> for CurrentUser {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        let credential = credential(&parts.headers).ok_or_else(Problem::unauthorized)?;
        if matches!(credential, Credential::Session(_))
            && !is_safe(&parts.method)
            && !same_origin(parts)
        {
            return Err(Problem::forbidden("this request comes from another site"));
        }
        let principal = server
            .app
            .principal(&credential)
            .await?
            .ok_or_else(Problem::unauthorized)?;
        // Before any look-up: what is behind somebody else's path is nobody else's business.
        let path = RawPathParams::from_request_parts(parts, server)
            .await
            .map_err(|_| Problem::not_found())?;
        if path
            .iter()
            .any(|(name, value)| name == "user_id" && value != principal.user.as_str())
        {
            return Err(Problem::forbidden("this address belongs to another user"));
        }
        Ok(Self(principal))
    }
}

/// The credential a request carries. A bad header is not made good by a cookie.
pub(crate) fn credential(headers: &HeaderMap) -> Option<Credential> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| Credential::Token(token.trim().to_owned()));
    }
    session_cookie(headers).map(|token| Credential::Session(token.to_owned()))
}

/// The session that a browser sends. `None` if it sends none.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    cookies.flat_map(|line| line.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == SESSION_COOKIE && !value.is_empty()).then_some(value)
    })
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that the request comes from a page of ours.
fn same_origin(parts: &Parts) -> bool {
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let origin = parts
        .headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    let origin = origin.and_then(|origin| origin.parse::<Uri>().ok());
    match (host, origin.as_ref().and_then(Uri::authority)) {
        (Some(host), Some(origin)) => origin.as_str().eq_ignore_ascii_case(host),
        _ => false,
    }
}
