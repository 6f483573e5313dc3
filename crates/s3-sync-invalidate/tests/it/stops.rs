//! Publications that stop on their way: what visitors see then is whole.

use testkit::fault::{Fault, Gate, Target};

use crate::publish::{APP, small_site};
use crate::site::{Site, is_listing};

#[test]
fn a_failing_upload_leaves_pages_and_deletes_untouched() {
    let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
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
        "not done: hashed assets (0 of 1 done), HTML and entry points (0 of 1 done), deletes (0 of 1 done), invalidations (0 of 1 done)",
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
fn a_cancelled_run_stops_before_the_pages() {
    let (site, target) = (small_site(), Target::default());
    site.proxy.faults().add(Fault::interrupt(&target).on("PUT", &format!("*/{APP}")));
    let run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
    target.aim(Some(run.pid()));
    let out = run.finish();
    out.assert_code(130);
    assert!(
        out.stderr.contains("not done:") && out.stderr.contains("HTML and entry points (0 of 2 done)"),
        "{}",
        out.stderr
    );
    assert!(site.keys().contains(&format!("site/{APP}")), "what was under way did not end");
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
        let gate = Gate::default();
        site.proxy.faults().add(Fault::gate(&gate).matching(is_listing));
        let mut run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
        run.wait_for_output("source: 2 files");
        gate.wait_for(1);
        site.write("a.css", vec![b'b'; size]);
        gate.open();
        let out = run.finish();
        out.assert_code(1);
        assert!(out.stderr.contains("`a.css` changed or vanished while it was published"), "{}", out.stderr);
        assert!(!site.keys().contains(&"site/index.html".to_owned()), "{:?}", site.keys());
    }
}

#[test]
fn a_file_that_vanishes_under_our_hands_is_refused() {
    for size in [100, 17 * 1024 * 1024] {
        let (site, gate) = (Site::new(), Gate::default());
        site.write("a.css", vec![b'a'; size]);
        site.write("index.html", "x");
        site.proxy.faults().add(Fault::gate(&gate).matching(is_listing));
        let mut run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
        run.wait_for_output("source: 2 files");
        gate.wait_for(1);
        site.remove("a.css");
        gate.open();
        let out = run.finish();
        out.assert_code(1);
        for part in ["`a.css` changed or vanished while it was published", "s3-sync-invalidate/file-changed"] {
            assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
        }
        assert!(site.keys().iter().all(|key| key.contains("/.slipway/")), "{:?}", site.keys());
    }
}
