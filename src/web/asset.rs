//! The few files that pages need, served under the reserved prefix on every host of ours: those that are compiled in, and the operator's
//! colours and logos.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{Answer, secure_program};
use crate::config::{Accent, Color, Config, Image};

/// Where assets live on every host.
pub const ASSET_PREFIX: &str = "/.guestgate/assets/";

const STYLE: &str = include_str!("assets/style.css");
const PASSKEY: &str = include_str!("assets/passkey.js");
const WAITING: &str = include_str!("assets/waiting.js");
const LIVE: &str = include_str!("assets/live.js");
const ICON: &str = include_str!("assets/icon.svg");
const SOON: &str = "public, max-age=300";
/// Whatever has another content has another name.
const NEVER: &str = "public, max-age=31536000, immutable";

/// The asset at this path, if it is one. For GET and HEAD; needs no session.
pub fn asset(path: &str, config: &Config) -> Option<Answer> {
    let name = path.strip_prefix(ASSET_PREFIX)?;
    Some(match name {
        "style.css" => answer("text/css; charset=utf-8", SOON, Bytes::from_static(STYLE.as_bytes())),
        "passkey.js" => answer("text/javascript; charset=utf-8", SOON, Bytes::from_static(PASSKEY.as_bytes())),
        "waiting.js" => answer("text/javascript; charset=utf-8", SOON, Bytes::from_static(WAITING.as_bytes())),
        "live.js" => answer("text/javascript; charset=utf-8", SOON, Bytes::from_static(LIVE.as_bytes())),
        "icon.svg" => answer("image/svg+xml", SOON, Bytes::from_static(ICON.as_bytes())),
        "brand.css" => answer("text/css; charset=utf-8", SOON, Bytes::from(brand(config.portal.accent))),
        _ => {
            let image = logos(config).find(|logo| name.strip_prefix("logo-") == Some(logo.name.as_str()))?;
            answer(image.media, NEVER, Bytes::copy_from_slice(&image.bytes))
        }
    })
}

fn logos(config: &Config) -> impl Iterator<Item = &Image> {
    config.portal.logo.iter().chain(config.apps.iter().filter_map(|app| app.logo.as_ref()))
}

fn answer(media: &'static str, keep: &'static str, body: Bytes) -> Answer {
    let mut headers = HeaderMap::with_capacity(5);
    secure_program(&mut headers);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    Answer { status: StatusCode::OK, headers, body }
}

/// The operator's colours, as variables of the style sheet.
fn brand(accent: Accent) -> String {
    let root = |color: Color| format!(":root{{--accent:{color};--on-accent:{}}}", color.text_on());
    format!("{}\n@media(prefers-color-scheme:dark){{{}}}\n", root(accent.light), root(accent.dark))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Host;

    #[test]
    fn logos_are_found_by_what_is_in_them_and_colours_by_the_configuration() {
        let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), Vec::new());
        let logo = Image::parse(b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".to_vec()).unwrap();
        let path = format!("{ASSET_PREFIX}logo-{}", logo.name);
        assert!(asset(&path, &config).is_none());
        config.portal.logo = Some(logo);
        let answer = asset(&path, &config).unwrap();
        assert_eq!(answer.headers["content-type"], "image/svg+xml");
        assert!(
            answer.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"),
            "opened by itself, it runs nothing"
        );
        let css = asset("/.guestgate/assets/brand.css", &config).unwrap();
        assert!(std::str::from_utf8(&css.body).unwrap().contains("--accent:#1f5f8b;--on-accent:#ffffff"));
    }
}
