//! A request with the facts that were found, in the words of `given`; everything else has its default.

use serde_json::{Map, Value, json};

use crate::base::{Factor, Kind};

use super::{
    super::{
        cases::{Accepted, Given, WhatIf},
        rules::AppPolicies,
        words::{Risk, Signals},
    },
    TooLarge,
    facts::{Held, Shown},
    paths,
};

/// A concrete request, in the words of tests.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Example {
    /// The facts, as in `given`; what is not given has its default.
    pub given: Value,
    /// `METHOD /path`.
    pub request: String,
}

/// The request, in both forms.
pub(super) fn example(shown: &[Shown], app: &AppPolicies) -> Result<(WhatIf, Example), TooLarge> {
    let mut given = Given::usual().ok_or(TooLarge)?;
    let (mut method, mut target) = ("GET".to_owned(), "/".to_owned());
    let mut factors = vec![Factor::EmailCode];
    let mut age = crate::base::Span::ZERO;
    for fact in shown {
        match fact {
            Shown::Kind(kind) => given.kind = *kind,
            Shown::Address(email) => given.email = email.clone(),
            Shown::Group(name, Held::Yes) => given.groups.push(name.clone()),
            Shown::Attribute(name, value, Held::Yes) => given.attributes.entry(name.to_string()).or_default().push(value.to_string()),
            Shown::Group(_, Held::No) | Shown::Attribute(_, _, Held::No) => {}
            Shown::InvitedBy(by) => given.invited_by.clone_from(by),
            Shown::Role(role) => given.role.clone_from(role),
            Shown::Ip(ip) => given.ip = *ip,
            Shown::Country(country) => given.country = *country,
            Shown::Asn(asn) => given.asn = *asn,
            Shown::Platform(platform) => given.platform = *platform,
            Shown::Device(device) => given.device = *device,
            Shown::Risk(risk) => (given.risk, given.signals) = (*risk, Signals::NONE),
            Shown::Terms(name, accepted) => {
                given.terms.extend(accepted.map(|(version, age)| Accepted { terms: name.clone(), version, age }));
            }
            Shown::Approved(age) => given.approved = *age,
            Shown::Justified(held) => given.justified = *held == Held::Yes,
            Shown::Sending(sent, client) => (method, given.client) = (sent.clone(), *client),
            Shown::Path(path) => target.clone_from(path),
            Shown::Header(name, lines) => {
                let headers = given.headers.get_or_insert_default();
                if !lines.is_empty() {
                    headers.insert(name.to_string(), lines.clone());
                }
            }
            Shown::At(at) => given.at = *at,
            Shown::GuestFor(span) => given.guest_for = *span,
            Shown::SignInAge(span) => age = *span,
            Shown::Factor(factor, held) => {
                factors.retain(|f| f != factor);
                if *held == Held::Yes {
                    factors.push(factor.clone());
                }
            }
        }
    }
    given.signed_in_with = factors.into_iter().map(|factor| (factor, age)).collect();
    let path = paths::read(&target, app.path_rules())?.into_owned();
    let words = words(&given);
    let what_if = WhatIf { given, method: method.clone(), path };
    Ok((what_if, Example { given: words, request: format!("{method} {target}") }))
}

/// The facts in the words of `given`, without the defaults.
fn words(given: &Given) -> Value {
    let mut map = Map::new();
    let mut put = |key: &str, value: Value| drop(map.insert(key.to_owned(), value));
    put(if given.kind == Kind::Guest { "guest" } else { "member" }, json!(given.email));
    if !given.groups.is_empty() {
        put("groups", json!(given.groups));
    }
    if !given.attributes.is_empty() {
        put("attributes", json!(given.attributes));
    }
    if let Some(role) = &given.role {
        put("role", json!(role));
    }
    if let Some(by) = &given.invited_by {
        put("invited-by", json!(by));
    }
    put("guest-for", json!(given.guest_for));
    let methods: Map<String, Value> = given.signed_in_with.iter().map(|(factor, age)| (factor.to_string(), json!(age))).collect();
    put("signed-in-with", Value::Object(methods));
    if let Some(ip) = given.ip {
        put("ip", json!(ip));
    }
    for (key, value) in [("country", json!(given.country)), ("asn", json!(given.asn)), ("platform", json!(given.platform))] {
        if !value.is_null() {
            put(key, value);
        }
    }
    if !given.device.is_empty() {
        put("device", json!(given.device));
    }
    if !given.signals.is_empty() {
        put("risk", json!(given.signals));
    } else if given.risk != Risk::Low {
        put("risk", json!(given.risk));
    }
    if !given.terms.is_empty() {
        let accepted = given.terms.iter().map(|a| (a.terms.to_string(), json!({ "age": a.age, "version": a.version })));
        put("terms", Value::Object(accepted.collect()));
    }
    if let Some(age) = given.approved {
        put("approved", json!(age));
    }
    if given.justified {
        put("justified", json!(true));
    }
    put("client", json!(given.client.as_str()));
    if let Some(headers) = &given.headers {
        put("headers", json!(headers));
    }
    put("at", json!(given.at));
    Value::Object(map)
}
