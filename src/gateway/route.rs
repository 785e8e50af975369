//! Which host and which of its parts a request is for, by one reading of name and path.

use std::{rc::Rc, sync::Arc};

use crate::{
    base::{Host, NormalPath},
    config::Preflight,
};

use super::{
    connection::{Connection, Name},
    look::Head,
    record::Shown,
    turned::Turned,
    worker::{BoundApp, Lens},
};

/// Where a request goes.
pub(super) enum Route {
    /// To the pages of the portal host.
    Portal,
    /// To the host where certificates are shown.
    Certificates,
    /// To one of our own paths on an app host.
    Reserved(Rc<BoundApp>, NormalPath<'static>),
    /// To an app, by somebody with a session.
    App(Rc<BoundApp>, NormalPath<'static>),
    /// To an app, by nobody.
    Open(Rc<BoundApp>, NormalPath<'static>, Open),
    /// A preflight that we answer ourselves.
    Preflight(Rc<BoundApp>),
}

/// Proof that a request needs no session: its path is public, or it is a preflight that the app wants to see. Only this module makes one.
#[derive(Debug)]
pub(super) struct Open(());

/// Finds out.
pub(super) fn route(connection: &Connection, lens: &Lens, head: &Head) -> Result<Route, Turned> {
    let host = named(connection, lens, head)?;
    if host == lens.config().portal.host {
        return Ok(Route::Portal);
    }
    if lens.config().tls.certificate_host.as_ref() == Some(&host) {
        return Ok(Route::Certificates);
    }
    let bound = connection.worker.bind_host(lens, host.as_str()).ok_or(Turned::UnknownHost)?;
    within(bound, head)
}

/// What may be logged of the target of a request that leads nowhere: paths of the portal are secrets.
pub(super) fn loggable(connection: &Connection, lens: &Lens, head: &Head) -> Shown {
    let config = lens.config();
    let ours = |host: &Host| *host == config.portal.host || config.tls.certificate_host.as_ref() == Some(host);
    let asked = head.authority().and_then(split_authority).and_then(|(name, _)| Host::parse(name).ok());
    let is_portal = matches!(&connection.name, Name::Of(sni) if ours(sni)) || asked.is_none_or(|host| ours(&host));
    if is_portal { Shown::Nothing } else { Shown::Sent }
}

/// The host that a request is for: what was asked of TLS and what HTTP asks for must be one.
fn named(connection: &Connection, lens: &Lens, head: &Head) -> Result<Host, Turned> {
    let authority = head.authority().ok_or(Turned::BadRequest("the request names no host"))?;
    if let Name::Of(sni) = &connection.name
        && names(authority, sni)
    {
        return Ok(sni.clone());
    }
    let (name, is_address) = split_authority(authority).ok_or(Turned::BadRequest("the host of the request cannot be read"))?;
    if is_address {
        return Err(if connection.name == Name::None { Turned::UnknownHost } else { Turned::Misdirected });
    }
    let host = Host::parse(name).map_err(|_| Turned::BadRequest("the host of the request cannot be read"))?;
    let agrees = matches!(&connection.name, Name::Of(sni) if *sni == host);
    if agrees || connection.is_trusted(lens.config()) { Ok(host) } else { Err(Turned::Misdirected) }
}

/// Whether this is the host as we write it, perhaps with a port: nearly every request says it so.
fn names(authority: &[u8], host: &Host) -> bool {
    match authority.strip_prefix(host.as_str().as_bytes()) {
        Some([]) => true,
        Some([b':', port @ ..]) => (1..=4).contains(&port.len()) && port.iter().all(u8::is_ascii_digit),
        Some(_) | None => false,
    }
}

/// Host without port, and whether it is an IP address.
fn split_authority(authority: &[u8]) -> Option<(&str, bool)> {
    let text = std::str::from_utf8(authority).ok().filter(|t| t.is_ascii())?;
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    if port.is_some_and(|p| p.parse::<u16>().is_err() || !p.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    Some((host, bare.parse::<std::net::IpAddr>().is_ok()))
}

/// Which part of an app host.
fn within(bound: Rc<BoundApp>, head: &Head) -> Result<Route, Turned> {
    let app = Arc::clone(&bound.live.app);
    if head.size() as u64 > app.limits.head.as_bytes() {
        return Err(Turned::HeadTooLarge);
    }
    let path = NormalPath::parse(head.target(), &app.paths).map_err(|error| {
        if let Some(key) = error.key() {
            tracing::info!(app = %app.id, key, "a path with two readings was refused; `paths` may allow it");
        }
        Turned::BadPath(error)
    })?;
    let path = path.into_owned();
    if path.segments().next() == Some(".guestgate") {
        return Ok(Route::Reserved(bound, path));
    }
    if head.is_preflight() {
        return Ok(match app.preflight {
            Preflight::Gateway => Route::Preflight(bound),
            Preflight::App => Route::Open(bound, path, Open(())),
        });
    }
    if app.public.iter().any(|glob| glob.matches(&path)) {
        return Ok(Route::Open(bound, path, Open(())));
    }
    Ok(Route::App(bound, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_says_nothing_else_than_the_long_one() {
        let host = Host::parse("charts.example.com").unwrap();
        for text in ["charts.example.com", "charts.example.com:8443", "charts.example.com:443", "charts.example.com:0"] {
            assert!(names(text.as_bytes(), &host));
            assert_eq!(split_authority(text.as_bytes()).map(|(name, _)| name), Some(host.as_str()));
        }
        for text in ["charts.example.com.", "Charts.example.com", "charts.example.com:", "charts.example.com:+1", "charts.example.comx", ""]
        {
            assert!(!names(text.as_bytes(), &host), "{text}");
        }
    }

    #[test]
    fn an_authority_is_a_host_and_perhaps_a_port() {
        for (text, read) in [
            ("charts.example.com", Some(("charts.example.com", false))),
            ("charts.example.com:8443", Some(("charts.example.com", false))),
            ("charts.example.com:", None),
            ("charts.example.com:+80", None),
            ("charts.example.com:99999", None),
            ("10.0.0.1:80", Some(("10.0.0.1", true))),
            ("[::1]:80", Some(("[::1]", true))),
            ("[::1]", Some(("[::1]", true))),
        ] {
            assert_eq!(split_authority(text.as_bytes()), read, "{text}");
        }
    }
}
