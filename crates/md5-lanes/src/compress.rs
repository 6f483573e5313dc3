//! MD5's four rounds (<https://www.rfc-editor.org/rfc/rfc1321#section-3.4>), of all lanes at once.

use wide::u32x8;

/// How many bytes a block has.
pub(crate) const BLOCK: usize = 64;

/// How many messages there are room for: of the vectors of four words that every x86-64 and every 64-bit ARM has it takes two, since a
/// step of one has to wait for the step before it.
pub(crate) const LANES: usize = 8;

/// A block of a message.
pub(crate) type Block = [u8; BLOCK];

/// A word of each lane.
pub(crate) type Words = u32x8;

/// What a state begins as.
pub(crate) const START: [u32; 4] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// The whole part of 2^32 times the sine of each step's number.
const SINES: [u32; 64] = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];

/// Takes the next block of each lane into its state.
// What calls it may be built for size.
#[inline(never)]
pub(crate) fn compress(state: &mut [Words; 4], blocks: &[&Block; LANES]) {
    let mut words = [[0; LANES]; BLOCK / 4];
    for (lane, block) in blocks.iter().enumerate() {
        for (all, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            all[lane] = u32::from_le_bytes(*bytes);
        }
    }
    let words = words.map(Words::new);
    let word = |number: usize| words[number % words.len()];
    let after = round::<0, 7, 12, 17, 22>(|x, y, z| z ^ (x & (y ^ z)), *state, word);
    let after = round::<1, 5, 9, 14, 20>(|x, y, z| y ^ (z & (x ^ y)), after, |step| word(5 * step + 1));
    let after = round::<2, 4, 11, 16, 23>(|x, y, z| x ^ y ^ z, after, |step| word(3 * step + 5));
    let after = round::<3, 6, 10, 15, 21>(|x, y, z| y ^ (x | !z), after, |step| word(7 * step));
    for (words, after) in state.iter_mut().zip(after) {
        *words += after;
    }
}

/// Round `R` of 16 steps, which rotate by `S0` to `S3` bits in turn; `mix` is its function, and `word` the word of each step.
#[inline]
fn round<const R: usize, const S0: u32, const S1: u32, const S2: u32, const S3: u32>(
    mix: impl Fn(Words, Words, Words) -> Words,
    [mut a, mut b, mut c, mut d]: [Words; 4],
    word: impl Fn(usize) -> Words,
) -> [Words; 4] {
    for step in (0..16).step_by(4) {
        let word = |more: usize| word(step + more) + Words::splat(SINES[R * 16 + step + more]);
        a = turned::<S0>(a + mix(b, c, d) + word(0)) + b;
        d = turned::<S1>(d + mix(a, b, c) + word(1)) + a;
        c = turned::<S2>(c + mix(d, a, b) + word(2)) + d;
        b = turned::<S3>(b + mix(c, d, a) + word(3)) + c;
    }
    [a, b, c, d]
}

/// Rotated to the left.
#[inline]
fn turned<const BITS: u32>(words: Words) -> Words {
    (words << BITS) | (words >> (u32::BITS - BITS))
}
