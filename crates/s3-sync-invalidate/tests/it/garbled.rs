//! Answers of 200 that are not S3's or CloudFront's: cut off, or those of a portal on the way. Nothing is told as done that
//! nobody did.

use testkit::RunOutput;
use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use crate::publish::{APP, small_site};
use crate::rollback::{content, rollback, two_releases};
use crate::site::is_listing;

/// What such answers hold.
pub(crate) const GARBLED: [&str; 3] = ["", "<Result><Key>inde", "<html><body>Sign in to the network</body></html>"];

/// Answers with `body` and does not pass the request on.
pub(crate) fn garbled(body: &str) -> Fault {
    Fault::reply(Reply::xml(200, body.to_owned())).always()
}

fn is_delete(request: &Request) -> bool {
    request.method == "POST" && request.query.as_deref() == Some("delete")
}

fn is_copy(request: &Request) -> bool {
    request.header("x-amz-copy-source").is_some()
}

/// A run that failed at `operation` and says so.
#[track_caller]
fn failed_at(out: &RunOutput, operation: &str) {
    out.assert_code(1);
    assert!(out.stderr.contains(operation), "{operation} not in\n{}", out.stderr);
    assert!(!out.stderr.contains("published to"), "{}", out.stderr);
}

#[test]
fn without_a_listing_nothing_is_changed() {
    for body in GARBLED {
        let site = small_site();
        site.proxy.faults().add(garbled(body).matching(is_listing));
        failed_at(&site.run(), "s3:ListObjectsV2");
        assert_eq!((site.changes(), site.all_keys()), (vec![], vec![]));
    }
}

#[test]
fn an_answer_that_is_not_s3_s_is_asked_for_again() {
    for body in GARBLED {
        let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
        site.put("site/old.css", b"x");
        let once = || Fault::reply(Reply::xml(200, body.to_owned()));
        site.proxy.faults().add(once().matching(is_listing));
        site.proxy.faults().add(once().matching(is_delete));
        assert_eq!(site.run().assert_code(0).outputs["deleted"], "1");
        assert!(!site.keys().contains(&"site/old.css".to_owned()));
    }
}

#[test]
fn an_upload_without_an_etag_is_none() {
    for body in GARBLED {
        let site = small_site();
        site.proxy.faults().add(garbled(body).on("PUT", &format!("*/{APP}")));
        let out = site.run();
        failed_at(&out, "s3:PutObject");
        assert!(out.stderr.contains("the answer names no ETag"), "{}", out.stderr);
        assert!(site.keys().iter().all(|key| !key.contains(".html")), "{:?}", site.keys());
        site.proxy.faults().clear();
        site.run().assert_code(0);
        assert_eq!(site.get(&format!("site/{APP}")).to_text(), "app");
    }
}

#[test]
fn a_delete_that_nobody_confirms_is_not_done() {
    for body in GARBLED {
        let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
        site.put("site/old.css", b"x");
        site.proxy.faults().add(garbled(body).matching(is_delete));
        let out = site.run();
        failed_at(&out, "s3:DeleteObjects");
        assert!(out.stderr.contains("not done: deletes (0 of 1 done)"), "{}", out.stderr);
        site.proxy.faults().clear();
        assert_eq!(site.run().assert_code(0).outputs["deleted"], "1");
        assert!(!site.keys().contains(&"site/old.css".to_owned()));
    }
}

#[test]
fn a_copy_that_nobody_confirms_is_not_done() {
    for body in GARBLED {
        let (site, ..) = two_releases();
        let before = content(&site);
        site.proxy.faults().add(garbled(body).matching(is_copy));
        let out = rollback(&site, &[]);
        failed_at(&out, "s3:CopyObject");
        assert!(out.stderr.contains("the answer names no ETag"), "{}", out.stderr);
        // Besides them there is the note of what was to be invalidated.
        assert_eq!(content(&site).iter().filter(|one| before.contains(one)).count(), before.len());
        site.proxy.faults().clear();
        rollback(&site, &[]).assert_code(0);
        assert_eq!(site.get("site/index.html").to_text(), "<html>one");
    }
}

#[test]
fn an_invalidation_that_nobody_confirms_is_not_done() {
    for body in GARBLED {
        let site = small_site();
        site.proxy.faults().add(garbled(body).on("POST", "*/invalidation"));
        let out = site.run();
        failed_at(&out, "cloudfront:CreateInvalidation");
        assert!(out.stderr.contains("not done: invalidations (0 of 1 done)"), "{}", out.stderr);
        assert_eq!(site.invalidations(), Vec::<Vec<String>>::new());
        site.proxy.faults().clear();
        site.run().assert_code(0);
        assert_eq!(site.invalidations().len(), 1);
    }
}
