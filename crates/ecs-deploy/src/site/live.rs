//! A service as AWS tells it, in real time, and the log of what is seen.

use std::time::Duration;

use actions_core::Progress;
use aws_client::ApiError;
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::ecs::{Ecs, Tasks};
use crate::follow::Watched;
use crate::rollout::{Answer, Event, Question, Told};
use crate::site::Site;

/// The service that is followed.
pub(super) struct Live<'a> {
    site: Site<'a>,
    ecs: Ecs,
    progress: Progress,
    start: Instant,
    /// What was told, oldest first.
    pub(super) told: Vec<Told>,
}

impl<'a> Live<'a> {
    pub(super) fn new(site: Site<'a>, deployment: &str, told: Vec<Told>) -> Self {
        let progress = site.session.log.progress(&site.line(&format!("deployment {deployment}")), 0);
        Self { site, ecs: site.ecs.polling(), progress, start: Instant::now(), told }
    }

    async fn tasks(&self, which: Tasks) -> Result<Vec<Value>, ApiError> {
        self.ecs.tasks(self.site.cluster.as_str(), self.site.service.name(), which).await
    }
}

impl Watched for Live<'_> {
    async fn ask(&mut self, question: &Question) -> Result<Answer, ApiError> {
        let ecs = &self.ecs;
        Ok(match question {
            Question::Service => Answer::Service(self.site.look(ecs).await?),
            Question::Own { arn } => {
                let found = ecs.service_deployments(std::slice::from_ref(arn)).await?;
                Answer::Own(found.into_iter().find(|found| found.arn == *arn).map(Box::new))
            }
            Question::List { after } => {
                let (cluster, service) = (self.site.cluster.as_str(), self.site.service.as_str());
                Answer::List(ecs.list_service_deployments(cluster, service, *after).await?)
            }
            Question::Candidates { arns } => Answer::Candidates(ecs.candidates(arns).await?),
            Question::StoppedTasks => Answer::StoppedTasks(self.tasks(Tasks::Stopped).await?),
            Question::RunningTasks => Answer::RunningTasks(self.tasks(Tasks::Running).await?),
            Question::Revision { arn } => {
                let found = ecs.service_revisions(std::slice::from_ref(arn)).await?;
                Answer::Revision(found.into_iter().find(|(own, _)| own == arn).map(|(_, td)| td).unwrap_or_default())
            }
        })
    }

    async fn pause(&mut self, time: Duration) {
        sleep(self.site.ecs.pace.of(time)).await;
    }

    async fn renew(&mut self) -> bool {
        match self.site.ecs.anew(self.site.session).await {
            Ok(renewed) => {
                self.ecs = renewed.polling();
                true
            }
            Err(_) => false,
        }
    }

    fn elapsed(&self) -> Duration {
        self.site.ecs.pace.passed(self.start.elapsed())
    }

    fn tell(&mut self, event: Event) {
        if event.is_logged() {
            self.progress.change(self.site.line(&event.to_string()));
        }
        self.told.push(Told { at: self.site.elapsed(), event });
    }

    fn still(&mut self, state: &str) {
        self.progress.waiting(state);
    }
}
