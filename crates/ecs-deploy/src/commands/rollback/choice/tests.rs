use proptest::prelude::*;

use super::*;

const NOW: f64 = 10_000.0;

fn arn(number: u64) -> String {
    format!("arn:aws:ecs:eu-west-1:1:task-definition/shop:{number}")
}

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Successful,
    Stopped,
    /// ECS went back.
    RolledBack,
    UnderWay,
}

/// A service as it truly went on.
#[derive(Debug, Clone)]
struct World {
    running: u64,
    deployments: Vec<(u64, u64, End)>,
    /// So many of the first deployments ECS has forgotten.
    forgotten: usize,
    changes: usize,
}

impl World {
    fn new(history: &[(u64, End)], forgotten: usize) -> Self {
        let mut world = Self { running: 1, deployments: vec![(1, 1, End::Successful)], forgotten, changes: 0 };
        for (revision, end) in history {
            // A new deployment takes the place of one that is under way.
            if let Some(last) = world.deployments.last_mut().filter(|last| last.2 == End::UnderWay) {
                last.2 = End::Stopped;
            }
            world.deploy(*revision, *end);
        }
        world.changes = 0;
        world
    }

    fn deploy(&mut self, revision: u64, end: End) {
        let source = self.running;
        self.deployments.push((source, revision, end));
        if end != End::RolledBack {
            self.running = revision;
        }
        self.changes += 1;
    }

    fn past(&self) -> Past {
        let known = self.deployments.iter().enumerate().skip(self.forgotten.min(self.deployments.len() - 1));
        let time = |index: usize| f64::from(u32::try_from(index).unwrap()) * 10.0;
        let sr = |index: usize| format!("sr/{index}");
        let successes = known.clone().filter(|(_, own)| own.2 == End::Successful).map(|(index, own)| Success {
            ended: time(index) + 5.0,
            revision: sr(index),
            task_definition: arn(own.1),
        });
        let (last, own) = (self.deployments.len() - 1, self.deployments[self.deployments.len() - 1]);
        let status = match own.2 {
            End::Successful => Status::Successful,
            End::Stopped => Status::Stopped,
            End::RolledBack => Status::RollbackSuccessful,
            End::UnderWay => Status::InProgress,
        };
        let present = Present {
            arn: format!("sd/{last}"),
            status,
            source: (last > 0).then(|| (sr(last - 1), arn(own.0))),
            revision: sr(last),
            task_definition: arn(own.1),
        };
        Past {
            successes: successes.collect(),
            present: Some(present),
            oldest: Some(time(self.forgotten)),
            ..Past::default()
        }
    }

    /// Goes back, and what is restored ends so.
    fn go_back(&mut self, to: &To, end: End) -> Result<Choice, Nowhere> {
        let running = arn(self.running);
        let choice = choose(to, &running, &self.past(), NOW)?;
        if let Choice::Go { to, .. } = &choice
            && number(to) != self.running
        {
            let past = self.past();
            let present = past.present.unwrap();
            let is_stopped =
                present.status == Status::InProgress && present.source.as_ref().is_some_and(|own| own.1 == *to);
            if is_stopped {
                let last = self.deployments.last_mut().unwrap();
                (last.2, self.running) = (End::RolledBack, last.0);
                self.changes += 1;
            } else {
                if let Some(last) = self.deployments.last_mut().filter(|last| last.2 == End::UnderWay) {
                    last.2 = End::Stopped;
                }
                self.deploy(number(to), end);
            }
        }
        Ok(choice)
    }
}

fn ends() -> impl Strategy<Value = End> {
    prop::sample::select(vec![End::Successful, End::Successful, End::Stopped, End::RolledBack, End::UnderWay])
}

fn wheres() -> impl Strategy<Value = To> {
    prop_oneof![
        4 => Just(To::LastSuccessful),
        4 => Just(To::Previous),
        1 => (1_u64..7).prop_map(To::Number),
        1 => (0.0..200.0).prop_map(|at| To::Time { at, typed: String::new() }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn going_back_twice_changes_the_service_once_at_most(
        history in prop::collection::vec((1_u64..7, ends()), 0..8),
        forgotten in 0_usize..4,
        to in wheres(),
        end in ends(),
    ) {
        let mut history = history;
        if forgotten > 0 {
            // What ECS forgot is told by the numbers.
            history.sort_by_key(|(revision, _)| *revision);
        }
        let mut world = World::new(&history, forgotten);
        let first = world.go_back(&to, end);
        // ECS went back by itself from what was restored: there is a reason, and `to` names a revision that failed.
        prop_assume!(!(end == End::RolledBack && matches!(to, To::Number(_) | To::Time { .. })));
        let again = world.go_back(&to, end);
        prop_assert!(world.changes <= 1, "{first:?} then {again:?}: {world:?}");
    }

    #[test]
    fn last_successful_is_a_revision_that_was_successful(
        history in prop::collection::vec((1_u64..7, ends()), 0..8),
    ) {
        let mut world = World::new(&history, 0);
        let was = world.clone();
        if let Ok(Choice::Go { to, .. }) = world.go_back(&To::LastSuccessful, End::Successful) {
            prop_assert!(was.deployments.iter().any(|own| own.1 == number(&to) && own.2 == End::Successful));
        }
    }
}

#[track_caller]
fn goes(to: &To, world: &World, expected: u64) {
    match choose(to, &arn(world.running), &world.past(), NOW) {
        Ok(Choice::Go { to, .. }) => assert_eq!(number(&to), expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_failed_is_gone_back_from_and_never_to() {
    let failed = World::new(&[(2, End::Successful), (3, End::Stopped)], 0);
    goes(&To::LastSuccessful, &failed, 2);
    let then = World::new(&[(2, End::Stopped), (3, End::Successful)], 0);
    goes(&To::LastSuccessful, &then, 1);
    goes(&To::Previous, &then, 2);
}

#[test]
fn a_moment_means_what_was_deployed_by_then() {
    let world = World::new(&[(2, End::Successful), (3, End::Successful)], 0);
    let at = |at: f64| To::Time { at, typed: String::new() };
    goes(&at(16.0), &world, 2);
    goes(&at(14.0), &world, 1);
    let ends = |at| choose(&at, &arn(3), &world.past(), NOW);
    assert_eq!(ends(at(NOW + 1.0)), Err(Nowhere::Future));
    assert_eq!(ends(at(-1.0)), Err(Nowhere::TooEarly));
}

/// The newest deployment, of `number`, was to take the place of the eighth or of the seventh.
fn with_present(number: u64, source: u64, status: Status) -> Past {
    let mut past = World::new(&[(7, End::Successful), (8, End::Successful)], 0).past();
    past.present = Some(Present {
        arn: "sd/9".to_owned(),
        status,
        source: Some(("sr/0".to_owned(), arn(source))),
        revision: "sr/9".to_owned(),
        task_definition: arn(number),
    });
    past
}

#[test]
fn one_that_is_about_to_go_back_goes_to_its_source() {
    for status in [Status::RollbackRequested, Status::RollbackInProgress] {
        for to in [To::Previous, To::LastSuccessful] {
            let past = with_present(9, 8, status.clone());
            let there = Choice::Go { to: arn(8), revision: "sr/0".to_owned() };
            assert_eq!(choose(&to, &arn(9), &past, NOW), Ok(there));
            let under_way = choose(&to, &arn(8), &past, NOW);
            assert!(matches!(under_way, Ok(Choice::Stay { .. })), "it aims there already: {under_way:?}");
            let back = choose(&to, &arn(7), &with_present(7, 8, status.clone()), NOW);
            assert!(matches!(back, Ok(Choice::Stay { .. })), "never forth to what was gone back from: {back:?}");
        }
    }
}

#[test]
fn a_way_back_that_failed_is_no_way_back() {
    for to in [To::Previous, To::LastSuccessful] {
        let past = with_present(7, 8, Status::RollbackSuccessful);
        assert_eq!(choose(&to, &arn(8), &past, NOW), Err(Nowhere::Undone(arn(7))));
        let forth = choose(&to, &arn(8), &with_present(9, 8, Status::RollbackSuccessful), NOW);
        assert!(matches!(forth, Ok(Choice::Stay { .. })), "a deployment that was rolled back: {forth:?}");
    }
}

#[test]
fn one_that_went_back_is_left_and_says_how_to_go_further() {
    let world = World::new(&[(2, End::Successful), (3, End::Successful), (2, End::Successful)], 0);
    for to in [To::Previous, To::LastSuccessful] {
        match choose(&to, &arn(2), &world.past(), NOW) {
            Ok(Choice::Stay { why, doubt }) => assert!(why.contains("from shop:3") && doubt.contains("`to`")),
            other => panic!("{other:?}"),
        }
    }
}
