//! Bodies, taken as they come: kept where they are documents, else counted and perhaps hashed.

use std::io::{Error, ErrorKind};

use bytes::{Buf as _, BytesMut};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;

use crate::head::Length;

/// What is read at a time.
pub(crate) const READ: usize = 256 * 1024;

/// The longest document.
const LONGEST: usize = 16 * 1024 * 1024;

/// The longest line before a chunk.
const LONGEST_LINE: usize = 1024;

/// What arrived of a body.
#[derive(Debug)]
pub(crate) enum Taken {
    /// The bytes of a document.
    Kept(Vec<u8>),
    /// So many bytes of a blob.
    Counted(u64),
}

/// What becomes of a body's bytes.
pub(crate) enum Sink<'a> {
    Keep(Vec<u8>),
    Count { bytes: u64, hasher: Option<&'a mut Sha256> },
}

impl Sink<'_> {
    fn take(&mut self, piece: &[u8]) -> Result<(), Error> {
        match self {
            Self::Keep(bytes) if bytes.len() + piece.len() > LONGEST => return Err(ErrorKind::InvalidData.into()),
            Self::Keep(bytes) => bytes.extend_from_slice(piece),
            Self::Count { bytes, hasher } => {
                *bytes += piece.len() as u64;
                if let Some(hasher) = hasher {
                    hasher.update(piece);
                }
            }
        }
        Ok(())
    }

    fn taken(self) -> Taken {
        match self {
            Self::Keep(bytes) => Taken::Kept(bytes),
            Self::Count { bytes, .. } => Taken::Counted(bytes),
        }
    }
}

/// A connection and what was read of it in advance.
#[derive(Debug)]
pub(crate) struct Wire {
    pub(crate) stream: TcpStream,
    pub(crate) buffer: BytesMut,
}

impl Wire {
    /// Reads more; false at the end.
    pub(crate) async fn more(&mut self) -> Result<bool, Error> {
        self.buffer.reserve(READ);
        Ok(self.stream.read_buf(&mut self.buffer).await? > 0)
    }

    /// Reads a body to its end.
    pub(crate) async fn body(&mut self, length: Length, mut sink: Sink<'_>) -> Result<Taken, Error> {
        match length {
            Length::Known(length) => self.section(length, &mut sink).await?,
            Length::Chunked => loop {
                let line = self.line().await?;
                let size = line.split(';').next().unwrap_or_default().trim();
                let size = u64::from_str_radix(size, 16).map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
                self.section(size, &mut sink).await?;
                self.line().await?;
                if size == 0 {
                    break;
                }
            },
        }
        Ok(sink.taken())
    }

    async fn section(&mut self, length: u64, sink: &mut Sink<'_>) -> Result<(), Error> {
        let mut left = length;
        while left > 0 {
            if self.buffer.is_empty() && !self.more().await? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(self.buffer.len());
            sink.take(&self.buffer[..size])?;
            self.buffer.advance(size);
            left -= size as u64;
        }
        Ok(())
    }

    /// The next line, without its end.
    async fn line(&mut self) -> Result<String, Error> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\r\n") {
                let line = self.buffer.split_to(end + 2);
                return Ok(String::from_utf8_lossy(&line[..end]).into_owned());
            }
            if self.buffer.len() > LONGEST_LINE {
                return Err(ErrorKind::InvalidData.into());
            }
            if !self.more().await? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
