//! What `scripts/run-action.sh` costs when the binary is in the cache: its time to find, hash and start it.

use std::fmt::{Display, Formatter};
use std::path::Path;
use std::time::Instant;

use super::statistics::median;
use crate::program::{ACTIONS, Program};

/// The goal, in milliseconds.
const GOAL: f64 = 60.0;

/// How often a figure is taken that is to be believed.
const RUNS: usize = 15;

/// How often that is done, at the most, until the goal is met: a busy machine has a quiet moment sooner or later, and a script
/// that is slow has none.
const ROUNDS: usize = 4;

/// The medians, in milliseconds.
#[derive(Debug, Clone, Copy)]
struct Cost {
    /// Script and binary.
    whole: f64,
    /// The binary alone.
    binary: f64,
    /// The script's part in the best runs: what it costs where nothing else wants the processor.
    best: f64,
}

impl Cost {
    /// The script's part.
    fn script(&self) -> f64 {
        (self.whole - self.binary).max(0.0)
    }
}

impl Display for Cost {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let verdict = if self.best <= GOAL { "within" } else { "over" };
        let Self { whole, binary, best } = self;
        write!(f, "{:.0} ms, {best:.0} ms at best ({verdict} {GOAL} ms): ", self.script())?;
        write!(f, "{whole:.0} ms with the binary, {binary:.0} ms the binary alone")
    }
}

/// Measures every tool and demands the goal.
pub(crate) fn check(slipway: &Path, cache: &Path, say: &dyn Fn(&str)) -> Result<(), String> {
    let mut costs = Vec::new();
    for tool in ACTIONS {
        let cost = measure(slipway, cache, tool)?;
        say(&format!("  {tool:<24} {cost}"));
        costs.push((tool, cost));
    }
    demand(&costs)
}

/// Demands the goal of each tool's best runs: one slow run says more of the machine than of the script.
fn demand(costs: &[(&str, Cost)]) -> Result<(), String> {
    let slow: Vec<String> = costs
        .iter()
        .filter(|(_, cost)| cost.best > GOAL)
        .map(|(tool, cost)| format!("`{tool}` {:.0} ms", cost.best))
        .collect();
    if slow.is_empty() { Ok(()) } else { Err(format!("the script takes over {GOAL} ms at best: {}", slow.join(", "))) }
}

/// Measures `tool --help` through the script of `slipway` with a filled `cache`, in turn with the binary alone.
fn measure(slipway: &Path, cache: &Path, tool: &str) -> Result<Cost, String> {
    let binary = cached(cache, tool).ok_or_else(|| format!("`{tool}` is not in the cache"))?;
    let script = slipway.join("scripts/run-action.sh");
    let arch = if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" };
    let through = || {
        Program::new("bash")
            .args(["--noprofile", "--norc"])
            .args([&script])
            .args([tool, "--help"])
            .without(&["SLIPWAY_BIN_DIR", "SLIPWAY_MIRROR"])
            .env("RUNNER_OS", if cfg!(target_os = "macos") { "macOS" } else { "Linux" })
            .env("RUNNER_ARCH", arch)
            .env("RUNNER_TOOL_CACHE", cache)
    };
    let (mut whole, mut alone) = (Vec::new(), Vec::new());
    let least = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    for round in 0..ROUNDS {
        if round > 0 && least(&whole) - least(&alone) <= GOAL {
            break;
        }
        for _ in 0..RUNS {
            whole.push(time(through())?);
            alone.push(time(Program::new(&binary).args(["--help"]))?);
        }
    }
    Ok(Cost { whole: median(&whole), binary: median(&alone), best: least(&whole) - least(&alone) })
}

/// The binary in the cache: `slipway/VERSION/TRIPLE/NAME`.
fn cached(cache: &Path, tool: &str) -> Option<std::path::PathBuf> {
    let folders =
        |path: &Path| std::fs::read_dir(path).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let versions = folders(&cache.join("slipway"));
    versions
        .flat_map(|version| folders(&version).collect::<Vec<_>>())
        .map(|triple| triple.join(tool))
        .find(|path| path.is_file())
}

fn time(program: Program) -> Result<f64, String> {
    let start = Instant::now();
    let output = program.output()?;
    let time = start.elapsed().as_secs_f64() * 1000.0;
    if output.status == 0 { Ok(time) } else { Err(output.text()) }
}

#[cfg(test)]
mod tests {
    use super::{Cost, GOAL, demand};

    #[test]
    fn the_best_run_decides() {
        let cost = |best| Cost { whole: 500.0, binary: 10.0, best };
        assert_eq!(demand(&[("one", cost(GOAL)), ("two", cost(20.0))]), Ok(()));
        let refused = demand(&[("one", cost(GOAL)), ("two", cost(GOAL + 1.0))]);
        assert_eq!(refused, Err("the script takes over 60 ms at best: `two` 61 ms".to_owned()));
    }
}
