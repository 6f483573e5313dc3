//! Finds a project's version, checks it against the branch it is built for, compares it with the repository's tags and,
//! on request, tags the commit.
//!
//! 1. `observe` reads `slipway.toml`, the manifests, the tags and the commit; of several components also what changed.
//! 2. `plan` checks the rules of the branch (stable versions on the stable branch, snapshots on the snapshot branch) and
//!    derives everything else: the tag, whether it is new, the version before, the image tags, which components are built.
//! 3. `apply` creates the tags, if there are any to create.
//! 4. `report` says all this in outputs, a summary and annotations at the manifest's line.
//!
//! Invariants: a version is never guessed (what cannot be read is an error with file, line and column); a tag is never
//! moved; the work tree is never touched; nothing outside the repository is read.

mod apply;
mod args;
mod base;
mod bump;
mod changed_workflows;
mod comparison;
mod components;
mod config;
mod error;
mod files;
mod history;
mod inputs;
mod manifest;
mod observe;
mod pattern;
mod plan;
mod report;
mod rules;
mod subject;
mod version_command;
mod workflow;

use actions_core::{Action, Command, GITHUB_TOKEN, InputErrors, OutputSpec, Report, SecretInput, Session};

use version_release::VersionRelease;

use crate::apply::RunOutcome;
use crate::args::Args;
use crate::bump::VersionBump;
use crate::error::Error;
use crate::inputs::Inputs;
use crate::observe::{Clients, Sight};
use crate::plan::RunPlan;

pub use changed_workflows::{ChangedWorkflows, WorkflowsArgs, WorkflowsInputs, WorkflowsPlan, WorkflowsSnapshot};

/// The action `version-detect`.
#[derive(Debug, Clone, Copy)]
pub struct VersionDetect;

const fn output(name: &'static str, help: &'static str) -> OutputSpec {
    OutputSpec { name, help }
}

impl Action for VersionDetect {
    const NAME: &'static str = "version-detect";
    const COMMANDS: &'static [Command] =
        &[Command::of::<ChangedWorkflows>(), Command::of::<VersionRelease>(), Command::of::<VersionBump>()];
    const TITLE: &'static str = "Detect the version";
    const DESCRIPTION: &'static str = "Reads the project's version from its manifest (npm, Maven, Cargo, Python, Gradle, .NET, Helm, VERSION), or asks a \
         command for it, checks it against the branch, compares it with the repository's tags and, on request, tags the commit.";
    const OUTPUTS: &'static [OutputSpec] = &[
        output("version", "The version as the manifest has it, for example `1.0.0` or `1.1.0-SNAPSHOT`."),
        output(
            "version-normalized",
            "The semantic version that stands for it: `1.1.0-SNAPSHOT` for Python's `1.1.0.dev0`, `1.0.0-rc.1` for `1.0.0rc1`, else the same; \
             empty when there is none.",
        ),
        output("tag", "The Git tag of the version, for example `v1.0.0`; empty for a snapshot, which is never tagged."),
        output(
            "changed",
            "`true` when the version's tag does not exist yet, else `false`; always `true` for a snapshot, whose artifacts \
             are replaced with every commit; empty when the tags are not known (no token and no complete clone).",
        ),
        output(
            "publish",
            "`true` when this commit is to be published: a snapshot on the snapshot branch, or a stable version on the stable \
             branch whose tag does not exist yet or names this very commit (so a re-run completes what a failed run began), or \
             the version's own tag that was pushed; else `false`; empty when that cannot be known.",
        ),
        output("is-snapshot", "`true` when the version ends in `-SNAPSHOT` (in Python `.devN`), else `false`."),
        output("is-release", "`true` when the version is a stable one, for example `1.0.0`, else `false`."),
        output(
            "previous-version",
            "The highest stable version below this one that has a tag; empty when there is none or the tags are not known.",
        ),
        output("previous-tag", "The Git tag of `previous-version`, for example `v0.9.0`; empty when there is none."),
        output(
            "commit",
            "The commit that is checked out, which all outputs are about and `create-tag` tags; outside of a repository the run's; empty \
             when neither is known.",
        ),
        output(
            "image-tags",
            "The tags of a container image of this version, one per line, the version's own first; empty when the run is \
             about no branch and no tag, or the version is not a semantic version.",
        ),
        output(
            "manifest",
            "The manifest the version was read from, relative to the repository's root; empty for `version-command`.",
        ),
        output(
            "ecosystem",
            "What the manifest belongs to: `npm`, `maven`, `cargo`, `python`, `gradle`, `dotnet`, `helm` or `plain`; `command` for \
             `version-command`.",
        ),
        output(
            "component",
            "The component that the outputs above are about; empty for a project that is none, and where they are about all components, \
             for which they are empty.",
        ),
        output(
            "any-changed",
            "`true` when a component is to be built; always `true` for a project that is none. With all components it is what a job's \
             `if` asks before a matrix.",
        ),
        output(
            "changed-components",
            "The names of the components that are to be built, as a JSON array in the order in which they are built: those that \
             changed, those that are built with one of these, and those whose version is to be released and has no tag; `[]` when there are none.",
        ),
        output(
            "matrix",
            "The matrix of these components, for `fromJSON`: `{\"include\": [{\"name\", \"path\", \"version\", \"version-normalized\", \"tag\", \"changed\", \
             \"publish\", \"is-snapshot\", \"is-release\", \"previous-version\", \"previous-tag\", \"image-tags\", \"manifest\", \"ecosystem\"}]}`. Without components it has one entry.",
        ),
        output("components-json", "All components as a JSON array of such entries, each with `built` and `because`."),
        output("tag-created", "`true` when this run created the tag, else `false`."),
    ];
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];

    type Args = Args;
    type Inputs = Inputs;
    type Clients = Clients;
    type Snapshot = Sight;
    type Plan = RunPlan;
    type Outcome = RunOutcome;
    type Error = Error;

    fn inputs(args: Args, _: &Session) -> Result<Inputs, InputErrors> {
        inputs::parse(&args)
    }

    async fn connect(_: &Inputs, session: &Session) -> Result<Clients, Error> {
        Clients::connect(session)
    }

    async fn observe(inputs: &Inputs, clients: &Clients, session: &Session) -> Result<Sight, Error> {
        observe::observe(inputs, clients, session).await
    }

    fn plan(inputs: &Inputs, sight: &Sight) -> Result<RunPlan, Error> {
        plan::plan_run(inputs, sight)
    }

    async fn apply(_: &Inputs, plan: &RunPlan, clients: &Clients, session: &Session) -> Result<RunOutcome, Error> {
        apply::apply_run(plan, clients, session).await
    }

    fn report(_: &Inputs, plan: &RunPlan, outcome: Option<&RunOutcome>) -> Report {
        report::report_run(plan, outcome)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::VersionDetect>();
    }
}
