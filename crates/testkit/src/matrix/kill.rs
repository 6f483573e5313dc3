//! Kill points: the program is killed at a request, chosen by a seed, and what it left is judged before anything runs again.

use std::collections::BTreeSet;
use std::time::Duration;

use super::arm::DIVISOR;
use super::baseline::{Baseline, Point, illegal};
use super::run::{Ran, run};
use super::verdict::again;
use super::{Scenario, World, pool};
use crate::fault::{Fault, Moment};

/// How many seeds there are.
const SEEDS: u64 = 200;

/// Runs one seed alone.
const ONE_SEED: &str = "SLIPWAY_KILL_SEED";

/// The moments of a request.
const MOMENTS: [Moment; 6] = [
    Moment::Before,
    Moment::After,
    Moment::Half,
    Moment::Answered(Duration::ZERO),
    Moment::Answered(Duration::from_millis(1)),
    Moment::Answered(Duration::from_millis(5)),
];

/// How many of the moments come after an answer.
const AFTER_ANSWERS: usize = 3;

/// What a seed came to.
struct Shot {
    killed: bool,
    state: String,
    problems: Vec<String>,
}

/// Kills the program at two hundred places.
///
/// # Panics
///
/// With everything that does not hold: an illegal state, a run that does not converge, kills that hit nothing.
pub fn every_kill<S: Scenario>(scenario: &S) {
    let problems = problems(scenario);
    assert!(problems.is_empty(), "{} kill points fail:\n{}", problems.len(), problems.join("\n\n"));
}

/// Everything of the kill points that does not hold.
pub(super) fn problems<S: Scenario>(scenario: &S) -> Vec<String> {
    let baselines: Vec<Baseline> = (0..scenario.variants()).map(|variant| Baseline::of(scenario, variant)).collect();
    let one: Option<u64> = std::env::var(ONE_SEED).ok().and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = one.map_or_else(|| (0..SEEDS).collect(), |seed| vec![seed]);
    let results = pool::each(&seeds, |seed| shoot(scenario, &baselines, *seed));
    let (mut problems, mut killed, mut states) = (Vec::new(), 0, BTreeSet::new());
    for (seed, result) in seeds.iter().zip(results) {
        let found = match result {
            Ok(shot) => {
                killed += usize::from(shot.killed);
                states.insert(shot.state);
                shot.problems
            }
            Err(panic) => vec![panic],
        };
        if !found.is_empty() {
            problems.push(format!("{} seed {seed}:\n  {}", scenario.name(), found.join("\n").replace('\n', "\n  ")));
        }
    }
    println!("{}: {killed} of {} seeds killed, {} states", scenario.name(), seeds.len(), states.len());
    if one.is_none() && states.len() < scenario.least_states() {
        problems.push(format!("only {} states were reached: {states:#?}", states.len()));
    }
    problems
}

fn shoot<S: Scenario>(scenario: &S, baselines: &[Baseline], seed: u64) -> Shot {
    let mut random = Random(seed ^ fnv(scenario.name()));
    // First every moment of every call of the table's variant, then anything.
    let variant = if seed < SEEDS / 2 { 0 } else { random.below(baselines.len()) };
    let baseline = &baselines[variant];
    // Behind the last answer the program is as good as done: only its first moments are sure to hit.
    let pairs = baseline.points.len() * MOMENTS.len() - AFTER_ANSWERS;
    let half = usize::try_from(SEEDS / 2).unwrap_or(1);
    let seed_at = usize::try_from(seed).unwrap_or_default();
    let pair = if seed_at < half { seed_at * pairs.max(half) / half % pairs } else { random.below(pairs) };
    let (point, moment) = (&baseline.points[pair / MOMENTS.len()], MOMENTS[pair % MOMENTS.len()]);
    let world = scenario.world(variant);
    let ran = kill(scenario, &world, baseline, point, moment);
    let now = world.facts();
    let killed = ran.out.code == 137;
    let mut problems = ran.problems.clone();
    if !killed {
        problems.push(format!("it was not killed but ended with {}:\n{}", ran.out.code, ran.out.stderr));
    }
    problems.extend(illegal(&world, &now, baseline));
    if seed % 4 == 3 {
        let point = &baseline.points[random.below(baseline.points.len())];
        kill(scenario, &world, baseline, point, MOMENTS[random.below(3)]);
        problems.extend(illegal(&world, &world.facts(), baseline));
    }
    problems.extend(again(scenario, &world, baseline));
    if !problems.is_empty() {
        problems.insert(0, format!("killed {moment:?} {} #{} of variant {variant}", point.call, point.nth));
    }
    Shot { killed, state: format!("{variant} {now:?}"), problems }
}

/// Kills the program at a moment of a call. The last answer of the run waits for it: no program ends before its kill arrives.
fn kill<S: Scenario>(scenario: &S, world: &S::World, baseline: &Baseline, point: &Point, moment: Moment) -> Ran {
    let at = |fault: Fault, point: &Point| {
        let (namer, wanted) = (world.stage().namer.clone(), point.call.clone());
        let nth = u64::try_from(point.nth).unwrap_or(u64::MAX);
        (fault.matching(move |request| namer(request).as_ref() == Some(&wanted)), nth)
    };
    run(scenario, world, DIVISOR, |target| {
        let (kill, nth) = at(Fault::kill(moment, target), point);
        let mut faults = vec![kill.nth(nth)];
        if let (Moment::Answered(_) | Moment::Half, Some(last)) = (moment, baseline.points.last()) {
            let (hold, nth) = at(Fault::hold(target), last);
            faults.push(hold.from(nth));
        }
        faults
    })
}

/// Splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let limit = u64::try_from(limit.max(1)).unwrap_or(1);
        usize::try_from(mixed % limit).unwrap_or_default()
    }
}

fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
