use std::collections::VecDeque;

use super::*;
use crate::rollout::Goal;
use crate::service::{Deployment, RolloutState, Service};

/// A scripted service whose time passes only in pauses.
struct Scripted {
    answers: VecDeque<Result<Service, ApiError>>,
    elapsed: Duration,
    pauses: Vec<Duration>,
    told: Vec<String>,
    /// Whether there are other credentials, and how often they were asked for.
    renewable: bool,
    renewals: usize,
    cancel: CancellationToken,
    /// Cancels during this pause.
    cancel_in: Option<usize>,
}

impl Watched for Scripted {
    async fn ask(&mut self, question: &Question) -> Result<Answer, ApiError> {
        assert_eq!(*question, Question::Service);
        let seen = if self.answers.len() > 1 { self.answers.pop_front() } else { self.answers.front().cloned() }
            .unwrap_or_else(|| Ok(Service::default()));
        seen.map(Answer::Service)
    }

    async fn renew(&mut self) -> bool {
        self.renewals += 1;
        self.renewable
    }

    async fn pause(&mut self, time: Duration) {
        self.elapsed += time;
        self.pauses.push(time);
        if self.cancel_in == Some(self.pauses.len()) {
            self.cancel.cancel();
        }
    }

    fn elapsed(&self) -> Duration {
        self.elapsed
    }

    fn tell(&mut self, event: Event) {
        self.told.push(event.to_string());
    }

    fn still(&mut self, _: &str) {}
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside `error` in the scripts")]
fn seen(rollout: RolloutState) -> Result<Service, ApiError> {
    let ours = Deployment { id: "ecs-svc/2".into(), status: "PRIMARY".into(), rollout, ..Deployment::default() };
    Ok(Service { status: "ACTIVE".into(), desired: 1, deployments: vec![ours], ..Service::default() })
}

fn error(kind: ApiErrorKind) -> Result<Service, ApiError> {
    Err(ApiError {
        service: "ecs".into(),
        operation: "DescribeServices".into(),
        code: None,
        message: String::new(),
        resource: None,
        kind,
        request_id: None,
    })
}

fn scripted(answers: impl IntoIterator<Item = Result<Service, ApiError>>) -> Scripted {
    Scripted {
        answers: answers.into_iter().collect(),
        elapsed: Duration::ZERO,
        pauses: Vec::new(),
        told: Vec::new(),
        renewable: false,
        renewals: 0,
        cancel: CancellationToken::new(),
        cancel_in: None,
    }
}

fn run(watched: &mut Scripted, limit: u64) -> Result<Followed, ApiError> {
    let cancel = watched.cancel.clone();
    let patience = Patience { limit: Duration::from_secs(limit), cancel: &cancel };
    let goal = Goal { deployment: "ecs-svc/2".into(), classic_suffices: true, ..Goal::default() };
    let rollout = Rollout::new(goal, &Service::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(follow(rollout, patience, watched)).map(|(_, followed)| followed).map_err(|(_, error)| error)
}

const DEPLOYED: Followed = Followed::Ended(End::Deployed { desired: 1 });

#[test]
fn looks_before_it_pauses() {
    let mut watched = scripted([seen(RolloutState::Completed)]);
    assert_eq!(run(&mut watched, 0), Ok(DEPLOYED));
    assert!(watched.pauses.is_empty());
}

#[test]
fn the_last_pause_ends_at_the_deadline() {
    let mut watched = scripted([seen(RolloutState::InProgress)]);
    assert_eq!(run(&mut watched, 60), Ok(Followed::TimedOut));
    assert_eq!(watched.elapsed, Duration::from_mins(1));
    assert!((14..24).contains(&watched.pauses.len()), "{:?}", watched.pauses);
}

#[test]
fn throttling_and_lost_connections_are_waited_out() {
    let mut watched = scripted([
        error(ApiErrorKind::Throttled),
        error(ApiErrorKind::Throttled),
        error(ApiErrorKind::Unreachable),
        seen(RolloutState::Completed),
    ]);
    assert_eq!(run(&mut watched, 600), Ok(DEPLOYED));
    assert!(
        watched.pauses[1] > watched.pauses[0] && watched.pauses[0] > Duration::from_secs(7),
        "{:?}",
        watched.pauses
    );
    // A line for each kind of outage, not for each poll.
    assert_eq!(watched.told.iter().filter(|note| note.ends_with("looking again")).count(), 2);
}

#[test]
fn an_outage_is_told_once_and_so_is_the_next_one() {
    let lost = || error(ApiErrorKind::Unreachable);
    let answers =
        [lost(), lost(), lost(), seen(RolloutState::InProgress), lost(), lost(), seen(RolloutState::Completed)];
    let mut watched = scripted(answers);
    assert_eq!(run(&mut watched, 600), Ok(DEPLOYED));
    assert_eq!(watched.told.iter().filter(|note| note.ends_with("looking again")).count(), 2, "{:?}", watched.told);
}

#[test]
fn expired_credentials_are_renewed_once() {
    let expired = || error(ApiErrorKind::Expired);
    let mut watched = scripted([seen(RolloutState::InProgress), expired(), seen(RolloutState::Completed)]);
    watched.renewable = true;
    assert_eq!(run(&mut watched, 600), Ok(DEPLOYED));
    let mut watched = scripted([expired(), seen(RolloutState::InProgress), expired(), seen(RolloutState::Completed)]);
    watched.renewable = true;
    assert_eq!(run(&mut watched, 600).unwrap_err().kind, ApiErrorKind::Expired);
    assert_eq!(watched.renewals, 1);
}

#[test]
fn expired_credentials_that_cannot_be_renewed_are_not() {
    let mut watched = scripted([seen(RolloutState::InProgress), error(ApiErrorKind::Expired)]);
    assert_eq!(run(&mut watched, 600).unwrap_err().kind, ApiErrorKind::Expired);
}

#[test]
fn a_cancellation_ends_a_pause() {
    let mut watched = scripted([seen(RolloutState::InProgress)]);
    watched.cancel_in = Some(3);
    assert_eq!(run(&mut watched, 600), Ok(Followed::Cancelled));
    assert_eq!(watched.pauses.len(), 3);
}
