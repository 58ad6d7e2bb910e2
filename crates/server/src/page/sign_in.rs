//! Signing in by a one-time link, and out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{Visitor, assets, forms, html};
use crate::auth::{SESSION_COOKIE, session_cookie};
use crate::{Problem, Server};

/// What somebody sees who is not signed in.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    style: String,
}

pub(super) fn page() -> Response {
    (
        StatusCode::UNAUTHORIZED,
        html(&SignInPage {
            style: assets::style(),
        }),
    )
        .into_response()
}

#[derive(Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    token: String,
}

/// Signs the browser in that opens a one-time link.
pub(super) async fn with_link(
    State(server): State<Server>,
    Query(link): Query<Link>,
) -> Result<Response, Problem> {
    let Some(session) = server.app.sign_in_with_link(&link.token).await? else {
        return Ok(page());
    };
    let seconds = session.lasts.as_secs();
    // Not `Secure`: the local server speaks plain HTTP on loopback.
    let cookie = format!(
        "{SESSION_COOKIE}={}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax",
        session.token
    );
    Ok(with_cookie(Redirect::to("/").into_response(), &cookie))
}

pub(super) async fn out(
    visitor: Visitor,
    State(server): State<Server>,
    headers: HeaderMap,
    forms::Form(form): forms::Form<forms::Bare>,
) -> Result<Response, Problem> {
    form.check(&visitor)?;
    if let Some(session) = session_cookie(&headers) {
        server.app.sign_out(session).await?;
    }
    let gone = format!("{SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    Ok(with_cookie(Redirect::to("/").into_response(), &gone))
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}
