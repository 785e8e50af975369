//! TLS towards guests: which certificate answers which name, and the one server configuration of all workers.
//!
//! A name that is not ours gets a self-signed certificate that names nothing, so that nobody learns from it whose machine this is.

use std::{collections::HashMap, sync::Arc};

use arc_swap::{ArcSwap, ArcSwapOption};
use rustls::{
    ConfigBuilder, DigitallySignedStruct, DistinguishedName, ServerConfig, SignatureScheme, WantsVerifier,
    client::danger::HandshakeSignatureValid,
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature},
    server::{
        ClientHello, NoServerSessionStorage, ResolvesServerCert,
        danger::{ClientCertVerified, ClientCertVerifier},
    },
    sign::CertifiedKey,
    time_provider::TimeProvider,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, UnixTime};

use crate::{
    base::{Clock, Host, Timestamp},
    config::{Certificate, CertificateError, Config, Lookup},
    identity::Authority,
};

/// What is wrong with the certificates.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
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

impl Certificates {
    /// Reads the files that the configuration names and finds the certificate of each of its hosts.
    pub fn load(config: &Config) -> Result<Self, TlsError> {
        let lookup = Lookup { read: &|path| std::fs::read(path), env: &|_| None };
        let read = config.tls.certificates.iter().map(|files| Certificate::read(files, lookup)).collect::<Result<Vec<_>, _>>()?;
        let mut by_name: HashMap<&str, &Certificate> = HashMap::new();
        for (certificate, name) in read.iter().flat_map(|c| c.names.iter().map(move |name| (c, name))) {
            // Of several that fit, the one that lasts longest.
            let best = by_name.entry(name).or_insert(certificate);
            if certificate.not_after > best.not_after {
                *best = certificate;
            }
        }
        let mut found = Self { by_host: HashMap::new(), uncovered: Vec::new() };
        for host in config.hosts() {
            let wild = host.as_str().split_once('.').and_then(|(_, parent)| by_name.get(format!("*.{parent}").as_str()));
            match by_name.get(host.as_str()).into_iter().chain(wild).max_by_key(|certificate| certificate.not_after) {
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

/// How TLS is spoken by all workers: with everybody, and on hosts that ask for a certificate.
#[derive(Debug)]
pub(super) struct Tls {
    /// With everybody.
    pub(super) plain: Arc<ServerConfig>,
    resolver: Arc<CertificateResolver>,
    clock: Arc<dyn Clock>,
    asking: ArcSwapOption<Asking>,
}

/// Made anew where other authorities count.
#[derive(Debug)]
struct Asking {
    authority: Arc<Authority>,
    config: Arc<ServerConfig>,
}

impl Tls {
    /// With these certificates of ours and this time.
    pub(super) fn new(resolver: Arc<CertificateResolver>, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let plain = plain(Arc::clone(&resolver), Arc::clone(&clock))?;
        Ok(Self { plain, resolver, clock, asking: ArcSwapOption::empty() })
    }

    /// On hosts that ask for a certificate of one of these authorities.
    pub(super) fn asking(&self, authority: &Arc<Authority>) -> Result<Arc<ServerConfig>, TlsError> {
        if let Some(asking) = &*self.asking.load()
            && Arc::ptr_eq(&asking.authority, authority)
        {
            return Ok(Arc::clone(&asking.config));
        }
        let config = asking(authority, Arc::clone(&self.resolver), Arc::clone(&self.clock))?;
        self.asking.store(Some(Arc::new(Asking { authority: Arc::clone(authority), config: Arc::clone(&config) })));
        Ok(config)
    }
}

fn builder(clock: Arc<dyn Clock>) -> Result<ConfigBuilder<ServerConfig, WantsVerifier>, TlsError> {
    let provider: Arc<CryptoProvider> = Arc::new(aws_lc_rs::default_provider());
    Ok(ServerConfig::builder_with_details(provider, Arc::new(TlsTime(clock))).with_safe_default_protocol_versions()?)
}

/// Who speaks HTTP/1.0 alone says so, and is refused by TLS itself unless we know the word.
fn protocols() -> Vec<Vec<u8>> {
    vec![b"h2".to_vec(), b"http/1.1".to_vec(), b"http/1.0".to_vec()]
}

/// One configuration for all workers, so that a ticket of one resumes at another. No early data.
fn plain(resolver: Arc<CertificateResolver>, clock: Arc<dyn Clock>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = builder(clock)?.with_no_client_auth().with_cert_resolver(resolver);
    config.alpn_protocols = protocols();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    config.send_tls13_tickets = 1;
    Ok(Arc::new(config))
}

/// The same for hosts that ask for a certificate. Nothing is resumed there: each connection shows its own.
fn asking(authority: &Arc<Authority>, resolver: Arc<CertificateResolver>, clock: Arc<dyn Clock>) -> Result<Arc<ServerConfig>, TlsError> {
    let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
    let verifier = Arc::new(HasItsKey { authority: Arc::clone(authority), algorithms });
    let mut config = builder(clock)?.with_client_cert_verifier(verifier).with_cert_resolver(resolver);
    config.alpn_protocols = protocols();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// Sees that whoever shows a certificate has its key, and lets in whoever shows none. Whether the certificate counts is judged behind the
/// handshake, where a person can be told: [`Authority::judge`].
#[derive(Debug)]
struct HasItsKey {
    authority: Arc<Authority>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ClientCertVerifier for HasItsKey {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.authority.hints()
    }

    fn verify_client_cert(
        &self,
        _leaf: &CertificateDer<'_>,
        _above: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, leaf, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, leaf, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
