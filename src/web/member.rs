//! Members: who somebody is to the directory, and the address of the one-time link to a passkey.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    base::{AppId, Digest, Entropy, GuestId, Kind, Span},
    config::{App, Config},
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
    let owns = |app: &App| app.owners.contains(&email) || app.owner_groups.iter().any(|group| person.groups.contains(group));
    let apps: Vec<AppId> = config.apps.iter().filter(|app| owns(app)).map(|app| app.id.clone()).collect();
    match (apps.is_empty(), config.roles.inviter(&email)) {
        (false, _) => Some(Actor::Owner { email, apps }),
        (true, Some(inviter)) => Some(Actor::Inviter { email, apps: inviter.apps.clone() }),
        (true, None) => None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{EmailAddress, Host, Name, Timestamp},
        config::Upstream,
        directory::{Actor, Occasion},
    };

    #[derive(Debug)]
    struct Dice;

    impl Entropy for Dice {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn who_is_in_a_group_that_owns_an_app_owns_it_for_as_long() {
        let [id, host] = ["charts", "charts.example.com"];
        let mut app = App::with_defaults(AppId::parse(id).unwrap(), Host::parse(host).unwrap(), Upstream::plain([127, 0, 0, 1].into(), 9));
        let group = Name::parse("charts-owners").unwrap();
        app.owner_groups = vec![group.clone()];
        let config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app]);
        let o = Occasion { now: Timestamp::EPOCH, entropy: &Dice, from: None };
        let vouched = |groups: &[&Name]| crate::directory::Vouched {
            provider: Name::parse("staff").unwrap(),
            issuer: "https://id.example.com".to_owned(),
            subject: "1".to_owned(),
            session: None,
            address: EmailAddress::parse("lee@example.com").unwrap(),
            name: None,
            mfa: true,
            at: Timestamp::EPOCH,
            signed_in: None,
            members: true,
            groups: Some(groups.iter().copied().cloned().collect()),
            is_fresh: false,
        };
        let (lee, _) = Guest::member(&o, &vouched(&[&group])).unwrap();
        assert!(matches!(actor_of(&config, &lee), Some(Actor::Owner { apps, .. }) if apps.len() == 1));
        // At the next sign-in the provider names other groups.
        let left = lee.bind(&o, &vouched(&[])).unwrap();
        let changed = left
            .changes
            .iter()
            .find_map(|change| if let crate::directory::Change::PutGuest(guest) = change { Some(guest.clone()) } else { None });
        assert_eq!(actor_of(&config, &changed.unwrap()), None);
        let guest = Guest { kind: Kind::Guest, ..lee };
        assert_eq!(actor_of(&config, &guest), None, "a guest in a group of that name owns nothing");
    }
}
