//! The words of our mails: plain, kind, and always naming who writes, why, about which application, and whom to ask.
//!
//! Whoever proposes a mail hands it over finished; the store seals it, a courier delivers it.

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Site;
use crate::{
    base::{Digest, EmailAddress, Entropy, Span, Timestamp},
    directory::Invitation,
    identity::Code,
    language::MailKind,
};

mod draft;
mod factors;
mod matters;
mod own;
mod reviews;
mod sample;

pub use draft::{Draft, Letter};
pub use factors::{FactorNamed, factor_added, factor_removed, factors_reset, recovery_code_used};
pub use matters::{
    access_ends, access_over, back, decided, guest_ends, invitation_ends, lasts_longer, removed, sponsor_left, suspended_because,
    to_decide, unused, unused_soon,
};
pub use own::{guest_left, you_left};
pub use reviews::{review_over, to_review};
pub use sample::{sample, try_out};

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

/// An invitation with the link that accepts it.
pub fn invitation(site: &Site, mail: &Invited<'_>) -> Letter {
    let apps = site.voice.list(mail.apps);
    let said = |id| site.say(id).with("inviter", mail.inviter).with("apps", &apps);
    let mut draft = Draft::new(site, MailKind::Invitation, &said("mail-invitation-subject"))
        .to_name(mail.guest)
        .line(&said("mail-invitation-what"))
        .fact("inviter", mail.inviter)
        .fact("apps", &apps)
        .fact("link", mail.link)
        .fact("expires", site.voice.moment(mail.expires));
    if let Some(lasts) = mail.access_for {
        draft = draft.line(&site.say("mail-invitation-lasts").with("lasts", lasts)).fact("lasts", site.voice.length(lasts));
    }
    if let Some(message) = mail.message {
        draft = draft.line(&said("mail-invitation-message")).quote(message).fact("message", message);
    }
    draft
        .button(&site.say("mail-invitation-button"), mail.link)
        .line(&site.say("mail-invitation-expires").with("expires", mail.expires))
        .line(&site.say("mail-invitation-unexpected"))
        .write()
}

/// The same for somebody who is told of it: without a link, so that nobody accepts it in another's place.
pub fn invitation_copy(site: &Site, mail: &Invited<'_>, invited: &EmailAddress) -> Letter {
    let apps = site.voice.list(mail.apps);
    let said = |id| site.say(id).with("inviter", mail.inviter).with("invited", invited).with("apps", &apps);
    let mut draft = Draft::new(site, MailKind::Matter, &said("mail-copy-subject"))
        .line(&said("mail-copy-what"))
        .fact("inviter", mail.inviter)
        .fact("invited", invited)
        .fact("apps", &apps);
    if let Some(message) = mail.message {
        draft = draft.line(&said("mail-invitation-message")).quote(message).fact("message", message);
    }
    draft.line(&said("mail-copy-why")).write()
}

/// A code to sign in with, with what was asked, when and from where. The code is not in the subject, which lock screens show.
pub fn code(site: &Site, mail: &CodeAsked<'_>) -> Letter {
    let app = mail.app.unwrap_or(&site.name);
    let place = mail.from.to_string();
    Draft::new(site, MailKind::Code, &site.say("mail-code-subject").with("app", app))
        .line(&site.say("mail-code-is"))
        .code(&mail.code.grouped())
        .line(&site.say("mail-code-use").with("lifetime", mail.lifetime))
        .line(&site.say("mail-code-asked"))
        .list(vec![
            site.say("mail-code-app").with("app", app).to_string(),
            site.say("mail-code-time").with("at", mail.at).to_string(),
            site.say("mail-code-place").with("place", &place).to_string(),
        ])
        .line(&site.say("mail-code-warning").with("site", &site.name))
        .fact("code", mail.code.grouped())
        .fact("app", app)
        .fact("lifetime", site.voice.length(mail.lifetime))
        .fact("at", site.voice.moment(mail.at))
        .fact("place", place)
        .write()
}

/// A guest's account was suspended.
pub fn suspended(site: &Site) -> Letter {
    Draft::new(site, MailKind::Suspended, &site.say("mail-suspended-subject").with("site", &site.name))
        .line(&site.say("mail-suspended-what"))
        .line(&site.say("mail-ask-inviter"))
        .write()
}

/// Somebody asks for a code with the address of a guest who is suspended: in place of a code.
pub fn no_code(site: &Site) -> Letter {
    Draft::new(site, MailKind::Suspended, &site.say("mail-suspended-subject").with("site", &site.name))
        .line(&site.say("mail-suspended-asked").with("site", &site.name))
        .line(&site.say("mail-ask-inviter"))
        .write()
}

/// The access to an app was taken away or has ended.
pub fn access_ended(site: &Site, app: &str) -> Letter {
    Draft::new(site, MailKind::AccessEnded, &site.say("mail-ended-subject").with("site", &site.name).with("app", app))
        .line(&site.say("mail-ended-what").with("app", app))
        .line(&site.say("mail-ask-inviter"))
        .fact("app", app)
        .write()
}

/// Whoever got an invitation has reported it.
pub fn reported(site: &Site, inviter: &str, invitation: &Invitation) -> Letter {
    Draft::new(site, MailKind::Reported, &site.say("mail-reported-subject").with("site", &site.name))
        .line(&site.say("mail-reported-what").with("inviter", inviter).with("invited", &invitation.email))
        .line(&site.say("mail-reported-id").with("id", invitation.id.to_string()))
        .line(&site.say("mail-reported-next"))
        .fact("inviter", inviter)
        .fact("invited", &invitation.email)
        .fact("id", invitation.id)
        .write()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> Site {
        Site {
            name: "Fabrikam".to_owned(),
            support: Some("help@example.com".to_owned()),
            portal: "https://access.example.com".to_owned(),
            voice: std::sync::Arc::new(crate::language::Languages::built_in()).english(),
            accent: crate::config::Accent::default(),
            logo: None,
            chooser: None,
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
        let html = letter.html.replace("&#x2f;", "/");
        for part in ["Patient charts and Wiki", "90 days", "/invitations/abc", "14 January 2026", "help@example.com", "Fabrikam"] {
            assert!(letter.text.contains(part) && html.contains(part), "{part}: {letter:?}");
        }
        assert!(letter.text.contains("Welcome & hello") && letter.html.contains("Welcome &amp; hello"));
        assert!(letter.text.contains("Ann <i>") && !letter.html.contains("<i>"));
    }
}
