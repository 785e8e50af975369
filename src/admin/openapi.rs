//! The description of the API (OpenAPI 3.1), made from the handlers: what they take and give is written beside them, and what is the same for
//! all of them is added here.

use utoipa::{
    OpenApi as _,
    openapi::{
        Components, Content, OpenApi, Ref, RefOr, Response, ResponseBuilder, SecurityRequirement,
        path::Operation,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};

/// What went wrong.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes what `web::Problem` writes")]
pub(super) struct Problem {
    /// The kind, as `urn:guestgate:problem:…`.
    r#type: String,
    /// The kind in words.
    title: String,
    /// As in the answer.
    status: u16,
    /// What happened to this request.
    detail: Option<String>,
}

/// What is not said by the handlers.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Guestgate",
        version = "1",
        description = "Guests, invitations, grants, requests, policies and the audit log of a gateway."
    ),
    components(schemas(Problem))
)]
struct Base;

/// What may go wrong with any request.
pub(super) const TROUBLES: [(&str, &str); 10] = [
    ("400", "The request cannot be used; the answer says what would be"),
    ("401", "No token, or one that does not hold"),
    ("403", "It is not the asker's to do"),
    ("404", "It is not there, or not for the asker"),
    ("409", "It contradicts what is there, or nothing would change"),
    ("412", "It is another version than `If-Match` names"),
    ("413", "The body is too large"),
    ("422", "The `Idempotency-Key` was used for another body"),
    ("429", "Too fast; `Retry-After` says when to come again"),
    ("503", "The database does not answer, or the change is not in force yet"),
];

/// What the description begins with.
pub(super) fn base() -> OpenApi {
    Base::openapi()
}

/// The description as it is served.
pub(super) fn finished(mut described: OpenApi) -> OpenApi {
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    described.components.get_or_insert_with(Components::new).add_security_scheme("token", scheme);
    described.security = Some(vec![SecurityRequirement::new::<&str, [&str; 0], &str>("token", [])]);
    for item in described.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        all.into_iter().flatten().for_each(add_troubles);
    }
    described
}

fn add_troubles(operation: &mut Operation) {
    for (status, means) in TROUBLES {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(trouble(means)));
    }
}

fn trouble(means: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(means).content("application/problem+json", content).build()
}
