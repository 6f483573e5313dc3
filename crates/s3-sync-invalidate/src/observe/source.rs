//! Reads the source: all its files once, on all cores. It begins before the manifest is known.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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

use super::workers::{StopOnDrop, each, threads};

/// Into how many pieces a thread's share of few files is cut at least.
const PIECES: usize = 4;

/// How many files wait at most until the manifest is known; each thread has some more.
const EARLY: usize = 16_384;

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
        most: EARLY,
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
    let some = at_a_time(files.len(), threads());
    let path = |index: usize| root.join(files.get(index));
    let read = |reader: &mut Reader, batch: usize| {
        let first = batch * some;
        // What is read of a batch once it is over is of no use to anybody.
        let is_going = |_: &usize| !is_stopped.load(Ordering::Relaxed);
        let paths = (first..files.len().min(first + some)).take_while(is_going).map(path);
        reader.read(paths).map_err(|(place, error)| unreadable(&path(first + place), error))
    };
    let batches = files.len().div_ceil(some);
    let read = each(batches, is_stopped, Reader::new, read, |_, contents| contents.into_iter().for_each(&mut take));
    read.map_err(|(_, error)| error)
}

/// How many of so many files a thread reads at a time. Few of them may be large ones: all threads get some.
fn at_a_time(files: usize, threads: usize) -> usize {
    (files / (PIECES * threads)).clamp(1, Reader::AT_ONCE)
}

/// Keeps what was read.
struct Keeper {
    inputs: Inputs,
    files: Arc<Paths>,
    refused: BTreeMap<String, Refusal>,
    known: Receiver<Arc<Table<Entry>>>,
    /// What the next files hold whose turn comes once the manifest is known.
    early: Vec<Content>,
    /// How many of these there are at most.
    most: usize,
    source: Option<Source>,
    taken: usize,
}

impl Keeper {
    fn take(&mut self, content: Content) {
        self.early.push(content);
        if self.source.is_none() {
            let must_wait = self.early.len() >= self.most;
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

    /// A keeper of so many files that keeps at most two of them before the manifest is known.
    fn keeper(number: usize) -> (Keeper, Sender<Arc<Table<Entry>>>) {
        let mut files = Paths::default();
        (0..number).for_each(|index| files.push(&format!("{index:04}")));
        let (know, known) = mpsc::channel();
        let (inputs, files, refused) = (crate::plan::tests::inputs(), Arc::new(files), BTreeMap::new());
        (Keeper { inputs, files, refused, known, early: Vec::new(), most: 2, source: None, taken: 0 }, know)
    }

    fn content(index: usize) -> Content {
        Content { size: index as u64, md5: Md5Sum::of(b""), looks: Looks::Plain }
    }

    /// Each file has the size that its number is.
    fn check(source: &Source, number: usize) {
        let expected = (0..number).map(|index| (format!("{index:04}"), index as u64));
        assert!(source.files.iter().map(|(path, file)| (path.to_owned(), file.size)).eq(expected));
    }

    #[test]
    fn files_keep_their_order_whenever_the_manifest_is_known() {
        for known_after in 0..=3 {
            let (mut keeper, know) = keeper(5);
            let mut know = Some(know);
            std::thread::scope(|scope| {
                for index in 0..5 {
                    if index == known_after || (index == 1 && known_after > 1) {
                        let know = know.take();
                        // Where it is late, the second file waits for it.
                        let late = std::time::Duration::from_millis(if known_after > 1 { 50 } else { 0 });
                        scope.spawn(move || {
                            std::thread::sleep(late);
                            know.map(|know| know.send(Arc::default()))
                        });
                    }
                    keeper.take(content(index));
                    assert!(keeper.early.len() < 2, "it did not wait");
                }
            });
            check(&keeper.end(), 5);
        }
    }

    #[test]
    fn nobody_waits_for_a_manifest_that_will_not_come() {
        let (mut keeper, know) = keeper(5);
        drop(know);
        (0..5).for_each(|index| keeper.take(content(index)));
        check(&keeper.end(), 5);
    }

    #[test]
    fn few_files_are_shared_by_all_threads() {
        for (files, threads, some) in [(0, 2, 1), (4, 2, 1), (64, 8, 2), (200, 2, 25), (10_000, 2, 32)] {
            assert_eq!(at_a_time(files, threads), some, "{files} files");
        }
    }

    #[test]
    fn nothing_is_no_error() {
        let mut taken = 0;
        read_each(Path::new(""), &Paths::default(), &AtomicBool::new(false), |_| taken += 1).unwrap();
        assert_eq!(taken, 0);
    }
}
