//! A look at the service and its service deployment, and the two calls that undo a deployment.

use std::time::Duration;

use aws_client::{ApiError, ApiErrorKind};
use tokio::time::sleep;

use crate::apply::one::One;
use crate::ecs::Ecs;
use crate::hurry;
use crate::plan::ServiceUpdate;
use crate::restore::{Hands, Look, Occasion, unavailable};
use crate::rollout::Rollout;
use crate::service::Service;
use crate::service_deployment::ServiceDeployment;

/// The time between two looks.
const PAUSE: Duration = Duration::from_secs(2);
/// The same in a cancelled run.
const PAUSE_WHEN_CANCELLED: Duration = Duration::from_millis(200);

/// The service at AWS.
pub(super) struct Live<'a> {
    one: &'a One<'a>,
    occasion: Occasion,
    ecs: Ecs,
    renewed: bool,
    task_definition: String,
    /// The ARN of our service deployment, once it is known.
    own: Option<String>,
}

impl<'a> Live<'a> {
    pub(super) fn new(one: &'a One<'a>, rollout: &Rollout, occasion: Occasion) -> Self {
        let own = rollout.service_deployment_arn().map(str::to_owned);
        let task_definition = rollout.goal().task_definition.clone();
        Self { one, occasion, ecs: one.run.ecs.clone(), renewed: false, task_definition, own }
    }

    /// The answer of a change, which a cancelled run does not wait for long.
    async fn answer<T>(&self, operation: &str, call: impl Future<Output = Result<T, ApiError>>) -> Result<T, ApiError> {
        hurry::answer(&self.one.run.session.cancel, self.ecs.pace, call).await.unwrap_or_else(|| {
            Err(ApiError {
                service: "ecs".to_owned(),
                operation: operation.to_owned(),
                code: None,
                message: "it was not answered in time".to_owned(),
                resource: None,
                kind: ApiErrorKind::TimedOut,
                request_id: None,
            })
        })
    }

    async fn see(&self) -> Result<Look, ApiError> {
        let service = self.one.site().look(&self.ecs).await?;
        let own = match self.own(&service).await {
            Ok(own) => own,
            Err(error) if is_refused(&error) => None,
            Err(error) => return Err(error),
        };
        Ok(Look { service, own })
    }

    /// Our service deployment: by its ARN, or else the one that the service names, where that is new and brings our revision.
    async fn own(&self, service: &Service) -> Result<Option<ServiceDeployment>, ApiError> {
        if self.one.plan.history.refused.is_some() {
            return Ok(None);
        }
        if let Some(arn) = &self.own {
            let found = self.ecs.service_deployments(std::slice::from_ref(arn)).await?;
            return Ok(found.into_iter().find(|own| own.arn == *arn));
        }
        let named = &service.current_service_deployment;
        if named.is_empty() || self.one.plan.history.known.iter().any(|known| known.arn == *named) {
            return Ok(None);
        }
        let found = self.ecs.candidates(std::slice::from_ref(named)).await?.into_iter();
        let mut ours = found.filter(|found| found.task_definition == self.task_definition);
        Ok(ours.next().map(|found| found.deployment))
    }
}

impl Hands for Live<'_> {
    async fn look(&mut self) -> Result<Look, ApiError> {
        let mut seen = self.see().await;
        if let Err(error) = &seen
            && error.kind == ApiErrorKind::Expired
            && !self.renewed
        {
            self.renewed = true;
            if let Ok(ecs) = self.ecs.anew(self.one.run.session).await {
                self.ecs = ecs;
                seen = self.see().await;
            }
        }
        let look = seen?;
        if let Some(own) = &look.own {
            self.own = Some(own.arn.clone());
        }
        Ok(look)
    }

    async fn stop(&mut self, arn: &str) -> Result<(), ApiError> {
        let stopped = self.answer("StopServiceDeployment", self.ecs.roll_back(arn)).await;
        if let Some(why) = stopped.as_ref().err().and_then(unavailable) {
            self.one.run.session.log.line(self.one.site().line(&why));
        }
        stopped
    }

    async fn update(&mut self, to: &str) -> Result<Service, ApiError> {
        let (cluster, service) = (self.one.cluster(), self.one.service());
        let update = ServiceUpdate::TASK_DEFINITION;
        let call = self.ecs.update(cluster, service, &update, Some(to));
        Ok(Service::from_answer(&self.answer("UpdateService", call).await?))
    }

    async fn pause(&mut self) {
        let time = if self.occasion == Occasion::Cancel { PAUSE_WHEN_CANCELLED } else { PAUSE };
        sleep(self.ecs.pace.of(time)).await;
    }
}

/// Whether service deployments cannot be read, now or later.
fn is_refused(error: &ApiError) -> bool {
    matches!(error.kind, ApiErrorKind::AccessDenied | ApiErrorKind::NotFound | ApiErrorKind::Invalid)
}
