//! One program for all readers of strangers' bytes; `GUESTGATE_PARSER` says which one is fuzzed. `fuzz/run` builds and runs it.

#![no_main]

use std::sync::LazyLock;

static READ: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("GUESTGATE_PARSER").unwrap_or_default();
    let known = guestgate::gateway::parsers::ALL;
    let Some((_, read)) = known.iter().find(|(known, _)| *known == name) else {
        panic!("GUESTGATE_PARSER is one of {:?}", known.map(|(name, _)| name));
    };
    *read
});

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| READ(bytes));
