//! The inputs as they are typed.

use crate::target::{DestinationArgs, OverrideArgs};

/// A rendering of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// What `terraform show -no-color` prints.
    Text,
    /// What the step summary shows.
    Markdown,
    /// All of the plan as one page for a browser.
    Html,
    /// What the plan does, as JSON.
    Json,
}

/// The action's inputs.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The plan: the JSON of `terraform show -json`, the binary file of `terraform plan -out`, or `-` for JSON on standard
    /// input. Several JSON plans, one after the other, are shown together. A relative path is looked up in `working-directory`, then in the current folder. Either this or `change-set`.
    #[arg(long, value_name = "FILE")]
    pub plan: Option<String>,
    /// The change set of `CloudFormation` or the CDK to show in place of a plan: its ARN, or its name together with `stack`. It is waited
    /// for while it is being made, its nested stacks are shown with it, and it is never executed.
    #[arg(long, value_name = "ARN")]
    pub change_set: Option<String>,
    /// The stack of the change set, by its name or ARN. With the ARN of a change set it is not needed; where it is given, another stack's
    /// change set is refused.
    #[arg(long, value_name = "STACK")]
    pub stack: Option<String>,
    /// How long the change set may take to be made.
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub change_set_timeout: String,
    /// The terraform or tofu binary that reads a binary plan. Empty: `terraform` in PATH, else `tofu`. JSON needs none.
    #[arg(long, value_name = "PROGRAM")]
    pub terraform: Option<String>,
    /// How long terraform may take to read a binary plan.
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub terraform_timeout: String,
    /// The folder of the root module; terraform runs in it.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub working_directory: String,
    /// Where on the pull request it is shown.
    #[command(flatten)]
    pub destination: DestinationArgs,
    /// Names the plan where a pull request has several, such as `network` or `envs/prod`: each name has a comment or region
    /// of its own. Letters, digits, spaces and `._/-`.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Resource types or addresses, one per line or separated by commas, with `*` for any text: when the plan destroys or
    /// replaces an object that one of them names, the step fails after everything is written, also on a dry run. An address
    /// names its instances too, and `module.data` everything in the module. Empty: the step never fails for it.
    #[arg(long, value_name = "PATTERNS")]
    pub fail_on_destroy: Vec<String>,
    /// Fail where a change does one of these, one per line or separated by commas, after everything is written, also on a dry run:
    /// `data-loss`, `exposure` or `downtime` (the grades of its risks), `rules`, `destroy`, `replace`, `any` change of a resource, or `none`.
    #[arg(long, value_name = "CAUSES", default_value = "none")]
    pub fail_on: Vec<String>,
    /// Resource types or addresses that `fail-on` does not count, written like those of `fail-on-destroy`, which counts them all
    /// the same.
    #[arg(long, value_name = "PATTERNS")]
    pub allow: Vec<String>,
    /// What lets pass what is refused.
    #[command(flatten)]
    pub overrides: OverrideArgs,
    /// A TOML file of rules for what the plan leaves behind: required tags, encryption, retention. What is against one is said; `fail-on: rules`
    /// refuses it.
    #[arg(long, value_name = "FILE")]
    pub rules: Option<String>,
    /// Regular expressions of what else is a secret, one per line: what the first group matches, or all of it, is hidden wherever it occurs.
    #[arg(long, value_name = "PATTERNS")]
    pub redact: Vec<String>,
    /// Hide what looks like a secret though nobody marks it: tokens and private keys by their shape, values whose name says so, and texts
    /// that only a generator writes.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true,
          default_value = "true", default_missing_value = "true", value_name = "BOOL")]
    pub redact_likely: bool,
    /// Also write all of the plan as one page for a browser into this file, for `actions/upload-artifact`. Folders on the way are made. A
    /// dry run writes none.
    #[arg(long, value_name = "FILE")]
    pub html_file: Option<String>,
    /// Also write what the plan does, with every secret hidden, into this file, for `terraform-plan-verify` before the plan is applied. Folders
    /// on the way are made. A dry run writes none.
    #[arg(long, value_name = "FILE")]
    pub review_file: Option<String>,
    /// The binary plan, where `plan` is its JSON: its SHA-256 is shown and put out. Looked up like `plan`.
    #[arg(long, value_name = "FILE")]
    pub binary_plan: Option<String>,
    /// The log of `terraform plan -json` or `tofu plan -json`, one JSON message a line: its errors and warnings are shown, with the plan and also where planning failed
    /// and there is none. Looked up like `plan`.
    #[arg(long, value_name = "FILE")]
    pub plan_log: Option<String>,
    /// Also write what the plan does, without its secrets, into this file, for a step that shows many plans in one place
    /// (`terraform-plan-reduce`). It needs `name`. A plan that cannot be read is written as one that failed. A dry run writes none.
    #[arg(long, value_name = "FILE")]
    pub part_file: Option<String>,
    /// Print one rendering of the plan to standard output and do nothing else: `text` (what `terraform show -no-color`
    /// prints, with every secret hidden), `markdown` (what the step summary shows), `html` (all of it as one page for a browser) or
    /// `json` (what the plan does).
    #[arg(long, value_enum, value_name = "FORMAT", help_heading = "Command line")]
    pub format: Option<Format>,
    /// What the providers say of their types: the JSON of `terraform providers schema -json`. With it `--format text` shows
    /// nested blocks, sets and maps as Terraform does. A relative path is looked up like `plan`.
    #[arg(long, value_name = "FILE", help_heading = "Command line")]
    pub provider_schemas: Option<String>,
    /// The shared AWS inputs; a plan's file needs none of them.
    #[command(flatten)]
    pub aws: aws_client::AwsArgs,
}
