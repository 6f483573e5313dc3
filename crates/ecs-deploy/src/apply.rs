//! Registers, updates, follows: the plan's steps in the plan's order; several services at the same time.

mod live;
mod one;

use actions_core::{ActionError as _, ExitCode, Session};
use aws_client::ApiError;
use futures::future::join_all;
use tokio::time::Instant;

use crate::apply::one::One;
use crate::ecs::{Ecs, registered_arn};
use crate::error::Error;
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{Outcome, ServiceOutcome, Verdict};
use crate::plan::{Plan, Registration, ServicePlan};

/// One run.
struct Run<'a> {
    inputs: &'a Inputs,
    plan: &'a Plan,
    ecs: &'a Ecs,
    session: &'a Session,
    start: Instant,
}

/// The revision to deploy.
struct Revision {
    arn: String,
    registered: bool,
    warnings: Vec<String>,
}

/// Does what the plan says.
pub(crate) async fn apply(inputs: &Inputs, plan: &Plan, ecs: &Ecs, session: &Session) -> Result<Outcome, Error> {
    let run = Run { inputs, plan, ecs, session, start: Instant::now() };
    let revision = run.register().await?;
    if plan.services.is_empty() {
        return Ok(run.only_registered(revision));
    }
    let services = run.deploy(&revision).await?;
    Ok(run.outcome(revision, services))
}

impl Run<'_> {
    async fn register(&self) -> Result<Revision, Error> {
        if let Registration::Reuse(arn) = &self.plan.registration {
            self.session.log.line(format!("{} is the same: no revision is registered", revision_name(arn)));
            return Ok(Revision { arn: arn.clone(), registered: false, warnings: Vec::new() });
        }
        self.show_changes();
        let answer = self.ecs.register(&self.plan.family, &self.plan.definition.body()).await;
        let answer = answer.map_err(|error| self.refusal(error))?;
        let (arn, _) = registered_arn(&answer).ok_or_else(|| Error::UnexpectedAnswer {
            operation: "RegisterTaskDefinition",
            why: "it has no `taskDefinitionArn`".to_owned(),
        })?;
        self.session.log.line(format!("registered {}", revision_name(&arn)));
        let lost = self.plan.definition.lost_in(&answer);
        let warnings = if lost.is_empty() { Vec::new() } else { vec![lost_warning(&arn, &lost)] };
        Ok(Revision { arn, registered: true, warnings })
    }

    /// The log names the fields that change, and the images; other values are written nowhere.
    fn show_changes(&self) {
        let fields = self.plan.changes.iter().map(|change| format!("{} {}", change.kind.sign(), change.path));
        let lines: Vec<String> = fields.collect();
        if !lines.is_empty() {
            self.session.log.group("changed fields:", &lines);
        }
        for image in self.plan.images.iter().filter(|image| image.before.as_ref() != Some(&image.after)) {
            let before = image.before.as_deref().unwrap_or("unknown");
            self.session.log.line(format!("image of {}: {before} -> {}", image.container, image.after));
        }
    }

    /// ECS answers `ClientException` or `InvalidParameterException` for a task definition it does not take.
    fn refusal(&self, answer: ApiError) -> Error {
        match answer.code.as_deref() {
            Some("ClientException" | "InvalidParameterException") => {
                Error::Refused { family: self.plan.family.clone(), path: self.plan.file.clone(), answer }
            }
            _ => Error::Aws(answer),
        }
    }

    /// Deploys to all services at the same time, and waits for each.
    ///
    /// The error of the only service is the run's. Of several, one that fails keeps none of the others from its end.
    async fn deploy(&self, revision: &Revision) -> Result<Vec<ServiceOutcome>, Error> {
        let one = |service| One::new(self, service, revision).deploy();
        let [only] = self.plan.services.as_slice() else {
            let ended = join_all(self.plan.services.iter().map(one)).await;
            let services = self.plan.services.iter().zip(ended);
            return Ok(services.map(|(plan, ended)| ended.unwrap_or_else(|error| self.lost(plan, &error))).collect());
        };
        Ok(vec![one(only).await?])
    }

    /// The outcome of a service whose error must not end the others.
    fn lost(&self, plan: &ServicePlan, error: &Error) -> ServiceOutcome {
        let verdict = match error.exit_code() {
            ExitCode::TimedOut => Verdict::TimedOut,
            ExitCode::Cancelled => Verdict::Cancelled,
            ExitCode::Done | ExitCode::Failed | ExitCode::BadInput | ExitCode::RolledBack | ExitCode::Internal => {
                Verdict::Failed
            }
        };
        let why = error.why().map_or_else(String::new, |why| format!(": {why}"));
        let reason = format!("{error}{why}");
        self.session.log.line(format!("{}: {reason}", plan.service));
        ServiceOutcome {
            service: plan.service.clone(),
            verdict,
            reason,
            deployment: String::new(),
            previous: plan.previous.clone(),
            restored: None,
            seconds: self.start.elapsed().as_secs(),
            warnings: Vec::new(),
            events: Vec::new(),
            diagnosis: None,
        }
    }

    fn only_registered(&self, revision: Revision) -> Outcome {
        let verdict = if revision.registered { Verdict::Registered } else { Verdict::AlreadyRegistered };
        Outcome { verdict, ..self.outcome(revision, Vec::new()) }
    }

    /// What became of all: the verdict is the worst of them.
    fn outcome(&self, revision: Revision, services: Vec<ServiceOutcome>) -> Outcome {
        let worst = services.iter().max_by_key(|service| service.verdict.badness());
        Outcome {
            verdict: worst.map_or(Verdict::Registered, |worst| worst.verdict),
            reason: reason(&services),
            task_definition: revision.arn,
            registered: revision.registered,
            seconds: self.start.elapsed().as_secs(),
            warnings: revision.warnings,
            services,
        }
    }
}

/// Why it did not end well; of several services each that did not, by its name.
fn reason(services: &[ServiceOutcome]) -> String {
    if let [only] = services {
        return only.reason.clone();
    }
    let bad = services.iter().filter(|service| !service.reason.is_empty());
    let lines: Vec<String> = bad.map(|service| format!("{}: {}", service.service, service.reason)).collect();
    lines.join("; ")
}

fn lost_warning(arn: &str, lost: &[String]) -> String {
    let shown: Vec<String> = lost.iter().take(20).map(|path| format!("`{path}`")).collect();
    let more = if lost.len() > 20 { format!(" and {} more", lost.len() - 20) } else { String::new() };
    format!(
        "ECS registered {} without {}{more}: it knows no such field here; check the spelling",
        revision_name(arn),
        shown.join(", ")
    )
}
