//! How a run ends: one thread alone reports it, so that no result is written twice or left half-written.

use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Duration;

use loopback::Pace;

use crate::arguments::OutputFormat;
use crate::codes;
use crate::emit::{Emitter, write_result};
use crate::error::{ExitCode, Failure};
use crate::evidence::Evidence;
use crate::report::Report;
use crate::session::Session;

/// How long `apply` may work after a cancellation. A runner sends SIGINT, waits 7.5 s, sends SIGTERM and kills 2.5 s later.
const GRACE: Duration = Duration::from_secs(5);

/// How long a run that only looks may take to notice a cancellation, and one that changes something beyond [`GRACE`],
/// before it is ended from outside.
const NOTICE: Duration = Duration::from_millis(500);

/// How long a line that nobody reads may delay a cancellation.
const ONE_LINE: Duration = Duration::from_millis(50);

/// How long the last words of a process may take.
pub(super) const LAST_WORDS: Duration = Duration::from_secs(1);

/// What a run is at, for the words of a cancellation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has changed nothing yet.
    Looking,
    /// The world moved under a first try, and it looks again.
    LookingAgain,
    /// It changes something.
    Changing,
}

/// Why a run that was cancelled is ended from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// It did not end by itself in time.
    OutOfTime,
    /// A second signal came.
    SecondSignal,
}

/// One run, with everything its report needs.
pub(super) struct Ending {
    pub(super) session: Session,
    action: &'static str,
    /// Whether standard output is kept for JSON.
    json: bool,
    state: Mutex<State>,
    /// How fast the clock of a cancellation goes.
    pace: Pace,
}

struct State {
    phase: Phase,
    /// Whether a cancellation has read the phase: no change is begun after that.
    cancelled: bool,
    /// Whether a thread has begun to report.
    claimed: bool,
    evidence: Evidence,
}

impl Ending {
    /// The ending of a run that begins.
    pub(super) fn new(action: &'static str, output: OutputFormat, session: Session) -> Self {
        let evidence = Evidence { action, job: session.context.job.clone(), ..Evidence::default() };
        let state = Mutex::new(State { phase: Phase::Looking, cancelled: false, claimed: false, evidence });
        // The runner's own address: a runner that is no stand-in on this machine waits as long as it does.
        let pace = Pace::towards(&session.context.api_url);
        Self { session, action, json: output == OutputFormat::Json, state, pace }
    }

    /// Notes that the world moved under a first try.
    pub(super) fn look_again(&self) {
        self.state().phase = Phase::LookingAgain;
    }

    /// Begins to change something, unless the run was cancelled: a change that has begun gets the time to end.
    pub(super) fn begin_change(&self) -> bool {
        let mut state = self.state();
        if !state.cancelled {
            state.phase = Phase::Changing;
        }
        !state.cancelled
    }

    /// Notes something for the evidence.
    pub(super) fn note(&self, note: impl FnOnce(&mut Evidence)) {
        note(&mut self.state().evidence);
    }

    /// Notes a document for the evidence or the output, if one of them is wanted: as JSON a large plan takes many times its memory.
    pub(super) fn note_document(&self, note: impl FnOnce(&mut Evidence)) {
        if self.json || Evidence::is_wanted(&self.session) {
            self.note(note);
        }
    }

    /// Reports what the run came to and says with which code to exit. Waits for the process's end where the run was ended
    /// from outside a moment before.
    pub(super) fn finish(&self, result: Result<Report, Failure>) -> ExitCode {
        while !self.claim() {
            std::thread::park();
        }
        let code = match result.and_then(|report| self.emit(&report)) {
            Ok(code) => code,
            Err(failure) => self.emit_failure(&failure),
        };
        self.write_evidence(code);
        code
    }

    /// The failure of a run that was cancelled while it was at what it is at.
    pub(super) fn cancelled(&self, cause: Cause) -> Failure {
        let why = match (self.state().phase, cause) {
            (Phase::Looking, _) => "nothing was changed",
            (Phase::LookingAgain, _) => "what was changed before the world moved stays as it is",
            (Phase::Changing, Cause::OutOfTime) => {
                "the change that was under way did not end in time; run the step again to finish it"
            }
            (Phase::Changing, Cause::SecondSignal) => {
                "a second signal ended the change that was under way; run the step again to finish it"
            }
        };
        let code = codes::of_action(codes::CANCELLED, self.action);
        Failure::new(code, "cancelled", ExitCode::Cancelled).why(why).help("re-running is safe")
    }

    /// How long changing work may go on after a cancellation.
    pub(super) fn grace(&self) -> Duration {
        self.pace.of(GRACE)
    }

    /// Cancels the run, says so, and gives the time it has from now on.
    pub(super) fn cancel(&self) -> Duration {
        let phase = {
            let mut state = self.state();
            state.cancelled = true;
            state.phase
        };
        let (line, time) = match phase {
            Phase::Looking | Phase::LookingAgain => ("cancelled: stopping", NOTICE),
            Phase::Changing => ("cancelled: finishing what cannot be left half-done", self.grace() + NOTICE),
        };
        let log = self.session.log.clone();
        // The line comes first, because a run that heeds the token may be over before it is written.
        in_time(ONE_LINE, move || log.line(line));
        self.session.cancel.cancel();
        time
    }

    /// Ends the process from outside the run, with the report of a failure, unless the run reports already.
    pub(super) fn end(self: std::sync::Arc<Self>, cause: Cause) -> ! {
        if self.claim() {
            let failure = self.cancelled(cause);
            in_time(LAST_WORDS, move || {
                let code = self.emit_failure(&failure);
                self.write_evidence(code);
            });
        } else {
            // The run writes its results, which takes no time unless nobody reads them.
            std::thread::sleep(LAST_WORDS);
        }
        exit(ExitCode::Cancelled)
    }

    /// Takes the right to report; false when it was taken.
    fn claim(&self) -> bool {
        !std::mem::replace(&mut self.state().claimed, true)
    }

    fn emit(&self, report: &Report) -> Result<ExitCode, Failure> {
        self.note(|evidence| evidence.report(report));
        self.emitter().report(report)?;
        if self.json {
            let state = self.state();
            let document = state.evidence.outcome.as_ref().or(state.evidence.plan.as_ref());
            let text = serde_json::to_string_pretty(&document).unwrap_or_default();
            write_result(&self.session.log.redactor().redact(&text))?;
        }
        Ok(report.failure.as_ref().map_or(ExitCode::Done, |failure| failure.exit_code))
    }

    fn emit_failure(&self, failure: &Failure) -> ExitCode {
        self.note(|evidence| evidence.verdict.clone_from(&failure.message));
        let early = self.session.early.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.emitter().failure(failure, &early);
        failure.exit_code
    }

    fn write_evidence(&self, code: ExitCode) {
        let mut state = self.state();
        state.evidence.exit_code = code.number();
        state.evidence.write(&self.session);
    }

    fn emitter(&self) -> Emitter<'_> {
        let Session { environment, log, dry_run, .. } = &self.session;
        Emitter { environment, log, json: self.json, dry_run: *dry_run, action: self.action }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does `work` on a thread, but waits for it no longer than `limit`: it may wait for somebody to read what it writes, or for
/// a lock.
pub(super) fn in_time(limit: Duration, work: impl FnOnce() + Send + 'static) {
    let (done, end) = mpsc::channel();
    let thread = std::thread::Builder::new().spawn(move || {
        work();
        let _ = done.send(());
    });
    if thread.is_ok() {
        let _ = end.recv_timeout(limit);
    }
}

/// Ends the process.
#[expect(clippy::exit, reason = "the one way to leave a panic hook or a second signal with a code of our own")]
pub(super) fn exit(code: ExitCode) -> ! {
    std::process::exit(i32::from(code.number()))
}

#[cfg(test)]
mod tests {
    use super::{Ending, GRACE, NOTICE};
    use crate::arguments::OutputFormat;
    use crate::environment::Environment;
    use crate::session::Session;

    fn ending() -> Ending {
        Ending::new("sample", OutputFormat::Text, Session::new(Environment::default()))
    }

    #[test]
    fn no_change_is_begun_after_a_cancellation() {
        let ending = ending();
        assert_eq!(ending.cancel(), NOTICE);
        assert!(!ending.begin_change());
    }

    #[test]
    fn a_change_that_was_begun_gets_the_time_to_end() {
        let ending = ending();
        assert!(ending.begin_change());
        assert_eq!(ending.cancel(), GRACE + NOTICE);
    }
}
