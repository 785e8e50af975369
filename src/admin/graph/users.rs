//! `/v1.0/users`: guests, and people who are invited, under the id that they keep.

use axum::response::IntoResponse as _;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{
        AdminState,
        asker::Asker,
        guests::{self, Patch, Wanted},
        input::{Path, Query},
        invitations,
        tagged::IfMatch,
        trouble::Trouble,
    },
    Loose, answered, context,
    filter::{By, Options, Term},
    origin,
};
use crate::{
    base::{EmailAddress, GuestId, Kind, Timestamp},
    directory::{Actor, Grant, Guest, GuestState, Invitation, ReadDirectory, Sight, Target, may, sight},
    store::{Cursor, GuestFilter, InvitationFilter, PageRequest},
    web::Answer,
};

/// Somebody whom the façade shows.
#[derive(Debug)]
pub(super) enum User {
    /// Who has accepted an invitation once.
    Guest(Box<Guest>),
    /// Who has not yet.
    Invited(Box<Invitation>),
}

/// Which users are wanted.
#[derive(Debug, Default)]
struct Sought {
    /// Nobody fits, such as members.
    nobody: bool,
    mail: Option<EmailAddress>,
    id: Option<GuestId>,
    prefix: Option<String>,
    enabled: Option<bool>,
    accepted: Option<bool>,
}

/// A list goes through the guests first, and then through the invitations.
const OF_INVITATIONS: &str = "i";

pub(super) async fn list(Asker { state, actor }: Asker, Query(options): Query<Options>) -> Result<Answer, Trouble> {
    let sought = Sought::of(&options.terms()?)?;
    let sight = sight(&actor)?;
    let apps = sight.of_apps(None)?;
    let wanted = options.page()? as usize;
    let (mut items, mut next) = (Vec::new(), None);
    if sought.mail.is_some() || sought.id.is_some() {
        items.extend(named(&state, &actor, &sought).await?);
    } else if !sought.nobody {
        let mut walk = Walk { state: &state, apps: &apps, sought: &sought };
        (items, next) = walk.page(options.skiptoken.as_deref(), wanted).await?;
    }
    let config = &state.live.snapshot().config;
    let mut body = json!({"@odata.context": context(config, "users")});
    if options.count == Some(true) {
        let count = if next.is_none() && options.skiptoken.is_none() { items.len() } else { count(&state, &apps, &sought).await? };
        body["@odata.count"] = json!(count);
    }
    if let Some(token) = next {
        body["@odata.nextLink"] = json!(next_link(&origin(config), &options, &token));
    }
    let shown = items.into_iter().map(|user| options.selected(user.view())).collect::<Result<Vec<_>, _>>()?;
    body["value"] = Value::Array(shown);
    Ok(answered(StatusCode::OK, &body))
}

pub(super) async fn show(Asker { state, actor }: Asker, Path(id): Path<String>, Query(options): Query<Options>) -> Result<Answer, Trouble> {
    let user = find(&state, &actor, &id).await?;
    let mut shown = options.selected(user.view())?;
    shown["@odata.context"] = json!(context(&state.live.snapshot().config, "users/$entity"));
    Ok(answered(StatusCode::OK, &shown))
}

/// Takes `accountEnabled` and `displayName`; the rest of a user is not ours to keep.
pub(super) async fn change(Asker { state, actor }: Asker, Path(id): Path<String>, sent: Loose) -> Result<StatusCode, Trouble> {
    let known = ["accountEnabled", "displayName"];
    let fields = sent.0.as_object().ok_or_else(|| Trouble::Input("the body is no object".to_owned()))?;
    if let Some(odd) = fields.keys().find(|key| !key.starts_with("@odata.") && !known.contains(&key.as_str())) {
        return Err(Trouble::Input(format!("`{odd}` cannot be changed here")));
    }
    let User::Guest(guest) = find(&state, &actor, &id).await? else {
        return Err(Trouble::Conflict("the invitation has not been accepted yet".to_owned()));
    };
    let state_wanted = match (sent.flag("/accountEnabled"), guest.is_active()) {
        (Some(true), false) => Some(Wanted::Active),
        (Some(false), true) => Some(Wanted::Suspended),
        // It is so already: whoever asks twice is content.
        (Some(_), _) | (None, _) => None,
    };
    let name = sent.text("/displayName").filter(|name| guest.name.as_ref() != Some(name));
    let patch = Patch { state: state_wanted, name, ..Patch::default() };
    let grants = state.store.grants_of(guest.id).await?;
    guests::apply(&state, &actor, *guest, grants, patch).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn remove(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<StatusCode, Trouble> {
    match find(&state, &actor, &id).await? {
        User::Guest(guest) => {
            let grants = state.store.grants_of(guest.id).await?;
            guests::take_away(&state, &actor, &guest, &grants, (&IfMatch::ANY, None)).await?;
        }
        User::Invited(invitation) => {
            for open in state.store.invitations_for(&invitation.email).await?.iter().filter(|i| i.is_open(state.clock.now())) {
                invitations::withdraw(&state, &actor, open).await?;
            }
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn restore(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Answer, Trouble> {
    let (guest, _) = guests::bring_back(&state, &actor, &id).await?;
    let mut shown = User::Guest(Box::new(guest)).view();
    shown["@odata.context"] = json!(context(&state.live.snapshot().config, "directoryObjects/$entity"));
    shown["@odata.type"] = json!("#microsoft.graph.user");
    Ok(answered(StatusCode::OK, &shown))
}

pub(super) async fn revoke_sessions(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<axum::response::Response, Trouble> {
    if let User::Guest(guest) = find(&state, &actor, &id).await? {
        let grants = state.store.grants_of(guest.id).await?;
        guests::sign_out(&state, &actor, &guest, &grants).await?;
    }
    let body = json!({"@odata.context": context(&state.live.snapshot().config, "Edm.Boolean"), "value": true});
    Ok(answered(StatusCode::OK, &body).into_response())
}

/// A user by id or address, if the asker may see it. Who was removed is found by a restore alone.
pub(super) async fn find(state: &AdminState, actor: &Actor, id: &str) -> Result<User, Trouble> {
    let mut sought = Sought::default();
    if id.contains('@') {
        sought.mail = EmailAddress::parse(id).ok();
    } else {
        sought.id = id.parse().ok();
    }
    let found = named(state, actor, &sought).await?;
    found.ok_or_else(|| {
        Trouble::NotFound(format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present."))
    })
}

/// The one user who has this address or id.
async fn named(state: &AdminState, actor: &Actor, sought: &Sought) -> Result<Option<User>, Trouble> {
    let guest = match (&sought.mail, sought.id) {
        (Some(email), _) => state.store.guest_by_email(email).await?,
        (None, Some(id)) => state.store.guest(id).await?,
        (None, None) => None,
    };
    let invitation = match (&guest, &sought.mail, sought.id) {
        (Some(_), _, _) => None,
        (None, Some(email), _) => state.store.invitations_for(email).await?.into_iter().find(|i| i.is_open(state.clock.now())),
        (None, None, Some(id)) => state.store.invitation_of(id).await?.filter(|i| i.is_open(state.clock.now())),
        (None, None, None) => None,
    };
    let sight = sight(actor)?;
    let user = match (guest, invitation) {
        (Some(guest), _) => {
            let grants = state.store.grants_of(guest.id).await?;
            seen(actor, &sight, &guest, &grants).then(|| User::Guest(Box::new(guest)))
        }
        (None, Some(invitation)) => {
            let _ = may::<ReadDirectory>(actor, Target::Invitation(&invitation))?;
            Some(User::Invited(Box::new(invitation)))
        }
        (None, None) => None,
    };
    Ok(user.filter(|user| sought.admits(user)))
}

/// Whether the asker may see a guest; others are not there.
fn seen(actor: &Actor, sight: &Sight, guest: &Guest, grants: &[Grant]) -> bool {
    *sight == Sight::Everything || may::<ReadDirectory>(actor, Target::Guest(guest, grants)).is_ok()
}

/// Everybody, page by page.
struct Walk<'w> {
    state: &'w AdminState,
    apps: &'w [crate::base::AppId],
    sought: &'w Sought,
}

impl Walk<'_> {
    /// So many users from a place on, and where the rest begins.
    async fn page(&mut self, token: Option<&str>, wanted: usize) -> Result<(Vec<User>, Option<String>), Trouble> {
        let odd = || Trouble::Input("this `$skiptoken` was not given by us".to_owned());
        let (mut in_invitations, mut after) = match token {
            None => (false, None),
            Some(OF_INVITATIONS) => (true, None),
            Some(text) => match text.strip_prefix(OF_INVITATIONS) {
                Some(rest) => (true, Some(Cursor::parse(rest).ok_or_else(odd)?)),
                None => (false, Some(Cursor::parse(text).ok_or_else(odd)?)),
            },
        };
        let mut items = Vec::new();
        loop {
            let limit = u32::try_from(wanted - items.len()).unwrap_or(u32::MAX);
            let request = PageRequest { after: after.take(), limit };
            let (found, next) = if in_invitations { self.invited(request).await? } else { self.guests(request).await? };
            items.extend(found.into_iter().filter(|user| self.sought.admits(user)));
            (in_invitations, after) = match (next, in_invitations) {
                (Some(next), here) => (here, Some(next)),
                (None, false) => (true, None),
                (None, true) => return Ok((items, None)),
            };
            if items.len() >= wanted {
                let place = after.as_ref().map(ToString::to_string).unwrap_or_default();
                let token = if in_invitations { format!("{OF_INVITATIONS}{place}") } else { place };
                return Ok((items, Some(token)));
            }
        }
    }

    async fn guests(&self, request: PageRequest) -> Result<(Vec<User>, Option<Cursor>), Trouble> {
        let filter = GuestFilter { apps: self.apps.to_vec(), containing: self.sought.prefix.clone(), ..GuestFilter::default() };
        let page = self.state.store.guests(filter, request).await?;
        let shown = page.items.into_iter().filter(|g| g.kind == Kind::Guest && !matches!(g.state, GuestState::Removed { .. }));
        Ok((shown.map(|guest| User::Guest(Box::new(guest))).collect(), page.next))
    }

    /// Of several invitations of one person the latest stands for the person.
    async fn invited(&self, request: PageRequest) -> Result<(Vec<User>, Option<Cursor>), Trouble> {
        let filter = InvitationFilter { state: Some("pending"), only: self.apps.to_vec(), ..InvitationFilter::default() };
        let (store, now) = (&self.state.store, self.state.clock.now());
        let page = store.invitations(filter, request).await?;
        let mut users = Vec::new();
        for invitation in page.items.into_iter().filter(|i| i.is_open(now)) {
            let is_latest =
                store.invitations_for(&invitation.email).await?.iter().find(|i| i.is_open(now)).is_some_and(|i| i.id == invitation.id);
            if is_latest && store.guest(invitation.guest).await?.is_none() {
                users.push(User::Invited(Box::new(invitation)));
            }
        }
        Ok((users, page.next))
    }
}

async fn count(state: &AdminState, apps: &[crate::base::AppId], sought: &Sought) -> Result<usize, Trouble> {
    let mut walk = Walk { state, apps, sought };
    let (mut n, mut token) = (0, None);
    loop {
        let (items, next) = walk.page(token.as_deref(), 500).await?;
        n += items.len();
        match next {
            Some(next) => token = Some(next),
            None => return Ok(n),
        }
    }
}

fn next_link(origin: &str, options: &Options, token: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("$filter", &options.filter), ("$select", &options.select)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    if let Some(top) = options.top {
        query.append_pair("$top", &top.to_string());
    }
    if options.count == Some(true) {
        query.append_pair("$count", "true");
    }
    query.append_pair("$skiptoken", token);
    format!("{origin}/v1.0/users?{}", query.finish())
}

impl Sought {
    fn of(terms: &[Term]) -> Result<Self, Trouble> {
        let mut sought = Self::default();
        for Term { property, by, value } in terms {
            match (property.as_str(), by) {
                ("userType", By::Equal) => sought.nobody |= value != "Guest",
                ("mail" | "userPrincipalName", By::Equal) => match EmailAddress::parse(value) {
                    Ok(email) => sought.mail = Some(email),
                    Err(_) => sought.nobody = true,
                },
                ("id", By::Equal) => match value.parse() {
                    Ok(id) => sought.id = Some(id),
                    Err(_) => sought.nobody = true,
                },
                ("mail" | "userPrincipalName", By::Prefix) => sought.prefix = Some(value.to_lowercase()),
                ("accountEnabled", By::Equal) if matches!(value.as_str(), "true" | "false") => sought.enabled = Some(value == "true"),
                ("externalUserState", By::Equal) => sought.accepted = Some(value != "PendingAcceptance"),
                _ => return Err(Trouble::Input(format!("a filter by `{property}` is not supported here"))),
            }
        }
        Ok(sought)
    }

    /// Whether a user fits all that is asked beside the name.
    fn admits(&self, user: &User) -> bool {
        let (email, enabled, accepted) = match user {
            User::Guest(guest) if matches!(guest.state, GuestState::Removed { .. }) => return false,
            User::Guest(guest) => (&guest.email, guest.is_active(), true),
            User::Invited(invitation) => (&invitation.email, true, false),
        };
        !self.nobody
            && self.prefix.as_ref().is_none_or(|prefix| email.as_str().starts_with(prefix))
            && self.enabled.is_none_or(|wanted| wanted == enabled)
            && self.accepted.is_none_or(|wanted| wanted == accepted)
    }
}

impl User {
    /// As Graph shows a user.
    pub(super) fn view(&self) -> Value {
        match self {
            Self::Guest(g) => {
                let changed = g.first_redeemed.unwrap_or(g.created);
                user(&g.id, &g.email, g.name.as_deref(), g.language.as_deref(), g.created, (g.is_active(), "Accepted", changed))
            }
            Self::Invited(i) => {
                let state = (true, "PendingAcceptance", i.created);
                user(&i.guest, &i.email, i.name.as_deref(), i.language.as_deref(), i.created, state)
            }
        }
    }
}

fn user(
    id: &GuestId,
    email: &EmailAddress,
    name: Option<&str>,
    language: Option<&str>,
    created: Timestamp,
    (enabled, state, since): (bool, &str, Timestamp),
) -> Value {
    json!({
        "id": id, "displayName": name.unwrap_or(email.as_str()), "mail": email, "userPrincipalName": email, "userType": "Guest",
        "accountEnabled": enabled, "externalUserState": state, "externalUserStateChangeDateTime": since, "creationType": "Invitation",
        "createdDateTime": created, "preferredLanguage": language, "givenName": null, "surname": null, "jobTitle": null,
        "mobilePhone": null, "officeLocation": null, "businessPhones": [],
    })
}
