//! Reading tars: the layers of base images and the archives that `ADD` unpacks. Nothing is written where a tar says.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use oci_image::{HeaderReader, zstd_reader};
use tar::{EntryType, Header};

use super::tree::{Attributes, Content, Node, NodeKind, Tree};
use crate::limits;

/// How a gzip stream starts.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
/// How a zstd frame starts.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What marks a removed file in a layer.
pub(crate) const WHITEOUT: &str = ".wh.";
/// What marks a folder in a layer whose lower content is hidden.
const OPAQUE: &str = ".wh..wh..opq";
/// What stands before the name of an extended attribute in a tar.
pub(crate) const ATTRIBUTE: &str = "SCHILY.xattr.";
/// The attribute of a program's capabilities; of those of the kernel it alone is meant for other machines.
const CAPABILITY: &str = "security.capability";
/// What the names of attributes that users set begin with.
const OF_USERS: &str = "user.";
/// What the parts of a tar are multiples of.
const BLOCK: u64 = 512;

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

/// `path` as a plain tar: itself, or unpacked into `work`.
pub(crate) fn plain(path: &Path, work: &Path, budget: &Budget) -> io::Result<PathBuf> {
    let mut start = [0; 4];
    let mut file = File::open(path)?;
    let read = file.read(&mut start)?;
    file.seek(SeekFrom::Start(0))?;
    let length = file.metadata()?.len();
    let Some(unpacker) = unpacker(&start[..read], file)? else { return Ok(path.to_path_buf()) };
    let (mut spool, place) = tempfile::NamedTempFile::new_in(work)?.keep().map_err(|error| error.error)?;
    let most = oci_image::unpacked_limit(length).min(budget.bytes.get());
    let mut content = unpacker.take(most.saturating_add(1));
    let written = io::copy(&mut content, &mut spool)?;
    if written > most {
        let problem = format!("it unpacks to more than {} MiB", most / 1024 / 1024);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    budget.bytes.set(budget.bytes.get() - written);
    Ok(place)
}

/// What one build may still unpack.
#[derive(Debug)]
pub(crate) struct Budget {
    bytes: Cell<u64>,
    /// Bytes of extended attributes, which are held in memory.
    attributes: Cell<usize>,
}

impl Budget {
    /// What a build begins with.
    pub(crate) fn new() -> Self {
        Self { bytes: Cell::new(limits::LAYER_BYTES), attributes: Cell::new(limits::TEXT) }
    }
}

/// Lays the plain tar `path`, a layer, over `tree`. A name that is not UTF-8 gets U+FFFD in its place: such a file can be built on, and
/// `copy` refuses to copy it.
/// Whiteouts hide what is below the layer and nothing of the layer itself, in
/// whatever order they come (<https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts>).
pub(crate) fn layer(path: &Path, budget: &Budget, tree: &mut Tree) -> io::Result<()> {
    let mut own = Tree::default();
    let mut hidden = Vec::new();
    entries(path, budget, |name, entry| {
        if let Some(whiteout) = Whiteout::of(&name) {
            hidden.push(whiteout);
            return Ok(());
        }
        let node = entry.node(u64::MAX, |linked| own.get(linked).or_else(|| tree.get(linked)))?;
        put(&mut own, name, node)
    })?;
    for whiteout in hidden {
        match whiteout {
            Whiteout::File(path) => tree.remove(&path),
            Whiteout::Below(folder) => tree.clear(&folder),
        }
    }
    own.into_iter().try_for_each(|(name, node)| {
        add_implied(tree, &name);
        put(tree, name, node)
    })
}

/// Adds the folders of `name` that no layer has an entry for: whoever unpacks a layer makes them.
fn add_implied(tree: &mut Tree, name: &str) {
    let mut below = name;
    while let Some((folder, _)) = below.rsplit_once('/')
        && tree.get(folder).is_none()
    {
        // The time is unknown: what is copied is never younger than the image.
        tree.insert(folder.to_owned(), Node::folder(u64::MAX));
        below = folder;
    }
}

/// Adds what the plain tar `path`, somebody's archive, holds to `tree`; no time is later than `latest`.
pub(crate) fn archive(path: &Path, latest: u64, budget: &Budget, tree: &mut Tree) -> io::Result<()> {
    entries(path, budget, |name, entry| {
        let link = entry.inner.link_name_bytes().unwrap_or_default();
        if [entry.inner.path_bytes(), link].iter().any(|name| std::str::from_utf8(name).is_err()) {
            return Err(invalid("an entry has a name that is not UTF-8"));
        }
        let node = entry.node(latest, |linked| tree.get(linked))?;
        put(tree, name, node)
    })
}

fn put(tree: &mut Tree, name: String, node: Node) -> io::Result<()> {
    if !matches!(node.kind, NodeKind::Folder) {
        tree.remove(&name);
    }
    tree.insert(name, node);
    if tree.len() > limits::ENTRIES {
        return Err(too_large(format!("it holds more than {} files", limits::ENTRIES)));
    }
    if tree.names() > limits::NAMES {
        return Err(too_large(format!("the names in it have more than {} MiB", limits::NAMES / 1024 / 1024)));
    }
    Ok(())
}

/// What a layer hides of the layers below it.
enum Whiteout {
    File(String),
    /// Everything in a folder.
    Below(String),
}

impl Whiteout {
    fn of(name: &str) -> Option<Self> {
        let (folder, file) = name.rsplit_once('/').unwrap_or(("", name));
        if file == OPAQUE {
            return Some(Self::Below(folder.to_owned()));
        }
        let hidden = file.strip_prefix(WHITEOUT)?;
        Some(Self::File(if folder.is_empty() { hidden.to_owned() } else { format!("{folder}/{hidden}") }))
    }
}

/// An entry of a tar.
struct Entry<'a, 'b, R: Read> {
    tar: &'a Path,
    length: u64,
    inner: &'a tar::Entry<'b, R>,
    attributes: Option<Arc<Attributes>>,
}

/// Goes through the entries of the plain tar `path`, by their cleaned names.
fn entries(
    path: &Path,
    budget: &Budget,
    mut take: impl FnMut(String, Entry<'_, '_, HeaderReader>) -> io::Result<()>,
) -> io::Result<()> {
    let headers = File::open(path)?;
    let length = headers.metadata()?.len();
    let (reader, header_budget) = HeaderReader::new(File::open(path)?);
    let mut archive = tar::Archive::new(reader);
    let mut entries = archive.entries_with_seek()?;
    let mut end = 0;
    for count in 0_usize.. {
        header_budget.renew();
        let Some(entry) = entries.next() else { break };
        let entry = entry?;
        if count >= limits::ENTRIES {
            return Err(too_large(format!("it holds more than {} files", limits::ENTRIES)));
        }
        let attributes = attributes(&headers, end, entry.raw_header_position(), budget)?;
        end = entry.raw_file_position().saturating_add(entry.size().next_multiple_of(BLOCK));
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = inside(&short(name)?)?;
        if name.is_empty() || entry.header().entry_type() == EntryType::XGlobalHeader {
            continue;
        }
        take(name, Entry { tar: path, length, inner: &entry, attributes })?;
    }
    Ok(())
}

/// The extended attributes in the headers that stand between `from` and `to`, in front of an entry.
///
/// They are read here because their values are bytes, which may have line ends, and the reader of tars splits at these.
fn attributes(file: &File, from: u64, to: u64, budget: &Budget) -> io::Result<Option<Arc<Attributes>>> {
    let mut found = Attributes::new();
    let mut place = from;
    let mut file = file;
    while place < to {
        let mut header = Header::new_old();
        file.seek(SeekFrom::Start(place))?;
        file.read_exact(header.as_mut_bytes())?;
        let size = header.entry_size()?;
        place = place.saturating_add(BLOCK).saturating_add(size.saturating_add(BLOCK - 1) / BLOCK * BLOCK);
        if header.entry_type() == EntryType::XHeader {
            // The reader of tars has read it by now, and so it has a size that memory bears.
            let mut records = Vec::new();
            file.take(size).read_to_end(&mut records)?;
            kept(&records, &mut found);
        }
    }
    if found.is_empty() {
        return Ok(None);
    }
    let size: usize = found.iter().map(|(name, value)| name.len() + value.len()).sum();
    let left = budget.attributes.get().checked_sub(size);
    let too_many = || too_large(format!("its extended attributes have more than {} MiB", limits::TEXT / 1024 / 1024));
    budget.attributes.set(left.ok_or_else(too_many)?);
    Ok(Some(Arc::new(found)))
}

/// Adds those of the records `LENGTH NAME=VALUE\n` that are attributes which images carry
/// (<https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_03>).
fn kept(mut records: &[u8], attributes: &mut Attributes) {
    while let Some(space) = records.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&records[..space]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| records.get(space + 1..length)) else { return };
        records = &records[space + 1 + record.len()..];
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        let Some(equals) = record.iter().position(|byte| *byte == b'=') else { continue };
        let name = std::str::from_utf8(&record[..equals]).ok().and_then(|name| name.strip_prefix(ATTRIBUTE));
        if let Some(name) = name.filter(|name| *name == CAPABILITY || name.starts_with(OF_USERS)) {
            attributes.insert(name.to_owned(), record[equals + 1..].to_vec());
        }
    }
}

impl<R: Read> Entry<'_, '_, R> {
    /// What the entry is; `find` gives the node that a hard link names.
    fn node<'t>(&self, latest: u64, find: impl Fn(&str) -> Option<&'t Node>) -> io::Result<Node> {
        let entry = self.inner;
        let header = entry.header();
        let target = || {
            let name = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
            short(name.unwrap_or_default())
        };
        let kind = match header.entry_type() {
            EntryType::Directory => NodeKind::Folder,
            EntryType::Regular | EntryType::Continuous => {
                let (offset, size) = (entry.raw_file_position(), entry.size());
                if offset.checked_add(size).is_none_or(|end| end > self.length) {
                    return Err(invalid("an entry claims more bytes than there are"));
                }
                NodeKind::File(Content::Section { path: self.tar.to_path_buf(), offset, size })
            }
            EntryType::Symlink => NodeKind::Link(target()?),
            EntryType::Link => {
                let linked = inside(&target()?)?;
                return find(&linked).cloned().ok_or_else(|| invalid("a hard link names nothing"));
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
            attributes: self.attributes.clone(),
        })
    }
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
