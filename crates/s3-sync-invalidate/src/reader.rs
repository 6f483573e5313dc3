//! Reads files: each once for its sum, many small ones at a time, and parts of one that is sent in parts.

use std::fs::File;
use std::io::{Read as _, Seek as _};
use std::path::Path;

use crc_fast::CrcAlgorithm;
use md5::{Digest as _, Md5};

use crate::content_type::Looks;
use crate::digest::Md5Sum;
use crate::s3::parts;

/// The size of one read of a large file.
const BUFFER: usize = 256 * 1024;

/// What reading a file once tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) size: u64,
    pub(crate) md5: Md5Sum,
    pub(crate) looks: Looks,
}

/// What reads files. It is made once, since it has its memory for them.
pub(crate) struct Reader(Vec<u8>);

impl Reader {
    /// How many small files it has room for; what comes behind them is read like a large one.
    pub(crate) const AT_ONCE: usize = 32;

    /// What is smaller is read as a whole, and its sum is computed with those of others.
    const SMALL: usize = 32 * 1024;

    pub(crate) fn new() -> Self {
        Self(vec![0; Self::AT_ONCE * Self::SMALL + BUFFER])
    }

    /// Reads each file once, from start to end; of several that cannot be read the first one is told, with its place among them.
    pub(crate) fn read<P: AsRef<Path>>(
        &mut self,
        paths: impl IntoIterator<Item = P>,
    ) -> Result<Vec<Content>, (usize, std::io::Error)> {
        let (mut contents, mut small) = (Vec::with_capacity(Self::AT_ONCE), Vec::with_capacity(Self::AT_ONCE));
        let mut used = 0;
        for (index, path) in paths.into_iter().enumerate() {
            let room = self.0.len() - BUFFER;
            let (rest, buffer) = self.0[used..].split_at_mut((room - used).min(Self::SMALL));
            let read = || {
                let mut file = File::open(path)?;
                let length = fill(&mut file, rest)?;
                if length < rest.len() {
                    return Ok((length, None));
                }
                file.rewind()?;
                Ok((0, Some(streamed(&mut file, &mut buffer[..BUFFER])?)))
            };
            let (length, content) = read().map_err(|error| (index, error))?;
            if content.is_none() {
                small.push((index, used..used + length));
            }
            used += length;
            contents.push(content.unwrap_or_else(|| Content {
                size: length as u64,
                md5: Md5Sum::from([0; md5_lanes::LENGTH]),
                looks: Looks::of(&self.0[used - length..used]),
            }));
        }
        let bytes: Vec<&[u8]> = small.iter().map(|(_, place)| &self.0[place.clone()]).collect();
        for ((index, _), sum) in small.iter().zip(md5_lanes::digests(&bytes)) {
            contents[*index].md5 = sum.into();
        }
        Ok(contents)
    }
}

/// Reads until the end, or until `buffer` is full; how many bytes.
pub(crate) fn fill(file: &mut File, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match file.read(&mut buffer[length..]) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(length)
}

/// Reads a file from its start to its end, a `buffer` at a time.
fn streamed(file: &mut File, buffer: &mut [u8]) -> std::io::Result<Content> {
    let length = file.metadata()?.len();
    if length > parts::LARGEST {
        // It is refused by its size alone.
        return Ok(Content { size: length, md5: Md5Sum::of(&[]), looks: Looks::default() });
    }
    let is_large = length >= parts::FROM;
    let mut md5 = Md5::new();
    let mut crc64 = crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme);
    let mut size = 0;
    let mut looks = Looks::default();
    loop {
        let length = fill(file, buffer)?;
        if length == 0 {
            break;
        }
        if size == 0 {
            looks = Looks::of(&buffer[..length]);
        }
        if is_large {
            crc64.update(&buffer[..length]);
        } else {
            md5.update(&buffer[..length]);
        }
        size += length as u64;
    }
    let md5 = if is_large {
        Md5Sum::of_large(crc64.finalize().into(), size)
    } else {
        Md5Sum::from(<[u8; md5_lanes::LENGTH]>::from(md5.finalize()))
    };
    Ok(Content { size, md5, looks })
}

/// Fills `buffer` with what stands at `start`; a file that ends before is an error.
#[cfg(unix)]
pub(crate) fn fill_at(file: &File, buffer: &mut [u8], start: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, start)
}

/// Fills `buffer` with what stands at `start`; a file that ends before is an error.
#[cfg(windows)]
pub(crate) fn fill_at(file: &File, mut buffer: &mut [u8], mut start: u64) -> std::io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, start)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            length => {
                buffer = &mut buffer[length..];
                start += length as u64;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Crc64;

    #[test]
    fn a_file_is_read_at_a_place_and_not_behind_its_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"abcdef").unwrap();
        let open = File::open(file.path()).unwrap();
        let mut buffer = [0; 3];
        fill_at(&open, &mut buffer, 2).unwrap();
        assert_eq!(&buffer, b"cde");
        assert_eq!(fill_at(&open, &mut buffer, 4).unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
    }

    fn read(path: &Path) -> Content {
        Reader::new().read([path]).unwrap()[0]
    }

    #[test]
    fn a_large_file_has_another_sum() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let large = vec![7; usize::try_from(parts::FROM).unwrap()];
        std::fs::write(file.path(), &large).unwrap();
        assert_eq!(read(file.path()).md5, Md5Sum::of_large(Crc64::of(&large), large.len() as u64));
        std::fs::write(file.path(), &large[1..]).unwrap();
        assert_eq!(read(file.path()).md5, Md5Sum::of(&large[1..]));
    }

    #[test]
    fn files_of_all_sizes_are_read_to_their_ends() {
        let folder = tempfile::tempdir().unwrap();
        let edge = Reader::SMALL;
        let sizes = [0, 1, edge - 1, edge, edge + 1, BUFFER, BUFFER * 2 + 17].into_iter().chain([edge - 1; 40]);
        let files: Vec<_> =
            sizes.enumerate().map(|(number, size)| (folder.path().join(number.to_string()), size)).collect();
        let bytes = |size: usize| -> Vec<u8> { (0..size).map(|n| u8::try_from(n % 251).unwrap()).collect() };
        for (path, size) in &files {
            std::fs::write(path, bytes(*size)).unwrap();
        }
        let mut reader = Reader::new();
        // What was read before is not read again.
        for _ in 0..2 {
            let contents = reader.read(files.iter().map(|(path, _)| path)).unwrap();
            for ((_, size), content) in files.iter().zip(&contents) {
                assert_eq!((content.size, content.md5), (*size as u64, Md5Sum::of(&bytes(*size))), "{size} bytes");
            }
            assert_eq!(contents.len(), files.len());
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_told_by_its_place() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let missing = file.path().with_extension("missing");
        let (place, error) = Reader::new().read([file.path(), &missing]).unwrap_err();
        assert_eq!((place, error.kind()), (1, std::io::ErrorKind::NotFound));
    }

    #[test]
    fn what_a_file_looks_like_is_the_same_whoever_is_read_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let small: Vec<_> = (0..31).map(|number| folder.path().join(number.to_string())).collect();
        for path in &small {
            std::fs::write(path, vec![b'x'; Reader::SMALL - 1]).unwrap();
        }
        let large = folder.path().join("large");
        let key = "\n-----BEGIN PRIVATE KEY-----\n";
        for (at, looks) in [(BUFFER / 2, Looks::PrivateKey), (BUFFER + 1, Looks::Plain)] {
            std::fs::write(&large, [" ".repeat(at), key.to_owned(), " ".repeat(2 * BUFFER)].concat()).unwrap();
            let alone = Reader::new().read([&large]).unwrap();
            let behind = Reader::new().read(small.iter().chain([&large])).unwrap();
            assert_eq!((alone[0], alone[0].looks), (behind[31], looks));
        }
    }

    #[test]
    fn what_looks_like_a_page_or_a_key_is_known_by_its_first_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["<!doctype html>", "x", "-----BEGIN PRIVATE KEY-----"];
        let paths: Vec<_> = (0..files.len()).map(|number| folder.path().join(number.to_string())).collect();
        paths.iter().zip(files).for_each(|(path, text)| std::fs::write(path, text).unwrap());
        let looks: Vec<_> = Reader::new().read(&paths).unwrap().iter().map(|content| content.looks).collect();
        assert_eq!(looks, [Looks::Html, Looks::Plain, Looks::PrivateKey]);
    }
}
