//! Every figure there is, with its name: this is the one place that knows them.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::process::Process;

/// What this process counts and times. Clones are the same.
#[derive(Debug, Clone)]
pub struct Figures(Arc<Inner>);

/// Which program it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// The version.
    pub version: &'static str,
    /// The commit that it was built from; `unknown` where there was none.
    pub commit: &'static str,
}

impl Release {
    /// `release`, or `debug`.
    pub fn build(self) -> &'static str {
        if cfg!(debug_assertions) {
            "debug"
        } else {
            "release"
        }
    }
}

impl Default for Release {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            commit: "unknown",
        }
    }
}

/// How a pool of connections is used now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: &'static str,
    /// The most connections that it may have.
    pub size: usize,
    /// Those that somebody uses.
    pub used: usize,
    /// Those that nobody uses.
    pub idle: usize,
    /// Requests that wait for one.
    pub waiting: usize,
}

/// What the database says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Backend {
    /// `sqlite` or `postgres`.
    pub backend: &'static str,
    /// Its version.
    pub version: String,
    /// How its log is kept.
    pub journal: String,
    /// Whether a commit waits for the disk.
    pub synchronous: String,
}

/// A request that is being answered; dropped when it is.
#[derive(Debug)]
pub struct InFlight(Gauge);

/// A stream that somebody reads; dropped when nobody does.
#[derive(Debug)]
pub struct Open(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A set of labels.
macro_rules! labels {
    ($($name:ident { $($label:ident: $kind:ty),+ })+) => { $(
        #[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
        struct $name { $($label: $kind),+ }
    )+ };
}

labels! {
    Answered { method: String, route: String, status: u16 }
    Routed { method: String, route: String }
    Called { tool: String, door: &'static str, outcome: &'static str }
    Tool { tool: String }
    Engine { engine: &'static str }
    Asked { provider: String, outcome: &'static str }
    Provider { provider: String }
    Tokens { provider: String, direction: &'static str }
    PoolName { pool: &'static str }
    PoolState { pool: &'static str, state: &'static str }
    Kind { kind: &'static str }
    Reason { reason: &'static str }
    Build { version: &'static str, commit: &'static str }
    Settings { digest: String }
}

type Real = Gauge<f64, AtomicU64>;
type Timed<L> = Family<L, Histogram, fn() -> Histogram>;

#[derive(Debug)]
struct Inner {
    release: Release,
    registry: Registry,
    requests: Family<Answered, Counter>,
    request_seconds: Timed<Routed>,
    in_flight: Gauge,
    tool_calls: Family<Called, Counter>,
    tool_seconds: Timed<Tool>,
    turns: Family<Engine, Counter>,
    model_requests: Family<Asked, Counter>,
    model_seconds: Timed<Provider>,
    model_tokens: Family<Tokens, Counter>,
    pool_connections: Family<PoolState, Gauge>,
    pool_size: Family<PoolName, Gauge>,
    pool_waiting: Family<PoolName, Gauge>,
    pool_timeouts: Family<PoolName, Counter>,
    commit_size: Histogram,
    streams: Family<Kind, Gauge>,
    refusals: Family<Reason, Counter>,
    panics: Counter,
    log_errors: Counter,
    draining: Gauge,
    settings: Family<Settings, Gauge>,
    database: Family<Backend, Gauge>,
    backup_at: Real,
    backup_seconds: Real,
}

impl Default for Figures {
    fn default() -> Self {
        Self::new(Release::default())
    }
}

/// Few, because each counts for every route: what is quick, what is slow, and what an alert is about.
fn request_seconds() -> Histogram {
    Histogram::new([0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0])
}

fn tool_seconds() -> Histogram {
    Histogram::new([0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0])
}

fn model_seconds() -> Histogram {
    Histogram::new([0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0])
}

impl Figures {
    /// Nothing counted yet.
    pub fn new(release: Release) -> Self {
        let mut inner = Inner {
            release,
            registry: Registry::default(),
            requests: Family::default(),
            request_seconds: Family::new_with_constructor(request_seconds),
            in_flight: Gauge::default(),
            tool_calls: Family::default(),
            tool_seconds: Family::new_with_constructor(tool_seconds),
            turns: Family::default(),
            model_requests: Family::default(),
            model_seconds: Family::new_with_constructor(model_seconds),
            model_tokens: Family::default(),
            pool_connections: Family::default(),
            pool_size: Family::default(),
            pool_waiting: Family::default(),
            pool_timeouts: Family::default(),
            commit_size: Histogram::new([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0]),
            streams: Family::default(),
            refusals: Family::default(),
            panics: Counter::default(),
            log_errors: Counter::default(),
            draining: Gauge::default(),
            settings: Family::default(),
            database: Family::default(),
            backup_at: Real::default(),
            backup_seconds: Real::default(),
        };
        inner.register();
        let build = Family::<Build, Gauge>::default();
        build
            .get_or_create(&Build {
                version: release.version,
                commit: release.commit,
            })
            .set(1);
        inner
            .registry
            .register("sayso_build_info", "Which program this is", build);
        Self(Arc::new(inner))
    }

    /// Which program this is.
    pub fn release(&self) -> Release {
        self.0.release
    }

    /// All of it, as Prometheus reads it, in the format of <https://openmetrics.io>.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = encode(&mut text, &self.0.registry);
        text
    }
}

impl Inner {
    /// Names what there is. Counters get `_total` at their end when they are written.
    fn register(&mut self) {
        /// A row for each figure: its field, its name and what it is.
        macro_rules! named {
            ($($field:ident, $name:literal, $help:literal;)+) => {
                $(self.registry.register(concat!("sayso_", $name), $help, Named(self.$field.clone()));)+
            };
        }
        named! {
            requests, "http_requests", "Requests that were answered";
            request_seconds, "http_request_duration_seconds", "How long until the answer began";
            in_flight, "http_requests_in_flight", "Requests that are being answered";
            tool_calls, "tool_calls", "Tools that the assistant ran or an agent called";
            tool_seconds, "tool_duration_seconds", "How long they took, the commit of a chat turn aside";
            turns, "chat_turns", "Messages that were answered, by who answered";
            model_requests, "model_requests", "Requests to language models";
            model_seconds, "model_request_duration_seconds", "How long they took to the end of the answer";
            model_tokens, "model_tokens", "Tokens that were sent and received";
            pool_connections, "db_pool_connections", "Connections to the database";
            pool_size, "db_pool_size", "The most connections there may be";
            pool_waiting, "db_pool_waiting", "Requests that wait for a connection";
            pool_timeouts, "db_pool_timeouts", "Requests that got none in time";
            commit_size, "db_commit_batch_size", "Writes that were committed together";
            streams, "event_streams", "Streams of events that somebody reads";
            refusals, "refusals", "Requests that were refused, by why";
            panics, "panics", "Panics, each of which is an error of the program";
            log_errors, "log_errors", "Lines of the log with the level error";
            draining, "draining", "Whether the server is about to stop";
            settings, "config_info", "Which settings are in force";
            database, "database_info", "What the database says about itself";
            backup_at, "backup_last_success_timestamp_seconds", "When the last backup was made that is whole";
            backup_seconds, "backup_duration_seconds", "How long it took";
        }
        self.registry.register_collector(Box::new(Process));
    }
}

/// A figure that has its name and its words in the text even while there is nothing else to it, so that rules and dashboards
/// can be held against them.
#[derive(Debug)]
struct Named<M>(M);

impl<M: EncodeMetric> EncodeMetric for Named<M> {
    fn encode(&self, encoder: MetricEncoder<'_>) -> std::fmt::Result {
        self.0.encode(encoder)
    }

    fn metric_type(&self) -> MetricType {
        self.0.metric_type()
    }
}

/// Seconds, in the unit of Prometheus.
fn seconds(took: Duration) -> f64 {
    took.as_secs_f64()
}

impl Figures {
    /// A request has been answered.
    pub fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        let routed = Routed {
            method: method.clone(),
            route: route.clone(),
        };
        self.0
            .request_seconds
            .get_or_create(&routed)
            .observe(seconds(took));
        self.0
            .requests
            .get_or_create(&Answered {
                method,
                route,
                status,
            })
            .inc();
    }

    /// A request is being answered, as long as this is kept.
    pub fn in_flight(&self) -> InFlight {
        self.0.in_flight.inc();
        InFlight(self.0.in_flight.clone())
    }

    /// How many requests are being answered.
    pub fn requests_in_flight(&self) -> i64 {
        self.0.in_flight.get()
    }

    /// A tool was run, through this door.
    pub fn tool(&self, tool: &str, door: &'static str, outcome: &'static str, took: Duration) {
        let tool = tool.to_owned();
        self.0
            .tool_seconds
            .get_or_create(&Tool { tool: tool.clone() })
            .observe(seconds(took));
        self.0
            .tool_calls
            .get_or_create(&Called {
                tool,
                door,
                outcome,
            })
            .inc();
    }

    /// A message was answered by this engine.
    pub fn turn(&self, engine: &'static str) {
        self.0.turns.get_or_create(&Engine { engine }).inc();
    }

    /// A request to a provider has come to its end.
    pub fn model_request(&self, provider: &str, outcome: &'static str, took: Duration) {
        let provider = provider.to_owned();
        self.0
            .model_seconds
            .get_or_create(&Provider {
                provider: provider.clone(),
            })
            .observe(seconds(took));
        self.0
            .model_requests
            .get_or_create(&Asked { provider, outcome })
            .inc();
    }

    /// A provider was sent, and has sent, so many tokens.
    pub fn model_tokens(&self, provider: &str, sent: u64, received: u64) {
        for (direction, tokens) in [("input", sent), ("output", received)] {
            let provider = provider.to_owned();
            self.0
                .model_tokens
                .get_or_create(&Tokens {
                    provider,
                    direction,
                })
                .inc_by(tokens);
        }
    }

    /// How a pool is used now.
    pub fn pool(&self, pool: &Pool) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let name = PoolName { pool: pool.name };
        for (state, count) in [("idle", pool.idle), ("used", pool.used)] {
            let state = PoolState {
                pool: pool.name,
                state,
            };
            self.0
                .pool_connections
                .get_or_create(&state)
                .set(number(count));
        }
        self.0.pool_size.get_or_create(&name).set(number(pool.size));
        self.0
            .pool_waiting
            .get_or_create(&name)
            .set(number(pool.waiting));
        // It is there before the first of them, so that a rate can be told from it.
        drop(self.0.pool_timeouts.get_or_create(&name));
    }

    /// Somebody has waited for a connection in vain.
    pub fn pool_timeout(&self, pool: &'static str) {
        self.0.pool_timeouts.get_or_create(&PoolName { pool }).inc();
    }

    /// So many writes were committed together.
    pub fn commit(&self, writes: usize) {
        self.0
            .commit_size
            .observe(f64::from(u32::try_from(writes).unwrap_or(u32::MAX)));
    }

    /// Somebody reads a stream of this kind, as long as this is kept.
    pub fn stream(&self, kind: &'static str) -> Open {
        let gauge = self.0.streams.get_or_create_owned(&Kind { kind });
        gauge.inc();
        Open(gauge)
    }

    /// Something was refused.
    pub fn refused(&self, reason: &'static str) {
        self.0.refusals.get_or_create(&Reason { reason }).inc();
    }

    /// The program has panicked.
    pub fn panicked(&self) {
        self.0.panics.inc();
    }

    /// An error was logged.
    pub fn log_error(&self) {
        self.0.log_errors.inc();
    }

    /// The server is about to stop.
    pub fn drain(&self) {
        self.0.draining.set(1);
    }

    /// The settings in force have this digest.
    pub fn settings(&self, digest: &str) {
        let digest = digest.to_owned();
        self.0.settings.get_or_create(&Settings { digest }).set(1);
    }

    /// What the database says about itself.
    pub fn database(&self, backend: &Backend) {
        self.0.database.get_or_create(backend).set(1);
    }

    /// A backup was made, at this time in seconds since 1970.
    pub fn backup(&self, at_seconds: f64, took: Duration) {
        self.0.backup_at.set(at_seconds);
        self.0.backup_seconds.set(seconds(took));
    }
}
