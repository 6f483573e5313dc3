//! The Python tools: a virtual environment that is made anew when the pinned list changes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ToolsError;
use crate::registry::digest;

/// Makes the virtual environment hold exactly `requirements`; `python` is what it is made with.
pub(super) fn python(directory: &Path, requirements: &str, python: &Path) -> Result<(), ToolsError> {
    let venv = directory.join("venv");
    let stamp = directory.join("requirements.sha256");
    let is_current = || is_stamped(&stamp, requirements) && bin_dir(directory).join("python").exists();
    if is_current() {
        return Ok(());
    }
    let _lock = lock(directory)?;
    if is_current() {
        return Ok(());
    }
    remove_stamp(&stamp)?;
    let list = directory.join("requirements.txt");
    fs::write(&list, requirements).map_err(|source| folder(&list, source))?;
    run(
        Command::new(python).args(["-m", "venv", "--clear"]).arg(&venv),
        &Step {
            name: "python3 -m venv",
            missing: "install Python 3.10 or newer as `python3`",
            failed: "install the venv module of your Python (Debian: `python3-venv`)",
            log: directory.join("venv.log"),
        },
    )?;
    run(
        Command::new(bin_dir(directory).join("python"))
            .args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"])
            .args(["--only-binary=:all:", "--require-hashes", "--requirement"])
            .arg(&list),
        &Step {
            name: "pip install",
            missing: "remove the tool folder and try again",
            failed: "check that pip reaches its package index (`pip config list`) and that this platform has wheels",
            log: directory.join("pip.log"),
        },
    )?;
    write_stamp(&stamp, requirements)
}

/// Returns the folder of a virtual environment's programs.
pub(super) fn bin_dir(directory: &Path) -> PathBuf {
    directory.join("venv").join("bin")
}

/// One installation command: its name, its remedies, and where its output goes.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) missing: &'static str,
    pub(super) failed: &'static str,
    pub(super) log: PathBuf,
}

/// Waits until no other process installs into this folder.
pub(super) fn lock(directory: &Path) -> Result<File, ToolsError> {
    fs::create_dir_all(directory).map_err(|source| folder(directory, source))?;
    let path = directory.join(".lock");
    let open = || {
        let file = File::create(&path)?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(|source| folder(&path, source))
}

pub(super) fn run(command: &mut Command, step: &Step) -> Result<(), ToolsError> {
    let output = File::create(&step.log).and_then(|log| Ok((log.try_clone()?, log)));
    let (out, error) = output.map_err(|source| folder(&step.log, source))?;
    let status = command
        .stdin(Stdio::null())
        .stdout(out)
        .stderr(error)
        .status()
        .map_err(|source| ToolsError::Program { program: step.name, help: step.missing, source })?;
    if status.success() {
        return Ok(());
    }
    let text = fs::read_to_string(&step.log).unwrap_or_default();
    let last = text.lines().rev().find(|line| !line.trim().is_empty());
    Err(ToolsError::Install {
        step: step.name,
        reason: last.map_or_else(|| status.to_string(), |line| line.trim().to_owned()),
        help: step.failed,
        log: step.log.clone(),
    })
}

pub(super) fn is_stamped(stamp: &Path, content: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|found| found.trim() == digest(content.as_bytes()))
}

pub(super) fn write_stamp(stamp: &Path, content: &str) -> Result<(), ToolsError> {
    fs::write(stamp, digest(content.as_bytes()) + "\n").map_err(|source| folder(stamp, source))
}

/// Writes a file of the tool folder so that nobody ever reads half of it, whoever else writes it at the same time.
pub(crate) fn write_whole(path: &Path, content: &[u8]) -> Result<(), ToolsError> {
    let parent = path.parent().unwrap_or(path);
    let write = || {
        fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        std::io::Write::write_all(&mut file, content)?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(|source| folder(path, source))
}

fn remove_stamp(stamp: &Path) -> Result<(), ToolsError> {
    match fs::remove_file(stamp) {
        Err(source) if source.kind() != std::io::ErrorKind::NotFound => Err(folder(stamp, source)),
        _ => Ok(()),
    }
}

pub(super) fn folder(path: &Path, source: std::io::Error) -> ToolsError {
    ToolsError::Folder { path: path.to_owned(), source }
}
