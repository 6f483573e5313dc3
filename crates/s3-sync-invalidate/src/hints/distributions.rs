//! What a plan tells about the distributions and their caches.

use std::collections::BTreeSet;

use super::{Hint, note, warning};
use crate::invalidation::{Configuration, Distribution, Invalidation, Query};
use crate::plan::{Plan, Snapshot};

/// Those about the distributions alone.
pub(crate) fn of_distributions(snapshot: &Snapshot, plan: &Plan) -> Vec<Hint> {
    let shown = snapshot.distributions.iter().filter_map(|distribution| of_distribution(distribution, plan));
    shown.chain(of_caches(snapshot, plan)).collect()
}

/// What stays old in a cache although the paths that changed are invalidated.
pub(super) fn of_caches(snapshot: &Snapshot, plan: &Plan) -> Vec<Hint> {
    let of = |distribution| [unknown_policy(distribution, plan), error_page(distribution, plan)];
    snapshot.distributions.iter().flat_map(of).flatten().collect()
}

fn told<'a>(distribution: &Distribution, plan: &'a Plan) -> Option<&'a Invalidation> {
    plan.invalidations.iter().find(|one| one.distribution == distribution.id)
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
            let changed = plan.uploads.iter().filter(|upload| upload.makes_old()).map(|upload| &upload.key);
            let copied = plan.copies.iter().filter(|copy| copy.makes_old()).map(|copy| &copy.key);
            let mut keys = changed.chain(copied).chain(plan.deletes.iter().map(|gone| &gone.key));
            let unseen = plan.makes_old() && keys.all(|key| distribution.forms(key).is_empty());
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

/// What shows a page in place of what is not there keeps it under addresses that nobody knows.
fn error_page(distribution: &Distribution, plan: &Plan) -> Option<Hint> {
    let told = told(distribution, plan)?;
    let changed = plan.journal.iter().flat_map(|journal| &journal.keys).flat_map(|key| distribution.forms(key));
    let changed: BTreeSet<String> = changed.map(|item| item.text).collect();
    let (page, kept) = distribution.error_pages.iter().find(|(page, _)| changed.contains(&format!("/{page}")))?;
    if told.paths.iter().any(|path| path == "/*") {
        return None;
    }
    Some(warning(format!(
        "distribution {} answers with `/{page}` where there is no object, and keeps that answer for {kept} s under each address: the \
         addresses of a single-page application show the old page until then; set the error caching minimum TTL of 403 and 404 to 10 s \
         or less, or `invalidation: all`",
        distribution.id
    )))
}

/// An invalidation without the query leaves the copies that were asked for with one.
fn unknown_policy(distribution: &Distribution, plan: &Plan) -> Option<Hint> {
    told(distribution, plan)?;
    let is_unknown = distribution.behaviors.iter().any(|behavior| behavior.query == Query::Unknown);
    is_unknown.then(|| {
        warning(format!(
            "whether the cache policy of distribution {} tells addresses apart by their query is not known: if it does, copies \
             of addresses with a query stay as they are",
            distribution.id
        ))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::digest::Md5Sum;
    use crate::headers::RemoteHeaders;
    use crate::inputs::Inputs;
    use crate::invalidation::{Behavior, Wanted};
    use crate::phase::Phase;
    use crate::plan::tests::{inputs, snapshot};
    use crate::plan::{Copied, plan};
    use crate::remote::Reason;

    /// What is warned of a site that shows `page` where nothing is, once `changed` changed.
    fn warned(page: &str, changed: &str, wanted: Wanted) -> Vec<String> {
        let mut seen = snapshot(&[(changed, "new"), ("a.css", "a")], &[("site/a.css", "a")]);
        seen.distributions[0].error_pages = BTreeMap::from([(page.to_owned(), 300)]);
        let plan = plan(&Inputs { invalidation: wanted, ..inputs() }, &seen).unwrap();
        of_caches(&seen, &plan).into_iter().map(|hint| hint.text).collect()
    }

    #[test]
    fn what_is_restored_is_something_that_changed() {
        let seen = snapshot(&[("index.html", "same")], &[("site/index.html", "same")]);
        let plan = plan(&inputs(), &seen).unwrap();
        let copy = |key: &str| Copied {
            path: "index.html".to_owned(),
            key: key.to_owned(),
            version: "v".to_owned(),
            phase: Phase::EntryPoints,
            reason: Reason::Content,
            size: 4,
            before: Some(3),
            md5: Md5Sum::of(b"same"),
            storage_class: None,
            headers: RemoteHeaders::default(),
        };
        for (key, told) in [("site/index.html", false), ("elsewhere/index.html", true)] {
            let plan = Plan { copies: vec![copy(key)], ..plan.clone() };
            let hints = of_distributions(&seen, &plan);
            assert_eq!(hints.iter().any(|hint| hint.text.contains("holds nothing that changed")), told, "{key}");
        }
    }

    #[test]
    fn an_error_page_that_changes_stays_old_where_it_answers() {
        let told = warned("index.html", "index.html", Wanted::Changed);
        assert!(told.len() == 1 && told[0].contains("`/index.html`") && told[0].contains("300 s"), "{told:?}");
        assert_eq!(warned("index.html", "about.html", Wanted::Changed), [""; 0]);
        assert_eq!(warned("index.html", "index.html", Wanted::All), [""; 0]);
    }

    #[test]
    fn a_policy_that_is_not_known_is_told_where_something_is_invalidated() {
        let behavior = Behavior { pattern: "*".to_owned(), rewrites: false, query: Query::Unknown };
        for (before, expect) in [("old", 1), ("same", 0)] {
            let mut seen = snapshot(&[("index.html", "same")], &[("site/index.html", before)]);
            seen.distributions[0].behaviors = vec![behavior.clone()];
            let plan = plan(&inputs(), &seen).unwrap();
            assert_eq!(of_caches(&seen, &plan).len(), expect, "{before}");
        }
    }
}
