//! Addresses and prefixes, with one spelling for each.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

/// What is wrong with the text of a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// Neither an address nor a prefix.
    #[error("`{0}` is not an address or a network such as `203.0.113.0/24` or `2001:db8::/32`")]
    Syntax(String),
    /// The length is longer than the address.
    #[error("the prefix length of `{0}` is out of range")]
    Length(String),
}

/// A network: an address whose bits behind the length are zero. IPv4-mapped ones are IPv4.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// The address in its one spelling: IPv4-mapped IPv6 addresses become IPv4.
pub fn canonical_ip(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

/// Whether an address is one that anybody in the world could reach: neither of this machine nor of a network of somebody's own, and
/// none that hides another one in itself.
pub fn is_public(ip: IpAddr) -> bool {
    let ip = canonical_ip(ip);
    match ip {
        IpAddr::V4(a) => {
            let [first, second, third, _] = a.octets();
            let special = match first {
                0 | 10 | 127 | 224..=255 => true,
                100 => (64..128).contains(&second),
                169 => second == 254,
                172 => (16..32).contains(&second),
                192 => matches!((second, third), (0, 0 | 2) | (88, 99) | (168, _)),
                198 => matches!((second, third), (18 | 19, _) | (51, 100)),
                203 => (second, third) == (0, 113),
                _ => false,
            };
            !special
        }
        IpAddr::V6(a) => {
            let [first, second, ..] = a.segments();
            // Of what is given out (2000::/3), not the part for documentation, for tunnels (Teredo, 6to4) and for benchmarks.
            (0x2000..0x4000).contains(&first)
                && first != 0x2002
                && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
                && first != 0x3fff
        }
    }
}

impl Prefix {
    /// Reads a prefix or a bare address. The second value says whether bits behind the length were set and have been masked.
    pub fn parse(text: &str) -> Result<(Self, bool), NetError> {
        let syntax = || NetError::Syntax(text.to_owned());
        let (address, length) = match text.split_once('/') {
            None => (text, None),
            Some((address, digits)) => {
                let plain = !digits.is_empty() && digits.len() <= 3 && digits.bytes().all(|b| b.is_ascii_digit());
                let length: u8 = if plain { digits.parse().map_err(|_| syntax())? } else { return Err(syntax()) };
                (address, Some(length))
            }
        };
        let written: IpAddr = address.parse().map_err(|_| syntax())?;
        let longest: u8 = if written.is_ipv4() { 32 } else { 128 };
        let length = length.unwrap_or(longest);
        if length > longest {
            return Err(NetError::Length(text.to_owned()));
        }
        let (address, length) = match (written, written.to_canonical()) {
            (IpAddr::V6(_), folded @ IpAddr::V4(_)) if length >= 96 => (folded, length - 96),
            _ => (written, length),
        };
        let prefix = Self { address: mask(address, length), length };
        Ok((prefix, prefix.address != address))
    }

    /// The network of this length around an address; the length is cut to what the address has.
    pub fn around(ip: IpAddr, length: u8) -> Self {
        let ip = canonical_ip(ip);
        let length = length.min(if ip.is_ipv4() { 32 } else { 128 });
        Self { address: mask(ip, length), length }
    }

    /// The network that stands for where an address is: a /24, or a /48.
    pub fn near(ip: IpAddr) -> Self {
        Self::around(ip, if canonical_ip(ip).is_ipv4() { 24 } else { 48 })
    }

    /// Whether the address lies in the network.
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = canonical_ip(ip);
        ip.is_ipv4() == self.address.is_ipv4() && mask(ip, self.length) == self.address
    }

    /// The first address.
    pub fn first(&self) -> IpAddr {
        self.address
    }

    /// The last address.
    pub fn last(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(a) => {
                let host = u32::MAX.checked_shr(u32::from(self.length)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(a.to_bits() | host))
            }
            IpAddr::V6(a) => {
                let host = u128::MAX.checked_shr(u32::from(self.length)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(a.to_bits() | host))
            }
        }
    }

    /// The number of leading bits that count.
    pub fn length(&self) -> u8 {
        self.length
    }
}

fn mask(ip: IpAddr, length: u8) -> IpAddr {
    match ip {
        IpAddr::V4(a) => {
            let host = u32::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(a.to_bits() & !host))
        }
        IpAddr::V6(a) => {
            let host = u128::MAX.checked_shr(u32::from(length)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(a.to_bits() & !host))
        }
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

impl fmt::Debug for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Prefix {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Prefix {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map(|(prefix, _)| prefix).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_public_is_reached_by_everybody() {
        for public in ["1.1.1.1", "8.8.8.8", "172.32.0.1", "192.0.1.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"]
        {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
        for own in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.8.9.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:a00:1::1",
            "100::1",
            "fec0::1",
        ] {
            assert!(!is_public(own.parse().unwrap()), "{own}");
        }
    }

    #[test]
    fn mapped_and_bare_addresses_have_one_spelling() {
        for (text, folded, masked) in [
            ("203.0.113.9", "203.0.113.9/32", false),
            ("203.0.113.9/24", "203.0.113.0/24", true),
            ("::ffff:203.0.113.0/120", "203.0.113.0/24", false),
            ("2001:db8::1/32", "2001:db8::/32", true),
            ("0.0.0.0/0", "0.0.0.0/0", false),
            ("::/0", "::/0", false),
        ] {
            assert_eq!(Prefix::parse(text).map(|(p, m)| (p.to_string(), m)), Ok((folded.to_owned(), masked)));
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "::/129", "clinic", "010.0.0.1"] {
            assert!(Prefix::parse(wrong).is_err(), "{wrong}");
        }
    }
}
