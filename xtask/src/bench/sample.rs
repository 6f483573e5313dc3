//! One measured run of a program: when its first call came, when it ended, and the most memory it had.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::stand_in::StandIn;

/// How often the memory of a running program is looked at.
const LOOK: Duration = Duration::from_millis(1);

/// The figures of a run.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// From the start of the process to its first call, in milliseconds.
    pub(crate) first_call: f64,
    /// From its start to its end.
    pub(crate) whole: f64,
    /// What it called.
    pub(crate) calls: Vec<String>,
}

/// Runs the program once and takes its times; nothing else happens meanwhile.
pub(crate) fn timed(command: &mut Command, stand_in: &StandIn, log: &Path) -> Result<Sample, String> {
    stand_in.calls();
    let start = Instant::now();
    let mut child = spawn(command, log)?;
    let status = child.wait().map_err(|error| format!("the program cannot be waited for: {error}"))?;
    let whole = start.elapsed();
    let calls = stand_in.calls();
    let words = || std::fs::read_to_string(log).unwrap_or_default();
    if !status.success() {
        return Err(format!("a measured program ended with {status}: {}", words()));
    }
    let first = calls.first().ok_or_else(|| format!("a measured program called nothing: {}", words()))?.1;
    Ok(Sample {
        first_call: milliseconds(first.duration_since(start)),
        whole: milliseconds(whole),
        calls: calls.into_iter().map(|(name, _)| name).collect(),
    })
}

/// Runs the program once.
pub(crate) fn run(command: &mut Command, log: &Path) -> Result<(), String> {
    let status = spawn(command, log)?.wait().map_err(|error| format!("the program cannot be waited for: {error}"))?;
    if status.success() {
        return Ok(());
    }
    Err(format!("a measured program ended with {status}: {}", std::fs::read_to_string(log).unwrap_or_default()))
}

/// Runs the program once and takes its peak of resident memory, in MiB: the kernel's own high-water mark, looked at until the
/// end, so that only growth in the last millisecond can be missed.
pub(crate) fn peak_memory(command: &mut Command, log: &Path) -> Result<f64, String> {
    let mut child = spawn(command, log)?;
    let file = format!("/proc/{}/status", child.id());
    let mut peak = 0.0_f64;
    loop {
        if let Some(now) = std::fs::read_to_string(&file).ok().as_deref().and_then(high_water) {
            peak = peak.max(now);
        }
        match child.try_wait() {
            Ok(Some(_)) => return Ok(peak),
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Err(format!("the program cannot be waited for: {error}")),
        }
    }
}

fn spawn(command: &mut Command, log: &Path) -> Result<Child, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", log.display());
    let out = std::fs::File::create(log).map_err(wrong)?;
    let error = out.try_clone().map_err(wrong)?;
    let shown = command.get_program().display().to_string();
    command.stdin(Stdio::null()).stdout(out).stderr(error).spawn().map_err(|error| format!("{shown}: {error}"))
}

/// The line `VmHWM:    1234 kB` of a process's status, in MiB.
fn high_water(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse::<f64>().ok().map(|kib| kib / 1024.0)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::high_water;

    #[test]
    fn reads_the_high_water_mark() {
        assert_eq!(high_water("Name:\tx\nVmPeak:\t  9999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"), Some(2.0));
        assert_eq!(high_water("Name:\tx\n"), None);
    }
}
