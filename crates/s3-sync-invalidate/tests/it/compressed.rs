//! Files that are stored compressed, as a client unpacks them.

use std::io::Read as _;

use crate::headers::{GZIP, check, check_settled, published};
use crate::site::Site;

/// A script that compresses well.
pub(crate) fn script(text: &str) -> String {
    format!("console.log({text:?});\n").repeat(100)
}

fn unpacked(site: &Site, path: &str) -> String {
    let mut text = String::new();
    let body = site.get(path).body;
    flate2::read::GzDecoder::new(body.as_ref()).read_to_string(&mut text).unwrap();
    text
}

fn of_brotli(site: &Site, path: &str) -> String {
    let mut text = Vec::new();
    brotli::BrotliDecompress(&mut site.get(path).body.as_ref(), &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn text_is_stored_compressed_when_asked_for() {
    let site = Site::new().input("compress", "gzip");
    site.write("app.js", script("one"));
    site.write("small.js", "small");
    site.write("photo.png", script("no text by its name"));
    site.write("done.css", GZIP);
    let out = published(&site);
    assert!(out.stderr.contains("compressed: 1 file, "), "{}", out.stderr);
    let kind = "text/javascript; charset=utf-8";
    check(&site, "site/app.js", &[("content-encoding", "gzip"), ("content-type", kind)]);
    assert_eq!(unpacked(&site, "site/app.js"), script("one"));
    check(&site, "site/small.js", &[("content-encoding", "")]);
    check(&site, "site/photo.png", &[("content-encoding", "")]);
    assert_eq!(site.get("site/done.css").body.as_ref(), GZIP);
    check_settled(&site);

    site.write("app.js", script("two"));
    let out = published(&site);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1", "/app.js"));
    assert_eq!(unpacked(&site, "site/app.js"), script("two"));

    let site = site.input("compress", "none");
    let out = published(&site);
    assert_eq!(out.outputs["uploaded"], "1", "{}", out.summary);
    check(&site, "site/app.js", &[("content-encoding", "")]);
    assert_eq!(site.get("site/app.js").to_text(), script("two"));
    check_settled(&site);
}

#[test]
fn compressed_copies_are_files_of_the_site() {
    let site = Site::new().input("compress", "gzip-siblings").input("delete", "true").input("keep-releases", "0");
    site.write("index.html", script("page"));
    site.write("app.45d844a759a9e983.js", script("one"));
    site.write("own.js", script("own"));
    site.write("own.js.gz", GZIP);
    site.write("data.csv", script("a download"));
    published(&site);
    let app = "site/app.45d844a759a9e983.js";
    let copy = format!("{app}.gz");
    let own = "site/own.js.gz";
    assert_eq!(site.keys(), [app, &copy, "site/data.csv", "site/index.html", "site/index.html.gz", "site/own.js", own]);
    assert_eq!((site.get(app).to_text(), unpacked(&site, &copy)), (script("one"), script("one")));
    let kind = "text/javascript; charset=utf-8";
    let forever = "public, max-age=31536000, immutable";
    check(&site, &copy, &[("content-encoding", "gzip"), ("content-type", kind), ("cache-control", forever)]);
    assert_eq!(site.get("site/own.js.gz").body.as_ref(), GZIP, "what the build wrote stays");
    check_settled(&site);

    site.remove("app.45d844a759a9e983.js");
    let out = published(&site);
    assert_eq!(out.outputs["deleted"], "2", "{}", out.summary);
}

#[test]
fn what_was_stored_as_gzip_is_stored_as_brotli_when_asked_for() {
    let site = Site::new().input("compress", "gzip");
    site.write("app.js", script("one"));
    site.write("small.js", "small");
    published(&site);
    let site = site.input("compress", "brotli");
    let out = published(&site);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1", "/app.js"));
    let kind = "text/javascript; charset=utf-8";
    check(&site, "site/app.js", &[("content-encoding", "br"), ("content-type", kind)]);
    check(&site, "site/small.js", &[("content-encoding", "")]);
    assert_eq!(of_brotli(&site, "site/app.js"), script("one"));
    check_settled(&site);
}

#[test]
fn copies_of_both_kinds_lie_beside_a_file() {
    let site = Site::new().input("compress", "gzip-siblings, brotli-siblings").input("delete", "true");
    let site = site.input("keep-releases", "0");
    site.write("index.html", script("page"));
    site.write("site.css", script("style"));
    published(&site);
    let of = |path: &str| ["", ".br", ".gz"].map(|end| format!("site/{path}{end}"));
    assert_eq!(site.keys(), [of("index.html"), of("site.css")].concat());
    check(&site, "site/site.css.br", &[("content-encoding", "br"), ("content-type", "text/css; charset=utf-8")]);
    check(&site, "site/site.css.gz", &[("content-encoding", "gzip"), ("content-type", "text/css; charset=utf-8")]);
    let all = (of_brotli(&site, "site/site.css.br"), unpacked(&site, "site/site.css.gz"));
    assert_eq!(all, (script("style"), script("style")));
    check_settled(&site);

    site.remove("site.css");
    assert_eq!(published(&site).outputs["deleted"], "3");
    assert_eq!(site.keys(), of("index.html"));
}

/// A site with a stylesheet that has copies of both kinds.
fn with_copies() -> Site {
    let site = Site::new().input("compress", "gzip-siblings, brotli-siblings");
    site.write("index.html", "page");
    site.write("site.css", script("old"));
    published(&site);
    assert!(["site/site.css.br", "site/site.css.gz"].iter().all(|key| site.keys().contains(&(*key).to_owned())));
    site
}

#[test]
fn a_copy_that_is_not_made_any_more_does_not_stay_with_old_content() {
    let site = with_copies().input("compress", "gzip-siblings");
    let out = published(&site);
    assert!(!out.stderr.contains("what they were before"), "the copy is right: {}", out.stderr);
    site.write("site.css", script("new"));
    let out = published(&site);
    assert!(out.stdout.contains("beside 1 file lie compressed copies of what they were before"), "{}", out.stdout);
    assert_eq!(unpacked(&site, "site/site.css.gz"), script("new"));
    // Assets of the release before stay, and this is none of its time.
    let out = published(&site.input("delete", "true"));
    assert_eq!(out.outputs["deleted"], "1", "{}", out.summary);
}

#[test]
fn what_cannot_be_compressed_any_more_has_no_copy() {
    let site = with_copies().input("delete", "true");
    site.write("site.css", GZIP);
    published(&site);
    assert_eq!(site.keys(), ["site/index.html", "site/site.css"]);

    let site = with_copies().input("delete", "true").input("redirects", "/site.css: /other.css");
    site.remove("site.css");
    published(&site);
    assert_eq!(site.keys(), ["site/index.html", "site/site.css"]);
    assert_eq!(site.get("site/site.css").to_text(), "");
}

#[test]
fn what_is_sent_again_is_compressed_again() {
    let site = Site::new().input("compress", "brotli");
    site.write("app.js", script("one"));
    published(&site);
    let site = site.input("cache-control", "*.js: private");
    assert_eq!(published(&site).outputs["uploaded"], "1");
    check(&site, "site/app.js", &[("content-encoding", "br"), ("cache-control", "private")]);
    assert_eq!(of_brotli(&site, "site/app.js"), script("one"));
}

#[test]
fn a_run_that_is_cancelled_while_it_compresses_changes_nothing() {
    let site = Site::new().input("compress", "brotli");
    // Words in no order take Brotli about a second a file.
    let mut seed = 1_u32;
    let mut word = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        format!("{:x} ", seed >> 12)
    };
    for number in 0..16 {
        site.write(&format!("{number}.js"), (0..60_000).map(|_| word()).collect::<String>());
    }
    let mut run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
    // It is the last line before.
    run.wait_for_output("bucket: 0 objects");
    run.terminate();
    let out = run.finish();
    out.assert_code(130);
    assert!(!out.stderr.contains("compressed: "), "it was over: {}", out.stderr);
    assert_eq!(site.all_keys(), Vec::<String>::new());
}
