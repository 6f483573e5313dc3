//! A hidden, true history of ECS that goes on while it is decided: other people deploy, answers are late or lost, and what was
//! refused for the moment is asked for again. Each end is judged against what truly happened.

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;

use super::*;

const OURS: &str = "ecs-svc/2";
const OLD: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:7";
const NEW: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:8";
const THEIRS: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:99";
const SD: &str = "arn:sd/ours";

/// How our deployment truly goes on, and what happens to it besides.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the world")]
struct Script {
    occasion: Occasion,
    started: bool,
    /// Whether service deployments exist for this role, and whether it may stop one.
    readable: bool,
    may_stop: bool,
    rolling: bool,
    fallback: Fallback,
    /// The status of ours when it is looked at first.
    first: Status,
    /// In which tick ECS comes to its last word, and which.
    turns: usize,
    last: Status,
    /// In which tick somebody else deploys.
    stranger: Option<usize>,
    /// In which calls the connection fails: before ECS was reached, or after.
    lost: Vec<Lost>,
    /// In which tick the run is cancelled, or has no time left.
    hurry: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lost {
    No,
    Before,
    After,
    Conflict,
}

/// The truth, as it goes on: each call is a tick.
#[derive(Debug)]
struct World {
    script: Script,
    tick: Rc<Cell<usize>>,
    status: Status,
    /// What is primary: its id and its revision; the others that are still there.
    primary: (String, String),
    others: Vec<(String, String)>,
    stops: usize,
    updates: usize,
    /// Whether an update took the place of somebody else's deployment.
    took: bool,
    /// The status and the primary when something was changed.
    changed_at: Vec<(Status, String)>,
}

impl World {
    fn new(script: Script) -> Self {
        let status = script.first.clone();
        Self {
            script,
            tick: Rc::default(),
            status,
            primary: (OURS.into(), NEW.into()),
            others: vec![("ecs-svc/1".into(), OLD.into())],
            stops: 0,
            updates: 0,
            took: false,
            changed_at: Vec::new(),
        }
    }

    fn case(&self) -> Case {
        let Script { occasion, started, readable, rolling, fallback, .. } = self.script.clone();
        let before = ["ecs-svc/1".to_owned()].into();
        Case { occasion, deployment: OURS.into(), started, readable, is_rolling: rolling, fallback, before }
    }

    /// Time passes: ECS goes on, and so do others. Whether the call gets through.
    fn pass(&mut self) -> Lost {
        self.tick.set(self.tick.get() + 1);
        let is_under_way = matches!(self.status, Status::Pending | Status::InProgress | Status::StopRequested);
        if self.tick.get() == self.script.turns && is_under_way && self.primary.0 == OURS && self.stops == 0 {
            self.status = self.script.last.clone();
            if self.status == Status::RollbackInProgress {
                self.become_primary("ecs-svc/3", OLD);
            }
        }
        if self.script.stranger == Some(self.tick.get()) && self.primary.0 == OURS {
            self.become_primary("ecs-svc/9", THEIRS);
            if self.status != Status::Successful {
                self.status = Status::Stopped;
            }
        }
        self.script.lost.get(self.tick.get()).copied().unwrap_or(Lost::No)
    }

    fn become_primary(&mut self, id: &str, revision: &str) {
        let old = std::mem::replace(&mut self.primary, (id.into(), revision.into()));
        self.others.push(old);
    }

    fn service(&self) -> Service {
        let rollout = match &self.status {
            _ if !self.script.rolling => RolloutState::Absent,
            Status::Successful => RolloutState::Completed,
            Status::Stopped => RolloutState::Failed,
            _ => RolloutState::InProgress,
        };
        let entry = |(id, revision): &(String, String), status: &str| Deployment {
            id: id.clone(),
            status: status.into(),
            task_definition: revision.clone(),
            rollout: rollout.clone(),
            reason: if id == "ecs-svc/3" { "rolling back to deploymentId ecs-svc/1.".into() } else { String::new() },
            ..Deployment::default()
        };
        let others = self.others.iter().map(|other| entry(other, "ACTIVE"));
        Service {
            status: "ACTIVE".into(),
            deployments: std::iter::once(entry(&self.primary, "PRIMARY")).chain(others).collect(),
            ..Service::default()
        }
    }

    fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Pending | Status::InProgress)
    }
}

fn error(kind: ApiErrorKind, code: &str) -> ApiError {
    ApiError {
        service: "ecs".into(),
        operation: "StopServiceDeployment".into(),
        code: Some(code.into()),
        message: String::new(),
        resource: None,
        kind,
        request_id: None,
    }
}

fn of_the_moment(lost: Lost) -> ApiError {
    match lost {
        Lost::Conflict => error(ApiErrorKind::Conflict, "ConflictException"),
        Lost::No | Lost::Before | Lost::After => error(ApiErrorKind::TimedOut, ""),
    }
}

impl Hands for World {
    async fn look(&mut self) -> Result<Look, ApiError> {
        if self.pass() != Lost::No {
            return Err(error(ApiErrorKind::TimedOut, ""));
        }
        let own = ServiceDeployment { arn: SD.into(), status: self.status.clone(), ..ServiceDeployment::default() };
        Ok(Look { service: self.service(), own: self.script.readable.then_some(own) })
    }

    async fn stop(&mut self, arn: &str) -> Result<(), ApiError> {
        assert_eq!(arn, SD);
        let lost = self.pass();
        if !self.script.may_stop {
            return Err(error(ApiErrorKind::AccessDenied, "AccessDeniedException"));
        }
        if matches!(lost, Lost::Before | Lost::Conflict) {
            return Err(of_the_moment(lost));
        }
        if !self.is_under_way() {
            return Err(error(ApiErrorKind::Conflict, "ConflictException"));
        }
        self.changed_at.push((self.status.clone(), self.primary.0.clone()));
        self.stops += 1;
        self.status = Status::RollbackRequested;
        if lost == Lost::After { Err(of_the_moment(lost)) } else { Ok(()) }
    }

    async fn update(&mut self, to: &str) -> Result<Service, ApiError> {
        let lost = self.pass();
        if matches!(lost, Lost::Before | Lost::Conflict) {
            return Err(of_the_moment(lost));
        }
        if self.primary.1 != to {
            self.changed_at.push((self.status.clone(), self.primary.0.clone()));
            self.updates += 1;
            self.took |= self.primary.0 == "ecs-svc/9";
            let id = format!("ecs-svc/{}", 20 + self.updates);
            self.become_primary(&id, to);
            self.status = Status::Stopped;
        }
        if lost == Lost::After { Err(of_the_moment(lost)) } else { Ok(self.service()) }
    }

    async fn pause(&mut self) {}
}

/// Runs what never waits for anything outside.
fn run(world: &mut World) -> Asked {
    let (case, tick, last) = (world.case(), Rc::clone(&world.tick), world.script.hurry);
    let hurry = poll_fn(move |_| match last {
        Some(last) if tick.get() >= last => Poll::Ready(()),
        _ => Poll::Pending,
    });
    let mut asking = Box::pin(ask(&case, world, hurry));
    match asking.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(asked) => asked,
        Poll::Pending => panic!("a world without waits was waited for"),
    }
}

fn scripts() -> impl Strategy<Value = Script> {
    let occasion = prop::sample::select(vec![Occasion::Failure, Occasion::TimeOut, Occasion::Cancel]);
    let first = prop::sample::select(vec![
        Status::Pending,
        Status::InProgress,
        Status::InProgress,
        Status::StopRequested,
        Status::Stopped,
        Status::Unknown("SUSPENDED".into()),
    ]);
    let last =
        prop::sample::select(vec![Status::Successful, Status::Stopped, Status::RollbackInProgress, Status::InProgress]);
    let losses = prop::sample::select(vec![Lost::No, Lost::No, Lost::No, Lost::Before, Lost::After, Lost::Conflict]);
    let fallback = prop_oneof![
        4 => Just(Fallback::To(OLD.into())),
        1 => Just(Fallback::Unknown("nobody knows".into())),
        1 => Just(Fallback::Nothing("the same".into())),
    ];
    let hurry = prop::option::of(0_usize..8);
    let times = (1_usize..8, prop::option::of(1_usize..8), prop::collection::vec(losses, 12), hurry);
    (occasion, any::<[bool; 4]>(), first, last, fallback, times).prop_map(
        |(occasion, [started, readable, may_stop, rolling], first, last, fallback, (turns, stranger, lost, hurry))| {
            Script {
                occasion,
                started,
                readable,
                may_stop,
                rolling,
                fallback,
                first,
                turns,
                last,
                stranger,
                lost,
                hurry,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_undone_that_is_not_ours_and_under_way(script in scripts()) {
        let mut world = World::new(script.clone());
        let asked = run(&mut world);
        // One change at most, and none that was not to be.
        prop_assert!(world.stops + world.updates <= 1, "{world:?}");
        if script.occasion != Occasion::Failure && !script.started || matches!(script.fallback, Fallback::Nothing(_)) {
            prop_assert_eq!(world.stops + world.updates, 0);
        }
        for (status, primary) in &world.changed_at {
            // What was complete stays, unless it became so in the moment of an update that nothing guards.
            prop_assert!(world.updates == 1 || *status != Status::Successful);
            // Only an update can hit somebody else, and then it is told.
            prop_assert!(primary == OURS || world.updates == 1);
        }
        if world.updates == 1 {
            let stopped = world.changed_at[0].0 == Status::Stopped;
            let no_stop = !script.readable || !script.may_stop;
            prop_assert!(no_stop || stopped || world.took || world.changed_at[0].0 == Status::Successful, "{world:?}");
            prop_assert!(script.occasion != Occasion::Cancel || !script.readable);
        }
        match &asked {
            Asked::Deployed => prop_assert_eq!(&world.status, &Status::Successful),
            Asked::Displaced { theirs, .. } => {
                prop_assert!(world.took);
                prop_assert_eq!(theirs, THEIRS);
            }
            Asked::Updated { to, .. } => {
                // Where ECS went there by itself at that very moment, the update changed nothing.
                prop_assert!(world.updates == 1 || world.primary.0 == "ecs-svc/3", "{world:?}");
                prop_assert!(!world.took);
                prop_assert_eq!(to, OLD);
            }
            Asked::GoingBack { asked, .. } => {
                prop_assert!(world.stops == 1 || world.primary.0 == "ecs-svc/3", "{world:?}");
                prop_assert!(!asked || world.stops == 1);
            }
            Asked::Cancelled => {
                prop_assert!(script.hurry.is_some() && script.occasion != Occasion::Cancel);
                prop_assert_eq!(world.stops + world.updates, 0);
            }
            // What is denied to have been asked for was not.
            Asked::Not(_) => {
                prop_assert!(world.stops + world.updates == 0 || world.primary.0 == "ecs-svc/9", "{world:?}");
            }
            Asked::Unknown(_) => prop_assert!(!script.lost.is_empty()),
        }
        if let Some(last) = script.hurry {
            prop_assert!(world.tick.get() <= last + 1, "{:?}", world);
        }
    }

    #[test]
    fn what_can_be_stopped_is_stopped(mut script in scripts()) {
        (script.readable, script.may_stop, script.started, script.stranger) = (true, true, true, None);
        (script.first, script.last) = (Status::InProgress, Status::InProgress);
        (script.fallback, script.lost) = (Fallback::Unknown("not known".into()), Vec::new());
        script.hurry = None;
        let mut world = World::new(script);
        let is_going_back = matches!(run(&mut world), Asked::GoingBack { asked: true, .. });
        prop_assert!(is_going_back && world.stops == 1);
    }
}

fn plain(occasion: Occasion) -> Script {
    Script {
        occasion,
        started: true,
        readable: true,
        may_stop: true,
        rolling: true,
        fallback: Fallback::To(OLD.into()),
        first: Status::InProgress,
        turns: 99,
        last: Status::InProgress,
        stranger: None,
        lost: Vec::new(),
        hurry: None,
    }
}

#[test]
fn without_the_right_to_stop_the_service_gets_the_revision_from_before() {
    let mut world = World::new(Script { may_stop: false, ..plain(Occasion::Failure) });
    assert!(matches!(run(&mut world), Asked::Updated { to, .. } if to == OLD));
    let mut cancelled = World::new(Script { may_stop: false, ..plain(Occasion::Cancel) });
    assert!(matches!(run(&mut cancelled), Asked::Not(why) if why.contains("grant `ecs:StopServiceDeployment`")));
    assert_eq!(cancelled.updates, 0);
}

#[test]
fn one_that_succeeds_while_the_rollback_is_refused_is_left() {
    let late = Script { turns: 2, last: Status::Successful, ..plain(Occasion::TimeOut) };
    let mut world = World::new(late);
    assert_eq!(run(&mut world), Asked::Deployed);
    assert_eq!((world.stops, world.updates), (0, 0));
}

#[test]
fn somebody_elses_deployment_that_began_at_that_very_moment_is_named() {
    let mut world = World::new(Script { readable: false, stranger: Some(2), ..plain(Occasion::Failure) });
    assert_eq!(run(&mut world), Asked::Displaced { to: OLD.into(), theirs: THEIRS.into() });
}

#[test]
fn a_pause_waits_for_somebody_and_not_for_us() {
    let world = World::new(plain(Occasion::TimeOut));
    let hook = crate::rollout::Hook {
        target_type: "PAUSE".into(),
        status: "AWAITING_ACTION".into(),
        ..crate::rollout::Hook::default()
    };
    let own = ServiceDeployment { status: Status::InProgress, hooks: vec![hook], ..ServiceDeployment::default() };
    let look = Look { service: world.service(), own: Some(own) };
    assert!(matches!(decide(&world.case(), &look, &Stop::Possible), Move::Not(why) if why.contains("paused")));
    let failed = World::new(plain(Occasion::Failure));
    assert!(matches!(decide(&failed.case(), &look, &Stop::Possible), Move::Stop { .. }));
}
