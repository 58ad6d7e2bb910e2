//! Why there is no answer.

use std::time::Duration;

use crate::Usage;

/// No provider has answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} (after {requests} requests)")]
pub struct Failure {
    /// Why, of the provider asked last. That the conversation is too long is said if any of them says so.
    pub kind: FailureKind,
    /// How many HTTP requests were made.
    pub requests: u32,
    /// What was spent nevertheless.
    pub usage: Usage,
    /// When it is worth trying again, as far as a provider has said so or rests.
    pub retry_after: Option<Duration>,
}

/// Why a provider has not answered, as far as a caller can tell it apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FailureKind {
    /// None is configured.
    #[error("no model provider is configured")]
    NoProvider,
    /// There was no connection, or the server failed.
    #[error("the model provider could not be reached or failed")]
    Unreachable,
    /// It has too much to do, or too much was asked of it.
    #[error("the model provider is busy")]
    Busy,
    /// It would not take the request as it is.
    #[error("the model provider refused the request")]
    Refused,
    /// It would not take the key.
    #[error("the model provider did not accept the key")]
    Unauthorized,
    /// The conversation is longer than the model can take.
    #[error("the conversation is too long for the model")]
    TooLong,
    /// The answer broke off. What there was of it is worth nothing.
    #[error("the model's answer broke off")]
    CutOff,
    /// It took too long.
    #[error("the model took too long")]
    TimedOut,
    /// The answer made no sense, or there was nothing in it.
    #[error("the model's answer could not be understood")]
    Unintelligible,
    /// All of them have failed too often lately and are left alone for a while.
    #[error("every model provider rests after failures")]
    Resting,
}

impl FailureKind {
    /// In one word, for figures.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::NoProvider => "no_provider",
            Self::Unreachable => "unreachable",
            Self::Busy => "busy",
            Self::Refused => "refused",
            Self::Unauthorized => "unauthorized",
            Self::TooLong => "too_long",
            Self::CutOff => "cut_off",
            Self::TimedOut => "timed_out",
            Self::Unintelligible => "unintelligible",
            Self::Resting => "resting",
        }
    }
}
