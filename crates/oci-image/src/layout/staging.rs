//! Folders that exist while an image is made, and what runs that were killed left of them.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// What the names of these folders start with.
pub const STAGING: &str = ".slipway-";

/// What their names end with. Between the two stand six random letters and digits.
const STAGING_END: &str = ".staging";

/// The name, in such a folder, of what was at a layout's place before. It is moved back, or removed, by the run that put it
/// there; nobody else touches it.
pub(super) const ASIDE: &str = "old";

/// How long a folder must have been untouched before it counts as left behind. A lock says whether a folder is in use, and
/// this covers the moment before it is locked.
const LEFT_BEHIND: Duration = Duration::from_mins(10);

/// A folder for files on their way into an image. It is locked while it is in use, and removed when it is dropped.
#[derive(Debug)]
pub struct Staging {
    folder: TempDir,
    /// Held until the end. The system releases it when the process is killed.
    lock: Option<File>,
}

impl Staging {
    /// Makes a folder in `parent`, which is made where it is missing, and removes what killed runs left there.
    pub fn create(parent: &Path) -> io::Result<Self> {
        fs::create_dir_all(parent)?;
        sweep(parent, SystemTime::now());
        let folder = tempfile::Builder::new().prefix(STAGING).suffix(STAGING_END).rand_bytes(6).tempdir_in(parent)?;
        // Where the file system has no locks, nobody can take one, and so nobody takes this folder for one left behind.
        let lock = lock(folder.path());
        Ok(Self { folder, lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves the folder where it is: it was moved, and has become something else.
    pub(super) fn keep(self) {
        let _moved = self.folder.keep();
        drop(self.lock);
    }

    /// Removes the folder, and says when that fails.
    pub(super) fn close(self) -> io::Result<()> {
        self.folder.close()
    }
}

/// The lock of a folder, if nobody has it.
#[cfg(unix)]
fn lock(folder: &Path) -> Option<File> {
    let file = File::open(folder).ok()?;
    file.try_lock().ok().map(|()| file)
}

/// Elsewhere a folder cannot be locked, so none is ever swept.
#[cfg(not(unix))]
fn lock(_folder: &Path) -> Option<File> {
    None
}

/// Removes the staging folders in `parent` that no run uses at the time `now`. What cannot be removed stays: it harms nobody.
fn sweep(parent: &Path, now: SystemTime) {
    for folder in fs::read_dir(parent).into_iter().flatten().flatten().map(|entry| entry.path()) {
        // What was moved aside is looked for under the lock: its run may have ended a moment before.
        if is_left_behind(&folder, now)
            && let Some(_lock) = lock(&folder)
            && holds_nothing_aside(&folder)
        {
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

fn is_left_behind(folder: &Path, now: SystemTime) -> bool {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let random = name.strip_prefix(STAGING).and_then(|name| name.strip_suffix(STAGING_END)).unwrap_or_default();
    let named = random.len() == 6 && random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // A link is no folder of ours, wherever it leads.
    let metadata = || fs::symlink_metadata(folder).ok().filter(fs::Metadata::is_dir);
    let age = || now.duration_since(metadata()?.modified().ok()?).ok();
    named && age().is_some_and(|age| age >= LEFT_BEHIND)
}

/// Whether a folder certainly holds no layout that was moved aside; where that cannot be told, it does not.
fn holds_nothing_aside(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(ASIDE)).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_folders_that_no_run_uses_are_swept() {
        let parent = tempfile::tempdir().unwrap();
        let place = |name: &str| parent.path().join(name);
        let killed = place(".slipway-killed.staging");
        fs::create_dir_all(killed.join("blobs")).unwrap();
        let others =
            [".slipway-aside0.staging/old", ".slipway-cache", ".slipway-cache0", ".slipway-not-6.staging"].map(place);
        for folder in &others {
            fs::create_dir_all(folder).unwrap();
        }
        let dangling = place(".slipway-aside1.staging");
        fs::create_dir(&dangling).unwrap();
        std::os::unix::fs::symlink("nowhere", dangling.join(ASIDE)).unwrap();
        let link = place(".slipway-linked.staging");
        std::os::unix::fs::symlink(&others[1], &link).unwrap();
        let used = Staging::create(parent.path()).unwrap();
        sweep(parent.path(), SystemTime::now());
        assert!(killed.exists(), "a folder that may just have been made stays");
        sweep(parent.path(), SystemTime::now() + LEFT_BEHIND);
        assert!(!killed.exists());
        for kept in others.iter().map(std::path::PathBuf::as_path).chain([used.path(), &link, &dangling]) {
            assert!(kept.exists(), "{}", kept.display());
        }
    }

    #[test]
    fn a_folder_is_free_once_its_run_is_over() {
        let parent = tempfile::tempdir().unwrap();
        let Staging { folder, lock } = Staging::create(parent.path()).unwrap();
        let left = folder.keep();
        sweep(parent.path(), SystemTime::now() + LEFT_BEHIND);
        assert!(left.exists());
        // What the system does for a process that was killed.
        drop(lock);
        sweep(parent.path(), SystemTime::now() + LEFT_BEHIND);
        assert!(!left.exists());
    }
}
