//! The members of a tar: where each lies, found by one pass over the headers.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use image_ref::Digest;
use tar::EntryType;

use crate::DOCUMENT_LIMIT;
use crate::blob::Blob;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::tar_headers::HeaderReader;

/// More members than any image has layers, so that a small file cannot fill the memory.
const MOST_MEMBERS: usize = 100_000;

/// The longest name of a member, in bytes.
const LONGEST_NAME: usize = 4096;

/// A tar's members by name.
#[derive(Debug, Clone)]
pub(super) struct Members {
    path: PathBuf,
    length: u64,
    by_name: BTreeMap<String, Member>,
}

#[derive(Debug, Clone)]
enum Member {
    File(Section),
    /// Another member's name; old versions of Docker write it for layers that images share.
    Link(String),
}

/// Where a member's bytes lie.
#[derive(Debug, Clone, Copy)]
pub(super) struct Section {
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl Members {
    /// Reads the headers of the tar `path`.
    pub(super) fn scan(path: &Path) -> Result<Self, Error> {
        let unreadable = |source| Error::Unreadable { path: path.to_path_buf(), source };
        let file = File::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        let mut members = Self { path: path.to_path_buf(), length: metadata.len(), by_name: BTreeMap::new() };
        if !metadata.is_file() {
            return Err(members.not_an_archive("it is not a file"));
        }
        let (reader, budget) = HeaderReader::new(file);
        let mut archive = tar::Archive::new(reader);
        let mut entries = archive.entries_with_seek().map_err(|error| members.not_a_tar(&error))?;
        loop {
            budget.renew();
            let Some(entry) = entries.next() else { break };
            let entry = entry.map_err(|error| members.not_a_tar(&error))?;
            members.take(&entry)?;
        }
        if members.by_name.is_empty() {
            return Err(members.not_an_archive("it is empty"));
        }
        Ok(members)
    }

    /// The archive's size in bytes.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The archive's path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The error that this file is no archive.
    pub(super) fn not_an_archive(&self, reason: impl Into<String>) -> Error {
        Error::NotAnArchive { path: self.path.clone(), reason: reason.into() }
    }

    /// Whether there is a member `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Where the file `name` lies; one link is followed.
    pub(super) fn section(&self, name: &str) -> Result<Section, Error> {
        let name = clean(name).map_err(|reason| self.hostile(name, reason))?;
        let member = match self.by_name.get(&name) {
            Some(Member::Link(target)) => self.by_name.get(target),
            direct => direct,
        };
        match member {
            Some(Member::File(section)) => Ok(*section),
            Some(Member::Link(_)) => Err(self.hostile(&name, "is a link to a link")),
            None => Err(self.not_an_archive(format!("it names `{name}` but does not hold it"))),
        }
    }

    /// The bytes of the document `name`.
    pub(super) fn document(&self, name: &str) -> Result<Bytes, Error> {
        let section = self.section(name)?;
        if section.size > DOCUMENT_LIMIT {
            return Err(self.not_an_archive(format!("`{name}` has {} bytes", section.size)));
        }
        let mut bytes = Vec::new();
        let mut reader = self.reader(section)?;
        reader.read_to_end(&mut bytes).map_err(|source| Error::Unreadable { path: self.path.clone(), source })?;
        Ok(Bytes::from(bytes))
    }

    /// A reader of a section's bytes.
    pub(super) fn reader(&self, section: Section) -> Result<std::io::Take<File>, Error> {
        use std::io::{Seek as _, SeekFrom};
        let unreadable = |source| Error::Unreadable { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(unreadable)?;
        file.seek(SeekFrom::Start(section.offset)).map_err(unreadable)?;
        Ok(file.take(section.size))
    }

    /// A blob at a section.
    pub(super) fn blob(&self, section: Section, media_type: &str, digest: Digest) -> Blob {
        Blob::new(Descriptor::new(media_type, digest, section.size), self.path.clone(), section.offset)
    }

    fn take<R: std::io::Read>(&mut self, entry: &tar::Entry<'_, R>) -> Result<(), Error> {
        let raw = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if raw.len() > LONGEST_NAME {
            let start = raw.chars().take(60).collect::<String>();
            return Err(self.hostile(&format!("{start}..."), "has a name of more than 4096 bytes"));
        }
        let name = clean(&raw).map_err(|reason| self.hostile(&raw, reason))?;
        let member = match entry.header().entry_type() {
            EntryType::Directory | EntryType::XGlobalHeader => return Ok(()),
            EntryType::Regular | EntryType::Continuous => Member::File(self.inside(&raw, entry)?),
            EntryType::Symlink => Member::Link(self.link(&raw, parent(&name), entry)?),
            EntryType::Link => Member::Link(self.link(&raw, "", entry)?),
            _ => return Err(self.hostile(&raw, "is neither a file, a folder nor a link")),
        };
        if self.by_name.len() >= MOST_MEMBERS {
            return Err(self.hostile(&raw, "is one too many"));
        }
        match self.by_name.insert(name, member) {
            None => Ok(()),
            Some(_) => Err(self.hostile(&raw, "is there twice")),
        }
    }

    fn inside<R: std::io::Read>(&self, name: &str, entry: &tar::Entry<'_, R>) -> Result<Section, Error> {
        let section = Section { offset: entry.raw_file_position(), size: entry.size() };
        match section.offset.checked_add(section.size) {
            Some(end) if end <= self.length => Ok(section),
            _ => Err(self.hostile(name, "claims more bytes than the archive has")),
        }
    }

    fn link<R: std::io::Read>(&self, name: &str, base: &str, entry: &tar::Entry<'_, R>) -> Result<String, Error> {
        let target = entry.link_name_bytes().unwrap_or_default();
        let target = String::from_utf8_lossy(&target);
        resolve(base, &target).ok_or_else(|| self.hostile(name, "is a link that leaves the archive"))
    }

    fn hostile(&self, entry: &str, reason: &'static str) -> Error {
        Error::HostileEntry { path: self.path.clone(), entry: entry.to_owned(), reason }
    }

    fn not_a_tar(&self, error: &std::io::Error) -> Error {
        let mut start = [0; 2];
        let gzipped = File::open(&self.path).and_then(|mut file| file.read_exact(&mut start)).is_ok()
            && start == super::classic::GZIP_MAGIC;
        if gzipped {
            return self.not_an_archive("it is gzip'd; run `gunzip` on it first");
        }
        self.not_an_archive(format!("it is not a complete tar: {error}"))
    }
}

/// A member's name without `./`, or why no honest tool writes it.
fn clean(name: &str) -> Result<String, &'static str> {
    if name.starts_with('/') {
        return Err("has an absolute path");
    }
    if name.chars().any(|c| c.is_control() || c == '\\' || c == '\u{FFFD}') {
        return Err("has a name with control characters or backslashes");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("leaves the archive with `..`"),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The name `target` means when it is read from the folder `base`; `None` when that is outside.
fn resolve(base: &str, target: &str) -> Option<String> {
    if target.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_cleaned_name_has_no_way_out_and_stays_itself(name in "[a-z./]{0,24}") {
            if let Ok(clean_name) = clean(&name) {
                prop_assert!(!clean_name.split('/').any(|part| part == ".." || part == "."));
                prop_assert!(!clean_name.starts_with('/'));
                prop_assert_eq!(clean(&clean_name), Ok(clean_name.clone()));
            }
        }

        #[test]
        fn a_link_never_resolves_to_outside(base in "[a-c/]{0,8}", target in "[a-c./]{0,16}") {
            if let Some(name) = resolve(&base, &target) {
                prop_assert!(clean(&name).is_ok());
            }
        }
    }
}
