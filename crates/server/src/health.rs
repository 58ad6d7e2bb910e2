//! For those who run it: whether it lives, whether it is ready, and how it does.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};

use crate::Server;

pub(crate) fn router() -> Router<Server> {
    Router::new()
        .route("/livez", get(|| async { "ok" }))
        .route("/readyz", get(ready))
        .route("/health", get(health))
}

/// Ready for requests: the database answers and no stop has been asked for.
async fn ready(State(server): State<Server>) -> (StatusCode, &'static str) {
    if server.draining.load(Ordering::Relaxed) {
        (StatusCode::SERVICE_UNAVAILABLE, "stopping")
    } else if server.app.ping().await.is_err() {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer",
        )
    } else {
        (StatusCode::OK, "ready")
    }
}

async fn health(State(server): State<Server>) -> (StatusCode, Json<Value>) {
    let database_answers = server.app.ping().await.is_ok();
    let (status, word) = if database_answers {
        (StatusCode::OK, "ok")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "degraded")
    };
    let body = json!({
        "status": word,
        "version": env!("CARGO_PKG_VERSION"),
        "database": { "kind": server.app.database(), "answers": database_answers },
        "uptime_seconds": server.started.elapsed().as_secs(),
    });
    (status, Json(body))
}
