//! The credential helper that a builder of others asks: this very program, so that no password is in a command line or on the disk.
//!
//! The builder starts `docker-credential-slipway get` with the name of a registry on standard input
//! (<https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>); it inherits the builder's environment, and answers
//! from it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use actions_core::{ExposeSecret as _, SecretString, Session};
use oci_registry::Auth;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Login;

/// The variable in the builder's environment with the passwords, as JSON.
pub(crate) const VARIABLE: &str = "SLIPWAY_REGISTRY_PASSWORDS";

/// The helper's name in `credHelpers`.
pub(super) const HELPER: &str = "slipway";

/// The helper's program, as Docker looks for it.
pub(super) const PROGRAM: &str = "docker-credential-slipway";

/// The longest name on the helper's standard input.
const LONGEST_NAME: u64 = 4096;

/// The passwords of registries. Those of one region of ECR share theirs.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Passwords {
    /// For each name, as the builder writes it, the place of its password.
    names: BTreeMap<String, usize>,
    /// Users and passwords.
    pairs: Vec<(String, String)>,
}

/// Shows names only.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.names.keys()).finish()
    }
}

impl Passwords {
    /// Adds the password of a host.
    pub(crate) fn add(&mut self, host: &str, auth: &Auth) {
        let Auth::Basic { username, password } = auth else { return };
        self.put(host, username, password.expose_secret());
    }

    /// Adds a login under the name that the builder asks by.
    pub(super) fn add_login(&mut self, name: &str, login: &Login) {
        self.put(name, &login.username, login.secret.expose_secret());
    }

    fn put(&mut self, name: &str, username: &str, password: &str) {
        let pair = (username.to_owned(), password.to_owned());
        let place = self.pairs.iter().position(|known| *known == pair).unwrap_or_else(|| {
            self.pairs.push(pair);
            self.pairs.len() - 1
        });
        self.names.insert(name.to_owned(), place);
    }

    /// Masks them all: what a builder prints goes into the log.
    pub(super) fn mask(&self, session: &Session) {
        for (_, password) in &self.pairs {
            session.mask(&SecretString::from(password.as_str()));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The names that are answered.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.names.keys()
    }

    /// What the helper answers about a registry.
    pub(super) fn answer(&self, asked: &str) -> Option<Value> {
        let short = || asked.strip_prefix("https://").unwrap_or(asked).trim_end_matches('/');
        let place = self.names.get(asked).or_else(|| self.names.get(short()))?;
        let (username, secret) = self.pairs.get(*place)?;
        Some(json!({ "ServerURL": asked, "Username": username, "Secret": secret }))
    }

    /// Every name with its user.
    fn users(&self) -> BTreeMap<&String, &String> {
        self.names.iter().filter_map(|(name, place)| Some((name, &self.pairs.get(*place)?.0))).collect()
    }
}

/// Answers as a credential helper, where this program was started as one; `None` where it was not.
pub(crate) fn helper(mut words: impl Iterator<Item = std::ffi::OsString>) -> Option<std::process::ExitCode> {
    let program = words.next().map(PathBuf::from)?;
    if program.file_stem() != Some(OsStr::new(PROGRAM)) {
        return None;
    }
    let word = words.next().unwrap_or_default();
    let mut name = String::new();
    let read = std::io::stdin().take(LONGEST_NAME).read_to_string(&mut name);
    let passwords = std::env::var(VARIABLE).ok().and_then(|text| serde_json::from_str::<Passwords>(&text).ok());
    let passwords = passwords.unwrap_or_default();
    let answer = match word.to_str() {
        Some("get") if read.is_ok() => passwords.answer(name.trim()).map(|answer| answer.to_string()),
        Some("list") => Some(json!(passwords.users()).to_string()),
        // What is given to the helper is kept by nobody, and nothing is forgotten before the builder ends.
        Some("store" | "erase") => Some(String::new()),
        _ => None,
    };
    // The protocol's own words for it, on standard output.
    let (text, code) = answer.map_or(("credentials not found in native keychain".to_owned(), 1), |answer| (answer, 0));
    let written = std::io::stdout().write_all(text.as_bytes());
    Some(std::process::ExitCode::from(if written.is_ok() { code } else { 1 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auth(password: &str) -> Auth {
        Auth::Basic { username: "AWS".to_owned(), password: SecretString::from(password) }
    }

    #[test]
    fn a_host_gets_its_own_password_and_no_other() {
        let mut passwords = Passwords::default();
        passwords.add("a.example", &auth("one"));
        passwords.add("b.example", &auth("one"));
        passwords.add("c.example", &auth("two"));
        passwords.add("d.example", &Auth::Anonymous);
        passwords.add("https://index.docker.io/v1/", &auth("three"));
        assert_eq!(passwords.pairs.len(), 3, "one region's is written once");
        let secret = |name: &str| passwords.answer(name).map(|answer| answer["Secret"].as_str().unwrap().to_owned());
        assert_eq!(secret("a.example").as_deref(), Some("one"));
        assert_eq!(secret("https://c.example/").as_deref(), Some("two"));
        assert_eq!(secret("https://index.docker.io/v1/").as_deref(), Some("three"));
        for none in ["d.example", "example", "a.example.evil", "index.docker.io", "a.example/v1/", ""] {
            assert_eq!(secret(none), None, "{none}");
        }
        assert!(!format!("{passwords:?}").contains("one"));
    }
}
