//! The logins that other programs left on this machine: Docker's `config.json`, and the files of buildah and podman.
//!
//! Credential helpers are programs on this machine; none is run here. What a builder of others is handed is made in [`builder`] and answered
//! by [`helper`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use actions_core::{Environment, SecretString, Session};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_registry::Auth;
use serde_json::{Map, Value};

use crate::error::Error;

pub(crate) mod builder;
pub(crate) mod helper;
mod merge;

/// The largest file of logins that is read.
const LARGEST: u64 = 1024 * 1024;

/// The name that Docker has for its own registry in that file.
const DOCKER_HUB: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];

/// The user that stands for an identity token, which is no password
/// (<https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol>).
const TOKEN_USER: &str = "<token>";

/// Whose logins a program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    /// Docker and buildx: `config.json`.
    Docker,
    /// buildah, as everything that is built on containers/image.
    Containers,
}

/// The files with logins, whether or not they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct AuthFiles {
    docker: Option<PathBuf>,
    /// In the order in which they are searched.
    containers: Vec<(PathBuf, Form)>,
}

/// How a file holds its entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Under `auths`.
    Usual,
    /// Entries and nothing else: `.dockercfg`.
    Bare,
}

impl AuthFiles {
    /// Where Docker and buildah look
    /// (<https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md>). `DOCKER_CONFIG` is for buildah the first of several
    /// files or the only one, as its version has it (<https://github.com/containers/common/blob/main/pkg/auth/auth.go>): the others are
    /// searched behind it.
    pub(crate) fn of(environment: &Environment) -> Self {
        let folder = |name| environment.get(name).map(PathBuf::from);
        let home = folder("HOME").or_else(|| folder("USERPROFILE"));
        let below = |path: &str| home.as_ref().map(|home| home.join(path));
        let chosen = folder("DOCKER_CONFIG").map(|folder| folder.join("config.json"));
        let docker = chosen.clone().or_else(|| below(".docker/config.json"));
        if let Some(only) = folder("REGISTRY_AUTH_FILE") {
            return Self { docker, containers: vec![(only, Form::Usual)] };
        }
        let primary = if cfg!(target_os = "linux") {
            folder("XDG_RUNTIME_DIR").or_else(own_folder).map(|folder| folder.join("containers/auth.json"))
        } else {
            below(".config/containers/auth.json")
        };
        let second = folder("XDG_CONFIG_HOME").or_else(|| below(".config"));
        let second = second.map(|folder| folder.join("containers/auth.json"));
        let last = if chosen.is_none() { docker.clone() } else { None };
        let usual = [chosen, primary, second, last].into_iter().flatten().map(|path| (path, Form::Usual));
        Self { docker, containers: usual.chain(below(".dockercfg").map(|path| (path, Form::Bare))).collect() }
    }

    /// Where Docker's configuration is.
    fn docker(&self) -> Option<&Path> {
        self.docker.as_deref()
    }

    /// The credentials that `docker login` or `amazon-ecr-login` left for `registry`; without any it is asked as anybody.
    pub(crate) fn auth(&self, registry: &str, session: &Session) -> Result<Auth, Error> {
        let Some(file) = self.docker() else { return Ok(Auth::Anonymous) };
        match AuthFile::read(file, Form::Usual)?.basic(registry) {
            Some(Login { username, secret }) => {
                session.mask(&secret);
                Ok(Auth::Basic { username, password: secret })
            }
            None => Ok(Auth::Anonymous),
        }
    }

    /// The registries that `reader` knows how to log in to by an entry of its own: a login, or a helper.
    pub(crate) fn hosts(&self, reader: Reader) -> Result<BTreeSet<String>, Error> {
        let files = self.read(reader)?;
        let names = files.iter().flat_map(|file| file.auths.keys().chain(file.helpers.keys()));
        Ok(names.map(|name| host(name).to_owned()).collect())
    }

    /// The error for what cannot be handed to `reader`.
    fn unusable(&self, reader: Reader, source: std::io::Error) -> Error {
        let path = match reader {
            Reader::Docker => self.docker.clone(),
            Reader::Containers => self.containers.first().map(|(path, _)| path.clone()),
        };
        Error::AuthFile { path: path.unwrap_or_default(), source }
    }

    /// What `reader` reads, in its order.
    fn read(&self, reader: Reader) -> Result<Vec<AuthFile>, Error> {
        match reader {
            Reader::Docker => self.docker().into_iter().map(|path| AuthFile::read(path, Form::Usual)).collect(),
            Reader::Containers => self.containers.iter().map(|(path, form)| AuthFile::read(path, *form)).collect(),
        }
    }
}

/// The folder of this user where `XDG_RUNTIME_DIR` names none.
fn own_folder() -> Option<PathBuf> {
    #[cfg(target_os = "linux")]
    {
        use std::os::unix::fs::MetadataExt as _;
        // A process owns what /proc has of it.
        let user = std::fs::metadata("/proc/self").ok()?.uid();
        Some(PathBuf::from(format!("/run/containers/{user}")))
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// What is written for a registry.
#[derive(Debug, Clone)]
struct Login {
    /// [`TOKEN_USER`] for an identity token.
    username: String,
    secret: SecretString,
}

impl Login {
    /// `None` where one of both is missing. Docker fills passwords up with NUL
    /// (<https://github.com/docker/cli/blob/master/cli/config/configfile/file.go>).
    fn of(username: &str, secret: &str) -> Option<Self> {
        let secret = secret.trim_matches('\0');
        let is_whole = !username.is_empty() && !secret.is_empty();
        is_whole.then(|| Self { username: username.to_owned(), secret: SecretString::from(secret) })
    }
}

/// What a file of logins holds.
#[derive(Debug, Default)]
struct AuthFile {
    /// By the name of a registry, or of a part of one.
    auths: Map<String, Value>,
    /// The helper of a registry.
    helpers: Map<String, Value>,
    /// Everything else.
    rest: Map<String, Value>,
}

impl AuthFile {
    /// Reads a file; one that is not there holds nothing, and so does an empty one, as for Docker.
    fn read(path: &Path, form: Form) -> Result<Self, Error> {
        let failed = |source| Error::AuthFile { path: path.to_owned(), source };
        let text = match crate::observe::plain_text(path, LARGEST) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(failed)?,
        };
        // What is wrong is told without a word of what stands there.
        let malformed = |what: String| failed(std::io::Error::new(std::io::ErrorKind::InvalidData, what));
        let mut rest = match text.trim() {
            "" => Map::new(),
            _ => match serde_json::from_str(&text) {
                Ok(Value::Object(document)) => document,
                Ok(_) => return Err(malformed("it is no JSON object".to_owned())),
                Err(error) => {
                    return Err(malformed(format!("line {}, column {} is no JSON", error.line(), error.column())));
                }
            },
        };
        if form == Form::Bare {
            return Ok(Self { auths: rest, ..Self::default() });
        }
        let mut section = |name: &str| match rest.remove(name) {
            Some(Value::Object(section)) => Ok(section),
            None | Some(Value::Null) => Ok(Map::new()),
            Some(_) => Err(malformed(format!("`{name}` is no JSON object"))),
        };
        let (auths, helpers) = (section("auths")?, section("credHelpers")?);
        Ok(Self { auths, helpers, rest })
    }

    /// The entries of which nobody can tell user and password.
    fn unreadable(&self) -> impl Iterator<Item = &String> {
        let is_unreadable = |entry: &Value| entry["auth"].as_str().is_some_and(|auth| !auth.is_empty());
        let entries = self.auths.iter().filter(move |(_, entry)| is_unreadable(entry) && login(entry).is_none());
        entries.map(|(name, _)| name)
    }

    /// The user and password of a registry.
    fn basic(&self, registry: &str) -> Option<Login> {
        let mut logins = self.auths.iter().filter(|(name, _)| host(name) == registry);
        logins.find_map(|(_, entry)| pair(entry))
    }
}

/// The host of an entry's name: `https://index.docker.io/v1/` is `docker.io`.
fn host(name: &str) -> &str {
    let name = name.split_once("://").map_or(name, |(_, rest)| rest);
    let host = name.split('/').next().unwrap_or(name);
    if DOCKER_HUB.contains(&host) { "docker.io" } else { host }
}

/// The login of an entry: an identity token counts more than a password. `None` where a helper keeps it, or nobody can read it.
fn login(entry: &Value) -> Option<Login> {
    let token = entry["identitytoken"].as_str().and_then(|token| Login::of(TOKEN_USER, token));
    token.or_else(|| pair(entry))
}

/// The user and password of an entry.
fn pair(entry: &Value) -> Option<Login> {
    let text = |name: &str| entry[name].as_str().filter(|text| !text.is_empty());
    let Some(auth) = text("auth") else { return Login::of(text("username")?, text("password")?) };
    let pair = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    let (username, password) = pair.split_once(':')?;
    Login::of(username, password)
}

#[cfg(test)]
mod tests;
