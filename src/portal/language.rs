//! The language that somebody chooses: kept by the browser, and with the guest who is signed in, so that mails come in it too.

use axum::{Form, extract::rejection::FormRejection};
use http::header;
use serde::Deserialize;

use super::{people, signin, visit::Visit};
use crate::{
    base::{GuestId, Span},
    web::{Answer, Cookies, Keep, Refusal, read_cookie, set_cookie},
};

/// The use of the form token of the choice at the foot of each page.
pub(super) const LANGUAGE_FORM: &str = "language";
/// How long a browser keeps it: as long as browsers keep anything.
const LIFE: Span = Span::days(400);
/// The longest way back.
const LONGEST: usize = 4_096;

/// The choice at the foot of each page.
#[derive(Debug, Deserialize)]
pub(super) struct LanguageForm {
    token: String,
    language: String,
    back: String,
}

/// `POST /language`.
pub(super) async fn choose(visit: Visit, sent: Result<Form<LanguageForm>, FormRejection>) -> Result<Answer, Answer> {
    let Form(sent) = sent.map_err(|rejection| signin::bad_form(&visit, &rejection))?;
    visit.check_form(&sent.token, LANGUAGE_FORM)?;
    let known = visit.snapshot.languages.known(&sent.language).ok_or_else(|| visit.refuse(&Refusal::BrokenForm))?;
    if let Some(root) = &visit.root {
        people::speak(&visit, root.guest.id, &known).await.map_err(|failure| signin::failed(&visit, &failure))?;
    }
    let back = if is_path(&sent.back) { sent.back.as_str() } else { "/" };
    let answer = Answer::see_other(back).with(header::SET_COOKIE, &set_cookie(Cookies::LANGUAGE, &known, Keep::Seconds(LIFE.as_secs())));
    Ok(visit.finish(answer))
}

/// Keeps with the guest who signs in what this browser was told before, so that mails come in that language, too. Nobody is turned away
/// because this fails: the browser itself remembers.
pub(super) async fn keep(visit: &Visit, guest: GuestId) {
    let Some(chosen) = read_cookie(&visit.headers, Cookies::LANGUAGE).and_then(|tag| visit.snapshot.languages.known(tag)) else { return };
    if let Err(failure) = people::speak(visit, guest, &chosen).await {
        tracing::warn!(?failure, "the language that a guest has chosen was not stored");
    }
}

/// Whether it leads to a page of this host and nowhere else.
fn is_path(back: &str) -> bool {
    let plain = back.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    plain && back.len() <= LONGEST && back.starts_with('/') && !back.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_stays_on_this_host() {
        for (back, stays) in [
            ("/", true),
            ("/signin?start=a.b-c_d", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example/", false),
            ("evil", false),
            ("/a\r\nSet-Cookie: x", false),
            ("", false),
        ] {
            assert_eq!(is_path(back), stays, "{back:?}");
        }
    }
}
