//! Whether two plays of one script agree, but for what is the gateway's to say.

use super::{Behind, Speaks};
use crate::wire::{End, Framing, Got, Heard, Script, script::Fields};

/// Request headers that the gateway says itself, or that end at a connection.
const OURS: [&str; 12] = [
    "host",
    "cookie",
    "connection",
    "content-length",
    "transfer-encoding",
    "expect",
    "te",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-request-id",
    "origin",
];
const IDENTITY: [&str; 4] = ["x-forwarded-user", "x-forwarded-email", "x-forwarded-groups", "x-guestgate-assertion"];
/// And of answers.
const OURS_DOWN: [&str; 6] = ["date", "connection", "keep-alive", "transfer-encoding", "content-length", "upgrade"];

pub(super) fn agree(
    script: &Script,
    (guest, behind): (Speaks, Behind),
    direct: &(Heard, Got),
    through: &(Heard, Got),
) -> Result<(), String> {
    let mixed = guest == Speaks::Http2 || behind == Behind::Http2;
    let with = |what: &str, direct: &dyn std::fmt::Debug, through: &dyn std::fmt::Debug| {
        format!("{what}\n directly: {direct:?}\n through:  {through:?}\n in {script:?}")
    };
    app_agrees(script, mixed, &direct.1, &through.1, &with)?;
    guest_agrees(script, guest, mixed, &direct.0, &through.0, &with)
}

type With<'w> = &'w dyn Fn(&str, &dyn std::fmt::Debug, &dyn std::fmt::Debug) -> String;

fn app_agrees(script: &Script, mixed: bool, direct: &Got, through: &Got, with: With<'_>) -> Result<(), String> {
    let without_id =
        |target: &str| target.strip_prefix("/c/").unwrap_or(target).trim_start_matches(|c: char| c.is_ascii_digit()).to_owned();
    let line = |got: &Got| (got.method.clone(), without_id(&got.target));
    if line(direct) != line(through) {
        return Err(with("the request line", &line(direct), &line(through)));
    }
    let leave = |name: &str| OURS.contains(&name) || IDENTITY.contains(&name) || name.starts_with("sec-websocket");
    let (here, there) = (kept(&direct.fields, mixed, leave), kept(&through.fields, mixed, leave));
    if here != there {
        return Err(with("the fields of the request", &shown(&here), &shown(&there)));
    }
    if !mixed && length(&direct.fields) != length(&through.fields) {
        return Err(with("the length of the request", &length(&direct.fields), &length(&through.fields)));
    }
    // Once the answer is whole, nobody has to carry the rest of the request.
    let early = script.may_answer_early();
    if early && direct.body.starts_with(&through.body) && through.body.len() >= script.insists_on() {
        return Ok(());
    }
    if direct.body != through.body {
        return Err(with("the body of the request", &differs(&direct.body, &through.body), &through.body.len()));
    }
    // Whoever leaves looks at nothing more.
    if !script.app_leaves() && (direct.end, direct.gone) != (through.end, through.gone) {
        return Err(with("the end of the request", &(direct.end, direct.gone), &(through.end, through.gone)));
    }
    Ok(())
}

fn guest_agrees(script: &Script, guest: Speaks, mixed: bool, direct: &Heard, through: &Heard, with: With<'_>) -> Result<(), String> {
    if script.app_is_silent() {
        let (status, end) = (through.status, through.end);
        return if (status, end) == (502, End::Whole) { Ok(()) } else { Err(with("no answer is a 502", &"502", &(status, end))) };
    }
    // A reset of HTTP/2 may overtake what was sent before it.
    let overtaken = mixed && script.app_leaves() && script.steps.last().is_some_and(|step| !step.waits);
    if overtaken && through.status == 0 {
        return Ok(());
    }
    // HTTP/2 opens a tunnel by 200 (RFC 8441).
    let opens = |heard: &Heard| if script.tells == Framing::Tunnel && heard.status == 200 { 101 } else { heard.status };
    if opens(direct) != opens(through) {
        return Err(with("the status", &direct.status, &through.status));
    }
    let leave = |name: &str| OURS_DOWN.contains(&name) || name.starts_with("sec-websocket-accept");
    let (here, mut there) = (kept(&direct.fields, mixed, leave), kept(&through.fields, mixed, leave));
    // An answer to one guest is said to be private.
    if let Some(at) = there.iter().position(|(n, v)| n.eq_ignore_ascii_case(b"cache-control") && v == b"private") {
        there.remove(at);
    }
    if here != there {
        return Err(with("the fields of the answer", &shown(&here), &shown(&there)));
    }
    if matches!(script.tells, Framing::Length(_)) && length(&direct.fields) != length(&through.fields) {
        return Err(with("the length of the answer", &length(&direct.fields), &length(&through.fields)));
    }
    if direct.body != through.body && !(overtaken && direct.body.starts_with(&through.body)) {
        return Err(with("the body of the answer", &differs(&direct.body, &through.body), &through.body.len()));
    }
    // The end of a tunnel says nothing more than that it is the end.
    let ends = |heard: &Heard| if script.tells == Framing::Tunnel && heard.end != End::Open { End::Whole } else { heard.end };
    if ends(direct) != ends(through) {
        return Err(with("the end of the answer", &direct.end, &through.end));
    }
    // Trailers are for those who speak HTTP/2, and declared by what they ask.
    if guest == Speaks::Http2 && script.told.iter().any(|(_, v)| v.starts_with(b"application/grpc")) && direct.trailers != through.trailers
    {
        return Err(with("the trailers of the answer", &shown(&direct.trailers), &shown(&through.trailers)));
    }
    Ok(())
}

fn kept(fields: &Fields, mixed: bool, leave: impl Fn(&str) -> bool) -> Fields {
    let lower = |name: &[u8]| String::from_utf8_lossy(name).to_ascii_lowercase();
    let mut kept: Fields = fields.iter().filter(|(n, _)| !leave(&lower(n))).cloned().collect();
    if mixed {
        // HTTP/2 has lower-case names, and its libraries keep fields of one name together.
        for (name, _) in &mut kept {
            name.make_ascii_lowercase();
        }
        kept.sort_by(|a, b| a.0.cmp(&b.0));
    }
    kept
}

/// The length where there is one; none at all and nothing are the same.
fn length(fields: &Fields) -> Option<String> {
    fields
        .iter()
        .find(|(n, _)| n.eq_ignore_ascii_case(b"content-length"))
        .map(|(_, v)| String::from_utf8_lossy(v).into_owned())
        .filter(|v| v != "0")
}

fn shown(fields: &Fields) -> Vec<String> {
    fields.iter().map(|(n, v)| format!("{}: {}", n.escape_ascii(), v.escape_ascii())).collect()
}

fn differs(a: &[u8], b: &[u8]) -> String {
    let at = a.iter().zip(b).position(|(a, b)| a != b).unwrap_or(a.len().min(b.len()));
    format!("{} bytes, differing from {at} on", a.len())
}
