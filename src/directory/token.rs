//! Tokens for programs: what they may do, how they are made, and how they end.
//!
//! A token never outranks who made it, and never outlives the token or the administrator's office that it was made by: what it is worth is
//! asked again with every use ([`ApiToken::bearer`]).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{Actor, ActorKind, ManageTokens, Occasion, Proposal, Refusal, Version, Warrant, audit::Event, digest};
use crate::base::{AppId, Digest, EmailAddress, SecretText, Span, Timestamp, TokenId};

/// A token as it is kept: what it may do, and a hash of it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ApiToken {
    /// Its id, which is no secret.
    pub id: TokenId,
    /// What people call it.
    pub name: Option<String>,
    /// What it may do.
    pub power: Power,
    /// The hash of the secret.
    #[serde(with = "digest")]
    pub digest: Digest,
    /// When it was made.
    pub created: Timestamp,
    /// By which administrator; `None`: at the machine, or by a program.
    pub made_by: Option<EmailAddress>,
    /// By which other token.
    pub made_under: Option<TokenId>,
    /// From when it is void; `None`: only once it is revoked.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// How often this was written.
    pub version: Version,
}

/// What a token may do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(tag = "role", content = "apps", rename_all = "kebab-case")]
pub enum Power {
    /// Everything.
    Admin,
    /// What an owner of these apps may.
    Owner(Vec<AppId>),
    /// Invite to every app, and look after these invitations.
    Inviter,
    /// Look at the directory and at the audit log, and change nothing.
    Reader,
}

/// A token that was shown and holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Which one.
    pub id: TokenId,
    /// What it may do.
    pub power: Power,
    /// Until when.
    pub until: Option<Timestamp>,
}

/// A token that somebody wants.
#[derive(Debug, Clone)]
pub struct TokenDraft {
    /// What people call it.
    pub name: Option<String>,
    /// What it may do.
    pub power: Power,
    /// How long it holds; `None`: until it is revoked.
    pub lifetime: Option<Span>,
}

/// The text of a token, for whoever asked for it, once.
#[derive(Debug)]
pub struct TokenSecret(SecretText);

/// Why a token does not hold. Whoever showed it learns only that it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// It was revoked.
    #[error("the token was revoked")]
    Revoked,
    /// Whoever made it is no administrator any more.
    #[error("whoever made the token is no administrator any more")]
    MakerGone,
}

/// What a token begins with, so that programs that look for lost secrets find it.
const PREFIX: &str = "ggt_";
/// The longest name, in characters.
const LONGEST_NAME: usize = 100;
/// So many tokens are kept that neither have expired nor were revoked.
const MOST: usize = 1_000;

impl TokenSecret {
    fn random(o: &Occasion<'_>) -> Self {
        let mut bytes = [0; 32];
        o.entropy.fill(&mut bytes);
        Self(SecretText::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// The text itself, for the one answer that shows it.
    pub fn reveal(&self) -> &str {
        self.0.reveal()
    }

    /// What is kept of a text that somebody shows; `None`: it is no token of ours by its form.
    pub fn digest_of(shown: &str) -> Option<Digest> {
        let rest = shown.strip_prefix(PREFIX)?;
        let fits = rest.len() == 43 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Digest::of(shown.as_bytes()))
    }
}

impl Power {
    /// The role's name.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Owner(_) => "owner",
            Self::Inviter => "inviter",
            Self::Reader => "reader",
        }
    }

    /// The apps of an owner.
    pub fn apps(&self) -> &[AppId] {
        match self {
            Self::Owner(apps) => apps,
            Self::Admin | Self::Inviter | Self::Reader => &[],
        }
    }

    pub(super) fn kind(&self) -> ActorKind {
        match self {
            Self::Admin => ActorKind::Administrator,
            Self::Owner(_) => ActorKind::Owner,
            Self::Inviter => ActorKind::Inviter,
            Self::Reader => ActorKind::Reader,
        }
    }
}

impl ApiToken {
    /// Makes a token, and the one text that it is shown by. `held` are all that there are.
    pub fn issue(
        o: &Occasion<'_>,
        warrant: &Warrant<ManageTokens>,
        held: &[Self],
        draft: TokenDraft,
    ) -> Result<(Self, TokenSecret, Proposal), Refusal> {
        let named = draft.name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let too_long = named.as_ref().is_some_and(|name| name.chars().count() > LONGEST_NAME);
        let ends_at_once = draft.lifetime == Some(Span::ZERO);
        if too_long || ends_at_once || matches!(&draft.power, Power::Owner(apps) if apps.is_empty()) {
            return Err(Refusal::Senseless);
        }
        if held.iter().filter(|token| token.is_open(o.now)).count() >= MOST {
            return Err(Refusal::TooMany);
        }
        let (under, latest) = match warrant.actor() {
            Actor::Token(bearer) => (Some(bearer.id), bearer.until),
            Actor::Machine
            | Actor::Administrator(_)
            | Actor::Owner { .. }
            | Actor::Inviter { .. }
            | Actor::Guest { .. }
            | Actor::System => (None, None),
        };
        let wanted = draft.lifetime.map(|span| o.now.plus(span));
        let secret = TokenSecret::random(o);
        let mut token = Self {
            id: o.id(),
            name: named,
            power: draft.power,
            digest: Digest::of(secret.reveal().as_bytes()),
            created: o.now,
            made_by: warrant.actor().address().cloned(),
            made_under: under,
            // A token does not outlive the one that made it.
            expires: wanted.into_iter().chain(latest).min(),
            revoked: None,
            version: Version::default(),
        };
        let mut p = Proposal::at(o.now);
        p.audit(token.told(o, warrant.actor(), Event::TokenCreated));
        p.put(&mut token);
        Ok((token, secret, p))
    }

    /// Revokes a token, and every token that was made by it. `held` are all that there are.
    pub fn revoke(&self, o: &Occasion<'_>, warrant: &Warrant<ManageTokens>, held: &[Self]) -> Result<(Self, Proposal), Refusal> {
        if self.revoked.is_some() {
            return Err(Refusal::NothingToDo);
        }
        let mut p = Proposal::at(o.now);
        let ended = self.end(o, warrant.actor(), &mut p);
        let mut gone = vec![self.id];
        while let Some(maker) = gone.pop() {
            for token in held.iter().filter(|token| token.made_under == Some(maker) && token.id != self.id) {
                gone.push(token.id);
                if token.revoked.is_none() {
                    token.end(o, warrant.actor(), &mut p);
                }
            }
        }
        Ok((ended, p))
    }

    fn end(&self, o: &Occasion<'_>, actor: &Actor, p: &mut Proposal) -> Self {
        let mut token = Self { revoked: Some(o.now), ..self.clone() };
        p.put(&mut token);
        p.audit(token.told(o, actor, Event::TokenRevoked));
        token
    }

    /// What the token is worth now. `is_admin`: whether an address is an administrator's.
    pub fn bearer(&self, now: Timestamp, is_admin: impl Fn(&EmailAddress) -> bool) -> Result<Bearer, TokenError> {
        if self.revoked.is_some() {
            return Err(TokenError::Revoked);
        }
        if self.expires.is_some_and(|at| at <= now) {
            return Err(TokenError::Expired);
        }
        // INVARIANT: a token is worth no more than who made it.
        if self.made_by.as_ref().is_some_and(|maker| !is_admin(maker)) {
            return Err(TokenError::MakerGone);
        }
        Ok(Bearer { id: self.id, power: self.power.clone(), until: self.expires })
    }

    /// Whether it has neither expired nor been revoked.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|at| now < at)
    }

    fn told(&self, o: &Occasion<'_>, actor: &Actor, event: Event) -> super::audit::Entry {
        let apps = self.power.apps().iter().map(AppId::as_str).collect::<Vec<_>>().join(" ");
        let until = self.expires.map_or_else(|| "never".to_owned(), |at| at.to_string());
        let entry = o.entry(actor, event).detail("token", &self.id.to_string()).detail("role", self.power.as_str());
        let entry = if apps.is_empty() { entry } else { entry.detail("apps", &apps) };
        let entry = entry.detail("until", &until);
        match &self.name {
            Some(name) => entry.personal("name", name),
            None => entry,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        base::{Entropy, Id as _},
        directory::{Target, may},
    };

    #[derive(Debug)]
    struct Counting(std::sync::atomic::AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        }
    }

    fn issue(by: &Actor, power: Power, days: Option<i64>, held: &[ApiToken], seed: u8) -> Result<(ApiToken, TokenSecret), Refusal> {
        let entropy = Counting(std::sync::atomic::AtomicU8::new(seed));
        let o = Occasion { now: Timestamp::from_millis(0), entropy: &entropy, from: None };
        let warrant = may::<ManageTokens>(by, Target::Everything).map_err(|_| Refusal::Unwarranted)?;
        let draft = TokenDraft { name: Some("nightly".to_owned()), power, lifetime: days.map(Span::days) };
        ApiToken::issue(&o, &warrant, held, draft).map(|(token, secret, _)| (token, secret))
    }

    fn day(n: i64) -> Timestamp {
        Timestamp::from_millis(0).plus(Span::days(n))
    }

    #[test]
    fn only_a_hash_is_kept_and_the_text_finds_it() {
        let (token, secret) = issue(&Actor::Machine, Power::Reader, None, &[], 1).unwrap();
        assert_eq!(TokenSecret::digest_of(secret.reveal()), Some(token.digest));
        assert!(!serde_json::to_string(&token).unwrap().contains(secret.reveal()));
        for odd in ["", "ggt_", "ggt_short", &secret.reveal()[4..], &format!("{} ", secret.reveal())] {
            assert_eq!(TokenSecret::digest_of(odd), None, "{odd}");
        }
    }

    #[test]
    fn only_administrators_make_tokens() {
        let lee = EmailAddress::parse("lee@example.com").unwrap();
        let app = AppId::parse("charts").unwrap();
        let bearer = |power| Actor::Token(Bearer { id: TokenId::from_bytes([9; 16]), power, until: None });
        for (actor, allowed) in [
            (Actor::Machine, true),
            (Actor::Administrator(lee.clone()), true),
            (bearer(Power::Admin), true),
            (Actor::Owner { email: lee.clone(), apps: vec![app.clone()] }, false),
            (Actor::Inviter { email: lee, apps: None }, false),
            (bearer(Power::Owner(vec![app])), false),
            (bearer(Power::Inviter), false),
            (bearer(Power::Reader), false),
            (Actor::System, false),
        ] {
            assert_eq!(issue(&actor, Power::Reader, None, &[], 1).is_ok(), allowed, "{actor:?}");
        }
    }

    #[test]
    fn a_token_ends_with_the_token_and_the_office_that_made_it() {
        let (first, _) = issue(&Actor::Machine, Power::Admin, Some(30), &[], 1).unwrap();
        let by_first = Actor::Token(first.bearer(day(0), |_| true).unwrap());
        let (second, _) = issue(&by_first, Power::Admin, None, &[], 50).unwrap();
        let (third, _) = issue(&Actor::Token(second.bearer(day(0), |_| true).unwrap()), Power::Reader, Some(60), &[], 100).unwrap();
        assert_eq!((second.expires, third.expires), (Some(day(30)), Some(day(30))));
        assert_eq!(third.bearer(day(30), |_| true), Err(TokenError::Expired));

        let entropy = Counting(std::sync::atomic::AtomicU8::new(200));
        let o = Occasion { now: day(1), entropy: &entropy, from: None };
        let warrant = may::<ManageTokens>(&Actor::Machine, Target::Everything).unwrap();
        let (_, p) = first.revoke(&o, &warrant, &[first.clone(), second.clone(), third]).unwrap();
        assert_eq!((p.changes.len(), p.audit.len()), (3, 3));

        let ops = EmailAddress::parse("ops@example.com").unwrap();
        let (theirs, _) = issue(&Actor::Administrator(ops.clone()), Power::Admin, None, &[], 1).unwrap();
        assert!(theirs.bearer(day(1), |email| *email == ops).is_ok());
        assert_eq!(theirs.bearer(day(1), |_| false), Err(TokenError::MakerGone));
    }

    #[test]
    fn there_is_an_end_to_how_many_there_can_be() {
        let (one, _) = issue(&Actor::Machine, Power::Reader, None, &[], 1).unwrap();
        let many = vec![one.clone(); MOST];
        assert_eq!(issue(&Actor::Machine, Power::Reader, None, &many, 1).err(), Some(Refusal::TooMany));
        let gone = vec![ApiToken { revoked: Some(day(0)), ..one }; MOST];
        assert!(issue(&Actor::Machine, Power::Reader, None, &gone, 1).is_ok());
        assert_eq!(issue(&Actor::Machine, Power::Owner(Vec::new()), None, &[], 1).err(), Some(Refusal::Senseless));
    }
}
