//! `upstream:` of an app: where requests go.

use super::fields::Read;
use crate::{
    base::{At, yaml::Node},
    config::{Scheme, Upstream},
};

impl Read<'_> {
    /// One or several; the same twice is a mistake.
    pub(super) fn upstreams(&mut self, node: &Node) -> Vec<(Upstream, At)> {
        let mut list: Vec<(Upstream, At)> = Vec::new();
        for element in self.some(node, "upstream") {
            let Some(upstream) = self.upstream(element) else { continue };
            if list.iter().any(|(u, _)| u.to_string() == upstream.to_string()) {
                self.error(element.at, "this is in the list already", None);
            } else {
                list.push((upstream, element.at));
            }
        }
        list
    }

    /// A URL, or `{ url, ca }`.
    fn upstream(&mut self, node: &Node) -> Option<Upstream> {
        if node.as_scalar().is_some() {
            return self.upstream_url(node);
        }
        let fields = self.fields(node, &["url", "ca"], &[])?;
        let url = self.required(&fields, "this upstream", "url", "https://10.0.0.5:8443");
        let upstream = url.and_then(|n| self.upstream_url(n));
        let ca = fields.get("ca").and_then(|n| self.anchors(n));
        let upstream = upstream?;
        if upstream.scheme == Scheme::Http && fields.get("ca").is_some() {
            self.error(fields.at("ca"), "`ca` means nothing without TLS", "write `https://`, or leave it out");
        }
        Some(Upstream { ca, ..upstream })
    }

    fn upstream_url(&mut self, node: &Node) -> Option<Upstream> {
        self.reader.parsed(node)
    }
}
