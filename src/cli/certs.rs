//! Certificates of one's own: an authority, and a certificate that it vouches for, naming every host.

use std::time::{Duration, UNIX_EPOCH};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, Error, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, NameConstraints, PKCS_ECDSA_P256_SHA256,
};

use crate::base::{Host, Span, Timestamp};

/// A new authority and the first certificate under it, all PEM.
pub struct OwnCertificates {
    /// What browsers must be told to trust.
    pub authority: String,
    /// The authority's key: whoever has it can pretend to be these hosts.
    pub authority_key: String,
    /// The certificate of the hosts.
    pub certificate: String,
    /// Its key.
    pub key: String,
}

/// Browsers refuse certificates that last longer, even from authorities of one's own.
const LEAF: Span = Span::days(397);
const AUTHORITY: Span = Span::days(3_650);
/// Clocks differ.
const EARLIER: Span = Span::hours(1);

impl OwnCertificates {
    /// Makes them (ECDSA P-256). `name` tells this authority from others in a browser's list.
    pub fn make(name: &str, hosts: &[Host], now: Timestamp) -> Result<Self, Error> {
        let authority_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let authority = authority(name, hosts, now)?;
        let authority_pem = authority.self_signed(&authority_key)?.pem();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let authority_key_pem = authority_key.serialize_pem();
        let certificate = leaf(hosts, now)?.signed_by(&key, &Issuer::new(authority, authority_key))?.pem();
        Ok(Self { authority: authority_pem, authority_key: authority_key_pem, certificate, key: key.serialize_pem() })
    }
}

impl std::fmt::Debug for OwnCertificates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OwnCertificates").field("certificate", &self.certificate).finish_non_exhaustive()
    }
}

/// An authority that can vouch for nothing but the hosts' domains: trusting it is a small step.
fn authority(name: &str, hosts: &[Host], now: Timestamp) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let mut domains: Vec<&str> = hosts.iter().map(domain).collect();
    domains.sort_unstable();
    domains.dedup();
    let permitted_subtrees = domains.into_iter().map(|d| GeneralSubtree::DnsName(d.to_owned())).collect();
    params.name_constraints = Some(NameConstraints { permitted_subtrees, excluded_subtrees: Vec::new() });
    last(&mut params, now, AUTHORITY);
    Ok(params)
}

fn leaf(hosts: &[Host], now: Timestamp) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(hosts.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    params.distinguished_name = named(hosts.first().map_or("guestgate", Host::as_str));
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    last(&mut params, now, LEAF);
    Ok(params)
}

fn named(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    // The longest common name that X.509 knows.
    names.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    names
}

/// The domain that a host's siblings share: an app that is added later needs no new authority.
fn domain(host: &Host) -> &str {
    let parent = host.as_str().split_once('.').map(|(_, parent)| parent);
    parent.filter(|parent| parent.contains('.') || *parent == "localhost").unwrap_or(host.as_str())
}

fn last(params: &mut CertificateParams, now: Timestamp, length: Span) {
    let from = now.minus(EARLIER);
    let at = |t: Timestamp| UNIX_EPOCH + Duration::from_millis(u64::try_from(t.as_millis()).unwrap_or(0));
    params.not_before = at(from).into();
    params.not_after = at(from.plus(length)).into();
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use rustls::{RootCertStore, client::WebPkiServerVerifier, client::danger::ServerCertVerifier, crypto::aws_lc_rs};
    use rustls_pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject};

    use super::*;
    use crate::config::{Certificate, CertificateFiles, Lookup};

    const NOW: Timestamp = Timestamp::from_millis(1_768_392_000_000);

    fn hosts(names: &[&str]) -> Vec<Host> {
        names.iter().map(|name| Host::parse(name).unwrap()).collect()
    }

    fn read(made: &OwnCertificates) -> Certificate {
        let read = |path: &Path| Ok(if path == Path::new("cert") { made.certificate.clone() } else { made.key.clone() }.into_bytes());
        let files = CertificateFiles { cert: "cert".into(), key: "key".into() };
        Certificate::read(&files, Lookup { read: &read, env: &|_| None }).unwrap()
    }

    /// Whether a client that trusts the authority accepts the certificate for a host.
    fn accepts(made: &OwnCertificates, host: &str, at: Timestamp) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(made.authority.as_bytes()).unwrap()).unwrap();
        let verifier =
            WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(aws_lc_rs::default_provider())).build().unwrap();
        let at = UnixTime::since_unix_epoch(Duration::from_millis(at.as_millis().unsigned_abs()));
        let leaf = CertificateDer::from_pem_slice(made.certificate.as_bytes()).unwrap();
        verifier.verify_server_cert(&leaf, &[], &ServerName::try_from(host.to_owned()).unwrap(), &[], at).is_ok()
    }

    #[test]
    fn a_client_that_trusts_the_authority_accepts_each_host_for_397_days() {
        for names in [["access.example.com", "charts.example.com"], ["access.localhost", "mail.localhost"], ["a.example", "b.test"]] {
            let made = OwnCertificates::make("test", &hosts(&names), NOW).unwrap();
            assert!(names.iter().all(|name| accepts(&made, name, NOW)), "{names:?}");
            assert!(!accepts(&made, "other.example.com", NOW));
            assert!(!accepts(&made, names[0], NOW.plus(Span::days(397))));
            let certificate = read(&made);
            assert!(certificate.not_after.since(certificate.not_before) <= Span::days(397));
        }
    }

    #[test]
    fn the_authority_cannot_vouch_for_somebody_else() {
        let made = OwnCertificates::make("test", &hosts(&["access.example.com"]), NOW).unwrap();
        let other = OwnCertificates::make("test", &hosts(&["bank.example.net"]), NOW).unwrap();
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
        let issuer = Issuer::from_ca_cert_pem(&made.authority, KeyPair::from_pem(&made.authority_key).unwrap()).unwrap();
        let certificate = leaf(&hosts(&["bank.example.net"]), NOW).unwrap().signed_by(&key, &issuer).unwrap().pem();
        assert!(accepts(&other, "bank.example.net", NOW));
        assert!(!accepts(&OwnCertificates { certificate, ..made }, "bank.example.net", NOW));
    }

    #[test]
    fn a_certificate_covers_the_hosts_that_it_names() {
        let made = OwnCertificates::make("test", &hosts(&["access.example.com"]), NOW).unwrap();
        let covers = |names: &[&str], host: &str| {
            let names = names.iter().map(|&n| n.to_owned()).collect();
            Certificate { names, ..read(&made) }.covers(&Host::parse(host).unwrap())
        };
        assert!(read(&made).covers(&Host::parse("Access.Example.com").unwrap()));
        assert!(covers(&["*.example.com"], "a.example.com") && covers(&["x", "a.example.com"], "a.example.com"));
        assert!(
            !covers(&["*.example.com"], "a.b.example.com") && !covers(&["*.example.com"], "example.com") && !covers(&[], "a.example.com")
        );
    }

    #[test]
    fn a_certificate_is_judged_by_the_clock() {
        use crate::{
            base::AppId,
            config::{App, Config, Upstream},
        };
        let made = OwnCertificates::make("test", &hosts(&["access.example.com", "charts.example.com"]), NOW).unwrap();
        let (id, upstream) = (AppId::parse("charts").unwrap(), "http://10.0.0.5".parse::<Upstream>().unwrap());
        let app = App::with_defaults(id, Host::parse("charts.example.com").unwrap(), upstream);
        let mut config = Config::with_defaults(Host::parse("access.example.com").unwrap(), vec![app]);
        config.tls.certificates = vec![CertificateFiles { cert: "cert".into(), key: "key".into() }];
        let read = |path: &Path| Ok(if path == Path::new("cert") { made.certificate.clone() } else { made.key.clone() }.into_bytes());
        let said = |at: Timestamp| config.certificates(Lookup { read: &read, env: &|_| None }, at).1.to_string();
        assert_eq!(said(NOW), "");
        assert_eq!(said(NOW.plus(Span::days(384))), "cert: warning: the certificate ends at 2027-02-15T11:00:00Z");
        assert_eq!(said(NOW.plus(Span::days(397))), "cert: the certificate ended at 2027-02-15T11:00:00Z");
        assert_eq!(said(NOW.minus(Span::hours(2))), "cert: the certificate begins at 2026-01-14T11:00:00Z");
    }
}
