//! What is done, with AWS, about a deployment that did not end well.

mod back;
mod hands;

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::sleep;

use crate::apply::one::One;
use crate::apply::restore::hands::Live;
use crate::diagnosis::Diagnosis;
use crate::ended::Ended;
use crate::error::Error;
use crate::hurry;
use crate::names::revision_name;
use crate::outcome::{Back, ServiceOutcome, Verdict};
use crate::plan::ServiceUpdate;
use crate::restore::{Asked, Case, Fallback, NOT_KNOWN, Occasion, ask};
use crate::rollout::{Event, Follow, Goal, Rollout, STILL_TRYING, Told};
use crate::site::Watching;

/// How long a run that goes back because it was cancelled looks for what to ask for.
const LOOK_WHEN_CANCELLED: Duration = Duration::from_millis(2500);

/// How it ended in the end.
pub(super) struct Remedied {
    pub(super) rollout: Rollout,
    pub(super) ended: Ended,
    /// What happened, oldest first.
    pub(super) told: Vec<Told>,
    pub(super) diagnosis: Option<Diagnosis>,
}

/// A deployment that did not end well, and what is told about it.
struct Bad {
    occasion: Occasion,
    rollout: Rollout,
    ended: Ended,
    told: Vec<Told>,
    /// How long its rollback is waited for.
    limit: Duration,
}

impl One<'_> {
    /// Says why a deployment did not end well, and does about it what was asked for.
    pub(super) async fn remedy(&self, watching: Watching, ended: Ended, limit: Duration) -> Remedied {
        let Watching { rollout, told, .. } = watching;
        // One that is complete is not gone back from because old tasks drain slowly.
        let occasion = Occasion::of(ended.verdict, self.run.inputs.remedies).filter(|_| !rollout.is_settling());
        let Some(occasion) = occasion else {
            if ended.verdict == Verdict::Cancelled {
                self.note(&rollout, &ended);
            }
            let diagnosis = if ended.verdict.is_success() { None } else { Some(self.diagnose(&rollout).await) };
            return Remedied { rollout, ended, told, diagnosis };
        };
        let mut bad = Bad { occasion, rollout, ended, told, limit };
        let (cancel, pace) = (&self.run.session.cancel, self.run.ecs.pace);
        let (asked, cancelled) = hurry::watched(cancel, Box::pin(self.ask(&mut bad))).await;
        if cancelled.is_none() {
            let is_deployed = asked == Asked::Deployed;
            let diagnosis = if is_deployed { None } else { Some(self.diagnose(&bad.rollout).await) };
            let ended = self.back(&mut bad, asked).await;
            return Remedied { rollout: bad.rollout, ended, told: bad.told, diagnosis };
        }
        // Nothing is waited for any more, so that the end is known before its cause.
        let ended = self.back(&mut bad, asked).await;
        self.note(&bad.rollout, &ended);
        let is_well = ended.verdict.is_success();
        let diagnosis = if is_well { None } else { hurry::in_time(cancelled, pace, self.diagnose(&bad.rollout)).await };
        Remedied { rollout: bad.rollout, ended, told: bad.told, diagnosis }
    }

    /// Notes what is known, for a run that does not come to its end.
    fn note(&self, rollout: &Rollout, ended: &Ended) {
        let known = [
            ("previous-task-definition-arn", self.plan.previous.as_str()),
            ("deployment-id", rollout.goal().deployment.as_str()),
            ("service-deployment-arn", rollout.service_deployment_arn().unwrap_or_default()),
        ];
        hurry::note(self.site(), ended, &known);
    }

    /// Undoes the deployment that is under way, by its service deployment `arn`; `None` when that was complete first.
    pub(super) async fn undo(&self, arn: &str) -> Result<Option<ServiceOutcome>, Error> {
        let primary = self.plan.before.primary().ok_or_else(|| Error::UnexpectedAnswer {
            operation: "DescribeServices",
            why: "the service has no PRIMARY deployment".to_owned(),
        })?;
        let goal = Goal {
            deployment: primary.id.clone(),
            created: primary.created,
            task_definition: primary.task_definition.clone(),
            previous_task_definition: self.revision.arn.clone(),
            mode: Follow::Present { arn: arn.to_owned() },
            classic_suffices: self.plan.before.is_rolling(),
            // Whoever began it: it was asked for by name.
            started: true,
            ..Goal::default()
        };
        let name = revision_name(&primary.task_definition);
        let mut bad = Bad {
            occasion: Occasion::Failure,
            rollout: Rollout::new(goal, &self.plan.before),
            ended: Ended::new(Verdict::Failed, format!("the deployment of {name} was to be rolled back")),
            told: Vec::new(),
            limit: self.run.inputs.wait.unwrap_or_default(),
        };
        let asked = Box::pin(self.ask_for(&mut bad, Fallback::To(self.revision.arn.clone()))).await;
        if asked == Asked::Deployed {
            return Ok(None);
        }
        let ended = self.back(&mut bad, asked).await;
        let (deployment, service_deployment) = (primary.id.clone(), arn.to_owned());
        Ok(Some(ServiceOutcome { deployment, service_deployment, ..self.outcome(ended, bad.told) }))
    }

    async fn diagnose(&self, rollout: &Rollout) -> Diagnosis {
        self.site().diagnose(rollout, &self.run.plan.definition.body()).await
    }

    /// Asks for the rollback.
    async fn ask(&self, bad: &mut Bad) -> Asked {
        let input = bad.occasion.input();
        match bad.occasion {
            Occasion::Failure => self.log(&format!("`{input}` asks for a rollback")),
            Occasion::TimeOut | Occasion::Cancel => {
                self.log(&format!("{}; `{input}` asks for a rollback", bad.ended.reason));
            }
        }
        let unknown = || Fallback::Unknown("nothing is known to go back to".to_owned());
        Box::pin(self.ask_for(bad, self.plan.fallback.clone().unwrap_or_else(unknown))).await
    }

    async fn ask_for(&self, bad: &mut Bad, fallback: Fallback) -> Asked {
        let case = self.case(bad, fallback);
        self.note(&bad.rollout, &bad.unknown(Verdict::Cancelled, ""));
        let hurry = async {
            match bad.occasion {
                Occasion::Cancel => sleep(self.run.ecs.pace.of(LOOK_WHEN_CANCELLED)).await,
                Occasion::Failure | Occasion::TimeOut => self.run.session.cancel.cancelled().await,
            }
        };
        let mut hands = Live::new(self, &bad.rollout, bad.occasion);
        let asked = Box::pin(ask(&case, &mut hands, hurry)).await;
        self.tell(bad, &asked);
        asked
    }

    fn case(&self, bad: &Bad, fallback: Fallback) -> Case {
        let goal = bad.rollout.goal();
        let before: BTreeSet<String> = self.plan.before.deployments.iter().map(|entry| entry.id.clone()).collect();
        Case {
            occasion: bad.occasion,
            deployment: goal.deployment.clone(),
            started: goal.started,
            readable: self.plan.history.refused.is_none(),
            is_rolling: self.plan.before.is_rolling(),
            fallback,
            before,
        }
    }

    /// Tells what was asked for, and what it leaves as it is.
    fn tell(&self, bad: &mut Bad, asked: &Asked) {
        let (to, line) = match asked {
            Asked::Deployed => (None, "the deployment is complete after all".to_owned()),
            Asked::Not(why) => (None, format!("not rolled back: {why}")),
            Asked::Cancelled => (None, "not rolled back: the run was cancelled first".to_owned()),
            Asked::Unknown(why) => (None, format!("{NOT_KNOWN}: {why}")),
            Asked::GoingBack { asked: true, .. } => (Some(""), "ECS rolls the service deployment back".to_owned()),
            Asked::GoingBack { asked: false, .. } => (Some(""), "ECS rolls it back already".to_owned()),
            Asked::Updated { to, .. } | Asked::Displaced { to, .. } => {
                let again =
                    if self.plan.before.is_rolling() { "" } else { "; the stages and hooks of its strategy run again" };
                (Some(to.as_str()), format!("the service gets {} again{again}", revision_name(to)))
            }
        };
        self.log(&line);
        let Some(to) = to else { return };
        if let Some(cause) = bad.ended.reason.strip_suffix(STILL_TRYING) {
            bad.ended.reason = cause.to_owned();
        }
        bad.told.push(self.site().told(Event::RollingBack { to: to.to_owned() }));
        let set = self.plan.update.as_ref().map(ServiceUpdate::settings).unwrap_or_default();
        if !set.is_empty() {
            let names: Vec<String> = set.iter().map(|name| format!("`{name}`")).collect();
            let names = names.join(", ");
            bad.ended
                .warnings
                .push(format!("a rollback brings the revision back alone: {names} stays as this run set it"));
        }
    }

    fn log(&self, text: &str) {
        self.run.session.log.line(self.site().line(text));
    }
}

impl Bad {
    /// The end that there was, with more of a reason.
    fn with(&self, verdict: Verdict, more: &str) -> Ended {
        let reason = format!("{}; {more}", self.ended.reason);
        Ended { warnings: self.ended.warnings.clone(), ..Ended::new(verdict, reason) }
    }

    /// The same; what became of a cancelled run's deployment is what it asked for, and nothing before that.
    fn then(&self, verdict: Verdict, more: &str) -> Ended {
        let ended = self.with(verdict, more);
        if self.occasion == Occasion::Cancel { Ended { reason: more.to_owned(), ..ended } } else { ended }
    }

    /// It was asked for, and not answered.
    fn unknown(&self, verdict: Verdict, why: &str) -> Ended {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        Ended { back: Back::Unknown, ..self.then(verdict, &format!("{NOT_KNOWN}{why}")) }
    }
}
