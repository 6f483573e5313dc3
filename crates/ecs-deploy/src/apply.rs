//! Registers, updates, follows: the plan's steps in the plan's order.

use std::time::Duration;

use actions_core::{Progress, Session};
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::{Instant, sleep, timeout};

use crate::diagnosis::{Diagnosis, stopped};
use crate::ecs::{Ecs, registered_arn};
use crate::error::Error;
use crate::follow::{Followed, Patience, Watched, follow};
use crate::inputs::Inputs;
use crate::names::revision_name;
use crate::outcome::{Outcome, Verdict};
use crate::plan::{Plan, Registration, ServiceUpdate};
use crate::rollout::{Counts, End, Goal, Rollout};
use crate::service::Service;

/// How long the stopped tasks may take to be read: less than a cancelled run has left.
const DIAGNOSIS_LIMIT: Duration = Duration::from_secs(3);

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
    match &plan.before {
        Some(before) => run.deploy(before, revision).await,
        None => Ok(run.only_registered(revision)),
    }
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

    fn only_registered(&self, revision: Revision) -> Outcome {
        let verdict = if revision.registered { Verdict::Registered } else { Verdict::AlreadyRegistered };
        self.outcome(revision, verdict, String::new())
    }

    async fn deploy(&self, before: &Service, revision: Revision) -> Result<Outcome, Error> {
        if self.session.cancel.is_cancelled() {
            return Ok(self.outcome(revision, Verdict::Cancelled, "the service was not updated".to_owned()));
        }
        let updated = match &self.plan.update {
            Some(update) => Some(self.update(before, update, &revision).await?),
            None => None,
        };
        let goal = self.goal(before, updated.as_ref(), &revision)?;
        match self.inputs.wait {
            Some(limit) => self.follow(before, goal, limit, revision).await,
            None => Ok(self.not_waited(before, &goal, revision)),
        }
    }

    async fn update(&self, before: &Service, update: &ServiceUpdate, revision: &Revision) -> Result<Service, Error> {
        if revision.registered && self.plan.file.is_none() {
            self.check_unmoved(before).await?;
        }
        let task_definition = update.task_definition.then_some(revision.arn.as_str());
        let answer = self.ecs.update(self.cluster(), self.service(), update, task_definition).await?;
        self.session.log.line(format!("updated service {}", self.service_shown()));
        Ok(Service::from_answer(&answer))
    }

    /// What was made out of what the service ran must not undo what someone else deployed meanwhile.
    async fn check_unmoved(&self, before: &Service) -> Result<(), Error> {
        let now = self.look().await?.task_definition;
        if now == before.task_definition {
            return Ok(());
        }
        Err(self.moved(&before.task_definition, &now))
    }

    fn moved(&self, before: &str, now: &str) -> Error {
        Error::Moved {
            service: self.service_shown(),
            before: revision_name(before).to_owned(),
            now: revision_name(now).to_owned(),
        }
    }

    /// Our deployment: the primary one of the update's answer, or without an update the present one.
    ///
    /// An update that names no task definition (the same revision, another desired count) leaves the one that is there. When
    /// that is not the one we saw, someone else deployed meanwhile, and their deployment must not pass for ours.
    fn goal(&self, before: &Service, updated: Option<&Service>, revision: &Revision) -> Result<Goal, Error> {
        let operation = if updated.is_some() { "UpdateService" } else { "DescribeServices" };
        let primary = updated.unwrap_or(before).primary().ok_or_else(|| Error::UnexpectedAnswer {
            operation,
            why: "the service has no PRIMARY deployment".to_owned(),
        })?;
        let theirs = &primary.task_definition;
        if updated.is_some() && !theirs.is_empty() && *theirs != revision.arn {
            return Err(self.moved(&revision.arn, theirs));
        }
        let previous = before.primary().map(|deployment| deployment.id.clone()).unwrap_or_default();
        let asked = self.inputs.desired_count.filter(|_| updated.is_some() && primary.id == previous);
        Ok(Goal {
            deployment: primary.id.clone(),
            task_definition: revision.arn.clone(),
            previous_deployment: previous,
            previous_task_definition: before.task_definition.clone(),
            counts: asked.map_or(Counts::DoNotMatter, |count| Counts::MustMatch { asked: count.into() }),
        })
    }

    fn not_waited(&self, before: &Service, goal: &Goal, mut revision: Revision) -> Outcome {
        let verdict = if self.plan.update.is_some() { Verdict::Updated } else { Verdict::AlreadyDeployed };
        if let (Verdict::AlreadyDeployed, Some(primary)) = (verdict, before.primary()) {
            revision.warnings.push(format!(
                "its deployment is {} and was not waited for, because `wait-for-service-stability` is false",
                primary.rollout.word()
            ));
        }
        let outcome = self.outcome(revision, verdict, String::new());
        Outcome { deployment: goal.deployment.clone(), ..outcome }
    }

    async fn follow(
        &self,
        before: &Service,
        goal: Goal,
        limit: Duration,
        revision: Revision,
    ) -> Result<Outcome, Error> {
        let deployment = goal.deployment.clone();
        let patience = Patience { limit, cancel: &self.session.cancel };
        let progress = self.session.log.progress(&format!("deployment {deployment}"), 0);
        let mut live = Live { run: self, progress, start: Instant::now() };
        let followed = follow(Rollout::new(goal, before), patience, &mut live).await;
        let (rollout, followed) =
            followed.map_err(|answer| Error::LostSight { deployment: deployment.clone(), answer })?;
        drop(live);
        let mut outcome = self.ended(revision, followed, &rollout, limit);
        outcome.deployment.clone_from(&deployment);
        if !outcome.verdict.is_success() {
            outcome.diagnosis = Some(self.diagnose(&rollout).await);
        }
        Ok(outcome)
    }

    fn ended(&self, mut revision: Revision, followed: Followed, rollout: &Rollout, limit: Duration) -> Outcome {
        let (verdict, reason, restored) = match followed {
            Followed::Ended(End::Deployed { desired }) => {
                if desired == 0 {
                    revision.warnings.push(
                        "the service's desired count is 0: no task was started, so nothing shows that it runs"
                            .to_owned(),
                    );
                }
                let nothing_done = self.plan.update.is_none();
                (if nothing_done { Verdict::AlreadyDeployed } else { Verdict::Deployed }, String::new(), None)
            }
            Followed::Ended(End::Failed { reason }) => (Verdict::Failed, reason, None),
            Followed::Ended(End::RolledBack { reason, restored, complete }) => {
                let tail = if complete { "" } else { "; the rollback is still under way" };
                (Verdict::RolledBack, format!("{reason}{tail}"), Some(restored))
            }
            Followed::Ended(End::Superseded { by }) => {
                (Verdict::Superseded, format!("the service was updated to {} meanwhile", revision_name(&by)), None)
            }
            Followed::TimedOut => {
                let seen = if rollout.last().is_empty() { "it was never seen" } else { rollout.last() };
                (Verdict::TimedOut, format!("not complete after {} s; last seen: {seen}", limit.as_secs()), None)
            }
            Followed::Cancelled => (Verdict::Cancelled, "the deployment goes on by itself".to_owned(), None),
        };
        Outcome { restored, ..self.outcome(revision, verdict, reason) }
    }

    /// What is known of the cause. A missing permission costs one line and no more.
    async fn diagnose(&self, rollout: &Rollout) -> Diagnosis {
        let goal = rollout.goal();
        let mut diagnosis = Diagnosis { events: rollout.events().to_vec(), ..Diagnosis::default() };
        match timeout(DIAGNOSIS_LIMIT, self.ecs.stopped_tasks(self.cluster(), &self.service_shown())).await {
            Ok(Ok(tasks)) => diagnosis.stopped = stopped(&tasks, &goal.deployment, &goal.task_definition),
            Ok(Err(error)) if error.kind == ApiErrorKind::AccessDenied => {
                diagnosis.blind_spots.push(format!("grant `{}` to see why tasks stopped", error.iam_action()));
            }
            Ok(Err(error)) => diagnosis.blind_spots.push(format!("why tasks stopped is not known: {error}")),
            Err(_) => diagnosis.blind_spots.push("why tasks stopped was not answered in time".to_owned()),
        }
        diagnosis
    }

    /// The service now. One that is gone reads as `INACTIVE`.
    async fn look(&self) -> Result<Service, ApiError> {
        let seen = self.ecs.service(self.cluster(), self.service()).await?;
        Ok(seen.map_or_else(
            || Service { status: "MISSING".to_owned(), ..Service::default() },
            |service| Service::from_answer(&service),
        ))
    }

    fn outcome(&self, revision: Revision, verdict: Verdict, reason: String) -> Outcome {
        Outcome {
            verdict,
            reason,
            task_definition: revision.arn,
            registered: revision.registered,
            deployment: String::new(),
            restored: None,
            seconds: self.start.elapsed().as_secs(),
            warnings: revision.warnings,
            diagnosis: None,
        }
    }

    fn cluster(&self) -> &str {
        self.inputs.cluster.as_str()
    }

    fn service(&self) -> &str {
        self.inputs.service.as_ref().map_or("", |service| service.as_str())
    }

    fn service_shown(&self) -> String {
        self.plan.service.clone().unwrap_or_default()
    }
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

/// The service as AWS tells it, in real time.
struct Live<'a> {
    run: &'a Run<'a>,
    progress: Progress,
    start: Instant,
}

impl Watched for Live<'_> {
    async fn look(&mut self) -> Result<Service, ApiError> {
        self.run.look().await
    }

    async fn pause(&mut self, time: Duration) {
        sleep(self.run.ecs.pace.of(time)).await;
    }

    fn elapsed(&self) -> Duration {
        self.run.ecs.pace.passed(self.start.elapsed())
    }

    fn tell(&mut self, note: &str) {
        self.progress.change(note);
    }

    fn still(&mut self, state: &str) {
        self.progress.waiting(state);
    }
}
