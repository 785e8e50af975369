//! Many invitations at once.

use http::Method;
use serde_json::Value;

use super::kit::House;
use crate::{base::AppId, directory::Power, store::suite};

async fn send(house: &House, token: &str, query: &str, media: &str, body: &str) -> (u16, Value) {
    let headers = [("authorization", token), ("content-type", media)];
    let answer = house.ask(&Method::POST, &format!("/api/v1/invitations/bulk{query}"), &headers, body).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap())
}

fn sums(report: &Value) -> (u64, u64, u64) {
    let of = |key: &str| report[key].as_u64().unwrap();
    (of("invited"), of("already"), of("refused"))
}

#[tokio::test]
async fn a_table_is_tried_sent_and_sent_again() {
    let house = House::open().await;
    suite::accepted(&*house.state.store, "ann").await;
    let token = format!("Bearer {}", house.token(Power::Admin).await.1);
    let table =
        "email,app,send\nann@partner.example,charts,\nbob@partner.example,charts,false\nodd,charts,\neve@partner.example,nothing,\n";
    let (status, tried) = send(&house, &token, "?dry_run=true", "text/csv", table).await;
    assert_eq!((status, sums(&tried)), (200, (1, 1, 2)), "{tried}");
    assert_eq!(tried["items"][1]["result"], "would-invite");
    let bob = crate::base::EmailAddress::parse("bob@partner.example").unwrap();
    assert!(house.state.store.invitations_for(&bob).await.unwrap().is_empty(), "a dry run writes nothing");

    let (_, sent) = send(&house, &token, "", "text/csv; charset=utf-8", table).await;
    assert_eq!(sums(&sent), (1, 1, 2), "{sent}");
    assert_eq!((sent["items"][2]["row"].as_u64(), sent["items"][2]["email"].as_str()), (Some(3), Some("odd")));
    assert!(sent["items"][3]["detail"].as_str().unwrap().contains("there is no app `nothing`"), "{sent}");
    let (_, again) = send(&house, &token, "", "text/csv", table).await;
    assert_eq!(sums(&again), (0, 2, 2), "{again}");
    assert_eq!(again["items"][1]["invitation"], sent["items"][1]["invitation"]);
}

#[tokio::test]
async fn rows_beyond_what_is_the_askers_are_refused_one_by_one() {
    let house = House::open().await;
    let owner = house.token(Power::Owner(vec![AppId::parse("charts").unwrap()])).await.1;
    let rows = r#"{"rows": [{"email": "a@partner.example", "apps": []}, {"email": "b@partner.example", "apps": [{"app": "orders"}]}]}"#;
    let (_, report) = send(&house, &format!("Bearer {owner}"), "?apps=charts&send=false", "application/json", rows).await;
    assert_eq!(sums(&report), (1, 0, 1), "{report}");
    let reader = house.token(Power::Reader).await.1;
    assert_eq!(send(&house, &format!("Bearer {reader}"), "", "application/json", rows).await.0, 403);
    let wrong = send(&house, &format!("Bearer {owner}"), "", "text/csv", "address\nx\n").await;
    assert_eq!(wrong.0, 400, "{}", wrong.1);
}
