//! `version-detect paths`: which workflows GitHub starts for what changed, by the workflows' own filters.
//!
//! 1. `observe` reads the workflow files and finds out what changed.
//! 2. `plan` asks each workflow whether it runs.
//! 3. `apply` does nothing. The report names those that run.
//!
//! It is for a gate: a workflow that its filter skips never reports, so a required check has to know whom to wait for.

mod compared;
mod observe;
mod plan;
mod report;

use actions_core::{Action, GITHUB_TOKEN, InputErrors, OutputSpec, Report, SecretInput, Session};

use crate::error::Error;
use crate::observe::Clients;

pub use observe::WorkflowsSnapshot;
pub use plan::WorkflowsPlan;

/// The action `changed-workflows`.
#[derive(Debug, Clone, Copy)]
pub struct ChangedWorkflows;

/// The inputs of the action and the flags of the command line.
#[derive(Debug, Clone, clap::Args)]
pub struct WorkflowsArgs {
    /// The workflows that are asked, one per line: files below `.github/workflows`, for example `backend.yml`. By default all
    /// of them.
    #[arg(long, value_name = "FILES")]
    workflows: Option<String>,
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowsInputs {
    /// The files' names; `None` for all.
    workflows: Option<Vec<String>>,
}

impl Action for ChangedWorkflows {
    const NAME: &'static str = "changed-workflows";
    const INVOCATION: &'static str = "version-detect paths";
    const TITLE: &'static str = "Find the changed workflows";
    const DESCRIPTION: &'static str = "Tells which workflows GitHub starts for what changed, by their own filters of events, branches and paths: for a \
         gate that has to wait for exactly those. It needs no history and no checkout of the other commit.";
    const OUTPUTS: &'static [OutputSpec] = &[
        OutputSpec {
            name: "workflows",
            help: "The files of the workflows that run, one per line, in the order of the input.",
        },
        OutputSpec {
            name: "workflows-json",
            help: "The same as a JSON array, for example `[\"backend.yml\"]`, for `fromJSON` and `contains`.",
        },
        OutputSpec {
            name: "reasons-json",
            help: "Why each workflow runs or does not, as a JSON object of the files: `{\"backend.yml\": {\"runs\": true, \"event\": \"pull_request\", \"reason\": \"...\"}}`. A pull request is two events, `pull_request` and \
                   `pull_request_target`; `event` is empty where it does not run.",
        },
    ];
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];

    type Args = WorkflowsArgs;
    type Inputs = WorkflowsInputs;
    type Clients = Clients;
    type Snapshot = WorkflowsSnapshot;
    type Plan = WorkflowsPlan;
    type Outcome = ();
    type Error = Error;

    fn inputs(args: WorkflowsArgs, _: &Session) -> Result<WorkflowsInputs, InputErrors> {
        parse(&args)
    }

    async fn connect(_: &WorkflowsInputs, session: &Session) -> Result<Clients, Error> {
        Clients::connect(session)
    }

    async fn observe(
        inputs: &WorkflowsInputs,
        clients: &Clients,
        session: &Session,
    ) -> Result<WorkflowsSnapshot, Error> {
        observe::observe(inputs, clients, session).await
    }

    fn plan(_: &WorkflowsInputs, snapshot: &WorkflowsSnapshot) -> Result<WorkflowsPlan, Error> {
        Ok(plan::plan(snapshot))
    }

    async fn apply(_: &WorkflowsInputs, _: &WorkflowsPlan, _: &Clients, _: &Session) -> Result<(), Error> {
        Ok(())
    }

    fn report(_: &WorkflowsInputs, plan: &WorkflowsPlan, _: Option<&()>) -> Report {
        report::report(plan)
    }
}

fn parse(args: &WorkflowsArgs) -> Result<WorkflowsInputs, InputErrors> {
    let mut bad = InputErrors::new();
    let workflows = bad.optional("workflows", args.workflows.as_deref(), names);
    bad.finish(|| Some(WorkflowsInputs { workflows }))
}

/// The files' names, one per line; each may have its folder in front.
fn names(text: &str) -> Result<Vec<String>, &'static str> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut names: Vec<String> = Vec::new();
    for line in lines {
        let name = line.strip_prefix(observe::FOLDER).map_or(line, |rest| rest.trim_start_matches('/'));
        if !observe::is_name(name) || name.chars().any(char::is_whitespace) {
            return Err("name files below `.github/workflows`, one per line, without blanks");
        }
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    if names.is_empty() { Err("name one workflow at least, or leave it out for all") } else { Ok(names) }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn workflows_are_files_of_one_folder() {
        assert_eq!(names(" ci.yml\n\n.github/workflows/backend.yml\r\nci.yml").unwrap(), ["ci.yml", "backend.yml"]);
        for bad in ["../x.yml", "a/b.yml", "a b.yml", "\n", ".github/workflows/", "/etc/passwd"] {
            assert!(names(bad).is_err(), "{bad:?}");
        }
    }
}
