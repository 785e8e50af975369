//! Secrets that somebody wrote into the file although they do not belong there.
//!
//! A problem shows its line, and reports end up in tickets and logs: what looks like a secret is covered first.

use crate::base::{Report, Source};

/// The same problems in the order of the file, their lines without what looks like a secret.
pub(super) fn for_reading(source: &Source, report: &Report) -> Report {
    let covered = Source::new(source.name.clone(), cover(&source.text));
    let mut problems: Vec<_> = report.iter().cloned().collect();
    problems.sort_by_key(|problem| (problem.at.line, problem.at.column));
    let mut sorted = Report::new();
    for problem in problems {
        match problem.severity {
            severity if problem.at.line == 0 => sorted.general(severity, problem.file.as_deref(), problem.message, problem.help),
            crate::base::Severity::Error => sorted.error(&covered, problem.at, problem.message, problem.help),
            crate::base::Severity::Warning => sorted.warning(&covered, problem.at, problem.message, problem.help),
        }
    }
    if report.len() > sorted.len() {
        let more = format!("… and {} more", report.len() - sorted.len());
        sorted.general(crate::base::Severity::Error, Some(&source.name), more, None);
    }
    sorted
}

/// Puts a star over every character of what may be a secret: places stay where they are.
fn cover(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let from = secret_value(line).unwrap_or(line.len());
        let (open, secret) = line.split_at(from);
        cover_credentials(open, &mut out);
        out.extend(secret.chars().map(|c| if c.is_control() { c } else { '*' }));
    }
    out
}

/// Where the value of the first key begins that names a password or secret itself, not a file or variable that holds it.
fn secret_value(line: &str) -> Option<usize> {
    let lower = line.to_ascii_lowercase();
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    lower.match_indices(':').find_map(|(colon, _)| {
        let key = lower.get(..colon)?.trim_end_matches(['"', '\'', ' ']);
        let start = key.rfind(|c| !is_word(c)).map_or(0, |ix| ix + key.get(ix..).and_then(|k| k.chars().next()).map_or(1, char::len_utf8));
        let key = key.get(start..)?;
        let value = lower.get(colon + 1..)?;
        let shown = value.trim_start_matches([' ', '"', '\'']);
        let named = key == "pass" || ["passw", "pasw", "passp", "secret", "pwd", "token"].iter().any(|word| key.contains(word));
        // A name and a password where a mapping belongs.
        let named = named || (key == "basic_auth" && !shown.trim().is_empty() && !shown.starts_with('{'));
        (named && !key.ends_with("_file") && !shown.starts_with("env:")).then_some(colon + 1)
    })
}

/// Copies text, covering what stands between `://` and `@`.
fn cover_credentials(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        out.push_str(before);
        let end = behind.find(|c: char| c.is_whitespace() || matches!(c, '/' | ',' | '"' | '\'')).unwrap_or(behind.len());
        let secret = behind.get(..end).and_then(|host| host.rfind('@')).unwrap_or(0);
        out.extend(behind.get(..secret).unwrap_or_default().chars().map(|_| '*'));
        rest = behind.get(secret..).unwrap_or_default();
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_secret_is_covered_and_nothing_moves() {
        for (text, shown) in [
            ("password: hunter2\n", "password:********\n"),
            ("mail: { Pasword: x, b: c }", "mail: { Pasword:**********"),
            ("  client_secret: \"x y\"", "  client_secret:******"),
            ("password_file: pw", "password_file: pw"),
            ("passkeys: true", "passkeys: true"),
            ("basic_auth: me:pw", "basic_auth:******"),
            ("basic_auth: { user: id }", "basic_auth: { user: id }"),
            ("basic_auth_file: pw", "basic_auth_file: pw"),
            ("password: 'env:NAME'", "password: 'env:NAME'"),
            ("smtp: smtps://u:p@mail:465, a@b", "smtp: smtps://***@mail:465, a@b"),
            ("u: [https://a/b@c, 'http://é:é@x']", "u: [https://a/b@c, 'http://***@x']"),
        ] {
            assert_eq!(cover(text), shown);
            assert_eq!(text.chars().count(), cover(text).chars().count());
        }
    }

    proptest::proptest! {
        #[test]
        fn covering_moves_nothing_in_any_text(text in "\\PC{0,80}|([a-z:/@ 'é\n]|pass|://){0,40}") {
            proptest::prop_assert_eq!(text.chars().count(), cover(&text).chars().count());
        }
    }
}
