//! For those who run it: whether it lives, whether it is ready, and how it does.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use serde_json::{Value, json};
use tokio::sync::Mutex;

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

/// When the database was asked last, and whether it answered.
pub(crate) type LastPing = Mutex<Option<(Instant, bool)>>;

/// Whether the database answers. However many look, it is asked once a second.
async fn database_answers(server: &Server) -> bool {
    const FRESH: Duration = Duration::from_secs(1);
    // Whoever waits here finds what another has asked.
    let mut last = server.last_ping.lock().await;
    match *last {
        Some((at, answers)) if at.elapsed() < FRESH => answers,
        _ => {
            let answers = server.app.ping().await.is_ok();
            *last = Some((Instant::now(), answers));
            answers
        }
    }
}

async fn health(State(server): State<Server>) -> (StatusCode, Json<Value>) {
    let database_answers = database_answers(&server).await;
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
