//! Writing a layer: sorted entries, no names of users, no time but the one given.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};

use tar::{Builder, EntryType, Header};

use super::tree::{Content, Node, NodeKind, Tree};
use crate::error::Error;

/// Writes `layer` as a tar into `writer` and gives it back.
pub(crate) fn write<W: Write>(layer: &Tree, writer: W) -> Result<W, Error> {
    let mut builder = Builder::new(writer);
    for (path, node) in layer.iter() {
        append(&mut builder, path, node)?;
    }
    builder.into_inner().map_err(|source| unpacked("the layer", source))
}

fn append<W: Write>(builder: &mut Builder<W>, path: &str, node: &Node) -> Result<(), Error> {
    let mut header = Header::new_gnu();
    header.set_mode(node.mode);
    header.set_uid(node.user);
    header.set_gid(node.group);
    header.set_mtime(node.modified);
    header.set_size(0);
    let failed = |source| unpacked(path, source);
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
        Content::Section { path: place, offset, size } => {
            let unreadable = |source| Error::Context { path: place.clone(), source };
            let mut file = File::open(place).map_err(unreadable)?;
            file.seek(SeekFrom::Start(*offset)).map_err(unreadable)?;
            header.set_size(*size);
            let mut section = Counted { inner: file.take(*size), count: 0 };
            builder.append_data(&mut header, path, &mut section).map_err(|source| unpacked(path, source))?;
            // A tar whose header promises more bytes than follow would be damaged.
            if section.count == *size { Ok(()) } else { Err(Error::Changed { path: place.clone() }) }
        }
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
    Error::Unpack { name: name.to_owned(), source }
}

#[cfg(test)]
mod tests;
