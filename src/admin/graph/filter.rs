//! `$filter`, `$select`, `$top` and the rest: what is known of OData is read, everything else is refused.

use serde_json::{Map, Value};

use super::super::trouble::Trouble;

/// What a list is asked for.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    #[serde(rename = "$filter")]
    pub(super) filter: Option<String>,
    #[serde(rename = "$select")]
    pub(super) select: Option<String>,
    #[serde(rename = "$top")]
    pub(super) top: Option<u32>,
    #[serde(rename = "$count")]
    pub(super) count: Option<bool>,
    #[serde(rename = "$skiptoken")]
    pub(super) skiptoken: Option<String>,
}

/// One comparison of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    /// The property.
    pub(super) property: String,
    /// How it is compared.
    pub(super) by: By,
    /// With what.
    pub(super) value: String,
}

/// How a property is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// `eq`
    Equal,
    /// `ge`
    AtLeast,
    /// `startswith(…)`
    Prefix,
}

/// Most items of a page, and how many where nobody says.
const MOST: u32 = 500;
const USUAL: u32 = 100;

impl Options {
    /// Items of a page.
    pub(super) fn page(&self) -> Result<u32, Trouble> {
        match self.top {
            Some(0) => Err(Trouble::Input("`$top` is 1 or more".to_owned())),
            Some(top) => Ok(top.min(MOST)),
            None => Ok(USUAL),
        }
    }

    /// The comparisons, all of which must hold.
    pub(super) fn terms(&self) -> Result<Vec<Term>, Trouble> {
        let Some(text) = self.filter.as_deref().map(str::trim).filter(|text| !text.is_empty()) else { return Ok(Vec::new()) };
        let wrong = || Trouble::Input(format!("the filter `{text}` is not supported here"));
        let mut rest = text;
        let mut terms = Vec::new();
        loop {
            let (term, after) = term(rest).ok_or_else(wrong)?;
            terms.push(term);
            if after.trim_start().is_empty() {
                return Ok(terms);
            }
            let between = after.strip_prefix(char::is_whitespace).ok_or_else(wrong)?;
            rest = keyword(between.trim_start(), "and").ok_or_else(wrong)?;
        }
    }

    /// Of an item what is selected; everything, where nothing is.
    pub(super) fn selected(&self, item: Value) -> Result<Value, Trouble> {
        let Some(select) = self.select.as_deref().filter(|text| !text.trim().is_empty()) else { return Ok(item) };
        let Value::Object(all) = item else { return Ok(item) };
        let mut kept = Map::new();
        for name in select.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            let found = all.get_key_value(name).ok_or_else(|| Trouble::Input(format!("there is no property `{name}` here")))?;
            kept.insert(found.0.clone(), found.1.clone());
        }
        // Whatever is selected can be asked for again.
        if let Some(id) = all.get("id") {
            kept.insert("id".to_owned(), id.clone());
        }
        Ok(Value::Object(kept))
    }
}

/// A comparison, and what stands behind it.
fn term(text: &str) -> Option<(Term, &str)> {
    let text = text.trim_start();
    if let Some(inner) = text.strip_prefix("startswith(").or_else(|| text.strip_prefix("startsWith(")) {
        let (property, rest) = inner.split_once(',')?;
        let (value, rest) = value(rest.trim_start())?;
        let rest = rest.trim_start().strip_prefix(')')?;
        return Some((Term { property: name(property.trim())?, by: By::Prefix, value }, rest));
    }
    let end = text.find(char::is_whitespace)?;
    let (property, rest) = text.split_at(end);
    let rest = rest.trim_start();
    let (by, rest) = match (keyword(rest, "eq"), keyword(rest, "ge")) {
        (Some(rest), _) => (By::Equal, rest),
        (None, Some(rest)) => (By::AtLeast, rest),
        (None, None) => return None,
    };
    let (value, rest) = value(rest)?;
    Some((Term { property: name(property)?, by, value }, rest))
}

fn name(text: &str) -> Option<String> {
    let fits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'/');
    fits.then(|| text.to_owned())
}

/// What stands behind a word, which must be a word of its own.
fn keyword<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let (head, rest) = (text.get(..word.len())?, text.get(word.len()..)?);
    let ends = rest.chars().next().is_some_and(char::is_whitespace);
    (head.eq_ignore_ascii_case(word) && ends).then(|| rest.trim_start())
}

/// A text in quotes, of which two stand for one; or a bare word.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(mut rest) = text.strip_prefix('\'') else {
        let end = text.find(|c: char| c.is_whitespace() || c == ')').unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        let fits = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || b"-:.+".contains(&b));
        return fits.then(|| (word.to_owned(), rest));
    };
    let mut value = String::new();
    loop {
        let (part, after) = rest.split_once('\'')?;
        value.push_str(part);
        match after.strip_prefix('\'') {
            Some(more) => {
                value.push('\'');
                rest = more;
            }
            None => return Some((value, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(filter: &str) -> Option<Vec<(String, By, String)>> {
        let options = Options { filter: Some(filter.to_owned()), ..Options::default() };
        options.terms().ok().map(|terms| terms.into_iter().map(|t| (t.property, t.by, t.value)).collect())
    }

    #[test]
    fn filters_that_are_known_are_read_whole_and_all_others_refused() {
        let term = |property: &str, by, value: &str| (property.to_owned(), by, value.to_owned());
        assert_eq!(read("userType eq 'Guest'"), Some(vec![term("userType", By::Equal, "Guest")]));
        assert_eq!(
            read("userType eq 'Guest' and startswith(mail,'o''brien') AND accountEnabled eq true"),
            Some(vec![
                term("userType", By::Equal, "Guest"),
                term("mail", By::Prefix, "o'brien"),
                term("accountEnabled", By::Equal, "true")
            ])
        );
        assert_eq!(read("createdDateTime ge 2026-01-01T00:00:00Z").map(|t| t.len()), Some(1));
        for odd in [
            "userType ne 'Guest'",
            "userType eq 'Guest' or mail eq 'x'",
            "userType eq 'Guest",
            "userType eq 'Guest' and",
            "userTypeeq 'Guest'",
            "userType eq 'Guest'and mail eq 'x'",
            "endswith(mail,'x')",
            "not(userType eq 'Guest')",
            "mail eq",
            "'a' eq 'a'",
        ] {
            assert_eq!(read(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_selected_is_given_and_the_id_with_it() {
        let options = Options { select: Some("mail, displayName".to_owned()), ..Options::default() };
        let item = serde_json::json!({"id": "1", "mail": "a", "displayName": null, "userType": "Guest"});
        assert_eq!(options.selected(item.clone()).ok(), Some(serde_json::json!({"mail": "a", "displayName": null, "id": "1"})));
        let odd = Options { select: Some("password".to_owned()), ..Options::default() };
        assert!(odd.selected(item).is_err());
    }
}
