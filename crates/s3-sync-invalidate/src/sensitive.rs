//! Files that must not reach a public bucket by accident.

use crate::content_type::extension;
use crate::encoding::plain_name;

/// Folders that hold history or credentials.
const FOLDERS: &[&str] = &[".git", ".hg", ".svn", ".ssh", ".aws", ".gnupg"];

/// Names of files that hold credentials.
const NAMES: &[&str] = &[
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "id_rsa",
];

/// Extensions of key stores and private keys.
const EXTENSIONS: &[&str] = &["jks", "key", "keystore", "kdbx", "p12", "pfx", "ppk"];

/// Names that a file manager leaves behind; they are skipped.
const LITTER: &[&str] = &[".ds_store", "desktop.ini", "thumbs.db"];

/// Whether the name of a file or folder says that it holds secrets or history.
pub(crate) fn is_sensitive_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    FOLDERS.contains(&name.as_str())
        || NAMES.contains(&name.as_str())
        || name.starts_with(".env")
        || EXTENSIONS.contains(&extension)
}

/// Whether a part of `path` is a sensitive name.
pub(crate) fn is_sensitive_path(path: &str) -> bool {
    path.split('/').any(is_sensitive_name)
}

/// Whether a file is a source map, or a compressed copy of one: it holds the sources that a build minified.
pub(crate) fn is_source_map(path: &str) -> bool {
    let plain = plain_name(path).unwrap_or(path);
    extension(plain).is_some_and(|extension| extension == "map")
}

/// Whether a file is what a file manager leaves behind.
pub(crate) fn is_litter(name: &str) -> bool {
    LITTER.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_maps_are_known_by_their_names() {
        for path in ["app.js.map", "assets/app.45d844a759a9e983.CSS.MAP", "app.js.map.gz", "app.mjs.map.br"] {
            assert!(is_source_map(path), "{path}");
        }
        for path in ["map", "sitemap.xml", "a.map.html", "map.js", ".map", "a.map/b.js"] {
            assert!(!is_source_map(path), "{path}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for path in [".git", "a/.git/config", "keys/server.key", "id_rsa", ".ssh/x"] {
            assert!(is_sensitive_path(path), "{path}");
        }
        for path in [".env", ".env.production", ".ENV.local", ".env-production", ".env_local", ".env~", "a/.envrc"] {
            assert!(is_sensitive_path(path), "{path}");
        }
        for path in [".well-known/security.txt", ".gitignore", "environment.js", "key.html", "id_rsa.html", "a.env.js"]
        {
            assert!(!is_sensitive_path(path), "{path}");
        }
    }
}
