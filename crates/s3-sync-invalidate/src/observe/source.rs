//! Reads the source: all its files once, on all cores.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::content_type::Looks;
use crate::digest::{BUFFER, Content, read};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::manifest::Entry;
use crate::recalled::Recalled;
use crate::source::{Found, LocalFile, Paths, Place, Refusal, Source, walk};
use crate::table::Table;

use super::workers::{StopOnDrop, each};

/// What the folder holds, before any of it is read; by the order of the paths' bytes.
pub(super) async fn walked(inputs: &Inputs) -> Result<Found, Error> {
    let (root, selection) = (inputs.source.clone(), inputs.selection.clone());
    let walking = tokio::task::spawn_blocking(move || {
        let mut found = walk(&root, &selection)?;
        found.files.sort();
        Ok(found)
    });
    walking.await.unwrap_or_else(|error| Err(unreadable(&inputs.source, std::io::Error::other(error))))
}

/// Reads what was found; `known` is what the manifest remembers. A caller that does not wait for the end stops it.
pub(super) async fn read_all(inputs: &Inputs, found: Found, known: Arc<Table<Entry>>) -> Result<Source, Error> {
    let keeper = Keeper::new(inputs, found.refused, &known);
    let root = inputs.source.clone();
    let stop = StopOnDrop::default();
    let is_stopped = Arc::clone(&stop.0);
    let reading = tokio::task::spawn_blocking(move || {
        let mut keeper = keeper;
        read_each(&root, &found.files, &is_stopped, |path, content| keeper.take(path, content))?;
        Ok(keeper.source)
    });
    let source = reading.await.unwrap_or_else(|error| Err(unreadable(&inputs.source, std::io::Error::other(error))))?;
    Ok(source.with_redirects(&inputs.rules.redirects))
}

/// Hands over what the files hold, in their order; of several that cannot be read the first one is told.
fn read_each(
    root: &Path,
    files: &Paths,
    is_stopped: &AtomicBool,
    mut take: impl FnMut(&str, Content) + Send,
) -> Result<(), Error> {
    let read = |buffer: &mut Vec<u8>, index: usize| read(&root.join(files.get(index)), buffer);
    let read =
        each(files.len(), is_stopped, || vec![0; BUFFER], read, |index, content| take(files.get(index), content));
    read.map_err(|(index, error)| unreadable(&root.join(files.get(index)), error))
}

/// Keeps what was read.
struct Keeper {
    inputs: Inputs,
    source: Source,
}

impl Keeper {
    fn new(inputs: &Inputs, refused: BTreeMap<String, Refusal>, known: &Arc<Table<Entry>>) -> Self {
        let source = Source { files: Recalled::new(known), refused, twins: BTreeMap::new() };
        Self { inputs: inputs.clone(), source }
    }

    /// Private keys are known by what they hold.
    fn take(&mut self, relative: &str, Content { size, md5, looks }: Content) {
        let Self { inputs, source } = self;
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
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable { path: path.display().to_string(), source }
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
        let take = |path: &str, content: Content| read.push((path.to_owned(), content.md5));
        read_each(folder.path(), &files(folder.path(), 1000), &AtomicBool::new(false), take).unwrap();
        let expected = (0..1000).map(|index| (format!("{index:04}"), Md5Sum::of(index.to_string().as_bytes())));
        assert!(read.into_iter().eq(expected));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 100);
        std::fs::remove_file(folder.path().join(files.get(50))).unwrap();
        let error = read_each(folder.path(), &files, &AtomicBool::new(false), |_, _| ()).unwrap_err();
        assert!(matches!(&error, Error::Unreadable { path, .. } if path.ends_with("0050")), "{error:?}");
    }

    #[test]
    fn nothing_is_no_error() {
        let mut taken = 0;
        read_each(Path::new(""), &Paths::default(), &AtomicBool::new(false), |_, _| taken += 1).unwrap();
        assert_eq!(taken, 0);
    }
}
