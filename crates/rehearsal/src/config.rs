//! `rehearsal.toml`: what a rehearsal of a repository runs, and on what.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::error::Error;

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
    /// Other actions that the workflows use: `owner/name` to a folder of the repository that stands in for it.
    #[serde(default)]
    pub uses: BTreeMap<String, String>,
    /// The Terraform that makes what the deployment needs.
    pub terraform: Option<Terraform>,
    /// What is made through the API where Terraform or its provider cannot be had.
    #[serde(default)]
    pub resources: Resources,
    /// The runs, in order.
    #[serde(rename = "run")]
    pub runs: Vec<Run>,
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

fn main_branch() -> String {
    "main".to_owned()
}

impl Config {
    /// Reads the configuration of the repository at `root`.
    pub fn read(root: &Path) -> Result<Self, Error> {
        let path = root.join(FILE);
        let text = std::fs::read_to_string(&path)
            .map_err(|source| Error::NoConfig { path: path.display().to_string(), source })?;
        Self::parse(&text)
            .map_err(|source| Error::BadConfig { path: path.display().to_string(), source: Box::new(source) })
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// The runs that `--only` leaves, in order; an unknown name is an error that lists the known ones.
    pub fn selected(&self, only: &[String]) -> Result<Vec<&Run>, Error> {
        for name in only {
            self.run(name)?;
        }
        Ok(self.runs.iter().filter(|run| only.is_empty() || only.contains(&run.name)).collect())
    }

    /// The run `name`.
    pub fn run(&self, name: &str) -> Result<&Run, Error> {
        self.runs.iter().find(|run| run.name == name).ok_or_else(|| Error::UnknownRun {
            name: name.to_owned(),
            known: self.runs.iter().map(|run| run.name.clone()).collect::<Vec<_>>().join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str =
        "repository = 'acme/shop'\n[[run]]\nname = 'backend'\nworkflow = 'backend.yml'\nevent = 'push'\n";

    #[test]
    fn only_names_must_exist() {
        let config = Config::parse(SAMPLE).unwrap();
        assert_eq!(config.selected(&[]).unwrap().len(), 1);
        let error = config.selected(&["front".to_owned()]).unwrap_err();
        assert_eq!(error.to_string(), "there is no run `front`");
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        assert!(Config::parse(&SAMPLE.replace("workflow", "workflwo")).is_err());
    }
}
