//! Rights to the manifest that are missing.

use super::*;
use crate::rollback::rollback;

fn denied() -> Reply {
    Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>")
}

/// The manifest may not be read, or not be written.
fn deny(site: &Site, method: &str) {
    site.proxy.faults().add(Fault::reply(denied()).on(method, "*/current.jsonl.gz").always());
}

#[test]
fn a_role_without_rights_to_the_manifest_publishes_all_the_same() {
    let is_manifest = |request: &Request| request.path.contains("/.slipway/site-");
    let site = small_site().input("delete", "true");
    site.put("site/old.css", b"old");
    site.proxy.faults().add(Fault::reply(denied()).matching(is_manifest).always());
    let out = site.run();
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["deleted"].as_str()), ("4", "0"));
    assert_eq!(out.outputs["release-id"], "");
    assert!(out.summary.contains("the manifest may not be read"), "{}", out.summary);
    assert!(out.summary.contains("delete-scope: all"), "{}", out.summary);
    let again = site.run();
    assert_eq!(again.assert_code(0).outputs["changed"], "false");
}

#[test]
fn who_may_not_read_the_manifest_that_is_there_deletes_nothing() {
    let site = small_site().input("delete", "true").input("delete-scope", "all");
    site.run().assert_code(0);
    site.put("site/old.css", b"old");
    site.write("index.html", "<html>two");
    deny(&site, "GET");
    let out = site.run();
    out.assert_code(1);
    for part in ["the publication stopped at: the manifest", "s3:GetObject", "kms:Decrypt", "deletes (0 of 1 done)"] {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
    assert!(out.stdout.contains("s3-sync-invalidate/incomplete"), "{}", out.stdout);
    assert!(site.keys().contains(&"site/old.css".to_owned()));
    assert!(out.stderr.contains("invalidations (1 of 1 done)"), "{}", out.stderr);
    assert!(site.invalidations().last().unwrap().contains(&"/index.html".to_owned()), "{:?}", site.invalidations());
    let without = site.run_with(&["--delete=false"]);
    without.assert_code(0);
    site.write("index.html", "<html>three");
    let without = site.run_with(&["--delete=false"]);
    assert!(without.assert_code(0).stdout.contains("stays as it is and fits less and less"), "{}", without.stdout);
    assert_eq!(site.run_with(&["--manifest=none"]).assert_code(0).outputs["deleted"], "1");
    site.proxy.faults().clear();
    assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
}

#[test]
fn a_role_that_cannot_know_whether_there_is_a_manifest_deletes_once_it_has_written_one() {
    let site = small_site().input("delete", "true").input("delete-scope", "all");
    site.put("site/old.css", b"old");
    deny(&site, "GET");
    let out = site.run();
    assert_eq!(out.assert_code(0).outputs["deleted"], "1");
    assert!(out.stdout.contains("::warning") && out.stdout.contains("`keep-releases` keeps none"), "{}", out.stdout);
}

#[test]
fn who_may_not_write_the_manifest_deletes_nothing() {
    let site = small_site().input("delete", "true").input("delete-scope", "all");
    site.put("site/old.css", b"old");
    for also in ["PUT", "GET"] {
        deny(&site, "PUT");
        deny(&site, also);
        let out = site.run();
        out.assert_code(1);
        assert!(out.stderr.contains("s3:PutObject") && out.stderr.contains("deletes (0 of 1 done)"), "{}", out.stderr);
        // The note is gone with what it told of.
        assert!(!site.keys().iter().any(|key| key.contains("invalidation-due-")), "{:?}", site.keys());
        assert!(site.keys().contains(&"site/old.css".to_owned()));
        site.proxy.faults().clear();
    }
    assert_eq!(site.run().assert_code(0).outputs["deleted"], "1");
}

#[test]
fn a_release_whose_copy_could_not_be_written_is_published_all_the_same() {
    let broken = Reply::xml(500, "<Error><Code>InternalError</Code><Message>no</Message></Error>");
    for (answer, page) in [(denied(), "two"), (broken, "three")] {
        let site = small_site();
        site.run().assert_code(0);
        site.write("index.html", format!("<html>{page}"));
        site.proxy.faults().add(Fault::reply(answer).on("PUT", "*/releases/*").always());
        let out = site.run();
        assert!(out.assert_code(0).stdout.contains("there is no way back to it"), "{}", out.stdout);
        assert_eq!((copies(&site), site.invalidations().len()), (1, 2));
        site.proxy.faults().clear();
        assert_eq!(site.run().assert_code(0).outputs["changed"], "false");
    }
}

#[test]
fn the_copy_that_a_release_is_missing_is_made_by_the_next_one() {
    let site = small_site().input("delete", "true").input("keep-releases", "0");
    crate::rollback::versioning(&site.bucket, "Enabled");
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    site.write("index.html", "<html>two");
    site.proxy.faults().add(Fault::reply(denied()).on("PUT", "*/releases/*").always());
    let second = site.run().assert_code(0).outputs["release-id"].clone();
    site.proxy.faults().clear();
    let copy = |id: &str| format!("{}releases/{id}.jsonl.gz", crate::site::manifests(&site.bucket));
    let present = site.get(&crate::site::current(&site.bucket)).body;
    assert!(site.get(&copy(&first)).is_success() && site.get(&copy(&second)).status == 404);
    // S3 says "denied" of what is not there to who may not list.
    let hidden = |_: &Request, reply: Reply| if reply.status == 404 { Reply::new(403) } else { reply };
    site.proxy.faults().add(Fault::rewrite(hidden).on("HEAD", "*").always());
    site.write("index.html", "<html>three");
    let out = site.run();
    assert!(!out.assert_code(0).stdout.contains("no way back"), "{}", out.stdout);
    assert_eq!(site.get(&copy(&second)).body, present);
    assert!(rollback(&site, &["--to", &second]).assert_code(0).stdout.contains(&second));
    assert_eq!(site.get("site/index.html").to_text(), "<html>two");
    // Where it is there, a look is all.
    site.proxy.faults().clear();
    site.write("index.html", "<html>four");
    site.run().assert_code(0);
    let looks = |request: &&Request| request.path.contains("/releases/") && request.method == "HEAD";
    let copies = |request: &&Request| request.header("x-amz-copy-source").is_some();
    let requests = site.requests();
    assert_eq!((requests.iter().filter(looks).count(), requests.iter().filter(copies).count()), (1, 0));
}

#[test]
fn an_answer_without_an_etag_is_no_copy() {
    let site = small_site();
    site.proxy.faults().add(Fault::reply(denied()).on("PUT", "*/releases/*").always());
    site.run().assert_code(0);
    site.proxy.faults().clear();
    site.write("index.html", "<html>two");
    let empty = Fault::reply(Reply::xml(200, "<CopyObjectResult/>"));
    let is_copy = |request: &Request| request.header("x-amz-copy-source").is_some();
    site.proxy.faults().add(empty.matching(is_copy).always());
    let out = site.run();
    assert!(out.assert_code(0).stdout.contains("is missing and could not be made"), "{}", out.stdout);
}

#[test]
fn a_missing_copy_that_cannot_be_made_is_said() {
    let site = small_site();
    for (page, warnings) in [("one", 1), ("two", 2)] {
        site.write("index.html", format!("<html>{page}"));
        site.proxy.faults().add(Fault::reply(denied()).on("PUT", "*/releases/*").always());
        let out = site.run();
        assert_eq!(out.assert_code(0).stdout.matches("there is no way back to it").count(), warnings, "{}", out.stdout);
        site.proxy.faults().clear();
    }
}
