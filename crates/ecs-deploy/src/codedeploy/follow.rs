//! The loop around the step function of a `CodeDeploy` deployment.

use std::time::Duration;

use actions_core::Progress;
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::{Instant, sleep, timeout};

use crate::codedeploy::answer::Deployment;
use crate::codedeploy::api::Api;
use crate::codedeploy::course::{Answer, Course, End, Question};
use crate::ecs::Ecs;
use crate::follow::passes;
use crate::rollout::{Event, Pace, Told};
use crate::site::Site;

/// How long the lifecycle of a deployment is waited for.
const TARGET: Duration = Duration::from_secs(10);

/// How following a deployment ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Followed {
    /// The wait ended by itself.
    Ended(End),
    /// The time was up first.
    TimedOut,
    /// The run was cancelled first.
    Cancelled,
}

/// A deployment that is followed.
pub(crate) struct Watch<'a> {
    site: Site<'a>,
    application: &'a str,
    group: &'a str,
    progress: Progress,
    start: Instant,
    /// The client with other credentials, once those of the run have expired.
    renewed: Option<Ecs>,
    pace: Pace,
    /// Whether the lifecycle may be read.
    sees_target: bool,
    /// The deployment that undoes ours, with what it deploys, once that was asked for.
    back: Option<Deployment>,
    /// What was told of an outage that lasts.
    outage: Option<ApiErrorKind>,
    /// What was told, oldest first.
    pub(crate) told: Vec<Told>,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(site: Site<'a>, (application, group): (&'a str, &'a str), id: &str, told: Vec<Told>) -> Self {
        let progress = site.session.log.progress(&site.line(&format!("deployment {id}")), 0);
        let (start, pace) = (Instant::now(), Pace::new(id));
        Self {
            site,
            application,
            group,
            progress,
            start,
            renewed: None,
            pace,
            sees_target: true,
            back: None,
            outage: None,
            told,
        }
    }

    /// The API, with the credentials that are good now.
    pub(super) fn api(&self) -> Api<'_> {
        let ecs = self.renewed.as_ref().unwrap_or(self.site.ecs);
        Api { ecs, application: self.application, group: self.group }
    }

    /// Follows `course` for at most `limit` from now on.
    pub(crate) async fn follow(&mut self, mut course: Course, limit: Duration) -> Result<(Course, Followed), ApiError> {
        self.start = Instant::now();
        let cancel = &self.site.session.cancel;
        loop {
            let answers = tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok((course, Followed::Cancelled)),
                answers = self.ask(&course) => answers?,
            };
            let step = course.step(&answers, self.elapsed());
            step.events.into_iter().for_each(|event| self.tell(event));
            course = step.course;
            if let Some(end) = step.end {
                return Ok((course, Followed::Ended(end)));
            }
            if course.is_urgent() {
                continue;
            }
            let left = limit.saturating_sub(self.elapsed());
            if left.is_zero() {
                return Ok((course, Followed::TimedOut));
            }
            self.progress.waiting(&course.state());
            let pause = self.pace.pause().min(left);
            tokio::select! {
                biased;
                () = cancel.cancelled() => return Ok((course, Followed::Cancelled)),
                () = sleep(self.site.ecs.pace.of(pause)) => {}
            }
        }
    }

    /// One round of questions, with the answers there are.
    async fn ask(&mut self, course: &Course) -> Result<Vec<Answer>, ApiError> {
        let mut answers = Vec::new();
        let mut is_throttled = false;
        for question in course.questions() {
            if question == Question::Target && !self.sees_target {
                continue;
            }
            let patience = self.site.ecs.pace.of(TARGET);
            let asked = self.answer(course.id(), &question);
            // The lifecycle only makes the lines better: what does not come soon is not waited for.
            let answered =
                if question == Question::Target { timeout(patience, asked).await.ok() } else { Some(asked.await) };
            match answered.transpose() {
                Ok(answer) => {
                    if question != Question::Target {
                        self.outage = None;
                    }
                    answers.extend(answer);
                }
                Err(error) => {
                    is_throttled |= error.kind == ApiErrorKind::Throttled;
                    answers.extend(self.without(&question, error)?);
                }
            }
        }
        if is_throttled {
            self.pace.throttled();
        } else {
            self.pace.answered();
        }
        Ok(answers)
    }

    /// What an answer that did not come means.
    fn without(&mut self, question: &Question, error: ApiError) -> Result<Option<Answer>, ApiError> {
        match question {
            Question::Newer => return Ok(Some(Answer::Newer(None))),
            Question::Target if error.kind == ApiErrorKind::AccessDenied => {
                self.sees_target = false;
                let text = format!("grant `{}` to see the lifecycle of the deployment", error.iam_action());
                self.tell(Event::Notice { text });
            }
            // It is not there before the deployment begins.
            Question::Target => {}
            Question::Deployment | Question::Rollback(_) if is_new(&error) => {}
            Question::Deployment | Question::Rollback(_) if passes(&error) => {
                if self.outage.replace(error.kind) != Some(error.kind) {
                    self.tell(Event::Notice { text: format!("{error}; looking again") });
                }
            }
            Question::Deployment | Question::Rollback(_) => return Err(error),
        }
        Ok(None)
    }

    /// One answer; where the credentials have expired, with other ones, once.
    async fn answer(&mut self, id: &str, question: &Question) -> Result<Answer, ApiError> {
        match self.once(id, question).await {
            Err(error) if error.kind == ApiErrorKind::Expired && self.renewed.is_none() => {
                self.renewed = self.site.ecs.anew(self.site.session).await.ok();
                if self.renewed.is_some() { self.once(id, question).await } else { Err(error) }
            }
            answer => answer,
        }
    }

    async fn once(&mut self, id: &str, question: &Question) -> Result<Answer, ApiError> {
        Ok(match question {
            Question::Deployment => Answer::Deployment(self.api().deployment(id).await?),
            Question::Rollback(rollback) => Answer::Rollback(self.rollback(rollback).await?),
            Question::Newer => {
                let api = self.api();
                Answer::Newer(api.newer(&api.deployment(id).await?).await?)
            }
            Question::Target => {
                let target = format!("{}:{}", self.site.cluster.name(), self.site.service.name());
                Answer::Target(self.api().target(id, &target).await?)
            }
        })
    }

    /// The deployment that undoes ours. What it deploys is asked for once, and only to name it.
    async fn rollback(&mut self, id: &str) -> Result<Deployment, ApiError> {
        let mut found = self.api().deployment(id).await?;
        found.appspec = match self.back.take() {
            Some(back) => back.appspec,
            None => self.api().read(found.clone()).await.ok().and_then(|read| read.appspec),
        };
        self.back = Some(found.clone());
        Ok(found)
    }

    fn elapsed(&self) -> Duration {
        self.site.ecs.pace.passed(self.start.elapsed())
    }

    /// Tells something new.
    pub(super) fn tell(&mut self, event: Event) {
        self.progress.change(self.site.line(&event.to_string()));
        self.told.push(self.site.told(event));
    }
}

/// A deployment that was just made may not be known everywhere yet.
fn is_new(error: &ApiError) -> bool {
    error.code.as_deref() == Some("DeploymentDoesNotExistException")
}
