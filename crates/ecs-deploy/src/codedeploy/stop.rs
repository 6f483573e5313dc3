//! What is done about a deployment of ours that is not complete in time, or whose run is cancelled: it is stopped, and `CodeDeploy` goes
//! back. One that failed by itself is undone by `CodeDeploy` too, as `CreateDeployment` was told.

use std::time::Duration;

use crate::codedeploy::apply::Deploying;
use crate::codedeploy::conflict::has_ended;
use crate::codedeploy::course::Course;
use crate::codedeploy::create::Started;
use crate::codedeploy::follow::{Followed, Watch};
use crate::ended::Ended;
use crate::hurry;
use crate::inputs::Remedy;
use crate::outcome::{Back, Verdict};
use crate::restore::{NOT_KNOWN, may_be_received};
use crate::rollout::Event;

/// Whether a deployment is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Remedying {
    /// Nobody asked for it.
    Unasked,
    /// It waits for somebody's word, or fails already, or is not ours.
    Not(&'static str),
    /// It is.
    Stop,
}

/// What became of asking for the rollback.
enum Heard {
    Yes,
    /// The deployment had ended.
    Late,
    /// Why.
    No(String),
    /// Why.
    NotKnown(String),
}

/// Decides.
pub(super) fn decide(remedy: Remedy, by_us: bool, course: &Course) -> Remedying {
    if remedy == Remedy::None {
        Remedying::Unasked
    } else if !by_us {
        Remedying::Not("this run did not make the deployment, so it is not stopped")
    } else if course.is_failing() {
        Remedying::Not("the deployment has ended already, so it is not stopped")
    } else if course.is_ready() {
        Remedying::Not("the deployment waits for somebody's word, so it is not stopped")
    } else {
        Remedying::Stop
    }
}

impl Deploying<'_> {
    /// Does what was asked for about a deployment that did not end in time; else tells the end.
    pub(super) async fn remedied(
        &self,
        watch: &mut Watch<'_>,
        course: Course,
        followed: Followed,
        (started, limit): (&Started, Duration),
    ) -> (Course, Ended) {
        let remedies = self.inputs.remedies;
        let remedy = match followed {
            Followed::Ended(_) => Remedy::None,
            Followed::TimedOut => remedies.on_timeout,
            Followed::Cancelled => remedies.on_cancel,
        };
        let is_cancelled = followed == Followed::Cancelled;
        let ended = self.ended(&course, followed, (started, limit));
        match decide(remedy, started.by_us, &course) {
            Remedying::Unasked => (course, ended),
            Remedying::Not(why) => {
                watch.tell(Event::Notice { text: why.to_owned() });
                (course, ended)
            }
            Remedying::Stop if is_cancelled => (course, self.asked(watch, started, ended).await),
            Remedying::Stop => self.stopped(watch, course, ended, (started, limit)).await,
        }
    }

    /// Asks for the rollback.
    async fn ask(&self, watch: &Watch<'_>, started: &Started) -> Heard {
        let session = self.site.session;
        match hurry::answer(&session.cancel, self.site.ecs.pace, watch.api().stop(&started.id)).await {
            Some(Ok(())) => Heard::Yes,
            Some(Err(error)) if may_be_received(&error) => Heard::NotKnown(format!("{NOT_KNOWN}: {error}")),
            Some(Err(error)) => match has_ended(error) {
                Ok(()) => Heard::Late,
                Err(error) => Heard::No(format!("the rollback was refused: {error}")),
            },
            None => Heard::NotKnown(NOT_KNOWN.to_owned()),
        }
    }

    /// A cancelled run asks, and does not wait.
    async fn asked(&self, watch: &Watch<'_>, started: &Started, ended: Ended) -> Ended {
        self.note(started, &Ended { reason: NOT_KNOWN.to_owned(), ..ended.clone() });
        match self.ask(watch, started).await {
            Heard::Yes => Ended { reason: "the rollback was asked for".to_owned(), back: Back::Begun, ..ended },
            Heard::Late => Ended { reason: "the deployment had ended already".to_owned(), ..ended },
            Heard::No(why) => ended.and(&why),
            Heard::NotKnown(why) => Ended { reason: why, back: Back::Unknown, ..ended },
        }
    }

    /// Stops it and follows what becomes of it, for as long again.
    async fn stopped(
        &self,
        watch: &mut Watch<'_>,
        course: Course,
        ended: Ended,
        (started, limit): (&Started, Duration),
    ) -> (Course, Ended) {
        watch.tell(Event::Notice { text: format!("{}; stopping the deployment to go back", ended.reason) });
        let is_cancelled = || self.site.session.cancel.is_cancelled();
        let cancelled =
            |ended: Ended| if is_cancelled() { Ended { verdict: Verdict::Cancelled, ..ended } } else { ended };
        self.note(started, &Ended { verdict: Verdict::Cancelled, ..ended.clone().and(NOT_KNOWN) });
        match self.ask(watch, started).await {
            Heard::Yes | Heard::Late => {}
            Heard::No(why) => return (course, cancelled(ended.and(&why))),
            Heard::NotKnown(why) => return (course, cancelled(Ended { back: Back::Unknown, ..ended.and(&why) })),
        }
        let before = course.clone();
        let (course, after) = match Box::pin(watch.follow(course.going_back(), limit)).await {
            Ok((course, followed)) => {
                let after = self.ended(&course, followed, (started, limit));
                (course, after)
            }
            Err(error) => {
                let reason = format!("the rollback cannot be seen: {error}");
                (before, Ended { back: Back::Begun, ..Ended::new(Verdict::TimedOut, reason) })
            }
        };
        if after.verdict.is_success() {
            return (course, after);
        }
        let reason = format!("{}; then {}", ended.reason, after.reason);
        (course, Ended { reason, ..after })
    }

    /// Notes what is known, for a run that does not come to its end.
    pub(super) fn note(&self, started: &Started, ended: &Ended) {
        let names = ["deployment-id", "codedeploy-deployment-id"];
        let known = names.map(|name| (name, started.id.as_str()));
        hurry::note(self.site, ended, &[&known[..], &[("previous-task-definition-arn", &self.plan.previous)]].concat());
    }
}
