//! Where somebody goes once a page has done its work: it travels in the page's form and is trusted no further than it can be read.

use serde::{Deserialize, Serialize};

use super::{stepup, visit::Visit};
use crate::{
    base::AppId,
    directory::Landing,
    identity::{KeyRing, Purpose, Start},
    web::Answer,
};

/// Where somebody goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Way {
    /// To the first page.
    Home,
    /// Back to the app that asked, once it has nothing more to ask.
    App(Box<Start>),
    /// To an app that has not asked yet.
    Open(AppId),
    /// To a page of an app, which an invitation has named.
    Landing(Landing),
    /// Back to an invitation, by its token.
    Invitation(String),
    /// To the members' own pages.
    Admin,
    /// To a page of the members, which a mail has named.
    Page(String),
    /// Back to the account.
    Account,
    /// On to adding a passkey.
    AddPasskey,
    /// On to adding an authenticator app.
    AddAuthenticator,
}

const ADMIN: &str = "admin";
const ACCOUNT: &str = "account";
const ADD_PASSKEY: &str = "add-passkey";
const ADD_AUTHENTICATOR: &str = "add-authenticator";
const OPEN: &str = "open:";
const LANDING: &str = "to:";
const INVITATION: &str = "invitation:";
const PAGE: &str = "at:";
/// Where pages of the members lie.
const MEMBERS: [&str; 3] = ["/admin/", "/requests/", "/grants/"];

impl Way {
    /// Reads what [`Way::write`] wrote; whatever it did not write leads home.
    pub(super) fn read(visit: &Visit, text: &str) -> Self {
        match text {
            "" => Self::Home,
            ADMIN => Self::Admin,
            ACCOUNT => Self::Account,
            ADD_PASSKEY => Self::AddPasskey,
            ADD_AUTHENTICATOR => Self::AddAuthenticator,
            other => {
                if let Some(app) = other.strip_prefix(OPEN).and_then(|id| AppId::parse(id).ok()) {
                    return Self::Open(app);
                }
                if let Some(sealed) = other.strip_prefix(LANDING) {
                    return read_landing(&visit.state.keys, sealed).map_or(Self::Home, Self::Landing);
                }
                if let Some(token) = other.strip_prefix(INVITATION).filter(|token| is_token(token)) {
                    return Self::Invitation(token.to_owned());
                }
                if let Some(path) = other.strip_prefix(PAGE).filter(|path| is_page(path)) {
                    return Self::Page(path.to_owned());
                }
                Start::unseal(&visit.state.keys, other, visit.now).map_or(Self::Home, |start| Self::App(Box::new(start)))
            }
        }
    }

    /// For a hidden field and for a link.
    pub(super) fn write(&self, keys: &KeyRing) -> String {
        match self {
            Self::Home => String::new(),
            // Sealed anew as it was: another page does not make it last longer.
            Self::App(start) => start.seal(keys),
            Self::Open(app) => format!("{OPEN}{app}"),
            // Sealed: nobody else says where a browser goes.
            Self::Landing(landing) => {
                let bytes = serde_json::to_vec(landing).unwrap_or_default();
                format!("{LANDING}{}", keys.seal(Purpose::Landing, &bytes))
            }
            Self::Invitation(token) => format!("{INVITATION}{token}"),
            Self::Page(path) => format!("{PAGE}{path}"),
            Self::Admin => ADMIN.to_owned(),
            Self::Account => ACCOUNT.to_owned(),
            Self::AddPasskey => ADD_PASSKEY.to_owned(),
            Self::AddAuthenticator => ADD_AUTHENTICATOR.to_owned(),
        }
    }

    /// The address for a script, which may go to any host.
    pub(super) fn address(&self, visit: &Visit) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::App(start) => stepup::address(visit, start),
            Self::Open(app) => stepup::page_of(visit, app, "/"),
            Self::Landing(landing) => stepup::page_of(visit, &landing.app, &landing.target),
            Self::Invitation(token) => format!("/invitations/{token}"),
            Self::Page(path) => path.clone(),
            Self::Admin => "/admin".to_owned(),
            Self::Account => "/account".to_owned(),
            Self::AddPasskey => "/account/passkeys/new".to_owned(),
            Self::AddAuthenticator => "/account/authenticator/new".to_owned(),
        }
    }

    /// The app that is asked for.
    pub(super) fn start(&self) -> Option<&Start> {
        if let Self::App(start) = self { Some(start) } else { None }
    }

    /// The answer to a form that has done its work: on to whatever is left. It may be redirected to our own host alone.
    pub(super) fn answer(&self, visit: &Visit) -> Answer {
        match self {
            Self::App(start) => stepup::resume(visit, start),
            Self::Open(app) => stepup::open(visit, app, "/"),
            Self::Landing(landing) => stepup::open(visit, &landing.app, &landing.target),
            Self::Home | Self::Admin | Self::Page(_) | Self::Invitation(_) | Self::Account | Self::AddPasskey | Self::AddAuthenticator => {
                visit.finish(Answer::see_other(&self.address(visit)))
            }
        }
    }
}

fn read_landing(keys: &KeyRing, sealed: &str) -> Option<Landing> {
    let bytes = keys.unseal(Purpose::Landing, sealed)?;
    serde_json::from_slice::<Landing>(&bytes).ok().filter(|landing| landing.target.starts_with('/'))
}

/// Whether it is the path of a page of the members: of this host, and without anything that could lead elsewhere.
fn is_page(path: &str) -> bool {
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'/'));
    plain && path.len() <= 128 && !path.contains("//") && MEMBERS.iter().any(|place| path.starts_with(place))
}

/// Whether it has the form of a link's token.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= 128 && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_a_page_of_the_members_on_this_host() {
        for good in ["/admin/reviews/AAAAAAAAAAAAAAAAAAAAAA", "/requests/AAAA", "/grants/a-b_c"] {
            assert!(is_page(good), "{good}");
        }
        for bad in
            ["//evil.example/admin/", "/admin//evil", "/account", "/admin/x?y", "/admin/../account", "https://evil.example", "/admin/\r\n"]
        {
            assert!(!is_page(bad), "{bad}");
        }
    }
}
