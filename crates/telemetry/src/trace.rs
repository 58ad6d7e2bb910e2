//! Which trace a request belongs to, in the words of <https://www.w3.org/TR/trace-context/>.

use http::HeaderMap;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_http::{HeaderExtractor, HeaderInjector};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The trace that a request says it belongs to. `None` if it says nothing that makes sense.
#[derive(Debug, Clone)]
pub struct Incoming(opentelemetry::Context);

impl Incoming {
    /// What the headers say.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        // Most say nothing, and then it costs nothing.
        headers.get("traceparent")?;
        let context = TraceContextPropagator::new().extract(&HeaderExtractor(headers));
        context
            .span()
            .span_context()
            .is_valid()
            .then(|| Self(context))
    }
}

/// `span`, which goes on with the trace that is coming in.
pub fn continued(span: Span, incoming: Option<Incoming>) -> Span {
    if let Some(Incoming(context)) = incoming {
        // Without a collector there is nothing to go on with.
        let _ = span.set_parent(context);
    }
    span
}

/// Adds to a request to somebody else the trace that the work belongs to, if there is one.
pub fn traceparent(headers: &mut HeaderMap) {
    let context = Span::current().context();
    if context.span().span_context().is_valid() {
        TraceContextPropagator::new().inject_context(&context, &mut HeaderInjector(headers));
    }
}
