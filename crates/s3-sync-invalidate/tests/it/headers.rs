//! What the objects are published with, as anybody sees it who asks for them.

use testkit::RunOutput;

use crate::compressed::script;
use crate::publish::APP;
use crate::site::Site;

/// The first bytes of gzip's and Zstandard's files.
pub(crate) const GZIP: &[u8] = b"\x1F\x8B\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0";
const ZSTD: &[u8] = b"\x28\xB5\x2F\xFD\x20\0\x01\0\0";

/// An object's header; empty when it has none.
pub(crate) fn header(site: &Site, path: &str, name: &str) -> String {
    let reply = site.get(path);
    assert!(reply.is_success(), "{path}: {}", reply.to_text());
    reply.header(name).unwrap_or_default().to_owned()
}

#[track_caller]
pub(crate) fn check(site: &Site, path: &str, expect: &[(&str, &str)]) {
    for (name, value) in expect {
        assert_eq!(header(site, path, name), *value, "{name} of {path}");
    }
}

/// A run that finds nothing to do, also when it looks at each object's headers.
#[track_caller]
pub(crate) fn check_settled(site: &Site) {
    for flags in [&[] as &[&str], &["--check-headers"]] {
        let out = site.run_with(flags);
        out.assert_code(0);
        assert_eq!(out.outputs["changed"], "false", "{flags:?}\n{}", out.summary);
    }
}

#[track_caller]
pub(crate) fn published(site: &Site) -> RunOutput {
    let out = site.run();
    out.assert_code(0);
    out
}

#[test]
fn compressed_files_say_so_and_downloads_do_not() {
    let site = Site::new();
    site.write("index.html", GZIP);
    site.write("app.js", "plain");
    site.write("app.js.gz", GZIP);
    site.write("app.js.br", "brotli has no first bytes");
    site.write("app.css", ZSTD);
    site.write("site.tar.gz", GZIP);
    site.write("data.csv.gz", GZIP);
    published(&site);
    let script = "text/javascript; charset=utf-8";
    check(&site, "site/index.html", &[("content-type", "text/html; charset=utf-8"), ("content-encoding", "gzip")]);
    check(&site, "site/app.js", &[("content-type", script), ("content-encoding", "")]);
    check(&site, "site/app.js.gz", &[("content-type", script), ("content-encoding", "gzip")]);
    check(&site, "site/app.js.br", &[("content-type", script), ("content-encoding", "br")]);
    check(&site, "site/app.css", &[("content-type", "text/css; charset=utf-8"), ("content-encoding", "zstd")]);
    check(&site, "site/site.tar.gz", &[("content-type", "application/gzip"), ("content-encoding", "")]);
    check(&site, "site/data.csv.gz", &[("content-type", "application/gzip"), ("content-encoding", "")]);
    assert_eq!(site.get("site/app.js.gz").body.as_ref(), GZIP);
    check_settled(&site);

    let site = site.input("content-encoding", "off");
    let out = site.run_with(&["--check-headers"]);
    out.assert_code(0);
    assert_eq!(out.outputs["uploaded"], "4", "{}", out.summary);
    check(&site, "site/app.js.gz", &[("content-type", "application/gzip"), ("content-encoding", "")]);
    check(&site, "site/index.html", &[("content-encoding", "")]);
}

#[test]
fn everything_that_is_asked_for_arrives_and_settles() {
    let site = Site::new()
        .input("content-disposition", "downloads/**: attachment")
        .input("content-language", "de/**: de")
        .input("metadata", "Owner=web team\n*.html: kind=page")
        .input("tags", "cost center=a+b\nde/**: lang=de")
        .input("storage-class", "downloads/**: STANDARD_IA")
        .input("sse", "aws:kms")
        .input("kms-key-id", "1234abcd-12ab-34cd-56ef-1234567890ab");
    site.write("index.html", "<html>");
    site.write("de/index.html", "<html>de");
    site.write("downloads/a.pdf", "%PDF");
    published(&site);
    check(
        &site,
        "site/index.html",
        &[
            ("x-amz-meta-owner", "web team"),
            ("x-amz-meta-kind", "page"),
            ("x-amz-server-side-encryption", "aws:kms"),
            ("x-amz-server-side-encryption-aws-kms-key-id", "1234abcd-12ab-34cd-56ef-1234567890ab"),
            ("content-disposition", ""),
            ("content-language", ""),
            ("x-amz-storage-class", ""),
            ("x-amz-tagging-count", "1"),
        ],
    );
    check(&site, "site/de/index.html", &[("content-language", "de"), ("x-amz-tagging-count", "2")]);
    let tags = site.get("site/de/index.html?tagging").to_text();
    for tag in ["<Key>cost center</Key><Value>a+b</Value>", "<Key>lang</Key><Value>de</Value>"] {
        assert!(tags.contains(tag), "{tags}");
    }
    let download =
        [("content-disposition", "attachment"), ("x-amz-storage-class", "STANDARD_IA"), ("x-amz-meta-kind", "")];
    check(&site, "site/downloads/a.pdf", &download);
    let puts = || site.requests().into_iter().filter(|request| request.method == "PUT");
    assert!(puts().filter(|request| !request.path.contains(".slipway")).count() == 3);
    for put in puts() {
        let enabled = put.header("x-amz-server-side-encryption-bucket-key-enabled");
        assert!(
            enabled.is_some(),
            "notes and the manifest too, as buckets refuse what is not encrypted: {}",
            put.line()
        );
        assert_eq!(put.header("x-amz-acl"), None, "no ACL unless asked for");
    }
    check_settled(&site);

    let site = site.input("metadata", "owner=other");
    let out = site.run_with(&["--check-headers"]);
    out.assert_code(0);
    assert_eq!(out.outputs["uploaded"], "3", "{}", out.summary);
    check(&site, "site/index.html", &[("x-amz-meta-owner", "other"), ("x-amz-meta-kind", "")]);
    check_settled(&site);
}

#[test]
fn an_acl_and_double_encryption_are_sent_when_asked_for() {
    let site = Site::new()
        .input("acl", "*.html: public-read\n**: bucket-owner-full-control")
        .input("sse", "aws:kms:dsse")
        .input("kms-key-id", "alias/site");
    site.write("index.html", "<html>");
    site.write("a.css", "a");
    // The emulator knows no double encryption.
    let accepted = |_: &testkit::http::Request, _| testkit::http::Reply::new(200).with_header("etag", "\"x\"");
    site.proxy.faults().add(testkit::Fault::rewrite(accepted).on("PUT", "*").always());
    published(&site);
    let requests = site.requests();
    let put = |end: &str| requests.iter().find(|r| r.method == "PUT" && r.path.ends_with(end)).unwrap();
    assert_eq!(put("index.html").header("x-amz-acl"), Some("public-read"));
    assert_eq!(put("a.css").header("x-amz-acl"), Some("bucket-owner-full-control"));
    for own in requests.iter().filter(|request| request.method == "PUT" && request.path.contains(".slipway")) {
        assert_eq!(own.header("x-amz-acl"), Some("bucket-owner-full-control"), "{}", own.line());
    }
    for name in ["index.html", "a.css"] {
        assert_eq!(put(name).header("x-amz-server-side-encryption"), Some("aws:kms:dsse"));
        assert_eq!(put(name).header("x-amz-server-side-encryption-aws-kms-key-id"), Some("alias/site"));
        assert_eq!(put(name).header("x-amz-server-side-encryption-bucket-key-enabled"), None);
    }
}

#[test]
fn a_redirect_is_an_object_like_any_other() {
    let site = Site::new().input("redirects", "/old.html: /new.html\n/docs/: https://docs.example.com/a?b=c");
    site.write("new.html", "<html>new");
    let out = published(&site);
    assert_eq!(out.outputs["uploaded"], "3");
    assert!(out.summary.contains("follows no redirect"), "{}", out.summary);
    let location = "x-amz-website-redirect-location";
    check(&site, "site/old.html", &[(location, "/new.html"), ("content-type", "text/html; charset=utf-8")]);
    check(&site, "site/docs/index.html", &[(location, "https://docs.example.com/a?b=c"), ("content-length", "0")]);
    check_settled(&site);

    let site = site.input("redirects", "/old.html: /newer.html");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["deleted"].as_str()), ("1", "1"));
    assert_eq!(out.outputs["paths-invalidated"], "/docs/index.html\n/old.html");
    check(&site, "site/old.html", &[(location, "/newer.html")]);
    assert_eq!(site.keys(), ["site/new.html", "site/old.html"]);
}

#[test]
fn pages_may_be_stored_without_their_extension() {
    let site = Site::new().input("clean-urls", "extensionless").input("cache-control", "/about.html: no-store");
    for (path, content) in
        [("index.html", "start"), ("about.html", "about"), ("404.html", "none"), ("a/v1.2.html", "a")]
    {
        site.write(path, content);
    }
    // A file that nobody can have asked for, so that a wildcard would take something along.
    site.write(APP, "app");
    published(&site);
    let app = format!("site/{APP}");
    assert_eq!(site.keys(), ["site/404.html", "site/a/v1.2", "site/about", app.as_str(), "site/index.html"]);
    check(&site, "site/about", &[("content-type", "text/html; charset=utf-8"), ("cache-control", "no-store")]);
    assert_eq!(site.invalidations(), [["/", "/404.html", "/a/v1.2", "/about", "/index.html"]]);
    check_settled(&site);
    site.write("about.html", "other");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["deleted"].as_str()), ("1", "0"));
    assert_eq!(out.outputs["paths-invalidated"], "/about");
}

#[test]
fn the_page_of_a_folder_may_be_stored_as_the_folder() {
    let site = Site::new().input("clean-urls", "slash").input("exclude", "drafts/index.html");
    site.write("index.html", "start");
    site.write("docs/index.html", "docs");
    site.write("docs/style.css", "css");
    site.put("site/drafts/", b"kept");
    site.put("site/docs/index.html", b"docs");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!(site.keys(), ["site/docs/", "site/docs/style.css", "site/drafts/", "site/index.html"]);
    assert_eq!(site.get("site/docs/").to_text(), "docs");
    check(&site, "site/docs/", &[("content-type", "text/html; charset=utf-8")]);
    assert!(site.invalidations()[0].contains(&"/docs/".to_owned()), "{:?}", site.invalidations());
    check_settled(&site);
    assert_eq!(site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]).outputs["changed"], "false");
}

#[test]
fn names_and_contents_give_types_and_lives() {
    let site = Site::new();
    site.write("sw.js", "worker");
    site.write("sw.45d844a759a9e983.js", "hashed");
    site.write("about", "<!doctype html><title>about</title>");
    site.write("LICENSE", "text without an extension");
    site.write(".well-known/security.txt", "Contact: mailto:a@example.com");
    site.write("font.woff2", "font");
    site.write("mod.mjs", "export {}");
    published(&site);
    let script = "text/javascript; charset=utf-8";
    let page = "text/html; charset=utf-8";
    check(&site, "site/sw.js", &[("content-type", script), ("cache-control", "no-cache")]);
    check(&site, "site/sw.45d844a759a9e983.js", &[("cache-control", "public, max-age=31536000, immutable")]);
    check(&site, "site/about", &[("content-type", page), ("cache-control", "no-cache")]);
    check(&site, "site/LICENSE", &[("content-type", "application/octet-stream")]);
    check(&site, "site/.well-known/security.txt", &[("content-type", "text/plain; charset=utf-8")]);
    check(&site, "site/font.woff2", &[("content-type", "font/woff2")]);
    check(&site, "site/mod.mjs", &[("content-type", script)]);
}

#[test]
fn a_change_of_what_nobody_can_see_is_found_in_the_manifest() {
    let site = Site::new().input("tags", "team=web");
    site.write("index.html", "<html>");
    site.write("app.css", "css");
    published(&site);
    let site = site.input("tags", "team=shop");
    let out = published(&site);
    assert_eq!(out.outputs["uploaded"], "2", "{}", out.summary);
    assert!(site.get("site/index.html?tagging").to_text().contains("<Value>shop</Value>"));
    let site = site.input("acl", "*.css: private");
    assert_eq!(published(&site).outputs["uploaded"], "1");
    check_settled(&site);
}

#[test]
fn a_hash_in_a_name_is_believed_until_the_content_changes_under_it() {
    let site = Site::new();
    let app = format!("site/{APP}");
    let forever = "public, max-age=31536000, immutable";
    site.write(APP, script("one"));
    published(&site);
    check(&site, &app, &[("cache-control", forever), ("content-encoding", "")]);

    // Another form of the same content is no other content.
    let site = site.input("compress", "gzip");
    let out = published(&site);
    assert_eq!(out.outputs["uploaded"], "1");
    check(&site, &app, &[("cache-control", forever), ("content-encoding", "gzip")]);
    assert!(!out.summary.contains("without a new name"), "{}", out.summary);

    site.write(APP, script("two"));
    let out = published(&site);
    assert_eq!(
        (out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()),
        ("1", format!("/{APP}").as_str())
    );
    assert!(out.summary.contains("without a new name"), "{}", out.summary);
    let kept = header(&site, &app, "cache-control");
    assert!(!kept.contains("immutable"), "{kept}");
    check_settled(&site);
    assert_eq!(header(&site, &app, "cache-control"), kept);
}
