//! Invitations: the latest, one of them, a new one; sending one again and withdrawing it.

use axum::{
    Form as Sent,
    extract::{Path, Query, rejection::FormRejection},
};
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    super::templates,
    call::Call,
    cut::{Cut, Scope, Wanted},
    guest,
    page::{Field, Form, Input, Mark, Page, Row, Section, Way, facts_of},
};
use crate::{
    base::InvitationId,
    config::InvitationTemplate,
    directory::{Actor, Denied, Invitation, InvitationState, Inviter, ManageInvitation, ReadDirectory, Target, may},
    store::{Lately, MailStage, MailState},
    web::Answer,
};

/// The states that a list can be cut down to, and their texts.
const STATES: &[(&str, &str)] = &[
    ("pending", "admin-is-pending"),
    ("redeemed", "admin-is-redeemed"),
    ("declined", "admin-is-declined"),
    ("revoked", "admin-is-revoked"),
];

/// A new invitation, as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Draft {
    #[serde(default)]
    token: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    app: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    access_for: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    message: String,
    /// Of those that the configuration has; empty: none.
    #[serde(default)]
    template: String,
}

/// A button on an invitation's page.
#[derive(Debug, Deserialize)]
pub(super) struct Pressed {
    token: String,
}

/// `GET /admin/invitations`.
pub(super) async fn list(call: Call, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    // Inviters have those that they made.
    let (scope, by) = match &call.actor {
        Actor::Inviter { email, .. } => (Scope::default(), Some(Inviter::Member(email.clone()))),
        Actor::Administrator(_) | Actor::Owner { .. } | Actor::Machine | Actor::Token(_) | Actor::Guest { .. } | Actor::System => {
            (wanted.scope(&call)?, None)
        }
    };
    let cut = Cut::new(("/admin/invitations", scope), STATES, &wanted, "");
    let lately = Lately { by, ..cut.lately() };
    let found = call.ui.admin.store.latest_invitations(&lately).await.map_err(|cause| call.unavailable(&cause))?;
    let page = Page {
        part: "/admin/invitations",
        title: call.text("admin-invitations"),
        note: guest::done(&call, &wanted.done),
        ways: cut.ways(&call),
        states: cut.states(&call),
        first: [("new", "admin-invite", false), ("bulk", "admin-bulk", true)]
            .map(|(page, text, plain)| to_form(&call, page, text, plain))
            .into(),
        sections: vec![Section {
            empty: call.text("admin-pending-none"),
            rows: found.items.iter().map(|invitation| row(&call, invitation)).collect(),
            more: cut.more(&call, found.next),
            ..Section::default()
        }],
        ..Page::default()
    };
    Ok(call.page(&page))
}

/// A button that leads to a form of its own.
fn to_form(call: &Call, page: &str, text: &str, plain: bool) -> Form {
    Form { action: format!("/admin/invitations/{page}"), looks: true, label: call.text(text), plain, ..Form::default() }
}

/// An invitation in a list.
pub(super) fn row(call: &Call, invitation: &Invitation) -> Row {
    let apps: Vec<String> = invitation.offers.iter().map(|offer| call.app_name(&offer.app)).collect();
    let by = invitation.invited_by.as_ref().map_or_else(|| call.text("admin-by-nobody"), ToString::to_string);
    Row {
        href: Some(format!("/admin/invitations/{}", invitation.id)),
        title: invitation.email.to_string(),
        mark: mark(call, invitation),
        lines: vec![call.say("admin-invited-to").with("apps", apps.join(", ")).with("by", by).with("at", invitation.created).to_string()],
        ..Row::default()
    }
}

fn mark(call: &Call, invitation: &Invitation) -> Option<Mark> {
    let (tone, text) = match invitation.state {
        InvitationState::Pending if invitation.is_open(call.now) => ("good", "admin-is-pending"),
        InvitationState::Pending => ("quiet", "admin-is-expired"),
        InvitationState::Redeemed { .. } => ("quiet", "admin-is-redeemed"),
        InvitationState::Revoked { .. } => ("quiet", "admin-is-revoked"),
        InvitationState::Declined { .. } => ("alarm", "admin-is-declined"),
    };
    Mark::new(tone, call.text(text))
}

/// `GET /admin/invitations/{id}`.
pub(super) async fn show(call: Call, Path(id): Path<String>, Query(wanted): Query<Wanted>) -> Result<Answer, Answer> {
    let invitation = find(&call, &id).await?;
    let unavailable = |cause| call.unavailable(&cause);
    let mail = match invitation.letter {
        Some(letter) => call.ui.admin.store.mail_state(letter).await.map_err(unavailable)?,
        None => None,
    };
    let redeemed = call.ui.admin.store.guest(invitation.guest).await.map_err(unavailable)?.is_some();
    let mut page = Page {
        part: "/admin/invitations",
        title: invitation.email.to_string(),
        eyebrow: Some(call.text("admin-invitation")),
        note: guest::done(&call, &wanted.done),
        facts: facts(&call, &invitation, mail.as_ref()),
        ..Page::default()
    };
    if redeemed {
        page.ways.push(Way { href: format!("/admin/guests/{}", invitation.guest), label: call.text("admin-to-guest"), current: false });
    }
    if may::<ManageInvitation>(&call.actor, Target::Invitation(&invitation)).is_ok() {
        let deed = |word: &str, label: &str| Form {
            action: format!("/admin/invitations/{}/{word}", invitation.id),
            label: call.text(label),
            plain: true,
            ..Form::default()
        };
        let (pending, redeemed) = (matches!(invitation.state, InvitationState::Pending), invitation.is_redeemed());
        if pending {
            page.deeds.push(deed("resend", "admin-resend"));
        }
        if pending || redeemed {
            let says = if redeemed { "admin-withdraw-grants" } else { "admin-withdraw-says" };
            let form = deed("withdraw", "admin-withdraw");
            page.deeds.push(Form { summary: Some(call.text("admin-withdraw-open")), says: Some(call.text(says)), ..form });
        }
    }
    Ok(call.page(&page))
}

fn facts(call: &Call, invitation: &Invitation, mail: Option<&MailState>) -> Vec<(String, String)> {
    let apps: Vec<String> = invitation.offers.iter().map(|offer| call.app_name(&offer.app)).collect();
    facts_of(
        call,
        [
            ("admin-state", mark(call, invitation).map(|mark| mark.text)),
            ("admin-name", invitation.name.clone()),
            ("admin-apps", Some(apps.join(", "))),
            ("admin-invited-by", invitation.invited_by.as_ref().map(ToString::to_string)),
            ("admin-created", Some(call.moment(invitation.created))),
            ("admin-valid-until", Some(call.moment(invitation.expires))),
            ("admin-message", invitation.message.clone()),
            ("admin-mail", mail.map(|mail| mail_text(call, mail))),
        ],
    )
}

fn mail_text(call: &Call, mail: &MailState) -> String {
    let text = call.text(match mail.stage {
        MailStage::Waiting if mail.attempts > 0 => "admin-mail-delayed",
        MailStage::Waiting => "admin-mail-waiting",
        MailStage::Sent => "admin-mail-sent",
        MailStage::Refused => "admin-mail-refused",
        MailStage::Bounced => "admin-mail-bounced",
    });
    mail.error.as_ref().map_or_else(|| text.clone(), |error| format!("{text} ({error})"))
}

/// `POST /admin/invitations/{id}/{deed}`.
pub(super) async fn change(
    call: Call,
    Path((id, deed)): Path<(String, String)>,
    sent: Result<Sent<Pressed>, FormRejection>,
) -> Result<Answer, Answer> {
    call.taken(sent, |sent| &sent.token)?;
    let invitation = find(&call, &id).await?;
    let path = format!("/api/v1/invitations/{}", invitation.id);
    let page = format!("/admin/invitations/{}", invitation.id);
    let done = match deed.as_str() {
        "resend" => call.ask(Method::POST, &format!("{path}/resend"), &json!({})).await,
        "withdraw" => call.ask(Method::DELETE, &path, &json!({})).await,
        _ => return Err(call.missing()),
    };
    match done {
        Ok(_) => Ok(call.see(&page)),
        Err(refused) => Err(call.not_done(&refused, &page)),
    }
}

async fn find(call: &Call, id: &str) -> Result<Invitation, Answer> {
    let id: InvitationId = id.parse().map_err(|_| call.missing())?;
    let found = call.ui.admin.store.invitation(id).await.map_err(|cause| call.unavailable(&cause))?.ok_or_else(|| call.missing())?;
    let part = |call: &Call| found.offers.iter().any(|offer| call.looks_after(&offer.app));
    let seen = may::<ReadDirectory>(&call.actor, Target::Invitation(&found)).is_ok() || part(call);
    if seen { Ok(found) } else { Err(call.missing()) }
}

/// `GET /admin/invitations/new`.
pub(super) async fn draft(call: Call, Query(mut draft): Query<Draft>) -> Answer {
    if let Some(template) = chosen(&call, &draft) {
        draft.message = template.message.clone().unwrap_or_default();
        draft.language = template.language.clone().unwrap_or_default();
    }
    call.page(&form_page(&call, &draft, None))
}

/// `POST /admin/invitations/new`.
pub(super) async fn invite(call: Call, sent: Result<Sent<Draft>, FormRejection>) -> Result<Answer, Answer> {
    let draft = call.taken(sent, |sent| &sent.token)?;
    let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let own = json!([{ "app": draft.app, "role": given(&draft.role), "access_for": given(&draft.access_for) }]);
    let template = given(&draft.template);
    let body = json!({
        "email": draft.email, "name": given(&draft.name), "message": given(&draft.message), "language": given(&draft.language),
        "apps": if template.is_some() { json!([]) } else { own }, "template": template,
    });
    match call.ask(Method::POST, "/api/v1/invitations", &body).await {
        Ok(made) => {
            let id = made.get("id").and_then(Value::as_str).unwrap_or_default();
            Ok(call.see(&format!("/admin/invitations/{id}?done=invite")))
        }
        // An app that is not theirs is not there for them; an address that is not theirs to invite is told.
        Err(refused) if refused.status == StatusCode::FORBIDDEN && refused.detail == Denied.to_string() => Err(call.missing()),
        Err(refused) => Err(call.page_with(refused.status, &form_page(&call, &draft, Some(refused.detail)))),
    }
}

/// What is offered, for how long, and a word with it: the fields that every form of an invitation has, filled with what was typed.
pub(super) fn offer_fields(call: &Call, [app, role, access_for, message]: [&str; 4]) -> [Field; 4] {
    let apps = call.apps().iter().map(|app| (app.to_string(), call.app_name(app))).collect();
    let usual = call.config().invitations.access_for.to_string();
    let lasts = if access_for.is_empty() { usual.as_str() } else { access_for };
    [
        Field::new("app", call.text("admin-app"), Input::Select(apps)).with(app),
        Field::new("role", call.text("admin-role-optional"), Input::Text).with(role),
        Field::new("access_for", call.text("admin-access-for"), Input::Text).with(lasts).help(call.text("admin-span-help")),
        Field::new("message", call.text("admin-message-optional"), Input::Area).with(message),
    ]
}

/// The template that is chosen, of those that whoever asks may use.
fn chosen<'c>(call: &'c Call, draft: &Draft) -> Option<&'c InvitationTemplate> {
    templates::usable(call.config(), &call.actor).find(|template| template.id.as_str() == draft.template)
}

/// The templates there are, and the way without one.
fn ways(call: &Call, chosen: Option<&InvitationTemplate>) -> Vec<Way> {
    let path = "/admin/invitations/new";
    let all = templates::usable(call.config(), &call.actor).map(|template| Way {
        href: format!("{path}?template={}", template.id),
        label: template.title.clone(),
        current: chosen.is_some_and(|chosen| chosen.id == template.id),
    });
    let all: Vec<Way> = all.collect();
    let without = Way { href: path.to_owned(), label: call.text("admin-template-none"), current: chosen.is_none() };
    if all.is_empty() { all } else { std::iter::once(without).chain(all).collect() }
}

fn form_page(call: &Call, draft: &Draft, alarm: Option<String>) -> Page {
    let template = chosen(call, draft);
    let [app, role, lasts, message] = offer_fields(call, [&draft.app, &draft.role, &draft.access_for, &draft.message]);
    let spoken = [(String::new(), call.text("admin-language-any"))].into_iter().chain(call.site.voice.languages().names()).collect();
    let mut fields = vec![
        Field::new("email", call.text("admin-address"), Input::Email).with(draft.email.clone()).required(),
        Field::new("name", call.text("admin-name-optional"), Input::Text).with(draft.name.clone()),
    ];
    match template {
        Some(template) => fields.push(Field::hidden("template", template.id.as_str())),
        None => fields.extend([app, role, lasts]),
    }
    fields.push(Field::new("language", call.text("admin-language"), Input::Select(spoken)).with(draft.language.clone()));
    fields.push(message);
    let says = template.map(|template| {
        let apps: Vec<String> = template.offers.iter().map(|offer| call.app_name(&offer.app)).collect();
        call.say("admin-template-says").with("title", &template.title).with("apps", apps.join(", ")).to_string()
    });
    let label = call.text("admin-invite-send");
    Page {
        part: "/admin/invitations",
        title: call.text("admin-invite"),
        alarm,
        ways: ways(call, template),
        first: vec![Form { action: "/admin/invitations/new".to_owned(), label, says, fields, ..Form::default() }],
        ..Page::default()
    }
}
