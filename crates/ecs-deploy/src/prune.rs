//! `keep-revisions`: deregisters old revisions of the family that nothing is seen to use.
//!
//! Everything that may start a task is asked first; one answer that is missing, for want of a permission or otherwise, and nothing is
//! deregistered. Step Functions, EventBridge Pipes, Lambda functions and other accounts cannot be seen, so a family that they use must not be pruned.

mod codedeploy;
mod decide;
mod scan;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actions_core::{ActionError as _, Session};
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::timeout;

use crate::ecs::Ecs;
use crate::inputs::Inputs;
use crate::names::revision_name;
use decide::{Old, doomed};

/// How long looking for what is in use may take.
const LIMIT: Duration = Duration::from_mins(2);
/// How many revisions are deregistered in one run, at most.
const MOST: usize = 100;

/// Why nothing is known to be unused.
#[derive(Debug)]
enum Unknown {
    Refused(ApiError),
    Words(String),
}

/// What is pruned.
#[derive(Debug)]
pub(crate) struct Family<'a> {
    /// The ARN of one of its revisions.
    pub(crate) arn: &'a str,
    /// How many of the newest revisions are kept.
    pub(crate) keep: usize,
    /// The ARNs of those that are kept besides.
    pub(crate) spared: BTreeSet<String>,
}

/// Keeps what `family` says, and all that is in use. Returns a warning where it could not be done.
pub(crate) async fn prune(ecs: &Ecs, session: &Session, inputs: &Inputs, family: &Family<'_>) -> Option<String> {
    let found = tokio::select! {
        biased;
        () = session.cancel.cancelled() => return None,
        found = unused_in_time(ecs, inputs, family) => found,
    };
    let unused = match found {
        Ok(unused) => unused,
        Err(unknown) => return Some(nothing_pruned(&unknown)),
    };
    let mut gone = Vec::new();
    for revision in &unused {
        if session.cancel.is_cancelled() {
            break;
        }
        if let Err(error) = ecs.deregister(revision).await {
            tell(session, &gone);
            return Some(format!(
                "`keep-revisions`: {} could not be deregistered: {}",
                revision_name(revision),
                error.told()
            ));
        }
        gone.push(revision_name(revision).to_owned());
    }
    tell(session, &gone);
    None
}

/// What [`prune`] would do, in one line; nothing is changed.
pub(crate) async fn foresee(ecs: &Ecs, inputs: &Inputs, family: &Family<'_>) -> String {
    match unused_in_time(ecs, inputs, family).await {
        Ok(unused) if unused.is_empty() => "`keep-revisions`: would deregister nothing".to_owned(),
        Ok(unused) => {
            let names: Vec<&str> = unused.iter().map(|arn| revision_name(arn)).collect();
            format!("`keep-revisions`: would deregister {}, which nothing is seen to use", names.join(", "))
        }
        Err(unknown) => nothing_pruned(&unknown),
    }
}

async fn unused_in_time(ecs: &Ecs, inputs: &Inputs, family: &Family<'_>) -> Result<Vec<String>, Unknown> {
    let late = || Unknown::Words("looking for what is in use took too long".to_owned());
    timeout(LIMIT, unused(ecs, inputs, family)).await.unwrap_or_else(|_| Err(late()))
}

fn tell(session: &Session, gone: &[String]) {
    if !gone.is_empty() {
        session.log.line(format!("deregistered {}, which nothing was seen to use", gone.join(", ")));
    }
}

/// The ARNs of the revisions that can go, the oldest first.
async fn unused(ecs: &Ecs, inputs: &Inputs, family: &Family<'_>) -> Result<Vec<String>, Unknown> {
    let active = scan::active(ecs, crate::names::family(family.arn)).await?;
    let Some(candidates) = active.get(family.keep..).filter(|candidates| !candidates.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut in_use = scan::in_use(ecs, inputs, family.arn).await?;
    in_use.extend(family.spared.iter().cloned());
    let mut old = Vec::new();
    // The oldest go first, and describing all of a thousand would take longer than there is time.
    for arn in candidates.iter().rev().filter(|arn| !in_use.contains(*arn)).take(MOST) {
        old.push(Old { arn: arn.clone(), registered: scan::registered(ecs, arn).await? });
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(doomed(&old, now))
}

fn nothing_pruned(unknown: &Unknown) -> String {
    let why = match unknown {
        Unknown::Refused(error) if error.kind == ApiErrorKind::AccessDenied => {
            format!("grant `{}`", error.iam_action())
        }
        Unknown::Refused(error) => error.told(),
        Unknown::Words(words) => words.clone(),
    };
    format!("`keep-revisions`: no revision is deregistered, because not all that may use one could be seen: {why}")
}

impl From<ApiError> for Unknown {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}
