//! `/api/v1/tokens`: tokens for programs.

use axum::Json;
use http::StatusCode;

use super::{
    asker::Asker,
    input::{Body, Path, app, parsed},
    trouble::Trouble,
    views::{List, TokenView},
};
use crate::{
    base::{AppId, Span, TokenId},
    config::Config,
    directory::{ApiToken, ManageTokens, Power, Target, TokenDraft, may},
    store::TokenRecord,
};

/// What is posted to make one.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewToken)]
pub(super) struct New {
    role: Role,
    #[serde(default)]
    apps: Vec<String>,
    #[serde(default)]
    name: Option<String>,
    /// How long it holds, such as `90d`; without, until it is revoked.
    #[serde(default)]
    expires_in: Option<String>,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
enum Role {
    Admin,
    Inviter,
    Owner,
    Reader,
}

/// Makes a token, which this answer alone shows.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = New, responses((status = 201, description = "Done", body = TokenView)))]
pub(super) async fn create(Asker { state, actor }: Asker, Body(new): Body<New>) -> Result<(StatusCode, Json<TokenView>), Trouble> {
    let warrant = may::<ManageTokens>(&actor, Target::Everything)?;
    let power = new.power(&state.live.snapshot().config)?;
    let lifetime = new.expires_in.as_deref().map(|text| parsed::<Span>("expires_in", text)).transpose()?;
    let held: Vec<ApiToken> = state.store.tokens().await?.into_iter().map(|record| record.token).collect();
    let draft = TokenDraft { name: new.name, power, lifetime };
    let (token, secret, proposal) = ApiToken::issue(&state.occasion(), &warrant, &held, draft)?;
    state.carry_out(proposal).await?;
    let mut view = TokenView::of(&TokenRecord { token, last_used: None }, state.clock.now());
    view.token = Some(secret.reveal().to_owned());
    Ok((StatusCode::CREATED, Json(view)))
}

/// All tokens, oldest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", responses((status = 200, description = "Done", body = List<TokenView>)))]
pub(super) async fn list(Asker { state, actor }: Asker) -> Result<Json<List<TokenView>>, Trouble> {
    let _ = may::<ManageTokens>(&actor, Target::Everything)?;
    let now = state.clock.now();
    Ok(List::all(state.store.tokens().await?.iter().map(|record| TokenView::of(record, now)).collect()))
}

/// Ends a token, and those that were made with it.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", responses((status = 200, description = "Done", body = TokenView)))]
pub(super) async fn revoke(Asker { state, actor }: Asker, Path(id): Path<String>) -> Result<Json<TokenView>, Trouble> {
    let warrant = may::<ManageTokens>(&actor, Target::Everything)?;
    let missing = || Trouble::NotFound(format!("there is no token `{id}`"));
    let found = state.store.token(id.parse::<TokenId>().map_err(|_| missing())?).await?.ok_or_else(missing)?;
    let held: Vec<ApiToken> = state.store.tokens().await?.into_iter().map(|record| record.token).collect();
    let (token, proposal) = found.token.revoke(&state.occasion(), &warrant, &held)?;
    state.carry_out(proposal).await?;
    Ok(Json(TokenView::of(&TokenRecord { token, ..found }, state.clock.now())))
}

impl New {
    fn power(&self, config: &Config) -> Result<Power, Trouble> {
        let apps = self.apps.iter().map(|id| app(config, id)).collect::<Result<Vec<AppId>, _>>()?;
        match (self.role, apps.is_empty()) {
            (Role::Owner, true) => Err(Trouble::Input("an owner's token names the `apps` that it is for".to_owned())),
            (Role::Owner, false) => Ok(Power::Owner(apps)),
            (Role::Admin | Role::Inviter | Role::Reader, false) => Err(Trouble::Input("`apps` goes with the role `owner`".to_owned())),
            (Role::Admin, true) => Ok(Power::Admin),
            (Role::Inviter, true) => Ok(Power::Inviter),
            (Role::Reader, true) => Ok(Power::Reader),
        }
    }
}
