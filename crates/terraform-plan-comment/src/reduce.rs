//! `terraform-plan-comment reduce`: shows the plans of many roots in one place.
//!
//! 1. `observe` reads the parts that `part-file` wrote, as hostile as they are, and what the pull request says now.
//! 2. `plan` puts them together: of each root the newest attempt of the planned commit, with a root that is missing, failed or stale
//!    said loudly; and decides what to write, as for one plan.
//! 3. `apply` writes it.
//!
//! Invariants: the order of the parts changes nothing; a part decides neither on the pull request nor on the commit; a root that was
//! expected is always there, with its plan or without.

mod args;
mod collect;
mod inputs;
pub(crate) mod merge;
mod report;

use actions_core::{Action, GITHUB_TOKEN, InputErrors, OutputSpec, Report, SecretInput, Session};
use github_client::GitHub;
use serde::Serialize;

pub use args::ReduceArgs;
pub use inputs::ReduceInputs;
pub(crate) use merge::{Merged, Problem, Root, State};

use crate::apply::{Places, write_all, write_page};
use crate::error::{Error, RootsError};
use crate::html;
use crate::log;
use crate::markdown::{Frame, Limit, roots_page, roots_verdict};
use crate::marker::{Name, Writer};
use crate::place::{Text, Write};
use crate::pull::{self, Run, Seen};
use crate::signs::{self, Judgement, Signed, Signs};
use merge::{Found, merge};

/// The action `terraform-plan-reduce`.
#[derive(Debug, Clone, Copy)]
pub struct TerraformPlanReduce;

/// The client, where something is to be written.
#[derive(Debug)]
pub struct ReduceClients {
    github: Option<GitHub>,
}

/// What was seen.
#[derive(Debug, Clone)]
pub struct ReduceSnapshot {
    found: Vec<Found>,
    seen: Seen,
    run: Run,
}

/// The decision.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReducePlan {
    pub(crate) merged: Merged,
    pub(crate) writes: Vec<Write>,
    #[serde(flatten)]
    pub(crate) signs: Signs,
    #[serde(skip)]
    pub(crate) run_url: Option<String>,
    #[serde(skip)]
    pub(crate) commit: Option<String>,
    #[serde(skip)]
    pub(crate) moved_to: Option<String>,
}

impl ReducePlan {
    /// What a page of its own links to.
    fn frame<'a>(&'a self, inputs: &'a ReduceInputs) -> Frame<'a> {
        Frame {
            name: inputs.destinations.name.as_ref().map(Name::as_str),
            commit: self.commit.as_deref(),
            run_url: self.run_url.as_deref(),
            moved_to: self.moved_to.as_deref(),
            has_page: inputs.html_file.is_some(),
            ..Frame::default()
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReduceOutcome {
    pub(crate) passes: bool,
    #[serde(flatten)]
    pub(crate) places: Places,
    pub(crate) signed: Signed,
}

impl Action for TerraformPlanReduce {
    const NAME: &'static str = "terraform-plan-reduce";
    const INVOCATION: &'static str = "terraform-plan-comment reduce";
    const TITLE: &'static str = "Terraform plans of many roots";
    const DESCRIPTION: &'static str = "Shows the Terraform or OpenTofu plans of many roots in one comment, one region of the body or \
        one step summary: a table of the roots, then each with its changes; a root that is missing, failed or stale is said.";
    const OUTPUTS: &'static [OutputSpec] = report::OUTPUTS;
    const SECRETS: &'static [SecretInput] = &[GITHUB_TOKEN];

    type Args = ReduceArgs;
    type Inputs = ReduceInputs;
    type Clients = ReduceClients;
    type Snapshot = ReduceSnapshot;
    type Plan = ReducePlan;
    type Outcome = ReduceOutcome;
    type Error = Error;

    fn inputs(args: ReduceArgs, _: &Session) -> Result<ReduceInputs, InputErrors> {
        ReduceInputs::parse(&args)
    }

    async fn connect(inputs: &ReduceInputs, session: &Session) -> Result<ReduceClients, Error> {
        Ok(ReduceClients { github: pull::connect(&inputs.destinations, session)? })
    }

    async fn observe(
        inputs: &ReduceInputs,
        clients: &ReduceClients,
        session: &Session,
    ) -> Result<ReduceSnapshot, Error> {
        let found = collect::collect(&inputs.parts).await;
        if found.is_empty() && inputs.expect.is_empty() {
            return Err(RootsError::NoParts { parts: inputs.parts.join("`, `") }.into());
        }
        for Found { file, part } in &found {
            match part {
                Ok(part) => {
                    session.log.line(format!("{}: {file}", part.root.as_str()));
                    log::review(&part.review, session);
                }
                Err(reason) => session.log.line(format!("{file}: {reason}")),
            }
        }
        let run = Run::of(&inputs.destinations, session)?;
        let seen = pull::look(&inputs.destinations, &run, clients.github.as_ref(), session).await?;
        Ok(ReduceSnapshot { found, seen, run })
    }

    fn plan(inputs: &ReduceInputs, snapshot: &ReduceSnapshot) -> Result<ReducePlan, Error> {
        Ok(plan(inputs, snapshot))
    }

    async fn apply(
        inputs: &ReduceInputs,
        plan: &ReducePlan,
        clients: &ReduceClients,
        session: &Session,
    ) -> Result<ReduceOutcome, Error> {
        if let Some(path) = &inputs.html_file {
            write_page(html::roots_page(&plan.merged, &plan.frame(inputs)), path).await?;
        }
        let github = clients.github.as_ref();
        let places = write_all(&plan.writes, github, session).await?;
        let signed = signs::apply(&plan.signs, github, session).await?;
        Ok(ReduceOutcome { passes: plan.merged.passes(), places, signed })
    }

    fn report(inputs: &ReduceInputs, plan: &ReducePlan, outcome: Option<&ReduceOutcome>) -> Report {
        report::report(inputs, plan, outcome)
    }
}

/// Decides; pure.
fn plan(inputs: &ReduceInputs, snapshot: &ReduceSnapshot) -> ReducePlan {
    let run = &snapshot.run;
    let pull = snapshot.seen.pull.as_ref();
    let overridden_by = pull.and_then(|pull| pull.lets_pass(&inputs.destinations.overrides));
    let merged = merge(&snapshot.found, &inputs.expect, &run.writer, overridden_by.as_deref());
    let head = pull.map(|pull| pull.head.as_str());
    let moved_to = run.moved_to(head);
    let name = inputs.destinations.name.as_ref();
    let written_by = |writer: &Writer, limit: Limit| {
        let run_url = run.url(writer);
        let frame = Frame {
            name: name.map(Name::as_str),
            heading: true,
            commit: writer.commit.as_deref(),
            run_url: run_url.as_deref(),
            has_page: inputs.html_file.is_some(),
            has_summary: inputs.destinations.targets.summary,
            moved_to,
        };
        roots_page(&merged, &frame, limit)
    };
    let writes = Text { name, mode: inputs.destinations.comment_mode, run, head, page: &written_by }
        .writes(&snapshot.seen.destinations);
    let judged = Judgement {
        grade: merged.grade(),
        has_changes: merged.has_changes(),
        failed: merged.lacks_a_plan(),
        passes: merged.passes(),
        title: roots_verdict(&merged),
        page: &written_by,
    };
    let signs = Signs::of(&inputs.destinations, &snapshot.seen, run, &writes, &judged);
    let (run_url, commit) = (run.url(&run.writer), run.writer.commit.clone());
    let moved_to = moved_to.map(str::to_owned);
    ReducePlan { merged, writes, signs, run_url, commit, moved_to }
}

#[cfg(test)]
mod tests {
    #[test]
    fn inputs_and_outputs_are_declared_once() {
        actions_core::check_command::<super::TerraformPlanReduce>();
    }
}
