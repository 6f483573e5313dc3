//! Publications that stop, are overtaken or killed while they switch.

use testkit::fault::{Fault, Moment, Target};
use testkit::http::{Reply, Request};

use super::{folders, is_update, releases, shown};
use crate::publish::APP;
use crate::site::raw;

fn precondition_failed() -> Reply {
    Reply::xml(
        412,
        "<ErrorResponse><Error><Type>Sender</Type><Code>PreconditionFailed</Code><Message>no</Message></Error></ErrorResponse>",
    )
}

#[test]
fn a_configuration_that_changed_is_read_again_once() {
    let site = releases();
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    site.proxy.faults().add(Fault::reply(precondition_failed()).on("PUT", "*/config"));
    site.run().assert_code(0);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>two");
    assert_eq!(site.requests().iter().filter(|request| is_update(request)).count(), 2);

    site.write("index.html", "<html>three");
    site.proxy.faults().add(Fault::reply(precondition_failed()).on("PUT", "*/config").always());
    let out = site.run();
    out.assert_code(1);
    for part in [
        "s3-sync-invalidate/distribution-changed: the configuration of distribution",
        "not done: switches (0 of 1 done), invalidations (0 of 1 done)",
        "run the step again",
    ] {
        assert!(out.stderr.contains(part), "{part} not in\n{}", out.stderr);
    }
    assert_eq!(shown(&site, "index.html").to_text(), "<html>two");
    site.proxy.faults().clear();
    let out = site.run();
    out.assert_code(0);
    assert_eq!((out.outputs["uploaded"].as_str(), out.outputs["paths-invalidated"].as_str()), ("0", "/\n/index.html"));
    assert_eq!(shown(&site, "index.html").to_text(), "<html>three");
}

#[test]
fn an_update_whose_answer_was_lost_was_made() {
    let site = releases();
    site.proxy.faults().add(Fault::lose().on("PUT", "*/config"));
    site.run().assert_code(0);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>one");
}

#[test]
fn who_is_overtaken_before_its_switch_does_not_switch_back() {
    let site = releases();
    site.run().assert_code(0);
    site.write("index.html", "<html>late");
    // Another publication gets through between this one's manifest and its switch.
    let other = site.runner.workspace().join("other");
    std::fs::create_dir_all(&other).unwrap();
    std::fs::write(other.join("index.html"), "<html>other").unwrap();
    let emulator = crate::site::emulator(&site.bucket);
    let runner = testkit::FakeRunner::new()
        .envs(emulator.env())
        .env("GITHUB_RUN_ID", "99999999999999")
        .input("mode", "release-prefix")
        .input("source", &other.display().to_string())
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution);
    let publish = move |_: &Request, reply: Reply| {
        runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        reply
    };
    site.proxy.faults().add(Fault::rewrite(publish).on("PUT", "*/current.jsonl.gz"));
    let out = site.run();
    out.assert_code(1);
    assert!(out.stdout.contains("superseded"), "{}", out.stdout);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>other");
}

#[test]
fn a_rollback_between_the_look_and_the_switch_is_found() {
    let site = releases();
    site.run().assert_code(0);
    site.write("index.html", "<html>bad");
    let runner = testkit::FakeRunner::new()
        .envs(crate::site::emulator(&site.bucket).env())
        .input("mode", "release-prefix")
        .input("bucket", &site.bucket)
        .input("prefix", "site")
        .input("distribution-id", &site.distribution);
    // What is gone back to is shown still, so there is nothing to switch.
    let back = move |_: &Request, reply: Reply| {
        runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), ["rollback"]).assert_code(0);
        reply
    };
    let looks = |request: &Request| request.header("if-none-match").is_some();
    let look = Fault::rewrite(back).on("GET", "*/current.jsonl.gz").matching(looks).nth(2);
    site.proxy.faults().add(look);
    // It looks again, as whoever meets another publication, and the manifest names what is shown.
    let out = site.run();
    out.assert_code(0);
    assert!(out.stderr.contains("the look at the manifest after the switch of"), "{}", out.stderr);
    assert_eq!(shown(&site, "index.html").to_text(), "<html>bad");
    let again = site.run();
    again.assert_code(0);
    assert_eq!((site.changes(), &again.outputs["release-id"]), (Vec::new(), &out.outputs["release-id"]));
}

#[test]
fn what_is_not_there_any_more_is_uploaded_instead_of_copied() {
    let site = releases();
    site.run().assert_code(0);
    let folder = folders(&site)[0].clone();
    site.write("index.html", "<html>two");
    let (bucket, gone) = (site.bucket.clone(), format!("site/releases/{folder}/{APP}"));
    let remove = move |_: &Request, reply: Reply| {
        raw("DELETE", &format!("/{bucket}/{gone}"), b"");
        reply
    };
    // It vanishes after it was listed.
    site.proxy.faults().add(Fault::rewrite(remove).on("PUT", "*/site/.slipway*"));
    site.run().assert_code(0);
    assert_eq!(shown(&site, APP).to_text(), "app");
    site.run().assert_code(0);
    assert_eq!(site.changes(), Vec::<String>::new());
}

#[test]
fn killed_at_any_call_it_is_made_up_for() {
    let site = releases();
    let publish = |number: usize| {
        site.write("index.html", format!("<html>{number:03}"));
        site.run().assert_code(0);
    };
    // From the third one on a release goes each time.
    (0..3).for_each(publish);
    let requests = site.requests();
    // The last copy, the manifest, the switch, the invalidation, the note and the prune.
    let start = requests.iter().rposition(|request| request.header("x-amz-copy-source").is_some()).unwrap();
    assert!(requests.len() > start + 10, "{requests:#?}");
    for at in start..requests.len() {
        let told = site.invalidations().len();
        let page = format!("<html>{:03}", at + 100);
        let before = shown(&site, "index.html").to_text();
        site.write("index.html", &page);
        let target = Target::default();
        let nth = u64::try_from(at + 1).unwrap();
        site.proxy.faults().add(Fault::kill(Moment::After, &target).nth(nth));
        let run = site.runner.spawn(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
        target.aim(Some(run.pid()));
        drop(run.finish());
        target.aim(None);
        site.proxy.faults().clear();
        // What visitors see is whole, the one release or the other.
        let now = shown(&site, "index.html").to_text();
        assert!(now == page || now == before, "killed at {at}: {now}");
        for path in [APP, "favicon.svg", "docs/index.html"] {
            assert!(shown(&site, path).is_success(), "killed at {at}: {path}");
        }
        site.run().assert_code(0);
        assert_eq!(shown(&site, "index.html").to_text(), page, "killed at {at}");
        assert!(site.keys().iter().all(|key| !key.contains(".slipway")), "killed at {at}: {:?}", site.keys());
        assert_eq!(site.invalidations().len(), told + 1, "killed at {at}");
        site.run().assert_code(0);
        assert_eq!(site.changes(), Vec::<String>::new(), "killed at {at}");
    }
}
