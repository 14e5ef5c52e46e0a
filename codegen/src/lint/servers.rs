//! Server addresses.

use std::collections::HashSet;

use super::Spec;

pub(super) fn check(spec: &Spec<'_>) {
    let mut seen = HashSet::new();
    for (_, server) in spec.root.below("servers") {
        let Some(url) = server.text("url") else {
            spec.report(&server.pointer, "server-url", "a server without an address", "add `url: https://...`");
            continue;
        };
        let at = server.pointer.join("url");
        if let Some(fault) = fault(url) {
            let help = "write `https://`, the host and, if there is one, the path; no slash at the end";
            spec.report(&at, "server-url", format!("`{url}` {fault}"), help);
        } else if !seen.insert(url.to_ascii_lowercase()) {
            spec.report(&at, "server-url", format!("`{url}` is listed twice"), "remove one of them");
        }
    }
}

/// The fault of a server's address, if there is one.
fn fault(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://") else { return Some("does not begin with `https://`") };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    if !is_authority(authority) {
        Some("has no well-formed host")
    } else if path.ends_with('/') {
        Some("ends with a slash, which every path begins with")
    } else if path.contains(|c: char| !c.is_ascii_alphanumeric() && !"/-._~".contains(c)) {
        Some("has a path that is more than a path")
    } else {
        None
    }
}

/// The fault of a link to a page, if there is one.
pub(super) fn link_fault(url: &str) -> Option<&'static str> {
    let Some(rest) = url.strip_prefix("https://") else { return Some("does not begin with `https://`") };
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    if !is_authority(authority) {
        Some("has no well-formed host")
    } else if rest.contains(|c: char| !c.is_ascii_alphanumeric() && !"/-._~?&=#%+:,;@!$*".contains(c)) {
        Some("has a character that an address does not have; quotes, blanks and brackets are written as `%xx`")
    } else {
        None
    }
}

/// Whether a text is a host, perhaps with a port.
fn is_authority(authority: &str) -> bool {
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let label = |label: &str| {
        let plain = label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        !label.is_empty() && plain && !label.starts_with('-') && !label.ends_with('-')
    };
    host.split('.').all(label) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{fault, link_fault};

    #[test]
    fn addresses() {
        for url in ["https://a.example.com", "https://localhost:8443", "https://a.example.com/api/v2"] {
            assert_eq!(fault(url), None, "{url}");
        }
        for url in [
            "",
            "a.example.com",
            "http://a.example.com",
            "https://",
            "https:///x",
            "https://a..b",
            "https://-a.b",
            "https://a b.c",
            "https://a.b/",
            "https://a.b:port",
            "https://user@a.b",
            "https://{region}.a.b",
            "https://a.b/x?y=1",
            "https://a.b/x#y",
            "https://a.b/{x}",
        ] {
            assert!(fault(url).is_some(), "{url}");
        }
    }

    #[test]
    fn links() {
        for url in ["https://a.example.com", "https://a.example.com/b?c=d&e#f", "https://a.b/c%20d"] {
            assert_eq!(link_fault(url), None, "{url}");
        }
        for url in [
            "",
            "http://a.b",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://a b",
            "https://a.b/\"x",
            "https://a.b/'x",
            "https://a.b/[x]",
            "https://a.b/(x)",
            "https://a.b/<x>",
            "https://a.b/`x`",
            "https://a.b/\n",
            "https://user@a.b",
        ] {
            assert!(link_fault(url).is_some(), "{url}");
        }
    }
}
