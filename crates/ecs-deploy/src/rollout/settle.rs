//! After our deployment is complete: whether all has come to rest.

use crate::rollout::READS_TO_BELIEVE;
use crate::rollout::end::End;
use crate::rollout::goal::Goal;
use crate::service::Service;

/// The state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settling {
    desired: i64,
    /// Reads in a row in which another deployment had our place.
    displaced: u32,
}

impl Settling {
    pub(super) fn new(desired: i64) -> Self {
        Self { desired, displaced: 0 }
    }

    /// Whether only our tasks run, as many as are wanted.
    pub(super) fn is_stable(goal: &Goal, service: &Service) -> bool {
        let Some(ours) = service.deployment(&goal.deployment) else { return false };
        ours.is_primary()
            && service.running_beside(&goal.deployment) == 0
            && ours.pending == 0
            && service.running == service.desired
    }

    /// Takes one look. An answer from before the update cannot come any more: our completion was seen already.
    pub(super) fn step(&mut self, goal: &Goal, service: &Service) -> Option<End> {
        if Self::is_stable(goal, service) {
            return Some(End::Deployed { desired: self.desired });
        }
        let other = service.primary().filter(|primary| primary.id != goal.deployment);
        self.displaced = if other.is_some() { self.displaced + 1 } else { 0 };
        let other = other.filter(|_| self.displaced >= READS_TO_BELIEVE)?;
        Some(End::Superseded { by: other.task_definition.clone(), deployed: true })
    }
}
