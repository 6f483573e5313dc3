//! One run of the program, with what the servers saw of it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::arm::fault;
use super::mishap::Circumstances;
use super::{Failure, Iam, Kind, Named, Scenario, World};
use crate::fault::{Fault, Faults, Target};
use crate::http::Request;
use crate::iam::{self, Need};
use crate::runner::RunOutput;

/// The longest a run may take.
const LIMIT: Duration = Duration::from_mins(1);

/// The variable by which a run's processes are known.
const MARK: &str = "TESTKIT_RUN";

/// How long a process that was killed may take to be gone.
const DYING: Duration = Duration::from_secs(1);

/// What a run came to.
pub(super) struct Ran {
    pub(super) out: RunOutput,
    pub(super) calls: Vec<Made>,
    /// What keeps this from being a proper run at all.
    pub(super) problems: Vec<String>,
    mark: String,
}

/// A call that was made.
pub(super) struct Made {
    pub(super) call: Named,
    pub(super) at: Instant,
    pub(super) fired: Option<String>,
    /// Whether its answer had a body.
    pub(super) has_body: bool,
    request: Request,
}

/// Runs the program once; the faults are gone afterwards.
pub(super) fn run<S: Scenario>(
    scenario: &S,
    world: &S::World,
    divisor: u32,
    faults: impl FnOnce(&Target) -> Vec<Fault>,
) -> Ran {
    run_in(&Circumstances::default(), scenario, world, divisor, faults)
}

/// The same in some circumstances.
pub(super) fn run_in<S: Scenario>(
    circumstances: &Circumstances,
    scenario: &S,
    world: &S::World,
    divisor: u32,
    faults: impl FnOnce(&Target) -> Vec<Fault>,
) -> Ran {
    let (stage, target) = (world.stage(), Target::default());
    stage.fronts.iter().for_each(|front| drop(front.drain()));
    let cancels = stage.cancelled_at.as_ref().map(|call| fault(call, Kind::Abandoned, 1, &stage.namer, &target));
    let divisor = if cancels.is_some() { 1 } else { divisor };
    for fault in faults(&target).into_iter().chain(cancels) {
        stage.fronts.iter().for_each(|front| front.add(fault.clone()));
    }
    let start = Instant::now();
    let (divisor, mark, evidence) = (divisor.to_string(), mark(), stage.runner.root().join("evidence"));
    let evidence = evidence.display().to_string();
    let variables = [("SLIPWAY_TIME_DIVISOR", &divisor), (MARK, &mark), ("SLIPWAY_EVIDENCE_DIR", &evidence)];
    let more = circumstances.variables.iter().map(|(name, value)| (*name, value));
    let variables = variables.into_iter().chain(more).map(|(name, value)| (name, value.as_str()));
    let (program, arguments) = circumstances.command(scenario.program(), scenario.arguments());
    let mut program = stage.runner.spawn_with(program, arguments, variables);
    target.aim(Some(program.pid()));
    if let Some(text) = circumstances.interrupted_at {
        program.wait_for_output(text);
        program.interrupt();
    }
    let out = program.finish();
    target.aim(None);
    stage.fronts.iter().for_each(Faults::clear);
    stage.fronts.iter().for_each(Faults::settle);
    let mut ran = Ran { out, calls: Vec::new(), problems: Vec::new(), mark };
    if start.elapsed() > LIMIT {
        ran.problems.push(format!("the run took {} s", start.elapsed().as_secs()));
    }
    for seen in stage.fronts.iter().flat_map(Faults::drain) {
        let Some(call) = (stage.namer)(&seen.request) else {
            ran.problems.push(format!("a request that the scenario does not name: {}", seen.request));
            continue;
        };
        let has_body = seen.answer.get().is_some_and(|length| *length > 0);
        // What cancels every run is no fault of this one.
        let fired = seen.fired.filter(|_| stage.cancelled_at.as_ref() != Some(&call));
        ran.calls.push(Made { call, at: seen.at, fired, has_body, request: seen.request });
    }
    ran
}

/// No other run's mark.
fn mark() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
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

    /// What speaks against an end as it is without any fault: success, or the scenario's own failure.
    pub(super) fn unlike_usual(&self, fails: Option<&Failure>) -> Option<String> {
        let wanted = fails.map_or((0, Vec::new()), |failure| (failure.exit, vec![failure.code.clone()]));
        let found = (self.out.code, self.codes());
        (found != wanted)
            .then(|| format!("ended with {} {:?} instead of {} {:?}", found.0, found.1, wanted.0, wanted.1))
    }

    /// The permissions that its calls needed; names that differ from world to world are taken out.
    pub(super) fn needs<W: World>(&self, world: &W, iam: &Iam) -> BTreeSet<Result<Need, String>> {
        let needs = self.calls.iter().flat_map(|made| match iam::needs(&iam.place, &made.request) {
            Some(needs) => needs.into_iter().map(Ok).collect(),
            None => vec![Err(made.call.to_string())],
        });
        needs.map(|need| need.map(|need| need.renamed(|text| world.erase(text)))).collect()
    }

    /// The command lines of processes that are still there although the program has ended.
    pub(super) fn left_processes(&self) -> Vec<String> {
        let deadline = Instant::now() + DYING;
        loop {
            let found = processes_with(&format!("{MARK}={}", self.mark));
            if found.is_empty() || Instant::now() > deadline {
                return found.into_iter().map(|line| format!("a process is left: {line}")).collect();
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The command lines of the processes that have `variable`.
fn processes_with(variable: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let folders = entries.flatten().map(|entry| entry.path());
    let marked = folders.filter(|folder| {
        // Processes that end meanwhile, and those of others, have no environment for us.
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|pair| pair == variable.as_bytes())
    });
    marked
        .map(|folder| {
            let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).replace('\0', " ")
        })
        .collect()
}
