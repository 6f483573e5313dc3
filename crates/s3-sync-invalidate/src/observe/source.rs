//! Reads the source: all its files once, on all cores.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::clean_urls::CleanUrls;
use crate::content_type::Looks;
use crate::digest::{BUFFER, Content, read};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::source::{Found, LocalFile, Place, Refusal, Selection, Source, walk};
use crate::table::Table;

use super::workers::{StopOnDrop, each};

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
    let (root, selection, clean_urls) = (inputs.source.clone(), inputs.selection.clone(), inputs.clean_urls);
    let stop = StopOnDrop::default();
    let is_stopped = Arc::clone(&stop.0);
    let reading = tokio::task::spawn_blocking(move || {
        let Found { files, refused } = found;
        let contents = contents(&root, &files, &is_stopped)?;
        Ok(keep(files.into_iter().zip(contents), refused, &selection, clean_urls))
    });
    let source = reading.await.unwrap_or_else(|error| Err(unreadable(&inputs.source, std::io::Error::other(error))))?;
    Ok(source.with_redirects(&inputs.rules.redirects))
}

/// What the files hold, in their order; of several that cannot be read the first one is told.
fn contents(root: &Path, files: &[Box<str>], is_stopped: &AtomicBool) -> Result<Vec<Content>, Error> {
    let read = |buffer: &mut Vec<u8>, index: usize| read(&root.join(&*files[index]), buffer);
    let contents = each(files.len(), is_stopped, || vec![0; BUFFER], read);
    contents.map_err(|(index, error)| unreadable(&root.join(&*files[index]), error))
}

/// Private keys are known by what they hold.
fn keep(
    files: impl Iterator<Item = (Box<str>, Content)>,
    mut refused: BTreeMap<String, Refusal>,
    selection: &Selection,
    clean_urls: CleanUrls,
) -> Source {
    let mut kept = Table::default();
    let mut twins: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (relative, content) in files {
        if content.looks == Looks::PrivateKey && !selection.allow_sensitive.contains(&relative) {
            refused.insert(relative.into(), Refusal::Sensitive);
        } else {
            let Content { size, md5, looks } = content;
            let stored = clean_urls.stored(&relative);
            let place = if stored == *relative { Place::Stored } else { Place::Original(relative.clone()) };
            let file = LocalFile { size, md5, looks, place, packed: None };
            let name = file.name(&stored).to_owned();
            if let Some(first) = kept.insert(&stored, file) {
                twins.insert(stored.to_string(), vec![first.name(&stored).to_owned(), name]);
            }
        }
    }
    Source { files: kept, refused, twins }
}

fn unreadable(path: &Path, source: std::io::Error) -> Error {
    Error::Unreadable { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Md5Sum;

    fn files(folder: &Path, number: usize) -> Vec<Box<str>> {
        let make = |index: usize| {
            let (name, content) = (format!("{index:04}"), index.to_string());
            std::fs::write(folder.join(&name), content).unwrap();
            name.into()
        };
        (0..number).map(make).collect()
    }

    #[test]
    fn each_file_gets_its_own_content() {
        let folder = tempfile::tempdir().unwrap();
        let contents = contents(folder.path(), &files(folder.path(), 1000), &AtomicBool::new(false)).unwrap();
        let sums: Vec<Md5Sum> = contents.iter().map(|content| content.md5).collect();
        let expected: Vec<Md5Sum> = (0..1000).map(|index: usize| Md5Sum::of(index.to_string().as_bytes())).collect();
        assert_eq!(sums, expected);
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = files(folder.path(), 100);
        std::fs::remove_file(folder.path().join(&*files[50])).unwrap();
        let error = contents(folder.path(), &files, &AtomicBool::new(false)).unwrap_err();
        assert!(matches!(&error, Error::Unreadable { path, .. } if path.ends_with("0050")), "{error:?}");
    }

    #[test]
    fn nothing_is_no_error() {
        assert_eq!(contents(Path::new(""), &[], &AtomicBool::new(false)).unwrap(), Vec::new());
    }
}
