//! The certificate authorities of this machine, by which TLS tells AWS from anybody else.

use std::sync::OnceLock;

use rustls::RootCertStore;
use rustls_native_certs::load_native_certs;

/// Why no authority is known; `None` where there is one. Asked once: the files are read for it.
pub(crate) fn lacking() -> Option<&'static str> {
    static LACKING: OnceLock<Option<String>> = OnceLock::new();
    LACKING.get_or_init(look).as_deref()
}

fn look() -> Option<String> {
    let found = load_native_certs();
    let (valid, invalid) = RootCertStore::empty().add_parsable_certificates(found.certs);
    let errors = found.errors.iter().map(ToString::to_string);
    let unreadable = (invalid > 0).then(|| format!("{invalid} certificates cannot be read"));
    let reasons: Vec<String> = errors.chain(unreadable).collect();
    (valid == 0).then(|| if reasons.is_empty() { "there is no certificate".to_owned() } else { reasons.join("; ") })
}
