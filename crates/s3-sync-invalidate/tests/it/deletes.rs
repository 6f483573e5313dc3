//! What `delete` removes, what it leaves, and what it refuses.

use testkit::RunOutput;
use testkit::fault::Fault;
use testkit::http::Reply;

use crate::manifest::is_write_of_current;
use crate::publish::small_site;
use crate::site::{Site, raw};

/// A site with one object that is not in its source.
fn with_old() -> Site {
    let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
    site.put("site/old.css", b"old");
    site
}

#[track_caller]
fn refused(out: &RunOutput, code: &str, parts: &[&str]) {
    out.assert_code(2);
    assert!(out.stdout.contains(&format!("::error title={code}")), "{}", out.stdout);
    for part in parts {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
}

#[test]
fn what_was_written_after_the_listing_stays() {
    let site = with_old();
    let path = format!("/{}/site/old.css", site.bucket);
    let writer = Fault::rewrite(move |_, reply| {
        assert!(raw("PUT", &path, b"another one's").is_success());
        reply
    });
    site.proxy.faults().add(writer.matching(crate::site::is_listing));
    let out = site.run();
    out.assert_code(0);
    assert_eq!(site.get("site/old.css").to_text(), "another one's");
    assert_eq!(out.outputs["deleted"], "0");
    assert!(!out.stderr.contains("1 deleted"), "{}", out.stderr);
    assert!(out.summary.contains("0 of 1 object"), "{}", out.summary);
    assert!(out.stdout.contains("::warning"), "{}", out.stdout);
    assert!(out.stdout.contains("written by somebody else after they were listed"), "{}", out.stdout);
}

#[test]
fn what_somebody_else_wrote_over_a_file_of_the_site_stays() {
    for (marked, stays) in [(false, true), (true, false)] {
        let site = small_site().input("keep-releases", "0");
        site.write("feed.xml", "<feed/>");
        site.run().assert_code(0);
        if marked {
            // As a publication that failed does.
            site.write("feed.xml", "<feed>two</feed>");
            let denied = Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
            site.proxy.faults().add(Fault::reply(denied).matching(is_write_of_current).always());
            site.run().assert_code(0);
            site.proxy.faults().clear();
        } else {
            site.put("site/feed.xml", b"<feed>theirs</feed>");
        }
        site.remove("feed.xml");
        let out = site.run_with(&["--delete"]);
        assert_eq!(out.assert_code(0).outputs["deleted"], if stays { "0" } else { "1" }, "{}", out.stderr);
        assert_eq!(site.keys().contains(&"site/feed.xml".to_owned()), stays);
    }
}

#[test]
fn what_stays_for_open_tabs_is_told() {
    let site = small_site().input("delete", "true");
    site.write("old.css", "a{}");
    site.write("old.js", "1");
    site.run().assert_code(0);
    site.remove("old.css");
    site.remove("old.js");
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["deleted"], "0");
    let note =
        "2 assets of the release before this one are not in the source, and stay for the pages that visitors have open";
    assert!(out.summary.contains(note), "{}", out.summary);
}

#[test]
fn a_publication_by_mistake_can_be_taken_away() {
    let site = small_site();
    site.put("site/theirs.txt", b"theirs");
    site.run().assert_code(0);
    std::fs::remove_dir_all(site.source()).unwrap();
    std::fs::create_dir(site.source()).unwrap();
    let out = site.run_with(&["--delete", "--allow-empty-source", "--keep-releases=0"]);
    out.assert_code(0);
    assert_eq!(site.keys(), ["site/theirs.txt"], "{}", out.stderr);
}

#[test]
fn an_answer_that_is_lost_is_no_failure() {
    let site = with_old();
    let odd = "site/a%07b.css";
    site.put(odd, b"old");
    for (method, path) in [("POST", format!("/{}*", site.bucket)), ("DELETE", format!("/{}/{odd}", site.bucket))] {
        site.proxy.faults().add(Fault::lose().on(method, &path));
    }
    let out = site.run();
    out.assert_code(0);
    assert_eq!(out.outputs["deleted"], "2");
    assert!(!site.keys().iter().any(|key| key == "site/old.css" || key.contains('\u{7}')), "{:?}", site.keys());
}

#[test]
fn a_key_that_xml_cannot_carry_keeps_no_other_from_going() {
    let site = with_old();
    for odd in ["site/a%EF%BF%BEb.css", "site/a%EF%BF%BFb.css"] {
        site.put(odd, b"old");
    }
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["deleted"], "3");
    let is_delete = |request: &&testkit::http::Request| request.method == "DELETE" && request.path.contains("%EF%BF%B");
    assert_eq!(site.requests().iter().filter(is_delete).count(), 2);
}

#[test]
fn more_than_the_limit_is_refused_before_anything_changes() {
    let site = with_old().input("max-delete", "1");
    site.put("site/older.css", b"old");
    let out = site.run();
    refused(&out, "s3-sync-invalidate/too-many-deletes", &["2 objects", "at most 1 objects", "`site/old.css`"]);
    assert_eq!(site.changes(), Vec::<String>::new());
    site.run_with(&["--max-delete=2"]).assert_code(0);
    assert!(!site.keys().contains(&"site/old.css".to_owned()));
}

#[test]
fn a_percentage_is_of_what_keeps_its_name() {
    let site = small_site()
        .input("delete", "true")
        .input("delete-scope", "all")
        .input("keep-releases", "0")
        .input("max-delete", "40%");
    // Twenty that stay, fourteen that go, and of those with a hash as many as you like.
    for number in 0..20 {
        site.write(&format!("page{number}.html"), "x");
        site.put(&format!("site/page{number}.html"), b"x");
        site.put(&format!("site/part{number}.45d844a759a9e98{:x}.js", number % 16), b"x");
    }
    for number in 0..14 {
        site.put(&format!("site/old{number}.html"), b"x");
    }
    refused(&site.run(), "s3-sync-invalidate/too-many-deletes", &["at most 40 %", "34 objects", "14 of them"]);
    let out = site.run_with(&["--max-delete=42%"]);
    assert_eq!(out.assert_code(0).outputs["deleted"], "34");
}

#[test]
fn the_whole_bucket_is_asked_for_by_name() {
    let site = Site::new()
        .input("delete", "true")
        .input("delete-scope", "all")
        .input("keep-releases", "0")
        .input("prefix", "");
    site.write("index.html", "x");
    refused(&site.run(), "s3-sync-invalidate/invalid-input", &["allow-whole-bucket: true"]);
    site.put("old.css", b"old");
    site.run_with(&["--allow-whole-bucket"]).assert_code(0);
    assert_eq!(site.keys(), ["index.html"]);
}

#[test]
fn deletes_that_are_denied_stop_the_run_and_the_next_one_tells_the_caches() {
    let denied = testkit::http::Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>");
    for (flags, left) in [(&["--delete=false"][..], true), (&[], false)] {
        let site = small_site().input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
        site.run().assert_code(0);
        let told = site.invalidations().len();
        site.put("site/old.css", b"old");
        site.write("index.html", "<html>two");
        site.proxy.faults().add(Fault::reply(denied.clone()).on("POST", &format!("/{}*", site.bucket)).always());
        let out = site.run();
        out.assert_code(1);
        for part in [
            "the publication stopped at: deletes",
            "s3:DeleteObject",
            "not done: deletes (0 of 1 done), invalidations (0 of 1 done)",
            "caches were not told of what is done",
        ] {
            assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
        }
        // The new page is up; the barrier holds, and a note says what is due.
        assert_eq!(site.get("site/index.html").to_text(), "<html>two");
        assert_eq!(site.invalidations().len(), told);
        assert!(site.keys().iter().any(|key| key.contains("invalidation-due-")), "{:?}", site.keys());
        if !left {
            site.proxy.faults().clear();
        }
        // Who still may not delete has the caches told by a run that does not.
        let out = site.run_with(flags);
        assert_eq!(out.assert_code(0).outputs["paths-invalidated"], "/\n/index.html\n/old.css");
        assert_eq!(site.keys().contains(&"site/old.css".to_owned()), left);
        assert!(!site.keys().iter().any(|key| key.contains("invalidation-due-")), "{:?}", site.keys());
    }
}
