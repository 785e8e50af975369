//! `/api/v1/members`: people of the operator's own organisation.

use axum::Json;
use http::StatusCode;
use serde_json::{Value, json};

use super::{
    asker::Asker,
    input::{Body, parsed},
    trouble::Trouble,
};
use crate::{
    base::EmailAddress,
    directory::{EnrolMember, Enrolling, Guest, Target, may},
    web::{MEMBER_LINK_LIFE, MemberLink},
};

/// For whom a link is made.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMemberLink)]
pub(super) struct New {
    /// Without it, for the first administrator.
    #[serde(default)]
    email: Option<String>,
}

/// Makes the one-time link by which a member adds a passkey. It is in the answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/members/link", tag = "members", request_body = Option<New>, responses((status = 201, description = "Done", body = Value)))]
pub(super) async fn link(Asker { state, actor }: Asker, Body(new): Body<New>) -> Result<(StatusCode, Json<Value>), Trouble> {
    let warrant = may::<EnrolMember>(&actor, Target::Everything)?;
    let config = &state.live.snapshot().config;
    let email = match &new.email {
        Some(text) => parsed::<EmailAddress>("email", text)?,
        None => config.roles.admins.first().cloned().ok_or_else(|| {
            Trouble::Conflict(
                "the configuration names no administrator; add one, such as `roles: { admins: [you@example.com] }`".to_owned(),
            )
        })?,
    };
    if !config.is_member(&email) {
        let how = "add the address to `roles.admins`, to `roles.inviters` or to the `owners` of an app first";
        return Err(Trouble::Conflict(format!("the configuration does not name `{email}` as a member; {how}")));
    }
    let link = MemberLink::random(state.entropy.as_ref());
    let known = state.store.guest_by_email(&email).await?;
    let held = match &known {
        Some(guest) => state.store.factors(guest.id).await?,
        None => None,
    };
    let who = Enrolling { email: &email, known: known.as_ref(), held: held.as_ref(), token: link.digest, lifetime: MEMBER_LINK_LIFE };
    let (member, proposal) = Guest::enrol(&state.occasion(), &warrant, who)?;
    state.carry_out(proposal).await?;
    tracing::warn!(member = %member.id, by = ?actor.kind(), "a one-time link was made by which a member adds a passkey");
    let url = link.url(&config.origin(&config.portal.host), member.id);
    let expires = state.clock.now().plus(MEMBER_LINK_LIFE);
    Ok((StatusCode::CREATED, Json(json!({"id": member.id, "email": member.email, "link": url, "expires": expires}))))
}
