//! The `Retry-After` header (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};

/// Parses how long the client should wait: a number of seconds, or an HTTP date.
///
/// A date is compared with the response's own `Date` header, if there is one, so that a wrong local clock does not
/// matter. A date in the past means no wait. Any other value is ignored.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = headers.get(DATE).and_then(date).unwrap_or_else(SystemTime::now);
    Some(until.duration_since(now).unwrap_or_default())
}

fn date(value: &HeaderValue) -> Option<SystemTime> {
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn wait(retry_after_value: &'static str, date: Option<&'static str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, HeaderValue::from_static(retry_after_value));
        if let Some(date) = date {
            headers.insert(DATE, HeaderValue::from_static(date));
        }
        retry_after(&headers).map(|wait| wait.as_secs())
    }

    #[test]
    fn seconds_and_dates() {
        assert_eq!(wait("55", None), Some(55));
        assert_eq!(wait(" 0 ", None), Some(0));
        let sent = Some("Wed, 21 Oct 2026 07:28:00 GMT");
        assert_eq!(wait("Wed, 21 Oct 2026 07:28:30 GMT", sent), Some(30));
        assert_eq!(wait("Wed, 21 Oct 2026 07:27:00 GMT", sent), Some(0));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:00 GMT", None), Some(0));
        // The obsolete date formats, which a recipient must still accept.
        assert_eq!(wait("Wednesday, 21-Oct-26 07:28:30 GMT", sent), Some(30));
        assert_eq!(wait("Wed Oct 21 07:28:30 2026", sent), Some(30));
        // Without a valid `Date` header, the wait is measured from now.
        let future = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
        for date in [None, Some("yesterday")] {
            let wait = wait(future.clone().leak(), date).unwrap();
            assert!((90..=100).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn nonsense_is_ignored() {
        for text in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(wait(text, None), None, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
