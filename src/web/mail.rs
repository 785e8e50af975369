//! The words of our mails: plain, kind, and always naming who writes, why, about which application, and whom to ask.
//!
//! Whoever proposes a mail hands it over finished; the store seals it, a courier delivers it.

use std::net::IpAddr;

use askama::Template;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Site, duration, moment, render};
use crate::{
    base::{Digest, EmailAddress, Entropy, MailId, Span, Timestamp},
    directory::OutgoingMail,
    identity::Code,
};

/// A mail that is written but not addressed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Letter {
    subject: String,
    text: String,
    html: String,
}

/// What an invitation says.
#[derive(Debug)]
pub struct Invited<'m> {
    /// Who invites: a name or an address.
    pub inviter: &'m str,
    /// The guest's name, where it is known.
    pub guest: Option<&'m str>,
    /// The names of the apps.
    pub apps: &'m [&'m str],
    /// How long the access lasts.
    pub access_for: Option<Span>,
    /// What the inviter writes.
    pub message: Option<&'m str>,
    /// The link that proves the mailbox.
    pub link: &'m str,
    /// When the link ends.
    pub expires: Timestamp,
}

/// What a code's mail says of the request that asked for it.
#[derive(Debug)]
pub struct CodeAsked<'m> {
    /// The code.
    pub code: &'m Code,
    /// The app that somebody wants to use, where one was named.
    pub app: Option<&'m str>,
    /// When it was asked for.
    pub at: Timestamp,
    /// From where.
    pub from: IpAddr,
    /// How long it works.
    pub lifetime: Span,
}

/// A new link to an invitation: the URL for whoever may have it, the hash for the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationLink {
    /// The URL, with a token of 256 bits.
    pub url: String,
    /// The hash of the token.
    pub digest: Digest,
}

#[derive(Template)]
#[template(path = "mail_invitation.txt")]
struct InvitationText<'m> {
    site: &'m Site,
    mail: &'m Invited<'m>,
    apps: String,
    lasts: Option<String>,
    expires: String,
}

#[derive(Template)]
#[template(path = "mail_invitation.html")]
struct InvitationHtml<'m> {
    site: &'m Site,
    mail: &'m Invited<'m>,
    apps: String,
    lasts: Option<String>,
    expires: String,
}

#[derive(Template)]
#[template(path = "mail_code.txt")]
struct CodeText<'m> {
    site: &'m Site,
    mail: &'m CodeAsked<'m>,
    code: String,
    at: String,
    lifetime: String,
}

#[derive(Template)]
#[template(path = "mail_code.html")]
struct CodeHtml<'m> {
    site: &'m Site,
    mail: &'m CodeAsked<'m>,
    code: String,
    at: String,
    lifetime: String,
}

#[derive(Template)]
#[template(path = "mail_notice.txt")]
struct NoticeText<'m> {
    site: &'m Site,
    lines: &'m [&'m str],
}

#[derive(Template)]
#[template(path = "mail_notice.html")]
struct NoticeHtml<'m> {
    site: &'m Site,
    title: &'m str,
    lines: &'m [&'m str],
}

/// An invitation with the link that accepts it.
pub fn invitation(site: &Site, mail: &Invited<'_>) -> Letter {
    let apps = listed(mail.apps);
    let lasts = mail.access_for.map(duration);
    let expires = moment(mail.expires);
    Letter {
        subject: subject(&format!("{} invites you to {apps}", mail.inviter)),
        text: render(&InvitationText { site, mail, apps: apps.clone(), lasts: lasts.clone(), expires: expires.clone() }),
        html: render(&InvitationHtml { site, mail, apps, lasts, expires }),
    }
}

/// A code to sign in with, with what was asked, when and from where. The code is not in the subject, which lock screens show.
pub fn code(site: &Site, mail: &CodeAsked<'_>) -> Letter {
    let (code, at, lifetime) = (mail.code.grouped(), moment(mail.at), duration(mail.lifetime));
    Letter {
        subject: subject(&match mail.app {
            Some(app) => format!("Your code for {app}"),
            None => format!("Your code for {}", site.name),
        }),
        text: render(&CodeText { site, mail, code: code.clone(), at: at.clone(), lifetime: lifetime.clone() }),
        html: render(&CodeHtml { site, mail, code, at, lifetime }),
    }
}

/// A guest's account was suspended.
pub fn suspended(site: &Site) -> Letter {
    notice(
        site,
        "Your access is suspended",
        &["Your access has been suspended, and you have been signed out everywhere.", "If you still need it, ask whoever invited you."],
    )
}

/// The access to an app was taken away or has ended.
pub fn access_ended(site: &Site, app: &str) -> Letter {
    let first = format!("Your access to {app} has ended.");
    notice(site, &first, &[&first, "If you still need it, ask whoever invited you."])
}

fn notice(site: &Site, title: &str, lines: &[&str]) -> Letter {
    Letter {
        subject: subject(&format!("{}: {title}", site.name)),
        text: render(&NoticeText { site, lines }),
        html: render(&NoticeHtml { site, title, lines }),
    }
}

impl InvitationLink {
    /// A link that nobody has had before.
    pub fn random(site: &Site, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        let token = URL_SAFE_NO_PAD.encode(bytes);
        Self { url: format!("{}/invitations/{token}", site.portal), digest: Digest::of(token.as_bytes()) }
    }
}

impl Letter {
    /// Addresses the letter.
    pub fn to(self, id: MailId, to: EmailAddress) -> OutgoingMail {
        OutgoingMail { id, to, subject: self.subject, text: self.text, html: Some(self.html) }
    }
}

/// `A`, `A and B`, `A, B and C`.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A subject is one line without controls, and short.
fn subject(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() || is_direction(c) { ' ' } else { c }).take(150).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Characters that turn the direction of what follows, so that a name could disguise the rest of the line.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            name: "Fabrikam".to_owned(),
            support: Some("help@example.com".to_owned()),
            portal: "https://access.example.com".to_owned(),
            voice: std::sync::Arc::new(crate::language::Languages::built_in()).english(),
        }
    }

    #[test]
    fn an_invitation_says_who_what_how_long_and_whom_to_ask() {
        let mail = Invited {
            inviter: "Dr. Lee\r\nBcc: all@example.com",
            guest: Some("Ann <i>"),
            apps: &["Patient charts", "Wiki"],
            access_for: Some(Span::days(90)),
            message: Some("Welcome & hello"),
            link: "https://access.example.com/invitations/abc",
            expires: Timestamp::from_millis(1_768_392_000_000),
        };
        let letter = invitation(&site(), &mail);
        assert_eq!(letter.subject, "Dr. Lee Bcc: all@example.com invites you to Patient charts and Wiki");
        for part in ["Patient charts and Wiki", "90 days", "/invitations/abc", "14 January 2026", "help@example.com", "Fabrikam"] {
            assert!(letter.text.contains(part) && letter.html.contains(part), "{part}: {letter:?}");
        }
        assert!(letter.text.contains("Welcome & hello") && letter.html.contains("Welcome &#38; hello"));
        assert!(letter.text.contains("Ann <i>") && !letter.html.contains("<i>"));
    }

    #[test]
    fn names_are_listed_as_people_list_them() {
        assert_eq!([listed(&["a"]), listed(&["a", "b"]), listed(&["a", "b", "c"])], ["a", "a and b", "a, b and c"]);
    }
}
