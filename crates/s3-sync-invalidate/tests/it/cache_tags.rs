//! Cache tags: what objects are published with, and when their tag takes the place of their paths.

use testkit::fault::Fault;

use crate::site::{Site, create_distribution, create_distribution_with};

const READS_TAGS: &str = "<CacheTagConfig><HeaderName>X-Amz-Meta-Cache-Tag</HeaderName></CacheTagConfig>";

/// A site whose distribution reads tags.
pub(crate) fn tagging() -> Site {
    let site = Site::new();
    let distribution = create_distribution_with(&site.bucket, "/site", READS_TAGS);
    let mut site = site.input("distribution-id", &distribution);
    site.distribution = distribution;
    site
}

/// A published site of so many pages and one style.
fn site(pages: usize) -> Site {
    let site = tagging().input("invalidation", "tags");
    site.write("app.css", "one");
    rewrite(&site, pages, "one");
    let out = site.run();
    out.assert_code(0);
    // Nobody knows what tags the copies have that were there before.
    assert!(!out.outputs["paths-invalidated"].contains('#'), "{}", out.outputs["paths-invalidated"]);
    site
}

fn rewrite(site: &Site, pages: usize, text: &str) {
    for page in 0..pages {
        site.write(&format!("{page}/page.html"), format!("<html>{text}"));
    }
}

#[test]
fn objects_have_the_tag_of_their_kind() {
    let site = site(1);
    let tag = |path: &str| site.get(path).header("x-amz-meta-cache-tag").unwrap_or_default().to_owned();
    assert_eq!(tag("site/0/page.html"), format!("{}/site/:pages", site.bucket));
    assert_eq!(tag("site/app.css"), format!("{}/site/:assets", site.bucket));
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["changed"], "false");
}

#[test]
fn all_pages_are_one_path() {
    let site = site(8);
    rewrite(&site, 8, "two");
    let out = site.run();
    out.assert_code(0);
    let tag = format!("#{}/site/:pages", site.bucket);
    assert_eq!(out.outputs["paths-invalidated"], tag);
    assert_eq!(out.outputs["estimated-cost"], "0.005");
    assert!(site.invalidations().contains(&vec![tag]), "{:?}", site.invalidations());
}

#[test]
fn a_tag_takes_the_place_of_paths_only_where_it_is_better() {
    let site = site(12);
    // Most pages stay: their paths take nothing along.
    rewrite(&site, 6, "two");
    assert!(!site.run().outputs["paths-invalidated"].contains('#'));
    // Six paths are too many, and any wildcard over them takes as many pages along, and the style.
    rewrite(&site, 6, "three");
    let out = site.run_with(&["--max-paths=1"]);
    assert_eq!(out.outputs["paths-invalidated"], format!("#{}/site/:pages", site.bucket));
}

#[test]
fn the_same_tag_is_told_with_the_same_reference_when_a_run_is_made_up_for() {
    let site = site(8);
    rewrite(&site, 8, "two");
    let broken = testkit::http::Reply::xml(
        400,
        "<ErrorResponse><Error><Code>Boom</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::rewrite(move |_, _| broken.clone()).on("POST", "*/invalidation"));
    site.run().assert_code(1);
    let first = crate::invalidations::reference(&site);
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["paths-invalidated"], format!("#{}/site/:pages", site.bucket));
    assert_eq!(crate::invalidations::reference(&site), first);
}

#[test]
fn what_was_published_without_tags_is_told_by_its_paths() {
    let site = tagging();
    rewrite(&site, 8, "one");
    site.run().assert_code(0);
    let site = site.input("invalidation", "tags");
    rewrite(&site, 8, "two");
    let out = site.run();
    out.assert_code(0);
    assert!(!out.outputs["paths-invalidated"].contains('#'), "{}", out.outputs["paths-invalidated"]);
}

#[test]
fn a_distribution_that_reads_no_tags_is_refused() {
    let site = Site::new().input("invalidation", "tags");
    site.write("index.html", "x");
    let other = "<CacheTagConfig><HeaderName>edge-tag</HeaderName></CacheTagConfig>";
    let others = create_distribution_with(&site.bucket, "/site", other);
    for (distribution, why) in [
        (create_distribution(&site.bucket, "/other"), "its configuration has no `CacheTagConfig`"),
        (others, "it reads cache tags from the header `edge-tag`"),
    ] {
        let out = site.run_with(&["--distribution-id", &distribution]);
        out.assert_code(2);
        assert!(out.stdout.contains("::error title=s3-sync-invalidate/tags-not-enabled"), "{}", out.stdout);
        assert!(out.stderr.contains(why), "{}", out.stderr);
    }
    assert_eq!(site.keys(), Vec::<String>::new());
}
