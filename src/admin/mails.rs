//! `/api/v1/mails`.

use axum::Json;
use serde_json::{Value, json};

use super::{asker::Asker, input::Body, trouble::Trouble};
use crate::{
    directory::{ManageInvitation, Target, may},
    outbound::Bounce,
    store::{Delivery, MailStage, Note},
};

/// A message that came to the address that our mails are from.
#[derive(Debug, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Came {
    message: String,
}

/// Takes a notice that a mail was not delivered after all: whoever invited sees it.
#[utoipa::path(post, path = "/api/v1/mails/bounced", tag = "mails", request_body = Came, responses((status = 200, description = "Done", body = Value)))]
pub(super) async fn bounced(Asker { state, actor }: Asker, Body(came): Body<Came>) -> Result<Json<Value>, Trouble> {
    let _ = may::<ManageInvitation>(&actor, Target::Everything)?;
    let bounce = Bounce::parse(came.message.as_bytes()).map_err(|why| Trouble::Input(why.to_string()))?;
    let note = Note::Mail { id: bounce.mail, at: state.clock.now(), delivery: Delivery::Bounced(bounce.why.clone()) };
    state.store.note(note).await?;
    let known = state.store.mail_state(bounce.mail).await?.is_some_and(|mail| mail.stage == MailStage::Bounced);
    if !known {
        return Err(Trouble::NotFound("no mail of this id has been sent from here lately".to_owned()));
    }
    tracing::warn!(mail = %bounce.mail, error = bounce.why, "a mail has come back");
    Ok(Json(json!({"mail": bounce.mail, "error": bounce.why})))
}
