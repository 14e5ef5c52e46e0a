//! Checks URLs and classifies their hosts.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;

use crate::error::Error;

/// Where plain `http` is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlainHttp {
    /// To this machine.
    Loopback,
    /// Also to link-local addresses. The metadata service of a virtual server has such an address and no certificate.
    Local,
    /// To every machine.
    Anywhere,
}

/// Reads a URL of `https`, or of `http` where that is allowed, without user and password. `invalid` makes an error of a
/// problem. The problem does not repeat the URL, because it may contain a password.
pub(crate) fn check(text: &str, plain: PlainHttp, invalid: impl Fn(&str) -> Error) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|error| invalid("is not a URL").with_source(error))?;
    let allowed = match plain {
        PlainHttp::Loopback => is_loopback(&url),
        PlainHttp::Local => is_local(&url),
        PlainHttp::Anywhere => true,
    };
    match url.scheme() {
        "https" => {}
        "http" if allowed => {}
        "http" => return Err(invalid("is plain http to another machine; it must be https")),
        _ => return Err(invalid("is not a URL of https")),
    }
    // The HTTP client would make an `Authorization` header of them.
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("has a user or password; remove it"));
    }
    Ok(url)
}

/// [Checks](check) a URL that paths are appended to.
pub(crate) fn check_base(text: &str, plain: PlainHttp, invalid: impl Fn(&str) -> Error) -> Result<Url, Error> {
    let url = check(text, plain, &invalid)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("has a query or fragment; remove it"));
    }
    Ok(url)
}

/// Whether the host is this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match address(url) {
        Some(address) => address.is_loopback(),
        None => url.host_str().is_some_and(is_localhost),
    }
}

/// Names under `localhost` never leave the machine (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether the host is a link-local address, which routers do not forward (RFC 3927, RFC 4291). Metadata services of
/// cloud providers have such addresses.
pub(crate) fn is_link_local(url: &Url) -> bool {
    match address(url) {
        Some(IpAddr::V4(address)) => address.is_link_local(),
        Some(IpAddr::V6(address)) => address.is_unicast_link_local(),
        None => false,
    }
}

/// Whether the host is written as one that is not public: this machine, no machine, a link-local address or a private
/// network (RFC 1918, RFC 6598, RFC 4193), also as an IPv4 address within one of IPv6. What a name resolves to is not known.
pub(crate) fn is_private(url: &Url) -> bool {
    match address(url) {
        Some(IpAddr::V4(address)) => is_private_v4(address),
        Some(IpAddr::V6(address)) => {
            let is_site_local = address.segments()[0] & 0xffc0 == 0xfec0;
            let is_local = address.is_unicast_link_local() || address.is_unique_local() || is_site_local;
            is_local || embedded_v4(address).is_some_and(is_private_v4)
        }
        None => url.host_str().is_some_and(|host| is_localhost(host.trim_end_matches('.'))),
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let is_shared = first == 100 && second & 0xc0 == 64;
    first == 0 || address.is_loopback() || address.is_private() || address.is_link_local() || is_shared
}

/// The IPv4 address within one of IPv6. The loopback and the unspecified address are 0.0.0.1 and 0.0.0.0 in this sense.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // Compatible and mapped (RFC 4291), translated (RFC 7915), and NAT64 (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low] | [0, 0, 0, 0, 0xffff, 0, high, low] => Some(v4(high, low)),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => Some(v4(high, low)),
        // NAT64 within a network (RFC 8215). Where the IPv4 address is depends on the network.
        [0x64, 0xff9b, 1, ..] => Some(Ipv4Addr::UNSPECIFIED),
        // 6to4 (RFC 3056).
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

/// Whether requests to the host must not use a proxy: it is this machine or a link-local address.
pub(crate) fn is_local(url: &Url) -> bool {
    is_loopback(url) || is_link_local(url)
}

fn address(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places() {
        let place = |text: &str| {
            let url = Url::parse(text).unwrap();
            (is_loopback(&url), is_link_local(&url))
        };
        for url in ["http://127.0.0.1", "http://[::1]:8080", "http://localhost", "http://a.localhost", "http://0x7f.1"]
        {
            assert_eq!(place(url), (true, false), "{url}");
        }
        for url in ["http://169.254.169.254/latest", "http://[fe80::1]"] {
            assert_eq!(place(url), (false, true), "{url}");
        }
        for url in ["http://169.254.169.254.example.com", "http://localhost.example.com", "http://10.0.0.1", "data:x"] {
            assert_eq!(place(url), (false, false), "{url}");
        }
        assert!(
            is_local(&Url::parse("http://127.0.0.1").unwrap()) && is_local(&Url::parse("http://169.254.0.1").unwrap())
        );
    }
}
