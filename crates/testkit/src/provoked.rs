//! Which error codes real processes printed while tests ran: the proof that a test provokes each code of the catalogue.
//!
//! A folder that `SLIPWAY_PROVOKED_DIR` names holds an empty file for each pair of code and exit code. Nothing is written without it, and only what
//! a program of ours printed counts, never what a test wrote itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use regex::Regex;

/// Names the folder.
pub const FOLDER: &str = "SLIPWAY_PROVOKED_DIR";

/// The programs that count: what is shipped, and the samples of what actions share.
const PROGRAMS: [&str; 10] = [
    "version-detect",
    "build-and-tag",
    "ecr-push",
    "ecs-deploy",
    "s3-sync-invalidate",
    "terraform-plan-comment",
    "slipway-rehearse",
    "run-action.sh",
    "core-sample",
    "aws-connect",
];

/// Each code with the exit codes of the processes that ended with it; none where it was a part of another failure.
pub type Seen = BTreeMap<String, BTreeSet<i32>>;

/// A code at the head of a line or of an annotation, or within the lines below.
static CODES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?m)(?:(?P<head>^|^::error (?:[a-z]+=[^:,]*,)*title=)|[\s`(])(?P<code>[a-z0-9]+(?:-[a-z0-9]+)*/[a-z0-9]+(?:-[a-z0-9]+)*)(?:: |::|,|;|`|\)|$)").ok()
});

/// Whether what this command prints counts: it is one of our programs, or a shell that runs our script.
pub(crate) fn counts(command: &Command) -> bool {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(Path::new).filter_map(Path::file_name).any(|name| PROGRAMS.iter().any(|ours| name == *ours))
}

/// Notes the codes in what a program of ours printed before it ended with `exit`.
pub(crate) fn note(exit: i32, text: &str) {
    let Some(folder) = std::env::var_os(FOLDER).filter(|_| exit != 0) else { return };
    for (code, heads) in codes(text) {
        let exit = if heads { exit.to_string() } else { String::new() };
        // A folder that cannot be written shows in the end: the codes are missing.
        let _ = File::create(Path::new(&folder).join(format!("{}={exit}", code.replace('/', "+"))));
    }
}

/// Runs a command as [`Command::output`] does, and notes the codes that it printed.
///
/// # Errors
///
/// When it cannot be run.
pub fn output(command: &mut Command) -> std::io::Result<Output> {
    let output = command.output()?;
    let text = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if counts(command) {
        note(output.status.code().unwrap_or(-1), &text);
    }
    Ok(output)
}

/// Reads the folder.
///
/// # Errors
///
/// When it cannot be read.
pub fn seen(folder: &Path) -> std::io::Result<Seen> {
    let mut seen = Seen::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().replace('+', "/");
        if let Some((code, exit)) = name.split_once('=') {
            seen.entry(code.to_owned()).or_default().extend(exit.parse::<i32>());
        }
    }
    Ok(seen)
}

/// The codes in `text`, and whether each heads a line: then the process ended with it.
fn codes(text: &str) -> BTreeSet<(&str, bool)> {
    let Some(regex) = CODES.as_ref() else { return BTreeSet::new() };
    let found = regex.captures_iter(text);
    found.filter_map(|found| Some((found.name("code")?.as_str(), found.name("head").is_some()))).collect()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{codes, counts};

    #[test]
    fn only_programs_of_ours_count() {
        assert!(counts(&Command::new("/target/debug/ecs-deploy")));
        assert!(counts(Command::new("bash").args(["--norc", "/tmp/a/scripts/run-action.sh", "demo"])));
        assert!(!counts(Command::new("sh").args(["-c", "echo ecs-deploy/failed: x; exit 1"])));
    }

    #[test]
    fn codes_stand_in_heads_annotations_and_reasons() {
        for (text, expected) in [
            ("tea/empty: the cup is empty", vec![("tea/empty", true)]),
            ("::add-mask::x\n::error title=tea/empty::the cup", vec![("tea/empty", true)]),
            ("::error file=a.rs,line=1,title=tea/empty::the cup", vec![("tea/empty", true)]),
            ("  why:  tea/empty: the cup", vec![("tea/empty", false)]),
            ("pulled from ghcr.io/acme/web:latest and acme/web@sha256:1", vec![]),
            ("see ./tea/empty", vec![]),
        ] {
            assert_eq!(codes(text).into_iter().collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
