//! `apps[].rewrite:`.

use super::fields::Read;
use crate::{
    base::yaml::Node,
    config::{Rewrite, RewriteHost},
};

impl Read<'_> {
    pub(super) fn rewrite(&mut self, node: &Node) -> Option<Rewrite> {
        let fields = self.fields(node, &["host", "location", "cookies", "internal", "prefix", "links"], &[])?;
        let usual = Rewrite::default();
        let hosts = [("public", RewriteHost::Public), ("upstream", RewriteHost::Upstream)];
        Some(Rewrite {
            host: self.or(fields.get("host"), usual.host, |r, n| r.choice(n, &hosts)),
            location: self.or(fields.get("location"), usual.location, |r, n| r.reader.boolean(n)),
            cookies: self.or(fields.get("cookies"), usual.cookies, |r, n| r.reader.boolean(n)),
            internal: fields.get("internal").map(|n| self.list_of(n)).unwrap_or_default(),
            prefix: fields.get("prefix").and_then(|n| self.reader.parsed(n)),
            links: fields.get("links").map(|n| self.list_of(n)).unwrap_or_default(),
        })
    }
}
