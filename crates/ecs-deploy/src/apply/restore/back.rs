//! Following a rollback to its end, and the verdict that is left.

use crate::apply::one::One;
use crate::apply::restore::Bad;
use crate::ended::Ended;
use crate::follow::Followed;
use crate::names::revision_name;
use crate::outcome::{Back, Verdict};
use crate::restore::{Asked, Fallback, Look, Occasion};
use crate::rollout::{Counts, End, Follow, Goal, Rollout, WaitUntil};
use crate::service::Service;
use crate::site::{Lost, Watching};

impl One<'_> {
    /// How it ended, once what was asked for has ended too. A cancelled run does not wait for that.
    pub(super) async fn back(&self, bad: &mut Bad, asked: Asked) -> Ended {
        let is_cancelled = self.run.session.cancel.is_cancelled();
        match asked {
            Asked::Not(why) => bad.with(bad.ended.verdict, &format!("not rolled back: {why}")),
            Asked::Cancelled => bad.with(Verdict::Cancelled, "cancelled before the rollback was asked for"),
            Asked::Unknown(why) if is_cancelled => bad.unknown(Verdict::Cancelled, &why),
            Asked::Unknown(why) => bad.unknown(bad.ended.verdict, &why),
            Asked::Deployed if bad.occasion == Occasion::Cancel => {
                bad.then(Verdict::Cancelled, "the deployment was complete already")
            }
            Asked::Deployed => Ended::new(self.success(), ""),
            Asked::Displaced { to, theirs } => {
                let (to, theirs) = (revision_name(&to), revision_name(&theirs));
                let more = format!(
                    "the rollback to {to} took the place of another deployment, of {theirs}, which began at that very moment"
                );
                bad.with(Verdict::Failed, &more)
            }
            Asked::GoingBack { asked, .. } if is_cancelled => {
                let to = self.expected().map_or_else(String::new, |to| format!(" to {}", revision_name(to)));
                let what = if asked { "was asked for" } else { "is under way already" };
                Ended { back: Back::Begun, ..bad.then(Verdict::Cancelled, &format!("the rollback{to} {what}")) }
            }
            Asked::Updated { to, .. } if is_cancelled => {
                let more = format!("the rollback to {} was asked for", revision_name(&to));
                Ended { back: Back::Begun, ..bad.then(Verdict::Cancelled, &more) }
            }
            Asked::GoingBack { look, .. } => self.going_back(bad, &look).await,
            Asked::Updated { service, to } => self.updated(bad, &service, &to).await,
        }
    }

    fn expected(&self) -> Option<&str> {
        match &self.plan.fallback {
            Some(Fallback::To(to)) => Some(to),
            Some(Fallback::Unknown(_) | Fallback::Nothing(_)) | None => None,
        }
    }

    /// ECS goes back by itself: our own service deployment tells its end.
    async fn going_back(&self, bad: &mut Bad, look: &Look) -> Ended {
        let ours = bad.rollout.goal().clone();
        let goal = Goal {
            mode: look.own.as_ref().map_or(Follow::Classic, |own| Follow::Present { arn: own.arn.clone() }),
            counts: Counts::DoNotMatter,
            wait_until: WaitUntil::Deployed,
            fail_fast_after: 0,
            goes_back: true,
            ..ours.clone()
        };
        let end = match self.follow_back(bad, Rollout::new(goal, &look.service)).await {
            Ok(end) => end,
            Err(ended) => return ended,
        };
        match end {
            End::RolledBack { restored, .. } => {
                let mut ended = rolled_back(bad, restored);
                ended.good = self.better(&ended);
                ended
            }
            End::Deployed { desired } => Ended::deployed(desired, &ours, self.success()),
            End::Failed { reason } => bad.with(Verdict::Failed, &format!("it was not rolled back: {reason}")),
            End::Superseded { by, .. } => superseded(bad, &by),
            End::Paused { .. } | End::StageReached { .. } => bad.with(Verdict::Failed, "the rollback is paused"),
        }
    }

    /// The service was given the revision from before: that is a deployment of its own.
    async fn updated(&self, bad: &mut Bad, service: &Service, to: &str) -> Ended {
        let Some(primary) = service.primary() else {
            return bad.with(Verdict::Failed, "the rollback has no deployment");
        };
        let ours = bad.rollout.goal();
        let history = &self.plan.history;
        let own = bad.rollout.service_deployment_arn().map(str::to_owned);
        let known: std::collections::BTreeSet<String> =
            history.known.iter().map(|known| known.arn.clone()).chain(own).collect();
        let named = Some(service.current_service_deployment.clone()).filter(|arn| !known.contains(arn));
        let goal = Goal {
            deployment: primary.id.clone(),
            created: primary.created,
            task_definition: to.to_owned(),
            previous_deployment: ours.deployment.clone(),
            previous_task_definition: ours.task_definition.clone(),
            mode: if history.refused.is_some() { Follow::Classic } else { Follow::Search },
            known_service_deployments: known,
            named_service_deployment: named,
            classic_suffices: self.plan.before.is_rolling(),
            started: true,
            ..Goal::default()
        };
        let name = revision_name(to);
        let end = match self.follow_back(bad, Rollout::new(goal, service)).await {
            Ok(end) => end,
            Err(ended) => return ended,
        };
        match end {
            End::Deployed { .. } => rolled_back(bad, to.to_owned()),
            End::Failed { reason } => {
                bad.with(Verdict::Failed, &format!("the rollback to {name} failed too: {reason}"))
            }
            End::RolledBack { reason, restored } => {
                let restored = revision_name(&restored);
                let more = format!("the rollback to {name} failed too: {reason}; ECS went back to {restored}");
                bad.with(Verdict::Failed, &more)
            }
            End::Superseded { by, .. } => superseded(bad, &by),
            End::Paused { .. } | End::StageReached { .. } => bad.with(Verdict::Failed, "the rollback is paused"),
        }
    }

    /// Follows it for as long as the deployment itself was given.
    async fn follow_back(&self, bad: &mut Bad, rollout: Rollout) -> Result<End, Ended> {
        let told = std::mem::take(&mut bad.told);
        let watching = match self.site().follow(rollout, bad.limit, told).await {
            Ok(watching) => watching,
            Err(Lost { answer, told }) => {
                bad.told = told;
                return Err(bad.with(Verdict::TimedOut, &format!("the rollback can no longer be seen: {answer}")));
            }
        };
        let Watching { rollout, followed, told } = watching;
        bad.told = told;
        match followed {
            Followed::Ended(end) => Ok(end),
            Followed::TimedOut => {
                let seconds = bad.limit.as_secs();
                let more = format!("the rollback is not complete after {seconds} s; {}", rollout.unfinished());
                Err(bad.with(Verdict::TimedOut, &more))
            }
            Followed::Cancelled => Err(bad.with(Verdict::Cancelled, "the rollback goes on by itself")),
        }
    }

    /// What was successful last, where the service went back to another one: ECS goes back to what the deployment came from, whatever
    /// became of that.
    fn better(&self, ended: &Ended) -> Option<String> {
        let (restored, good) = (ended.restored.as_deref()?, self.expected()?);
        (revision_name(restored) != revision_name(good)).then(|| good.to_owned())
    }
}

fn superseded(bad: &Bad, by: &str) -> Ended {
    let by = revision_name(by);
    let by = if by.is_empty() { "another revision" } else { by };
    bad.with(Verdict::Superseded, &format!("then the service was updated to {by}"))
}

fn rolled_back(bad: &Bad, restored: String) -> Ended {
    let ended = Ended::new(Verdict::RolledBack, bad.ended.reason.clone());
    Ended { restored: Some(restored), warnings: bad.ended.warnings.clone(), ..ended }
}
