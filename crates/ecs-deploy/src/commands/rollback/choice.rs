//! Which revision a service goes back to, out of what ECS remembers of it. Pure.
//!
//! Going back twice must not change the service twice: a service that went back already is told apart by its history, and is left.

use serde::Serialize;

use crate::commands::rollback::inputs::To;
use crate::names::revision_name;
use crate::service_deployment::Status;

/// What ECS or `CodeDeploy` remembers of a service.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Past {
    /// The service deployments that were successful.
    pub(crate) successes: Vec<Success>,
    /// The newest of those that ended another way.
    pub(crate) failures: Vec<Failure>,
    /// The newest one, whatever its end.
    pub(crate) present: Option<Present>,
    /// When the oldest one was made that ECS remembers, in seconds since 1970.
    pub(crate) oldest: Option<f64>,
}

/// A service deployment that was successful.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Success {
    /// When it ended, in seconds since 1970.
    pub(crate) ended: f64,
    /// The ARN of its service revision.
    pub(crate) revision: String,
    /// The ARN of its task definition.
    pub(crate) task_definition: String,
}

/// A service deployment that ended, and was not successful.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Failure {
    /// When it ended, in seconds since 1970.
    pub(crate) ended: f64,
    /// The ARN of its task definition.
    pub(crate) task_definition: String,
    /// How it ended: `was rolled back`.
    pub(crate) how: &'static str,
}

/// The newest service deployment.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Present {
    pub(crate) arn: String,
    pub(crate) status: Status,
    /// The service revision that ran before it, and its task definition, where there was exactly one.
    pub(crate) source: Option<(String, String)>,
    /// The ARN of the service revision it brings.
    pub(crate) revision: String,
    /// The ARN of the task definition of that.
    pub(crate) task_definition: String,
}

/// Where a service goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(crate) enum Choice {
    /// To this task definition.
    Go {
        /// Its ARN, or for a revision that was named what was typed.
        to: String,
        /// The service revision it had when it was successful; empty when that is not known.
        revision: String,
    },
    /// Nowhere: it is there.
    Stay {
        /// Why.
        why: String,
        /// What the user may have meant otherwise; empty when there is no doubt.
        doubt: String,
    },
}

/// Why nothing can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Nowhere {
    /// There is no older success.
    NoEarlier,
    /// What ran before the present deployment is not known, or is not one thing.
    NoSource,
    /// The moment lies before everything that ECS remembers.
    TooEarly,
    /// The moment is still to come.
    Future,
    /// What to deploy it with cannot be read: `CodeDeploy` has no `AppSpec` of the service.
    NoAppSpec,
    /// The last way back failed, and was undone: this is the ARN of what it was to.
    Undone(String),
}

/// Chooses; `running` is the ARN of what the service aims at, `now` the time in seconds since 1970.
pub(crate) fn choose(to: &To, running: &str, past: &Past, now: f64) -> Result<Choice, Nowhere> {
    match to {
        To::Number(number) => Ok(Choice::named(&format!("{}:{number}", family(running)), past)),
        To::Revision(name) => Ok(Choice::named(name, past)),
        To::Time { at, .. } if *at > now => Err(Nowhere::Future),
        To::Time { at, .. } => {
            if past.oldest.is_none_or(|oldest| *at < oldest) {
                return Err(Nowhere::TooEarly);
            }
            past.newest_success(|success| success.ended <= *at).map(Choice::success).ok_or(Nowhere::NoEarlier)
        }
        To::Previous => past.went_back(running).unwrap_or_else(|| previous(past)),
        To::LastSuccessful => past.went_back(running).unwrap_or_else(|| last_successful(running, past)),
    }
}

fn previous(past: &Past) -> Result<Choice, Nowhere> {
    let source = past.present.as_ref().and_then(|present| present.source.clone());
    let (revision, to) = source.ok_or(Nowhere::NoSource)?;
    Ok(Choice::Go { to, revision })
}

/// What failed or is under way counts for nothing; what was successful is gone back behind.
fn last_successful(running: &str, past: &Past) -> Result<Choice, Nowhere> {
    let is_complete = past.present.as_ref().is_none_or(|present| present.status == Status::Successful);
    let found = if is_complete {
        let its_own = past.successes.iter().filter(|success| success.task_definition == running);
        let first = its_own.map(|success| success.ended).min_by(f64::total_cmp).ok_or(Nowhere::NoEarlier)?;
        past.newest_success(|success| success.ended < first && success.task_definition != running)
    } else {
        past.newest_success(|_| true)
    };
    found.map(Choice::success).ok_or(Nowhere::NoEarlier)
}

impl Past {
    /// The newest of the successes that are `wanted`.
    pub(super) fn newest_success(&self, wanted: impl Fn(&Success) -> bool) -> Option<&Success> {
        self.successes.iter().filter(|success| wanted(success)).max_by(|a, b| a.ended.total_cmp(&b.ended))
    }

    /// When a task definition was deployed successfully first, by another deployment than the present one.
    fn first_success(&self, task_definition: &str) -> Option<f64> {
        let present = self.present.as_ref().map_or("", |present| present.revision.as_str());
        let its_own = self.successes.iter().filter(|success| success.task_definition == task_definition);
        its_own.filter(|success| success.revision != present).map(|success| success.ended).min_by(f64::total_cmp)
    }

    /// The service went back already, or is on its way; `running` is the ARN of what it aims at.
    fn went_back(&self, running: &str) -> Option<Result<Choice, Nowhere>> {
        let present = self.present.as_ref()?;
        let name = revision_name(&present.task_definition);
        let is_step_back = present.source.as_ref().is_some_and(|(revision, source)| {
            self.is_back(&present.task_definition, source) || self.has_recovered(present, revision)
        });
        match (&present.status, &present.source) {
            // It is asked to, and has not begun.
            (Status::RollbackRequested | Status::RollbackInProgress, Some((revision, to)))
                if running == present.task_definition && !is_step_back =>
            {
                Some(Ok(Choice::Go { to: to.clone(), revision: revision.clone() }))
            }
            (Status::RollbackRequested | Status::RollbackInProgress, _) => {
                Some(Ok(Choice::stay(format!("the deployment of {name} is rolled back already"), "")))
            }
            (Status::RollbackSuccessful, _) if is_step_back => {
                Some(Err(Nowhere::Undone(present.task_definition.clone())))
            }
            (Status::RollbackSuccessful, _) => {
                Some(Ok(Choice::stay(format!("the deployment of {name} was rolled back"), "")))
            }
            (_, Some((_, source))) if is_step_back => {
                let why =
                    format!("the present deployment, of {name}, took the service back from {}", revision_name(source));
                Some(Ok(Choice::stay(why, "to go further back, name the revision in `to`")))
            }
            _ => None,
        }
    }

    /// Whether the present deployment brought back what had been successful, in place of the service revision `source`, which never was.
    fn has_recovered(&self, present: &Present, source: &str) -> bool {
        let was_successful = self.successes.iter().any(|success| success.revision == source);
        !was_successful && self.first_success(&present.task_definition).is_some()
    }

    /// Whether going from `source` to `target` is a step back: the target was successful before the source was. ECS forgets after 90
    /// days, so a lower number of the same family is a step back too, whatever is remembered.
    fn is_back(&self, target: &str, source: &str) -> bool {
        let same = family(target) == family(source);
        if same && number(target) <= number(source) {
            return number(target) < number(source);
        }
        match (self.first_success(target), self.first_success(source)) {
            (Some(target), Some(source)) => target < source,
            (Some(_), None) => !same,
            (None, _) => false,
        }
    }
}

impl Choice {
    fn success(success: &Success) -> Self {
        Self::Go { to: success.task_definition.clone(), revision: success.revision.clone() }
    }

    /// What was named, with the newest service revision that brought it.
    fn named(name: &str, past: &Past) -> Self {
        let its_own = |success: &Success| revision_name(&success.task_definition) == revision_name(name);
        let revision = past.newest_success(its_own).map(|success| success.revision.clone()).unwrap_or_default();
        Self::Go { to: name.to_owned(), revision }
    }

    pub(crate) fn stay(why: String, doubt: &str) -> Self {
        Self::Stay { why, doubt: doubt.to_owned() }
    }
}

/// The family of a revision.
pub(crate) fn family(arn: &str) -> &str {
    let name = revision_name(arn);
    name.rsplit_once(':').map_or(name, |(family, _)| family)
}

/// The number of a revision; 0 without one.
pub(crate) fn number(arn: &str) -> u64 {
    revision_name(arn).rsplit_once(':').and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
