//! Hashing while bytes pass by.

use std::io::{self, Write};

use image_ref::{Algorithm, Digest};

/// Counts and hashes what is fed to it.
#[derive(Debug, Clone)]
pub(crate) struct Hasher {
    state: image_ref::Hasher,
    length: u64,
}

impl Hasher {
    /// A SHA-256, for what has no digest yet.
    pub(crate) fn new() -> Self {
        Self { state: image_ref::Hasher::new(Algorithm::Sha256), length: 0 }
    }

    /// The algorithm of `digest`.
    pub(crate) fn for_digest(digest: &Digest) -> Self {
        Self { state: image_ref::Hasher::for_digest(digest), length: 0 }
    }

    /// Takes `bytes` in.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.state.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// How many bytes it took in.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// The digest of what it took in.
    pub(crate) fn finish(self) -> Digest {
        self.state.finish()
    }
}

/// Hashes what is written through it.
pub(crate) struct HashingWriter<W> {
    pub(crate) inner: W,
    pub(crate) hasher: Hasher,
}

impl<W> HashingWriter<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hasher: Hasher::new() }
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
