//! Writing a file with the folders that lead to it.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file where it is, piece by piece; it may be a pipe or a link.
pub(crate) async fn write(path: &Path, pieces: impl AsRef<[String]> + Send + 'static) -> io::Result<()> {
    let write = move |path: &Path| {
        let mut file = File::create(path)?;
        pieces.as_ref().iter().try_for_each(|piece| file.write_all(piece.as_bytes()))
    };
    in_its_folder(path, write).await
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
