//! What somebody is told whom the gateway does not let through: a page for people, a problem for programs.

use askama::Template;
use http::{StatusCode, header};

use super::{Answer, Problem, Reader, Site, problem, render};
use crate::{language::Wanted, policy::NoGrant};

/// A request that is turned away, and who reads the answer.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    /// Whose pages.
    pub site: &'s Site,
    /// Who reads it.
    pub reader: Reader,
    /// Which languages a person has named, where the site does not speak one of them yet.
    pub wanted: Option<Wanted<'s>>,
    /// The app as people name it; `None` on the portal.
    pub app: Option<&'s str>,
    /// What to name when asking for help.
    pub reference: &'s str,
}

/// Why a request is turned away.
#[derive(Debug, Clone, Copy)]
pub enum Refusal<'r> {
    /// A policy blocks (403).
    Blocked {
        /// Its name.
        policy: &'r str,
        /// What its author tells the guest.
        message: Option<&'r str>,
    },
    /// A policy asks for what this gateway offers no way to show (403): signing in again would not help.
    OutOfReach {
        /// The policy; empty where several ask.
        policy: &'r str,
        /// What it asks for, as written.
        requirements: &'r [String],
    },
    /// No grant that is valid now (403).
    NotAssigned {
        /// Why there is none.
        why: NoGrant,
        /// Whom to ask.
        owners: &'r [String],
        /// The guest's pages: where everything else that is open is shown, and this app can be asked for, where it can.
        portal: Option<Portal<'r>>,
    },
    /// Signing in or stepping up helps, but this request cannot be redirected (401). For a person the page says that nothing was sent.
    SignIn {
        /// The absolute URL that begins it.
        signin: &'r str,
        /// The app's id.
        realm: &'r str,
        /// The policy whose requirement is unmet, where it is one.
        policy: Option<&'r str>,
    },
    /// The same inside a frame (401): the whole window must go there.
    Framed {
        /// The absolute URL that begins it.
        signin: &'r str,
        /// The app's id.
        realm: &'r str,
    },
    /// Sign-in goes round and round (403).
    Rounds {
        /// What was seen, a sentence each.
        seen: &'r [&'r str],
    },
    /// Malformed, or with two readings (400).
    BadRequest {
        /// What is wrong with it, in technical words.
        detail: &'r str,
    },
    /// A form of ours that is none (400).
    BrokenForm,
    /// Sent by a page of another site (403).
    CrossSite,
    /// A path of ours behind which nothing is (404).
    NotFound,
    /// A method that the path does not know (405).
    Method {
        /// Those that it knows, as in `Allow`.
        allow: &'r str,
    },
    /// The body is too large (413).
    TooLarge,
    /// The connection is for another host (421).
    Misdirected,
    /// Too many requests (429).
    TooMany {
        /// When to come again.
        retry_after: u32,
    },
    /// The head is too large (431).
    HeadTooLarge,
    /// We failed (500).
    Internal,
    /// The app does not answer, or not in HTTP (502).
    BadGateway,
    /// We cannot know whether the session still holds, or are overloaded (503).
    Unavailable {
        /// When to come again.
        retry_after: u32,
    },
    /// The app has enough to do, or fails too often (503).
    Overloaded {
        /// When to come again.
        retry_after: u32,
    },
    /// The app took too long (504).
    GatewayTimeout,
}

/// The pages of a guest whom no grant lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portal<'r> {
    /// The origin.
    pub origin: &'r str,
    /// The app, if the guest may know that it can be asked for.
    pub ask: Option<&'r str>,
}

impl Portal<'_> {
    /// The links: the text, and where it leads.
    fn links(&self, why: NoGrant) -> Vec<(&'static str, String)> {
        let label = match why {
            NoGrant::Missing => Some("wish-access"),
            NoGrant::Expired => Some("wish-time"),
            NoGrant::NotYet | NoGrant::Suspended => None,
        };
        let ask = label.zip(self.ask).map(|(label, app)| (label, format!("{}/apps/{app}/request", self.origin)));
        ask.into_iter().chain([("to-home", format!("{}/", self.origin))]).collect()
    }
}

/// What a refusal is in words of the catalogue, for both kinds of reader.
struct Words<'r> {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    why: &'static str,
    next: Option<&'static str>,
    /// What somebody has written for this case, in a language of their choice.
    instead: Option<&'r str>,
}

const fn words(status: StatusCode, kind: &'static str, title: &'static str, why: &'static str) -> Words<'static> {
    Words { status, kind, title, why, next: None, instead: None }
}

impl Words<'static> {
    const fn next(mut self, next: &'static str) -> Self {
        self.next = Some(next);
        self
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "each of these asks for one property that few refusals have")]
impl<'r> Refusal<'r> {
    fn words(&self) -> Words<'r> {
        use StatusCode as S;
        match *self {
            Self::Blocked { message, .. } => {
                let words = words(S::FORBIDDEN, "block", "blocked-title", "blocked-why").next("refused-help");
                Words { instead: message, ..words }
            }
            Self::OutOfReach { .. } => words(S::FORBIDDEN, "challenge", "beyond-title", "beyond-why").next("refused-ask"),
            Self::NotAssigned { why, .. } => no_grant(why),
            Self::SignIn { .. } => words(S::UNAUTHORIZED, "sign-in", "need-title", "need-why").next("need-next"),
            Self::Framed { .. } => words(S::UNAUTHORIZED, "sign-in", "framed-title", "framed-why").next("framed-next"),
            Self::Rounds { .. } => words(S::FORBIDDEN, "rounds", "rounds-title", "rounds-why").next("rounds-next"),
            Self::BadRequest { .. } => words(S::BAD_REQUEST, "bad-request", "unreadable-title", "unreadable-why"),
            Self::BrokenForm => words(S::BAD_REQUEST, "bad-request", "broken-form-title", "broken-form-why").next("broken-form-next"),
            Self::CrossSite => words(S::FORBIDDEN, "cross-site", "cross-site-title", "cross-site-why").next("cross-site-next"),
            Self::NotFound => words(S::NOT_FOUND, "not-found", "not-found-title", "not-found-why"),
            Self::Method { .. } => words(S::METHOD_NOT_ALLOWED, "method", "method-title", "method-why"),
            Self::TooLarge => words(S::PAYLOAD_TOO_LARGE, "too-large", "too-large-title", "too-large-why").next("too-large-next"),
            Self::Misdirected => {
                words(S::MISDIRECTED_REQUEST, "misdirected", "misdirected-title", "misdirected-why").next("misdirected-next")
            }
            Self::TooMany { .. } => words(S::TOO_MANY_REQUESTS, "too-many", "too-many-title", "too-many-why").next("too-many-next"),
            Self::HeadTooLarge => words(S::REQUEST_HEADER_FIELDS_TOO_LARGE, "head-too-large", "head-title", "head-why").next("head-next"),
            Self::Internal | Self::BadGateway | Self::Unavailable { .. } | Self::Overloaded { .. } | Self::GatewayTimeout => self.failure(),
        }
    }

    /// What is nobody's fault in front of the screen.
    fn failure(&self) -> Words<'static> {
        use StatusCode as S;
        let words = match self {
            Self::BadGateway => words(S::BAD_GATEWAY, "bad-gateway", "bad-gateway-title", "bad-gateway-why"),
            Self::GatewayTimeout => words(S::GATEWAY_TIMEOUT, "gateway-timeout", "slow-title", "slow-why"),
            Self::Unavailable { .. } => words(S::SERVICE_UNAVAILABLE, "unavailable", "unavailable-title", "unavailable-why"),
            Self::Overloaded { .. } => words(S::SERVICE_UNAVAILABLE, "overloaded", "overloaded-title", "overloaded-why"),
            _ => words(S::INTERNAL_SERVER_ERROR, "internal", "internal-title", "internal-why"),
        };
        words.next("refused-later")
    }

    /// What is wrong in technical words, which nobody translates.
    fn technical(&self) -> Option<&'r str> {
        if let Self::BadRequest { detail } = *self { Some(detail) } else { None }
    }

    fn signin(&self) -> Option<(&'r str, &'r str)> {
        match *self {
            Self::SignIn { signin, realm, .. } | Self::Framed { signin, realm } => Some((signin, realm)),
            _ => None,
        }
    }

    fn policy(&self) -> Option<&'r str> {
        match *self {
            Self::Blocked { policy, .. } | Self::OutOfReach { policy, .. } => Some(policy).filter(|policy| !policy.is_empty()),
            Self::SignIn { policy, .. } => policy,
            _ => None,
        }
    }

    fn decision(&self) -> Option<&'static str> {
        match self {
            Self::Blocked { .. } => Some("block"),
            Self::OutOfReach { .. } => Some("challenge"),
            Self::NotAssigned { .. } => Some("not-assigned"),
            Self::SignIn { policy: Some(_), .. } => Some("challenge"),
            _ => None,
        }
    }
}

/// Why no grant lets in, in words.
fn no_grant(why: NoGrant) -> Words<'static> {
    let say = |title, why| words(StatusCode::FORBIDDEN, "not-assigned", title, why);
    match why {
        NoGrant::Missing => say("no-grant-title", "no-grant-why").next("no-grant-next"),
        NoGrant::Expired => say("ended-title", "ended-why").next("ended-next"),
        NoGrant::NotYet => say("not-yet-title", "not-yet-why").next("not-yet-next"),
        NoGrant::Suspended => say("suspended-title", "suspended-why").next("suspended-next"),
    }
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct Page<'p> {
    site: &'p Site,
    words: &'p Words<'p>,
    app: Option<&'p str>,
    technical: Option<&'p str>,
    owners: &'p [String],
    seen: &'p [&'p str],
    signin: Option<&'p str>,
    links: Vec<(&'static str, String)>,
    policy: Option<&'p str>,
    reference: &'p str,
}

#[derive(Template)]
#[template(path = "continue.html")]
struct Continue<'p> {
    site: &'p Site,
    title: &'p str,
    url: &'p str,
    name: &'p str,
}

/// The answer to a request that is turned away. Programs are answered in English.
pub fn refuse(seen: &Seen<'_>, refusal: &Refusal<'_>) -> Answer {
    let words = refusal.words();
    let answer = match seen.reader {
        Reader::Person => page(seen, refusal, &words),
        Reader::Program => told(seen, refusal, &words),
    };
    with_headers(answer, refusal)
}

fn told(seen: &Seen<'_>, refusal: &Refusal<'_>, words: &Words<'_>) -> Answer {
    let english = seen.site.voice.languages().english();
    let why = english.say(words.why).to_string();
    let body = Problem {
        title: &english.say(words.title).to_string(),
        detail: Some(words.instead.or(refusal.technical()).unwrap_or(&why)),
        decision: refusal.decision(),
        policy: refusal.policy(),
        reference: Some(seen.reference),
        signin: refusal.signin().map(|(url, _)| url),
        unmet: if let Refusal::OutOfReach { requirements, .. } = refusal { requirements } else { &[] },
        ..Problem::default()
    };
    problem(words.status, words.kind, body)
}

fn page(seen: &Seen<'_>, refusal: &Refusal<'_>, words: &Words<'_>) -> Answer {
    let spoken = seen.wanted.map(|wanted| seen.site.speaking(&wanted));
    let html = render(&Page {
        site: spoken.as_ref().unwrap_or(seen.site),
        words,
        app: seen.app,
        technical: refusal.technical(),
        owners: if let Refusal::NotAssigned { owners, .. } = refusal { owners } else { &[] },
        seen: &listed(refusal),
        signin: refusal.signin().map(|(url, _)| url),
        links: if let Refusal::NotAssigned { why, portal: Some(portal), .. } = refusal { portal.links(*why) } else { Vec::new() },
        policy: refusal.policy(),
        reference: seen.reference,
    });
    if matches!(refusal, Refusal::Framed { .. }) { Answer::framed(words.status, html) } else { Answer::page(words.status, html) }
}

/// What the page lists.
#[expect(clippy::wildcard_enum_match_arm, reason = "only two kinds of refusal have a list")]
fn listed<'r>(refusal: &Refusal<'r>) -> Vec<&'r str> {
    match *refusal {
        Refusal::Rounds { seen } => seen.to_vec(),
        Refusal::OutOfReach { requirements, .. } => requirements.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "only two kinds of refusal have a header of their own")]
fn with_headers(answer: Answer, refusal: &Refusal<'_>) -> Answer {
    match refusal {
        Refusal::TooMany { retry_after } | Refusal::Unavailable { retry_after } | Refusal::Overloaded { retry_after } => {
            answer.with(header::RETRY_AFTER, &retry_after.to_string())
        }
        Refusal::Method { allow } => answer.with(header::ALLOW, allow),
        _ => match refusal.signin() {
            // Both are ours: an id and a URL of sealed base64url, with nothing that would have to be escaped.
            Some((signin, realm)) => answer.with(header::WWW_AUTHENTICATE, &format!("Guestgate realm=\"{realm}\", signin=\"{signin}\"")),
            None => answer,
        },
    }
}

/// The page from which a browser goes on to another host: a POST may not be redirected there.
pub fn continue_to(site: &Site, name: &str, url: &str) -> Answer {
    Answer::page(StatusCode::OK, render(&Continue { site, title: "continue-title", url, name }))
}

/// The page from which a browser goes on to a sign-in by itself, where somebody else stands between us and it and passes on no redirect.
pub fn sign_in_at(site: &Site, url: &str) -> Answer {
    Answer::page(StatusCode::UNAUTHORIZED, render(&Continue { site, title: "continue-signin-title", url, name: &site.name }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            name: "Fabrikam <access>".to_owned(),
            support: Some("help@example.com".to_owned()),
            portal: "https://access.example.com".to_owned(),
            voice: std::sync::Arc::new(crate::language::Languages::built_in()).english(),
            accent: crate::config::Accent::default(),
            logo: None,
            chooser: None,
        }
    }

    fn answer(reader: Reader, refusal: &Refusal<'_>) -> (u16, String, Answer) {
        let site = site();
        let answer = refuse(&Seen { site: &site, reader, wanted: None, app: Some("Patient charts"), reference: "req-1" }, refusal);
        (answer.status.as_u16(), String::from_utf8(answer.body.to_vec()).unwrap(), answer)
    }

    #[test]
    fn a_block_names_policy_message_reference_and_support() {
        let (status, body, _) =
            answer(Reader::Person, &Refusal::Blocked { policy: "office-hours", message: Some("Closed <b>at night</b>.") });
        assert_eq!(status, 403);
        for part in ["office-hours", "req-1", "help@example.com", "Patient charts", "Closed &#60;b&#62;at night"] {
            assert!(body.contains(part), "{part} in {body}");
        }
        assert!(!body.contains("<b>at night") && !body.contains("<access>"), "what people typed is escaped");
    }

    #[test]
    fn a_401_always_says_how_to_sign_in() {
        let refusal = Refusal::SignIn { signin: "https://access.example.com/signin?start=abc", realm: "charts", policy: None };
        for reader in [Reader::Person, Reader::Program] {
            let (status, body, answer) = answer(reader, &refusal);
            assert_eq!(status, 401);
            assert_eq!(
                answer.headers["www-authenticate"],
                "Guestgate realm=\"charts\", signin=\"https://access.example.com/signin?start=abc\""
            );
            assert!(body.contains("start=abc"));
        }
    }

    #[test]
    fn a_framed_sign_in_leaves_the_frame() {
        let (_, body, answer) = answer(Reader::Person, &Refusal::Framed { signin: "https://a.example/signin?start=x", realm: "charts" });
        assert!(body.contains("target=\"_top\""));
        assert!(answer.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'self'"));
    }

    #[test]
    fn no_page_has_inline_script_or_style() {
        let owners = ["dr.lee@example.com".to_owned()];
        for refusal in [
            Refusal::Blocked { policy: "p", message: None },
            Refusal::OutOfReach { policy: "p", requirements: &["terms: <rules>".to_owned()] },
            Refusal::NotAssigned { why: NoGrant::Suspended, owners: &owners, portal: None },
            Refusal::Rounds { seen: &["The cookie was refused."] },
            Refusal::BadGateway,
            Refusal::Internal,
            Refusal::TooMany { retry_after: 60 },
            Refusal::Overloaded { retry_after: 1 },
        ] {
            let (_, body, _) = answer(Reader::Person, &refusal);
            assert!(!body.contains("<script") && !body.contains("<style") && !body.contains("style=\"") && !body.contains(" onclick"));
            assert!(body.contains("<html lang=\"en\" dir=\"ltr\">") && body.contains("req-1"));
        }
    }
}
