//! One guest's whole story: accesses, why something is refused, sessions, what happened; and what can be done about it.
//!
//! An owner sees of it what concerns the owner's apps.

use axum::extract::{Path, Query};
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    audit,
    call::Call,
    guests,
    page::{Field, Form, Input, Mark, Page, Row, Section, Way},
};
use crate::{
    base::{GuestId, Kind, Timestamp},
    config::Lifecycle,
    directory::{
        EndSessions, Factors, Grant, GrantState, Guest, GuestState, ManageGrants, RemoveGuest, ResetFactors, Session, SuspendGuest, Target,
        may,
    },
    store::{Entries, StoreError},
    web::{Answer, device_name},
};

/// Entries of the audit log that are shown.
const ENTRIES: u32 = 20;
/// Refusals that are shown.
const REFUSALS: usize = 10;

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Done {
    #[serde(default)]
    done: String,
}

/// A guest with everything that a page shows.
struct Story {
    guest: Guest,
    grants: Vec<Grant>,
    sessions: Vec<Session>,
    factors: Option<Factors>,
}

/// What is said once something is done.
pub(super) const DONE: [(&str, &str); 10] = [
    ("suspend", "admin-done-suspend"),
    ("resume", "admin-done-resume"),
    ("sign-out", "admin-done-sign-out"),
    ("reset-factors", "admin-done-reset"),
    ("remove", "admin-done-remove"),
    ("restore", "admin-done-restore"),
    ("extend", "admin-done-extend"),
    ("revoke", "admin-done-revoke"),
    ("grant-restore", "admin-done-grant-restore"),
    ("invite", "admin-done-invite"),
];

/// The text of what was done.
pub(super) fn done(call: &Call, word: &str) -> Option<String> {
    DONE.iter().find(|(known, _)| *known == word).map(|(_, text)| call.text(text))
}

/// `GET /admin/guests/{id}`.
pub(super) async fn show(call: Call, Path(id): Path<String>, Query(said): Query<Done>) -> Result<Answer, Answer> {
    let id: GuestId = id.parse().map_err(|_| call.missing())?;
    let story = read(&call, id).await.map_err(|cause| call.unavailable(&cause))?.ok_or_else(|| call.missing())?;
    if story.guest.kind == Kind::Member && call.is_administrator() {
        return Ok(call.see("/admin/members"));
    }
    // An owner has to do with a guest who has, or had, access to one of the owner's apps.
    if story.guest.kind != Kind::Guest || !(call.is_administrator() || story.grants.iter().any(|g| call.looks_after(&g.app))) {
        return Err(call.missing());
    }
    let page = page(&call, &story, &said.done).await.map_err(|cause| call.unavailable(&cause))?;
    Ok(call.page(&page))
}

async fn read(call: &Call, id: GuestId) -> Result<Option<Story>, StoreError> {
    let store = &call.ui.admin.store;
    let Some(guest) = store.guest(id).await? else { return Ok(None) };
    let (grants, sessions) = (store.grants_of(id).await?, store.sessions_of(id).await?);
    let factors = store.factors(id).await?;
    Ok(Some(Story { guest, grants, sessions, factors }))
}

async fn page(call: &Call, story: &Story, word: &str) -> Result<Page, StoreError> {
    let guest = &story.guest;
    let refusals = call.ui.admin.live.refusals(|r| r.guest == guest.id && call.looks_after(&r.app), REFUSALS);
    let refusals = refusals.iter().map(|refused| guests::refusal(call, refused, call.app_name(&refused.app), None)).collect();
    let sections = vec![
        Section {
            title: call.text("admin-grants"),
            empty: call.text("admin-grants-none"),
            rows: grants(call, story).await,
            ..Section::default()
        },
        Section { title: call.text("admin-refused"), empty: call.text("admin-refused-none"), rows: refusals, ..Section::default() },
        Section {
            title: call.text("admin-sessions"),
            empty: call.text("admin-sessions-none"),
            rows: sessions(call, story),
            ..Section::default()
        },
        happened(call, guest).await?,
    ];
    Ok(Page {
        part: "/admin/guests",
        title: guest.email.to_string(),
        eyebrow: guest.name.clone(),
        note: done(call, word),
        alarm: suspended(call, guest),
        facts: facts(call, story),
        ways: story
            .grants
            .iter()
            .filter(|grant| grant.is_active() && call.looks_after(&grant.app))
            .map(|grant| what_if(call, guest, grant))
            .collect(),
        sections,
        deeds: deeds(call, story),
        ..Page::default()
    })
}

/// The way to the question what would be decided about the guest.
fn what_if(call: &Call, guest: &Guest, grant: &Grant) -> Way {
    let pairs = [("app", grant.app.as_str()), ("guest", guest.email.as_str())];
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let label = call.say("admin-what-if-of").with("app", call.app_name(&grant.app)).to_string();
    Way { href: format!("/admin/what-if?{query}"), label, current: false }
}

fn suspended(call: &Call, guest: &Guest) -> Option<String> {
    match &guest.state {
        GuestState::Active => None,
        GuestState::Suspended { since, by, reason, .. } => {
            let by = by.address.as_ref().map_or_else(|| call.text("admin-by-nobody"), ToString::to_string);
            let why = reason.clone().unwrap_or_else(|| call.text("admin-no-reason"));
            Some(call.say("admin-suspended-why").with("since", *since).with("by", by).with("why", why).to_string())
        }
        GuestState::Removed { at } => Some(call.say("admin-removed-when").with("at", *at).to_string()),
    }
}

fn facts(call: &Call, story: &Story) -> Vec<(String, String)> {
    let guest = &story.guest;
    let mut facts = Vec::new();
    let mut say = |id: &str, value: Option<String>| facts.extend(value.filter(|v| !v.is_empty()).map(|value| (call.text(id), value)));
    say("admin-since", guest.first_redeemed.map(|at| call.moment(at)));
    say("admin-invited-by", guest.invited_by.as_ref().map(ToString::to_string));
    say("admin-sponsor", guest.sponsor.as_ref().map(ToString::to_string));
    // Whoever has to do with the guest no more sees no more than that they had.
    if !call.is_administrator() && !story.grants.iter().any(|grant| grant.is_active() && call.looks_after(&grant.app)) {
        return facts;
    }
    say("admin-groups", Some(guest.groups.iter().map(|g| g.as_str()).collect::<Vec<_>>().join(", ")));
    for (name, values) in &guest.attributes {
        facts.push((name.clone(), values.join(", ")));
    }
    let held = story.factors.as_ref();
    let passkeys = held.map_or(0, |held| held.passkeys.len());
    let app = held.is_some_and(|held| held.authenticator.is_some());
    let how = call.say("admin-factors-held").with("passkeys", passkeys).with("apps", usize::from(app)).to_string();
    facts.push((call.text("admin-factors"), how));
    facts
}

/// The accesses, each with what a request would be answered now, and why.
async fn grants(call: &Call, story: &Story) -> Vec<Row> {
    let mut rows = Vec::new();
    for grant in story.grants.iter().filter(|grant| call.looks_after(&grant.app)) {
        let mut row = Row { title: call.app_name(&grant.app), ..Row::default() };
        let until = grant.until.unwrap_or(Timestamp::NEVER);
        let over = !grant.is_active();
        row.mark = if over { Mark::new("quiet", call.text("admin-ended")) } else { None };
        row.lines.push(call.say("admin-from-until").with("from", grant.from).with("until", until).to_string());
        row.lines.extend(grant.role.as_ref().map(|role| call.say("admin-role-is").with("role", role.as_str()).to_string()));
        if !over {
            let body = json!({ "app": grant.app, "guest": story.guest.id });
            if let Ok(said) = call.ask(Method::POST, "/api/v1/policies/evaluate", &body).await {
                row.lines.extend(verdict(call, &said));
            }
            row.deeds = grant_deeds(call, grant, &story.guest);
        } else {
            row.deeds = undo(call, grant, story).into_iter().collect();
        }
        rows.push(row);
    }
    rows
}

/// What is decided now, in words.
fn verdict(call: &Call, said: &Value) -> Option<String> {
    let decision = said.get("decision")?.as_str()?;
    let names = |key: &str| {
        let list = said.get(key).and_then(Value::as_array);
        list.map(|list| list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")).unwrap_or_default()
    };
    Some(match decision {
        "allow" => call.text("admin-now-allow"),
        "block" => call.say("admin-now-block").with("policies", names("by")).to_string(),
        "challenge" => call.say("admin-now-challenge").with("needs", names("unmet")).to_string(),
        _ => call.text("admin-now-none"),
    })
}

fn grant_deeds(call: &Call, grant: &Grant, guest: &Guest) -> Vec<Form> {
    if may::<ManageGrants>(&call.actor, Target::GrantOf(grant, guest)).is_err() {
        return Vec::new();
    }
    let about = Some(call.app_name(&grant.app));
    let back = || Field::hidden("back", guest.id.to_string());
    let span = call.config().invitations.access_for;
    let extend = Form {
        action: format!("/admin/grants/{}/extend", grant.id),
        label: call.say("admin-extend").with("span", span).to_string(),
        about: about.clone(),
        plain: true,
        fields: vec![back(), Field::hidden("by", span.to_string())],
        ..Form::default()
    };
    let revoke = Form {
        action: format!("/admin/grants/{}/revoke", grant.id),
        label: call.text("admin-revoke"),
        about,
        plain: true,
        summary: Some(call.text("admin-revoke-open")),
        says: Some(call.text("admin-revoke-says")),
        fields: vec![back()],
        ..Form::default()
    };
    grant.until.map(|_| extend).into_iter().chain([revoke]).collect()
}

/// An access that has ended can be brought back for a while.
fn undo(call: &Call, grant: &Grant, story: &Story) -> Option<Form> {
    let GrantState::Revoked { at } = grant.state else { return None };
    let over = call.now >= at.plus(Lifecycle::RESTORE_WITHIN) || grant.until.is_some_and(|until| until <= call.now);
    let again = story.grants.iter().any(|other| other.app == grant.app && other.is_active());
    let _ = may::<ManageGrants>(&call.actor, Target::Grant(grant)).ok()?;
    (!over && !again && story.guest.is_active()).then(|| Form {
        action: format!("/admin/grants/{}/restore", grant.id),
        label: call.text("admin-grant-restore"),
        about: Some(call.app_name(&grant.app)),
        plain: true,
        fields: vec![Field::hidden("back", story.guest.id.to_string())],
        ..Form::default()
    })
}

fn sessions(call: &Call, story: &Story) -> Vec<Row> {
    let shown =
        |session: &&Session| session.is_live(call.now) && session.app().map_or(call.is_administrator(), |app| call.looks_after(app));
    let row = |session: &Session| {
        let methods: Vec<String> = session.proofs.iter().map(|proof| proof.factor.to_string()).collect();
        let (place, agent) = (session.origin.ip.to_string(), &session.origin.user_agent);
        let opened = call.say("admin-session-since").with("since", session.created).with("last", session.last_seen).with("place", place);
        Row {
            title: session.app().map_or_else(|| call.text("admin-portal"), |app| call.app_name(app)),
            lines: vec![methods.join(", "), opened.to_string(), device_name(&call.site, agent).unwrap_or_else(|| agent.clone())],
            ..Row::default()
        }
    };
    story.sessions.iter().filter(shown).map(row).collect()
}

async fn happened(call: &Call, guest: &Guest) -> Result<Section, StoreError> {
    let wanted = Entries { guest: Some(guest.id), limit: ENTRIES, ..Entries::default() };
    let entries = call.ui.admin.store.latest_entries(&wanted).await?;
    let rows = entries.iter().filter_map(|entry| audit::row(call, entry)).collect();
    let more = call.is_administrator().then(|| Way {
        href: format!("/admin/audit?guest={}", guest.id),
        label: call.text("admin-more"),
        current: false,
    });
    Ok(Section { title: call.text("admin-happened"), rows, more, ..Section::default() })
}

/// What whoever looks may do to the guest as a whole.
fn deeds(call: &Call, story: &Story) -> Vec<Form> {
    let guest = &story.guest;
    let on = Target::Guest(guest, &story.grants);
    let deed = |word: &str, label: &str| Form {
        action: format!("/admin/guests/{}/{word}", guest.id),
        label: call.text(label),
        plain: true,
        ..Form::default()
    };
    let why = || Field::new("reason", call.text("admin-reason"), Input::Text);
    let opened = |form: Form, summary: &str, says: &str| Form { summary: Some(call.text(summary)), says: Some(call.text(says)), ..form };
    let mut deeds = Vec::new();
    let gone = matches!(guest.state, GuestState::Removed { .. });
    if may::<SuspendGuest>(&call.actor, on).is_ok() && !gone {
        deeds.push(if guest.is_suspended() {
            deed("resume", "admin-resume")
        } else {
            let form = Form { fields: vec![why().of("suspend")], ..deed("suspend", "admin-suspend") };
            opened(form, "admin-suspend-open", "admin-suspend-says")
        });
    }
    if may::<EndSessions>(&call.actor, on).is_ok() && !story.sessions.is_empty() && !gone {
        deeds.push(deed("sign-out", "admin-sign-out"));
    }
    if may::<ResetFactors>(&call.actor, on).is_ok() && story.factors.as_ref().is_some_and(|held| !held.is_empty()) && !gone {
        deeds.push(opened(deed("reset-factors", "admin-reset"), "admin-reset-open", "admin-reset-says"));
    }
    if may::<RemoveGuest>(&call.actor, on).is_ok() {
        deeds.push(if gone {
            deed("restore", "admin-restore")
        } else {
            let form = Form { fields: vec![why().of("remove")], ..deed("remove", "admin-remove") };
            opened(form, "admin-remove-open", "admin-remove-says")
        });
    }
    deeds
}
