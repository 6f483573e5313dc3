//! Who looks at a server's certificate, with authorities that are read when the first one is looked at.

use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::roots;

/// The TLS of a client that speaks HTTP/2 or HTTP/1.1 and believes the authorities of this machine. Nothing is read yet: where no
/// authority is known, each connection over TLS fails with that reason ([`crate::lacking`] tells it before).
///
/// # Errors
///
/// When ring offers no version of TLS, which a build of this program decides.
pub fn client_config() -> Result<ClientConfig, Error> {
    believing(roots::store)
}

/// Where authorities come from, or why there is none.
type Source = fn() -> Result<Arc<RootCertStore>, &'static str>;

fn believing(source: Source) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Deferred { provider: Arc::clone(&provider), source, verifier: OnceLock::new() };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// rustls's own verifier, made when it is first asked. It decides nothing itself.
#[derive(Debug)]
struct Deferred {
    provider: Arc<CryptoProvider>,
    source: Source,
    verifier: OnceLock<Result<Arc<WebPkiServerVerifier>, Error>>,
}

impl Deferred {
    fn verifier(&self) -> Result<&WebPkiServerVerifier, Error> {
        let made = self.verifier.get_or_init(|| {
            let store = (self.source)().map_err(|why| Error::General(format!("no certificate authority: {why}")))?;
            WebPkiServerVerifier::builder_with_provider(store, Arc::clone(&self.provider))
                .build()
                .map_err(|error| Error::General(error.to_string()))
        });
        made.as_deref().map_err(Clone::clone)
    }
}

impl ServerCertVerifier for Deferred {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.verifier()?.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.verifier()?.verify_tls13_signature(message, cert, dss)
    }

    /// As [`WebPkiServerVerifier`] answers: the algorithms are the provider's, whatever the authorities.
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
    use rustls::pki_types::PrivateKeyDer;
    use rustls::{CertificateError, ClientConnection, ServerConfig, ServerConnection};

    use super::*;

    type Authority = CertifiedIssuer<'static, KeyPair>;

    fn authority(name: &str) -> Authority {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    }

    static OURS: LazyLock<Authority> = LazyLock::new(|| authority("ours"));

    const KNOWN: Source = || {
        let mut store = RootCertStore::empty();
        store.add(OURS.der().clone()).unwrap();
        Ok(Arc::new(store))
    };

    /// What a client of this machine's authorities says to a server `name` with a certificate of `issuer` for `shop.example`.
    fn handshake(
        source: Source,
        issuer: &Authority,
        name: &'static str,
        alpn: &[&[u8]],
    ) -> Result<Option<Vec<u8>>, Error> {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(["shop.example".to_owned()]).unwrap().signed_by(&key, issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())?;
        config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
        let mut server = ServerConnection::new(Arc::new(config))?;
        let mut client = ClientConnection::new(Arc::new(believing(source)?), ServerName::try_from(name).unwrap())?;
        while client.is_handshaking() {
            let mut sent = Vec::new();
            client.write_tls(&mut sent).unwrap();
            server.read_tls(&mut sent.as_slice()).unwrap();
            server.process_new_packets()?;
            let mut answered = Vec::new();
            server.write_tls(&mut answered).unwrap();
            client.read_tls(&mut answered.as_slice()).unwrap();
            client.process_new_packets()?;
        }
        Ok(client.alpn_protocol().map(<[u8]>::to_vec))
    }

    #[test]
    fn a_server_of_a_known_authority_is_believed() {
        assert_eq!(handshake(KNOWN, &OURS, "shop.example", &[b"h2", b"http/1.1"]), Ok(Some(b"h2".to_vec())));
        assert_eq!(handshake(KNOWN, &OURS, "shop.example", &[b"http/1.1"]), Ok(Some(b"http/1.1".to_vec())));
    }

    #[test]
    fn nobody_else_is() {
        let refused = handshake(KNOWN, &authority("another"), "shop.example", &[]);
        assert_eq!(refused, Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)));
        let other = handshake(KNOWN, &OURS, "other.example", &[]).unwrap_err();
        assert!(matches!(other, Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. })), "{other}");
    }

    #[test]
    fn without_an_authority_nobody_is_and_the_reason_is_told() {
        let refused = handshake(|| Err("there is no certificate"), &OURS, "shop.example", &[]).unwrap_err();
        assert_eq!(refused.to_string(), "unexpected error: no certificate authority: there is no certificate");
    }

    #[test]
    fn nothing_is_read_before_a_server_is_looked_at() {
        believing(|| panic!("read too early")).unwrap();
    }
}
