//! A service as AWS tells it, in real time, and the log of what is seen.

use std::time::Duration;

use actions_core::Progress;
use aws_client::ApiError;
use tokio::time::{Instant, sleep};

use crate::apply::one::One;
use crate::follow::Watched;
use crate::rollout::{Event, Told};
use crate::service::Service;

/// The service that is followed.
pub(super) struct Live<'a> {
    one: &'a One<'a>,
    progress: Progress,
    start: Instant,
    /// What was told, oldest first.
    pub(super) told: Vec<Told>,
}

impl<'a> Live<'a> {
    pub(super) fn new(one: &'a One<'a>, deployment: &str, told: Vec<Told>) -> Self {
        let progress = one.run.session.log.progress(&one.line(&format!("deployment {deployment}")), 0);
        Self { one, progress, start: Instant::now(), told }
    }
}

impl Watched for Live<'_> {
    async fn look(&mut self) -> Result<Service, ApiError> {
        self.one.look().await
    }

    async fn pause(&mut self, time: Duration) {
        sleep(self.one.run.ecs.pace.of(time)).await;
    }

    fn elapsed(&self) -> Duration {
        self.one.run.ecs.pace.passed(self.start.elapsed())
    }

    fn tell(&mut self, event: Event) {
        if event.is_logged() {
            self.progress.change(self.one.line(&event.to_string()));
        }
        self.told.push(Told { at: self.one.elapsed(), event });
    }

    fn still(&mut self, state: &str) {
        self.progress.waiting(state);
    }
}
