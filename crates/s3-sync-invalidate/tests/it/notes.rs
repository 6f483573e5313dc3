//! Notes of invalidations that are due: whose they are, and who removes them.

use testkit::FakeRunner;
use testkit::fault::Fault;
use testkit::http::Reply;

use crate::invalidations::reference;
use crate::publish::small_site;
use crate::site::{Site, emulator, invalidations, is_listing};

fn notes(site: &Site) -> Vec<String> {
    site.keys().into_iter().filter(|key| key.contains("invalidation-due-")).collect()
}

/// CloudFront takes no invalidation.
fn busy(site: &Site) {
    let busy = "<ErrorResponse><Error><Code>InternalError</Code><Message>no</Message></Error></ErrorResponse>";
    site.proxy.faults().add(Fault::reply(Reply::xml(500, busy)).on("POST", "*/invalidation").always());
}

/// Another run over the same place and page.
fn another(bucket: &str, distribution: &str, page: &str) -> FakeRunner {
    FakeRunner::new()
        .envs(emulator(bucket).env())
        .env("GITHUB_RUN_ID", "2")
        .input("source", "dist")
        .input("bucket", bucket)
        .input("prefix", "site")
        .input("distribution-id", distribution)
        .file("dist/index.html", page)
}

const BINARY: &str = env!("CARGO_BIN_EXE_s3-sync-invalidate");

#[test]
fn a_run_beside_a_publication_does_not_take_its_note_away() {
    let site = Site::new();
    site.write("index.html", "<html>one");
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    // The other one has nothing to publish; it looks after the note was written, and is done before anything else is.
    let other = another(&site.bucket, &site.distribution, "<html>one");
    let beside = Fault::rewrite(move |_, reply| {
        let out = other.run(BINARY, [] as [&str; 0]);
        assert_eq!(out.assert_code(0).outputs["paths-invalidated"], "/\n/index.html");
        assert_eq!(out.outputs["changed"], "false");
        assert!(out.summary.contains("it may be under way"), "{}", out.summary);
        reply
    });
    site.proxy.faults().add(beside.on("PUT", "*/site/.slipway/*"));
    busy(&site);
    site.run().assert_code(1);
    assert_eq!(notes(&site).len(), 1, "{:?}", site.keys());
    site.proxy.faults().clear();
    let told = site.invalidations().len();
    let again = site.run();
    assert_eq!(again.assert_code(0).outputs["paths-invalidated"], "/\n/index.html");
    assert_eq!(site.invalidations().len(), told + 1, "the one of the other run came too early");
    assert_eq!(notes(&site), Vec::<String>::new());
}

#[test]
fn a_note_that_is_an_hour_old_is_settled_by_anybody() {
    let site = Site::new();
    site.write("index.html", "<html>one");
    busy(&site);
    site.run().assert_code(1);
    site.proxy.faults().clear();
    let other = another(&site.bucket, &site.distribution, "<html>one").env("AWS_ENDPOINT_URL", site.proxy.url());
    for _ in 0..2 {
        assert_eq!(other.run(BINARY, [] as [&str; 0]).assert_code(0).outputs["paths-invalidated"], "/\n/index.html");
        assert_eq!(notes(&site).len(), 1);
    }
    assert_eq!(site.invalidations().len(), 1, "the same run pays once");
    let earlier = |reply: Reply| {
        let text = reply.to_text().replace("<LastModified>20", "<LastModified>19");
        Reply::xml(reply.status, text)
    };
    site.proxy.faults().add(Fault::rewrite(move |_, reply| earlier(reply)).matching(is_listing));
    other.run(BINARY, [] as [&str; 0]).assert_code(0);
    assert_eq!(notes(&site), Vec::<String>::new());
}

#[test]
fn a_note_waits_for_the_distributions_that_it_names() {
    let site = small_site();
    busy(&site);
    site.run().assert_code(1);
    let first = reference(&site);
    site.proxy.faults().clear();
    let other = site.second_distribution();
    let out = site.run_with(&[&format!("--distribution-id={other}")]);
    assert_eq!(out.assert_code(0).outputs["paths-invalidated"], "");
    assert_eq!((notes(&site).len(), invalidations(&other).len()), (1, 0));
    site.run().assert_code(0);
    assert_eq!((notes(&site).len(), reference(&site), site.invalidations().len()), (0, first, 1));
}
