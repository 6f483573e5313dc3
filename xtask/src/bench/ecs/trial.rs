//! Runs programs against scenarios, several at a time.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use testkit::FakeEcs;
use testkit::ecs::{Act, CLUSTER, Clock, SERVICE, Scenario};
use testkit::process::Group;

use super::super::contender::{Contender, Field, write};
use super::seen::{Seen, changed, output};

/// How long each program is to wait, in minutes: what both call `wait-for-minutes`.
pub(super) const MINUTES: u32 = 10;

/// How much longer a program may take before it is killed: to start, to begin, and to tell.
const GRACE: Duration = Duration::from_secs(30);

/// What is loaded into the official action's process before its own code.
const QUICKEN: &str = include_str!("quicken.cjs");

/// What the waiter of AWS's SDK for JavaScript says when the time is up; the official action prints it as it is.
const TIMEOUT: &str = r#""state":"TIMEOUT""#;

/// A scenario, and what was seen of it.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) scenario: Scenario,
    pub(super) ours: Seen,
    pub(super) official: Option<Seen>,
}

/// Who runs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Who {
    Ours,
    Official,
}

/// Tries all scenarios with ours and, when it is there, with the official action.
pub(super) fn all(
    scenarios: Vec<Scenario>,
    field: &Field,
    times: u32,
    at_once: usize,
    work: &Path,
) -> Result<Vec<Trial>, String> {
    let quicken = work.join("quicken.cjs");
    write(&quicken, QUICKEN)?;
    let official = field.official.as_ref().ok().map(|official| {
        let mut quick = official.clone();
        quick.arguments.splice(0..0, ["--require".into(), quicken]);
        quick.env.push(("BENCH_TIMES".to_owned(), PathBuf::from(times.to_string())));
        quick
    });
    let queue = Mutex::new(scenarios.into_iter().enumerate().rev().collect::<Vec<_>>());
    let done = Mutex::new(Vec::new());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let worker = || {
        while let Some((index, scenario)) = next() {
            let trial = one(scenario, &field.ours, official.as_ref(), times, work);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((index, trial));
        }
    };
    std::thread::scope(|scope| (0..at_once).for_each(|_| drop(scope.spawn(worker))));
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, trial)| again(trial?, &field.ours, official.as_ref(), times, work)).collect()
}

/// What came late among many on a busy machine, or otherwise than stated, is tried once more, alone.
fn again(
    mut trial: Trial,
    ours: &Contender,
    official: Option<&Contender>,
    times: u32,
    work: &Path,
) -> Result<Trial, String> {
    let scenario = &trial.scenario;
    if trial.late(&trial.ours).is_some_and(|late| late > seconds(scenario.ours.within)) {
        trial.ours = see(scenario, ours, Who::Ours, times, work)?;
    }
    let is_other = |seen: &Seen| seen.official(scenario.aws.at) != scenario.official;
    if let Some(official) = official.filter(|_| trial.official.as_ref().is_some_and(is_other)) {
        trial.official = Some(see(scenario, official, Who::Official, times, work)?);
    }
    Ok(trial)
}

impl Trial {
    /// Seconds from AWS's verdict to the program's end.
    pub(super) fn late(&self, seen: &Seen) -> Option<f64> {
        let (at, _) = self.scenario.aws.at.zip(seen.exit)?;
        Some(seconds(u64::try_from(seen.end).unwrap_or(u64::MAX)) / 1000.0 - seconds(at))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few minutes")]
pub(super) const fn seconds(whole: u64) -> f64 {
    whole as f64
}

fn one(
    scenario: Scenario,
    ours: &Contender,
    official: Option<&Contender>,
    times: u32,
    work: &Path,
) -> Result<Trial, String> {
    let seen = see(&scenario, ours, Who::Ours, times, work)?;
    let official = official.map(|official| see(&scenario, official, Who::Official, times, work)).transpose()?;
    Ok(Trial { scenario, ours: seen, official })
}

/// Runs one program against one scenario.
fn see(scenario: &Scenario, contender: &Contender, who: Who, times: u32, work: &Path) -> Result<Seen, String> {
    let work = work.join(format!("{}-{}", scenario.name, contender.name));
    write(&work.join("td.json"), &format!("{:#}", scenario.definition))?;
    let ecs = FakeEcs::start_with(scenario.clone(), Clock::Faster(times)).map_err(|error| error.to_string())?;
    let minutes = MINUTES.to_string();
    let mut command = contender.command(&ecs.aws().url(), &work, inputs(scenario, who, &minutes));
    command.env("SLIPWAY_TIME_DIVISOR", times.to_string());
    let log = work.join("log");
    let exit = run(command, &log, Duration::from_secs(u64::from(MINUTES) * 60) / times + GRACE)?;
    let end = ecs.elapsed().as_millis();
    // What somebody else's program does is not ours to judge; ours is judged by its own tests.
    drop((ecs.aws().violations(), ecs.aws().unexpected()));
    let outputs = std::fs::read_to_string(work.join("GITHUB_OUTPUT")).unwrap_or_default();
    let mut written = scenario.definition.clone();
    written.as_object_mut().map(|fields| fields.remove("tags"));
    let registered = ecs.registered();
    let changed = if registered.is_null() { 0 } else { changed(&written, &registered) };
    let timed_out = std::fs::read_to_string(&log).is_ok_and(|text| text.contains(TIMEOUT));
    Ok(Seen { exit, verdict: output(&outputs, "verdict"), timed_out, end, changed })
}

fn inputs<'a>(scenario: &'a Scenario, who: Who, minutes: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut inputs = vec![("cluster", CLUSTER), ("task-definition", "td.json"), ("wait-for-minutes", minutes)];
    match scenario.act {
        Act::Deploy => inputs.extend([("service", SERVICE), ("wait-for-service-stability", "true")]),
        Act::RunTask => inputs.extend([
            ("run-task", "true"),
            ("wait-for-task-stopped", "true"),
            ("run-task-subnets", "subnet-0a,subnet-0b"),
        ]),
    }
    if who == Who::Ours {
        // Its own wait takes the place of the one that both have.
        let waits = scenario.inputs.iter().any(|(name, _)| *name == "wait-timeout");
        inputs.retain(|(name, _)| !waits || *name != "wait-for-minutes");
        inputs.extend(scenario.inputs.iter().copied());
    }
    inputs
}

/// Runs a program to its end, or kills it after `limit`.
fn run(mut command: Command, log: &Path, limit: Duration) -> Result<Option<i32>, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", log.display());
    let out = File::create(log).map_err(wrong)?;
    let error = out.try_clone().map_err(wrong)?;
    command.stdin(Stdio::null()).stdout(out).stderr(error);
    let mut group = Group::spawn(command).map_err(|error| error.to_string())?;
    let status = group.wait_for(limit).map_err(|error| error.to_string())?;
    if status.is_none() {
        group.stop(Duration::ZERO).map_err(|error| error.to_string())?;
    }
    Ok(status.map(|status| status.code().unwrap_or(-1)))
}

#[cfg(test)]
mod tests {
    use testkit::ecs::named;

    use super::*;

    #[test]
    fn a_program_is_seen_with_its_exit_code_its_verdict_and_its_inputs() {
        let folder = tempfile::tempdir().expect("a folder");
        let script =
            "printf 'verdict<<E\\n%s\\nE\\n' \"$INPUT_WAIT_UNTIL/$INPUT_SERVICE\" >>\"$GITHUB_OUTPUT\"; exit 3";
        let arguments = ["-c", script].map(PathBuf::from).to_vec();
        let shell = Contender { name: "shell", program: "sh".into(), arguments, env: Vec::new() };
        let seen = see(&named("pause-hook-awaited"), &shell, Who::Ours, 10, folder.path()).expect("it runs");
        let expected = Seen { exit: Some(3), verdict: "paused/web".to_owned(), timed_out: false, end: 0, changed: 0 };
        assert_eq!(seen, expected);
        let theirs = see(&named("pause-hook-awaited"), &shell, Who::Official, 10, folder.path()).expect("it runs");
        assert_eq!(theirs.verdict, "/web", "the official action has no such input");
    }

    #[test]
    fn ours_is_never_given_two_words_for_one_wait() {
        let (own, both) = (named("time-out-rolled-back"), named("healthy"));
        let names = |scenario, who| inputs(scenario, who, "10").into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let ours = names(&own, Who::Ours);
        assert!(ours.contains(&"wait-timeout") && !ours.contains(&"wait-for-minutes"), "{ours:?}");
        assert!(names(&own, Who::Official).contains(&"wait-for-minutes"));
        assert!(names(&both, Who::Ours).contains(&"wait-for-minutes"));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let log = tempfile::NamedTempFile::new().expect("a file");
        let mut command = Command::new("sleep");
        command.arg("600");
        assert_eq!(run(command, log.path(), Duration::from_millis(20)), Ok(None));
    }
}
