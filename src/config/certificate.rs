//! The certificates of `tls:`: read, fit to their keys, and compared with the hosts that need them.

use std::{collections::HashSet, fmt, io, path::PathBuf, sync::Arc};

use rustls::{crypto::aws_lc_rs, sign::CertifiedKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use x509_parser::{extensions::GeneralName, prelude::X509Certificate};

use super::{CertificateFiles, Config, Lookup};
use crate::base::{Host, Report, Severity, Span, Timestamp};

/// A certificate chain whose key fits.
#[derive(Clone)]
pub struct Certificate {
    /// Where it was read from.
    pub files: CertificateFiles,
    /// Chain and key, as the listener needs them.
    pub key: Arc<CertifiedKey>,
    /// The hosts that it is for, folded; `*.` in front stands for one label.
    pub names: Vec<String>,
    /// Since when it is valid.
    pub not_before: Timestamp,
    /// Until when.
    pub not_after: Timestamp,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// A file cannot be read.
    #[error("cannot read `{}`: {cause}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        cause: io::Error,
    },
    /// The file has no certificate.
    #[error("`{}` holds no certificate in PEM", .0.display())]
    NoCertificate(PathBuf),
    /// The file has no key.
    #[error("`{}` holds no private key in PEM", .0.display())]
    NoKey(PathBuf),
    /// The certificate cannot be understood.
    #[error("the first certificate of `{}` cannot be read", .0.display())]
    Malformed(PathBuf),
    /// The key is of another certificate, or of a kind that we do not know.
    #[error("the key `{}` does not fit the certificate `{}`", key.display(), cert.display())]
    Mismatch {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
    },
}

/// A certificate that ends sooner than this is worth a warning.
const SOON: Span = Span::days(14);

impl Certificate {
    /// Reads chain and key and sees that they fit.
    pub fn read(files: &CertificateFiles, lookup: Lookup<'_>) -> Result<Self, CertificateError> {
        let bytes = |path: &PathBuf| (lookup.read)(path).map_err(|cause| CertificateError::Read { path: path.clone(), cause });
        let (cert, key) = (bytes(&files.cert)?, bytes(&files.key)?);
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&cert).collect::<Result<_, _>>().unwrap_or_default();
        let Some(leaf) = chain.first() else { return Err(CertificateError::NoCertificate(files.cert.clone())) };
        let (names, not_before, not_after) = said_by(leaf).ok_or_else(|| CertificateError::Malformed(files.cert.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&key).map_err(|_| CertificateError::NoKey(files.key.clone()))?;
        let key = CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider())
            .map_err(|_| CertificateError::Mismatch { cert: files.cert.clone(), key: files.key.clone() })?;
        Ok(Self { files: files.clone(), key: Arc::new(key), names, not_before, not_after })
    }

    /// Whether it is for this host.
    pub fn covers(&self, host: &Host) -> bool {
        is_named(host, |wanted| self.names.iter().any(|name| name == wanted))
    }
}

/// Whether a host is among names: itself, or with a star for its first label.
fn is_named(host: &Host, among: impl Fn(&str) -> bool) -> bool {
    among(host.as_str()) || host.as_str().split_once('.').is_some_and(|(_, parent)| among(&format!("*.{parent}")))
}

/// The hosts and the time that a certificate is for. The common name is not looked at; browsers do not either.
fn said_by(leaf: &CertificateDer<'_>) -> Option<(Vec<String>, Timestamp, Timestamp)> {
    use x509_parser::prelude::FromDer;
    let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
    let alternatives = leaf.subject_alternative_name().ok()?;
    let names = alternatives.iter().flat_map(|list| &list.value.general_names).filter_map(|name| {
        let GeneralName::DNSName(name) = name else { return None };
        Some(name.to_ascii_lowercase())
    });
    let instant = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000));
    let validity = leaf.validity();
    Some((names.collect(), instant(validity.not_before.timestamp()), instant(validity.not_after.timestamp())))
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).field("names", &self.names).finish_non_exhaustive()
    }
}

impl Config {
    /// The hosts that browsers ask us for: the portal's first.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        std::iter::once(&self.portal.host).chain(&self.tls.certificate_host).chain(self.apps.iter().map(|app| &app.host))
    }

    /// Reads all certificates. The report says what cannot be used, which hosts none is for, and what has ended or soon will.
    pub fn certificates(&self, lookup: Lookup<'_>, now: Timestamp) -> (Vec<Certificate>, Report) {
        let mut report = Report::new();
        let mut usable = Vec::new();
        for files in &self.tls.certificates {
            match Certificate::read(files, lookup) {
                Ok(certificate) => usable.push(certificate),
                Err(cause) => report.general(Severity::Error, None, cause.to_string(), None),
            }
        }
        let shown = self.apps.iter().flat_map(|app| &app.upstreams).filter_map(|upstream| Some(&upstream.tls.client.as_ref()?.0));
        for certificate in usable.iter().chain(shown) {
            let file = certificate.files.cert.display().to_string();
            let (from, until) = (certificate.not_before, certificate.not_after);
            if now >= until {
                report.general(Severity::Error, Some(&file), format!("the certificate ended at {until}"), None);
            } else if now < from {
                report.general(Severity::Error, Some(&file), format!("the certificate begins at {from}"), None);
            } else if now.plus(SOON) >= until {
                report.general(Severity::Warning, Some(&file), format!("the certificate ends at {until}"), None);
            }
        }
        // Where a file could not be used, which hosts it is for is not known either.
        let all_known = usable.len() == self.tls.certificates.len();
        let names: HashSet<&str> = usable.iter().flat_map(|c| &c.names).map(String::as_str).collect();
        for host in self.hosts().filter(|host| all_known && !is_named(host, |name| names.contains(name))) {
            let help = "the certificate must name it among its alternative names".to_owned();
            report.general(Severity::Error, None, format!("no certificate is for `{host}`"), Some(help));
        }
        (usable, report)
    }
}
