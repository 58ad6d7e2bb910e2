//! Traces: the spans of the log, sent by OTLP (<https://opentelemetry.io/docs/specs/otlp/>) in batches.

use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use telemetry::chain;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;
use url::Url;

use super::{RELEASE, is_ours};

/// Where traces go.
#[derive(Debug, Clone)]
pub(crate) struct TraceCollector {
    /// The collector, without the path that the protocol adds to it.
    pub(crate) endpoint: Url,
    /// What is sent along, such as a key.
    pub(crate) headers: HashMap<String, String>,
    pub(crate) service_name: String,
}

/// Traces that are being sent.
pub(super) struct Traces(SdkTracerProvider);

/// How long the collector may take for one batch.
const TIMEOUT: Duration = Duration::from_secs(5);

impl Traces {
    /// Sends traces to `collector`.
    ///
    /// # Errors
    /// An address that is none.
    pub(super) fn new(collector: TraceCollector) -> anyhow::Result<Self> {
        let mut endpoint = collector.endpoint;
        if let Ok(mut path) = endpoint.path_segments_mut() {
            path.pop_if_empty().extend(["v1", "traces"]);
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client {
                http: agent::http_client(TIMEOUT)?,
                runtime: Handle::current(),
            })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_headers(collector.headers)
            .with_timeout(TIMEOUT)
            .build()?;
        let resource = Resource::builder()
            .with_service_name(collector.service_name)
            .with_attribute(KeyValue::new("service.version", RELEASE.version))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource)
            .build();
        Ok(Self(provider))
    }

    /// What makes spans of the log spans of a trace. Lines of the log are not sent along.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("sayso"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(filter_fn(|metadata| {
                metadata.is_span() && is_ours(metadata)
            }))
    }

    /// Sends what has not been sent yet.
    pub(super) fn end(self, within: Duration) {
        // A collector that is not there is not told of the end either.
        let _ = self.0.shutdown_with_timeout(within);
    }
}

/// Our client, for a thread that knows nothing of our runtime.
struct Client {
    http: reqwest::Client,
    runtime: Handle,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl Client {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let request = reqwest::Request::try_from(request)?;
        let http = self.http.clone();
        let answered = self.runtime.spawn(async move {
            let answered = async {
                let response = http.execute(request).await?;
                Ok::<_, reqwest::Error>((response.status(), response.bytes().await?))
            };
            tokio::time::timeout(TIMEOUT, answered).await
        });
        let (status, body) = answered.await???;
        let mut response = Response::new(body);
        *response.status_mut() = status;
        Ok(response)
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let sent = self.send(request).await;
        // Nobody else would say so.
        match &sent {
            Ok(response) if response.status().is_success() => {}
            Ok(response) => {
                tracing::warn!(
                    status = response.status().as_u16(),
                    "the collector refuses traces"
                );
            }
            Err(error) => {
                tracing::warn!(error = chain(&**error), "traces cannot be sent");
            }
        }
        sent
    }
}
