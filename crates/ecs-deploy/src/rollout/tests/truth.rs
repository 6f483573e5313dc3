//! A hidden, true history of ECS, and what an observer sees of it: late, in part, and beside the deployments of others.
//!
//! Each verdict is judged against the truth: a success only after ECS was done with our own deployment, a failure only after it
//! had failed, and each of them at the first fresh sight of ECS's last word.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::rollout::{Answer, Candidate, Question, Refusal};
use crate::service_deployment::{Brief, Rollback, ServiceDeployment, Status};

/// How a deployment truly goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Succeeds,
    /// A rollback is asked for, and does not come.
    SucceedsAfterAll,
    GoesBack,
    CannotGoBack,
    /// Somebody stops it.
    IsStopped,
    IsSuperseded,
    /// By a deployment of the very same task definition.
    IsSupersededByTheSame,
    NeverEnds,
}

/// What becomes of its tasks, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tasks {
    /// They run.
    Fine,
    /// Some die soon; the others stay, or only those that take their place.
    SomeDie { dead: usize, life: u32, late: bool },
    /// All die, and those that take their place too.
    AllDie { life: u32 },
}

/// The world, and how much of it is seen.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the world")]
struct World {
    fate: Fate,
    /// In which poll it begins to end, and in which its last word comes.
    turns: usize,
    ends: usize,
    rolling: bool,
    readable: bool,
    /// Whether `DescribeServices` names the present service deployment, and whether the answer to the update does.
    names: bool,
    answers: bool,
    /// Another service deployment of the same task definition that began with ours, and was not there before.
    twin: bool,
    /// Whether a rollback has the id of the deployment from before, as was seen of ECS; else a new one.
    same_id: bool,
    tasks: Tasks,
    balanced: bool,
    /// For each poll: by how many polls the service is old, by how many the service deployment is, and what is not answered.
    service_lag: Vec<usize>,
    own_lag: Vec<usize>,
    silent: Vec<u8>,
    /// Polls in which ECS has a word for the status that nobody knows yet.
    odd: Vec<bool>,
}

const POLLS: usize = 40;
const SD: &str = "arn:sd/ours";
const THEIRS_TD: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop:9";

impl World {
    fn goal(&self) -> Goal {
        Goal {
            created: Some(100.0),
            mode: if self.readable { Follow::Search } else { Follow::Classic },
            known_service_deployments: ["arn:sd/old".to_owned()].into(),
            named_service_deployment: self.answers.then(|| SD.to_owned()),
            classic_suffices: self.rolling,
            fail_fast_after: 3,
            started: true,
            ..goal()
        }
    }

    /// The status of ours in poll `now`.
    fn status(&self, now: usize) -> Status {
        if now < 2 {
            return Status::Pending;
        }
        if now < self.turns {
            return Status::InProgress;
        }
        let last = now >= self.ends;
        match self.fate {
            Fate::Succeeds | Fate::SucceedsAfterAll if last => Status::Successful,
            Fate::NeverEnds | Fate::Succeeds => Status::InProgress,
            Fate::SucceedsAfterAll => Status::RollbackRequested,
            Fate::GoesBack if last => Status::RollbackSuccessful,
            Fate::CannotGoBack if last => Status::RollbackFailed,
            Fate::GoesBack | Fate::CannotGoBack => Status::RollbackInProgress,
            Fate::IsStopped | Fate::IsSuperseded | Fate::IsSupersededByTheSame if last => Status::Stopped,
            Fate::IsStopped | Fate::IsSuperseded | Fate::IsSupersededByTheSame => Status::StopRequested,
        }
    }

    fn own(&self, now: usize, odd: bool) -> ServiceDeployment {
        let status = if odd { Status::Unknown("SUSPENDED".into()) } else { self.status(now) };
        let back = matches!(status, Status::RollbackInProgress | Status::RollbackSuccessful | Status::RollbackFailed);
        ServiceDeployment {
            arn: SD.into(),
            status,
            reason: if back { "tasks failed".into() } else { String::new() },
            created: Some(100.0),
            target: "arn:sr/ours".into(),
            requested: 2,
            rollback: back.then(|| Rollback { reason: "tasks failed".into(), revision: "arn:sr/old".into() }),
            ..ServiceDeployment::default()
        }
    }

    /// One that is not ours, and that would be a success.
    fn other(arn: &str) -> ServiceDeployment {
        ServiceDeployment {
            arn: arn.into(),
            status: Status::Successful,
            target: format!("{arn}/revision"),
            ..ServiceDeployment::default()
        }
    }

    /// The task definition of the one that took our place.
    fn theirs(&self) -> &'static str {
        if self.fate == Fate::IsSupersededByTheSame { NEW_TD } else { THEIRS_TD }
    }

    /// The service in poll `now`; before the first, as it was before the update.
    fn service(&self, now: Option<usize>) -> Service {
        let Some(now) = now else {
            return service(vec![old("PRIMARY")]);
        };
        let state = |rollout| if self.rolling { rollout } else { RolloutState::Absent };
        let mine = |rollout| Deployment { created: Some(100.0), ..ours(state(rollout)) };
        let aside = |rollout| Deployment { status: "ACTIVE".into(), ..mine(rollout) };
        let id = if self.same_id { OLD } else { "ecs-svc/3" };
        let back =
            |rollout: RolloutState| Deployment { rollout: state(rollout.clone()), ..going_back(id, OLD_TD, rollout) };
        // At first ours does not look as if it had failed.
        let given_up = if now == self.turns { RolloutState::InProgress } else { RolloutState::Failed };
        let theirs = || deployment("ecs-svc/9", "PRIMARY", self.theirs(), state(RolloutState::InProgress));
        let deployments = match self.status(now) {
            Status::Successful => vec![mine(RolloutState::Completed), old("ACTIVE")],
            Status::RollbackInProgress => vec![back(RolloutState::InProgress), aside(given_up)],
            Status::RollbackSuccessful => vec![back(RolloutState::Completed)],
            Status::RollbackFailed => vec![back(RolloutState::Failed), aside(RolloutState::Failed)],
            Status::StopRequested | Status::Stopped if self.fate != Fate::IsStopped => {
                vec![theirs(), aside(RolloutState::InProgress)]
            }
            Status::StopRequested | Status::Stopped => vec![mine(RolloutState::Failed), old("ACTIVE")],
            _ => vec![mine(RolloutState::InProgress), old("ACTIVE")],
        };
        let current = match self.status(now) {
            _ if !self.names => "",
            Status::StopRequested | Status::Stopped if self.fate != Fate::IsStopped => "arn:sd/theirs",
            _ => SD,
        };
        let events = match self.status(now) {
            Status::RollbackInProgress | Status::RollbackSuccessful | Status::RollbackFailed => {
                events(&["(service web) rolling back to deployment ecs-svc/1.", GAVE_UP])
            }
            _ => Vec::new(),
        };
        Service {
            rolls_back: true,
            current_service_deployment: current.into(),
            has_load_balancer: self.balanced,
            events,
            ..service(deployments)
        }
    }

    fn list(&self, now: usize) -> Vec<Brief> {
        let brief = |arn: &str, created: f64, target: &str| Brief {
            arn: arn.into(),
            created: Some(created),
            target: target.into(),
            ..Brief::default()
        };
        let mut list = vec![brief("arn:sd/old", 1.0, "arn:sr/old")];
        if self.twin {
            list.push(brief("arn:sd/twin", 98.0, "arn:sr/twin"));
        }
        list.push(brief(SD, 100.0, "arn:sr/ours"));
        if self.is_superseded() && now >= self.turns {
            list.push(brief("arn:sd/theirs", 130.0, "arn:sr/theirs"));
        }
        list
    }

    fn is_superseded(&self) -> bool {
        matches!(self.fate, Fate::IsSuperseded | Fate::IsSupersededByTheSame)
    }

    fn revision(&self, arn: &str) -> String {
        match arn {
            "arn:sr/old" => OLD_TD,
            "arn:sr/theirs" => self.theirs(),
            _ => NEW_TD,
        }
        .to_owned()
    }

    /// Each task of ours that began by poll `now`, and when it stops, in seconds since 1970.
    fn tasks(&self, now: usize) -> Vec<(f64, Option<f64>)> {
        const START: f64 = 105.0;
        let all: Vec<(f64, Option<f64>)> = match self.tasks {
            Tasks::Fine => vec![(START, None); 2],
            Tasks::SomeDie { dead, life, late } => {
                let stop = START + f64::from(life);
                let others = vec![(if late { stop + 5.0 } else { START }, None); 2];
                others.into_iter().chain(vec![(START, Some(stop)); dead]).collect()
            }
            Tasks::AllDie { life } => (0..u32::try_from(POLLS).unwrap())
                .flat_map(|nth| {
                    let start = START + f64::from(nth * (life + 5));
                    [(start, Some(start + f64::from(life))); 2]
                })
                .collect(),
        };
        all.into_iter().filter(|(start, _)| *start <= Self::time(now)).collect()
    }

    /// The moment of poll `now`.
    fn time(now: usize) -> f64 {
        100.0 + 5.0 * f64::from(u32::try_from(now).unwrap())
    }

    fn stopped(&self, now: usize) -> Vec<Value> {
        let stopped = self.tasks(now).into_iter().filter(|(_, stop)| stop.is_some_and(|stop| stop <= Self::time(now)));
        let task = |(start, stop): (f64, Option<f64>)| {
            json!({"startedBy": OURS, "startedAt": start, "stoppingAt": stop, "stopCode": "EssentialContainerExited",
                   "stoppedReason": "Essential container in task exited", "containers": [{"name": "app", "exitCode": 1}]})
        };
        stopped.map(task).collect()
    }

    fn running(&self, now: usize) -> Vec<Value> {
        let running = self.tasks(now).into_iter().filter(|(_, stop)| stop.is_none_or(|stop| stop > Self::time(now)));
        let task =
            |(start, _): (f64, Option<f64>)| json!({"startedBy": OURS, "lastStatus": "RUNNING", "startedAt": start});
        running.map(task).collect()
    }

    /// What the observer is told in poll `now`; `None` when a question is not answered this time.
    fn answer(&self, question: &Question, now: usize) -> Option<Answer> {
        let silent = self.silent[now];
        match question {
            Question::Service if silent & 1 == 1 => None,
            Question::Service => Some(Answer::Service(self.service(now.checked_sub(self.service_lag[now])))),
            Question::StoppedTasks | Question::RunningTasks if silent & 2 == 2 => Some(Answer::TasksNotAnswered),
            Question::StoppedTasks => {
                Some(Answer::StoppedTasks(self.stopped(now.saturating_sub(self.service_lag[now]))))
            }
            Question::RunningTasks => {
                Some(Answer::RunningTasks(self.running(now.saturating_sub(self.service_lag[now]))))
            }
            _ if !self.readable => {
                Some(Answer::Refused(Refusal { action: "ecs:ListServiceDeployments".into(), denied: true }))
            }
            _ if silent & 2 == 2 => None,
            Question::Own { arn } if arn != SD => Some(Answer::Own(Some(Box::new(Self::other(arn))))),
            Question::Own { .. } => {
                let seen = now.saturating_sub(self.own_lag[now]);
                Some(Answer::Own(Some(Box::new(self.own(seen, self.odd[now])))))
            }
            Question::List { after } => {
                let mut list = self.list(now);
                list.retain(|brief| after.is_none_or(|after| brief.created.is_some_and(|made| made > after)));
                Some(Answer::List(list))
            }
            Question::Candidates { arns } => {
                let candidate = |arn: &String| Candidate {
                    deployment: if arn == SD { self.own(now, false) } else { Self::other(arn) },
                    task_definition: self.revision(if arn == "arn:sd/theirs" { "arn:sr/theirs" } else { "" }),
                };
                Some(Answer::Candidates(arns.iter().map(candidate).collect()))
            }
            Question::Revision { arn } => Some(Answer::Revision(self.revision(arn))),
        }
    }

    /// Follows to the end: the end, and its poll.
    fn follow(&self) -> (Option<End>, usize, bool) {
        let mut rollout = Rollout::new(self.goal(), &service(vec![old("PRIMARY")]));
        for poll in 0..POLLS {
            for round in 0..5 {
                if round > 0 && !rollout.is_urgent() {
                    break;
                }
                let answers: Vec<Answer> =
                    rollout.questions().iter().filter_map(|question| self.answer(question, poll)).collect();
                let step = rollout.step(&answers, Duration::from_secs(5 * poll as u64));
                rollout = step.rollout;
                if step.end.is_some() {
                    return (step.end, poll, rollout.service_deployment_arn() == Some(SD));
                }
            }
        }
        (None, POLLS, rollout.service_deployment_arn() == Some(SD))
    }

    /// The poll by which the service was seen as it is often enough to tell its last word, even where a rollback is waited for.
    fn long_seen(&self) -> Option<usize> {
        let fresh = |now: &usize| self.silent[*now] & 1 == 0 && self.service_lag[*now] == 0;
        (self.ends..POLLS - 8).find(|now| (*now..now + 8).all(|now| fresh(&now))).map(|now| now + 8)
    }

    /// The first poll from `ends` on in which the service deployment is seen as it is.
    fn first_fresh(&self) -> Option<usize> {
        (self.ends..POLLS).find(|now| self.silent[*now] == 0 && self.own_lag[*now] == 0 && !self.odd[*now])
    }
}

fn fates() -> impl Strategy<Value = Fate> {
    prop::sample::select(vec![
        Fate::Succeeds,
        Fate::SucceedsAfterAll,
        Fate::GoesBack,
        Fate::CannotGoBack,
        Fate::IsStopped,
        Fate::IsSuperseded,
        Fate::IsSupersededByTheSame,
        Fate::NeverEnds,
    ])
}

fn worlds() -> impl Strategy<Value = World> {
    let times = (3_usize..20).prop_flat_map(|turns| (Just(turns), turns..turns + 10));
    let lags = || prop::collection::vec(prop_oneof![4 => Just(0), 1 => 1_usize..3], POLLS);
    let silent = prop::collection::vec(prop_oneof![6 => Just(0_u8), 1 => 1_u8..4], POLLS);
    let odd = prop::collection::vec(prop::bool::weighted(0.1), POLLS);
    let tasks = prop_oneof![
        Just(Tasks::Fine),
        (3_usize..6, 0_u32..20, any::<bool>()).prop_map(|(dead, life, late)| Tasks::SomeDie { dead, life, late }),
        (3_usize..6, 20_u32..90).prop_map(|(dead, life)| Tasks::SomeDie { dead, life, late: false }),
        (0_u32..40).prop_map(|life| Tasks::AllDie { life }),
    ];
    (fates(), times, any::<[bool; 5]>(), any::<[bool; 2]>(), tasks, lags(), lags(), silent, odd).prop_map(
        |(fate, (turns, ends), more, [same_id, balanced], tasks, service_lag, own_lag, silent, odd)| {
            let [rolling, readable, names, answers, twin] = more;
            let succeeds = matches!(fate, Fate::Succeeds | Fate::SucceedsAfterAll);
            let tasks = if succeeds && matches!(tasks, Tasks::AllDie { .. }) { Tasks::Fine } else { tasks };
            World {
                fate,
                turns,
                ends,
                rolling,
                readable: readable || !rolling,
                names,
                answers,
                twin,
                service_lag,
                own_lag,
                silent,
                odd,
                same_id,
                tasks,
                balanced,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_verdict_is_true(world in worlds()) {
        let (end, now, by_service_deployment) = world.follow();
        let truth = world.status(now.min(POLLS - 1));
        match &end {
            Some(End::Deployed { .. }) => prop_assert_eq!(truth, Status::Successful),
            Some(End::RolledBack { restored, .. }) => {
                prop_assert_eq!(truth, Status::RollbackSuccessful);
                prop_assert_eq!(restored, OLD_TD);
            }
            Some(End::Superseded { by, .. }) => {
                prop_assert!(world.is_superseded() && now >= world.turns);
                prop_assert_eq!(by.as_str(), world.theirs());
            }
            Some(End::Failed { reason }) if reason.ends_with(STILL_TRYING) => {
                prop_assert!(matches!(world.tasks, Tasks::AllDie { .. }), "{reason}");
            }
            Some(End::Failed { .. }) => {
                let failed = matches!(truth, Status::StopRequested | Status::Stopped | Status::RollbackFailed);
                let long_since = truth == Status::RollbackInProgress && now >= world.turns + 6;
                prop_assert!(failed || long_since, "{truth:?}");
                prop_assert!(!world.is_superseded());
            }
            Some(End::Paused { .. } | End::StageReached { .. }) => prop_assert!(false, "nobody waited for it"),
            None => {}
        }
        // ECS's last word, once it is seen as it is, ends the wait in that very poll.
        if let (true, Some(fresh)) = (by_service_deployment, world.first_fresh())
            && world.fate != Fate::NeverEnds
        {
            prop_assert!(end.is_some() && now <= fresh, "{end:?} in {now}, not in {fresh}");
        }
        // Without it the service itself tells, a little later.
        if let (true, false, Some(seen)) = (world.rolling, by_service_deployment, world.long_seen())
            && world.fate != Fate::NeverEnds
        {
            prop_assert!(end.is_some() && now <= seen, "{end:?} in {now}, not in {seen}");
        }
    }
}
