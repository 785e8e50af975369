//! The sections that concern the whole gateway, but for mail.

use std::{net::SocketAddr, path::PathBuf};

use super::fields::{Fields, Read};
use crate::{
    base::{Host, Prefix, Span, yaml::Node},
    config::{
        AccessTarget, CertificateFiles, EmailCode, Identity, Listen, Log, LogFormat, LogLevel, Place, Portal, SessionCeilings, Storage, Tls,
    },
};

/// The longest that anything lasts: ten years.
pub(super) const LONGEST: Span = Span::days(3_650);

impl Read<'_> {
    pub(super) fn listen(&mut self, node: &Node) -> Option<Listen> {
        let fields = self.fields(node, &["https", "http", "admin", "forward_auth", "public_port"], &[])?;
        let usual = Listen::default();
        let listen = Listen {
            https: self.or(fields.get("https"), usual.https, Self::addresses),
            http: fields.get("http").and_then(|node| self.address(node)),
            admin: self.or(fields.get("admin"), usual.admin, Self::address),
            forward_auth: fields.get("forward_auth").and_then(|node| self.place(node)),
            public_port: fields.get("public_port").and_then(|node| self.port(node)),
        };
        let same = |a: SocketAddr, b: SocketAddr| {
            a.port() == b.port() && a.port() != 0 && (a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified())
        };
        let of_https = |other: SocketAddr| listen.https.iter().any(|https| same(*https, other));
        if of_https(listen.admin) {
            self.error(fields.at("admin"), "`admin` and `https` would listen on the same address", "give them different ports");
        }
        if listen.http.is_some_and(|http| of_https(http) || same(http, listen.admin)) {
            self.error(fields.at("http"), "`http` would listen on the address of another listener", "give them different ports");
        }
        if let Some(Place::Tcp(asked)) = listen.forward_auth
            && (of_https(asked) || same(asked, listen.admin) || listen.http.is_some_and(|http| same(asked, http)))
        {
            self.error(
                fields.at("forward_auth"),
                "`forward_auth` would listen on the address of another listener",
                "give them different ports",
            );
        }
        if !listen.admin.ip().is_loopback() {
            let help = "it has no passwords: guard it by a firewall, or listen on 127.0.0.1".to_owned();
            self.reader.warning(fields.at("admin"), "other machines can reach the admin listener", Some(help));
        }
        Some(listen)
    }

    fn addresses(&mut self, node: &Node) -> Option<Vec<SocketAddr>> {
        let mut list = Vec::new();
        for element in self.some(node, "address") {
            let Some(address) = self.address(element) else { continue };
            if list.contains(&address) {
                self.error(element.at, "this is in the list already", None);
            }
            list.push(address);
        }
        (!list.is_empty()).then_some(list)
    }

    /// An address, or `unix:` and a path.
    fn place(&mut self, node: &Node) -> Option<Place> {
        let text = self.reader.text(node)?;
        let Some(path) = text.strip_prefix("unix:") else { return self.address(node).map(Place::Tcp) };
        // The kernel keeps the path of a socket in 108 bytes, with a zero at the end.
        let path = self.dir.join(path.trim());
        if text.ends_with(['/', ':']) || text.chars().any(char::is_control) || path.as_os_str().len() > 107 {
            self.error(node.at, format!("`{text}` is no path that a socket can have"), "write `unix:/run/guestgate/forward-auth.sock`");
            return None;
        }
        Some(Place::Unix(path))
    }

    fn address(&mut self, node: &Node) -> Option<SocketAddr> {
        let text = self.reader.text(node)?;
        let read = text.parse().ok();
        if read.is_none() {
            let help = match text.trim_start_matches(':').parse::<u16>() {
                Ok(port) => format!("write `0.0.0.0:{port}` for every address of this machine"),
                Err(_) => "write an IP address and a port, such as `0.0.0.0:8443` or `[::]:8443`".to_owned(),
            };
            self.reader.error(node.at, format!("`{text}` is not an address to listen on"), Some(help));
        }
        read
    }

    fn port(&mut self, node: &Node) -> Option<u16> {
        let port: u16 = self.reader.integer(node)?;
        if port == 0 {
            self.error(node.at, "0 is not a port that a browser can ask for", None);
            return None;
        }
        Some(port)
    }

    pub(super) fn portal(&mut self, node: &Node) -> Option<Portal> {
        let fields = self.fields(node, &["host", "name", "support", "language", "texts", "logo", "color", "color_dark"], &[])?;
        let host = self.required(&fields, "`portal`", "host", "access.example.com");
        let host: Option<Host> = host.and_then(|node| self.reader.parsed(node));
        let name = fields.get("name").and_then(|node| self.line(node));
        let support = fields.get("support").and_then(|node| self.reader.parsed(node));
        let host = host?;
        Some(Portal {
            name: name.unwrap_or_else(|| host.to_string()),
            host,
            support,
            language: fields.get("language").and_then(|node| self.line(node)),
            texts: fields.get("texts").and_then(|node| self.path(node)),
            logo: fields.get("logo").and_then(|node| self.logo(node)),
            accent: self.accent(&fields),
        })
    }

    pub(super) fn tls(&mut self, node: &Node) -> Option<Tls> {
        let fields = self.fields(node, &["certificates", "client_ca", "client_crl", "certificate_host"], &["acme"])?;
        let list = self.required(&fields, "`tls`", "certificates", "[{ cert: certs/example.pem, key: certs/example.key }]")?;
        let mut certificates = Vec::new();
        for element in self.some(list, "certificate") {
            let Some(files) = self.fields(element, &["cert", "key"], &[]) else { continue };
            let cert = self.required(&files, "this certificate", "cert", "certs/example.pem").and_then(|n| self.path(n));
            let key = self.required(&files, "this certificate", "key", "certs/example.key").and_then(|n| self.path(n));
            certificates.extend(cert.zip(key).map(|(cert, key)| CertificateFiles { cert, key }));
        }
        let client_ca = fields.get("client_ca").and_then(|node| self.path(node));
        let [client_crl, certificate_host] = ["client_crl", "certificate_host"].map(|key| fields.get(key));
        for (key, node) in [("client_crl", client_crl), ("certificate_host", certificate_host)] {
            if let Some(node) = node.filter(|_| fields.get("client_ca").is_none()) {
                self.error(node.at, format!("`{key}` says nothing without `client_ca`"), "add `client_ca: certs/partners-ca.pem`");
            }
        }
        let client_crl = client_crl.and_then(|node| self.path(node));
        let certificate_host = certificate_host.and_then(|node| self.reader.parsed(node));
        Some(Tls { certificates, client_ca, client_crl, certificate_host })
    }

    pub(super) fn storage(&mut self, node: &Node) -> Option<Storage> {
        let fields = self.fields(node, &["url"], &[])?;
        let node = self.required(&fields, "`storage`", "url", "sqlite:data/guestgate.db")?;
        let text = self.reader.text(node)?;
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            self.error(node.at, "PostgreSQL is not supported yet", "write `sqlite:data/guestgate.db`");
            return None;
        }
        let path = text.strip_prefix("sqlite:").map(|path| path.strip_prefix("//").unwrap_or(path));
        let fits = |path: &&str| !path.is_empty() && !path.starts_with(':') && !path.contains(['?', '#']) && !path.ends_with('/');
        let Some(path) = path.filter(fits) else {
            self.error(node.at, format!("`{text}` is not a place for the database"), "write `sqlite:data/guestgate.db`");
            return None;
        };
        Some(Storage::Sqlite(self.dir.join(path)))
    }

    pub(super) fn identity(&mut self, node: &Node) -> Option<Identity> {
        let fields = self.fields(node, &["email_code", "passkeys", "totp", "providers"], &[])?;
        let usual = Identity::default();
        Some(Identity {
            email_code: self.or(fields.get("email_code"), usual.email_code, Self::email_code),
            passkeys: self.or(fields.get("passkeys"), usual.passkeys, |r, n| r.reader.boolean(n)),
            totp: self.or(fields.get("totp"), usual.totp, |r, n| r.reader.boolean(n)),
            providers: fields.get("providers").map(|n| self.providers(n)).unwrap_or_default(),
        })
    }

    fn email_code(&mut self, node: &Node) -> Option<EmailCode> {
        let fields = self.fields(node, &["digits", "lifetime", "attempts"], &[])?;
        let usual = Identity::default().email_code;
        Some(EmailCode {
            digits: self.or(fields.get("digits"), usual.digits, |r, n| r.small(n, 6, 12)),
            lifetime: self.or(fields.get("lifetime"), usual.lifetime, |r, n| r.span(n, Span::mins(1), Span::hours(1))),
            attempts: self.or(fields.get("attempts"), usual.attempts, |r, n| r.small(n, 1, 10)),
        })
    }

    fn small(&mut self, node: &Node, least: u8, most: u8) -> Option<u8> {
        let n: u8 = self.reader.integer(node)?;
        if n < least || n > most {
            self.error(node.at, format!("`{n}` is out of range; {least} to {most} are allowed"), None);
            return None;
        }
        Some(n)
    }

    pub(super) fn session(&mut self, node: &Node) -> Option<SessionCeilings> {
        let fields = self.fields(node, &["idle", "lifetime", "persistent"], &[])?;
        let usual = SessionCeilings::default();
        let lifetime = self.or(fields.get("lifetime"), usual.lifetime, |r, n| r.span(n, Span::mins(1), Span::days(365)));
        let idle = self.or(fields.get("idle"), usual.idle.min(lifetime), |r, n| r.span(n, Span::mins(1), Span::days(365)));
        if idle > lifetime {
            self.error(fields.at("idle"), format!("`idle` ({idle}) is longer than `lifetime` ({lifetime})"), None);
        }
        let persistent = self.or(fields.get("persistent"), usual.persistent, |r, n| r.reader.boolean(n));
        Some(SessionCeilings { idle, lifetime, persistent })
    }

    /// `25%`, or `never`.
    pub(super) fn hold_back(&mut self, node: &Node) -> Option<Option<u8>> {
        let text = self.reader.text(node)?;
        let percent = text.strip_suffix('%').and_then(|digits| digits.parse().ok()).filter(|n| (1..=100).contains(n));
        if percent.is_none() && text != "never" {
            self.error(node.at, format!("`{text}` is no share"), "write `1%` to `100%`, or `never`");
            return None;
        }
        Some(percent)
    }

    pub(super) fn networks(&mut self, node: &Node) -> Vec<Prefix> {
        let mut list: Vec<Prefix> = Vec::new();
        for element in self.elements(node) {
            let Some(text) = self.reader.text(element) else { continue };
            match Prefix::parse(text) {
                Ok((prefix, masked)) => {
                    if masked {
                        self.reader.warning(element.at, format!("`{text}` has bits behind its length; `{prefix}` is meant"), None);
                    }
                    if prefix.length() == 0 {
                        let help = "name the addresses of your own proxies only".to_owned();
                        self.reader.error(element.at, "everybody would be believed about their address", Some(help));
                    }
                    list.push(prefix);
                }
                Err(cause) => self.error(element.at, cause.to_string(), None),
            }
        }
        list
    }

    pub(super) fn log(&mut self, node: &Node) -> Option<Log> {
        let fields = self.fields(node, &["access", "format", "level", "facts"], &[])?;
        let usual = Log::default();
        const LEVELS: [(&str, LogLevel); 5] = [
            ("error", LogLevel::Error),
            ("warn", LogLevel::Warn),
            ("info", LogLevel::Info),
            ("debug", LogLevel::Debug),
            ("trace", LogLevel::Trace),
        ];
        Some(Log {
            access: self.or(fields.get("access"), usual.access, Self::access_target),
            format: self
                .or(fields.get("format"), usual.format, |r, n| r.choice(n, &[("json", LogFormat::Json), ("text", LogFormat::Text)])),
            level: self.or(fields.get("level"), usual.level, |r, n| r.choice(n, &LEVELS)),
            facts: self.or(fields.get("facts"), usual.facts, |r, n| r.reader.boolean(n)),
        })
    }

    fn access_target(&mut self, node: &Node) -> Option<AccessTarget> {
        if node.as_scalar().is_some_and(|s| s.text == "stdout") {
            return Some(AccessTarget::Stdout);
        }
        self.path(node).map(AccessTarget::File)
    }

    pub(super) fn folder(&mut self, fields: &Fields<'_>, key: &str) -> PathBuf {
        let usual = self.dir.join(key.strip_suffix("_dir").unwrap_or(key));
        self.or(fields.get(key), usual, Self::path)
    }
}
