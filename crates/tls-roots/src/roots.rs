//! Where the authorities are found.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls_native_certs::load_native_certs;

use crate::pem::certificates;

/// Where the authorities come from.
#[derive(Debug)]
enum Roots {
    /// From one file, all of which can be used: its text, and what it says.
    File(Vec<u8>, Arc<RootCertStore>),
    /// From wherever the platform has them.
    Platform(Arc<RootCertStore>),
    /// From nowhere, and why.
    Nowhere(String),
}

/// Why no authority is known; `None` where there is one.
pub fn lacking() -> Option<&'static str> {
    store().err()
}

/// The text of the one file that has every authority of this machine; `None` where the platform itself is to be asked.
pub fn text() -> Option<&'static [u8]> {
    match roots() {
        Roots::File(text, _) => Some(text),
        Roots::Platform(_) | Roots::Nowhere(_) => None,
    }
}

/// All authorities; where none is known, why.
pub(crate) fn store() -> Result<Arc<RootCertStore>, &'static str> {
    match roots() {
        Roots::File(_, store) | Roots::Platform(store) => Ok(Arc::clone(store)),
        Roots::Nowhere(why) => Err(why),
    }
}

/// Looked for once: files are read for it.
fn roots() -> &'static Roots {
    static ROOTS: OnceLock<Roots> = OnceLock::new();
    ROOTS.get_or_init(|| file().unwrap_or_else(platform))
}

/// The one file, where every certificate in it can be used.
fn file() -> Option<Roots> {
    let text = std::fs::read(path()?).ok()?;
    let mut store = RootCertStore::empty();
    let (valid, invalid) = store.add_parsable_certificates(certificates(&text)?);
    (valid > 0 && invalid == 0).then(|| Roots::File(text, Arc::new(store)))
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
    let mut store = RootCertStore::empty();
    let (valid, invalid) = store.add_parsable_certificates(found.certs);
    let errors = found.errors.iter().map(ToString::to_string);
    let unreadable = (invalid > 0).then(|| format!("{invalid} certificates cannot be read"));
    let reasons: Vec<String> = errors.chain(unreadable).collect();
    match (valid, reasons.is_empty()) {
        (1.., _) => Roots::Platform(Arc::new(store)),
        (0, true) => Roots::Nowhere("there is no certificate".to_owned()),
        (0, false) => Roots::Nowhere(reasons.join("; ")),
    }
}
