//! Asks one provider after another until one answers.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::answer::{Answer, Usage};
use crate::assembly::Assembly;
use crate::endpoint::Endpoint;
use crate::exchange::{Exchange, Fault};
use crate::failure::{Failure, FailureKind};
use crate::message::Request;
use crate::provider::{BuildError, Provider};
use crate::settings::Settings;
use crate::wire;

/// The providers, in the order in which they are asked. Clones are the same.
#[derive(Debug, Clone)]
pub struct Models(Arc<Inner>);

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
        let http = http(&settings)?;
        let endpoints = providers
            .iter()
            .map(|provider| Endpoint::new(http.clone(), provider))
            .collect::<Result<_, _>>()?;
        Ok(Self(Arc::new(Inner {
            providers,
            endpoints,
            settings,
        })))
    }

    /// No model at all: whoever asks is told so.
    pub fn none() -> Self {
        Self(Arc::default())
    }

    /// Whether there is nobody to ask.
    pub fn is_empty(&self) -> bool {
        self.0.providers.is_empty()
    }

    /// Who is asked first. `None` if there is nobody.
    pub fn first(&self) -> Option<&Provider> {
        self.0.providers.first()
    }

    /// Everybody who may be asked, in order.
    pub fn providers(&self) -> &[Provider] {
        &self.0.providers
    }

    /// Asks the providers in order until one answers or `deadline` has passed. Dropping the future ends the request.
    pub async fn ask(
        &self,
        request: &Request,
        deadline: Instant,
        on: impl FnMut(Progress<'_>) + Send,
    ) -> Result<Answer, Failure> {
        let mut asking = Asking {
            settings: &self.0.settings,
            request,
            deadline,
            on,
            shown: false,
            requests: 0,
            usage: Usage::default(),
            kind: FailureKind::NoProvider,
            retry_after: None,
        };
        let (preferred, others): (Vec<_>, Vec<_>) = self
            .0
            .providers
            .iter()
            .zip(&self.0.endpoints)
            .partition(|(provider, _)| Some(&provider.name) == request.stay_with.as_ref());
        for (provider, endpoint) in preferred.into_iter().chain(others) {
            match asking.one(provider, endpoint).await {
                Ok(answer) => return Ok(answer),
                Err(Next::Provider) => {}
                Err(Next::Nobody) => break,
            }
        }
        Err(Failure {
            kind: asking.kind,
            requests: asking.requests,
            usage: asking.usage,
            retry_after: asking.retry_after,
        })
    }
}

/// One request on its way from provider to provider.
struct Asking<'a, F> {
    settings: &'a Settings,
    request: &'a Request,
    deadline: Instant,
    on: F,
    /// Text has been passed on.
    shown: bool,
    requests: u32,
    usage: Usage,
    kind: FailureKind,
    retry_after: Option<Duration>,
}

/// Who is asked after a provider that has not answered.
enum Next {
    Provider,
    Nobody,
}

impl<F: FnMut(Progress<'_>) + Send> Asking<'_, F> {
    /// Asks one provider, several times if need be.
    async fn one(&mut self, provider: &Provider, endpoint: &Endpoint) -> Result<Answer, Next> {
        let mut retries = 0;
        loop {
            if Instant::now() >= self.deadline {
                self.note(FailureKind::TimedOut, None);
                return Err(Next::Nobody);
            }
            let pass = match endpoint.breaker.enter(Instant::now()) {
                Ok(pass) => pass,
                Err(wait) => {
                    self.note(FailureKind::Resting, Some(wait));
                    return Err(Next::Provider);
                }
            };
            let fields = endpoint.fields();
            let fault = match self.once(provider, endpoint, fields).await {
                Ok(answer) => {
                    pass.well();
                    return Ok(answer);
                }
                Err(fault) => fault,
            };
            log(provider, &fault);
            self.usage += fault.usage;
            // A conversation that is too long is not made shorter by leaving out its limit.
            if fault.kind == FailureKind::Refused
                && let Some(fields) = fields.after(&fault.refusal)
            {
                pass.well();
                endpoint.learn(fields);
                continue;
            }
            self.note(fault.kind, fault.retry_after);
            let now = Instant::now();
            let long_wait = fault.retry_after.filter(|wait| {
                *wait > self.settings.retry_after_max || now + *wait >= self.deadline
            });
            match (fault.kind, long_wait) {
                (_, Some(wait)) => pass.rest(now + wait),
                (FailureKind::Unauthorized, _) => pass.rest(now + self.settings.rest),
                (FailureKind::Refused | FailureKind::TooLong, _) => pass.well(),
                _ => pass.failed(now, self.settings),
            }
            if self.shown {
                return Err(Next::Nobody);
            }
            if !fault.is_passing() || long_wait.is_some() || retries == self.settings.retries {
                return Err(Next::Provider);
            }
            let wait = self
                .pause(retries)
                .max(fault.retry_after.unwrap_or_default());
            if now + wait >= self.deadline {
                return Err(Next::Provider);
            }
            retries += 1;
            sleep(wait).await;
        }
    }

    /// Makes one HTTP request.
    async fn once(
        &mut self,
        provider: &Provider,
        endpoint: &Endpoint,
        fields: wire::Fields,
    ) -> Result<Answer, Fault> {
        (self.on)(Progress::Asking {
            provider: &provider.name,
            model: &provider.model,
        });
        self.requests = self.requests.saturating_add(1);
        let output_tokens_max = self.settings.output_tokens_max;
        let body = wire::body(self.request, provider, fields, output_tokens_max).to_string();
        let input_bytes = body.len();
        let mut exchange = Exchange {
            endpoint,
            settings: self.settings,
            deadline: self.deadline,
            body: body.into_bytes(),
        };
        let mut assembly = Assembly::default();
        let (on, shown) = (&mut self.on, &mut self.shown);
        let mut on_text = |text: &str| {
            *shown = true;
            on(Progress::Text(text));
        };
        exchange.run(&mut assembly, &mut on_text).await?;
        let usage = assembly.usage(input_bytes);
        let assembled = assembly
            .whole(&provider.name, self.request.call_ids())
            .map_err(|kind| Fault {
                usage,
                ..kind.into()
            })?;
        let mut total = self.usage;
        total += usage;
        Ok(Answer {
            text: assembled.text,
            calls: assembled.calls,
            finish: assembled.finish,
            usage: total,
            provider: provider.name.clone(),
            model: provider.model.clone(),
            requests: self.requests,
        })
    }

    /// Keeps what the caller can make most of.
    fn note(&mut self, kind: FailureKind, retry_after: Option<Duration>) {
        self.kind = match (self.kind, kind) {
            // A shorter conversation can be put to them again.
            (FailureKind::TooLong, _) => FailureKind::TooLong,
            // That it rests now is because of what is known already.
            (before, FailureKind::Resting) if before != FailureKind::NoProvider => before,
            (_, kind) => kind,
        };
        self.retry_after = match (self.retry_after, retry_after) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// Twice as long each time, give or take half of it, so that not everybody comes back at once.
    fn pause(&self, retries: u32) -> Duration {
        // Without randomness it is the mean.
        let random = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
        let doubled = self
            .settings
            .retry_base
            .saturating_mul(2_u32.saturating_pow(retries));
        doubled.mul_f64(0.5 + random)
    }
}

/// Neither the key nor anything of a conversation gets here.
fn log(provider: &Provider, fault: &Fault) {
    tracing::warn!(
        provider = provider.name,
        status = fault.status,
        reason = %fault.kind,
        "a request to a language model failed"
    );
}

fn http(settings: &Settings) -> Result<reqwest::Client, BuildError> {
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
        .connect_timeout(settings.connect_timeout)
        // A redirect would take the key elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| BuildError::Client(error.to_string()))
}
