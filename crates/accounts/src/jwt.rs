//! JSON web tokens: ours, as Better Auth's `jwt` plugin issues them, and the check that every accepted one passes.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use domain::UserId;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{OauthGrant, SigningKey};
use tokio::sync::RwLock;

use crate::{Accounts, Error, Session, User, iso, random_name};

/// How long a token of ours lasts, as Better Auth's do.
const LIFETIME_SECONDS: i64 = 15 * 60;
/// How long an access token of an agent lasts.
pub(crate) const ACCESS_TOKEN_SECONDS: i64 = 60 * 60;
/// By how much clocks may differ.
const LEEWAY_SECONDS: i64 = 10;
/// The longest token that is looked at.
const LENGTH_MAX: usize = 8 * 1024;

/// The claims of a token whose signature is right.
pub(crate) type Claims = Map<String, Value>;

/// What a token says of itself before anything of it is believed.
#[derive(Debug)]
pub(crate) struct Unverified {
    pub(crate) key_id: Option<String>,
    algorithm: Algorithm,
    kind: Kind,
}

/// What a token is for, by its type: one kind never passes for the other, whatever else is right about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It says who somebody is.
    Person,
    /// An access token of OAuth (RFC 9068), made for one resource.
    Agent,
}

impl Unverified {
    /// Reads the header of a token that says who somebody is. `None` if it is of another kind, or asks for something
    /// that is not done here.
    pub(crate) fn read(token: &str) -> Option<Self> {
        Self::of_any_kind(token).filter(|head| head.kind == Kind::Person)
    }

    fn of_any_kind(token: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Head {
            alg: String,
            kid: Option<String>,
            typ: Option<String>,
            crit: Option<Value>,
        }
        if token.len() > LENGTH_MAX {
            return None;
        }
        let head = BASE64_URL_SAFE_NO_PAD
            .decode(token.split('.').next()?)
            .ok()?;
        let head: Head = serde_json::from_slice(&head).ok()?;
        let kind = match head.typ.map(|kind| kind.to_ascii_lowercase()).as_deref() {
            None | Some("jwt") => Kind::Person,
            Some("at+jwt" | "application/at+jwt") => Kind::Agent,
            Some(_) => return None,
        };
        if head.crit.is_some() {
            return None;
        }
        Some(Self {
            key_id: head.kid,
            // `none` is not among them.
            algorithm: head.alg.parse().ok()?,
            kind,
        })
    }
}

/// Whether a token says of itself that it is an agent's.
pub(crate) fn is_access_token(token: &str) -> bool {
    Unverified::of_any_kind(token).is_some_and(|head| head.kind == Kind::Agent)
}

/// A key that verifies, for one algorithm only.
#[derive(Clone)]
pub(crate) struct Verifier {
    pub(crate) algorithm: Algorithm,
    pub(crate) key: DecodingKey,
}

/// What the claims of a token have to be.
#[derive(Debug)]
pub(crate) struct Expected<'a> {
    /// `None` if it is not looked at.
    pub(crate) issuer: Option<&'a str>,
    /// `None` if it is not looked at.
    pub(crate) audience: Option<&'a str>,
    /// How far ahead a token may end.
    pub(crate) lasts_seconds_max: i64,
}

/// The claims of `token`, if its signature, its time and what is expected of it are right.
pub(crate) fn verify(
    token: &str,
    head: &Unverified,
    verifier: &Verifier,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Option<Claims> {
    if head.algorithm != verifier.algorithm {
        return None;
    }
    // Time and claims are looked at below, by our own clock.
    let mut signature = Validation::new(verifier.algorithm);
    signature.required_spec_claims.clear();
    (
        signature.validate_exp,
        signature.validate_nbf,
        signature.validate_aud,
    ) = (false, false, false);
    let claims = jsonwebtoken::decode::<Claims>(token, &verifier.key, &signature)
        .ok()?
        .claims;
    let now = now.as_second();
    let expires = seconds(claims.get("exp")?)?;
    let in_time = now < expires.saturating_add(LEEWAY_SECONDS)
        && expires - now <= expected.lasts_seconds_max + LEEWAY_SECONDS;
    let begun = ["nbf", "iat"]
        .into_iter()
        .all(|name| match claims.get(name) {
            None => true,
            Some(value) => seconds(value).is_some_and(|from| from <= now + LEEWAY_SECONDS),
        });
    let issued = expected
        .issuer
        .is_none_or(|issuer| claims.get("iss") == Some(&json!(issuer)));
    let addressed = expected
        .audience
        .is_none_or(|audience| is_addressed_to(&claims, audience));
    (in_time && begun && issued && addressed).then_some(claims)
}

/// Whether `audience` is among those that a token is for.
pub(crate) fn is_addressed_to(claims: &Claims, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(several)) => several.iter().any(|one| one == audience),
        _ => false,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a second more or less; out of range saturates"
)]
fn seconds(value: &Value) -> Option<i64> {
    value
        .as_i64()
        .or_else(|| value.as_f64().map(|at| at as i64))
}

/// A claim that is a text and not empty.
pub(crate) fn text<'a>(claims: &'a Claims, name: &str) -> Option<&'a str> {
    claims.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// A user as Better Auth shows one, in answers and in tokens.
pub fn public(user: &User) -> Value {
    json!({
        "name": user.name,
        "email": user.email,
        "emailVerified": user.email_verified,
        "image": user.image,
        "createdAt": iso(user.created_at),
        "updatedAt": iso(user.updated_at),
        "id": user.id,
    })
}

/// Our own keys, as read last from the database.
#[derive(Debug, Default)]
pub(crate) struct Keys(RwLock<Read>);

#[derive(Debug, Default)]
struct Read {
    keys: Arc<Vec<SigningKey>>,
    at: Option<Timestamp>,
}

/// How old the keys read last may be when one is asked for that is not among them.
const FRESH_SECONDS: i64 = 10;

impl Accounts {
    /// A token for whoever has this session, for other servers and our own API.
    ///
    /// # Errors
    /// [`Error::NoKey`] if there is no key and none can be made.
    pub async fn issue_jwt(&self, session: &Session, user: &User) -> Result<String, Error> {
        let now = self.now();
        let (id, key) = self.signing_key().await?;
        let origin = self.settings().base_url.origin();
        let mut claims = public(user);
        claims["iat"] = json!(now.as_second());
        claims["exp"] = json!(now.as_second() + LIFETIME_SECONDS);
        claims["iss"] = json!(origin);
        claims["aud"] = json!(origin);
        claims["sub"] = json!(user.id);
        // Not Better Auth's: with it, signing out ends the token too.
        claims["sid"] = json!(session.id);
        let mut header = Header::new(Algorithm::EdDSA);
        (header.typ, header.kid) = (None, Some(id));
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| Error::NoKey)
    }

    /// A token by which an agent acts for `user` at the MCP endpoint, and nowhere else (RFC 9068).
    ///
    /// # Errors
    /// As with [`Accounts::issue_jwt`].
    pub(crate) async fn issue_access_token(
        &self,
        user: &UserId,
        grant: &OauthGrant,
        scope: &str,
    ) -> Result<String, Error> {
        let now = self.now().as_second();
        let (id, key) = self.signing_key().await?;
        let claims = json!({
            "iss": self.settings().base_url.origin(),
            "sub": user.as_str(),
            "aud": grant.resource,
            "client_id": grant.client_id,
            "scope": scope,
            "iat": now,
            "exp": now + ACCESS_TOKEN_SECONDS,
            "jti": random_name(),
            // With it, disconnecting the agent ends the token too.
            "sid": grant.id,
        });
        let mut header = Header::new(Algorithm::EdDSA);
        (header.typ, header.kid) = (Some("at+jwt".to_owned()), Some(id));
        jsonwebtoken::encode(&header, &claims, &key).map_err(|_| Error::NoKey)
    }

    /// The keys that verify our tokens, as a JWK set.
    ///
    /// # Errors
    /// As with [`Accounts::issue_jwt`].
    pub async fn key_set(&self) -> Result<Value, Error> {
        self.signing_key().await?;
        let keys = self.keys(None).await?;
        let published = keys.iter().filter_map(|key| {
            let mut jwk: Map<String, Value> = serde_json::from_str(&key.public_key).ok()?;
            jwk.entry("alg").or_insert(json!("EdDSA"));
            jwk.insert("kid".to_owned(), json!(key.id));
            Some(jwk)
        });
        Ok(json!({ "keys": published.collect::<Vec<_>>() }))
    }

    /// The claims of a person's token of ours. `None` if it is none that counts; whether its session lives is another
    /// question.
    pub(crate) async fn verify_own(&self, token: &str) -> Result<Option<Claims>, Error> {
        let Some(head) = Unverified::read(token) else {
            return Ok(None);
        };
        let origin = self.settings().base_url.origin();
        self.verify_with_own_key(token, &head, origin, LIFETIME_SECONDS)
            .await
    }

    /// The claims of an access token of ours. `None` if it is none that counts; whether its grant stands is another
    /// question.
    pub(crate) async fn verify_access_token(&self, token: &str) -> Result<Option<Claims>, Error> {
        let head = Unverified::of_any_kind(token).filter(|head| head.kind == Kind::Agent);
        let Some(head) = head else {
            return Ok(None);
        };
        let ours = self.settings().mcp_url.as_str();
        let claims = self
            .verify_with_own_key(token, &head, ours, ACCESS_TOKEN_SECONDS)
            .await?;
        // For nobody else besides, either.
        Ok(claims.filter(|claims| claims.get("aud") == Some(&json!(ours))))
    }

    async fn verify_with_own_key(
        &self,
        token: &str,
        head: &Unverified,
        audience: &str,
        lasts_seconds_max: i64,
    ) -> Result<Option<Claims>, Error> {
        let Some(id) = head.key_id.clone() else {
            return Ok(None);
        };
        let keys = self.keys(Some(&id)).await?;
        let verifier = keys.iter().find(|key| key.id == id).and_then(own_verifier);
        let Some(verifier) = verifier else {
            return Ok(None);
        };
        let expected = Expected {
            issuer: Some(self.settings().base_url.origin()),
            audience: Some(audience),
            lasts_seconds_max,
        };
        Ok(verify(token, head, &verifier, &expected, self.now()))
    }

    /// The key that signs now, made when there is none.
    async fn signing_key(&self) -> Result<(String, EncodingKey), Error> {
        if let Some(key) = self.usable_key(&self.keys(None).await?) {
            return Ok(key);
        }
        // Another copy may have made one since.
        self.forget_keys().await;
        if let Some(key) = self.usable_key(&self.keys(None).await?) {
            return Ok(key);
        }
        let pair = Ed25519KeyPair::generate().map_err(|_| Error::NoKey)?;
        let seed = pair.seed().map_err(|_| Error::NoKey)?;
        let seed: Curve25519SeedBin<'_> = seed.as_be_bytes().map_err(|_| Error::NoKey)?;
        let x = BASE64_URL_SAFE_NO_PAD.encode(pair.public_key());
        let d = BASE64_URL_SAFE_NO_PAD.encode(seed.as_ref());
        let private = json!({ "crv": "Ed25519", "d": d, "x": x, "kty": "OKP" }).to_string();
        let sealed = self
            .settings()
            .secrets
            .encrypt(&private)
            .ok_or(Error::NoKey)?;
        let key = SigningKey {
            id: random_name(),
            public_key: json!({ "crv": "Ed25519", "x": x, "kty": "OKP" }).to_string(),
            private_key: json!(sealed).to_string(),
            expires_at: None,
        };
        self.store().create_signing_key(&key, self.now()).await?;
        self.forget_keys().await;
        self.usable_key(&self.keys(None).await?).ok_or(Error::NoKey)
    }

    /// The newest of our keys that can sign. `None` if there is none, or none that the secrets there are can decrypt:
    /// those go on verifying what they signed.
    fn usable_key(&self, keys: &[SigningKey]) -> Option<(String, EncodingKey)> {
        /// RFC 8410: the PKCS#8 document around the 32 bytes of a seed.
        const HEAD: [u8; 16] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        let now = self.now();
        let usable = |key: &SigningKey| {
            own_verifier(key)?;
            if key.expires_at.is_some_and(|end| end <= now) {
                return None;
            }
            let sealed: String = serde_json::from_str(&key.private_key).ok()?;
            let private = self.settings().secrets.decrypt(&sealed)?;
            let private: Value = serde_json::from_str(&private).ok()?;
            let seed = BASE64_URL_SAFE_NO_PAD
                .decode(private.get("d")?.as_str()?)
                .ok()?;
            let document = [HEAD.as_slice(), &seed].concat();
            (seed.len() == 32).then(|| (key.id.clone(), EncodingKey::from_ed_der(&document)))
        };
        keys.iter().find_map(usable)
    }

    /// Our keys; read again if `wanted` is not among those read last.
    async fn keys(&self, wanted: Option<&str>) -> Result<Arc<Vec<SigningKey>>, Error> {
        let now = self.now();
        let known = |read: &Read| match (wanted, read.at) {
            (_, None) => false,
            (None, Some(_)) => !read.keys.is_empty(),
            (Some(id), Some(at)) => {
                read.keys.iter().any(|key| key.id == id)
                    || now.as_second() - at.as_second() < FRESH_SECONDS
            }
        };
        {
            let read = self.0.keys.0.read().await;
            if known(&read) {
                return Ok(read.keys.clone());
            }
        }
        let mut read = self.0.keys.0.write().await;
        if !known(&read) {
            *read = Read {
                keys: Arc::new(self.store().signing_keys().await?),
                at: Some(now),
            };
        }
        Ok(read.keys.clone())
    }

    async fn forget_keys(&self) {
        *self.0.keys.0.write().await = Read::default();
    }
}

/// The verifier of one of our keys. `None` if it is of a kind that we do not sign with.
fn own_verifier(key: &SigningKey) -> Option<Verifier> {
    let jwk: Value = serde_json::from_str(&key.public_key).ok()?;
    if jwk.get("crv")?.as_str()? != "Ed25519" {
        return None;
    }
    Some(Verifier {
        algorithm: Algorithm::EdDSA,
        key: DecodingKey::from_ed_components(jwk.get("x")?.as_str()?).ok()?,
    })
}
