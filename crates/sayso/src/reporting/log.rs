//! The log: one JSON object a line, or lines for people where a person reads along.

use std::io::IsTerminal;
use std::panic::PanicHookInfo;

use anyhow::Context;
use telemetry::Figures;
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::{EnvFilter, filter::FilterExt, fmt};

use super::is_ours;

/// Writes the log, as far as `level` says, to standard error.
///
/// # Errors
/// A level that is none.
pub(super) fn layer<S>(level: &str) -> anyhow::Result<Box<dyn Layer<S> + Send + Sync>>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = filter(level)?.and(filter_fn(may_be_written));
    let log = fmt::layer().with_writer(std::io::stderr);
    Ok(if std::io::stderr().is_terminal() {
        log.compact().with_filter(filter).boxed()
    } else {
        let log = log.json().flatten_event(true).with_current_span(false);
        log.with_filter(filter).boxed()
    })
}

/// The filter that `LOG_LEVEL` stands for.
///
/// # Errors
/// A level that is none.
pub(crate) fn filter(level: &str) -> anyhow::Result<EnvFilter> {
    EnvFilter::try_new(level)
        .with_context(|| format!("LOG_LEVEL {level:?} is not a level such as info"))
}

/// Whether something may be in the log at all. At their lower levels libraries write down what they are given: statements
/// with their values, headers, what an agent asked for.
fn may_be_written(metadata: &Metadata<'_>) -> bool {
    let limit = match metadata.target().split("::").next() {
        Some("rmcp") => Level::ERROR,
        _ => Level::WARN,
    };
    is_ours(metadata) || *metadata.level() <= limit
}

/// Makes a panic a line of the log like any other.
pub(super) fn panics(figures: Figures) {
    std::panic::set_hook(Box::new(move |panic| {
        figures.panicked();
        let at = panic.location().map(ToString::to_string);
        tracing::error!(at, reason = reason(panic), "the program has panicked");
    }));
}

/// Why, if that is a text of the program. One that was put together may have anything in it, such as the title that was cut
/// in the middle of a letter.
fn reason<'a>(panic: &'a PanicHookInfo<'_>) -> Option<&'a str> {
    panic.payload().downcast_ref::<&'static str>().copied()
}
