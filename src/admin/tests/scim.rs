//! Directories that send people and take them back, as those of Entra and Okta do it.

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{
    base::{AppId, EmailAddress},
    directory::{Actor, Power, SuspendGuest, Target, may},
    store::suite,
};

struct Directory<'h> {
    house: &'h House,
    authorization: String,
}

impl Directory<'_> {
    async fn ask(&self, method: &Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("authorization", self.authorization.as_str()), ("content-type", "application/scim+json; charset=utf-8")];
        self.house.ask(method, &format!("/scim/v2/{path}"), &headers, &body).await
    }

    async fn done(&self, method: &Method, path: &str, body: Value, status: u16) -> Value {
        let answer = self.ask(method, path, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path} {body}: {}", answer.body);
        if !answer.body.is_empty() {
            assert_eq!(answer.headers["content-type"], "application/scim+json");
        }
        serde_json::from_str(&answer.body).unwrap_or_default()
    }

    async fn find(&self, filter: &str) -> Vec<Value> {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("filter", filter).finish();
        let found = self.done(&Method::GET, &format!("Users?{query}"), Value::Null, 200).await;
        assert_eq!(found["totalResults"].as_u64(), found["Resources"].as_array().map(|all| all.len() as u64));
        found["Resources"].as_array().unwrap().clone()
    }

    async fn set_active(&self, id: &str, value: Value) -> Value {
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "Replace", "path": "active", "value": value}]});
        self.done(&Method::PATCH, &format!("Users/{id}"), body, 200).await
    }
}

fn app(id: &str) -> AppId {
    AppId::parse(id).unwrap()
}

async fn directory(house: &House, power: Power) -> Directory<'_> {
    Directory { house, authorization: format!("Bearer {}", house.token(power).await.1) }
}

/// A user as Entra sends one.
fn bob() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
        "externalId": "bob-7", "userName": "Bob@Partner.example", "active": true, "displayName": "Bob Smith",
        "emails": [{"primary": true, "type": "work", "value": "bob@partner.example"}],
        "name": {"formatted": "Bob Smith", "familyName": "Smith", "givenName": "Bob"}, "title": "Dr",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"},
    })
}

#[tokio::test]
async fn who_is_sent_is_invited_to_the_app_of_the_token_and_keeps_the_id() {
    let house = House::open().await;
    let charts = directory(&house, Power::Owner(vec![app("charts")])).await;
    assert!(charts.find(r#"userName eq "bob@partner.example""#).await.is_empty());
    let made = charts.ask(&Method::POST, "Users", &bob()).await;
    let user: Value = serde_json::from_str(&made.body).unwrap();
    assert_eq!((made.status.as_u16(), made.headers["location"].to_str().ok()), (201, user["meta"]["location"].as_str()), "{user}");
    assert_eq!(made.headers["etag"].to_str().ok(), user["meta"]["version"].as_str());
    let id = user["id"].as_str().unwrap();
    assert_eq!((user["active"].as_bool(), user["entitlements"][0]["value"].as_str()), (Some(true), Some("charts")));
    for filter in [r#"externalId eq "bob-7""#, r#"emails[type eq "work"].value eq "bob@partner.example""#, "active eq true"] {
        assert_eq!(charts.find(filter).await, std::slice::from_ref(&user), "{filter}");
    }
    let invited = house.state.store.invitations_for(&EmailAddress::parse("bob@partner.example").unwrap()).await.unwrap();
    assert!(invited[0].mailed.is_some() && invited[0].offers[0].access_for.is_none() && invited[0].provisioned.is_some());
    // Twice is one too many; another application's owner sees nobody, and may send the same person.
    let twice = charts.done(&Method::POST, "Users", bob(), 409).await;
    assert_eq!((twice["scimType"].as_str(), twice["status"].as_str()), (Some("uniqueness"), Some("409")));
    let orders = directory(&house, Power::Owner(vec![app("orders")])).await;
    assert!(orders.find("active eq true").await.is_empty());
    orders.done(&Method::GET, &format!("Users/{id}"), Value::Null, 404).await;
    let also = orders.done(&Method::POST, "Users", bob(), 201).await;
    assert_eq!((also["id"].as_str(), also["entitlements"][0]["value"].as_str()), (Some(id), Some("orders")));

    // Not accepted yet: taken back, kept, wanted again, deleted.
    assert_eq!(charts.set_active(id, json!("False")).await["active"], false);
    assert_eq!(charts.find(r#"externalId eq "bob-7""#).await[0]["active"], false);
    let again = charts.set_active(id, json!(true)).await;
    assert_eq!((again["active"].as_bool(), again["id"].as_str(), again["externalId"].as_str()), (Some(true), Some(id), Some("bob-7")));
    charts.done(&Method::DELETE, &format!("Users/{id}"), Value::Null, 204).await;
    charts.done(&Method::GET, &format!("Users/{id}"), Value::Null, 404).await;
    assert_eq!(orders.find(r#"externalId eq "bob-7""#).await.len(), 1);
}

#[tokio::test]
async fn who_is_taken_back_has_no_session_when_the_answer_comes_and_only_the_directory_gives_back_what_it_took() {
    let house = House::open().await;
    let store = &*house.state.store;
    let (ann, _) = suite::accepted(store, "ann").await;
    let charts = directory(&house, Power::Owner(vec![app("charts")])).await;
    let id = ann.id.to_string();
    let off = charts.set_active(&id, json!(false)).await;
    assert_eq!(off["active"], false);
    assert!(store.sessions_of(ann.id).await.unwrap().is_empty());
    assert!(store.guest(ann.id).await.unwrap().unwrap().is_deprovisioned());
    let put = json!({"userName": ann.email, "active": true, "displayName": "Ann Lee", "externalId": "ann-1"});
    let on = charts.done(&Method::PUT, &format!("Users/{id}"), put, 200).await;
    assert_eq!(
        (on["active"].as_bool(), on["displayName"].as_str(), on["externalId"].as_str()),
        (Some(true), Some("Ann Lee"), Some("ann-1"))
    );
    assert_eq!(charts.find(r#"externalId eq "ann-1""#).await.len(), 1);

    // A suspension that somebody decided on stands, whatever the directory says.
    let (guest, grants) = (store.guest(ann.id).await.unwrap().unwrap(), store.grants_of(ann.id).await.unwrap());
    let warrant = may::<SuspendGuest>(&Actor::Machine, Target::Guest(&guest, &grants)).unwrap();
    store.commit(guest.suspend(&house.state.occasion(), &warrant, None).unwrap().1).await.unwrap();
    assert_eq!(charts.set_active(&id, json!("True")).await["active"], false);
    charts.done(&Method::DELETE, &format!("Users/{id}"), Value::Null, 204).await;
    assert!(charts.find(r#"userName eq "ann@partner.example""#).await.is_empty());
}

#[tokio::test]
async fn a_directory_of_one_app_takes_back_that_app_and_no_other() {
    let house = House::open().await;
    let store = &*house.state.store;
    let (ann, _) = suite::accepted(store, "ann").await;
    let (charts, orders) =
        (directory(&house, Power::Owner(vec![app("charts")])).await, directory(&house, Power::Owner(vec![app("orders")])).await);
    // Who has proved the address gets in at once.
    let sent = json!({"userName": ann.email, "externalId": "o-1", "roles": [{"value": "editor", "primary": true}]});
    let user = orders.done(&Method::POST, "Users", sent, 201).await;
    assert_eq!((user["active"].as_bool(), user["entitlements"][0]["value"].as_str()), (Some(true), Some("orders/editor")));
    let id = ann.id.to_string();
    let in_force = async || {
        let grants = store.grants_of(ann.id).await.unwrap();
        grants.iter().filter(|g| g.is_active()).map(|g| g.app.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(orders.set_active(&id, json!(false)).await["active"], false);
    assert_eq!(in_force().await, ["charts"]);
    assert_eq!(orders.done(&Method::GET, &format!("Users/{id}"), Value::Null, 200).await["active"], false);
    let back = orders.set_active(&id, json!(true)).await;
    assert_eq!((back["active"].as_bool(), back["entitlements"][0]["value"].as_str()), (Some(true), Some("orders/editor")));
    assert_eq!(charts.find(r#"userName eq "ann@partner.example""#).await[0]["active"], true);
    orders.done(&Method::DELETE, &format!("Users/{id}"), Value::Null, 204).await;
    assert_eq!(in_force().await, ["charts"]);
    orders.done(&Method::GET, &format!("Users/{id}"), Value::Null, 404).await;
}

#[tokio::test]
async fn an_administrators_directory_names_the_apps_and_what_is_odd_is_refused() {
    let house = House::open().await;
    let all = directory(&house, Power::Admin).await;
    let refused = all.done(&Method::POST, "Users", bob(), 400).await;
    assert!(refused["scimType"] == "invalidValue" && refused["detail"].as_str().unwrap().contains("entitlements"), "{refused}");
    let mut sent = bob();
    sent["entitlements"] = json!([{"value": "charts/viewer"}, {"value": "orders"}]);
    let id = all.done(&Method::POST, "Users", sent, 201).await["id"].as_str().unwrap().to_owned();
    let ops = json!({"Operations": [{"op": "Remove", "path": "entitlements[value eq \"orders\"]"}, {"op": "add", "value": {"displayName": "Rob"}}]});
    let changed = all.done(&Method::PATCH, &format!("Users/{id}"), ops, 200).await;
    assert_eq!((changed["entitlements"].clone(), changed["displayName"].as_str()), (json!([{"value": "charts/viewer"}]), Some("Rob")));
    let headers = [("authorization", all.authorization.as_str()), ("if-match", "W/\"0\"")];
    let stale = house.ask(&Method::DELETE, &format!("/scim/v2/Users/{id}"), &headers, "").await;
    assert_eq!(stale.status.as_u16(), 412);
    for (method, path, body, status, word) in [
        (Method::PUT, format!("Users/{id}"), json!({"userName": "rob@partner.example"}), 400, "mutability"),
        (
            Method::PATCH,
            format!("Users/{id}"),
            json!({"Operations": [{"op": "replace", "path": "actve", "value": false}]}),
            400,
            "invalidPath",
        ),
        (Method::POST, "Users".to_owned(), json!({"userName": "bob"}), 400, "invalidValue"),
        (
            Method::POST,
            "Users".to_owned(),
            json!({"userName": "x@partner.example", "emails": [{"value": "y@partner.example"}]}),
            400,
            "invalidValue",
        ),
        (Method::GET, "Users?filter=userName%20sw%20%22b%22".to_owned(), Value::Null, 400, "invalidFilter"),
    ] {
        let error = all.done(&method, &path, body, status).await;
        assert_eq!(error["scimType"], word, "{method} {path}: {error}");
        assert_eq!(error["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
    }
    all.done(&Method::GET, "Groups", Value::Null, 404).await;
    all.done(&Method::GET, "Users?filtr=x", Value::Null, 400).await;
    let reader = directory(&house, Power::Reader).await;
    reader.done(&Method::DELETE, &format!("Users/{id}"), Value::Null, 403).await;
    let nobody = Directory { house: &house, authorization: "Bearer x".to_owned() };
    nobody.done(&Method::GET, "Users", Value::Null, 401).await;
    for what in
        ["ServiceProviderConfig", "ResourceTypes", "ResourceTypes/User", "Schemas", "Schemas/urn:ietf:params:scim:schemas:core:2.0:User"]
    {
        all.done(&Method::GET, what, Value::Null, 200).await;
    }
}

#[tokio::test]
async fn people_are_listed_once_in_pages_of_any_size() {
    let house = House::open().await;
    for name in ["ann", "bob", "cid"] {
        suite::accepted(&*house.state.store, name).await;
    }
    suite::invited(&*house.state.store, "dora").await;
    let all = directory(&house, Power::Admin).await;
    for count in 1..=5 {
        let mut seen = Vec::new();
        for start in (1..=4).step_by(count) {
            let page =
                all.done(&Method::GET, &format!("Users?startIndex={start}&count={count}&attributes=userName"), Value::Null, 200).await;
            assert_eq!((page["totalResults"].as_u64(), page["startIndex"].as_u64()), (Some(4), Some(start as u64)));
            seen.extend(page["Resources"].as_array().unwrap().iter().map(|user| user["userName"].as_str().unwrap().to_owned()));
        }
        seen.sort();
        assert_eq!(seen.iter().map(|m| m.split('@').next().unwrap()).collect::<Vec<_>>(), ["ann", "bob", "cid", "dora"], "{count}");
    }
    assert!(all.done(&Method::GET, "Users?count=0", Value::Null, 200).await["totalResults"] == 4);
}
