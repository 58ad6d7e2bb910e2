//! `sayso serve`: the server.

use std::io::{Write, stdout};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::Context;
use app::{Retention, RowSecurity};
use server::Listeners;
use tokio::signal::unix::{SignalKind, signal};

use crate::backup;
use crate::config::Config;
use crate::local::{self, Local};
use crate::reporting;

/// Serves until the process is told to stop.
///
/// # Errors
/// If the database cannot be opened or the address cannot be listened on.
pub(crate) async fn serve(config: &Config) -> anyhow::Result<()> {
    let reporting = reporting::begin(config)?;
    let listeners = Listeners {
        all: listen((config.host, config.port).into())?,
        agents: config.mcp_address().map(listen).transpose()?,
        metrics: config.reporting.metrics_address().map(listen).transpose()?,
    };
    let here = listeners.all.local_addr()?;
    let settings = config.accounts(config.base_url(here)?)?;
    let (base_url, ours) = (settings.base_url.clone(), settings.external.is_none());
    let edge = config.edge()?;
    let figures = reporting.figures().clone();
    figures.settings(&config.digest(&settings.secrets)?);
    let local = local::open_counted(config, settings, figures.clone()).await?;
    let app = local.app.clone();
    figures.database(&app.backend().await?);
    if app.row_security().await? == RowSecurity::Bypassed {
        tracing::warn!(
            "Postgres does not apply its row security to the role in DATABASE_URL, so only the program itself keeps users \
             apart; connect as a role that is no superuser and has no BYPASSRLS"
        );
    }
    if here.ip().is_loopback() && ours {
        let owner = local.owner().await?;
        let token = local.accounts.create_link(&owner).await?;
        // Not through the log: the link is a key, and logs are kept. Nobody has to be there to read it.
        let _ = writeln!(
            stdout(),
            "Open this once to sign your browser in:\n\n    {}/sign-in?token={token}\n",
            base_url.origin()
        );
    }
    let upkeep = tokio::spawn(upkeep(local.clone(), config.retention()));
    let backups = tokio::spawn(backup::keep_making(
        config.clone(),
        app.clone(),
        local.store.clone(),
    ));
    if let Some(agents) = &listeners.agents {
        tracing::info!(address = %agents.local_addr()?, "listening for agents alone, too");
    }
    if let Some(metrics) = &listeners.metrics {
        tracing::info!(address = %metrics.local_addr()?, "figures are here");
    }
    tracing::info!(address = %here, database = app.database(), version = env!("CARGO_PKG_VERSION"), "listening");
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let writing = app.clone();
    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping; requests under way are finished first");
        // Replies that models write would take too long; each says that it was interrupted.
        tokio::spawn(async move { writing.halt().await });
    };
    server::serve(app.clone(), local.accounts, edge, listeners, stop).await?;
    upkeep.abort();
    // One that is being made is given up; it had no name yet.
    backups.abort();
    app.halt().await;
    app.close().await;
    tracing::info!("stopped");
    reporting.end().await;
    Ok(())
}

fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind(address).with_context(|| format!("{address} cannot be listened on"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Removes what is kept no longer than promised, once an hour. Of several copies each does it; it is done once.
async fn upkeep(local: Local, retention: Retention) {
    const EVERY: Duration = Duration::from_hours(1);
    loop {
        let done = async {
            local.accounts.remove_ended().await?;
            for user in local.accounts.everybody().await? {
                // One whose rows cannot be read does not keep the others from being looked after.
                if let Err(error) = local.app.remove_old(&user, &retention).await {
                    tracing::warn!(%error, "upkeep of one user was not finished");
                }
            }
            anyhow::Ok(())
        };
        if let Err(error) = done.await {
            tracing::warn!(
                error = format!("{error:#}"),
                "upkeep was not finished; it is tried again in an hour"
            );
        }
        tokio::time::sleep(EVERY).await;
    }
}
