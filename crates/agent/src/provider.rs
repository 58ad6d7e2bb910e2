//! Who offers a model: an address, a key, the model's name.

use std::fmt;

use reqwest::header::HeaderValue;
use url::{Host, Url};

/// A server that speaks the OpenAI-compatible API, and the model that is asked for there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// How it is called in the log and in [`crate::Answer::provider`].
    pub name: String,
    /// Everything before `/chat/completions`, with or without a `/` at the end.
    pub base_url: Url,
    /// The key; a model in one's own house needs none.
    pub key: Option<Key>,
    /// The model.
    pub model: String,
}

/// The key to a provider, which prints as `…`.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// Why providers cannot be used as they are configured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// The address is not one of HTTP.
    #[error("the address of the model provider {0} has to begin with http:// or https://")]
    Address(String),
    /// The key cannot be sent in a header.
    #[error("the key of the model provider {0} has characters in it that no key has")]
    Key(String),
    /// Two have the same name.
    #[error("two model providers are called {0}")]
    SameName(String),
    /// The client could not be made.
    #[error("no HTTP client for model providers: {0}")]
    Client(String),
}

impl Key {
    /// `None` if there is nothing in it but space.
    pub fn new(key: &str) -> Option<Self> {
        let key = key.trim();
        (!key.is_empty()).then(|| Self(key.to_owned()))
    }

    /// The header that shows it. `None` if it cannot be part of one.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let mut header = HeaderValue::try_from(format!("Bearer {}", self.0)).ok()?;
        header.set_sensitive(true);
        Some(header)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Provider {
    /// Whether it is on this machine, so that nothing that is sent to it leaves.
    pub fn is_local(&self) -> bool {
        match self.base_url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }

    /// Gemini takes fewer words in a tool's schema than the others.
    pub(crate) fn is_gemini(&self) -> bool {
        self.name.eq_ignore_ascii_case("gemini")
            || self
                .base_url
                .host_str()
                .is_some_and(|host| host == "googleapis.com" || host.ends_with(".googleapis.com"))
    }

    /// The address of the one thing asked for. `None` if the base address is none of HTTP.
    pub(crate) fn completions_url(&self) -> Option<Url> {
        if !matches!(self.base_url.scheme(), "http" | "https") {
            return None;
        }
        let mut url = self.base_url.clone();
        url.path_segments_mut()
            .ok()?
            .pop_if_empty()
            .extend(["chat", "completions"]);
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Key, Provider};

    fn provider(base_url: &str) -> Provider {
        Provider {
            name: "one".to_owned(),
            base_url: Url::parse(base_url).unwrap(),
            key: Key::new(" secret\n"),
            model: "m".to_owned(),
        }
    }

    #[test]
    fn the_address_may_end_in_a_slash() {
        let url = |base| provider(base).completions_url().map(String::from);
        let expected = Some("https://a.example/v1/chat/completions".to_owned());
        assert_eq!(url("https://a.example/v1"), expected);
        assert_eq!(url("https://a.example/v1/"), expected);
        assert_eq!(
            url("https://a.example/v1?api-version=1"),
            Some("https://a.example/v1/chat/completions?api-version=1".to_owned())
        );
        assert_eq!(url("file:///v1"), None);
    }

    #[test]
    fn the_key_is_not_printed() {
        assert!(!format!("{:?}", provider("https://a.example")).contains("secret"));
        assert_eq!(Key::new(" "), None);
    }

    #[test]
    fn gemini_is_known_by_its_host() {
        assert!(provider("https://generativelanguage.googleapis.com/v1beta/openai").is_gemini());
        assert!(!provider("https://notgoogleapis.com/v1").is_gemini());
    }
}
