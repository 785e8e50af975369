//! `apps[].identity:`.

use super::fields::Read;
use crate::{
    base::yaml::Node,
    config::{HeaderName, Identification, IdentityFact, IdentityHeader},
};

impl Read<'_> {
    pub(super) fn identification(&mut self, node: &Node) -> Option<Identification> {
        let fields = self.fields(node, &["headers", "assertion"], &["basic_auth_file"])?;
        let headers = fields.get("headers").map(|n| self.identity_headers(n)).unwrap_or_default();
        Some(Identification { headers, assertion: self.or(fields.get("assertion"), true, |r, n| r.reader.boolean(n)) })
    }

    fn identity_headers(&mut self, node: &Node) -> Vec<IdentityHeader> {
        let known = IdentityFact::ALL.map(|(key, _)| key);
        let Some(fields) = self.fields(node, &known, &[]) else { return Vec::new() };
        let mut headers: Vec<IdentityHeader> = Vec::new();
        for entry in fields.entries() {
            let Some((_, fact)) = IdentityFact::ALL.into_iter().find(|(key, _)| *key == entry.key) else { continue };
            let Some(name) = self.reader.parsed::<HeaderName>(&entry.value) else { continue };
            match headers.iter().find(|h| h.name.class() == name.class()) {
                Some(other) => {
                    let help = format!("careless readers take it for `{}`", other.name);
                    self.reader.error(entry.value.at, format!("the header `{name}` is named twice"), Some(help));
                }
                None => headers.push(IdentityHeader { fact, name }),
            }
        }
        headers
    }
}
