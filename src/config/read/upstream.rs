//! Where the requests of an app go, and how its upstreams are looked after.

use super::fields::{Fields, Read};
use crate::{
    base::{At, Span, yaml::Node},
    config::{
        Breaker, Certificate, CertificateFiles, ClientCertificate, Health, Scheme, TrustAnchors, Upstream, UpstreamHttp, UpstreamTls,
    },
};

/// Keys of an upstream that is written as a mapping.
const KNOWN: [&str; 7] = ["url", "ca", "server_name", "client_cert", "client_key", "pin", "http"];

impl Read<'_> {
    /// One or several; the same twice is a mistake.
    pub(super) fn upstreams(&mut self, node: &Node) -> Vec<(Upstream, At)> {
        let mut list: Vec<(Upstream, At)> = Vec::new();
        for element in self.some(node, "upstream") {
            let Some(upstream) = self.upstream(element) else { continue };
            if list.iter().any(|(u, _)| u.to_string() == upstream.to_string()) {
                self.error(element.at, "this is in the list already", None);
            } else {
                list.push((upstream, element.at));
            }
        }
        list
    }

    /// A URL, or a mapping with more about it.
    fn upstream(&mut self, node: &Node) -> Option<Upstream> {
        if node.as_scalar().is_some() {
            return self.reader.parsed(node);
        }
        let fields = self.fields(node, &KNOWN, &[])?;
        let url = self.required(&fields, "this upstream", "url", "https://10.0.0.5:8443");
        let upstream: Option<Upstream> = url.and_then(|n| self.reader.parsed(n));
        let tls = self.upstream_tls(&fields);
        let words = [("auto", UpstreamHttp::Auto), ("1", UpstreamHttp::One), ("2", UpstreamHttp::Two)];
        let http = self.or(fields.get("http"), UpstreamHttp::default(), |r, n| r.choice(n, &words));
        let upstream = upstream?;
        for key in ["ca", "server_name", "client_cert", "client_key", "pin"] {
            if upstream.scheme == Scheme::Http && fields.get(key).is_some() {
                self.error(fields.at(key), format!("`{key}` means nothing without TLS"), "write `https://`, or leave it out");
            }
        }
        Some(Upstream { tls, http, ..upstream })
    }

    /// How upstreams are asked whether they are well.
    pub(super) fn health(&mut self, node: &Node) -> Option<Health> {
        let fields = self.fields(node, &["path", "every", "timeout", "healthy", "unhealthy", "status"], &[])?;
        let path = self.required(&fields, "`health`", "path", "/healthz").and_then(|n| self.probe_path(n));
        let every = self.or(fields.get("every"), Span::secs(10), |r, n| r.span(n, Span::secs(1), Span::hours(1)));
        let usual = Span::secs(5).min(every);
        let timeout = self.or(fields.get("timeout"), usual, |r, n| r.span(n, Span::secs(1), Span::mins(1)));
        let status = fields.get("status").map(|n| self.statuses(n)).unwrap_or_default();
        Some(Health {
            path: path?,
            every,
            timeout,
            healthy: self.or(fields.get("healthy"), 2, |r, n| r.count(n, 1, 100)),
            unhealthy: self.or(fields.get("unhealthy"), 3, |r, n| r.count(n, 1, 100)),
            status,
        })
    }

    fn probe_path(&mut self, node: &Node) -> Option<String> {
        let text = self.reader.text(node)?;
        if !text.starts_with('/') || !text.bytes().all(|b| (0x21..=0x7e).contains(&b) && b != b'#') {
            self.error(node.at, format!("`{text}` is not a path"), "write what is asked for, such as `/healthz`");
            return None;
        }
        Some(text.to_owned())
    }

    fn statuses(&mut self, node: &Node) -> Vec<u16> {
        let mut list = Vec::new();
        for element in self.some(node, "status") {
            let Some(status) = self.count(element, 200, 599).and_then(|n| u16::try_from(n).ok()) else { continue };
            list.push(status);
        }
        list
    }

    /// When an app is not asked any more.
    pub(super) fn breaker(&mut self, node: &Node) -> Option<Breaker> {
        let fields = self.fields(node, &["failures", "wait"], &[])?;
        Some(Breaker {
            failures: self.or(fields.get("failures"), 20, |r, n| r.count(n, 1, 100_000)),
            wait: self.or(fields.get("wait"), Span::secs(10), |r, n| r.span(n, Span::secs(1), Span::hours(1))),
        })
    }

    /// A number between two bounds, both allowed.
    pub(super) fn count(&mut self, node: &Node, least: u32, most: u32) -> Option<u32> {
        let n: u32 = self.reader.integer(node)?;
        if n < least || n > most {
            self.error(node.at, format!("`{n}` is out of range; {least} to {most} are allowed"), None);
            return None;
        }
        Some(n)
    }

    fn upstream_tls(&mut self, fields: &Fields<'_>) -> UpstreamTls {
        UpstreamTls {
            ca: fields.get("ca").and_then(|n| self.authorities(n)),
            server_name: fields.get("server_name").and_then(|n| self.reader.parsed(n)),
            client: self.client_certificate(fields),
            pins: fields.get("pin").map(|n| self.list_of(n)).unwrap_or_default(),
        }
    }

    /// Authorities that TLS can really use.
    fn authorities(&mut self, node: &Node) -> Option<TrustAnchors> {
        let anchors = self.anchors(node)?;
        let mut roots = rustls::RootCertStore::empty();
        if let Some(cause) = anchors.certificates.iter().find_map(|certificate| roots.add(certificate.clone()).err()) {
            let path = anchors.path.display().to_string();
            self.error(node.at, format!("a certificate of `{path}` cannot be that of an authority: {cause}"), None);
            return None;
        }
        Some(anchors)
    }

    /// Certificate and key belong together, here as in the files.
    fn client_certificate(&mut self, fields: &Fields<'_>) -> Option<ClientCertificate> {
        let (cert, key) = match (fields.get("client_cert"), fields.get("client_key")) {
            (None, None) => return None,
            (Some(cert), Some(key)) => (cert, key),
            (Some(_), None) | (None, Some(_)) => {
                let at = if fields.get("client_cert").is_some() { "client_cert" } else { "client_key" };
                self.error(fields.at(at), "`client_cert` and `client_key` belong together", "name both, or neither");
                return None;
            }
        };
        let files = CertificateFiles { cert: self.path(cert)?, key: self.path(key)? };
        match Certificate::read(&files, self.lookup) {
            Ok(certificate) => Some(ClientCertificate(certificate)),
            Err(error) => {
                self.error(cert.at, error.to_string(), None);
                None
            }
        }
    }
}
