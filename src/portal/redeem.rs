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
    base::{Digest, InvitationId},
    directory::{AddressProof, Invitation, Refusal as Refused},
    observe::{InvitationEvent, SignInResult},
    store::TokenKind,
    web::{Answer, Site, continue_to, duration, mail, moment, render},
};

/// The use of the form token on the invitation's page.
const ACCEPT_FORM: &str = "accept";
/// The longest token in a link.
const LONGEST_TOKEN: usize = 128;

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
    offers: Vec<OfferLine>,
    mailed: bool,
    other: Option<String>,
    path: String,
    token: String,
    expires: String,
}

struct OfferLine {
    name: String,
    lasts: String,
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
pub(super) async fn show(visit: Visit, token: Result<Path<String>, PathRejection>) -> Result<Answer, Answer> {
    let Path(token) = token.map_err(|_| gone(&visit))?;
    let (invitation, kind) = find(&visit, &token).await?;
    let inviter = invitation.invited_by.as_ref().map_or_else(|| visit.site.name.clone(), ToString::to_string);
    let names: Vec<String> = invitation.offers.iter().filter_map(|o| visit.config().app(&o.app)).map(|app| app.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    if names.is_empty() {
        return Err(gone(&visit));
    }
    let offers = invitation.offers.iter().filter_map(|offer| {
        let name = visit.config().app(&offer.app)?.name.clone();
        let lasts = offer.access_for.map_or_else(|| "until further notice".to_owned(), |span| format!("for {}", duration(span)));
        Some(OfferLine { name, lasts })
    });
    let page = Page {
        site: &visit.site,
        title: format!("{inviter} invites you to {}", mail::listed(&names)),
        message: invitation.message.as_deref(),
        offers: offers.collect(),
        mailed: kind == TokenKind::Mailed,
        other: visit.root.as_ref().filter(|root| root.guest.email != invitation.email).map(|root| root.guest.email.to_string()),
        path: format!("/invitations/{token}"),
        token: visit.form_token(ACCEPT_FORM),
        expires: moment(invitation.expires),
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
        Refused::AlreadyRedeemed => notice(
            visit,
            StatusCode::CONFLICT,
            "This invitation has already been accepted",
            &["Sign in with the address that was invited.", "If it was not you who accepted it, tell whoever invited you."],
            Some(("/signin", "Sign in")),
        ),
        Refused::Revoked => notice(
            visit,
            StatusCode::GONE,
            "This invitation has been withdrawn",
            &["It cannot be accepted any more.", "If you expected it to work, ask whoever invited you."],
            None,
        ),
        Refused::Declined => notice(
            visit,
            StatusCode::GONE,
            "You have declined this invitation",
            &["It cannot be accepted any more.", "If you have changed your mind, ask for a new one."],
            None,
        ),
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
    let lines = [
        "It may have expired, been replaced by a newer one, been used, or been copied incompletely.",
        "If you have accepted the invitation before, just sign in. Otherwise ask whoever invited you to send it again.",
    ];
    notice(visit, StatusCode::NOT_FOUND, "This link does not work", &lines, Some(("/signin", "Sign in")))
}

/// A page with a few sentences and a way on.
pub(super) fn notice(visit: &Visit, status: StatusCode, title: &str, lines: &[&str], link: Option<(&str, &str)>) -> Answer {
    let page = Notice { site: &visit.site, title, lines, link };
    visit.finish(Answer::page(status, render(&page)))
}
