//! Whose address a request comes from: the socket's, or what trusted hops say it was.

use std::net::{IpAddr, SocketAddr};

use super::{Prefix, canonical_ip};

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddr {
    /// For logs: the nearest address that somebody trusted vouches for.
    pub seen: IpAddr,
    /// For decisions. `None` is unknown: a trusted hop said something that is no address.
    pub known: Option<IpAddr>,
}

/// Longer lists are cut: nobody has so many hops.
const MOST_HOPS: usize = 32;

impl ClientAddr {
    /// Reads the lines of `X-Forwarded-For`, if the peer is trusted, from the right past trusted hops.
    pub fn derive<'v>(peer: IpAddr, lines: impl DoubleEndedIterator<Item = &'v [u8]>, trusted: &[Prefix]) -> Self {
        let is_trusted = |ip: IpAddr| trusted.iter().any(|prefix| prefix.contains(ip));
        let mut nearest = canonical_ip(peer);
        if !is_trusted(nearest) {
            return Self { seen: nearest, known: Some(nearest) };
        }
        for hop in lines.rev().flat_map(|line| line.rsplit(|b| *b == b',')).take(MOST_HOPS) {
            let Some(ip) = read_hop(hop) else { return Self { seen: nearest, known: None } };
            nearest = ip;
            if !is_trusted(ip) {
                break;
            }
        }
        Self { seen: nearest, known: Some(nearest) }
    }
}

/// An address, with a port or without.
fn read_hop(text: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(text).ok()?.trim_matches([' ', '\t']);
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).filter(|t| t.contains(':'));
    let ip = bare.unwrap_or(text).parse().or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()));
    ip.ok().map(canonical_ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derive(peer: &str, lines: &[&str]) -> String {
        let trusted = [Prefix::parse("10.0.0.0/8").unwrap().0, Prefix::parse("2001:db8:1::/48").unwrap().0];
        let client = ClientAddr::derive(peer.parse().unwrap(), lines.iter().map(|l| l.as_bytes()), &trusted);
        match client.known {
            Some(known) => {
                assert_eq!(known, client.seen);
                known.to_string()
            }
            None => format!("unknown behind {}", client.seen),
        }
    }

    #[test]
    fn only_trusted_hops_are_believed() {
        for (peer, lines, client) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("203.0.113.9", &["10.0.0.1"], "203.0.113.9"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["1.2.3.4", "198.51.100.1,10.0.0.2"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("2001:db8:1::5", &["[2001:db8::7]"], "2001:db8::7"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(derive(peer, lines), client, "{peer} {lines:?}");
        }
    }

    #[test]
    fn what_is_no_address_makes_the_client_unknown() {
        assert_eq!(derive("10.0.0.1", &["198.51.100.1, unknown"]), "unknown behind 10.0.0.1");
        assert_eq!(derive("10.0.0.1", &["198.51.100.1, , 10.0.0.2"]), "unknown behind 10.0.0.2");
        assert_eq!(derive("10.0.0.1", &[""]), "unknown behind 10.0.0.1");
        assert_eq!(derive("10.0.0.1", &["198.51.100.1, 010.0.0.2"]), "unknown behind 10.0.0.1");
    }
}
