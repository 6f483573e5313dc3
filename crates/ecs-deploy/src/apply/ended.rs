//! How the wait for a service ended, in words.

use std::time::Duration;

use crate::apply::one::One;
use crate::follow::Followed;
use crate::names::revision_name;
use crate::outcome::Verdict;
use crate::rollout::{End, Hook, Rollout, WaitUntil};

const NOTHING_RAN: &str = "the service's desired count is 0: no task was started, so nothing shows that it runs";
const NO_PAUSE: &str = "the deployment was complete before any pause awaited an action";

/// How it ended, before it is written down.
pub(super) struct Ended {
    pub(super) verdict: Verdict,
    pub(super) reason: String,
    pub(super) restored: Option<String>,
    pub(super) hooks: Vec<Hook>,
    pub(super) warnings: Vec<String>,
}

impl Ended {
    pub(super) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into(), restored: None, hooks: Vec::new(), warnings: Vec::new() }
    }
}

impl One<'_> {
    pub(super) fn ended(&self, followed: Followed, rollout: &Rollout, limit: Duration) -> Ended {
        match followed {
            Followed::Ended(end) => self.of_end(end),
            Followed::TimedOut => {
                let reason = format!("not complete after {} s; {}", limit.as_secs(), rollout.unfinished());
                Ended::new(Verdict::TimedOut, reason)
            }
            Followed::Cancelled => Ended::new(Verdict::Cancelled, "the deployment goes on by itself"),
        }
    }

    fn of_end(&self, end: End) -> Ended {
        match end {
            End::Deployed { desired } => self.deployed(desired),
            End::Paused { stage, hooks } => {
                Ended { hooks, ..Ended::new(Verdict::Paused, format!("the deployment is paused in stage {stage}")) }
            }
            End::StageReached { stage } => {
                Ended::new(Verdict::StageReached, format!("the deployment is in stage {stage}"))
            }
            End::Failed { reason } => Ended::new(Verdict::Failed, reason),
            End::RolledBack { reason, restored } => {
                Ended { restored: Some(restored), ..Ended::new(Verdict::RolledBack, reason) }
            }
            End::Superseded { by, deployed } => {
                let back = by == self.plan.previous && by != self.revision.arn;
                let by = revision_name(&by);
                let by = match (back, by) {
                    (true, _) => format!("the previous revision, {by},"),
                    (false, "") => "another revision".to_owned(),
                    (false, _) => by.to_owned(),
                };
                let ours = if deployed { "deployed, then " } else { "" };
                Ended::new(Verdict::Superseded, format!("{ours}the service was updated to {by} meanwhile"))
            }
        }
    }

    fn deployed(&self, desired: i64) -> Ended {
        let nothing_done = self.plan.update.is_none();
        let verdict = if nothing_done { Verdict::AlreadyDeployed } else { Verdict::Deployed };
        let nothing_ran = (desired == 0).then(|| NOTHING_RAN.to_owned());
        let no_pause = (self.run.inputs.wait_until == WaitUntil::Paused && !nothing_done).then(|| NO_PAUSE.to_owned());
        Ended { warnings: nothing_ran.into_iter().chain(no_pause).collect(), ..Ended::new(verdict, "") }
    }
}
