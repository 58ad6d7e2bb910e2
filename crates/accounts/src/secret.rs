//! The server's secrets: what signs cookies and encrypts signing keys. They cannot be printed.
//!
//! Formats are Better Auth's. Every listed secret is accepted, the first signs, so that changing it signs nobody out.

use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chacha20poly1305::aead::Aead;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};

use crate::random_name;

/// One secret; `version` only where several were listed.
#[derive(Clone)]
struct Secret {
    version: Option<u32>,
    text: String,
}

/// The secrets in force, the first of which signs.
#[derive(Clone)]
pub struct Secrets(Vec<Secret>);

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({} of them)", self.0.len())
    }
}

/// Why secrets are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// Too short to be safe.
    #[error("a secret has at least 32 characters; make one with `openssl rand -base64 32`")]
    TooShort,
    /// A secret out of an example, or one that repeats itself.
    #[error("that is a placeholder, not a secret; make one with `openssl rand -base64 32`")]
    Placeholder,
    /// The list of secrets is not one.
    #[error(
        "write the secrets as VERSION:SECRET, newest first, with commas between, such as 2:new,1:old"
    )]
    Format,
}

impl Secrets {
    /// The secrets of `BETTER_AUTH_SECRETS` (`2:new,1:old`) and `BETTER_AUTH_SECRET`, either of which may be empty.
    /// `None` if both are.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn new(versioned: &str, single: &str) -> Result<Option<Self>, SecretError> {
        let mut secrets = Vec::new();
        for entry in versioned.split(',').map(str::trim) {
            if entry.is_empty() {
                continue;
            }
            let (version, text) = entry.split_once(':').ok_or(SecretError::Format)?;
            let version = version.trim().parse().map_err(|_| SecretError::Format)?;
            secrets.push(Secret {
                version: Some(version),
                text: text.trim().to_owned(),
            });
        }
        if !single.trim().is_empty() {
            secrets.push(Secret {
                version: None,
                text: single.trim().to_owned(),
            });
        }
        for secret in &secrets {
            check(&secret.text)?;
        }
        Ok((!secrets.is_empty()).then_some(Self(secrets)))
    }

    /// A secret that nobody knows, and that is forgotten with the process.
    pub fn random() -> Self {
        Self(vec![Secret {
            version: None,
            text: random_name(),
        }])
    }

    /// `text` and its signature, as Better Auth writes them into cookies.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.0.first().map(|secret| mac(&secret.text, text));
        format!("{text}.{}", signature.unwrap_or_default())
    }

    /// The text of `signed`, if any of the secrets signed it.
    pub(crate) fn verify<'a>(&self, signed: &'a str) -> Option<&'a str> {
        let (text, signature) = signed.rsplit_once('.')?;
        let counts = |secret: &Secret| {
            constant_time::verify_slices_are_equal(
                mac(&secret.text, text).as_bytes(),
                signature.as_bytes(),
            )
            .is_ok()
        };
        self.0.iter().any(counts).then_some(text)
    }

    /// Encrypts what Better Auth keeps encrypted: the private keys in its table `jwks`.
    pub(crate) fn encrypt(&self, text: &str) -> Option<String> {
        let secret = self.0.first()?;
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let sealed = cipher(&secret.text)
            .encrypt(&XNonce::from(nonce), text.as_bytes())
            .ok()?;
        let hex = hex(&[nonce.as_slice(), &sealed].concat());
        Some(match secret.version {
            Some(version) => format!("$ba${version}${hex}"),
            None => hex,
        })
    }

    /// Decrypts what [`Secrets::encrypt`] or Better Auth has encrypted. `None` if no secret of ours did.
    pub(crate) fn decrypt(&self, text: &str) -> Option<String> {
        let (version, hex) = match text.strip_prefix("$ba$") {
            Some(rest) => {
                let (version, hex) = rest.split_once('$')?;
                (Some(version.parse::<u32>().ok()?), hex)
            }
            None => (None, text),
        };
        let bytes = unhex(hex)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce = XNonce::from(<[u8; NONCE_BYTES]>::try_from(nonce).ok()?);
        // The version says which to try; a text without one may have been written before there were versions.
        let candidates = self
            .0
            .iter()
            .filter(|secret| version.is_none() || secret.version == version);
        let mut opened =
            candidates.filter_map(|secret| cipher(&secret.text).decrypt(&nonce, sealed).ok());
        opened.find_map(|bytes| String::from_utf8(bytes).ok())
    }

    /// A key for a purpose of our own, so that the secret itself signs nothing but what Better Auth signs with it.
    pub fn derive(&self, purpose: &str) -> String {
        let secret = self.0.first().map(|secret| secret.text.as_str());
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.unwrap_or_default().as_bytes());
        hex(hmac::sign(&key, format!("sayso {purpose}").as_bytes()).as_ref())
    }
}

const NONCE_BYTES: usize = 24;

/// Refuses what anybody could guess.
fn check(secret: &str) -> Result<(), SecretError> {
    const LENGTH_MIN: usize = 32;
    const LETTERS_MIN: usize = 10;
    if secret.len() < LENGTH_MIN {
        return Err(SecretError::TooShort);
    }
    let folded = secret.to_lowercase();
    let known = [
        "change-me",
        "changeme",
        "change_me",
        "your-secret",
        "your_secret",
        "better-auth-secret",
        "placeholder",
        "secret-key-here",
        "replace-me",
        "replace_me",
        "example",
    ];
    let mut letters: Vec<_> = secret.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if known.iter().any(|word| folded.contains(word)) || letters.len() < LETTERS_MIN {
        return Err(SecretError::Placeholder);
    }
    Ok(())
}

/// HMAC-SHA256 in standard base64.
fn mac(secret: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    BASE64_STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

fn cipher(secret: &str) -> XChaCha20Poly1305 {
    let key: [u8; 32] = Sha256::digest(secret).into();
    XChaCha20Poly1305::new(&key.into())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret and the cookie were captured from a Better Auth server.
    #[test]
    fn a_session_token_is_signed_as_better_auth_signs_it() {
        let secrets = Secrets::new("", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG=")
            .unwrap()
            .unwrap();
        let signed =
            "po5Ku5X5VJxFjUJga4XORkNkaAz0Eq8L.ty0WCcpN6+h6L/BXvuLSbj6TwZizaMnOPET1cyAI4Po=";
        assert_eq!(secrets.sign("po5Ku5X5VJxFjUJga4XORkNkaAz0Eq8L"), signed);
        assert_eq!(
            secrets.verify(signed),
            Some("po5Ku5X5VJxFjUJga4XORkNkaAz0Eq8L")
        );
        for forged in [
            "po5Ku5X5VJxFjUJga4XORkNkaAz0Eq8L",
            "po5Ku5X5VJxFjUJga4XORkNkaAz0Eq8L.",
            &signed.replace("ty0", "tyO"),
        ] {
            assert_eq!(secrets.verify(forged), None, "{forged}");
        }
    }

    #[test]
    fn what_an_older_secret_signed_or_encrypted_still_counts() {
        let (old, new) = (
            "an old secret of more than 32 letters!",
            "a new secret of more than 32 letters?",
        );
        let before = Secrets::new("", old).unwrap().unwrap();
        let during = Secrets::new(&format!("2:{new}"), old).unwrap().unwrap();
        let after = Secrets::new(&format!("2:{new}"), "").unwrap().unwrap();
        let (signed, sealed) = (before.sign("token"), before.encrypt("key").unwrap());
        assert_eq!(during.verify(&signed), Some("token"));
        assert_eq!(during.decrypt(&sealed).as_deref(), Some("key"));
        assert_eq!(after.verify(&signed), None);
        assert_eq!(after.decrypt(&sealed), None);
        assert_eq!(after.verify(&during.sign("token")), Some("token"));
        assert_eq!(
            after.decrypt(&during.encrypt("key").unwrap()).as_deref(),
            Some("key")
        );
    }

    #[test]
    fn weak_secrets_are_refused() {
        let error = |versioned, single| Secrets::new(versioned, single).unwrap_err();
        assert_eq!(error("", "short"), SecretError::TooShort);
        assert_eq!(
            error("", "change-me-change-me-change-me-123"),
            SecretError::Placeholder
        );
        assert_eq!(
            error("", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
            SecretError::Placeholder
        );
        assert_eq!(error("no version", ""), SecretError::Format);
        assert!(Secrets::new("", "").unwrap().is_none());
    }

    #[test]
    fn a_secret_cannot_be_printed() {
        let secrets = Secrets::new("", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG=").unwrap();
        assert_eq!(format!("{secrets:?}"), "Some(Secrets(1 of them))");
    }
}
