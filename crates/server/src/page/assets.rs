//! The files a page loads, under names that change with their content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::Problem;

const STYLE: &str = include_str!("../../assets/style.css");

static STYLE_NAME: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(STYLE);
    let hash: String = digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("style.{hash}.css")
});

/// Where the stylesheet is.
pub(crate) fn style() -> String {
    format!("/assets/{}", *STYLE_NAME)
}

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    if name != *STYLE_NAME {
        return Problem::not_found().into_response();
    }
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, STYLE).into_response()
}
