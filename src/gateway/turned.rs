//! Requests that are not forwarded: why, and the one answer to each.

use http::{StatusCode, header};

use crate::{
    base::{AppId, PathError},
    language::Wanted,
    observe::{DecisionLabel, RefusedReason},
    policy::NoGrant,
    web::{Answer, Portal, Problem, Reader, Refusal, Seen, Site, no_content_404, problem, refuse},
};

use super::{signin::Start, upstream::BodyFault, wire::RequestError};

/// Methods that an app may know, as `Allow` names them where one is refused that none may.
pub(super) const SERVED: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Why a request is turned away.
#[derive(Debug)]
pub(super) enum Turned {
    /// The host is none of ours.
    UnknownHost,
    /// The connection was opened for another host.
    Misdirected,
    /// It cannot be read, or can be read in two ways.
    BadRequest(&'static str),
    /// The path can be read in two ways.
    BadPath(PathError),
    /// The head is none that we serve.
    Unreadable(RequestError),
    /// The head did not come to its end in time.
    LateHead,
    /// The body did not come to its end in time.
    LateBody,
    /// There are too many fields.
    TooManyFields,
    /// The head is too large.
    HeadTooLarge,
    /// A page of another site sent it.
    CrossSite,
    /// The app does not take WebSockets.
    NoWebSockets,
    /// Somebody asks on the listener for other proxies who is none of them.
    Stranger,
    /// Signing in, or proving more, would help.
    SignIn(Box<SignIn>),
    /// A policy asks for what nobody can show here yet.
    OutOfReach(Box<Unmet>),
    /// A policy blocks.
    Blocked(Box<Blocked>),
    /// No grant is in force.
    NotAssigned(Box<NotAssigned>),
    /// The body is larger than the app allows.
    TooLarge,
    /// A reserved path behind which nothing is.
    NotFound,
    /// A reserved path that knows only these methods.
    Method(&'static str),
    /// We cannot know whether the session holds, or are overloaded.
    Unavailable,
    /// We failed.
    Internal,
    /// The app does not answer, or not in HTTP.
    BadGateway,
    /// The app takes no WebSockets in the way that it can be reached.
    CannotUpgrade,
    /// The app gets no more requests now; the seconds after which it may.
    Overloaded(u32),
    /// The app is too slow.
    GatewayTimeout,
}

/// A sign-in that would help, and how it is said.
#[derive(Debug)]
pub(super) struct SignIn {
    /// How it begins.
    pub(super) start: Start,
    /// How the request was made.
    pub(super) asking: Asking,
    /// The app's id.
    pub(super) realm: String,
    /// On a challenge: what it is about.
    pub(super) unmet: Option<Unmet>,
}

/// What a challenge is about.
#[derive(Debug)]
pub(super) struct Unmet {
    /// The policy.
    pub(super) policy: String,
    /// What it asks for and does not find.
    pub(super) requirements: Vec<String>,
}

/// A policy that blocks.
#[derive(Debug)]
pub(super) struct Blocked {
    /// Its name.
    pub(super) policy: String,
    /// What its author tells the guest.
    pub(super) message: String,
}

/// No grant is in force: why, and what helps.
#[derive(Debug)]
pub(super) struct NotAssigned {
    /// Why.
    pub(super) why: NoGrant,
    /// Who may be asked.
    pub(super) owners: Box<[String]>,
    /// The app, if the guest may know that it can be asked for on the portal.
    pub(super) ask: Option<AppId>,
}

/// How a request was made, which says how it can be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// A window goes to a page: it can be sent elsewhere.
    Page,
    /// A frame inside a page.
    Frame,
    /// Any other navigation: a form that must not be lost.
    Form,
    /// A script or program.
    Program,
}

impl Asking {
    /// Judges by method and `Sec-Fetch-Dest`, or by `Accept` where no `Sec-Fetch-*` is there.
    pub(super) fn judge(method: &str, dest: Option<&[u8]>, reader: Reader) -> Self {
        match (reader, dest) {
            (Reader::Program, _) => Self::Program,
            (Reader::Person, Some(b"iframe" | b"frame" | b"embed" | b"object")) => Self::Frame,
            (Reader::Person, _) if matches!(method, "GET" | "HEAD") => Self::Page,
            (Reader::Person, _) => Self::Form,
        }
    }
}

/// For whom an answer is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct For<'a> {
    /// Whose pages.
    pub(super) site: &'a Site,
    /// Who reads it.
    pub(super) reader: Reader,
    /// Which languages that person has named.
    pub(super) wanted: Wanted<'a>,
    /// The app's shown name.
    pub(super) app: Option<&'a str>,
    /// The request's id.
    pub(super) reference: &'a str,
}

impl Turned {
    /// Why a request's body could not be taken.
    pub(super) fn of_body(fault: BodyFault) -> Self {
        match fault {
            BodyFault::TooLarge => Self::TooLarge,
            BodyFault::Timeout => Self::LateBody,
            BodyFault::Aborted | BodyFault::Malformed => Self::BadRequest("the body of the request cannot be read"),
        }
    }

    /// The limit that this is about, where it is about one.
    pub(super) fn limit(&self) -> Option<RefusedReason> {
        Some(match self {
            Self::BadRequest(_) | Self::BadPath(_) => RefusedReason::Malformed,
            Self::Unreadable(error) => match error.status() {
                431 if *error == RequestError::TooManyFields => RefusedReason::TooManyFields,
                414 | 431 => RefusedReason::HeadTooLarge,
                400 => RefusedReason::Malformed,
                _ => return None,
            },
            Self::LateHead => RefusedReason::LateHead,
            Self::LateBody => RefusedReason::LateBody,
            Self::TooManyFields => RefusedReason::TooManyFields,
            Self::HeadTooLarge => RefusedReason::HeadTooLarge,
            Self::TooLarge => RefusedReason::BodyTooLarge,
            Self::UnknownHost
            | Self::Misdirected
            | Self::CrossSite
            | Self::NoWebSockets
            | Self::SignIn(_)
            | Self::OutOfReach(_)
            | Self::Blocked(_)
            | Self::NotAssigned(_)
            | Self::NotFound
            | Self::Method(_)
            | Self::Unavailable
            | Self::Internal
            | Self::BadGateway
            | Self::CannotUpgrade
            | Self::Overloaded(_)
            | Self::GatewayTimeout
            | Self::Stranger => return None,
        })
    }

    /// The answer, and how it is counted.
    pub(super) fn answer(&self, to: For<'_>) -> (Answer, DecisionLabel) {
        let seen = Seen { site: to.site, reader: to.reader, wanted: Some(to.wanted), app: to.app, reference: to.reference };
        let plain = |refusal: Refusal<'_>| refuse(&seen, &refusal);
        match self {
            Self::UnknownHost => (no_content_404(), DecisionLabel::Refused),
            Self::Misdirected => (plain(Refusal::Misdirected), DecisionLabel::Refused),
            Self::BadRequest(detail) => (plain(Refusal::BadRequest { detail }), DecisionLabel::Refused),
            Self::BadPath(error) => (plain(Refusal::BadRequest { detail: &error.to_string() }), DecisionLabel::Refused),
            Self::Unreadable(error) => (unreadable(*error, to.reference), DecisionLabel::Refused),
            Self::LateHead => (brief(408, "the head did not come to its end in time", to.reference), DecisionLabel::Refused),
            Self::LateBody => (brief(408, "the body did not come to its end in time", to.reference), DecisionLabel::Refused),
            Self::TooManyFields => (brief(431, "the head has too many fields", to.reference), DecisionLabel::Refused),
            Self::HeadTooLarge => (brief(431, "the head is too large", to.reference), DecisionLabel::Refused),
            Self::CrossSite => (plain(Refusal::CrossSite), DecisionLabel::Refused),
            Self::NoWebSockets => (brief(403, "this application does not take WebSockets", to.reference), DecisionLabel::Refused),
            Self::Stranger => (brief(403, "only proxies in `trusted_proxies` may ask here", to.reference), DecisionLabel::Refused),
            Self::SignIn(signin) => (signin.answer(&seen), signin.label()),
            Self::OutOfReach(unmet) => {
                let refusal = Refusal::OutOfReach { policy: &unmet.policy, requirements: &unmet.requirements };
                (plain(refusal), DecisionLabel::Challenge)
            }
            Self::Blocked(by) => {
                let message = Some(by.message.as_str()).filter(|m| !m.is_empty());
                (plain(Refusal::Blocked { policy: &by.policy, message }), DecisionLabel::Block)
            }
            Self::NotAssigned(not) => {
                let portal = Portal { origin: &to.site.portal, ask: not.ask.as_ref().map(AppId::as_str) };
                let refusal = Refusal::NotAssigned { why: not.why, owners: &not.owners, portal: Some(portal) };
                (plain(refusal), DecisionLabel::NotAssigned)
            }
            Self::TooLarge => (plain(Refusal::TooLarge), DecisionLabel::Refused),
            Self::NotFound => (plain(Refusal::NotFound), DecisionLabel::Refused),
            Self::Method(allow) => (plain(Refusal::Method { allow }), DecisionLabel::Refused),
            Self::Unavailable => (plain(Refusal::Unavailable { retry_after: 5 }), DecisionLabel::Error),
            Self::Internal => (plain(Refusal::Internal), DecisionLabel::Error),
            Self::BadGateway => (plain(Refusal::BadGateway), DecisionLabel::Error),
            Self::CannotUpgrade => (brief(502, "the application takes no WebSockets over HTTP/2", to.reference), DecisionLabel::Error),
            Self::Overloaded(retry_after) => (plain(Refusal::Overloaded { retry_after: *retry_after }), DecisionLabel::Error),
            Self::GatewayTimeout => (plain(Refusal::GatewayTimeout), DecisionLabel::Error),
        }
    }
}

/// An answer to what no page explains: programs and mistakes alone send it.
fn brief(status: u16, detail: &str, reference: &str) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let title = status.canonical_reason().unwrap_or_default();
    let kind = title.to_ascii_lowercase().replace(' ', "-");
    problem(status, &kind, Problem { title, detail: Some(detail), reference: Some(reference), ..Problem::default() })
}

fn unreadable(error: RequestError, reference: &str) -> Answer {
    let answer = brief(error.status(), &error.to_string(), reference);
    if error == RequestError::MethodRefused { answer.with(header::ALLOW, SERVED) } else { answer }
}

impl SignIn {
    fn label(&self) -> DecisionLabel {
        if self.unmet.is_some() { DecisionLabel::Challenge } else { DecisionLabel::SignIn }
    }

    /// The value of `WWW-Authenticate`.
    pub(super) fn authenticate(&self) -> String {
        format!("Guestgate realm=\"{}\", signin=\"{}\"", self.realm, self.start.url)
    }

    fn answer(&self, seen: &Seen<'_>) -> Answer {
        let (signin, realm) = (self.start.url.as_str(), self.realm.as_str());
        let policy = self.unmet.as_ref().map(|unmet| unmet.policy.as_str());
        let answer = match self.asking {
            Asking::Page => Answer::see_other(signin),
            Asking::Frame => refuse(seen, &Refusal::Framed { signin, realm }),
            Asking::Form => refuse(seen, &Refusal::SignIn { signin, realm, policy }),
            Asking::Program => match &self.unmet {
                None => refuse(seen, &Refusal::SignIn { signin, realm, policy }),
                Some(unmet) => challenge(seen, unmet, (signin, realm)),
            },
        };
        answer.with(header::SET_COOKIE, &self.start.cookie)
    }
}

/// A challenge names what is unmet, so that a program can say it to a person.
fn challenge(seen: &Seen<'_>, unmet: &Unmet, (signin, realm): (&str, &str)) -> Answer {
    let detail = format!("not yet met: {}", unmet.requirements.join(", "));
    let body = Problem {
        title: "More is needed to go on",
        detail: Some(&detail),
        decision: Some("challenge"),
        policy: Some(&unmet.policy),
        unmet: &unmet.requirements,
        reference: Some(seen.reference),
        signin: Some(signin),
        ..Problem::default()
    };
    let answer = problem(StatusCode::UNAUTHORIZED, "challenge", body);
    answer.with(header::WWW_AUTHENTICATE, &format!("Guestgate realm=\"{realm}\", signin=\"{signin}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_that_reads_is_sent_elsewhere() {
        for (method, dest, reader, asking) in [
            ("GET", Some(&b"document"[..]), Reader::Person, Asking::Page),
            ("HEAD", None, Reader::Person, Asking::Page),
            ("POST", Some(b"document"), Reader::Person, Asking::Form),
            ("GET", Some(b"iframe"), Reader::Person, Asking::Frame),
            ("POST", Some(b"frame"), Reader::Person, Asking::Frame),
            ("GET", Some(b"empty"), Reader::Program, Asking::Program),
            ("GET", None, Reader::Program, Asking::Program),
        ] {
            assert_eq!(Asking::judge(method, dest, reader), asking, "{method} {dest:?}");
        }
    }

    #[test]
    fn a_challenge_names_the_policy_and_what_is_unmet() {
        let languages = std::sync::Arc::new(crate::language::Languages::built_in());
        let config = crate::config::Config::with_defaults(crate::base::Host::parse("access.example.test").unwrap(), Vec::new());
        let site = Site::of(&config, &languages);
        let seen = Seen { site: &site, reader: Reader::Program, wanted: None, app: None, reference: "r1" };
        let unmet = Unmet { policy: "two-factors".to_owned(), requirements: vec!["mfa".to_owned(), "fresh: 1h".to_owned()] };
        let answer = challenge(&seen, &unmet, ("https://access.example.test/signin?start=x", "charts"));
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!((&body["policy"], &body["decision"]), (&"two-factors".into(), &"challenge".into()));
        assert_eq!(body["unmet"], serde_json::json!(["mfa", "fresh: 1h"]));
    }

    #[test]
    fn what_cannot_be_read_is_answered_by_its_own_status() {
        for (error, status) in [
            (RequestError::BareLineFeed, 400),
            (RequestError::MethodRefused, 405),
            (RequestError::TargetTooLong, 414),
            (RequestError::HeadTooLarge, 431),
            (RequestError::Version, 505),
        ] {
            assert_eq!(unreadable(error, "r1").status.as_u16(), status, "{error}");
        }
    }
}
