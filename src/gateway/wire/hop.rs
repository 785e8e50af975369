//! Fields that concern one connection and are never forwarded (RFC 9110, 7.6.1).

use super::{head::Fields, lines::trim};

/// Whether a field concerns the connection it came over, by its name.
pub(crate) fn is_hop_by_hop(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 10] = [
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"transfer-encoding",
        b"te",
        b"trailer",
        b"upgrade",
        b"http2-settings",
        b"proxy-authenticate",
        b"proxy-authorization",
    ];
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether `Connection` names this field or option.
pub(crate) fn names_option(fields: &Fields, option: &[u8]) -> bool {
    fields.all("connection").flat_map(|list| list.split(|b| *b == b',')).any(|name| trim(name).eq_ignore_ascii_case(option))
}
