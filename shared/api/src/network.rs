//! The network that a request came from, for throttling.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use edges::auth::TokenHash;
use edges::config::{Config, name};

/// The header in which a front proves its identity.
const SECRET_HEADER: &str = "helpdesk-front-secret";

/// A proxy in front of the API, such as `CloudFront`, which names the viewer of each request in a
/// header. API Gateway sees all of its requests as coming from the front.
pub(super) struct Front {
    viewer_header: String,
    secret: String,
}

impl Front {
    /// Returns the front that the configuration names. Both variables must be set.
    pub(super) fn configured(config: &Config) -> Option<Self> {
        let (viewer_header, secret) = (config.optional(name::VIEWER_HEADER)?, config.optional(name::FRONT_SECRET)?);
        Some(Self { viewer_header: viewer_header.to_owned(), secret: secret.to_owned() })
    }

    /// Returns the viewer's address as the front reports it. A sender without the front's secret is
    /// not believed, because anyone can write a header.
    fn viewer<'a>(&self, header: impl Fn(&str) -> Option<&'a str>) -> Option<IpAddr> {
        if self.has_sent(&header) { address(header(&self.viewer_header)?) } else { None }
    }

    /// Returns whether the front sent the request with these headers.
    pub(super) fn has_sent<'a>(&self, header: impl Fn(&str) -> Option<&'a str>) -> bool {
        // Hashes are compared, so that the timing reveals nothing about the secret.
        let expected = TokenHash::of(self.secret.as_bytes());
        header(SECRET_HEADER).is_some_and(|secret| TokenHash::of(secret.as_bytes()) == expected)
    }
}

/// Parses an address with or without a port. `CloudFront-Viewer-Address` has a port, and no
/// brackets around an IPv6 address before it.
fn address(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let before_the_port = || text.rsplit_once(':').and_then(|(address, _)| address.parse().ok());
    with_port().or_else(|| text.parse().ok()).or_else(before_the_port)
}

/// Returns the network of the viewer that the front names, or else of the address that API Gateway
/// saw. A network is an IPv4 address, or the first 56 bits of an IPv6 address, which one household
/// or small office usually has (RFC 6177 §2).
pub(super) fn network<'a>(
    source_ip: Option<&str>,
    front: Option<&Front>,
    header: impl Fn(&str) -> Option<&'a str>,
) -> Option<String> {
    let viewer = front.and_then(|front| front.viewer(header));
    match viewer.or_else(|| source_ip?.parse().ok())? {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(address) => Some(address.to_string()),
            None => Some(Ipv6Addr::from_bits(address.to_bits() >> 72 << 72).to_string()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_of_an_ipv6_network_count_as_one() {
        for (source_ip, expected) in [
            (Some("192.0.2.7"), Some("192.0.2.7")),
            (Some("::ffff:192.0.2.7"), Some("192.0.2.7")),
            (Some("2001:db8:1:2ff:3:4:5:6"), Some("2001:db8:1:200::")),
            (Some("2001:db8:1:201:ffff::"), Some("2001:db8:1:200::")),
            (Some("nonsense"), None),
            (None, None),
        ] {
            assert_eq!(network(source_ip, None, |_| None).as_deref(), expected, "{source_ip:?}");
        }
    }

    #[test]
    fn only_the_trusted_proxy_can_name_the_viewer_address() {
        let front = Front { viewer_header: "cloudfront-viewer-address".to_owned(), secret: "s3cret".to_owned() };
        for (secret, viewer, expected) in [
            (Some("s3cret"), Some("198.51.100.10:46532"), "198.51.100.10"),
            (Some("s3cret"), Some("198.51.100.10"), "198.51.100.10"),
            (Some("s3cret"), Some("[2001:db8:1:2ff::6]:443"), "2001:db8:1:200::"),
            (Some("s3cret"), Some("2001:db8:1:2ff:3:4:5:6:46532"), "2001:db8:1:200::"),
            (Some("s3cret"), Some("2001:db8:1:2ff::6:46532"), "2001:db8:1:200::"),
            (Some("s3cret"), Some("198.51.100.10, 203.0.113.9"), "192.0.2.1"),
            (Some("s3cret"), Some(""), "192.0.2.1"),
            (Some("s3cret"), None, "192.0.2.1"),
            (Some("another"), Some("198.51.100.10"), "192.0.2.1"),
            (Some(""), Some("198.51.100.10"), "192.0.2.1"),
            (None, Some("198.51.100.10"), "192.0.2.1"),
        ] {
            let header = |name: &str| if name == SECRET_HEADER { secret } else { viewer };
            let found = network(Some("192.0.2.1"), Some(&front), header);
            assert_eq!(found.as_deref(), Some(expected), "{secret:?} {viewer:?}");
        }
    }
}
