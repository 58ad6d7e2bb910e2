//! The files a page loads. Their address changes with their content, so browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::Problem;

struct Asset {
    name: &'static str,
    plain: &'static [u8],
    zipped: &'static [u8],
}

macro_rules! asset {
    ($name:literal) => {
        Asset {
            name: $name,
            plain: include_bytes!(concat!(env!("OUT_DIR"), "/", $name)),
            zipped: include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".gz")),
        }
    };
}

/// All of them, as `build.rs` made them.
const ASSETS: &[Asset] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// The folder they are in. One name for all: a module finds those it imports beside it.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for asset in ASSETS {
        digest.update(asset.name);
        digest.update(asset.plain);
    }
    let hash: String = digest
        .finalize()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("/assets/{hash}")
});

/// Where the files are, without a slash at the end.
pub(crate) fn folder() -> &'static str {
    &FOLDER
}

/// The worker, which is served at the root: from there it sees the whole page.
pub(super) const WORKER: &str = include_str!(concat!(env!("OUT_DIR"), "/sw.js"));

/// What the files are called that the page is made of.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let names = ASSETS.iter().map(|asset| asset.name);
    names.filter(|name| *name != "sw.js")
}

/// Serves one of them.
pub(super) async fn asset(
    Path((folder, name)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let is_ours = FOLDER.strip_prefix("/assets/") == Some(folder.as_str());
    let Some(asset) = ASSETS.iter().find(|asset| is_ours && asset.name == name) else {
        return Problem::not_found().into_response();
    };
    let kind = match asset.name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    let fixed = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    if takes_gzip(&headers) {
        return (fixed, [(header::CONTENT_ENCODING, "gzip")], asset.zipped).into_response();
    }
    (fixed, asset.plain).into_response()
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok());
    accepted
        .unwrap_or_default()
        .split(',')
        .any(|coding| coding.trim() == "gzip")
}
