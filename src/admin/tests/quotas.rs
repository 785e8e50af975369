//! Who may invite how many, and from where.

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{
    base::{AppId, EmailAddress, Exclusions},
    config::{App, Config, Inviter},
    directory::{Actor, Power},
    store::{StoreError, suite},
    web::rules,
};

fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

fn change(config: &mut Config, id: &str, change: impl FnOnce(&mut App)) {
    let found = config.apps.iter_mut().find(|app| app.id.as_str() == id).unwrap();
    change(std::sync::Arc::make_mut(found));
}

/// Five guests of the charts, two invitations a day to the orders, and only partners' people for either.
async fn narrow() -> House {
    let house = House::open().await;
    house.configure(|config| {
        change(config, "charts", |app| {
            (app.invitations.guests, app.invitations.open) = (Some(3), Some(2));
            app.invitations.domains = vec!["partner.example".parse().unwrap()];
        });
        change(config, "orders", |app| {
            app.invitations.per_day = Some(2);
            app.invitations.deny_domains = vec!["rival.example".parse().unwrap()];
        });
    });
    house
}

struct Program {
    bearer: String,
}

impl Program {
    async fn new(house: &House, power: Power) -> Self {
        Self { bearer: format!("Bearer {}", house.token(power).await.1) }
    }

    async fn post(&self, house: &House, path: &str, body: &Value) -> (Answer, Value) {
        let answer = house.ask(&Method::POST, path, &[("authorization", &self.bearer)], &body.to_string()).await;
        let said = serde_json::from_str(&answer.body).unwrap_or_default();
        (answer, said)
    }

    async fn invites(&self, house: &House, name: &str, app: &str) -> (Answer, Value) {
        let body = json!({"email": name, "apps": [{"app": app}], "send": false});
        self.post(house, "/api/v1/invitations", &body).await
    }
}

#[tokio::test]
async fn an_owner_is_told_which_quota_is_used_up_and_an_administrator_is_not_bound_by_it() {
    let house = narrow().await;
    let (owner, admin) = (Program::new(&house, Power::Owner(vec![app("charts")])).await, Program::new(&house, Power::Admin).await);
    suite::accepted(&*house.state.store, "old").await;
    for name in ["a@partner.example", "b@partner.example"] {
        let (answer, said) = owner.invites(&house, name, "charts").await;
        assert_eq!(answer.status.as_u16(), 201, "{said}");
    }
    let (answer, said) = owner.invites(&house, "c@partner.example", "charts").await;
    assert_eq!(answer.status.as_u16(), 409, "{said}");
    assert_eq!((&said["type"], &said["quota"], &said["app"]), (&json!("urn:guestgate:problem:quota"), &json!("open"), &json!("charts")));
    assert_eq!((&said["limit"], &said["used"]), (&json!(2), &json!(2)));
    assert!(said["detail"].as_str().unwrap().contains("an administrator can"), "{said}");
    assert_eq!(admin.invites(&house, "c@partner.example", "charts").await.0.status.as_u16(), 201);
    // Withdrawn, it counts no more; but now three are guests, or only have to accept.
    for name in ["a@partner.example", "b@partner.example"] {
        house.ask_as_machine(&Method::DELETE, &format!("/api/v1/invitations/{name}"), "").await;
    }
    assert_eq!(owner.invites(&house, "d@partner.example", "charts").await.0.status.as_u16(), 201);
    let (answer, said) = owner.invites(&house, "e@partner.example", "charts").await;
    assert_eq!((answer.status.as_u16(), &said["used"], &said["limit"]), (409, &json!(2), &json!(2)), "{said}");
    house.ask_as_machine(&Method::DELETE, "/api/v1/invitations/d@partner.example", "").await;
    suite::accepted(&*house.state.store, "new").await;
    let scim = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "f@partner.example"});
    let (answer, said) = owner.post(&house, "/scim/v2/Users", &scim).await;
    assert!(answer.status.as_u16() == 409 && said["detail"].as_str().unwrap().contains("`charts` has 3 guests"), "{said}");
    let graph = json!({"invitedUserEmailAddress": "f@partner.example", "inviteRedirectUrl": "https://charts.example.com"});
    let (answer, said) = owner.post(&house, "/v1.0/invitations", &graph).await;
    assert!(answer.status.as_u16() == 409 && said["error"]["code"] == "Request_Conflict", "{said}");
}

#[tokio::test]
async fn what_may_be_sent_in_a_day_is_counted_for_each_inviter_and_time_mends_it() {
    let house = narrow().await;
    let (one, other) = (Program::new(&house, Power::Inviter).await, Program::new(&house, Power::Inviter).await);
    for name in ["a@partner.example", "b@partner.example"] {
        assert_eq!(one.invites(&house, name, "orders").await.0.status.as_u16(), 201);
    }
    let (answer, said) = one.invites(&house, "c@partner.example", "orders").await;
    assert_eq!((answer.status.as_u16(), &said["quota"], &said["used"]), (429, &json!("per_day"), &json!(2)), "{said}");
    assert_eq!(answer.headers["retry-after"], "86401", "both were made just now");
    assert_eq!(other.invites(&house, "c@partner.example", "orders").await.0.status.as_u16(), 201);
    // Many at once: a dry run says the same, row by row.
    let row = |name: &str| json!({"email": format!("{name}@partner.example"), "send": false});
    let rows = json!({"rows": [row("x"), row("y"), row("z")]});
    for (query, word) in [("?apps=orders&dry_run=true", "would-invite"), ("?apps=orders", "invited")] {
        let (_, report) = other.post(&house, &format!("/api/v1/invitations/bulk{query}"), &rows).await;
        let results: Vec<&str> = report["items"].as_array().unwrap().iter().map(|row| row["result"].as_str().unwrap()).collect();
        assert_eq!(results, [word, "refused", "refused"], "{report}");
        assert!(report["items"][2]["detail"].as_str().unwrap().contains("and may make 2"), "{report}");
    }
}

#[tokio::test]
async fn owners_and_inviters_invite_from_their_domains_alone() {
    let house = narrow().await;
    let (owner, admin) = (Program::new(&house, Power::Owner(vec![app("charts")])).await, Program::new(&house, Power::Admin).await);
    let (answer, said) = owner.invites(&house, "ann@elsewhere.example", "charts").await;
    assert_eq!((answer.status.as_u16(), &said["type"]), (403, &json!("urn:guestgate:problem:out-of-scope")), "{said}");
    assert_eq!(admin.invites(&house, "ann@elsewhere.example", "charts").await.0.status.as_u16(), 201);
    let (answer, said) = admin.invites(&house, "ann@rival.example", "orders").await;
    assert_eq!(answer.status.as_u16(), 400, "an app's own rule binds everybody: {said}");

    let kim = EmailAddress::parse("kim@example.com").unwrap();
    house.configure(|config| {
        let domains = vec!["partner.example".parse().unwrap()];
        config.roles.inviters = vec![Inviter { email: kim.clone(), apps: Some(vec![app("orders")]), domains, per_day: Some(1) }];
    });
    let actor = Actor::Inviter { email: kim.clone(), apps: Some(vec![app("orders")]) };
    let asked = async |email: &str, to: &str| {
        let body = json!({"email": email, "apps": [{"app": to}], "send": false});
        house.ask_as(&actor, &Method::POST, "/api/v1/invitations", &body.to_string()).await
    };
    assert_eq!(asked("a@partner.example", "charts").await.status.as_u16(), 403, "another app");
    assert_eq!(asked("a@elsewhere.example", "orders").await.status.as_u16(), 403, "another domain");
    assert_eq!(asked("a@partner.example", "orders").await.status.as_u16(), 201);
    assert_eq!(asked("b@partner.example", "orders").await.status.as_u16(), 429);
    let apps = house.ask_as(&actor, &Method::GET, "/api/v1/apps", "").await;
    assert!(apps.body.contains("orders") && !apps.body.contains("charts"), "{}", apps.body);
}

#[tokio::test]
async fn of_many_at_once_as_many_are_let_in_as_there_is_room_for() {
    let house = narrow().await;
    let owner = Program::new(&house, Power::Owner(vec![app("charts")])).await;
    let names: Vec<String> = (0..8).map(|n| format!("g{n}@partner.example")).collect();
    let tries = futures_util::future::join_all(names.iter().map(|name| owner.invites(&house, name, "charts"))).await;
    assert_eq!(tries.iter().filter(|(answer, _)| answer.status.as_u16() == 201).count(), 2);
    assert!(tries.iter().all(|(answer, _)| matches!(answer.status.as_u16(), 201 | 409)));
}

#[tokio::test]
async fn two_who_give_what_excludes_each_other_do_not_slip_past_each_other() {
    let house = House::open().await;
    house.configure(|config| {
        config.exclusive = Exclusions::new(vec![["charts", "orders"].map(|text| text.parse().unwrap()).to_vec()]);
    });
    let invite = async |app: &str| {
        let body = json!({"email": "new@partner.example", "apps": [{"app": app}], "send": false});
        let body = serde_json::from_value(body).unwrap();
        let (_, proposal, _) = super::super::invitations::decide(&house.state, &Actor::Machine, body).await.unwrap();
        rules::applied(&*house.state.store, &house.state.live.snapshot().config, proposal).await.unwrap()
    };
    // Both are decided while neither is written.
    let (first, second) = (invite("charts").await, invite("orders").await);
    house.state.store.would_commit(&second).await.unwrap();
    house.state.store.commit(first).await.unwrap();
    let refused = house.state.store.commit(second).await;
    assert!(matches!(&refused, Err(StoreError::Unmet(why)) if why.to_string().contains("exclude each other")), "{refused:?}");
}
