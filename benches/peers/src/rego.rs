//! The same in Rego: a set of denials, allowed where it is empty.

use regorus::{Engine as Regorus, Value};

use super::{ASKED, Engine};

/// Regorus.
pub struct Rego {
    engine: Regorus,
    inputs: Vec<Value>,
}

/// An address as a number: Rego has no cheaper way to ask for a network.
fn number(ip: [u8; 4]) -> u32 {
    u32::from_be_bytes(ip)
}

impl Rego {
    /// With so many policies.
    pub fn new(policies: usize) -> Self {
        let range = |first: [u8; 4]| (number(first), number(first) + 255);
        let ((clinic, clinic_end), (partners, partners_end)) = (range([203, 0, 113, 0]), range([198, 51, 100, 0]));
        let shared = format!(
            r#"package gate
default allow := false
allow if {{ input.grant; count(deny) == 0 }}
clinic if {{ input.ip >= {clinic}; input.ip <= {clinic_end} }}
partners if {{ input.ip >= {partners}; input.ip <= {partners_end} }}
passkey if "passkey" in input.methods
two_factor if passkey
two_factor if {{ "email-code" in input.methods; "totp" in input.methods }}
strong if clinic
strong if partners
strong if passkey
"#
        );
        let mut written = String::new();
        for n in 0..policies.div_ceil(10) {
            let at = if n == 0 { String::new() } else { format!("/area{n}") };
            let only = if n == 0 { "true".to_owned() } else { format!(r#"startswith(input.path, "{at}/")"#) };
            written.push_str(&format!(
                r#"
deny contains "p{n}-0" if {{ input.kind == "guest"; {only}; not two_factor }}
deny contains "p{n}-1" if {{ input.kind == "guest"; {only}; not strong }}
deny contains "p{n}-2" if {{ "locum" in input.groups; input.method in {{"POST", "PUT", "PATCH"}}; {only}; not clinic }}
deny contains "p{n}-3" if {{ startswith(input.path, "{at}/export/"); input.age >= 900 }}
deny contains "p{n}-4" if {{ input.kind == "guest"; input.organization == "other.example"; {only} }}
deny contains "p{n}-5" if {{ "probation" in input.groups; input.method == "DELETE"; {only} }}
deny contains "p{n}-6" if {{ startswith(input.path, "{at}/admin/"); not clinic }}
deny contains "p{n}-7" if {{ startswith(input.path, "{at}/reports/"); endswith(input.path, "/raw"); not two_factor }}
deny contains "p{n}-8" if {{ input.role == "reader"; input.method in {{"POST", "PUT", "PATCH", "DELETE"}}; {only} }}
deny contains "p{n}-9" if {{ input.client == "api"; {only}; not clinic }}
"#
            ));
        }
        let denials: Vec<&str> = written.lines().filter(|line| !line.is_empty()).take(policies).collect();
        let text = format!("{shared}{}\n", denials.join("\n"));
        let mut engine = Regorus::new();
        engine.add_policy("gate.rego".to_owned(), text).unwrap_or_else(|e| panic!("{e}"));
        let inputs = ASKED.iter().map(|asked| {
            let input = serde_json::json!({
                "grant": true, "kind": "guest", "organization": "partner.example", "groups": ["locum"], "role": "none", "client": "browser",
                "methods": asked.methods, "method": asked.method, "path": asked.path, "age": 0, "ip": number(asked.ip),
            });
            Value::from_json_str(&input.to_string()).unwrap()
        });
        Self { inputs: inputs.collect(), engine }
    }
}

impl Engine for Rego {
    fn decide(&mut self, ix: usize) -> bool {
        self.engine.set_input(self.inputs[ix].clone());
        self.engine.eval_rule("data.gate.allow".to_owned()).unwrap() == Value::from(true)
    }
}
