//! Members: who somebody is to the directory, and the address of the one-time link to a passkey.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    base::{AppId, Digest, Entropy, GuestId, Kind, Span},
    config::Config,
    directory::{Actor, Guest},
};

/// What a member is to the directory, by the configuration of this moment; `None`: a guest, or a member without any power.
pub fn actor_of(config: &Config, person: &Guest) -> Option<Actor> {
    if person.kind != Kind::Member || !person.is_active() {
        return None;
    }
    let email = person.email.clone();
    if config.roles.admins.contains(&email) {
        return Some(Actor::Administrator(email));
    }
    let apps: Vec<AppId> = config.apps.iter().filter(|app| app.owners.contains(&email)).map(|app| app.id.clone()).collect();
    match (apps.is_empty(), config.roles.inviters.contains(&email)) {
        (false, _) => Some(Actor::Owner { email, apps }),
        (true, true) => Some(Actor::Inviter(email)),
        (true, false) => None,
    }
}

/// Where such links lead, on the portal.
pub const MEMBER_LINK_PREFIX: &str = "/enrol/";

/// How long such a link works.
pub const MEMBER_LINK_LIFE: Span = Span::hours(24);

/// The secret part of a link, before it is known whose it is.
#[derive(Debug)]
pub struct MemberLink {
    secret: String,
    /// The hash of the secret, which is what the store keeps.
    pub digest: Digest,
}

impl MemberLink {
    /// A link that nobody has had before: 256 bits.
    pub fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 32];
        entropy.fill(&mut bytes);
        let secret = URL_SAFE_NO_PAD.encode(bytes);
        let digest = Digest::of(secret.as_bytes());
        Self { secret, digest }
    }

    /// The link, on the portal with this origin, for this member.
    pub fn url(&self, portal: &str, member: GuestId) -> String {
        format!("{portal}{MEMBER_LINK_PREFIX}{member}.{}", self.secret)
    }
}
