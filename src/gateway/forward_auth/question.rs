//! What a proxy asks about, as the request that the guest has sent. Whatever is said twice, or not at all, is no question.

use bytes::BytesMut;

use crate::gateway::{
    look::{Head, lines, one},
    names::{Taken, is_class, is_hop_by_hop, lists, speaks_for_us},
    turned::Turned,
    wire::{BodyFraming, Limits, Parsed, Progress, parse_request},
};

/// Where questions are asked.
const DOOR: &str = "/.guestgate/forward-auth";

/// The parts of a request that the proxy vouches for.
struct Said<'h> {
    method: &'h [u8],
    uri: &'h [u8],
    host: &'h [u8],
}

/// The request that is asked about.
pub(super) fn read(head: &Head) -> Result<Head, Turned> {
    if head.framing() != BodyFraming::None {
        return Err(Turned::BadRequest("a question has no body: the proxy must not pass on the body, nor its length"));
    }
    let said = match head.path().strip_prefix(DOOR).ok_or(Turned::NotFound)? {
        "" => by_fields(head)?,
        rest if rest.starts_with('/') => by_line(head, rest)?,
        _ => return Err(Turned::NotFound),
    };
    // `wss` is what some call a WebSocket over TLS.
    if !matches!(once(head, "x-forwarded-proto")?, b"https" | b"wss") {
        return Err(Turned::BadRequest("the request did not come over HTTPS"));
    }
    if lines(head, "x-forwarded-for").next().is_none() {
        return Err(Turned::BadRequest("the question does not say where the request comes from"));
    }
    written(head, &said)
}

/// As nginx, Traefik and Caddy ask.
fn by_fields(head: &Head) -> Result<Said<'_>, Turned> {
    let (method, uri) = (once(head, "x-forwarded-method")?, once(head, "x-forwarded-uri")?);
    Ok(Said { method, uri, host: once(head, "x-forwarded-host")? })
}

/// As Envoy asks: by the request's own line and host. Fields that would say the same again can only be the guest's.
fn by_line<'h>(head: &'h Head, rest: &'h str) -> Result<Said<'h>, Turned> {
    if ["x-forwarded-method", "x-forwarded-uri", "x-forwarded-host"].iter().any(|name| head.fields().has(name)) {
        return Err(Turned::BadRequest("the question says twice what it is about"));
    }
    let host = head.authority().ok_or(Turned::BadRequest("the request names no host"))?;
    Ok(Said { method: head.method().as_bytes(), uri: rest.as_bytes(), host })
}

fn once<'h>(head: &'h Head, name: &'static str) -> Result<&'h [u8], Turned> {
    one(head, name)
        .filter(|value| !value.is_empty())
        .ok_or(Turned::BadRequest("the question must say X-Forwarded-Method, -Uri, -Host, -Proto and -For, each but the last exactly once"))
}

/// Writes the request down and reads it as if the guest's connection had brought it.
fn written(head: &Head, said: &Said<'_>) -> Result<Head, Turned> {
    const NO_PATH: Turned = Turned::BadRequest("what the question is about is no request");
    let is_word = |text: &[u8]| text.iter().all(|b| (0x21..=0x7e).contains(b));
    if !said.uri.starts_with(b"/") || !is_word(said.method) || !is_word(said.uri) || !is_word(said.host) {
        return Err(NO_PATH);
    }
    let mut text = BytesMut::with_capacity(1_024);
    let mut put = |parts: &[&[u8]]| parts.iter().for_each(|part| text.extend_from_slice(part));
    put(&[said.method, b" ", said.uri, b" HTTP/1.1\r\nHost: ", said.host, b"\r\n"]);
    let taken = Taken::default();
    for (name, value) in head.fields().iter().filter(|(name, _)| is_the_guests(name, &taken)) {
        put(&[name, b": ", value, b"\r\n"]);
    }
    if is_upgrade(head) {
        put(&[b"Connection: Upgrade\r\nUpgrade: websocket\r\n"]);
    }
    put(&[b"\r\n"]);
    match parse_request(&mut text, &Limits::default(), &mut Progress::default()) {
        Ok(Parsed::Complete(asked)) if text.is_empty() => Ok(asked),
        Ok(Parsed::Complete(_) | Parsed::Partial) => Err(NO_PATH),
        Err(error) => Err(Turned::Unreadable(error)),
    }
}

/// Whether a field can be the guest's own: what proxies add about a request is believed nowhere but above.
fn is_the_guests(name: &[u8], taken: &Taken) -> bool {
    !is_hop_by_hop(name)
        && !speaks_for_us(name, taken)
        && !["host", "content-length", "expect", "x-request-id"].iter().any(|class| is_class(name, class))
}

/// Whether the guest asks for a WebSocket. Few proxies pass `Upgrade` on to us, but all pass the key, without which no WebSocket opens.
fn is_upgrade(head: &Head) -> bool {
    head.fields().has("sec-websocket-key") || lines(head, "upgrade").any(|value| lists(value, "websocket"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &str = "X-Forwarded-Method: POST\r\nX-Forwarded-Uri: /orders/7?x=1\r\nX-Forwarded-Host: charts.example.test:8443\r\n";
    const REST: &str = "X-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\n";

    fn read_text(line: &str, fields: &str) -> Result<Head, Turned> {
        let mut text = BytesMut::from(format!("{line} HTTP/1.1\r\nHost: charts.example.test\r\n{fields}\r\n").as_str());
        let Ok(Parsed::Complete(head)) = parse_request(&mut text, &Limits::default(), &mut Progress::default()) else { panic!("{line}") };
        read(&head)
    }

    fn asked(line: &str, fields: &str) -> String {
        match read_text(line, fields) {
            Ok(head) => {
                let host = String::from_utf8_lossy(head.authority().unwrap_or_default()).into_owned();
                format!("{} {host}{}{}", head.method(), head.path(), if head.is_upgrade() { " upgrade" } else { "" })
            }
            Err(Turned::BadRequest(why)) => why.to_owned(),
            Err(other) => format!("{other:?}"),
        }
    }

    #[test]
    fn a_question_in_fields_is_the_request_that_they_describe() {
        assert_eq!(asked(&format!("GET {DOOR}"), &format!("{FIELDS}{REST}")), "POST charts.example.test:8443/orders/7?x=1");
        let socket = format!("{FIELDS}{REST}Sec-WebSocket-Key: x\r\n").replace("POST", "GET");
        assert!(asked(&format!("GET {DOOR}"), &socket).ends_with(" upgrade"));
    }

    #[test]
    fn a_question_behind_our_path_is_the_request_itself() {
        assert_eq!(asked(&format!("DELETE {DOOR}/a//b?c"), REST), "DELETE charts.example.test/a//b?c");
        assert_eq!(asked(&format!("DELETE {DOOR}/a/%2e%2e/b?c"), REST), "DELETE charts.example.test/a/%2e%2e/b?c");
        assert!(asked(&format!("GET {DOOR}/a"), &format!("{REST}X-Forwarded-Uri: /public\r\n")).contains("twice"));
        assert!(asked(&format!("GET {DOOR}x"), REST).contains("NotFound"));
        assert!(asked("GET /orders", &format!("{FIELDS}{REST}")).contains("NotFound"));
    }

    #[test]
    fn what_is_missing_said_twice_or_no_request_is_refused() {
        let whole = format!("{FIELDS}{REST}");
        for line in whole.lines() {
            let without = whole.replace(&format!("{line}\r\n"), "");
            assert!(read_text(&format!("GET {DOOR}"), &without).is_err(), "without {line}");
            if !line.starts_with("X-Forwarded-For") {
                assert!(read_text(&format!("GET {DOOR}"), &format!("{whole}{line}\r\n")).is_err(), "twice {line}");
            }
        }
        for (from, to) in [
            ("https", "http"),
            ("https", "https, http"),
            ("POST", "post"),
            ("POST", "CONNECT"),
            ("POST", "GET /public HTTP/1.1"),
            ("/orders/7?x=1", "/a b"),
            ("/orders/7?x=1", "https://charts.example.test/a"),
            ("charts.example.test:8443", "charts.example.test, other.example.test"),
        ] {
            assert!(read_text(&format!("GET {DOOR}"), &whole.replace(from, to)).is_err(), "{to}");
        }
        assert!(read_text(&format!("POST {DOOR}"), &format!("{whole}Content-Length: 3\r\n")).is_err());
    }

    #[test]
    fn nothing_that_another_proxy_says_about_a_request_is_taken_for_the_guests() {
        let fields = format!("{FIELDS}{REST}X_Forwarded_Uri: /a\r\nX-Guestgate-Assertion: x\r\nForwarded: x\r\nCookie: a=1\r\nTE: x\r\n");
        let head = read_text(&format!("GET {DOOR}"), &fields).unwrap();
        let names: Vec<String> = head.fields().iter().map(|(name, _)| String::from_utf8_lossy(name).into_owned()).collect();
        assert_eq!(names, ["Host", "Cookie"]);
    }
}
