//! `/v1.0/invitations`: the app that is offered is the one that `inviteRedirectUrl` leads to.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{
        asker::Asker,
        bulk::app_of_url,
        guests,
        input::parsed,
        invitations::{New, NewOffer, count, decide},
        trouble::Trouble,
    },
    Loose, answered, context,
};
use crate::{base::EmailAddress, web::Answer};

pub(super) async fn create(Asker { state, actor }: Asker, sent: Loose) -> Result<Answer, Trouble> {
    let needed = |name: &str| sent.text(&format!("/{name}")).ok_or_else(|| Trouble::Input(format!("`{name}` is missing")));
    let email = needed("invitedUserEmailAddress")?;
    let redirect = needed("inviteRedirectUrl")?;
    if sent.text("/invitedUserType").is_some_and(|kind| kind != "Guest") {
        return Err(Trouble::Input("only guests are invited here".to_owned()));
    }
    let snapshot = state.live.snapshot();
    let app = app_of_url(&snapshot.config, &redirect)?;
    let resets = sent.flag("/resetRedemption") == Some(true);
    let send = sent.flag("/sendInvitationMessage") == Some(true);
    let new = New {
        email: email.clone(),
        name: sent.text("/invitedUserDisplayName"),
        apps: vec![NewOffer { app: app.to_string(), role: None, access_for: None }],
        groups: Vec::new(),
        attributes: std::collections::BTreeMap::new(),
        message: sent.text("/invitedUserMessageInfo/customizedMessageBody"),
        language: language(&sent, &snapshot),
        // Without a mail there is nothing to send a copy of.
        cc: if send { copies(&sent)? } else { Vec::new() },
        redirect_url: Some(redirect.clone()),
        template: None,
        send,
        expires_in: None,
    };
    let known = state.store.guest_by_email(&parsed::<EmailAddress>("invitedUserEmailAddress", &email)?).await?;
    let (invitation, mut proposal, redeem_url) = decide(&state, &actor, new).await?;
    if let Some(guest) = known.filter(|_| resets) {
        let grants = state.store.grants_of(guest.id).await?;
        proposal = proposal.and(guests::forgetting(&state, &actor, &guest, &grants).await?.1);
    }
    state.carry_out(proposal).await?;
    count(&state, &invitation);
    let info = sent.0.get("invitedUserMessageInfo").cloned().unwrap_or(Value::Null);
    let body = json!({
        "@odata.context": context(&snapshot.config, "invitations/$entity"),
        "id": invitation.id, "inviteRedeemUrl": redeem_url, "inviteRedirectUrl": redirect,
        "invitedUserDisplayName": invitation.name, "invitedUserEmailAddress": invitation.email, "invitedUserType": "Guest",
        "resetRedemption": resets, "sendInvitationMessage": send, "status": "PendingAcceptance", "invitedUserMessageInfo": info,
        "invitedUser": {"id": invitation.guest},
    });
    Ok(answered(StatusCode::CREATED, &body))
}

/// Who gets a copy of the mail.
fn copies(sent: &Loose) -> Result<Vec<String>, Trouble> {
    let all = sent.0.pointer("/invitedUserMessageInfo/ccRecipients").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let address = |one: &Value| one.pointer("/emailAddress/address").and_then(Value::as_str).map(str::to_owned);
    let odd = || Trouble::Input("each of `ccRecipients` has an `emailAddress` with an `address`".to_owned());
    all.iter().map(|one| address(one).ok_or_else(odd)).collect()
}

/// The language that is asked for, where we speak it: Graph's clients name regions, and expect to be understood.
fn language(sent: &Loose, snapshot: &crate::live::Snapshot) -> Option<String> {
    let asked = sent.text("/invitedUserMessageInfo/messageLanguage")?;
    let bare = asked.split('-').next().unwrap_or_default();
    snapshot.languages.known(&asked).or_else(|| snapshot.languages.known(bare))
}
