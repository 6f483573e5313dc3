//! S3 asks for fewer requests: fewer run at the same time from then on, whatever they do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use crate::release_prefix::releases;
use crate::rollback::{rollback, versioning};
use crate::site::Site;

/// Refuses the first round of `at_once` requests of which `is_wanted`, and as many again. Returns how many of those that begin when the
/// first round is done run at the same time at most.
fn refuse(site: &Site, is_wanted: fn(&Request) -> bool, at_once: usize) -> Arc<AtomicUsize> {
    let [seen, now, most] = [(); 3].map(|()| Arc::new(AtomicUsize::new(0)));
    let (running, highest) = (Arc::clone(&now), Arc::clone(&most));
    let too_many = Reply::xml(503, "<Error><Code>SlowDown</Code><Message>no</Message></Error>");
    let refused = Fault::reply(too_many).matching(is_wanted).times(2 * u64::try_from(at_once).unwrap());
    site.proxy.faults().add(refused);
    let passes = move |request: &Request| {
        if !is_wanted(request) || seen.fetch_add(1, Ordering::SeqCst) < 2 * at_once {
            return false;
        }
        let together = running.fetch_add(1, Ordering::SeqCst) + 1;
        if seen.load(Ordering::SeqCst) > 3 * at_once {
            highest.fetch_max(together, Ordering::SeqCst);
        }
        true
    };
    let ended = Fault::rewrite(move |_, reply| {
        now.fetch_sub(1, Ordering::SeqCst);
        reply
    });
    site.proxy.faults().add(ended.matching(passes).always());
    most
}

/// The limit falls to its floor of 4, and grows by one for each full round since.
#[track_caller]
fn is_slow(site: &Site, is_wanted: fn(&Request) -> bool, most: &AtomicUsize, allowed: usize) {
    let ended = site.requests().iter().filter(|request| is_wanted(request)).count();
    let most = most.load(Ordering::SeqCst);
    assert!((1..=allowed).contains(&most), "{most} of {ended}");
}

fn write_many(site: &Site, files: usize, content: &str) {
    for number in 0..files {
        site.write(&format!("{number:03}.css"), content);
    }
}

fn is_copy(request: &Request) -> bool {
    request.header("x-amz-copy-source").is_some_and(|source| source.contains(".css"))
}

fn is_look(request: &Request) -> bool {
    request.method == "HEAD" && request.path.contains(".css")
}

#[test]
fn copies_from_the_last_release_slow_down() {
    let site = releases().input("concurrency", "16");
    write_many(&site, 60, "x");
    site.run().assert_code(0);
    site.write("index.html", "<html>two");
    let most = refuse(&site, is_copy, 16);
    let out = site.run();
    assert_eq!((out.assert_code(0).outputs["uploaded"].as_str(), site.keys().len()), ("1", 2 * 64));
    is_slow(&site, is_copy, &most, 12);
}

#[test]
fn looks_at_objects_slow_down() {
    let site = Site::new().input("concurrency", "16").input("manifest", "none");
    write_many(&site, 60, "x");
    site.run().assert_code(0);
    let most = refuse(&site, is_look, 16);
    assert_eq!(site.run_with(&["--check-headers"]).assert_code(0).outputs["changed"], "false");
    is_slow(&site, is_look, &most, 12);
}

#[test]
fn what_comes_back_in_a_rollback_slows_down() {
    let site = Site::new();
    versioning(&site.bucket, "Enabled");
    for content in ["one", "two"] {
        write_many(&site, 150, content);
        site.run().assert_code(0);
    }
    // A rollback begins with 64.
    let most = refuse(&site, is_copy, 64);
    assert_eq!(rollback(&site, &[]).assert_code(0).outputs["restored"], "150");
    assert_eq!(site.get("site/000.css").to_text(), "one");
    is_slow(&site, is_copy, &most, 24);
}
