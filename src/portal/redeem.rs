//! Accepting an invitation. Looking at it changes nothing, since mail scanners follow links; accepting is a POST.

use askama::Template;
use axum::{
    Form,
    extract::{
        Path,
        rejection::{FormRejection, PathRejection},
    },
};
use http::StatusCode;
use serde::Deserialize;

use super::{device, flow::Aim, people, signin, visit::Visit};
use crate::{
    base::{Digest, InvitationId, Timestamp},
    directory::{AddressProof, Invitation, Refusal as Refused},
    observe::{InvitationEvent, SignInResult},
    store::TokenKind,
    web::{Answer, Site, continue_to, render},
};

/// The use of the form token on the invitation's page.
const ACCEPT_FORM: &str = "accept";
/// The longest token in a link.
const LONGEST_TOKEN: usize = 128;

/// The way on of a notice that ends in signing in.
const TO_SIGN_IN: Option<(&str, &str)> = Some(("/signin", "sign-in-button"));

/// The form on the invitation's page.
#[derive(Debug, Deserialize)]
pub(super) struct AcceptForm {
    token: String,
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page<'p> {
    site: &'p Site,
    title: String,
    inviter: String,
    message: Option<&'p str>,
    offers: Vec<String>,
    mailed: bool,
    other: Option<String>,
    path: String,
    token: String,
    expires: Timestamp,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'p> {
    site: &'p Site,
    title: &'p str,
    lines: &'p [&'p str],
    link: Option<(&'p str, &'p str)>,
}

/// `GET /invitations/{token}`.
pub(super) async fn show(mut visit: Visit, token: Result<Path<String>, PathRejection>) -> Result<Answer, Answer> {
    let Path(token) = token.map_err(|_| gone(&visit))?;
    let (invitation, kind) = find(&visit, &token).await?;
    visit.invited_in(invitation.language.as_deref());
    let inviter = invitation.invited_by.as_ref().map_or_else(|| visit.site.name.clone(), ToString::to_string);
    let names: Vec<String> = invitation.offers.iter().filter_map(|o| visit.config().app(&o.app)).map(|app| app.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        return Err(gone(&visit));
    }
    let offers = invitation.offers.iter().filter_map(|offer| {
        let app = &visit.config().app(&offer.app)?.name;
        Some(match offer.access_for {
            Some(lasts) => visit.site.say("invitation-lasts").with("app", app).with("lasts", lasts).to_string(),
            None => visit.site.say("invitation-lasts-on").with("app", app).to_string(),
        })
    });
    let page = Page {
        site: &visit.site,
        title: visit.site.say("invitation-title").with("inviter", &inviter).with("apps", visit.site.voice.list(&names)).to_string(),
        message: invitation.message.as_deref(),
        offers: offers.collect(),
        mailed: kind == TokenKind::Mailed,
        other: visit.root.as_ref().filter(|root| root.guest.email != invitation.email).map(|root| root.guest.email.to_string()),
        path: format!("/invitations/{token}"),
        token: visit.form_token(ACCEPT_FORM),
        expires: invitation.expires,
        inviter,
    };
    Ok(visit.finish(Answer::page(StatusCode::OK, render(&page))))
}

/// `POST /invitations/{token}`.
pub(super) async fn post(visit: Visit, Path(token): Path<String>, sent: Result<Form<AcceptForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, ACCEPT_FORM)?;
    let (invitation, kind) = find(&visit, &token).await?;
    match kind {
        TokenKind::Direct => signin::send_code(&visit, invitation.email.clone(), Aim::Accept(invitation.id)).await,
        TokenKind::Mailed => {
            let proof = AddressProof::by_invitation(&invitation, &Digest::of(token.as_bytes()), visit.now).ok_or_else(|| gone(&visit))?;
            accept(&visit, invitation.id, proof).await
        }
    }
}

/// The address is proved: accepts, signs in and goes on to the app.
pub(super) async fn accept(visit: &Visit, id: InvitationId, proof: AddressProof) -> Result<Answer, Answer> {
    let (guest, invitation) = people::accept(visit, id, &proof).await.map_err(|failure| match failure {
        people::Failed::Refused(refusal) => refused(visit, refusal),
        people::Failed::Unavailable(_) => signin::failed(visit, &failure),
    })?;
    for offer in &invitation.offers {
        visit.state.metrics.invitation(&offer.app, InvitationEvent::Redeemed);
    }
    let method = proof.proof().factor.method();
    let device = device::known(visit, guest.id).or_else(|| device::new(visit));
    let signed_in = people::sign_in(visit, &guest, proof, Some(invitation.id), device.as_ref()).await;
    let session = signed_in.map_err(|failure| signin::failed(visit, &failure))?;
    visit.state.metrics.signin(method, SignInResult::Success);
    tracing::info!(guest = %guest.id, invitation = %invitation.id, session = %session.id, method, "invitation accepted");
    let answer = match invitation.offers.as_slice() {
        [only] => visit.config().app(&only.app).map(|app| {
            // The app starts the way back here, since only it can bind that to this browser.
            continue_to(&visit.site, &app.name, &format!("{}/", visit.config().origin(&app.host)))
        }),
        _ => None,
    };
    let answer = visit.signed_in(visit.finish(answer.unwrap_or_else(|| Answer::see_other("/"))), &session);
    Ok(device.into_iter().fold(answer, |answer, device| device::remember(visit, answer, guest.id, &device)))
}

/// The open invitation behind a token, or the page that says why there is none.
async fn find(visit: &Visit, token: &str) -> Result<(Invitation, TokenKind), Answer> {
    if token.len() > LONGEST_TOKEN {
        return Err(gone(visit));
    }
    let found = visit.state.store.invitation_by_token(&Digest::of(token.as_bytes())).await.map_err(|_| visit.unavailable())?;
    let (invitation, kind) = found.ok_or_else(|| gone(visit))?;
    invitation.must_be_open(visit.now).map_err(|refusal| refused(visit, refusal))?;
    if !visit.config().invitations.admits(&invitation.email) {
        return Err(refused(visit, Refused::Revoked));
    }
    Ok((invitation, kind))
}

/// Why an invitation cannot be accepted, and what helps.
fn refused(visit: &Visit, refusal: Refused) -> Answer {
    match refusal {
        Refused::AlreadyRedeemed => {
            notice(visit, StatusCode::CONFLICT, "accepted-before-title", &["accepted-before-next", "accepted-before-alarm"], TO_SIGN_IN)
        }
        Refused::Revoked => notice(visit, StatusCode::GONE, "revoked-title", &["revoked-why", "revoked-next"], None),
        Refused::Declined => notice(visit, StatusCode::GONE, "declined-title", &["declined-next"], None),
        Refused::Suspended | Refused::Removed => signin::no_entry(visit),
        Refused::Expired
        | Refused::WrongAddress
        | Refused::SessionEnded
        | Refused::Unwarranted
        | Refused::NothingToDo
        | Refused::Senseless => gone(visit),
    }
}

/// Expired, used by its mail, or never there: whoever guesses learns nothing from the difference.
pub(super) fn gone(visit: &Visit) -> Answer {
    notice(visit, StatusCode::NOT_FOUND, "gone-title", &["gone-why", "gone-next"], TO_SIGN_IN)
}

/// A page with a few sentences and a way on, all of them texts of the catalogue.
pub(super) fn notice(visit: &Visit, status: StatusCode, title: &str, lines: &[&str], link: Option<(&str, &str)>) -> Answer {
    let page = Notice { site: &visit.site, title, lines, link };
    visit.finish(Answer::page(status, render(&page)))
}
