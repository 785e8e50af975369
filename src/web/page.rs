//! What every page needs: whose site it is, and how times are written for people.

use std::{net::IpAddr, sync::Arc};

use crate::{
    config::{Accent, Config},
    identity::Brought,
    language::{Languages, Said, Voice, Wanted},
};

/// Whose pages these are, and in which language they are written.
#[derive(Debug, Clone)]
pub struct Site {
    /// What guests know the portal as.
    pub name: String,
    /// Whom they may ask.
    pub support: Option<String>,
    /// The origin of the portal, such as `https://access.example.com:8443`.
    pub portal: String,
    /// The language.
    pub voice: Voice,
    /// Of buttons and links.
    pub accent: Accent,
    /// The name of the logo's file.
    pub logo: Option<String>,
    /// The choice of another language, on pages of the portal that a browser can come back to.
    pub chooser: Option<Chooser>,
}

/// What the form at the foot of a page needs to choose a language.
#[derive(Debug, Clone)]
pub struct Chooser {
    /// The form's token.
    pub token: String,
    /// The path of the page.
    pub back: String,
}

/// Whom a request comes from, as the gateway found out: an extension of every request that it hands to the portal.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The client's address, trusted hops taken off.
    pub ip: IpAddr,
    /// Names the request in logs and on pages.
    pub request_id: Arc<str>,
    /// At which host of ours it came in.
    pub door: Door,
}

/// The hosts of ours that the portal answers on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Door {
    /// Its own.
    Portal,
    /// The one where browsers are asked for a certificate, and what was brought.
    Certificates(Brought),
}

/// The template of the route that answered, an extension of the portal's answers: logs carry it instead of the path, which holds tokens.
#[derive(Debug, Clone)]
pub struct Route(pub Arc<str>);

impl Site {
    /// As the configuration says, in the language for whoever has named none.
    pub fn of(config: &Config, languages: &Arc<Languages>) -> Self {
        Self {
            name: config.portal.name.clone(),
            support: config.portal.support.as_ref().map(ToString::to_string),
            portal: config.origin(&config.portal.host),
            voice: languages.voice(&Wanted::default()),
            accent: config.portal.accent,
            logo: config.portal.logo.as_ref().map(|logo| logo.name.clone()),
            chooser: None,
        }
    }

    /// The same in the language of a person who has named these.
    #[must_use]
    pub fn speaking(&self, wanted: &Wanted<'_>) -> Self {
        Self { voice: self.voice.languages().voice(wanted), ..self.clone() }
    }

    /// A text of the catalogue.
    pub fn say<'s>(&'s self, id: &'s str) -> Said<'s> {
        self.voice.say(id)
    }
}

/// A template as text. One that cannot be rendered, which only a failing formatter could cause, is an empty page.
pub fn render<T: askama::Template>(template: &T) -> String {
    template.render().unwrap_or_default()
}
