//! One archive per tool and target: a `.tar.gz` of one program, the same bytes for the same program.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};

use super::target::Target;
use crate::program::ACTIONS;

/// An archive on disk and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Archive {
    pub(crate) tool: String,
    pub(crate) target: Target,
    /// The file.
    pub(crate) path: PathBuf,
    /// The file's hash, as hexadecimal digits.
    pub(crate) sha256: String,
    /// The file's length.
    pub(crate) bytes: u64,
    /// The program's hash.
    pub(crate) binary_sha256: String,
    /// The program's length.
    pub(crate) binary_bytes: u64,
}

/// The name of the archive's file; `scripts/run-action.sh` makes up the same.
pub(crate) fn file_name(tool: &str, target: Target) -> String {
    format!("{tool}-{}.tar.gz", target.name())
}

/// Packs every tool of a folder into an archive below `output`.
pub(crate) fn pack_all(
    binaries: &Path,
    target: Target,
    level: Compression,
    output: &Path,
) -> Result<Vec<Archive>, String> {
    std::fs::create_dir_all(output).map_err(|error| format!("{}: {error}", output.display()))?;
    ACTIONS.iter().map(|tool| pack(tool, binaries, target, level, output)).collect()
}

fn pack(tool: &str, binaries: &Path, target: Target, level: Compression, output: &Path) -> Result<Archive, String> {
    let member = format!("{tool}{}", target.suffix());
    let path = binaries.join(&member);
    let program = std::fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let content = compress(&member, &program, level).map_err(|error| format!("{member}: {error}"))?;
    let path = output.join(file_name(tool, target));
    std::fs::write(&path, &content).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(described(tool, target, path, &content, &program))
}

/// Reads an archive back from disk.
pub(crate) fn read(tool: &str, target: Target, folder: &Path) -> Result<Archive, String> {
    let path = folder.join(file_name(tool, target));
    let wrong = |error: std::io::Error| format!("{}: {error}", path.display());
    let content = std::fs::read(&path).map_err(wrong)?;
    let program = member(&content, &format!("{tool}{}", target.suffix())).map_err(wrong)?;
    Ok(described(tool, target, path.clone(), &content, &program))
}

fn described(tool: &str, target: Target, path: PathBuf, content: &[u8], program: &[u8]) -> Archive {
    Archive {
        tool: tool.to_owned(),
        target,
        path,
        sha256: sha256(content),
        bytes: length(content),
        binary_sha256: sha256(program),
        binary_bytes: length(program),
    }
}

fn length(content: &[u8]) -> u64 {
    u64::try_from(content.len()).unwrap_or(u64::MAX)
}

/// The archive's bytes: no time, no owner, no name of a machine.
fn compress(member: &str, program: &[u8], level: Compression) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_ustar();
    header.set_size(length(program));
    header.set_mode(0o755);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    let mut archive = tar::Builder::new(GzBuilder::new().mtime(0).operating_system(255).write(Vec::new(), level));
    archive.append_data(&mut header, member, program)?;
    let mut content = archive.into_inner()?;
    content.flush()?;
    content.finish()
}

/// The one member of an archive, which must be called `name`.
fn member(content: &[u8], name: &str) -> std::io::Result<Vec<u8>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(content));
    let mut members = archive.entries()?;
    let other = || std::io::Error::other(format!("it does not hold `{name}` alone"));
    let mut entry = members.next().ok_or_else(other)??;
    if entry.path()?.as_os_str() != name {
        return Err(other());
    }
    let mut program = Vec::new();
    std::io::Read::read_to_end(&mut entry, &mut program)?;
    if members.next().is_some() { Err(other()) } else { Ok(program) }
}

/// The hash of bytes, as hexadecimal digits.
fn sha256(content: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(content) {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

#[cfg(test)]
mod tests;
