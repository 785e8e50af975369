use super::kit::*;
use crate::{
    base::Span,
    directory::{GuestState, audit::Event},
};

const ANN: &str = "ann@partner.example";

#[tokio::test]
async fn taking_everything_along_and_leaving_want_to_know_who_it_is_now() {
    let desk = Desk::open().await;
    let mut ann = desk.welcome(ANN).await;
    let cross = [("sec-fetch-site", "cross-site")];
    let token = ann.get("/account").await.field("token");
    assert_eq!(ann.post_from("/account/leave", &[("token", &token)], &cross).await.status, 403);
    assert_eq!(ann.post("/account/leave", &[("token", "x")]).await.status, 403);
    assert_eq!(ann.get("/account/export").await.location(), "/account", "a link takes nothing along");

    desk.pass(Span::mins(11)).await;
    for path in ["/account/export", "/account/leave"] {
        let token = ann.get("/account").await.field("token");
        assert_eq!(ann.post(path, &[("token", &token)]).await.location(), "/account/confirm?way=account", "{path}");
    }
    let guest = desk.guest(ANN).await.unwrap();
    let log = desk.state.store.audit_of(guest.id, 0, 100).await.unwrap();
    assert!(guest.is_active() && !log.iter().any(|entry| entry.body.contains(Event::GuestExported.as_str())));

    let token = ann.get("/account").await.field("token");
    let confirm = ann.get("/account/confirm?way=account").await;
    assert_eq!(confirm.status, 200, "{}", confirm.body);
    let asked = ann.post("/signin", &[("token", &confirm.field("token")), ("start", "account"), ("email", ANN)]).await;
    ann.type_code(&asked, &desk.code().await).await;
    let file = ann.post("/account/export", &[("token", &token)]).await;
    assert_eq!((file.status.as_u16(), &file.headers["content-type"]), (200, &"application/json".parse().unwrap()), "{}", file.body);
    assert!(file.says("\"email\": \"ann@partner.example\""), "{}", file.body);
    let left = ann.post("/account/leave", &[("token", &token)]).await;
    assert!(left.status == 200 && left.says("You have left") && !ann.cookies.contains_key("__Host-guestgate"), "{}", left.body);
    assert!(matches!(desk.guest(ANN).await.unwrap().state, GuestState::Removed { .. }));
}
