//! Who may do what: every route that there is, asked by every kind of actor. A route without a line fails here.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    super::facades::FACADES,
    kit::{Answer, House},
};
use crate::{
    base::{Reviewers, Span},
    directory::{Asker, Asks, Endowment, Power, Request, RequestDraft, RequestKind, Review, ReviewDraft},
    store::suite,
};

/// Who asks, the weakest first: what the strong ones change is then no obstacle for others.
const ACTORS: [&str; 8] = ["nobody", "guest", "reader", "inviter", "owner of another", "owner", "admin", "machine"];

/// A house with one of everything, and what is shown by whom.
struct Scene {
    house: House,
    ids: [(&'static str, String); 6],
    tokens: Vec<(&'static str, String)>,
}

impl Scene {
    async fn set() -> Self {
        let house = House::open().await;
        let store = &*house.state.store;
        let (ann, _) = suite::accepted(store, "ann").await;
        let pending = suite::invited(store, "bob").await;
        let grants = store.grants_of(ann.id).await.unwrap();
        let draft = RequestDraft {
            kind: RequestKind::Extension,
            app: suite::charts(),
            reason: None,
            answers: Vec::new(),
            endowment: Endowment::default(),
            name: None,
            language: None,
            lifetime: Span::days(7),
            asks: Asks::People,
            mails: Vec::new(),
        };
        let asker = Asker { email: &ann.email, guest: Some(&ann), earlier: None, others: &[] };
        let (request, proposal) = Request::file(&house.state.occasion(), asker, draft).unwrap();
        store.commit(proposal).await.unwrap();
        let rules = ReviewDraft { app: suite::charts(), reviewers: Reviewers::Owners, answer_within: Span::days(14), found: 1 };
        let (review, proposal) = Review::open(&house.state.occasion(), rules);
        store.commit(proposal).await.unwrap();
        let (spare, _) = house.token(Power::Reader).await;
        let orders = crate::base::AppId::parse("orders").unwrap();
        let mut tokens = Vec::new();
        for (who, power) in [
            ("reader", Power::Reader),
            ("inviter", Power::Inviter),
            ("owner of another", Power::Owner(vec![orders])),
            ("owner", Power::Owner(vec![suite::charts()])),
            ("admin", Power::Admin),
        ] {
            tokens.push((who, house.token(power).await.1));
        }
        let ids = [
            ("invitations", pending.id.to_string()),
            ("guests", ann.id.to_string()),
            ("grants", grants[0].id.to_string()),
            ("requests", request.id.to_string()),
            ("tokens", spare.id.to_string()),
            ("reviews", review.id.to_string()),
        ];
        Self { house, ids, tokens }
    }

    /// The path with the id of what is there.
    fn path(&self, template: &str) -> String {
        let resource = if template.starts_with("/api/") { template.split('/').nth(3).unwrap_or_default() } else { "guests" };
        match self.ids.iter().find(|(name, _)| *name == resource) {
            Some((_, id)) => template.replace("{id}", id),
            None => template.to_owned(),
        }
    }

    async fn ask(&self, who: &str, method: &Method, path: &str, body: &str) -> Answer {
        match who {
            "machine" => self.house.ask_as_machine(method, path, body).await,
            "nobody" => self.house.ask(method, path, &[], body).await,
            "guest" => self.house.ask(method, path, &[("cookie", "__Host-guestgate=a-session")], body).await,
            _ => {
                let token = self.tokens.iter().find(|(name, _)| *name == who).map(|(_, token)| format!("Bearer {token}")).unwrap();
                self.house.ask(method, path, &[("authorization", &token)], body).await
            }
        }
    }
}

/// What is sent to a route, so that it is refused for who asks and for nothing else.
fn body(method: &Method, template: &str) -> Value {
    match (method.as_str(), template.strip_prefix("/api/v1/").unwrap_or(template)) {
        ("POST", "invitations") => json!({"email": "new@partner.example", "apps": [{"app": "charts"}], "send": false}),
        ("POST", "invitations/bulk") => json!({"rows": []}),
        ("PATCH", "guests/{id}") => json!({"name": "Ann"}),
        ("POST", "grants") => json!({"guest": "ann@partner.example", "app": "charts"}),
        ("PATCH", "grants/{id}") => json!({"extend_by": "1d"}),
        ("POST", "members/link") => json!({"email": "nobody@example.com"}),
        ("POST", "mails/bounced") => json!({"message": "no notice"}),
        ("POST", "policies/evaluate") => json!({"app": "charts"}),
        ("POST", "policies/confirm") => json!({"version": "none"}),
        ("POST", "audit/forward/{place}/replay") => json!({"after": 0}),
        ("POST", "reviews") => json!({"app": "charts"}),
        ("POST", "reviews/{id}/decide") => json!({"decision": "keep", "rest": true}),
        ("POST", "tokens") => json!({"role": "reader"}),
        ("POST", "/v1.0/invitations") => {
            json!({"invitedUserEmailAddress": "new@partner.example", "inviteRedirectUrl": "https://charts.example.com/"})
        }
        ("PATCH", "/v1.0/users/{id}") => json!({"displayName": "Ann"}),
        ("POST", "/v1.0/identity/conditionalAccess/evaluate") => json!({"signInContext": {"includeApplications": ["charts"]}}),
        ("POST", "/v1.0/$batch") => json!({"requests": []}),
        ("POST", "/access/v1/evaluation" | "/access/v1/evaluations") => {
            let subject = json!({"type": "user", "id": "ann@partner.example"});
            json!({"subject": subject, "action": {"name": "can_read"}, "resource": {"type": "app", "id": "charts"}})
        }
        ("POST", "/scim/v2/Users") => json!({"userName": "new@partner.example", "entitlements": [{"value": "charts"}]}),
        ("PUT", "/scim/v2/Users/{id}") => json!({"userName": "ann@partner.example", "displayName": "Ann"}),
        ("PATCH", "/scim/v2/Users/{id}") => {
            json!({"Operations": [{"op": "replace", "path": "displayName", "value": "Ann"}]})
        }
        _ => json!({}),
    }
}

/// Whether it is the actor's to do, whatever else may be wrong with it.
fn verdict(answer: &Answer, hides: bool) -> &'static str {
    match answer.status {
        StatusCode::UNAUTHORIZED => "401",
        StatusCode::FORBIDDEN => "403",
        // Who may not see somebody is not told that there is somebody.
        StatusCode::NOT_FOUND if hides || answer.body.contains("there is no guest") || answer.body.contains("there is no invitation") => {
            "404"
        }
        other => {
            assert!(!other.is_server_error(), "{other}: {}", answer.body);
            "yes"
        }
    }
}

#[tokio::test]
async fn every_route_says_who_may() {
    let described = House::open().await.description().await;
    let mut lines = vec![format!("{:<52}{}", "", ACTORS.join(" | "))];
    let own = described["paths"].as_object().unwrap().iter();
    let own = own.map(|(template, item)| (template.as_str(), item.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>()));
    let theirs = FACADES.iter().flat_map(|facade| facade.routes);
    let theirs = theirs.map(|route| (route.path, route.verbs.iter().map(|(verb, ..)| *verb).collect::<Vec<_>>()));
    for (template, verbs) in own.chain(theirs) {
        for verb in verbs {
            let method: Method = verb.to_uppercase().parse().unwrap();
            let scene = Scene::set().await;
            let path = scene.path(template);
            // What is served to tokens alone is not on the control socket.
            let actors = ACTORS.iter().filter(|who| template.starts_with("/api/") || **who != "machine");
            let mut verdicts = Vec::new();
            for who in actors {
                let answer = scene.ask(who, &method, &path, &body(&method, template).to_string()).await;
                verdicts.push(format!("{:<width$}", verdict(&answer, !template.starts_with("/api/")), width = who.len()));
            }
            lines.push(format!("{:<52}{}", format!("{method} {template}"), verdicts.join(" | ").trim_end()));
        }
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn what_has_others_shapes_is_described_and_there() {
    let scene = Scene::set().await;
    for facade in &FACADES {
        let described = scene.house.ask(&Method::GET, facade.path, &[], "").await;
        let described: Value = serde_json::from_str(&described.body).unwrap();
        for (template, item) in described["paths"].as_object().unwrap() {
            for (verb, operation) in item.as_object().unwrap() {
                let method: Method = verb.to_uppercase().parse().unwrap();
                let answer = scene.ask("reader", &method, &scene.path(template), &body(&method, template).to_string()).await;
                assert!(operation["responses"][answer.status.as_str()].is_object(), "{verb} {template}: {} {}", answer.status, answer.body);
                assert!(!answer.body.contains("there is no such resource here"), "{verb} {template}");
            }
        }
    }
}

#[tokio::test]
async fn the_description_names_no_route_that_is_not_there() {
    let scene = Scene::set().await;
    let described = scene.house.description().await;
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"), "{}", described["openapi"]);
    for (template, item) in described["paths"].as_object().unwrap() {
        for (verb, operation) in item.as_object().unwrap() {
            assert!(operation["responses"]["401"].is_object() && operation["summary"].is_string(), "{verb} {template}");
            let method: Method = verb.to_uppercase().parse().unwrap();
            let answer = scene.ask("admin", &method, &scene.path(template), &body(&method, template).to_string()).await;
            assert!(!answer.body.contains("nothing is here") && answer.status != StatusCode::METHOD_NOT_ALLOWED, "{verb} {template}");
            assert_eq!(answer.headers["cache-control"], "no-store", "{verb} {template}");
        }
    }
}
