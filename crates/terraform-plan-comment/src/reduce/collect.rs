//! Finds and reads the parts.
//!
//! The files come out of artifacts, so their names and number are hostile too: links are not followed, and what is too much is named
//! and not read.

use std::fs;
use std::path::{Path, PathBuf};

use fast_glob::{glob_match, validate};

use super::merge::Found;
use crate::part::{Contribution, LARGEST};

/// At most this many files are read.
const MOST_FILES: usize = 1_000;

/// All of them hold at most this much, in bytes.
const LARGEST_ALL: u64 = 256 * 1024 * 1024;

/// Folders are searched this deep: an artifact each, and what it was packed from.
const DEEPEST: usize = 16;

/// The characters that make a path a glob.
const GLOB: [char; 4] = ['*', '?', '[', '{'];

/// A path or glob of the input.
pub(super) fn pattern(text: &str) -> Result<String, &'static str> {
    if text.contains('\0') {
        return Err("not a path");
    }
    if is_glob(text) && validate(text).is_err() {
        return Err("not a glob: a bracket is not closed, or there are too many braces");
    }
    Ok(text.trim_start_matches("./").to_owned())
}

/// Every part that the paths name, in the order of their names.
pub(super) async fn collect(parts: &[String]) -> Vec<Found> {
    let parts = parts.to_vec();
    tokio::task::spawn_blocking(move || read_all(files(&parts))).await.unwrap_or_default()
}

fn is_glob(text: &str) -> bool {
    text.contains(GLOB)
}

/// The files of all paths, each once.
fn files(parts: &[String]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for part in parts {
        let path = Path::new(if part.is_empty() { "." } else { part });
        if is_glob(part) && !path.exists() {
            let base: PathBuf =
                path.components().take_while(|part| !is_glob(&part.as_os_str().to_string_lossy())).collect();
            let base = if base.as_os_str().is_empty() { PathBuf::from(".") } else { base };
            let mut found = Vec::new();
            walk(&base, DEEPEST, &|file| glob_match(part, shown(file)), &mut found);
            files.append(&mut found);
        } else if path.is_dir() {
            let mut found = Vec::new();
            walk(path, DEEPEST, &|file| file.extension().is_some_and(|end| end == "json"), &mut found);
            files.append(&mut found);
        } else if path.exists() {
            files.push(path.to_owned());
        }
    }
    files.sort();
    files.dedup();
    files
}

/// The plain files below `folder` that fit, and no more than one too many; what cannot be read has none.
fn walk(folder: &Path, depth: usize, fits: &dyn Fn(&Path) -> bool, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_file() && files.len() <= MOST_FILES && fits(&entry.path()) {
            files.push(entry.path());
        } else if kind.is_dir() && depth > 0 {
            walk(&entry.path(), depth - 1, fits, files);
        }
    }
}

/// A path with forward slashes, without `./` in front.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    text.trim_start_matches("./").to_owned()
}

fn read_all(files: Vec<PathBuf>) -> Vec<Found> {
    let mut left = LARGEST_ALL;
    let read = |(index, path): (usize, PathBuf)| {
        let part = if index < MOST_FILES {
            read(&path, &mut left)
        } else {
            Err(format!("it is not read: there are more than {MOST_FILES} files"))
        };
        Found { file: shown(&path), part }
    };
    files.into_iter().enumerate().map(read).collect()
}

fn read(path: &Path, left: &mut u64) -> Result<Contribution, String> {
    let bytes =
        actions_core::read_limited(path, LARGEST.min(*left)).map_err(|error| format!("it cannot be read: {error}"))?;
    *left = left.saturating_sub(bytes.len() as u64);
    Contribution::read(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path, parts: &[&str]) -> Vec<String> {
        let parts: Vec<String> = parts.iter().map(|part| folder.join(part).display().to_string()).collect();
        let base = shown(folder);
        files(&parts).iter().map(|file| shown(file).replace(&format!("{base}/"), "")).collect()
    }

    #[test]
    fn folders_files_and_globs_name_parts() {
        let folder = tempfile::tempdir().unwrap();
        for file in ["a/one.json", "b/deep/two.json", "b/note.txt", "three.part"] {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", folder.path().join("b/link")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("b/link.json")).unwrap();
        let names = |parts: &[&str]| names(folder.path(), parts);
        assert_eq!(names(&[""]), ["a/one.json", "b/deep/two.json"]);
        assert_eq!(names(&["three.part", "a", "a/one.json"]), ["a/one.json", "three.part"]);
        assert_eq!(names(&["**/*.part"]), ["three.part"]);
        assert_eq!(names(&["*/one.json"]), ["a/one.json"]);
        assert_eq!(names(&["nowhere", "no*where"]), [""; 0]);
    }

    #[test]
    fn other_files_do_not_keep_parts_from_being_found() {
        let folder = tempfile::tempdir().unwrap();
        for number in 0..MOST_FILES + 20 {
            fs::write(folder.path().join(format!("{number}.log")), "").unwrap();
        }
        for part in ["a.json", "z.json"] {
            fs::write(folder.path().join(part), "{}").unwrap();
        }
        assert_eq!(names(folder.path(), &[""]), ["a.json", "z.json"]);
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.json"), "{").unwrap();
        let found = read_all(files(&[folder.path().display().to_string()]));
        assert!(found[0].part.as_ref().unwrap_err().starts_with("it is no part: "), "{found:?}");
        let gone = read(&folder.path().join("gone.json"), &mut 9).unwrap_err();
        assert!(gone.starts_with("it cannot be read: "), "{gone}");
        fs::write(folder.path().join("a.json"), "[1, 2, 3, 4, 5]").unwrap();
        assert!(read(&folder.path().join("a.json"), &mut 4).unwrap_err().starts_with("it cannot be read: "));
    }
}
