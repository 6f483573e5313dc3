//! What the history says of the revision that a service goes back to. Pure.

use crate::commands::rollback::choice::{Choice, Failure, Past};
use crate::names::revision_name;
use crate::rollout::moment;

/// How many revisions are named that are left out.
const NAMED: usize = 5;

/// What is said of it before it is done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Remembered {
    /// `deployed successfully 2026-11-21 16:26 UTC`; empty when that is not known.
    pub(super) ran_well: String,
    /// What ran later and is left out, with the reason, newest first.
    pub(super) skipped: Vec<String>,
    /// It failed when it was deployed last.
    pub(super) warning: Option<String>,
    /// Nothing is remembered of it.
    pub(super) notice: Option<String>,
}

/// What `past` of a service has of the revision that `choice` is; `from` is the ARN of what the service aims at.
pub(super) fn remembered(service: &str, choice: &Choice, from: &str, past: &Past) -> Remembered {
    let Choice::Go { to, .. } = choice else { return Remembered::default() };
    let name = revision_name(to);
    let success = past.newest_success(|own| revision_name(&own.task_definition) == name).map(|own| own.ended);
    let failure = newest(past.failures.iter().filter(|own| revision_name(&own.task_definition) == name));
    let ran_well = success.map(at).filter(|at| !at.is_empty());
    let warning = failure.filter(|own| success.is_none_or(|success| success < own.ended)).map(|own| {
        let before = ran_well.as_ref().map_or_else(
            || ", and no deployment of it is remembered as successful".to_owned(),
            |at| format!("; before that it was deployed successfully{at}"),
        );
        format!("the last deployment of {name} to {service} {}{}{before}", own.how, at(own.ended))
    });
    let is_unknown = success.is_none() && failure.is_none() && past.oldest.is_some();
    Remembered {
        ran_well: ran_well.map(|at| format!("deployed successfully{at}")).unwrap_or_default(),
        skipped: success.map_or_else(Vec::new, |since| skipped(past, since, &[name, revision_name(from)])),
        warning,
        notice: is_unknown.then(|| {
            format!("no deployment of {name} to {service} is remembered, so whether it ran well is not known")
        }),
    }
}

/// The revisions that failed after the moment `since` and were not successful after that, but for those in `not`.
fn skipped(past: &Past, since: f64, not: &[&str]) -> Vec<String> {
    let is_good_since = |own: &Failure| {
        past.newest_success(|good| good.task_definition == own.task_definition && good.ended > own.ended).is_some()
    };
    let mut found: Vec<&Failure> = Vec::new();
    let failed = past.failures.iter().filter(|own| own.ended > since && !is_good_since(own));
    for own in failed.filter(|own| !not.contains(&revision_name(&own.task_definition))) {
        if found.len() < NAMED && !found.iter().any(|other| other.task_definition == own.task_definition) {
            found.push(own);
        }
    }
    found
        .into_iter()
        .map(|own| format!("{} {}{}", revision_name(&own.task_definition), own.how, at(own.ended)))
        .collect()
}

fn newest<'a>(failures: impl Iterator<Item = &'a Failure>) -> Option<&'a Failure> {
    failures.max_by(|a, b| a.ended.total_cmp(&b.ended))
}

/// ` 2026-11-21 16:26 UTC`; empty for what has no moment.
fn at(seconds: f64) -> String {
    let moment = moment(seconds).filter(|_| seconds > 0.0);
    moment.map_or_else(String::new, |moment| moment.strftime(" %Y-%m-%d %H:%M UTC").to_string())
}

#[cfg(test)]
mod tests;
