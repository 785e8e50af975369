//! Small values that only a configuration has: sizes, domains, mailboxes, origins, trust anchors.

use std::{fmt, path::PathBuf, str::FromStr, sync::Arc};

use rustls_pki_types::CertificateDer;

use crate::base::{EmailAddress, Host};

/// What is wrong with such a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// Not a size.
    #[error("`{0}` is not a size; write one integer and one of B, KiB, MiB, GiB, such as `100MiB`")]
    Size(String),
    /// Not a domain.
    #[error("`{0}` is not a domain; write `example.com`, or `*.example.com` for its subdomains")]
    Domain(String),
    /// Not a mailbox.
    #[error("`{0}` is not a mailbox; write `name@example.com` or `Name <name@example.com>`")]
    Mailbox(String),
    /// Not an origin.
    #[error("`{0}` is not an origin; write `https://host` or `https://host:port`")]
    Origin(String),
}

/// A number of bytes. Written as one integer and one of `B`, `KiB`, `MiB`, `GiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Size(u64);

/// A domain, or every subdomain of one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Domain {
    host: Host,
    below: bool,
}

/// An address with the name that is shown beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The shown name.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

/// Scheme, host and port of a page that may open a WebSocket: compared as a whole, never by prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(Arc<str>);

/// Certificates that a connection to somebody may end in, read from a PEM file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchors {
    /// The file.
    pub path: PathBuf,
    /// What is in it, at least one.
    pub certificates: Arc<[CertificateDer<'static>]>,
}

impl Size {
    /// So many bytes.
    pub const fn bytes(n: u64) -> Self {
        Self(n)
    }

    /// So many KiB.
    pub const fn kib(n: u64) -> Self {
        Self(n.saturating_mul(1 << 10))
    }

    /// So many MiB.
    pub const fn mib(n: u64) -> Self {
        Self(n.saturating_mul(1 << 20))
    }

    /// The number of bytes.
    pub const fn as_bytes(self) -> u64 {
        self.0
    }
}

const UNITS: [(&str, u64); 4] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];

impl FromStr for Size {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let wrong = || KindError::Size(text.to_owned());
        let (digits, unit) = UNITS.iter().find_map(|(name, size)| text.strip_suffix(name).map(|d| (d, *size))).ok_or_else(wrong)?;
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(wrong());
        }
        let n: u64 = digits.parse().map_err(|_| wrong())?;
        n.checked_mul(unit).map(Self).ok_or_else(wrong)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, size) = UNITS.into_iter().find(|(_, size)| self.0 != 0 && self.0.is_multiple_of(*size)).unwrap_or(("B", 1));
        write!(f, "{}{name}", self.0 / size)
    }
}

impl Domain {
    /// Whether the domain of an address (folded, as [`EmailAddress::domain`] gives it) is meant.
    pub fn matches(&self, domain: &str) -> bool {
        if !self.below {
            return domain == self.host.as_str();
        }
        domain.strip_suffix(self.host.as_str()).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    }
}

impl FromStr for Domain {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let (bare, below) = text.strip_prefix("*.").map_or((text, false), |bare| (bare, true));
        let host = Host::parse(bare).map_err(|_| KindError::Domain(text.to_owned()))?;
        Ok(Self { host, below })
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.host)
    }
}

impl FromStr for Mailbox {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let wrong = || KindError::Mailbox(text.to_owned());
        let trimmed = text.trim();
        let Some(inner) = trimmed.strip_suffix('>') else {
            return Ok(Self { name: None, address: EmailAddress::parse(trimmed).map_err(|_| wrong())? });
        };
        let (name, address) = inner.split_once('<').ok_or_else(wrong)?;
        let name = name.trim().trim_matches('"').trim();
        if name.chars().any(|c| c.is_control() || matches!(c, '<' | '>' | '"')) {
            return Err(wrong());
        }
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self { name, address: EmailAddress::parse(address).map_err(|_| wrong())? })
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{name} <{}>", self.address),
            None => self.address.fmt(f),
        }
    }
}

impl Origin {
    /// As browsers write it in `Origin`: lower case, the default port left out.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = KindError;

    fn from_str(text: &str) -> Result<Self, KindError> {
        let wrong = || KindError::Origin(text.to_owned());
        let url = url::Url::parse(text).map_err(|_| wrong())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && !text.ends_with('/');
        let anonymous = url.username().is_empty() && url.password().is_none();
        if !matches!(url.scheme(), "https" | "http") || !bare || !anonymous {
            return Err(wrong());
        }
        Ok(Self(url.origin().ascii_serialization().into()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_one_integer_and_one_unit() {
        assert_eq!("100MiB".parse(), Ok(Size::mib(100)));
        assert_eq!("1B".parse(), Ok(Size::bytes(1)));
        for wrong in ["", "100", "MiB", "1.5GiB", "100 MiB", "100MB", "-1B", "99999999999GiB"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
        assert_eq!(Size::kib(1536).to_string(), "1536KiB");
        assert_eq!(Size::default().to_string(), "0B");
    }

    #[test]
    fn a_star_means_subdomains_and_not_the_domain_itself() {
        let below: Domain = "*.Example.com".parse().unwrap();
        assert!(below.matches("a.example.com") && below.matches("a.b.example.com"));
        assert!(!below.matches("example.com") && !below.matches("badexample.com") && !below.matches(".example.com"));
        let exact: Domain = "example.com".parse().unwrap();
        assert!(exact.matches("example.com") && !exact.matches("a.example.com"));
        assert!("*.*.com".parse::<Domain>().is_err() && "@example.com".parse::<Domain>().is_err());
    }

    #[test]
    fn a_mailbox_cannot_smuggle_a_header() {
        assert_eq!(
            "Partner access <No-Reply@example.com>".parse::<Mailbox>().unwrap().to_string(),
            "Partner access <no-reply@example.com>"
        );
        assert_eq!("a@example.com".parse::<Mailbox>().unwrap().name, None);
        for wrong in ["", "x", "A\nBcc: b@example.com <a@example.com>", "A <a@example.com> <b@example.com>", "<>"] {
            assert!(wrong.parse::<Mailbox>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_origin_has_one_spelling() {
        assert_eq!("https://Desk.Example.com:443".parse::<Origin>().unwrap().as_str(), "https://desk.example.com");
        assert_eq!("https://desk.example.com:8443".parse::<Origin>().unwrap().as_str(), "https://desk.example.com:8443");
        for wrong in ["desk.example.com", "https://a.example/", "https://a.example/x", "ftp://a.example", "https://u@a.example", "null"] {
            assert!(wrong.parse::<Origin>().is_err(), "{wrong}");
        }
    }
}
