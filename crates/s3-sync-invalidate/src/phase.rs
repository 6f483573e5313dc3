//! The order of a publication: what refers to something else goes after it.

use std::fmt;

use serde::Serialize;

use crate::hashed_name::has_content_hash;

/// A group of uploads with a barrier behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Files whose names carry a hash of their content: nobody asks for them yet.
    HashedAssets,
    /// Everything else that pages refer to.
    OtherAssets,
    /// HTML, service workers and manifests: what a browser asks for first.
    EntryPoints,
}

impl Phase {
    /// All phases in the order of publication.
    pub const ALL: [Self; 3] = [Self::HashedAssets, Self::OtherAssets, Self::EntryPoints];

    /// The phase of the file `path` with the given content type.
    pub fn of(path: &str, content_type: &str) -> Self {
        if is_entry_point(path, content_type) {
            Self::EntryPoints
        } else if has_content_hash(path) {
            Self::HashedAssets
        } else {
            Self::OtherAssets
        }
    }

    /// The Cache-Control of files without a rule.
    ///
    /// `no-cache` still lets caches keep a copy: they ask whether it is current before each use.
    pub fn cache_control(self) -> &'static str {
        match self {
            Self::HashedAssets => "public, max-age=31536000, immutable",
            Self::OtherAssets => "public, max-age=300",
            Self::EntryPoints => "no-cache",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HashedAssets => "hashed assets",
            Self::OtherAssets => "other assets",
            Self::EntryPoints => "HTML and entry points",
        })
    }
}

/// Files besides HTML that decide which version of a site a browser gets.
const ENTRY_POINTS: &[&str] = &[
    "asset-manifest.json",
    "firebase-messaging-sw.js",
    "manifest.json",
    "ngsw-worker.js",
    "ngsw.json",
    "remoteentry.js",
    "service-worker.js",
    "service_worker.js",
    "serviceworker.js",
    "sw.js",
    "version.json",
];

fn is_entry_point(path: &str, content_type: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let page = content_type.starts_with("text/html") || content_type.starts_with("application/xhtml+xml");
    page || name.ends_with(".webmanifest") || ENTRY_POINTS.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content_type::{Looks, content_type};

    #[test]
    fn what_refers_to_others_comes_after_them() {
        for (path, expect) in [
            ("assets/app.45d844a759a9e983.js", Phase::HashedAssets),
            ("favicon.svg", Phase::OtherAssets),
            ("robots.txt", Phase::OtherAssets),
            ("index.html", Phase::EntryPoints),
            ("docs/page.3f2a1b4c.html", Phase::EntryPoints),
            ("sw.js", Phase::EntryPoints),
            ("app/service-worker.js", Phase::EntryPoints),
            ("site.webmanifest", Phase::EntryPoints),
            ("manifest.json", Phase::EntryPoints),
            ("sw.js.map", Phase::OtherAssets),
            ("a/SW.js", Phase::EntryPoints),
            ("firebase-messaging-sw.js", Phase::EntryPoints),
        ] {
            assert_eq!(Phase::of(path, &content_type(path, Looks::Plain)), expect, "{path}");
        }
        assert!(Phase::ALL.is_sorted());
    }

    #[test]
    fn what_browsers_ask_for_first_is_never_kept_unasked() {
        for name in ENTRY_POINTS {
            let phase = Phase::of(&format!("app/{name}"), &content_type(name, Looks::Plain));
            assert_eq!(phase.cache_control(), "no-cache", "{name}");
        }
    }
}
