//! One run of the configuration: the change, the push, what the runner did, and what is read back.

use std::path::Path;

use testkit::act::Conclusion;
use testkit::github::Pull;
use tokio_util::sync::CancellationToken;

use crate::breakage;
use crate::check::WORKFLOWS;
use crate::checkout::{Change, PULL_REQUEST};
use crate::config::{Breakage, Event, Run};
use crate::container::Expected;
use crate::error::Error;
use crate::evidence::{self, Finding, Record};
use crate::permissions::{self, Grant};
use crate::problem::{Problem, WorkflowProblem};
use crate::requests;
use crate::screen::Screen;
use crate::stage::Stage;
use crate::sts::{Exchange, Sts};
use crate::table::Row;
use crate::workflow::{RunResult, StepResult, Workflow};

/// What one run of the configuration gave: its results (two when it is repeated), rows and problems.
pub(crate) struct Performed {
    pub(crate) results: Vec<RunResult>,
    pub(crate) rows: Vec<Row>,
    pub(crate) problems: Vec<String>,
}

impl Stage {
    /// Does one run of the configuration, and its repetition.
    pub(crate) fn perform(
        &self,
        run: &Run,
        breakage: Option<&Breakage>,
        screen: &Screen,
        cancel: &CancellationToken,
    ) -> Result<Performed, Error> {
        let change = self.checkout.prepare(run, breakage.is_some())?;
        self.tell_github(run, &change);
        let version = change.version.as_ref().map(|version| format!(", version {version}")).unwrap_or_default();
        screen.heading(&format!("{}: {} to {}{version}", run.name, run.event.name(), change.branch));
        let mut performed = Performed { results: Vec::new(), rows: Vec::new(), problems: Vec::new() };
        self.once(run, &run.name, &change, breakage, screen, cancel, &mut performed)?;
        if run.repeat && breakage.is_none() && performed.results.iter().all(|result| result.success) {
            screen.heading(&format!("{}: the same {} again", run.name, run.event.name()));
            self.once(run, &format!("{}-again", run.name), &change, None, screen, cancel, &mut performed)?;
        }
        self.checkout.finish(run, &change)?;
        Ok(performed)
    }

    #[expect(clippy::too_many_arguments, reason = "one run of one workflow, called twice from one place")]
    fn once(
        &self,
        run: &Run,
        name: &str,
        change: &Change,
        breakage: Option<&Breakage>,
        screen: &Screen,
        cancel: &CancellationToken,
        performed: &mut Performed,
    ) -> Result<(), Error> {
        let folder = self.folder.join(name);
        let proxy = breakage::proxy(breakage, &self.stack)?;
        let endpoint = proxy.url();
        let sts = Sts::start(&endpoint, &self.stack.emulator.endpoint(), &self.config.oidc.client_ids)?;
        self.stack.issuer.now(run, change);
        let grants = self.grants(run)?;
        let workflow = Workflow {
            stack: &self.stack,
            checkout: &self.checkout,
            stand_ins: &self.stand_ins,
            vars: &self.provisioned.vars,
            secrets: &self.config.secrets,
            env: self.environment(&endpoint, &sts, &grants, &folder),
            path: self.path(breakage, &folder)?,
            folder: folder.clone(),
            home: self.folder.join("work/home"),
        };
        let result = workflow.run(run, change, screen, cancel)?;
        let records = evidence::records(&folder.join("evidence"));
        let repeated = name != run.name;
        let expected = Expected { path: &run.version_path, version: change.version.as_deref() };
        for (step, record) in result.steps.iter().zip(evidence::of_steps(&records, &result.steps)) {
            let row = self.row(name, step, record, expected);
            if let Some((problem, action)) = row.problem {
                performed.problems.push(format!("{name} / {} / {}: {action} {problem}", step.job, step.name));
            }
            performed.rows.push(row.row);
        }
        // Whether a broken run failed as it should is judged apart.
        if !result.success && breakage.is_none() {
            let errors: Vec<&str> = result.errors().collect();
            let reason = errors.first().and_then(|error| error.lines().next()).unwrap_or("see its log");
            performed.problems.push(format!("{name}: the workflow failed: {reason}"));
        }
        if repeated {
            let first = evidence::records(&self.folder.join(&run.name).join("evidence"));
            let fresh = records.iter().filter(|record| !record.is_repetition_of(&first));
            performed.problems.extend(
                fresh.map(|record| format!("{name}: {} did not say \"already\": {}", record.action, record.verdict())),
            );
        }
        performed.rows.extend(roles(name, &sts.exchanges(), screen));
        let (row, problem) = requests::checked(name, &proxy.requests())?;
        performed.rows.extend(row);
        performed.problems.extend(problem);
        self.save_comments(&folder)?;
        performed.results.push(result);
        Ok(())
    }

    /// The jobs of the run's workflow that may have an OIDC token.
    fn grants(&self, run: &Run) -> Result<Vec<Grant>, Error> {
        let read = |file: &str| std::fs::read_to_string(self.checkout.folder().join(file)).ok();
        let grants = permissions::grants(&format!("{WORKFLOWS}/{}", run.workflow), &read);
        Ok(grants.map_err(|error| Problem::from(WorkflowProblem::from(error)))?)
    }

    /// The row of a step: the action's verdict and what a foreign client sees.
    fn row(&self, name: &str, step: &StepResult, record: Option<&Record>, expected: Expected<'_>) -> CheckedRow {
        let result = match step.conclusion {
            Conclusion::Success => "done",
            Conclusion::Failure => "failed",
            Conclusion::Skipped => "skipped",
            Conclusion::Cancelled => "cancelled",
        };
        let clone = self.checkout.folder();
        let finding = record.and_then(|record| match step.conclusion {
            Conclusion::Success => Some((
                record,
                evidence::check(
                    record,
                    &self.stack,
                    clone,
                    &self.config.repository,
                    expected,
                    &self.folder.join(name),
                )?,
            )),
            Conclusion::Failure => Some((record, evidence::rolled_back(record, &self.stack, clone, expected.path)?)),
            Conclusion::Skipped | Conclusion::Cancelled => None,
        });
        let (evidence, problem) = match (finding, record) {
            (Some((record, Finding::Err(wrong))), _) => {
                (format!("WRONG: {wrong}"), Some((wrong, record.action.clone())))
            }
            (Some((_, Ok(seen))), _) => (seen, None),
            (None, Some(record)) => (record.verdict().to_owned(), None),
            (None, None) => {
                (step.errors.first().and_then(|error| error.lines().next()).unwrap_or_default().to_owned(), None)
            }
        };
        let result = match record {
            Some(record) if result == "done" && record.verdict().contains("already") => "already done",
            _ => result,
        };
        CheckedRow {
            row: Row {
                step: format!("{name} / {} / {}", step.job, step.name),
                result,
                time: Some(step.time),
                evidence,
            },
            problem,
        }
    }

    /// Makes the commit, and the pull request of a run that is about one, known to the stand-in of GitHub.
    fn tell_github(&self, run: &Run, change: &Change) {
        let repository = &self.config.repository;
        self.stack.github.add_commit(repository, &change.head, &change.subject);
        if run.event == Event::PullRequest {
            self.stack.github.add_pull(
                repository,
                Pull {
                    number: PULL_REQUEST,
                    title: change.subject.clone(),
                    head_ref: change.branch.clone(),
                    head_sha: change.head.clone(),
                    base_ref: run.branch.clone(),
                    base_sha: change.base.clone(),
                    ..Pull::default()
                },
            );
        }
    }

    /// Writes the comments of the pull request beside the evidence.
    fn save_comments(&self, folder: &Path) -> Result<(), Error> {
        let comments = self.stack.github.comments(&self.config.repository, PULL_REQUEST);
        for (index, comment) in comments.iter().enumerate() {
            let path = folder.join(format!("comment-{}.md", index + 1));
            std::fs::write(&path, comment["body"].as_str().unwrap_or_default()).map_err(Error::file(&path))?;
        }
        Ok(())
    }
}

/// The rows of the roles that jobs asked for with their tokens. AWS never says why it refuses one; here it is known.
fn roles(name: &str, exchanges: &[Exchange], screen: &Screen) -> Vec<Row> {
    let mut seen: Vec<(&Exchange, usize)> = Vec::new();
    for exchange in exchanges {
        match seen.iter_mut().find(|(known, _)| *known == exchange) {
            Some((_, times)) => *times += 1,
            None => seen.push((exchange, 1)),
        }
    }
    let row = |(exchange, times): (&Exchange, usize)| {
        let (result, evidence) = match &exchange.refused {
            None => ("done", format!("STS gave {} to {}, {times} time(s)", exchange.role, exchange.subject)),
            Some(refusal) => ("refused", format!("STS refused {}: {}", exchange.role, refusal.reason())),
        };
        if exchange.refused.is_some() {
            screen.line(&format!("      {evidence}"));
        }
        Row { step: format!("{name} / role"), result, time: None, evidence }
    };
    seen.into_iter().map(row).collect()
}

/// A row, and the problem that a foreign client found.
struct CheckedRow {
    row: Row,
    problem: Option<(String, String)>,
}
