//! One run of the program, with what the servers saw of it.

use std::time::{Duration, Instant};

use super::{Named, Scenario, World};
use crate::fault::{Fault, Target};
use crate::runner::RunOutput;

/// The longest a run may take.
const LIMIT: Duration = Duration::from_mins(1);

/// What a run came to.
pub(super) struct Ran {
    pub(super) out: RunOutput,
    pub(super) calls: Vec<Made>,
    /// What keeps this from being a proper run at all.
    pub(super) problems: Vec<String>,
}

/// A call that was made.
pub(super) struct Made {
    pub(super) call: Named,
    pub(super) fired: Option<String>,
    /// Whether its answer had a body.
    pub(super) has_body: bool,
}

/// Runs the program once; the faults are gone afterwards.
pub(super) fn run<S: Scenario>(
    scenario: &S,
    world: &S::World,
    divisor: u32,
    faults: impl FnOnce(&Target) -> Vec<Fault>,
) -> Ran {
    let (fronts, namer, target) = (world.fronts(), world.namer(), Target::default());
    for front in &fronts {
        front.drain();
    }
    for fault in faults(&target) {
        for front in &fronts {
            front.add(fault.clone());
        }
    }
    let start = Instant::now();
    let divisor = divisor.to_string();
    let variables = [("SLIPWAY_TIME_DIVISOR", divisor.as_str())];
    let program = world.runner().spawn_with(scenario.program(), scenario.arguments(), variables);
    target.aim(Some(program.pid()));
    let out = program.finish();
    target.aim(None);
    fronts.iter().for_each(crate::fault::Faults::clear);
    fronts.iter().for_each(crate::fault::Faults::settle);
    let mut ran = Ran { out, calls: Vec::new(), problems: Vec::new() };
    if start.elapsed() > LIMIT {
        ran.problems.push(format!("the run took {} s", start.elapsed().as_secs()));
    }
    for seen in fronts.iter().flat_map(crate::fault::Faults::drain) {
        match namer(&seen.request) {
            Some(call) => {
                let has_body = seen.answer.get().is_some_and(|length| *length > 0);
                ran.calls.push(Made { call, fired: seen.fired, has_body });
            }
            None => ran.problems.push(format!("a request that the scenario does not name: {}", seen.request)),
        }
    }
    ran
}

impl Ran {
    /// How often a call was made.
    pub(super) fn count(&self, call: &Named) -> usize {
        self.calls.iter().filter(|made| made.call == *call).count()
    }

    /// The calls that may have changed something.
    pub(super) fn writes<S: Scenario>(&self, scenario: &S) -> Vec<String> {
        let writes = |call: &Named| scenario.class(call, 1).is_none_or(super::Class::writes);
        self.calls.iter().filter(|made| writes(&made.call)).map(|made| made.call.to_string()).collect()
    }

    /// The codes of the errors that the run told, as the runner shows them.
    pub(super) fn codes(&self) -> Vec<String> {
        let titles = self.out.stdout.lines().filter_map(|line| line.strip_prefix("::error "));
        titles
            .filter_map(|line| {
                let properties = line.split("::").next()?;
                let title = properties.split(',').find_map(|property| property.strip_prefix("title="))?;
                Some(title.replace("%3A", ":"))
            })
            .collect()
    }
}
