//! The same in Cedar: one `permit` for the grant, a `forbid` for each policy.

use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};

use super::{ASKED, Engine};

/// Cedar.
pub struct Cedar {
    authorizer: Authorizer,
    policies: PolicySet,
    entities: Entities,
    requests: Vec<Request>,
}

const CLINIC: &str = r#"context.ip.isInRange(ip("203.0.113.0/24"))"#;
const PARTNERS: &str = r#"context.ip.isInRange(ip("198.51.100.0/24"))"#;

impl Cedar {
    /// With so many policies.
    pub fn new(policies: usize) -> Self {
        let mut written = String::new();
        for n in 0..policies.div_ceil(10) {
            let at = if n == 0 { String::new() } else { format!("/area{n}") };
            let only = if n == 0 { "true".to_owned() } else { format!(r#"context.path like "{at}/*""#) };
            written.push_str(&format!(
                r#"
forbid(principal, action, resource) when {{ context.kind == "guest" && {only} }}
  unless {{ context.methods.contains("passkey") || context.methods.containsAll(["email-code", "totp"]) }};
forbid(principal, action, resource) when {{ context.kind == "guest" && {only} }}
  unless {{ {CLINIC} || {PARTNERS} || context.methods.contains("passkey") }};
forbid(principal, action, resource) when {{ context.groups.contains("locum") && ["POST", "PUT", "PATCH"].contains(context.method) && {only} }}
  unless {{ {CLINIC} }};
forbid(principal, action, resource) when {{ context.path like "{at}/export/*" }} unless {{ context.age < 900 }};
forbid(principal, action, resource) when {{ context.kind == "guest" && context.organization == "other.example" && {only} }};
forbid(principal, action, resource) when {{ context.groups.contains("probation") && context.method == "DELETE" && {only} }};
forbid(principal, action, resource) when {{ context.path like "{at}/admin/*" }} unless {{ {CLINIC} }};
forbid(principal, action, resource) when {{ context.path like "{at}/reports/*/raw" }}
  unless {{ context.methods.contains("passkey") || context.methods.containsAll(["email-code", "totp"]) }};
forbid(principal, action, resource) when {{ context.role == "reader" && ["POST", "PUT", "PATCH", "DELETE"].contains(context.method) && {only} }};
forbid(principal, action, resource) when {{ context.client == "api" && {only} }} unless {{ {CLINIC} }};
"#
            ));
        }
        let forbids: Vec<&str> = written.split_inclusive(';').filter(|statement| statement.contains("forbid")).take(policies).collect();
        let text = format!("permit(principal, action, resource) when {{ context.grant }};\n{}", forbids.concat());
        let uid = |text: &str| EntityUid::from_str(text).unwrap();
        let requests = ASKED.iter().map(|asked| {
            let [a, b, c, d] = asked.ip;
            let context = serde_json::json!({
                "grant": true, "kind": "guest", "organization": "partner.example", "groups": ["locum"], "role": "none", "client": "browser",
                "methods": asked.methods, "method": asked.method, "path": asked.path, "age": 0,
                "ip": { "__extn": { "fn": "ip", "arg": format!("{a}.{b}.{c}.{d}") } },
            });
            let context = Context::from_json_value(context, None).unwrap();
            Request::new(uid(r#"User::"locum""#), uid(r#"Action::"request""#), uid(r#"App::"charts""#), context, None).unwrap()
        });
        Self {
            requests: requests.collect(),
            authorizer: Authorizer::new(),
            policies: PolicySet::from_str(&text).unwrap_or_else(|e| panic!("{e:?}")),
            entities: Entities::empty(),
        }
    }
}

impl Engine for Cedar {
    fn decide(&mut self, ix: usize) -> bool {
        self.authorizer.is_authorized(&self.requests[ix], &self.policies, &self.entities).decision() == Decision::Allow
    }
}
