//! An external Better Auth server: its published keys, and its word on sessions.

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use crate::jwt::{self, Claims, Expected, Unverified, Verifier};
use crate::settings::{Jwts, Settings, SharedSecret};
use crate::{Accounts, Error};

/// How long it may take to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most that it may say.
const ANSWER_BYTES_MAX: usize = 64 * 1024;
/// After how long its keys are read again.
const KEYS_LAST_SECONDS: i64 = 10 * 60;
/// How long after a reading of its keys, at least, they are read again for a key that is not among them.
const KEYS_REST_SECONDS: i64 = 60;
/// How far ahead its tokens may end.
const LASTS_SECONDS_MAX: i64 = 31 * 24 * 60 * 60;

/// What is kept of it.
pub(crate) struct Client {
    http: Option<reqwest::Client>,
    keys: Mutex<Published>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

#[derive(Default)]
struct Published {
    keys: Vec<(String, Verifier)>,
    /// When they were asked for last, with or without an answer.
    asked_at: Option<Timestamp>,
}

/// Somebody whom the external server, or who signs with its secret, vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Vouched {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    /// The program that the token was given to, where it says so.
    pub(crate) client: Option<String>,
    /// What the program may do, where it says so.
    pub(crate) scope: Option<String>,
}

impl Client {
    pub(crate) fn new(settings: &Settings) -> Result<Self, Error> {
        let needed = settings.external.is_some() || matches!(settings.jwts, Jwts::Published { .. });
        Ok(Self {
            http: if needed {
                Some(
                    http()?
                        .build()
                        .map_err(|error| Error::External(error.to_string()))?,
                )
            } else {
                None
            },
            keys: Mutex::default(),
        })
    }

    async fn get(&self, url: &str, headers: &[(&str, &str)]) -> Result<Vec<u8>, Error> {
        let failed = |error: reqwest::Error| Error::External(error.to_string());
        let http = self
            .http
            .as_ref()
            .ok_or_else(|| Error::External("not configured".to_owned()))?;
        let mut request = http.get(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut answer = request
            .send()
            .await
            .map_err(failed)?
            .error_for_status()
            .map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(Error::External("the answer is too long".to_owned()));
            }
        }
        Ok(body)
    }

    /// The published key with this id. `None` if there is none.
    async fn key(&self, url: &Url, id: &str, now: Timestamp) -> Option<Verifier> {
        // Whoever waits here finds what another has fetched.
        let mut published = self.keys.lock().await;
        let find = |published: &Published| {
            published
                .keys
                .iter()
                .find(|(name, _)| name == id)
                .map(|(_, key)| key.clone())
        };
        let age = published
            .asked_at
            .map(|at| now.as_second() - at.as_second());
        let known = find(&published);
        let wait = if known.is_some() {
            KEYS_LAST_SECONDS
        } else {
            KEYS_REST_SECONDS
        };
        if age.is_some_and(|age| age < wait) {
            return known;
        }
        published.asked_at = Some(now);
        match self.get(url.as_str(), &[]).await {
            Ok(body) => {
                // A page that is no set of keys takes none away.
                let keys = usable_keys(&body);
                if !keys.is_empty() {
                    published.keys = keys;
                }
            }
            // Those read last stay good while it is down.
            Err(error) => {
                tracing::warn!(
                    reason = cause(&error),
                    "the keys of the sign-in server could not be read"
                );
            }
        }
        find(&published)
    }
}

fn cause(error: &Error) -> &str {
    match error {
        Error::External(cause) => cause,
        _ => "",
    }
}

/// A client for what others serve: whom it trusts, how long it waits, and that nobody sends it elsewhere.
pub(crate) fn http() -> Result<reqwest::ClientBuilder, Error> {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::External(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy())
}

/// The keys of a set that can be used here: public ones, of an algorithm that no other kind of key can pass for.
fn usable_keys(body: &[u8]) -> Vec<(String, Verifier)> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let Ok(set) = serde_json::from_slice::<Set>(body) else {
        return Vec::new();
    };
    let usable = |value: Value| {
        // One that publishes its private half is nobody's proof of anything.
        if ["d", "k", "p", "q"]
            .iter()
            .any(|private| value.get(private).is_some())
        {
            return None;
        }
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let stated = jwk
            .common
            .key_algorithm
            .map(|algorithm| algorithm.to_string());
        let algorithm = match (&jwk.algorithm, stated.as_deref()) {
            (AlgorithmParameters::OctetKeyPair(key), None | Some("EdDSA"))
                if key.curve == EllipticCurve::Ed25519 =>
            {
                Algorithm::EdDSA
            }
            (AlgorithmParameters::EllipticCurve(key), None | Some("ES256"))
                if key.curve == EllipticCurve::P256 =>
            {
                Algorithm::ES256
            }
            (AlgorithmParameters::RSA(_), None | Some("RS256")) => Algorithm::RS256,
            (AlgorithmParameters::RSA(_), Some("PS256")) => Algorithm::PS256,
            _ => return None,
        };
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        Some((jwk.common.key_id?, Verifier { algorithm, key }))
    };
    set.keys.into_iter().filter_map(usable).collect()
}

impl Accounts {
    /// Whom a token vouches for that was signed by a published key of the external server.
    pub(crate) async fn verify_published(
        &self,
        token: &str,
        keys: &Url,
        expected: (&str, &str),
    ) -> Option<Vouched> {
        let head = Unverified::read(token)?;
        // Not in this request's own future: whoever hangs up would take the keys from everybody.
        let (accounts, keys, id) = (self.clone(), keys.clone(), head.key_id.clone()?);
        let fetched = tokio::spawn(async move {
            let now = accounts.now();
            accounts.0.external.key(&keys, &id, now).await
        });
        let verifier = fetched.await.ok()??;
        let expected = Expected {
            issuer: Some(expected.0),
            audience: Some(expected.1),
            lasts_seconds_max: LASTS_SECONDS_MAX,
        };
        let claims = jwt::verify(token, &head, &verifier, &expected, self.now())?;
        vouched(&claims, "sub")
    }

    /// Whom a token vouches for that was signed with a shared secret.
    pub(crate) fn verify_shared(&self, token: &str, shared: &SharedSecret) -> Option<Vouched> {
        let head = Unverified::read(token)?;
        let verifier = Verifier {
            algorithm: Algorithm::HS256,
            key: DecodingKey::from_secret(shared.secret.as_bytes()),
        };
        let expected = Expected {
            issuer: shared.issuer.as_deref(),
            audience: shared.audience.as_deref(),
            lasts_seconds_max: LASTS_SECONDS_MAX,
        };
        let claims = jwt::verify(token, &head, &verifier, &expected, self.now())?;
        // Better Auth signs other things with the same secret: links in mails and cached sessions. None of them is a
        // way in.
        let foreign = ["updateTo", "requestType", "session", "user"];
        let is_link = claims.contains_key("email") && !claims.contains_key("sub");
        if is_link || foreign.iter().any(|name| claims.contains_key(*name)) {
            return None;
        }
        // Where any audience will do, that of agents still will not: such a token may do less, and there alone.
        let for_agents = jwt::is_addressed_to(&claims, &self.settings().mcp_url);
        if shared.audience.is_none() && for_agents {
            return None;
        }
        vouched(&claims, &shared.claim)
    }

    /// Whom the external server says this session belongs to. `credential` is the header that carries it.
    pub(crate) async fn ask_session(
        &self,
        origin: &str,
        credential: (&str, &str),
    ) -> Result<Option<Vouched>, Error> {
        #[derive(Deserialize)]
        struct Answer {
            user: Claims,
        }
        let url =
            format!("{origin}/api/auth/get-session?disableRefresh=true&disableCookieCache=true");
        let body = self.0.external.get(&url, &[credential]).await?;
        let answer: Option<Answer> =
            serde_json::from_slice(&body).map_err(|error| Error::External(error.to_string()))?;
        Ok(answer.and_then(|answer| vouched(&answer.user, "id")))
    }
}

fn vouched(claims: &Claims, claim: &str) -> Option<Vouched> {
    /// The longest id of a user.
    const ID_BYTES_MAX: usize = 255;
    let id = jwt::text(claims, claim)?;
    if id.len() > ID_BYTES_MAX || id.chars().any(char::is_control) {
        return None;
    }
    Some(Vouched {
        id: id.to_owned(),
        name: jwt::text(claims, "name").map(str::to_owned),
        email: jwt::text(claims, "email").map(str::to_lowercase),
        client: ["client_id", "azp"]
            .into_iter()
            .find_map(|name| jwt::text(claims, name))
            .map(str::to_owned),
        scope: jwt::text(claims, "scope").map(str::to_owned),
    })
}
