//! Reading tars: the layers of base images and the archives that `ADD` unpacks. Nothing is written where a tar says.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use oci_image::{HeaderReader, zstd_reader};
use tar::EntryType;

use super::tree::{Content, Node, NodeKind, Tree};
use crate::limits;

/// How a gzip stream starts.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// How a zstd frame starts.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What marks a removed file in a layer.
const WHITEOUT: &str = ".wh.";
/// What marks a folder in a layer whose lower content is hidden.
const OPAQUE: &str = ".wh..wh..opq";

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Packing {
    /// A plain tar.
    Tar,
    /// A gzip'd or zstd'd tar.
    PackedTar,
    /// A tar in a compression that is not known here.
    Unknown,
    /// No archive.
    None,
}

/// How the file `path` is packed. Docker decides by content, not by name.
pub(crate) fn packing(path: &Path) -> io::Result<Packing> {
    let mut start = Vec::new();
    File::open(path)?.take(512).read_to_end(&mut start)?;
    if start.starts_with(b"BZh") || start.starts_with(b"\xFD7zXZ\0") {
        return Ok(Packing::Unknown);
    }
    if is_tar(&start) {
        return Ok(Packing::Tar);
    }
    let mut inner = Vec::new();
    let readable = match unpacker(&start, File::open(path)?)? {
        Some(reader) => reader.take(512).read_to_end(&mut inner).is_ok(),
        None => false,
    };
    Ok(if readable && is_tar(&inner) { Packing::PackedTar } else { Packing::None })
}

/// A reader of what `file`, which starts with `start`, holds unpacked; `None` when it is not packed.
fn unpacker(start: &[u8], file: File) -> io::Result<Option<Box<dyn Read>>> {
    let file = BufReader::new(file);
    Ok(if start.starts_with(&GZIP_MAGIC) {
        Some(Box::new(MultiGzDecoder::new(file)))
    } else if start.starts_with(&ZSTD_MAGIC) {
        Some(Box::new(zstd_reader(file)?))
    } else {
        None
    })
}

fn is_tar(start: &[u8]) -> bool {
    start.len() == 512 && start[257..262] == *b"ustar"
}

/// `path` as a plain tar: itself, or unpacked into `work`, which takes from the bytes `left`.
pub(crate) fn plain(path: &Path, work: &Path, left: &Cell<u64>) -> io::Result<PathBuf> {
    let mut start = [0; 4];
    let mut file = File::open(path)?;
    let read = file.read(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    let length = file.metadata()?.len();
    let Some(unpacker) = unpacker(&start[..read], file)? else { return Ok(path.to_path_buf()) };
    let (mut spool, place) = tempfile::NamedTempFile::new_in(work)?.keep().map_err(|error| error.error)?;
    let most = oci_image::unpacked_limit(length).min(left.get());
    let mut content = unpacker.take(most.saturating_add(1));
    let written = io::copy(&mut content, &mut spool)?;
    if written > most {
        let problem = format!("it unpacks to more than {} MiB", most / 1024 / 1024);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    left.set(left.get() - written);
    Ok(place)
}

/// What a tar's entries do to the files below them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whiteouts {
    /// They are obeyed: the tar is a layer.
    Obeyed,
    /// They are files like others: the tar is somebody's archive.
    Kept,
}

/// Adds what the plain tar `path` holds to `tree`; no time is later than `latest`.
pub(crate) fn read(path: &Path, whiteouts: Whiteouts, latest: u64, tree: &mut Tree) -> io::Result<()> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let (reader, budget) = HeaderReader::new(file);
    let mut archive = tar::Archive::new(reader);
    let mut entries = archive.entries_with_seek()?;
    for count in 0_usize.. {
        budget.renew();
        let Some(entry) = entries.next() else { break };
        let entry = entry?;
        if count >= limits::ENTRIES || tree.len() > limits::ENTRIES {
            return Err(too_large(format!("it holds more than {} files", limits::ENTRIES)));
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = inside(&short(name)?)?;
        if name.is_empty() || entry.header().entry_type() == EntryType::XGlobalHeader {
            continue;
        }
        if whiteouts == Whiteouts::Obeyed && obey(&name, tree) {
            continue;
        }
        let node = node(path, &entry, length, latest, tree)?;
        if !matches!(node.kind, NodeKind::Folder) {
            tree.remove(&name);
        }
        tree.insert(name, node);
    }
    Ok(())
}

fn obey(name: &str, tree: &mut Tree) -> bool {
    let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
    if file == OPAQUE {
        tree.clear(folder);
        return true;
    }
    let Some(removed) = file.strip_prefix(WHITEOUT) else { return false };
    let path = if folder.is_empty() { removed.to_owned() } else { format!("{folder}/{removed}") };
    tree.remove(&path);
    true
}

fn node<R: Read>(path: &Path, entry: &tar::Entry<'_, R>, length: u64, latest: u64, tree: &Tree) -> io::Result<Node> {
    let header = entry.header();
    let target = || {
        let name = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
        short(name.unwrap_or_default())
    };
    let kind = match header.entry_type() {
        EntryType::Directory => NodeKind::Folder,
        EntryType::Regular | EntryType::Continuous => {
            let (offset, size) = (entry.raw_file_position(), entry.size());
            if offset.checked_add(size).is_none_or(|end| end > length) {
                return Err(invalid("an entry claims more bytes than there are"));
            }
            NodeKind::File(Content::Section { path: path.to_path_buf(), offset, size })
        }
        EntryType::Symlink => NodeKind::Link(target()?),
        EntryType::Link => {
            let linked = inside(&target()?)?;
            return tree.get(&linked).cloned().ok_or_else(|| invalid("a hard link names nothing"));
        }
        EntryType::Char | EntryType::Block | EntryType::Fifo => NodeKind::Special,
        _ => return Err(invalid("an entry is of an unknown kind")),
    };
    Ok(Node {
        kind,
        mode: header.mode()? & 0o7777,
        // Some writers leave a number blank where they mean 0.
        user: header.uid().unwrap_or(0),
        group: header.gid().unwrap_or(0),
        modified: header.mtime().unwrap_or(0).min(latest),
    })
}

/// A name without dots and slashes in front; one that leads upward is an error.
fn inside(name: &str) -> io::Result<String> {
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err(invalid("an entry leaves the archive with `..`")),
            part => parts.push(part),
        }
    }
    Ok(parts.join("/"))
}

/// A name or the target of a link that a file system can have.
fn short(name: String) -> io::Result<String> {
    if name.len() <= limits::PATH {
        return Ok(name);
    }
    let start: String = name.chars().take(60).collect();
    Err(too_large(format!("the name `{start}...` is longer than {} bytes", limits::PATH)))
}

fn too_large(problem: String) -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, problem)
}

fn invalid(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
