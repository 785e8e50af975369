//! Mails about what people ask for, to those who decide and to those who asked, and about what comes due as time goes by. Links to
//! deciders name the matter and prove nothing.
//!
//! Each says by `facts.matter` which of them it is, so that an operator's `matter.html` can tell them apart, and by other facts what it is
//! about.

use super::{Draft, Letter};
use crate::{
    base::{EmailAddress, Span, Timestamp},
    directory::{Cause, Request, RequestKind, RequestState},
    language::{MailKind, Said},
    web::Site,
};

/// Somebody decides about a request: who asks for what, and where to look at it.
pub fn to_decide(site: &Site, request: &Request, app: &str) -> Letter {
    let who = request.name.as_ref().map_or_else(|| request.email.to_string(), |name| format!("{name} ({})", request.email));
    let title = match request.kind {
        RequestKind::SignUp | RequestKind::Access => site.say("matter-access"),
        RequestKind::Extension => site.say("matter-time"),
        RequestKind::Approval => site.say("matter-approval"),
    };
    let title = title.with("who", &who).with("app", app).to_string();
    let url = format!("{}/requests/{}", site.portal, request.id);
    let mut draft = matter(site, "to-decide", &title).written(&format!("{title}.")).fact("who", who).fact("app", app).fact("link", &url);
    if let Some(reason) = &request.reason {
        draft = draft.line(&site.say("matter-writes").with("reason", reason)).fact("reason", reason);
    }
    for answer in request.answers.iter().filter(|answer| !answer.value.is_empty()) {
        draft = draft.written(&format!("{}: {}", answer.label, answer.value));
    }
    draft
        .line(&site.say("matter-until").with("until", request.expires))
        .line(&site.say("matter-machine").with("id", request.id.to_string()))
        .button(&site.say("matter-look"), &url)
        .fact("until", site.voice.moment(request.expires))
        .fact("id", request.id)
        .write()
}

/// What became of a request, for whoever asked. A sign-up that was granted has an invitation for its answer.
pub fn decided(site: &Site, request: &Request, app: &str, home: &str) -> Option<Letter> {
    let (title, line) = match (&request.state, request.kind) {
        (RequestState::Approved { .. }, RequestKind::Access) => ("granted-access", "granted-access-line"),
        (RequestState::Approved { .. }, RequestKind::Extension) => ("granted-time", "granted-time-line"),
        (RequestState::Approved { .. }, RequestKind::Approval) => ("granted-approval", "granted-approval-line"),
        (RequestState::Denied { message, .. }, _) => return Some(denied(site, message.as_deref(), app)),
        (RequestState::Approved { .. }, RequestKind::SignUp)
        | (RequestState::Checking { .. } | RequestState::Open | RequestState::Withdrawn { .. }, _) => return None,
    };
    let draft = said(site, "granted", &site.say(title).with("app", app)).line(&site.say(line).with("app", app));
    Some(draft.button(&site.say("granted-go"), home).fact("app", app).fact("link", home).write())
}

fn denied(site: &Site, message: Option<&str>, app: &str) -> Letter {
    let mut draft = said(site, "denied", &site.say("denied-title").with("app", app))
        .line(&site.say("waiting-denied").with("app", app))
        .fact("app", app);
    if let Some(message) = message {
        draft = draft.line(&site.say("denied-answer").with("message", message)).fact("message", message);
    }
    draft.write()
}

/// An invitation waits to be accepted, and ends soon. The link is another one than before; both work.
pub fn invitation_ends(site: &Site, apps: &[&str], link: &str, expires: Timestamp) -> Letter {
    let apps = site.voice.list(apps);
    said(site, "invitation-ends", &site.say("reminder-title").with("apps", &apps))
        .line(&site.say("reminder-line").with("apps", &apps))
        .line(&site.say("reminder-until").with("expires", expires))
        .line(&site.say("reminder-ignore"))
        .button(&site.say("reminder-go"), link)
        .fact("apps", apps)
        .fact("link", link)
        .fact("expires", site.voice.moment(expires))
        .write()
}

/// A guest's access ends soon.
pub fn access_ends(site: &Site, app: &str, until: Timestamp) -> Letter {
    let home = format!("{}/", site.portal);
    said(site, "access-ends", &site.say("ending-title").with("app", app))
        .line(&site.say("ending-line").with("app", app).with("until", until))
        .line(&site.say("ending-next"))
        .button(&site.say("wish-time"), &home)
        .fact("app", app)
        .fact("until", site.voice.moment(until))
        .fact("link", home)
        .write()
}

/// The same, for whoever is responsible for the guest.
pub fn guest_ends(site: &Site, guest: &EmailAddress, app: &str, until: Timestamp, grant: &str) -> Letter {
    let url = format!("{}/grants/{grant}", site.portal);
    said(site, "guest-ends", &site.say("guest-ending-title").with("guest", guest).with("app", app))
        .line(&site.say("guest-ending-line").with("guest", guest).with("app", app).with("until", until))
        .line(&site.say("guest-ending-next"))
        .line(&site.say("guest-ending-machine").with("grant", grant))
        .button(&site.say("matter-look"), &url)
        .fact("guest", guest)
        .fact("app", app)
        .fact("until", site.voice.moment(until))
        .fact("link", url)
        .write()
}

/// Somebody has made a guest's access last longer.
pub fn lasts_longer(site: &Site, app: &str, until: Timestamp) -> Letter {
    said(site, "lasts-longer", &site.say("granted-time").with("app", app))
        .line(&site.say("longer-line").with("app", app).with("until", until))
        .fact("app", app)
        .fact("until", site.voice.moment(until))
        .write()
}

/// A guest's access has ended, because its time was over.
pub fn access_over(site: &Site, app: &str) -> Letter {
    said(site, "access-over", &site.say("access-over-title").with("app", app))
        .line(&site.say("access-over-line").with("app", app))
        .line(&site.say("access-over-next"))
        .fact("app", app)
        .write()
}

/// A guest's access ends unless it is used.
pub fn unused_soon(site: &Site, app: &str, url: &str, end: Timestamp) -> Letter {
    said(site, "unused-soon", &site.say("unused-soon-title").with("app", app))
        .line(&site.say("unused-soon-line").with("app", app).with("at", end))
        .line(&site.say("unused-soon-next"))
        .button(&site.say("unused-soon-go").with("app", app), url)
        .fact("app", app)
        .fact("at", site.voice.moment(end))
        .fact("link", url)
        .write()
}

/// A guest lost the access to one app because it was not used.
pub fn unused(site: &Site, app: &str, after: Span) -> Letter {
    let home = format!("{}/", site.portal);
    said(site, "unused", &site.say("access-over-title").with("app", app))
        .line(&site.say("unused-line").with("app", app).with("time", after))
        .line(&site.say("unused-next"))
        .button(&site.say("home-title"), &home)
        .fact("app", app)
        .fact("time", site.voice.length(after))
        .fact("link", home)
        .write()
}

/// A guest was suspended by the gateway, and why.
pub fn suspended_because(site: &Site, cause: Cause) -> Letter {
    let why = match cause {
        Cause::Decision | Cause::Deprovisioned => site.say("suspended-decision"),
        Cause::Inactive => site.say("suspended-inactive"),
        Cause::SponsorLeft => site.say("suspended-sponsor"),
        Cause::DomainDenied => site.say("suspended-domain"),
    };
    said(site, "suspended", &site.say("suspended-subject"))
        .line(&why)
        .line(&site.say("access-over-next"))
        .fact("cause", cause.as_str())
        .write()
}

/// A guest who was suspended or removed can come again.
pub fn back(site: &Site) -> Letter {
    let home = format!("{}/", site.portal);
    said(site, "back", &site.say("back-subject"))
        .line(&site.say("back-line"))
        .button(&site.say("back-go"), &home)
        .fact("link", home)
        .write()
}

/// A guest was removed because nothing was open to them for long.
pub fn removed(site: &Site) -> Letter {
    said(site, "removed", &site.say("removed-subject")).line(&site.say("removed-line")).line(&site.say("removed-next")).write()
}

/// The sponsor of guests has left: whoever owns the apps is asked to name another.
pub fn sponsor_left(site: &Site, sponsor: &EmailAddress, guest: &EmailAddress, suspended_on: Timestamp) -> Letter {
    said(site, "sponsor-left", &site.say("sponsor-title").with("guest", guest))
        .line(&site.say("sponsor-line").with("sponsor", sponsor).with("guest", guest))
        .line(&site.say("sponsor-until").with("at", suspended_on))
        .line(&site.say("sponsor-machine").with("guest", guest))
        .fact("sponsor", sponsor)
        .fact("guest", guest)
        .fact("at", site.voice.moment(suspended_on))
        .write()
}

fn said<'s>(site: &'s Site, name: &'static str, title: &Said<'_>) -> Draft<'s> {
    matter(site, name, &title.to_string())
}

fn matter<'s>(site: &'s Site, name: &'static str, title: &str) -> Draft<'s> {
    Draft::titled(site, MailKind::Matter, &format!("{}: {title}", site.name)).fact("matter", name)
}
