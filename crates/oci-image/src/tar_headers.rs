//! Reading a tar's headers with an end to how much one entry may say about itself.
//!
//! A tar may put a name of any length in front of an entry, and the reader of tars takes such a name into memory whole: a
//! few megabytes of gzip hold one of many gigabytes. What is read between two entries is nothing but such words, because
//! the content of files is skipped by seeking.

use std::cell::Cell;
use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};
use std::rc::Rc;

/// The most that may be read for the header of one entry, its long name and its extensions included.
const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// A tar whose headers are read, for `tar::Archive::entries_with_seek`.
#[derive(Debug)]
pub struct HeaderReader {
    file: File,
    left: Rc<Cell<u64>>,
}

/// What may be read until the next entry.
#[derive(Debug)]
pub struct HeaderBudget(Rc<Cell<u64>>);

impl HeaderReader {
    /// Reads the headers of `file`. Call [`HeaderBudget::renew`] in front of every entry.
    pub fn new(file: File) -> (Self, HeaderBudget) {
        let left = Rc::new(Cell::new(MOST_BYTES));
        (Self { file, left: Rc::clone(&left) }, HeaderBudget(left))
    }
}

impl HeaderBudget {
    /// Lets the next entry be read.
    pub fn renew(&self) {
        self.0.set(MOST_BYTES);
    }
}

impl Read for HeaderReader {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = self.left.get();
        if left == 0 && !buffer.is_empty() {
            let problem = format!("the name or the extensions of an entry take more than {} KiB", MOST_BYTES / 1024);
            return Err(Error::new(ErrorKind::FileTooLarge, problem));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let read = self.file.read(&mut buffer[..most])?;
        self.left.set(left - read as u64);
        Ok(read)
    }
}

impl Seek for HeaderReader {
    fn seek(&mut self, place: SeekFrom) -> Result<u64> {
        self.file.seek(place)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    /// A tar with a long name of `length` bytes in front of its second file.
    fn archive(length: u64) -> File {
        let mut builder = tar::Builder::new(tempfile::tempfile().unwrap());
        let mut header = tar::Header::new_gnu();
        header.set_size(4_000_000);
        builder.append_data(&mut header, "large", std::io::repeat(b'x').take(4_000_000)).unwrap();
        header.set_entry_type(tar::EntryType::GNULongName);
        header.set_size(length);
        builder.append_data(&mut header, "L", std::io::repeat(b'n').take(length)).unwrap();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(1);
        builder.append_data(&mut header, "short", b"x".as_slice()).unwrap();
        let mut file = builder.into_inner().unwrap();
        file.flush().unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file
    }

    fn names(file: File) -> Result<Vec<usize>> {
        let (reader, budget) = HeaderReader::new(file);
        let mut archive = tar::Archive::new(reader);
        let mut entries = archive.entries_with_seek()?;
        let mut names = Vec::new();
        loop {
            budget.renew();
            let Some(entry) = entries.next() else { return Ok(names) };
            names.push(entry?.path_bytes().len());
        }
    }

    #[test]
    fn large_files_and_long_names_are_read() {
        assert_eq!(names(archive(100_000)).unwrap(), [5, 100_000]);
    }

    #[test]
    fn an_endless_name_is_refused_before_it_is_in_memory() {
        assert!(names(archive(3 * MOST_BYTES)).unwrap_err().to_string().contains("2048 KiB"));
    }
}
