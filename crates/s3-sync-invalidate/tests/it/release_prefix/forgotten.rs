//! What is forgotten and goes: distributions that are no more, and folders of publications that ended early.

use std::io::{Read as _, Write as _};

use testkit::RunOutput;
use testkit::fault::Fault;
use testkit::http::{Reply, Request};

use super::{folders, releases};
use crate::site::{Site, create_distribution_with, current, raw};

/// A release, of which nobody but the manifest knows that it is an old one.
const OLD: &str = "20200101T000000Z-00000000";

fn publish(site: &Site, page: &str) -> RunOutput {
    site.write("index.html", format!("<html>{page}"));
    let out = site.run();
    out.assert_code(0);
    out
}

/// A site with another distribution that was switched once and is not named any more, and the id of that.
fn with_another(site: Site) -> (Site, String) {
    let other = create_distribution_with(&site.bucket, "/site", "<PriceClass>PriceClass_100</PriceClass>");
    site.run_with(&[&format!("--distribution-id={},{other}", site.distribution)]).assert_code(0);
    (site, other)
}

/// What CloudFront says of the configuration of `distribution` from now on.
fn says(site: &Site, distribution: &str, status: u16, code: &str) {
    let error = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
    );
    site.proxy.faults().clear();
    site.proxy
        .faults()
        .add(Fault::reply(Reply::xml(status, error)).on("GET", &format!("*/{distribution}/config")).always());
}

fn looks(site: &Site, distribution: &str) -> usize {
    site.requests().iter().filter(|request| request.path.contains(distribution)).count()
}

#[test]
fn a_distribution_that_is_gone_for_good_keeps_no_release() {
    let (site, other) = with_another(releases());
    publish(&site, "two");
    assert_eq!((looks(&site, &other), folders(&site).len()), (0, 2), "nothing is due");
    let out = publish(&site, "three");
    assert!(out.summary.contains("are not among") && out.summary.contains(&other), "{}", out.summary);
    assert_eq!((looks(&site, &other), folders(&site).len()), (1, 3));
    says(&site, &other, 403, "AccessDenied");
    assert!(publish(&site, "four").summary.contains("are not among"));
    assert_eq!(folders(&site).len(), 4);
    says(&site, &other, 404, "NoSuchDistribution");
    let out = publish(&site, "five");
    assert!(out.summary.contains(&format!("CloudFront has no distribution {other} any more")), "{}", out.summary);
    assert!(!out.summary.contains("are not among"), "{}", out.summary);
    assert_eq!(folders(&site).len(), 2);
    assert!(!publish(&site, "six").summary.contains(&other));
    assert_eq!((looks(&site, &other), folders(&site).len()), (0, 2), "it is forgotten");
}

#[test]
fn where_accounts_may_share_the_manifest_none_is_forgotten() {
    let (site, other) = with_another(releases().input("manifest", "meta"));
    says(&site, &other, 404, "NoSuchDistribution");
    for (page, left) in [("two", 2), ("three", 3)] {
        publish(&site, page);
        assert_eq!((looks(&site, &other), folders(&site).len()), (0, left));
    }
}

/// Writes the manifest again with another text.
fn rewrite(site: &Site, with: impl Fn(&str) -> String) {
    let key = current(&site.bucket);
    let packed = site.get(&key).body;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    out.write_all(with(&text).as_bytes()).unwrap();
    site.put(&key, &out.finish().unwrap());
}

#[test]
fn a_folder_that_a_publication_left_goes_once_it_is_a_day_old() {
    let site = releases();
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    let second = publish(&site, "two").outputs["release-id"].clone();
    // The first release was years ago; so its folder is that of a publication that ended a moment ago.
    rewrite(&site, |text| text.replace(&first, OLD));
    let (dead, ancient) = ("20210101T000000Z-11111111", "20190101T000000Z-22222222");
    for id in [OLD, dead, ancient] {
        site.put(&format!("site/releases/{id}/index.html"), b"left");
    }
    // Not while edges may still read anything.
    let spreads = |_: &Request, reply: Reply| {
        let etag = reply.header("etag").unwrap_or_default().to_owned();
        let text = reply.to_text().replace("<Status>Deployed<", "<Status>InProgress<");
        Reply::xml(reply.status, text).with_header("etag", &etag)
    };
    let look = format!("*/distribution/{}", site.distribution);
    site.proxy.faults().add(Fault::rewrite(spreads).on("GET", &look).always());
    site.run().assert_code(0);
    assert!(folders(&site).contains(&dead.to_owned()));
    site.proxy.faults().clear();
    let out = site.run();
    out.assert_code(0);
    let mut left = [ancient, OLD, &first, &second];
    left.sort_unstable();
    assert_eq!(folders(&site), left);
    assert!(out.summary.contains(&format!("No longer kept: `{dead}`")), "{}", out.summary);
    for id in [ancient, &first] {
        assert!(out.summary.contains(id), "{id} not in\n{}", out.summary);
    }
    assert_eq!(raw("GET", &format!("/{}/site/releases/{ancient}/index.html", site.bucket), b"").to_text(), "left");
}

#[test]
fn nothing_that_a_publication_left_goes_while_a_distribution_is_not_looked_at() {
    let (site, _) = with_another(releases());
    let first = site.run().assert_code(0).outputs["release-id"].clone();
    publish(&site, "two");
    rewrite(&site, |text| text.replace(&first, OLD));
    let dead = "20210101T000000Z-11111111";
    for id in [OLD, dead] {
        site.put(&format!("site/releases/{id}/index.html"), b"left");
    }
    let out = site.run();
    assert!(out.assert_code(0).summary.contains("are not among"), "{}", out.summary);
    assert!(folders(&site).contains(&dead.to_owned()));
}
