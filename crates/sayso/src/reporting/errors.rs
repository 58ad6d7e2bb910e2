//! Reports of errors, to whoever understands what Sentry does (<https://develop.sentry.dev/sdk/>).
//!
//! A report is put together from what is listed here, rather than cleared of what must not be in it: where in the program the
//! error was logged, in which words of the program, and the names of the request and its route.

use std::collections::BTreeMap;
use std::fmt::{Debug, Write};
use std::sync::Arc;
use std::time::Duration;

use sentry::protocol::Event as Report;
use sentry::transports::ReqwestHttpTransportOptions;
use sentry::types::Dsn;
use sentry::{Client, ClientOptions, Level, Transport, TransportFactory, TransportOptions};
use telemetry::{Figures, Trail};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::{RELEASE, is_ours};

/// Where reports go.
#[derive(Debug, Clone)]
pub(crate) struct ErrorReports {
    pub(crate) dsn: Dsn,
    pub(crate) environment: String,
}

/// Counts errors, and reports them if somebody wants to know.
#[derive(Clone)]
pub(super) struct Errors {
    figures: Figures,
    client: Option<Arc<Client>>,
}

impl Errors {
    /// Reports errors to `reports`, if that is given.
    ///
    /// # Errors
    /// If there is no way to speak TLS.
    pub(super) fn new(figures: Figures, reports: Option<ErrorReports>) -> anyhow::Result<Self> {
        const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
        let Some(ErrorReports { dsn, environment }) = reports else {
            return Ok(Self {
                figures,
                client: None,
            });
        };
        // Its redirects are followed nowhere, and whom it trusts is said as for every other server.
        let http = agent::http_client(CONNECT_TIMEOUT)?;
        let mut options = ClientOptions::new()
            .release(format!("sayso@{}+{}", RELEASE.version, RELEASE.commit))
            .environment(environment)
            .transport(Sender(http))
            // Each of them would add something that nobody has looked at.
            .default_integrations(false);
        options.dsn = Some(dsn);
        Ok(Self {
            figures,
            client: Some(Arc::new(Client::with_options(options))),
        })
    }

    /// What hears of errors.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        self.clone().with_filter(LevelFilter::ERROR)
    }

    /// Sends what has not been sent yet.
    pub(super) fn end(&self, within: Duration) {
        if let Some(client) = &self.client {
            client.close(Some(within));
        }
    }
}

impl<S: Subscriber> Layer<S> for Errors {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        self.figures.log_error();
        let Some(client) = &self.client else {
            return;
        };
        let trail = Trail::current();
        // The line of the request says once more that it failed.
        let is_first = trail.as_ref().is_none_or(Trail::is_first_report);
        if is_ours(event.metadata()) && is_first {
            client.capture_event(report(event, trail.as_ref()), None);
        }
    }
}

fn report(event: &Event<'_>, trail: Option<&Trail>) -> Report<'static> {
    let metadata = event.metadata();
    let mut message = Message::default();
    event.record(&mut message);
    let place = format!(
        "{}:{}",
        metadata.file().unwrap_or_default(),
        metadata.line().unwrap_or_default()
    );
    let mut tags = BTreeMap::from([("place".to_owned(), place)]);
    if let Some(trail) = trail {
        tags.insert("request_id".to_owned(), trail.request_id().to_owned());
        tags.insert("route".to_owned(), trail.route().to_owned());
    }
    Report {
        level: Level::Error,
        message: Some(message.0),
        logger: Some(metadata.target().to_owned()),
        tags: tags.into_iter().collect(),
        ..Report::default()
    }
}

/// The words of a line, which are the program's own, and none of its other fields.
#[derive(Default)]
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            // Writing to a text cannot fail.
            let _ = write!(self.0, "{value:?}");
        }
    }
}

/// Sends reports with a client of ours.
struct Sender(reqwest::Client);

impl TransportFactory for Sender {
    fn create_transport_with_options(&self, options: TransportOptions) -> Arc<dyn Transport> {
        let options = ReqwestHttpTransportOptions::from(options).with_client(self.0.clone());
        Arc::new(options.build())
    }
}
