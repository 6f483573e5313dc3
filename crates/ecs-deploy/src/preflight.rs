//! What can be known before anything is changed: whether what the task definition names is there, and fits.
//!
//! Only what AWS says for certain keeps a deployment from being tried; what may not be read, or is not answered in time, is told
//! and no more. Nothing here changes anything, and no value of a secret is read.

mod checks;
mod image;
mod logs;
mod platform;
mod ports;
mod roles;
mod secrets;

pub(crate) use checks::{preflight, preflight_but_images};
pub(crate) use image::{Image, Looked, look};
pub(crate) use logs::of_container as log_group;
pub(crate) use platform::Platform;
pub(crate) use ports::Wiring;
pub(crate) use secrets::{Source, of_container as sources};

use aws_client::{ApiError, ApiErrorKind};
use serde::Serialize;

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// What was looked at: `image shop:2 (app)`.
    pub(crate) subject: String,
    /// What was found.
    #[serde(flatten)]
    pub(crate) answer: Answer,
}

/// The end of one check, with what is to be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "result", content = "detail", rename_all = "kebab-case")]
pub(crate) enum Answer {
    /// It is as it must be.
    Passed(String),
    /// It certainly is not.
    Failed(String),
    /// It may not be.
    Doubted(String),
    /// It is not known.
    NotLooked(NotLooked),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum NotLooked {
    /// This permission is missing.
    Permission(String),
    /// For another reason.
    Because(String),
}

impl Finding {
    pub(crate) fn new(subject: impl Into<String>, answer: Answer) -> Self {
        Self { subject: subject.into(), answer }
    }

    /// Whether it is known to be as it must be.
    pub(crate) fn has_passed(&self) -> bool {
        matches!(self.answer, Answer::Passed(_))
    }

    /// What it is about and what is wrong; `None` when nothing is known to be.
    pub(crate) fn problem(&self) -> Option<String> {
        match &self.answer {
            Answer::Failed(detail) => Some(format!("{}: {detail}", self.subject)),
            Answer::Passed(_) | Answer::Doubted(_) | Answer::NotLooked(_) => None,
        }
    }

    /// What it is about and what may be wrong; `None` when that is certain, or nothing is known at all.
    pub(crate) fn doubt(&self) -> Option<String> {
        match &self.answer {
            Answer::Doubted(detail) => Some(format!("{}: {detail}", self.subject)),
            Answer::Passed(_) | Answer::Failed(_) | Answer::NotLooked(_) => None,
        }
    }
}

impl Answer {
    fn because(why: impl Into<String>) -> Self {
        Self::NotLooked(NotLooked::Because(why.into()))
    }

    /// What a call that did not answer means.
    fn unknown(error: &ApiError) -> Self {
        Self::NotLooked(NotLooked::of(error))
    }
}

impl NotLooked {
    pub(crate) fn of(error: &ApiError) -> Self {
        match error.kind {
            ApiErrorKind::AccessDenied => Self::Permission(error.iam_action()),
            _ => Self::Because(format!("{error}: {}", error.message.lines().next().unwrap_or_default())),
        }
    }
}

/// The lines for people: what is wrong and what is right, then each missing permission once, with all that it leaves unseen.
pub(crate) fn lines(findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut permissions: Vec<(&str, Vec<&str>)> = Vec::new();
    for Finding { subject, answer } in findings {
        match answer {
            Answer::Failed(detail) => lines.push(format!("failed: {subject}: {detail}")),
            Answer::Passed(detail) => lines.push(format!("passed: {subject}: {detail}")),
            Answer::Doubted(why) | Answer::NotLooked(NotLooked::Because(why)) => {
                lines.push(format!("not known: {subject}: {why}"));
            }
            Answer::NotLooked(NotLooked::Permission(action)) => {
                match permissions.iter_mut().find(|(other, _)| other == action) {
                    Some((_, subjects)) => subjects.push(subject),
                    None => permissions.push((action, vec![subject])),
                }
            }
        }
    }
    let grant = |(action, subjects): (&str, Vec<&str>)| {
        format!("not known: grant `{action}` to look at {}", subjects.join(", "))
    };
    lines.extend(permissions.into_iter().map(grant));
    lines
}

#[cfg(test)]
mod tests;
