//! One service that is followed: where it is, and what following it needs, whatever command follows it.

mod live;

use std::collections::BTreeSet;
use std::time::Duration;

use actions_core::Session;
use aws_client::ApiError;
use serde_json::Value;
use tokio::time::Instant;

use crate::diagnosis::{Diagnosis, Subject, gather};
use crate::ecs::Ecs;
use crate::follow::{Followed, Patience, follow};
use crate::names::{ClusterName, ServiceName};
use crate::next::Run;
use crate::rollout::{Event, MISSING, Rollout, Told};
use crate::service::Service;
use live::Live;

/// One service that is followed.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) ecs: &'a Ecs,
    pub(crate) session: &'a Session,
    pub(crate) cluster: &'a ClusterName,
    pub(crate) service: &'a ServiceName,
    /// When the run began.
    pub(crate) start: Instant,
    /// Whether the lines of the log say whose they are.
    pub(crate) naming: Naming,
    /// Which run follows it.
    pub(crate) run: Run,
}

/// Whether the lines of the log say whose they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// One service is followed.
    Needless,
    /// Several are.
    Needed,
}

/// What following a deployment gave.
pub(crate) struct Watching {
    pub(crate) rollout: Rollout,
    pub(crate) followed: Followed,
    /// What happened, oldest first.
    pub(crate) told: Vec<Told>,
}

/// A deployment that can no longer be seen.
pub(crate) struct Lost {
    /// The call that failed.
    pub(crate) answer: ApiError,
    /// What happened before, oldest first.
    pub(crate) told: Vec<Told>,
}

impl Site<'_> {
    /// Follows a deployment for at most `limit`; `told` is what happened before.
    pub(crate) async fn follow(self, rollout: Rollout, limit: Duration, told: Vec<Told>) -> Result<Watching, Lost> {
        self.watch(rollout, limit, told).await.map_err(|(_, lost)| lost)
    }

    /// The same; a deployment that can no longer be seen is given as it was seen last.
    pub(crate) async fn watch(
        self,
        rollout: Rollout,
        limit: Duration,
        told: Vec<Told>,
    ) -> Result<Watching, (Box<Rollout>, Lost)> {
        let patience = Patience { limit, cancel: &self.session.cancel };
        let mut live = Live::new(self, &rollout.goal().deployment, told);
        match Box::pin(follow(rollout, patience, &mut live)).await {
            Ok((rollout, followed)) => Ok(Watching { rollout, followed, told: live.told }),
            Err((rollout, answer)) => Err((rollout, Lost { answer, told: live.told })),
        }
    }

    /// What is known of the cause. A missing permission costs one line and no more.
    pub(crate) async fn diagnose(self, rollout: &Rollout, definition: &Value) -> Diagnosis {
        let goal = rollout.goal();
        let subject = Subject {
            cluster: self.cluster.as_str(),
            service: self.service.name(),
            deployment: &goal.deployment,
            task_definition: &goal.task_definition,
            definition,
            events: rollout.messages(),
            service_deployment: rollout.service_deployment(),
        };
        self.gather(subject).await
    }

    /// What is known of a cause, and in the log.
    pub(crate) async fn gather(self, subject: Subject<'_>) -> Diagnosis {
        let diagnosis = Box::pin(gather(subject, self.ecs, self.session)).await;
        for section in diagnosis.sections() {
            self.session.log.group(&self.line(&section.title), &section.lines);
        }
        diagnosis
    }

    /// The service now. One that is gone reads as [`MISSING`].
    pub(crate) async fn look(self, ecs: &Ecs) -> Result<Service, ApiError> {
        let seen = ecs.service(self.cluster.as_str(), self.service.as_str()).await?;
        Ok(seen.map_or_else(
            || Service { status: MISSING.to_owned(), ..Service::default() },
            |service| Service::from_answer(&service),
        ))
    }

    /// The service's events since it was as `before`, oldest first; none where it cannot be looked at.
    pub(crate) async fn events_since(self, before: &Service) -> Vec<String> {
        let known: BTreeSet<&str> = before.events.iter().map(|event| event.id.as_str()).collect();
        let now = self.look(self.ecs).await.unwrap_or_default();
        let new = now.events.into_iter().rev().filter(|event| !known.contains(event.id.as_str()));
        new.map(|event| event.message).collect()
    }

    /// `event`, now.
    pub(crate) fn told(self, event: Event) -> Told {
        Told { at: self.elapsed(), event }
    }

    /// The time since the start of the run, as fast as the service's clock goes.
    pub(crate) fn elapsed(self) -> Duration {
        self.ecs.pace.passed(self.start.elapsed())
    }

    /// A line of the log: of several services it says which.
    pub(crate) fn line(self, text: &str) -> String {
        match self.naming {
            Naming::Needless => text.to_owned(),
            Naming::Needed => format!("{}: {text}", self.service),
        }
    }
}
