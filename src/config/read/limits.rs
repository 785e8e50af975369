//! `limits:`, of connections.

use super::fields::Read;
use crate::{
    base::{Span, yaml::Node},
    config::{ConnectionLimits, Http2Limits, Size},
};

impl Read<'_> {
    pub(super) fn connection_limits(&mut self, node: &Node) -> Option<ConnectionLimits> {
        let known = [
            "connections",
            "connections_per_address",
            "handshakes_per_network",
            "handshake",
            "head",
            "idle",
            "stalled",
            "http2",
            "codes_per_hour",
            "api_per_minute",
        ];
        let fields = self.fields(node, &known, &[])?;
        let usual = ConnectionLimits::default();
        let wait = |r: &mut Self, n: &Node| r.span(n, Span::secs(1), Span::mins(10));
        let connections = self.or(fields.get("connections"), usual.connections, |r, n| r.number(n, 16, 1_000_000));
        // Whoever allows few in all does not allow one address all of them.
        let most = usual.connections_per_address.min(connections.div_ceil(2));
        let limits = ConnectionLimits {
            connections,
            connections_per_address: self.or(fields.get("connections_per_address"), most, |r, n| r.number(n, 1, 1_000_000)),
            handshakes_per_network: self
                .or(fields.get("handshakes_per_network"), usual.handshakes_per_network, |r, n| r.number(n, 1, 100_000)),
            handshake: self.or(fields.get("handshake"), usual.handshake, wait),
            head: self.or(fields.get("head"), usual.head, wait),
            idle: self.or(fields.get("idle"), usual.idle, |r, n| r.span(n, Span::secs(1), Span::days(1))),
            stalled: self.or(fields.get("stalled"), usual.stalled, wait),
            http2: self.or(fields.get("http2"), usual.http2, Self::http2_limits),
            codes_per_hour: self.or(fields.get("codes_per_hour"), usual.codes_per_hour, |r, n| r.number(n, 1, 10_000_000)),
            api_per_minute: self.or(fields.get("api_per_minute"), usual.api_per_minute, |r, n| r.number(n, 1, 1_000_000)),
        };
        if limits.connections_per_address > limits.connections {
            let help = "one address may have some of the connections, not more than there are";
            self.error(fields.at("connections_per_address"), "this is more than `connections` allows in all", help);
        }
        Some(limits)
    }

    fn http2_limits(&mut self, node: &Node) -> Option<Http2Limits> {
        let known = ["streams", "head", "idle", "window", "resets", "pings", "empty_data", "settings"];
        let fields = self.fields(node, &known, &[])?;
        let usual = Http2Limits::default();
        let frames = |r: &mut Self, n: &Node| r.number(n, 10, 1_000_000);
        Some(Http2Limits {
            streams: self.or(fields.get("streams"), usual.streams, |r, n| r.number(n, 1, 1_000)),
            head: self.or(fields.get("head"), usual.head, |r, n| r.size(n, Size::kib(4), Size::kib(256))),
            idle: self.or(fields.get("idle"), usual.idle, |r, n| r.span(n, Span::secs(1), Span::days(1))),
            window: self.or(fields.get("window"), usual.window, |r, n| r.span(n, Span::secs(1), Span::mins(10))),
            resets: self.or(fields.get("resets"), usual.resets, frames),
            pings: self.or(fields.get("pings"), usual.pings, frames),
            empty_data: self.or(fields.get("empty_data"), usual.empty_data, frames),
            settings: self.or(fields.get("settings"), usual.settings, frames),
        })
    }

    /// A whole number between two bounds, both allowed.
    fn number(&mut self, node: &Node, least: u32, most: u32) -> Option<u32> {
        let number: u32 = self.reader.parsed(node)?;
        if !(least..=most).contains(&number) {
            self.error(node.at, format!("`{number}` is out of range; {least} to {most} are allowed"), None);
            return None;
        }
        Some(number)
    }
}
