//! A partner's OpenID provider that says whatever a test wants it to say, right or wrong.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A running provider.
#[derive(Debug, Clone)]
pub struct Partner {
    pub at: SocketAddr,
    inner: Arc<Mutex<Inner>>,
}

/// What it says next.
#[derive(Debug, Clone, Default)]
pub struct Says {
    /// Claims in place of the right ones; `null` takes one away.
    pub claims: Value,
    /// How the token is signed: `none`, `other` (a key that is not published), else rightly.
    pub signed: &'static str,
    /// The `iss` of the way back: left out where empty, else this; `own` is the right one.
    pub iss: &'static str,
    /// An error in place of a code.
    pub error: &'static str,
    /// The host that it names for its token endpoint, in place of its own.
    pub token_host: Option<&'static str>,
    /// Whether it answers nothing at all.
    pub away: bool,
}

struct Inner {
    keys: Vec<(String, EncodingKey, Value)>,
    says: Says,
    codes: HashMap<String, HashMap<String, String>>,
    /// The parameters of the latest question.
    asked: HashMap<String, String>,
    /// How often each document was asked for.
    counts: HashMap<&'static str, usize>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inner").field("says", &self.says).finish_non_exhaustive()
    }
}

impl Says {
    /// What a right token says with these claims.
    pub fn claims(claims: Value) -> Self {
        Self { claims, iss: "own", ..Self::default() }
    }
}

pub fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn key(name: &str) -> (String, EncodingKey, Value) {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": name,
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    });
    (name.to_owned(), EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()), jwk)
}

impl Partner {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Inner {
            keys: vec![key("k1"), key("hidden")],
            says: Says::claims(json!({})),
            codes: HashMap::new(),
            asked: HashMap::new(),
            counts: HashMap::new(),
        };
        let partner = Self { at: listener.local_addr().unwrap(), inner: Arc::new(Mutex::new(inner)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/auth", get(authorize))
            .route("/token", post(token))
            .with_state(partner.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        partner
    }

    pub fn issuer(&self) -> String {
        format!("http://{}", self.at)
    }

    /// What it says from now on.
    pub fn says(&self, says: Says) {
        self.inner.lock().unwrap().says = says;
    }

    /// The parameters of the latest question.
    pub fn asked(&self, name: &str) -> String {
        self.inner.lock().unwrap().asked.get(name).cloned().unwrap_or_default()
    }

    /// How often a document was asked for.
    pub fn count(&self, what: &'static str) -> usize {
        self.inner.lock().unwrap().counts.get(what).copied().unwrap_or(0)
    }

    /// Puts another key in the place of the one that is published.
    pub fn rotate(&self, name: &str) {
        self.inner.lock().unwrap().keys[0] = key(name);
    }

    /// A logout token with some claims replaced.
    pub fn logout_token(&self, changed: &Value) -> String {
        let now = seconds();
        let claims = json!({
            "iss": self.issuer(), "aud": "guestgate", "iat": now, "exp": now + 120, "jti": format!("j-{now}-{}", rand_text()), "sub": "s-ann",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        let inner = self.inner.lock().unwrap();
        sign(&inner.keys[0], &merged(claims, changed))
    }

    /// A security event token with some claims replaced.
    pub fn signal(&self, event: &str, changed: &Value) -> String {
        let now = seconds();
        let claims = json!({
            "iss": self.issuer(), "aud": "guestgate", "iat": now, "jti": format!("e-{now}-{}", rand_text()),
            "sub_id": { "format": "iss_sub", "iss": self.issuer(), "sub": "s-ann" }, "events": { event: { "event_timestamp": now } },
        });
        let inner = self.inner.lock().unwrap();
        let (kid, key, _) = &inner.keys[0];
        let header = Header { kid: Some(kid.clone()), typ: Some("secevent+jwt".to_owned()), ..Header::new(Algorithm::ES256) };
        encode(&header, &merged(claims, changed), key).unwrap()
    }

    fn count_one(&self, what: &'static str) -> Says {
        let mut inner = self.inner.lock().unwrap();
        *inner.counts.entry(what).or_default() += 1;
        inner.says.clone()
    }
}

fn rand_text() -> String {
    let mut bytes = [0; 12];
    aws_lc_rs::rand::fill(&mut bytes).unwrap();
    URL_SAFE_NO_PAD.encode(bytes)
}

fn merged(mut claims: Value, changed: &Value) -> Value {
    for (name, value) in changed.as_object().into_iter().flatten() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn sign((kid, key, _): &(String, EncodingKey, Value), claims: &Value) -> String {
    let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::ES256) };
    encode(&header, claims, key).unwrap()
}

fn away() -> Response {
    StatusCode::SERVICE_UNAVAILABLE.into_response()
}

async fn discovery(State(partner): State<Partner>) -> Response {
    let says = partner.count_one("discovery");
    if says.away {
        return away();
    }
    let issuer = partner.issuer();
    let token = says.token_host.map_or_else(|| issuer.clone(), |host| format!("http://{host}:{}", partner.at.port()));
    Json(json!({
        "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth"), "token_endpoint": format!("{token}/token"),
        "jwks_uri": format!("{issuer}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"], "authorization_response_iss_parameter_supported": true,
    }))
    .into_response()
}

async fn jwks(State(partner): State<Partner>) -> Response {
    if partner.count_one("jwks").away {
        return away();
    }
    let keys = vec![partner.inner.lock().unwrap().keys[0].2.clone()];
    Json(json!({ "keys": keys })).into_response()
}

async fn authorize(State(partner): State<Partner>, Query(asked): Query<HashMap<String, String>>) -> Redirect {
    let says = partner.count_one("auth");
    let issuer = partner.issuer();
    let mut back = url::Url::parse(&asked["redirect_uri"]).unwrap();
    {
        let mut query = back.query_pairs_mut();
        query.append_pair("state", &asked["state"]);
        match says.iss {
            "" => {}
            "own" => drop(query.append_pair("iss", &issuer)),
            other => drop(query.append_pair("iss", other)),
        }
        if says.error.is_empty() {
            let code = rand_text();
            query.append_pair("code", &code);
            partner.inner.lock().unwrap().codes.insert(code, asked.clone());
        } else {
            query.append_pair("error", says.error);
        }
    }
    partner.inner.lock().unwrap().asked = asked;
    Redirect::to(back.as_str())
}

async fn token(State(partner): State<Partner>, Form(sent): Form<HashMap<String, String>>) -> Response {
    let says = partner.count_one("token");
    if says.away {
        return away();
    }
    let mut inner = partner.inner.lock().unwrap();
    let refused = || (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    let Some(asked) = inner.codes.remove(&sent["code"]) else { return refused() };
    let verifier = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, sent["code_verifier"].as_bytes());
    if URL_SAFE_NO_PAD.encode(verifier.as_ref()) != asked["code_challenge"] || asked["code_challenge_method"] != "S256" {
        return refused();
    }
    let now = seconds();
    let claims = json!({
        "iss": partner.issuer(), "sub": "s-ann", "aud": "guestgate", "iat": now, "exp": now + 300, "nonce": asked["nonce"],
        "email": asked.get("login_hint").cloned().unwrap_or_default(), "email_verified": true, "auth_time": now,
    });
    let claims = merged(claims, &says.claims);
    let token = match says.signed {
        "none" => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!("{}.{}.", part(&json!({ "alg": "none" })), part(&claims))
        }
        "other" => sign(&inner.keys[1], &claims),
        _ => sign(&inner.keys[0], &claims),
    };
    inner.says.signed = says.signed;
    Json(json!({ "access_token": "access", "token_type": "Bearer", "expires_in": 60, "id_token": token })).into_response()
}
