//! `rehearsal.toml`: what a rehearsal of a repository runs, and on what.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The region of a rehearsal whose variables name none.
const REGION: &str = "eu-west-1";

/// The file's name, at the repository's root.
pub const FILE: &str = "rehearsal.toml";

/// What a rehearsal of a repository runs, and on what.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// `owner/name`, as the workflows see it.
    pub repository: String,
    /// Repository variables (`vars.NAME`).
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// Secrets (`secrets.NAME`), with values made up for the rehearsal.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Other actions that the workflows use: `owner/name` to a folder of the repository that stands in for it.
    #[serde(default)]
    pub uses: BTreeMap<String, String>,
    /// What the job's OIDC token says beside what follows from the workflow.
    #[serde(default)]
    pub oidc: Oidc,
    /// The Terraform that makes what the deployment needs.
    pub terraform: Option<Terraform>,
    /// What is made through the API where Terraform or its provider cannot be had.
    #[serde(default)]
    pub resources: Resources,
    /// The runs, in order.
    #[serde(rename = "run")]
    pub runs: Vec<Run>,
}

/// What the job's OIDC token says beside what follows from the workflow.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Oidc {
    /// The numbers of the owner and of the repository, `OWNER_ID/REPOSITORY_ID`: the subject then names them behind the names,
    /// as GitHub's immutable subject claims do.
    pub immutable_ids: Option<String>,
    /// The audiences that the account's OIDC provider takes, where the Terraform makes none.
    #[serde(default = "client_ids")]
    pub client_ids: Vec<String>,
}

impl Default for Oidc {
    fn default() -> Self {
        Self { immutable_ids: None, client_ids: client_ids() }
    }
}

impl Oidc {
    /// The owner's and the repository's number, where both are given as digits.
    pub fn ids(&self) -> Option<(&str, &str)> {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        self.immutable_ids.as_deref()?.split_once('/').filter(|(owner, name)| digits(owner) && digits(name))
    }
}

/// The Terraform that makes what the deployment needs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Terraform {
    /// The folder of the root module.
    pub directory: String,
    /// Input variables (`TF_VAR_name`).
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Repository variables that are outputs of it: `vars` name to output name.
    #[serde(default)]
    pub outputs: BTreeMap<String, String>,
    /// A file that is put beside the module for the emulator alone, an override of what it cannot keep.
    pub overlay: Option<String>,
    /// A plan recorded with `terraform show -json`, used where Terraform cannot be had.
    pub recorded_plan: Option<String>,
}

/// What is made through the API.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Resources {
    /// ECR repositories.
    #[serde(default)]
    pub ecr_repositories: Vec<String>,
    /// S3 buckets.
    #[serde(default)]
    pub buckets: Vec<String>,
    /// ECS services, `cluster/service`, with a task definition file.
    #[serde(default)]
    pub services: Vec<Service>,
    /// Roles that the workflows assume: `vars` name to role name.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// The trust policies of these roles: `vars` name to a file. Without one a role trusts every job of the repository.
    #[serde(default)]
    pub trust_policies: BTreeMap<String, String>,
    /// The account that they are written for; the emulator's takes its place in them.
    pub trust_policies_account: Option<String>,
    /// The repository variable that receives the id of a CloudFront distribution before the first bucket.
    pub distribution_var: Option<String>,
}

/// An ECS service.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Service {
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub name: String,
    /// The file of its first task definition.
    pub task_definition: String,
}

/// One run of one workflow.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Run {
    /// Its name, for `--only` and `--break`.
    pub name: String,
    /// The workflow's file below `.github/workflows`.
    pub workflow: String,
    /// What starts it.
    pub event: Event,
    /// The branch that is pushed to, or that the pull request targets.
    #[serde(default = "main_branch")]
    pub branch: String,
    /// The manifest whose version is raised before the push.
    pub bump: Option<String>,
    /// Changes made before the push, or on the pull request's branch.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// Whether the same event is sent a second time: everything must be "already done".
    #[serde(default)]
    pub repeat: bool,
    /// The page that the deployed container answers with its version; empty: it only has to run.
    #[serde(default = "version_path")]
    pub version_path: String,
    /// How `--break` makes it fail.
    #[serde(rename = "break")]
    pub breakage: Option<Breakage>,
}

/// What starts a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A push to a branch.
    Push,
    /// A pull request.
    PullRequest,
}

impl Event {
    /// The event in words, in front of the branch.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Push => "a push to",
            Self::PullRequest => "a pull request to",
        }
    }

    /// The event's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Push => "push",
            Self::PullRequest => "pull_request",
        }
    }
}

/// A text replaced in a file; `find` must be there once.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Edit {
    /// The file.
    pub file: String,
    /// The text that is replaced.
    pub find: String,
    /// The text it is replaced with.
    pub replace: String,
}

/// How a run is made to fail.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Breakage {
    /// What is broken, in a sentence.
    pub what: String,
    /// Words that the failing step's error must hold.
    pub reason: String,
    /// Changes that break it.
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// An AWS call that is refused with `AccessDenied`: method and path, `*` for any text.
    pub deny: Option<Denial>,
    /// The recorded plan that is shown instead of one made now.
    pub recorded_plan: Option<String>,
    /// Whether the container crashes: without a container engine the emulator is made to answer what ECS answers then.
    #[serde(default)]
    pub crashes: bool,
}

/// An AWS call that is refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Denial {
    /// The HTTP method.
    pub method: String,
    /// The path, `*` for any text.
    pub path: String,
}

/// As everybody registers the provider.
fn client_ids() -> Vec<String> {
    vec!["sts.amazonaws.com".to_owned()]
}

fn version_path() -> String {
    "/version".to_owned()
}

fn main_branch() -> String {
    "main".to_owned()
}

impl Config {
    /// Reads the text of a `rehearsal.toml` that [`crate::schema`] found nothing wrong with.
    pub(crate) fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The region that everything is in: that of the workflows where the variable `AWS_REGION` names it.
    pub fn region(&self) -> &str {
        self.vars.get("AWS_REGION").filter(|region| !region.is_empty()).map_or(REGION, String::as_str)
    }

    /// The runs that `only` leaves, in order; all of them when it is empty.
    pub fn selected(&self, only: &[String]) -> Vec<&Run> {
        self.runs.iter().filter(|run| only.is_empty() || only.contains(&run.name)).collect()
    }

    /// The run `name`.
    pub fn run(&self, name: &str) -> Option<&Run> {
        self.runs.iter().find(|run| run.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn the_region_is_that_of_the_workflows() {
        let region = |vars: &str| {
            let run = "[[run]]\nname = \"x\"\nworkflow = \"x.yml\"\nevent = \"push\"\n";
            Config::parse(&format!("repository = \"a/b\"\n{vars}{run}")).unwrap().region().to_owned()
        };
        assert_eq!(region("[vars]\nAWS_REGION = \"eu-central-1\"\n"), "eu-central-1");
        assert_eq!(region("[vars]\nAWS_REGION = \"\"\n"), "eu-west-1");
        assert_eq!(region(""), "eu-west-1");
    }
}
