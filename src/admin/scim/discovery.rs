//! What a directory asks first: what we can, which kinds of resources there are, and what they are made of.

use http::StatusCode;
use serde_json::{Value, json};

use super::{
    super::{asker::Asker, input::Path},
    Fault, USER, answered,
};
use crate::web::Answer;

const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

pub(super) async fn provider(Asker { state, .. }: Asker) -> Result<Answer, Fault> {
    let config = &state.live.snapshot().config;
    let location = format!("{}/scim/v2/ServiceProviderConfig", config.origin(&config.portal.host));
    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true}, "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": true, "maxResults": 200}, "changePassword": {"supported": false}, "sort": {"supported": false},
        "etag": {"supported": true},
        "authenticationSchemes": [{
            "type": "oauthbearertoken", "name": "Bearer token", "description": "A token that `guestgate token create` has made", "primary": true,
        }],
        "meta": {"resourceType": "ServiceProviderConfig", "location": location},
    });
    Ok(answered(StatusCode::OK, &body))
}

pub(super) async fn kinds(_: Asker) -> Result<Answer, Fault> {
    Ok(listed(&[user_kind()]))
}

pub(super) async fn kind(_: Asker, Path(id): Path<String>) -> Result<Answer, Fault> {
    if id == "User" { Ok(answered(StatusCode::OK, &user_kind())) } else { Err(Fault::missing(&id)) }
}

pub(super) async fn schemas(_: Asker) -> Result<Answer, Fault> {
    Ok(listed(&[user_schema()]))
}

pub(super) async fn schema(_: Asker, Path(id): Path<String>) -> Result<Answer, Fault> {
    if id.eq_ignore_ascii_case(USER) { Ok(answered(StatusCode::OK, &user_schema())) } else { Err(Fault::missing(&id)) }
}

fn listed(items: &[Value]) -> Answer {
    let n = items.len();
    answered(StatusCode::OK, &json!({"schemas": [LIST], "totalResults": n, "startIndex": 1, "itemsPerPage": n, "Resources": items}))
}

fn user_kind() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "id": "User", "name": "User", "endpoint": "/Users",
        "description": "A guest, or somebody who is invited", "schema": USER, "schemaExtensions": [],
        "meta": {"resourceType": "ResourceType"},
    })
}

fn user_schema() -> Value {
    let attribute = |name: &str, kind: &str, mutability: &str, means: &str| {
        json!({
            "name": name, "type": kind, "multiValued": false, "description": means, "required": name == "userName", "caseExact": name == "externalId",
            "mutability": mutability, "returned": "default", "uniqueness": if name == "userName" { "server" } else { "none" },
        })
    };
    let several = |name: &str, means: &str| {
        let mut whole = attribute(name, "complex", "readWrite", means);
        whole["multiValued"] = json!(true);
        whole["subAttributes"] = json!([attribute("value", "string", "readWrite", means)]);
        whole
    };
    let mut name = attribute("name", "complex", "readWrite", "What people call the guest; the parts are joined");
    name["subAttributes"] = json!([
        attribute("formatted", "string", "readWrite", "The whole name"),
        attribute("givenName", "string", "writeOnly", "The given name"),
        attribute("familyName", "string", "writeOnly", "The family name"),
    ]);
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": USER, "name": "User",
        "description": "A guest, or somebody who is invited",
        "attributes": [
            attribute("userName", "string", "immutable", "The address to which the invitation goes: it is who the guest is"),
            attribute("externalId", "string", "readWrite", "What the directory calls the person"),
            attribute("displayName", "string", "readWrite", "What people call the guest"),
            name,
            attribute("active", "boolean", "readWrite", "Whether the person may come, or need only accept the invitation"),
            attribute("preferredLanguage", "string", "readWrite", "In which language the invitation is written"),
            several("emails", "The address once more"),
            several("entitlements", "Applications, as `app` or `app/role`"),
            several("roles", "The role in applications that name none"),
        ],
        "meta": {"resourceType": "Schema"},
    })
}
