//! MD5 of many small messages at a time.
//!
//! Of one message each step waits for the one before it, and a processor of today is idle most of that time. Steps of several messages
//! do not wait for each other: four of them are one instruction, and two such instructions go side by side. A site is thousands of files
//! whose MD5 is asked for, because that is what S3 lists.

mod compress;

use compress::{BLOCK, Block, LANES, START, Words, compress};

/// How many bytes a digest has.
pub const LENGTH: usize = 16;

/// The MD5 of each message (<https://www.rfc-editor.org/rfc/rfc1321>), in their order.
///
/// It costs least where there are 16 messages or more of about the same length; a single one is better served by the crate `md-5`.
pub fn digests(messages: &[&[u8]]) -> Vec<[u8; LENGTH]> {
    let mut digests = vec![[0; LENGTH]; messages.len()];
    let mut waiting: Vec<_> = messages.iter().zip(&mut digests).collect();
    // The longest go first: then the lanes come to their ends together.
    waiting.sort_unstable_by_key(|(message, _)| message.len());
    let mut lanes: [Option<Lane<'_>>; LANES] = Default::default();
    let mut state = START.map(Words::splat);
    loop {
        for (number, lane) in lanes.iter_mut().enumerate().filter(|(_, lane)| lane.is_none()) {
            *lane = waiting.pop().map(|(message, digest)| Lane::new(message, digest));
            for (words, start) in state.iter_mut().zip(START) {
                words.as_mut_array()[number] = start;
            }
        }
        if lanes.iter().all(Option::is_none) {
            return digests;
        }
        compress(&mut state, &std::array::from_fn(|number| lanes[number].as_ref().map_or(&[0; BLOCK], Lane::block)));
        for (number, lane) in lanes.iter_mut().enumerate() {
            if lane.as_mut().is_some_and(|lane| !lane.goes_on()) {
                lane.take().into_iter().for_each(|lane| lane.end(&state, number));
            }
        }
    }
}

/// A message that is on its way.
struct Lane<'a> {
    /// Its whole blocks that are not read yet.
    whole: &'a [Block],
    /// What comes behind them: the rest of the message, one bit that is set, and the message's length.
    last: [Block; 2],
    /// How many of these are read; the first is none where the second has room for all.
    read: usize,
    digest: &'a mut [u8; LENGTH],
}

impl<'a> Lane<'a> {
    fn new(message: &'a [u8], digest: &'a mut [u8; LENGTH]) -> Self {
        let (whole, rest) = message.as_chunks();
        let mut last = [[0; BLOCK]; 2];
        let bits = (message.len() as u64).wrapping_mul(8).to_le_bytes();
        let room = BLOCK - bits.len();
        let read = usize::from(rest.len() < room);
        last[read][..rest.len()].copy_from_slice(rest);
        last[read][rest.len()] = 0x80;
        last[1][room..].copy_from_slice(&bits);
        Self { whole, last, read, digest }
    }

    fn block(&self) -> &Block {
        self.whole.first().unwrap_or(&self.last[self.read])
    }

    /// Goes on behind the block; false at the end.
    fn goes_on(&mut self) -> bool {
        match self.whole.split_first() {
            Some((_, rest)) => self.whole = rest,
            None => self.read += 1,
        }
        self.read < self.last.len()
    }

    /// Takes the digest out of what the lane with this number has.
    fn end(self, state: &[Words; 4], number: usize) {
        for (bytes, words) in self.digest.as_chunks_mut().0.iter_mut().zip(state) {
            *bytes = words.as_array()[number].to_le_bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use md5::{Digest as _, Md5};
    use proptest::prelude::*;

    use super::*;

    fn check(messages: &[Vec<u8>]) {
        let ours = digests(&messages.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let theirs: Vec<[u8; LENGTH]> = messages.iter().map(|message| Md5::digest(message).into()).collect();
        assert_eq!(ours, theirs);
    }

    #[test]
    fn a_message_of_any_length_has_its_digest() {
        check(&(0..=3 * BLOCK).map(|length| vec![7; length]).collect::<Vec<_>>());
    }

    #[test]
    fn the_rfc_s_own_examples() {
        let hex = |message: &[u8]| digests(&[message])[0].map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(hex(b""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hex(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert!(digests(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn each_message_has_its_own_digest(messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..40)) {
            check(&messages);
        }
    }
}
