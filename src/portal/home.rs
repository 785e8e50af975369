//! The first page: what is open to the guest, or the way to sign in.

use askama::Template;
use http::StatusCode;

use super::{people, signin, visit::Visit};
use crate::{
    base::Timestamp,
    directory::{Grant, Guest},
    web::{Answer, Site, render},
};

/// The use of the form token on every page of a signed-in guest.
pub(super) const ACCOUNT_FORM: &str = "account";

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'p> {
    site: &'p Site,
    email: &'p str,
    token: String,
    tiles: Vec<Tile>,
}

struct Tile {
    name: String,
    logo: Option<String>,
    url: String,
    until: Option<Timestamp>,
}

/// `GET /`.
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(root) = visit.root.clone() else { return signin::form(&visit, &signin::Asked::default()) };
    match people::open_grants(&visit, &root.guest).await {
        Ok(grants) => page(&visit, &root.guest, &grants),
        Err(_) => visit.unavailable(),
    }
}

fn page(visit: &Visit, guest: &Guest, grants: &[Grant]) -> Answer {
    let page = Page {
        site: &visit.site,
        email: guest.email.as_str(),
        token: visit.form_token(ACCOUNT_FORM),
        tiles: grants.iter().filter_map(|grant| tile(visit, grant)).collect(),
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}

fn tile(visit: &Visit, grant: &Grant) -> Option<Tile> {
    let app = visit.config().app(&grant.app)?;
    // The app starts the sign-in, since only it can bind the way back to this browser.
    let logo = app.logo.as_ref().map(|logo| logo.name.clone());
    Some(Tile { name: app.name.clone(), logo, url: format!("{}/", visit.config().origin(&app.host)), until: grant.until })
}
