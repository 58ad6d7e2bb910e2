//! Streamable HTTP, without sessions: any copy of the server answers any request.

use std::sync::Arc;

use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

/// The largest message that is read, in bytes.
pub const MCP_BODY_BYTES_MAX: usize = 256 * 1024;

/// By which names the endpoint is called, and from which pages.
#[derive(Debug, Clone, Default)]
pub struct HttpSettings {
    /// Names that `Host` may have, with a port to be exact: `todo.example.com`, `localhost`. One that is missing is
    /// answered 403, so that no page can make a name of its own point here.
    pub hosts: Vec<String>,
    /// Origins that may be named: `https://todo.example.com:443`, `http://localhost:*`. Programs name none.
    pub origins: Vec<String>,
}

/// The endpoint, as a service that any router can nest.
pub type Service<H> = StreamableHttpService<H, NeverSessionManager>;

/// The endpoint of handlers that `make` makes, one for each request.
pub fn service<H: ServerHandler>(
    make: impl Fn() -> H + Send + Sync + 'static,
    settings: HttpSettings,
) -> Service<H> {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .enforce_origin_validation()
        .with_allowed_origins(settings.origins)
        .with_allowed_hosts(settings.hosts)
        .with_max_request_body_bytes(MCP_BODY_BYTES_MAX);
    let sessions = Arc::new(NeverSessionManager::default());
    StreamableHttpService::new(move || Ok(make()), sessions, config)
}
