//! The façade for scripts of Microsoft Graph; the official SDKs try it from outside.

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{base::AppId, directory::Power, store::suite};

struct Client<'h> {
    house: &'h House,
    authorization: String,
}

impl Client<'_> {
    async fn ask(&self, method: &Method, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.house.ask(method, path, &[("authorization", &self.authorization), ("client-request-id", "mine")], &body).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.ask(&Method::GET, path, &Value::Null).await;
        assert_eq!(answer.status.as_u16(), 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }
}

async fn client(house: &House, power: Power) -> Client<'_> {
    Client { house, authorization: format!("Bearer {}", house.token(power).await.1) }
}

fn mails(list: &Value) -> Vec<&str> {
    list["value"].as_array().unwrap().iter().map(|user| user["mail"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn errors_have_their_shape_and_name_the_request() {
    let house = House::open().await;
    let nobody = Client { house: &house, authorization: "Bearer x".to_owned() };
    let answer = nobody.ask(&Method::GET, "/v1.0/users", &Value::Null).await;
    let error: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((answer.status.as_u16(), error["error"]["code"].as_str()), (401, Some("InvalidAuthenticationToken")));
    assert_eq!(answer.headers["client-request-id"], "mine");
    assert_eq!(error["error"]["innerError"]["request-id"].as_str(), answer.headers["request-id"].to_str().ok());
    assert_eq!(answer.headers["content-type"], "application/json");
    let reader = client(&house, Power::Reader).await;
    for (path, status) in [
        ("/v1.0/users?$filter=department%20eq%20'x'", 400),
        ("/v1.0/users?$orderby=mail", 400),
        ("/v1.0/users?$skiptoken=x", 400),
        ("/v1.0/users/nobody", 404),
        ("/v1.0/groups", 404),
    ] {
        let answer = reader.ask(&Method::GET, path, &Value::Null).await;
        assert!(answer.status.as_u16() == status && answer.body.contains("\"error\""), "{path}: {} {}", answer.status, answer.body);
    }
    let invitation = json!({"invitedUserEmailAddress": "a@partner.example", "inviteRedirectUrl": "https://charts.example.com/"});
    assert_eq!(reader.ask(&Method::POST, "/v1.0/invitations", &invitation).await.status.as_u16(), 403);
}

#[tokio::test]
async fn everybody_is_listed_once_in_pages_of_any_size() {
    let house = House::open().await;
    let store = &*house.state.store;
    for name in ["ann", "bob", "cid"] {
        suite::accepted(store, name).await;
    }
    for name in ["dora", "eve"] {
        suite::invited(store, name).await;
    }
    let admin = client(&house, Power::Admin).await;
    let whole = admin.get("/v1.0/users?$filter=userType%20eq%20'Guest'&$count=true").await;
    assert_eq!((mails(&whole).len(), whole["@odata.count"].as_u64()), (5, Some(5)), "{whole}");
    for top in 1..=6 {
        let mut seen = Vec::new();
        let mut path = format!("/v1.0/users?$top={top}&$select=mail");
        for _ in 0..8 {
            let page = admin.get(&path).await;
            assert!(page["value"].as_array().unwrap().len() <= top);
            seen.extend(mails(&page).into_iter().map(str::to_owned));
            match page["@odata.nextLink"].as_str() {
                Some(next) => path = next.strip_prefix("https://access.example.com").unwrap().to_owned(),
                None => break,
            }
        }
        seen.sort();
        assert_eq!(seen.iter().map(|m| m.split('@').next().unwrap()).collect::<Vec<_>>(), ["ann", "bob", "cid", "dora", "eve"], "{top}");
    }
    let pending = admin.get("/v1.0/users?$filter=externalUserState%20eq%20'PendingAcceptance'").await;
    assert_eq!(mails(&pending).len(), 2);
    assert!(mails(&admin.get("/v1.0/users?$filter=userType%20eq%20'Member'").await).is_empty());
    // Who owns another app sees none of them.
    let other = client(&house, Power::Owner(vec![AppId::parse("orders").unwrap()])).await;
    assert!(mails(&other.get("/v1.0/users").await).is_empty());
}

#[tokio::test]
async fn several_requests_in_one_are_done_on_behalf_of_who_asks() {
    let house = House::open().await;
    let (ann, _) = suite::accepted(&*house.state.store, "ann").await;
    let reader = client(&house, Power::Reader).await;
    let one = |id: &str, method: &str, depends: &[&str]| json!({"id": id, "method": method, "url": format!("/users/{}", ann.id), "dependsOn": depends, "headers": {"Authorization": "Bearer x"}});
    let whole = json!({"id": "4", "method": "GET", "url": format!("https://access.example.com/v1.0/users/{}", ann.id)});
    let batch = json!({"requests": [one("1", "GET", &[]), one("2", "DELETE", &["1"]), one("3", "GET", &["2"]), whole]});
    let answer = reader.ask(&Method::POST, "/v1.0/$batch", &batch).await;
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let statuses: Vec<u64> = body["responses"].as_array().unwrap().iter().map(|one| one["status"].as_u64().unwrap()).collect();
    assert_eq!(statuses, [200, 403, 424, 200], "{body}");
    assert_eq!(body["responses"][0]["body"]["mail"], ann.email.as_str());
}
