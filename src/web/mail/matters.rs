//! Mails about what people ask for, to those who decide and to those who asked, and about what comes due as time goes by. Links to
//! deciders name the matter and prove nothing.

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
    let title = title.with("who", who).with("app", app).to_string();
    let mut lines = vec![format!("{title}.")];
    lines.extend(request.reason.as_ref().map(|reason| site.say("matter-writes").with("reason", reason).to_string()));
    lines.extend(request.answers.iter().filter(|a| !a.value.is_empty()).map(|a| format!("{}: {}", a.label, a.value)));
    lines.push(site.say("matter-until").with("until", request.expires).to_string());
    lines.push(site.say("matter-machine").with("id", request.id.to_string()).to_string());
    let url = format!("{}/requests/{}", site.portal, request.id);
    letter(site, &title, &lines, Some((&site.say("matter-look"), &url)))
}

/// What became of a request, for whoever asked. A sign-up that was granted has an invitation for its answer.
pub fn decided(site: &Site, request: &Request, app: &str, home: &str) -> Option<Letter> {
    let (title, line) = match (&request.state, request.kind) {
        (RequestState::Approved { .. }, RequestKind::Access) => (site.say("granted-access"), site.say("granted-access-line")),
        (RequestState::Approved { .. }, RequestKind::Extension) => (site.say("granted-time"), site.say("granted-time-line")),
        (RequestState::Approved { .. }, RequestKind::Approval) => (site.say("granted-approval"), site.say("granted-approval-line")),
        (RequestState::Denied { message, .. }, _) => {
            let mut lines = vec![site.say("waiting-denied").with("app", app).to_string()];
            lines.extend(message.as_ref().map(|message| site.say("denied-answer").with("message", message).to_string()));
            return Some(letter(site, &site.say("denied-title").with("app", app).to_string(), &lines, None));
        }
        (RequestState::Approved { .. }, RequestKind::SignUp)
        | (RequestState::Checking { .. } | RequestState::Open | RequestState::Withdrawn { .. }, _) => return None,
    };
    let (title, line) = (title.with("app", app).to_string(), line.with("app", app).to_string());
    Some(letter(site, &title, &[line], Some((&site.say("granted-go"), home))))
}

/// An invitation waits to be accepted, and ends soon. The link is another one than before; both work.
pub fn invitation_ends(site: &Site, apps: &[&str], link: &str, expires: Timestamp) -> Letter {
    let apps = site.voice.list(apps);
    let lines = [
        site.say("reminder-line").with("apps", &apps).to_string(),
        site.say("reminder-until").with("expires", expires).to_string(),
        site.say("reminder-ignore").to_string(),
    ];
    letter(site, &site.say("reminder-title").with("apps", &apps).to_string(), &lines, Some((&site.say("reminder-go"), link)))
}

/// A guest's access ends soon.
pub fn access_ends(site: &Site, app: &str, until: Timestamp) -> Letter {
    let lines = [site.say("ending-line").with("app", app).with("until", until).to_string(), site.say("ending-next").to_string()];
    let title = site.say("ending-title").with("app", app).to_string();
    letter(site, &title, &lines, Some((&site.say("wish-time"), &format!("{}/", site.portal))))
}

/// The same, for whoever is responsible for the guest.
pub fn guest_ends(site: &Site, guest: &EmailAddress, app: &str, until: Timestamp, grant: &str) -> Letter {
    let title = site.say("guest-ending-title").with("guest", guest).with("app", app).to_string();
    let lines = [
        site.say("guest-ending-line").with("guest", guest).with("app", app).with("until", until).to_string(),
        site.say("guest-ending-next").to_string(),
        site.say("guest-ending-machine").with("grant", grant).to_string(),
    ];
    letter(site, &title, &lines, Some((&site.say("matter-look"), &format!("{}/grants/{grant}", site.portal))))
}

/// A guest's access has ended, because its time was over.
pub fn access_over(site: &Site, app: &str) -> Letter {
    let lines = [site.say("access-over-line").with("app", app).to_string(), site.say("access-over-next").to_string()];
    letter(site, &site.say("access-over-title").with("app", app).to_string(), &lines, None)
}

/// A guest lost the access to one app because it was not used.
pub fn unused(site: &Site, app: &str, after: Span) -> Letter {
    let lines = [site.say("unused-line").with("app", app).with("time", after).to_string(), site.say("unused-next").to_string()];
    let title = site.say("access-over-title").with("app", app).to_string();
    letter(site, &title, &lines, Some((&site.say("home-title"), &format!("{}/", site.portal))))
}

/// A guest was suspended by the gateway, and why.
pub fn suspended_because(site: &Site, cause: Cause) -> Letter {
    let why = match cause {
        Cause::Decision => site.say("suspended-decision"),
        Cause::Inactive => site.say("suspended-inactive"),
        Cause::SponsorLeft => site.say("suspended-sponsor"),
        Cause::DomainDenied => site.say("suspended-domain"),
    };
    letter(site, &site.say("suspended-subject").to_string(), &[why.to_string(), site.say("access-over-next").to_string()], None)
}

/// A guest was removed because nothing was open to them for long.
pub fn removed(site: &Site) -> Letter {
    let lines = [site.say("removed-line").to_string(), site.say("removed-next").to_string()];
    letter(site, &site.say("removed-subject").to_string(), &lines, None)
}

/// The sponsor of guests has left: whoever owns the apps is asked to name another.
pub fn sponsor_left(site: &Site, sponsor: &EmailAddress, guest: &EmailAddress, suspended_on: Timestamp) -> Letter {
    let lines = [
        site.say("sponsor-line").with("sponsor", sponsor).with("guest", guest).to_string(),
        site.say("sponsor-until").with("at", suspended_on).to_string(),
        site.say("sponsor-machine").with("guest", guest).to_string(),
    ];
    letter(site, &site.say("sponsor-title").with("guest", guest).to_string(), &lines, None)
}

fn letter(site: &Site, title: &str, lines: &[String], link: Option<(&Said<'_>, &str)>) -> Letter {
    let draft = Draft::titled(site, MailKind::Matter, &format!("{}: {title}", site.name));
    let draft = lines.iter().fold(draft, |draft, line| draft.written(line));
    match link {
        Some((label, url)) => draft.button(label, url),
        None => draft,
    }
    .write()
}
