//! A deployment of `CodeDeploy` that waits until somebody says that the traffic moves: its id is what stands for the hook.

use std::time::Duration;

use aws_client::{ApiError, ApiErrorKind};
use tokio::time::sleep;

use crate::codedeploy::{self, Api, Course, Deployment, Status, Until, Watch, ended, place};
use crate::commands::continuation::apply::{Run, as_asked};
use crate::commands::continuation::args::HookAction;
use crate::commands::continuation::error::ContinueError;
use crate::commands::continuation::inputs::ContinueInputs;
use crate::commands::continuation::plan::Step;
use crate::diagnosis::Subject;
use crate::ecs::Ecs;
use crate::follow::passes;
use crate::outcome::{Outcome, Verdict};
use crate::rollout::WaitUntil;
use crate::site::Lost;

/// The deployment that the hook's id names, if it is one of the service.
pub(super) async fn observe(
    inputs: &ContinueInputs,
    ecs: &Ecs,
    blind_spots: &mut Vec<String>,
) -> Result<Option<Deployment>, ApiError> {
    let api = Api { ecs, application: "", group: "" };
    let target = format!("{}:{}", inputs.cluster.name(), inputs.service.name());
    let is_missing = |error: &ApiError| {
        let code = error.code.as_deref().unwrap_or_default();
        code.ends_with("DoesNotExistException")
            || code.starts_with("InvalidDeployment")
            || code.ends_with("NotStartedException")
    };
    let found = match api.deployment(&inputs.hook).await {
        Err(error) if is_missing(&error) => return Ok(None),
        found => found?,
    };
    match api.target(&inputs.hook, &target).await {
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error),
        Ok(_) => codedeploy::read(&api, found, blind_spots).await.map(Some),
    }
}

/// It is acted on once, and only while it waits.
pub(super) fn step(deployment: &Deployment) -> Step {
    match &deployment.status {
        Status::Ready => Step::Act,
        Status::Succeeded => Step::Over("the deployment is complete".to_owned()),
        other => Step::Leave(format!("the deployment is {}, so it is left alone", other.word())),
    }
}

/// What can be waited for.
pub(super) fn can_be_waited_for(inputs: &ContinueInputs) -> Result<(), ContinueError> {
    match inputs.watch.until {
        WaitUntil::Deployed => Ok(()),
        WaitUntil::Stable | WaitUntil::Paused | WaitUntil::Ready | WaitUntil::Stage(_) => {
            Err(ContinueError::Mismatch { service: inputs.service.to_string() })
        }
    }
}

impl Run<'_> {
    fn api(&self) -> Api<'_> {
        let (application, group) = self.group();
        Api { ecs: self.site.ecs, application, group }
    }

    fn group(&self) -> (&str, &str) {
        self.plan.group.as_ref().map_or(("", ""), |(application, group)| (application, group))
    }

    /// Asks `CodeDeploy` to go on or to go back. After a lost answer the deployment tells whether it was heard.
    pub(super) async fn ask_codedeploy(&self) -> Result<Option<String>, ApiError> {
        const PAUSES: [Duration; 4] =
            [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
        let (api, id) = (self.api(), self.plan.hook.as_str());
        let mut pauses = PAUSES.into_iter();
        loop {
            let asked = match self.plan.action {
                HookAction::Continue => api.go_on(id).await,
                HookAction::Rollback => api.stop(id).await,
            };
            let Err(error) = asked else { return Ok(None) };
            if matches!(error.kind, ApiErrorKind::AccessDenied | ApiErrorKind::Expired | ApiErrorKind::BadCredentials) {
                return Err(error);
            }
            if let Step::Leave(why) | Step::Over(why) = step(&api.deployment(id).await?) {
                return Ok(Some(why));
            }
            match pauses.next().filter(|_| passes(&error)) {
                Some(pause) => sleep(self.site.ecs.pace.of(pause)).await,
                None => return Err(error),
            }
        }
    }

    /// Follows the deployment to its end.
    pub(super) async fn follow_codedeploy(&self) -> Result<Outcome, ContinueError> {
        let id = self.plan.hook.clone();
        let mut watch = Watch::new(self.site, self.group(), &id, Vec::new());
        let course = Course::new(&id, Until::Deployed, place(self.site));
        let course = if self.plan.action == HookAction::Rollback { course.going_back() } else { course };
        let followed = Box::pin(watch.follow(course, self.inputs.watch.limit)).await;
        let told = std::mem::take(&mut watch.told);
        drop(watch);
        let (course, followed) = match followed {
            Ok(followed) => followed,
            Err(answer) => return Ok(self.lost_sight(Lost { answer, told })),
        };
        let success =
            if matches!(self.plan.step, Step::Over(_)) { Verdict::AlreadyDeployed } else { Verdict::Deployed };
        let ended = ended(&course, followed, self.inputs.watch.limit, (success, &self.plan.previous));
        let mut outcome = self.outcome(as_asked(ended, self.plan.action), told);
        if let (false, [own]) = (outcome.verdict.is_success(), outcome.services.as_mut_slice()) {
            let events = self.site.events_since(&self.plan.before).await;
            let subject = Subject {
                cluster: self.site.cluster.as_str(),
                service: self.site.service.name(),
                deployment: course.task_set(),
                task_definition: &self.plan.task_definition,
                definition: &self.plan.goal.definition,
                events: &events,
                service_deployment: None,
            };
            own.diagnosis = Some(self.site.gather(subject).await);
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_that_is_ready_is_acted_on() {
        let step = |status| step(&Deployment { status, ..Deployment::default() });
        assert_eq!(step(Status::Ready), Step::Act);
        assert!(matches!(step(Status::Succeeded), Step::Over(_)));
        for status in [
            Status::Created,
            Status::Queued,
            Status::InProgress,
            Status::Baking,
            Status::Failed,
            Status::Stopped,
            Status::Unknown("Pondering".to_owned()),
        ] {
            assert!(matches!(step(status), Step::Leave(_)));
        }
    }
}
