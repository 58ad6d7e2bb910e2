//! When a server wants to be asked again.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// What is said beyond it is not believed.
const MAX: Duration = Duration::from_hours(1);

/// How long to wait: seconds, or a date, which is measured by the server's own clock. `None` if neither is said.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let wait = if let Ok(seconds) = text.parse::<f64>() {
        Duration::try_from_secs_f64(seconds).ok()?
    } else {
        let now = date(headers.get(DATE)?.to_str().ok()?)?;
        // A date that has passed means now.
        let wait = date(text)?.duration_since(now);
        Duration::try_from(wait).unwrap_or_default()
    };
    Some(wait.min(MAX))
}

fn date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{MAX, read};

    fn seconds(headers: &[(&'static str, &'static str)]) -> Option<f64> {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect();
        read(&headers).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn seconds_or_a_date() {
        const NOW: (&str, &str) = ("date", "Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(seconds(&[("retry-after", "7")]), Some(7.0));
        assert_eq!(seconds(&[("retry-after", "0.25")]), Some(0.25));
        let date = ("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT");
        assert_eq!(seconds(&[NOW, date]), Some(30.0));
        let past = ("retry-after", "Wed, 21 Oct 2026 07:27:30 GMT");
        assert_eq!(seconds(&[NOW, past]), Some(0.0));
    }

    #[test]
    fn nonsense_is_nothing() {
        assert_eq!(seconds(&[]), None);
        assert_eq!(seconds(&[("retry-after", "soon")]), None);
        assert_eq!(seconds(&[("retry-after", "-1")]), None);
        assert_eq!(seconds(&[("retry-after", "NaN")]), None);
        let date = ("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT");
        assert_eq!(seconds(&[date]), None);
        assert_eq!(seconds(&[("retry-after", "1e9")]), Some(MAX.as_secs_f64()));
    }
}
