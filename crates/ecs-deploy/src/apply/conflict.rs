//! Waiting for somebody else's deployment before ours is begun.

use std::time::Duration;

use actions_core::Session;
use futures::future::try_join_all;

use crate::apply::one::One;
use crate::apply::{Revision, Run};
use crate::codedeploy;
use crate::error::{ConflictError, Error};
use crate::follow::Followed;
use crate::inputs::OnConflict;
use crate::names::revision_name;
use crate::plan::{ServicePlan, UnderWay};
use crate::rollout::{Follow, Goal, Rollout};

/// How long another deployment is waited for where ours is not.
const LIMIT: Duration = Duration::from_mins(30);

/// Whether the run may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Nothing is in its way.
    Free,
    /// It was cancelled.
    Cancelled,
}

impl Run<'_> {
    /// Waits, where that was asked for, until no other deployment is under way.
    ///
    /// What was planned before is then out of date, so the run begins anew.
    pub(super) async fn wait_for_others(&self) -> Result<Way, Error> {
        if self.inputs.on_conflict != OnConflict::Wait {
            return Ok(Way::Free);
        }
        let waits =
            self.plan.services.iter().filter_map(|plan| Some(self.wait_for_other(plan, plan.under_way.as_ref()?)));
        let ended = try_join_all(waits).await?;
        if ended.contains(&Way::Cancelled) {
            return Ok(Way::Cancelled);
        }
        let waited = self.plan.services.iter().find(|plan| plan.under_way.is_some());
        waited.map_or(Ok(Way::Free), |plan| Err(ConflictError::Waited { service: plan.service.clone() }.into()))
    }

    async fn wait_for_other(&self, plan: &ServicePlan, other: &UnderWay) -> Result<Way, Error> {
        let session: &Session = self.session;
        let revision = Revision { arn: other.task_definition.clone(), registered: false, warnings: Vec::new() };
        let name = revision_name(&other.task_definition).to_owned();
        session.log.line(format!("{}: waiting for the deployment of {name}, which is under way", plan.service));
        let one = One::new(self, plan, &revision);
        if let Some(code) = &plan.codedeploy {
            return codedeploy::wait_for_other(one.site(), plan, code, self.inputs).await;
        }
        let limit = self.inputs.wait.unwrap_or(LIMIT);
        let rollout = Rollout::new(goal(plan, other), &plan.before);
        let followed = one.site().follow(rollout, limit, Vec::new()).await.map_err(|lost| lost.answer)?.followed;
        match followed {
            Followed::Ended(_) => Ok(Way::Free),
            Followed::Cancelled => Ok(Way::Cancelled),
            Followed::TimedOut => {
                Err(ConflictError::UnderWay { service: plan.service.clone(), revision: name, waited: true }.into())
            }
        }
    }
}

/// Theirs, whatever its end.
fn goal(plan: &ServicePlan, other: &UnderWay) -> Goal {
    let mode = other.service_deployment.clone().map_or(Follow::Classic, |arn| Follow::Present { arn });
    Goal {
        deployment: other.deployment.clone(),
        task_definition: other.task_definition.clone(),
        classic_suffices: plan.before.is_rolling() || mode == Follow::Classic,
        mode,
        ..Goal::default()
    }
}
