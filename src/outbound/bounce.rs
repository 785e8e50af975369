//! Notices that a mail was not delivered after all, as mail servers send them to whoever the mail was from (RFC 3464).
//!
//! A notice names the mail by its `Message-ID`, whose 128 bits only we and whoever got the mail know. Nothing else in it is believed.

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};

use crate::base::MailId;

/// A mail that was not delivered after all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounce {
    /// Which one.
    pub mail: MailId,
    /// What the last mail server said, on one line.
    pub why: String,
}

/// Why a message is no such notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoBounce {
    /// It is no mail, or has no report of a delivery in it.
    #[error("this is no notice about a delivery")]
    NotOne,
    /// The mail is only late, or was delivered.
    #[error("the notice does not say that the delivery failed")]
    NotFailed,
    /// It is about a mail of somebody else.
    #[error("the notice is about a mail that was not sent from here")]
    NotOurs,
}

/// The longest reason that is kept, in characters.
const LONGEST: usize = 300;

impl Bounce {
    /// Reads a notice.
    pub fn parse(message: &[u8]) -> Result<Self, NoBounce> {
        let parsed = MessageParser::default().parse(message).ok_or(NoBounce::NotOne)?;
        let report = parsed.parts.iter().find(|part| is(part, "message", "delivery-status")).ok_or(NoBounce::NotOne)?;
        let status = String::from_utf8_lossy(report.contents()).into_owned();
        let failed = fields(&status, "action").any(|action| action.eq_ignore_ascii_case("failed"));
        if !failed {
            return Err(NoBounce::NotFailed);
        }
        let why = fields(&status, "diagnostic-code").next().or_else(|| fields(&status, "status").next()).unwrap_or_default();
        let why: String = why.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        let mail = parsed.parts.iter().find_map(original).ok_or(NoBounce::NotOurs)?;
        Ok(Self { mail, why })
    }
}

/// The id of the mail that the notice returns, whole or in its head alone.
fn original(part: &mail_parser::MessagePart<'_>) -> Option<MailId> {
    if let PartType::Message(message) = &part.body {
        return own_id(message);
    }
    let heads = is(part, "text", "rfc822-headers") || is(part, "message", "rfc822") || is(part, "message", "global-headers");
    if !heads {
        return None;
    }
    own_id(&MessageParser::default().parse(part.contents())?)
}

fn own_id(message: &Message<'_>) -> Option<MailId> {
    message.message_id()?.split('@').next()?.parse().ok()
}

fn is(part: &mail_parser::MessagePart<'_>, kind: &str, subtype: &str) -> bool {
    let typed = part.content_type();
    typed.is_some_and(|t| t.ctype().eq_ignore_ascii_case(kind) && t.subtype().is_some_and(|s| s.eq_ignore_ascii_case(subtype)))
}

/// The values of a field, which may go on over several lines.
fn fields<'t>(text: &'t str, name: &'static str) -> impl Iterator<Item = String> + 't {
    let mut unfolded: Vec<String> = Vec::new();
    for line in text.lines() {
        match unfolded.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            Some(_) | None => unfolded.push(line.to_owned()),
        }
    }
    unfolded.into_iter().filter_map(move |line| {
        let (field, value) = line.split_once(':')?;
        field.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Id as _;

    fn notice(action: &str, returned: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nTo: no-reply@example.com\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; ann@partner.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n\
             Diagnostic-Code: smtp; 550 5.1.1 no such\r\n person here\r\n\
             --b\r\n{returned}\r\n--b--\r\n"
        )
    }

    const OURS: &str = "Message-ID: <AQEBAQEBAQEBAQEBAQEBAQ@example.com>\r\nSubject: Come\r\n";

    #[test]
    fn a_notice_names_the_mail_and_what_the_server_said() {
        let expected = Bounce { mail: MailId::from_bytes([1; 16]), why: "smtp; 550 5.1.1 no such person here".to_owned() };
        for returned in
            [format!("Content-Type: message/rfc822\r\n\r\n{OURS}\r\nWelcome"), format!("Content-Type: text/rfc822-headers\r\n\r\n{OURS}")]
        {
            assert_eq!(Bounce::parse(notice("failed", &returned).as_bytes()), Ok(expected.clone()), "{returned}");
        }
    }

    #[test]
    fn what_is_no_notice_changes_nothing() {
        let returned = format!("Content-Type: text/rfc822-headers\r\n\r\n{OURS}");
        let other = "Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <abc@elsewhere.example>\r\n";
        for (message, why) in [
            (notice("delayed", &returned), NoBounce::NotFailed),
            (notice("failed", other), NoBounce::NotOurs),
            (notice("failed", "Content-Type: text/plain\r\n\r\nnothing"), NoBounce::NotOurs),
            ("Subject: hello\r\n\r\nAction: failed\r\n".to_owned(), NoBounce::NotOne),
            (String::new(), NoBounce::NotOne),
        ] {
            assert_eq!(Bounce::parse(message.as_bytes()), Err(why), "{message}");
        }
    }

    #[test]
    fn no_bytes_make_it_fall_over() {
        let whole = notice("failed", &format!("Content-Type: message/rfc822\r\n\r\n{OURS}\r\nWelcome"));
        for at in 0..whole.len() {
            let _ = Bounce::parse(&whole.as_bytes()[..at]);
            let mut bytes = whole.clone().into_bytes();
            bytes[at] ^= 0x80;
            let _ = Bounce::parse(&bytes);
        }
    }
}
