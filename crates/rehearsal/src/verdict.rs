//! What a rehearsal comes to.

use crate::config::Breakage;
use crate::workflow::RunResult;

/// How a rehearsal ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every run succeeded and everything was read back.
    Rehearsed,
    /// A run failed, or something that an action said is not true.
    Failed(Vec<String>),
    /// The deployment that `--break` broke failed, with the right reason.
    BrokenAsAsked(String),
    /// The deployment that `--break` broke was called a success, or failed for another reason.
    NotCaught(String),
}

impl Verdict {
    /// The exit code: 0 rehearsed, 1 failed (as asked or not), 70 a broken deployment that was not caught.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Rehearsed => 0,
            Self::Failed(_) | Self::BrokenAsAsked(_) => 1,
            Self::NotCaught(_) => crate::NOT_CAUGHT,
        }
    }

    /// The verdict in words; a failure has a line for each reason.
    pub(crate) fn line(&self) -> String {
        match self {
            Self::Rehearsed => "Rehearsed: every run succeeded and everything was read back.".to_owned(),
            Self::Failed(reasons) => format!("Failed:\n  {}", reasons.join("\n  ")),
            Self::BrokenAsAsked(reason) => format!("Broken as asked, and caught: {reason}"),
            Self::NotCaught(reason) => format!("NOT caught: {reason}"),
        }
    }
}

/// Whether a broken run failed, and with the words that say why.
pub(crate) fn judge_broken(breakage: &Breakage, results: &[RunResult]) -> Verdict {
    let errors: Vec<&str> = results.iter().flat_map(RunResult::errors).collect();
    if results.iter().all(|result| result.success) {
        return Verdict::NotCaught(format!("{}, and the workflow called it a success", breakage.what));
    }
    match errors.iter().find(|error| error.contains(&breakage.reason)) {
        Some(error) => Verdict::BrokenAsAsked(error.lines().next().unwrap_or_default().to_owned()),
        None => {
            Verdict::NotCaught(format!("it failed, but no error says `{}`: {}", breakage.reason, errors.join(" | ")))
        }
    }
}
