//! The command line.

use std::path::{Path, PathBuf};

/// Runs a repository's own workflows against a local stack: no cloud account, nothing outside of this machine.
#[derive(Debug, Clone, clap::Parser)]
#[command(name = "slipway-rehearse", version)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct Options {
    /// The repository to rehearse; it holds a `rehearsal.toml`.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub repo: PathBuf,
    /// Run only these, in the order of rehearsal.toml. Repeat the flag or separate with commas.
    #[arg(long, value_name = "RUN", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Make this run's deployment fail for real: the rehearsal must end non-zero with the right reason.
    #[arg(long = "break", value_name = "RUN")]
    pub breaks: Option<String>,
    /// Leave the stack running afterwards, for a look at it, until Ctrl-C.
    #[arg(long)]
    pub keep: bool,
    /// Only do what takes long the first time (tools, infrastructure applied to the emulator), then stop.
    #[arg(long)]
    pub prepare: bool,
    /// Make the resources through the API even where Terraform could.
    #[arg(long)]
    pub no_terraform: bool,
    /// Do not use a container engine even where one answers.
    #[arg(long)]
    pub no_docker: bool,
    /// The folder of the actions' binaries. Default: where this program is.
    #[arg(long, value_name = "DIR")]
    pub bin_dir: Option<PathBuf>,
    /// Where logs, summaries and evidence go. Default: `target/rehearsal` of the repository.
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

impl Options {
    /// The folder of the actions' binaries.
    pub(crate) fn binaries(&self) -> PathBuf {
        let beside = || std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.to_path_buf()));
        self.bin_dir.clone().or_else(beside).unwrap_or_else(|| PathBuf::from("."))
    }

    /// Where Slipway's own files are (the pinned tools): the folder above the binaries that has them, else the repository.
    pub(crate) fn slipway(&self, repository: &Path) -> PathBuf {
        let binaries = self.binaries();
        let binaries = std::fs::canonicalize(&binaries).unwrap_or(binaries);
        let has_tools = |folder: &&Path| folder.join("tools/requirements.txt").is_file();
        binaries.ancestors().find(has_tools).unwrap_or(repository).to_path_buf()
    }
}
