//! Documents in which agents describe themselves (Client ID Metadata Documents): the id is the address.
//!
//! Whoever asks decides what is fetched, so nothing is but what anybody could fetch from anywhere: https, from public
//! addresses, without redirects, little and soon. Only people who are signed in get so far.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use ipnet::IpNet;
use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::{Host, Url};

use super::{Agent, AgentMetadata, AskingError};
use crate::external;
use crate::settings::is_this_machine;

/// The most that a document may have.
const BYTES_MAX: usize = 16 * 1024;
/// After how long a document is read again.
const LASTS_SECONDS: i64 = 10 * 60;
/// The most documents that are kept.
const KEPT_MAX: usize = 256;
/// How many are fetched at once.
const AT_ONCE: usize = 8;

/// What has been read.
#[derive(Debug)]
pub(crate) struct Documents {
    /// Whether this machine counts as public, for tests.
    loopback: bool,
    /// Made when it is first needed.
    http: OnceLock<reqwest::Client>,
    kept: Mutex<HashMap<String, (Agent, Timestamp)>>,
    places: Semaphore,
}

impl Documents {
    pub(crate) fn new(loopback: bool) -> Self {
        Self {
            loopback,
            http: OnceLock::new(),
            kept: Mutex::default(),
            places: Semaphore::new(AT_ONCE),
        }
    }

    /// The agent whose document is at `id`.
    pub(super) async fn agent(&self, id: &str, now: Timestamp) -> Result<Agent, AskingError> {
        let (url, host) = self.address(id).ok_or_else(|| {
            let why = "the program that sent you here names itself by an address that is not one of a document: https, \
                       with a path, and written in full";
            AskingError::Untrusted(why.to_owned())
        })?;
        if let Some(agent) = self.known(id, now) {
            return Ok(agent);
        }
        // Not why: that would tell what is listening where.
        let body = self.fetch(url).await.map_err(|error| {
            tracing::info!(host, %error, "the document of an agent could not be read");
            let why = format!(
                "the document in which the program describes itself cannot be read from {host}"
            );
            AskingError::Untrusted(why)
        })?;
        let agent = described(id, &host, &body).map_err(|why| {
            AskingError::Untrusted(format!(
                "the document in which the program describes itself, at {host}, does not count: {why}"
            ))
        })?;
        self.keep(agent.clone(), now);
        Ok(agent)
    }

    /// Where a document is, and on which host. `None` if there can be none.
    fn address(&self, id: &str) -> Option<(Url, String)> {
        let url: Url = id.parse().ok()?;
        // As it would be written anyway: no dots to resolve, no second name for the same.
        let in_full = url.as_str() == id && url.path() != "/" && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        let named = matches!(url.host()?, Host::Domain(_));
        let allowed =
            (url.scheme() == "https" && named) || (self.loopback && is_this_machine(&url));
        let host = url.host_str()?.to_owned();
        (in_full && anonymous && allowed).then_some((url, host))
    }

    async fn fetch(&self, url: Url) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
        let http = if let Some(http) = self.http.get() {
            http
        } else {
            let resolver = PublicOnly {
                loopback: self.loopback,
            };
            let made = external::http()?.dns_resolver(Arc::new(resolver)).build()?;
            self.http.get_or_init(|| made)
        };
        let _place = self.places.acquire().await?;
        let request = http.get(url).header("accept", "application/json");
        let mut answer = request.send().await?;
        if answer.status() != 200 {
            return Err(format!("status {}", answer.status()).into());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > BYTES_MAX {
                return Err("it is too long".into());
            }
        }
        Ok(body)
    }

    fn known(&self, id: &str, now: Timestamp) -> Option<Agent> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (agent, at) = kept.get(id)?;
        (now.as_second() - at.as_second() < LASTS_SECONDS).then(|| agent.clone())
    }

    fn keep(&self, agent: Agent, now: Timestamp) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            let oldest = kept.iter().min_by_key(|(_, (_, at))| *at);
            if let Some(id) = oldest.map(|(id, _)| id.clone()) {
                kept.remove(&id);
            }
        }
        kept.insert(agent.id.clone(), (agent, now));
    }
}

/// The agent that a document describes, or why it does not.
fn described(id: &str, host: &str, body: &[u8]) -> Result<Agent, String> {
    let metadata: AgentMetadata =
        serde_json::from_slice(body).map_err(|_| "it is not JSON of the right shape".to_owned())?;
    if metadata.client_id.as_deref() != Some(id) {
        return Err("it does not name itself as client_id".to_owned());
    }
    let redirect_uris = metadata
        .redirect_uris()
        .map_err(|error| error.to_string())?;
    Ok(Agent {
        id: id.to_owned(),
        name: metadata.name().unwrap_or_else(|| host.to_owned()),
        host: Some(host.to_owned()),
        redirect_uris,
    })
}

/// Finds addresses of names, but only where all of them are public: a name can lead anywhere, and somewhere else each
/// time it is asked.
struct PublicOnly {
    loopback: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            let allowed = |found: &SocketAddr| {
                is_public(found.ip()) || (loopback && found.ip().to_canonical().is_loopback())
            };
            if !found.iter().all(allowed) {
                return Err("its address is not public".into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the public internet, by IANA's registries of those for special purposes. What carries
/// an address of the other kind inside is not.
fn is_public(address: IpAddr) -> bool {
    static SPECIAL: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
        let list = "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 \
                    192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 \
                    224.0.0.0/4 240.0.0.0/4 2001::/23 2001:db8::/32 2002::/16 3fff::/20";
        list.split_whitespace()
            .map(|net| net.parse().expect("the list is of networks"))
            .collect()
    });
    static GLOBAL: LazyLock<IpNet> =
        LazyLock::new(|| "2000::/3".parse().expect("this is a network"));
    let address = address.to_canonical();
    (address.is_ipv4() || GLOBAL.contains(&address))
        && !SPECIAL.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_asked() {
        for public in ["1.1.1.1", "172.32.0.1", "192.169.0.1", "2606:4700::1111"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for private in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.8.8",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2002:7f00:1::",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
    }

    #[test]
    fn a_document_has_one_address_in_full() {
        let of = |loopback: bool, id: &str| Documents::new(loopback).address(id).is_some();
        assert!(of(false, "https://agent.example/oauth/client.json"));
        assert!(of(false, "https://agent.example:8443/client.json?v=2"));
        assert!(of(true, "http://127.0.0.1:9/client.json"));
        for refused in [
            "http://agent.example/client.json",
            "https://agent.example",
            "https://agent.example/",
            "https://agent.example/a/../client.json",
            "https://agent.example/client.json#x",
            "https://me@agent.example/client.json",
            "https://AGENT.example/client.json",
            "https://agent.example:443/client.json",
            "https://127.0.0.1/client.json",
            "https://10.0.0.1/client.json",
            "https://[::1]/client.json",
            "https://0x7f.1/client.json",
            "https://2130706433/client.json",
            "http://localhost/client.json",
            "file:///etc/passwd",
            "ftp://agent.example/client.json",
        ] {
            assert!(!of(false, refused), "{refused}");
        }
    }
}
