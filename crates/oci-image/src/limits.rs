//! How much a packed file may unpack to.

/// The largest layer (<https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html>), uncompressed.
pub const LAYER_LIMIT: u64 = 52_000 * 1024 * 1024;

/// What a packed file may unpack to whatever its size.
const ALWAYS_UNPACKED: u64 = 1024 * 1024 * 1024;

/// How many times larger than itself a packed file may be once it is unpacked.
const RATIO: u64 = 200;

/// How many times larger than itself a whole archive may be once its layers are unpacked; honest ones are four times.
const ARCHIVE_RATIO: u64 = 20;

/// What a packed file of `packed` bytes may unpack to.
pub fn unpacked_limit(packed: u64) -> u64 {
    packed.saturating_mul(RATIO).clamp(ALWAYS_UNPACKED, LAYER_LIMIT)
}

/// What the packed layers of an archive of `length` bytes may unpack to in all.
pub(crate) fn archive_limit(length: u64) -> u64 {
    length.saturating_mul(ARCHIVE_RATIO).max(LAYER_LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_small_may_unpack_to_much_and_what_is_large_to_no_more_than_a_layer() {
        assert_eq!(unpacked_limit(10), ALWAYS_UNPACKED);
        assert_eq!(unpacked_limit(ALWAYS_UNPACKED / 100), ALWAYS_UNPACKED / 100 * RATIO);
        assert_eq!(unpacked_limit(u64::MAX), LAYER_LIMIT);
    }

    #[test]
    fn many_small_layers_unpack_to_no_more_than_a_few_times_their_archive() {
        assert_eq!(archive_limit(1 << 20), LAYER_LIMIT);
        assert_eq!(archive_limit(10 << 30), 200 << 30);
    }
}
