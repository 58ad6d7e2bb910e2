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
use tokio::time::timeout;

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
    } else if database_answers(&server).await {
        (StatusCode::OK, "ready")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the database does not answer",
        )
    }
}

/// When the database was asked last, and whether it answered.
pub(crate) type LastPing = Mutex<Option<(Instant, bool)>>;

/// Whether the database answers. However many look, it is asked once a second, and waited for no longer than a balancer
/// waits for us.
async fn database_answers(server: &Server) -> bool {
    const FRESH: Duration = Duration::from_secs(1);
    const PATIENCE: Duration = Duration::from_secs(2);
    // Whoever waits here finds what another has asked.
    let mut last = server.last_ping.lock().await;
    match *last {
        Some((at, answers)) if at.elapsed() < FRESH => answers,
        _ => {
            let answers = matches!(timeout(PATIENCE, server.app.ping()).await, Ok(Ok(())));
            *last = Some((Instant::now(), answers));
            answers
        }
    }
}

/// How it does: `ok`; `degraded`, when requests are answered but something is missing; `unavailable`, when they are not.
async fn health(State(server): State<Server>) -> (StatusCode, Json<Value>) {
    let database_answers = database_answers(&server).await;
    let degraded = degraded(&server);
    let (status, word) = match (database_answers, degraded.is_empty()) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        (true, false) => (StatusCode::OK, "degraded"),
        (true, true) => (StatusCode::OK, "ok"),
    };
    let release = server.app.figures().release();
    let body = json!({
        "status": word,
        "version": release.version,
        "commit": release.commit,
        "build": release.build(),
        "instance": server.instance,
        "database": { "kind": server.app.database(), "answers": database_answers },
        "degraded": degraded,
        "uptime_seconds": server.started.elapsed().as_secs(),
    });
    (status, Json(body))
}

/// What does not do as it should, by what was seen of it last.
fn degraded(server: &Server) -> Vec<&'static str> {
    let backups = server.app.backups().state();
    let parts = [
        ("models", server.app.models().is_any_resting()),
        ("backups", backups.is_overdue(server.app.clock().now())),
    ];
    let ill = parts.into_iter().filter(|(_, is_ill)| *is_ill);
    ill.map(|(part, _)| part).collect()
}
