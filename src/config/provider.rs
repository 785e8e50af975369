//! Partners' own OpenID providers: whom we ask, for which addresses, and what we believe of the answer.

use std::{fmt, sync::Arc};

use url::Url;

use super::{Domain, TrustAnchors};
use crate::base::{EmailAddress, Name, Prefix, SecretText, Span};

/// An OpenID provider of a partner.
#[derive(Debug, Clone)]
pub struct Provider {
    /// As policies, addresses of ours and the audit log name it.
    pub id: Name,
    /// As people name it.
    pub name: String,
    /// Who it says it is, and where it says how it is reached.
    pub issuer: Issuer,
    /// As what we are registered there.
    pub client_id: String,
    /// What proves that it is us who ask; without it nothing does but PKCE.
    pub client_secret: Option<Arc<SecretText>>,
    /// Whose addresses it may vouch for; they sign in there alone.
    pub domains: Vec<Domain>,
    /// Whether we believe it that several factors were used.
    pub trust_mfa: bool,
    /// What it says when several factors were used.
    pub mfa: MfaWords,
    /// Whether whoever it vouches for is a member.
    pub members: bool,
    /// The claim that names the groups of members, which policies ask about and which may own apps; `None`: nobody is in any by it.
    pub groups: Option<String>,
    /// How else its addresses may sign in.
    pub fallback: Fallback,
    /// Who says that an address is read by whoever it belongs to.
    pub email_verified: EmailVerified,
    /// What we ask for beside `openid`.
    pub scopes: Vec<String>,
    /// How far its clock and ours may be apart.
    pub clock_skew: Span,
    /// Which authorities its certificate may end in, in place of the public ones.
    pub ca: Option<TrustAnchors>,
}

/// Who a provider says it is: compared character by character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Issuer {
    text: Arc<str>,
    url: Url,
}

/// What a provider says when several factors were used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaWords {
    /// Values of `acr`; they are asked for where several factors are needed.
    pub acr: Vec<String>,
    /// Values of `amr`.
    pub amr: Vec<String>,
}

/// How else a provider's addresses may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fallback {
    /// In no other way.
    #[default]
    Nothing,
    /// As everybody else does.
    EmailCode,
}

/// Who says that an address is read by whoever it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EmailVerified {
    /// The provider, for each address.
    #[default]
    Required,
    /// Nobody needs to: in its domains the provider gives the addresses out itself.
    Assumed,
}

/// What connections of our own may reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outbound {
    /// Networks that are not public and may be reached all the same at an address that we were told by somebody else.
    pub allow: Vec<Prefix>,
}

/// The text is no issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// No address at all.
    #[error("`{0}` is not the address of a provider")]
    Syntax(String),
    /// Not over TLS.
    #[error("what `{0}` says could be changed on the way")]
    Plain(String),
    /// One issuer for everybody's organisations.
    #[error("`{0}` speaks for many organisations: it does not say to which of them somebody belongs")]
    ManyTenants(String),
}

impl Issuer {
    /// Reads an issuer: over TLS, or on this machine.
    pub fn parse(text: &str) -> Result<Self, IssuerError> {
        let syntax = || IssuerError::Syntax(text.to_owned());
        let url = Url::parse(text).map_err(|_| syntax())?;
        let bare = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        if !bare || url.host_str().is_none() || !matches!(url.scheme(), "https" | "http") || text.len() > 500 {
            return Err(syntax());
        }
        if url.scheme() == "http" && !is_here(&url) {
            return Err(IssuerError::Plain(text.to_owned()));
        }
        let many = url.path_segments().is_some_and(|mut parts| parts.any(|part| TENANTS.contains(&part) || part.starts_with("%7B")));
        let microsoft = url.host_str().is_some_and(|host| host == "sts.windows.net" || host.starts_with("login.microsoftonline."));
        if many && (microsoft || text.contains('{')) {
            return Err(IssuerError::ManyTenants(text.to_owned()));
        }
        Ok(Self { text: text.into(), url })
    }

    /// As it stands in the configuration.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it says how it is reached.
    pub fn discovery(&self) -> Option<Url> {
        Url::parse(&format!("{}/.well-known/openid-configuration", self.text.trim_end_matches('/'))).ok()
    }

    /// Its host, which the configuration has named.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether it answers without TLS, which only one on this machine may.
    pub fn is_plain(&self) -> bool {
        self.url.scheme() == "http"
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What Microsoft writes in place of a tenant.
const TENANTS: [&str; 4] = ["common", "organizations", "consumers", "{tenantid}"];

fn is_here(url: &Url) -> bool {
    matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

impl Provider {
    /// How long its clock and ours may differ where nothing is said.
    pub const SKEW: Span = Span::secs(60);

    /// Whether this address is one that it vouches for.
    pub fn covers(&self, address: &EmailAddress) -> bool {
        self.covers_domain(address.domain())
    }

    /// Whether this domain (folded) is one of its own.
    pub fn covers_domain(&self, domain: &str) -> bool {
        self.domains.iter().any(|own| own.matches(domain))
    }

    /// The path at which it gives browsers back to us.
    pub fn callback(&self) -> String {
        format!("/signin/oidc/{}", self.id)
    }
}

impl Default for MfaWords {
    /// What RFC 8176, REFEDS and the OpenID Foundation have agreed on.
    fn default() -> Self {
        Self { acr: Vec::new(), amr: vec!["mfa".to_owned()] }
    }
}

impl Outbound {
    /// Whether an address may be dialled that is the answer to a name which the configuration does not have.
    pub fn admits(&self, ip: std::net::IpAddr) -> bool {
        crate::base::is_public(ip) || self.allow.iter().any(|network| network.contains(ip))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_one_organisation_over_tls() {
        for right in [
            "https://login.microsoftonline.com/3f1c2a6e-0000-4000-8000-000000000000/v2.0",
            "https://accounts.google.com",
            "https://id.contoso.com/realms/common",
            "http://127.0.0.1:3000",
            "http://localhost:3000/oidc",
        ] {
            assert_eq!(Issuer::parse(right).map(|i| i.to_string()).as_deref(), Ok(right));
        }
        for text in ["", "contoso.com", "ftp://contoso.com", "https://a:b@contoso.com", "https://contoso.com/?a", "https://contoso.com/#a"]
        {
            assert_eq!(Issuer::parse(text), Err(IssuerError::Syntax(text.to_owned())), "{text}");
        }
        assert!(matches!(Issuer::parse("http://id.contoso.com"), Err(IssuerError::Plain(_))));
        for tenant in ["common", "organizations", "consumers", "{tenantid}"] {
            let text = format!("https://login.microsoftonline.com/{tenant}/v2.0");
            assert!(matches!(Issuer::parse(&text), Err(IssuerError::ManyTenants(_))), "{text}");
        }
    }

    #[test]
    fn discovery_lies_below_the_issuer_whole() {
        let at = |text: &str| Issuer::parse(text).unwrap().discovery().unwrap().to_string();
        assert_eq!(at("https://id.contoso.com"), "https://id.contoso.com/.well-known/openid-configuration");
        assert_eq!(at("https://id.contoso.com/"), "https://id.contoso.com/.well-known/openid-configuration");
        assert_eq!(at("https://id.contoso.com/realms/a"), "https://id.contoso.com/realms/a/.well-known/openid-configuration");
    }
}
