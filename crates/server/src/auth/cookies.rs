//! Better Auth's cookies.

use accounts::{Credential, SignedIn, encode_component};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;

use crate::Server;

/// The name of the session's cookie, on plain HTTP and on TLS. Helpers of other frameworks look for exactly these.
const SESSION: [&str; 2] = [
    "better-auth.session_token",
    "__Secure-better-auth.session_token",
];
/// Says that the session ends with the browser's window.
const BRIEF: [&str; 2] = [
    "better-auth.dont_remember",
    "__Secure-better-auth.dont_remember",
];
/// A session as somebody else caches it; we never read it.
const CACHE: [&str; 2] = [
    "better-auth.session_data",
    "__Secure-better-auth.session_data",
];

const SESSION_SECONDS: u32 = 7 * 24 * 60 * 60;

/// The credential in a browser's cookies. `None` if there is none.
pub(crate) fn credential(server: &Server, headers: &HeaderMap) -> Option<Credential> {
    // The safe one counts, if there is one.
    SESSION.into_iter().rev().find_map(|name| {
        let value = find(headers, name)?;
        // On TLS the unsafe name can have been set by anybody on the way.
        (name != SESSION[0] || !is_https(server)).then(|| Credential::cookie(name, value))
    })
}

pub(crate) fn find<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|cookie| {
        let (name, value) = cookie.trim().split_once('=')?;
        (name == wanted && !value.is_empty()).then_some(value)
    })
}

/// Sends cookies with a response.
pub(crate) fn set(response: &mut Response, cookies: impl IntoIterator<Item = HeaderValue>) {
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// The cookies of somebody who has just signed in.
pub(crate) fn signed_in(server: &Server, signed_in: &SignedIn) -> Vec<HeaderValue> {
    let mut cookies = vec![session(server, &signed_in.signed, signed_in.remember)];
    if !signed_in.remember {
        let value = server.accounts.settings().secrets.sign("true");
        cookies.push(cookie(server, BRIEF, &value, None));
    }
    cookies
}

/// The cookie of a session.
pub(crate) fn session(server: &Server, signed: &str, remember: bool) -> HeaderValue {
    cookie(server, SESSION, signed, remember.then_some(SESSION_SECONDS))
}

/// What takes them all away.
pub(crate) fn cleared(server: &Server) -> Vec<HeaderValue> {
    [SESSION, CACHE, BRIEF]
        .map(|names| cookie(server, names, "", Some(0)))
        .into()
}

/// Whether the session is to end with the browser's window.
pub(crate) fn is_brief(server: &Server, headers: &HeaderMap) -> bool {
    find(headers, BRIEF[usize::from(is_https(server))]).is_some()
}

fn cookie(server: &Server, names: [&str; 2], value: &str, seconds: Option<u32>) -> HeaderValue {
    let secure = is_https(server);
    let mut text = format!("{}={}", names[usize::from(secure)], encode_component(value));
    if let Some(seconds) = seconds {
        text.push_str(&format!("; Max-Age={seconds}"));
    }
    text.push_str("; Path=/; HttpOnly; SameSite=Lax");
    if secure {
        text.push_str("; Secure");
    }
    // Percent-encoded, it holds nothing that a header may not.
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

fn is_https(server: &Server) -> bool {
    server.accounts.settings().base_url.is_https()
}
