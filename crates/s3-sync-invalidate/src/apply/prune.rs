//! Deletes the folders of releases that nobody goes back to.
//!
//! The manifest says of each of them that it is gone before the first of its objects goes, so no rollback takes one for there. It is
//! looked at again before each request, and what the distributions show, and whether all their edges do, before the first.

use crate::error::Error;
use crate::manifest::ReleaseId;
use crate::mode::{origin_path, place};
use crate::plan::Deletion;
use crate::prefixed::Switch;
use crate::s3::{self, Listing};
use actions_core::amount::count;

use super::{Run, delete, manifest};

/// Deletes what the plan says; returns how many releases went, and what the user should know. What stays is deleted by the next
/// publication. `is_spread` says that all edges showed what was shown before this run's own switch, which stays; else they may read
/// from any release before until they all show what is shown now.
pub(super) async fn all(
    run: Run<'_>,
    switch: &Switch,
    is_spread: bool,
    written: Option<&str>,
) -> (usize, Option<String>) {
    let mut pruned = 0;
    let warning =
        if switch.prune.is_empty() { None } else { each(run, switch, is_spread, written, &mut pruned).await.err() };
    (pruned, warning)
}

/// Deletes one release after the other, and counts them.
async fn each(
    run: Run<'_>,
    switch: &Switch,
    is_spread: bool,
    written: Option<&str>,
    pruned: &mut usize,
) -> Result<(), String> {
    let later = |what: String| format!("{what}; the next publication deletes them");
    let unknown = |what: &str, error: Error| later(format!("old releases are not deleted, because {what}: {error}"));
    if !is_spread {
        let is_spread = super::switch::are_deployed(run).await;
        if !is_spread.map_err(|error| unknown("it is not known when all edges show the new one", error))? {
            let what = "old releases are not deleted yet, because edges may still read them".to_owned();
            run.session.log.line(later(what));
            return Ok(());
        }
    }
    let shown = shown(run).await.map_err(|error| unknown("it is not known what is shown", error))?;
    for id in &switch.prune {
        if run.session.cancel.is_cancelled() {
            return Ok(());
        }
        let place = place(&run.inputs.prefix, id);
        if shown.iter().any(|path| *path == origin_path(&place)) {
            return Err(format!("release {} is shown again, so it is not deleted", id.as_str()));
        }
        match folder(run, switch, id, written).await {
            Ok(objects) => {
                *pruned += 1;
                run.session.log.line(format!("deleted release {}: {}", id.as_str(), count(objects, "object")));
            }
            Err(error) if error.is_overtaken() => return Ok(()),
            Err(error) => return Err(later(format!("release {} is not deleted as a whole: {error}", id.as_str()))),
        }
    }
    Ok(())
}

/// The origin paths of all distributions.
async fn shown(run: Run<'_>) -> Result<Vec<String>, Error> {
    let mut shown = Vec::new();
    for id in &run.inputs.distributions {
        let config =
            run.clients.distribution_config(id).await.map_err(|error| crate::cloudfront::refused(id, error))?;
        shown.extend(config.origins.into_iter().map(|origin| format!("/{}", origin.path.trim_matches('/'))));
    }
    Ok(shown)
}

/// Deletes a release page by page; returns how many objects it had.
async fn folder(run: Run<'_>, switch: &Switch, id: &ReleaseId, written: Option<&str>) -> Result<usize, Error> {
    let (bucket, start) = (&run.inputs.bucket, place(&run.inputs.prefix, id));
    let line = run.clients.line(bucket)?;
    let (mut deleted, mut first) = (0, None);
    loop {
        let page = s3::list(&line, &Listing { prefix: start.as_str(), ..Listing::default() }).await;
        let page = page.map_err(|error| run.clients.s3_error("ListObjectsV2", bucket, None, &error))?;
        let keys = page.objects.into_iter().map(|object| object.key);
        // They are of this release alone, whatever their content is by now.
        let gone = |key| Deletion { key, etag: String::new(), size: 0 };
        let gone: Vec<Deletion> = keys.filter(|key| start.relative(key).is_some()).map(gone).collect();
        if gone.is_empty() || run.session.cancel.is_cancelled() {
            return Ok(deleted);
        }
        // What stays although it was deleted would be listed without end.
        let now = gone.first().map(|deletion| deletion.key.clone());
        if now == first {
            return Err(Error::NotDeleted { names: now.into_iter().collect() });
        }
        first = now;
        manifest::must_be_ours(run, switch, written).await?;
        delete::unconditionally(run, &gone).await?;
        deleted += gone.len();
    }
}
