//! The table's cells: one fault at one call.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use super::arm::{DIVISOR, divisor, fault};
use super::baseline::{Baseline, Point};
use super::publish::{mishap_row, publish, row};
use super::run::{Ran, run, run_in};
use super::verdict::{again, verdict};
use super::{Exception, Expected, Kind, Mishap, Scenario, World, permitted, pool, rule};
use crate::iam::Need;

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
    let (rows, mut problems) = asserted(scenario);
    if problems.is_empty() && std::env::var_os(ONE_CELL).is_none() {
        problems.extend(publish(scenario.name(), &rows));
    }
    assert!(problems.is_empty(), "{} promises are not kept:\n{}", problems.len(), problems.join("\n\n"));
}

/// Everything of the table that does not hold, for a table that is not for readers.
#[cfg(test)]
pub(super) fn unpublished<S: Scenario>(scenario: &S) -> Vec<String> {
    asserted(scenario).1
}

/// The table's rows, and everything of it that does not hold.
fn asserted<S: Scenario>(scenario: &S) -> (Vec<String>, Vec<String>) {
    let baseline = Baseline::placed(scenario);
    let (all, mut problems) = table(scenario, &baseline);
    let mishaps = scenario.mishaps();
    let fails = scenario.fails();
    let rows = all.iter().map(|cell| row(cell, fails.as_ref())).chain(mishaps.iter().map(mishap_row)).collect();
    let needed = Mutex::new(BTreeSet::new());
    // What waits longest begins first.
    let mut cells: Vec<&Cell> = all.iter().collect();
    cells.sort_by_key(|cell| !cell.kind.is_waited_for());
    let named = cells.into_iter().map(|cell| {
        let check: Box<dyn Fn() -> Vec<String> + Sync + '_> = Box::new(|| check(scenario, &baseline, cell, &needed));
        (cell.name(scenario.name()), check)
    });
    let local = mishaps.iter().map(|mishap| {
        let check: Box<dyn Fn() -> Vec<String> + Sync + '_> = Box::new(|| suffer(scenario, &baseline, mishap));
        (format!("{}/{mishap:?}", scenario.name()), check)
    });
    let wanted = std::env::var(ONE_CELL).unwrap_or_default();
    let checks: Vec<_> = local.chain(named).filter(|(name, _)| name.contains(&wanted)).collect();
    let results = pool::each(&checks, |(_, check)| check());
    for ((name, _), result) in checks.iter().zip(results) {
        let found = result.unwrap_or_else(|panic| vec![panic]);
        if !found.is_empty() {
            problems.push(format!("{name}\n  {}", found.join("\n").replace('\n', "\n  ")));
        }
    }
    println!("{}: {} cells asserted", scenario.name(), checks.len());
    drop(checks);
    if let Some(iam) = scenario.iam() {
        let needed = needed.into_inner().unwrap_or_else(PoisonError::into_inner);
        problems.extend(permitted::surplus(scenario, &iam, &needed));
    }
    (rows, problems)
}

/// Everything of one mishap that does not hold.
fn suffer<S: Scenario>(scenario: &S, baseline: &Baseline, mishap: &Mishap<S::World>) -> Vec<String> {
    let world = scenario.world(0);
    (mishap.inflict)(&world);
    let ran = run_in(&mishap.circumstances, scenario, &world, DIVISOR, |_| Vec::new());
    let mut problems = verdict(scenario, &world, baseline, &mishap.expected, &ran);
    (mishap.relieve)(&world);
    problems.extend(again(scenario, &world, baseline));
    with_words(problems, &ran)
}

fn with_words(mut problems: Vec<String>, ran: &Ran) -> Vec<String> {
    if !problems.is_empty() {
        problems.push(format!("--- stdout\n{}--- stderr\n{}", ran.out.stdout, ran.out.stderr));
    }
    problems
}

/// All cells, and what is wrong with the exceptions.
fn table<S: Scenario>(scenario: &S, baseline: &Baseline) -> (Vec<Cell>, Vec<String>) {
    let exceptions = scenario.exceptions();
    let mut used = vec![false; exceptions.len()];
    let mut cells = Vec::new();
    let covered = |point: &&Point| scenario.covers(&point.call, point.nth, point.class);
    for point in baseline.points.iter().filter(covered) {
        for kind in Kind::ALL.into_iter().filter(|kind| point.has_body || !kind.needs_body()) {
            let ruled = match rule(scenario.action(), &point.call, point.class, kind, point.place) {
                Expected::Fails(failure) => {
                    Expected::Fails(scenario.told_of(&point.call, point.nth, point.class, kind, failure))
                }
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
fn check<S: Scenario>(
    scenario: &S,
    baseline: &Baseline,
    cell: &Cell,
    needed: &Mutex<BTreeSet<Result<Need, String>>>,
) -> Vec<String> {
    let world = scenario.world(0);
    let Point { call, nth, .. } = &cell.point;
    let divisor = divisor(cell.kind);
    let namer = world.stage().namer.clone();
    let nth = u64::try_from(*nth).unwrap_or(u64::MAX);
    let ran = run(scenario, &world, divisor, |target| vec![fault(call, cell.kind, nth, &namer, target)]);
    if let Some(iam) = scenario.iam() {
        needed.lock().unwrap_or_else(PoisonError::into_inner).extend(ran.needs(&world, &iam));
    }
    let mut problems = Vec::new();
    let fired = ran.calls.iter().filter(|made| made.fired.is_some());
    if fired.clone().count() == 0 || fired.clone().any(|made| made.call != *call) {
        problems.push("the fault did not happen".to_owned());
    }
    problems.extend(not_retried(baseline, cell, &ran));
    problems.extend(lost_verdict(scenario, cell, &ran));
    problems.extend(verdict(scenario, &world, baseline, &cell.expected, &ran));
    problems.extend(again(scenario, &world, baseline));
    with_words(problems, &ran)
}

fn lost_verdict<S: Scenario>(scenario: &S, cell: &Cell, ran: &Ran) -> Option<String> {
    let wanted = scenario.verdict_when_cancelled(&cell.point.call).filter(|_| cell.kind.is_cancelled())?;
    let found = ran.out.outputs.get("verdict").map_or("", String::as_str);
    (found != wanted).then(|| format!("the output `verdict` is {found:?} instead of {wanted:?}"))
}

fn not_retried(baseline: &Baseline, cell: &Cell, ran: &Ran) -> Option<String> {
    let usual = baseline.counts.get(&cell.point.call).copied().unwrap_or_default();
    let once = cell.expected == Expected::Retried && ran.count(&cell.point.call) <= usual;
    once.then(|| "the call was not made again".to_owned())
}
