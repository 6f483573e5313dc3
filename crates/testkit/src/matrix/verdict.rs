//! What every run that met a fault is judged by: its end, what it told, what it left, and the runs after it.

use super::arm::DIVISOR;
use super::baseline::{Baseline, illegal, outputs};
use super::run::{Ran, run};
use super::{Expected, Facts, Left, Scenario, World};

/// Everything that does not hold of a run that met a fault, before anything runs again.
pub(super) fn verdict<S: Scenario>(
    scenario: &S,
    world: &S::World,
    baseline: &Baseline,
    expected: &Expected,
    ran: &Ran,
) -> Vec<String> {
    let (now, stage) = (world.facts(), world.stage());
    let mut problems = ran.problems.clone();
    problems.extend(wrong_end(scenario, world, baseline, expected, ran));
    problems.extend(stage.secrets.leaks(&stage.runner, &ran.out, stage.inputs));
    problems.extend(ran.left_processes());
    problems.extend(illegal(world, &now, baseline));
    let promised = match expected {
        Expected::Fails(failure) => failure.left,
        Expected::Retried | Expected::Unnoticed => Left::Done,
    };
    let kept = match promised {
        Left::Untouched => now == baseline.before,
        Left::Partly => true,
        Left::Done => has_come(world, &now, &baseline.end),
    };
    if !kept {
        problems.push(format!("promised to leave {promised:?}, left {now:#?}"));
    }
    problems
}

/// Whether all is there but what can wait.
fn has_come<W: World>(world: &W, now: &Facts, end: &Facts) -> bool {
    let needed = |facts: &Facts| {
        let needed = facts.iter().filter(|(name, _)| !world.can_wait(name));
        needed.map(|(name, value)| (name.clone(), value.clone())).collect::<Facts>()
    };
    needed(now) == needed(end)
}

fn wrong_end<S: Scenario>(
    scenario: &S,
    world: &S::World,
    baseline: &Baseline,
    expected: &Expected,
    ran: &Ran,
) -> Vec<String> {
    let mut problems = Vec::new();
    let (exit, codes) = (ran.out.code, ran.codes());
    let usual = scenario.fails();
    let Expected::Fails(failure) = expected else {
        problems.extend(ran.unlike_usual(usual.as_ref()).map(|end| format!("expected {expected:?}, {end}")));
        let outputs = outputs(world, ran);
        if problems.is_empty() && outputs != baseline.outputs {
            problems.push(format!("outputs {outputs:#?} instead of {:#?}", baseline.outputs));
        }
        return problems;
    };
    if exit != failure.exit || codes != [failure.code.clone()] {
        problems.push(format!("expected {} {}, ended with {exit} {codes:?}", failure.exit, failure.code));
    }
    if !ran.out.stderr.contains("help:") {
        problems.push("the error has no help".to_owned());
    }
    let succeeds = usual.is_none() && !baseline.outputs.is_empty();
    if exit != 0 && succeeds && baseline.outputs == outputs(world, ran) {
        problems.push("a failed run has the outputs of a successful one".to_owned());
    }
    problems
}

/// Runs twice more: the first run must reach the end, the second must find nothing to do.
pub(super) fn again<S: Scenario>(scenario: &S, world: &S::World, baseline: &Baseline) -> Vec<String> {
    let (mut problems, fails) = (Vec::new(), scenario.fails());
    world.meanwhile();
    let second = run(scenario, world, DIVISOR, |_| Vec::new());
    if let Some(end) = second.unlike_usual(fails.as_ref()) {
        problems.push(format!("run again, it {end}:\n{}", second.out.stderr));
        return problems;
    }
    let now = world.facts();
    if now != baseline.end {
        problems.push(format!("run again, it left {now:#?}\ninstead of {:#?}", baseline.end));
    }
    world.meanwhile();
    let third = run(scenario, world, DIVISOR, |_| Vec::new());
    let anew = fails.is_some() || scenario.repeats();
    let writes = if anew { Vec::new() } else { third.writes(scenario) };
    if let Some(end) = third.unlike_usual(fails.as_ref()) {
        problems.push(format!("a third run {end}"));
    }
    if !writes.is_empty() {
        problems.push(format!("a third run made {writes:?}"));
    }
    if (scenario.writes_files() || anew) && world.facts() != baseline.end {
        problems.push("a third run changes something".to_owned());
    }
    problems
}
