//! What a plan tells about the site besides what it does: things that work differently from what people expect.

mod distributions;

use actions_core::amount::count;
use serde::Serialize;

use crate::bucket::DistributionId;
use crate::inputs::{Extraneous, Inputs};
use crate::invalidation::{Configuration, Distribution, Folders};
use crate::journal::{Debt, key_of_all};
use crate::manifest::{Entry, Found, ReleaseId};
use crate::mode::{folder, release_of};
use crate::phase::Phase;
use crate::plan::{Plan, Snapshot, Upload, is_stale, open};
use crate::prefixed::{Releases, Switch, all};
use crate::remote::Reason;

pub(crate) use distributions::of_distributions;

/// How many names a hint lists.
const NAMES_SHOWN: usize = 5;

/// How loud a hint is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Visitors may see something wrong.
    Warning,
}

/// One hint; plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// How loud it is.
    pub weight: Weight,
    /// The text.
    pub text: String,
}

/// The hints for a plan.
pub(crate) fn hints(inputs: &Inputs, snapshot: &Snapshot, plan: &Plan) -> Vec<Hint> {
    let mut hints = Vec::new();
    hints.extend(replaced_hashed(snapshot, plan));
    hints.extend(not_comparable(plan));
    hints.extend(of_manifest(&snapshot.manifest));
    hints.extend(nothing_kept(inputs, snapshot, plan));
    hints.extend(kept(inputs, plan));
    hints.extend(foreign(&snapshot.manifest, plan));
    hints.extend(stale_copies(inputs, snapshot));
    hints.extend(under_way(inputs, snapshot));
    hints.extend(unread(inputs, snapshot));
    hints.extend(site_shape(snapshot, plan));
    hints.extend(redirects_not_followed(snapshot, plan));
    hints.extend(of_distributions(snapshot, plan));
    hints
}

/// Those of a release that lies in a folder of its own.
pub(crate) fn of_release(inputs: &Inputs, snapshot: &Snapshot, releases: &Releases, plan: &Plan) -> Vec<Hint> {
    let mut hints = Vec::new();
    hints.extend(replaced_hashed(snapshot, plan));
    hints.extend(not_comparable(plan));
    // One that may not be read is none yet, or the run ends where it would write it.
    hints.extend(of_manifest(&snapshot.manifest).filter(|_| !matches!(snapshot.manifest, Found::Denied(_))));
    hints.extend(redirects_not_followed(snapshot, plan));
    hints.extend(distributions::of_caches(snapshot, plan));
    hints.extend(unread(inputs, snapshot));
    hints.extend(orphans(inputs, snapshot, releases, plan));
    hints.extend(plan.switch.as_ref().and_then(unseen));
    hints.extend(releases.gone.iter().map(|id| {
        note(format!("CloudFront has no distribution {id} any more, which showed this site once: it is forgotten"))
    }));
    hints.extend(hidden(inputs, snapshot, plan));
    let switches = plan.switch.iter().any(|switch| !switch.changes.is_empty());
    if switches && inputs.wait.is_none() && !plan.invalidations.is_empty() {
        hints.push(note(
            "CloudFront takes minutes to tell all its edges of the new origin path, and one that is not told yet may keep what it \
             fetches again of the old release; with `wait: true` the invalidation comes after all of them know",
        ));
    }
    hints
}

/// What a distribution shows of the prefix itself it does not show of a release.
fn hidden(inputs: &Inputs, snapshot: &Snapshot, plan: &Plan) -> Option<Hint> {
    let site = inputs.prefix.as_str().trim_end_matches('/');
    plan.switch.iter().flat_map(|switch| &switch.changes).find(|change| change.from.trim_matches('/') == site)?;
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let Some(known) = known.filter(|known| known.release.place.is_none()) else {
        return Some(note(
            "from this switch on nothing is shown but the release: what others put below the prefix is not seen any \
             more",
        ));
    };
    let is_foreign = |path: &&str| {
        let is_own = snapshot.source.files.contains_key(path) || known.entries.contains_key(path);
        !is_own && release_of(path).is_none() && !path.starts_with(".slipway/")
    };
    let foreign: Vec<&str> = snapshot.objects.keys().filter(is_foreign).collect();
    let names: Vec<&str> = foreign.iter().copied().take(NAMES_SHOWN).collect();
    (!foreign.is_empty()).then(|| {
        warning(format!(
            "from this switch on nothing is shown but the release, so {} below the prefix that no publication is known to have put there \
             will not be seen any more: {}",
            count(foreign.len(), "object"),
            names.join(", ")
        ))
    })
}

/// Of what an unreadable note tells of nobody knows which paths it is.
pub(crate) fn unread(inputs: &Inputs, snapshot: &Snapshot) -> Option<Hint> {
    let is_unread = |debt: &Debt| debt.keys.is_none() && debt.distributions.is_empty();
    snapshot.debts.iter().any(is_unread).then(|| {
        note(format!(
            "a note of an earlier run cannot be read (`s3:GetObject` on `{}*`), so all that it may be about is invalidated",
            key_of_all(&inputs.prefix)
        ))
    })
}

/// Nobody deletes what somebody may show.
fn unseen(switch: &Switch) -> Option<Hint> {
    let ids: Vec<&str> = switch.unseen.iter().take(NAMES_SHOWN).map(DistributionId::as_str).collect();
    (!ids.is_empty()).then(|| {
        warning(format!(
            "old releases stay, because distributions that were switched to one are not among `distribution-id`, and may show it: {}; \
             old releases are deleted by who names them all. One that CloudFront has no more is forgotten, with the default \
             `manifest`, by who may ask for it (`cloudfront:GetDistributionConfig` on it)",
            ids.join(", ")
        ))
    })
}

/// Folders of publications that ended before the manifest named them.
fn orphans(inputs: &Inputs, snapshot: &Snapshot, releases: &Releases, plan: &Plan) -> Option<Hint> {
    let known = snapshot.manifest.manifest().map(|manifest| &manifest.content);
    let is_known = |id: &&ReleaseId| known.into_iter().flat_map(all).any(|release| release.place.as_ref() == Some(id));
    let goes = |id: &&ReleaseId| plan.switch.iter().any(|switch| switch.prune.contains(id));
    let orphans = releases.present.iter().filter(|id| !is_known(id) && !goes(id));
    let orphans: Vec<&str> = orphans.map(ReleaseId::as_str).take(NAMES_SHOWN).collect();
    (!orphans.is_empty()).then(|| {
        note(format!(
            "these folders in `s3://{}/{}` are of no release that the manifest knows, as a publication that ended early leaves \
             them; a publication deletes them with old releases once they are a day old, unless they are older than all releases that the \
             manifest knows: {}",
            inputs.bucket,
            folder(&inputs.prefix),
            orphans.join(", ")
        ))
    })
}

pub(crate) fn note(text: impl Into<String>) -> Hint {
    Hint { weight: Weight::Note, text: text.into() }
}

pub(crate) fn warning(text: impl Into<String>) -> Hint {
    Hint { weight: Weight::Warning, text: text.into() }
}

/// Copies that were made here and are not any more.
fn stale_copies(inputs: &Inputs, snapshot: &Snapshot) -> Option<Hint> {
    let known = snapshot.manifest.manifest().filter(|_| inputs.extraneous == Extraneous::Keep)?;
    let is_there = |path: &str| snapshot.objects.contains_key(path);
    let stale = |(path, entry): &(&str, &Entry)| is_there(path) && is_stale(&snapshot.source, path, entry);
    let stale = known.content.entries.iter().filter(stale).count();
    (stale > 0).then(|| {
        warning(format!(
            "beside {} lie compressed copies of what they were before: `compress` does not make them any more, and who chooses them \
             shows the old content; `delete` removes them",
            count(stale, "file")
        ))
    })
}

/// A hash in the name promises that the content never changes: browsers keep such a file for a year without asking.
fn replaced_hashed(snapshot: &Snapshot, plan: &Plan) -> Option<Hint> {
    // What was stored compressed and no longer is has the content that it had.
    let is_same =
        |upload: &Upload| snapshot.manifest.entry(&upload.path).is_some_and(|entry| entry.plain() == upload.md5);
    let is_new = |upload: &Upload| upload.phase == Phase::HashedAssets && upload.packed.is_none() && !is_same(upload);
    let replaced: Vec<&Upload> = plan
        .uploads
        .iter()
        .filter(|upload| upload.unsteady || is_new(upload))
        .filter(|upload| upload.reason == Reason::Content)
        .collect();
    (!replaced.is_empty()).then(|| {
        warning(format!(
            "files with a content hash in their names changed without a new name, so browsers keep the old content: {}; \
             from now on they are published like files without a hash",
            names(&replaced)
        ))
    })
}

/// What a publication does not know for want of a manifest.
fn of_manifest(found: &Found) -> Option<Hint> {
    match found {
        Found::Off | Found::Absent(_) | Found::Read(..) => None,
        Found::Denied(folder) => Some(note(format!(
            "the manifest may not be read (`s3:GetObject` and `s3:PutObject` on `{folder}*`), or there is none yet: a change of \
             headers alone is only noticed with `check-headers`, and `delete` knows no object as the site's own"
        ))),
        Found::Broken(folder, _) => Some(warning(format!(
            "what lies in `{folder}` is no manifest and is replaced by one: the releases before this one are forgotten"
        ))),
    }
}

/// Without the manifest nobody knows which assets the releases before used.
fn nothing_kept(inputs: &Inputs, snapshot: &Snapshot, plan: &Plan) -> Option<Hint> {
    let text = "no release before this one is known, so `keep-releases` keeps none of what is deleted: pages that visitors have open may \
                miss their assets";
    match &snapshot.manifest {
        _ if plan.deletes.is_empty() || inputs.keep_releases == 0 => None,
        Found::Denied(_) => Some(warning(format!(
            "{text}. Nothing is deleted if there turns out to be a manifest that may not be read"
        ))),
        Found::Absent(_) | Found::Broken(..) => Some(note(text)),
        Found::Off | Found::Read(..) => None,
    }
}

/// Paths that nothing in this run explains.
fn under_way(inputs: &Inputs, snapshot: &Snapshot) -> Option<Hint> {
    (open(inputs, snapshot) > 0).then(|| {
        note(
            "another run left a note of what it will invalidate less than an hour ago, so it may be under way: its paths are in this \
             run's invalidation, and the note stays for it",
        )
    })
}

/// Who asked for deletes shall know why something stays.
fn kept(inputs: &Inputs, plan: &Plan) -> Option<Hint> {
    let (is, stays) = if plan.kept == 1 { ("is", "stays") } else { ("are", "stay") };
    let releases = match inputs.keep_releases {
        1 => "the release before this one".to_owned(),
        releases => format!("the last {releases} releases before this one"),
    };
    (plan.kept > 0).then(|| {
        note(format!(
            "{} of {releases} {is} not in the source, and {stays} for the pages that visitors have open (`keep-releases`)",
            count(plan.kept, "asset")
        ))
    })
}

/// Who asked for deletes and gets none for want of a right shall notice.
fn foreign(found: &Found, plan: &Plan) -> Option<Hint> {
    let (is, stays, it) = if plan.foreign == 1 { ("is", "stays", "it") } else { ("are", "stay", "them") };
    let text = format!(
        "{} below the prefix {is} not in the source, and {stays} because no publication is known to have put {it} there; to delete \
         such objects too set `delete-scope: all`",
        count(plan.foreign, "object"),
    );
    let hint = if matches!(found, Found::Denied(_)) { warning(text) } else { note(text) };
    (plan.foreign > 0).then_some(hint)
}

fn not_comparable(plan: &Plan) -> Option<Hint> {
    let again: Vec<&Upload> = plan.uploads.iter().filter(|upload| upload.reason == Reason::NotComparable).collect();
    (!again.is_empty()).then(|| {
        note(format!(
            "these go up again because their objects cannot be compared (the ETag is not the content's MD5, as with KMS, and no \
             sum of ours could be read): {}; with `s3:GetObject` the next run can",
            names(&again)
        ))
    })
}

fn site_shape(snapshot: &Snapshot, plan: &Plan) -> Vec<Hint> {
    let files = &snapshot.source.files;
    let mut hints = Vec::new();
    if files.is_empty() {
        hints.push(warning("the source holds no file"));
    } else if !files.contains_key("index.html") {
        hints.push(note("there is no `index.html` at the top of the source"));
    }
    if plan.changes_objects() && snapshot.distributions.is_empty() {
        hints.push(note("no distribution is invalidated, so caches in front of the bucket keep what they have"));
    }
    hints
}

/// A bucket's REST endpoint shows the object of a redirect, which is empty.
fn redirects_not_followed(snapshot: &Snapshot, plan: &Plan) -> Option<Hint> {
    let redirects: Vec<&Upload> = plan.uploads.iter().filter(|upload| upload.headers.redirect.is_some()).collect();
    let is_rest = |distribution: &&Distribution| {
        distribution.configuration == Configuration::Known && distribution.folders == Folders::Nothing
    };
    let distribution = snapshot.distributions.iter().find(is_rest).filter(|_| !redirects.is_empty())?;
    Some(warning(format!(
        "distribution {} reads the bucket through its REST endpoint, which follows no redirect and shows an empty page at: {}; \
         let it read the website endpoint, or redirect in a function of CloudFront",
        distribution.id,
        names(&redirects)
    )))
}

fn names(uploads: &[&Upload]) -> String {
    let shown: Vec<&str> = uploads.iter().take(NAMES_SHOWN).map(|upload| upload.path.as_str()).collect();
    let more = uploads.len().saturating_sub(NAMES_SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
