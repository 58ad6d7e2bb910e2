//! What one request has cost so far and whose it is, wherever in the program the work for it is done.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tracing::{Instrument, Span, debug_span};

tokio::task_local! {
    static CURRENT: Trail;
}

/// What a request leaves behind. Clones are the same.
#[derive(Debug, Clone)]
pub struct Trail(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// What the work for it is part of.
    span: Span,
    request_id: String,
    route: String,
    database_us: AtomicU64,
    model_us: AtomicU64,
    user: OnceLock<String>,
    reported: AtomicBool,
}

impl Default for Trail {
    fn default() -> Self {
        Self::new(Span::none(), "", "")
    }
}

impl Trail {
    /// That of a request, the work for which is part of `span`.
    pub fn new(span: Span, request_id: &str, route: &str) -> Self {
        Self(Arc::new(Inner {
            span,
            request_id: request_id.to_owned(),
            route: route.to_owned(),
            database_us: AtomicU64::default(),
            model_us: AtomicU64::default(),
            user: OnceLock::default(),
            reported: AtomicBool::default(),
        }))
    }

    /// That of the request that is being worked for. `None` if it is no request's work.
    pub fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }

    /// Works for the request whose trail this is.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        let span = self.0.span.clone();
        CURRENT.scope(self, work.instrument(span)).await
    }

    /// Says something of the request when the work for it is over.
    pub fn close(self, say: impl FnOnce()) {
        CURRENT.sync_scope(self, say);
    }

    /// The name under which logs know the request; empty where it is none.
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// What was asked for, as routes are written.
    pub fn route(&self) -> &str {
        &self.0.route
    }

    /// Whether nothing has been reported of this request yet. From now on something has.
    pub fn is_first_report(&self) -> bool {
        !self.0.reported.swap(true, Ordering::Relaxed)
    }

    /// Waits for the database. Waits that happen side by side are added up.
    pub async fn database<T>(work: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let done = work.instrument(debug_span!("database")).await;
        Self::add(|trail| &trail.database_us, started);
        done
    }

    /// Waits for a language model.
    pub async fn model<T>(span: Span, work: impl Future<Output = T>) -> T {
        let started = Instant::now();
        let done = work.instrument(span).await;
        Self::add(|trail| &trail.model_us, started);
        done
    }

    fn add(to: fn(&Inner) -> &AtomicU64, started: Instant) {
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let _ = CURRENT.try_with(|trail| to(&trail.0).fetch_add(took, Ordering::Relaxed));
    }

    /// Notes whose request it is, by a name that tells nobody who that is.
    pub fn is_from(alias: impl FnOnce() -> String) {
        let _ = CURRENT.try_with(|trail| trail.0.user.get_or_init(alias).len());
    }

    /// How long was waited for the database.
    pub fn database_time(&self) -> Duration {
        Duration::from_micros(self.0.database_us.load(Ordering::Relaxed))
    }

    /// How long was waited for language models.
    pub fn model_time(&self) -> Duration {
        Duration::from_micros(self.0.model_us.load(Ordering::Relaxed))
    }

    /// Whose request it is. `None` if nobody has been recognised.
    pub fn user(&self) -> Option<&str> {
        self.0.user.get().map(String::as_str)
    }
}

/// Work that goes on in a task of its own, still for the request that began it.
pub fn follow<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let trail = Trail::current();
    async move {
        match trail {
            Some(trail) => trail.scope(work).await,
            None => work.await,
        }
    }
}
