//! `cargo xtask fuzz`: the fuzz tests with a large budget, round after round with fresh random cases.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use testkit::budget::{FACTOR, RAN};

use crate::program::{Output, Program, cargo};
use crate::report;

/// The first round is ten times a normal run; each next one grows until it fills the time that is left.
const FIRST_FACTOR: u32 = 10;

/// What the name of a fuzz test holds.
const FUZZ: &str = "fuzz_";

/// No round is larger: a failure should not wait for the end of an endless one.
const LARGEST_FACTOR: u32 = 2000;

/// How many cases each test has run.
type Ran = BTreeMap<String, u64>;

/// Runs the tests whose name holds `fuzz_` and, where there are words, one of them, for at least `minutes`.
pub(crate) fn run(minutes: u64, words: &[String]) -> Result<(), String> {
    // The time is for cases, and the first round says how many fit into the next one: nothing is compiled within it.
    let listed = tests(&["--", "--list", "--format=terse", FUZZ]).output()?;
    if listed.status != 0 {
        return Err(listed.text());
    }
    let names = chosen(&listed.stdout, words);
    if names.is_empty() {
        return Err("no fuzz test has such a name".to_owned());
    }
    let end = Instant::now() + Duration::from_secs(minutes.saturating_mul(60).min(7 * 24 * 3600));
    let mut ran = Ran::new();
    let mut factor = FIRST_FACTOR;
    loop {
        let start = Instant::now();
        let output = round(factor, &names)?;
        count(&output.stdout, &mut ran);
        if output.status != 0 {
            show(&ran);
            return Err(format!("{}\na failing case is kept below proptest-regressions/", output.text()));
        }
        if ran.is_empty() {
            return Err("no fuzz test said how many cases it ran".to_owned());
        }
        report::line(&format!("{:>6.0} s  factor {factor}: passed", start.elapsed().as_secs_f64()));
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        factor = next_factor(factor, start.elapsed(), left);
    }
    show(&ran);
    Ok(())
}

fn round(factor: u32, names: &[&str]) -> Result<Output, String> {
    tests(&["--", "--format=pretty", "--show-output", "--exact"]).args(names).env(FACTOR, factor.to_string()).output()
}

/// The fuzz tests of a harness' list whose name holds one of `words`; all of them without words.
fn chosen<'a>(list: &'a str, words: &[String]) -> Vec<&'a str> {
    let names = list.lines().filter_map(|line| line.strip_suffix(": test")).filter(|name| name.contains(FUZZ));
    let mut names: Vec<&str> =
        names.filter(|name| words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Every test but those of these tasks, and those in documentation: none of them is a property.
fn tests(arguments: &[&str]) -> Program {
    Program::new(cargo())
        .args([
            "test",
            "--quiet",
            "--workspace",
            "--exclude",
            "xtask",
            "--locked",
            "--no-fail-fast",
            "--lib",
            "--bins",
            "--tests",
        ])
        .args(arguments)
        .env("CARGO_TERM_COLOR", "never")
}

/// The factor that fills `left`, judged by the last round.
fn next_factor(factor: u32, took: Duration, left: Duration) -> u32 {
    let rate = f64::from(factor) / took.as_secs_f64().max(0.001);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the value is clamped to the range")]
    let fitting = (rate * left.as_secs_f64()).clamp(1.0, f64::from(LARGEST_FACTOR)) as u32;
    fitting.min(factor.saturating_mul(4))
}

/// Adds what each test says it ran: the harness shows what a test printed below a line with the test's name.
fn count(stdout: &str, ran: &mut Ran) {
    let mut test = String::new();
    for line in stdout.lines() {
        if let Some(name) = line.strip_prefix("---- ").and_then(|line| line.strip_suffix(" stdout ----")) {
            name.clone_into(&mut test);
        }
        if let Some(cases) = line.strip_prefix(RAN).and_then(|cases| cases.trim().parse::<u64>().ok())
            && test.contains(FUZZ)
        {
            *ran.entry(test.clone()).or_default() += cases;
        }
    }
}

fn show(ran: &Ran) {
    for (test, cases) in ran {
        report::line(&format!("{cases:>10} cases  {test}"));
    }
    report::line(&format!("{:>10} cases in {} tests", ran.values().sum::<u64>(), ran.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_counted_by_test() {
        let mut ran = Ran::new();
        let output = "---- a::fuzz_one stdout ----\nfuzz cases: 20\n\n---- b::other stdout ----\nfuzz cases: 7\n";
        count(output, &mut ran);
        count(output, &mut ran);
        assert_eq!(ran, Ran::from([("a::fuzz_one".to_owned(), 40)]));
    }

    #[test]
    fn words_choose_among_the_fuzz_tests_alone() {
        let list = "a::fuzz_one: test\nb::manifest::fuzz_two: test\nb::manifest::other: test\nfuzz_bench: benchmark\n\na::fuzz_one: test\n";
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(chosen(list, &[]), ["a::fuzz_one", "b::manifest::fuzz_two"]);
        assert_eq!(chosen(list, &words(&["manifest", "other"])), ["b::manifest::fuzz_two"]);
        assert!(chosen(list, &words(&["other"])).is_empty());
    }

    #[test]
    fn a_round_grows_by_four_at_most_and_fits_into_what_is_left() {
        let seconds = Duration::from_secs;
        assert_eq!(next_factor(10, seconds(1), seconds(600)), 40);
        assert_eq!(next_factor(100, seconds(60), seconds(30)), 50);
        assert_eq!(next_factor(1000, seconds(1), seconds(600)), LARGEST_FACTOR);
        assert_eq!(next_factor(10, seconds(60), Duration::ZERO), 1);
    }
}
