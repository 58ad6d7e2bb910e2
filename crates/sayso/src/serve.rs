//! `sayso serve`: the server.

use std::io::IsTerminal;
use std::net::TcpListener;

use anyhow::Context;
use app::RowSecurity;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::config::Config;
use crate::local;

/// Serves until the process is told to stop.
///
/// # Errors
/// If the database cannot be opened or the address cannot be listened on.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<()> {
    log(config)?;
    let app = local::open(config).await?;
    if app.row_security().await? == RowSecurity::Bypassed {
        tracing::warn!(
            "Postgres does not apply its row security to the role in DATABASE_URL, so only the program itself keeps users \
             apart; connect as a role that is no superuser, has no BYPASSRLS and owns the database"
        );
    }
    let address = (config.host, config.port);
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{}:{} cannot be listened on", config.host, config.port))?;
    listener.set_nonblocking(true)?;
    let here = listener.local_addr()?;
    if here.ip().is_loopback() {
        let owner = app.local_owner().await?;
        let token = app.create_link(&owner).await?;
        // Not through the log: the link is a key, and logs are kept.
        eprintln!(
            "Open this once to sign your browser in:\n\n    http://{here}/sign-in?token={token}\n"
        );
    }
    tracing::info!(address = %here, database = app.database(), version = env!("CARGO_PKG_VERSION"), "listening");
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping; requests under way are finished first");
    };
    server::serve(app.clone(), listener, stop).await?;
    app.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log_level).with_context(|| {
        format!(
            "LOG_LEVEL {:?} is not a level such as info",
            config.log_level
        )
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        builder.compact().init();
    } else {
        builder.json().flatten_event(true).init();
    }
    Ok(())
}
