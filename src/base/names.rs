//! Names that people and machines write in several ways: parsed and folded once.

use std::{fmt, str::FromStr, sync::Arc};

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a mail address.
    #[error("`{0}` is not a mail address; write it as `name@example.com`")]
    Address(String),
    /// The local part has characters that most mail servers refuse.
    #[error("the part of `{0}` before the @ may hold letters, digits and !#$%&'*+-/=?^_`{{|}}~. only")]
    LocalPart(String),
    /// Not a host name.
    #[error("`{0}` is not a host name")]
    Host(String),
    /// Not a short name.
    #[error("`{0}` is not a name; use 1 to 64 of a-z, 0-9, `-`, `_` and `.`, and begin with a letter or digit")]
    Name(String),
}

/// A mail address, folded: lower case throughout, the domain in A-labels. Plus tags and dots are kept.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(Arc<str>);

impl EmailAddress {
    /// Reads and folds an address.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError::Address(text.to_owned());
        let trimmed = text.trim();
        let (local, domain) = trimmed.split_once('@').ok_or_else(wrong)?;
        if local.is_empty() || local.len() > 64 || domain.contains('@') {
            return Err(wrong());
        }
        let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        if !local.bytes().all(atom) || local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(NameError::LocalPart(text.to_owned()));
        }
        let host = Host::parse(domain).map_err(|_| wrong())?;
        let folded = format!("{}@{}", local.to_ascii_lowercase(), host);
        if folded.len() > 254 { Err(wrong()) } else { Ok(Self(folded.into())) }
    }

    /// The folded address.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the @.
    pub fn local(&self) -> &str {
        self.0.split_once('@').map_or("", |(local, _)| local)
    }

    /// The part behind the @: the person's organisation.
    pub fn domain(&self) -> &str {
        self.0.split_once('@').map_or("", |(_, domain)| domain)
    }
}

/// A host name, folded: lower case, A-labels, no trailing dot, no port. An IP address is not one.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Host(Arc<str>);

impl Host {
    /// Reads and folds a host name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError::Host(text.to_owned());
        let bare = text.strip_suffix('.').unwrap_or(text);
        let ascii = if bare.is_ascii() { bare.to_ascii_lowercase() } else { idna::domain_to_ascii_strict(bare).map_err(|_| wrong())? };
        let label = |l: &str| {
            (1..=63).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !l.starts_with('-')
                && !l.ends_with('-')
        };
        let numeric = ascii.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
        if ascii.is_empty() || ascii.len() > 253 || numeric || !ascii.split('.').all(label) {
            return Err(wrong());
        }
        Ok(Self(ascii.into()))
    }

    /// The folded name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A short name from configuration: of a group, a role, a policy, a network.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(Arc<str>);

/// The id of an app, as `guestgate.yaml` gives it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AppId(Arc<str>);

fn short_name(text: &str) -> Result<Arc<str>, NameError> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b);
    let first = text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if first && text.len() <= 64 && text.bytes().all(fits) { Ok(text.into()) } else { Err(NameError::Name(text.to_owned())) }
}

impl Name {
    /// Reads a name; letter case is exact.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        short_name(text).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the members' own pages are called among apps.
const ADMIN: &str = "admin";

impl AppId {
    /// The members' own pages: an app for policies alone, and in nobody's `apps: all`.
    pub fn admin() -> Self {
        Self(ADMIN.into())
    }

    /// Whether it is that of the members' own pages.
    pub fn is_admin(&self) -> bool {
        *self.0 == *ADMIN
    }

    /// Reads an app's id; letter case is exact.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        short_name(text).map(Self)
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! text_like {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", &*self.0) }
        }
        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> { Self::parse(text) }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str { &self.0 }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str { &self.0 }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> { to.serialize_str(&self.0) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_like!(EmailAddress, Host, Name, AppId);

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> String {
        EmailAddress::parse(text).map_or_else(|e| format!("error: {e}"), |a| a.to_string())
    }

    #[test]
    fn addresses_fold_case_and_domain_and_keep_tags() {
        assert_eq!(address(" Ann.Lee+Charts@PARTNER.Example. "), "ann.lee+charts@partner.example");
        assert_eq!(address("ann@müller.example"), "ann@xn--mller-kva.example");
        for wrong in
            ["ann", "@x.example", "ann@", "a@b@c", "a b@c.example", "ann@x..example", ".a@x.example", "ann@[127.0.0.1]", "a\n@x.example"]
        {
            assert!(EmailAddress::parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn hosts_fold_to_one_spelling() {
        for same in ["Charts.Example.COM", "charts.example.com.", "charts.example.com"] {
            assert_eq!(Host::parse(same).map(|h| h.to_string()), Ok("charts.example.com".to_owned()));
        }
        for wrong in ["", ".", "a..b", "-a.example", "127.0.0.1", "[::1]", "a b", "a/b", "a:80"] {
            assert!(Host::parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
