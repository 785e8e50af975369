//! `/v1.0/identity/conditionalAccess`: policies and networks as Graph shows them, and what they would decide.

use std::collections::BTreeMap;

use axum::response::IntoResponse as _;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    super::{
        asker::Asker,
        bulk::app_of_url,
        evaluate::{Asked, answer},
        input::{Query, app},
        trouble::Trouble,
    },
    Loose, answered, context,
    filter::Options,
};
use crate::{
    base::Digest,
    directory::{ReadAudit, Target, may, sight},
    policy::State,
    web::Answer,
};

/// Policies, one by one, under an id that is made of app and name.
pub(super) async fn policies(Asker { state, actor }: Asker, Query(options): Query<Options>) -> Result<Answer, Trouble> {
    no_filter(&options)?;
    let snapshot = state.live.snapshot();
    let sight = sight(&actor)?;
    let _ = sight.of_apps(None)?;
    let mut items = Vec::new();
    for id in snapshot.config.apps.iter().map(|app| &app.id).filter(|id| sight.shows(id)) {
        let Some(policies) = snapshot.policies.app(id) else { continue };
        for (ix, name) in policies.all_rules() {
            let in_force = state_word(policies.state(ix));
            let controls = if policies.blocks(ix) { "block" } else { "mfa" };
            items.push(json!({
                "id": id_of(&[id.as_str(), name.as_str()]), "displayName": name, "state": in_force,
                "createdDateTime": null, "modifiedDateTime": null, "templateId": null,
                "conditions": {
                    "applications": {"includeApplications": [id], "excludeApplications": [], "includeUserActions": []},
                    "users": {"includeUsers": ["GuestsOrExternalUsers"], "excludeUsers": []}, "clientAppTypes": ["all"],
                },
                "grantControls": {"operator": "OR", "builtInControls": [controls], "customAuthenticationFactors": [], "termsOfUse": []},
                "sessionControls": null,
            }));
        }
    }
    Ok(listed(&context(&snapshot.config, "identity/conditionalAccess/policies"), &items))
}

/// The networks that policies name.
pub(super) async fn locations(Asker { state, actor }: Asker, Query(options): Query<Options>) -> Result<Answer, Trouble> {
    no_filter(&options)?;
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let snapshot = state.live.snapshot();
    let items: Vec<Value> = snapshot.policies.networks().map(|(name, prefixes)| {
        let range = |prefix: &crate::base::Prefix| {
            let kind = if prefix.to_string().contains(':') { "iPv6CidrRange" } else { "iPv4CidrRange" };
            json!({"@odata.type": format!("#microsoft.graph.{kind}"), "cidrAddress": prefix.to_string()})
        };
        json!({
            "@odata.type": "#microsoft.graph.ipNamedLocation", "id": id_of(&[name]), "displayName": name,
            "createdDateTime": null, "modifiedDateTime": null, "isTrusted": false, "ipRanges": prefixes.iter().map(range).collect::<Vec<_>>(),
        })
    })
    .collect();
    Ok(listed(&context(&snapshot.config, "identity/conditionalAccess/namedLocations"), &items))
}

/// What would be decided about a sign-in: who, to which app, from where.
pub(super) async fn evaluate(Asker { state, actor }: Asker, sent: Loose) -> Result<axum::response::Response, Trouble> {
    let snapshot = state.live.snapshot();
    let named = sent.text("/signInContext/includeApplications/0").or_else(|| sent.text("/conditionalAccessContext/includeApplications/0"));
    let named = named.ok_or_else(|| Trouble::Input("`signInContext.includeApplications` names the app".to_owned()))?;
    let app = if named.contains("://") { app_of_url(&snapshot.config, &named)? } else { app(&snapshot.config, &named)? };
    let guest = sent.text("/signInIdentity/userId").or_else(|| sent.text("/conditionalAccessWhatIfSubject/userId"));
    let mut given = Map::new();
    for (pointer, word) in [("/signInConditions/ipAddress", "ip"), ("/signInConditions/country", "country")] {
        if let Some(text) =
            sent.text(pointer).or_else(|| sent.text(&pointer.replace("signInConditions", "conditionalAccessWhatIfConditions")))
        {
            given.insert(word.to_owned(), json!(text));
        }
    }
    let explained = answer(&state, &actor, Asked { app: app.to_string(), guest, given, request: None }).await?;
    let states: BTreeMap<String, &str> = snapshot
        .policies
        .app(&app)
        .map(|policies| policies.all_rules().map(|(ix, name)| (name.to_string(), state_word(policies.state(ix)))).collect())
        .unwrap_or_default();
    let empty = Vec::new();
    let items = explained.get("policies").and_then(Value::as_array).unwrap_or(&empty).iter().map(|policy| {
        let name = policy.get("name").and_then(Value::as_str).unwrap_or_default();
        json!({
            "id": id_of(&[app.as_str(), name]), "displayName": name, "state": states.get(name), "policyApplies": policy.get("applies") != Some(&json!("no")),
            "analysisReasons": ["notSet"], "because": policy.get("because"), "effect": policy.get("effect"),
        })
    });
    let body = json!({
        "@odata.context": context(&snapshot.config, "Collection(microsoft.graph.whatIfAnalysisResult)"),
        "decision": explained.get("decision"), "value": items.collect::<Vec<_>>(),
    });
    Ok(answered(StatusCode::OK, &body).into_response())
}

/// What Graph calls a state.
fn state_word(state: State) -> &'static str {
    match state {
        State::Enforced => "enabled",
        State::ReportOnly => "enabledForReportingButNotEnforced",
        State::Off => "disabled",
    }
}

fn listed(context: &str, items: &[Value]) -> Answer {
    answered(StatusCode::OK, &json!({"@odata.context": context, "value": items}))
}

fn no_filter(options: &Options) -> Result<(), Trouble> {
    if options.terms()?.is_empty() { Ok(()) } else { Err(Trouble::Input("no filter is supported here".to_owned())) }
}

/// An id in the shape of those of Graph, the same for the same names.
fn id_of(names: &[&str]) -> String {
    let digest = Digest::of(names.join("\n").as_bytes());
    let hex: String = digest.as_bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
}
