//! Passkeys: what a browser is asked for, and whether what it answers is right. The protocol is the library's; here is what we ask of it.
//!
//! Every passkey is discoverable and shows that its owner was verified. What lies between question and answer ([`Making`],
//! [`Showing`]) is secret and used once: whoever keeps it sees to both.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use webauthn_rs::{
    Webauthn, WebauthnBuilder,
    prelude::{DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid},
};

use crate::base::{GuestId, Id};

/// The portal as a party that passkeys are made for.
#[derive(Debug)]
pub struct Passkeys(Webauthn);

/// Between asking for a new passkey and getting it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Making(PasskeyRegistration);

/// Between asking for a passkey and being shown it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Showing(DiscoverableAuthentication);

/// What a browser answers to the question for a passkey.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Answered(PublicKeyCredential);

/// What a browser answers to the question for a new passkey.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct Made(RegisterPublicKeyCredential);

/// For whom a passkey is made.
#[derive(Debug, Clone, Copy)]
pub struct Owner<'a> {
    /// Who; the passkey tells it when it is shown.
    pub guest: GuestId,
    /// The address, as browsers list it.
    pub email: &'a str,
    /// The name, where it is known.
    pub name: Option<&'a str>,
}

/// A passkey cannot be asked for, made or accepted.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The portal's address is none that passkeys can be made for.
    #[error("passkeys cannot be made for this portal")]
    Party,
    /// The answer is for another question, another site, another key, or is forged.
    #[error("the passkey was not accepted")]
    Refused(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What the store has of the passkey cannot be read.
    #[error("the stored passkey cannot be read")]
    Stored,
}

impl Passkeys {
    /// The portal on this host, with the origin that browsers see and the name that they show.
    pub fn of(host: &str, origin: &str, name: &str) -> Result<Self, PasskeyError> {
        let origin = Url::parse(origin).map_err(|_| PasskeyError::Party)?;
        let builder = WebauthnBuilder::new(host, &origin).map_err(|_| PasskeyError::Party)?;
        builder.rp_name(name).build().map(Self).map_err(|_| PasskeyError::Party)
    }

    /// Asks a browser to make a passkey; not on a device that has one of those already.
    pub fn make(&self, owner: Owner<'_>, known: &[&str]) -> Result<(Value, Making), PasskeyError> {
        let known = known.iter().filter_map(|credential| read(credential)).map(|passkey| passkey.cred_id().clone()).collect();
        let (id, shown) = (Uuid::from_bytes(owner.guest.to_bytes()), owner.name.unwrap_or(owner.email));
        let (question, state) = self.0.start_passkey_registration(id, owner.email, shown, Some(known)).map_err(refused)?;
        let mut question = serde_json::to_value(question).map_err(refused)?;
        if let Some(selection) = question.pointer_mut("/publicKey/authenticatorSelection") {
            selection["residentKey"] = json!("required");
            selection["requireResidentKey"] = json!(true);
        }
        Ok((question, Making(state)))
    }

    /// Checks a new passkey; what comes back is kept.
    pub fn made(&self, answer: &Made, state: &Making) -> Result<String, PasskeyError> {
        let passkey = self.0.finish_passkey_registration(&answer.0, &state.0).map_err(refused)?;
        serde_json::to_string(&passkey).map_err(refused)
    }

    /// Asks a browser to show a passkey: one of those given, or any that it has for us.
    pub fn ask(&self, of: &[&str]) -> Result<(Value, Showing), PasskeyError> {
        let (question, state) = self.0.start_discoverable_authentication().map_err(refused)?;
        let mut question = serde_json::to_value(question).map_err(refused)?;
        if let Some(object) = question.as_object_mut() {
            // Whether it waits in the address field or asks at once is for the page to say.
            object.remove("mediation");
        }
        let id = |passkey: Passkey| json!({ "type": "public-key", "id": URL_SAFE_NO_PAD.encode(passkey.cred_id()) });
        let allowed: Vec<Value> = of.iter().filter_map(|credential| read(credential)).map(id).collect();
        if let (Some(key), false) = (question.get_mut("publicKey"), allowed.is_empty()) {
            key["allowCredentials"] = Value::Array(allowed);
        }
        Ok((question, Showing(state)))
    }

    /// Checks a passkey that was shown against what was kept of it: its new state, where that has changed.
    pub fn shown(&self, answer: &Answered, state: Showing, credential: &str) -> Result<Option<String>, PasskeyError> {
        let mut passkey = read(credential).ok_or(PasskeyError::Stored)?;
        let result = self.0.finish_discoverable_authentication_v2(&answer.0, state.0, &passkey).map_err(refused)?;
        // Asked for with every question, and the only reason why a passkey alone counts as two factors.
        if !result.user_verified() {
            return Err(PasskeyError::Refused("the person was not verified".into()));
        }
        match passkey.update_credential(&result) {
            Some(true) => serde_json::to_string(&passkey).map(Some).map_err(refused),
            Some(false) => Ok(None),
            None => Err(PasskeyError::Stored),
        }
    }
}

impl Answered {
    /// Whose passkey it is, by its own words.
    pub fn owner(&self) -> Option<GuestId> {
        let handle = self.0.get_user_unique_id()?;
        handle.try_into().ok().map(GuestId::from_bytes)
    }

    /// Whether it is the passkey that this was kept of, by its own words.
    pub fn is_of(&self, credential: &str) -> bool {
        read(credential).is_some_and(|passkey| passkey.cred_id().as_slice() == self.0.get_credential_id())
    }
}

fn read(credential: &str) -> Option<Passkey> {
    serde_json::from_str(credential).ok()
}

fn refused(cause: impl std::error::Error + Send + Sync + 'static) -> PasskeyError {
    PasskeyError::Refused(Box::new(cause))
}
