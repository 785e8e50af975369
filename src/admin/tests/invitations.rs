//! What an invitation may say: copies, the first page, templates; and answers that wait.

use http::Method;
use serde_json::{Value, json};

use super::kit::{Answer, House};
use crate::{
    base::{AppId, EmailAddress, Name, Span},
    config::{InvitationTemplate, TemplateOffer},
    directory::{Actor, Power},
    store::suite,
};

async fn post(house: &House, body: Value) -> (u16, Value) {
    let answer = house.ask_as_machine(&Method::POST, "/api/v1/invitations", &body.to_string()).await;
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test]
async fn copies_go_to_people_who_are_known_and_hold_no_link() {
    let house = House::open().await;
    house.configure(|config| {
        config.roles.admins = vec![EmailAddress::parse("ops@example.com").unwrap()];
        config.invitations.allow_domains = vec!["partner.example".parse().unwrap()];
    });
    let body = |cc: Value, send: bool| json!({"email": "ann@partner.example", "apps": [{"app": "charts"}], "message": "Welcome", "cc": cc, "send": send});
    let (status, made) =
        post(&house, body(json!(["Boss@partner.example", "ops@example.com", "boss@partner.example", "ann@partner.example"]), true)).await;
    assert_eq!((status, &made["cc"]), (201, &json!(["boss@partner.example", "ops@example.com"])), "{made}");
    let mails = house.state.store.claim_mail(suite::NOW, 10).await.unwrap();
    let to: Vec<&str> = mails.iter().map(|due| due.mail.to.as_str()).collect();
    assert_eq!(mails.len(), 3, "{to:?}");
    for due in &mails {
        let is_guest = due.mail.to.as_str() == "ann@partner.example";
        assert_eq!(due.mail.text.contains("/invitations/"), is_guest, "{}", due.mail.text);
        assert!(
            due.mail.text.contains("Welcome") && !due.mail.html.as_ref().is_some_and(|html| !is_guest && html.contains("/invitations/"))
        );
    }
    for (cc, send, problem) in [
        (json!(["stranger@elsewhere.example"]), true, "may not be written to"),
        (json!(["no address"]), true, "`cc`"),
        (json!(["boss@partner.example"]), false, "goes with the mail"),
        (json!(vec!["a@partner.example"; 11]), true, "more than 10"),
    ] {
        let (status, said) = post(&house, body(cc, send)).await;
        assert!(status == 400 && said["detail"].as_str().unwrap().contains(problem), "{said}");
    }
}

#[tokio::test]
async fn the_first_page_is_one_of_an_app_that_is_offered() {
    let house = House::open().await;
    let body = |url: &str| json!({"email": "ann@partner.example", "apps": [{"app": "charts"}], "send": false, "redirect_url": url});
    let (status, made) = post(&house, body("https://charts.example.com/reports?year=1#top")).await;
    assert_eq!((status, &made["landing"]), (201, &json!({"app": "charts", "path": "/reports?year=1#top"})), "{made}");
    for url in [
        "https://orders.example.com/",
        "https://evil.example/",
        "https://charts.example.com.evil.example/",
        "http://charts.example.com/",
        "https://charts.example.com:444/",
        "https://ann@charts.example.com/",
        "//charts.example.com/",
        "/reports",
        "javascript:alert(1)",
    ] {
        let (status, said) = post(&house, body(url)).await;
        assert_eq!(status, 400, "{url}: {said}");
    }
}

#[tokio::test]
async fn a_template_says_what_is_not_said_and_is_seen_by_those_who_may_use_it() {
    let house = House::open().await;
    let offer = |app: &str, role: Option<&str>| TemplateOffer {
        app: AppId::parse(app).unwrap(),
        role: role.map(|role| Name::parse(role).unwrap()),
        access_for: Some(Span::days(14)),
    };
    let template = |id: &str, offers: Vec<TemplateOffer>| InvitationTemplate {
        id: Name::parse(id).unwrap(),
        title: "External auditors".to_owned(),
        offers,
        groups: vec![Name::parse("auditors").unwrap()],
        message: Some("Read the reports.".to_owned()),
        language: Some("de".to_owned()),
    };
    house.configure(|config| {
        config.templates = vec![
            template("auditors", vec![offer("charts", None)]),
            template("both", vec![offer("charts", None), offer("orders", Some("reader"))]),
        ];
    });
    let (status, made) = post(&house, json!({"email": "ann@partner.example", "template": "both", "message": "Hello", "send": false})).await;
    assert_eq!(
        (status, &made["groups"], &made["language"], &made["message"]),
        (201, &json!(["auditors"]), &json!("de"), &json!("Hello")),
        "{made}"
    );
    assert_eq!(made["apps"][1], json!({"app": "orders", "role": "reader", "access_for": "14d"}));
    let (status, said) = post(&house, json!({"email": "bob@partner.example", "template": "auditor"})).await;
    assert!(status == 400 && said["detail"].as_str().unwrap().contains("did you mean `auditors`?"), "{said}");

    let owner = Actor::Owner { email: EmailAddress::parse("lee@example.com").unwrap(), apps: vec![suite::charts()] };
    let seen: Value = serde_json::from_str(&house.ask_as(&owner, &Method::GET, "/api/v1/templates", "").await.body).unwrap();
    assert_eq!(seen["items"].as_array().unwrap().len(), 1, "{seen}");
    assert_eq!(seen["items"][0]["id"], "auditors");
    let mine = json!({"email": "bob@partner.example", "template": "both", "send": false}).to_string();
    assert_eq!(house.ask_as(&owner, &Method::POST, "/api/v1/invitations", &mine).await.status.as_u16(), 403);

    let rows = json!({"rows": [{"email": "c@partner.example"}, {"email": "d@partner.example", "template": "none"}]}).to_string();
    let many = house.ask_as(&owner, &Method::POST, "/api/v1/invitations/bulk?template=auditors&send=false", &rows).await;
    let many: Value = serde_json::from_str(&many.body).unwrap();
    assert_eq!((&many["invited"], &many["refused"]), (&json!(1), &json!(1)), "{many}");
}

#[tokio::test]
async fn whoever_prefers_to_wait_is_told_that_the_change_is_in_force() {
    let house = House::open().await;
    suite::accepted(&*house.state.store, "ann").await;
    let token = format!("Bearer {}", house.token(Power::Admin).await.1);
    let asked = async |prefer: &str, name: &str, method: Method| -> Answer {
        let headers = [("authorization", token.as_str()), ("prefer", prefer)];
        house.ask(&method, "/api/v1/guests/ann@partner.example", &headers, &json!({"name": name}).to_string()).await
    };
    let answer = asked("return=minimal, wait=30", "Ann", Method::PATCH).await;
    assert_eq!((answer.status.as_u16(), answer.headers["preference-applied"].to_str().unwrap()), (200, "wait=30"), "{}", answer.body);
    assert!(asked("wait", "Ann", Method::PATCH).await.headers.get("preference-applied").is_none(), "nothing was to do: 409");
    assert!(asked("wait", "", Method::GET).await.headers.get("preference-applied").is_none());
}

#[tokio::test]
async fn a_change_of_a_guest_is_made_as_a_whole_or_not_at_all() {
    let house = House::open().await;
    let (ann, _) = suite::accepted(&*house.state.store, "ann").await;
    let path = "/api/v1/guests/ann@partner.example";
    let past = json!({"name": "Another", "access_until": "2020-01-01T00:00:00Z"}).to_string();
    assert_eq!(house.ask_as_machine(&Method::PATCH, path, &past).await.status.as_u16(), 400);
    assert_eq!(house.state.store.guest(ann.id).await.unwrap().unwrap().name, None, "the name stays");
    let all = json!({"name": "Ann", "state": "suspended", "reason": "holidays", "access_until": "2027-06-01T00:00:00Z"}).to_string();
    let done = house.ask_as_machine(&Method::PATCH, path, &all).await;
    assert_eq!(done.status.as_u16(), 200, "{}", done.body);
    let now = house.state.store.guest(ann.id).await.unwrap().unwrap();
    assert!(now.name.as_deref() == Some("Ann") && now.is_suspended() && now.version.0 == ann.version.0 + 2);
    let until = house.state.store.grants_of(ann.id).await.unwrap()[0].until.unwrap();
    assert_eq!(until.to_string(), "2027-06-01T00:00:00Z");
}
