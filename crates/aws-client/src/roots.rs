//! The certificate authorities of this machine, by which TLS tells AWS from anybody else.
//!
//! Linux keeps them twice: in one file, and one by one in a folder of some 300 names. Reading the folder takes a process that lives
//! for milliseconds most of its time, so the file is enough where it is whole.

use std::path::PathBuf;
use std::sync::OnceLock;

use aws_smithy_http_client::tls::TrustStore;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls_native_certs::load_native_certs;

/// Where the authorities come from.
#[derive(Debug)]
enum Roots {
    /// From one file, all of which can be used: its text.
    File(Vec<u8>),
    /// From wherever the platform has them.
    Platform,
    /// From nowhere, and why.
    Nowhere(String),
}

/// Why no authority is known; `None` where there is one.
pub(crate) fn lacking() -> Option<&'static str> {
    match roots() {
        Roots::Nowhere(why) => Some(why),
        Roots::File(_) | Roots::Platform => None,
    }
}

/// Whom TLS believes. Where no authority is known that is nobody, said so: the SDK takes that for a bug, although plain HTTP to an
/// emulator works.
pub(crate) fn trust_store() -> TrustStore {
    match roots() {
        Roots::File(pem) => TrustStore::empty().with_pem_certificate(pem.clone()),
        Roots::Platform => TrustStore::default(),
        Roots::Nowhere(_) => TrustStore::empty(),
    }
}

/// The text of the one file that has every authority of this machine, for clients of other services; `None` where the platform
/// itself is to be asked.
pub fn authorities() -> Option<&'static [u8]> {
    match roots() {
        Roots::File(pem) => Some(pem),
        Roots::Platform | Roots::Nowhere(_) => None,
    }
}

/// Looked for once: files are read for it.
fn roots() -> &'static Roots {
    static ROOTS: OnceLock<Roots> = OnceLock::new();
    ROOTS.get_or_init(|| file().map_or_else(platform, Roots::File))
}

/// The text of the one file, where every certificate in it can be used.
fn file() -> Option<Vec<u8>> {
    let pem = std::fs::read(path()?).ok()?;
    let certificates = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>().ok()?;
    let (valid, invalid) = RootCertStore::empty().add_parsable_certificates(certificates);
    (valid > 0 && invalid == 0).then_some(pem)
}

/// Where the one file is; `None` where a folder was asked for by name.
fn path() -> Option<PathBuf> {
    let named = |variable| std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    match (named("SSL_CERT_DIR"), named("SSL_CERT_FILE")) {
        (Some(_), _) => None,
        (None, Some(file)) => Some(file),
        (None, None) => of_the_distribution(),
    }
}

#[cfg(target_os = "linux")]
fn of_the_distribution() -> Option<PathBuf> {
    openssl_probe::probe().cert_file
}

/// macOS and Windows have a store of their own.
#[cfg(not(target_os = "linux"))]
fn of_the_distribution() -> Option<PathBuf> {
    None
}

fn platform() -> Roots {
    let found = load_native_certs();
    let (valid, invalid) = RootCertStore::empty().add_parsable_certificates(found.certs);
    let errors = found.errors.iter().map(ToString::to_string);
    let unreadable = (invalid > 0).then(|| format!("{invalid} certificates cannot be read"));
    let reasons: Vec<String> = errors.chain(unreadable).collect();
    match (valid, reasons.is_empty()) {
        (1.., _) => Roots::Platform,
        (0, true) => Roots::Nowhere("there is no certificate".to_owned()),
        (0, false) => Roots::Nowhere(reasons.join("; ")),
    }
}
