//! The HTTP edge and nothing but it: REST, chat, the page, health.
//!
//! A door turns what came in into a [`domain::Command`] or a message, and what came of it into a reply. Nothing here
//! decides anything about tasks.

mod api;
mod auth;
mod body;
mod chatkit;
mod edge;
mod health;
mod layers;
mod limits;
mod mcp;
mod metrics;
mod oauth;
mod openapi;
mod page;
mod problem;
mod route;
mod sent;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use accounts::Accounts;
use app::App;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use domain::{Door, UserId};
use hyper_util::rt::TokioTimer;
use tower::util::option_layer;
use tower_http::catch_panic::CatchPanicLayer;

pub use edge::{Edge, LimitSettings, Network, Tls};
pub(crate) use problem::Problem;

/// What handlers share.
#[derive(Clone)]
struct Server {
    app: App,
    accounts: Accounts,
    edge: Arc<Edge>,
    limits: Arc<limits::Limits>,
    draining: Arc<AtomicBool>,
    last_ping: Arc<health::LastPing>,
    mcp: mcp::Endpoint,
    started: Instant,
    /// What this process is called among copies of the server.
    instance: Arc<str>,
}

impl Server {
    fn new(app: App, accounts: Accounts, edge: Edge) -> Self {
        Self {
            mcp: mcp::endpoint(app.clone(), accounts.settings(), &edge),
            app,
            accounts,
            limits: Arc::new(edge.limits()),
            edge: Arc::new(edge),
            draining: Arc::default(),
            last_ping: Arc::default(),
            started: Instant::now(),
            instance: instance().into(),
        }
    }

    /// Gives somebody new the settings they begin with. Without them nothing is lost, so it is not worth a failure.
    async fn welcome(&self, user: &UserId) {
        if let Err(error) = self
            .app
            .welcome(user, Door::Rest, &accounts::random_name())
            .await
        {
            tracing::warn!(%error, "a new user begins without settings");
        }
    }
}

/// How long a client may take to send its headers.
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long requests under way may take to end after a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything that is served, for tests that call it in the same process.
pub fn router(app: App, accounts: Accounts, edge: Edge) -> Router {
    build(Server::new(app, accounts, edge))
}

fn build(server: Server) -> Router {
    let doors = Router::new()
        .merge(api::router())
        .merge(page::router())
        .merge(oauth::page())
        .merge(health::router())
        .merge(mcp::router())
        .merge(chatkit::router())
        .nest("/api/auth", auth::router(&server))
        // Not a page of ours, and no user is called so.
        .route("/api/auth/", any(async || StatusCode::NOT_FOUND));
    framed(doors, server)
}

/// What is served to agents alone, on an address of their own.
fn build_for_agents(server: Server) -> Router {
    framed(mcp::router().merge(health::router()), server)
}

/// `doors` within the layers that every request passes through, and what agents are let in by.
fn framed(doors: Router<Server>, server: Server) -> Router {
    let doors = doors
        .fallback(|| async { Problem::not_found() })
        .method_not_allowed_fallback(async || Problem::method_not_allowed())
        .layer(DefaultBodyLimit::max(body::BODY_BYTES_MAX));
    let guarded = |router: Router<Server>| {
        router
            .layer(from_fn_with_state(server.clone(), layers::deadline))
            .layer(CatchPanicLayer::custom(layers::panicked))
    };
    guarded(doors)
        .layer(option_layer(edge::cors(&server.edge)))
        // Pages of any site may read these, so they are not behind the layer above.
        .merge(guarded(oauth::endpoints(&server)))
        .layer(from_fn_with_state(server.clone(), layers::frame))
        .with_state(server)
}

/// Where a server listens.
#[derive(Debug)]
pub struct Listeners {
    /// For everything.
    pub all: TcpListener,
    /// For agents alone, besides.
    pub agents: Option<TcpListener>,
    /// For figures alone. They are nowhere else.
    pub metrics: Option<TcpListener>,
}

/// Serves `app` on `listeners` until `stop` comes; requests under way are then finished.
///
/// # Errors
/// What the system says when a listener or the certificate cannot be used.
pub async fn serve(
    app: App,
    accounts: Accounts,
    edge: Edge,
    listeners: Listeners,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let server = Server::new(app, accounts, edge);
    let handle = axum_server::Handle::<SocketAddr>::new();
    tokio::spawn({
        let (handle, draining) = (handle.clone(), server.draining.clone());
        let figures = server.app.figures().clone();
        async move {
            stop.await;
            let until = Instant::now() + DRAIN_TIMEOUT;
            draining.store(true, Ordering::Relaxed);
            figures.drain();
            // As long as something is under way, whoever asks is told that nothing more should be sent. Only then is nobody
            // there any more.
            while figures.requests_in_flight() > 0 && Instant::now() < until {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            handle.graceful_shutdown(Some(until.saturating_duration_since(Instant::now())));
        }
    });
    let tls = server.edge.tls.clone();
    let for_agents = async {
        match listeners.agents {
            Some(listener) => {
                let router = build_for_agents(server.clone());
                listen(router, listener, tls.clone(), handle.clone()).await
            }
            None => Ok(()),
        }
    };
    let for_all = listen(
        build(server.clone()),
        listeners.all,
        tls.clone(),
        handle.clone(),
    );
    let for_metrics = async {
        match listeners.metrics {
            // Without TLS: whoever asks knows an address of the inside, which no certificate names.
            Some(listener) => {
                let router = metrics::build(server.clone());
                listen(router, listener, None, handle.clone()).await
            }
            None => Ok(()),
        }
    };
    tokio::try_join!(for_all, for_agents, for_metrics).map(|_| ())
}

/// A new name, short enough to be read out.
fn instance() -> String {
    const LETTERS: usize = 8;
    let mut name = accounts::random_name().to_lowercase();
    name.truncate(LETTERS);
    name
}

/// Serves `router` on one listener until `handle` ends it.
async fn listen(
    router: Router,
    listener: TcpListener,
    tls: Option<Tls>,
    handle: axum_server::Handle<SocketAddr>,
) -> io::Result<()> {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut plain = axum_server::from_tcp(listener)?
        .acceptor(NoDelayAcceptor::new())
        .handle(handle);
    plain
        .http_builder()
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    match tls {
        None => plain.serve(service).await,
        Some(files) => {
            let config = RustlsConfig::from_pem_file(&files.certificate, &files.key).await?;
            tokio::spawn(reload(config.clone(), files));
            plain
                .map(|acceptor| RustlsAcceptor::new(config).acceptor(acceptor))
                .serve(service)
                .await
        }
    }
}

/// Reads a certificate again whenever its files change.
async fn reload(config: RustlsConfig, files: Tls) {
    const EVERY: Duration = Duration::from_secs(2);
    let changed = || {
        [&files.certificate, &files.key].map(|file| {
            std::fs::metadata(file)
                .and_then(|file| file.modified())
                .ok()
        })
    };
    let mut seen = changed();
    loop {
        tokio::time::sleep(EVERY).await;
        let now = changed();
        if now == seen {
            continue;
        }
        match config
            .reload_from_pem_file(&files.certificate, &files.key)
            .await
        {
            Ok(()) => {
                tracing::info!("the certificate has been read again");
                seen = now;
            }
            // The old one stays in use; the new files may be half written.
            Err(error) => tracing::warn!(%error, "the certificate cannot be read again"),
        }
    }
}
