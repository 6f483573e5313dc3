//! Taking an image out of the Docker daemon.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use actions_core::Session;
use image_ref::ImageReference;
use process_family::Family;
use tokio::process::Command;

use crate::error::{Error, SourceError};

/// How much of Docker's words is shown.
const LONGEST_MESSAGE: usize = 600;

/// Saves the image `reference` into a file in `folder`.
pub(crate) async fn save(reference: &ImageReference, folder: &Path, session: &Session) -> Result<PathBuf, Error> {
    let reference = reference.to_string();
    let file = folder.join("image.tar");
    session.log.line(format!("saving `{reference}` from the Docker daemon"));
    let arguments = [OsStr::new("save"), OsStr::new("--output"), file.as_os_str(), OsStr::new(&reference)];
    let mut command = Command::new("docker");
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let output = Family::output(&mut command).await.map_err(|source| match source.kind() {
        ErrorKind::NotFound => SourceError::NoDocker { reference: reference.clone() },
        _ => SourceError::DockerSave { reference: reference.clone(), message: source.to_string() },
    })?;
    if output.status.success() {
        return Ok(file);
    }
    let message: String = String::from_utf8_lossy(&output.stderr).trim().chars().take(LONGEST_MESSAGE).collect();
    Err(SourceError::DockerSave { reference, message }.into())
}
