//! Mails that tell a guest what has changed about how they sign in: whoever did not do that must hear of it.

use std::net::IpAddr;

use super::{Draft, Letter};
use crate::{base::Timestamp, language::MailKind, web::Site};

/// What of a guest's own a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorNamed {
    /// A passkey.
    Passkey,
    /// The authenticator app.
    Authenticator,
    /// Recovery codes.
    RecoveryCodes,
}

/// A guest can show something more from now on.
pub fn factor_added(site: &Site, what: FactorNamed, at: Timestamp, from: IpAddr) -> Letter {
    let said = match what {
        FactorNamed::Passkey => "mail-factors-passkey-added",
        FactorNamed::Authenticator => "mail-factors-app-added",
        FactorNamed::RecoveryCodes => "mail-factors-codes-made",
    };
    changed(site, said, (at, from)).line(&site.say("mail-factors-not-you")).write()
}

/// A guest can show something less from now on.
pub fn factor_removed(site: &Site, what: FactorNamed, at: Timestamp, from: IpAddr) -> Letter {
    let said = match what {
        FactorNamed::Passkey => "mail-factors-passkey-removed",
        FactorNamed::Authenticator | FactorNamed::RecoveryCodes => "mail-factors-app-removed",
    };
    changed(site, said, (at, from)).line(&site.say("mail-factors-signed-out")).line(&site.say("mail-factors-not-you")).write()
}

/// A recovery code is used up.
pub fn recovery_code_used(site: &Site, at: Timestamp, from: IpAddr) -> Letter {
    changed(site, "mail-factors-code-used", (at, from)).line(&site.say("mail-factors-not-you")).write()
}

/// Everything that a guest could show beside the mailbox was taken away.
pub fn factors_reset(site: &Site) -> Letter {
    Draft::new(site, MailKind::Factors, &site.say("mail-factors-subject").with("site", &site.name))
        .line(&site.say("mail-factors-reset"))
        .line(&site.say("mail-factors-reset-next"))
        .button(&site.say("sign-in-button"), &format!("{}/signin", site.portal))
        .line(&site.say("mail-factors-reset-unasked"))
        .write()
}

fn changed<'s>(site: &'s Site, said: &str, (at, from): (Timestamp, IpAddr)) -> Draft<'s> {
    let place = from.to_string();
    Draft::new(site, MailKind::Factors, &site.say("mail-factors-subject").with("site", &site.name))
        .line(&site.say(said))
        .line(&site.say("mail-factors-when").with("at", at).with("place", &place))
        .fact("at", site.voice.moment(at))
        .fact("place", place)
}
