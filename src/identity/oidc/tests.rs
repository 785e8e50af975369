//! The rules of tokens, by tokens that are right but for one thing.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::*;
use crate::{
    base::{EmailAddress, Name, Span},
    config::{EmailVerified, Fallback, Issuer, MfaWords, Provider},
    directory::Vouched,
};

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
const ISSUER: &str = "https://login.contoso.com";

fn provider() -> Provider {
    Provider {
        id: Name::parse("contoso").unwrap(),
        name: "Contoso".to_owned(),
        issuer: Issuer::parse(ISSUER).unwrap(),
        client_id: "guestgate".to_owned(),
        client_secret: None,
        domains: vec!["contoso.com".parse().unwrap(), "*.contoso.com".parse().unwrap()],
        trust_mfa: true,
        mfa: MfaWords { acr: vec!["urn:two".to_owned()], amr: vec!["mfa".to_owned()] },
        members: false,
        groups: None,
        fallback: Fallback::Nothing,
        email_verified: EmailVerified::Required,
        scopes: Vec::new(),
        clock_skew: Span::secs(60),
        ca: None,
    }
}

fn question() -> Question {
    Question { nonce: "our-nonce".to_owned(), verifier: String::new(), asked: NOW.minus(Span::secs(30)), fresh: false }
}

fn right() -> Value {
    json!({
        "iss": ISSUER, "sub": "s-1", "aud": "guestgate", "exp": NOW.as_secs() + 300, "iat": NOW.as_secs() - 1, "nonce": "our-nonce",
        "email": "Ann@contoso.com", "email_verified": true, "name": " Ann ", "sid": "there-1",
    })
}

/// A token's claims with some of them replaced; `null` takes one away.
fn with(base: Value, changed: &Value) -> Value {
    let mut claims = base;
    for (name, value) in changed.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn opened<C: serde::de::DeserializeOwned>(claims: &Value) -> Opened<C> {
    Opened { claims: serde_json::from_value(claims.clone()).unwrap(), algorithm: Algorithm::ES256, kind: Some("jwt".to_owned()) }
}

fn judged_by(provider: &Provider, question: &Question, changed: &Value) -> Result<Vouched, ClaimError> {
    id_token(provider, question, &opened(&with(right(), changed)), (Some("access"), None), NOW)
}

fn judged(changed: &Value) -> Result<Vouched, ClaimError> {
    judged_by(&provider(), &question(), changed)
}

#[test]
fn a_right_token_vouches_for_the_address_and_for_nothing_else() {
    let vouched = judged(&json!({})).unwrap();
    assert_eq!((vouched.subject.as_str(), vouched.address.as_str(), vouched.name.as_deref()), ("s-1", "ann@contoso.com", Some("Ann")));
    assert_eq!((vouched.mfa, vouched.is_fresh, vouched.signed_in, vouched.session.as_deref()), (false, false, None, Some("there-1")));
    assert!(!format!("{:?}", question()).contains("our-nonce"), "secrets of a question are not shown");
}

#[test]
fn each_claim_that_is_not_right_is_found() {
    let now = NOW.as_secs();
    for (changed, expected) in [
        (json!({ "iss": "https://login.contoso.com/" }), ClaimError::Issuer),
        (json!({ "iss": "https://evil.example" }), ClaimError::Issuer),
        (json!({ "aud": "another" }), ClaimError::Audience),
        (json!({ "aud": ["guestgate", "another"] }), ClaimError::Audience),
        (json!({ "aud": [] }), ClaimError::Audience),
        (json!({ "azp": "another" }), ClaimError::Audience),
        (json!({ "nonce": "another" }), ClaimError::Nonce),
        (json!({ "nonce": null }), ClaimError::Nonce),
        (json!({ "nonce": "" }), ClaimError::Nonce),
        (json!({ "exp": now - 60 }), ClaimError::Expired),
        (json!({ "iat": now - 100_000, "exp": now + 100 }), ClaimError::Expired),
        (json!({ "iat": now - 120 }), ClaimError::Expired),
        (json!({ "iat": now + 61 }), ClaimError::NotYet),
        (json!({ "nbf": now + 61 }), ClaimError::NotYet),
        (json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }), ClaimError::AccessToken),
        (json!({ "sub": "" }), ClaimError::Subject),
        (json!({ "sub": "a\nb" }), ClaimError::Subject),
        (json!({ "email": null }), ClaimError::Domain),
        (json!({ "email": "ann@evil.example" }), ClaimError::Domain),
        (json!({ "email": "ann@contoso.com.evil.example" }), ClaimError::Domain),
        (json!({ "email": "ann@evil.example,ann@contoso.com" }), ClaimError::Domain),
        (json!({ "email_verified": false }), ClaimError::Unverified),
        (json!({ "email_verified": "false" }), ClaimError::Unverified),
        (json!({ "email_verified": null }), ClaimError::Unverified),
        (json!({ "email_verified": 1 }), ClaimError::Unverified),
    ] {
        assert_eq!(judged(&changed), Err(expected), "{changed}");
    }
    for fine in [
        json!({ "aud": ["guestgate"], "azp": "guestgate" }),
        json!({ "exp": now - 59 }),
        json!({ "iat": now + 60 }),
        json!({ "iat": (now as f64) + 0.25 }),
        json!({ "email": "ann@eu.contoso.com" }),
        json!({ "email_verified": "true" }),
    ] {
        assert!(judged(&fine).is_ok(), "{fine}");
    }
}

#[test]
fn a_token_of_another_kind_is_no_id_token() {
    for kind in ["at+jwt", "logout+jwt"] {
        let token = Opened { kind: Some(kind.to_owned()), ..opened::<IdClaims>(&right()) };
        assert_eq!(id_token(&provider(), &question(), &token, (None, None), NOW), Err(ClaimError::Audience), "{kind}");
    }
}

#[test]
fn the_access_token_belongs_to_the_id_token() {
    // Half of the SHA-256 of `access`.
    let half = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, b"access");
    let half = URL_SAFE_NO_PAD.encode(&half.as_ref()[..16]);
    assert!(judged(&json!({ "at_hash": half })).is_ok());
    let token = opened(&with(right(), &json!({ "at_hash": half })));
    assert_eq!(id_token(&provider(), &question(), &token, (None, None), NOW), Err(ClaimError::AccessToken), "none came");
}

#[test]
fn several_factors_are_believed_of_a_trusted_provider_in_its_own_words() {
    let doubted = Provider { trust_mfa: false, ..provider() };
    for (said, mfa) in [
        (json!({ "amr": ["pwd", "mfa"] }), true),
        (json!({ "acr": "urn:two" }), true),
        (json!({ "amr": ["pwd", "otp"] }), false),
        (json!({ "amr": "mfa" }), false),
        (json!({ "acr": "urn:one" }), false),
        (json!({}), false),
    ] {
        assert_eq!(judged(&said).unwrap().mfa, mfa, "{said}");
        assert!(!judged_by(&doubted, &question(), &said).unwrap().mfa, "{said}");
    }
}

#[test]
fn fresh_is_who_has_signed_in_since_we_asked_and_says_so() {
    let fresh = Question { fresh: true, ..question() };
    let asked = fresh.asked.as_secs();
    for (auth_time, counts) in [(Some(asked + 10), true), (Some(asked), true), (Some(asked - 3600), false), (None, false)] {
        let said = json!({ "auth_time": auth_time });
        let vouched = judged_by(&provider(), &fresh, &said).unwrap();
        assert_eq!(vouched.is_fresh, counts, "{said}");
        assert!(!judged(&said).unwrap().is_fresh, "nobody was asked to");
    }
    let future = judged_by(&provider(), &fresh, &json!({ "auth_time": NOW.as_secs() + 5_000 })).unwrap();
    assert_eq!(future.signed_in, Some(NOW), "nobody has signed in later than now");
}

#[test]
fn an_address_may_be_assumed_where_the_operator_says_so_but_not_against_the_provider() {
    let assumed = Provider { email_verified: EmailVerified::Assumed, ..provider() };
    assert!(judged_by(&assumed, &question(), &json!({ "email_verified": null })).is_ok());
    assert_eq!(judged_by(&assumed, &question(), &json!({ "email_verified": false })), Err(ClaimError::Unverified));
}

#[test]
fn google_must_say_that_the_organisation_manages_the_account() {
    let google = Provider { issuer: Issuer::parse("https://accounts.google.com").unwrap(), ..provider() };
    let said = |hd: Value| judged_by(&google, &question(), &json!({ "iss": "https://accounts.google.com", "hd": hd }));
    assert_eq!(said(Value::Null), Err(ClaimError::Unverified));
    assert_eq!(said(json!("evil.example")), Err(ClaimError::Unverified));
    assert!(said(json!("contoso.com")).is_ok());
}

#[test]
fn the_page_about_a_person_is_about_the_same_person_and_says_no_more_than_the_token() {
    let about = |sub: &str| -> UserInfo {
        serde_json::from_value(json!({ "sub": sub, "email": "bob@contoso.com", "email_verified": true })).unwrap()
    };
    let ask = |claims: &Value, about: &UserInfo| id_token(&provider(), &question(), &opened(claims), (Some("access"), Some(about)), NOW);
    let bare = with(right(), &json!({ "email": null, "email_verified": null }));
    assert_eq!(ask(&bare, &about("s-1")).unwrap().address, EmailAddress::parse("bob@contoso.com").unwrap());
    assert_eq!(ask(&bare, &about("s-2")), Err(ClaimError::OtherPerson));
    assert_eq!(ask(&right(), &about("s-1")).unwrap().address.as_str(), "ann@contoso.com");
}

fn logout_right() -> Value {
    json!({
        "iss": ISSUER, "aud": "guestgate", "iat": NOW.as_secs() - 1, "exp": NOW.as_secs() + 120, "jti": "j-1", "sub": "s-1", "sid": "there-1",
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    })
}

#[test]
fn a_logout_token_has_the_event_and_no_nonce_and_names_somebody() {
    let judged = |changed: &Value| logout(&provider(), &opened(&with(logout_right(), changed)), NOW);
    let told = judged(&json!({})).unwrap();
    assert_eq!((told.subject.as_deref(), told.session.as_deref()), (Some("s-1"), Some("there-1")));
    assert_ne!(told.once, judged(&json!({ "jti": "j-2" })).unwrap().once);
    assert!(judged(&json!({ "sub": null })).is_ok() && judged(&json!({ "sid": null })).is_ok() && judged(&json!({ "exp": null })).is_ok());
    let now = NOW.as_secs();
    for (changed, expected) in [
        (json!({ "iss": "https://evil.example" }), LogoutError::Issuer),
        (json!({ "aud": ["guestgate", "another"] }), LogoutError::Audience),
        (json!({ "events": null }), LogoutError::Kind),
        (json!({ "events": { "http://schemas.openid.net/event/backchannel-logout": true } }), LogoutError::Kind),
        (json!({ "events": { "other": {} } }), LogoutError::Kind),
        (json!({ "nonce": "n" }), LogoutError::Kind),
        (json!({ "exp": now - 60 }), LogoutError::Expired),
        (json!({ "iat": now - 700, "exp": now + 120 }), LogoutError::Expired),
        (json!({ "iat": now + 61 }), LogoutError::NotYet),
        (json!({ "sub": null, "sid": null }), LogoutError::Nobody),
        (json!({ "jti": "" }), LogoutError::Nobody),
    ] {
        assert_eq!(judged(&changed), Err(expected), "{changed}");
    }
}

/// A provider's key, and the set that it publishes.
fn key(seed: u8) -> (EncodingKey, Value) {
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref().to_vec();
    let jwk = json!({
        "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("k{seed}"),
        "x": URL_SAFE_NO_PAD.encode(&point[1..33]), "y": URL_SAFE_NO_PAD.encode(&point[33..65]),
    });
    (EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()), jwk)
}

fn signed(key: &EncodingKey, kid: Option<&str>) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(Algorithm::ES256) };
    encode(&header, &right(), key).unwrap()
}

fn set(keys: &[&Value]) -> ProviderKeys {
    ProviderKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

#[test]
fn a_token_is_opened_by_a_key_that_the_provider_publishes_and_by_no_other() {
    let ((one, first), (two, second)) = (key(1), key(2));
    let odd = json!({ "kty": "XYZ", "kid": "odd" });
    let known = set(&[&odd, &first]);
    assert!(known.open::<IdClaims>(&signed(&one, Some("k1"))).is_ok());
    assert!(known.open::<IdClaims>(&signed(&one, None)).is_ok(), "where nothing is named every key is tried");
    assert_eq!(known.open::<IdClaims>(&signed(&two, Some("k2"))).unwrap_err(), KeyFault::UnknownKey);
    assert_eq!(known.open::<IdClaims>(&signed(&two, Some("k1"))).unwrap_err(), KeyFault::Signature);
    assert!(set(&[&first, &second]).open::<IdClaims>(&signed(&two, Some("k2"))).is_ok());
    let secret = with(first.clone(), &json!({ "use": "enc" }));
    assert_eq!(set(&[&secret]).open::<IdClaims>(&signed(&one, Some("k1"))).unwrap_err(), KeyFault::UnknownKey);
    let other = with(first, &json!({ "alg": "ES384" }));
    assert_eq!(set(&[&other]).open::<IdClaims>(&signed(&one, Some("k1"))).unwrap_err(), KeyFault::UnknownKey);
}

#[test]
fn nothing_is_believed_that_anybody_could_have_signed() {
    let (_, public) = key(1);
    let known = set(&[&public]);
    let unsigned = |alg: &str| {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.", part(&json!({ "alg": alg, "kid": "k1" })), part(&right()))
    };
    assert_eq!(known.open::<IdClaims>(&unsigned("none")).unwrap_err(), KeyFault::Algorithm);
    assert_eq!(known.open::<IdClaims>(&unsigned("NonE")).unwrap_err(), KeyFault::Algorithm);
    // A published key is no shared secret.
    let shared = encode(&Header::new(Algorithm::HS256), &right(), &EncodingKey::from_secret(public.to_string().as_bytes())).unwrap();
    assert_eq!(known.open::<IdClaims>(&shared).unwrap_err(), KeyFault::Algorithm);
    let oct = json!({ "kty": "oct", "kid": "k9", "k": "AAAA" });
    assert_eq!(set(&[&oct]).open::<IdClaims>(&shared).unwrap_err(), KeyFault::Algorithm);
}

proptest::proptest! {
    #[test]
    fn no_text_is_opened_or_makes_us_panic(token in "[a-zA-Z0-9_.-]{0,200}|\\PC{0,80}", keys in "\\PC{0,80}|\\{\"keys\":\\[\\{[a-z\":,]{0,40}\\}\\]\\}") {
        let (_, public) = key(1);
        proptest::prop_assert!(set(&[&public]).open::<IdClaims>(&token).is_err());
        let _ = ProviderKeys::parse(keys.as_bytes());
    }

    #[test]
    fn a_changed_token_is_not_opened(at in 0_usize..400, to in "[A-Za-z0-9_-]") {
        let (own, public) = key(1);
        let token = signed(&own, Some("k1"));
        let at = at % token.len();
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        // The last characters of a part may carry bits that mean nothing.
        let same = || set(&[&public]).open::<Value>(&changed).is_ok_and(|opened| opened.claims == right());
        proptest::prop_assert!(set(&[&public]).open::<Value>(&changed).is_err() || same());
    }

    #[test]
    fn whatever_lies_outside_the_domains_is_not_vouched_for(local in "[a-z]{1,8}", domain in "[a-z]{1,8}\\.[a-z]{2,3}") {
        let said = judged(&json!({ "email": format!("{local}@{domain}") }));
        proptest::prop_assert_eq!(said.is_ok(), domain == "contoso.com");
    }
}
