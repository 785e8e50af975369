//! One line of the access log, as far as a replay needs it; nothing is copied that need not be.

use std::{borrow::Cow, net::IpAddr};

use serde_json::value::RawValue;

use crate::{
    base::{NormalPath, Timestamp},
    policy::{AppPolicies, LoggedFacts, Outcome},
};

/// A line.
pub(super) struct Line<'l> {
    pub(super) time: Timestamp,
    pub(super) app: Cow<'l, str>,
    pub(super) method: Cow<'l, str>,
    pub(super) ip: Option<IpAddr>,
    /// Ids; empty where there is none.
    pub(super) guest: Cow<'l, str>,
    pub(super) session: Cow<'l, str>,
    pub(super) was: Was,
    written: Written<'l>,
}

/// How the request was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Was {
    /// By policies.
    Judged(Outcome),
    /// The path is open to everybody.
    Public,
    /// Without a grant, so that policies had nothing to say.
    NoGrant,
    /// Before anybody asked policies: no session, or no request that we serve.
    NotJudged,
}

/// As it stands there.
#[derive(serde::Deserialize)]
struct Written<'l> {
    #[serde(borrow)]
    time: Cow<'l, str>,
    #[serde(borrow)]
    app: Cow<'l, str>,
    #[serde(borrow)]
    method: Cow<'l, str>,
    #[serde(borrow)]
    path: Cow<'l, str>,
    #[serde(borrow)]
    client_ip: Cow<'l, str>,
    #[serde(borrow, default)]
    guest: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    session: Option<Cow<'l, str>>,
    #[serde(borrow)]
    decision: Cow<'l, str>,
    #[serde(borrow, default)]
    facts: Option<&'l RawValue>,
}

/// So much of a path the log keeps: one that is as long may have been longer.
const LONGEST_PATH: usize = 2_048;
/// Paths below it are ours, and logged as templates.
const RESERVED: &str = "/.guestgate/";

impl<'l> Line<'l> {
    /// Reads a line, or says why it is none of ours.
    pub(super) fn parse(bytes: &'l [u8]) -> Result<Self, &'static str> {
        let mut written: Written<'l> = match serde_json::from_slice(bytes) {
            Ok(written) => written,
            Err(cause) if cause.is_data() => return Err("not a line of an access log"),
            Err(_) => return Err("not JSON: torn, or written by something else"),
        };
        let time = written.time.parse().map_err(|_| "its `time` is not an instant")?;
        let was = match &*written.decision {
            _ if written.path.starts_with(RESERVED) => Was::NotJudged,
            "allow" => Was::Judged(Outcome::Allow),
            "challenge" => Was::Judged(Outcome::Challenge),
            "block" => Was::Judged(Outcome::Block),
            "not_assigned" => Was::NoGrant,
            // The portal's own requests are public, too, and have no app.
            "public" if written.guest.is_none() && written.app.starts_with(|c: char| c.is_ascii_alphanumeric()) => Was::Public,
            "public" | "signin" | "refused" | "error" => Was::NotJudged,
            _ => return Err("its `decision` is none of ours"),
        };
        Ok(Self {
            time,
            app: std::mem::take(&mut written.app),
            method: std::mem::take(&mut written.method),
            ip: written.client_ip.parse().ok(),
            guest: written.guest.take().unwrap_or_default(),
            session: written.session.take().unwrap_or_default(),
            was,
            written,
        })
    }

    /// The path in the normal form of these policies' app.
    pub(super) fn path(&self, policies: &AppPolicies) -> Option<NormalPath<'static>> {
        let whole = self.written.path.len() < LONGEST_PATH;
        whole.then(|| NormalPath::parse(self.written.path.as_bytes(), policies.path_rules()).ok().map(NormalPath::into_owned))?
    }

    /// The path as logged.
    pub(super) fn path_text(&self) -> &str {
        &self.written.path
    }

    /// The address as logged.
    pub(super) fn ip_text(&self) -> &str {
        &self.written.client_ip
    }

    /// The facts as logged, or nothing.
    pub(super) fn facts_text(&self) -> &str {
        self.written.facts.map_or("", RawValue::get)
    }

    /// The facts, where the log has them.
    pub(super) fn facts(&self) -> Option<LoggedFacts> {
        serde_json::from_str(self.written.facts?.get()).ok()
    }

    /// The request in words.
    pub(super) fn request(&self) -> String {
        format!("{} {}", self.method, self.written.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_what_is_none_is_named() {
        let text = r#"{"time":"2026-01-14T12:00:00Z","app":"charts","method":"GET","path":"/a","client_ip":"203.0.113.9","guest":null,"decision":"allow","new":1}"#;
        let line = Line::parse(text.as_bytes()).unwrap();
        assert_eq!((line.was, line.request().as_str(), &*line.guest), (Was::Judged(Outcome::Allow), "GET /a", ""));
        for (torn, why) in [
            (&text[..60], "torn"),
            (r#"{"timestamp":"2026","level":"INFO","message":"x"}"#, "not a line of an access log"),
            (&text.replace("allow", "perhaps"), "none of ours"),
            (&text.replace("2026-01-14T12", "yesterday"), "not an instant"),
            ("[1]", "not a line"),
        ] {
            let said = Line::parse(torn.as_bytes()).err().unwrap_or_default();
            assert!(said.contains(why), "{torn}: {said}");
        }
    }
}
