use std::time::Duration;

use testkit::fault::Fault;

use crate::site::{Site, invalidations, touch};

const APP: &str = "app.45d844a759a9e983.js";

/// A small site: a hashed asset, another asset, two pages.
fn small_site() -> Site {
    let site = Site::new();
    site.write(APP, "app");
    site.write("favicon.svg", "<svg/>");
    site.write("index.html", "<html>one");
    site.write("docs/index.html", "<html>docs");
    site
}

fn position(changes: &[String], end: &str) -> usize {
    changes.iter().position(|line| line.ends_with(end)).unwrap_or_else(|| panic!("no {end} in {changes:#?}"))
}

#[test]
fn a_first_sync_publishes_and_a_second_has_nothing_to_do() {
    let site = small_site().input("wait", "true");
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["uploaded"], "4");
    assert_eq!(out.outputs["changed"], "true");
    assert_eq!(out.outputs["paths-invalidated"], "/\n/docs/\n/docs/index.html\n/favicon.svg\n/index.html");
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
    assert_eq!(site.invalidations(), [["/", "/docs/", "/docs/index.html", "/favicon.svg", "/index.html"]]);

    touch(&site.source());
    let again = site.run();
    again.assert_code(0);
    assert!(again.summary.contains("already done"), "{}", again.summary);
    assert_eq!((again.outputs["changed"].as_str(), again.outputs["unchanged"].as_str()), ("false", "4"));
    assert_eq!(again.outputs["invalidation-ids"], "");
    assert_eq!(site.changes(), Vec::<String>::new());
    assert_eq!(site.requests().len(), 2, "one listing, one distribution: {:#?}", site.requests());
}

#[test]
fn assets_go_before_pages_and_the_invalidation_after_both() {
    let site = small_site();
    site.put("site/old.css", b"old");
    let out = site.run_with(&["--delete"]);
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
    let out = site.run_with(&["--delete"]);
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
    let out = site.run_with(&["--delete", "--dry-run"]);
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
    site.write("index.html", "x");
    let out = site.run_with(&["--delete"]);
    out.assert_code(0);
    assert_eq!(site.keys(), ["site/index.html"]);
    assert!(out.stdout.lines().chain(out.stderr.lines()).all(|line| !line.trim_start().starts_with("::error::no")));
}

#[test]
fn a_failing_upload_leaves_pages_and_deletes_untouched() {
    let site = small_site().input("delete", "true");
    site.run().assert_code(0);
    let before = site.invalidations();
    site.put("site/old.css", b"old");
    site.write("index.html", "<html>two");
    site.write("app.ffffffff11111111.js", "two");
    let denied = testkit::http::Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).on("PUT", "*/app.ffffffff11111111.js").always());
    let out = site.run();
    out.assert_code(1);
    for part in [
        "the publication stopped at: hashed assets",
        "s3:PutObject",
        "done: nothing",
        "not done: hashed assets (0 of 1), HTML and entry points (0 of 1), deletes (0 of 1), invalidations (0 of 1)",
    ] {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
    assert!(site.keys().contains(&"site/old.css".to_owned()));
    assert_eq!(site.invalidations(), before);

    site.proxy.faults().clear();
    site.run().assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    assert!(!site.keys().contains(&"site/old.css".to_owned()));
}

#[test]
fn an_invalidation_that_failed_is_due_in_the_next_run() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    site.remove("favicon.svg");
    let denied = testkit::http::Reply::xml(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::reply(denied).on("POST", "*/invalidation").always());
    let failed = site.run_with(&["--delete"]);
    failed.assert_code(1);
    assert!(failed.stderr.contains("cloudfront:CreateInvalidation"), "{}", failed.stderr);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    let before = site.invalidations().len();

    site.proxy.faults().clear();
    let out = site.run_with(&["--delete"]);
    out.assert_code(0);
    assert_eq!(out.outputs["changed"], "false");
    assert_eq!(out.outputs["paths-invalidated"], "/\n/favicon.svg\n/index.html");
    assert_eq!(site.invalidations().len(), before + 1);
    assert!(site.keys().iter().all(|key| !key.contains(".slipway")), "{:?}", site.keys());

    let third = site.run_with(&["--delete"]);
    third.assert_code(0);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn an_answer_that_was_lost_does_not_pay_twice() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    let broken = testkit::http::Reply::xml(
        400,
        "<ErrorResponse><Error><Code>Boom</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::rewrite(move |_, _| broken.clone()).on("POST", "*/invalidation"));
    site.run().assert_code(1);
    let reference = |site: &Site| {
        let body = site.requests().iter().find(|request| request.path.ends_with("/invalidation")).unwrap().text();
        body.split_once("<CallerReference>").unwrap().1.split_once('<').unwrap().0.to_owned()
    };
    let first = reference(&site);
    site.run().assert_code(0);
    assert_eq!(reference(&site), first);
}

#[test]
fn cloudfront_s_quota_is_waited_for() {
    let site = small_site();
    let busy = testkit::http::Reply::xml(
        400,
        "<ErrorResponse><Error><Code>TooManyInvalidationsInProgress</Code><Message>wait</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::reply(busy).on("POST", "*/invalidation").times(1));
    let out = site.run();
    out.assert_code(0);
    assert!(out.stderr.contains("TooManyInvalidationsInProgress; trying again in 1 s"), "{}", out.stderr);
    assert_eq!(site.invalidations().len(), 1);
}

#[test]
fn a_wait_that_runs_out_is_a_warning() {
    let site = small_site().input("wait", "true").input("wait-timeout", "1s");
    let open = |_: &testkit::http::Request, reply: testkit::http::Reply| {
        let body = reply.to_text().replace("Completed", "InProgress");
        testkit::http::Reply::xml(reply.status, body)
    };
    site.proxy.faults().add(Fault::rewrite(open).on("*", "*/invalidation*").always());
    let out = site.run();
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("was not completed after 1 s"), "{}", out.stdout);
    assert!(out.summary.contains("in progress"), "{}", out.summary);
}

#[test]
fn headers_are_corrected_when_asked_to_look() {
    let site = small_site();
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
    site.proxy.faults().add(Fault::rewrite(kms).on("GET", &format!("/{}*", site.bucket)).always());
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
    let site = Site::new().input("delete", "true").input("invalidate", "false");
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
    let emptied = site.run_with(&["--allow-empty-source"]);
    emptied.assert_code(0);
    assert_eq!(emptied.outputs["deleted"], "1100");
    assert_eq!(site.changes().iter().filter(|line| line.starts_with("POST")).count(), 2);
    assert_eq!(site.keys(), ["site/index.html"]);
}

#[test]
fn every_distribution_gets_its_own_paths() {
    let site = small_site();
    let second = site.second_distribution();
    let both = format!("{}\n{second}", site.distribution);
    let site = site.input("distribution-id", &both);
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["invalidation-ids"].lines().count(), 2);
    assert_eq!(site.invalidations(), [["/", "/docs/", "/docs/index.html", "/favicon.svg", "/index.html"]]);
    let whole = ["/site/", "/site/docs/", "/site/docs/index.html", "/site/favicon.svg", "/site/index.html"];
    assert_eq!(invalidations(&second), [whole]);
}

#[test]
fn a_configuration_that_may_not_be_read_is_said_and_survived() {
    let site = small_site();
    let denied = testkit::http::Reply::xml(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::reply(denied).on("GET", "*/config"));
    let out = site.run();
    out.assert_code(0);
    assert!(out.summary.contains("GetDistributionConfig"), "{}", out.summary);
    // The distribution may show the folder or the whole bucket: the paths of both are invalidated.
    for path in ["/site/index.html", "/index.html"] {
        assert!(site.invalidations()[0].contains(&path.to_owned()), "{path}: {:?}", site.invalidations());
    }
}

#[test]
fn only_the_documented_calls_are_made() {
    let site = small_site().input("delete", "true").input("wait", "true").input("check-headers", "true");
    site.put("site/old.css", b"old");
    site.run().assert_code(0);
    let mut calls: Vec<String> = site.requests().iter().map(call).collect();
    site.write("index.html", "<html>two");
    site.run().assert_code(0);
    calls.extend(site.requests().iter().map(call));
    calls.sort();
    calls.dedup();
    let expect = [
        "cloudfront:CreateInvalidation",
        "cloudfront:GetDistributionConfig",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListBucket",
        "s3:PutObject",
    ];
    assert_eq!(calls, expect);
}

/// The IAM action of a request.
fn call(request: &testkit::http::Request) -> String {
    let cloudfront = request.path.starts_with("/2020-05-31/");
    let action = match (request.method.as_str(), cloudfront) {
        ("GET", true) if request.path.ends_with("/config") => "cloudfront:GetDistributionConfig",
        ("GET", true) if request.path.contains("/invalidation/") => "cloudfront:GetInvalidation",
        ("POST", true) if request.path.ends_with("/invalidation") => "cloudfront:CreateInvalidation",
        ("GET", false) if request.query_value("list-type").is_some() => "s3:ListBucket",
        ("GET" | "HEAD", false) => "s3:GetObject",
        ("PUT", false) => "s3:PutObject",
        ("DELETE", false) => "s3:DeleteObject",
        ("POST", false) if request.query.as_deref().is_some_and(|query| query.contains("delete")) => "s3:DeleteObject",
        _ => return request.line(),
    };
    action.to_owned()
}

#[test]
fn a_cancelled_run_stops_before_the_pages() {
    let site = small_site();
    site.proxy.faults().add(Fault::delay(Duration::from_millis(600)).on("PUT", &format!("*/{APP}")));
    let mut run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
    run.wait_for_output("uploading hashed assets");
    run.interrupt();
    let out = run.finish();
    out.assert_code(130);
    assert!(
        out.stderr.contains("not done:") && out.stderr.contains("HTML and entry points (0 of 2)"),
        "{}",
        out.stderr
    );
    assert!(site.keys().iter().all(|key| !key.contains(".html")), "{:?}", site.keys());
    let out = site.run();
    out.assert_code(0);
    assert_eq!(site.get("site/index.html").to_text(), "<html>one");
}

#[test]
fn a_file_that_changes_under_our_hands_is_refused() {
    for size in [100, 2 * 1024 * 1024] {
        let site = Site::new();
        site.write("a.css", vec![b'a'; size]);
        site.write("index.html", "x");
        site.proxy.faults().add(Fault::delay(Duration::from_millis(600)).on("GET", &format!("/{}*", site.bucket)));
        let mut run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
        run.wait_for_output("source: 2 files");
        site.write("a.css", vec![b'b'; size]);
        let out = run.finish();
        out.assert_code(1);
        assert!(out.stderr.contains("`a.css` changed while it was published"), "{}", out.stderr);
        assert!(!site.keys().contains(&"site/index.html".to_owned()), "{:?}", site.keys());
    }
}

#[test]
fn without_the_right_to_delete_the_note_is_emptied() {
    let site = small_site();
    let denied = testkit::http::Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).on("DELETE", "*").always());
    let out = site.run();
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("s3:DeleteObject"), "{}", out.stdout);
    assert!(site.keys().iter().any(|key| key.contains(".slipway/")), "{:?}", site.keys());
    let again = site.run_with(&["--delete"]);
    again.assert_code(0);
    assert_eq!(again.outputs["paths-invalidated"], "");
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn a_note_that_may_not_be_read_makes_everything_due() {
    let site = small_site();
    let note = "site/.slipway/invalidation-due-0123456789abcdef0123456789abcdef.json";
    site.run().assert_code(0);
    site.put(note, b"{\"version\":1,\"keys\":[\"site/index.html\"]}");
    let denied = testkit::http::Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied).on("GET", &format!("*{note}")));
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["paths-invalidated"], "/*");
    assert!(!site.keys().contains(&note.to_owned()));
}
