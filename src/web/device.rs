//! What a browser says that it is, in words.

use super::Site;

/// The browser and the system, as far as they can be told.
pub fn device_name(site: &Site, agent: &str) -> Option<String> {
    let found = woothee::parser::Parser::new().parse(agent)?;
    let known = |name: &str| !name.is_empty() && name != "UNKNOWN";
    match (known(found.name), known(found.os)) {
        (true, true) => Some(site.say("own-device").with("browser", found.name).with("system", found.os).to_string()),
        (true, false) => Some(found.name.to_owned()),
        (false, _) => None,
    }
}
