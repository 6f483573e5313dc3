//! Going back to a release that has a folder.

use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::{FakeRunner, RunOutput};

use super::{OTHER_APP, folders, origin_path, refused, releases, shown};
use crate::publish::APP;
use crate::site::{Site, emulator};

fn rollback(site: &Site, flags: &[&str]) -> RunOutput {
    rollback_through(site, &site.proxy.url(), flags)
}

/// Goes back, with an endpoint of its own.
pub(crate) fn rollback_through(site: &Site, endpoint: &str, flags: &[&str]) -> RunOutput {
    let runner = FakeRunner::new()
        .envs(emulator(&site.bucket).env())
        .env("AWS_ENDPOINT_URL", endpoint)
        .input("mode", "release-prefix")
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution);
    let arguments: Vec<&str> = std::iter::once("rollback").chain(flags.iter().copied()).collect();
    runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), &arguments)
}

#[test]
fn the_release_before_is_shown_again_and_none_of_its_objects_changes() {
    let site = releases();
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    site.write("index.html", "<html>two");
    site.write("new.html", "<html>new");
    site.write(OTHER_APP, "other");
    site.remove(APP);
    let second = site.run().assert_code(0).outputs["release-id"].clone();
    let dry = rollback(&site, &["--dry-run"]);
    dry.assert_code(0);
    assert!(dry.summary.contains(&format!("would be switched to `/site/releases/{first}`")), "{}", dry.summary);
    assert_eq!(origin_path(&site.distribution), format!("/site/releases/{second}"));

    let out = rollback(&site, &[]);
    out.assert_code(0);
    assert_eq!(origin_path(&site.distribution), format!("/site/releases/{first}"));
    assert_eq!((out.outputs["rolled-back-to"].as_str(), out.outputs["changed"].as_str()), (first.as_str(), "true"));
    assert_eq!(out.outputs["paths-invalidated"], "/\n/index.html\n/new.html");
    assert_eq!((shown(&site, "index.html").to_text(), shown(&site, "new.html").status), ("<html>one".into(), 404));
    // Pages of the second release are open, and ask for their scripts.
    assert_eq!((shown(&site, APP).to_text(), shown(&site, OTHER_APP).to_text()), ("app".into(), "other".into()));
    let mut both = [first.clone(), second.clone()];
    both.sort_unstable();
    assert_eq!(folders(&site), both);

    let again = rollback(&site, &["--to", &first]);
    again.assert_code(0);
    assert!(again.summary.contains("already there"), "{}", again.summary);
    // Forward again, and on from there.
    rollback(&site, &["--to", &second]).assert_code(0);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>two");
    site.write("index.html", "<html>three");
    site.run().assert_code(0);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>three");
    assert_eq!(site.run().outputs["changed"], "false");
}

#[test]
fn a_rollback_that_could_not_switch_does_so_the_next_time() {
    let site = releases();
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    site.write("index.html", "<html>two");
    site.run().assert_code(0);
    let denied =
        Reply::xml(403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>");
    site.proxy.faults().add(Fault::reply(denied).on("PUT", "*/config"));
    let out = rollback(&site, &[]);
    out.assert_code(1);
    assert!(out.stderr.contains("cloudfront:UpdateDistribution"), "{}", out.stderr);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>two");
    rollback(&site, &[]).assert_code(0);
    assert_eq!(origin_path(&site.distribution), format!("/site/releases/{first}"));
    assert_eq!(site.invalidations().last().unwrap(), &["/", "/index.html"]);
}

#[test]
fn what_has_no_folder_cannot_be_gone_back_to() {
    let site = releases();
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    for page in ["two", "three"] {
        site.write("index.html", format!("<html>{page}"));
        site.run().assert_code(0);
    }
    let out = rollback(&site, &["--to", &first]);
    refused(&out, "title=s3-rollback/release-deleted");
    assert!(out.stderr.contains(&format!("release `{first}` has no folder to go back to")), "{}", out.stderr);
    refused(&rollback(&site, &["--mode=in-place"]), "title=s3-sync-invalidate/other-mode");
    let none = rollback(&site, &["--distribution-id="]);
    refused(&none, "invalid-input");
    // An object of it that is gone is told before anything changes.
    let present = site.run().outputs["release-id"].clone();
    let second = folders(&site).into_iter().find(|id| *id != present).unwrap();
    crate::site::raw("DELETE", &format!("/{}/site/releases/{second}/favicon.svg", site.bucket), b"");
    refused(&rollback(&site, &[]), "title=s3-rollback/version-gone");
    assert_eq!(shown(&site, "index.html").to_text(), "<html>three");
}
