//! Writing a layer: a tar in, a blob with both its digests out.

use std::io::{self, Read, Write};

use flate2::write::GzEncoder;
use flate2::{Compression as Level, GzBuilder};
use image_ref::Digest;

use super::blocks::{BlockWriter, Codec};
use super::writer::BlobWriter;
use crate::descriptor::Descriptor;
use crate::error::Error;
use crate::hash::HashingWriter;
use crate::media_type;

/// What happens to plain layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// They stay as they are.
    Keep,
    /// They are gzip'd, always to the same bytes.
    Gzip,
    /// They are zstd'd, always to the same bytes.
    Zstd,
}

/// A layer that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// The stored blob.
    pub descriptor: Descriptor,
    /// The digest of the uncompressed tar, for the configuration.
    pub diff_id: Digest,
}

/// Takes a layer's tar and stores it.
pub struct LayerWriter(HashingWriter<Body>);

enum Body {
    Plain(Box<BlobWriter>),
    Packed(Box<BlockWriter<BlobWriter>>, &'static str),
}

impl LayerWriter {
    pub(crate) fn new(blob: BlobWriter, compression: Compression) -> Self {
        let body = match compression {
            Compression::Keep => Body::Plain(Box::new(blob)),
            Compression::Gzip => {
                Body::Packed(Box::new(BlockWriter::new(blob, Codec::Gzip)), media_type::OCI_LAYER_GZIP)
            }
            Compression::Zstd => {
                Body::Packed(Box::new(BlockWriter::new(blob, Codec::Zstd)), media_type::OCI_LAYER_ZSTD)
            }
        };
        Self(HashingWriter::new(body))
    }

    /// Ends the layer.
    pub fn finish(self) -> Result<Layer, Error> {
        let diff_id = self.0.hasher.finish();
        let (blob, media_type) = match self.0.inner {
            Body::Plain(blob) => (*blob, media_type::OCI_LAYER),
            Body::Packed(encoder, media_type) => {
                let path = encoder.get_ref().path().to_path_buf();
                let blob = encoder.finish().map_err(|source| Error::Unwritable { path, source })?;
                (blob, media_type)
            }
        };
        Ok(Layer { descriptor: blob.finish(media_type)?, diff_id })
    }
}

impl Write for LayerWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(blob) => blob.write(bytes),
            Self::Packed(encoder, _) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(blob) => blob.flush(),
            Self::Packed(encoder, _) => encoder.flush(),
        }
    }
}

/// A gzip encoder whose header holds no time, no name and no operating system.
pub(crate) fn gzip<W: Write>(writer: W) -> GzEncoder<W> {
    GzBuilder::new().mtime(0).operating_system(255).write(writer, Level::new(6))
}

/// Reads what is zstd'd, whatever number of frames it has. A frame may not ask for more than 128 MiB of memory.
pub fn zstd_reader<'a>(packed: impl Read + 'a) -> io::Result<impl Read + 'a> {
    let mut decoder = zstd::stream::read::Decoder::new(packed)?;
    decoder.window_log_max(27)?;
    Ok(decoder)
}
