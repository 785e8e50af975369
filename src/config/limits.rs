//! What strangers and guests may use of this process, connection by connection. What one request may use is said by each app.

use super::Size;
use crate::base::Span;

/// Bounds of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Connections at the same time, in all.
    pub connections: u32,
    /// Connections at the same time from one address (of IPv6, from one /64).
    pub connections_per_address: u32,
    /// TLS handshakes under way at the same time from one network (/24, /48); more wait for their turn.
    pub handshakes_per_network: u32,
    /// How long a handshake may take, what stands before it included.
    pub handshake: Span,
    /// How long the head of a request may take in total.
    pub head: Span,
    /// How long a connection may be without a request, over HTTP/1.
    pub idle: Span,
    /// How long a guest may take nothing of an answer.
    pub stalled: Span,
    /// What else HTTP/2 needs.
    pub http2: Http2Limits,
    /// Codes that are mailed within an hour, in all.
    pub codes_per_hour: u32,
    /// Requests to the API a minute, with one token and from one address.
    pub api_per_minute: u32,
}

/// Bounds of a connection of HTTP/2. A window begins with the first frame that is counted in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Http2Limits {
    /// Requests at the same time.
    pub streams: u32,
    /// Largest head of a request, as HTTP/2 measures it.
    pub head: Size,
    /// How long a connection may be without a request.
    pub idle: Span,
    /// How long a window lasts.
    pub window: Span,
    /// RST_STREAM frames a window.
    pub resets: u32,
    /// PING frames a window.
    pub pings: u32,
    /// DATA frames without data a window.
    pub empty_data: u32,
    /// SETTINGS frames a window.
    pub settings: u32,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self {
            connections: 32_768,
            connections_per_address: 16_384,
            handshakes_per_network: 64,
            handshake: Span::secs(10),
            head: Span::secs(30),
            idle: Span::secs(75),
            stalled: Span::secs(60),
            http2: Http2Limits::default(),
            codes_per_hour: 10_000,
            api_per_minute: 1_200,
        }
    }
}

impl Default for Http2Limits {
    fn default() -> Self {
        Self {
            streams: 100,
            head: Size::kib(64),
            idle: Span::hours(1),
            window: Span::secs(10),
            resets: 100,
            pings: 100,
            empty_data: 100,
            settings: 50,
        }
    }
}
