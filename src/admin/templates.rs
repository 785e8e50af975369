//! `/api/v1/templates`: what the configuration has prepared for invitations.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asker::Asker,
    invitations::{New, NewOffer},
    trouble::Trouble,
    views::List,
};
use crate::{
    config::{Config, InvitationTemplate},
    directory::{Actor, Invite, Target, may, sight},
};

/// A template of invitations.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateView {
    id: String,
    title: String,
    apps: Vec<TemplateOffer>,
    groups: Vec<String>,
    message: Option<String>,
    language: Option<String>,
}

/// An app that a template offers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TemplateOffer {
    app: String,
    role: Option<String>,
    access_for: Option<String>,
}

/// The templates that the asker may use: those that offer nothing but apps that are theirs to invite to.
#[utoipa::path(get, path = "/api/v1/templates", tag = "invitations", responses((status = 200, description = "Done", body = List<TemplateView>)))]
pub(super) async fn list(Asker { state, actor }: Asker) -> Result<Json<List<TemplateView>>, Trouble> {
    let _ = sight(&actor)?;
    let snapshot = state.live.snapshot();
    Ok(List::all(usable(&snapshot.config, &actor).map(TemplateView::of).collect()))
}

/// Those that somebody may use.
pub(super) fn usable<'c>(config: &'c Config, actor: &Actor) -> impl Iterator<Item = &'c InvitationTemplate> {
    config.templates.iter().filter(|template| {
        let apps: Vec<_> = template.offers.iter().map(|offer| offer.app.clone()).collect();
        may::<Invite>(actor, Target::Apps(&apps)).is_ok()
    })
}

/// The template of this name.
pub(super) fn find<'c>(config: &'c Config, id: &str) -> Result<&'c InvitationTemplate, Trouble> {
    config.templates.iter().find(|template| template.id.as_str() == id).ok_or_else(|| {
        let near = crate::base::nearest(id, config.templates.iter().map(|template| template.id.as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Trouble::Input(format!("there is no template `{id}`{near}"))
    })
}

/// What is posted, with what its template says where nothing else is said.
pub(super) fn filled(config: &Config, mut new: New) -> Result<New, Trouble> {
    let Some(id) = new.template.take() else { return Ok(new) };
    let template = find(config, &id)?;
    if new.apps.is_empty() {
        new.apps = template.offers.iter().map(offer).collect();
    }
    if new.groups.is_empty() {
        new.groups = template.groups.iter().map(ToString::to_string).collect();
    }
    new.message = new.message.or_else(|| template.message.clone());
    new.language = new.language.or_else(|| template.language.clone());
    Ok(new)
}

fn offer(of: &crate::config::TemplateOffer) -> NewOffer {
    NewOffer {
        app: of.app.to_string(),
        role: of.role.as_ref().map(ToString::to_string),
        access_for: of.access_for.map(|span| span.to_string()),
    }
}

impl TemplateView {
    fn of(template: &InvitationTemplate) -> Self {
        let offer = |of: &crate::config::TemplateOffer| TemplateOffer {
            app: of.app.to_string(),
            role: of.role.as_ref().map(ToString::to_string),
            access_for: of.access_for.map(|span| span.to_string()),
        };
        Self {
            id: template.id.to_string(),
            title: template.title.clone(),
            apps: template.offers.iter().map(offer).collect(),
            groups: template.groups.iter().map(ToString::to_string).collect(),
            message: template.message.clone(),
            language: template.language.clone(),
        }
    }
}
