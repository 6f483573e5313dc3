//! The passwords that a builder of others gets: by a credential helper that is this very program, so that none is in a command line or on
//! the disk.
//!
//! The builder's environment names a configuration folder of its own, whose `credHelpers` name the helper for each host of ECR, and holds
//! the passwords. The builder starts `docker-credential-slipway get` with the host on standard input
//! (<https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>); it inherits the environment, and answers from it.
//! Everything else in Docker's own folder (builder instances, plugins, contexts, certificates) is linked to.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use actions_core::{ExposeSecret as _, SecretString, Session};
use oci_image::Staging;
use oci_registry::Auth;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::error::Error;

/// The variable in the builder's environment with the passwords, as JSON.
pub(crate) const VARIABLE: &str = "SLIPWAY_REGISTRY_PASSWORDS";

/// The helper's name in `credHelpers`.
const HELPER: &str = "slipway";

/// The helper's program, as Docker looks for it.
const PROGRAM: &str = "docker-credential-slipway";

/// The largest `config.json` that is taken over.
const LARGEST_CONFIG: u64 = 1024 * 1024;

/// The longest host name on the helper's standard input.
const LONGEST_HOST: u64 = 4096;

/// The passwords of hosts. Hosts of one region share theirs.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Passwords {
    /// For each host the place of its password.
    hosts: BTreeMap<String, usize>,
    /// Users and passwords.
    pairs: Vec<(String, String)>,
}

/// Shows hosts only.
impl std::fmt::Debug for Passwords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.hosts.keys()).finish()
    }
}

impl Passwords {
    /// Adds the password of a host.
    pub(crate) fn add(&mut self, host: &str, auth: &Auth) {
        let Auth::Basic { username, password } = auth else { return };
        let pair = (username.clone(), password.expose_secret().to_owned());
        let place = self.pairs.iter().position(|known| *known == pair).unwrap_or_else(|| {
            self.pairs.push(pair);
            self.pairs.len() - 1
        });
        self.hosts.insert(host.to_owned(), place);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.hosts.is_empty()
    }

    /// What the helper answers about a host.
    fn answer(&self, host: &str) -> Option<Value> {
        let name = host.strip_prefix("https://").unwrap_or(host).trim_end_matches('/');
        let (username, secret) = self.pairs.get(*self.hosts.get(name)?)?;
        Some(json!({ "ServerURL": host, "Username": username, "Secret": secret }))
    }
}

/// A configuration folder that exists while a builder runs.
#[derive(Debug)]
pub(crate) struct DockerLogin {
    variables: BTreeMap<String, String>,
    /// Removed with this.
    _folder: Staging,
}

impl DockerLogin {
    /// Makes the folder: what `config` says, and this program as the helper for the hosts of `passwords`.
    pub(crate) fn create(passwords: &Passwords, config: Option<&Path>, session: &Session) -> Result<Self, Error> {
        let parent = session.context.runner_temp.clone().unwrap_or_else(std::env::temp_dir);
        let made = make(passwords, config, &parent, session);
        made.map_err(|source| Error::Unwritable { path: parent, source })
    }

    /// What the builder's environment has to hold.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        self.variables.clone()
    }
}

fn make(
    passwords: &Passwords,
    config: Option<&Path>,
    parent: &Path,
    session: &Session,
) -> std::io::Result<DockerLogin> {
    // `config.json` may hold what `docker login` wrote.
    let staging = Staging::create(parent)?;
    let folder = std::path::absolute(staging.path())?;
    close(&folder)?;
    let own = config.and_then(Path::parent);
    for entry in own.and_then(|own| std::fs::read_dir(own).ok()).into_iter().flatten().flatten() {
        if entry.file_name() != "config.json" {
            link(&std::path::absolute(entry.path())?, &folder.join(entry.file_name()))?;
        }
    }
    std::fs::write(folder.join("config.json"), merged(config, passwords).to_string())?;
    let program = if cfg!(windows) { format!("{PROGRAM}.exe") } else { PROGRAM.to_owned() };
    let programs = folder.join("slipway-helper");
    std::fs::create_dir(&programs)?;
    link(&std::env::current_exe()?, &programs.join(program))?;
    let before = session.environment.get("PATH").unwrap_or_default();
    let path = std::iter::once(programs).chain(std::env::split_paths(before));
    let path = std::env::join_paths(path).map_err(|error| std::io::Error::other(error.to_string()))?;
    let text = SecretString::from(serde_json::to_string(passwords)?);
    let mut variables = BTreeMap::from([
        ("DOCKER_CONFIG".to_owned(), folder.display().to_string()),
        ("PATH".to_owned(), path.to_string_lossy().into_owned()),
        (VARIABLE.to_owned(), text.expose_secret().to_owned()),
    ]);
    // buildx keeps its instances there, also those that it makes in this build.
    if let (None, Some(own)) = (session.environment.get("BUILDX_CONFIG"), own) {
        variables.insert("BUILDX_CONFIG".to_owned(), std::path::absolute(own.join("buildx"))?.display().to_string());
    }
    Ok(DockerLogin { variables, _folder: staging })
}

/// Nobody else of this machine may look into the folder.
#[cfg(unix)]
fn close(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}

/// Elsewhere the runner's temporary folder is its user's own.
#[cfg(not(unix))]
fn close(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

/// Links need a privilege there; what cannot be had is left out, but for the helper.
#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() { Ok(()) } else { std::fs::copy(from, to).map(|_| ()) }
}

/// Docker's configuration with the helper for the hosts of `passwords`.
fn merged(config: Option<&Path>, passwords: &Passwords) -> Value {
    let text = config.and_then(|config| actions_core::read_text_limited(config, LARGEST_CONFIG).ok());
    let mut merged: Map<String, Value> = text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let helpers = merged.entry("credHelpers").or_insert_with(|| json!({}));
    if !helpers.is_object() {
        *helpers = json!({});
    }
    for host in passwords.hosts.keys() {
        helpers[host] = json!(HELPER);
    }
    Value::Object(merged)
}

/// Answers as a credential helper, where this program was started as one; `None` where it was not.
pub(crate) fn helper(mut words: impl Iterator<Item = std::ffi::OsString>) -> Option<std::process::ExitCode> {
    let program = words.next().map(PathBuf::from)?;
    if program.file_stem() != Some(OsStr::new(PROGRAM)) {
        return None;
    }
    let word = words.next().unwrap_or_default();
    let mut host = String::new();
    let read = std::io::stdin().take(LONGEST_HOST).read_to_string(&mut host);
    let passwords = std::env::var(VARIABLE).ok().and_then(|text| serde_json::from_str::<Passwords>(&text).ok());
    let passwords = passwords.unwrap_or_default();
    let answer = match word.to_str() {
        Some("get") if read.is_ok() => passwords.answer(host.trim()).map(|answer| answer.to_string()),
        // Every host with its user.
        Some("list") => {
            let user = |place: &usize| passwords.pairs.get(*place).map(|(user, _)| user.clone());
            let users: BTreeMap<_, _> =
                passwords.hosts.iter().filter_map(|(name, at)| Some((name, user(at)?))).collect();
            Some(json!(users).to_string())
        }
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
        assert_eq!(passwords.pairs.len(), 2, "one region's is written once");
        let secret = |host: &str| passwords.answer(host).map(|answer| answer["Secret"].as_str().unwrap().to_owned());
        assert_eq!(secret("a.example").as_deref(), Some("one"));
        assert_eq!(secret("https://c.example/").as_deref(), Some("two"));
        for none in ["d.example", "example", "a.example.evil", ""] {
            assert_eq!(secret(none), None, "{none}");
        }
        assert!(!format!("{passwords:?}").contains("one"));
    }

    #[test]
    fn docker_s_own_configuration_stays_but_for_the_hosts() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("config.json");
        let mut passwords = Passwords::default();
        passwords.add("a.example", &auth("one"));
        for (text, expect) in [
            ("not json", json!({"credHelpers": {"a.example": "slipway"}})),
            (r#"{"credHelpers": 1}"#, json!({"credHelpers": {"a.example": "slipway"}})),
            (
                r#"{"auths": {"hub": {"auth": "x"}}, "credsStore": "s", "credHelpers": {"gcr.io": "gcloud"}}"#,
                json!({"auths": {"hub": {"auth": "x"}}, "credsStore": "s",
                       "credHelpers": {"gcr.io": "gcloud", "a.example": "slipway"}}),
            ),
        ] {
            std::fs::write(&config, text).unwrap();
            assert_eq!(merged(Some(&config), &passwords), expect, "{text}");
        }
        assert_eq!(merged(None, &passwords), json!({"credHelpers": {"a.example": "slipway"}}));
    }
}
