//! The table's cells: one fault at one call.

use super::arm::{DIVISOR, TIME_OUT_DIVISOR, fault};
use super::baseline::{Baseline, Point, illegal, outputs};
use super::publish::publish;
use super::run::{Ran, run};
use super::{Exception, Expected, Kind, Left, Scenario, World, pool, rule};

/// Runs a part of the table: cells whose name holds this text.
const ONE_CELL: &str = "SLIPWAY_FAULT";

/// The share of cells that may be exceptions, in hundredths: above it the rule is wrong, or the action is.
const MOST_EXCEPTIONS: usize = 15;

/// A cell and what it promises.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) point: Point,
    pub(super) kind: Kind,
    pub(super) expected: Expected,
    /// Why it is an exception, where it is one.
    pub(super) reason: Option<&'static str>,
}

impl Cell {
    fn name(&self, action: &str) -> String {
        format!("{action}/{} #{}/{:?}", self.point.call, self.point.nth, self.kind)
    }
}

/// Runs every cell of a scenario's table and publishes the table.
///
/// # Panics
///
/// With everything that does not hold.
pub fn every_fault<S: Scenario>(scenario: &S) {
    let (cells, mut problems) = asserted(scenario);
    if problems.is_empty() && std::env::var_os(ONE_CELL).is_none() {
        problems.extend(publish(scenario.name(), &cells));
    }
    assert!(problems.is_empty(), "{} promises are not kept:\n{}", problems.len(), problems.join("\n\n"));
}

/// Everything of the table that does not hold, for a table that is not for readers.
#[cfg(test)]
pub(super) fn unpublished<S: Scenario>(scenario: &S) -> Vec<String> {
    asserted(scenario).1
}

/// The table, and everything of it that does not hold.
fn asserted<S: Scenario>(scenario: &S) -> (Vec<Cell>, Vec<String>) {
    let baseline = Baseline::of(scenario, 0);
    let (all, mut problems) = table(scenario, &baseline);
    let wanted = std::env::var(ONE_CELL).ok();
    let mut cells: Vec<&Cell> = all.iter().collect();
    if let Some(wanted) = &wanted {
        cells.retain(|cell| cell.name(scenario.name()).contains(wanted.as_str()));
    }
    // What waits longest begins first.
    cells.sort_by_key(|cell| !matches!(cell.kind, Kind::TimedOutAlways | Kind::TimedOutOnce));
    let results = pool::each(&cells, |cell| check(scenario, &baseline, cell));
    for (cell, result) in cells.iter().zip(results) {
        let mut found = result.unwrap_or_else(|panic| vec![panic]);
        // Time-outs of a second are short for a busy machine: what does not hold is asked once more, alone.
        if !found.is_empty() {
            println!("{}: once more, because of {}", cell.name(scenario.name()), found.join("; "));
            found = check(scenario, &baseline, cell);
        }
        if !found.is_empty() {
            problems.push(format!("{}\n  {}", cell.name(scenario.name()), found.join("\n").replace('\n', "\n  ")));
        }
    }
    println!("{}: {} cells asserted", scenario.name(), cells.len());
    (all, problems)
}

/// All cells, and what is wrong with the exceptions.
fn table<S: Scenario>(scenario: &S, baseline: &Baseline) -> (Vec<Cell>, Vec<String>) {
    let exceptions = scenario.exceptions();
    let mut used = vec![false; exceptions.len()];
    let mut cells = Vec::new();
    for point in &baseline.points {
        for kind in Kind::ALL.into_iter().filter(|kind| point.has_body || !kind.needs_body()) {
            let ruled = match rule(scenario.action(), &point.call, point.class, kind, point.place) {
                Expected::Fails(failure) => Expected::Fails(scenario.told(point.class, kind, failure)),
                other => other,
            };
            let exception = exceptions.iter().position(|exception| exception.concerns(&point.call, point.nth, kind));
            let differing = exception.filter(|at| exceptions.get(*at).is_some_and(|one| one.expected != ruled));
            let exception: Option<&Exception> = differing.and_then(|at| exceptions.get(at));
            if let Some(at) = differing {
                used[at] = true;
            }
            let expected = exception.map_or(ruled, |exception| exception.expected.clone());
            cells.push(Cell {
                point: point.clone(),
                kind,
                expected,
                reason: exception.map(|exception| exception.reason),
            });
        }
    }
    let dead = exceptions.iter().zip(used).filter(|(_, used)| !used);
    let mut problems: Vec<String> =
        dead.map(|(exception, _)| format!("an exception that excepts nothing: {exception:?}")).collect();
    let excepted = cells.iter().filter(|cell| cell.reason.is_some()).count();
    println!("{}: {excepted} of {} cells are exceptions", scenario.name(), cells.len());
    if excepted * 100 > cells.len() * MOST_EXCEPTIONS {
        problems.push(format!("{excepted} of {} cells are exceptions: more than {MOST_EXCEPTIONS} %", cells.len()));
    }
    (cells, problems)
}

/// Everything of one cell that does not hold.
fn check<S: Scenario>(scenario: &S, baseline: &Baseline, cell: &Cell) -> Vec<String> {
    let world = scenario.world(0);
    let Point { call, nth, .. } = &cell.point;
    let divisor =
        if matches!(cell.kind, Kind::TimedOutOnce | Kind::TimedOutAlways) { TIME_OUT_DIVISOR } else { DIVISOR };
    let namer = world.namer();
    let nth = u64::try_from(*nth).unwrap_or(u64::MAX);
    let ran = run(scenario, &world, divisor, |target| vec![fault(call, cell.kind, nth, &namer, target)]);
    let now = world.facts();
    let mut problems = ran.problems.clone();
    let fired = ran.calls.iter().filter(|made| made.fired.is_some());
    if fired.clone().count() == 0 || fired.clone().any(|made| made.call != *call) {
        problems.push("the fault did not happen".to_owned());
    }
    problems.extend(wrong_end(&world, baseline, cell, &ran));
    problems.extend(illegal(&world, &now, baseline));
    let promised = match &cell.expected {
        Expected::Fails(failure) => failure.left,
        Expected::Retried | Expected::Unnoticed => Left::Done,
    };
    let kept = match promised {
        Left::Untouched => now == baseline.before,
        Left::Partly => true,
        Left::Done => now == baseline.end,
    };
    if !kept {
        problems.push(format!("promised to leave {promised:?}, left {now:#?}"));
    }
    problems.extend(again(scenario, &world, baseline));
    if !problems.is_empty() {
        problems.push(format!("--- stdout\n{}--- stderr\n{}", ran.out.stdout, ran.out.stderr));
    }
    problems
}

fn wrong_end<W: World>(world: &W, baseline: &Baseline, cell: &Cell, ran: &Ran) -> Vec<String> {
    let mut problems = Vec::new();
    let (exit, codes) = (ran.out.code, ran.codes());
    match &cell.expected {
        Expected::Retried | Expected::Unnoticed => {
            if exit != 0 || !codes.is_empty() {
                problems.push(format!("expected {:?}, ended with {exit} {codes:?}", cell.expected));
            }
            let usual = baseline.counts.get(&cell.point.call).copied().unwrap_or_default();
            if cell.expected == Expected::Retried && ran.count(&cell.point.call) <= usual {
                problems.push("the call was not made again".to_owned());
            }
            let outputs = outputs(world, ran);
            if exit == 0 && outputs != baseline.outputs {
                problems.push(format!("outputs {outputs:#?} instead of {:#?}", baseline.outputs));
            }
        }
        Expected::Fails(failure) => {
            if exit != failure.exit || codes != [failure.code.clone()] {
                problems.push(format!("expected {} {}, ended with {exit} {codes:?}", failure.exit, failure.code));
            }
            if !ran.out.stderr.contains("help:") {
                problems.push("the error has no help".to_owned());
            }
            if exit != 0 && baseline.outputs == outputs(world, ran) && !baseline.outputs.is_empty() {
                problems.push("a failed run has the outputs of a successful one".to_owned());
            }
        }
    }
    problems
}

/// Runs twice more: the first run must reach the end, the second must find nothing to do.
pub(super) fn again<S: Scenario>(scenario: &S, world: &S::World, baseline: &Baseline) -> Vec<String> {
    let mut problems = Vec::new();
    let second = run(scenario, world, DIVISOR, |_| Vec::new());
    if second.out.code != 0 {
        problems.push(format!("run again, it ended with {}:\n{}", second.out.code, second.out.stderr));
        return problems;
    }
    let now = world.facts();
    if now != baseline.end {
        problems.push(format!("run again, it left {now:#?}\ninstead of {:#?}", baseline.end));
    }
    let third = run(scenario, world, DIVISOR, |_| Vec::new());
    let writes = third.writes(scenario);
    if third.out.code != 0 || !writes.is_empty() {
        problems.push(format!("a third run ended with {} and made {writes:?}", third.out.code));
    }
    if scenario.writes_files() && world.facts() != baseline.end {
        problems.push("a third run changes files".to_owned());
    }
    problems
}
