//! Figures for Prometheus, on a listener of their own: whoever reaches the public address does not reach them, whatever
//! stands in front of it.

use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::{Problem, Server};

/// Everything on that listener.
pub(crate) fn build(server: Server) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .fallback(async || Problem::not_found())
        .with_state(server)
}

async fn metrics(State(server): State<Server>) -> impl IntoResponse {
    let figures = server.app.figures();
    for pool in server.app.pools() {
        figures.pool(&pool);
    }
    if let Some(last) = server.app.backups().state().last {
        figures.backup(
            last.at.as_duration().as_secs_f64(),
            last.took.unsigned_abs(),
        );
    }
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], figures.text())
}
