//! The inputs of other actions, under their names.

use testkit::{FakeRunner, RunOutput};

use crate::site::{Site, emulator};

const BINARY: &str = env!("CARGO_BIN_EXE_s3-sync-invalidate");

/// A site with two files whose runner has no inputs yet.
fn bare() -> Site {
    let mut site = Site::new();
    site.runner = FakeRunner::new().envs(emulator(&site.bucket).env()).env("AWS_ENDPOINT_URL", site.proxy.url());
    // What other actions delete was put there by anybody.
    let site = site.input("delete-scope", "all");
    site.write("index.html", "<html>one");
    site.write("app.css", "one");
    site
}

fn with(site: Site, inputs: &[(&str, &str)]) -> Site {
    inputs.iter().fold(site, |site, (name, value)| site.input(name, value))
}

/// The inputs of an example are taken, and these are the keys then; `site/old.css` was there before.
#[track_caller]
fn check(site: &Site, keys: &[&str]) -> RunOutput {
    site.put("site/old.css", b"x");
    let out = site.run();
    out.assert_code(0);
    assert_eq!(site.keys(), keys);
    out
}

/// What is wrong with the inputs, by the first line of the error.
#[track_caller]
fn refused(inputs: &[(&str, &str)], parts: &[&str]) {
    let runner = FakeRunner::new().env("AWS_REGION", "eu-west-1").input("source", "dist").input("bucket", "shop-site");
    let runner = inputs.iter().fold(runner, |runner, (name, value)| runner.input(name, value));
    let out = runner.run(BINARY, [] as [&str; 0]);
    out.assert_code(2);
    assert!(out.stdout.contains("::error title=s3-sync-invalidate/invalid-input"), "{}", out.stdout);
    for part in parts {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
}

#[test]
fn the_example_of_reggionick_s_readme_publishes_the_site() {
    let site = bare();
    let (bucket, distribution) = (site.bucket.clone(), site.distribution.clone());
    let site = with(
        site,
        &[
            ("folder", "dist"),
            ("bucket", &bucket),
            ("bucket-region", "eu-west-1"),
            ("dist-id", &distribution),
            ("invalidation", "/"),
            ("delete-removed", "true"),
            ("no-cache", "true"),
            ("private", "true"),
            ("files-to-include", ".*/*,*/*,**"),
            // That action knows no prefix; a whole bucket has to be meant.
            ("dest-dir", "site"),
        ],
    );
    let out = check(&site, &["site/app.css", "site/index.html"]);
    assert_eq!(out.outputs["deleted"], "1");
    assert_eq!(out.outputs["paths-invalidated"], "/\n/app.css\n/index.html\n/old.css");
    for page in ["site/app.css", "site/index.html"] {
        let reply = site.get(page);
        assert_eq!(reply.header("cache-control"), Some("no-cache, no-store, must-revalidate"), "{page}");
    }
}

#[test]
fn the_example_of_jakejarvis_s_readme_needs_inputs_in_place_of_its_flags_and_variables() {
    refused(
        &[("args", "--acl public-read --follow-symlinks --delete")],
        &["`args`", "write `acl: public-read`, `delete: true`; leave `--follow-symlinks` out"],
    );
    // The environment never chooses the bucket of a delete.
    let site = bare();
    let bucket = site.bucket.clone();
    let mut site = with(site, &[("source-dir", "dist"), ("dest-dir", "site"), ("delete", "true")]);
    let runner = std::mem::take(&mut site.runner);
    site.runner = runner.env("AWS_S3_BUCKET", &bucket).env("SOURCE_DIR", "elsewhere").env("DEST_DIR", "elsewhere");
    let out = site.run();
    out.assert_code(2);
    assert!(out.stderr.contains("input `bucket` is missing"), "{}", out.stderr);
    let site = site.input("bucket", &bucket);
    check(&site, &["site/app.css", "site/index.html"]);
}

#[test]
fn the_example_of_chetan_s_readme_invalidates_its_path_besides_those_that_changed() {
    let site = bare();
    let (bucket, distribution) = (site.bucket.clone(), site.distribution.clone());
    let site = with(
        site,
        &[
            ("source", "dist"),
            ("bucket", &bucket),
            ("prefix", "site"),
            ("distribution", &distribution),
            ("paths", "/index.html /about /caf%C3%A9*"),
        ],
    );
    let out = check(&site, &["site/app.css", "site/index.html", "site/old.css"]);
    assert_eq!(out.outputs["paths-invalidated"], "/\n/about\n/app.css\n/caf%C3%A9*\n/index.html");
    // Nothing changed: nothing is told, and nothing is paid for.
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["paths-invalidated"], "");
}

#[test]
fn everything_is_invalidated_by_one_path_where_that_is_wanted() {
    let site = bare();
    let (bucket, distribution) = (site.bucket.clone(), site.distribution.clone());
    let inputs = [("source", "dist"), ("bucket", &bucket), ("prefix", "site"), ("distribution-ids", &distribution)];
    let site = with(site, &inputs).input("invalidation", "all");
    assert_eq!(site.run().outputs["paths-invalidated"], "/*");
    site.write("index.html", "<html>two");
    let site = site.input("invalidation", "none");
    assert_eq!(site.run().outputs["paths-invalidated"], "");
}

#[test]
fn cache_and_immutable_are_for_what_is_no_page() {
    let site = bare();
    let bucket = site.bucket.clone();
    let inputs =
        [("source", "dist"), ("bucket", bucket.as_str()), ("prefix", "site"), ("cache", "60"), ("immutable", "true")];
    let site = with(site, &inputs).input("cache-control", "*.txt: private");
    site.write("a.txt", "x");
    site.run().assert_code(0);
    let cache = |path: &str| site.get(path).header("cache-control").unwrap_or_default().to_owned();
    assert_eq!(cache("site/app.css"), "public, max-age=60, immutable");
    assert_eq!(cache("site/index.html"), "no-cache");
    assert_eq!(cache("site/a.txt"), "private");
}

#[test]
fn only_what_is_included_is_published_or_deleted() {
    let site = bare();
    let bucket = site.bucket.clone();
    let inputs = [("source", "dist"), ("bucket", bucket.as_str()), ("prefix", "site"), ("delete", "true")];
    let site = with(site, &inputs).input("include", "*.html");
    site.put("site/gone.html", b"x");
    check(&site, &["site/index.html", "site/old.css"]);
}

#[test]
fn two_names_of_one_input_must_say_the_same() {
    refused(&[("folder", "build")], &["input `source` and `folder` are not the same", "leave `folder` out"]);
    refused(&[("source-dir", "build")], &["input `source` and `source-dir` are not the same"]);
    refused(&[("prefix", "a"), ("dest-dir", "b")], &["input `prefix` and `dest-dir` are not the same"]);
    refused(&[("aws-region", "eu-west-1"), ("bucket-region", "us-east-1")], &["`aws-region` and `bucket-region`"]);
    for name in ["distribution-ids", "distribution", "dist-id"] {
        let problem = format!("input `distribution-id` and `{name}` are not the same");
        refused(&[("distribution-id", "E2QWRUHAPOMQZL"), (name, "E2QWRUHAPOMQZM")], &[&problem]);
    }
    refused(
        &[("include", "a"), ("files-to-include", "b")],
        &["input `include` and `files-to-include` are not the same"],
    );
    refused(&[("invalidation", "/a"), ("paths", "/b")], &["input `invalidation` and `paths` are not the same"]);
    refused(
        &[("delete", "false"), ("delete-removed", "true"), ("prefix", "site")],
        &["input `delete` and `delete-removed` are not the same"],
    );
}

#[test]
fn what_means_something_else_here_is_refused_with_what_to_write() {
    refused(
        &[("delete-removed", "**/*.js")],
        &["`delete-removed`", "write `delete: true`, and name what stays in `exclude`"],
    );
    refused(&[("private", "false")], &["`private` is `false`", "write `acl: public-read`"]);
    refused(&[("no-cache", "true"), ("cache", "60")], &["`no-cache` and `cache` contradict each other"]);
    refused(&[("no-cache", "true"), ("immutable", "true")], &["`no-cache` and `immutable` contradict each other"]);
    refused(&[("cache", "long")], &["`cache` is `long`: not a number of seconds"]);
    refused(&[("invalidation", "index.html")], &["`invalidation` has a mistake: `index.html` is no path"]);
    refused(&[("invalidate", "false"), ("invalidation", "all")], &["asks for what `invalidate: false` turns off"]);
}
