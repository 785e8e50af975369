//! `mail:`.

use std::net::IpAddr;

use super::fields::{Fields, Read};
use crate::{
    base::{Host, yaml::Node},
    config::{Login, Mail, MailTransport, Mailbox, Smtp, SmtpSecurity},
};

/// What can be read of the URL of a mail server.
struct Server {
    security: SmtpSecurity,
    host: String,
    port: u16,
    is_this_machine: bool,
}

impl Read<'_> {
    pub(super) fn mail(&mut self, node: &Node) -> Option<Mail> {
        let fields = self.fields(node, &["smtp", "outbox", "username", "password", "password_file", "from", "ca", "templates"], &[])?;
        let templates = fields.get("templates").and_then(|node| self.path(node));
        match (fields.get("smtp"), fields.get("outbox")) {
            (Some(smtp), None) => {
                let transport = self.smtp(smtp, &fields);
                let from = self.required(&fields, "`mail`", "from", "\"Partner access <no-reply@example.com>\"");
                let from = from.and_then(|node| self.reader.parsed(node));
                Some(Mail { from: from?, transport: MailTransport::Smtp(transport?), templates })
            }
            (None, Some(outbox)) => {
                for key in ["username", "password", "password_file", "ca"] {
                    if let Some(node) = fields.get(key) {
                        self.error(node.at, format!("`{key}` means nothing beside `outbox`"), "leave it out");
                    }
                }
                let outbox = self.path(outbox);
                let from: Option<Mailbox> = match fields.get("from") {
                    Some(node) => self.reader.parsed(node),
                    None => "no-reply@localhost".parse().ok(),
                };
                Some(Mail { from: from?, transport: MailTransport::Outbox(outbox?), templates })
            }
            (Some(_), Some(outbox)) => {
                self.error(outbox.at, "`smtp` and `outbox` exclude each other", "keep one of them");
                None
            }
            (None, None) => {
                let help = "add `smtp: smtps://mail.example.com`, or `outbox: data/outbox` for files";
                self.error(fields.at, "`mail` does not say how mail leaves", help);
                None
            }
        }
    }

    fn smtp(&mut self, node: &Node, fields: &Fields<'_>) -> Option<Smtp> {
        let server = self.server(node);
        let login = self.login(fields);
        let ca = fields.get("ca").and_then(|node| self.anchors(node));
        let server = server?;
        if server.security == SmtpSecurity::Plain && !server.is_this_machine {
            let help = "use `smtps://` or `starttls://`".to_owned();
            match login {
                Some(_) => self.reader.error(node.at, "a password would leave this machine unencrypted", Some(help)),
                None => self.reader.warning(node.at, "sign-in codes leave this machine unencrypted", Some(help)),
            }
        }
        if let (SmtpSecurity::Plain, Some(ca)) = (server.security, fields.get("ca")) {
            self.error(ca.at, "`ca` means nothing without TLS", "use `smtps://` or `starttls://`, or leave it out");
        }
        Some(Smtp { host: server.host, port: server.port, security: server.security, login, ca })
    }

    fn server(&mut self, node: &Node) -> Option<Server> {
        const FORM: &str = "write `smtps://mail.example.com`, `starttls://mail.example.com:587` or `smtp://localhost:25`";
        let text = self.reader.text(node)?;
        if text.contains('@') {
            self.error(
                node.at,
                "a name or password does not belong into the address of the mail server",
                "use `username` and `password_file`",
            );
            return None;
        }
        let server = read_server(text);
        if server.is_none() {
            self.error(node.at, format!("`{text}` is not the address of a mail server"), FORM);
        }
        server
    }

    fn login(&mut self, fields: &Fields<'_>) -> Option<Login> {
        let username = fields.get("username");
        let password = match (fields.get("password"), fields.get("password_file")) {
            (Some(node), None) => {
                let names_variable = node.as_scalar().is_some_and(|s| s.text.starts_with("env:"));
                if !names_variable {
                    self.error(node.at, "a secret is never written into this file", "use `password_file: PATH` or `password: env:NAME`");
                    return None;
                }
                Some(node)
            }
            (None, file) => file,
            (Some(_), Some(file)) => {
                self.error(file.at, "`password` and `password_file` exclude each other", "keep one of them");
                return None;
            }
        };
        match (username, password) {
            (None, None) => None,
            (Some(name), Some(password)) => {
                let username = self.line(name);
                let password = self.secret_from(password);
                Some(Login { username: username?, password: password? })
            }
            (Some(name), None) => {
                self.error(name.at, "`username` needs a password", "add `password_file: PATH` or `password: env:NAME`");
                None
            }
            (None, Some(password)) => {
                self.error(password.at, "the password needs a `username`", None);
                None
            }
        }
    }
}

fn read_server(text: &str) -> Option<Server> {
    let (scheme, rest) = text.split_once("://")?;
    let (security, usual) = match scheme {
        "smtps" => (SmtpSecurity::Tls, 465),
        "starttls" => (SmtpSecurity::StartTls, 587),
        "smtp" => (SmtpSecurity::Plain, 25),
        _ => return None,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
        Some((ip, "")) => (ip, None),
        Some((ip, port)) => (ip, Some(port.strip_prefix(':')?)),
        None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
    };
    let port: u16 = port.map_or(Some(usual), |p| p.parse().ok()).filter(|p| *p > 0)?;
    let (host, is_this_machine) = match host.parse::<IpAddr>() {
        Ok(ip) => (ip.to_string(), ip.is_loopback()),
        Err(_) => {
            let host = Host::parse(host).ok()?;
            (host.to_string(), host.as_str() == "localhost" || host.as_str().ends_with(".localhost"))
        }
    };
    Some(Server { security, host, port, is_this_machine })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_has_the_port_of_its_scheme() {
        let read = |text: &str| read_server(text).map(|s| (s.host, s.port, s.is_this_machine));
        assert_eq!(read("smtps://Mail.example.com"), Some(("mail.example.com".to_owned(), 465, false)));
        assert_eq!(read("starttls://[2001:db8::1]"), Some(("2001:db8::1".to_owned(), 587, false)));
        assert_eq!(read("smtp://[::1]:2525/"), Some(("::1".to_owned(), 2525, true)));
        for wrong in
            ["mail.example.com", "imap://x", "smtp://", "smtp://a:0", "smtp://a:b", "smtp://a/b", "smtps://[::1]x", "smtp://a:99999"]
        {
            assert!(read(wrong).is_none(), "{wrong}");
        }
    }
}
