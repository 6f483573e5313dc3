//! Which calls are made, and what is done without the right to one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::fault::Fault;
use testkit::http::Request;

use crate::publish::small_site;

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
    let site = small_site()
        .input("delete", "true")
        .input("delete-scope", "all")
        .input("keep-releases", "0")
        .input("wait", "true")
        .input("check-headers", "true");
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

#[test]
fn no_more_requests_run_at_the_same_time_than_are_allowed() {
    let site = small_site().input("manifest", "none").input("concurrency", "2");
    for number in 0..12 {
        site.write(&format!("{number}.css"), "x");
    }
    site.run().assert_code(0);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (running, seen) = (Arc::clone(&now), Arc::clone(&most));
    let is_look = move |request: &Request| {
        let is_look = request.method == "HEAD";
        if is_look {
            seen.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        }
        is_look
    };
    let look = Fault::rewrite(move |_, reply| {
        now.fetch_sub(1, Ordering::SeqCst);
        reply
    });
    site.proxy.faults().add(look.matching(is_look).always());
    site.run_with(&["--check-headers"]).assert_code(0);
    assert!(site.requests().iter().filter(|request| request.method == "HEAD").count() > 12);
    assert!((1..=2).contains(&most.load(Ordering::SeqCst)), "{most:?}");
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
