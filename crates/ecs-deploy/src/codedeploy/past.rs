//! What a deployment group remembers of what it deployed.

use std::time::Duration;

use actions_core::Session;
use aws_client::ApiError;
use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::codedeploy::answer::{Deployment, Status};
use crate::codedeploy::api::Api;
use crate::codedeploy::course::ROLLBACK_START;
use crate::rollout::Pace;
use crate::service::list;

/// How many deployments `BatchGetDeployments` describes at a time.
const DESCRIBED_AT_ONCE: usize = 25;
/// How many of the newest successful deployments are read.
const LOOKED_BACK: usize = 100;
/// How many of the newest that failed are read.
const FAILURES: usize = 10;
/// How many of them are read at the same time.
const READ_AT_ONCE: usize = 5;

/// What a deployment group remembers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Memory {
    /// The newest deployment, with what it deploys.
    pub(crate) newest: Option<Deployment>,
    /// The one that the newest undoes; `None` when it undoes none.
    pub(crate) undone: Option<Deployment>,
    /// Those that were successful, newest first, with what they deploy.
    pub(crate) successes: Vec<Deployment>,
    /// The newest that failed or were stopped, newest first, with what they deploy where that can be read.
    pub(crate) failures: Vec<Deployment>,
    /// When the oldest of all was made, in seconds since 1970.
    pub(crate) oldest: Option<f64>,
}

impl Memory {
    /// The deployment that has not ended.
    pub(crate) fn under_way(&self) -> Option<&Deployment> {
        self.newest.as_ref().filter(|newest| !newest.status.has_ended())
    }
}

impl Api<'_> {
    /// The same once it is certain whether the newest deployment is undone: what undoes it is made a moment after it was stopped.
    pub(crate) async fn settled_memory(
        &self,
        by: Option<f64>,
        now: f64,
        session: &Session,
    ) -> Result<Memory, ApiError> {
        let memory = self.memory(by).await?;
        let Some(newest) = &memory.newest else { return Ok(memory) };
        let left = may_be_undone(newest, now);
        if left.is_zero() {
            return Ok(memory);
        }
        let (id, seconds) = (&newest.id, left.as_secs());
        session.log.line(format!("deployment {id} was just stopped: up to {seconds} s for the one that undoes it"));
        let (start, mut pace) = (Instant::now(), Pace::new(id));
        loop {
            let left = left.saturating_sub(self.ecs.pace.passed(start.elapsed()));
            let found = self.described(std::slice::from_ref(id)).await?;
            if left.is_zero() || found.iter().any(|newest| !newest.rollback.is_empty()) {
                return self.memory(by).await;
            }
            sleep(self.ecs.pace.of(pace.pause().min(left))).await;
        }
    }

    /// What the group remembers; of the successes the newest one, and those that had ended `by` a moment where one is given.
    pub(crate) async fn memory(&self, by: Option<f64>) -> Result<Memory, ApiError> {
        let mut all = self.described(&self.list(&[]).await?).await?;
        all.sort_by(|a, b| b.created.unwrap_or_default().total_cmp(&a.created.unwrap_or_default()));
        let oldest = all.last().and_then(|oldest| oldest.created);
        let newest = self.read_or_none(all.first()).await?;
        let undoes = |own: &&Deployment| newest.as_ref().is_some_and(|newest| own.rollback == newest.id);
        let undone = self.read_or_none(all.iter().find(undoes)).await?;
        let failed = |own: &&Deployment| matches!(own.status, Status::Failed | Status::Stopped) && !own.is_rollback;
        let failed: Vec<Deployment> = all.iter().filter(failed).take(FAILURES).cloned().collect();
        // They are told of, and nothing is decided by them.
        let failures = stream::iter(failed.into_iter().map(|own| self.read(own))).buffered(READ_AT_ONCE);
        let failures = failures.filter_map(|read| async { read.ok() }).collect().await;
        let successes = all.into_iter().filter(|own| own.status == Status::Succeeded).enumerate();
        let wanted = successes.filter(|(index, own)| *index == 0 || by.is_none_or(|by| own.ended() <= by));
        let reads = stream::iter(wanted.take(LOOKED_BACK).map(|(_, own)| self.read(own)));
        let successes = reads.buffered(READ_AT_ONCE).try_collect().await?;
        Ok(Memory { newest, undone, successes, failures, oldest })
    }

    async fn read_or_none(&self, deployment: Option<&Deployment>) -> Result<Option<Deployment>, ApiError> {
        match deployment {
            Some(deployment) => self.read(deployment.clone()).await.map(Some),
            None => Ok(None),
        }
    }

    /// `BatchGetDeployments` of all these ids.
    async fn described(&self, ids: &[String]) -> Result<Vec<Deployment>, ApiError> {
        let mut all = Vec::new();
        for some in ids.chunks(DESCRIBED_AT_ONCE) {
            let answer: Value = self.of_group("BatchGetDeployments", &json!({"deploymentIds": some})).await?;
            all.extend(list(&answer, "deploymentsInfo").map(Deployment::from_answer));
        }
        Ok(all)
    }
}

/// How long the newest deployment may still take, `now` in seconds since 1970, until the one that undoes it is there; zero when it is
/// not undone.
fn may_be_undone(own: &Deployment, now: f64) -> Duration {
    let is_undone = own.status == Status::Stopped || own.status == Status::Failed && own.rolls_back;
    if !is_undone || own.is_rollback {
        return Duration::ZERO;
    }
    // Clocks differ: what is to come has just been.
    let passed = Duration::try_from_secs_f64(now - own.ended()).unwrap_or_default();
    ROLLBACK_START.saturating_sub(passed)
}
