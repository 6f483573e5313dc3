//! `keep-revisions`: deregisters old revisions of the family that nothing is seen to use.
//!
//! Everything that may start a task is asked first; one answer that is missing, for want of a permission or otherwise, and nothing is
//! deregistered. Step Functions, EventBridge Pipes, Lambda functions and other accounts cannot be seen, so a family that they use must not be pruned.

mod decide;
mod scan;

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actions_core::{ActionError as _, Session};
use aws_client::{ApiError, ApiErrorKind};
use tokio::time::timeout;

use crate::ecs::Ecs;
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

/// Keeps the newest `keep` revisions of the family of `arn`, those in `spared`, and all that are in use. Returns a warning where it could
/// not be done.
pub(crate) async fn prune(
    ecs: &Ecs,
    session: &Session,
    arn: &str,
    spared: BTreeSet<String>,
    keep: usize,
) -> Option<String> {
    let found = tokio::select! {
        biased;
        () = session.cancel.cancelled() => return None,
        found = timeout(LIMIT, unused(ecs, arn, spared, keep)) => found,
    };
    let unused = match found {
        Ok(Ok(unused)) => unused,
        Ok(Err(unknown)) => return Some(nothing_pruned(&unknown)),
        Err(_) => return Some(nothing_pruned(&Unknown::Words("looking for what is in use took too long".to_owned()))),
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

fn tell(session: &Session, gone: &[String]) {
    if !gone.is_empty() {
        session.log.line(format!("deregistered {}, which nothing was seen to use", gone.join(", ")));
    }
}

/// The ARNs of the revisions that can go, the oldest first.
async fn unused(ecs: &Ecs, arn: &str, spared: BTreeSet<String>, keep: usize) -> Result<Vec<String>, Unknown> {
    let family = crate::names::family(arn);
    let active = scan::active(ecs, family).await?;
    let Some(candidates) = active.get(keep..).filter(|candidates| !candidates.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut in_use = scan::in_use(ecs, arn).await?;
    in_use.extend(spared);
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
    format!("`keep-revisions`: no revision was deregistered, because not all that may use one could be seen: {why}")
}

impl From<ApiError> for Unknown {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}
