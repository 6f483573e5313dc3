//! `cargo xtask size`: what a job downloads, against the budget and the last release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;

use crate::program::{ACTIONS, root};
use crate::release::archive::{self, Archive};
use crate::release::target::Target;
use crate::release::{build, lock};
use crate::report::line;

/// The most an archive may have, in bytes.
pub(crate) const BUDGET: u64 = 4_000_000;

/// How much an archive may grow over that of the last release, in percent.
const GROWTH: u64 = 10;

/// What may grow further, and why.
const ACCEPTED: &str = "tools/accepted-sizes.txt";

/// What `cargo xtask size` takes.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Take this machine's `dist` binaries from a folder instead of building them.
    #[arg(long, value_name = "DIR")]
    bin_dir: Option<PathBuf>,
}

/// The sizes of the last release, and its tag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Released {
    tag: String,
    sizes: BTreeMap<(String, String), u64>,
}

/// Packs this machine's binaries and prints the table; one that is too large is an error.
pub(crate) fn run(options: &Options) -> Result<(), String> {
    let target = Target::of_this_machine()?;
    let binaries = if let Some(folder) = &options.bin_dir {
        root().join(folder)
    } else {
        target.prepare().map_err(|reason| format!("{} cannot be built here: {reason}", target.name()))?;
        build::dist(&root(), target)?
    };
    let folder = root().join("target/size");
    let archives = archive::pack_all(&binaries, target, Compression::best(), &folder)?;
    let released = last_release(&root())?;
    for text in table(&archives, released.as_ref()) {
        line(&text);
    }
    let text = std::fs::read_to_string(root().join(ACCEPTED)).map_err(|error| format!("{ACCEPTED}: {error}"))?;
    let problems = too_large(&archives, released.as_ref(), &accepted(&text)?);
    if problems.is_empty() { Ok(()) } else { Err(problems.join("\n")) }
}

/// The archives that are over the budget, or grew by more than what is allowed and accepted.
fn too_large(archives: &[Archive], released: Option<&Released>, accepted: &BTreeMap<String, u64>) -> Vec<String> {
    let judge = |found: &Archive| {
        let Archive { tool, bytes, .. } = found;
        if *bytes > BUDGET {
            return Some(format!("`{tool}`: {bytes} bytes are over the budget of {BUDGET}"));
        }
        let released = released?;
        let before = *released.sizes.get(&(tool.clone(), found.target.name().to_owned()))?;
        let is_fine = *bytes <= before + before * GROWTH / 100 || accepted.get(tool).is_some_and(|most| bytes <= most);
        let change = change(before, *bytes);
        (!is_fine).then(|| {
            format!(
                "`{tool}`: {bytes} bytes are over the {GROWTH} % that it may grow ({}: {change}): make it smaller, or say \
                 in {ACCEPTED} how large it may be, and why",
                released.tag
            )
        })
    };
    archives.iter().filter_map(judge).collect()
}

/// The lines of [`ACCEPTED`]: a tool, the most bytes of its archive, the reason.
fn accepted(text: &str) -> Result<BTreeMap<String, u64>, String> {
    let entry = |line: &str| {
        let mut words = line.split_whitespace();
        let (tool, most) = (words.next()?, words.next()?.parse().ok()?);
        let has_reason = words.next().is_some();
        (ACTIONS.contains(&tool) && has_reason).then(|| (tool.to_owned(), most))
    };
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty());
    lines.map(|line| entry(line).ok_or_else(|| format!("{ACCEPTED}: not TOOL BYTES REASON: `{line}`"))).collect()
}

/// The table's lines.
fn table(archives: &[Archive], released: Option<&Released>) -> Vec<String> {
    let title = released.map_or("no release yet", |released| &released.tag);
    let mut lines = vec![format!("{:<24} {:>10} {:>10} {:>7} {:>16}", "tool", "binary", "archive", "budget", title)];
    for found in archives {
        let Archive { tool, target, bytes, binary_bytes, .. } = found;
        let before = released.and_then(|released| released.sizes.get(&(tool.clone(), target.name().to_owned())));
        let change = before.map_or_else(|| "-".to_owned(), |before| change(*before, *bytes));
        let share = format!("{} %", bytes * 100 / BUDGET);
        lines.push(format!("{tool:<24} {binary_bytes:>10} {bytes:>10} {share:>7} {change:>16}"));
    }
    lines
}

/// How much a size changed, in tenths of a percent.
fn change(before: u64, now: u64) -> String {
    let tenths = (i128::from(now) - i128::from(before)) * 1000 / i128::from(before.max(1));
    let sign = if tenths < 0 { '-' } else { '+' };
    let tenths = tenths.unsigned_abs();
    format!("{before} {sign}{}.{} %", tenths / 10, tenths % 10)
}

/// The highest `vX.Y.Z` of this clone: its release.lock has the lengths of its archives.
fn last_release(repository: &Path) -> Result<Option<Released>, String> {
    let git = |arguments: &[&str]| crate::release::source::git(repository, arguments);
    let tags = git(&["tag", "--list", "v*.*.*", "--sort=-version:refname"])?;
    let is_release = |tag: &&str| tag[1..].split('.').all(|part| part.parse::<u64>().is_ok());
    let Some(tag) = tags.lines().find(is_release) else { return Ok(None) };
    let text = git(&["show", &format!("{tag}:release.lock")])?;
    Ok(Some(Released { tag: tag.to_owned(), sizes: lock::sizes(&text) }))
}

#[cfg(test)]
mod tests;
