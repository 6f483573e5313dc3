//! Certificate authorities from their text.
//!
//! To read some 150 of them takes longer than a push of an image that is there, and most of that is decoding base64 in constant time,
//! as for private keys. Certificates are public, so they are decoded in the usual way here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Certificate;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates of a PEM text; what is not plain PEM is left to the TLS library's own reader.
pub(crate) fn certificates(text: &[u8]) -> Result<Vec<Certificate>, reqwest::Error> {
    match std::str::from_utf8(text).ok().and_then(plain) {
        Some(all) => all.iter().map(|der| Certificate::from_der(der)).collect(),
        None => Certificate::from_pem_bundle(text),
    }
}

/// The certificates in DER; `None` where anything is other than expected.
fn plain(text: &str) -> Option<Vec<Vec<u8>>> {
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
            STANDARD.decode(body).ok()
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
        assert_eq!(plain(&text).unwrap(), [vec![1, 2, 3, 4, 5, 6], vec![7, 8, 9]]);
        assert_eq!(plain("").unwrap(), Vec::<Vec<u8>>::new());
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
    }
}
