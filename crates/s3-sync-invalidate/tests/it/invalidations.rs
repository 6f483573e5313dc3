//! What CloudFront is asked to forget, and what is due when it could not be asked.

use testkit::fault::Fault;

use crate::publish::small_site;
use crate::site::{Site, invalidations, raw};

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
    let failed = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    failed.assert_code(1);
    assert!(failed.stderr.contains("cloudfront:CreateInvalidation"), "{}", failed.stderr);
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    let before = site.invalidations().len();

    site.proxy.faults().clear();
    let out = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!(out.outputs["changed"], "false");
    assert_eq!(out.outputs["paths-invalidated"], "/\n/favicon.svg\n/index.html");
    assert_eq!(site.invalidations().len(), before + 1);
    assert!(site.keys().iter().all(|key| !key.contains(".slipway")), "{:?}", site.keys());

    let third = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
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
    let first = reference(&site);
    site.run().assert_code(0);
    assert_eq!(reference(&site), first);
}

#[test]
fn what_was_never_there_is_not_paid_for() {
    let site = small_site();
    // A first run does not know what was there before.
    assert!(site.run().outputs["paths-invalidated"].contains("/index.html"));
    site.write("news.html", "<html>news");
    let out = site.run();
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("1", ""));
    assert!(!out.stderr.contains("holds nothing that changed"), "{}", out.stderr);

    // It was there before it was deleted by hand, and there may be copies of it.
    raw("DELETE", &format!("/{}/site/news.html", site.bucket), b"");
    site.write("news.html", "<html>other");
    assert_eq!(site.run().outputs["paths-invalidated"], "/news.html");
    site.write("more.html", "<html>more");
    assert_eq!(site.run_with(&["--manifest=none"]).outputs["paths-invalidated"], "/more.html");
}

#[test]
fn what_was_never_there_is_not_paid_for_by_a_run_that_is_made_up_for() {
    let site = small_site();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    site.write("news.html", "<html>news");
    let broken = testkit::http::Reply::xml(
        400,
        "<ErrorResponse><Error><Code>Boom</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::rewrite(move |_, _| broken.clone()).on("POST", "*/invalidation"));
    site.run().assert_code(1);
    let first = reference(&site);
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["paths-invalidated"], "/\n/index.html");
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
fn every_distribution_gets_its_own_paths() {
    let site = small_site();
    let second = site.second_distribution();
    let both = format!("{}\n{second}", site.distribution);
    let site = site.input("distribution-id", &both);
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["invalidation-ids"].lines().count(), 2);
    assert_eq!(site.invalidations(), [["/", "/docs/index.html", "/favicon.svg", "/index.html"]]);
    let whole = ["/site/docs/index.html", "/site/favicon.svg", "/site/index.html"];
    assert_eq!(invalidations(&second), [whole]);
    assert_eq!(out.outputs["estimated-cost"], "0.035");
}

#[test]
fn a_distribution_that_fails_does_not_keep_the_others_from_being_told() {
    let site = small_site();
    let second = site.second_distribution();
    let both = format!("{}\n{second}", site.distribution);
    let site = site.input("distribution-id", &both);
    let first = std::cmp::min(&site.distribution, &second).clone();
    let other = std::cmp::max(&site.distribution, &second).clone();
    let denied = testkit::http::Reply::xml(
        403,
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>",
    );
    site.proxy.faults().add(Fault::reply(denied).on("POST", &format!("*/{first}/invalidation")).always());
    let failed = site.run();
    failed.assert_code(1);
    assert!(failed.stderr.contains(&format!("the invalidation of {first}")), "{}", failed.stderr);
    assert!(failed.stderr.contains("invalidations (1 of 2 done)"), "{}", failed.stderr);
    assert_eq!(invalidations(&other).len(), 1);
    site.proxy.faults().clear();
    site.run().assert_code(0);
    // The second distribution is asked again with the same reference, and has the invalidation already.
    assert_eq!((invalidations(&first).len(), invalidations(&other).len()), (1, 1));
    assert!(site.keys().iter().all(|key| !key.contains(".slipway")), "{:?}", site.keys());
}

#[test]
fn a_run_that_ended_before_its_note_was_removed_is_not_paid_for_twice() {
    let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
    for page in 0..8 {
        site.write(&format!("blog/{page}.html"), "one");
    }
    site.write("blog/same.html", "same");
    site.run().assert_code(0);
    for page in 0..8 {
        site.write(&format!("blog/{page}.html"), "two");
    }
    site.remove("favicon.svg");
    // Neither deleting nor emptying the note goes through, as if the run had been killed.
    let denied = || testkit::http::Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    site.proxy.faults().add(Fault::reply(denied()).on("DELETE", "*/site/.slipway*").always());
    site.proxy.faults().add(Fault::reply(denied()).on("PUT", "*/site/.slipway*").from(2));
    let run = site.run_with(&["--max-paths=4"]);
    run.assert_code(0);
    let first = reference(&site);
    let told = site.invalidations().len();
    let paths = &run.outputs["paths-invalidated"];
    assert!(paths.lines().count() <= 4 && paths.contains('*'), "{paths}");
    assert!(site.keys().iter().any(|key| key.contains(".slipway")), "{:?}", site.keys());
    site.proxy.faults().clear();
    let again = site.run_with(&["--max-paths=4"]);
    again.assert_code(0);
    assert_eq!((again.outputs["changed"].as_str(), &again.outputs["paths-invalidated"]), ("false", paths));
    assert_eq!((reference(&site), site.invalidations().len()), (first, told));
}

/// The reference of the invalidation that the last run asked for.
pub(crate) fn reference(site: &Site) -> String {
    let body = site.requests().iter().find(|request| request.path.ends_with("/invalidation")).unwrap().text();
    body.split_once("<CallerReference>").unwrap().1.split_once('<').unwrap().0.to_owned()
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
    let again = site.run_with(&["--delete", "--delete-scope=all", "--keep-releases=0"]);
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
    assert!(site.keys().contains(&note.to_owned()), "it may be of a run that is under way");
}
