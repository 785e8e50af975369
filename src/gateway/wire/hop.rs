//! What `Connection` says.

use super::{head::Fields, lines::trim};

/// Whether `Connection` names this field or option.
pub(super) fn names_option(fields: &Fields, option: &[u8]) -> bool {
    // Nearly always it is one word.
    let lists = |list: &[u8]| list.split(|b| *b == b',').any(|name| trim(name).eq_ignore_ascii_case(option));
    fields.all("connection").any(|list| list.eq_ignore_ascii_case(option) || lists(list))
}
