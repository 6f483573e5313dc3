//! The inputs as they are typed.

use crate::target::{DestinationArgs, OverrideArgs};

/// The action's inputs.
#[derive(Debug, Clone, clap::Args)]
pub struct ReduceArgs {
    /// The parts that `part-file` of terraform-plan-comment wrote: folders (every `*.json` in them, at any depth), files or globs, one per line.
    /// A folder that is not there has no parts. Links are not followed.
    #[arg(long, value_name = "PATHS", required = true)]
    pub parts: Vec<String>,
    /// The names of the roots that a part is expected of, one per line, separated by commas, or as the JSON list that a matrix is made of. A root without one is said, and the step
    /// fails. Empty: what is there is all.
    #[arg(long, value_name = "NAMES")]
    pub expect: Vec<String>,
    /// Where on the pull request they are shown.
    #[command(flatten)]
    pub destination: DestinationArgs,
    /// What lets pass what a plan's own `fail-on` refused. What a part says of that does not count.
    #[command(flatten)]
    pub overrides: OverrideArgs,
    /// Names this comment or region where a pull request has several, such as `production`. Letters, digits, spaces and `._/-`.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Also write all changes of all roots as one page for a browser into this file, for `actions/upload-artifact`. Folders on the way are
    /// made. A dry run writes none.
    #[arg(long, value_name = "FILE")]
    pub html_file: Option<String>,
}
