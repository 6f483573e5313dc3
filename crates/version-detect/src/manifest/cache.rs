//! What was parsed already: the modules of a repository share their parents, and each of those is parsed once.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How many files are remembered. More than that are read again, which is slower and nothing else.
const MOST_FILES: usize = 10_000;

/// The largest file that is remembered, in bytes.
pub(crate) const LARGEST: u64 = 256 * 1024;

/// Files by path, and what a parser made of them by its type.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache(Arc<Mutex<Parsed>>);

type Parsed = HashMap<(PathBuf, TypeId), Arc<dyn Any + Send + Sync>>;

impl Cache {
    /// What the file was parsed to, if it was, and to a `T`.
    pub(crate) fn get<T: Any + Send + Sync>(&self, file: &Path) -> Option<Arc<T>> {
        let files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(files.get(&(file.to_path_buf(), TypeId::of::<T>()))?).downcast().ok()
    }

    /// Remembers what the file was parsed to.
    pub(crate) fn put<T: Any + Send + Sync>(&self, file: &Path, parsed: &Arc<T>) {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.len() < MOST_FILES {
            files.insert((file.to_path_buf(), TypeId::of::<T>()), Arc::clone(parsed) as Arc<dyn Any + Send + Sync>);
        }
    }
}
