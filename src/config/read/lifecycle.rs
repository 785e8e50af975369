//! `lifecycle:`.

use super::{fields::Read, parts::LONGEST};
use crate::{
    base::{Span, yaml::Node},
    config::Lifecycle,
};

impl Read<'_> {
    pub(super) fn lifecycle(&mut self, node: &Node) -> Option<Lifecycle> {
        let fields = self.fields(node, &["remind_invitation", "remind_access", "remind_inactive", "sponsor_grace", "remove_after"], &[])?;
        let usual = Lifecycle::default();
        let mut remind_access = match fields.get("remind_access") {
            None => usual.remind_access,
            Some(n) if n.as_scalar().is_some_and(|s| s.text == "never") => Vec::new(),
            Some(n) => {
                let elements = self.elements(n);
                elements.iter().filter_map(|element| self.span(element, Span::hours(1), Span::days(365))).collect()
            }
        };
        remind_access.sort_by(|a, b| b.cmp(a));
        remind_access.dedup();
        let least = Span::hours(1);
        Some(Lifecycle {
            remind_invitation: self.or(fields.get("remind_invitation"), usual.remind_invitation, |r, n| r.or_never(n, least)),
            remind_access,
            remind_inactive: self.or(fields.get("remind_inactive"), usual.remind_inactive, |r, n| r.or_never(n, least)),
            sponsor_grace: self.or(fields.get("sponsor_grace"), usual.sponsor_grace, |r, n| r.or_never(n, Span::ZERO)),
            remove_after: self.or(fields.get("remove_after"), usual.remove_after, |r, n| r.or_never(n, least)),
        })
    }

    /// A duration, or `never`.
    pub(super) fn or_never(&mut self, node: &Node, least: Span) -> Option<Option<Span>> {
        if node.as_scalar().is_some_and(|s| s.text == "never") {
            return Some(None);
        }
        self.span(node, least, LONGEST).map(Some)
    }
}
