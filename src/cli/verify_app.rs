//! `guestgate verify-app`: a small upstream that shows what an application receives, and checks the assertion as one should.

use std::{fmt::Write as _, net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// `guestgate verify-app`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Where to listen, for the gateway to reach
    #[arg(long, default_value = "127.0.0.1:8081")]
    listen: SocketAddr,
    /// The app's public host, as assertions name it
    #[arg(long, value_name = "HOST")]
    audience: String,
    /// The portal's URL, as assertions name it
    #[arg(long, value_name = "URL")]
    issuer: String,
    /// Where the keys are [default: `/.well-known/jwks.json` at the issuer]
    #[arg(long, value_name = "URL")]
    keys: Option<url::Url>,
    /// Whom the certificate of that address must come from, where that is not a public authority
    #[arg(long, value_name = "FILE")]
    authority: Option<std::path::PathBuf>,
}

impl Args {
    /// Serves until it is interrupted.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let url = match self.keys {
            Some(url) => url,
            None => url::Url::parse(&self.issuer)?.join("/.well-known/jwks.json")?,
        };
        let keys = Box::new(super::fetch::PublishedKeys { url, authority: self.authority });
        let listener = tokio::net::TcpListener::bind(self.listen).await?;
        super::print::line(&format!("listening on http://{}", listener.local_addr()?))?;
        axum::serve(listener, router(Trust { issuer: self.issuer, audience: self.audience, keys })).await?;
        Ok(())
    }
}

/// What the app trusts: fetched anew where a key is not known yet.
pub(crate) trait Keys: std::fmt::Debug + Send + Sync {
    /// The JSON Web Key Set (RFC 7517) as it is now.
    fn fetch(&self) -> futures_util::future::BoxFuture<'_, anyhow::Result<String>>;
}

/// Whom the assertion must be from, and for.
#[derive(Debug)]
pub(crate) struct Trust {
    /// `iss`: the portal's URL.
    pub(crate) issuer: String,
    /// `aud`: the app's public host.
    pub(crate) audience: String,
    /// Where keys come from.
    pub(crate) keys: Box<dyn Keys>,
}

/// The header that carries the signed identity.
const ASSERTION: &str = "x-guestgate-assertion";

/// The app as a router: every path answers.
pub(crate) fn router(trust: Trust) -> Router {
    Router::new().fallback(show).with_state(Arc::new(trust))
}

async fn show(State(trust): State<Arc<Trust>>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let checked = check(&trust, &headers).await;
    let wants_page = headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
    let mut seen = format!("{method} {uri}\n");
    for (name, value) in &headers {
        let _ = writeln!(seen, "{name}: {}", shown(name.as_str(), value.as_bytes()));
    }
    let (status, verdict) = match &checked {
        Ok(claims) => (StatusCode::OK, format!("genuine: {claims}")),
        Err(cause) => (StatusCode::UNAUTHORIZED, format!("refused: {cause:#}")),
    };
    if !wants_page {
        return (
            status,
            [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
            format!("assertion {verdict}\n\n{seen}\n{} bytes of body\n", body.len()),
        )
            .into_response();
    }
    let page = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><link rel=icon href='data:,'><meta name=viewport content='width=device-width'><title>What the app receives</title>\
         <style>body{{font:16px/1.5 sans-serif;max-width:52rem;margin:1rem auto;padding:0 1rem}}pre{{white-space:pre-wrap;overflow-wrap:anywhere;background:#eee;padding:1rem}}</style>\
         <h1>What the app receives</h1><p>Assertion {}</p><pre>{}</pre>",
        escape(&verdict),
        escape(&seen)
    );
    (status, axum::response::Html(page)).into_response()
}

/// A value as a person reads it: encoded names are spelt out beside it, a password is not shown.
fn shown(name: &str, value: &[u8]) -> String {
    let text = String::from_utf8_lossy(value).into_owned();
    if name == "authorization" {
        let user = text.strip_prefix("Basic ").and_then(|pair| STANDARD.decode(pair).ok());
        let user =
            user.and_then(|pair| String::from_utf8(pair).ok()).and_then(|pair| pair.split_once(':').map(|(user, _)| user.to_owned()));
        return user.map_or_else(|| "…".to_owned(), |user| format!("Basic … (user `{user}`, the password is not shown)"));
    }
    let decoded = match text.strip_prefix("=?UTF-8?B?") {
        Some(_) => text.split(' ').map(encoded_word).collect::<Option<Vec<_>>>().map(|words| words.concat()),
        None if text.contains('%') => percent_encoding::percent_decode_str(&text).decode_utf8().ok().map(Into::into),
        None => None,
    };
    match decoded.filter(|decoded| *decoded != text) {
        Some(decoded) => format!("{text} ({})", decoded.replace(char::is_control, "")),
        None => text,
    }
}

fn encoded_word(word: &str) -> Option<String> {
    let inner = word.strip_prefix("=?UTF-8?B?")?.strip_suffix("?=")?;
    String::from_utf8(STANDARD.decode(inner).ok()?).ok()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Checks signature, key, algorithm, issuer, audience and time: the whole list, as the handbook tells application owners.
async fn check(trust: &Trust, headers: &HeaderMap) -> anyhow::Result<serde_json::Value> {
    let mut values = headers.get_all(ASSERTION).iter();
    let token = match (values.next(), values.next()) {
        (Some(one), None) => one.to_str()?,
        (None, _) => anyhow::bail!("there is no assertion"),
        (Some(_), Some(_)) => anyhow::bail!("there are several assertions"),
    };
    let kid = jsonwebtoken::decode_header(token)?.kid.ok_or_else(|| anyhow::anyhow!("the assertion names no key"))?;
    let keys: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&trust.keys.fetch().await?)?;
    let key = keys.find(&kid).ok_or_else(|| anyhow::anyhow!("the key `{kid}` is not the gateway's"))?;
    let mut rules = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    rules.set_issuer(&[&trust.issuer]);
    rules.set_audience(&[&trust.audience]);
    rules.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    rules.leeway = 30;
    let data = jsonwebtoken::decode::<serde_json::Value>(token, &jsonwebtoken::DecodingKey::from_jwk(key)?, &rules)?;
    Ok(data.claims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_spelt_out_and_a_password_is_not_shown() {
        for (name, value, becomes) in [
            ("x-name", "Zo%C3%AB", "Zo%C3%AB (Zoë)"),
            ("x-name", "=?UTF-8?B?Wm/Dqw==?= =?UTF-8?B?IExlZQ==?=", "=?UTF-8?B?Wm/Dqw==?= =?UTF-8?B?IExlZQ==?= (Zoë Lee)"),
            ("x-name", "plain", "plain"),
            ("authorization", "Basic d2lraTpodW50ZXIy", "Basic … (user `wiki`, the password is not shown)"),
            ("authorization", "Bearer abc", "…"),
        ] {
            assert_eq!(shown(name, value.as_bytes()), becomes);
        }
    }
}
