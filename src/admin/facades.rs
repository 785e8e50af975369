//! Descriptions (OpenAPI 3.1) of what has others' shapes: the façade for Microsoft Graph, SCIM, and AuthZEN.
//!
//! What is sent and answered there is described where those shapes come from. Here stands which routes there are and what they may answer, so
//! that nothing is served that is described nowhere; a test asks every route by every kind of actor.

use axum::{Router, routing::get};
use http::header;
use serde_json::{Map, Value, json};

use super::openapi::TROUBLES;

/// One of them.
pub(super) struct Facade {
    /// Where its description is.
    pub(super) path: &'static str,
    title: &'static str,
    media: &'static str,
    /// What goes wrong is told as this.
    troubles: &'static str,
    pub(super) routes: &'static [Route],
}

/// A path, its verbs with the status of an answer that goes well, and what each does.
pub(super) struct Route {
    pub(super) path: &'static str,
    pub(super) verbs: &'static [(&'static str, &'static str, &'static str)],
}

const fn route(path: &'static str, verbs: &'static [(&'static str, &'static str, &'static str)]) -> Route {
    Route { path, verbs }
}

/// All of them.
pub(super) const FACADES: [Facade; 3] = [
    Facade {
        path: "/api/openapi/graph.json",
        title: "Guestgate, as Microsoft Graph v1.0",
        media: "application/json",
        troubles: "application/json",
        routes: &[
            route("/v1.0/invitations", &[("post", "201", "Invites to the app whose host `inviteRedirectUrl` names")]),
            route("/v1.0/users", &[("get", "200", "Guests, and those who are only invited")]),
            route("/v1.0/users/{id}", &[("get", "200", "One of them"), ("patch", "204", "Changes one"), ("delete", "204", "Removes one")]),
            route("/v1.0/users/{id}/revokeSignInSessions", &[("post", "200", "Ends all sessions of one")]),
            route("/v1.0/directory/deletedItems/{id}/restore", &[("post", "200", "Brings one back who was removed")]),
            route("/v1.0/identity/conditionalAccess/policies", &[("get", "200", "The policies in force")]),
            route("/v1.0/identity/conditionalAccess/namedLocations", &[("get", "200", "The networks that policies name")]),
            route("/v1.0/identity/conditionalAccess/evaluate", &[("post", "200", "What would be decided")]),
            route("/v1.0/auditLogs/signIns", &[("get", "200", "Who signed in")]),
            route("/v1.0/$batch", &[("post", "200", "Several requests at once")]),
        ],
    },
    Facade {
        path: "/api/openapi/scim.json",
        title: "Guestgate, as SCIM 2.0",
        media: "application/scim+json",
        troubles: "application/scim+json",
        routes: &[
            route("/scim/v2/ServiceProviderConfig", &[("get", "200", "What is supported")]),
            route("/scim/v2/ResourceTypes", &[("get", "200", "The kinds of resources")]),
            route("/scim/v2/Schemas", &[("get", "200", "What is said of people")]),
            route("/scim/v2/Users", &[("get", "200", "Guests"), ("post", "201", "Provisions one")]),
            route(
                "/scim/v2/Users/{id}",
                &[
                    ("get", "200", "One guest"),
                    ("put", "200", "Makes one what is sent"),
                    ("patch", "200", "Changes one"),
                    ("delete", "204", "Deprovisions one"),
                ],
            ),
        ],
    },
    Facade {
        path: "/api/openapi/access.json",
        title: "Guestgate, as AuthZEN 1.0",
        media: "application/json",
        troubles: "application/problem+json",
        routes: &[
            route("/access/v1/evaluation", &[("post", "200", "Whether somebody may do something")]),
            route("/access/v1/evaluations", &[("post", "200", "The same, several times")]),
        ],
    },
];

/// The descriptions, which are no secret.
pub(super) fn descriptions() -> Router {
    FACADES.iter().fold(Router::new(), |router, facade| {
        let text = facade.described().to_string();
        router.route(facade.path, get(async move || ([(header::CONTENT_TYPE, "application/json")], text.clone())))
    })
}

impl Facade {
    /// The whole description.
    pub(super) fn described(&self) -> Value {
        let mut paths = Map::new();
        for route in self.routes {
            let verbs = route.verbs.iter().map(|verb| (verb.0.to_owned(), self.operation(route.path, *verb)));
            paths.insert(route.path.to_owned(), Value::Object(verbs.collect()));
        }
        json!({
            "openapi": "3.1.0",
            "info": {"title": self.title, "version": "1"},
            "security": [{"token": []}],
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
            "paths": paths,
        })
    }

    fn operation(&self, path: &str, (verb, status, summary): (&str, &str, &str)) -> Value {
        let object = |media: &str| json!({media: {"schema": {"type": "object"}}});
        let mut responses = Map::new();
        for (status, means) in TROUBLES {
            responses.insert(status.to_owned(), json!({"description": means, "content": object(self.troubles)}));
        }
        let done =
            if status == "204" { json!({"description": "Done"}) } else { json!({"description": "Done", "content": object(self.media)}) };
        responses.insert(status.to_owned(), done);
        let mut operation = json!({"summary": summary, "responses": responses});
        if let Some(operation) = operation.as_object_mut() {
            if matches!(verb, "post" | "put" | "patch") {
                operation.insert("requestBody".to_owned(), json!({"content": object(self.media)}));
            }
            if path.contains("{id}") {
                let id = json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "minLength": 1}}]);
                operation.insert("parameters".to_owned(), id);
            }
        }
        operation
    }
}
