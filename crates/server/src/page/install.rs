//! What makes the page an app of its own: its name and icons for whoever installs it, and the program that keeps it readable
//! when there is no connection.

use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::assets;

/// The program that stands between the page and the network. It knows which files the page is made of, so a new version of
/// any of them is a new version of it.
pub(super) async fn worker() -> Response {
    let files: Vec<String> = assets::names()
        .map(|name| format!("{}/{name}", assets::folder()))
        .collect();
    let known = json!({ "folder": assets::folder(), "files": files });
    let kind = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    let script = format!("self.assets = {known};\n{}", assets::WORKER);
    (kind, script).into_response()
}

pub(super) async fn manifest() -> Response {
    let icon = |name: &str, purpose: &str| {
        let src = format!("{}/{name}", assets::folder());
        json!({ "src": src, "sizes": "any", "type": "image/svg+xml", "purpose": purpose })
    };
    let manifest = json!({
        "id": "/",
        "name": "Sayso",
        "short_name": "Sayso",
        "description": "Your tasks, in plain words",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf9f7",
        "theme_color": "#faf9f7",
        "icons": [icon("icon.svg", "any"), icon("maskable.svg", "maskable")],
        "shortcuts": [
            { "name": "Add task", "url": "/add" },
            { "name": "Today", "url": "/" },
        ],
        "share_target": {
            "action": "/add",
            "method": "GET",
            "params": { "title": "title", "text": "text", "url": "url" },
        },
    });
    let kind = [
        (header::CONTENT_TYPE, "application/manifest+json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (kind, manifest.to_string()).into_response()
}
