//! Media types.

/// Whether a body of this media type is JSON: `application/json`, `text/json`, or a `+json` suffix (RFC 6839).
pub(crate) fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence == "text/json" || essence.ends_with("+json")
}

/// Whether the text has the form `type/subtype`.
pub(crate) fn is_well_formed(media_type: &str) -> bool {
    let token = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c));
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.split_once('/').is_some_and(|(a, b)| token(a) && token(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classification() {
        assert!(is_json("application/json; charset=utf-8"));
        assert!(is_json("application/vnd.small.2023-01-01+json"));
        assert!(!is_json("application/vnd.small.2023-01-01+csv"));
        assert!(is_well_formed("application/vnd.small.preview+gzip"));
        assert!(!is_well_formed("json"));
        assert!(!is_well_formed("*/*"));
    }
}
