//! The files a page loads, under names that change with their content, so that browsers may keep them for ever.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::Problem;

/// A file that a page loads.
struct Asset {
    name: String,
    kind: &'static str,
    content: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, kind: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content);
        let hash: String = digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            name: format!("{stem}.{hash}.{extension}"),
            kind,
            content,
        }
    }
}

static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/style.css");
    Asset::new("style", "css", "text/css; charset=utf-8", content)
});
static CHATKIT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../assets/js/chatkit.js");
    Asset::new("chatkit", "js", "text/javascript; charset=utf-8", content)
});

/// Where the stylesheet is.
pub(crate) fn style() -> String {
    format!("/assets/{}", STYLE.name)
}

/// Where the script of ChatKit's page is.
pub(super) fn chatkit() -> String {
    format!("/assets/{}", CHATKIT.name)
}

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let asset = [&*STYLE, &*CHATKIT]
        .into_iter()
        .find(|asset| asset.name == name);
    let Some(asset) = asset else {
        return Problem::not_found().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, asset.kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, asset.content).into_response()
}
