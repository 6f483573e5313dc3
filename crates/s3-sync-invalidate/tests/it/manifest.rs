//! The manifest in the bucket: two publications at a time, and answers that are lost.

mod rights;

use testkit::FakeRunner;
use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use crate::publish::small_site;
use crate::site::{Site, current, emulator, manifests, raw};

/// Publishes another page to the same place, past the proxy.
fn publish_another(bucket: &str, page: &str, run_id: &str) {
    let other = FakeRunner::new()
        .envs(emulator(bucket).env())
        .env("GITHUB_RUN_ID", run_id)
        .input("source", "dist")
        .input("bucket", bucket)
        .input("prefix", "site")
        .file("dist/index.html", page);
    other.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
}

/// Another run publishes right after the note of this one was written.
fn someone_else(site: &Site, run_id: &'static str) -> Fault {
    let bucket = site.bucket.clone();
    let number = std::sync::atomic::AtomicU32::new(0);
    let publish = move |_: &Request, reply: Reply| {
        let number = number.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        publish_another(&bucket, &format!("<html>theirs {number}"), run_id);
        reply
    };
    Fault::rewrite(publish).on("PUT", &format!("/{}/site/.slipway/*", site.bucket))
}

pub(crate) fn is_write_of_current(request: &Request) -> bool {
    request.method == "PUT" && request.path.ends_with("/current.jsonl.gz")
}

#[test]
fn a_publication_that_was_overtaken_looks_again_and_has_the_last_word() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    site.proxy.faults().add(someone_else(&site, "1"));
    let out = site.run();
    out.assert_code(0);
    assert!(out.stderr.contains("another publication changed the site meanwhile"), "{}", out.stderr);
    assert!(out.stderr.contains("looking again"), "{}", out.stderr);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    site.proxy.faults().clear();
    assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
}

#[test]
fn who_is_overtaken_twice_gives_up_and_deletes_nothing() {
    let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    site.put("site/old.css", b"old");
    site.proxy.faults().add(someone_else(&site, "1").always());
    let out = site.run();
    out.assert_code(1);
    assert!(out.stdout.contains("s3-sync-invalidate/deployed-meanwhile"), "{}", out.stdout);
    for part in ["the look at the manifest", "`concurrency:` group", "release 20", "not done:"] {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
    assert_eq!(site.get("site/index.html").to_text(), "<html>theirs 1", "nothing that a visitor sees was changed");
    assert!(site.keys().contains(&"site/old.css".to_owned()));
    site.proxy.faults().clear();
    site.run().assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
}

#[test]
fn a_later_run_of_the_workflow_is_not_undone() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    site.proxy.faults().add(someone_else(&site, "99999999999999"));
    let out = site.run();
    out.assert_code(1);
    assert!(out.stdout.contains("s3-sync-invalidate/superseded"), "{}", out.stdout);
    assert!(out.stderr.contains("run 99999999999999"), "{}", out.stderr);
    // That would bring the older release back.
    assert!(!out.stderr.contains("run the step again"), "{}", out.stderr);
    assert_eq!(site.get("site/index.html").to_text(), "<html>theirs 0");
}

#[test]
fn of_two_that_write_the_manifest_at_the_same_time_one_plans_again() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    // The other one is done between this one's last look and its write.
    let bucket = site.bucket.clone();
    let other = Fault::rewrite(move |_, reply| {
        publish_another(&bucket, "<html>theirs", "1");
        reply
    });
    site.proxy.faults().add(other.on("PUT", "*/site/index.html"));
    let out = site.run();
    out.assert_code(0);
    assert!(out.stderr.contains("looking again"), "{}", out.stderr);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    // The one that lost left no copy of a release that never was.
    assert_eq!(copies(&site), 3, "{:?}", site.all_keys());
}

#[test]
fn a_site_that_came_before_the_manifest_was_read_is_listed_as_it_is() {
    let site = Site::new();
    site.write("index.html", "<html>one");
    site.run().assert_code(0);
    // This one wants what is there; while its look at the manifest is on its way, another page and one more are published.
    let bucket = site.bucket.clone();
    let late = Fault::rewrite(move |_, _| {
        let other = FakeRunner::new().envs(emulator(&bucket).env()).input("source", "dist").input("bucket", &bucket);
        let other = other.input("prefix", "site").file("dist/index.html", "<html>1ne").file("dist/more.html", "more");
        other.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        raw("GET", &format!("/{bucket}/{}", current(&bucket)), b"")
    });
    site.proxy.faults().add(late.on("GET", "*/current.jsonl.gz"));
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["changed-paths"], "index.html");
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
    // What came with it is known to be the site's own.
    let out = site.run_with(&["--delete"]);
    assert_eq!(out.assert_code(0).outputs["changed-paths"], "more.html");
}

/// How many copies of releases there are.
fn copies(site: &Site) -> usize {
    site.all_keys().iter().filter(|key| key.contains("/releases/")).count()
}

/// Publishes the pages past the proxy once the request was answered.
fn publish_then(site: &Site, pages: &'static [&'static str]) -> Fault {
    let bucket = site.bucket.clone();
    Fault::rewrite(move |_, reply| {
        let other = FakeRunner::new()
            .envs(emulator(&bucket).env())
            .input("source", "dist")
            .input("bucket", &bucket)
            .input("prefix", "site")
            .input("delete", "true")
            .input("keep-releases", "0");
        let other = pages.iter().fold(other, |other, page| other.file(&format!("dist/{page}"), "<html>same"));
        other.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        reply
    })
}

#[test]
fn what_comes_back_while_it_is_being_deleted_is_there_in_the_end() {
    let site = Site::new().input("delete", "true").input("keep-releases", "0");
    for page in ["index.html", "about.html"] {
        site.write(page, "<html>same");
    }
    site.run().assert_code(0);
    site.remove("about.html");
    // Between this one's manifest and its deletes another one publishes the page again.
    let other = publish_then(&site, &["index.html", "about.html"]);
    site.proxy.faults().add(other.matching(is_write_of_current));
    let out = site.run();
    out.assert_code(0);
    assert!(site.keys().contains(&"site/about.html".to_owned()), "{:?}", site.keys());
    assert_eq!(out.outputs["deleted"], "0");
    assert!(!out.outputs["changed-paths"].contains("about.html"), "{}", out.outputs["changed-paths"]);
    assert!(out.stdout.contains("another publication came meanwhile"), "{}", out.stdout);
}

#[test]
fn what_was_deleted_after_it_was_uploaded_again_is_brought_back() {
    let site = Site::new().input("delete", "true").input("keep-releases", "0");
    for page in ["index.html", "about.html"] {
        site.write(page, "<html>same");
    }
    site.run().assert_code(0);
    site.remove("about.html");
    site.proxy.faults().add(Fault::status(500).on("POST", &format!("/{}*", site.bucket)).always());
    site.run().assert_code(1);
    site.proxy.faults().clear();
    // The page is left behind, and the other one is late with its delete: it comes after this one's upload.
    site.write("about.html", "<html>same");
    let path = format!("/{}/site/about.html", site.bucket);
    let late = Fault::rewrite(move |_, reply| {
        assert!(raw("DELETE", &path, b"").is_success());
        reply
    });
    site.proxy.faults().add(late.on("PUT", "*/site/about.html"));
    site.run().assert_code(0);
    assert_eq!(site.get("site/about.html").to_text(), "<html>same");
    assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
}

#[test]
fn a_later_run_that_was_overwritten_is_named() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    let bucket = site.bucket.clone();
    let other = Fault::rewrite(move |_, reply| {
        publish_another(&bucket, "<html>theirs", "99999999999999");
        reply
    });
    site.proxy.faults().add(other.on("PUT", "*/site/index.html"));
    let out = site.run();
    out.assert_code(1);
    for part in
        ["s3-sync-invalidate/superseded", "files of this run lie over files of that one", "run the later run again"]
    {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
    assert!(!out.stderr.contains("run the step again"), "{}", out.stderr);
}

#[test]
fn a_trusted_manifest_does_not_hide_what_a_failed_run_owes() {
    let site = small_site();
    site.run().assert_code(0);
    let site = site.input("trust-manifest", "true");
    site.write("index.html", "<html>two");
    let busy = Reply::xml(
        500,
        "<ErrorResponse><Error><Code>InternalError</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::reply(busy).on("POST", "*/invalidation").always());
    site.run().assert_code(1);
    site.proxy.faults().clear();
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["paths-invalidated"], "/\n/index.html");
}

#[test]
fn a_trusted_manifest_takes_the_place_of_the_listing() {
    let site = small_site().input("trust-manifest", "true");
    site.run().assert_code(0);
    drop(site.requests());
    site.run().assert_code(0);
    let asked: Vec<(String, bool)> =
        site.requests().iter().map(|request| (request.method.clone(), crate::site::is_listing(request))).collect();
    // The manifest, whether a note is there, and the distribution's configuration.
    assert_eq!(asked.iter().filter(|(_, is_listing)| *is_listing).count(), 1, "{asked:?}");
    assert_eq!(asked.len(), 3, "{asked:?}");
}

#[test]
fn without_a_distribution_a_manifest_is_not_trusted() {
    let site = small_site().input("invalidate", "false").input("trust-manifest", "true");
    site.run().assert_code(0);
    // Another commit is published without its manifest, and taken back.
    site.write("index.html", "<html>two");
    let denied = Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).matching(is_write_of_current).always());
    site.run().assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    site.proxy.faults().clear();
    site.write("index.html", "<html>one");
    site.run().assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
}

#[test]
fn a_trusted_manifest_does_not_hold_what_was_deleted() {
    let site = small_site().input("keep-releases", "0");
    site.write("about.html", "<html>about");
    site.run().assert_code(0);
    site.remove("about.html");
    site.run_with(&["--delete"]).assert_code(0);
    site.write("about.html", "<html>about");
    site.run_with(&["--trust-manifest"]).assert_code(0);
    assert_eq!(site.get("site/about.html").to_text(), "<html>about");
}

#[test]
fn an_answer_that_is_lost_is_known_again() {
    let site = small_site();
    site.proxy.faults().add(Fault::lose().matching(is_write_of_current));
    let first = site.run();
    first.assert_code(0);
    assert!(!first.stderr.contains("looking again"), "{}", first.stderr);
    site.write("index.html", "<html>two");
    site.proxy.faults().add(Fault::lose().matching(is_write_of_current));
    site.run().assert_code(0);
    assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
}

#[test]
fn a_conflict_is_tried_again_and_an_endpoint_without_conditions_is_named() {
    let site = small_site();
    let answer =
        |status, code: &str| Reply::xml(status, format!("<Error><Code>{code}</Code><Message>no</Message></Error>"));
    site.proxy.faults().add(Fault::reply(answer(409, "ConditionalRequestConflict")).matching(is_write_of_current));
    site.run().assert_code(0);
    assert!(site.all_keys().contains(&current(&site.bucket)));
    site.write("index.html", "<html>two");
    let has_condition = |request: &Request| is_write_of_current(request) && request.header("if-match").is_some();
    site.proxy.faults().add(Fault::reply(answer(501, "NotImplemented")).matching(has_condition).always());
    let out = site.run();
    out.assert_code(0);
    assert!(out.stdout.contains("knows no conditional writes"), "{}", out.stdout);
    assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
}

#[test]
fn what_is_no_manifest_is_replaced_and_a_newer_one_is_not() {
    let site = small_site();
    site.run().assert_code(0);
    assert!(raw("PUT", &format!("/{}/{}", site.bucket, current(&site.bucket)), b"hello").is_success());
    let out = site.run();
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("is no manifest"), "{}", out.stdout);
    assert!(!site.run().assert_code(0).stdout.contains("::warning"));
    // `{"format":9}`, packed.
    let newer =
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xabVJ\xcb/\xcaM,Q\xb2\xb2\xac\xe5\x02\x00\xe0\xc1nc\x0d\x00\x00\x00";
    assert!(raw("PUT", &format!("/{}/{}", site.bucket, current(&site.bucket)), newer).is_success());
    let out = site.run();
    out.assert_code(2);
    assert!(out.stdout.contains("s3-sync-invalidate/manifest-too-new"), "{}", out.stdout);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn it_lies_where_the_distribution_does_not_look_or_where_it_is_told_to() {
    let site = small_site();
    let out = site.run();
    let release = &out.assert_code(0).outputs["release-id"];
    let own: Vec<String> = site.all_keys().into_iter().filter(|key| !key.starts_with("site/")).collect();
    let folder = manifests(&site.bucket);
    assert_eq!(own, [current(&site.bucket), format!("{folder}releases/{release}.jsonl.gz")]);
    assert_eq!(site.get(&own[0]).header("cache-control"), Some("no-store"));

    let elsewhere = small_site();
    let state = elsewhere.second_bucket();
    let elsewhere = elsewhere.input("manifest", &format!("s3://{state}/web/shop"));
    elsewhere.run().assert_code(0);
    assert_eq!(elsewhere.all_keys(), elsewhere.keys());
    assert!(raw("GET", &format!("/{state}/web/shop/current.jsonl.gz"), b"").is_success());
}
