//! TLS towards applications: whom we believe, and whom we say we are.

use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, aws_lc_rs as provider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::SingleCertAndKey,
};
use tokio_rustls::TlsConnector;

use crate::config::{Pin, UpstreamTls};

/// The public authorities, read once: there are many.
#[derive(Debug, Clone)]
pub(crate) struct PublicRoots(Arc<RootCertStore>);

/// Connections to one upstream, by what they offer to speak.
#[derive(Clone)]
pub(super) struct Connectors {
    pub(super) any: TlsConnector,
    pub(super) one: TlsConnector,
    pub(super) two: TlsConnector,
}

const ONE: &[u8] = b"http/1.1";
/// HTTP/2, as TLS names it.
pub(super) const TWO: &[u8] = b"h2";

impl PublicRoots {
    /// Those that browsers know.
    pub(crate) fn new() -> Self {
        Self(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }))
    }
}

impl Connectors {
    /// As the configuration says.
    pub(super) fn new(tls: &UpstreamTls, public: &PublicRoots) -> Result<Self, Error> {
        let roots = match &tls.ca {
            None => Arc::clone(&public.0),
            Some(own) => {
                let mut roots = RootCertStore::empty();
                for certificate in &*own.certificates {
                    roots.add(certificate.clone())?;
                }
                Arc::new(roots)
            }
        };
        Self::of(tls, roots)
    }

    /// Believes nobody: every connection fails and says so.
    pub(super) fn nobody() -> Result<Self, Error> {
        Self::of(&UpstreamTls::default(), Arc::new(RootCertStore::empty()))
    }

    fn of(tls: &UpstreamTls, roots: Arc<RootCertStore>) -> Result<Self, Error> {
        let crypto = Arc::new(provider::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&crypto)).with_safe_default_protocol_versions()?;
        let builder = if tls.pins.is_empty() {
            builder.with_root_certificates(roots)
        } else {
            let chain = match &tls.ca {
                Some(_) => {
                    let built = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&crypto)).build();
                    Some(built.map_err(|error| Error::General(error.to_string()))?)
                }
                None => None,
            };
            builder.dangerous().with_custom_certificate_verifier(Arc::new(Pinned { pins: tls.pins.clone(), chain, crypto }))
        };
        let config = match &tls.client {
            None => builder.with_no_client_auth(),
            Some(client) => {
                let shown = SingleCertAndKey::from(client.0.key.as_ref().clone());
                builder.with_client_cert_resolver(Arc::new(shown))
            }
        };
        let offering = |protocols: &[&[u8]]| {
            let mut config = config.clone();
            config.alpn_protocols = protocols.iter().map(|p| p.to_vec()).collect();
            TlsConnector::from(Arc::new(config))
        };
        Ok(Self { any: offering(&[TWO, ONE]), one: offering(&[ONE]), two: offering(&[TWO]) })
    }
}

/// Believes in certificates by their digest. A pin alone says everything: names, times and authorities are looked at only where the
/// configuration names authorities too.
#[derive(Debug)]
struct Pinned {
    pins: Vec<Pin>,
    chain: Option<Arc<WebPkiServerVerifier>>,
    crypto: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen = digest(&SHA256, leaf);
        if !self.pins.iter().any(|pin| pin.is(seen.as_ref())) {
            return Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure));
        }
        match &self.chain {
            Some(chain) => chain.verify_server_cert(leaf, above, name, ocsp, now),
            None => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, leaf, signed, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        leaf: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, leaf, signed, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
