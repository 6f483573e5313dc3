//! `cargo xtask release`: the archives of a release, the lock that pins them, and a rehearsal of both.
//!
//! It publishes nothing: that is release.yml's work, which calls `build` and `lock`. Attestations, the upload and the
//! publication need GitHub and are not run here.

pub(crate) mod archive;
pub(crate) mod build;
pub(crate) mod dry_run;
pub(crate) mod lock;
mod sample;
mod shelf;
pub(crate) mod source;
mod stack;
pub(crate) mod target;
mod trial;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use flate2::Compression;

use crate::program::{ACTIONS, root};
use crate::report::line;
use archive::Archive;
use lock::Lock;
use target::{TARGETS, Target};
pub(crate) use trial::cache;

/// What `cargo xtask release` takes.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(subcommand)]
    step: Option<Step>,
    /// Build the archives, pin them in a commit of a temporary clone, and run all actions pinned to that commit.
    #[arg(long)]
    dry_run: bool,
    /// Take this machine's binaries from a folder instead of building them.
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    bin_dir: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Build the archives of one target from the working tree.
    Build {
        /// The target triple.
        #[arg(long)]
        target: String,
        /// The folder for the archives.
        #[arg(long)]
        output: PathBuf,
    },
    /// Write release.lock for the archives of every target.
    Lock {
        /// The version, without a `v`.
        #[arg(long)]
        version: String,
        /// The repository whose release it is: OWNER/NAME.
        #[arg(long)]
        repository: String,
        /// The commit that was built.
        #[arg(long)]
        commit: String,
        /// The folder of the archives.
        #[arg(long)]
        archives: PathBuf,
        /// The file to write.
        #[arg(long)]
        output: PathBuf,
    },
}

/// Runs what was asked for.
pub(crate) fn run(options: Options) -> Result<(), String> {
    match options.step {
        Some(Step::Build { target, output }) => build_step(&target, &output),
        Some(Step::Lock { version, repository, commit, archives, output }) => {
            let url = format!("https://github.com/{repository}/releases/download/v{version}");
            let text = Lock { version, url, repository, commit }.render(&read_all(&archives)?)?;
            std::fs::write(&output, text).map_err(|error| format!("{}: {error}", output.display()))
        }
        None if options.dry_run => dry_run::run(options.bin_dir.as_deref(), &line),
        None => {
            Err("a release is made by .github/workflows/release.yml; here it can be rehearsed: `--dry-run`".to_owned())
        }
    }
}

fn build_step(target: &str, output: &Path) -> Result<(), String> {
    let target = Target::parse(target)?;
    target.prepare().map_err(|reason| format!("{} cannot be built here: {reason}", target.name()))?;
    let binaries = build::dist(&root(), target)?;
    for archive in archive::pack_all(&binaries, target, Compression::best(), output)? {
        line(&format!("{}  {}  {} bytes", archive.sha256, archive::file_name(&archive.tool, target), archive.bytes));
    }
    Ok(())
}

/// Every archive of every target; a missing one is an error, for a release is whole or it is not made.
fn read_all(folder: &Path) -> Result<Vec<Archive>, String> {
    let pairs = TARGETS.into_iter().flat_map(|target| ACTIONS.map(|tool| (tool, target)));
    pairs.map(|(tool, target)| archive::read(tool, target, folder)).collect()
}
