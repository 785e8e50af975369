//! Mails about what guests do with their own account.

use std::net::IpAddr;

use super::{Draft, Letter};
use crate::{
    base::{EmailAddress, Timestamp},
    language::MailKind,
    web::Site,
};

/// The guest has left, which somebody else may have done in the guest's browser.
pub fn you_left(site: &Site, at: Timestamp, from: IpAddr) -> Letter {
    let place = from.to_string();
    Draft::new(site, MailKind::Left, &site.say("mail-left-subject").with("site", &site.name))
        .line(&site.say("mail-left-line").with("at", at).with("place", &place))
        .line(&site.say("mail-left-back"))
        .fact("at", site.voice.moment(at))
        .fact("place", place)
        .write()
}

/// The same, for whoever is responsible for the guest.
pub fn guest_left(site: &Site, guest: &EmailAddress, apps: &[&str]) -> Letter {
    let listed = site.voice.list(apps);
    let line = match apps {
        [] => site.say("mail-guest-left-nothing").with("guest", guest),
        _ => site.say("mail-guest-left-line").with("guest", guest).with("apps", &listed),
    };
    Draft::new(site, MailKind::Left, &site.say("mail-guest-left-subject").with("guest", guest))
        .line(&line)
        .line(&site.say("mail-guest-left-machine").with("guest", guest))
        .fact("guest", guest)
        .fact("apps", listed)
        .write()
}
