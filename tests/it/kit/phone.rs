//! A phone with a passkey: what a browser and the authenticator behind it make of a question of WebAuthn. Written down once more,
//! against the specification, so that it agrees with the library by more than sharing its code.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// A phone that holds one passkey, and whose owner says yes to everything.
#[derive(Default)]
pub struct Phone {
    passkey: Option<Passkey>,
}

struct Passkey {
    id: Vec<u8>,
    user: String,
    key: EcdsaKeyPair,
}

/// The person is there, and was verified.
const VERIFIED: u8 = 0x05;
/// The data of a new key follow.
const WITH_KEY: u8 = 0x40;

impl Phone {
    /// Makes a passkey on a page of this origin, and gives what the page's script sends.
    pub fn make(&mut self, origin: &str, question: &Value) -> Value {
        let asked = &question["publicKey"];
        let selection = &asked["authenticatorSelection"];
        assert_eq!((&selection["residentKey"], &selection["userVerification"]), (&json!("required"), &json!("required")), "{asked}");
        assert!(asked["pubKeyCredParams"].as_array().unwrap().iter().any(|p| p["alg"] == -7), "{asked}");
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let id = digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec();
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let mut data = head(asked["rp"]["id"].as_str().unwrap(), VERIFIED | WITH_KEY);
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(&id);
        // COSE: an elliptic curve key (1: 2) for ES256 (3: -7) on P-256 (-1: 1) at x (-2) and y (-3).
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(x);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(y);
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(&data);
        let said = client("webauthn.create", origin, asked);
        let answer = answer(
            &id,
            &json!({ "clientDataJSON": text(said.as_bytes()), "attestationObject": text(&attestation), "transports": ["internal"] }),
        );
        self.passkey = Some(Passkey { id, user: asked["user"]["id"].as_str().unwrap().to_owned(), key });
        answer
    }

    /// Shows the passkey on a page of this origin.
    pub fn show(&self, origin: &str, question: &Value) -> Value {
        let passkey = self.passkey.as_ref().expect("a phone with a passkey");
        let asked = &question["publicKey"];
        assert_eq!(asked["userVerification"], "required", "{asked}");
        if let Some(allowed) = asked["allowCredentials"].as_array().filter(|allowed| !allowed.is_empty()) {
            assert!(allowed.iter().any(|one| one["id"] == text(&passkey.id).as_str()), "it is asked of another phone: {asked}");
        }
        let (data, said) = (head(asked["rpId"].as_str().unwrap(), VERIFIED), client("webauthn.get", origin, asked));
        let signed = [&data[..], digest(&SHA256, said.as_bytes()).as_ref()].concat();
        let signature = passkey.key.sign(&SystemRandom::new(), &signed).unwrap();
        answer(
            &passkey.id,
            &json!({
                "clientDataJSON": text(said.as_bytes()), "authenticatorData": text(&data),
                "signature": text(signature.as_ref()), "userHandle": passkey.user,
            }),
        )
    }
}

/// What every authenticator says first: for whom, what was seen, how often it has been used (it does not count).
fn head(party: &str, flags: u8) -> Vec<u8> {
    [digest(&SHA256, party.as_bytes()).as_ref(), &[flags, 0, 0, 0, 0]].concat()
}

fn client(kind: &str, origin: &str, asked: &Value) -> String {
    json!({ "type": kind, "challenge": asked["challenge"], "origin": origin, "crossOrigin": false }).to_string()
}

fn answer(id: &[u8], response: &Value) -> Value {
    json!({ "id": text(id), "rawId": text(id), "type": "public-key", "response": response, "extensions": {} })
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
