//! Memory for parts, used again and again: that of a part is asked of the system once.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

/// The memory that is free.
#[derive(Debug, Clone, Default)]
pub(super) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

/// Memory in use; it comes back when the last byte was sent.
struct Buffer {
    bytes: Vec<u8>,
    length: usize,
    home: Buffers,
}

impl Buffers {
    /// `length` bytes that `fill` makes.
    pub(super) fn filled<E>(&self, length: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Bytes, E> {
        let mut bytes = self.free().pop().unwrap_or_default();
        if bytes.len() < length {
            bytes.resize(length, 0);
        }
        let mut buffer = Buffer { bytes, length, home: self.clone() };
        fill(buffer.bytes.get_mut(..length).unwrap_or_default())?;
        Ok(Bytes::from_owner(buffer))
    }

    fn free(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        self.home.free().push(std::mem::take(&mut self.bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_comes_back_and_shows_only_what_was_filled() {
        let buffers = Buffers::default();
        let fill = |byte: u8| {
            move |bytes: &mut [u8]| {
                bytes.fill(byte);
                Ok::<(), ()>(())
            }
        };
        let long = buffers.filled(10, fill(1)).unwrap();
        let place = long.as_ptr();
        drop(long);
        let short = buffers.filled(3, fill(2)).unwrap();
        assert_eq!((short.as_ref(), short.as_ptr()), (&[2, 2, 2][..], place));
        assert!(buffers.filled(5, |_| Err(())).is_err());
        drop(short);
        assert_eq!(buffers.free().len(), 2);
    }
}
