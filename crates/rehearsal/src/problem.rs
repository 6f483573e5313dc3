//! The mistakes in a `rehearsal.toml`, in the files it names and on the command line. Each has its own code; all that there are
//! are told at once, before anything starts.

use actions_core::{ActionError, ExitCode};

use crate::place::Place;

/// A mistake of the one who asked for the rehearsal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
pub enum Problem {
    /// `--repo` names no folder. Exit code 2.
    ///
    /// `--repo` was misspelt, or is relative to another folder than the one the program was started in.
    #[error("there is no folder `{path}`")]
    #[diagnostic(code("rehearsal/no-repository"), help("name the repository's folder as --repo"))]
    NoRepository {
        /// The folder.
        path: String,
        /// What the system says.
        why: String,
    },
    /// `--repo` names a folder that is not the root of a Git repository. Exit code 2.
    ///
    /// The folder is not under version control, lies below the root of a repository, or its repository has no commit
    /// yet.
    ///
    /// Name the root of a Git repository with at least one commit as `--repo`.
    #[error("`{path}` is not a Git repository")]
    #[diagnostic(code("rehearsal/not-a-repository"), help("{help}"))]
    NotARepository {
        /// The folder.
        path: String,
        /// What Git says.
        why: String,
        /// What to do.
        help: String,
    },
    /// The repository has no `rehearsal.toml`. Exit code 2.
    ///
    /// The file is not at the root of the repository that `--repo` names, or cannot be read.
    #[error("`{path}` cannot be read")]
    #[diagnostic(
        code("rehearsal/no-config"),
        help(
            "write it at the repository's root: it names the workflows to run; see the guide \"Rehearse a deployment\""
        )
    )]
    NoConfig {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// `rehearsal.toml` is not valid TOML. Exit code 2.
    ///
    /// The text breaks a rule of TOML: an open quote or bracket, a key that is there twice.
    #[error("{place}: {reason}")]
    #[diagnostic(code("rehearsal/bad-config"), help("correct this line; strings stand in quotes, tables in brackets"))]
    NotToml {
        /// Where.
        place: Place,
        /// What the parser says.
        reason: String,
    },
    /// A key of `rehearsal.toml` that does not exist, most often a misspelt one. Exit code 2.
    ///
    /// The key is misspelt, stands in another table than it belongs to, or is of another version.
    ///
    /// Use the key that the message proposes, or look it up in the reference of `rehearsal.toml`.
    #[error("{place}: there is no key `{key}` in {section}")]
    #[diagnostic(code("rehearsal/unknown-key"), help("{}{section} knows: {known}", did_you_mean(*meant)))]
    UnknownKey {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The table.
        section: &'static str,
        /// The key that was meant.
        meant: Option<&'static str>,
        /// The keys there are.
        known: String,
    },
    /// A table of `rehearsal.toml` lacks a key. Exit code 2.
    ///
    /// The table cannot do without it.
    #[error("{place}: {section} lacks `{key}`")]
    #[diagnostic(code("rehearsal/missing-key"), help("add `{key} = …` to {section}: {wanted}"))]
    MissingKey {
        /// Where the table begins.
        place: Place,
        /// The key.
        key: &'static str,
        /// The table.
        section: &'static str,
        /// The kind of value.
        wanted: String,
    },
    /// A key of `rehearsal.toml` has a value of another kind. Exit code 2.
    ///
    /// A text stands without quotes, a flag or a number with them, or one value where a list is read.
    #[error("{place}: `{key}` in {section} is not {wanted}")]
    #[diagnostic(code("rehearsal/wrong-value"), help("write {wanted}"))]
    WrongValue {
        /// Where.
        place: Place,
        /// The key.
        key: String,
        /// The table.
        section: &'static str,
        /// The kind of value.
        wanted: String,
    },
    /// `repository` is not `owner/name`. Exit code 2.
    ///
    /// The name reaches workflows, the OIDC token and the GitHub stand-in, which all expect both parts.
    #[error("`repository` is `{repository}`, which is not `owner/name`")]
    #[diagnostic(
        code("rehearsal/bad-repository-name"),
        help("write it as GitHub shows it: repository = \"acme/shop\"")
    )]
    BadRepositoryName {
        /// The value.
        repository: String,
    },
    /// `immutable-ids` are not two numbers. Exit code 2.
    ///
    /// Only the numbers that GitHub gave to owner and repository make the subject that GitHub would write.
    #[error("`immutable-ids` is `{ids}`, which is not two numbers")]
    #[diagnostic(
        code("rehearsal/bad-ids"),
        help(
            "write immutable-ids = \"OWNER_ID/REPOSITORY_ID\"; `gh api repos/OWNER/NAME --jq '\"\\(.owner.id)/\\(.id)\"'` prints it"
        )
    )]
    BadIds {
        /// The value.
        ids: String,
    },
    /// There is nothing to run. Exit code 2.
    ///
    /// The list `run` is empty, so a rehearsal would prove nothing.
    #[error("`rehearsal.toml` names no run")]
    #[diagnostic(code("rehearsal/no-runs"), help("add a [[run]] table with `name`, `workflow` and `event`"))]
    NoRuns,
    /// Two runs have one name. Exit code 2.
    ///
    /// A run was copied and its name kept.
    #[error("{times} runs are called `{name}`")]
    #[diagnostic(
        code("rehearsal/duplicate-run"),
        help("give each [[run]] a `name` of its own: --only and --break take it")
    )]
    DuplicateRun {
        /// The name.
        name: String,
        /// How many runs have it.
        times: usize,
    },
    /// A run's name cannot be the name of a folder and a branch. Exit code 2.
    ///
    /// The name becomes that of a folder and of a branch.
    #[error("`{name}` cannot be the name of a run")]
    #[diagnostic(
        code("rehearsal/bad-run-name"),
        help("use letters, digits, `-`, `_` and `.`, beginning with a letter or a digit")
    )]
    BadRunName {
        /// The name.
        name: String,
    },
    /// `--only` or `--break` names a run that is not there. Exit code 2.
    ///
    /// The flag's value is misspelt, or the run was renamed.
    #[error("there is no run `{name}`, which {flag} names")]
    #[diagnostic(code("rehearsal/unknown-run"), help("the runs of rehearsal.toml are: {known}"))]
    UnknownRun {
        /// The name.
        name: String,
        /// The flag.
        flag: &'static str,
        /// The known names.
        known: String,
    },
    /// `--break` names a run that says nothing about how to break it. Exit code 2.
    ///
    /// A deployment can be broken in many ways, and only the run can say which one must be caught.
    #[error("run `{name}` does not say how it is broken")]
    #[diagnostic(
        code("rehearsal/no-break"),
        help("add a [run.break] table with `what` and `reason` to it in rehearsal.toml; runs that have one: {others}")
    )]
    NoBreakage {
        /// The run.
        name: String,
        /// The runs that say it.
        others: String,
    },
    /// `--break` names a run that `--only` leaves out. Exit code 2.
    ///
    /// Both flags were given, and they contradict each other.
    #[error("--break names `{name}`, which --only leaves out")]
    #[diagnostic(code("rehearsal/break-left-out"), help("add `{name}` to --only, or leave --only away"))]
    BreakLeftOut {
        /// The run.
        name: String,
    },
    /// A run's workflow file is not there. Exit code 2.
    ///
    /// The file is misspelt, not below `.github/workflows`, or ignored by Git.
    #[error("run `{run}`: there is no workflow `{workflow}`")]
    #[diagnostic(code("rehearsal/no-workflow"), help("name a file of `.github/workflows`; there are: {known}"))]
    NoWorkflow {
        /// The run.
        run: String,
        /// The file.
        workflow: String,
        /// Why it cannot be used.
        why: String,
        /// The workflows there are.
        known: String,
    },
    /// A workflow, or an action of the repository that it uses, is not YAML. Exit code 2.
    ///
    /// GitHub would refuse the file as well.
    #[error("`{file}` cannot be understood")]
    #[diagnostic(code("rehearsal/bad-workflow"), help("correct the file; `actionlint` says more about workflows"))]
    BadWorkflow {
        /// The file.
        file: String,
        /// What the parser says.
        why: String,
    },
    /// A workflow uses an action that nothing stands in for. Exit code 2.
    ///
    /// The runner has no network: it takes every other action than `actions/checkout` from a folder.
    #[error("`{workflow}` uses `{action}`, and nothing stands in for it")]
    #[diagnostic(
        code("rehearsal/unmapped-action"),
        help(
            "add it to [uses] in rehearsal.toml, with a folder that holds the action: \"{action}\" = \"path/to/folder\""
        )
    )]
    UnmappedAction {
        /// The action, `owner/name`.
        action: String,
        /// The workflow's file.
        workflow: String,
    },
    /// A folder of `[uses]` is not there. Exit code 2.
    ///
    /// The folder was not cloned yet, or the path is not relative to the repository's root.
    #[error("[uses] \"{action}\": there is no folder `{folder}`")]
    #[diagnostic(
        code("rehearsal/no-stand-in"),
        help(
            "name a folder, relative to the repository's root, that holds the action: a clone of it, or a stand-in of yours"
        )
    )]
    NoStandIn {
        /// The action, `owner/name`.
        action: String,
        /// The folder.
        folder: String,
    },
    /// A folder of `[uses]` does not hold the action that is used. Exit code 2.
    ///
    /// The folder is that of another action, or the file is new and Git does not track it.
    #[error("[uses] \"{action}\": `{folder}` does not hold `{file}`")]
    #[diagnostic(
        code("rehearsal/no-action-file"),
        help("name a folder that holds it; a new file of a Git repository has to be added first (`git add`)")
    )]
    NoActionFile {
        /// The action, `owner/name`.
        action: String,
        /// The folder.
        folder: String,
        /// The file.
        file: String,
        /// Who needs it.
        why: String,
    },
    /// The manifest of `bump` is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("run `{run}`: there is no manifest `{file}` to bump")]
    #[diagnostic(code("rehearsal/no-manifest"), help("name a Cargo.toml or package.json of the repository as `bump`"))]
    NoManifest {
        /// The run.
        run: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// A manifest has no version that can be raised. Exit code 2.
    ///
    /// The manifest takes its version from elsewhere (`version.workspace = true`), or the version has a suffix.
    #[error("run `{run}`: `{file}` has no version x.y.z to raise")]
    #[diagnostic(
        code("rehearsal/no-version"),
        help("name a Cargo.toml or package.json with a plain version as `bump`")
    )]
    NoVersion {
        /// The run.
        run: String,
        /// The file.
        file: String,
    },
    /// The file of an edit is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("run `{run}`: there is no file `{file}` to edit")]
    #[diagnostic(code("rehearsal/no-edited-file"), help("correct `file` of the edit in rehearsal.toml"))]
    NoEditedFile {
        /// The run.
        run: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// An edit does not fit the file. Exit code 2.
    ///
    /// The text is not there, or several times; `bump` and the edits before have been made already.
    #[error("run `{run}`: `{file}` does not hold the text that an edit replaces exactly once")]
    #[diagnostic(code("rehearsal/edit-does-not-fit"), help("correct `find` in rehearsal.toml; it is: {find}"))]
    EditDoesNotFit {
        /// The run.
        run: String,
        /// The file.
        file: String,
        /// The text.
        find: String,
        /// How often the text is there.
        times: usize,
    },
    /// The task definition of a service is not there. Exit code 2.
    ///
    /// The file is misspelt, ignored by Git, or holds no JSON object.
    #[error("service `{service}`: there is no task definition `{file}`")]
    #[diagnostic(
        code("rehearsal/no-task-definition"),
        help("name a JSON file of the repository, as `aws ecs register-task-definition --cli-input-json` takes it")
    )]
    NoTaskDefinition {
        /// The service.
        service: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// The trust policy of a role is not there. Exit code 2.
    ///
    /// The file is misspelt, ignored by Git, or holds no JSON object.
    #[error("[resources.trust-policies] {var}: `{file}` is no trust policy")]
    #[diagnostic(
        code("rehearsal/no-trust-policy"),
        help("name a JSON file of the repository, as `aws iam create-role --assume-role-policy-document` takes it")
    )]
    NoTrustPolicy {
        /// The role's variable.
        var: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// A trust policy belongs to no role. Exit code 2.
    ///
    /// The names of both tables are those of repository variables, and one is misspelt.
    #[error("[resources.trust-policies] names `{var}`, and [resources.roles] does not")]
    #[diagnostic(code("rehearsal/trust-without-role"), help("use the same name in both tables; roles: {known}"))]
    TrustWithoutRole {
        /// The role's variable.
        var: String,
        /// The roles there are.
        known: String,
    },
    /// Terraform's root module is not there. Exit code 2.
    ///
    /// The folder is misspelt or holds nothing that Git keeps.
    #[error("[terraform] there is no root module `{directory}`")]
    #[diagnostic(code("rehearsal/no-terraform-directory"), help("name the folder of the root module as `directory`"))]
    NoTerraformDirectory {
        /// The folder.
        directory: String,
        /// Why it cannot be used.
        why: String,
    },
    /// The overlay of Terraform is not there. Exit code 2.
    ///
    /// The file is misspelt or ignored by Git.
    #[error("[terraform] there is no overlay `{file}`")]
    #[diagnostic(
        code("rehearsal/no-overlay"),
        help("name an override file of the repository, or leave `overlay` away")
    )]
    NoOverlay {
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// A recorded plan is not there. Exit code 2.
    ///
    /// The file is misspelt or, as plans often are, ignored by Git.
    #[error("{owner}: there is no recorded plan `{file}`")]
    #[diagnostic(
        code("rehearsal/no-recorded-plan"),
        help("record it with `terraform show -json plan.tfplan`, and name the file as `recorded-plan`")
    )]
    NoRecordedPlan {
        /// Who names it.
        owner: String,
        /// The file.
        file: String,
        /// Why it cannot be used.
        why: String,
    },
    /// The folder of the actions' binaries is not there. Exit code 2.
    ///
    /// `--bin-dir` is misspelt, or nothing was built yet.
    #[error("there is no folder of binaries `{folder}`")]
    #[diagnostic(
        code("rehearsal/no-binaries"),
        help("build them first (`cargo build --bins`), or name another --bin-dir")
    )]
    NoBinaries {
        /// The folder.
        folder: String,
    },
    /// The command line is not understood. Exit code 2.
    ///
    /// A flag is misspelt, lacks its value, or is not one of this program's.
    ///
    /// The message proposes the flag that is like it; `slipway-rehearse --help` lists all.
    #[error("{message}")]
    #[diagnostic(code("rehearsal/bad-argument"), help("{help}"))]
    BadArgument {
        /// What is wrong.
        message: String,
        /// How it is used.
        usage: String,
        /// What to do.
        help: String,
    },
}

fn did_you_mean(meant: Option<&str>) -> String {
    meant.map(|key| format!("did you mean `{key}`? ")).unwrap_or_default()
}

impl ActionError for Problem {
    fn exit_code(&self) -> ExitCode {
        ExitCode::BadInput
    }

    fn why(&self) -> Option<String> {
        match self {
            Self::NotToml { place, .. }
            | Self::UnknownKey { place, .. }
            | Self::MissingKey { place, .. }
            | Self::WrongValue { place, .. } => Some(place.excerpt()),
            Self::NoRepository { why, .. }
            | Self::NotARepository { why, .. }
            | Self::NoConfig { why, .. }
            | Self::NoWorkflow { why, .. }
            | Self::BadWorkflow { why, .. }
            | Self::NoActionFile { why, .. }
            | Self::NoManifest { why, .. }
            | Self::NoEditedFile { why, .. }
            | Self::NoTaskDefinition { why, .. }
            | Self::NoTrustPolicy { why, .. }
            | Self::NoTerraformDirectory { why, .. }
            | Self::NoOverlay { why, .. }
            | Self::NoRecordedPlan { why, .. } => Some(why.clone()),
            Self::BadArgument { usage, .. } => Some(usage.clone()),
            Self::EditDoesNotFit { times, .. } => Some(match times {
                0 => "the text is not there".to_owned(),
                many => format!("the text is there {many} times"),
            }),
            Self::UnmappedAction { .. } => {
                Some("the runner has no network: it takes every action but actions/checkout from a folder".to_owned())
            }
            Self::BadRepositoryName { .. }
            | Self::BadIds { .. }
            | Self::NoRuns
            | Self::DuplicateRun { .. }
            | Self::BadRunName { .. }
            | Self::UnknownRun { .. }
            | Self::NoBreakage { .. }
            | Self::BreakLeftOut { .. }
            | Self::NoStandIn { .. }
            | Self::NoVersion { .. }
            | Self::TrustWithoutRole { .. }
            | Self::NoBinaries { .. } => None,
        }
    }
}
