//! The matrix of hostile values: each input of an action with each value that tries to be more than text.
//!
//! For tests only: a run that panics, ends with a code of its own kind of bug, writes where it has no business or reports outputs
//! that nobody declared ends the test with the input and the value.
#![allow(clippy::expect_used, reason = "test-facing: an action that does not describe itself cannot be tested")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::runner::{FakeRunner, RunOutput};

/// Values that no input can mean. A NUL and more than 128 KiB cannot be in an environment variable, so they are not here.
fn values() -> Vec<(&'static str, String)> {
    vec![
        ("a newline", "a\nb\n::error::boom\nname=value".to_owned()),
        ("workflow commands", "::error::boom::set-output name=x::y ##[error]z %0A".to_owned()),
        ("Markdown", "`</details>` | ```x``` <script> @acme/ops [a](http://x.example)".to_owned()),
        ("shell", "$(touch owned) `touch owned`; touch owned & ${IFS} '\"".to_owned()),
        ("a path", "../owned".to_owned()),
        ("an absolute path", "/proc/self/environ".to_owned()),
        ("bidirectional marks", "\u{202E}gnp.\u{2066}exe\u{200F}\u{1b}[2J\u{7}".to_owned()),
        ("a flag", "--dry-run=false".to_owned()),
        ("a huge number", "99999999999999999999999999h".to_owned()),
        ("a long duration", "5000000000000000h".to_owned()),
        ("a long text", "a/".repeat(60_000)),
    ]
}

/// Runs `program` once for each input and value, all else as `runner` makes it.
///
/// # Panics
///
/// When a run does not behave.
#[track_caller]
pub fn check(program: &str, runner: impl Fn() -> FakeRunner) {
    check_with_places(program, &[], runner);
}

/// The same for a program whose inputs `places` say where it writes: what they name may be made, and nothing beside it.
///
/// # Panics
///
/// When a run does not behave.
#[track_caller]
pub fn check_with_places(program: &str, places: &[&str], runner: impl Fn() -> FakeRunner) {
    check_all(program, &[], places, &runner);
}

/// The same for the command `word` of a program.
///
/// # Panics
///
/// When a run does not behave.
#[track_caller]
pub fn check_command(program: &str, word: &str, runner: impl Fn() -> FakeRunner) {
    check_all(program, &[word], &[], &runner);
}

#[track_caller]
fn check_all(program: &str, words: &[&str], places: &[&str], runner: &dyn Fn() -> FakeRunner) {
    let described = runner().run(program, words.iter().chain(&["--describe"]));
    let described: Value = serde_json::from_str(&described.stdout).expect("the action describes itself as JSON");
    let names = |list: &str| -> BTreeSet<String> {
        let entries = described[list].as_array().into_iter().flatten();
        entries.filter_map(|entry| entry["name"].as_str()).map(str::to_owned).collect()
    };
    let (inputs, outputs) = (names("inputs"), names("outputs"));
    assert!(!inputs.is_empty() && !outputs.is_empty(), "{described}");
    for input in &inputs {
        for (kind, value) in values() {
            let runner = runner().with_one_certificate().input(input, &value);
            let before = listing(runner.root());
            let output = runner.run(program, words);
            let what = format!("`{input}` with {kind}");
            check_run(&what, &output, &outputs);
            let new: Vec<PathBuf> = listing(runner.root()).difference(&before).cloned().collect();
            let asked = |path: &Path| places.contains(&input.as_str()) && path.starts_with(runner.root().join("owned"));
            let bad: Vec<&PathBuf> =
                new.iter().filter(|path| !asked(path) && !may_be_written(path, runner.root())).collect();
            assert!(bad.is_empty(), "{what} made {bad:?}");
        }
    }
}

fn check_run(what: &str, output: &RunOutput, outputs: &BTreeSet<String>) {
    let shown = || format!("{what}\nstdout: {:.3000}\nstderr: {:.3000}", output.stdout, output.stderr);
    assert!((0..=2).contains(&output.code), "exit code {} of {}", output.code, shown());
    assert!(!output.stderr.contains("panicked"), "{}", shown());
    assert!(!output.stderr.trim().is_empty() || output.code == 0, "no message of {}", shown());
    let printed = output.stdout.lines().chain(output.stderr.lines()).filter(|line| !line.starts_with("::add-mask::"));
    let total = printed.map(str::len).sum::<usize>() + output.summary.len();
    assert!(total < 100_000, "{total} bytes were written by {}", shown());
    let reported: BTreeSet<&String> = output.outputs.keys().collect();
    let declared: BTreeSet<&String> = outputs.iter().collect();
    assert!(reported.is_subset(&declared), "{reported:?} of {}", shown());
    assert!(output.code != 0 || reported == declared, "{reported:?} of {}", shown());
    let ours = ["notice", "warning", "error", "debug", "group", "endgroup", "add-mask"];
    // A mask must be the very bytes that are to be hidden.
    let lines = output.stdout.lines().chain(output.stderr.lines()).filter(|line| !line.starts_with("::add-mask::"));
    for line in lines {
        let command =
            line.trim_start().strip_prefix("::").map(|rest| rest.split([' ', ':']).next().unwrap_or_default());
        assert!(command.is_none_or(|name| ours.contains(&name)), "{line:?} of {}", shown());
        // The older form is looked for only where the line is no command already.
        assert!(command.is_some() || !line.contains("##["), "{line:?} of {}", shown());
        assert!(!line.starts_with("::error::boom"), "a forged command of {}", shown());
        let is_hidden =
            |c: char| (c.is_control() && c != '\t') || ('\u{202A}'..='\u{202E}').contains(&c) || c == '\u{2066}';
        assert!(!line.contains(is_hidden), "{line:?} of {}", shown());
    }
}

/// Where a run may leave what it likes; the files of commands are there before it. No value may choose a name elsewhere, or be a command.
fn may_be_written(path: &Path, root: &Path) -> bool {
    let own =
        ["workspace", "temp", "tmp", "home", "tool-cache"].iter().any(|folder| path.starts_with(root.join(folder)));
    own && !path.ends_with("owned")
}

/// Every path below `folder`.
fn listing(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("a folder of a run can be listed").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(listing(&path));
        }
        found.insert(path);
    }
    found
}

/// Makes `path` a file of 300 MB without a line's end. It takes no room on the disk.
///
/// # Panics
///
/// When the file cannot be made.
pub fn make_huge(path: &Path) {
    let file = std::fs::File::create(path).expect("a file can be made");
    file.set_len(300 * 1024 * 1024).expect("a file can be long");
}

/// Checks that `program` refuses a huge file at `path` of the workspace for its size: bad input, said in few words.
///
/// # Panics
///
/// When it is taken, or refused for another reason or at length.
#[track_caller]
pub fn check_huge(program: &str, runner: &FakeRunner, arguments: &[&str], path: &str) {
    make_huge(&runner.workspace().join(path));
    let output = runner.run(program, arguments);
    output.assert_code(2);
    let name = path.rsplit('/').next().unwrap_or(path);
    assert!(output.stderr.contains(name) && output.stderr.len() < 4000, "{:.4000}", output.stderr);
    assert!(["more than", "larger than"].iter().any(|size| output.stderr.contains(size)), "{}", output.stderr);
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::may_be_written;

    #[test]
    fn a_value_chooses_no_place() {
        let root = Path::new("/r");
        for (path, may) in [
            ("/r/workspace/evidence/1.json", true),
            ("/r/tmp/x", true),
            ("/r/owned", false),
            ("/r/workspace/owned", false),
            ("/r/x", false),
            ("/r/workspace2/x", false),
        ] {
            assert_eq!(may_be_written(Path::new(path), root), may, "{path}");
        }
    }
}
