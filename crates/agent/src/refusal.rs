//! What it means that a provider refuses.

use serde_json::Value;

use crate::FailureKind;

/// What a status and the body under it mean.
pub(crate) fn by_status(status: u16, body: &str) -> FailureKind {
    match status {
        // 402: the account behind the key has no money left.
        401..=403 => FailureKind::Unauthorized,
        413 => FailureKind::TooLong,
        408 => FailureKind::TimedOut,
        // "Too many tokens" means too many in a minute here.
        409 | 429 | 503 | 529 => FailureKind::Busy,
        _ if says_too_long(body) => FailureKind::TooLong,
        500.. => FailureKind::Unreachable,
        _ => FailureKind::Refused,
    }
}

/// What an error means that came under a status of success.
pub(crate) fn by_word(error: &Value) -> FailureKind {
    let text = error.to_string();
    let status = ["code", "status"].iter().find_map(|name| {
        let value = error.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    });
    match status.and_then(|status| u16::try_from(status).ok()) {
        Some(status @ 400..=599) => by_status(status, &text),
        _ if says_too_long(&text) => FailureKind::TooLong,
        _ if says_busy(&text) => FailureKind::Busy,
        _ => FailureKind::CutOff,
    }
}

fn says_too_long(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "context_length_exceeded",
        "context length",
        "context size",
        "context window",
        "maximum context",
        "too many tokens",
        "prompt is too long",
        "input is too long",
        "maximum number of tokens",
    ];
    contains_any(text, &WORDS)
}

fn says_busy(text: &str) -> bool {
    contains_any(text, &["rate_limit", "rate limit", "overloaded"])
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{by_status, by_word};
    use crate::FailureKind;

    #[test]
    fn a_conversation_that_is_too_long() {
        let openai = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";
        assert_eq!(by_status(400, openai), FailureKind::TooLong);
        assert_eq!(
            by_status(400, r#"{"code":"context_length_exceeded"}"#),
            FailureKind::TooLong
        );
        assert_eq!(
            by_status(500, "the request exceeds the available context size"),
            FailureKind::TooLong
        );
        assert_eq!(by_status(413, ""), FailureKind::TooLong);
        assert_eq!(
            by_status(429, "Too many tokens, please wait"),
            FailureKind::Busy
        );
    }

    #[test]
    fn an_error_under_a_status_of_success() {
        assert_eq!(by_word(&json!({ "code": 429 })), FailureKind::Busy);
        assert_eq!(by_word(&json!({ "code": "503" })), FailureKind::Busy);
        assert_eq!(by_word(&json!({ "code": 400 })), FailureKind::Refused);
        assert_eq!(
            by_word(&json!({ "type": "overloaded_error" })),
            FailureKind::Busy
        );
        assert_eq!(by_word(&json!("boom")), FailureKind::CutOff);
        assert_eq!(
            by_word(&json!({ "message": "maximum context length" })),
            FailureKind::TooLong
        );
    }
}
