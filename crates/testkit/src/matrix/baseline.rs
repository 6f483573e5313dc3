//! A run without faults: the calls there are, and the state that every other run must reach.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::arm::DIVISOR;
use super::run::{Ran, run};
use super::{Class, Facts, Left, Named, Place, Scenario, World, pool};
use crate::fault::Fault;

/// How many calls of one name get faults of their own: the first ones. What a poll asks later is asked in the same way.
const ORDINALS: usize = 2;

/// How long a call is held to see what does not wait for it: well inside of every divided time-out.
const HELD: Duration = Duration::from_millis(800);

/// What a run without faults is like.
pub(super) struct Baseline {
    /// The calls in the order of their first arrival.
    pub(super) points: Vec<Point>,
    pub(super) before: Facts,
    pub(super) end: Facts,
    pub(super) outputs: BTreeMap<String, String>,
    pub(super) counts: BTreeMap<Named, usize>,
}

/// One request to put faults at.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) call: Named,
    pub(super) nth: usize,
    pub(super) class: Class,
    pub(super) has_body: bool,
    pub(super) place: Place,
}

impl Baseline {
    /// Runs variant `variant` in two worlds, which must agree, and once more in the second, which must change nothing.
    pub(super) fn of<S: Scenario>(scenario: &S, variant: usize) -> Self {
        let (_, one, _) = Self::one(scenario, variant);
        let (world, two, ran) = Self::one(scenario, variant);
        assert_eq!(one.end, two.end, "two runs without faults end differently");
        assert_eq!(one.outputs, two.outputs, "two runs without faults have different outputs");
        let names = |baseline: &Self| baseline.counts.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(names(&one), names(&two), "two runs without faults make different calls");
        let explained = scenario.writes_files() || !ran.writes(scenario).is_empty();
        assert!(explained || one.before == one.end, "no write was seen, but something changed");
        let fails = scenario.fails();
        if let Some(failure) = &fails {
            let is_untouched = two.before == two.end;
            assert_eq!(failure.left == Left::Untouched, is_untouched, "a failure that leaves {:?}", two.end);
        }
        world.meanwhile();
        let again = run(scenario, &world, DIVISOR, |_| Vec::new());
        assert_eq!(again.unlike_usual(fails.as_ref()), None, "{}", again.out.stderr);
        if fails.is_none() && !scenario.repeats() {
            assert_eq!(again.writes(scenario), Vec::<String>::new(), "a second run without faults changes something");
        }
        two
    }

    /// The same, with the places of the calls that run beside others: which of them arrives first is chance.
    pub(super) fn placed<S: Scenario>(scenario: &S) -> Self {
        let mut baseline = Self::of(scenario, 0);
        let early: Vec<Point> = baseline.points.iter().filter(|point| point.place.first).cloned().collect();
        let verdicts = pool::each(&early, |point| waits_for(scenario, point));
        for (early, verdict) in early.iter().zip(verdicts) {
            let waits = verdict.unwrap_or_else(|panic| panic!("`{}` held: {panic}", early.call));
            let mut same = baseline.points.iter_mut();
            if let Some(point) = same.find(|point| point.call == early.call && point.nth == early.nth) {
                point.place.first = waits;
            }
        }
        baseline
    }

    fn one<S: Scenario>(scenario: &S, variant: usize) -> (S::World, Self, Ran) {
        let world = scenario.world(variant);
        let before = world.facts();
        let ran = run(scenario, &world, DIVISOR, |_| Vec::new());
        assert_eq!(ran.unlike_usual(scenario.fails().as_ref()), None, "{}\n{}", ran.out.stdout, ran.out.stderr);
        assert_eq!(ran.problems, Vec::<String>::new());
        let end = world.facts();
        let outputs = outputs(&world, &ran);
        let mut baseline = Self { points: Vec::new(), before, end, outputs, counts: BTreeMap::new() };
        let mut first = true;
        for made in &ran.calls {
            let call = made.call.clone();
            let count = baseline.counts.entry(call.clone()).or_default();
            *count += 1;
            let Some(class) = scenario.class(&call, *count) else {
                panic!("the scenario does not say what `{call}` is for")
            };
            assert!(
                !(class == Class::Hint && call.operation.starts_with("POST /")),
                "`{call}` writes, and is declared as a hint"
            );
            if *count <= ORDINALS {
                baseline.points.push(Point {
                    call,
                    nth: *count,
                    class,
                    has_body: made.has_body,
                    place: Place { first, last: false },
                });
            }
            first &= !class.writes();
        }
        for point in baseline.points.iter_mut().rev() {
            point.place.last = true;
            if point.class != Class::Tidy {
                break;
            }
        }
        (world, baseline, ran)
    }
}

/// Whether every other write waits for the answer to `point`: nothing else is written while it is held.
fn waits_for<S: Scenario>(scenario: &S, point: &Point) -> bool {
    let world = scenario.world(0);
    let (namer, wanted) = (world.stage().namer.clone(), point.call.clone());
    let nth = u64::try_from(point.nth).unwrap_or(u64::MAX);
    let held = Fault::delay(HELD).matching(move |request| namer(request).as_ref() == Some(&wanted)).nth(nth);
    let ran = run(scenario, &world, DIVISOR, |_| vec![held]);
    let at = ran.calls.iter().find(|made| made.fired.is_some()).expect("the call is made").at;
    let mut counts = BTreeMap::<&Named, usize>::new();
    ran.calls.iter().all(|made| {
        let count = counts.entry(&made.call).or_default();
        *count += 1;
        let writes = scenario.class(&made.call, *count).is_none_or(Class::writes);
        made.fired.is_some() || !writes || made.at >= at + HELD
    })
}

/// The outputs that are the same in every world.
pub(super) fn outputs<W: World>(world: &W, ran: &Ran) -> BTreeMap<String, String> {
    let volatile = world.volatile_outputs();
    let stable = ran.out.outputs.iter().filter(|(name, _)| !volatile.contains(&name.as_str()));
    stable.map(|(name, value)| (name.clone(), world.erase(value))).collect()
}

/// Names what is not as it may be between `before` and `end`.
pub(super) fn illegal<W: World>(world: &W, now: &Facts, baseline: &Baseline) -> Vec<String> {
    let Baseline { before, end, .. } = baseline;
    let names: BTreeSet<&String> = before.keys().chain(end.keys()).chain(now.keys()).collect();
    let mut found: Vec<String> = names
        .into_iter()
        .filter(|name| now.get(*name) != before.get(*name) && now.get(*name) != end.get(*name))
        .filter(|name| !now.get(*name).is_some_and(|value| world.is_transient(name, value)))
        .map(|name| format!("`{name}` is {:?}, neither as before nor as in the end", now.get(name)))
        .collect();
    found.extend(world.broken_laws(now, end));
    found
}
