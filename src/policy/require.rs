//! What a policy can demand, when it is met, and what a person can do about it.

use std::{collections::BTreeMap, fmt, sync::Arc};

use crate::base::{Factor, Name, Proof, Span, Timestamp};

use super::{
    facts::{Acceptance, Done},
    words::{Device, Devices},
};

/// One demand of a policy. Two that mean the same are equal: `60m` and `1h`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Requirement {
    /// Two methods of different kinds, or a passkey, or a trusted provider's claim.
    Mfa,
    /// A method, as in `passkey`.
    Method(Method),
    /// One of the combinations that `definitions.yaml` gives the name.
    Strength(Arc<Strength>),
    /// The most recent explicit authentication is younger than this.
    FreshSignIn(Span),
    /// These terms in their current version, accepted not too long ago.
    Terms(Arc<Terms>),
    /// A device that this guest was seen on before, or one with a certificate.
    KnownDevice,
    /// An owner of the app has approved this access, less than so long ago.
    Approval {
        /// How long an approval counts.
        valid: Span,
    },
    /// The guest has stated a reason in this session.
    Justification,
    /// Any one of these.
    Any(Box<[Self]>),
}

/// A way of signing in, as requirements and strengths name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// A code from a mail; in requirements a link will do.
    EmailCode,
    /// A link from a mail.
    MagicLink,
    /// A passkey.
    Passkey,
    /// An authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
    /// A provider; any one where none is named.
    Federated(Option<Name>),
    /// A provider that is trusted to say that several factors were used, and said so.
    FederatedMfa(Option<Name>),
    /// A certificate on the connection.
    ClientCertificate,
}

/// A named set of combinations of methods, any one of which will do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Strength {
    /// As policies call it.
    pub name: Name,
    /// The combinations.
    pub combinations: Box<[Box<[Method]>]>,
}

/// Terms that definitions give a name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Terms {
    /// As policies call them.
    pub name: Name,
    /// Where the text lies, relative to the policies' folder.
    pub file: Box<str>,
    /// The current version.
    pub version: u32,
    /// How long an acceptance counts.
    pub renew: Option<Span>,
    /// The text.
    pub text: Arc<str>,
}

/// The next step that a person can take towards a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Need {
    /// Have a code mailed and type it.
    EmailCode,
    /// Use a passkey.
    Passkey,
    /// Type the code of an authenticator app.
    Totp,
    /// Sign in at this provider, or at any.
    Federated(Option<Name>),
    /// Connect with a certificate.
    ClientCertificate,
    /// Add a method of another kind.
    SecondFactor,
    /// Sign in once more, by any method.
    FreshSignIn,
    /// Accept these terms.
    Terms(Name),
    /// Come from a device that was seen before.
    KnownDevice,
    /// Wait for an owner's approval.
    Approval,
    /// State a reason.
    Justification,
}

impl Method {
    /// Whether the factor is exactly this method, as in `signed-in-with`.
    pub fn is(&self, factor: &Factor) -> bool {
        match (self, factor) {
            (Self::Federated(None), Factor::Federated { .. }) | (Self::FederatedMfa(None), Factor::Federated { mfa: true, .. }) => true,
            (Self::Federated(Some(name)), Factor::Federated { provider, .. })
            | (Self::FederatedMfa(Some(name)), Factor::Federated { provider, mfa: true }) => name == provider,
            (Self::EmailCode, Factor::EmailCode)
            | (Self::MagicLink, Factor::MagicLink)
            | (Self::Passkey, Factor::Passkey)
            | (Self::Totp, Factor::Totp)
            | (Self::RecoveryCode, Factor::RecoveryCode)
            | (Self::ClientCertificate, Factor::ClientCertificate) => true,
            _ => false,
        }
    }

    /// Whether the factor meets a demand for this method: a mailed link counts as a mailed code.
    pub fn is_met_by(&self, factor: &Factor) -> bool {
        self.is(factor) || matches!((self, factor), (Self::EmailCode, Factor::MagicLink))
    }

    fn need(&self) -> Need {
        match self {
            Self::EmailCode | Self::MagicLink => Need::EmailCode,
            Self::Passkey => Need::Passkey,
            Self::Totp | Self::RecoveryCode => Need::Totp,
            Self::Federated(provider) | Self::FederatedMfa(provider) => Need::Federated(provider.clone()),
            Self::ClientCertificate => Need::ClientCertificate,
        }
    }
}

impl Requirement {
    /// Whether it is met now, and until when at the longest if nothing but time changes.
    pub(super) fn met(&self, done: &Done<'_>, now: Timestamp) -> Option<Timestamp> {
        let forever = |holds: bool| holds.then_some(Timestamp::NEVER);
        let younger = |at: Option<Timestamp>, limit: Span| at.map(|at| at.plus(limit)).filter(|end| now < *end);
        let proofs = done.proofs;
        match self {
            Self::Mfa => forever(is_mfa(proofs)),
            Self::Method(method) => forever(shown(method, proofs)),
            Self::Strength(strength) => forever(strength.combinations.iter().any(|all| all.iter().all(|m| shown(m, proofs)))),
            Self::FreshSignIn(limit) => younger(done.signed_in, *limit),
            Self::Terms(terms) => {
                let accepted = done.terms.iter().filter(|a| terms.are(a)).map(|a| a.at).max();
                terms.renew.map_or(forever(accepted.is_some()), |renew| younger(accepted, renew))
            }
            Self::KnownDevice => forever(done.device.meets(FAMILIAR)),
            Self::Approval { valid } => younger(done.approved, *valid),
            Self::Justification => forever(done.justified),
            Self::Any(items) => items.iter().filter_map(|item| item.met(done, now)).max(),
        }
    }

    /// The ways to meet it: any one of them will do, and each needs all of its steps. Steps that were taken already are left out.
    pub fn ways(&self, proofs: &[Proof]) -> Vec<Vec<Need>> {
        match self {
            Self::Mfa => vec![vec![Need::SecondFactor]],
            Self::Method(method) => vec![vec![method.need()]],
            Self::Strength(strength) => strength.combinations.iter().map(|all| missing(all, proofs)).collect(),
            Self::FreshSignIn(_) => vec![vec![Need::FreshSignIn]],
            Self::Terms(terms) => vec![vec![Need::Terms(terms.name.clone())]],
            Self::KnownDevice => vec![vec![Need::KnownDevice]],
            Self::Approval { .. } => vec![vec![Need::Approval]],
            Self::Justification => vec![vec![Need::Justification]],
            Self::Any(items) => items.iter().flat_map(|item| item.ways(proofs)).collect(),
        }
    }

    /// Whether it is written as a mapping.
    pub(super) fn is_mapping(&self) -> bool {
        match self {
            Self::Method(method) => matches!(method, Method::Federated(Some(_)) | Method::FederatedMfa(Some(_))),
            Self::FreshSignIn(_) | Self::Terms(_) | Self::Approval { .. } | Self::Any(_) => true,
            Self::Mfa | Self::Strength(_) | Self::KnownDevice | Self::Justification => false,
        }
    }

    /// The first step of the first way.
    pub fn need(&self) -> Need {
        self.ways(&[]).into_iter().flatten().next().unwrap_or(Need::FreshSignIn)
    }
}

impl Terms {
    /// Whether it is these terms that were accepted, in the current version.
    pub(super) fn are(&self, accepted: &Acceptance) -> bool {
        accepted.terms == self.name && accepted.version == self.version
    }
}

/// Devices that meet `known-device`.
const FAMILIAR: Devices = Devices::NONE.with(Device::Known).with(Device::Certified);

fn missing(all: &[Method], proofs: &[Proof]) -> Vec<Need> {
    all.iter().filter(|m| !shown(m, proofs)).map(Method::need).collect()
}

fn shown(method: &Method, proofs: &[Proof]) -> bool {
    proofs.iter().any(|p| method.is_met_by(&p.factor))
}

/// Which of the five kinds of factor were shown, as bits, and whether one of them alone is worth two.
fn is_mfa(proofs: &[Proof]) -> bool {
    let mut kinds = 0_u8;
    for proof in proofs {
        kinds |= match &proof.factor {
            Factor::Passkey | Factor::Federated { mfa: true, .. } => return true,
            Factor::EmailCode | Factor::MagicLink => 1,
            Factor::Totp | Factor::RecoveryCode => 2,
            Factor::Federated { mfa: false, .. } => 4,
            Factor::ClientCertificate => 8,
        };
    }
    kinds.count_ones() > 1
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmailCode => f.write_str("email-code"),
            Self::MagicLink => f.write_str("magic-link"),
            Self::Passkey => f.write_str("passkey"),
            Self::Totp => f.write_str("totp"),
            Self::RecoveryCode => f.write_str("recovery-code"),
            Self::Federated(None) => f.write_str("federated"),
            Self::Federated(Some(provider)) => write!(f, "federated:{provider}"),
            Self::FederatedMfa(None) => f.write_str("federated-mfa"),
            Self::FederatedMfa(Some(provider)) => write!(f, "federated-mfa:{provider}"),
            Self::ClientCertificate => f.write_str("client-certificate"),
        }
    }
}

/// As written in `require`, mappings without their braces.
impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mfa => f.write_str("mfa"),
            Self::Method(Method::Federated(Some(provider))) => write!(f, "federated: {provider}"),
            Self::Method(Method::FederatedMfa(Some(provider))) => write!(f, "federated-mfa: {provider}"),
            Self::Method(method) => method.fmt(f),
            Self::Strength(strength) => strength.name.fmt(f),
            Self::FreshSignIn(limit) => write!(f, "fresh-sign-in: {limit}"),
            Self::Terms(terms) => write!(f, "terms: {}", terms.name),
            Self::KnownDevice => f.write_str("known-device"),
            Self::Approval { valid } => write!(f, "approval: {{ by: owners, valid: {valid} }}"),
            Self::Justification => f.write_str("justification"),
            Self::Any(items) => {
                f.write_str("any: [")?;
                for (ix, item) in items.iter().enumerate() {
                    let comma = if ix > 0 { ", " } else { "" };
                    if item.is_mapping() { write!(f, "{comma}{{ {item} }}") } else { write!(f, "{comma}{item}") }?;
                }
                f.write_str("]")
            }
        }
    }
}

/// As written in `require`: a word, or a mapping of one key.
impl serde::Serialize for Requirement {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Mfa | Self::Strength(_) | Self::KnownDevice | Self::Justification => to.collect_str(self),
            Self::Terms(terms) => to.collect_map([("terms", &terms.name)]),
            Self::Approval { valid } => {
                let parts = BTreeMap::from([("by", "owners".to_owned()), ("valid", valid.to_string())]);
                to.collect_map([("approval", parts)])
            }
            Self::Method(Method::Federated(Some(provider))) => to.collect_map([("federated", provider)]),
            Self::Method(Method::FederatedMfa(Some(provider))) => to.collect_map([("federated-mfa", provider)]),
            Self::Method(method) => to.collect_str(method),
            Self::FreshSignIn(limit) => to.collect_map([("fresh-sign-in", limit)]),
            Self::Any(items) => to.collect_map([("any", items)]),
        }
    }
}
