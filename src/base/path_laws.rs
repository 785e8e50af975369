//! What holds of every path.

use proptest::prelude::*;

use super::{CaseRule, Encoding, KeepRule, MergeRule, NormalPath, ParameterRule, PathRules, SlashRule};

fn size() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) }
}

/// Paths out of what readers fall out over.
fn targets() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "/", "a", "B", ".", "..", "%2e", "%2E", "%2f", "%5c", "\\", ";", ";x=1", "%3b", "%", "%4", "%41", "%c3%a9", "%ff", "%25", "%252f",
        "%00", "?", "q", "#", "~", "*", " ", "\t", "\u{e9}",
    ];
    let part = prop_oneof![8 => proptest::sample::select(parts.to_vec()).prop_map(|p| p.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|b| vec![b])];
    proptest::collection::vec(part, 0..10).prop_map(|parts| [b"/".to_vec(), parts.concat()].concat())
}

fn rules() -> impl Strategy<Value = PathRules> {
    (0_usize..3, 0_usize..2, 0_usize..3, 0_usize..3, 0_usize..2, 0_usize..2).prop_map(
        |(slash, backslash, empty, parameters, encoding, case)| PathRules {
            encoded_slash: [SlashRule::Refuse, SlashRule::Keep, SlashRule::Decode][slash],
            backslash: [KeepRule::Refuse, KeepRule::Keep][backslash],
            empty_segments: [MergeRule::Refuse, MergeRule::Keep, MergeRule::Merge][empty],
            parameters: [ParameterRule::Drop, ParameterRule::Keep, ParameterRule::Refuse][parameters],
            encoding: [Encoding::Utf8, Encoding::Latin1][encoding],
            case: [CaseRule::Sensitive, CaseRule::Insensitive][case],
        },
    )
}

/// The plainest way to write a path: everything but slashes and what is never reserved as an escape.
fn written(path: &str) -> String {
    path.bytes()
        .map(|b| match b {
            b'/' | b'-' | b'_' | b'~' => char::from(b).to_string(),
            _ if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect()
}

proptest! {
    #![proptest_config(size())]

    #[test]
    fn no_path_and_no_rules_make_the_reader_panic(target in proptest::collection::vec(any::<u8>(), 0..100), near in targets(), rules in rules()) {
        let _ = NormalPath::parse(&target, &rules);
        let _ = NormalPath::parse(&near, &rules);
    }

    #[test]
    fn the_normal_form_is_its_own_normal_form(target in targets()) {
        let rules = PathRules::default();
        if let Ok(path) = NormalPath::parse(&target, &rules) {
            let again = written(path.as_str());
            prop_assert_eq!(NormalPath::parse(again.as_bytes(), &rules).map(|p| p.as_str().to_owned()), Ok(path.as_str().to_owned()));
        }
    }

    #[test]
    fn another_spelling_of_the_same_path_is_judged_the_same(target in targets(), rules in rules(), at in any::<prop::sample::Index>()) {
        let Ok(path) = NormalPath::parse(&target, &rules) else { return Ok(()) };
        // One letter as an escape: whoever forwards bytes forwards what was judged, however it is spelt.
        let end = target.iter().position(|b| *b == b'?').unwrap_or(target.len());
        let letters: Vec<usize> = (0..end).filter(|ix| target[*ix].is_ascii_alphabetic() && !target[ix.saturating_sub(2)..*ix].contains(&b'%')).collect();
        if !letters.is_empty() {
            let ix = letters[at.index(letters.len())];
            // Parameters are dropped by their first semicolon; a letter behind one says nothing.
            let spelt = [&target[..ix], format!("%{:02x}", target[ix]).as_bytes(), &target[ix + 1..]].concat();
            prop_assert_eq!(NormalPath::parse(&spelt, &rules).map(|p| p.as_str().to_owned()), Ok(path.as_str().to_owned()));
        }
        let asked = [&target[..end], b"?x=/../%2e"].concat();
        prop_assert_eq!(NormalPath::parse(&asked, &rules).map(|p| p.as_str().to_owned()), Ok(path.as_str().to_owned()));
    }

    #[test]
    fn a_normal_path_leads_nowhere_else(target in targets(), rules in rules()) {
        let Ok(path) = NormalPath::parse(&target, &rules) else { return Ok(()) };
        prop_assert!(path.as_str().starts_with('/') && !path.as_str().chars().any(char::is_control));
        for segment in path.segments() {
            prop_assert!(segment != "." && segment != "..", "{}", path);
            prop_assert!(!segment.is_empty() || rules.empty_segments == MergeRule::Keep, "{}", path);
        }
    }
}
