//! Where requests go.

use std::{fmt, net::IpAddr, path::Path, str::FromStr};

use super::{Certificate, TrustAnchors};
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
    /// How TLS to it is checked, and how we prove who we are.
    pub tls: UpstreamTls,
    /// Which version of HTTP is spoken.
    pub http: UpstreamHttp,
}

/// TLS towards an upstream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UpstreamTls {
    /// Whom its certificate must come from, where that is not a public authority.
    pub ca: Option<TrustAnchors>,
    /// The name that its certificate must be for, where that is not the host of the URL.
    pub server_name: Option<Host>,
    /// What we show when it asks.
    pub client: Option<ClientCertificate>,
    /// Its certificate must be one of these, if there are any.
    pub pins: Vec<Pin>,
}

/// Which version of HTTP an upstream is spoken to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum UpstreamHttp {
    /// What it chooses where there is TLS, HTTP/1.1 where there is none.
    #[default]
    Auto,
    /// HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

/// A certificate that we show, and its key.
#[derive(Debug, Clone)]
pub struct ClientCertificate(pub Certificate);

/// The SHA-256 of a certificate.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

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
        Self { scheme: Scheme::Http, host: UpstreamHost::Ip(ip), port, tls: UpstreamTls::default(), http: UpstreamHttp::default() }
    }

    /// The files that it was read from, beside the configuration.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        let ca = self.tls.ca.iter().map(|anchors| anchors.path.as_path());
        ca.chain(self.tls.client.iter().flat_map(|client| [client.0.files.cert.as_path(), client.0.files.key.as_path()]))
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
    bare.then_some(Upstream { scheme, host, port, tls: UpstreamTls::default(), http: UpstreamHttp::default() })
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

impl PartialEq for ClientCertificate {
    /// The key fits the certificate, so the chain says it all.
    fn eq(&self, other: &Self) -> bool {
        self.0.key.cert == other.0.key.cert
    }
}

impl Eq for ClientCertificate {}

/// The text is not the SHA-256 of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a pin is the SHA-256 of a certificate: 64 hexadecimal digits, as `openssl x509 -noout -fingerprint -sha256` prints them")]
pub struct PinError;

impl Pin {
    /// Whether this digest is it.
    pub fn is(&self, digest: &[u8]) -> bool {
        self.0 == *digest
    }
}

impl FromStr for Pin {
    type Err = PinError;

    /// Hexadecimal digits, with or without colons between the bytes.
    fn from_str(text: &str) -> Result<Self, PinError> {
        let digits: Vec<u8> = match text.len() {
            64 => text.bytes().collect(),
            95 if text.bytes().skip(2).step_by(3).all(|b| b == b':') => {
                text.bytes().enumerate().filter(|(ix, _)| ix % 3 != 2).map(|(_, b)| b).collect()
            }
            _ => return Err(PinError),
        };
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).and_then(|v| u8::try_from(v).ok()).ok_or(PinError)?;
                *byte = *byte << 4 | value;
            }
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
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

    #[test]
    fn a_pin_is_what_openssl_prints() {
        let plain = "0123456789abcdef".repeat(4);
        let pairs: Vec<String> = plain.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair).to_uppercase()).collect();
        let colons = pairs.join(":");
        assert_eq!(colons.parse::<Pin>().unwrap().to_string(), plain);
        assert_eq!(plain.parse::<Pin>(), colons.parse());
        for wrong in ["", "abc", &plain[1..], &plain.replace('0', "g"), &colons.replace(':', "-"), "é".repeat(32).as_str()] {
            assert_eq!(wrong.parse::<Pin>(), Err(PinError), "{wrong}");
        }
    }
}
