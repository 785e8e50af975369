//! What a directory sends about a person: a whole resource, or operations of a PATCH, in the shapes of the directories that there are.
//!
//! Attributes that SCIM knows and we do not keep are passed over; a word that SCIM does not know is refused. Otherwise a misspelt
//! `active` would look as if access had been taken away.

use serde_json::{Map, Value};

use super::{Fault, USER};

/// What is to become of a person: what is `None` stays.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Edit {
    pub(super) user_name: Option<String>,
    display: Option<String>,
    formatted: Option<String>,
    given: Option<String>,
    family: Option<String>,
    /// Some of nothing: it is taken away.
    pub(super) external: Option<Option<String>>,
    pub(super) active: Option<bool>,
    pub(super) emails: Option<Vec<String>>,
    pub(super) entitlements: Option<Vec<String>>,
    pub(super) roles: Option<Vec<String>>,
    pub(super) language: Option<String>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Op {
    Add,
    Replace,
    Remove,
}

/// Attributes of SCIM's schema that are not kept here, and those that are ours to say.
const PASSED_OVER: [&str; 18] = [
    "schemas",
    "id",
    "meta",
    "groups",
    "password",
    "nickname",
    "profileurl",
    "title",
    "usertype",
    "locale",
    "timezone",
    "phonenumbers",
    "ims",
    "photos",
    "addresses",
    "x509certificates",
    "manager",
    "department",
];
/// Most operations of one PATCH.
const MOST: usize = 200;

impl Edit {
    /// A whole resource.
    pub(super) fn of_resource(sent: &Value) -> Result<Self, Fault> {
        let all = sent.as_object().ok_or_else(|| Fault::odd("invalidSyntax", "the body is no resource"))?;
        let mut edit = Self::default();
        edit.put_all(Op::Replace, all)?;
        Ok(edit)
    }

    /// The operations of a PATCH on somebody who has these entitlements.
    pub(super) fn of_patch(sent: &Value, entitlements: &[String]) -> Result<Self, Fault> {
        let member = |name: &str| sent.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        let list = member("Operations").and_then(Value::as_array).filter(|list| !list.is_empty() && list.len() <= MOST);
        let list = list.ok_or_else(|| Fault::odd("invalidSyntax", format!("`Operations` has 1 to {MOST} operations")))?;
        let mut edit = Self { entitlements: Some(entitlements.to_vec()), ..Self::default() };
        for operation in list {
            let named = |name: &str| operation.get(name);
            let op = match named("op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("add") => Op::Add,
                Some("replace") => Op::Replace,
                Some("remove") => Op::Remove,
                _ => return Err(Fault::odd("invalidSyntax", "`op` is one of add, replace and remove")),
            };
            let value = named("value").unwrap_or(&Value::Null);
            match (named("path").and_then(Value::as_str).filter(|path| !path.is_empty()), value) {
                (Some(path), value) => edit.put(op, path, value)?,
                (None, Value::Object(all)) if op != Op::Remove => edit.put_all(op, all)?,
                (None, _) if op == Op::Remove => return Err(Fault::odd("noTarget", "a removal names what is removed")),
                (None, _) => return Err(Fault::odd("invalidValue", "an operation without a path has attributes as its value")),
            }
        }
        if edit.entitlements.as_deref() == Some(entitlements) {
            edit.entitlements = None;
        }
        Ok(edit)
    }

    /// What people are to call the person. Of a part of a name alone nothing can be made, unless it is all that there is.
    pub(super) fn name(&self, is_whole: bool) -> Option<String> {
        let parts = match (&self.given, &self.family) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            (Some(one), None) | (None, Some(one)) if is_whole => Some(one.clone()),
            (Some(_), None) | (None, Some(_)) | (None, None) => None,
        };
        self.display.clone().or_else(|| self.formatted.clone()).or(parts)
    }

    /// The members of an object, each of which may be a path.
    fn put_all(&mut self, op: Op, all: &Map<String, Value>) -> Result<(), Fault> {
        all.iter().try_for_each(|(path, value)| self.put(op, path, value))
    }

    fn put(&mut self, op: Op, path: &str, value: &Value) -> Result<(), Fault> {
        let lower = path.to_ascii_lowercase();
        let own = lower.strip_prefix(&format!("{}:", USER.to_ascii_lowercase())).unwrap_or(&lower);
        let base = own.split(['.', '[']).next().unwrap_or(own);
        // What is null is as good as not there; what is taken away is null.
        let given = Some(value).filter(|value| op != Op::Remove && !value.is_null());
        match base {
            "active" => match given {
                Some(value) => self.active = Some(flag(value)?),
                None if op == Op::Remove => return Err(Fault::odd("mutability", "`active` is true or false, and cannot be removed")),
                None => {}
            },
            "username" => self.user_name = given.map(|value| text("userName", value)).transpose()?.or(self.user_name.take()),
            "displayname" => self.display = given.map(|value| text("displayName", value)).transpose()?.or(self.display.take()),
            "externalid" => self.external = Some(given.map(|value| text("externalId", value)).transpose()?),
            "preferredlanguage" => self.language = given.map(|value| text("preferredLanguage", value)).transpose()?,
            "name" => self.put_name(op, own, value)?,
            "emails" => self.put_email(own, given)?,
            "entitlements" => self.put_entitlements(op, path, value)?,
            "roles" => self.roles = Some(given.map(|value| values("roles", value)).transpose()?.unwrap_or_default()),
            known if PASSED_OVER.contains(&known) || own.starts_with("urn:") => {}
            _ => return Err(Fault::odd("invalidPath", format!("`{path}` is no attribute of a user"))),
        }
        Ok(())
    }

    fn put_name(&mut self, op: Op, path: &str, value: &Value) -> Result<(), Fault> {
        if op == Op::Remove || value.is_null() {
            return Ok(());
        }
        let place = match path.strip_prefix("name").unwrap_or_default() {
            "" => {
                let parts = value.as_object().ok_or_else(|| Fault::odd("invalidValue", "`name` has parts"))?;
                return parts.iter().try_for_each(|(part, value)| self.put_name(op, &format!("name.{}", part.to_ascii_lowercase()), value));
            }
            ".formatted" => &mut self.formatted,
            ".givenname" => &mut self.given,
            ".familyname" => &mut self.family,
            ".middlename" | ".honorificprefix" | ".honorificsuffix" => return Ok(()),
            _ => return Err(Fault::odd("invalidPath", format!("`{path}` is no attribute of a user"))),
        };
        *place = Some(text(path, value)?);
        Ok(())
    }

    /// Of several addresses the one for work is the one that counts.
    fn put_email(&mut self, path: &str, given: Option<&Value>) -> Result<(), Fault> {
        let of_another_kind = path.contains('[') && !path.contains("work") && !path.contains("primary");
        if let Some(value) = given.filter(|_| !of_another_kind) {
            self.emails = Some(values("emails", value)?);
        }
        Ok(())
    }

    fn put_entitlements(&mut self, op: Op, path: &str, value: &Value) -> Result<(), Fault> {
        let held = self.entitlements.take().unwrap_or_default();
        // `entitlements[value eq "charts"]`
        let one = path.split_once('[').map(|(_, rest)| rest.split('"').nth(1).unwrap_or_default().to_owned());
        let named = match (&one, value) {
            (Some(one), Value::Null) => vec![one.clone()],
            (None, Value::Null) => Vec::new(),
            (_, value) => values("entitlements", value)?,
        };
        self.entitlements = Some(match op {
            Op::Add => held.into_iter().filter(|own| !named.contains(own)).chain(named.clone()).collect(),
            Op::Replace => named,
            Op::Remove if named.is_empty() => Vec::new(),
            Op::Remove => held.into_iter().filter(|own| !named.iter().any(|gone| app_of(gone) == app_of(own))).collect(),
        });
        Ok(())
    }
}

/// The app in `app` or `app/role`.
pub(super) fn app_of(entitlement: &str) -> &str {
    entitlement.split('/').next().unwrap_or(entitlement)
}

/// True or false, in a string, too, as some directories write it.
fn flag(value: &Value) -> Result<bool, Fault> {
    let value = alone(value);
    let word = value.as_str().map(str::to_ascii_lowercase);
    let read = value.as_bool().or_else(|| word.and_then(|word| word.parse().ok()));
    read.ok_or_else(|| Fault::odd("invalidValue", format!("`active` is true or false, not {value}")))
}

fn text(name: &str, value: &Value) -> Result<String, Fault> {
    let value = alone(value);
    value.as_str().map(str::to_owned).ok_or_else(|| Fault::odd("invalidValue", format!("`{name}` is a text, not {value}")))
}

/// Some directories wrap one value into a list and an object.
fn alone(value: &Value) -> &Value {
    let inner = value.as_array().filter(|list| list.len() == 1).and_then(|list| list.first()).unwrap_or(value);
    inner.get("value").unwrap_or(inner)
}

/// The values of an attribute that has several: texts, or objects with a `value`.
fn values(name: &str, value: &Value) -> Result<Vec<String>, Fault> {
    let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    list.iter().map(|one| text(name, one)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(operations: &Value) -> Option<Edit> {
        Edit::of_patch(
            &json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}),
            &["charts".to_owned()],
        )
        .ok()
    }

    #[test]
    fn access_is_taken_back_in_every_shape_that_directories_send() {
        for operation in [
            json!({"op": "replace", "path": "active", "value": false}),
            json!({"op": "Replace", "path": "active", "value": "False"}),
            json!({"op": "replace", "value": {"active": false}}),
            json!({"op": "Replace", "value": {"active": "False"}}),
            json!({"op": "Add", "path": "active", "value": "false"}),
            json!({"op": "replace", "path": "active", "value": [{"value": false}]}),
            json!({"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": false}),
        ] {
            assert_eq!(patched(&json!([operation])), Some(Edit { active: Some(false), ..Edit::default() }), "{operation}");
        }
    }

    #[test]
    fn what_directories_send_is_read_and_what_is_no_attribute_is_refused() {
        let edit = patched(&json!([
            {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ann@partner.example"},
            {"op": "Add", "value": {"displayName": "Ann", "name.givenName": "A", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "x"}},
            {"op": "Add", "path": "name.familyName", "value": "Lee"},
            {"op": "Replace", "path": "title", "value": "Dr"},
            {"op": "Remove", "path": "externalId"},
            {"op": "Add", "path": "entitlements", "value": [{"value": "orders/editor"}]},
            {"op": "Add", "path": "roles", "value": [{"primary": true, "value": "viewer"}]},
        ]))
        .unwrap();
        assert_eq!((edit.name(false), edit.external.clone()), (Some("Ann".to_owned()), Some(None)));
        assert_eq!(edit.entitlements, Some(vec!["charts".to_owned(), "orders/editor".to_owned()]));
        assert_eq!((edit.roles, edit.emails), (Some(vec!["viewer".to_owned()]), Some(vec!["ann@partner.example".to_owned()])));
        let gone = patched(&json!([{"op": "remove", "path": "entitlements[value eq \"charts\"]"}])).unwrap();
        assert_eq!(gone.entitlements, Some(vec![]));
        for odd in [
            json!([]),
            json!([{"op": "replace", "path": "actve", "value": false}]),
            json!([{"op": "replace", "value": {"Actvie": false}}]),
            json!([{"op": "replace", "path": "active", "value": "no"}]),
            json!([{"op": "replace", "path": "active", "value": 0}]),
            json!([{"op": "remove", "path": "active"}]),
            json!([{"op": "remove"}]),
            json!([{"op": "move", "path": "active", "value": false}]),
            json!([{"op": "replace", "value": "x"}]),
            json!([{"op": "replace", "path": "displayName", "value": 1}]),
        ] {
            assert_eq!(patched(&odd), None, "{odd}");
        }
    }
}
