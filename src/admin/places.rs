//! `/api/v1/apps` and `/api/v1/roles`: what is configured, as far as the asker sees it.

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    asker::Asker,
    input::{Listing, Query},
    trouble::Trouble,
    views::List,
};
use crate::{
    base::{EmailAddress, Name},
    config::{App, Config},
    directory::{Actor, ReadAudit, Sight, Target, may, sight},
};

/// An app behind the gateway.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppView {
    id: String,
    name: String,
    host: String,
    /// Where guests open it.
    url: String,
    #[schema(value_type = Vec<String>)]
    owners: Vec<EmailAddress>,
    /// Groups of members who own it as well.
    #[schema(value_type = Vec<String>)]
    owner_groups: Vec<Name>,
    /// Whether people can ask to become guests of it by themselves.
    signup: bool,
}

/// Who has which office.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RolesView {
    #[schema(value_type = Vec<String>)]
    admins: Vec<EmailAddress>,
    #[schema(value_type = Vec<String>)]
    inviters: Vec<EmailAddress>,
    owners: Vec<OwnersView>,
}

/// The owners of an app.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OwnersView {
    app: String,
    #[schema(value_type = Vec<String>)]
    owners: Vec<EmailAddress>,
}

/// The apps that the asker may invite to or look at.
#[utoipa::path(get, path = "/api/v1/apps", tag = "apps", params(Listing), responses((status = 200, description = "Done", body = List<AppView>)))]
pub(super) async fn apps(Asker { state, actor }: Asker, Query(listing): Query<Listing>) -> Result<Json<List<AppView>>, Trouble> {
    let snapshot = state.live.snapshot();
    let config = &snapshot.config;
    let only = listing.app(config)?;
    // Inviters invite to every app, or to some.
    let sight = match (sight(&actor)?, &actor) {
        (Sight::Own(_), Actor::Inviter { apps: Some(apps), .. }) => Sight::Apps(apps.clone()),
        (Sight::Own(_), _) => Sight::Everything,
        (other @ (Sight::Everything | Sight::Apps(_)), _) => other,
    };
    let shown = config.apps.iter().filter(|app| sight.shows(&app.id) && only.as_ref().is_none_or(|id| *id == app.id));
    Ok(List::all(shown.map(|app| AppView::of(config, app)).collect()))
}

/// Who has which office: for those who may read the audit log.
#[utoipa::path(get, path = "/api/v1/roles", tag = "apps", responses((status = 200, description = "Done", body = RolesView)))]
pub(super) async fn roles(Asker { state, actor }: Asker) -> Result<Json<RolesView>, Trouble> {
    let _ = may::<ReadAudit>(&actor, Target::Everything)?;
    let config = &state.live.snapshot().config;
    let owners = config.apps.iter().map(|app| OwnersView { app: app.id.to_string(), owners: app.owners.clone() }).collect();
    Ok(Json(RolesView {
        admins: config.roles.admins.clone(),
        inviters: config.roles.inviters.iter().map(|inviter| inviter.email.clone()).collect(),
        owners,
    }))
}

impl AppView {
    fn of(config: &Config, app: &App) -> Self {
        Self {
            id: app.id.to_string(),
            name: app.name.clone(),
            host: app.host.to_string(),
            url: format!("{}/", config.origin(&app.host)),
            owners: app.owners.clone(),
            owner_groups: app.owner_groups.clone(),
            signup: app.signup.is_some(),
        }
    }
}
