//! How a deployment by `CodeDeploy` ended, in the words of every other one.

use std::time::Duration;

use aws_client::ApiError;

use crate::apply::again::out_of_sight;
use crate::codedeploy::apply::Deploying;
use crate::codedeploy::course::{Course, End};
use crate::codedeploy::create::Started;
use crate::codedeploy::follow::Followed;
use crate::diagnosis::{Diagnosis, Subject};
use crate::ended::Ended;
use crate::names::revision_name;
use crate::outcome::{Back, ServiceOutcome, Verdict};
use crate::rollout::{Event, Hook};
use crate::site::Lost;

impl Deploying<'_> {
    /// The end in words.
    pub(super) fn ended(&self, course: &Course, followed: Followed, (_, limit): (&Started, Duration)) -> Ended {
        let success = if self.plan.update.is_none() { Verdict::AlreadyDeployed } else { Verdict::Deployed };
        ended(course, followed, limit, (success, &self.plan.previous))
    }

    /// What is known of the cause: the tasks of the new task set, and what they wrote.
    pub(super) async fn diagnose(&self, course: &Course) -> Diagnosis {
        let events = self.site.events_since(&self.plan.before).await;
        let subject = Subject {
            cluster: self.site.cluster.as_str(),
            service: self.site.service.name(),
            deployment: course.task_set(),
            task_definition: self.revision,
            definition: &self.definition,
            events: &events,
            service_deployment: None,
        };
        self.site.gather(subject).await
    }

    /// The deployment goes on unseen.
    pub(super) fn lost_sight(&self, deployment: &str, answer: ApiError) -> ServiceOutcome {
        let lost = Lost { answer, told: self.told.clone() };
        out_of_sight(self.site, &self.plan.previous, deployment.to_owned(), lost)
    }

    /// The outcome of the service.
    pub(super) fn outcome(&self, ended: Ended, deployment: &str, diagnosis: Option<Diagnosis>) -> ServiceOutcome {
        let mut events = self.told.clone();
        events.push(self.site.told(Event::Ended { verdict: ended.verdict.as_str() }));
        let seconds = self.site.start.elapsed().as_secs();
        let own = ServiceOutcome::new(&self.plan.service, &self.plan.previous, ended, events, seconds);
        ServiceOutcome { deployment: deployment.to_owned(), diagnosis, ..own }
    }
}

/// How a wait of at most `limit` ended; `success` is the verdict of a deployment that is complete, `previous` the ARN of what ran before.
pub(crate) fn ended(
    course: &Course,
    followed: Followed,
    limit: Duration,
    (success, previous): (Verdict, &str),
) -> Ended {
    match followed {
        Followed::Ended(end) => of_end(end, course, success, previous),
        Followed::Cancelled => {
            let reason = match course.back() {
                Back::No => "the deployment goes on by itself".to_owned(),
                Back::Unknown | Back::Begun => course.unfinished(),
            };
            Ended { back: course.back(), ..Ended::new(Verdict::Cancelled, reason) }
        }
        Followed::TimedOut => {
            let reason = format!("not complete after {} s; {}", limit.as_secs(), course.unfinished());
            let hooks = if course.is_ready() { vec![ready(course)] } else { Vec::new() };
            Ended { hooks, back: course.back(), ..Ended::new(Verdict::TimedOut, reason) }
        }
    }
}

fn of_end(end: End, course: &Course, success: Verdict, previous: &str) -> Ended {
    match end {
        End::Deployed => Ended::new(success, ""),
        End::Ready => Ended { hooks: vec![ready(course)], ..Ended::new(Verdict::Paused, course.how_to_go_on()) },
        End::Failed { reason } => Ended::new(Verdict::Failed, reason),
        End::RolledBack { reason, restored } => {
            let restored = if restored.is_empty() { previous.to_owned() } else { restored };
            Ended { restored: Some(restored), ..Ended::new(Verdict::RolledBack, reason) }
        }
        End::Superseded { by } => {
            let by = if by.is_empty() { "another revision" } else { revision_name(&by) };
            Ended::new(Verdict::Superseded, format!("it was stopped, and {by} was deployed in its place"))
        }
    }
}

/// The deployment as a hook that waits for somebody's word.
fn ready(course: &Course) -> Hook {
    Hook {
        id: course.id().to_owned(),
        target_type: "READY_WAIT".to_owned(),
        status: "AWAITING_ACTION".to_owned(),
        ..Hook::default()
    }
}
