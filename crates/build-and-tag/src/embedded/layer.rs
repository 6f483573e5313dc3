//! Writing a layer: sorted entries, no names of users, no time but the one given.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::path::PathBuf;

use tar::{Builder, EntryType, Header};

use super::tree::{Content, Node, NodeKind, Tree};
use super::unpack::{ATTRIBUTE, WHITEOUT};
use crate::context::open::open;
use crate::error::{Error, SourceError};
use crate::limits;

/// Writes `layer` as a tar into `writer` and gives it back.
pub(crate) fn write<W: Write>(layer: &Tree, writer: W) -> Result<W, Error> {
    let mut builder = Builder::new(writer);
    for (path, node) in layer.iter() {
        append(&mut builder, path, node)?;
    }
    builder.into_inner().map_err(|source| unpacked("the layer", source))
}

/// Why no image can have a file at `path`; `None` where one can.
pub(crate) fn flaw(path: &str) -> Option<String> {
    if path.len() > limits::PATH {
        return Some(format!("is longer than {} bytes", limits::PATH));
    }
    path.split('/').find_map(|name| match name {
        // Layers cannot have such files (<https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts>).
        name if name.starts_with(WHITEOUT) => {
            Some(format!("begins with `{WHITEOUT}`, by which images say that a file was removed"))
        }
        name if name.len() > limits::NAME => Some(format!("has a name of more than {} bytes", limits::NAME)),
        name => name.contains('\0').then(|| "has a NUL byte in it".to_owned()),
    })
}

fn append<W: Write>(builder: &mut Builder<W>, path: &str, node: &Node) -> Result<(), Error> {
    let mut header = Header::new_gnu();
    header.set_mode(node.mode);
    header.set_uid(node.user);
    header.set_gid(node.group);
    header.set_mtime(node.modified);
    header.set_size(0);
    let failed = |source| unpacked(path, source);
    if let Some(attributes) = node.attributes.as_ref().filter(|_| !matches!(node.kind, NodeKind::Special)) {
        let names: Vec<String> = attributes.keys().map(|name| format!("{ATTRIBUTE}{name}")).collect();
        let records = names.iter().map(String::as_str).zip(attributes.values().map(Vec::as_slice));
        builder.append_pax_extensions(records).map_err(failed)?;
    }
    match &node.kind {
        NodeKind::Folder => {
            header.set_entry_type(EntryType::Directory);
            builder.append_data(&mut header, format!("{path}/"), io::empty()).map_err(failed)
        }
        NodeKind::Link(target) => {
            header.set_entry_type(EntryType::Symlink);
            header.set_mode(0o777);
            builder.append_link(&mut header, path, target).map_err(failed)
        }
        NodeKind::File(content) => {
            header.set_entry_type(EntryType::Regular);
            append_file(builder, header, path, content)
        }
        NodeKind::Special => Ok(()),
    }
}

fn append_file<W: Write>(
    builder: &mut Builder<W>,
    mut header: Header,
    path: &str,
    content: &Content,
) -> Result<(), Error> {
    match content {
        Content::Text(text) => {
            header.set_size(text.len() as u64);
            builder.append_data(&mut header, path, text.as_bytes()).map_err(|source| unpacked(path, source))
        }
        Content::InContext { root, below, size } => {
            let file = open(root, below, *size)?;
            append_section(builder, header, path, Section { file, place: root.join(below), size: *size })
        }
        Content::Section { path: place, offset, size } => {
            let unreadable = |source| Error::Source(SourceError::Context { path: place.clone(), source });
            let mut file = File::open(place).map_err(unreadable)?;
            file.seek(SeekFrom::Start(*offset)).map_err(unreadable)?;
            append_section(builder, header, path, Section { file, place: place.clone(), size: *size })
        }
    }
}

/// An open file whose next `size` bytes are the content.
struct Section {
    file: File,
    place: PathBuf,
    size: u64,
}

fn append_section<W: Write>(
    builder: &mut Builder<W>,
    mut header: Header,
    path: &str,
    section: Section,
) -> Result<(), Error> {
    header.set_size(section.size);
    let mut content = Counted { inner: section.file.take(section.size), count: 0 };
    builder.append_data(&mut header, path, &mut content).map_err(|source| unpacked(path, source))?;
    // A tar whose header promises more bytes than follow would be damaged.
    if content.count == section.size {
        Ok(())
    } else {
        Err(Error::Source(SourceError::Changed { path: section.place }))
    }
}

/// A writer that fails once it `is_stopped`: a thread that compresses cannot be stopped from outside.
pub(crate) struct Stoppable<W, F> {
    pub(crate) inner: W,
    pub(crate) is_stopped: F,
}

impl<W: Write, F: Fn() -> bool> Write for Stoppable<W, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if (self.is_stopped)() {
            return Err(io::Error::other("the build was cancelled"));
        }
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        Ok(read)
    }
}

fn unpacked(name: &str, source: io::Error) -> Error {
    Error::Source(SourceError::Unpack { name: name.to_owned(), source })
}

#[cfg(test)]
mod tests;
