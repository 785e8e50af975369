//! Each kind of mail with made-up values: for previews, and to try an operator's templates before a guest sees them.

use super::{CodeAsked, Invited, Letter, code, invitation, no_code, reported};
use crate::{
    base::{Digest, EmailAddress, Entropy, Id as _, InvitationId, Span, Timestamp},
    directory::{ActorKind, Invitation, InvitationState, Version},
    identity::Code,
    language::{BadPaper, MailKind},
    web::Site,
};

/// The same digits each time.
#[derive(Debug)]
struct Fixed;

impl Entropy for Fixed {
    fn fill(&self, bytes: &mut [u8]) {
        for (place, byte) in (1_u8..).zip(bytes) {
            *byte = place;
        }
    }
}

const INVITER: &str = "dr.lee@example.com";
const GUEST: &str = "ann@partner.example";

/// A mail of this kind about this app, as it would be written now.
pub fn sample(site: &Site, kind: MailKind, app: &str, now: Timestamp) -> Letter {
    match kind {
        MailKind::Invitation => invitation(
            site,
            &Invited {
                inviter: INVITER,
                guest: Some("Ann"),
                apps: &[app],
                access_for: Some(Span::days(90)),
                message: Some("Welcome to the project.\nWe meet on Monday."),
                link: &format!("{}/invitations/AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", site.portal),
                expires: now.plus(Span::days(7)),
            },
        ),
        MailKind::Code => {
            let code_of = Code::random(&Fixed, 8);
            code(site, &CodeAsked { code: &code_of, app: Some(app), at: now, from: [203, 0, 113, 9].into(), lifetime: Span::mins(10) })
        }
        MailKind::Suspended => no_code(site),
        MailKind::AccessEnded => super::access_ended(site, app),
        MailKind::Reported => match invited(now) {
            Some(invitation) => reported(site, INVITER, &invitation),
            None => no_code(site),
        },
        MailKind::Matter => super::access_ends(site, app, now.plus(Span::days(14))),
        MailKind::Left => super::you_left(site, now, [203, 0, 113, 9].into()),
        MailKind::Factors => super::factor_added(site, super::FactorNamed::Passkey, now, [203, 0, 113, 9].into()),
    }
}

/// Whether the templates can write a mail of this kind.
pub fn try_out(site: &Site, kind: MailKind, app: &str, now: Timestamp) -> Result<(), BadPaper> {
    match sample(site, kind, app, now).failed {
        None => Ok(()),
        Some(why) => Err(why),
    }
}

/// An invitation that nobody has sent. The address can be read, so that there always is one.
fn invited(now: Timestamp) -> Option<Invitation> {
    let email = EmailAddress::parse(GUEST).ok()?;
    Some(Invitation {
        id: InvitationId::random(&Fixed),
        guest: crate::base::GuestId::random(&Fixed),
        email,
        name: None,
        offers: Vec::new(),
        groups: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
        message: None,
        language: None,
        invited_by: EmailAddress::parse(INVITER).ok(),
        by_token: None,
        invited_as: ActorKind::Owner,
        sponsor: None,
        created: now,
        expires: now,
        state: InvitationState::Pending,
        letter: None,
        mailed: None,
        spent: None,
        reminder: None,
        reminded: false,
        direct: Digest::of(b""),
        provisioned: None,
        cc: Vec::new(),
        landing: None,
        version: Version::default(),
    })
}
