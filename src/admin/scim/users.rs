//! `/scim/v2/Users`.

use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{
    super::{
        AdminState,
        asker::Asker,
        input::{Body, Path, Query},
        invitations,
        trouble::Trouble,
    },
    Fault, answered, change,
    filter::Sought,
    people::{Person, cut, shown},
    sent::Edit,
};
use crate::{
    base::EmailAddress,
    directory::{Actor, Denied, Invite, Sight, Target, may, sight},
    store::People,
    web::Answer,
};

/// The query of a list or of one person.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Options {
    filter: Option<String>,
    start_index: Option<i64>,
    count: Option<i64>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
    sort_by: Option<String>,
    sort_order: Option<String>,
    /// Entra adds this to say which dialect it speaks; we understand both.
    #[serde(rename = "aadOptscim062020")]
    dialect: Option<String>,
}

/// Most people of one answer, and how many where nobody says.
const MOST: usize = 200;
/// What a list says that it is.
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What the asker sees; whoever only invites sees nothing here.
fn seen_by(actor: &Actor) -> Result<Sight, Denied> {
    match sight(actor)? {
        Sight::Own(_) => Err(Denied),
        wide @ (Sight::Everything | Sight::Apps(_)) => Ok(wide),
    }
}

/// What the asker may change here.
fn changed_by(actor: &Actor) -> Result<Sight, Denied> {
    let sight = seen_by(actor)?;
    match &sight {
        Sight::Everything => drop(may::<Invite>(actor, Target::Everything)?),
        Sight::Apps(apps) => drop(may::<Invite>(actor, Target::Apps(apps))?),
        Sight::Own(_) => return Err(Denied),
    }
    Ok(sight)
}

pub(super) async fn list(Asker { state, actor }: Asker, Query(options): Query<Options>) -> Result<Answer, Fault> {
    let sight = seen_by(&actor)?;
    let _ = sight.of_apps(None)?;
    let sought = options.filter.as_deref().map(Sought::parse).transpose()?.unwrap_or_default();
    if options.sort_by.is_some() {
        return Err(Fault::odd("invalidValue", "lists are not sorted here"));
    }
    let start = usize::try_from(options.start_index.unwrap_or(1).max(1)).unwrap_or(usize::MAX);
    let count = usize::try_from(options.count.unwrap_or(100).max(0)).unwrap_or(0).min(MOST);
    let search = Search { state: &state, actor: &actor, sight: &sight, sought: &sought };
    let (people, total) = if sought.nobody {
        (Vec::new(), 0)
    } else if sought.email.is_some() || sought.id.is_some() || sought.external.is_some() {
        search.named().await?.page(start, count)
    } else {
        search.everybody(start, count).await?
    };
    let (config, now) = (&state.live.snapshot().config, state.clock.now());
    let view =
        |person: &Person| cut(person.view(config, &sight, now), options.attributes.as_deref(), options.excluded_attributes.as_deref());
    let body = json!({
        "schemas": [LIST], "totalResults": total, "startIndex": start, "itemsPerPage": people.len(),
        "Resources": people.iter().map(view).collect::<Vec<_>>(),
    });
    Ok(answered(StatusCode::OK, &body))
}

pub(super) async fn show(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    Query(options): Query<Options>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    let sight = seen_by(&actor)?;
    let person = find(&state, &actor, &sight, &id).await?;
    let user = person.view(&state.live.snapshot().config, &sight, state.clock.now());
    let answer = shown(StatusCode::OK, &cut(user.clone(), options.attributes.as_deref(), options.excluded_attributes.as_deref()));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let fresh = known.is_some_and(|tags| tags.split(',').any(|tag| user.pointer("/meta/version") == Some(&json!(tag.trim()))));
    Ok(if fresh { Answer { status: StatusCode::NOT_MODIFIED, body: bytes::Bytes::new(), ..answer } } else { answer })
}

pub(super) async fn create(Asker { state, actor }: Asker, Body(sent): Body<Value>) -> Result<Answer, Fault> {
    let sight = changed_by(&actor)?;
    let edit = Edit::of_resource(&sent)?;
    let named = edit.user_name.as_deref().ok_or_else(|| Fault::odd("invalidValue", "`userName` is missing"))?;
    let email = invitations::address(&state.live.snapshot().config, named, &[])?;
    fits(&edit, &email)?;
    let known = Person::by_email(&state, &actor, &email).await?;
    if known.as_ref().is_some_and(|person| person.is_seen(&sight, state.clock.now())) {
        return Err(Fault::Named(StatusCode::CONFLICT, "uniqueness", format!("`{email}` is here already")));
    }
    change::welcome(&state, &actor, &email, &edit).await?;
    answer(&state, &actor, &sight, &email, StatusCode::CREATED).await
}

pub(super) async fn replace(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(sent): Body<Value>,
) -> Result<Answer, Fault> {
    let (sight, person) = meant(&state, &actor, &id, &headers).await?;
    let edit = Edit::of_resource(&sent)?;
    if edit.user_name.is_none() {
        return Err(Fault::odd("invalidValue", "`userName` is missing"));
    }
    carry_out(&state, &actor, &sight, person, (&edit, true)).await
}

pub(super) async fn change(
    Asker { state, actor }: Asker,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(sent): Body<Value>,
) -> Result<Answer, Fault> {
    let (sight, person) = meant(&state, &actor, &id, &headers).await?;
    let edit = Edit::of_patch(&sent, &person.entitlement_words(&sight, state.clock.now()))?;
    carry_out(&state, &actor, &sight, person, (&edit, false)).await
}

pub(super) async fn remove(Asker { state, actor }: Asker, Path(id): Path<String>, headers: HeaderMap) -> Result<StatusCode, Fault> {
    let (sight, person) = meant(&state, &actor, &id, &headers).await?;
    change::remove(&state, &actor, &sight, &person).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn carry_out(
    state: &AdminState,
    actor: &Actor,
    sight: &Sight,
    person: Person,
    (edit, is_whole): (&Edit, bool),
) -> Result<Answer, Fault> {
    if edit.user_name.as_deref().is_some_and(|name| EmailAddress::parse(name).ok().as_ref() != Some(&person.email)) {
        return Err(Fault::odd("mutability", "an address is who a guest is: send the new address as a new user"));
    }
    fits(edit, &person.email)?;
    let email = person.email.clone();
    change::apply(state, actor, sight, person, (edit, is_whole)).await?;
    answer(state, actor, sight, &email, StatusCode::OK).await
}

/// The invitation goes to the user's name, so that another address would be lost without a word.
fn fits(edit: &Edit, email: &EmailAddress) -> Result<(), Fault> {
    let same = |text: &String| EmailAddress::parse(text).ok().as_ref() == Some(email);
    match &edit.emails {
        Some(all) if !all.is_empty() && !all.iter().any(same) => Err(Fault::odd(
            "invalidValue",
            format!("`emails` must hold `userName` (`{email}`): the invitation goes there, and it is who the guest is"),
        )),
        Some(_) | None => Ok(()),
    }
}

/// The person as they are now.
async fn answer(state: &AdminState, actor: &Actor, sight: &Sight, email: &EmailAddress, status: StatusCode) -> Result<Answer, Fault> {
    let person = Person::by_email(state, actor, email).await?.ok_or_else(|| Fault::missing(email.as_str()))?;
    Ok(shown(status, &person.view(&state.live.snapshot().config, sight, state.clock.now())))
}

async fn find(state: &AdminState, actor: &Actor, sight: &Sight, id: &str) -> Result<Person, Fault> {
    let person = Person::by_id(state, actor, id).await?;
    person.filter(|person| person.is_seen(sight, state.clock.now())).ok_or_else(|| Fault::missing(id))
}

/// The person who is to be changed, as the directory knows them.
async fn meant(state: &AdminState, actor: &Actor, id: &str, headers: &HeaderMap) -> Result<(Sight, Person), Fault> {
    let sight = changed_by(actor)?;
    let person = find(state, actor, &sight, id).await?;
    expected(state, &sight, &person, headers)?;
    Ok((sight, person))
}

/// Fails where the directory means another version.
fn expected(state: &AdminState, sight: &Sight, person: &Person, headers: &HeaderMap) -> Result<(), Trouble> {
    let Some(wanted) = headers.get(header::IF_MATCH) else { return Ok(()) };
    let user = person.view(&state.live.snapshot().config, sight, state.clock.now());
    let current = user.pointer("/meta/version").and_then(Value::as_str).unwrap_or_default();
    let fits = wanted.to_str().unwrap_or_default().split(',').map(str::trim).any(|tag| tag == "*" || tag == current);
    if fits { Ok(()) } else { Err(Trouble::Stale) }
}

/// Who is looked for, on whose behalf.
struct Search<'s> {
    state: &'s AdminState,
    actor: &'s Actor,
    sight: &'s Sight,
    sought: &'s Sought,
}

/// People who were found.
struct Found(Vec<Person>);

impl Found {
    fn page(self, start: usize, count: usize) -> (Vec<Person>, usize) {
        let total = self.0.len();
        (self.0.into_iter().skip(start - 1).take(count).collect(), total)
    }
}

impl Search<'_> {
    /// Those who are asked for by a name of theirs.
    async fn named(&self) -> Result<Found, Trouble> {
        let (state, actor, now) = (self.state, self.actor, self.state.clock.now());
        let mut found = Vec::new();
        if let Some(email) = &self.sought.email {
            found.extend(Person::by_email(state, actor, email).await?);
        } else if let Some(id) = &self.sought.id {
            found.extend(Person::by_id(state, actor, id).await?);
        } else if let Some(external) = &self.sought.external {
            let mut emails: Vec<EmailAddress> = Vec::new();
            for invitation in state.store.invitations_by_external(external).await? {
                if !emails.contains(&invitation.email) {
                    emails.push(invitation.email);
                }
            }
            found = Person::of_each(state, actor, &emails).await?;
        }
        let fits = |person: &Person| {
            person.is_seen(self.sight, now)
                && self.sought.id.as_ref().is_none_or(|id| person.id.to_string() == *id)
                && self.sought.external.as_ref().is_none_or(|name| person.external() == Some(name))
                && self.sought.active.is_none_or(|active| person.is_active(self.sight, now) == active)
        };
        found.retain(fits);
        Ok(Found(found))
    }

    /// Everybody, or all who are active, or all who are not: a part of them, and how many there are.
    async fn everybody(&self, start: usize, count: usize) -> Result<(Vec<Person>, usize), Fault> {
        let wanted = People {
            only: self.sight.of_apps(None)?,
            active: self.sought.active,
            now: self.state.clock.now(),
            skip: start.saturating_sub(1) as u64,
            limit: u32::try_from(count).unwrap_or(u32::MAX),
        };
        let (addresses, total) = self.state.store.people(&wanted).await?;
        let people = Person::of_each(self.state, self.actor, &addresses).await?;
        Ok((people, usize::try_from(total).unwrap_or(usize::MAX)))
    }
}
