//! Has the distributions show the new release, each in one step
//! (<https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_UpdateDistribution.html>).
//!
//! The manifest names the release by then: of two publications only the one whose manifest it is switches. What a distribution shows
//! is read, then the manifest is looked at, and only then the configuration is replaced, while it is the one that was read. So whoever
//! wrote a manifest after that look reads the configuration later, and this update fails or theirs does. Where they have nothing to
//! update, because their release is shown still, they look at it once more, and this run looks at the manifest after its update: one of
//! both finds the other.

use std::time::Duration;

use aws_client::call::Rest;
use tokio::time::Instant;

use crate::bucket::DistributionId;
use crate::cloudfront::origin_path::with_origin_path;
use crate::cloudfront::{Origin, refused};
use crate::error::Error;
use crate::observe::distributions::names_bucket;
use crate::prefixed::{Change, Switch, SwitchError};

use super::invalidate::{LOOK_PAUSES, Pauses};
use super::{Run, manifest};

/// Switches one distribution. `written` is the `ETag` of the manifest that this run wrote.
pub(super) async fn one(run: Run<'_>, switch: &Switch, change: &Change, written: Option<&str>) -> Result<(), Error> {
    let id = &change.distribution;
    let mut is_second = false;
    loop {
        let now = run.clients.distribution_text(id).await.map_err(|error| refused(id, error))?;
        let own = |path: &str| -> Vec<String> {
            let is_own = |origin: &&Origin| origin.path == path && names_bucket(&origin.domain, &run.inputs.bucket);
            now.config.origins.iter().filter(is_own).map(|origin| origin.id.clone()).collect()
        };
        let before = own(&change.from);
        if before.is_empty() && own(&switch.origin_path) == change.origins {
            // An answer that was lost.
            return Ok(());
        }
        manifest::must_be_ours(run, switch, written).await?;
        if before != change.origins {
            // The plan was made for what it showed before.
            return Err(Error::DeployedMeanwhile { by: None });
        }
        let ids: Vec<&str> = before.iter().map(String::as_str).collect();
        let config = with_origin_path(&now.text, &ids, &switch.origin_path).map_err(|message| {
            let rest = Rest { operation: "GetDistributionConfig", method: "GET", path: &[], query: &[] };
            Error::Aws(run.clients.odd(&rest, id, message))
        })?;
        let Err(error) = run.clients.update_distribution(id, &now.etag, config).await else { return Ok(()) };
        match error.code.as_deref() {
            Some("PreconditionFailed" | "InvalidIfMatchVersion") if !is_second => is_second = true,
            Some("PreconditionFailed" | "InvalidIfMatchVersion") => {
                return Err(SwitchError::DistributionChanged { id: id.to_string() }.into());
            }
            _ => return Err(refused(id, error)),
        }
    }
}

/// Makes sure that the distributions show the release that need no switch, now that the manifest names it.
pub(super) async fn must_show(run: Run<'_>, switch: &Switch) -> Result<(), Error> {
    let is_switched = |id: &DistributionId| switch.changes.iter().any(|change| change.distribution == *id);
    let shown = run.inputs.distributions.iter().filter(|id| run.plan.manifest.is_some() && !is_switched(id));
    for id in shown {
        let config = run.clients.distribution_config(id).await.map_err(|error| refused(id, error))?;
        let is_own =
            |origin: &Origin| origin.path == switch.origin_path && names_bucket(&origin.domain, &run.inputs.bucket);
        if !config.origins.iter().any(is_own) {
            return Err(Error::DeployedMeanwhile { by: None });
        }
    }
    Ok(())
}

/// Whether all edges show what the distributions show now.
pub(super) async fn are_deployed(run: Run<'_>) -> Result<bool, Error> {
    for id in &run.inputs.distributions {
        if !run.clients.is_deployed(id).await.map_err(|error| refused(id, error))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Waits until all edges know, at most `limit`. Returns what the user should know when it ends before.
pub(super) async fn wait(run: Run<'_>, limit: Duration, switch: &Switch) -> Option<String> {
    let progress = run.session.log.progress("waiting for CloudFront", 0);
    let until = Instant::now() + run.clients.pace.of(limit);
    let mut pauses = Pauses::new(LOOK_PAUSES);
    let mut open: Vec<&Change> = switch.changes.iter().collect();
    loop {
        let mut left = Vec::new();
        for change in open {
            match run.clients.is_deployed(&change.distribution).await {
                Ok(true) => {}
                Ok(false) => left.push(change),
                Err(error) => {
                    return Some(format!("it is not known when all edges show the new release: {error}"));
                }
            }
        }
        open = left;
        let first = open.first()?;
        if Instant::now() >= until || run.session.cancel.is_cancelled() {
            return Some(format!(
                "not all edges of {} had the new origin path after {} s; what they fetch until then is of the old release, and may be kept",
                first.distribution,
                limit.as_secs()
            ));
        }
        progress.waiting(&format!("{} tells its edges", first.distribution));
        run.pause_until(pauses.next(), until).await;
    }
}
