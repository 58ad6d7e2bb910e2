//! What stands between the network and the doors: who may call from where, and who is calling.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use accounts::{BaseUrl, Client};
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use ipnet::IpNet;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::limits::Limits;
use crate::{Problem, Server};

/// What those who run the server decide about its edge.
#[derive(Debug, Clone, Default)]
pub struct Edge {
    /// Other sites whose pages may call this server in the name of whoever is signed in.
    pub origins: Vec<BaseUrl>,
    /// Proxies whose word on a client's address is taken.
    pub trusted_proxies: Vec<Network>,
    /// How much is allowed.
    pub limits: LimitSettings,
    /// Which tools agents are given.
    pub toolset: mcp::Toolset,
    /// The certificate and its key, where TLS is spoken.
    pub tls: Option<Tls>,
    /// The key under which OpenAI knows this server's name. With it there is a page with ChatKit's front end.
    pub chatkit_domain_key: Option<String>,
}

/// How much is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitSettings {
    /// Whether anything is limited by address.
    pub by_address: bool,
    /// Whether signing in and up is limited as strictly as Better Auth does in production: three times in ten seconds.
    pub strict: bool,
    /// Requests of one user in a minute. `None` for as many as they like.
    pub user_per_minute: Option<std::num::NonZeroU32>,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            by_address: true,
            strict: false,
            user_per_minute: None,
        }
    }
}

/// A certificate and its key: files, read again when they change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The certificate and those it hangs on, PEM.
    pub certificate: PathBuf,
    /// The private key, PEM.
    pub key: PathBuf,
}

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<IpNet>()
            .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
            .map(Self)
            .map_err(|_| format!("{text:?} is not an address or a network such as 10.0.0.0/8"))
    }
}

/// Who sends a request.
pub(crate) struct ClientOf(pub(crate) Client);

impl FromRequestParts<Server> for ClientOf {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Self, Problem> {
        Ok(Self(client(parts, server)))
    }
}

/// Who sends a request.
pub(crate) fn client(parts: &Parts, server: &Server) -> Client {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let agent = parts
        .headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    Client {
        address: peer
            .map(|peer| behind_proxies(peer, parts, &server.edge.trusted_proxies))
            .map(|address| address.to_string())
            .unwrap_or_default(),
        agent: agent.unwrap_or_default().to_owned(),
    }
}

/// The first address, from the last proxy backwards, that is not of a proxy that is trusted.
fn behind_proxies(peer: IpAddr, parts: &Parts, proxies: &[Network]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|Network(net)| net.contains(&address));
    let lines: Vec<_> = parts.headers.get_all("x-forwarded-for").iter().collect();
    let lines = lines.into_iter().rev();
    let said = lines.flat_map(|line| line.to_str().unwrap_or("?").rsplit(','));
    let mut address = peer;
    for next in said {
        if !trusted(address) {
            break;
        }
        // Whatever cannot be read ends what can be believed.
        let Some(next) = written(next.trim()) else {
            break;
        };
        address = next;
    }
    address
}

/// An address as proxies write it, some with a port.
fn written(text: &str) -> Option<IpAddr> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|both| both.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// What one limit is counted for: an address, or the 64 bits of an IPv6 one that a household has.
pub(crate) fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        _ => address.to_owned(),
    }
}

/// Lets pages of the sites that are named read what they ask for, and no others. `None` if none is named.
pub(crate) fn cors(edge: &Edge) -> Option<CorsLayer> {
    if edge.origins.is_empty() {
        return None;
    }
    let origins = edge
        .origins
        .iter()
        .filter_map(|origin| HeaderValue::from_str(origin.origin()).ok());
    let exposed = [
        "set-auth-token",
        "set-auth-jwt",
        "x-retry-after",
        "retry-after",
        "x-request-id",
        "link",
        "x-total-count",
        "www-authenticate",
    ];
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins))
        .allow_credentials(true)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::CONTENT_TYPE,
            header::AUTHORIZATION,
            header::IF_MATCH,
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("mcp-protocol-version"),
            HeaderName::from_static("mcp-method"),
            HeaderName::from_static("mcp-name"),
            HeaderName::from_static("chatkit-frame-instance-id"),
        ])
        .expose_headers(exposed.map(HeaderName::from_static))
        .max_age(std::time::Duration::from_mins(10));
    Some(layer)
}

impl Edge {
    pub(crate) fn limits(&self) -> Limits {
        Limits::new(self.limits)
    }
}
