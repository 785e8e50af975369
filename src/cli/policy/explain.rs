//! `policy explain`: what would be decided for a request, and which condition of which policy decided it.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde_json::{Map, Value, json};

use super::{
    super::{Ended, Global, print, table::print_json},
    read, refuse,
};
use crate::base::{AppId, Source};

/// A request that might be.
#[derive(Debug, ClapArgs)]
pub(crate) struct Explain {
    /// The app
    #[arg(long)]
    app: AppId,
    /// The guest's address; what no option says about them is asked of the running gateway
    #[arg(long)]
    guest: Option<String>,
    /// Groups, with commas between
    #[arg(long, value_delimiter = ',')]
    groups: Vec<String>,
    /// The role of the grant
    #[arg(long)]
    role: Option<String>,
    /// Who invited the guest
    #[arg(long, value_name = "ADDRESS")]
    invited_by: Option<String>,
    /// How long ago the invitation was redeemed, such as `30d`
    #[arg(long, value_name = "SPAN")]
    guest_for: Option<String>,
    /// `valid`, `none`, `expired`, `not-yet` or `suspended`
    #[arg(long)]
    grant: Option<String>,
    /// Methods the guest has signed in with just now, with commas between
    #[arg(long, value_delimiter = ',', value_name = "METHODS")]
    signed_in_with: Vec<String>,
    /// Terms that are accepted, with commas between
    #[arg(long, value_delimiter = ',')]
    terms: Vec<String>,
    /// Where the request comes from
    #[arg(long)]
    ip: Option<String>,
    /// The country of the address
    #[arg(long)]
    country: Option<String>,
    /// The number of the autonomous system of the address
    #[arg(long)]
    asn: Option<u32>,
    /// The operating system that sends the request
    #[arg(long)]
    platform: Option<String>,
    /// `browser`, `api` or `websocket`
    #[arg(long)]
    client: Option<String>,
    /// `known`, `new`, `certified`, with commas between
    #[arg(long, value_delimiter = ',')]
    device: Vec<String>,
    /// `low`, `medium` or `high`; or the signals that it comes from, such as `new-country`
    #[arg(long, value_delimiter = ',', value_name = "LEVEL|SIGNAL")]
    risk: Vec<String>,
    /// When: RFC 3339, or `mon 03:00`
    #[arg(long)]
    at: Option<String>,
    /// Any facts, in the words of `given` in a policy test; nothing is asked of a running gateway then
    #[arg(long, value_name = "YAML", conflicts_with_all = [
        "guest", "groups", "role", "invited_by", "guest_for", "grant", "signed_in_with", "terms", "ip", "country", "asn", "platform", "client",
        "device", "risk", "at",
    ])]
    given: Option<String>,
    /// The request
    #[arg(long, default_value = "GET /", value_name = "METHOD /PATH")]
    request: String,
    /// The folder of policy files; without it, the policies of the running gateway are asked
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Explain {
    /// Carries it out.
    pub(super) fn run(&self, global: &Global) -> anyhow::Result<Ended> {
        let answer = if self.dir.is_none() && self.given.is_none() {
            self.ask(global)?
        } else {
            match self.look(global)? {
                Ok(answer) => answer,
                Err(report) => return refuse(&report),
            }
        };
        if self.json {
            print_json(&answer)?
        } else {
            say(&answer)?
        }
        Ok(Ended::Done)
    }

    /// From the files alone: what is not given has its default.
    fn look(&self, global: &Global) -> anyhow::Result<Result<Value, crate::base::Report>> {
        let set = match read(global, self.dir.as_deref())? {
            Err(report) => return Ok(Err(report)),
            Ok((set, _)) => set,
        };
        let app = set.app(&self.app).with_context(|| format!("no policy is for an app `{}`", self.app))?;
        let given = match &self.given {
            Some(given) => given.clone(),
            None => Value::Object(self.facts(true)).to_string(),
        };
        let what_if = match set.what_if(&self.app, &Source::new("--given", given), &self.request) {
            Err(report) => return Ok(Err(report)),
            Ok(what_if) => what_if,
        };
        let mut answer = serde_json::to_value(what_if.explain(app))?;
        if let Some(map) = answer.as_object_mut() {
            map.insert("policy_version".to_owned(), set.version().to_string().into());
        }
        Ok(Ok(answer))
    }

    /// From the running gateway: what is not given is what its directory says.
    fn ask(&self, global: &Global) -> anyhow::Result<Value> {
        let client = super::super::gateway(global)?;
        let mut question = json!({ "app": self.app, "given": self.facts(false), "request": self.request });
        if let (Some(guest), Some(map)) = (&self.guest, question.as_object_mut()) {
            map.insert("guest".to_owned(), json!(guest));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(client.post("/api/v1/policies/evaluate", &question));
        answer.context("the running gateway cannot say; `--dir` or `--given` asks the files alone")
    }

    /// The flags in the words of `given`.
    fn facts(&self, with_guest: bool) -> Map<String, Value> {
        let mut facts = Map::new();
        // An empty mapping is an error, so the default is written out.
        let guest = with_guest.then(|| self.guest.clone().unwrap_or_else(|| "guest@partner.example".to_owned()));
        let words = [
            ("guest", &guest),
            ("role", &self.role),
            ("invited-by", &self.invited_by),
            ("guest-for", &self.guest_for),
            ("grant", &self.grant),
            ("ip", &self.ip),
            ("country", &self.country),
            ("platform", &self.platform),
            ("client", &self.client),
            ("at", &self.at),
        ];
        facts.extend(words.into_iter().filter_map(|(key, value)| Some((key.to_owned(), json!(value.as_ref()?)))));
        facts.extend(self.asn.map(|asn| ("asn".to_owned(), json!(asn))));
        let lists = [
            ("groups", &self.groups),
            ("signed-in-with", &self.signed_in_with),
            ("terms", &self.terms),
            ("device", &self.device),
            ("risk", &self.risk),
        ];
        facts.extend(lists.into_iter().filter(|(_, list)| !list.is_empty()).map(|(key, list)| (key.to_owned(), json!(list))));
        facts
    }
}

/// For people.
fn say(answer: &Value) -> anyhow::Result<()> {
    for (label, key) in
        [("decision", "decision"), ("no grant", "no_grant"), ("by", "by"), ("unmet", "unmet"), ("report only", "report_only")]
    {
        let text = words(answer.get(key).unwrap_or(&Value::Null));
        if !text.is_empty() {
            print::paragraph(&format!("{label:<12} "), &text)?;
        }
    }
    let session = words(answer.get("session").unwrap_or(&Value::Null));
    print::paragraph("session      ", if session.is_empty() { "no limits beside those of the configuration" } else { &session })?;
    risk(answer)?;
    let until = answer.get("valid_until").and_then(Value::as_str).unwrap_or("no change within a year");
    print::paragraph("valid until  ", until)?;
    for policy in answer.get("policies").and_then(Value::as_array).into_iter().flatten() {
        let text = |key: &str| policy.get(key).and_then(Value::as_str).unwrap_or_default();
        let applies = match text("applies") {
            "yes" => "applies",
            "no" => "does not apply",
            _ => "counts as applying, because a fact is missing",
        };
        let state = if text("state") == "enforced" { String::new() } else { format!(" ({})", text("state")) };
        print::line("")?;
        print::heading(&format!("{}{state}: {applies}", text("name")))?;
        print::paragraph("    because  ", text("because"))?;
        print::paragraph("    effect   ", text("effect"))?;
    }
    Ok(())
}

/// How unusual the guest's session is, and why.
fn risk(answer: &Value) -> anyhow::Result<()> {
    let Some(risk) = answer.get("risk") else { return Ok(()) };
    let text = |of: &Value, key: &str| words(of.get(key).unwrap_or(&Value::Null));
    print::paragraph("risk         ", &text(risk, "level"))?;
    for reason in risk.get("signals").and_then(Value::as_array).into_iter().flatten() {
        print::paragraph(
            "             ",
            &format!("{} (+{}): {}", text(reason, "signal"), text(reason, "weight"), text(reason, "because")),
        )?;
    }
    Ok(())
}

/// A value in words: lists with commas, mappings as `key value`.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let said = map.iter().filter(|(_, value)| !value.is_null() && **value != Value::Bool(false));
            said.map(|(key, value)| format!("{} {}", key.replace('_', "-"), words(value))).collect::<Vec<_>>().join(", ")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}
