//! The first page: what is open to the guest and what else there is to know about it, or the way to sign in.

use askama::Template;
use http::StatusCode;

use super::{
    signin,
    tile::{self, Tile},
    visit::Visit,
};
use crate::{
    live::SessionView,
    web::{Answer, Site, actor_of, render},
};

/// The use of the form token on every page of a signed-in guest.
pub(super) const ACCOUNT_FORM: &str = "account";

#[derive(Template)]
#[template(path = "home.html")]
struct Page<'p> {
    site: &'p Site,
    email: &'p str,
    token: String,
    /// Whether there are members' pages for this one.
    administers: bool,
    tiles: Vec<Tile>,
    offered: Vec<Tile>,
}

/// `GET /`.
pub(super) async fn show(visit: Visit) -> Answer {
    let Some(root) = visit.root.clone() else { return signin::form(&visit, &signin::Asked::default()) };
    let grants = visit.state.store.grants_of(root.guest.id).await;
    let requests = visit.state.store.requests_for(&root.guest.email).await;
    match (grants, requests) {
        (Ok(grants), Ok(requests)) => page(&visit, &root, tile::tiles(&visit, &root, &grants, &requests)),
        (Err(_), _) | (_, Err(_)) => visit.unavailable(),
    }
}

fn page(visit: &Visit, root: &SessionView, tiles: Vec<Tile>) -> Answer {
    let (offered, tiles): (Vec<Tile>, Vec<Tile>) = tiles.into_iter().partition(|tile| tile.is_offer);
    let page = Page {
        site: &visit.site,
        email: root.guest.email.as_str(),
        token: visit.form_token(ACCOUNT_FORM),
        administers: actor_of(visit.config(), &root.guest).is_some(),
        tiles,
        offered,
    };
    visit.finish(Answer::page(StatusCode::OK, render(&page)))
}
