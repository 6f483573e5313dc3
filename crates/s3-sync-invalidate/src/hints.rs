//! What a plan tells about the site besides what it does: things that work differently from what people expect.

use serde::Serialize;

use crate::invalidation::{Configuration, Distribution, Query};
use crate::phase::Phase;
use crate::plan::{Plan, Snapshot, Upload};
use crate::remote::Reason;

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
pub(crate) fn hints(snapshot: &Snapshot, plan: &Plan) -> Vec<Hint> {
    let mut hints = Vec::new();
    hints.extend(replaced_hashed(plan));
    hints.extend(not_comparable(plan));
    hints.extend(site_shape(snapshot, plan));
    hints.extend(snapshot.distributions.iter().filter_map(|distribution| of_distribution(distribution, plan)));
    hints.extend(snapshot.distributions.iter().filter_map(unknown_policy));
    hints
}

fn note(text: impl Into<String>) -> Hint {
    Hint { weight: Weight::Note, text: text.into() }
}

fn warning(text: impl Into<String>) -> Hint {
    Hint { weight: Weight::Warning, text: text.into() }
}

/// A hash in the name promises that the content never changes: browsers keep such a file for a year without asking.
fn replaced_hashed(plan: &Plan) -> Option<Hint> {
    let replaced: Vec<&Upload> = plan
        .phase(Phase::HashedAssets)
        .filter(|upload| upload.reason == Reason::Content && upload.headers.cache_control.contains("immutable"))
        .collect();
    (!replaced.is_empty()).then(|| {
        warning(format!(
            "files with a content hash in their names changed without a new name, so browsers keep the old content: {}; \
             give them a shorter life with a `cache-control` rule",
            names(&replaced)
        ))
    })
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

fn of_distribution(distribution: &Distribution, plan: &Plan) -> Option<Hint> {
    let id = &distribution.id;
    match distribution.configuration {
        Configuration::Unreadable => Some(note(format!(
            "the configuration of distribution {id} may not be read (`cloudfront:GetDistributionConfig`): no origin path \
             and the default root object `index.html` are assumed"
        ))),
        Configuration::OtherOrigins => Some(warning(format!(
            "no origin of distribution {id} names the bucket {}: its root is assumed to be the bucket's root",
            plan.bucket
        ))),
        Configuration::Known => {
            let told = plan.invalidations.iter().any(|invalidation| invalidation.distribution == *id);
            let unseen = plan.makes_old() && !told;
            unseen.then(|| {
                let origin_paths: Vec<&str> = distribution.origin_paths.iter().map(String::as_str).collect();
                warning(format!(
                    "distribution {id} shows the bucket's folder `{}`, which holds nothing that changed",
                    origin_paths.join("`, `")
                ))
            })
        }
    }
}

/// An invalidation without the query leaves the copies that were asked for with one.
fn unknown_policy(distribution: &Distribution) -> Option<Hint> {
    let is_unknown = distribution.behaviors.iter().any(|behavior| behavior.query == Query::Unknown);
    is_unknown.then(|| {
        note(format!(
            "whether the cache policy of distribution {} tells addresses apart by their query is not known: if it does, copies \
             of addresses with a query stay as they are",
            distribution.id
        ))
    })
}

fn names(uploads: &[&Upload]) -> String {
    let shown: Vec<&str> = uploads.iter().take(NAMES_SHOWN).map(|upload| upload.path.as_str()).collect();
    let more = uploads.len().saturating_sub(NAMES_SHOWN);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join(", "))
}
