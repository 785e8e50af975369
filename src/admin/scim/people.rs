//! A person as a directory sees one: a guest, or somebody who is invited, under the id that the person keeps.

use std::collections::HashMap;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    super::{AdminState, trouble::Trouble},
    USER, answered,
};
use crate::{
    base::{AppId, Digest, EmailAddress, GuestId, Kind, Name, Timestamp},
    config::Config,
    directory::{Actor, Grant, GrantState, Guest, GuestState, Invitation, InvitationState, ReadDirectory, Sight, Target, may},
    web::Answer,
};

/// Everything about one person that the asker may know.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) id: GuestId,
    pub(super) email: EmailAddress,
    /// Who has accepted once, and was not removed.
    pub(super) guest: Option<Guest>,
    /// All grants of the guest.
    pub(super) grants: Vec<Grant>,
    /// The invitations that the asker sees, newest first.
    pub(super) invitations: Vec<Invitation>,
}

impl Person {
    /// The person with this address.
    pub(super) async fn by_email(state: &AdminState, actor: &Actor, email: &EmailAddress) -> Result<Option<Self>, Trouble> {
        Ok(Self::of_each(state, actor, std::slice::from_ref(email)).await?.pop())
    }

    /// The people with these addresses, in their order; a member is nobody here.
    pub(super) async fn of_each(state: &AdminState, actor: &Actor, emails: &[EmailAddress]) -> Result<Vec<Self>, Trouble> {
        let (guests, mut invitations) = tokio::try_join!(state.store.guests_by_emails(emails), state.store.invitations_for_each(emails))?;
        let mut grants = state.store.grants_of_each(&guests.iter().map(|guest| guest.id).collect::<Vec<_>>()).await?;
        let mut guests: HashMap<EmailAddress, Guest> = guests.into_iter().map(|guest| (guest.email.clone(), guest)).collect();
        let person = |email: &EmailAddress| {
            let (guest, invited) = (guests.remove(email), invitations.remove(email).unwrap_or_default());
            let grants = guest.as_ref().and_then(|guest| grants.remove(&guest.id)).unwrap_or_default();
            Self::of(actor, email, guest, (grants, invited))
        };
        Ok(emails.iter().filter_map(person).collect())
    }

    /// A person, of everything that is kept under the address.
    fn of(actor: &Actor, email: &EmailAddress, guest: Option<Guest>, (grants, invited): (Vec<Grant>, Vec<Invitation>)) -> Option<Self> {
        let id = guest.as_ref().map(|guest| guest.id).or_else(|| invited.first().map(|i| i.guest))?;
        let removed = match &guest {
            Some(guest) if guest.kind == Kind::Member => return None,
            Some(Guest { state: GuestState::Removed { at }, .. }) => Some(*at),
            Some(_) | None => None,
        };
        // What was before a removal is over for good.
        let seen = |i: &Invitation| removed.is_none_or(|at| i.created > at) && may::<ReadDirectory>(actor, Target::Invitation(i)).is_ok();
        let invitations = invited.into_iter().filter(seen).collect();
        let (guest, grants) = if removed.is_none() { (guest, grants) } else { (None, Vec::new()) };
        Some(Self { id, email: email.clone(), guest, grants, invitations })
    }

    /// The person with this id.
    pub(super) async fn by_id(state: &AdminState, actor: &Actor, id: &str) -> Result<Option<Self>, Trouble> {
        let Ok(id) = id.parse::<GuestId>() else { return Ok(None) };
        let email = match state.store.guest(id).await? {
            Some(guest) => Some(guest.email),
            None => state.store.invitation_of(id).await?.map(|i| i.email),
        };
        match email {
            Some(email) => Ok(Self::by_email(state, actor, &email).await?.filter(|person| person.id == id)),
            None => Ok(None),
        }
    }

    /// Whether the person is there for the asker.
    pub(super) fn is_seen(&self, sight: &Sight, now: Timestamp) -> bool {
        let comes = match sight {
            Sight::Everything => self.guest.is_some(),
            Sight::Apps(_) => self.guest.is_some() && self.grants_within(sight).next().is_some(),
            Sight::Own(_) => false,
        };
        comes || self.invitations.iter().any(|i| stands(i, now))
    }

    /// Whether the person may come, or need only accept.
    pub(super) fn is_active(&self, sight: &Sight, now: Timestamp) -> bool {
        let invited = || self.invitations.iter().any(|i| i.is_open(now));
        match &self.guest {
            Some(guest) if !guest.is_active() => false,
            Some(_) => *sight == Sight::Everything || self.grants_within(sight).next().is_some() || invited(),
            None => invited(),
        }
    }

    /// The grants of the asker's apps that have not been ended.
    pub(super) fn grants_within(&self, sight: &Sight) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(|grant| grant.is_active() && sight.shows(&grant.app))
    }

    /// The invitation that keeps what the directory calls the person; otherwise the latest.
    pub(super) fn anchor(&self) -> Option<&Invitation> {
        self.invitations.iter().find(|i| i.provisioned.is_some()).or_else(|| self.invitations.first())
    }

    /// What the directory calls the person.
    pub(super) fn external(&self) -> Option<&str> {
        self.invitations.iter().find_map(|i| i.provisioned.as_ref()?.external.as_deref())
    }

    pub(super) fn name(&self) -> Option<&str> {
        match &self.guest {
            Some(guest) => guest.name.as_deref(),
            None => self.anchor().and_then(|i| i.name.as_deref()),
        }
    }

    /// Apps and roles that the person has, or would have; the latest word about an app counts.
    pub(super) fn entitlements(&self, sight: &Sight, now: Timestamp) -> Vec<(AppId, Option<Name>)> {
        let granted = self.grants_within(sight).map(|grant| (grant.app.clone(), grant.role.clone()));
        let standing = self.invitations.iter().filter(|i| stands(i, now)).flat_map(|i| &i.offers);
        let mut all: Vec<(AppId, Option<Name>)> = granted.collect();
        for offer in standing.filter(|offer| sight.shows(&offer.app)) {
            if all.iter().all(|(app, _)| *app != offer.app) {
                all.push((offer.app.clone(), offer.role.clone()));
            }
        }
        all.sort();
        all
    }

    /// The same as a directory writes it.
    pub(super) fn entitlement_words(&self, sight: &Sight, now: Timestamp) -> Vec<String> {
        let word = |(app, role): (AppId, Option<Name>)| match role {
            Some(role) => format!("{app}/{role}"),
            None => app.to_string(),
        };
        self.entitlements(sight, now).into_iter().map(word).collect()
    }

    /// When something about the person changed last, as far as that is kept.
    fn modified(&self) -> Timestamp {
        let of_guest = self.guest.iter().flat_map(|guest| {
            let suspended = match guest.state {
                GuestState::Suspended { since, .. } => Some(since),
                GuestState::Active | GuestState::Removed { .. } => None,
            };
            [Some(guest.created), guest.first_redeemed, guest.resumed, suspended].into_iter().flatten()
        });
        let of_grant = |grant: &Grant| match grant.state {
            GrantState::Revoked { at } => at,
            GrantState::Active => grant.from,
        };
        let of_invitation = |i: &Invitation| match i.state {
            InvitationState::Pending => i.created,
            InvitationState::Redeemed { at } | InvitationState::Revoked { at } | InvitationState::Declined { at } => at,
        };
        of_guest.chain(self.grants.iter().map(of_grant)).chain(self.invitations.iter().map(of_invitation)).max().unwrap_or(Timestamp::EPOCH)
    }

    /// The person as a resource.
    pub(super) fn view(&self, config: &Config, sight: &Sight, now: Timestamp) -> Value {
        let entitlements = self.entitlement_words(sight, now);
        let mut roles: Vec<Name> = self.entitlements(sight, now).into_iter().filter_map(|(_, role)| role).collect();
        roles.dedup();
        let mut user = json!({
            "schemas": [USER], "id": self.id, "userName": self.email, "active": self.is_active(sight, now),
            "emails": [{"value": self.email, "type": "work", "primary": true}],
            "entitlements": entitlements.iter().map(|word| json!({"value": word})).collect::<Vec<_>>(),
            "roles": roles.iter().map(|role| json!({"value": role})).collect::<Vec<_>>(),
        });
        if let Some(external) = self.external() {
            user["externalId"] = json!(external);
        }
        if let Some(name) = self.name() {
            user["displayName"] = json!(name);
            user["name"] = json!({"formatted": name});
        }
        let language = self.guest.as_ref().map_or_else(|| self.anchor().and_then(|i| i.language.clone()), |guest| guest.language.clone());
        if let Some(language) = language {
            user["preferredLanguage"] = json!(language);
        }
        let created = self.guest.as_ref().map(|guest| guest.created).or_else(|| self.invitations.last().map(|i| i.created));
        user["meta"] = json!({
            "resourceType": "User", "version": version(&user), "location": self.location(config),
            "created": created.unwrap_or(Timestamp::EPOCH), "lastModified": self.modified(),
        });
        user
    }

    pub(super) fn location(&self, config: &Config) -> String {
        format!("{}/scim/v2/Users/{}", config.origin(&config.portal.host), self.id)
    }
}

/// A person as an answer, with where it is and which version.
pub(super) fn shown(status: StatusCode, user: &Value) -> Answer {
    let text = |pointer: &str| user.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let answer = answered(status, user).with(http::header::ETAG, text("/meta/version"));
    if status == StatusCode::CREATED { answer.with(http::header::LOCATION, text("/meta/location")) } else { answer }
}

/// Whether an invitation still means something: it can be accepted, it has run out without having been taken back, or it is kept for later.
pub(super) fn stands(i: &Invitation, now: Timestamp) -> bool {
    i.is_open(now) || i.provisioned.as_ref().is_some_and(|kept| kept.parked || matches!(i.state, InvitationState::Pending))
}

/// A tag of what a directory would see: it changes with that and with nothing else.
fn version(user: &Value) -> String {
    let digest = Digest::of(user.to_string().as_bytes());
    let hex: String = digest.as_bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("W/\"{hex}\"")
}

/// Of a resource what is asked for by `attributes` or `excludedAttributes`.
pub(super) fn cut(user: Value, only: Option<&str>, without: Option<&str>) -> Value {
    let Value::Object(all) = user else { return user };
    let listed = |text: &str, name: &str| {
        text.split(',').map(str::trim).any(|one| {
            let one = one.rsplit_once(':').map_or(one, |(_, rest)| rest);
            one.split('.').next().unwrap_or(one).eq_ignore_ascii_case(name)
        })
    };
    // Whose it is, and what it is, is always said.
    let kept = |name: &str| {
        matches!(name, "id" | "schemas") || only.map_or_else(|| !without.is_some_and(|text| listed(text, name)), |text| listed(text, name))
    };
    Value::Object(all.into_iter().filter(|(name, _)| kept(name)).collect::<Map<_, _>>())
}
