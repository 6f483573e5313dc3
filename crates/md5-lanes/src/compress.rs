//! MD5's four rounds (<https://www.rfc-editor.org/rfc/rfc1321#section-3.4>), of all lanes at once.

/// How many bytes a block has.
pub(crate) const BLOCK: usize = 64;

/// How many messages there are room for: two vectors of the four words that every x86-64 and every 64-bit ARM has.
pub(crate) const LANES: usize = 8;

/// How many lanes a vector has.
const WIDTH: usize = LANES / 2;

/// A block of a message.
pub(crate) type Block = [u8; BLOCK];

/// A word of each lane.
pub(crate) type Words = [u32; LANES];

/// A word of a lane of the first vector, and that of its neighbor in the second. Steps of both stand side by side, since one alone has to
/// wait for its own result.
type Two = [u32; 2];

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
pub(crate) fn compress(state: &mut [Words; 4], blocks: &[&Block; LANES]) {
    let mut words = [[0; LANES]; BLOCK / 4];
    for (lane, block) in blocks.iter().enumerate() {
        for (all, bytes) in words.iter_mut().zip(block.as_chunks().0) {
            all[lane] = u32::from_le_bytes(*bytes);
        }
    }
    // What is said here of a lane the compiler does for a vector of them.
    for lane in 0..WIDTH {
        let two = |words: &Words| [words[lane], words[lane + WIDTH]];
        let word = |number: usize| two(&words[number % words.len()]);
        let before = [two(&state[0]), two(&state[1]), two(&state[2]), two(&state[3])];
        let after = round::<0, 7, 12, 17, 22>(|x, y, z| z ^ (x & (y ^ z)), before, word);
        let after = round::<1, 5, 9, 14, 20>(|x, y, z| y ^ (z & (x ^ y)), after, |step| word(5 * step + 1));
        let after = round::<2, 4, 11, 16, 23>(|x, y, z| x ^ y ^ z, after, |step| word(3 * step + 5));
        let after = round::<3, 6, 10, 15, 21>(|x, y, z| y ^ (x | !z), after, |step| word(7 * step));
        for (words, (before, after)) in state.iter_mut().zip(before.iter().zip(after)) {
            words[lane] = before[0].wrapping_add(after[0]);
            words[lane + WIDTH] = before[1].wrapping_add(after[1]);
        }
    }
}

/// Round `R` of 16 steps, which rotate by `S0` to `S3` bits in turn; `mix` is its function, and `word` the word of each step.
#[inline]
fn round<const R: usize, const S0: u32, const S1: u32, const S2: u32, const S3: u32>(
    mix: impl Fn(u32, u32, u32) -> u32,
    [mut a, mut b, mut c, mut d]: [Two; 4],
    word: impl Fn(usize) -> Two,
) -> [Two; 4] {
    let mixed = |x: Two, y: Two, z: Two| [mix(x[0], y[0], z[0]), mix(x[1], y[1], z[1])];
    for step in (0..16).step_by(4) {
        let sine = |more: usize| SINES[R * 16 + step + more];
        a = turned::<S0>(a, mixed(b, c, d), word(step), sine(0), b);
        d = turned::<S1>(d, mixed(a, b, c), word(step + 1), sine(1), a);
        c = turned::<S2>(c, mixed(d, a, b), word(step + 2), sine(2), d);
        b = turned::<S3>(b, mixed(c, d, a), word(step + 3), sine(3), c);
    }
    [a, b, c, d]
}

/// What a step makes of the word that it changes.
#[inline]
fn turned<const BITS: u32>(old: Two, mixed: Two, word: Two, sine: u32, next: Two) -> Two {
    let one = |at: usize| {
        let sum = old[at].wrapping_add(mixed[at]).wrapping_add(word[at]).wrapping_add(sine);
        sum.rotate_left(BITS).wrapping_add(next[at])
    };
    [one(0), one(1)]
}
