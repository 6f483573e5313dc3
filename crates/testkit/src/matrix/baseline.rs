//! A run without faults: the calls there are, and the state that every other run must reach.

use std::collections::{BTreeMap, BTreeSet};

use super::arm::DIVISOR;
use super::run::{Ran, run};
use super::{Class, Facts, Named, Place, Scenario, World};

/// How many calls of one name get faults of their own: the first ones. What a poll asks later is asked in the same way.
const ORDINALS: usize = 2;

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
        let again = run(scenario, &world, DIVISOR, |_| Vec::new());
        again.out.assert_code(0);
        assert_eq!(again.writes(scenario), Vec::<String>::new(), "a second run without faults changes something");
        two
    }

    fn one<S: Scenario>(scenario: &S, variant: usize) -> (S::World, Self, Ran) {
        let world = scenario.world(variant);
        let before = world.facts();
        let ran = run(scenario, &world, DIVISOR, |_| Vec::new());
        ran.out.assert_code(0);
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
