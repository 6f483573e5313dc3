//! The configuration that a builder of others is started with while this program answers for its passwords.
//!
//! Docker and buildx get a folder of their own by `DOCKER_CONFIG`: their `config.json` without the passwords, and links to everything else
//! (builder instances, plugins, contexts, certificates). buildah gets one file by `REGISTRY_AUTH_FILE` for all that it searches.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use actions_core::{ExposeSecret as _, SecretString, Session};
use oci_image::Staging;

use super::helper::{PROGRAM, Passwords, VARIABLE};
use super::merge::{for_containers, for_docker};
use super::{AuthFile, AuthFiles, Reader};
use crate::error::Error;

/// The most bytes of passwords, as no variable of the environment is longer: 128 KiB on Linux, 32,767 characters on Windows
/// (<https://man7.org/linux/man-pages/man2/execve.2.html>,
/// <https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-setenvironmentvariablew>).
const MOST_BYTES: usize = if cfg!(windows) { 32_000 } else { 128_000 };

/// A configuration that exists while a builder runs.
#[derive(Debug)]
pub(crate) struct BuilderLogin {
    variables: BTreeMap<String, String>,
    /// Removed with this.
    _folder: Staging,
}

impl BuilderLogin {
    /// Makes the configuration: what the files of `reader` say, and this program as the helper for `passwords` and for the logins that
    /// the files have.
    pub(crate) fn create(
        reader: Reader,
        passwords: &Passwords,
        files: &AuthFiles,
        session: &Session,
    ) -> Result<Self, Error> {
        let mut passwords = passwords.clone();
        let mut read = files.read(reader)?;
        for name in read.iter().flat_map(AuthFile::unreadable) {
            session.log.warning(format!(
                "the login for `{name}` is not Base64 of `user:password`, and the builder is started without it: log in again"
            ));
        }
        let (name, merged) = match reader {
            Reader::Docker => ("config.json", for_docker(read.pop().unwrap_or_default(), &mut passwords)),
            Reader::Containers => ("auth.json", for_containers(read, &mut passwords)),
        };
        let parent = session.context.runner_temp.clone().unwrap_or_else(std::env::temp_dir);
        let made = Folder::create(&parent).and_then(|folder| {
            std::fs::write(folder.path.join(name), merged.to_string())?;
            Ok((folder.helper(session)?, folder))
        });
        let (path, folder) = made.map_err(|source| Error::Unwritable { path: parent.clone(), source })?;
        let hidden = hidden(&passwords, session).map_err(|source| files.unusable(reader, source))?;
        let mut variables = BTreeMap::from([("PATH".to_owned(), path), (VARIABLE.to_owned(), hidden)]);
        match reader {
            Reader::Containers => {
                variables.insert("REGISTRY_AUTH_FILE".to_owned(), folder.path.join(name).display().to_string());
            }
            Reader::Docker => {
                variables.insert("DOCKER_CONFIG".to_owned(), folder.path.display().to_string());
                let own = files.docker().and_then(Path::parent).and_then(|own| std::path::absolute(own).ok());
                if let Some(own) = own {
                    folder.link_all_of(&own).map_err(|source| Error::Unwritable { path: parent, source })?;
                    // buildx keeps its instances there, also those that it makes in this build.
                    if session.environment.get("BUILDX_CONFIG").is_none() {
                        variables.insert("BUILDX_CONFIG".to_owned(), own.join("buildx").display().to_string());
                    }
                }
            }
        }
        Ok(Self { variables, _folder: folder.staging })
    }

    /// What the builder's environment has to hold.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        self.variables.clone()
    }
}

/// The passwords as the helper reads them.
fn hidden(passwords: &Passwords, session: &Session) -> std::io::Result<String> {
    passwords.mask(session);
    let text = SecretString::from(serde_json::to_string(passwords)?);
    match text.expose_secret().len() {
        ..=MOST_BYTES => Ok(text.expose_secret().to_owned()),
        bytes => {
            let why =
                format!("the passwords are {bytes} bytes, and a builder's environment holds {MOST_BYTES} of them");
            Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, why))
        }
    }
}

/// A folder for nobody else.
struct Folder {
    path: PathBuf,
    staging: Staging,
}

impl Folder {
    fn create(parent: &Path) -> std::io::Result<Self> {
        let staging = Staging::create(parent)?;
        let path = std::path::absolute(staging.path())?;
        close(&path)?;
        Ok(Self { path, staging })
    }

    /// Puts the helper into a folder of its own and gives the `PATH` that has it in front.
    fn helper(&self, session: &Session) -> std::io::Result<String> {
        let programs = self.path.join("slipway-helper");
        std::fs::create_dir(&programs)?;
        let program = programs.join(format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX));
        let own = std::env::current_exe()?;
        if link(&own, &program).is_err() {
            std::fs::copy(&own, &program)?;
        }
        let before = session.environment.get("PATH").unwrap_or_default();
        let path = std::iter::once(programs).chain(std::env::split_paths(before));
        let path = std::env::join_paths(path).map_err(|error| std::io::Error::other(error.to_string()))?;
        Ok(path.to_string_lossy().into_owned())
    }

    /// Links to everything in Docker's own folder but its configuration.
    fn link_all_of(&self, own: &Path) -> std::io::Result<()> {
        for entry in std::fs::read_dir(own).into_iter().flatten().flatten() {
            if entry.file_name() == "config.json" {
                continue;
            }
            let linked = link(&entry.path(), &self.path.join(entry.file_name()));
            // Links need a privilege on Windows. What may be a key or a password is not copied there.
            if cfg!(unix) {
                linked?;
            }
        }
        Ok(())
    }
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

#[cfg(windows)]
fn link(from: &Path, to: &Path) -> std::io::Result<()> {
    if from.is_dir() {
        std::os::windows::fs::symlink_dir(from, to)
    } else {
        std::os::windows::fs::symlink_file(from, to)
    }
}
