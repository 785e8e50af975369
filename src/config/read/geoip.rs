//! `geoip`: databases of where addresses are.

use super::fields::Read;
use crate::{base::yaml::Node, config::GeoIp};

impl Read<'_> {
    /// `{ country, asn }`: files in MaxMind DB format, each of which may be missing.
    pub(super) fn geoip(&mut self, node: &Node) -> Option<GeoIp> {
        let fields = self.fields(node, &["country", "asn"], &[])?;
        Some(GeoIp {
            country: fields.get("country").and_then(|node| self.path(node)),
            asn: fields.get("asn").and_then(|node| self.path(node)),
        })
    }
}
