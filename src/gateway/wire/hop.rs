//! What `Connection` says.

use super::{head::Fields, lines::trim};

/// Whether `Connection` names this field or option.
pub(super) fn names_option(fields: &Fields, option: &[u8]) -> bool {
    fields.all("connection").flat_map(|list| list.split(|b| *b == b',')).any(|name| trim(name).eq_ignore_ascii_case(option))
}
