//! When the wait is over, and how it ended.

use std::time::Duration;

use crate::codedeploy::answer::{Deployment, Status};
use crate::codedeploy::course::words::said;
use crate::codedeploy::course::{Answer, Course, Until};

/// How long a deployment that failed may take until the deployment that undoes it is there.
pub(crate) const ROLLBACK_START: Duration = Duration::from_mins(1);

/// How the wait ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum End {
    /// Ours is complete.
    Deployed,
    /// It waits for somebody's word, as was waited for.
    Ready,
    /// It failed or was stopped, and nothing was restored.
    Failed { reason: String },
    /// It failed or was stopped, and the service went back.
    RolledBack {
        reason: String,
        /// The ARN of the revision that was restored; empty when that is not told.
        restored: String,
    },
    /// It was stopped, and another one took its place.
    Superseded {
        /// The ARN of the other one's revision; empty when that is not told.
        by: String,
    },
}

/// It failed or was stopped.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) reason: String,
    pub(super) since: Duration,
    /// The last that is known of what undoes it.
    pub(super) rollback: Option<Deployment>,
}

impl Course {
    pub(super) fn end(&mut self, answers: &[Answer], at: Duration) -> Option<End> {
        let last = self.last.as_ref()?;
        match last.status {
            Status::Succeeded => Some(End::Deployed),
            Status::Ready if self.until == Until::Ready => Some(End::Ready),
            Status::Failed | Status::Stopped => self.end_of_failure(answers, at),
            _ => None,
        }
    }

    fn end_of_failure(&mut self, answers: &[Answer], at: Duration) -> Option<End> {
        let (failure, last) = (self.failure.as_ref()?, self.last.as_ref()?);
        let reason = failure.reason.clone();
        if let Some(rollback) = &failure.rollback {
            return match &rollback.status {
                Status::Succeeded => Some(End::RolledBack { reason, restored: rollback.task_definition() }),
                Status::Failed | Status::Stopped => {
                    Some(End::Failed { reason: format!("{reason}; the rollback failed too: {}", said(rollback)) })
                }
                _ => None,
            };
        }
        if !last.rollback.is_empty() {
            return None;
        }
        if (last.rolls_back || self.goes_back) && at.saturating_sub(failure.since) < ROLLBACK_START {
            return None;
        }
        let newer = answers.iter().find_map(|answer| match answer {
            Answer::Newer(newer) => Some(newer),
            _ => None,
        });
        match newer {
            _ if last.status == Status::Failed => Some(End::Failed { reason }),
            Some(Some(newer)) => Some(End::Superseded { by: newer.task_definition() }),
            Some(None) => Some(End::Failed { reason }),
            None => {
                self.asks_newer = true;
                None
            }
        }
    }
}
