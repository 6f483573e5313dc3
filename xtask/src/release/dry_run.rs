//! A release rehearsed as far as this machine can: built, packed, pinned, used by its SHA, and looked at from outside.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use flate2::Compression;
use testkit::Tools;

use super::archive::{self, Archive};
use super::lock::Lock;
use super::shelf::Shelf;
use super::source::Source;
use super::target::{TARGETS, Target};
use super::trial::{Run, Trial};
use super::{build, sample};
use crate::bench::script;
use crate::program::{ACTIONS, Program, binaries, root};
use crate::report::{Ended, Summary};
use crate::size::BUDGET;
use crate::test::Context;

/// No binary of a release is larger. The goal of the script is that of what a release ships: hashing a debug build takes
/// longer than that alone.
const LARGEST: u64 = 3 * BUDGET;

/// Where the lines of a dry run go.
type Say<'a> = &'a dyn Fn(&str);

/// The check of `cargo xtask test`: the same path with the binaries that are built already.
pub(crate) fn check(_: &Context, _: &mut Summary) -> Result<Ended, String> {
    crate::program::build_with_tests()?;
    run(Some(&binaries()), &|_| {})?;
    Ok(Ended::Passed(1))
}

/// Rehearses a release as far as this machine can.
pub(crate) fn run(bin_dir: Option<&Path>, say: Say<'_>) -> Result<(), String> {
    let folder = fresh_folder()?;
    let tools = Tools::ensure(&root()).map_err(|error| error.to_string())?;
    let source = Source::at(&folder.join("source"))?;
    say(&format!("Release of {} ({})", source.version()?, source.commit));
    let archives = folder.join("archives");
    let (packed, skipped) = make_archives(&source, bin_dir, &archives, say)?;
    let shelf = Shelf::open(&archives)?;
    let lock = Lock {
        version: source.version()?,
        url: shelf.url(),
        repository: sample::SLIPWAY.to_owned(),
        commit: source.commit.clone(),
    };
    let text = lock.render(&packed)?;
    std::fs::write(folder.join("release.lock"), &text).map_err(|error| format!("release.lock: {error}"))?;
    let mut trial = Trial::set(&folder, &tools, &source, &text)?;
    say(&format!("Pinned by {}: release.lock names {} archives", trial.commit, packed.len()));
    first_run(&trial, &shelf, say)?;
    trial.renew()?;
    second_run(&trial, &shelf, say)?;
    if bin_dir.is_none() || packed.iter().all(|archive| archive.binary_bytes <= LARGEST) {
        say("The script's own part of a run from the cache");
        script::check(&trial.tarball, &trial.cache(), say)?;
    }
    trial.refuses(&archives.join(archive::file_name(ACTIONS[0], Target::of_this_machine()?)), ACTIONS[0])?;
    say("A changed archive: refused, nothing of it was run");
    say("Not run here, because it needs GitHub: attestations, the draft, the upload, the publication, the tags");
    for target in &skipped {
        say(&format!("SKIPPED {target}"));
    }
    Ok(())
}

/// The output folder, emptied but for the clone that is built from.
fn fresh_folder() -> Result<PathBuf, String> {
    let folder = root().join("target/release-dry-run");
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    for entry in std::fs::read_dir(&folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.ends_with("source") {
            continue;
        }
        if path.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) }.map_err(wrong)?;
    }
    Ok(folder)
}

/// The archives of every target that this machine can build.
fn make_archives(
    source: &Source,
    bin_dir: Option<&Path>,
    output: &Path,
    say: Say<'_>,
) -> Result<(Vec<Archive>, Vec<String>), String> {
    let (mut packed, mut skipped) = (Vec::new(), Vec::new());
    for target in TARGETS {
        let start = Instant::now();
        let (binaries, level) = match bin_dir {
            Some(folder) if target == Target::of_this_machine()? => (root().join(folder), Compression::fast()),
            Some(_) => continue,
            None => match target.prepare() {
                Ok(()) => (build::dist(&source.folder, target)?, Compression::best()),
                Err(reason) => {
                    skipped.push(format!("{}: {reason}", target.name()));
                    continue;
                }
            },
        };
        let archives = archive::pack_all(&binaries, target, level, output)?;
        if bin_dir.is_none() {
            names_its_commit(&binaries, target, &source.commit)?;
            packs_alike(&archives, &binaries, target, &output.with_extension("again"))?;
        }
        for archive in &archives {
            say(&format!("  {:<24} {:>9} bytes, archive {:>9}", archive.tool, archive.binary_bytes, archive.bytes));
        }
        say(&format!("{}: {} archives in {}", target.name(), archives.len(), seconds(start.elapsed())));
        packed.extend(archives);
    }
    Ok((packed, skipped))
}

/// Asks this machine's binaries what they are.
fn names_its_commit(binaries: &Path, target: Target, commit: &str) -> Result<(), String> {
    for tool in ACTIONS.iter().filter(|_| Target::of_this_machine() == Ok(target)) {
        let output = Program::new(binaries.join(tool)).args(["--binary-version"]).output()?;
        if !output.stdout.starts_with(&format!("{tool} "))
            || !output.stdout.trim_end().ends_with(&format!(" ({commit})"))
        {
            return Err(format!("`{tool} --binary-version` does not name {commit}: {}", output.text()));
        }
    }
    Ok(())
}

/// Packs the same binaries once more: another hash would make every rebuild another release.
fn packs_alike(archives: &[Archive], binaries: &Path, target: Target, output: &Path) -> Result<(), String> {
    let again = archive::pack_all(binaries, target, Compression::best(), output)?;
    let differs = archives.iter().zip(&again).find(|(first, second)| first.sha256 != second.sha256);
    differs.map_or(Ok(()), |(first, _)| Err(format!("`{}` was packed to other bytes the second time", first.tool)))
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Every action downloads its own archive, checks it and runs; then the world is looked at.
fn first_run(trial: &Trial<'_>, shelf: &Shelf, say: Say<'_>) -> Result<(), String> {
    let run = trial.run("first.ndjson")?;
    let target = Target::of_this_machine()?;
    let (mut served, mut wanted) = (shelf.served(), ACTIONS.map(|tool| archive::file_name(tool, target)));
    served.sort();
    wanted.sort();
    if served != wanted {
        return Err(format!("downloaded was {served:?}, not each archive once"));
    }
    show("First run: each archive downloaded once and checked", &run, say);
    trial.evidence()?.iter().for_each(|text| say(&format!("  seen: {text}")));
    Ok(())
}

/// Nothing is downloaded again, and everything is deployed again, to a world that knows nothing of the first run.
fn second_run(trial: &Trial<'_>, shelf: &Shelf, say: Say<'_>) -> Result<(), String> {
    let run = trial.run("second.ndjson")?;
    let served = shelf.served();
    if !served.is_empty() {
        return Err(format!("downloaded again: {}", served.join(", ")));
    }
    show("Second run: everything from the cache, checked again", &run, say);
    trial.evidence().map(drop)
}

fn show(title: &str, run: &Run, say: Say<'_>) {
    say(&format!("{title}: {}", seconds(run.time)));
    for (step, time) in &run.steps {
        say(&format!("  {step:<40} {}", seconds(*time)));
    }
}
