//! How the wait for a service ended, in words.

use std::time::Duration;

use crate::follow::Followed;
use crate::names::revision_name;
use crate::outcome::{Back, Verdict};
use crate::rollout::{End, Goal, Hook, Rollout, WaitUntil};

const NOTHING_RAN: &str = "the service's desired count is 0: no task was started, so nothing shows that it runs";
const NO_PAUSE: &str = "the deployment was complete before any pause awaited an action";

/// How it ended, before it is written down.
#[derive(Clone)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    pub(crate) reason: String,
    pub(crate) restored: Option<String>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) warnings: Vec<String>,
    /// Whether the service goes back.
    pub(crate) back: Back,
    /// The ARN of the revision that was successful last, where the service went back to another one.
    pub(crate) good: Option<String>,
}

impl Ended {
    pub(crate) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
            restored: None,
            hooks: Vec::new(),
            warnings: Vec::new(),
            back: Back::No,
            good: None,
        }
    }

    /// The same with more of a reason.
    pub(crate) fn and(self, more: &str) -> Self {
        let reason = format!("{}; {more}", self.reason);
        Self { reason, ..self }
    }

    /// How a wait of at most `limit` ended; `success` is the verdict of a deployment that is complete.
    pub(crate) fn of(followed: Followed, rollout: &Rollout, limit: Duration, success: Verdict) -> Self {
        match followed {
            Followed::Ended(end) => Self::of_end(end, rollout, success),
            Followed::TimedOut => {
                let reason = format!("not complete after {} s; {}", limit.as_secs(), rollout.unfinished());
                Self { hooks: rollout.pauses(), ..Self::new(Verdict::TimedOut, reason) }
            }
            Followed::Cancelled => Self::new(Verdict::Cancelled, "the deployment goes on by itself"),
        }
    }

    fn of_end(end: End, rollout: &Rollout, success: Verdict) -> Self {
        let goal = rollout.goal();
        match end {
            End::Deployed { desired } => Self::deployed(desired, goal, success),
            End::Paused { stage, hooks } => {
                let arn = rollout.service_deployment_arn().unwrap_or_default();
                let reasons: Vec<String> = hooks.iter().map(|hook| hook.how_to_go_on(arn, &stage)).collect();
                Self { hooks, ..Self::new(Verdict::Paused, reasons.join("; ")) }
            }
            End::StageReached { stage } => {
                Self::new(Verdict::StageReached, format!("the deployment is in stage {stage}"))
            }
            End::Failed { reason } => Self::new(Verdict::Failed, reason),
            End::RolledBack { reason, restored } => {
                Self { restored: Some(restored), ..Self::new(Verdict::RolledBack, reason) }
            }
            End::Superseded { by, deployed } => {
                let back = by == goal.previous_task_definition && by != goal.task_definition;
                let by = revision_name(&by);
                let by = match (back, by) {
                    (true, _) => format!("the previous revision, {by},"),
                    (false, "") => "another revision".to_owned(),
                    (false, _) => by.to_owned(),
                };
                let ours = if deployed { "deployed, then " } else { "" };
                Self::new(Verdict::Superseded, format!("{ours}the service was updated to {by} meanwhile"))
            }
        }
    }

    /// It is complete, with so many tasks; `success` is the verdict.
    pub(crate) fn deployed(desired: i64, goal: &Goal, success: Verdict) -> Self {
        let nothing_ran = (desired == 0).then(|| NOTHING_RAN.to_owned());
        let awaited = goal.wait_until == WaitUntil::Paused && success == Verdict::Deployed;
        let no_pause = awaited.then(|| NO_PAUSE.to_owned());
        Self { warnings: nothing_ran.into_iter().chain(no_pause).collect(), ..Self::new(success, "") }
    }
}
