//! What is sent twice, and changes to a version that is past.

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{directory::Power, store::suite};

async fn post(house: &House, token: &str, key: &str, body: &Value) -> Answer {
    let headers = [("authorization", token), ("idempotency-key", key)];
    house.ask(&Method::POST, "/api/v1/invitations", &headers, &body.to_string()).await
}

fn invitation(email: &str) -> Value {
    json!({"email": email, "apps": [{"app": "charts"}], "send": false})
}

#[tokio::test]
async fn the_same_key_and_body_get_the_same_answer_and_nothing_is_done_twice() {
    let house = House::open().await;
    let token = format!("Bearer {}", house.token(Power::Admin).await.1);
    let other = format!("Bearer {}", house.token(Power::Admin).await.1);
    let first = post(&house, &token, "one", &invitation("ann@partner.example")).await;
    let again = post(&house, &token, "one", &invitation("ann@partner.example")).await;
    assert_eq!((first.status.as_u16(), &first.body), (201, &again.body));
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert!(again.body.contains("redeem_url") && again.headers["content-type"] == "application/json");
    let elsewhere = post(&house, &token, "one", &invitation("bob@partner.example")).await;
    assert_eq!(elsewhere.status.as_u16(), 422, "{}", elsewhere.body);
    // Keys belong to a token, and a refusal is an answer as well.
    let theirs = post(&house, &other, "one", &invitation("bob@partner.example")).await;
    assert_eq!(theirs.status.as_u16(), 201, "{}", theirs.body);
    let refused = post(&house, &token, "two", &invitation("nonsense")).await;
    assert_eq!((refused.status.as_u16(), post(&house, &token, "two", &invitation("nonsense")).await.status.as_u16()), (400, 400));
    let listed = house.ask(&Method::GET, "/api/v1/invitations", &[("authorization", &token)], "").await;
    let listed: Value = serde_json::from_str(&listed.body).unwrap();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(post(&house, &token, "", &invitation("ann@partner.example")).await.status.as_u16(), 400);
}

#[tokio::test]
async fn of_many_at_the_same_time_one_is_done() {
    let house = House::open().await;
    let token = format!("Bearer {}", house.token(Power::Admin).await.1);
    let body = invitation("ann@partner.example");
    let all = futures_util::future::join_all((0..8).map(|_| post(&house, &token, "one", &body))).await;
    let statuses: Vec<u16> = all.iter().map(|answer| answer.status.as_u16()).collect();
    assert!(statuses.contains(&201) && statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    let email = crate::base::EmailAddress::parse("ann@partner.example").unwrap();
    assert_eq!(house.state.store.invitations_for(&email).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_change_is_made_to_the_version_that_was_seen() {
    let house = House::open().await;
    let (ann, _) = suite::accepted(&*house.state.store, "ann").await;
    let token = format!("Bearer {}", house.token(Power::Admin).await.1);
    let path = format!("/api/v1/guests/{}", ann.id);
    let seen = house.ask(&Method::GET, &path, &[("authorization", &token)], "").await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    let change = async |tag: &str, name: &str| {
        let headers = [("authorization", token.as_str()), ("if-match", tag)];
        house.ask(&Method::PATCH, &path, &headers, &json!({"name": name}).to_string()).await
    };
    let changed = change(&tag, "Ann").await;
    assert_eq!(changed.status.as_u16(), 200, "{}", changed.body);
    assert_ne!(changed.headers["etag"], tag.as_str());
    assert_eq!(change(&tag, "Anna").await.status.as_u16(), 412);
    assert_eq!(change("\"odd\"", "Anna").await.status.as_u16(), 412);
    assert_eq!(change("*", "Anna").await.status.as_u16(), 200);
}
