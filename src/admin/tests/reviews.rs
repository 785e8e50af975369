//! Access reviews by the API: who is shown what, what an answer does, and the report; and accesses that exclude each other.

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{
    base::{AppId, Exclusions, Span},
    directory::{Actor, Grant, GrantDraft, ManageGrants, Power, Target, may},
    live::Snapshot,
    store::suite,
};

async fn get(house: &House, path: &str) -> Value {
    let answer = house.ask_as_machine(&Method::GET, path, "").await;
    assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
    serde_json::from_str(&answer.body).unwrap_or(Value::String(answer.body))
}

async fn post(house: &House, path: &str, body: Value) -> (u16, Value) {
    let answer = house.ask_as_machine(&Method::POST, path, &body.to_string()).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap())
}

async fn as_bearer(house: &House, power: Power, method: &Method, path: &str, body: Value) -> Answer {
    let token = format!("Bearer {}", house.token(power).await.1);
    house.ask(method, path, &[("authorization", &token)], &body.to_string()).await
}

fn orders() -> AppId {
    AppId::parse("orders").unwrap()
}

#[tokio::test]
async fn a_review_is_begun_answered_and_reported() {
    let house = House::open().await;
    for name in ["ann", "bob", "cay", "dan"] {
        suite::accepted(&*house.state.store, name).await;
    }
    let (status, review) = post(&house, "/api/v1/reviews", json!({"app": "charts", "answer_within": "7d"})).await;
    assert_eq!((status, &review["status"], &review["left"]), (201, &json!("open"), &json!(4)), "{review}");
    assert_eq!(post(&house, "/api/v1/reviews", json!({"app": "charts"})).await.0, 409, "one at a time");
    assert_eq!(post(&house, "/api/v1/reviews", json!({"app": "orders"})).await.0, 409, "nobody has access");
    let own = format!("/api/v1/reviews/{}", review["id"].as_str().unwrap());
    let left = get(&house, &format!("{own}/left?limit=3")).await;
    let rest = get(&house, &format!("{own}/left?limit=3&cursor={}", left["next"].as_str().unwrap())).await;
    let all: Vec<&Value> = [&left, &rest].iter().flat_map(|page| page["items"].as_array().unwrap()).collect();
    assert_eq!(all.len(), 4);
    let grant = |name: &str| all.iter().find(|one| one["email"].as_str().unwrap().starts_with(name)).unwrap()["grant"].clone();
    let (status, said) = post(&house, &format!("{own}/decide"), json!({"decision": "keep", "grants": [grant("ann")]})).await;
    assert_eq!((status, said), (200, json!({"answered": 1, "left": 3})));
    let (_, said) = post(&house, &format!("{own}/decide"), json!({"decision": "remove", "grants": [grant("bob"), grant("bob")]})).await;
    assert_eq!(said, json!({"answered": 1, "left": 2}));
    let bob = get(&house, "/api/v1/grants?guest=bob@partner.example").await;
    assert_eq!(bob["items"][0]["status"], "revoked");
    for wrong in [json!({"decision": "keep"}), json!({"decision": "keep", "grants": ["x"], "rest": true}), json!({"decision": "end"})] {
        assert_eq!(post(&house, &format!("{own}/decide"), wrong.clone()).await.0, 400, "{wrong}");
    }
    assert_eq!(post(&house, &format!("{own}/decide"), json!({"decision": "keep", "grants": ["none"]})).await.0, 404);
    let again = post(&house, &format!("{own}/decide"), json!({"decision": "keep", "grants": [grant("bob")]})).await;
    assert_eq!(again.0, 409, "it has ended");
    let (_, said) = post(&house, &format!("{own}/decide"), json!({"decision": "keep", "rest": true})).await;
    assert_eq!(said, json!({"answered": 2, "left": 0}));
    let report = get(&house, &format!("{own}/report")).await;
    let outcome = |name: &str| {
        let row = report.as_array().unwrap().iter().find(|row| row["email"].as_str().unwrap().starts_with(name)).unwrap();
        row["outcome"].as_str().unwrap().to_owned()
    };
    assert_eq!([outcome("ann"), outcome("bob"), outcome("cay"), outcome("dan")], ["kept", "removed", "kept", "kept"]);
    let csv = house.ask_as_machine(&Method::GET, &format!("{own}/report?format=csv"), "").await;
    assert!(csv.body.starts_with("email,guest,grant,role,outcome,at,by\r\n") && csv.body.lines().count() == 5, "{}", csv.body);
    let shown = get(&house, &own).await;
    assert_eq!((&shown["kept"], &shown["removed"], &shown["left"]), (&json!(3), &json!(1), &json!(0)));
}

#[tokio::test]
async fn nobody_sees_or_answers_for_another_owners_review() {
    let house = House::open().await;
    suite::accepted(&*house.state.store, "ann").await;
    let (_, review) = post(&house, "/api/v1/reviews", json!({"app": "charts"})).await;
    let own = format!("/api/v1/reviews/{}", review["id"].as_str().unwrap());
    let theirs = || Power::Owner(vec![orders()]);
    for path in [own.clone(), format!("{own}/left"), format!("{own}/report")] {
        assert_eq!(as_bearer(&house, theirs(), &Method::GET, &path, json!({})).await.status.as_u16(), 403, "{path}");
    }
    let list = as_bearer(&house, theirs(), &Method::GET, "/api/v1/reviews", json!({})).await;
    assert_eq!(list.body, r#"{"items":[],"next":null}"#);
    let answer = as_bearer(&house, theirs(), &Method::POST, &format!("{own}/decide"), json!({"decision": "remove", "rest": true})).await;
    assert_eq!(answer.status.as_u16(), 403);
    let mine = as_bearer(&house, Power::Owner(vec![suite::charts()]), &Method::GET, "/api/v1/reviews?state=open", json!({})).await;
    assert!(mine.body.contains(r#""left":1"#), "{}", mine.body);
}

#[tokio::test]
async fn accesses_that_exclude_each_other_are_refused_however_they_are_given() {
    let house = House::open().await;
    let (ann, _) = suite::accepted(&*house.state.store, "ann").await;
    let mut config = (*house.state.live.snapshot().config).clone();
    let group = ["charts", "orders:clerk"].map(|text| text.parse().unwrap()).to_vec();
    config.exclusive = Exclusions::new(vec![group]);
    let policies = house.state.live.snapshot().policies.clone();
    house.state.live.replace(Snapshot::new(config.into(), policies, 2).unwrap());
    let clerk = json!({"app": "orders", "role": "clerk"});
    let both = "`orders:clerk` and `charts` exclude each other";
    let invite = |email: &str, apps: Value| json!({"email": email, "apps": apps, "send": false});
    let given = json!({"guest": "ann@partner.example", "app": "orders", "role": "clerk"});
    for (path, body) in [
        ("/api/v1/grants", given.clone()),
        ("/api/v1/invitations", invite("ann@partner.example", json!([clerk]))),
        ("/api/v1/invitations", invite("new@partner.example", json!([clerk, {"app": "charts"}]))),
    ] {
        let (status, said) = post(&house, path, body).await;
        assert!(status == 409 && said["detail"].as_str().unwrap().contains(both), "{path}: {status} {said}");
    }
    // Another role is fine; but then it cannot become that one, nor can the other access come back.
    let (status, grant) = post(&house, "/api/v1/grants", json!({"guest": "ann@partner.example", "app": "orders", "role": "reader"})).await;
    assert_eq!(status, 201, "{grant}");
    let path = format!("/api/v1/grants/{}", grant["id"].as_str().unwrap());
    let patched = house.ask_as_machine(&Method::PATCH, &path, r#"{"role": "clerk"}"#).await;
    assert!(patched.status.as_u16() == 409 && patched.body.contains(both), "{}", patched.body);
    assert_eq!(house.ask_as_machine(&Method::PATCH, &path, r#"{"extend_by": "1d"}"#).await.status.as_u16(), 200, "nothing new is given");
    let charts = get(&house, "/api/v1/grants?guest=ann@partner.example&app=charts").await["items"][0]["id"].clone();
    let charts = format!("/api/v1/grants/{}", charts.as_str().unwrap());
    assert_eq!(house.ask_as_machine(&Method::DELETE, &charts, "").await.status.as_u16(), 200);
    assert_eq!(house.ask_as_machine(&Method::PATCH, &path, r#"{"role": "clerk"}"#).await.status.as_u16(), 200);
    let back = house.ask_as_machine(&Method::POST, &format!("{charts}/restore"), "").await;
    assert!(back.status.as_u16() == 409 && back.body.contains("exclude each other"), "{}", back.body);
    // What was given before the rule is shown where it is looked at.
    let held = house.state.store.grants_of(ann.id).await.unwrap();
    let warrant = may::<ManageGrants>(&Actor::Machine, Target::Everything).unwrap();
    let until = Some(suite::NOW.plus(Span::days(90)));
    let draft = GrantDraft { app: suite::charts(), role: None, until, invitation: held[0].invitation };
    let (_, proposal) = Grant::create(&house.state.occasion(), &warrant, &ann, &held, draft).unwrap();
    house.state.store.commit(proposal).await.unwrap();
    let (_, review) = post(&house, "/api/v1/reviews", json!({"app": "charts"})).await;
    let left = get(&house, &format!("/api/v1/reviews/{}/left", review["id"].as_str().unwrap())).await;
    assert_eq!(left["items"][0]["excluded_by"], json!(["orders:clerk"]), "{left}");
}

#[tokio::test]
async fn an_open_invitation_counts_as_what_it_offers() {
    let house = House::open().await;
    let mut config = (*house.state.live.snapshot().config).clone();
    config.exclusive = Exclusions::new(vec![["charts", "orders"].map(|text| text.parse().unwrap()).to_vec()]);
    let policies = house.state.live.snapshot().policies.clone();
    house.state.live.replace(Snapshot::new(config.into(), policies, 2).unwrap());
    let invite = |app: &str| json!({"email": "new@partner.example", "apps": [{"app": app}], "send": false});
    let (status, first) = post(&house, "/api/v1/invitations", invite("charts")).await;
    assert_eq!(status, 201, "{first}");
    let (status, said) = post(&house, "/api/v1/invitations", invite("orders")).await;
    assert!(status == 409 && said["detail"].as_str().unwrap().contains("`orders` and `charts`"), "{said}");
    let gone = house.ask_as_machine(&Method::DELETE, &format!("/api/v1/invitations/{}", first["id"].as_str().unwrap()), "").await;
    assert_eq!(gone.status.as_u16(), 200);
    assert_eq!(post(&house, "/api/v1/invitations", invite("orders")).await.0, 201);
}
