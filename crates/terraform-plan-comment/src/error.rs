//! What can go wrong.

use std::time::Duration;

use actions_core::{ActionError, ContextError, ExitCode, Location};
use aws_client::{ApiError, ConnectError};
use github_client::GitHubError;

use crate::diff::plural;

/// An error of `terraform-plan-comment`.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum Error {
    /// The plan's file cannot be read. Exit code 2.
    ///
    /// Mostly the step that runs `terraform plan` failed, and there is no plan: the log of that step says why. Otherwise the path in `plan`
    /// leads nowhere: it is looked up in `working-directory`, then in the current folder. A plan of another job has to be passed on as an artifact.
    #[error("the plan `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/plan-unreadable"),
        help(
            "where the step that runs `terraform plan` failed, its log says why, and `plan-log` shows it here; else write the plan with `terraform show -json tfplan > plan.json`: `plan` is looked up in `working-directory`, then in the current folder"
        )
    )]
    Unreadable {
        /// The file, or standard input.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `provider-schemas` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere: it is looked up in `working-directory`, then in the current folder.
    ///
    /// Write the file with `terraform providers schema -json > schemas.json` after `terraform init`, or leave the input out:
    /// the plan is shown without it too.
    #[error("the schemas `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/schemas-unreadable"),
        help("write them with `terraform providers schema -json > schemas.json`, or leave `provider-schemas` out")
    )]
    SchemasUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `provider-schemas` holds something else. Exit code 2.
    ///
    /// The file is not the JSON that `terraform providers schema -json` prints, or it is of a later major version.
    ///
    /// Write it anew with `terraform providers schema -json > schemas.json`, or leave the input out: the plan is shown without
    /// it too.
    #[error("`{path}` does not hold the schemas of providers: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/not-schemas"),
        help("write them with `terraform providers schema -json > schemas.json`, or leave `provider-schemas` out")
    )]
    NotSchemas {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The file of `rules` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere, or the user may not read it. It is looked up in the current folder.
    ///
    /// Correct the path, and check the repository out before this step; or leave the input out.
    #[error("the rules `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/rules-unreadable"),
        help("correct the path, which starts at the current folder, and check the repository out before this step")
    )]
    RulesUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `rules` holds something else. Exit code 2.
    ///
    /// It is no TOML, or a rule in it says too little, too much, or what no rule says.
    ///
    /// Write it as the action's README shows: `[[rule]]` with `types` and `require-tags`, or with `attribute` and what it should be.
    #[error("`{path}` does not hold rules: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/not-rules"),
        help(
            "write `[[rule]]` with `types` and `require-tags`, or with `attribute` and one of `equals`, `one-of`, `at-least`, `at-most`, `present`"
        )
    )]
    NotRules {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// The file of `plan-log` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere, or the user may not read it. It is looked up in `working-directory`, then in the current folder.
    ///
    /// Keep the log with `terraform plan -json -out=tfplan > plan.ndjson`, or leave the input out: the plan is shown without it too.
    #[error("the log `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/plan-log-unreadable"),
        help("keep it with `terraform plan -json -out=tfplan > plan.ndjson`, or leave `plan-log` out")
    )]
    PlanLogUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `plan-log` holds something else. Exit code 2.
    ///
    /// No line of it is a message of `terraform plan -json`: mostly it is what Terraform prints for people, the plan itself, or empty because the step
    /// before did not start Terraform.
    ///
    /// Keep the log with `terraform plan -json -out=tfplan > plan.ndjson`, or leave the input out: the plan is shown without it too.
    #[error("`{path}` is no log of `terraform plan -json`: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/not-a-plan-log"),
        help("keep it with `terraform plan -json -out=tfplan > plan.ndjson`, or leave `plan-log` out")
    )]
    NotAPlanLog {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// Planning failed, as the file of `plan-log` says, and there is no plan. Exit code 1; everything was written before, also on a dry run.
    ///
    /// Terraform stopped with an error before it had a plan, or the step that turns the plan into JSON did not run because of it. The errors are
    /// shown where the plan would be.
    ///
    /// Mend them, and plan again.
    #[error("planning failed with {} {}: {first}; there is no plan, for {why}", errors, plural(*errors, "error"))]
    #[diagnostic(
        code("terraform-plan-comment/planning-failed"),
        help(
            "mend what Terraform says, and plan again; all of its errors are in the summary and in the log of this step"
        )
    )]
    PlanningFailed {
        /// How many errors the log has.
        errors: usize,
        /// The first one.
        first: String,
        /// Why there is no plan.
        why: String,
    },
    /// The folder to work in does not exist. Exit code 2.
    ///
    /// The folder is not in the checkout: a typing error, or no checkout step before this one.
    #[error("`{path}` is not a folder")]
    #[diagnostic(
        code("terraform-plan-comment/no-working-directory"),
        help("set `working-directory` to the folder of the root module, relative to where the step runs")
    )]
    NoWorkingDirectory {
        /// What was given.
        path: String,
    },
    /// The plan is broken JSON. Exit code 2.
    ///
    /// The file was cut off, or something else was written into it: the wrapper of `hashicorp/setup-terraform` and
    /// error messages are common cases.
    #[error("the plan `{path}` is not JSON: {reason} at line {line} column {column}")]
    #[diagnostic(
        code("terraform-plan-comment/plan-not-json"),
        help(
            "write it anew with `terraform show -json tfplan > plan.json`, and check that the step that wrote it succeeded"
        )
    )]
    NotJson {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
        /// Where, from 1.
        line: usize,
        /// Where, from 1.
        column: usize,
        /// The file as annotations name it; `None` for standard input.
        file: Option<String>,
    },
    /// The file is something else than a plan. Exit code 2.
    ///
    /// The file holds the text of `terraform plan`, its log, a state, a page, an error message or something else; the message says what.
    ///
    /// Write the plan with `terraform plan -out=tfplan` and `terraform show -json tfplan > plan.json`.
    #[error("`{path}` is not a plan but {what}")]
    #[diagnostic(code("terraform-plan-comment/not-a-plan"), help("{help}"))]
    NotAPlan {
        /// The file.
        path: String,
        /// What it is.
        what: &'static str,
        /// What to do.
        help: &'static str,
    },
    /// A member that every plan has is missing. Exit code 2.
    ///
    /// The JSON looks like a plan and lacks a part that every plan has, or has something else in its place: it was edited, or cut by another tool.
    #[error("the plan `{path}` has no {member}")]
    #[diagnostic(
        code("terraform-plan-comment/plan-incomplete"),
        help(
            "write it anew with `terraform show -json tfplan`; if that does not help, report the version of Terraform"
        )
    )]
    Incomplete {
        /// The file.
        path: String,
        /// The member's path in backticks, and what it should be.
        member: String,
    },
    /// The plan's format is of a later major version. Exit code 2.
    ///
    /// A newer Terraform wrote the plan in a format that came after this version of the action.
    #[error("the plan `{path}` has the format version `{version}`, which this version does not understand")]
    #[diagnostic(
        code("terraform-plan-comment/unknown-format"),
        help(
            "update this action, which understands the major versions 0 and 1; the file is what `terraform show -json tfplan` of Terraform or OpenTofu prints"
        )
    )]
    UnknownFormat {
        /// The file.
        path: String,
        /// The version.
        version: String,
    },
    /// A binary plan came through standard input. Exit code 2.
    ///
    /// A binary plan is read by Terraform itself, and Terraform reads it only from a file.
    #[error("standard input holds a binary plan")]
    #[diagnostic(
        code("terraform-plan-comment/binary-on-stdin"),
        help(
            "name the file (`plan: tfplan`), or pipe JSON: `terraform show -json tfplan | terraform-plan-comment --plan -`"
        )
    )]
    BinaryOnStdin,
    /// The secrets of the plan are too many to search for. Exit code 1.
    ///
    /// Each sensitive value is searched for in everything that is shown, and this plan has more of them than can be
    /// searched for.
    #[error("the sensitive values of the plan `{path}` cannot be searched for, so nothing of it is shown")]
    #[diagnostic(
        code("terraform-plan-comment/too-many-secrets"),
        help("mark fewer or smaller values as sensitive, or review this plan in the log of `terraform plan`")
    )]
    TooManySecrets {
        /// The file.
        path: String,
        /// The reason.
        reason: String,
    },
    /// A binary plan needs terraform, and there is none. Exit code 2.
    ///
    /// Only Terraform (or OpenTofu) reads a binary plan, and neither is on the PATH.
    #[error("`{plan}` is a binary plan, and {programs} is not there to read it")]
    #[diagnostic(
        code("terraform-plan-comment/terraform-missing"),
        help(
            "install Terraform or OpenTofu before this step, name it with `terraform`, or give JSON: `terraform show -json tfplan > plan.json`"
        )
    )]
    TerraformMissing {
        /// The plan.
        plan: String,
        /// What was looked for.
        programs: String,
    },
    /// Terraform cannot be started. Exit code 1.
    ///
    /// The program is there and the operating system does not start it: it is not executable, or built for another
    /// machine.
    #[error("`{program}` cannot be started")]
    #[diagnostic(
        code("terraform-plan-comment/terraform-not-started"),
        help("check that `terraform` names a program that this user may run")
    )]
    TerraformNotStarted {
        /// The program.
        program: String,
        /// The reason.
        source: std::io::Error,
    },
    /// Terraform cannot read the plan. Exit code 1.
    ///
    /// `terraform show` ended with an error, which is printed under `why`: mostly another version wrote the plan, or
    /// the providers are not installed.
    #[error("`{program} show -json` cannot read the plan `{plan}` ({status})")]
    #[diagnostic(
        code("terraform-plan-comment/terraform-failed"),
        help(
            "use the version of Terraform that wrote the plan, and run `terraform init` in `working-directory` first"
        )
    )]
    TerraformFailed {
        /// The program.
        program: String,
        /// The plan.
        plan: String,
        /// How it ended.
        status: String,
        /// What it printed on standard error.
        message: String,
    },
    /// Terraform took too long. Exit code 4.
    ///
    /// `terraform show` loads the providers first, which takes long on a busy runner, and hangs where a provider waits.
    #[error("`{program} show -json` did not end within {} s", limit.as_secs())]
    #[diagnostic(
        code("terraform-plan-comment/terraform-timed-out"),
        help("raise `terraform-timeout`, or give JSON instead of the binary plan")
    )]
    TerraformTimedOut {
        /// The program.
        program: String,
        /// The limit.
        limit: Duration,
    },
    /// There is no token to write with. Exit code 2.
    ///
    /// A comment is written through GitHub's API, and there is no token to call it with.
    #[error("there is no token to write to {place} with")]
    #[diagnostic(
        code("terraform-plan-comment/no-token"),
        help("pass `github-token: ${{{{ github.token }}}}`, set GITHUB_TOKEN in a shell, or choose `target: none`")
    )]
    NoToken {
        /// The pull request.
        place: String,
    },
    /// Several pull requests come from the branch. Exit code 2.
    ///
    /// On `workflow_run` the pull request is found by the branch of the run before, and that branch has several open ones, for
    /// different target branches.
    ///
    /// Name the one to write to in `pull-request`.
    #[error("several open pull requests come from the branch `{branch}`: {numbers}")]
    #[diagnostic(
        code("terraform-plan-comment/several-pull-requests"),
        help(
            "name the one to write to in `pull-request`, from a source that the pull request's author does not control"
        )
    )]
    SeveralPullRequests {
        /// The branch.
        branch: String,
        /// Their numbers.
        numbers: String,
    },
    /// The pull request does not exist. Exit code 1.
    ///
    /// `pull-request` names a number that is an issue, belongs to another repository, or that the token may not see.
    #[error("there is no pull request #{number} in `{repository}`")]
    #[diagnostic(
        code("terraform-plan-comment/pull-request-not-found"),
        help("check `pull-request`, and that the token may see it (`permissions: pull-requests: write`)")
    )]
    PullRequestNotFound {
        /// The number.
        number: u64,
        /// `owner/name`.
        repository: String,
    },
    /// The body of the pull request changed between reading and writing. Exit code 1.
    ///
    /// Someone saved the body while the plan was written into it, twice. Writing would have lost their words.
    #[error("the body of the pull request #{number} was changed by someone else at the same time")]
    #[diagnostic(
        code("terraform-plan-comment/body-changed"),
        help("re-run the step; give jobs that write to the same body a `concurrency:` group")
    )]
    BodyChanged {
        /// The pull request.
        number: u64,
    },
    /// The comment changed between reading and writing. Exit code 1.
    ///
    /// Another run wrote the same comment while this one did, twice. Writing would have lost what it says.
    #[error("the comment on the pull request #{number} was changed by another run at the same time")]
    #[diagnostic(
        code("terraform-plan-comment/comment-changed"),
        help("re-run the step; give jobs that write the same comment a `concurrency:` group")
    )]
    CommentChanged {
        /// The pull request.
        number: u64,
    },
    /// Terraform stopped with an error while it planned. Exit code 1; everything was written before, also on a dry run.
    ///
    /// The plan says `errored`, or the file of `plan-log` has an error: the plan holds what was planned until then and cannot be applied.
    ///
    /// The error itself is in the log of the step that ran `terraform plan`; where `plan-log` names that log, it is shown.
    #[error("the plan is incomplete: Terraform stopped with an error while it planned")]
    #[diagnostic(
        code("terraform-plan-comment/plan-errored"),
        help(
            "read the error in the log of the step that ran `terraform plan`, or name that log in `plan-log` to have it shown here; mend it and plan again"
        )
    )]
    PlanErrored,
    /// The plan destroys what `fail-on-destroy` names; everything was written before. Exit code 1, also on a dry run.
    ///
    /// The plan deletes or replaces objects that a pattern of `fail-on-destroy` names; they are listed under `why`.
    #[error("the plan destroys {}: {}", protected(*count), short_list(first, *count))]
    #[diagnostic(
        code("terraform-plan-comment/protected-destroy"),
        help(
            "split the change, so that what is safe is applied without it; keep the object with `lifecycle {{ prevent_destroy = true }}`; rename it with a `moved` block or let it go undestroyed with a `removed` block; or, after a review of what is lost, take the pattern out of `fail-on-destroy` for this change"
        )
    )]
    ProtectedDestroy {
        /// How many objects.
        count: usize,
        /// The addresses of the first ones.
        first: Vec<String>,
        /// Each object with what happens to it and why.
        objects: String,
    },
    /// The page for a browser cannot be written. Exit code 1.
    ///
    /// The file of `html-file` is a folder, or its folder is closed to this user or full. Nothing was written to the pull request.
    #[error("the page `{path}` cannot be written")]
    #[diagnostic(
        code("terraform-plan-comment/page-not-written"),
        help("name a file in a folder that this user may write to, such as `html-file: plan.html`")
    )]
    PageNotWritten {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `review-file` cannot be written. Exit code 1.
    ///
    /// The file is a folder, or its folder is closed to this user or full. Nothing was written to the pull request.
    ///
    /// Name a file in a folder that this user may write to.
    #[error("the review `{path}` cannot be written")]
    #[diagnostic(
        code("terraform-plan-comment/review-not-written"),
        help("name a file in a folder that this user may write to, such as `review-file: review.json`")
    )]
    ReviewNotWritten {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `binary-plan` cannot be read. Exit code 2.
    ///
    /// The path leads nowhere: it is looked up in `working-directory`, then in the current folder.
    ///
    /// Name the file that `terraform plan -out=tfplan` wrote, or leave the input out: then no sum of it is shown.
    #[error("the binary plan `{path}` cannot be read")]
    #[diagnostic(
        code("terraform-plan-comment/binary-plan-unreadable"),
        help("name the file that `terraform plan -out=tfplan` wrote, or leave `binary-plan` out")
    )]
    BinaryPlanUnreadable {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// The file of `binary-plan` is no binary plan. Exit code 2.
    ///
    /// The file is the JSON of a plan, or something else: only the file that is applied has a sum that is worth comparing.
    ///
    /// Name the file that `terraform plan -out=tfplan` wrote.
    #[error("`{path}` is no binary plan")]
    #[diagnostic(
        code("terraform-plan-comment/not-a-binary-plan"),
        help("name the file that `terraform plan -out=tfplan` wrote, or leave `binary-plan` out")
    )]
    NotBinary {
        /// The file.
        path: String,
    },
    /// `plan` and `binary-plan` are two binary plans. Exit code 2.
    ///
    /// `plan` is a binary plan itself, and `binary-plan` names another one, so that one would be shown with the sum of the other.
    ///
    /// Leave `binary-plan` out: the sum is that of `plan`.
    #[error("`plan` is a binary plan, and `{path}` is another one")]
    #[diagnostic(
        code("terraform-plan-comment/two-binary-plans"),
        help("leave `binary-plan` out: where `plan` is a binary plan, its own sum is taken")
    )]
    TwoPlans {
        /// The other file.
        path: String,
    },
    /// `plan` and `binary-plan` are two plans. Exit code 2.
    ///
    /// Terraform read the binary plan, and it does something else than the JSON: one of both is older. The pull request would show one plan
    /// with the sum of the other.
    ///
    /// Write the JSON again with `terraform show -json`, or give the binary plan as `plan` and no JSON.
    #[error("the binary plan `{path}` does something else than `plan`")]
    #[diagnostic(
        code("terraform-plan-comment/another-plan"),
        help(
            "write the JSON again with `terraform show -json`, or give the binary plan as `plan` and leave `binary-plan` out"
        )
    )]
    AnotherPlan {
        /// The binary plan.
        path: String,
    },
    /// The part for another step cannot be written. Exit code 1.
    ///
    /// The file of `part-file` is a folder, or its folder is closed to this user or full. Nothing was written to the pull request.
    #[error("the part `{path}` cannot be written")]
    #[diagnostic(
        code("terraform-plan-comment/part-not-written"),
        help("name a file in a folder that this user may write to, such as `part-file: parts/network.json`")
    )]
    PartNotWritten {
        /// The file.
        path: String,
        /// The reason.
        source: std::io::Error,
    },
    /// There is no part. Exit code 2.
    ///
    /// None of the paths of `parts` has a file in it: no job wrote one, the artifacts were not downloaded, or into another folder.
    ///
    /// Name the roots in `expect`: then a part that did not come is said on the pull request.
    #[error("there is no part in `{parts}`")]
    #[diagnostic(
        code("terraform-plan-comment/no-parts"),
        help("download the artifacts with the parts into this folder first, and name the roots in `expect`")
    )]
    NoParts {
        /// The paths.
        parts: String,
    },
    /// A root does not pass; everything was written before. Exit code 1, also on a dry run.
    ///
    /// The plan of a root is missing, failed, or is of another commit, or it does what its `fail-on` or `fail-on-destroy` names. Each is
    /// listed under `why`. A file among the parts that is none counts too: what it was to say is not known.
    #[error("{}", not_passed(*roots, *of))]
    #[diagnostic(
        code("terraform-plan-comment/roots-not-passed"),
        help("look at the job of each root that is named, and run the ones that failed again")
    )]
    RootsNotPassed {
        /// How many roots do not pass.
        roots: usize,
        /// How many there are.
        of: usize,
        /// Each with its reason.
        objects: String,
    },
    /// The plan does what `fail-on` names; everything was written before. Exit code 1, also on a dry run.
    ///
    /// Changes have a risk, or an action, that `fail-on` does not let pass. They are listed under `why`, each with its reason.
    #[error("`fail-on` refuses {} of the plan: {}", changes(*count), short_list(first, *count))]
    #[diagnostic(
        code("terraform-plan-comment/risk-refused"),
        help(
            "change the configuration so that the risk is gone, or split the change; after a review of what is at risk, name the object in `allow`, or take the cause out of `fail-on` for this change"
        )
    )]
    RiskRefused {
        /// How many changes.
        count: usize,
        /// The addresses of the first ones.
        first: Vec<String>,
        /// Each object with what happens to it and why.
        objects: String,
    },
    /// The change set could not be made. Exit code 1.
    ///
    /// `CloudFormation` did not make the change set, for the reason that is printed under `why`, or it is being deleted. A change set that
    /// failed because nothing changes is no error: it is shown as "no changes".
    ///
    /// Correct the template or the parameters, and make the change set anew.
    #[error("the change set `{change_set}` of the stack `{stack}` cannot be shown: its status is {status}")]
    #[diagnostic(
        code("terraform-plan-comment/change-set-failed"),
        help("correct what `why` names, and make the change set anew")
    )]
    ChangeSetFailed {
        /// Its name.
        change_set: String,
        /// The stack.
        stack: String,
        /// The status.
        status: String,
        /// What `CloudFormation` says of it.
        reason: String,
    },
    /// The change set is not there yet. Exit code 4.
    ///
    /// `CloudFormation` was still making the change set when `change-set-timeout` was over. Large stacks and nested ones take minutes.
    ///
    /// Raise `change-set-timeout`, or wait for the change set in the step that makes it.
    #[error("the change set `{change_set}` of the stack `{stack}` was not there within {} s: its status is {status}", limit.as_secs())]
    #[diagnostic(
        code("terraform-plan-comment/change-set-not-ready"),
        help(
            "raise `change-set-timeout`, or wait before this step: `aws cloudformation wait change-set-create-complete`"
        )
    )]
    ChangeSetNotReady {
        /// Its name.
        change_set: String,
        /// The stack.
        stack: String,
        /// The status.
        status: String,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The change set belongs to another stack. Exit code 2.
    ///
    /// The ARN in `change-set` is that of a change set of another stack than the one that `stack` names.
    ///
    /// Correct one of the two, or leave `stack` out.
    #[error("the change set `{change_set}` belongs to the stack `{stack}`, and not to `{wanted}`")]
    #[diagnostic(
        code("terraform-plan-comment/change-set-of-another-stack"),
        help("correct `stack` or `change-set`, or leave `stack` out")
    )]
    ChangeSetOfAnotherStack {
        /// Its name.
        change_set: String,
        /// Its stack.
        stack: String,
        /// The stack that was named.
        wanted: String,
    },
    /// What `CloudFormation` answered is no change set. Exit code 1.
    ///
    /// The answer lacks what every change set has, its pages do not end, or it changed while it was read: somebody made a new one of the
    /// same name at that moment, or something else than `CloudFormation` answers.
    ///
    /// Run the step again, and give the change set a name of its own in each run.
    #[error("the change set `{change_set}` cannot be read: {reason}")]
    #[diagnostic(
        code("terraform-plan-comment/change-set-unreadable"),
        help("run the step again; give the change set a name of its own in each run; check AWS_ENDPOINT_URL")
    )]
    ChangeSetUnreadable {
        /// Its name.
        change_set: String,
        /// What is wrong.
        reason: String,
    },
    /// No usable AWS configuration. Exit code 1 or 2, by the cause.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Connect(#[from] ConnectError),
    /// A call to AWS failed. Exit code 1; 2 when the credentials are to blame.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Aws(#[from] ApiError),
    /// The run's event cannot be read. Exit code 2.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Context(#[from] ContextError),
    /// GitHub refused a call. The exit code is that of the refusal.
    #[error(transparent)]
    #[diagnostic(transparent)]
    GitHub(#[from] GitHubError),
}

impl ActionError for Error {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unreadable { .. }
            | Self::SchemasUnreadable { .. }
            | Self::NotSchemas { .. }
            | Self::RulesUnreadable { .. }
            | Self::NotRules { .. }
            | Self::PlanLogUnreadable { .. }
            | Self::NotAPlanLog { .. }
            | Self::NoWorkingDirectory { .. }
            | Self::NotJson { .. }
            | Self::NotAPlan { .. }
            | Self::Incomplete { .. }
            | Self::UnknownFormat { .. }
            | Self::BinaryOnStdin
            | Self::BinaryPlanUnreadable { .. }
            | Self::NotBinary { .. }
            | Self::TwoPlans { .. }
            | Self::AnotherPlan { .. }
            | Self::TerraformMissing { .. }
            | Self::ChangeSetOfAnotherStack { .. }
            | Self::NoToken { .. }
            | Self::SeveralPullRequests { .. }
            | Self::NoParts { .. } => ExitCode::BadInput,
            Self::TooManySecrets { .. }
            | Self::ChangeSetFailed { .. }
            | Self::ChangeSetUnreadable { .. }
            | Self::TerraformNotStarted { .. }
            | Self::TerraformFailed { .. }
            | Self::PullRequestNotFound { .. }
            | Self::BodyChanged { .. }
            | Self::CommentChanged { .. }
            | Self::PlanErrored
            | Self::PlanningFailed { .. }
            | Self::PageNotWritten { .. }
            | Self::PartNotWritten { .. }
            | Self::RootsNotPassed { .. }
            | Self::ReviewNotWritten { .. }
            | Self::ProtectedDestroy { .. }
            | Self::RiskRefused { .. } => ExitCode::Failed,
            Self::TerraformTimedOut { .. } | Self::ChangeSetNotReady { .. } => ExitCode::TimedOut,
            Self::Connect(error) => error.exit_code(),
            Self::Aws(error) => error.exit_code(),
            Self::Context(error) => error.exit_code(),
            Self::GitHub(error) => error.exit_code(),
        }
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::Unreadable { source, .. }
            | Self::SchemasUnreadable { source, .. }
            | Self::RulesUnreadable { source, .. }
            | Self::PlanLogUnreadable { source, .. }
            | Self::PageNotWritten { source, .. }
            | Self::PartNotWritten { source, .. }
            | Self::ReviewNotWritten { source, .. }
            | Self::BinaryPlanUnreadable { source, .. }
            | Self::TerraformNotStarted { source, .. } => Some(source.to_string()),
            Self::TerraformFailed { message, .. } => Some(message.clone()),
            Self::ChangeSetFailed { reason, .. } => Some(reason.clone()).filter(|reason| !reason.is_empty()),
            Self::Connect(error) => error.why(),
            Self::Aws(error) => error.why(),
            Self::TooManySecrets { reason, .. } => Some(reason.clone()),
            Self::ProtectedDestroy { objects, .. }
            | Self::RiskRefused { objects, .. }
            | Self::RootsNotPassed { objects, .. } => Some(objects.clone()),
            Self::Context(error) => error.why(),
            Self::GitHub(error) => error.why(),
            _ => None,
        }
    }

    fn location(&self) -> Option<Location> {
        match self {
            Self::NotJson { file: Some(file), line, column, .. } => {
                Some(Location { file: file.clone(), line: Some(*line), column: Some(*column) })
            }
            _ => None,
        }
    }

    fn is_stale(&self) -> bool {
        matches!(self, Self::BodyChanged { .. } | Self::CommentChanged { .. })
    }
}

/// `2 changes`.
fn changes(count: usize) -> String {
    format!("{count} {}", plural(count, "change"))
}

/// What does not pass, where it is no root it is a file.
fn not_passed(roots: usize, of: usize) -> String {
    match roots {
        0 => "files among the parts are no parts that can be shown".to_owned(),
        count => {
            let (noun, verb) = (plural(of, "root"), if count == 1 { "does" } else { "do" });
            format!("{count} of {of} {noun} {verb} not pass")
        }
    }
}

/// `2 protected objects`.
fn protected(count: usize) -> String {
    format!("{count} protected {}", plural(count, "object"))
}

fn short_list(first: &[String], count: usize) -> String {
    let mut names: Vec<String> = first.iter().map(|address| format!("`{address}`")).collect();
    if count > first.len() {
        names.push(format!("and {} more", count - first.len()));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests;
