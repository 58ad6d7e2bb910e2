//! Which site a browser's request comes from, and where it may be sent.

use axum::http::{HeaderMap, Uri, header};
use url::Url;

use crate::Server;

/// What a request says about the site it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// From a page of ours, or of a site that is named in the settings.
    Trusted,
    /// It does not say, or says `null`.
    Unknown,
    /// From another site.
    Foreign,
}

/// What `headers` say about the site that a request comes from.
pub(crate) fn source(server: &Server, headers: &HeaderMap) -> Source {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    match text(header::ORIGIN) {
        Some("null") if site == Some("same-origin") => Source::Trusted,
        Some("null") => Source::Unknown,
        Some(origin) => judged(server, headers, origin),
        None => match text(header::REFERER).map(str::parse::<Url>) {
            Some(Ok(referer)) => judged(server, headers, &referer.origin().ascii_serialization()),
            Some(Err(_)) => Source::Foreign,
            None => Source::Unknown,
        },
    }
}

fn judged(server: &Server, headers: &HeaderMap, origin: &str) -> Source {
    if is_trusted(server, origin) || is_this_machine(server, headers, origin) {
        Source::Trusted
    } else {
        Source::Foreign
    }
}

/// Whether `origin` is ours, or named in the settings.
fn is_trusted(server: &Server, origin: &str) -> bool {
    origin == server.accounts.settings().base_url.origin()
        || server
            .edge
            .origins
            .iter()
            .any(|trusted| trusted.origin() == origin)
}

/// A server without a public address goes by many names, such as `localhost` and `127.0.0.1`; a page of one of them
/// sends its own as host.
fn is_this_machine(server: &Server, headers: &HeaderMap, origin: &str) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let origin = origin.parse::<Uri>().ok();
    server.accounts.settings().base_url.is_loopback()
        && match (host, origin.as_ref().and_then(Uri::authority)) {
            (Some(host), Some(origin)) => origin.as_str().eq_ignore_ascii_case(host),
            _ => false,
        }
}

/// Whether somebody may be sent to `target`: a path here, or a page of a site that is trusted.
pub(crate) fn is_safe_target(server: &Server, target: &str) -> bool {
    if target.chars().any(|c| c.is_control() || c == '\\') {
        return false;
    }
    if let Some(rest) = target.strip_prefix('/') {
        let path = target
            .split(['?', '#'])
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        return !rest.starts_with('/')
            && !path.contains("//")
            && !path.contains("%2f")
            && !path.contains("%5c");
    }
    target.parse::<Url>().is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && is_trusted(server, &url.origin().ascii_serialization())
    })
}
