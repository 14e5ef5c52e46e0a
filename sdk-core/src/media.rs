//! Classifies media types.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// The `Content-Type` of a response, if it is valid text.
pub(crate) fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(CONTENT_TYPE)?.to_str().ok()
}

/// The media type without parameters.
fn essence(content_type: &str) -> &str {
    content_type.split_once(';').map_or(content_type, |(essence, _)| essence).trim()
}

/// Whether a media type is JSON: `application/json`, `text/json` or `application/*+json`, in any case and with any
/// parameters.
pub(crate) fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    ["application/json", "text/json"].iter().any(|json| essence.eq_ignore_ascii_case(json))
        || (starts_with(essence, "application/") && ends_with(essence, "+json"))
}

/// Whether a media type is a gzip file, such as `application/vnd.example+gzip`.
pub(crate) fn is_gzip(content_type: &str) -> bool {
    let essence = essence(content_type);
    ["application/gzip", "application/x-gzip"].iter().any(|gzip| essence.eq_ignore_ascii_case(gzip))
        || ends_with(essence, "+gzip")
}

/// Case-insensitive `starts_with`.
fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start))
}

/// Case-insensitive `ends_with`.
fn ends_with(text: &str, end: &str) -> bool {
    let at = text.len().wrapping_sub(end.len());
    text.get(at..).is_some_and(|found| found.eq_ignore_ascii_case(end))
}

/// Whether a media type is HTML.
pub(crate) fn is_html(content_type: &str) -> bool {
    let essence = essence(content_type);
    essence.eq_ignore_ascii_case("text/html") || essence.eq_ignore_ascii_case("application/xhtml+xml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_all_its_spellings() {
        for yes in [
            "application/json",
            "Application/JSON ; charset=ISO-8859-1",
            "text/json;charset=utf-8",
            "application/vnd.atlas.2023-01-01+json",
            "application/problem+JSON",
        ] {
            assert!(is_json(yes), "{yes}");
        }
        for no in ["", "text/csv", "application/jsonp", "application/vnd.atlas.2023-01-01+csv", "text/html", "+json"] {
            assert!(!is_json(no), "{no}");
        }
        assert!(is_html("text/HTML; charset=utf-8"));
        assert!(is_gzip("application/vnd.atlas.preview+GZIP; q=1") && is_gzip("application/gzip"));
        assert!(!is_gzip("text/csv"));
    }
}
