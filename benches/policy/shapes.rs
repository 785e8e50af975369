//! Policies of the usual shape, as many as are wanted.

use guestgate::{
    base::Source,
    policy::{Files, PolicySet, Universe},
};

pub(crate) const DEFINITIONS: &str = r#"
networks:
  clinic-wan: [203.0.113.0/24, "2001:db8:40::/48"]
  partners: [198.51.100.0/24]
schedules:
  clinic-hours: { days: [mon-fri], hours: "07:00-19:00", timezone: Europe/Berlin, except: [2026-12-24..2026-12-26] }
strengths:
  two-factor: [[passkey], [email-code, totp]]
"#;

/// A list of so many policies: ten about everything, and then the same ten about one area after the other.
pub(crate) fn policies(n: usize) -> String {
    let mut lines = String::new();
    for area in 0..n.div_ceil(10) {
        let (at, only, also) = match area {
            0 => (String::new(), String::new(), String::new()),
            _ => (format!("/area{area}"), format!("when: {{ path: \"/area{area}/**\" }}, "), format!("path: \"/area{area}/**\", ")),
        };
        lines.push_str(&format!(
            r#"
  - {{ name: p{area}-0, for: {{ kind: guest }}, {only}require: [two-factor] }}
  - {{ name: p{area}-1, for: {{ kind: guest }}, {only}unless: {{ network: [clinic-wan, partners] }}, require: [passkey] }}
  - {{ name: p{area}-2, for: {{ group: locum }}, when: {{ {also}method: [POST, PUT, PATCH, DELETE] }}, unless: {{ schedule: clinic-hours }}, block: closed }}
  - {{ name: p{area}-3, when: {{ path: "{at}/export/**" }}, require: [{{ fresh-sign-in: 15m }}] }}
  - {{ name: p{area}-4, for: {{ kind: guest }}, {only}session: {{ idle: 30m, lifetime: 8h, persistent: false }} }}
  - {{ name: p{area}-5, state: report-only, {only}unless: {{ schedule: clinic-hours }}, block: closed }}
  - {{ name: p{area}-6, when: {{ path: "{at}/admin/**" }}, unless: {{ network: clinic-wan }}, block: closed }}
  - {{ name: p{area}-7, when: {{ {also}any: [{{ path: "{at}/reports/*/raw" }}, {{ method: DELETE }}] }}, require: [mfa] }}
  - {{ name: p{area}-8, when: {{ {also}guest-for: "< 7d" }}, session: {{ read-only: true }} }}
  - {{ name: p{area}-9, when: {{ {also}client: api, not: {{ network: clinic-wan }} }}, block: closed }}
"#
        ));
    }
    let wanted: Vec<&str> = lines.lines().filter(|line| !line.is_empty()).take(n).collect();
    wanted.join("\n")
}

/// These policies for one app, `charts`.
pub(crate) fn set(policies: &str) -> PolicySet {
    build(vec![Source::new("charts.yaml", format!("app: charts\npolicies:\n{policies}\n"))])
}

/// The policies of these files.
pub(crate) fn build(apps: Vec<Source>) -> PolicySet {
    let files = Files { definitions: Some(Source::new("definitions.yaml", DEFINITIONS)), apps, ..Files::default() };
    PolicySet::build(&files, &Universe::default()).unwrap_or_else(|report| panic!("{report}")).0
}
