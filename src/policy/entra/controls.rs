//! What a policy demands, and what it says about sessions.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    Kind, Notes,
    read::{is_nothing, slug, texts},
    shortened,
};

/// `block` or `require`, and `session`.
#[derive(Debug, Default)]
pub(super) struct Controls {
    blocks: bool,
    require: Vec<Value>,
    session: Map<String, Value>,
    /// The strengths that `require` names.
    pub(super) strengths: BTreeMap<String, Value>,
}

/// The built-in strength that is the same as two factors of different kinds.
const MULTI_FACTOR: &str = "00000000-0000-0000-0000-000000000002";
/// The built-in strengths without passwords, and those that cannot be phished.
const STRONGER: [(&str, &str); 2] =
    [("00000000-0000-0000-0000-000000000003", "passwordless"), ("00000000-0000-0000-0000-000000000004", "phishing-resistant")];

impl Controls {
    pub(super) fn read(grant: Option<&Value>, session: Option<&Value>, notes: &mut Notes<'_>) -> Self {
        let mut controls = Self::default();
        if let Some(map) = grant.and_then(Value::as_object) {
            controls.grant(map, notes);
        }
        for (key, value) in session.and_then(Value::as_object).into_iter().flatten() {
            let enabled = value.get("isEnabled").and_then(Value::as_bool) != Some(false);
            if enabled && !key.contains("@odata.") && !is_nothing(Some(value)) {
                controls.session(key, value, notes);
            }
        }
        controls
    }

    fn grant(&mut self, map: &Map<String, Value>, notes: &mut Notes<'_>) {
        let any = map.get("operator").and_then(Value::as_str).is_some_and(|operator| operator.eq_ignore_ascii_case("or"));
        let lost = if any { Kind::Changed } else { Kind::DemandsLess };
        let effect = |what: &str| {
            if any { format!("{what} would have been enough, and is not here") } else { format!("{what} was demanded, and is not here") }
        };
        let mut demands = Vec::new();
        for control in texts(map.get("builtInControls")) {
            match control.as_str() {
                "block" => self.blocks = true,
                "mfa" => demands.push(json!("mfa")),
                other => notes.add(lost, "grantControls.builtInControls", other, effect("it")),
            }
        }
        if let Some(strength) = map.get("authenticationStrength").filter(|s| !is_nothing(Some(s))) {
            match self.strength(strength, notes) {
                Some(demand) => demands.push(demand),
                None => notes.add(lost, "grantControls.authenticationStrength", shortened(strength), effect("one of its ways to sign in")),
            }
        }
        for (key, what) in [("termsOfUse", "acceptance of these terms"), ("customAuthenticationFactors", "this factor")] {
            for id in texts(map.get(key)) {
                notes.add(lost, &format!("grantControls.{key}"), id, effect(what));
            }
        }
        let known = ["operator", "builtInControls", "authenticationStrength", "termsOfUse", "customAuthenticationFactors"];
        for (key, value) in
            map.iter().filter(|(key, value)| !known.contains(&key.as_str()) && !key.contains("@odata.") && !is_nothing(Some(value)))
        {
            notes.add(lost, &format!("grantControls.{key}"), shortened(value), effect("it"));
        }
        self.require = if any && demands.len() > 1 { vec![json!({ "any": demands })] } else { demands };
    }

    /// A strength as a requirement: one that is built in by its id, any other by its combinations.
    fn strength(&mut self, strength: &Value, notes: &mut Notes<'_>) -> Option<Value> {
        let id = strength.get("id").and_then(Value::as_str).unwrap_or_default();
        if id == MULTI_FACTOR {
            return Some(json!("mfa"));
        }
        let builtin = STRONGER.iter().find(|(known, _)| *known == id).map(|(_, name)| *name);
        let mut combinations: Vec<Vec<&str>> = Vec::new();
        for written in strength.get("allowedCombinations").and_then(Value::as_array).into_iter().flatten() {
            let written = written.as_str().unwrap_or_default();
            match combination(written) {
                Some(ours) if !combinations.contains(&ours) => combinations.push(ours),
                Some(_) => {}
                None => notes.add(
                    Kind::Changed,
                    "grantControls.authenticationStrength",
                    written,
                    "it would have been enough, and nobody can sign in this way here",
                ),
            }
        }
        if combinations.is_empty() {
            let name = builtin?;
            combinations = vec![vec!["passkey"], vec!["client-certificate"]];
            self.strengths.insert(name.to_owned(), json!(combinations));
            return Some(json!(name));
        }
        let display = strength.get("displayName").and_then(Value::as_str).unwrap_or("strength");
        let name = builtin.map_or_else(|| format!("{}-strength", slug(display)), str::to_owned);
        self.strengths.insert(name.clone(), json!(combinations));
        Some(json!(name))
    }

    fn session(&mut self, key: &str, value: &Value, notes: &mut Notes<'_>) {
        let field = format!("sessionControls.{key}");
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        match key {
            "signInFrequency" if text("frequencyInterval") == "everyTime" => {
                notes.add(Kind::Changed, &field, "everyTime", "a sign-in of the last five minutes is asked for");
                self.session.insert("sign-in-frequency".to_owned(), json!("5m"));
            }
            "signInFrequency" => match (value.get("value").and_then(Value::as_u64), text("type")) {
                (Some(n @ 1..=10_000), "hours") => drop(self.session.insert("sign-in-frequency".to_owned(), json!(format!("{n}h")))),
                (Some(n @ 1..=3_650), "days") => drop(self.session.insert("sign-in-frequency".to_owned(), json!(format!("{n}d")))),
                _ => notes.add(Kind::DemandsLess, &field, shortened(value), "sign-ins of this age were not enough, and are here"),
            },
            "persistentBrowser" if ["always", "never"].contains(&text("mode")) => {
                self.session.insert("persistent".to_owned(), json!(text("mode") == "always"));
            }
            "cloudAppSecurity" if text("cloudAppSecurityType") == "blockDownloads" => {
                self.session.insert("downloads".to_owned(), json!("deny"));
            }
            "continuousAccessEvaluation" => {
                notes.add(Kind::Nothing, &field, shortened(value), "every request is decided anew here in any case");
            }
            "disableResilienceDefaults" => {
                notes.add(Kind::Nothing, &field, shortened(value), "there are no such defaults here");
            }
            _ => notes.add(Kind::DemandsLess, &field, shortened(value), "it limited the session, and does not here"),
        }
    }

    /// The members of a policy. A policy that would say nothing blocks, and is off: whoever turns it on sees what it does.
    pub(super) fn into_body(self, display_name: &str, notes: &mut Notes<'_>) -> Map<String, Value> {
        let mut body = Map::new();
        if self.blocks {
            if !self.session.is_empty() {
                notes.add(Kind::Nothing, "sessionControls", "", "whom a policy blocks has no session to limit");
            }
            body.insert("block".to_owned(), json!(format!("Blocked by the policy {display_name}.")));
            return body;
        }
        if !self.require.is_empty() {
            body.insert("require".to_owned(), json!(self.require));
        }
        if !self.session.is_empty() {
            body.insert("session".to_owned(), Value::Object(self.session));
        }
        if body.is_empty() {
            notes.add(Kind::SwitchedOff, "grantControls", "", "nothing that it demands can be said here");
            body.insert("block".to_owned(), json!(format!("What the policy {display_name} demands could not be carried over.")));
        }
        body
    }
}

/// A combination in our words. A password has no counterpart: what stands beside it counts with a code from a mail.
fn combination(written: &str) -> Option<Vec<&'static str>> {
    let mut ours = Vec::new();
    for part in written.split(',').map(str::trim) {
        ours.push(match part {
            "windowsHelloForBusiness" | "fido2" => "passkey",
            "x509CertificateMultiFactor" | "x509CertificateSingleFactor" => "client-certificate",
            "federatedMultiFactor" => "federated-mfa",
            "federatedSingleFactor" => "federated",
            "softwareOath" | "hardwareOath" => "totp",
            "password" => "email-code",
            _ => return None,
        });
    }
    // A password alone is a single factor; here it would be a mailed code alone.
    (ours != ["email-code"]).then_some(ours)
}
