//! What a rehearsal comes to.

use crate::config::Breakage;
use crate::workflow::RunResult;

/// How a rehearsal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every run succeeded and everything was read back.
    Rehearsed(Containers),
    /// A run failed, or something that an action said is not true.
    Failed(Vec<String>),
    /// The deployment that `--break` broke failed, with the right reason.
    BrokenAsAsked(String),
    /// The deployment that `--break` broke was called a success, or failed for another reason.
    NotCaught(String),
}

/// Whether what was deployed was seen to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Containers {
    /// It was, as far as there was something to run.
    Seen,
    /// It was not: no container engine ran.
    NotStarted,
}

impl Verdict {
    /// The exit code: 0 rehearsed, 1 failed (as asked or not), 70 a broken deployment that was not caught.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Rehearsed(_) => 0,
            Self::Failed(_) | Self::BrokenAsAsked(_) => 1,
            Self::NotCaught(_) => crate::NOT_CAUGHT,
        }
    }

    /// The verdict in words; a failure has a line for each reason.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Rehearsed(Containers::Seen) => {
                "Rehearsed: every run succeeded and everything was read back.".to_owned()
            }
            Self::Rehearsed(Containers::NotStarted) => {
                "Rehearsed: every run succeeded and everything was read back, but no container was started: ECS accepted the \
                 deployment, and nobody saw its tasks run."
                    .to_owned()
            }
            Self::Failed(reasons) => format!("Failed:\n  {}", reasons.join("\n  ")),
            Self::BrokenAsAsked(reason) => format!("Broken as asked, and caught: {reason}"),
            Self::NotCaught(reason) => format!("NOT caught: {reason}"),
        }
    }
}

/// Whether a broken run failed, and with the words that say why. `has_engine` says whether a container can really crash here.
pub(crate) fn judge_broken(breakage: &Breakage, has_engine: bool, results: &[RunResult]) -> Verdict {
    let errors: Vec<&str> = results.iter().flat_map(RunResult::errors).collect();
    if results.iter().all(|result| result.success) {
        return Verdict::NotCaught(format!("{}, and the workflow called it a success", breakage.what));
    }
    match errors.iter().find(|error| error.contains(&breakage.reason)) {
        Some(error) => {
            let first = error.lines().next().unwrap_or_default();
            let how = if breakage.crashes && !has_engine { SCRIPTED } else { "" };
            Verdict::BrokenAsAsked(format!("{first}{how}"))
        }
        None => {
            Verdict::NotCaught(format!("it failed, but no error says `{}`: {}", breakage.reason, errors.join(" | ")))
        }
    }
}

/// What is behind a crash where no container can crash.
const SCRIPTED: &str =
    "\n  No container was started: the crash is the answer that ECS documents, given by the rehearsal.";

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use testkit::act::Conclusion;

    use super::*;
    use crate::workflow::StepResult;

    fn judged(crashes: bool, has_engine: bool) -> Verdict {
        let (what, reason) = ("it crashes".to_owned(), "ecs-deploy/".to_owned());
        let breakage = Breakage { what, reason, edits: Vec::new(), deny: None, recorded_plan: None, crashes };
        let step = StepResult {
            job: "deploy".to_owned(),
            name: "Deploy".to_owned(),
            conclusion: Conclusion::Failure,
            started: SystemTime::now(),
            time: Duration::ZERO,
            errors: vec!["ecs-deploy/rolled-back: x\nmore".to_owned()],
        };
        judge_broken(&breakage, has_engine, &[RunResult { success: false, steps: vec![step] }])
    }

    #[test]
    fn a_crash_that_no_container_had_is_called_so() {
        let told = |crashes, has_engine| judged(crashes, has_engine).line();
        assert_eq!(told(true, true), "Broken as asked, and caught: ecs-deploy/rolled-back: x");
        assert_eq!(told(false, false), told(true, true));
        assert!(told(true, false).contains("\n  No container was started"));
    }

    #[test]
    fn a_rehearsal_without_containers_does_not_claim_that_something_ran() {
        assert!(!Verdict::Rehearsed(Containers::Seen).line().contains("container"));
        assert!(Verdict::Rehearsed(Containers::NotStarted).line().contains("no container was started"));
    }
}
