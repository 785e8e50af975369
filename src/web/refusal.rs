//! What somebody is told whom the gateway does not let through: a page for people, a problem for programs.

use askama::Template;
use http::{StatusCode, header};

use super::{Answer, Problem, Reader, Site, problem, render};

/// A request that is turned away, and who reads the answer.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'s> {
    /// Whose pages.
    pub site: &'s Site,
    /// Who reads it.
    pub reader: Reader,
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
        /// Whom to ask.
        owners: &'r [String],
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
        /// What is wrong with it.
        detail: &'r str,
    },
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

/// What a refusal is in words, for both kinds of reader.
struct Words<'r> {
    status: StatusCode,
    kind: &'static str,
    title: &'static str,
    detail: &'r str,
    next: &'static str,
}

#[expect(clippy::wildcard_enum_match_arm, reason = "each of these asks for one property that few refusals have")]
impl<'r> Refusal<'r> {
    fn words(&self) -> Words<'r> {
        let (status, kind, title, detail, next) = match *self {
            Self::Blocked { message, .. } => (
                StatusCode::FORBIDDEN,
                "block",
                "This is not allowed right now",
                message.unwrap_or("A rule of this application does not allow this request."),
                "If you think that this is a mistake, ask for help and name the reference below.",
            ),
            Self::OutOfReach { .. } => (
                StatusCode::FORBIDDEN,
                "challenge",
                "More is needed than can be shown here",
                "This application asks for the following, and there is no way to show it here yet. Signing in again would not help.",
                "Ask for help and name the reference below.",
            ),
            Self::NotAssigned { .. } => (
                StatusCode::FORBIDDEN,
                "not-assigned",
                "You have no access to this application",
                "You are signed in, but nobody has given you access to this application, or your access has ended.",
                "Ask one of the people below to invite you.",
            ),
            Self::SignIn { .. } => (
                StatusCode::UNAUTHORIZED,
                "sign-in",
                "Please sign in first",
                "Your session has ended, or more is needed to go on. What you sent was not delivered.",
                "Sign in in another tab, come back to the form, and send it again. Do not close this page: going back shows what you typed.",
            ),
            Self::Framed { .. } => (
                StatusCode::UNAUTHORIZED,
                "sign-in",
                "Please sign in",
                "This part of the page needs you to sign in.",
                "Signing in happens in the whole window.",
            ),
            Self::Rounds { .. } => (
                StatusCode::FORBIDDEN,
                "rounds",
                "Signing in does not come to an end",
                "You were sent to sign in several times within a minute. So that you do not go round in circles, here is what was seen.",
                "Wait a minute and try again. If it happens again, ask for help and name the reference below.",
            ),
            Self::BadRequest { detail } => (StatusCode::BAD_REQUEST, "bad-request", "This request cannot be read", detail, ""),
            Self::CrossSite => (
                StatusCode::FORBIDDEN,
                "cross-site",
                "This form was not sent from here",
                "The form came from another site, or your browser did not say where it came from. Nothing was changed.",
                "Go back, reload the page, and send the form again.",
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "There is no such page", "Nothing is at this address.", ""),
            Self::Method { .. } => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method",
                "This does not work here",
                "The address does not accept this kind of request.",
                "",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too-large",
                "This is too large",
                "What you sent is larger than this application accepts.",
                "Send a smaller file.",
            ),
            Self::Misdirected => (
                StatusCode::MISDIRECTED_REQUEST,
                "misdirected",
                "This request came the wrong way",
                "The connection was opened for another host.",
                "Reload the page.",
            ),
            Self::TooMany { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                "too-many",
                "Too many attempts",
                "There were too many attempts from your network.",
                "Wait a while and try again.",
            ),
            Self::HeadTooLarge => (
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "head-too-large",
                "This request has too much around it",
                "The address or the cookies of this request are too long.",
                "Delete the cookies of this site and try again.",
            ),
            Self::Internal | Self::BadGateway | Self::Unavailable { .. } | Self::Overloaded { .. } | Self::GatewayTimeout => {
                return self.failure();
            }
        };
        Words { status, kind, title, detail, next }
    }

    /// What is nobody's fault in front of the screen.
    fn failure(&self) -> Words<'r> {
        const LATER: &str = "Try again in a moment. If it stays, ask for help and name the reference below.";
        let (status, kind, title, detail) = match self {
            Self::BadGateway => (
                StatusCode::BAD_GATEWAY,
                "bad-gateway",
                "The application does not answer",
                "The application behind this page cannot be reached.",
            ),
            Self::GatewayTimeout => {
                (StatusCode::GATEWAY_TIMEOUT, "gateway-timeout", "The application is too slow", "The application did not answer in time.")
            }
            Self::Unavailable { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available right now",
                "Access cannot be checked at the moment, so nothing is let through.",
            ),
            Self::Overloaded { .. } => (
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "The application is busy",
                "The application behind this page cannot take more requests at the moment.",
            ),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here", "This is our fault, not yours."),
        };
        Words { status, kind, title, detail, next: LATER }
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

#[derive(Template)]
#[template(path = "refusal.html")]
struct Page<'p> {
    site: &'p Site,
    title: &'p str,
    app: Option<&'p str>,
    detail: &'p str,
    next: &'p str,
    owners: &'p [String],
    seen: &'p [&'p str],
    signin: Option<&'p str>,
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

/// The answer to a request that is turned away.
pub fn refuse(seen: &Seen<'_>, refusal: &Refusal<'_>) -> Answer {
    let words = refusal.words();
    let answer = match seen.reader {
        Reader::Person => page(seen, refusal, &words),
        Reader::Program => problem(
            words.status,
            words.kind,
            Problem {
                title: words.title,
                detail: Some(words.detail),
                decision: refusal.decision(),
                policy: refusal.policy(),
                reference: Some(seen.reference),
                signin: refusal.signin().map(|(url, _)| url),
                unmet: if let Refusal::OutOfReach { requirements, .. } = refusal { requirements } else { &[] },
                ..Problem::default()
            },
        ),
    };
    with_headers(answer, refusal)
}

fn page(seen: &Seen<'_>, refusal: &Refusal<'_>, words: &Words<'_>) -> Answer {
    let html = render(&Page {
        site: seen.site,
        title: words.title,
        app: seen.app,
        detail: words.detail,
        next: words.next,
        owners: if let Refusal::NotAssigned { owners } = refusal { owners } else { &[] },
        seen: &listed(refusal),
        signin: refusal.signin().map(|(url, _)| url),
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
        }
    }

    fn answer(reader: Reader, refusal: &Refusal<'_>) -> (u16, String, Answer) {
        let site = site();
        let answer = refuse(&Seen { site: &site, reader, app: Some("Patient charts"), reference: "req-1" }, refusal);
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
            Refusal::NotAssigned { owners: &owners },
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
