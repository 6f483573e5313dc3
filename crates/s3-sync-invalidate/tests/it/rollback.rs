//! Going back to a release: what comes back, what goes, what is refused, and that nothing is ever lost.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};

use testkit::fault::Fault;
use testkit::http::{Reply, Request};
use testkit::{FakeRunner, RunOutput};

use crate::publish::{APP, small_site};
use crate::site::{Site, between, current, emulator, manifests, raw, unescape};

const OTHER_APP: &str = "app.1111aaaa2222bbbb.js";

/// Has the bucket keep versions, or not any longer.
pub(crate) fn versioning(bucket: &str, status: &str) {
    let body = format!(
        "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Status>{status}</Status></VersioningConfiguration>"
    );
    assert!(raw("PUT", &format!("/{bucket}?versioning"), body.as_bytes()).is_success());
}

/// A site whose bucket keeps versions, with two releases; the ids of both.
pub(crate) fn two_releases() -> (Site, String, String) {
    let site = small_site().input("delete", "true").input("keep-releases", "0");
    versioning(&site.bucket, "Enabled");
    let (first, second) = publish_two(&site);
    (site, first, second)
}

/// The second release has another page, an asset more, one less, and other headers on one.
fn publish_two(site: &Site) -> (String, String) {
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    site.write("index.html", "<html>two");
    site.write("new.html", "<html>new");
    site.write(OTHER_APP, "other app");
    site.remove(APP);
    let second = site.run_with(&["--cache-control=*.svg: no-store"]).assert_code(0).outputs["release-id"].clone();
    (first, second)
}

/// What visitors get of a site: each key with its content and the headers that count.
pub(crate) fn content(site: &Site) -> Vec<String> {
    let shown = |key: &String| {
        let object = site.get(key);
        let header = |name| object.header(name).unwrap_or_default().to_owned();
        format!("{key}: {}; {}; {}", object.to_text(), header("content-type"), header("cache-control"))
    };
    site.keys().iter().map(shown).collect()
}

pub(crate) fn rollback(site: &Site, flags: &[&str]) -> RunOutput {
    rollback_as(site, "100", flags)
}

fn rollback_as(site: &Site, run: &str, flags: &[&str]) -> RunOutput {
    let runner = FakeRunner::new()
        .envs(emulator(&site.bucket).env())
        .env("AWS_ENDPOINT_URL", site.proxy.url())
        .env("GITHUB_RUN_ID", run)
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution);
    let arguments: Vec<&str> = std::iter::once("rollback").chain(flags.iter().copied()).collect();
    runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments)
}

/// Every version that the bucket keeps, as its key and its id; markers of deletes are none.
fn versions(bucket: &str) -> BTreeSet<(String, String)> {
    let listing = raw("GET", &format!("/{bucket}?versions&max-keys=1000"), b"").to_text();
    let one = |text: &String| {
        (unescape(&between(text, "<Key>", "</Key>")[0]), between(text, "<VersionId>", "</VersionId>")[0].clone())
    };
    between(&listing, "<Version>", "</Version>").iter().map(one).collect()
}

#[track_caller]
fn refused(out: &RunOutput, code: &str, parts: &[&str]) {
    out.assert_code(2);
    assert!(out.stdout.contains(code), "{code} not in\n{}", out.stdout);
    for part in parts {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
}

#[test]
fn a_release_comes_back_as_it_was_and_nothing_is_lost() {
    let site = small_site().input("delete", "true").input("keep-releases", "0");
    versioning(&site.bucket, "Enabled");
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    let before = content(&site);
    site.write("index.html", "<html>two");
    site.write("new.html", "<html>new");
    site.write(OTHER_APP, "other app");
    site.remove(APP);
    site.run_with(&["--cache-control=*.svg: no-store"]).assert_code(0);
    let after = content(&site);
    let kept = versions(&site.bucket);
    let seen = site.invalidations().len();

    let dry = rollback(&site, &["--keep-releases=0", "--dry-run"]);
    dry.assert_code(0);
    for part in ["would take", "3 objects restored", "2 deleted", first.as_str()] {
        assert!(
            dry.stderr.contains(part) || dry.stdout.contains(part),
            "{part} not in\n{}\n{}",
            dry.stdout,
            dry.stderr
        );
    }
    assert_eq!((content(&site), versions(&site.bucket)), (after.clone(), kept.clone()));

    let out = rollback(&site, &["--keep-releases=0", "--wait"]);
    out.assert_code(0);
    assert_eq!(content(&site), before);
    assert!(versions(&site.bucket).is_superset(&kept));
    assert_eq!(out.outputs["rolled-back-to"], first);
    assert_ne!(out.outputs["release-id"], first);
    assert_eq!((out.outputs["restored"].as_str(), out.outputs["deleted"].as_str()), ("3", "2"));
    assert_eq!((out.outputs["unchanged"].as_str(), out.outputs["changed"].as_str()), ("1", "true"));
    let changed = format!("{OTHER_APP}\n{APP}\nfavicon.svg\nindex.html\nnew.html");
    assert_eq!(out.outputs["changed-paths"], changed);
    let told = site.invalidations();
    assert_eq!(told.len(), seen + 1);
    assert_eq!(out.outputs["paths-invalidated"], format!("/\n/{OTHER_APP}\n/favicon.svg\n/index.html\n/new.html"));
    assert!(out.summary.contains("back at release"), "{}", out.summary);
    assert!(!site.keys().iter().any(|key| key.contains(".slipway")), "the note is settled");

    let again = rollback(&site, &[&format!("--to={first}")]);
    assert_eq!(again.assert_code(0).outputs["changed"], "false");
    assert!(again.summary.contains("already there"), "{}", again.summary);
    let same_run = rollback(&site, &[]);
    assert_eq!(same_run.assert_code(0).outputs["changed"], "false", "a run that is repeated goes no further back");

    let forth = rollback_as(&site, "101", &["--keep-releases=0", "--to=2999-01-01T00:00:00Z"]);
    assert_eq!(forth.assert_code(0).outputs["changed"], "false", "the present release is the newest");
    site.run_with(&["--cache-control=*.svg: no-store"]).assert_code(0);
    assert_eq!(content(&site), after, "a publication after a rollback finds out what is there");
}

#[test]
fn going_there_and_back_ends_where_it_began() {
    let (site, first, second) = two_releases();
    let there = content(&site);
    rollback_as(&site, "100", &[&format!("--to={first}")]).assert_code(0);
    let back = rollback_as(&site, "101", &[&format!("--to={second}"), "--keep-releases=0"]);
    assert_eq!(back.assert_code(0).outputs["rolled-back-to"], second);
    assert_eq!(content(&site), there);
    let previous = rollback_as(&site, "102", &["--keep-releases=0"]);
    assert_eq!(previous.assert_code(0).outputs["rolled-back-to"], first, "of the release that it went back to");
    refused(
        &rollback_as(&site, "103", &[]),
        "s3-rollback/nothing-before",
        &["no release before the present one", "a rollback to", first.as_str(), "nothing was changed"],
    );
}

#[test]
fn assets_of_the_release_that_is_left_stay_for_open_tabs() {
    let (site, ..) = two_releases();
    let out = rollback(&site, &[]);
    assert_eq!(out.assert_code(0).outputs["deleted"], "1");
    assert!(site.keys().contains(&format!("site/{OTHER_APP}")) && !site.keys().contains(&"site/new.html".to_owned()));
}

#[test]
fn what_others_put_there_stays() {
    let (site, ..) = two_releases();
    site.put("site/theirs.html", b"theirs");
    rollback(&site, &["--keep-releases=0"]).assert_code(0);
    assert!(site.keys().contains(&"site/theirs.html".to_owned()));
}

#[test]
fn without_versions_nothing_is_changed_and_the_remedy_is_told() {
    let site = small_site().input("delete", "true").input("keep-releases", "0");
    let (first, _) = publish_two(&site);
    let before = (content(&site), site.all_keys());
    refused(
        &rollback(&site, &[]),
        "s3-rollback/not-versioned",
        &[
            "keeps no versions, so 3 objects of release",
            "`app.45d844a759a9e983.js`, `favicon.svg`, `index.html`",
            first.as_str(),
            "switch the bucket's versioning on",
        ],
    );
    assert_eq!((content(&site), site.all_keys()), before);
}

#[test]
fn without_versions_a_release_that_had_less_comes_back_and_what_it_did_not_have_stays() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("new.html", "<html>new");
    site.run().assert_code(0);
    let before = versions(&site.bucket);
    let out = rollback(&site, &[]);
    assert_eq!(out.assert_code(0).outputs["deleted"], "0");
    assert!(out.stdout.contains("::warning") && out.stdout.contains("keeps no versions"), "{}", out.stdout);
    assert!(site.keys().contains(&"site/new.html".to_owned()));
    assert!(versions(&site.bucket).is_superset(&before));
}

#[test]
fn where_versioning_is_suspended_nothing_that_would_be_lost_is_overwritten() {
    let (site, ..) = two_releases();
    versioning(&site.bucket, "Suspended");
    site.write("index.html", "<html>three");
    site.run().assert_code(0);
    let before = versions(&site.bucket);
    refused(&rollback(&site, &[]), "s3-rollback/not-versioned", &["`index.html`"]);
    assert_eq!(versions(&site.bucket), before);
}

#[test]
fn a_version_that_expired_keeps_everything_as_it_is() {
    let (site, first, _) = two_releases();
    let page = versions(&site.bucket).into_iter().filter(|(key, _)| key == "site/index.html");
    let now = raw("HEAD", &format!("/{}/site/index.html", site.bucket), b"");
    let now = now.header("x-amz-version-id").unwrap().to_owned();
    for (key, version) in page.filter(|(_, version)| *version != now) {
        assert!(raw("DELETE", &format!("/{}/{key}?versionId={version}", site.bucket), b"").is_success());
    }
    let before = content(&site);
    refused(
        &rollback(&site, &[]),
        "s3-rollback/version-gone",
        &[&format!("1 object of release {first} cannot come back: `index.html`"), "keep old versions longer"],
    );
    assert_eq!(content(&site), before);
}

#[test]
fn what_another_run_owes_does_not_keep_from_going_further_back() {
    let (site, ..) = two_releases();
    site.write("index.html", "<html>three");
    site.run().assert_code(0);
    rollback_as(&site, "100", &[]).assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    let note = "site/.slipway/invalidation-due-0123456789abcdef0123456789abcdef.json";
    site.put(note, br#"{"version":1,"keys":["site/index.html"],"run":"0123"}"#);
    rollback_as(&site, "101", &[]).assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
    assert!(site.keys().contains(&note.to_owned()));
}

#[test]
fn a_release_that_nobody_knows_is_told_with_those_that_are() {
    let (site, first, second) = two_releases();
    let unknown = rollback(&site, &["--to=20200101T000000Z-00000000"]);
    refused(&unknown, "s3-rollback/release-not-found", &["20200101T000000Z-00000000", &first, &second, "commit "]);
    let early = rollback(&site, &["--to=2020-01-01T00:00:00Z"]);
    refused(&early, "s3-rollback/nothing-before", &["no release before 2020-01-01T00:00:00Z", &first]);
    let odd = rollback(&site, &["--to=yesterday"]);
    odd.assert_code(2);
    assert!(odd.stderr.contains("not `previous`, a release's id"), "{}", odd.stderr);
}

#[test]
fn without_a_manifest_there_is_no_history() {
    let site = Site::new();
    versioning(&site.bucket, "Enabled");
    refused(
        &rollback(&site, &[]),
        "s3-rollback/no-history",
        &["nothing lies at", "the same `bucket`, `prefix` and `manifest`"],
    );
    let none = rollback(&site, &["--manifest=none"]);
    none.assert_code(2);
    assert!(none.stderr.contains("a rollback needs one"), "{}", none.stderr);
    assert!(raw("PUT", &format!("/{}/{}", site.bucket, current(&site.bucket)), b"hello").is_success());
    refused(&rollback(&site, &[]), "s3-rollback/no-history", &["is no manifest"]);
    let denied = Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).on("GET", "*/current.jsonl.gz"));
    let out = rollback(&site, &[]);
    out.assert_code(1);
    assert!(out.stdout.contains("aws/access-denied"), "{}", out.stdout);
    assert!(out.stderr.contains("says this of what is not there"), "{}", out.stderr);
}

/// The key of a release's own manifest.
fn manifest_of(site: &Site, release: &str) -> String {
    format!("/{}/{}releases/{release}.jsonl.gz", site.bucket, manifests(&site.bucket))
}

#[test]
fn a_release_whose_manifest_is_gone_cannot_be_gone_back_to() {
    let (site, first, _) = two_releases();
    assert!(raw("DELETE", &manifest_of(&site, &first), b"").is_success());
    let out = rollback(&site, &[]);
    refused(&out, "s3-rollback/release-unreadable", &["does not say what release", &first, "name another release"]);
}

#[test]
fn an_object_that_is_too_large_to_be_copied_is_named() {
    let (site, first, _) = two_releases();
    let packed = raw("GET", &manifest_of(&site, &first), b"").body;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let is_page = |line: &str| line.contains("\"path\":\"index.html\"");
    let large = |line: &str| line.replace("\"size\":9", "\"size\":6000000000");
    let lines = text.lines().map(|line| if is_page(line) { large(line) } else { line.to_owned() });
    let lines = lines.collect::<Vec<_>>().join("\n") + "\n";
    assert_ne!(lines, text);
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(lines.as_bytes()).unwrap();
    assert!(raw("PUT", &manifest_of(&site, &first), &out.finish().unwrap()).is_success());
    let out = rollback(&site, &[]);
    refused(&out, "s3-rollback/too-large", &["larger than 5 GiB: `index.html`", "publish the older commit again"]);
}

#[test]
fn an_error_inside_of_a_good_answer_is_an_error() {
    let (site, ..) = two_releases();
    let before = site.get("site/index.html").to_text();
    let error = Reply::xml(200, "<Error><Code>InvalidRequest</Code><Message>no</Message></Error>");
    let is_copy = |request: &Request| request.header("x-amz-copy-source").is_some();
    site.proxy.faults().add(Fault::reply(error).on("PUT", "*/favicon.svg").matching(is_copy).always());
    let out = rollback(&site, &[]);
    out.assert_code(1);
    assert!(out.stdout.contains("s3-sync-invalidate/incomplete"), "{}", out.stdout);
    assert_eq!(site.get("site/index.html").to_text(), before, "pages come last");
    site.proxy.faults().clear();
    assert_eq!(rollback(&site, &[]).assert_code(0).outputs["changed"], "true");
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
}

#[test]
fn who_is_overtaken_does_not_go_on_with_another_plan() {
    let (site, ..) = two_releases();
    let (bucket, number) = (site.bucket.clone(), std::sync::atomic::AtomicU32::new(0));
    let another = move |_: &Request, reply: Reply| {
        if number.fetch_add(1, std::sync::atomic::Ordering::Relaxed) == 0 {
            let other = FakeRunner::new()
                .envs(emulator(&bucket).env())
                .input("source", "dist")
                .input("bucket", &bucket)
                .input("prefix", "site")
                .file("dist/index.html", "<html>theirs");
            other.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        }
        reply
    };
    site.proxy.faults().add(Fault::rewrite(another).on("PUT", &format!("/{}/site/.slipway/*", site.bucket)));
    let out = rollback(&site, &[]);
    out.assert_code(1);
    assert!(out.stderr.contains("another publication changed the site meanwhile"), "{}", out.stderr);
    assert_eq!(site.get("site/index.html").to_text(), "<html>theirs");
}

mod carried;
