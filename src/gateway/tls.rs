//! TLS towards guests: which certificate answers which name, and the one server configuration of all workers.
//!
//! A name that is not ours gets a self-signed certificate that names nothing, so that nobody learns from it whose machine this is.

use std::{collections::HashMap, io, path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    server::{ClientHello, NoServerSessionStorage, ResolvesServerCert},
    sign::CertifiedKey,
    time_provider::TimeProvider,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject};

use crate::{
    base::{Clock, Host, Timestamp},
    config::{CertificateFiles, Config},
};

/// What is wrong with the certificates.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read `{path}`")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A file holds no certificate.
    #[error("there is no certificate in `{0}`")]
    NoCertificate(PathBuf),
    /// A file holds no private key.
    #[error("there is no private key in `{0}`")]
    NoKey(PathBuf),
    /// The key is not that of the certificate, or of a kind that we do not know.
    #[error("the key in `{key}` does not fit the certificate in `{cert}`")]
    Mismatch {
        /// The certificate.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
        /// Why.
        #[source]
        cause: rustls::Error,
    },
    /// The TLS library refuses.
    #[error("TLS cannot be set up")]
    Setup(#[from] rustls::Error),
    /// No certificate without names could be made.
    #[error("the certificate for unknown names cannot be made")]
    Nameless(#[from] rcgen::Error),
}

/// The certificates of all hosts of one configuration.
#[derive(Debug)]
pub struct Certificates {
    by_host: HashMap<Host, (Arc<CertifiedKey>, Timestamp)>,
    uncovered: Vec<Host>,
}

/// Answers each name with its certificate; what it knows can be replaced while connections come in.
#[derive(Debug)]
pub struct CertificateResolver {
    current: ArcSwap<Certificates>,
    nameless: Arc<CertifiedKey>,
}

/// One chain, its key, and what the leaf says.
struct Loaded {
    key: Arc<CertifiedKey>,
    names: Vec<String>,
    not_after: Timestamp,
}

impl Certificates {
    /// Reads the files that the configuration names and finds the certificate of each of its hosts.
    pub fn load(config: &Config) -> Result<Self, TlsError> {
        let loaded = config.tls.certificates.iter().map(Loaded::read).collect::<Result<Vec<_>, _>>()?;
        let mut found = Self { by_host: HashMap::new(), uncovered: Vec::new() };
        for host in std::iter::once(&config.portal.host).chain(config.apps.iter().map(|app| &app.host)) {
            // Of several that fit, the one that lasts longest.
            match loaded.iter().filter(|l| l.covers(host)).max_by_key(|l| l.not_after) {
                Some(fits) => {
                    found.by_host.insert(host.clone(), (Arc::clone(&fits.key), fits.not_after));
                }
                None => found.uncovered.push(host.clone()),
            }
        }
        Ok(found)
    }

    /// Hosts that no certificate names: browsers will refuse them.
    pub fn uncovered(&self) -> &[Host] {
        &self.uncovered
    }

    /// Until when each host's certificate is valid.
    pub fn expiries(&self) -> impl Iterator<Item = (&Host, Timestamp)> {
        self.by_host.iter().map(|(host, (_, not_after))| (host, *not_after))
    }
}

impl Loaded {
    fn read(files: &CertificateFiles) -> Result<Self, TlsError> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|cause| TlsError::Read { path: path.clone(), cause });
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&read(&files.cert)?)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError::NoCertificate(files.cert.clone()))?;
        let leaf = chain.first().ok_or_else(|| TlsError::NoCertificate(files.cert.clone()))?;
        let (names, not_after) = leaf_says(leaf).ok_or_else(|| TlsError::NoCertificate(files.cert.clone()))?;
        let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?).map_err(|_| TlsError::NoKey(files.key.clone()))?;
        let mismatch = |cause| TlsError::Mismatch { cert: files.cert.clone(), key: files.key.clone(), cause };
        let key = Arc::new(CertifiedKey::from_der(chain, key, &aws_lc_rs::default_provider()).map_err(mismatch)?);
        Ok(Self { key, names, not_after })
    }

    fn covers(&self, host: &Host) -> bool {
        let host = host.as_str();
        let parent = host.split_once('.').map(|(_, parent)| parent);
        self.names.iter().any(|name| match name.strip_prefix("*.") {
            Some(domain) => parent == Some(domain),
            None => name == host,
        })
    }
}

/// The DNS names of a leaf in lower case, and its end.
#[expect(clippy::wildcard_enum_match_arm, reason = "only names of hosts matter, of many kinds of names")]
fn leaf_says(leaf: &CertificateDer<'_>) -> Option<(Vec<String>, Timestamp)> {
    let (_, certificate) = x509_parser::parse_x509_certificate(leaf).ok()?;
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names = alternative.into_iter().flat_map(|extension| &extension.value.general_names);
    let dns = names.filter_map(|name| match name {
        x509_parser::extensions::GeneralName::DNSName(dns) => Some(dns.to_ascii_lowercase()),
        _ => None,
    });
    Some((dns.collect(), Timestamp::from_millis(certificate.validity().not_after.timestamp().saturating_mul(1000))))
}

impl CertificateResolver {
    /// A resolver with these certificates.
    pub fn new(certificates: Certificates) -> Result<Self, TlsError> {
        let key = rcgen::KeyPair::generate()?;
        let mut empty = rcgen::CertificateParams::new(Vec::new())?;
        empty.distinguished_name = rcgen::DistinguishedName::new();
        let certificate = empty.self_signed(&key)?;
        let der = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let nameless = CertifiedKey::from_der(vec![certificate.der().clone()], der, &aws_lc_rs::default_provider())?;
        Ok(Self { current: ArcSwap::from_pointee(certificates), nameless: Arc::new(nameless) })
    }

    /// Takes over other certificates; connections that stand keep theirs.
    pub fn replace(&self, certificates: Certificates) {
        self.current.store(Arc::new(certificates));
    }
}

impl ResolvesServerCert for CertificateResolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let known = hello.server_name().and_then(|name| Host::parse(name).ok());
        let current = self.current.load();
        let found = known.and_then(|host| current.by_host.get(&host).map(|(key, _)| Arc::clone(key)));
        Some(found.unwrap_or_else(|| Arc::clone(&self.nameless)))
    }
}

/// Our clock, as the TLS library asks for it.
#[derive(Debug)]
struct TlsTime(Arc<dyn Clock>);

impl TimeProvider for TlsTime {
    fn current_time(&self) -> Option<UnixTime> {
        let seconds = u64::try_from(self.0.now().as_secs()).ok()?;
        Some(UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds)))
    }
}

/// One configuration for all workers, so that a ticket of one resumes at another. No early data.
pub(super) fn server_config(resolver: Arc<CertificateResolver>, clock: Arc<dyn Clock>) -> Result<Arc<ServerConfig>, TlsError> {
    let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_details(provider, Arc::new(TlsTime(clock)))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}
