//! `/access/v1`: the Authorization API 1.0 of AuthZEN. Other programs ask whether somebody may do something with an application, and get
//! what the policies in force would decide, and why.
//!
//! The subject is a guest, the resource an application or a page of it. What cannot be read is refused, what is not known is not allowed;
//! who asks sees what the rest of the API lets them see, so that nobody learns here who comes to another's application.

use axum::{
    Extension, Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
    routing::{get, post},
};
use http::{HeaderName, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    AdminState, MOST,
    asker::Asker,
    bearer::Allowance,
    evaluate::{Asked, answer},
    input::{Body, app},
    trouble::Trouble,
};
use crate::{
    directory::{Actor, sight},
    web::Answer,
};

/// What a client calls its request; it comes back.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Most evaluations of one request.
const MOST_EVALUATIONS: usize = 100;

/// Whether somebody may do something.
#[derive(Debug, Deserialize)]
struct Question {
    subject: Entity,
    action: Action,
    resource: Entity,
    #[serde(default)]
    context: Map<String, Value>,
}

/// A subject or a resource. What else stands in it is for others.
#[derive(Debug, Deserialize)]
struct Entity {
    r#type: String,
    id: String,
    #[serde(default)]
    properties: Map<String, Value>,
}

/// What is to be done.
#[derive(Debug, Deserialize)]
struct Action {
    name: String,
}

/// What a context may say about a request; what the directory knows is not for the asker to say, and everything else is for others.
const CONTEXT: [&str; 7] = ["ip", "country", "asn", "platform", "device", "client", "at"];

/// When the rest of several evaluations is left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Semantic {
    #[default]
    ExecuteAll,
    DenyOnFirstDeny,
    PermitOnFirstPermit,
}

/// The routes; who asks is found out by a layer that the caller adds.
pub(super) fn router(state: AdminState) -> Router {
    Router::new()
        .route("/access/v1/evaluation", post(evaluation))
        .route("/access/v1/evaluations", post(evaluations))
        .fallback(async || Trouble::NotFound("there is no such resource here".to_owned()))
        .method_not_allowed_fallback(async || Trouble::Method)
        .layer(axum::extract::DefaultBodyLimit::max(MOST))
        .with_state(state)
}

/// Where all of it is, which is no secret.
pub(super) fn metadata(state: AdminState) -> Router {
    let answer = async move || {
        let config = &state.live.snapshot().config;
        let origin = config.origin(&config.portal.host);
        let body = json!({
            "policy_decision_point": origin, "access_evaluation_endpoint": format!("{origin}/access/v1/evaluation"),
            "access_evaluations_endpoint": format!("{origin}/access/v1/evaluations"),
        });
        Answer::json(StatusCode::OK, "application/json", body.to_string())
    };
    Router::new().route("/.well-known/authzen-configuration", get(answer))
}

/// Gives every answer the name of its request.
pub(super) fn named(router: Router) -> Router {
    router.layer(middleware::from_fn(async |request: Request, next: Next| -> Response {
        let id = request.headers().get(REQUEST_ID).cloned();
        let mut response = next.run(request).await;
        if let Some(id) = id {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }))
}

async fn evaluation(Asker { state, actor }: Asker, Body(sent): Body<Value>) -> Result<Answer, Trouble> {
    let _ = sight(&actor)?;
    Ok(told(&decide(&state, &actor, &sent).await?))
}

async fn evaluations(
    Asker { state, actor }: Asker,
    Extension(allowance): Extension<Allowance>,
    Body(sent): Body<Value>,
) -> Result<Answer, Trouble> {
    let _ = sight(&actor)?;
    let semantic = match sent.pointer("/options/evaluations_semantic") {
        None => Semantic::default(),
        Some(word) => Semantic::deserialize(word).map_err(|e| Trouble::Input(format!("`evaluations_semantic`: {e}")))?,
    };
    let list = match sent.get("evaluations") {
        None => &Vec::new(),
        Some(list) => list.as_array().ok_or_else(|| Trouble::Input("`evaluations` is a list".to_owned()))?,
    };
    // Without a list it is one evaluation.
    if list.is_empty() {
        return Ok(told(&decide(&state, &actor, &sent).await?));
    }
    if list.len() > MOST_EVALUATIONS {
        return Err(Trouble::Input(format!("at most {MOST_EVALUATIONS} evaluations are made at once")));
    }
    let mut decisions = Vec::with_capacity(list.len());
    for (n, one) in list.iter().enumerate() {
        // The first one was counted with the request.
        if n > 0 {
            allowance.another()?;
        }
        let decided = match decide(&state, &actor, &with_defaults(&sent, one)).await {
            Ok(decided) => decided,
            Err(trouble) if trouble.is_ours() => return Err(trouble),
            // What cannot be decided is no, and the others are answered all the same.
            Err(trouble) => {
                let status = trouble.status().as_u16();
                json!({"decision": false, "context": {"error": {"status": status, "message": trouble.detail()}}})
            }
        };
        let permitted = decided.get("decision") == Some(&json!(true));
        decisions.push(decided);
        match semantic {
            Semantic::DenyOnFirstDeny if !permitted => break,
            Semantic::PermitOnFirstPermit if permitted => break,
            Semantic::ExecuteAll | Semantic::DenyOnFirstDeny | Semantic::PermitOnFirstPermit => {}
        }
    }
    Ok(told(&json!({ "evaluations": decisions })))
}

/// One of several questions: what it does not say itself is said above it.
fn with_defaults(above: &Value, one: &Value) -> Value {
    let said = |name: &&str| one.get(*name).or_else(|| above.get(*name)).map(|value| ((*name).to_owned(), value.clone()));
    Value::Object(["subject", "action", "resource", "context"].iter().filter_map(said).collect())
}

/// The decision about one question.
async fn decide(state: &AdminState, actor: &Actor, sent: &Value) -> Result<Value, Trouble> {
    let question = Question::deserialize(sent).map_err(|e| Trouble::Input(format!("the question is not what is expected: {e}")))?;
    let asked = match question.asked() {
        Ok(asked) => asked,
        Err(reason) => return Ok(json!({"decision": false, "context": {"reason": reason}})),
    };
    if app(&state.live.snapshot().config, &asked.app).is_err() {
        return Ok(nobody());
    }
    let explained = match answer(state, actor, asked).await {
        Ok(explained) => explained,
        // Who is not here may do nothing, and whoever may not see somebody is told the same.
        Err(Trouble::NotFound(_) | Trouble::Denied) => {
            return Ok(nobody());
        }
        Err(other) => return Err(other),
    };
    let word = explained.get("decision").cloned().unwrap_or_default();
    let context = json!({
        "reason": word, "policies": explained.get("policies"), "policy_version": explained.get("policy_version"), "risk": explained.get("risk"),
    });
    Ok(json!({"decision": word == json!("allow"), "context": context}))
}

fn nobody() -> Value {
    json!({"decision": false, "context": {"reason": "nobody whom you see may do this"}})
}

impl Question {
    /// The question in our words; or why it is about nothing that there is.
    fn asked(self) -> Result<Asked, String> {
        if !matches!(self.subject.r#type.as_str(), "user" | "guest") {
            return Err(format!("there are no subjects of the type `{}`", self.subject.r#type));
        }
        let (app, path): (String, String) = match self.resource.r#type.as_str() {
            "app" | "application" => {
                (self.resource.id, self.resource.properties.get("path").and_then(Value::as_str).unwrap_or("/").to_owned())
            }
            other => return Err(format!("there are no resources of the type `{other}`")),
        };
        let method = match self.action.name.as_str() {
            "can_access" | "access" | "can_read" | "read" => "GET".to_owned(),
            method if method.chars().all(|c| c.is_ascii_uppercase()) && !method.is_empty() => method.to_owned(),
            other => return Err(format!("there is no action `{other}`")),
        };
        let given = self.context.into_iter().filter(|(word, _)| CONTEXT.contains(&word.as_str())).collect();
        Ok(Asked { app, guest: Some(self.subject.id), given, request: Some(format!("{method} {path}")) })
    }
}

fn told(body: &Value) -> Answer {
    Answer::json(StatusCode::OK, "application/json", body.to_string())
}
