//! How much a fuzz test does: little in a normal run, as much as is asked for in a long one. The one place that decides it.
//!
//! A fuzz test is a property test named `fuzz_*` that asks here for its number of cases. `cargo xtask fuzz` multiplies it.

/// The environment variable that multiplies every number of cases.
pub const FACTOR: &str = "SLIPWAY_FUZZ_FACTOR";

/// What the line starts with by which a fuzz test tells how many cases it runs; the number follows.
pub const RAN: &str = "fuzz cases: ";

/// The number of cases to run where a normal run has `normal`.
///
/// It is also printed (captured by the test harness, and shown by `--show-output`), so that a long run can count.
pub fn cases(normal: u32) -> u32 {
    let cases = normal.saturating_mul(factor(std::env::var(FACTOR).ok().as_deref()));
    #[allow(clippy::print_stdout, reason = "the harness captures what a test prints")]
    {
        println!("{RAN}{cases}");
    }
    cases
}

/// The factor that `text` asks for; without a positive number everything stays as it is.
fn factor(text: Option<&str>) -> u32 {
    text.and_then(|text| text.parse().ok()).filter(|factor| *factor > 0).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::factor;

    #[test]
    fn only_a_positive_number_is_a_factor() {
        assert_eq!(factor(None), 1);
        assert_eq!(factor(Some("20")), 20);
        for text in ["", "0", "-3", "many"] {
            assert_eq!(factor(Some(text)), 1, "{text}");
        }
    }
}
