//! Where requests go.

use std::{fmt, net::IpAddr, str::FromStr};

use super::TrustAnchors;
use crate::base::Host;

/// A server that requests are forwarded to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream {
    /// With or without TLS.
    pub scheme: Scheme,
    /// Name or address.
    pub host: UpstreamHost,
    /// Port.
    pub port: u16,
    /// Whom its certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
}

/// With or without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Plain.
    Http,
    /// TLS, the certificate checked.
    Https,
}

/// Name or address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum UpstreamHost {
    /// Resolved when connecting.
    Name(Host),
    /// As it is.
    Ip(IpAddr),
}

impl Upstream {
    /// A plain upstream at an address.
    pub fn plain(ip: IpAddr, port: u16) -> Self {
        Self { scheme: Scheme::Http, host: UpstreamHost::Ip(ip), port, ca: None }
    }

    /// `host:port`, the port left out where it is the scheme's own: the `Host` of requests to it.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() { self.host.to_string() } else { format!("{}:{}", self.host, self.port) }
    }
}

/// The text is not the address of an upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// Not an address without a path.
    #[error(
        "`{0}` is not the address of an upstream; write `http://10.0.0.5:8080` or `https://charts.internal`, without a path (`rewrite: {{ prefix: /app }}` says that an app lives under one)"
    )]
    Address(String),
    /// Somebody's name or password is in it.
    #[error("a name or password does not belong into an upstream's address")]
    Credentials,
}

impl FromStr for Upstream {
    type Err = UpstreamError;

    fn from_str(text: &str) -> Result<Self, UpstreamError> {
        if text.contains('@') {
            return Err(UpstreamError::Credentials);
        }
        read_upstream(text).ok_or_else(|| UpstreamError::Address(text.to_owned()))
    }
}

fn read_upstream(text: &str) -> Option<Upstream> {
    let url = url::Url::parse(text).ok()?;
    let scheme = match url.scheme() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return None,
    };
    // A path would have to be joined with every request's, and those are forwarded byte for byte.
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && text.contains("://");
    let host = match url.host()? {
        url::Host::Domain(name) => UpstreamHost::Name(Host::parse(name).ok()?),
        url::Host::Ipv4(ip) => UpstreamHost::Ip(ip.into()),
        url::Host::Ipv6(ip) => UpstreamHost::Ip(ip.into()),
    };
    let port = url.port_or_known_default().filter(|port| *port > 0)?;
    bare.then_some(Upstream { scheme, host, port, ca: None })
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

impl fmt::Display for UpstreamHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(host) => host.fmt(f),
            Self::Ip(IpAddr::V4(ip)) => ip.fmt(f),
            Self::Ip(IpAddr::V6(ip)) => write!(f, "[{ip}]"),
        }
    }
}

impl Scheme {
    /// `http` or `https`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// 80 or 443.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_reads_back_as_written() {
        let upstream = Upstream::plain("::1".parse().unwrap(), 8080);
        assert_eq!(upstream.to_string(), "http://[::1]:8080");
        assert_eq!(Upstream { port: 80, ..upstream }.to_string(), "http://[::1]");
    }

    #[test]
    fn an_upstream_is_an_origin_without_a_path() {
        let read = |text: &str| text.parse::<Upstream>().ok().map(|u| u.to_string());
        assert_eq!(read("http://10.0.0.5:8080"), Some("http://10.0.0.5:8080".to_owned()));
        assert_eq!(read("https://Charts.internal/"), Some("https://charts.internal".to_owned()));
        assert_eq!(read("http://[::1]:80"), Some("http://[::1]".to_owned()));
        let wrong =
            ["10.0.0.5:8080", "ftp://a", "http://", "http://a/b", "http://a?b", "http://a#b", "http:a", "http://a:0", "unix:/run/a"];
        for wrong in wrong.into_iter().chain(["http://u:p@a", "http://a, b: c", "http://a b"]) {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        // Spaces and line ends are dropped by the URL standard; what is left is what is used.
        assert_eq!(read("http://a\n").as_deref(), Some("http://a"));
    }
}
