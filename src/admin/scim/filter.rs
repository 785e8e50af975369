//! `filter` of SCIM: the comparisons by which directories look for their people. What is not known is refused, never answered with everybody.

use super::{Fault, USER};
use crate::base::EmailAddress;

/// Who is looked for; all of it must fit.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Sought {
    /// Nobody fits, such as what is no address.
    pub(super) nobody: bool,
    pub(super) email: Option<EmailAddress>,
    pub(super) id: Option<String>,
    pub(super) external: Option<String>,
    pub(super) active: Option<bool>,
}

impl Sought {
    /// Reads comparisons by `eq` that are joined by `and`.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let odd = || Fault::odd("invalidFilter", format!("the filter `{text}` is not supported here"));
        let mut sought = Self::default();
        let mut rest = text.trim();
        loop {
            let (attribute, after) = split_word(rest).ok_or_else(odd)?;
            // `emails[type eq "work" and value eq "…"]`, `emails[type eq "work"].value eq "…"`
            let (attribute, after) = match attribute.split_once('[') {
                Some((base, _)) if base.eq_ignore_ascii_case("emails") => {
                    let open = rest.find('[').ok_or_else(odd)?;
                    let (inner, behind) = rest.get(open + 1..).and_then(|text| text.split_once(']')).ok_or_else(odd)?;
                    let wanted = of_emails(inner).ok_or_else(odd)?;
                    match (wanted, behind.strip_prefix(".value")) {
                        (Some(value), None) => {
                            sought.add("emails.value", &value).ok_or_else(odd)?;
                            match joined(behind) {
                                Some(Joined::End) => return Ok(sought),
                                Some(Joined::And(more)) => rest = more,
                                None => return Err(odd()),
                            }
                            continue;
                        }
                        (None, Some(behind)) => ("emails.value", behind.trim_start()),
                        (Some(_), Some(_)) | (None, None) => return Err(odd()),
                    }
                }
                Some(_) => return Err(odd()),
                None => (attribute, after),
            };
            let (value, behind) = equals(after).ok_or_else(odd)?;
            sought.add(attribute, &value).ok_or_else(odd)?;
            match joined(behind) {
                Some(Joined::End) => return Ok(sought),
                Some(Joined::And(more)) => rest = more,
                None => return Err(odd()),
            }
        }
    }

    fn add(&mut self, attribute: &str, value: &str) -> Option<()> {
        let lower = attribute.to_ascii_lowercase();
        let name = lower.strip_prefix(&format!("{}:", USER.to_ascii_lowercase())).unwrap_or(&lower);
        match name {
            "username" | "emails" | "emails.value" => match EmailAddress::parse(value) {
                Ok(email) if self.email.as_ref().is_none_or(|other| *other == email) => self.email = Some(email),
                Ok(_) | Err(_) => self.nobody = true,
            },
            "id" => self.id = Some(value.to_owned()),
            "externalid" => self.external = Some(value.to_owned()),
            "active" => self.active = Some(value.to_ascii_lowercase().parse().ok()?),
            _ => return None,
        }
        Some(())
    }
}

/// What stands behind a comparison.
enum Joined<'t> {
    End,
    And(&'t str),
}

fn joined(text: &str) -> Option<Joined<'_>> {
    if text.trim().is_empty() {
        return Some(Joined::End);
    }
    let (word, rest) = split_word(text.strip_prefix(char::is_whitespace)?.trim_start())?;
    word.eq_ignore_ascii_case("and").then_some(Joined::And(rest))
}

/// `eq` and a value, and what stands behind them.
fn equals(text: &str) -> Option<(String, &str)> {
    let (word, rest) = split_word(text)?;
    if word.eq_ignore_ascii_case("eq") { value(rest) } else { None }
}

fn split_word(text: &str) -> Option<(&str, &str)> {
    let end = text.find(char::is_whitespace)?;
    Some((text.get(..end)?, text.get(end..)?.trim_start()))
}

/// A JSON string, or a bare word such as `true`.
fn value(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<String>();
        let value = values.next()?.ok()?;
        return Some((value, text.get(values.byte_offset()..)?));
    }
    let end = text.find(|c: char| c.is_whitespace() || c == ']').unwrap_or(text.len());
    let word = text.get(..end)?;
    matches!(word.to_ascii_lowercase().as_str(), "true" | "false").then(|| (word.to_owned(), text.get(end..).unwrap_or_default()))
}

/// Inside of `emails[…]`: the value, if one is asked for. Kinds of addresses are not told apart here.
fn of_emails(text: &str) -> Option<Option<String>> {
    let (mut found, mut rest) = (None, text.trim());
    loop {
        let (attribute, after) = split_word(rest)?;
        let (value, behind) = equals(after)?;
        match attribute.to_ascii_lowercase().as_str() {
            "value" => found = Some(value),
            "type" | "primary" => {}
            _ => return None,
        }
        match joined(behind)? {
            Joined::End => return Some(found),
            Joined::And(more) => rest = more,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(filter: &str) -> Option<Sought> {
        Sought::parse(filter).ok()
    }

    #[test]
    fn the_filters_of_directories_are_read() {
        let ann = || EmailAddress::parse("ann@partner.example").ok();
        let by_email = Sought { email: ann(), ..Sought::default() };
        for filter in [
            r#"userName eq "ann@partner.example""#,
            r#"USERNAME EQ "Ann@Partner.example""#,
            r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ann@partner.example""#,
            r#"emails.value eq "ann@partner.example""#,
            r#"emails[type eq "work"].value eq "ann@partner.example""#,
            r#"emails[type eq "work" and value eq "ann@partner.example"]"#,
        ] {
            assert_eq!(read(filter).as_ref(), Some(&by_email), "{filter}");
        }
        let both = Sought { external: Some("a \"b\"".to_owned()), active: Some(false), ..Sought::default() };
        assert_eq!(read(r#"externalId eq "a \"b\"" and active eq false"#), Some(both));
        assert!(read(r#"userName eq "no address""#).is_some_and(|sought| sought.nobody));
        assert!(read(r#"userName eq "a@b.example" and userName eq "c@b.example""#).is_some_and(|sought| sought.nobody));
    }

    #[test]
    fn everything_else_is_refused() {
        for odd in [
            "",
            "userName",
            "userName eq",
            r#"userName sw "a""#,
            r#"userName eq "a@b.example" or active eq true"#,
            r#"not (userName eq "a@b.example")"#,
            r#"userName eq "a@b.example" and"#,
            r#"userName eq "a@b.example"and active eq true"#,
            r#"userName eq a@b.example"#,
            r#"title eq "x""#,
            r#"emails[type eq "work"] eq "x""#,
            r#"emails[display eq "x"].value eq "x""#,
            r#"active eq "perhaps""#,
            "emails[",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }
}
