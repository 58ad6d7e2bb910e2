//! How long is waited, how often it is tried, and how much is taken.

use std::time::Duration;

/// What holds for every provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long a connection may take.
    pub connect_timeout: Duration,
    /// How long the first byte of an answer may take, from the request on.
    pub first_byte_timeout: Duration,
    /// How long nothing may come in the middle of an answer.
    pub silence_timeout: Duration,
    /// How often a request is put to the same provider again.
    pub retries: u32,
    /// The wait before the first retry, on average; it doubles with each.
    pub retry_base: Duration,
    /// Up to where a provider's own word on when to come again is waited for. Above it the next is asked at once.
    pub retry_after_max: Duration,
    /// After how many failures in a row a provider rests.
    pub rest_after: u32,
    /// How long it rests. Then one request finds out whether it is well again.
    pub rest: Duration,
    /// The most tokens of an answer.
    pub output_tokens_max: u32,
    /// The most bytes of an answer's text and arguments.
    pub answer_bytes_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            first_byte_timeout: Duration::from_secs(30),
            silence_timeout: Duration::from_secs(30),
            retries: 2,
            retry_base: Duration::from_millis(500),
            retry_after_max: Duration::from_secs(5),
            rest_after: 5,
            rest: Duration::from_secs(30),
            output_tokens_max: 2048,
            answer_bytes_max: 256 * 1024,
        }
    }
}
