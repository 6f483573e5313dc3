//! Reads the source: all its files once, on all cores.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::content_type::Looks;
use crate::digest::{BUFFER, Content, read};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::source::{Found, LocalFile, Refusal, Selection, Source, walk};

/// More threads than this only wait for the same disk.
const MOST_THREADS: usize = 8;

/// What the folder holds, before any of it is read; by the order of the paths' bytes.
pub(super) async fn walked(inputs: &Inputs) -> Result<Found, Error> {
    let (root, selection) = (inputs.source.clone(), inputs.selection.clone());
    let walking = tokio::task::spawn_blocking(move || {
        let mut found = walk(&root, &selection)?;
        found.files.sort_unstable();
        Ok(found)
    });
    walking.await.unwrap_or_else(|error| Err(unreadable(&inputs.source, std::io::Error::other(error))))
}

/// Reads what was found. A caller that does not wait for the end stops it.
pub(super) async fn read_all(inputs: &Inputs, found: Found) -> Result<Source, Error> {
    let selection = inputs.selection.clone();
    let stop = StopOnDrop::default();
    let is_stopped = Arc::clone(&stop.0);
    let reading = tokio::task::spawn_blocking(move || {
        let Found { files, refused } = found;
        let contents = contents(&files, &is_stopped)?;
        Ok(keep(files.into_iter().zip(contents), refused, &selection))
    });
    reading.await.unwrap_or_else(|error| Err(unreadable(&inputs.source, std::io::Error::other(error))))
}

/// Nobody waits for the reading any more.
#[derive(Default)]
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What the files hold, in their order; of several that cannot be read the first one is told.
fn contents(files: &[(String, PathBuf)], is_stopped: &AtomicBool) -> Result<Vec<Content>, Error> {
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS).min(files.len());
    let mut found: Vec<(usize, std::io::Result<Content>)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| some(files, &next, is_stopped))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    found.sort_unstable_by_key(|(index, _)| *index);
    let all = found.into_iter().map(|(index, content)| content.map_err(|error| unreadable(&files[index].1, error)));
    all.collect()
}

/// Reads the next file until there is none; one that cannot be read ends it for all.
fn some(
    files: &[(String, PathBuf)],
    next: &AtomicUsize,
    is_stopped: &AtomicBool,
) -> Vec<(usize, std::io::Result<Content>)> {
    let mut buffer = vec![0; BUFFER];
    let mut found = Vec::new();
    while !is_stopped.load(Ordering::Relaxed) {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some((_, path)) = files.get(index) else { break };
        let content = read(path, &mut buffer);
        if content.is_err() {
            is_stopped.store(true, Ordering::Relaxed);
        }
        found.push((index, content));
    }
    found
}

/// Private keys are known by what they hold.
fn keep(
    files: impl Iterator<Item = ((String, PathBuf), Content)>,
    mut refused: BTreeMap<String, Refusal>,
    selection: &Selection,
) -> Source {
    let mut kept = Vec::new();
    for ((relative, path), content) in files {
        if content.looks == Looks::PrivateKey && !selection.allow_sensitive.contains(&relative) {
            refused.insert(relative, Refusal::Sensitive);
        } else {
            let Content { size, md5, looks } = content;
            kept.push((relative, LocalFile { path, size, md5, looks }));
        }
    }
    Source { files: BTreeMap::from_iter(kept), refused }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Md5Sum;

    fn files(folder: &Path, number: usize) -> Vec<(String, PathBuf)> {
        let make = |index: usize| {
            let (name, content) = (format!("{index:04}"), index.to_string());
            std::fs::write(folder.join(&name), content).unwrap();
            (name.clone(), folder.join(name))
        };
        (0..number).map(make).collect()
    }

    #[test]
    fn each_file_gets_its_own_content() {
        let folder = tempfile::tempdir().unwrap();
        let contents = contents(&files(folder.path(), 1000), &AtomicBool::new(false)).unwrap();
        let sums: Vec<Md5Sum> = contents.iter().map(|content| content.md5).collect();
        let expected: Vec<Md5Sum> = (0..1000).map(|index: usize| Md5Sum::of(index.to_string().as_bytes())).collect();
        assert_eq!(sums, expected);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 100);
        std::fs::remove_file(&files[50].1).unwrap();
        let error = contents(&files, &AtomicBool::new(false)).unwrap_err();
        assert!(matches!(&error, Error::Unreadable { path, .. } if path.ends_with("0050")), "{error:?}");
    }

    #[test]
    fn nothing_is_no_error() {
        assert_eq!(contents(&[], &AtomicBool::new(false)).unwrap(), Vec::new());
    }
}
