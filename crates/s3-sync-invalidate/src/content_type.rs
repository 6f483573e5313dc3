//! Content types by extension, from tables inside the binary, so that every machine gives the same answer.
//!
//! [`OVERRIDES`] comes first and is what this crate guarantees; `mime_guess` (a table in its crate, no host file) knows the
//! rest. It never looks at the machine's `/etc/mime.types` or registry.

/// The type of a file nobody knows.
const UNKNOWN: &str = "application/octet-stream";

/// Types of the web's own files, with the charset where text has one.
const OVERRIDES: &[(&str, &str)] = &[
    ("atom", "application/atom+xml; charset=utf-8"),
    ("avif", "image/avif"),
    ("br", "application/x-brotli"),
    ("cjs", "text/javascript; charset=utf-8"),
    ("css", "text/css; charset=utf-8"),
    ("csv", "text/csv; charset=utf-8"),
    ("eot", "application/vnd.ms-fontobject"),
    ("geojson", "application/geo+json; charset=utf-8"),
    ("glb", "model/gltf-binary"),
    ("gltf", "model/gltf+json; charset=utf-8"),
    ("gz", "application/gzip"),
    ("htm", "text/html; charset=utf-8"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("ics", "text/calendar; charset=utf-8"),
    ("importmap", "application/importmap+json; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json; charset=utf-8"),
    ("jsonl", "application/jsonl; charset=utf-8"),
    ("jsonld", "application/ld+json; charset=utf-8"),
    ("jxl", "image/jxl"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("map", "application/json; charset=utf-8"),
    ("md", "text/markdown; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("mpd", "application/dash+xml"),
    ("otf", "font/otf"),
    ("rss", "application/rss+xml; charset=utf-8"),
    ("svg", "image/svg+xml; charset=utf-8"),
    ("svgz", "image/svg+xml; charset=utf-8"),
    ("tgz", "application/gzip"),
    ("ts", "video/mp2t"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("vtt", "text/vtt; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json; charset=utf-8"),
    ("webp", "image/webp"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xhtml", "application/xhtml+xml; charset=utf-8"),
    ("xml", "application/xml; charset=utf-8"),
    ("yaml", "application/yaml; charset=utf-8"),
    ("yml", "application/yaml; charset=utf-8"),
    ("zst", "application/zstd"),
];

/// What the first bytes of a file say about it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Looks {
    /// Nothing in particular.
    #[default]
    Plain,
    /// An HTML document.
    Html,
    /// The bytes of gzip.
    Gzip,
    /// The bytes of Zstandard.
    Zstd,
    /// A private key in PEM or `PuTTY` form. In PEM it may come behind a certificate or a comment.
    PrivateKey,
}

impl Looks {
    /// Judges the first bytes of a file: the more there are, the later a private key is still found.
    pub fn of(head: &[u8]) -> Self {
        // The third byte is the only method there is.
        if head.starts_with(b"\x1F\x8B\x08") {
            return Self::Gzip;
        }
        if head.starts_with(b"\x28\xB5\x2F\xFD") {
            return Self::Zstd;
        }
        let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
        let text = head.trim_ascii_start();
        let begins = |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if begins(b"<!doctype html") || begins(b"<html") {
            Self::Html
        } else if text.starts_with(b"PuTTY-User-Key-File-") || has_private_key(head) {
            Self::PrivateKey
        } else {
            Self::Plain
        }
    }
}

/// Whether a line begins a private key in PEM (<https://www.rfc-editor.org/rfc/rfc7468#section-2>). A line that does so further on is
/// code or prose that speaks of one.
fn has_private_key(head: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    memchr::memmem::find_iter(head, BEGIN).any(|at| {
        let before = head[..at].iter().rev().find(|byte| !matches!(byte, b' ' | b'\t'));
        let mut rest = head[at + BEGIN.len()..].split(|byte| matches!(byte, b'\r' | b'\n'));
        matches!(before, None | Some(b'\r' | b'\n'))
            && rest.next().is_some_and(|line| {
                memchr::memmem::find(line, b"PRIVATE KEY").is_some() && line.trim_ascii_end().ends_with(b"-----")
            })
    })
}

/// What follows the last dot of a name, in lower case.
pub(crate) fn extension(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    // `.htaccess` has no extension, it is a name that starts with a dot.
    name.trim_start_matches('.').rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
}

/// The content type of the file `path`; `looks` decides for a name without an extension.
pub(crate) fn content_type(path: &str, looks: Looks) -> String {
    let Some(extension) = extension(path) else {
        return if looks == Looks::Html { "text/html; charset=utf-8" } else { UNKNOWN }.to_owned();
    };
    if let Ok(found) = OVERRIDES.binary_search_by_key(&extension.as_str(), |(known, _)| known) {
        return OVERRIDES[found].1.to_owned();
    }
    let Some(guess) = mime_guess::from_ext(&extension).first() else { return UNKNOWN.to_owned() };
    if guess.type_() == mime_guess::mime::TEXT && guess.get_param("charset").is_none() {
        format!("{guess}; charset=utf-8")
    } else {
        guess.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(OVERRIDES.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn the_web_s_own_types_are_pinned() {
        for (name, expect) in [
            ("index.html", "text/html; charset=utf-8"),
            ("old.htm", "text/html; charset=utf-8"),
            ("page.xhtml", "application/xhtml+xml; charset=utf-8"),
            ("app.3f2a1b4c.js", "text/javascript; charset=utf-8"),
            ("mod.mjs", "text/javascript; charset=utf-8"),
            ("mod.cjs", "text/javascript; charset=utf-8"),
            ("app.js.map", "application/json; charset=utf-8"),
            ("site.css", "text/css; charset=utf-8"),
            ("a.wasm", "application/wasm"),
            ("a.json", "application/json; charset=utf-8"),
            ("a.jsonld", "application/ld+json; charset=utf-8"),
            ("site.webmanifest", "application/manifest+json; charset=utf-8"),
            ("importmap.importmap", "application/importmap+json; charset=utf-8"),
            ("feed.xml", "application/xml; charset=utf-8"),
            ("feed.rss", "application/rss+xml; charset=utf-8"),
            ("feed.atom", "application/atom+xml; charset=utf-8"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("a.md", "text/markdown; charset=utf-8"),
            ("a.csv", "text/csv; charset=utf-8"),
            ("a.vtt", "text/vtt; charset=utf-8"),
            ("a.ics", "text/calendar; charset=utf-8"),
            ("a.yaml", "application/yaml; charset=utf-8"),
            ("a.SVG", "image/svg+xml; charset=utf-8"),
            ("a.svgz", "image/svg+xml; charset=utf-8"),
            ("a.png", "image/png"),
            ("a.jpg", "image/jpeg"),
            ("a.jpeg", "image/jpeg"),
            ("a.gif", "image/gif"),
            ("a.webp", "image/webp"),
            ("a.avif", "image/avif"),
            ("a.jxl", "image/jxl"),
            ("favicon.ico", "image/x-icon"),
            ("a.apng", "image/apng"),
            ("a.woff", "font/woff"),
            ("a.woff2", "font/woff2"),
            ("a.ttf", "font/ttf"),
            ("a.otf", "font/otf"),
            ("a.eot", "application/vnd.ms-fontobject"),
            ("a.mp4", "video/mp4"),
            ("a.webm", "video/webm"),
            ("a.ts", "video/mp2t"),
            ("a.m3u8", "application/vnd.apple.mpegurl"),
            ("a.mpd", "application/dash+xml"),
            ("a.mp3", "audio/mpeg"),
            ("a.ogg", "audio/ogg"),
            ("a.wav", "audio/wav"),
            ("a.pdf", "application/pdf"),
            ("a.zip", "application/zip"),
            ("a.gz", "application/gzip"),
            ("a.tgz", "application/gzip"),
            ("a.tar", "application/x-tar"),
            ("a.glb", "model/gltf-binary"),
            ("a.unheard-of", UNKNOWN),
            ("data.bin", UNKNOWN),
            (".htaccess", UNKNOWN),
            ("dir.js/plain", UNKNOWN),
        ] {
            assert_eq!(content_type(name, Looks::Plain), expect, "{name}");
        }
    }

    #[test]
    fn a_page_without_an_extension_is_recognized_by_its_first_bytes() {
        let looks = Looks::of(b"\xEF\xBB\xBF \n<!DOCTYPE html><title>x</title>");
        assert_eq!(content_type("about", looks), "text/html; charset=utf-8");
        assert_eq!(content_type("about", Looks::of(b"hello")), UNKNOWN);
    }

    #[test]
    fn a_private_key_is_recognized_by_the_line_it_begins_with() {
        let key = |kind: &str| format!("-----BEGIN {kind}-----\nMII\n");
        for kind in
            ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
        {
            let bundle = format!("{}{}", key("CERTIFICATE").repeat(100), key(kind)).replace('\n', "\r\n");
            let attributes =
                format!("Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n{}", key(kind));
            for text in [key(kind), format!("\u{FEFF}\n  {}", key(kind)), bundle, attributes] {
                assert_eq!(Looks::of(text.as_bytes()), Looks::PrivateKey, "{text}");
            }
        }
        assert_eq!(Looks::of(b"PuTTY-User-Key-File-2: ssh-rsa"), Looks::PrivateKey);
        for kind in ["CERTIFICATE", "PUBLIC KEY"] {
            assert_eq!(Looks::of(key(kind).as_bytes()), Looks::Plain, "{kind}");
        }
        let page = format!("<!doctype html><pre>\n{}</pre>", key("PRIVATE KEY"));
        assert_eq!(Looks::of(page.as_bytes()), Looks::Html);
        for code in ["const begin = '-----BEGIN PRIVATE KEY-----'", "-----BEGIN PRIVATE KEY----- is how it begins"] {
            assert_eq!(Looks::of(code.as_bytes()), Looks::Plain, "{code}");
        }
    }
}
