//! Reading files that others wrote, and no more of them than they can honestly have.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// The bytes of the file `path`; an error when there are more than `most`, found before they are all in memory.
pub fn read_limited(path: &Path, most: u64) -> Result<Vec<u8>> {
    let file = File::open(path)?;
    // As large as it says; a file that is no plain one says nothing, and one that grows is read all the same.
    let length = file.metadata()?.len().min(most).saturating_add(1);
    read_into(Vec::with_capacity(usize::try_from(length).unwrap_or_default()), file, most)
}

/// The text of the file `path`, which must be UTF-8; an error when there are more than `most` bytes.
pub fn read_text_limited(path: &Path, most: u64) -> Result<String> {
    let bytes = read_limited(path, most)?;
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        Error::new(ErrorKind::InvalidData, format!("line {line} is not UTF-8 text"))
    })
}

/// Everything that `reader` gives; an error when that is more than `most` bytes.
pub fn limited(reader: impl Read, most: u64) -> Result<Vec<u8>> {
    read_into(Vec::new(), reader, most)
}

fn read_into(mut bytes: Vec<u8>, reader: impl Read, most: u64) -> Result<Vec<u8>> {
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::new(ErrorKind::FileTooLarge, format!("it has more than {} KiB", most / 1024)));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_fits_and_names_the_limit_of_what_does_not() {
        assert_eq!(limited(&b"abc"[..], 3).unwrap(), b"abc");
        let error = limited(std::io::repeat(b'x'), 2048).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 2 KiB");
    }

    #[test]
    fn text_that_is_none_is_refused_with_its_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"a\nb\xFF").unwrap();
        assert_eq!(read_text_limited(file.path(), 99).unwrap_err().to_string(), "line 2 is not UTF-8 text");
    }
}
