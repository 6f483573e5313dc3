//! `cargo xtask size`: what a job downloads, against the budget and the last release.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;

use crate::program::root;
use crate::release::archive::{self, Archive};
use crate::release::target::Target;
use crate::release::{build, lock};
use crate::report::line;

/// The most an archive may have, in bytes.
const BUDGET: u64 = 4_000_000;

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

/// Packs this machine's binaries and prints the table; one over the budget is an error.
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
    let over: Vec<&str> = archives.iter().filter(|found| found.bytes > BUDGET).map(|found| &*found.tool).collect();
    if over.is_empty() { Ok(()) } else { Err(format!("over the budget of {BUDGET} bytes: {}", over.join(", "))) }
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
