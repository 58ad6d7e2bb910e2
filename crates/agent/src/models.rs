//! The providers there are, and the one thing that is asked of them.

use std::sync::Arc;
use std::time::Duration;

use telemetry::Figures;
use tokio::time::Instant;

use crate::answer::Answer;
use crate::asking::{Asking, Next};
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::message::Request;
use crate::provider::{BuildError, Provider};
use crate::settings::Settings;

/// The providers, in the order in which they are asked. Clones are the same.
#[derive(Debug, Clone)]
pub struct Models {
    inner: Arc<Inner>,
    figures: Figures,
}

#[derive(Debug, Default)]
struct Inner {
    providers: Vec<Provider>,
    /// One for each provider.
    endpoints: Vec<Endpoint>,
    settings: Settings,
}

/// What can be seen of an answer before it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress<'a> {
    /// A request leaves.
    Asking {
        /// The provider's name.
        provider: &'a str,
        /// The model's.
        model: &'a str,
    },
    /// The next piece of the text. Once there is one, nobody else is asked.
    Text(&'a str),
}

impl Models {
    /// Those that are asked, first to last.
    pub fn new(providers: Vec<Provider>, settings: Settings) -> Result<Self, BuildError> {
        if providers.is_empty() {
            return Ok(Self::none());
        }
        for (position, provider) in providers.iter().enumerate() {
            let before = &providers[..position];
            if before.iter().any(|other| other.name == provider.name) {
                return Err(BuildError::SameName(provider.name.clone()));
            }
        }
        let http = http_client(settings.connect_timeout)?;
        let endpoints = providers
            .iter()
            .map(|provider| Endpoint::new(http.clone(), provider))
            .collect::<Result<_, _>>()?;
        Ok(Self::of(Inner {
            providers,
            endpoints,
            settings,
        }))
    }

    fn of(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
            figures: Figures::default(),
        }
    }

    /// The same, and what is asked of them is counted in `figures`.
    #[must_use]
    pub fn counted_in(self, figures: Figures) -> Self {
        Self { figures, ..self }
    }

    /// No model at all: whoever asks is told so.
    pub fn none() -> Self {
        Self::of(Inner::default())
    }

    /// Whether there is nobody to ask.
    pub fn is_empty(&self) -> bool {
        self.inner.providers.is_empty()
    }

    /// Who is asked first. `None` if there is nobody.
    pub fn first(&self) -> Option<&Provider> {
        self.inner.providers.first()
    }

    /// Everybody who may be asked, in order.
    pub fn providers(&self) -> &[Provider] {
        &self.inner.providers
    }

    /// Whether one of them is left alone for a while, because it has failed too often lately.
    pub fn is_any_resting(&self) -> bool {
        let now = Instant::now();
        self.inner
            .endpoints
            .iter()
            .any(|endpoint| endpoint.breaker.is_resting(now))
    }

    /// Asks the providers in order until one answers or `deadline` has passed. Dropping the future ends the request.
    pub async fn ask(
        &self,
        request: &Request,
        deadline: Instant,
        on: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Answer, Failure> {
        let mut asking = Asking::new(&self.inner.settings, &self.figures, request, deadline, on);
        let (preferred, others): (Vec<_>, Vec<_>) = self
            .inner
            .providers
            .iter()
            .zip(&self.inner.endpoints)
            .partition(|(provider, _)| Some(&provider.name) == request.stay_with.as_ref());
        for (provider, endpoint) in preferred.into_iter().chain(others) {
            match asking.one(provider, endpoint).await {
                Ok(answer) => return Ok(answer),
                Err(Next::Provider) => {}
                Err(Next::Nobody) => break,
            }
        }
        Err(asking.failure())
    }
}

/// A client of servers elsewhere: it trusts whom browsers trust, follows no redirects, which would take a key elsewhere, and
/// asks no proxy.
///
/// # Errors
/// [`BuildError::Client`] if the system has no way to speak TLS.
pub fn http_client(connect_timeout: Duration) -> Result<reqwest::Client, BuildError> {
    let roots = rustls::RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    let crypto = rustls::crypto::aws_lc_rs::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(crypto.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| BuildError::Client(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| BuildError::Client(error.to_string()))
}
