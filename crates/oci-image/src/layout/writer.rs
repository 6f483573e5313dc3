//! Writing a layout beside its place and moving it there in one step.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::json;
use tempfile::NamedTempFile;

use super::layer::{Compression, LayerWriter};
use super::staging::{ASIDE, Staging};
use super::{INDEX, Layout, MARKER};
use crate::blob::{Blob, VerifyingReader};
use crate::descriptor::{Descriptor, REF_NAME};
use crate::error::Error;
use crate::hash::Hasher;
use crate::image::{Content, Image};
use crate::media_type;

/// A layout that is being written. Dropped without [`LayoutWriter::commit`], it leaves nothing behind.
#[derive(Debug)]
pub struct LayoutWriter {
    target: PathBuf,
    staging: Staging,
    entries: Vec<Descriptor>,
}

impl LayoutWriter {
    pub(crate) fn new(target: &Path) -> Result<Self, Error> {
        let target =
            std::path::absolute(target).map_err(|source| Error::Unreadable { path: target.to_path_buf(), source })?;
        refuse_occupied(&target)?;
        let parent = target.parent().unwrap_or(&target);
        let unwritable = |source| Error::Unwritable { path: target.clone(), source };
        let staging = Staging::create(parent).map_err(unwritable)?;
        fs::create_dir_all(staging.path().join("blobs/sha256")).map_err(unwritable)?;
        Ok(Self { target, staging, entries: Vec::new() })
    }

    /// Adds `bytes` as a blob.
    pub fn add(&mut self, media_type: &str, bytes: &[u8]) -> Result<Descriptor, Error> {
        let mut writer = self.blob_writer()?;
        writer.write_all(bytes).map_err(|source| self.unwritable(source))?;
        writer.finish(media_type)
    }

    /// Adds a copy of `blob`, checked on the way.
    pub fn add_blob(&mut self, blob: &Blob) -> Result<(), Error> {
        if self.has(blob.descriptor()) {
            return Ok(());
        }
        let mut reader = blob.open()?;
        self.copy_in(&mut reader, blob.descriptor()).map_err(|failed| match failed {
            CopyError::Read(source) => blob.read_error(source),
            CopyError::Write(error) => error,
        })
    }

    /// Adds the blob `descriptor`, read from `reader` and checked on the way.
    pub fn add_stream(&mut self, reader: impl Read, descriptor: &Descriptor) -> Result<(), Error> {
        let mut reader = VerifyingReader::new(reader, &descriptor.digest, descriptor.size);
        let source = Blob::new(descriptor.clone(), PathBuf::from(descriptor.digest.as_str()), 0);
        self.copy_in(&mut reader, descriptor).map_err(|failed| match failed {
            CopyError::Read(error) => source.read_error(error),
            CopyError::Write(error) => error,
        })
    }

    /// Starts a blob whose digest is not known yet.
    pub fn blob_writer(&self) -> Result<BlobWriter, Error> {
        BlobWriter::new(self.staging.path())
    }

    /// Starts a layer: write its tar into it.
    pub fn layer_writer(&self, compression: Compression) -> Result<LayerWriter, Error> {
        Ok(LayerWriter::new(self.blob_writer()?, compression))
    }

    /// Adds an image: its blobs and its manifest, byte for byte.
    pub fn add_image(&mut self, image: &Image) -> Result<(), Error> {
        image.blobs().try_for_each(|blob| self.add_blob(blob))?;
        self.add(image.media_type(), image.manifest_bytes()).map(drop)
    }

    /// Adds an image, or an index with all indexes and images below it, byte for byte.
    pub fn add_content(&mut self, content: &Content) -> Result<(), Error> {
        content.images().iter().try_for_each(|image| self.add_image(image))?;
        match content {
            Content::Image(_) => Ok(()),
            Content::Index(index) => {
                for (descriptor, bytes) in index.below() {
                    self.add(&descriptor.media_type, bytes)?;
                }
                self.add(content.media_type(), index.bytes()).map(drop)
            }
        }
    }

    /// The blob of a descriptor that was added before.
    pub fn blob(&self, descriptor: &Descriptor) -> Result<Blob, Error> {
        let path = self.path_of(descriptor);
        if !path.is_file() {
            return Err(Error::BlobMissing { digest: descriptor.digest.clone(), path: self.staging.path().into() });
        }
        Ok(Blob::new(descriptor.clone(), path, 0))
    }

    /// Lists `manifest` in the index, once for each tag; without tags once without a name.
    pub fn tag(&mut self, manifest: &Descriptor, tags: &[String]) {
        for tag in tags {
            let mut entry = manifest.clone();
            entry.annotations.insert(REF_NAME.to_owned(), tag.clone());
            self.entries.push(entry);
        }
        if tags.is_empty() {
            self.entries.push(manifest.clone());
        }
    }

    /// Finishes the layout and moves it to its place. A layout that was there is replaced.
    pub fn commit(self) -> Result<Layout, Error> {
        let index = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": self.entries });
        let root = self.staging.path();
        fs::write(root.join(MARKER), r#"{"imageLayoutVersion":"1.0.0"}"#).map_err(|source| self.unwritable(source))?;
        fs::write(root.join(INDEX), index.to_string()).map_err(|source| self.unwritable(source))?;
        open_to_others(root).map_err(|source| self.unwritable(source))?;
        let target = self.target.clone();
        refuse_occupied(&target)?;
        move_into_place(self.staging, &target).map_err(|source| Error::Unwritable { path: target.clone(), source })?;
        Layout::open(&target)
    }

    fn has(&self, descriptor: &Descriptor) -> bool {
        self.path_of(descriptor).is_file()
    }

    fn path_of(&self, descriptor: &Descriptor) -> PathBuf {
        super::blob_path(self.staging.path(), descriptor)
    }

    fn unwritable(&self, source: io::Error) -> Error {
        Error::Unwritable { path: self.target.clone(), source }
    }

    /// The checked bytes of `reader` as a blob; nothing stays of a copy that failed.
    fn copy_in(&self, reader: &mut impl Read, descriptor: &Descriptor) -> Result<(), CopyError> {
        let hasher = Hasher::for_digest(&descriptor.digest);
        let mut writer = BlobWriter::with_hasher(self.staging.path(), hasher).map_err(CopyError::Write)?;
        let mut buffer = vec![0; 128 * 1024];
        loop {
            let read = reader.read(&mut buffer).map_err(CopyError::Read)?;
            if read == 0 {
                break;
            }
            writer.write_all(&buffer[..read]).map_err(|source| CopyError::Write(self.unwritable(source)))?;
        }
        writer.finish(&descriptor.media_type).map(drop).map_err(CopyError::Write)
    }
}

enum CopyError {
    Read(io::Error),
    Write(Error),
}

/// Writes one blob of a layout.
#[derive(Debug)]
pub struct BlobWriter {
    file: BufWriter<NamedTempFile>,
    hasher: Hasher,
    root: PathBuf,
}

impl BlobWriter {
    /// Starts a blob in the folder `root`.
    pub(crate) fn new(root: &Path) -> Result<Self, Error> {
        Self::with_hasher(root, Hasher::new())
    }

    fn with_hasher(root: &Path, hasher: Hasher) -> Result<Self, Error> {
        let file =
            NamedTempFile::new_in(root).map_err(|source| Error::Unwritable { path: root.to_path_buf(), source })?;
        Ok(Self { file: BufWriter::with_capacity(128 * 1024, file), hasher, root: root.to_path_buf() })
    }

    /// The file it is written to until it has a name.
    pub(crate) fn path(&self) -> &Path {
        self.file.get_ref().path()
    }

    /// Ends the blob and gives it the name of its digest.
    pub fn finish(self, media_type: &str) -> Result<Descriptor, Error> {
        let Self { file, hasher, root } = self;
        let unwritable = |source| Error::Unwritable { path: root.clone(), source };
        let file = file.into_inner().map_err(|error| unwritable(error.into_error()))?;
        let size = hasher.length();
        let descriptor = Descriptor::new(media_type, hasher.finish(), size);
        readable_by_all(file.as_file()).map_err(unwritable)?;
        let path = super::blob_path(&root, &descriptor);
        fs::create_dir_all(path.parent().unwrap_or(&root)).map_err(unwritable)?;
        file.persist(path).map_err(|error| unwritable(error.error))?;
        Ok(descriptor)
    }
}

impl Write for BlobWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Refuses a folder that holds something else than a layout.
pub(crate) fn refuse_occupied(target: &Path) -> Result<(), Error> {
    let Ok(metadata) = fs::symlink_metadata(target) else { return Ok(()) };
    let empty = || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    let layout = || target.join(MARKER).is_file();
    if metadata.is_dir() && (layout() || empty()) {
        return Ok(());
    }
    Err(Error::Occupied { path: target.to_path_buf() })
}

/// Renames the staged folder; what was at `target` is moved aside first and moved back when the renaming fails.
fn move_into_place(staging: Staging, target: &Path) -> io::Result<()> {
    let parent = target.parent().unwrap_or(target);
    let aside = Staging::create(parent)?;
    let old = aside.path().join(ASIDE);
    let replaced = fs::symlink_metadata(target).is_ok();
    if replaced {
        fs::rename(target, &old)?;
    }
    if let Err(error) = fs::rename(staging.path(), target) {
        if replaced {
            fs::rename(&old, target)?;
        }
        return Err(error);
    }
    staging.keep();
    aside.close()
}

#[cfg(unix)]
fn open_to_others(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_to_others(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn readable_by_all(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_file: &File) -> io::Result<()> {
    Ok(())
}
