//! Files that must not reach a public bucket by accident.

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
        || name == ".env"
        || name.starts_with(".env.")
        || name == ".envrc"
        || EXTENSIONS.contains(&extension)
}

/// Whether a part of `path` is a sensitive name.
pub(crate) fn is_sensitive_path(path: &str) -> bool {
    path.split('/').any(is_sensitive_name)
}

/// Whether a file is what a file manager leaves behind.
pub(crate) fn is_litter(name: &str) -> bool {
    LITTER.contains(&name.to_ascii_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for path in
            [".git", "a/.git/config", ".env", ".env.production", ".ENV.local", "keys/server.key", "id_rsa", ".ssh/x"]
        {
            assert!(is_sensitive_path(path), "{path}");
        }
        for path in [".well-known/security.txt", ".gitignore", "environment.js", "key.html", "id_rsa.html", "a.env.js"]
        {
            assert!(!is_sensitive_path(path), "{path}");
        }
    }
}
