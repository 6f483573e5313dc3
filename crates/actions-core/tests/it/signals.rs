//! SIGINT and SIGTERM while the run's own thread is busy.

use testkit::runner::Running;
use testkit::{FakeRunner, RunOutput};

use crate::SAMPLE;

/// A run that is busy with `work`.
fn busy<'a>(runner: &'a FakeRunner, work: &str) -> Running<'a> {
    let mut run = runner.spawn(SAMPLE, ["--work", work]);
    run.wait_for_output("busy");
    run
}

/// A way to ask a run to end.
#[derive(Clone, Copy)]
enum Signal {
    Interrupt,
    Terminate,
}

impl Signal {
    fn send(self, run: &mut Running<'_>) {
        match self {
            Self::Interrupt => run.interrupt(),
            Self::Terminate => run.terminate(),
        }
    }
}

const FINISHING: &str = "cancelled: finishing what cannot be left half-done";

/// Demands the report of a cancellation: an exit code, an annotation, a section in the summary, no output.
#[track_caller]
fn assert_cancelled(output: &RunOutput, why: &str) {
    output.assert_code(130);
    assert!(output.stdout.contains("::error title=core-sample/cancelled::cancelled"), "{}", output.stdout);
    assert!(output.summary.contains("### ❌ core-sample: cancelled"), "{}", output.summary);
    assert!(output.summary.contains(why), "{}", output.summary);
    assert!(output.stderr.contains(&format!("why:  {why}")), "{}", output.stderr);
    assert!(output.outputs.is_empty(), "{:?}", output.outputs);
}

#[test]
fn work_that_blocks_sees_the_first_signal_and_reports_by_itself() {
    for signal in [Signal::Interrupt, Signal::Terminate] {
        let runner = FakeRunner::new();
        let mut run = busy(&runner, "heed");
        signal.send(&mut run);
        let output = run.finish();
        output.assert_code(130);
        assert!(output.stderr.contains(FINISHING), "{}", output.stderr);
        assert!(output.summary.contains("cancelled with everything put back"), "{}", output.summary);
        assert!(output.stdout.contains("::error title=core-sample/put-back::"), "{}", output.stdout);
    }
}

#[test]
fn work_that_blocks_beyond_the_grace_period_is_ended_with_a_report() {
    let runners = [FakeRunner::new(), FakeRunner::new()];
    let [mut interrupted, mut terminated] = runners.each_ref().map(|runner| busy(runner, "block"));
    interrupted.interrupt();
    terminated.terminate();
    for mut run in [interrupted, terminated] {
        run.wait_for_output(FINISHING);
        assert_cancelled(&run.finish(), "the change that was under way did not end in time");
    }
}

#[test]
fn a_second_signal_ends_work_that_blocks_at_once() {
    for [first, second] in [
        [Signal::Interrupt, Signal::Interrupt],
        [Signal::Interrupt, Signal::Terminate],
        [Signal::Terminate, Signal::Interrupt],
    ] {
        let runner = FakeRunner::new();
        let mut run = busy(&runner, "block");
        first.send(&mut run);
        run.wait_for_output(FINISHING);
        second.send(&mut run);
        assert_cancelled(&run.finish(), "a second signal ended the change that was under way");
    }
}

#[test]
fn looking_that_blocks_is_ended_without_a_grace_period() {
    let runner = FakeRunner::new();
    let mut run = busy(&runner, "look");
    run.terminate();
    assert_cancelled(&run.finish(), "nothing was changed");
}

#[test]
fn the_evidence_of_a_run_that_was_ended_holds_its_plan() {
    let runner = FakeRunner::new();
    let folder = runner.workspace().join("evidence");
    let runner = runner.env("SLIPWAY_EVIDENCE_DIR", folder.display().to_string());
    let mut run = busy(&runner, "block");
    run.interrupt();
    run.wait_for_output(FINISHING);
    run.interrupt();
    run.finish().assert_code(130);
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let evidence: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(evidence["plan"], "hello");
    assert_eq!(evidence["exit_code"], 130);
}
