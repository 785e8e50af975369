//! Changes of a guest.

use http::Method;
use serde_json::{Value, json};

use super::kit::House;
use crate::{base::AppId, directory::Power, store::suite};

#[tokio::test]
async fn one_date_ends_every_access_that_the_asker_may_end() {
    let house = House::open().await;
    suite::accepted(&*house.state.store, "ann").await;
    let charts = format!("Bearer {}", house.token(Power::Owner(vec![AppId::parse("charts").unwrap()])).await.1);
    let headers = [("authorization", charts.as_str())];
    let patch = async |until: &str| {
        let body = json!({"access_until": until}).to_string();
        house.ask(&Method::PATCH, "/api/v1/guests/ann@partner.example", &headers, &body).await
    };
    let answer = patch("2099-01-01T00:00:00Z").await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    let grants = house.ask(&Method::GET, "/api/v1/grants?guest=ann@partner.example", &headers, "").await;
    let grants: Value = serde_json::from_str(&grants.body).unwrap();
    assert!(grants["items"][0]["until"].as_str().unwrap().starts_with("2099-01-01"), "{grants}");
    assert_eq!(patch("2099-01-01T00:00:00Z").await.status.as_u16(), 409);
    assert_eq!(patch("1999-01-01T00:00:00Z").await.status.as_u16(), 400);
}
