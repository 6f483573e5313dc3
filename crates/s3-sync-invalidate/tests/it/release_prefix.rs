//! Releases in folders of their own: what goes up, what is switched, what goes, and what a publication that stops leaves.

mod forgotten;
pub(crate) mod going_back;
mod stopped;

use testkit::RunOutput;
use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use crate::compressed::script;
use crate::publish::{APP, small_site};
use crate::site::{Site, between, create_distribution_with, raw};

const OTHER_APP: &str = "app.1111aaaa2222bbbb.js";

/// A small site that is published so.
pub(crate) fn releases() -> Site {
    small_site().input("mode", "release-prefix").input("adopt-origin-path", "true")
}

pub(crate) fn config(distribution: &str) -> String {
    raw("GET", &format!("/2020-05-31/distribution/{distribution}/config"), b"").to_text()
}

pub(crate) fn origin_path(distribution: &str) -> String {
    between(&config(distribution), "<OriginPath>", "</OriginPath>").first().cloned().unwrap_or_default()
}

/// What the distribution shows at `path`.
pub(crate) fn shown(site: &Site, path: &str) -> Reply {
    site.get(&format!("{}/{path}", origin_path(&site.distribution).trim_start_matches('/')))
}

/// The ids of the releases that have a folder.
pub(crate) fn folders(site: &Site) -> Vec<String> {
    let below = |key: &String| Some(key.strip_prefix("site/releases/")?.split('/').next()?.to_owned());
    let mut ids: Vec<String> = site.keys().iter().filter_map(below).collect();
    ids.dedup();
    ids
}

fn copies(requests: &[Request]) -> usize {
    requests.iter().filter(|request| request.header("x-amz-copy-source").is_some()).count()
}

pub(crate) fn is_update(request: &Request) -> bool {
    request.method == "PUT" && request.path.ends_with("/config")
}

#[track_caller]
pub(crate) fn refused(out: &RunOutput, code: &str) {
    out.assert_code(2);
    assert!(out.stdout.contains(code), "{code} not in\n{}", out.stdout);
}

#[test]
fn a_release_is_switched_to_and_the_next_one_is_mostly_copied() {
    let site = releases().input("wait", "true");
    site.put("site/foreign.txt", b"foreign");
    site.put("site2/releases/20200101T000000Z-00000000/x", b"neighbor");
    let out = site.run();
    out.assert_code(0);
    let first = out.outputs["release-id"].clone();
    assert_eq!(origin_path(&site.distribution), format!("/site/releases/{first}"));
    assert_eq!(shown(&site, "index.html").to_text(), "<html>one");
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("4", "/*"));
    assert!(out.summary.contains(&format!("Live is release `{first}`")), "{}", out.summary);

    let again = site.run();
    again.assert_code(0);
    assert!(again.summary.contains("already done"), "{}", again.summary);
    assert_eq!((site.changes(), again.outputs["changed"].as_str()), (Vec::new(), "false"));
    assert_eq!(site.requests().len(), 5, "the manifest, the release, all releases, the notes, the distribution");

    site.write("index.html", "<html>two");
    let out = site.run_with(&["--cache-control=*.svg: no-store"]);
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["unchanged"].as_str()), ("1", "3"));
    assert_eq!(out.outputs["paths-invalidated"], "/\n/favicon.svg\n/index.html");
    assert_eq!(copies(&site.requests()), 3);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>two");
    for (path, kind, kept) in [
        (APP, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("favicon.svg", "image/svg+xml", "no-store"),
        ("docs/index.html", "text/html; charset=utf-8", "no-cache"),
    ] {
        let object = shown(&site, path);
        assert!(object.header("content-type").unwrap().starts_with(kind.split(';').next().unwrap()), "{path}");
        assert_eq!(object.header("cache-control"), Some(kept), "{path}");
        assert!(object.header("x-amz-meta-slipway-md5").is_some(), "{path}");
    }
    // What is not the releases' stays as it is.
    assert_eq!(site.get(&format!("site/releases/{first}/index.html")).to_text(), "<html>one");
    assert_eq!(site.get("site/foreign.txt").to_text(), "foreign");
    assert_eq!(site.get("site2/releases/20200101T000000Z-00000000/x").to_text(), "neighbor");
    assert!(site.keys().iter().all(|key| !key.contains(".slipway")), "{:?}", site.keys());
    site.run_with(&["--cache-control=*.svg: no-store"]).assert_code(0);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn nothing_of_the_configuration_changes_but_the_origin_path() {
    let site = releases();
    let more = "<CustomErrorResponses><Quantity>1</Quantity><Items><CustomErrorResponse><ErrorCode>404</ErrorCode>\
                <ResponsePagePath>/a&amp;b.html</ResponsePagePath><ResponseCode>200</ResponseCode></CustomErrorResponse></Items>\
                </CustomErrorResponses><PriceClass>PriceClass_100</PriceClass>";
    let distribution = create_distribution_with(&site.bucket, "/site", more);
    let site = site.input("distribution-id", &distribution);
    let before = config(&distribution);
    // What is read has a comment and odd space, and what is written has them too.
    let marked = |text: &str| text.replace("<Origins>", "<!-- <OriginPath>/no</OriginPath> -->\n  <Origins  >");
    let rewritten = move |_: &Request, reply: Reply| {
        Reply::xml(200, marked(&reply.to_text())).with_header("etag", reply.header("etag").unwrap())
    };
    site.proxy.faults().add(Fault::rewrite(rewritten).on("GET", &format!("*/{distribution}/config")).always());
    let out = site.run();
    out.assert_code(0);
    let now = format!("<OriginPath>/site/releases/{}</OriginPath>", out.outputs["release-id"]);
    let sent = site.requests().into_iter().find(is_update).unwrap();
    assert_eq!(sent.text(), marked(&before).replace("<OriginPath>/site</OriginPath>", &now));
    // The emulator keeps the space, and no comments.
    let kept = config(&distribution).replace("\n  <Origins>", "<Origins>");
    assert_eq!(kept, before.replace("<OriginPath>/site</OriginPath>", &now));
}

#[test]
fn a_copy_that_is_not_made_any_more_is_in_no_new_release() {
    let site = releases().input("compress", "gzip-siblings, brotli-siblings");
    site.write("site.css", script("old"));
    site.run().assert_code(0);
    assert!(["site.css.br", "site.css.gz"].iter().all(|path| shown(&site, path).is_success()));
    let site = site.input("compress", "gzip-siblings");
    site.write("site.css", script("new"));
    site.run().assert_code(0);
    let now = ["site.css", "site.css.br", "site.css.gz"].map(|path| shown(&site, path).status);
    assert_eq!(now, [200, 404, 200]);
    assert_eq!(shown(&site, "site.css").to_text(), script("new"));
}

#[test]
fn pages_that_are_open_still_get_their_chunks() {
    let site = releases();
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    site.write(OTHER_APP, "other");
    site.remove(APP);
    let out = site.run();
    out.assert_code(0);
    // And those from edges that do not know of the switch yet get the new one.
    let early = site.get(&format!("site/releases/{first}/{OTHER_APP}"));
    assert_eq!((early.status, early.to_text()), (200, "other".to_owned()));
    assert_eq!(early.header("cache-control"), Some("public, max-age=31536000, immutable"));
    // Tags are never taken along: that takes a right which is not printed.
    let requests = site.requests();
    let copies = requests.iter().filter(|request| request.header("x-amz-copy-source").is_some());
    assert!(copies.clone().count() > 3);
    assert!(copies.clone().all(|request| request.header("x-amz-tagging-directive") == Some("REPLACE")));
    assert_eq!((shown(&site, APP).to_text(), shown(&site, OTHER_APP).to_text()), ("app".into(), "other".into()));
    assert_eq!(out.outputs["paths-invalidated"], "");
    site.write("index.html", "<html>three");
    site.run().assert_code(0);
    assert_eq!((shown(&site, APP).status, shown(&site, OTHER_APP).status), (404, 200));
}

#[test]
fn old_releases_go_and_no_others() {
    let site = releases();
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    let orphan = "site/releases/20200101T000000Z-00000000/index.html";
    site.put(orphan, b"orphan");
    site.write("index.html", "<html>two");
    let second = site.run().assert_code(0).outputs["release-id"].clone();
    site.write("index.html", "<html>three");
    let out = site.run();
    let third = out.assert_code(0).outputs["release-id"].clone();
    let mut left = ["20200101T000000Z-00000000", second.as_str(), third.as_str()];
    // Those of one second are in no order.
    left.sort_unstable();
    assert_eq!(folders(&site), left);
    assert!(out.summary.contains(&format!("No longer kept: `{first}`")), "{}", out.summary);
    assert!(out.summary.contains("20200101T000000Z-00000000"), "{}", out.summary);
    // One that may not delete says so, and the next one does it.
    site.write("index.html", "<html>four");
    let denied = Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).on("POST", &format!("/{}*", site.bucket)).always());
    let out = site.run();
    out.assert_code(0);
    assert!(
        out.stdout.contains("is not deleted as a whole") && out.stdout.contains("s3:DeleteObject"),
        "{}",
        out.stdout
    );
    assert!(folders(&site).contains(&second));
    site.proxy.faults().clear();
    site.run().assert_code(0);
    assert!(!folders(&site).contains(&second), "{:?}", folders(&site));
    assert_eq!(site.get(orphan).to_text(), "orphan");
}

#[test]
fn nothing_goes_that_edges_may_still_read() {
    let site = releases();
    let publish = |page: &str| {
        site.write("index.html", format!("<html>{page}"));
        let out = site.run();
        out.assert_code(0);
        (out, folders(&site).len())
    };
    publish("one");
    publish("two");
    let spreads = |_: &Request, reply: Reply| {
        let etag = reply.header("etag").unwrap_or_default().to_owned();
        let text = reply.to_text().replace("<Status>Deployed<", "<Status>InProgress<");
        Reply::xml(reply.status, text).with_header("etag", &etag)
    };
    site.proxy
        .faults()
        .add(Fault::rewrite(spreads).on("GET", &format!("*/distribution/{}", site.distribution)).always());
    let (out, left) = publish("three");
    assert!(out.stderr.contains("old releases are not deleted yet"), "{}", out.stderr);
    assert!(!out.summary.contains("old release deleted") && left == 3, "{}", out.summary);
    assert_eq!(publish("four").1, 4);
    site.proxy.faults().clear();
    // Which needs nothing to publish.
    site.run().assert_code(0);
    assert_eq!(folders(&site).len(), 2);
}

#[test]
fn an_origin_path_that_is_not_ours_is_left_alone() {
    let site = small_site().input("mode", "release-prefix");
    refused(&site.run(), "title=s3-sync-invalidate/switch-not-allowed");
    let whole = site.second_distribution();
    let site = site.input("adopt-origin-path", "true").input("distribution-id", &whole);
    let out = site.run();
    refused(&out, "title=s3-sync-invalidate/origin-path-foreign");
    assert!(out.stderr.contains("its origin path is ``"), "{}", out.stderr);
    assert_eq!((site.all_keys(), origin_path(&whole)), (Vec::new(), String::new()));
    let out = site.run_with(&[&format!("--distribution-id={}", site.distribution), "--dry-run"]);
    out.assert_code(0);
    assert!(out.summary.contains("The origin path would be switched to `/site/releases/"), "{}", out.summary);
    assert_eq!((site.all_keys(), origin_path(&site.distribution)), (Vec::new(), "/site".to_owned()));
}

#[test]
fn the_first_release_is_made_by_who_may_not_list_the_whole_bucket() {
    let site = releases();
    // So S3 answers of what is not there.
    let denied = |_: &Request, reply: Reply| match reply.status {
        404 => Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"),
        _ => reply,
    };
    site.proxy.faults().add(Fault::rewrite(denied).on("GET", &format!("/{}/*", site.bucket)).always());
    site.run().assert_code(0);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>one");
    site.write("index.html", "<html>two");
    site.run().assert_code(0);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>two");
    // Who shows a release has a manifest, which must be readable.
    site.proxy.faults().clear();
    let lost = |_: &Request, _: Reply| Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::rewrite(lost).on("GET", "*/current.jsonl.gz").always());
    let out = site.run();
    out.assert_code(1);
    assert!(out.stdout.contains("access-denied") && site.changes().is_empty(), "{}", out.stdout);
}

#[test]
fn a_site_is_published_in_one_mode() {
    let site = releases();
    site.run().assert_code(0);
    let keys = site.all_keys();
    site.write("index.html", "<html>two");
    refused(&site.run_with(&["--mode=in-place", "--adopt-origin-path=false"]), "title=s3-sync-invalidate/other-mode");
    site.remove("index.html");
    refused(&site.run(), "title=s3-sync-invalidate/empty-release");
    assert_eq!(site.all_keys(), keys);
    for (flag, problem) in [
        ("--delete", "a release holds nothing but the source"),
        ("--trust-manifest", "is not possible with `mode: release-prefix`"),
        ("--manifest=none", "cannot be `none`"),
        ("--invalidation=tags", "is not possible by `tags`"),
        ("--prefix=a b", "has characters that an origin path cannot carry"),
        ("--mode=atomic", "not `in-place` or `release-prefix`"),
        ("--mode=in-place", "is for `mode: release-prefix` only"),
    ] {
        let out = site.run_with(&[flag]);
        refused(&out, "invalid-input");
        assert!(out.stderr.contains(problem), "{problem} not in\n{}", out.stderr);
    }
    let out = small_site().input("mode", "release-prefix").input("distribution-id", "").run();
    refused(&out, "invalid-input");
    assert!(out.stderr.contains("nobody would see the release"), "{}", out.stderr);
}

#[test]
fn releases_are_nothing_that_a_publication_in_place_deletes() {
    let site = small_site();
    let release = "site/releases/20200101T000000Z-00000000/index.html";
    site.put(release, b"release");
    site.put("site/releases/v1.html", b"page");
    site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0", "--max-delete=100"]).assert_code(0);
    assert!(site.keys().contains(&release.to_owned()) && !site.keys().contains(&"site/releases/v1.html".to_owned()));
}
