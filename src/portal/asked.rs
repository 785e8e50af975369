//! What an app will ask of somebody who has just accepted an invitation: judged by its policies, and said in words.

use serde_json::{Map, Value, json};

use super::visit::Visit;
use crate::{
    base::Source,
    directory::{Invitation, Offer},
    policy::{Need, Verdict},
};

/// What is asked besides the mailbox, a sentence each. Empty where nothing is, or where nobody can say it yet.
pub(super) fn by_app(visit: &Visit, invitation: &Invitation, offer: &Offer) -> Vec<String> {
    let Some(policies) = visit.snapshot.policies.app(&offer.app) else { return Vec::new() };
    let given = Source::new("given", Value::Object(given(visit, invitation, offer)).to_string());
    let Ok(what_if) = visit.snapshot.policies.what_if(&offer.app, &given, "GET /") else { return Vec::new() };
    let Verdict::Challenge(unmet) = what_if.decide(policies) else { return Vec::new() };
    let mut said: Vec<String> = policies.unmet(unmet).filter_map(|requirement| sentence(visit, &requirement.need())).collect();
    said.dedup();
    said
}

/// The person after accepting, as tests of policies write it.
fn given(visit: &Visit, invitation: &Invitation, offer: &Offer) -> Map<String, Value> {
    let mut given = Map::new();
    let mut put = |key: &str, value: Value| drop(given.insert(key.to_owned(), value));
    put("guest", json!(invitation.email));
    put("grant", json!("valid"));
    put("signed-in-with", json!({ "email-code": "0s" }));
    put("ip", json!(visit.peer.ip));
    put("at", json!(visit.now));
    if !invitation.groups.is_empty() {
        put("groups", json!(invitation.groups));
    }
    if !invitation.attributes.is_empty() {
        put("attributes", json!(invitation.attributes));
    }
    if let Some(by) = &invitation.invited_by {
        put("invited-by", json!(by));
    }
    if let Some(role) = &offer.role {
        put("role", json!(role));
    }
    given
}

fn sentence(visit: &Visit, need: &Need) -> Option<String> {
    let id = match need {
        Need::EmailCode | Need::FreshSignIn => return None,
        Need::Passkey => "need-passkey",
        Need::Totp => "need-totp",
        Need::SecondFactor => "need-second-factor",
        Need::Federated(_) => "need-federated",
        Need::ClientCertificate => "need-certificate",
        Need::Terms(_) => "need-terms",
        Need::KnownDevice => "need-known-device",
        Need::Approval => "need-approval",
        Need::Justification => "need-justification",
    };
    Some(visit.site.say(id).to_string())
}
