//! What is done about a deployment of ours that is not complete in time, or whose run is cancelled: it is stopped, and `CodeDeploy` goes
//! back. One that failed by itself is undone by `CodeDeploy` too, as `CreateDeployment` was told.

use std::time::Duration;

use tokio::time::timeout;

use crate::codedeploy::apply::Deploying;
use crate::codedeploy::conflict::has_ended;
use crate::codedeploy::course::Course;
use crate::codedeploy::create::Started;
use crate::codedeploy::follow::{Followed, Watch};
use crate::ended::Ended;
use crate::inputs::Remedy;
use crate::outcome::Verdict;
use crate::rollout::Event;

/// How long stopping may take in a cancelled run, which the runner kills soon.
const IN_A_HURRY: Duration = Duration::from_secs(2);

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

    /// A cancelled run asks, and does not wait.
    async fn asked(&self, watch: &Watch<'_>, started: &Started, ended: Ended) -> Ended {
        let reason = match timeout(IN_A_HURRY, watch.api().stop(&started.id)).await {
            Ok(Ok(())) => "the rollback was asked for".to_owned(),
            Ok(Err(error)) => format!("{}; the rollback was refused: {error}", ended.reason),
            Err(_) => format!("{}; whether the rollback was heard is not known", ended.reason),
        };
        Ended { reason, ..ended }
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
        if let Err(error) = watch.api().stop(&started.id).await.or_else(has_ended) {
            let reason = format!("{}; the rollback was refused: {error}", ended.reason);
            return (course, Ended { reason, ..ended });
        }
        let before = course.clone();
        let (course, after) = match Box::pin(watch.follow(course.going_back(), limit)).await {
            Ok((course, followed)) => {
                let after = self.ended(&course, followed, (started, limit));
                (course, after)
            }
            Err(error) => (before, Ended::new(Verdict::TimedOut, format!("the rollback cannot be seen: {error}"))),
        };
        if after.verdict.is_success() {
            return (course, after);
        }
        let reason = format!("{}; then {}", ended.reason, after.reason);
        (course, Ended { reason, ..after })
    }
}
