//! Guestgate's own.

use std::{collections::BTreeMap, net::IpAddr, sync::Arc};

use guestgate::{
    base::{AppId, EmailAddress, Factor, Kind, Name, NormalPath, PathRules, Proof, Source, Timestamp},
    policy::{AppPolicies, Facts, Files, GrantState, PersonFacts, PolicySet, RequestFacts, Subject, Universe, Verdict},
};

use super::{ASKED, Engine};

const DEFINITIONS: &str = r#"
networks:
  clinic-wan: [203.0.113.0/24]
  partners: [198.51.100.0/24]
strengths:
  two-factor: [[passkey], [email-code, totp]]
"#;

/// Our engine.
pub struct Ours {
    policies: Arc<AppPolicies>,
    subject: Subject,
    asked: Vec<(NormalPath<'static>, Vec<Proof>)>,
    now: Timestamp,
}

impl Ours {
    /// With so many policies.
    pub fn new(policies: usize) -> Self {
        let mut written = String::new();
        for n in 0..policies.div_ceil(10) {
            // The first set is about the paths that are asked for.
            let at = if n == 0 { String::new() } else { format!("/area{n}") };
            let only = if n == 0 { String::new() } else { format!(", when: {{ path: \"{at}/**\" }}") };
            let also = if n == 0 { String::new() } else { format!(", path: \"{at}/**\"") };
            written.push_str(&format!(
                r#"
  - {{ name: p{n}-0, for: {{ kind: guest }}{only}, require: [two-factor] }}
  - {{ name: p{n}-1, for: {{ kind: guest }}{only}, unless: {{ network: [clinic-wan, partners] }}, require: [passkey] }}
  - {{ name: p{n}-2, for: {{ group: locum }}, when: {{ method: [POST, PUT, PATCH]{also} }}, unless: {{ network: clinic-wan }}, block: closed }}
  - {{ name: p{n}-3, when: {{ path: "{at}/export/**" }}, require: [{{ fresh-sign-in: 15m }}] }}
  - {{ name: p{n}-4, for: {{ kind: guest, organization: other.example }}{only}, block: closed }}
  - {{ name: p{n}-5, for: {{ group: probation }}, when: {{ method: DELETE{also} }}, block: closed }}
  - {{ name: p{n}-6, when: {{ path: "{at}/admin/**" }}, unless: {{ network: clinic-wan }}, block: closed }}
  - {{ name: p{n}-7, when: {{ path: "{at}/reports/*/raw" }}, require: [mfa] }}
  - {{ name: p{n}-8, for: {{ role: reader }}, when: {{ method: [POST, PUT, PATCH, DELETE]{also} }}, block: closed }}
  - {{ name: p{n}-9, when: {{ client: api{also}, not: {{ network: clinic-wan }} }}, block: closed }}
"#
            ));
        }
        // One a line.
        let lines: Vec<&str> = written.lines().filter(|line| !line.is_empty()).take(policies).collect();
        let text = format!("app: charts\npolicies:\n{}\n", lines.join("\n"));
        let files = Files {
            definitions: Some(Source::new("definitions.yaml", DEFINITIONS)),
            apps: vec![Source::new("charts.yaml", text)],
            ..Files::default()
        };
        let (set, _) = PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}"));
        let policies = Arc::clone(set.app(&AppId::parse("charts").unwrap()).unwrap());
        let now: Timestamp = "2026-01-14T12:00:00Z".parse().unwrap();
        let email = EmailAddress::parse("locum@partner.example").unwrap();
        let (groups, attributes) = ([Name::parse("locum").unwrap()], BTreeMap::new());
        let subject = policies.subject(&PersonFacts {
            kind: Kind::Guest,
            email: &email,
            groups: &groups,
            attributes: &attributes,
            invited_by: None,
            role: None,
            guest_since: Some(Timestamp::EPOCH),
        });
        let factor = |name: &str| match name {
            "email-code" => Factor::EmailCode,
            "totp" => Factor::Totp,
            _ => Factor::Passkey,
        };
        let asked = ASKED.iter().map(|asked| {
            let path = NormalPath::parse(asked.path.as_bytes(), &PathRules::default()).unwrap().into_owned();
            (path, asked.methods.iter().map(|name| Proof { factor: factor(name), at: now }).collect())
        });
        Self { subject, asked: asked.collect(), policies, now }
    }
}

impl Engine for Ours {
    fn decide(&mut self, ix: usize) -> bool {
        let (asked, (path, proofs)) = (&ASKED[ix], &self.asked[ix]);
        let request = RequestFacts { ip: Some(IpAddr::from(asked.ip)), ..RequestFacts::new(asked.method, path) };
        let decision = self.policies.decide(&Facts {
            proofs,
            signed_in: Some(self.now),
            ..Facts::new(self.now, &self.subject, GrantState::Valid { until: None }, request)
        });
        decision.verdict == Verdict::Allow
    }
}
