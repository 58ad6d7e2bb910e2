//! One request on its way from provider to provider, until one answers.

use std::time::Duration;

use telemetry::{Figures, Trail};
use tokio::time::{Instant, sleep};

use crate::answer::{Answer, Usage};
use crate::assembly::Assembly;
use crate::breaker::Pass;
use crate::endpoint::Endpoint;
use crate::exchange::{Exchange, Fault};
use crate::failure::{Failure, FailureKind};
use crate::message::Request;
use crate::models::Progress;
use crate::provider::Provider;
use crate::settings::Settings;
use crate::wire;

/// A request, and what has come of it so far.
pub(crate) struct Asking<'a, F> {
    settings: &'a Settings,
    figures: &'a Figures,
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
pub(crate) enum Next {
    Provider,
    Nobody,
}

impl<'a, F: FnMut(Progress<'_>) + Send> Asking<'a, F> {
    pub(crate) fn new(
        settings: &'a Settings,
        figures: &'a Figures,
        request: &'a Request,
        deadline: Instant,
        on: F,
    ) -> Self {
        Self {
            settings,
            figures,
            request,
            deadline,
            on,
            shown: false,
            requests: 0,
            usage: Usage::default(),
            kind: FailureKind::NoProvider,
            retry_after: None,
        }
    }

    /// What is to be said when nobody has answered.
    pub(crate) fn failure(self) -> Failure {
        Failure {
            kind: self.kind,
            requests: self.requests,
            usage: self.usage,
            retry_after: self.retry_after,
        }
    }

    /// Asks one provider, several times if need be.
    pub(crate) async fn one(
        &mut self,
        provider: &Provider,
        endpoint: &Endpoint,
    ) -> Result<Answer, Next> {
        let mut retries = 0;
        loop {
            let now = Instant::now();
            if now >= self.deadline {
                self.note(FailureKind::TimedOut, None);
                return Err(Next::Nobody);
            }
            let pass = endpoint.breaker.enter(now).map_err(|wait| {
                self.note(FailureKind::Resting, Some(wait));
                Next::Provider
            })?;
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
            // A conversation that is too long names the limit as well, but is not made shorter by leaving it out.
            if fault.kind == FailureKind::Refused
                && let Some(fields) = fields.after(&fault.refusal)
            {
                pass.well();
                endpoint.learn(fields);
                continue;
            }
            self.note(fault.kind, fault.retry_after);
            let leave = self.long_wait(&fault);
            self.judge(pass, &fault, leave);
            if self.shown {
                return Err(Next::Nobody);
            }
            if leave.is_some() || !fault.is_passing() || retries == self.settings.retries {
                return Err(Next::Provider);
            }
            let wait = self.pause(retries, &fault);
            if Instant::now() + wait >= self.deadline {
                return Err(Next::Provider);
            }
            retries += 1;
            sleep(wait).await;
        }
    }

    /// Makes one HTTP request, and tells how it went.
    async fn once(
        &mut self,
        provider: &Provider,
        endpoint: &Endpoint,
        fields: wire::Fields,
    ) -> Result<Answer, Fault> {
        let mut counted = Counted {
            figures: self.figures.clone(),
            provider: &provider.name,
            started: Instant::now(),
            outcome: "given_up",
            usage: Usage::default(),
        };
        let span = tracing::info_span!("model", provider = provider.name, model = provider.model);
        let before = self.usage;
        let answer = Trail::model(span, self.exchanged(provider, endpoint, fields)).await;
        (counted.outcome, counted.usage) = match &answer {
            Ok((_, usage)) => ("ok", *usage),
            Err(fault) => (fault.kind.code(), fault.usage),
        };
        answer.map(|(answer, usage)| {
            let mut total = before;
            total += usage;
            Answer {
                usage: total,
                ..answer
            }
        })
    }

    /// Makes one HTTP request. The answer, and what it alone has used.
    async fn exchanged(
        &mut self,
        provider: &Provider,
        endpoint: &Endpoint,
        fields: wire::Fields,
    ) -> Result<(Answer, Usage), Fault> {
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
        let answer = Answer {
            text: assembled.text,
            calls: assembled.calls,
            finish: assembled.finish,
            usage,
            provider: provider.name.clone(),
            model: provider.model.clone(),
            requests: self.requests,
        };
        Ok((answer, usage))
    }

    /// How long the provider wants to be left alone. `None` if it does not say, or so short a time can be waited for.
    fn long_wait(&self, fault: &Fault) -> Option<Duration> {
        fault.retry_after.filter(|wait| {
            *wait > self.settings.retry_after_max || Instant::now() + *wait >= self.deadline
        })
    }

    /// What a fault says about the provider.
    fn judge(&self, pass: Pass<'_>, fault: &Fault, leave: Option<Duration>) {
        let now = Instant::now();
        match (leave, fault.kind) {
            (Some(wait), _) => pass.rest(now + wait),
            // The key will not be another one so soon.
            (None, FailureKind::Unauthorized) => pass.rest(now + self.settings.rest),
            // That lies with the request.
            (None, FailureKind::Refused | FailureKind::TooLong) => pass.well(),
            (None, _) => pass.failed(now, self.settings),
        }
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
    fn pause(&self, retries: u32, fault: &Fault) -> Duration {
        // Without randomness it is the mean.
        let random = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
        let doubled = self
            .settings
            .retry_base
            .saturating_mul(2_u32.saturating_pow(retries));
        let pause = doubled.mul_f64(0.5 + random);
        pause.max(fault.retry_after.unwrap_or_default())
    }
}

/// A request to a provider; counted when it is dropped, so that one which is given up is counted, too.
struct Counted<'a> {
    figures: Figures,
    provider: &'a str,
    started: Instant,
    outcome: &'static str,
    usage: Usage,
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let (sent, received) = (self.usage.input_tokens, self.usage.output_tokens);
        self.figures
            .model_request(self.provider, self.outcome, self.started.elapsed());
        self.figures.model_tokens(self.provider, sent, received);
    }
}

/// Neither the key nor anything of a conversation gets here.
fn log(provider: &Provider, fault: &Fault) {
    tracing::warn!(
        provider = provider.name,
        status = fault.status,
        reason = %fault.kind,
        cause = fault.cause,
        "a request to a language model failed"
    );
}
