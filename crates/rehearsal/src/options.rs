//! The command line.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::config::{Config, Run};
use crate::problem::CommandProblem;

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
    /// Print version, as the actions' binaries do.
    #[arg(long, action = clap::ArgAction::Version)]
    pub binary_version: (),
}

/// Why there are no options.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// The help or the version was asked for: this is it.
    Said(String),
    /// The command line is wrong.
    Mistaken(CommandProblem),
}

/// Reads the command line.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Options, Stopped> {
    Options::try_parse_from(arguments).map_err(|error| match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Stopped::Said(error.render().to_string()),
        _ => Stopped::Mistaken(mistake(&error.render().to_string())),
    })
}

/// The three parts of what clap says.
fn mistake(text: &str) -> CommandProblem {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let starting = |prefix: &str| lines.iter().find_map(|line| line.strip_prefix(prefix));
    let message: Vec<&str> = lines
        .iter()
        .map(|line| line.strip_prefix("error: ").unwrap_or(line))
        .take_while(|line| !["tip: ", "Usage: ", "For more information"].iter().any(|part| line.starts_with(part)))
        .collect();
    let tip = starting("tip: ").map(|tip| format!("{tip}; ")).unwrap_or_default();
    CommandProblem::BadArgument {
        message: message.join(" "),
        usage: format!("it is used so: {}", starting("Usage: ").unwrap_or("slipway-rehearse [OPTIONS]")),
        help: format!("{tip}`slipway-rehearse --help` lists the flags"),
    }
}

impl Options {
    /// The runs that these options leave, in order: all, those of `--only`, or the one that `--break` names alone.
    pub(crate) fn runs<'a>(&self, config: &'a Config) -> Vec<&'a Run> {
        match &self.breaks {
            Some(name) if self.only.is_empty() => config.selected(std::slice::from_ref(name)),
            _ => config.selected(&self.only),
        }
    }

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

#[cfg(test)]
mod tests {
    use super::{CommandProblem, Stopped, parse};

    fn mistake(arguments: &[&str]) -> CommandProblem {
        let all = std::iter::once(&"slipway-rehearse").chain(arguments).map(Into::into);
        match parse(all) {
            Err(Stopped::Mistaken(problem)) => problem,
            other => panic!("{other:?} is no mistake"),
        }
    }

    #[test]
    fn a_misspelled_flag_is_told_in_three_parts() {
        let CommandProblem::BadArgument { message, usage, help } = mistake(&["--brake", "backend"]) else {
            panic!("another problem")
        };
        assert_eq!(message, "unexpected argument '--brake' found");
        assert_eq!(help, "a similar argument exists: '--break'; `slipway-rehearse --help` lists the flags");
        assert!(usage.contains("slipway-rehearse"), "{usage}");
    }

    #[test]
    fn a_missing_value_and_a_stray_word_are_mistakes() {
        for arguments in [["--repo"].as_slice(), &["backend"]] {
            assert!(matches!(mistake(arguments), CommandProblem::BadArgument { .. }));
        }
    }

    #[test]
    fn the_binary_s_version_is_said_as_by_the_actions() {
        let Err(Stopped::Said(text)) = parse(["slipway-rehearse", "--binary-version"].map(Into::into)) else {
            panic!("nothing was said")
        };
        assert_eq!(text, format!("slipway-rehearse {}\n", env!("CARGO_PKG_VERSION")));
    }

    #[test]
    fn help_is_no_mistake() {
        assert!(
            matches!(parse(["slipway-rehearse", "--help"].map(Into::into)), Err(Stopped::Said(text)) if text.contains("--break"))
        );
    }
}
