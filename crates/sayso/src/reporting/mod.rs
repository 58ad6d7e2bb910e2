//! Where what the process tells of itself goes: a log on standard error and, if somebody collects them, traces and reports of
//! errors.
//!
//! A collector that is slow or gone costs nothing but what it would have been told: both are handed over to threads of their
//! own through queues that end.

mod config;
mod errors;
pub(crate) mod log;
mod traces;

use std::time::Duration;

use anyhow::Context;
use telemetry::{Figures, Release};
use tracing::Metadata;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::Config;
pub(crate) use config::ReportingConfig;
use errors::{ErrorReports, Errors};
use traces::{TraceCollector, Traces};

/// Which program this is.
pub(crate) const RELEASE: Release = Release {
    version: env!("CARGO_PKG_VERSION"),
    commit: env!("BUILD_COMMIT"),
};

/// How long a collector is waited for at the end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What has begun to be told.
pub(crate) struct Reporting {
    figures: Figures,
    traces: Option<Traces>,
    errors: Errors,
}

/// Begins to tell.
///
/// # Errors
/// A setting that makes no sense.
pub(crate) fn begin(config: &Config) -> anyhow::Result<Reporting> {
    let figures = Figures::new(RELEASE);
    let errors = Errors::new(figures.clone(), config.reporting.error_reports())?;
    let traces = config.reporting.traces()?.map(Traces::new).transpose()?;
    tracing_subscriber::registry()
        .with(log::layer(&config.log_level)?)
        .with(errors.layer())
        .with(traces.as_ref().map(Traces::layer))
        .try_init()
        .context("the log cannot be begun")?;
    log::panics(figures.clone());
    Ok(Reporting {
        figures,
        traces,
        errors,
    })
}

impl Reporting {
    /// Where everything is counted.
    pub(crate) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Sends what has not been sent yet, as far as there is time.
    pub(crate) async fn end(self) {
        // It waits without giving way to others.
        let sent = tokio::task::spawn_blocking(move || {
            self.errors.end(LAST_WORDS);
            if let Some(traces) = self.traces {
                traces.end(LAST_WORDS);
            }
        });
        let _ = sent.await;
    }
}

/// Whether a line or a span is of this program, and not of a library, which may have anything in it.
fn is_ours(metadata: &Metadata<'_>) -> bool {
    let room = metadata.target().split("::").next().unwrap_or_default();
    matches!(
        room,
        "accounts"
            | "agent"
            | "app"
            | "backup"
            | "domain"
            | "language"
            | "mcp"
            | "sayso"
            | "server"
            | "store"
            | "telemetry"
    )
}
