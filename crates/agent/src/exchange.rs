//! One HTTP request to one provider, through to the end of its answer.

use std::time::Duration;

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use crate::assembly::{Assembly, Stage};
use crate::endpoint::Endpoint;
use crate::events::Events;
use crate::{FailureKind, Settings, Usage, refusal, retry_after};

/// How much is read of what stands under an error.
const ERROR_BYTES_MAX: usize = 16 * 1024;
/// How long after the reason for the end is waited for what was used.
const USAGE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long after `[DONE]` is waited for the end, so that the connection can be used again.
const END_TIMEOUT: Duration = Duration::from_millis(50);

/// What is put to a provider, and until when.
pub(crate) struct Exchange<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) settings: &'a Settings,
    pub(crate) deadline: Instant,
    pub(crate) body: Vec<u8>,
}

/// Why one request has not been answered.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FailureKind,
    /// `None` if there was none, or one of success.
    pub(crate) status: Option<u16>,
    /// When the provider wants to be asked again.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) usage: Usage,
    /// The words of a refusal, to be looked through for the names of fields, and shown to nobody.
    pub(crate) refusal: String,
    /// Why there was no connection, for the log. `None` if there was one.
    pub(crate) cause: Option<String>,
}

/// What has come of the body: of one kind or the other, as its first byte tells. What the header says is not always so.
enum Body {
    Unknown,
    Events(Events),
    Whole(Vec<u8>),
}

impl Exchange<'_> {
    /// Asks, and passes on text as it comes. What was passed on is worth nothing if it fails.
    pub(crate) async fn run(
        &mut self,
        assembly: &mut Assembly,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), Fault> {
        let first_byte = self.until(self.settings.first_byte_timeout);
        let body = std::mem::take(&mut self.body);
        let input_bytes = body.len();
        let sent = timeout_at(first_byte, self.endpoint.post(body).send()).await;
        let response = sent
            .map_err(|_| FailureKind::TimedOut)?
            .map_err(|error| Fault {
                cause: Some(cause(error)),
                ..FailureKind::Unreachable.into()
            })?;
        if !response.status().is_success() {
            return Err(self.refused(response).await);
        }
        let read = self.read(response, first_byte, assembly, on_text).await;
        read.map_err(|kind| Fault {
            usage: assembly.usage(input_bytes),
            ..kind.into()
        })
    }

    async fn read(
        &self,
        mut response: Response,
        first_byte: Instant,
        assembly: &mut Assembly,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), FailureKind> {
        let mut body = Body::Unknown;
        let mut until = first_byte;
        loop {
            let chunk = match timeout_at(until, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                // All has been said; how it ends does not matter any more.
                _ if assembly.stage() != Stage::Open => break,
                Ok(Err(_)) => return Err(FailureKind::CutOff),
                Err(_) => return Err(FailureKind::TimedOut),
            };
            body.take(&chunk, assembly, on_text)?;
            let max = self.settings.answer_bytes_max;
            // JSON takes up to six bytes for one.
            if assembly.bytes() > max || body.pending_bytes() > max.saturating_mul(6) {
                return Err(FailureKind::CutOff);
            }
            until = self.until(match assembly.stage() {
                Stage::Open => self.settings.silence_timeout,
                Stage::Finished => self.settings.silence_timeout.min(USAGE_TIMEOUT),
                Stage::Done => END_TIMEOUT,
            });
        }
        body.end(assembly, on_text)
    }

    /// What a status means that is none of success.
    async fn refused(&self, mut response: Response) -> Fault {
        let status = response.status().as_u16();
        let retry_after = retry_after::read(response.headers());
        let until = self.until(self.settings.silence_timeout);
        let mut body = Vec::new();
        while let Ok(Ok(Some(chunk))) = timeout_at(until, response.chunk()).await {
            body.extend_from_slice(&chunk);
            if body.len() > ERROR_BYTES_MAX {
                break;
            }
        }
        let refusal = String::from_utf8_lossy(&body).into_owned();
        Fault {
            status: Some(status),
            retry_after,
            kind: refusal::by_status(status, &refusal),
            usage: Usage::default(),
            refusal,
            cause: None,
        }
    }

    fn until(&self, wait: Duration) -> Instant {
        (Instant::now() + wait).min(self.deadline)
    }
}

impl Body {
    fn take(
        &mut self,
        chunk: &[u8],
        assembly: &mut Assembly,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), FailureKind> {
        if let Self::Unknown = self {
            match chunk.iter().find(|byte| !byte.is_ascii_whitespace()) {
                None => return Ok(()),
                Some(b'{' | b'[') => *self = Self::Whole(Vec::new()),
                Some(_) => *self = Self::Events(Events::default()),
            }
        }
        match self {
            Self::Unknown => {}
            Self::Whole(body) => body.extend_from_slice(chunk),
            Self::Events(events) => {
                for event in events.push(chunk) {
                    assembly.take(&event, on_text)?;
                }
            }
        }
        Ok(())
    }

    fn end(
        self,
        assembly: &mut Assembly,
        on_text: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), FailureKind> {
        match self {
            Self::Unknown => Ok(()),
            Self::Events(events) => events
                .end()
                .map_or(Ok(()), |event| assembly.take(&event, on_text)),
            Self::Whole(body) => {
                let body =
                    serde_json::from_slice(&body).map_err(|_| FailureKind::Unintelligible)?;
                assembly.take_whole(&body, on_text)
            }
        }
    }

    fn pending_bytes(&self) -> usize {
        match self {
            Self::Unknown => 0,
            Self::Events(events) => events.pending_bytes(),
            Self::Whole(body) => body.len(),
        }
    }
}

impl Fault {
    /// Whether the same provider may well answer a second time.
    pub(crate) fn is_passing(&self) -> bool {
        match self.kind {
            FailureKind::Unreachable
            | FailureKind::Busy
            | FailureKind::CutOff
            | FailureKind::Unintelligible => true,
            // A server that says so has not made anybody wait as long as one that says nothing.
            FailureKind::TimedOut => self.status.is_some(),
            FailureKind::NoProvider
            | FailureKind::Refused
            | FailureKind::Unauthorized
            | FailureKind::TooLong
            | FailureKind::Resting => false,
        }
    }
}

impl From<FailureKind> for Fault {
    fn from(kind: FailureKind) -> Self {
        Self {
            kind,
            status: None,
            retry_after: None,
            usage: Usage::default(),
            refusal: String::new(),
            cause: None,
        }
    }
}

/// The whole chain of it, without the address, which may have a password in it.
fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}
