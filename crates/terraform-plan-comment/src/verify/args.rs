//! What is typed. The doc comments are the help text and the text of action.yml.

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct VerifyArgs {
    /// The plan that is about to be applied: the binary file of `terraform plan -out`, the JSON of `terraform show -json`, or `-` for JSON on
    /// standard input. A relative path is looked up in `working-directory`, then in the current folder.
    #[arg(long, value_name = "FILE", required = true)]
    pub plan: Option<String>,
    /// What was reviewed: the file that `terraform-plan-comment` wrote with `review-file`. With it the step says what differs. Looked up like
    /// `plan`.
    #[arg(long, value_name = "FILE")]
    pub reviewed: Option<String>,
    /// The digest of what was reviewed: the output `digest` of `terraform-plan-comment`. Alone, it only tells whether something differs; beside
    /// `reviewed`, the file must have it too.
    #[arg(long, value_name = "SHA256")]
    pub digest: Option<String>,
    /// The `name` that the plan was reviewed under. The file of another plan is refused.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The commit that must have been reviewed, all 40 digits of it: the tip of the pull request. Empty: any.
    #[arg(long, value_name = "COMMIT")]
    pub head_sha: Option<String>,
    /// Refuse every binary plan but the one that was reviewed, by its SHA-256, also one that does the same. Only this sees that a
    /// secret becomes another one.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "false", value_name = "BOOL")]
    pub same_file: bool,
    /// What becomes of a plan with values that are hidden and cannot be compared therefore: `warn` lists them, `refuse` refuses it.
    /// `same-file` leaves none.
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub hidden: Hidden,
    /// The binary plan that is applied, where `plan` is its JSON. Terraform reads it, and it must do the same; with `same-file` it must
    /// be the reviewed one as well. Looked up like `plan`.
    #[arg(long, value_name = "FILE")]
    pub binary_plan: Option<String>,
    /// The `redact` that the plan was reviewed with: what is hidden in one of the plans must be hidden in the other.
    #[arg(long, value_name = "PATTERNS")]
    pub redact: Vec<String>,
    /// The `redact-likely` that the plan was reviewed with.
    #[arg(long, value_parser = actions_core::boolean, action = clap::ArgAction::Set, num_args = 0..=1,
          require_equals = true, default_missing_value = "true", default_value = "true", value_name = "BOOL")]
    pub redact_likely: bool,
    /// The terraform or tofu binary that reads a binary plan. Empty: `terraform` in PATH, else `tofu`. JSON needs none.
    #[arg(long, value_name = "PROGRAM")]
    pub terraform: Option<String>,
    /// How long terraform may take to read a binary plan.
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    pub terraform_timeout: String,
    /// The folder of the root module; terraform runs in it.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub working_directory: String,
}

/// What becomes of a plan with hidden values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Hidden {
    /// It passes, and a warning lists them.
    #[default]
    Warn,
    /// It is refused.
    Refuse,
}
