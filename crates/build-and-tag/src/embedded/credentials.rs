//! The credentials that `docker login` or `amazon-ecr-login` left for a registry: the `auths` of Docker's `config.json`
//! (<https://docs.docker.com/reference/cli/docker/login/>).
//!
//! Credential helpers are programs on this machine; none is run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use actions_core::{Environment, SecretString, Session};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry::Auth;
use serde::Deserialize;

/// What Docker calls its own registry in that file.
const DOCKER_HUB: &str = "index.docker.io";

#[derive(Deserialize, Default)]
struct Configuration {
    #[serde(default)]
    auths: BTreeMap<String, Entry>,
    #[serde(default, rename = "credHelpers")]
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
struct Entry {
    /// `user:password` in Base64; absent or empty where a helper keeps it.
    #[serde(default)]
    auth: String,
}

/// Where Docker's configuration is.
pub(crate) fn file(environment: &Environment) -> Option<PathBuf> {
    let folder = environment.get("DOCKER_CONFIG").map(PathBuf::from);
    let folder = folder.or_else(|| environment.get("HOME").map(|home| Path::new(home).join(".docker")))?;
    Some(folder.join("config.json"))
}

/// The credentials for `registry`; without any the pull is anonymous.
pub(crate) fn of(registry: &str, file: Option<&Path>, session: &Session) -> Auth {
    let found = file.and_then(|file| std::fs::read(file).ok()).and_then(|bytes| pair(&bytes, registry));
    let Some((username, password)) = found else { return Auth::Anonymous };
    session.mask(&password);
    Auth::Basic { username, password }
}

/// Whether Docker knows how to log in to `registry` by an entry of its own: a password, or a helper for that host.
pub(crate) fn is_known(registry: &str, file: Option<&Path>) -> bool {
    let bytes = file.and_then(|file| std::fs::read(file).ok()).unwrap_or_default();
    let configuration: Configuration = serde_json::from_slice(&bytes).unwrap_or_default();
    configuration.auths.keys().chain(configuration.cred_helpers.keys()).any(|name| host(name) == registry)
}

fn pair(bytes: &[u8], registry: &str) -> Option<(String, SecretString)> {
    let configuration: Configuration = serde_json::from_slice(bytes).ok()?;
    let mut entries =
        configuration.auths.iter().filter(|(name, entry)| host(name) == registry && !entry.auth.is_empty());
    entries.find_map(|(_, entry)| decoded(&entry.auth))
}

/// The host of an entry's name: `https://index.docker.io/v1/` is `docker.io`.
fn host(name: &str) -> &str {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let host = name.split('/').next().unwrap_or(name);
    if host == DOCKER_HUB { "docker.io" } else { host }
}

fn decoded(auth: &str) -> Option<(String, SecretString)> {
    let text = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    (!username.is_empty() && !password.is_empty()).then(|| (username.to_owned(), SecretString::from(password)))
}

#[cfg(test)]
mod tests {
    use actions_core::ExposeSecret as _;

    use super::*;

    #[test]
    fn a_registry_gets_its_own_credentials_and_no_others() {
        let auth = |pair: &str| serde_json::json!({ "auth": STANDARD.encode(pair) });
        let bytes = serde_json::json!({
            "credsStore": "desktop",
            "auths": {
                "https://index.docker.io/v1/": auth("me:hub"),
                "registry.example:5000": auth("you:a:b"),
                "helped.example": {},
                "broken.example": {"auth": "%%%"},
            }
        })
        .to_string();
        let of = |registry: &str| {
            let (username, password) = pair(bytes.as_bytes(), registry)?;
            Some(format!("{username} {}", password.expose_secret()))
        };
        assert_eq!(of("docker.io").as_deref(), Some("me hub"));
        assert_eq!(of("registry.example:5000").as_deref(), Some("you a:b"));
        for none in ["registry.example", "example", "helped.example", "broken.example", "io", ""] {
            assert_eq!(of(none), None, "{none}");
        }
        assert!(pair(b"not json", "docker.io").is_none());
    }

    #[test]
    fn docker_config_wins_over_the_home_folder() {
        let home = Environment::from_iter([("HOME", "/h")]);
        assert_eq!(file(&home).unwrap(), Path::new("/h/.docker/config.json"));
        let both = Environment::from_iter([("HOME", "/h"), ("DOCKER_CONFIG", "/d")]);
        assert_eq!(file(&both).unwrap(), Path::new("/d/config.json"));
        assert_eq!(file(&Environment::default()), None);
    }
}
