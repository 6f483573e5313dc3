//! Blobs: sections of files whose digest is known and checked while they are read.

use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use image_ref::Digest;

use crate::DOCUMENT_LIMIT;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::hash::Hasher;

/// A section of a file: a layout's blob, a member of an archive, a file written on the way.
#[derive(Debug, Clone)]
pub struct Blob {
    descriptor: Descriptor,
    path: PathBuf,
    offset: u64,
}

/// Reads a blob's bytes and checks them.
pub type BlobReader = VerifyingReader<io::Take<File>>;

impl Blob {
    pub(crate) fn new(descriptor: Descriptor, path: PathBuf, offset: u64) -> Self {
        Self { descriptor, path, offset }
    }

    /// What points at it.
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// Its digest.
    pub fn digest(&self) -> &Digest {
        &self.descriptor.digest
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.descriptor.size
    }

    /// The file that holds it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where in the file its first byte is.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Opens it for reading. The end is an `InvalidData` error when digest or size differ.
    pub fn open(&self) -> Result<BlobReader, Error> {
        let unreadable = |source| Error::Unreadable { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(unreadable)?;
        file.seek(SeekFrom::Start(self.offset)).map_err(unreadable)?;
        Ok(VerifyingReader::new(file.take(self.size()), self.digest(), self.size()))
    }

    /// Reads a configuration, or another document, whole, checked.
    pub fn read(&self) -> Result<Bytes, Error> {
        self.read_up_to(DOCUMENT_LIMIT)
    }

    /// Reads a document of at most `most` bytes whole, checked.
    pub(crate) fn read_up_to(&self, most: u64) -> Result<Bytes, Error> {
        if self.size() > most {
            return Err(Error::DocumentTooLarge { digest: self.digest().clone(), size: self.size() });
        }
        let mut bytes = Vec::new();
        self.open()?.read_to_end(&mut bytes).map_err(|source| self.read_error(source))?;
        Ok(Bytes::from(bytes))
    }

    /// Reads it to its end and throws the bytes away.
    pub fn verify(&self) -> Result<(), Error> {
        io::copy(&mut self.open()?, &mut io::sink()).map(drop).map_err(|source| self.read_error(source))
    }

    /// The error behind a failed read: a mismatch where the bytes differ, else the file's.
    pub(crate) fn read_error(&self, source: io::Error) -> Error {
        let mismatch = source.get_ref().and_then(|inner| inner.downcast_ref::<Mismatch>()).cloned();
        match mismatch {
            Some(Mismatch::Digest { expected, actual }) => {
                Error::DigestMismatch { name: self.path.display().to_string(), expected, actual }
            }
            Some(Mismatch::Size { expected, actual }) => {
                Error::SizeMismatch { digest: self.digest().clone(), expected, actual }
            }
            None => Error::Unreadable { path: self.path.clone(), source },
        }
    }
}

/// The bytes read are not those that were promised.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Mismatch {
    #[error("digest is {actual}, expected {expected}")]
    Digest { expected: Digest, actual: Digest },
    #[error("size is {actual}, expected {expected}")]
    Size { expected: u64, actual: u64 },
}

/// Passes bytes through and, at their end, fails with `InvalidData` when their digest or number is not the promised one.
pub struct VerifyingReader<R> {
    inner: R,
    hasher: Hasher,
    digest: Digest,
    size: u64,
}

impl<R> VerifyingReader<R> {
    /// Reads `inner`, which should give `size` bytes with this `digest`.
    pub fn new(inner: R, digest: &Digest, size: u64) -> Self {
        Self { inner, hasher: Hasher::for_digest(digest), digest: digest.clone(), size }
    }

    fn check(&self) -> Result<(), Mismatch> {
        let length = self.hasher.length();
        if length != self.size {
            return Err(Mismatch::Size { expected: self.size, actual: length });
        }
        let actual = self.hasher.clone().finish();
        if actual == self.digest { Ok(()) } else { Err(Mismatch::Digest { expected: self.digest.clone(), actual }) }
    }
}

impl<R: Read> Read for VerifyingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        let at_end = read == 0 && !buffer.is_empty();
        if at_end || self.hasher.length() > self.size {
            self.check().map_err(|mismatch| io::Error::new(io::ErrorKind::InvalidData, mismatch))?;
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8], digest: &Digest, size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        VerifyingReader::new(content, digest, size).read_to_end(&mut bytes).map(|_| bytes)
    }

    #[test]
    fn passes_what_was_promised_and_nothing_else() {
        let digest = Digest::of(b"hello");
        assert_eq!(read(b"hello", &digest, 5).unwrap(), b"hello");
        for (content, size) in [(&b"hullo"[..], 5), (b"hell", 5), (b"hello!", 5), (b"hello", 6)] {
            assert_eq!(read(content, &digest, size).unwrap_err().kind(), io::ErrorKind::InvalidData, "{content:?}");
        }
    }
}
