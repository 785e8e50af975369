//! Client certificates: whether one counts now, and for whom.
//!
//! The handshake proves that the other side has the key, and nothing else. Chain, time and revocation are judged here, for every
//! connection, so that a resumed one, or one that outlives a reload, is judged like a new one. A certificate counts for the guest whose
//! address it names; one that names no address counts for nobody.

use std::{fmt, sync::Arc, time::Duration};

use rustls::{
    DistinguishedName, RootCertStore,
    crypto::aws_lc_rs,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
};
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer, UnixTime, pem::PemObject};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
};

use crate::base::{Digest, EmailAddress, Timestamp};

/// Who may issue certificates, and which of those were revoked.
#[derive(Clone)]
pub struct Authority {
    verifier: Arc<dyn ClientCertVerifier>,
    hints: Arc<[DistinguishedName]>,
}

/// A certificate that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    /// For whom.
    pub addresses: Vec<EmailAddress>,
    /// Of its bytes.
    pub fingerprint: Digest,
    /// Until when it is valid.
    pub until: Timestamp,
}

/// What somebody brought where a certificate was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Brought {
    /// None.
    Nothing,
    /// One that does not count.
    Refused,
    /// One that counts.
    Valid(Arc<Certified>),
}

/// Why files say nothing about who may issue certificates.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// There is no certificate in it.
    #[error("it holds no certificate in PEM")]
    NoCertificate,
    /// A certificate in it cannot be an authority's.
    #[error("a certificate in it cannot be used")]
    Unusable(#[source] rustls::Error),
    /// There is no revocation list in it.
    #[error("it holds no revocation list in PEM")]
    NoList,
    /// A list cannot be read.
    #[error("a revocation list cannot be used")]
    UnusableList(#[source] rustls::server::VerifierBuilderError),
}

/// Why a certificate does not count.
#[derive(Debug, thiserror::Error)]
pub enum NotCertified {
    /// None was shown.
    #[error("no certificate was shown")]
    None,
    /// Chain, time, purpose or revocation speak against it.
    #[error("the certificate is not accepted")]
    Refused(#[source] rustls::Error),
    /// It cannot be read.
    #[error("the certificate cannot be read")]
    Malformed,
}

impl Authority {
    /// From the PEM of the authorities and, where there are revocation lists, theirs. With lists, each certificate of a chain must be
    /// covered by one that is not out of date: what is unknown counts against it.
    pub fn read(authorities: &[u8], lists: Option<&[u8]>) -> Result<Self, AuthorityError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(authorities) {
            let certificate = certificate.map_err(|_| AuthorityError::NoCertificate)?;
            roots.add(certificate).map_err(AuthorityError::Unusable)?;
        }
        if roots.is_empty() {
            return Err(AuthorityError::NoCertificate);
        }
        let hints = roots.subjects().into();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut builder = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        if let Some(lists) = lists {
            let lists: Vec<_> = CertificateRevocationListDer::pem_slice_iter(lists).collect::<Result<_, _>>().unwrap_or_default();
            if lists.is_empty() {
                return Err(AuthorityError::NoList);
            }
            builder = builder.with_crls(lists).enforce_revocation_expiration();
        }
        Ok(Self { verifier: builder.build().map_err(AuthorityError::UnusableList)?, hints })
    }

    /// The names of the authorities: browsers offer only certificates of theirs.
    pub fn hints(&self) -> &[DistinguishedName] {
        &self.hints
    }

    /// Judges what was shown on a connection, leaf first.
    pub fn judge(&self, shown: &[CertificateDer<'_>], now: Timestamp) -> Result<Certified, NotCertified> {
        let (leaf, above) = shown.split_first().ok_or(NotCertified::None)?;
        let seconds = u64::try_from(now.as_secs()).unwrap_or_default();
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        self.verifier.verify_client_cert(leaf, above, at).map_err(NotCertified::Refused)?;
        let (_, read) = X509Certificate::from_der(leaf).map_err(|_| NotCertified::Malformed)?;
        let ends = shown.iter().filter_map(|one| X509Certificate::from_der(one).ok()).map(|(_, one)| one.validity().not_after.timestamp());
        let until = ends.min().map_or(now, |seconds| Timestamp::from_millis(seconds.saturating_add(1).saturating_mul(1_000)));
        Ok(Certified { addresses: addresses(&read), fingerprint: Digest::of(leaf), until })
    }
}

impl Certified {
    /// Whether it counts for somebody with this address.
    pub fn is_for(&self, address: &EmailAddress) -> bool {
        self.addresses.contains(address)
    }
}

/// The addresses that a certificate names among its alternative names. What its subject says is written in too many ways.
fn addresses(leaf: &X509Certificate<'_>) -> Vec<EmailAddress> {
    let Ok(Some(names)) = leaf.subject_alternative_name() else { return Vec::new() };
    let address = |name: &GeneralName<'_>| if let GeneralName::RFC822Name(text) = name { EmailAddress::parse(text).ok() } else { None };
    names.value.general_names.iter().filter_map(address).collect()
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyIdMethod,
        KeyPair, KeyUsagePurpose, RevokedCertParams, SanType, SerialNumber, date_time_ymd,
    };

    use super::*;

    const ANN: &str = "ann@partner.example";

    struct Issuer(CertifiedIssuer<'static, KeyPair>);

    impl Issuer {
        fn new(name: &str) -> Self {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.distinguished_name.push(rcgen::DnType::CommonName, name);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
            Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
        }

        fn issue(&self, serial: u64, address: &str, purpose: ExtendedKeyUsagePurpose) -> CertificateDer<'static> {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.subject_alt_names = vec![SanType::Rfc822Name(address.try_into().unwrap())];
            params.extended_key_usages = vec![purpose];
            params.serial_number = Some(SerialNumber::from(serial));
            (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
            params.signed_by(&KeyPair::generate().unwrap(), &self.0).unwrap().der().clone()
        }

        fn list(&self, revoked: u64) -> Vec<u8> {
            let revoked = RevokedCertParams {
                serial_number: SerialNumber::from(revoked),
                revocation_time: date_time_ymd(2026, 2, 1),
                reason_code: None,
                invalidity_date: None,
            };
            let list = CertificateRevocationListParams {
                this_update: date_time_ymd(2026, 1, 1),
                next_update: date_time_ymd(2026, 12, 1),
                crl_number: SerialNumber::from(1_u64),
                issuing_distribution_point: None,
                revoked_certs: vec![revoked],
                key_identifier_method: KeyIdMethod::Sha256,
            };
            list.signed_by(&self.0).unwrap().pem().unwrap().into_bytes()
        }

        fn pem(&self) -> Vec<u8> {
            self.0.pem().into_bytes()
        }
    }

    fn at(year: i32, month: u8) -> Timestamp {
        Timestamp::from_millis(date_time_ymd(year, month, 15).unix_timestamp() * 1_000)
    }

    #[test]
    fn a_certificate_counts_by_chain_time_and_purpose_for_the_address_that_it_names() {
        let (ours, theirs) = (Issuer::new("ours"), Issuer::new("theirs"));
        let authority = Authority::read(&ours.pem(), None).unwrap();
        let purpose = || ExtendedKeyUsagePurpose::ClientAuth;
        let good = ours.issue(1, "Ann@Partner.example", purpose());
        let certified = authority.judge(std::slice::from_ref(&good), at(2026, 6)).unwrap();
        let address = |text| EmailAddress::parse(text).unwrap();
        assert!(certified.is_for(&address(ANN)) && !certified.is_for(&address("bob@partner.example")));
        for (shown, now, why) in [
            (vec![good.clone()], at(2027, 1), "ended"),
            (vec![good.clone()], at(2025, 12), "not begun"),
            (vec![theirs.issue(1, ANN, purpose())], at(2026, 6), "somebody else's"),
            (vec![ours.issue(2, ANN, ExtendedKeyUsagePurpose::ServerAuth)], at(2026, 6), "for something else"),
            (Vec::new(), at(2026, 6), "none"),
            (vec![CertificateDer::from(vec![1, 2, 3])], at(2026, 6), "no certificate"),
        ] {
            assert!(authority.judge(&shown, now).is_err(), "{why}");
        }
    }

    #[test]
    fn with_a_list_what_is_revoked_or_unknown_does_not_count() {
        let ours = Issuer::new("ours");
        let (kept, gone) =
            (ours.issue(1, ANN, ExtendedKeyUsagePurpose::ClientAuth), ours.issue(2, ANN, ExtendedKeyUsagePurpose::ClientAuth));
        let authority = Authority::read(&ours.pem(), Some(&ours.list(2))).unwrap();
        assert!(authority.judge(std::slice::from_ref(&kept), at(2026, 6)).is_ok());
        assert!(authority.judge(&[gone], at(2026, 6)).is_err(), "it was revoked");
        assert!(authority.judge(std::slice::from_ref(&kept), at(2026, 12)).is_err(), "the list is out of date");
        let others = Authority::read(&ours.pem(), Some(&Issuer::new("theirs").list(9))).unwrap();
        assert!(others.judge(&[kept], at(2026, 6)).is_err(), "no list is about it");
    }

    #[test]
    fn files_that_say_nothing_are_refused() {
        assert!(matches!(Authority::read(b"nothing", None), Err(AuthorityError::NoCertificate)));
        assert!(matches!(Authority::read(&Issuer::new("ours").pem(), Some(b"nothing")), Err(AuthorityError::NoList)));
    }
}
