//! Certificates from their text.
//!
//! The usual readers of PEM decode base64 in constant time, as for private keys: with some 150 authorities that takes longer than a
//! push of an image that is there. Certificates are public, so they are decoded in the usual way here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates of a PEM text; what is not plain PEM is left to the TLS library's own reader, and `None` is what that cannot read.
pub(crate) fn certificates(text: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let plain = std::str::from_utf8(text).ok().and_then(plain);
    plain.or_else(|| CertificateDer::pem_slice_iter(text).collect::<Result<_, _>>().ok())
}

/// The certificates; `None` where anything is other than expected.
fn plain(text: &str) -> Option<Vec<CertificateDer<'static>>> {
    let mut parts = text.split(BEGIN);
    // What stands before the first certificate is a comment, and no other kind of PEM.
    if parts.next()?.contains("-----") {
        return None;
    }
    parts
        .map(|part| {
            let (body, rest) = part.split_once(END)?;
            if rest.contains("-----") {
                return None;
            }
            let body: String = body.split_ascii_whitespace().collect();
            STANDARD.decode(body).ok().map(CertificateDer::from)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(body: &str) -> String {
        format!("{BEGIN}\n{body}\n{END}\n")
    }

    #[test]
    fn certificates_come_out_of_their_text_with_comments_between() {
        let text = format!("# one\n{}\n# two\r\n{}", pem("AQID\nBAUG"), pem("BwgJ\r\n").replace('\n', "\r\n"));
        let expected = [vec![1, 2, 3, 4, 5, 6], vec![7, 8, 9]].map(CertificateDer::from);
        assert_eq!(plain(&text).unwrap(), expected);
        assert_eq!(certificates(text.as_bytes()).unwrap(), expected);
        assert_eq!(plain("").unwrap(), []);
    }

    #[test]
    fn anything_else_is_left_to_the_other_reader() {
        let key = "-----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
        for text in [
            pem("A Q!D"),
            pem("AQI"),
            format!("{BEGIN}\nAQID\n"),
            format!("{key}{}", pem("AQID")),
            format!("{}{key}", pem("AQID")),
        ] {
            assert_eq!(plain(&text), None, "{text}");
        }
        assert_eq!(
            certificates(format!("{key}{}", pem("AQID")).as_bytes()).unwrap(),
            [CertificateDer::from(vec![1, 2, 3])]
        );
        assert_eq!(certificates(format!("{BEGIN}\nAQID\n").as_bytes()), None);
    }
}
