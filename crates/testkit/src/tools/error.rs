//! Why the tools are not there.

use std::path::PathBuf;

/// What can go wrong while tools are installed.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ToolsError {
    /// The tool folder cannot be written.
    #[error("cannot write the tool folder `{}`", path.display())]
    #[diagnostic(code(tools::folder), help("make it writable, or set SLIPWAY_TOOLS_DIR to a folder that is"))]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A program that installs tools is missing.
    #[error("cannot run `{program}`")]
    #[diagnostic(code(tools::program), help("{help}"))]
    Program {
        /// The program.
        program: &'static str,
        /// How to get it.
        help: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// An installation step failed.
    #[error("`{step}` failed: {reason}")]
    #[diagnostic(code(tools::install), help("{help}; the whole output is in `{}`", log.display()))]
    Install {
        /// The command that failed.
        step: &'static str,
        /// The last line it printed.
        reason: String,
        /// What to do.
        help: &'static str,
        /// Its whole output.
        log: PathBuf,
    },
}
