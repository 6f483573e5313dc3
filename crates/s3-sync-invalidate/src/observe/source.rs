//! Reads the source: all its files once, on all cores. It begins before the manifest is known.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{self, Receiver, Sender};

use tokio::task::{JoinError, JoinHandle};

use crate::content_type::Looks;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::manifest::Entry;
use crate::reader::{Content, Reader};
use crate::recalled::Recalled;
use crate::source::{Found, LocalFile, Paths, Place, Refusal, Source, SourceError, walk};
use crate::table::Table;

use super::workers::{StopOnDrop, each};

/// The reading of the source, which has begun. Once this is dropped it ends.
pub(super) struct Reading {
    files: Arc<Paths>,
    know: Sender<Arc<Table<Entry>>>,
    source: JoinHandle<Result<Source, SourceError>>,
    _stop: StopOnDrop,
}

/// Finds the files and begins to read them.
pub(super) async fn begin(inputs: &Inputs) -> Result<Reading, Error> {
    let (root, selection) = (inputs.source.clone(), inputs.selection.clone());
    let walking = tokio::task::spawn_blocking(move || {
        let mut found = walk(&root, &selection)?;
        found.files.sort();
        Ok(found)
    });
    let Found { files, refused } = walking.await.unwrap_or_else(|error| Err(broken(inputs, error)))?;
    let files = Arc::new(files);
    let (know, known) = mpsc::channel();
    let keeper = Keeper {
        inputs: inputs.clone(),
        files: Arc::clone(&files),
        refused,
        known,
        early: Vec::new(),
        source: None,
        taken: 0,
    };
    let stop = StopOnDrop::default();
    let is_stopped = Arc::clone(&stop.0);
    let source = tokio::task::spawn_blocking(move || {
        let mut keeper = keeper;
        let (root, files) = (keeper.inputs.source.clone(), Arc::clone(&keeper.files));
        read_each(&root, &files, &is_stopped, |content| keeper.take(content))?;
        Ok(keeper.end())
    });
    Ok(Reading { files, know, source, _stop: stop })
}

impl Reading {
    /// What the folder holds, by the order of the paths' bytes.
    pub(super) fn files(&self) -> &Paths {
        &self.files
    }

    /// Waits for the end; `known` is what the manifest remembers.
    pub(super) async fn end(self, inputs: &Inputs, known: Arc<Table<Entry>>) -> Result<Source, Error> {
        // Who reads no more has met an error, which it tells.
        let _ = self.know.send(known);
        let source = self.source.await.unwrap_or_else(|error| Err(broken(inputs, error)))?;
        Ok(source.with_redirects(&inputs.rules.redirects))
    }
}

/// Hands over what the files hold, in their order; of several that cannot be read the first one is told.
fn read_each(
    root: &Path,
    files: &Paths,
    is_stopped: &AtomicBool,
    mut take: impl FnMut(Content) + Send,
) -> Result<(), SourceError> {
    const SOME: usize = Reader::AT_ONCE;
    let path = |index: usize| root.join(files.get(index));
    let read = |reader: &mut Reader, batch: usize| {
        let first = batch * SOME;
        let paths = (first..files.len().min(first + SOME)).map(path);
        reader.read(paths).map_err(|(place, error)| unreadable(&path(first + place), error))
    };
    let batches = files.len().div_ceil(SOME);
    let read = each(batches, is_stopped, Reader::new, read, |_, contents| contents.into_iter().for_each(&mut take));
    read.map_err(|(_, error)| error)
}

/// Keeps what was read.
struct Keeper {
    inputs: Inputs,
    files: Arc<Paths>,
    refused: BTreeMap<String, Refusal>,
    known: Receiver<Arc<Table<Entry>>>,
    /// What the next files hold whose turn comes once the manifest is known.
    early: Vec<Content>,
    source: Option<Source>,
    taken: usize,
}

impl Keeper {
    /// How many files are read at most before the manifest is.
    const EARLY: usize = 16_384;

    fn take(&mut self, content: Content) {
        self.early.push(content);
        if self.source.is_none() {
            let must_wait = self.early.len() >= Self::EARLY;
            let known = if must_wait { self.known.recv().ok() } else { self.known.try_recv().ok() };
            self.source = known.map(|known| self.begun(&known));
        }
        self.keep();
    }

    fn end(mut self) -> Source {
        if self.source.is_none() {
            // Nobody waits for what is read without.
            self.source = Some(self.begun(&self.known.recv().unwrap_or_default()));
        }
        self.keep();
        self.source.unwrap_or_default()
    }

    fn begun(&self, known: &Arc<Table<Entry>>) -> Source {
        Source { files: Recalled::new(known), refused: self.refused.clone(), twins: BTreeMap::new() }
    }

    /// Keeps what is early no more.
    fn keep(&mut self) {
        let Self { inputs, files, early, source, taken, .. } = self;
        let Some(source) = source else { return };
        for content in early.drain(..) {
            keep(inputs, source, files.get(*taken), content);
            *taken += 1;
        }
    }
}

/// Keeps a file. Private keys are known by what they hold.
fn keep(inputs: &Inputs, source: &mut Source, relative: &str, Content { size, md5, looks }: Content) {
    if looks == Looks::PrivateKey && !inputs.selection.allow_sensitive.contains(relative) {
        source.refused.insert(relative.to_owned(), Refusal::Sensitive);
        return;
    }
    let stored = inputs.clean_urls.stored(relative);
    let place = if stored == *relative { Place::Stored } else { Place::Original(relative.into()) };
    let file = LocalFile { size, md5, looks, place, packed: None };
    if let Some(first) = source.files.insert(&stored, file) {
        source.twins.insert(stored.to_string(), vec![first.name(&stored).to_owned(), relative.to_owned()]);
    }
}

/// It ended before its end.
fn broken(inputs: &Inputs, error: JoinError) -> SourceError {
    unreadable(&inputs.source, std::io::Error::other(error))
}

fn unreadable(path: &Path, source: std::io::Error) -> SourceError {
    SourceError::Unreadable { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Md5Sum;

    fn files(folder: &Path, number: usize) -> Paths {
        let mut paths = Paths::default();
        for index in 0..number {
            let name = format!("{index:04}");
            std::fs::write(folder.join(&name), index.to_string()).unwrap();
            paths.push(&name);
        }
        paths
    }

    #[test]
    fn each_file_gets_its_own_content() {
        let folder = tempfile::tempdir().unwrap();
        let mut read = Vec::new();
        let take = |content: Content| read.push(content.md5);
        read_each(folder.path(), &files(folder.path(), 1000), &AtomicBool::new(false), take).unwrap();
        let expected = (0..1000).map(|index| Md5Sum::of(index.to_string().as_bytes()));
        assert!(read.into_iter().eq(expected));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 100);
        std::fs::remove_file(folder.path().join(files.get(50))).unwrap();
        let error = read_each(folder.path(), &files, &AtomicBool::new(false), |_| ()).unwrap_err();
        assert!(matches!(&error, SourceError::Unreadable { path, .. } if path.ends_with("0050")), "{error:?}");
    }

    #[test]
    fn nothing_is_no_error() {
        let mut taken = 0;
        read_each(Path::new(""), &Paths::default(), &AtomicBool::new(false), |_| taken += 1).unwrap();
        assert_eq!(taken, 0);
    }
}
