//! Files whose bytes are compressed already: how they are encoded, and what they are without that.
//!
//! A build may write compressed bytes under the file's own name (`app.js`) or beside it (`app.js.gz`, `app.js.br`). Both must
//! say so in Content-Encoding, or a browser sees rubbish. An archive that people download (`site.tar.gz`) must not, or a
//! browser unpacks it on the way.

use crate::content_type::{Looks, content_type, extension};

/// Types of files whose compressed copies are meant for browsers, not for a download. No `csv`, `sql` or `log`: people keep
/// those compressed.
const LOADED: &[&str] = &[
    "atom",
    "cjs",
    "css",
    "eot",
    "htm",
    "html",
    "ico",
    "js",
    "json",
    "jsonld",
    "map",
    "md",
    "mjs",
    "otf",
    "rss",
    "svg",
    "ttf",
    "txt",
    "wasm",
    "webmanifest",
    "xhtml",
    "xml",
];

/// How a file's bytes are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// gzip, known by its first bytes.
    Gzip,
    /// Brotli, which has no first bytes of its own; known by the name.
    Brotli,
    /// Zstandard, known by its first bytes.
    Zstd,
}

impl Encoding {
    /// The value of Content-Encoding.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// What the names of encoded copies end with.
    pub(crate) fn end(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
            Self::Zstd => ".zst",
        }
    }
}

/// The encoding of the file `path`, and the name of what is encoded; that is `path` itself but for copies beside it.
pub(crate) fn encoding(path: &str, looks: Looks) -> (Option<Encoding>, &str) {
    let seen = match looks {
        Looks::Gzip => Some(Encoding::Gzip),
        Looks::Zstd => Some(Encoding::Zstd),
        Looks::Plain => Some(Encoding::Brotli),
        Looks::Html | Looks::PrivateKey => None,
    };
    let Some(seen) = seen else { return (None, path) };
    if let Some(inner) = plain_name(path).filter(|inner| path[inner.len()..].eq_ignore_ascii_case(seen.end())) {
        return (Some(seen), inner);
    }
    let in_place = seen != Encoding::Brotli && is_text_like(&content_type(path, looks));
    (in_place.then_some(seen), path)
}

/// The name without the end of an encoded copy, where it is one of something that browsers load.
pub(crate) fn plain_name(path: &str) -> Option<&str> {
    let (inner, end) = path.rsplit_once('.')?;
    let is_copy = ["gz", "br", "zst"].iter().any(|known| end.eq_ignore_ascii_case(known));
    let is_loaded = || extension(inner).is_some_and(|extension| LOADED.contains(&extension.as_str()));
    (is_copy && is_loaded()).then_some(inner)
}

/// Whether a browser reads content of this type by itself, so that it may arrive encoded; it is what compression is for, too.
pub(crate) fn is_text_like(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || essence.starts_with("font/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || [
            "application/javascript",
            "application/json",
            "application/vnd.ms-fontobject",
            "application/wasm",
            "application/xml",
            "image/x-icon",
        ]
        .contains(&essence)
}

/// Whether content of this type is the compressed file itself.
pub(crate) fn is_download(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    [
        "application/gzip",
        "application/octet-stream",
        "application/x-compressed",
        "application/x-gtar",
        "application/x-gzip",
        "application/x-tar",
        "application/zip",
        "application/zstd",
    ]
    .contains(&essence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, looks: Looks, encoded: Option<&str>, name: &str) {
        let (seen, plain) = encoding(path, looks);
        assert_eq!((seen.map(Encoding::as_str), plain), (encoded, name), "{path}");
    }

    #[test]
    fn a_compressed_copy_is_what_it_is_a_copy_of() {
        check("a/app.js.gz", Looks::Gzip, Some("gzip"), "a/app.js");
        check("app.JS.GZ", Looks::Gzip, Some("gzip"), "app.JS");
        check("app.js.br", Looks::Plain, Some("br"), "app.js");
        check("app.wasm.zst", Looks::Zstd, Some("zstd"), "app.wasm");
        check("sitemap.xml.gz", Looks::Gzip, Some("gzip"), "sitemap.xml");
    }

    #[test]
    fn compressed_bytes_under_the_file_s_own_name_are_seen() {
        for name in ["index.html", "app.js", "data.csv", "logo.svgz", "app.wasm", "a.webmanifest", "feed.atom"] {
            check(name, Looks::Gzip, Some("gzip"), name);
            check(name, Looks::Zstd, Some("zstd"), name);
            check(name, Looks::Plain, None, name);
        }
    }

    #[test]
    fn what_people_download_stays_as_it_is() {
        for name in [
            "site.tar.gz",
            "site.tgz",
            "dump.sql.gz",
            "data.csv.gz",
            "server.log.gz",
            "x.gz",
            "x.zip",
            "x.crate",
            "x.zst",
            "model.glb",
            "photo.png",
            "about",
            ".gz",
        ] {
            check(name, Looks::Gzip, None, name);
            check(name, Looks::Zstd, None, name);
        }
    }

    #[test]
    fn a_name_that_promises_what_the_bytes_do_not_hold_is_not_believed() {
        check("app.js.gz", Looks::Plain, None, "app.js.gz");
        check("app.js.gz", Looks::Zstd, None, "app.js.gz");
        check("app.js.br", Looks::Gzip, None, "app.js.br");
        check("index.html.br", Looks::Html, None, "index.html.br");
    }
}
