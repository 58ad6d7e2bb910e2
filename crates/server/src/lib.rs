//! The HTTP edge and nothing but it: REST, chat, the page, health.
//!
//! A door turns what came in into a [`domain::Command`] or a message, and what came of it into a reply. Nothing here
//! decides anything about tasks.

mod api;
mod auth;
mod body;
mod health;
mod layers;
mod openapi;
mod page;
mod problem;
mod route;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum_server::accept::NoDelayAcceptor;
use hyper_util::rt::TokioTimer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

pub(crate) use problem::Problem;

/// What handlers share.
#[derive(Clone)]
struct Server {
    app: App,
    draining: Arc<AtomicBool>,
    started: Instant,
}

/// How long a request may take in all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long requests under way may take to end after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything that is served, for tests that call it in the same process.
pub fn router(app: App) -> Router {
    build(Server {
        app,
        draining: Arc::default(),
        started: Instant::now(),
    })
}

fn build(server: Server) -> Router {
    Router::new()
        .merge(api::router())
        .merge(page::router())
        .merge(health::router())
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(|| async {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "this address takes other methods",
            )
        })
        .layer(DefaultBodyLimit::max(body::BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIMEOUT,
        ))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::frame))
        .with_state(server)
}

/// Serves `app` on `listener` until `stop` comes; requests under way are then finished.
///
/// # Errors
/// What the system says when the listener cannot be used.
pub async fn serve(
    app: App,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let draining = Arc::new(AtomicBool::new(false));
    let router = build(Server {
        app,
        draining: draining.clone(),
        started: Instant::now(),
    });
    let handle = axum_server::Handle::<SocketAddr>::new();
    tokio::spawn({
        let handle = handle.clone();
        async move {
            stop.await;
            draining.store(true, Ordering::Relaxed);
            handle.graceful_shutdown(Some(DRAIN_TIMEOUT));
        }
    });
    let mut server = axum_server::from_tcp(listener)?
        .acceptor(NoDelayAcceptor::new())
        .handle(handle);
    server
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    server.serve(router.into_make_service()).await
}
