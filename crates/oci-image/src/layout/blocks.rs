//! Compressing on all processors, to bytes that do not depend on how many there are.
//!
//! The stream is cut into blocks of one size, and each becomes a gzip member or a zstd frame of its own: both formats say
//! that what is concatenated is read as one (RFC 1952, 2.2; RFC 8878, 3). Blocks are compressed in any order and written
//! in theirs.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

/// The bytes of a block. What fits into one is compressed by the thread that writes it.
const BLOCK: usize = 1024 * 1024;

/// The most threads: beyond, the one that hashes and writes is what is waited for.
const MOST_THREADS: usize = 8;

/// The level of zstd's own command.
const ZSTD_LEVEL: i32 = 3;

/// How a block is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Gzip,
    Zstd,
}

impl Codec {
    fn compress(self, block: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip => {
                let mut encoder = super::layer::gzip(Vec::with_capacity(block.len() / 2));
                encoder.write_all(block)?;
                encoder.finish()
            }
            Self::Zstd => zstd::bulk::compress(block, ZSTD_LEVEL),
        }
    }
}

/// Compresses what is written to it into `inner`.
pub(super) struct BlockWriter<W> {
    inner: W,
    codec: Codec,
    threads: usize,
    buffer: Vec<u8>,
    /// Where to send blocks; dropping it ends the threads. `None` until there is a second block.
    jobs: Option<Sender<Job>>,
    /// The blocks under way, in their order.
    pending: VecDeque<Receiver<io::Result<Vec<u8>>>>,
    is_empty: bool,
}

struct Job {
    codec: Codec,
    block: Vec<u8>,
    answer: Sender<io::Result<Vec<u8>>>,
}

impl<W: Write> BlockWriter<W> {
    pub(super) fn new(inner: W, codec: Codec) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(MOST_THREADS);
        Self::with_threads(inner, codec, threads)
    }

    fn with_threads(inner: W, codec: Codec, threads: usize) -> Self {
        Self { inner, codec, threads, buffer: Vec::new(), jobs: None, pending: VecDeque::new(), is_empty: true }
    }

    /// What it writes to.
    pub(super) fn get_ref(&self) -> &W {
        &self.inner
    }

    /// Writes the last block.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.is_empty || !self.buffer.is_empty() {
            self.end_block()?;
        }
        while !self.pending.is_empty() {
            self.write_first()?;
        }
        Ok(self.inner)
    }

    fn end_block(&mut self) -> io::Result<()> {
        let is_only = self.is_empty && self.buffer.len() < BLOCK;
        let block = std::mem::take(&mut self.buffer);
        self.is_empty = false;
        if is_only || self.threads < 2 {
            return self.inner.write_all(&self.codec.compress(&block)?);
        }
        while self.pending.len() >= 2 * self.threads {
            self.write_first()?;
        }
        let (answer, receiver) = channel();
        let jobs = match &self.jobs {
            Some(jobs) => jobs,
            None => self.jobs.insert(start(self.threads)?),
        };
        jobs.send(Job { codec: self.codec, block, answer }).map_err(|_| lost())?;
        self.pending.push_back(receiver);
        Ok(())
    }

    fn write_first(&mut self) -> io::Result<()> {
        let Some(first) = self.pending.pop_front() else { return Ok(()) };
        let block = first.recv().map_err(|_| lost())??;
        self.inner.write_all(&block)
    }
}

impl<W: Write> Write for BlockWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BLOCK - self.buffer.len());
        self.buffer.extend_from_slice(&bytes[..taken]);
        if self.buffer.len() == BLOCK {
            self.end_block()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Starts `count` threads that compress what is sent.
fn start(count: usize) -> io::Result<Sender<Job>> {
    let (jobs, receiver) = channel::<Job>();
    let receiver = Arc::new(Mutex::new(receiver));
    for _ in 0..count {
        let receiver = Arc::clone(&receiver);
        std::thread::Builder::new().name("compress".to_owned()).spawn(move || {
            loop {
                let job = receiver.lock().unwrap_or_else(PoisonError::into_inner).recv();
                let Ok(Job { codec, block, answer }) = job else { return };
                // Nobody waits for the answer of a layer that was given up.
                let _ = answer.send(codec.compress(&block));
            }
        })?;
    }
    Ok(jobs)
}

fn lost() -> io::Error {
    io::Error::other("a thread that compresses ended")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use image_ref::Digest;

    use super::*;

    /// `length` bytes that compress like program text.
    fn content(length: usize) -> Vec<u8> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8 % 23 + b'a'
        };
        (0..length).map(|_| next()).collect()
    }

    fn compressed(content: &[u8], codec: Codec, threads: usize) -> Vec<u8> {
        let mut writer = BlockWriter::with_threads(Vec::new(), codec, threads);
        for piece in content.chunks(100_003) {
            writer.write_all(piece).unwrap();
        }
        writer.finish().unwrap()
    }

    fn plain(packed: &[u8], codec: Codec) -> Vec<u8> {
        let mut bytes = Vec::new();
        match codec {
            Codec::Gzip => flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut bytes).unwrap(),
            Codec::Zstd => super::super::zstd_reader(packed).unwrap().read_to_end(&mut bytes).unwrap(),
        };
        bytes
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        for length in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7] {
            let content = content(length);
            for codec in [Codec::Gzip, Codec::Zstd] {
                let alone = compressed(&content, codec, 1);
                assert!(plain(&alone, codec) == content, "{length} {codec:?}");
                assert!(
                    [2, 3, 8].iter().all(|threads| compressed(&content, codec, *threads) == alone),
                    "{length} {codec:?}"
                );
            }
        }
    }

    #[test]
    fn the_bytes_are_those_of_every_release() {
        let content = content(3 * BLOCK + 11);
        let digest = |codec| Digest::of(&compressed(&content, codec, 2)).to_string();
        assert_eq!([digest(Codec::Gzip), digest(Codec::Zstd)], [GZIP, ZSTD]);
    }

    /// A new version of a compressor that changes these changes the digest of every image: say so in the changelog.
    const GZIP: &str = "sha256:e99998518058c50124df77316d9a7e25857e42d9419c90335611dbfda4ce7c06";
    const ZSTD: &str = "sha256:154060143d61546b12e6f7e063555aff25587b9124fc7db6d86418ef6918fe1c";
}
