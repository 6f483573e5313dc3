//! What a publication does, from the first one to one of a thousand objects.

use testkit::fault::Fault;

use crate::site::{Site, raw, touch};

pub(crate) const APP: &str = "app.45d844a759a9e983.js";

/// A small site: a hashed asset, another asset, two pages.
pub(crate) fn small_site() -> Site {
    let site = Site::new();
    site.write(APP, "app");
    site.write("favicon.svg", "<svg/>");
    site.write("index.html", "<html>one");
    site.write("docs/index.html", "<html>docs");
    site
}

pub(crate) fn position(changes: &[String], end: &str) -> usize {
    changes.iter().position(|line| line.ends_with(end)).unwrap_or_else(|| panic!("no {end} in {changes:#?}"))
}

#[test]
fn a_first_sync_publishes_and_a_second_has_nothing_to_do() {
    let site = small_site().input("wait", "true");
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["uploaded"], "4");
    assert_eq!(out.outputs["changed"], "true");
    assert_eq!(out.outputs["paths-invalidated"], "/\n/docs/index.html\n/favicon.svg\n/index.html");
    assert!(out.summary.contains("4 files uploaded"), "{}", out.summary);

    let mut expect = [format!("site/{APP}"), "site/favicon.svg".into(), "site/index.html".into()].to_vec();
    expect.push("site/docs/index.html".into());
    expect.sort();
    assert_eq!(site.keys(), expect);
    let page = site.get("site/index.html");
    assert_eq!(page.to_text(), "<html>one");
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("cache-control"), Some("no-cache"));
    let asset = site.get(&format!("site/{APP}"));
    assert_eq!(asset.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(asset.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(site.invalidations(), [["/", "/docs/index.html", "/favicon.svg", "/index.html"]]);

    touch(&site.source());
    let again = site.run();
    again.assert_code(0);
    assert!(again.summary.contains("already done"), "{}", again.summary);
    assert_eq!((again.outputs["changed"].as_str(), again.outputs["unchanged"].as_str()), ("false", "4"));
    assert_eq!(again.outputs["invalidation-ids"], "");
    assert_eq!(site.changes(), Vec::<String>::new());
    assert_eq!(site.requests().len(), 3, "one listing, the manifest, one distribution: {:#?}", site.requests());
}

#[test]
fn assets_go_before_pages_and_the_invalidation_after_both() {
    let site = small_site();
    site.put("site/old.css", b"old");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    let changes = site.changes();
    let order = [
        position(&changes, APP),
        position(&changes, "favicon.svg"),
        position(&changes, "/site/index.html"),
        changes.iter().position(|line| line.starts_with("POST") && !line.contains("distribution")).unwrap(),
        position(&changes, "/invalidation"),
    ];
    assert!(order.is_sorted(), "{changes:#?}");
    assert!(changes[0].contains(".slipway/invalidation-due-"), "{changes:#?}");
    assert!(changes[changes.len() - 1].starts_with("DELETE") && changes[changes.len() - 1].contains(".slipway/"));
}

#[test]
fn one_changed_file_is_one_upload_and_its_paths() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    let out = site.run();
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["unchanged"].as_str()), ("1", "3"));
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    assert!(site.invalidations().contains(&vec!["/".to_owned(), "/index.html".to_owned()]));
}

#[test]
fn deletes_stay_inside_the_prefix_and_are_asked_for() {
    let site = small_site();
    for key in ["site/old.css", "site/sub/old.html", "site2/old.css", "sitemap.xml"] {
        site.put(key, b"old");
    }
    let kept = site.run();
    kept.assert_code(0);
    assert_eq!(kept.outputs["deleted"], "0");
    assert!(site.keys().contains(&"site/old.css".to_owned()));

    site.remove("favicon.svg");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!(out.outputs["deleted"], "3");
    let mut expect =
        [format!("site/{APP}"), "site/docs/index.html".into(), "site/index.html".into(), "site2/old.css".into()]
            .to_vec();
    expect.push("sitemap.xml".into());
    expect.sort();
    assert_eq!(site.keys(), expect);
    assert_eq!(out.outputs["paths-invalidated"], "/favicon.svg\n/old.css\n/sub/old.html");
}

#[test]
fn a_dry_run_says_what_it_would_do_and_does_nothing() {
    let site = small_site();
    site.put("site/old.css", b"old");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--dry-run"]);
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["deleted"].as_str()), ("4", "1"));
    assert!(out.summary.contains("dry run"), "{}", out.summary);
    assert_eq!(site.changes(), Vec::<String>::new());
    assert_eq!(site.keys(), ["site/old.css"]);
}

#[test]
fn hostile_names_arrive_as_they_are() {
    let site = Site::new();
    let names = [
        ("a b.txt", "a%20b.txt", "/a%20b.txt"),
        ("plus+plus.txt", "plus%2Bplus.txt", "/plus+plus.txt"),
        ("100%.txt", "100%25.txt", "/100%25.txt"),
        (
            "käse/日本 😀.txt",
            "k%C3%A4se/%E6%97%A5%E6%9C%AC%20%F0%9F%98%80.txt",
            "/k%C3%A4se/%E6%97%A5%E6%9C%AC%20%F0%9F%98%80.txt",
        ),
        ("$(touch x)`id`.txt", "%24%28touch%20x%29%60id%60.txt", "/$(touch%20x)%60id%60.txt"),
        ("..hidden..", "..hidden..", "/..hidden.."),
        ("what?#.txt", "what%3F%23.txt", "/what%3F%23.txt"),
        ("::error::no.txt", "%3A%3Aerror%3A%3Ano.txt", "/::error::no.txt"),
        ("a&b<c>\"'.txt", "a%26b%3Cc%3E%22%27.txt", "/a&b%3Cc%3E%22'.txt"),
    ];
    for (name, ..) in names {
        site.write(name, name);
    }
    // A file that nobody can have asked for, so that a wildcard would take something along.
    site.write(APP, "app");
    site.run().assert_code(0);
    let mut told: Vec<String> = names.iter().map(|(.., path)| (*path).to_owned()).collect();
    told.sort();
    assert_eq!(site.invalidations(), [told]);
    for (name, url, _) in names {
        assert_eq!(site.get(&format!("site/{url}")).to_text(), name);
    }
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["changed"], "false");

    for (name, ..) in names {
        site.remove(name);
    }
    site.remove(APP);
    site.write("index.html", "x");
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!(site.keys(), ["site/index.html"]);
    assert!(out.stdout.lines().chain(out.stderr.lines()).all(|line| !line.trim_start().starts_with("::error::no")));
}

#[test]
fn a_change_of_headers_alone_goes_up_without_a_look_at_the_object() {
    let site = small_site();
    site.run().assert_code(0);
    let site = site.input("cache-control", "*.svg: public, max-age=60");
    let out = site.run();
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1", "/favicon.svg"));
    assert!(site.requests().iter().all(|request| request.method != "HEAD" || !request.path.contains("/site/")));
    assert_eq!(site.get("site/favicon.svg").header("cache-control"), Some("public, max-age=60"));
    assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
}

#[test]
fn without_a_manifest_headers_are_corrected_when_asked_to_look() {
    let site = small_site().input("manifest", "none");
    site.run().assert_code(0);
    let site = site.input("cache-control", "*.svg: public, max-age=60");
    let blind = site.run();
    blind.assert_code(0);
    assert_eq!(blind.outputs["changed"], "false");
    let out = site.run_with(&["--check-headers"]);
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1", "/favicon.svg"));
    assert_eq!(site.get("site/favicon.svg").header("cache-control"), Some("public, max-age=60"));
    let again = site.run_with(&["--check-headers"]);
    again.assert_code(0);
    assert_eq!(again.outputs["changed"], "false");
}

#[test]
fn what_went_since_it_was_listed_is_published_again() {
    let site = small_site().input("manifest", "none");
    site.run().assert_code(0);
    let path = format!("/{}/site/favicon.svg", site.bucket);
    let gone = move |_: &testkit::http::Request, _: testkit::http::Reply| {
        assert!(raw("DELETE", &path, b"").is_success());
        testkit::http::Reply::new(404)
    };
    site.proxy.faults().add(Fault::rewrite(gone).on("HEAD", "*/favicon.svg"));
    let out = site.run_with(&["--check-headers"]);
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1", "/favicon.svg"));
    assert!(site.get("site/favicon.svg").is_success());
}

#[test]
fn objects_whose_etag_is_no_md5_are_compared_by_our_metadata() {
    let site = small_site();
    let kms = |request: &testkit::http::Request, reply: testkit::http::Reply| {
        let listing = request.query_value("list-type").is_some();
        let mut text = reply.to_text();
        if listing {
            for (count, part) in text.clone().split("<ETag>").skip(1).enumerate() {
                let etag = part.split_once("</ETag>").unwrap().0.to_owned();
                text = text.replace(&etag, &format!("&quot;{count:032x}&quot;"));
            }
        }
        testkit::http::Reply::xml(reply.status, text)
    };
    site.run().assert_code(0);
    site.proxy.faults().add(Fault::rewrite(kms).matching(crate::site::is_listing).always());
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["changed"], "false", "{}", again.stderr);
    assert_eq!(site.requests().iter().filter(|request| request.method == "HEAD").count(), 4);
}

#[test]
fn a_large_file_is_streamed_whole() {
    let site = Site::new();
    let content: Vec<u8> = (0..3 * 1024 * 1024 + 17_u32).map(|n| (n % 251) as u8).collect();
    site.write("big.bin", &content);
    site.run().assert_code(0);
    assert_eq!(site.get("site/big.bin").body.as_ref(), content);
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["changed"], "false");
}

#[test]
fn more_than_a_page_of_objects_is_listed_and_deleted() {
    let site = Site::new()
        .input("delete", "true")
        .input("delete-scope", "all")
        .input("keep-releases", "0")
        .input("invalidate", "false");
    for number in 0..1100 {
        site.write(&format!("{number}.txt"), "x");
    }
    let out = site.run();
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1100", ""));
    let again = site.run();
    again.assert_code(0);
    assert_eq!(again.outputs["unchanged"], "1100");
    std::fs::remove_dir_all(site.source()).unwrap();
    site.write("index.html", "x");
    let other = site.run();
    other.assert_code(2);
    assert!(other.stderr.contains("s3-sync-invalidate/site-would-go"), "{}", other.stderr);
    assert!(site.changes().is_empty());
    let emptied = site.run_with(&["--allow-empty-source", "--max-delete=1100"]);
    emptied.assert_code(0);
    assert_eq!(emptied.outputs["deleted"], "1100");
    assert_eq!(site.changes().iter().filter(|line| line.starts_with("POST")).count(), 2);
    assert_eq!(site.keys(), ["site/index.html"]);
}
