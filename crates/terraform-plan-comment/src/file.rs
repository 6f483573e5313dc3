//! Writing a file with the folders that lead to it.

use std::io;
use std::path::{Path, PathBuf};

/// Writes a file where it is; it may be a pipe or a link.
pub(crate) async fn write(path: &Path, text: String) -> io::Result<()> {
    in_its_folder(path, move |path| std::fs::write(path, text)).await
}

/// Puts a file in the place of what is there, whole or not at all.
pub(crate) async fn replace(path: &Path, text: String) -> io::Result<()> {
    let replace = move |path: &Path| {
        let mut part = path.to_owned().into_os_string();
        part.push(".part");
        let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, path));
        if written.is_err() {
            let _ = std::fs::remove_file(&part);
        }
        written
    };
    in_its_folder(path, replace).await
}

/// Calls `write` once the folders on the way are there, where it may take its time.
async fn in_its_folder(path: &Path, write: impl FnOnce(&Path) -> io::Result<()> + Send + 'static) -> io::Result<()> {
    let path: PathBuf = path.to_owned();
    let write = move || {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        write(&path)
    };
    tokio::task::spawn_blocking(write).await?
}
