//! What a request is, in the words of policies.
//!
//! What no policy of the app reads is not looked up. What is looked up is kept with the connection: the next request most likely comes
//! from the same address and the same program.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    net::IpAddr,
};

use crate::{
    base::{Factor, Prefix, Proof, SessionId},
    directory::Session,
    live::{Place, SessionView},
    policy::{Bind, Bound, Device, Devices, Fact, HeaderFacts, Platform, RequestFacts, Risk, Signals},
    store::Revision,
};

use super::{
    admit::Asked,
    certificate,
    connection::Connection,
    look::{self, Head},
};

/// What was looked up for the last request.
#[derive(Debug, Default)]
pub(super) struct LookedUp {
    place: Cell<Option<(u64, IpAddr, Place)>>,
    /// A user agent, and what it runs on.
    agent: RefCell<Option<(Box<[u8]>, Platform)>>,
    unusual: Cell<Option<(Comparison, Signals)>>,
}

/// What signals are made from: the session as of one revision, the address, and what is in force.
type Comparison = (SessionId, Revision, u64, Option<IpAddr>);

/// The facts of a request; `view` is the session that it comes with.
pub(super) fn of<'a>(connection: &Connection, view: Option<&SessionView>, asked: Asked<'a>) -> RequestFacts<'a> {
    let footprint = asked.app.live.policies.footprint();
    let place =
        if footprint.reads(Fact::Country) || footprint.reads(Fact::Asn) { connection.looked_up.place(asked) } else { Place::default() };
    RequestFacts {
        ip: asked.client.known,
        country: place.country,
        asn: place.asn,
        platform: if footprint.reads(Fact::Platform) { connection.looked_up.platform(asked.head) } else { None },
        device: view.map_or(NO_SESSION, |view| devices(connection, view, asked)),
        client: asked.head.client(),
        headers: HeaderFacts::Known(asked.head),
        ..RequestFacts::new(asked.head.method(), asked.path)
    }
}

/// What is known of the device: a certificate on the connection comes beside what the session says.
fn devices(connection: &Connection, view: &SessionView, asked: Asked<'_>) -> Devices {
    let known = view.devices();
    if certificate::of_guest(connection, view, asked).is_some() { known.with(Device::Certified) } else { known }
}

/// What was shown in the session, a certificate on the connection included.
pub(super) fn proofs<'v>(connection: &Connection, view: &'v SessionView, asked: Asked<'_>) -> Cow<'v, [Proof]> {
    let shown = view.session.proofs.as_slice();
    match certificate::of_guest(connection, view, asked) {
        Some((_, at)) if !shown.iter().any(|proof| proof.factor == Factor::ClientCertificate) => {
            shown.iter().cloned().chain([Proof { factor: Factor::ClientCertificate, at }]).collect()
        }
        Some(_) | None => Cow::Borrowed(shown),
    }
}

/// How unusual the session is as it is used now; low where no policy asks.
pub(super) fn risk(connection: &Connection, view: &SessionView, asked: Asked<'_>) -> Risk {
    let is_read = asked.app.live.policies.footprint().reads(Fact::Risk);
    if is_read { Risk::of(signals(connection, view, asked)) } else { Risk::Low }
}

/// What is unusual about the session as it is used now. It is looked at again where the address or the session has changed.
pub(super) fn signals(connection: &Connection, view: &SessionView, asked: Asked<'_>) -> Signals {
    let comparison = (view.session.id, view.revision, asked.app.generation, asked.client.known);
    match connection.looked_up.unusual.get() {
        Some((before, signals)) if before == comparison => signals,
        _ => {
            let signals = compare(view, asked);
            connection.looked_up.unusual.set(Some((comparison, signals)));
            signals
        }
    }
}

fn compare(view: &SessionView, asked: Asked<'_>) -> Signals {
    let (session, snapshot) = (&view.session, &asked.lens.snapshot);
    let opened = snapshot.sighting(Some(session.origin.ip), session.created);
    Signals::judge(opened, snapshot.sighting(asked.client.known, asked.now), &session.past)
}

/// What is known of a device that has no session.
const NO_SESSION: Devices = Devices::NONE.with(Device::New);

impl LookedUp {
    fn place(&self, asked: Asked<'_>) -> Place {
        let Some(ip) = asked.client.known else { return Place::default() };
        match self.place.get() {
            Some((generation, known, place)) if generation == asked.app.generation && known == ip => place,
            _ => {
                let place = asked.lens.snapshot.places.of(ip);
                self.place.set(Some((asked.app.generation, ip, place)));
                place
            }
        }
    }

    /// By the client hint, else by the user agent; unknown where there is neither.
    fn platform(&self, head: &Head) -> Option<Platform> {
        let hint = look::one(head, "sec-ch-ua-platform").and_then(by_hint);
        hint.or_else(|| self.by_agent(look::one(head, "user-agent")?))
    }

    fn by_agent(&self, agent: &[u8]) -> Option<Platform> {
        if let Some((known, platform)) = self.agent.borrow().as_ref()
            && **known == *agent
        {
            return Some(*platform);
        }
        let platform = platform_of(&String::from_utf8_lossy(agent));
        *self.agent.borrow_mut() = Some((agent.into(), platform));
        Some(platform)
    }
}

/// The value of `Sec-CH-UA-Platform`.
fn by_hint(value: &[u8]) -> Option<Platform> {
    match value.strip_prefix(b"\"")?.strip_suffix(b"\"")? {
        b"Windows" => Some(Platform::Windows),
        b"macOS" => Some(Platform::Macos),
        b"Linux" => Some(Platform::Linux),
        b"iOS" => Some(Platform::Ios),
        b"Android" => Some(Platform::Android),
        b"" | b"Unknown" => None,
        _ => Some(Platform::Other),
    }
}

/// What a user agent runs on.
fn platform_of(agent: &str) -> Platform {
    let system = woothee::parser::Parser::new().parse(agent).map_or("", |found| found.os);
    match system {
        "Mac OSX" => Platform::Macos,
        "Linux" => Platform::Linux,
        "iPhone" | "iPad" | "iPod" | "iOS" => Platform::Ios,
        "Android" => Platform::Android,
        "Windows Phone OS" | "Windows CE" => Platform::Other,
        windows if windows.starts_with("Windows") => Platform::Windows,
        _ => Platform::Other,
    }
}

/// Whether the request comes from where the session is bound to. What is not known is elsewhere.
pub(super) fn is_bound(session: &Session, bind: Bind, asked: Asked<'_>) -> bool {
    bind.iter().all(|bound| match bound {
        Bound::Network => asked.client.known.is_some_and(|ip| Prefix::near(session.origin.ip).contains(ip)),
        Bound::Device => {
            let agent = look::one(asked.head, "user-agent").map(|a| String::from_utf8_lossy(a)).unwrap_or_default();
            *agent == *session.origin.user_agent || platform_of(&agent) == platform_of(&session.origin.user_agent)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_read_from_hints_and_agents() {
        for (hint, platform) in [
            (&b"\"Windows\""[..], Some(Platform::Windows)),
            (b"\"macOS\"", Some(Platform::Macos)),
            (b"\"Chrome OS\"", Some(Platform::Other)),
            (b"\"Unknown\"", None),
            (b"Windows", None),
        ] {
            assert_eq!(by_hint(hint), platform);
        }
        for (agent, platform) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
                Platform::Windows,
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
                Platform::Macos,
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", Platform::Linux),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
                Platform::Ios,
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                Platform::Android,
            ),
            ("curl/8.9.1", Platform::Other),
            ("", Platform::Other),
        ] {
            assert_eq!(platform_of(agent), platform, "{agent}");
        }
    }

    #[test]
    fn a_network_is_a_24_or_a_48() {
        let inside = |origin: &str, ip: &str| Prefix::near(origin.parse().unwrap()).contains(ip.parse().unwrap());
        assert!(inside("203.0.113.9", "203.0.113.200") && inside("::ffff:203.0.113.9", "203.0.113.1"));
        assert!(!inside("203.0.113.9", "203.0.114.9"));
        assert!(inside("2001:db8:40::1", "2001:db8:40:ffff::2") && !inside("2001:db8:40::1", "2001:db8:41::1"));
    }
}
