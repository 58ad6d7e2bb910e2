//! What every request passes through: a name for it, one line in the log, security headers, and errors in one shape.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use telemetry::{Incoming, Trail, continued};
use tracing::error_span;

use crate::page::Look;
use crate::{Problem, Server};

/// The name under which the log knows a request; `X-Request-Id` in and out.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(String);

impl RequestId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The name the client gave, if it is fit for a log, or a new one.
    fn of(request: &Request) -> Self {
        const LENGTH_MAX: usize = 64;
        let given = request
            .headers()
            .get(&REQUEST_ID)
            .and_then(|value| value.to_str().ok());
        let fit = |id: &&str| {
            (1..=LENGTH_MAX).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        Self(
            given
                .filter(fit)
                .map_or_else(accounts::random_name, str::to_owned),
        )
    }
}

impl FromRequestParts<Server> for RequestId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Server) -> Result<Self, Problem> {
        parts
            .extensions
            .get::<Self>()
            .cloned()
            .ok_or_else(Problem::internal)
    }
}

/// Cookies that go out with the answer, whatever it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetCookies(Arc<Mutex<Vec<HeaderValue>>>);

impl SetCookies {
    pub(crate) fn add(&self, cookie: HeaderValue) {
        if let Ok(mut cookies) = self.0.lock() {
            cookies.push(cookie);
        }
    }

    fn take(&self) -> Vec<HeaderValue> {
        self.0
            .lock()
            .map(|mut cookies| std::mem::take(&mut *cookies))
            .unwrap_or_default()
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a page may load: files of this server, and nothing from anywhere else. Scripts can make elements of text in one
/// function only, the one that has the policy `sayso`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                                       connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; \
                                       base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                                       trusted-types sayso";

/// What the page with ChatKit's front end may load besides: that, which comes as a script and a frame of its maker's, styles itself
/// within the page, and asks there whether this server is known.
const CHATKIT_POLICY: &str = "default-src 'none'; script-src 'self' https://cdn.platform.openai.com; \
                              frame-src https://cdn.platform.openai.com; connect-src 'self' https://api.openai.com; \
                              style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; \
                              form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'";

/// The outermost layer.
pub(crate) async fn frame(
    State(server): State<Server>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let request_id = RequestId::of(&request);
    request.extensions_mut().insert(request_id.clone());
    let cookies = SetCookies::default();
    request.extensions_mut().insert(cookies.clone());
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map(|path| route(path.as_str()));
    let route = route.as_deref().unwrap_or("(none)");
    let hears = Look::of(request.headers()).voice;
    let figures = server.app.figures().clone();
    let in_flight = figures.in_flight();
    // Of the highest level, so that its name is in every line, however little is logged.
    let span = error_span!("request", %method, route, request_id = request_id.as_str());
    let span = continued(span, Incoming::of(request.headers()));
    let trail = Trail::new(span, request_id.as_str(), route);
    let mut response = trail.clone().scope(next.run(request)).await;
    drop(in_flight);
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = named(&problem, response, &request_id);
    }
    let answered = Answered {
        method: &method,
        route,
        status: response.status(),
        took: started.elapsed(),
        request_id: &request_id,
    };
    figures.request(
        known(&method),
        route,
        answered.status.as_u16(),
        answered.took,
    );
    if let Some(reason) = refusal(answered.status) {
        figures.refused(reason);
    }
    // Whoever asks how it does asks too often for a line each.
    if !matches!(route, "/health" | "/livez" | "/readyz") {
        answered.log(&trail);
    }
    let has_chatkit = server.edge.chatkit_domain_key.is_some()
        && route == "/chatkit"
        && method == Method::GET
        && response.status() == StatusCode::OK;
    let headers = response.headers_mut();
    for cookie in cookies.take() {
        headers.append(header::SET_COOKIE, cookie);
    }
    if server.accounts.settings().base_url.is_https() {
        // Two years, as browsers' own lists of such sites ask for.
        let value = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
    if let Ok(value) = HeaderValue::from_str(request_id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "same-origin"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            // An agent may have opened the window that these are in, and waits for it to come back.
            if matches!(route, "/oauth/authorize" | "/sign-in" | "/sign-up") {
                "unsafe-none"
            } else {
                "same-origin"
            },
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            if has_chatkit {
                CHATKIT_POLICY
            } else {
                CONTENT_SECURITY_POLICY
            },
        ),
        (
            HeaderName::from_static("permissions-policy"),
            if hears {
                "camera=(), geolocation=(), microphone=(self)"
            } else {
                "camera=(), geolocation=(), microphone=()"
            },
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Everything here is somebody's own; only assets, which say so themselves, may be kept.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// A request and how it was answered.
struct Answered<'a> {
    method: &'a Method,
    route: &'a str,
    status: StatusCode,
    took: Duration,
    request_id: &'a RequestId,
}

impl Answered<'_> {
    /// Writes the one line that each request has in the log.
    fn log(&self, trail: &Trail) {
        /// The same fields at both levels.
        macro_rules! line {
            ($level:ident, $trail:ident) => {
                tracing::$level!(
                    method = self.method.as_str(),
                    route = self.route,
                    status = self.status.as_u16(),
                    took_ms = milliseconds(self.took),
                    database_ms = milliseconds($trail.database_time()),
                    model_ms = milliseconds($trail.model_time()),
                    user = $trail.user(),
                    request_id = self.request_id.as_str(),
                    "request"
                )
            };
        }
        trail.clone().close(|| {
            if self.status.is_server_error() {
                line!(error, trail);
            } else {
                line!(info, trail);
            }
        });
    }
}

/// To the microsecond.
fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

/// A route as figures and the log name it: with and without the user in its path it is the same.
fn route(path: &str) -> String {
    path.replacen("/api/{user_id}", "/api", 1)
}

/// A method as figures name it; anybody can make up others.
fn known(method: &Method) -> &str {
    match method.as_str() {
        known @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => known,
        _ => "OTHER",
    }
}

/// Why a request was refused, for figures. `None` if it was not.
fn refusal(status: StatusCode) -> Option<&'static str> {
    match status {
        StatusCode::UNAUTHORIZED => Some("unauthorized"),
        StatusCode::FORBIDDEN => Some("forbidden"),
        StatusCode::PAYLOAD_TOO_LARGE => Some("too_large"),
        StatusCode::TOO_MANY_REQUESTS => Some("rate_limit"),
        StatusCode::SERVICE_UNAVAILABLE => Some("unavailable"),
        _ => None,
    }
}

/// Gives a request up that takes too long. A reply that a language model writes has its own time besides; it goes on, and
/// can be asked for again.
pub(crate) async fn deadline(
    State(server): State<Server>,
    request: Request,
    next: Next,
) -> Response {
    /// How long a request may take in all.
    const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
    let writes_reply = request
        .extensions()
        .get::<MatchedPath>()
        .is_some_and(|path| {
            let last = path.as_str().rsplit('/').next().unwrap_or_default();
            matches!(last, "chat" | "approval" | "say")
        });
    let limit = if writes_reply {
        REQUEST_TIMEOUT + server.app.model_settings().reply_timeout
    } else {
        REQUEST_TIMEOUT
    };
    tokio::time::timeout(limit, next.run(request))
        .await
        .unwrap_or_else(|_| Problem::timed_out().into_response())
}

/// The problem's response with the request's name in its body.
fn named(problem: &Problem, response: Response, request_id: &RequestId) -> Response {
    let body = serde_json::to_vec(&problem.body(Some(request_id.0.clone()))).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    // It may have been compressed on the way here.
    parts.headers.remove(header::CONTENT_ENCODING);
    Response::from_parts(parts, Body::from(body))
}

/// What a client gets when a request panics; the panic itself is in the log.
pub(crate) fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    Problem::internal().into_response()
}
