//! A deployment in words.

use crate::codedeploy::answer::Deployment;
use crate::codedeploy::course::Course;
use crate::codedeploy::course::end::Failure;
use crate::outcome::Back;

impl Course {
    /// What to run when it waits for somebody's word.
    pub(in crate::codedeploy) fn how_to_go_on(&self) -> String {
        let Self { id, place, .. } = self;
        format!(
            "ready: the new tasks run, and the traffic moves when somebody says so: `ecs-deploy continue {place} --hook-id={id} \
             --action=continue` (or `--action=rollback`), which is the action `ecs-continue`"
        )
    }

    /// The present state in one line; empty before it was seen.
    pub(in crate::codedeploy) fn state(&self) -> String {
        let Some(last) = &self.last else { return String::new() };
        let under_way = self.target.iter().flat_map(|target| &target.events).find(|event| event.status == "InProgress");
        let event = under_way.map_or_else(String::new, |event| format!(", {}", event.name));
        format!("CodeDeploy: {}{event}", last.status.word())
    }

    /// Why it is not over when the time is up.
    pub(in crate::codedeploy) fn unfinished(&self) -> String {
        match &self.failure {
            Some(Failure { reason, rollback: Some(rollback), .. }) => {
                format!("failed: {reason}; the rollback {} is still under way", rollback.id)
            }
            Some(Failure { reason, .. }) => {
                format!("failed: {reason}; whether the service goes back is not known yet")
            }
            None if self.goes_back => "the rollback was asked for and goes on by itself".to_owned(),
            None if self.last.is_none() => "last seen: it was never seen".to_owned(),
            None => format!("last seen: {}", self.state()),
        }
    }

    /// Whether the service goes back.
    pub(in crate::codedeploy) fn back(&self) -> Back {
        match &self.failure {
            Some(Failure { rollback: Some(_), .. }) => Back::Begun,
            _ if self.goes_back => Back::Begun,
            Some(_) => Back::Unknown,
            None => Back::No,
        }
    }

    pub(super) fn why(&self, deployment: &Deployment) -> String {
        let hooks = self.failed_events().map(|event| {
            let words = if event.message.is_empty() { String::new() } else { format!(": {}", event.message) };
            format!("{} failed{words}", event.name)
        });
        std::iter::once(said(deployment)).chain(hooks).collect::<Vec<_>>().join("; ")
    }
}

/// What `CodeDeploy` said of its end.
pub(super) fn said(deployment: &Deployment) -> String {
    let word = deployment.status.word();
    if deployment.reason.is_empty() {
        format!("the deployment is {word}, and CodeDeploy gives no reason")
    } else {
        deployment.reason.clone()
    }
}
