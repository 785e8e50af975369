//! Other programs that ask whether somebody may do something (AuthZEN).

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{base::AppId, directory::Power, store::suite};

async fn ask(house: &House, power: Power, path: &str, body: Value) -> Answer {
    let authorization = format!("Bearer {}", house.token(power).await.1);
    let headers = [("authorization", authorization.as_str()), ("x-request-id", "mine")];
    let answer = house.ask(&Method::POST, path, &headers, &body.to_string()).await;
    assert_eq!(answer.headers["x-request-id"], "mine");
    answer
}

async fn decided(house: &House, power: Power, path: &str, body: Value) -> Value {
    let answer = ask(house, power, path, body).await;
    assert_eq!((answer.status.as_u16(), &answer.headers["content-type"]), (200, &"application/json".parse().unwrap()), "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

fn question(guest: &str, app: &str) -> Value {
    json!({"subject": {"type": "user", "id": guest}, "action": {"name": "can_read"}, "resource": {"type": "app", "id": app}})
}

const ONE: &str = "/access/v1/evaluation";
const SEVERAL: &str = "/access/v1/evaluations";

#[tokio::test]
async fn who_has_a_grant_may_and_nobody_else() {
    let house = House::open().await;
    suite::accepted(&*house.state.store, "ann").await;
    let ann = "ann@partner.example";
    let yes = decided(&house, Power::Reader, ONE, question(ann, "charts")).await;
    assert_eq!((yes["decision"].as_bool(), yes["context"]["reason"].as_str()), (Some(true), Some("allow")), "{yes}");
    let orders = AppId::parse("orders").unwrap();
    let mut claims = question(ann, "orders");
    claims["context"] = json!({"grant": "valid", "time": "now", "ip": "192.0.2.1"});
    for (power, body) in [
        (Power::Reader, question(ann, "orders")),
        (Power::Reader, claims),
        (Power::Reader, question("nobody@partner.example", "charts")),
        (Power::Reader, question(ann, "nothing")),
        (Power::Owner(vec![orders]), question(ann, "charts")),
        (
            Power::Reader,
            json!({"subject": {"type": "robot", "id": ann}, "action": {"name": "can_read"}, "resource": {"type": "app", "id": "charts"}}),
        ),
        (
            Power::Reader,
            json!({"subject": {"type": "user", "id": ann}, "action": {"name": "fly"}, "resource": {"type": "app", "id": "charts"}}),
        ),
    ] {
        assert_eq!(decided(&house, power, ONE, body.clone()).await["decision"], false, "{body}");
    }
    for odd in
        [json!({}), json!({"subject": {"type": "user", "id": ann}}), json!({"subject": ann, "action": {"name": "x"}, "resource": {}})]
    {
        assert_eq!(ask(&house, Power::Reader, ONE, odd).await.status.as_u16(), 400);
    }
    let anonymous = house.ask(&Method::POST, ONE, &[], "{}").await;
    assert_eq!(anonymous.status.as_u16(), 401);
    let known = house.ask(&Method::GET, "/.well-known/authzen-configuration", &[], "").await;
    let known: Value = serde_json::from_str(&known.body).unwrap();
    assert_eq!(known["access_evaluation_endpoint"], "https://access.example.com/access/v1/evaluation");
}

#[tokio::test]
async fn several_questions_share_what_they_do_not_say_and_stop_where_they_are_told_to() {
    let house = House::open().await;
    suite::accepted(&*house.state.store, "ann").await;
    let app = |id: &str| json!({"resource": {"type": "app", "id": id}});
    for (semantic, expected) in [
        (json!(null), vec![false, true, false]),
        (json!("execute_all"), vec![false, true, false]),
        (json!("deny_on_first_deny"), vec![false]),
        (json!("permit_on_first_permit"), vec![false, true]),
    ] {
        let mut body = json!({
            "subject": {"type": "user", "id": "ann@partner.example"}, "action": {"name": "GET"},
            "evaluations": [app("orders"), app("charts"), json!({"resource": {"type": "app"}})],
        });
        if !semantic.is_null() {
            body["options"] = json!({"evaluations_semantic": semantic});
        }
        let answer = decided(&house, Power::Admin, SEVERAL, body).await;
        let decisions: Vec<bool> = answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"].as_bool().unwrap()).collect();
        assert_eq!(decisions, expected, "{semantic}");
    }
    assert_eq!(decided(&house, Power::Admin, SEVERAL, question("ann@partner.example", "charts")).await["decision"], true);
    let odd = json!({"evaluations": [{}], "options": {"evaluations_semantic": "perhaps"}});
    assert_eq!(ask(&house, Power::Admin, SEVERAL, odd).await.status.as_u16(), 400);
}
