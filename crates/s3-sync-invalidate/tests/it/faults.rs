//! Every fault at every call, and two hundred places to be killed at.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the names are the test's own")]

use std::sync::atomic::{AtomicU32, Ordering};

use testkit::FakeRunner;
use testkit::http::{Request, send};
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Left, Named, Scenario, Stage};

use crate::site::{between, create_distribution, emulator, invalidations, raw, unescape};

/// A hashed asset of the old site, which goes, and one of the new site.
const OLD_ASSET: &str = "site/app.0000aaaa1111bbbb.js";
const NEW_ASSET: &str = "site/app.45d844a759a9e983.js";

const NOTE: &str = "site/.slipway/";

/// A site of which a new version is published: assets come, pages and a stylesheet change, an asset goes.
struct Publication;

struct Place {
    bucket: String,
    distribution: String,
    stage: Stage,
}

impl Scenario for Publication {
    type World = Place;

    fn action(&self) -> &'static str {
        "s3-sync-invalidate"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_s3-sync-invalidate")
    }

    fn world(&self, variant: usize) -> Place {
        Place::new([0, 1, 9][variant])
    }

    fn variants(&self) -> usize {
        3
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "s3:ListObjectsV2" | "s3:HeadObject" | "s3:GetObject" | "cloudfront:GetDistributionConfig" => Class::Read,
            "s3:PutObject" | "s3:DeleteObjects" | "cloudfront:CreateInvalidation" => Class::IdempotentWrite,
            "s3:DeleteObject" => Class::Tidy,
            _ => return None,
        })
    }

    /// From the first change on the error says how far the publication is; its cause decides the exit code.
    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        match class {
            // A run that is out of time is ended from outside.
            Class::IdempotentWrite if kind == Kind::Abandoned => failure,
            Class::IdempotentWrite => Failure { code: "s3-sync-invalidate/incomplete".to_owned(), ..failure },
            _ => failure,
        }
    }

    fn iam(&self) -> Option<Iam> {
        Some(Iam::emulated())
    }

    fn exceptions(&self) -> Vec<Exception> {
        let exception =
            |operation, kinds, expected, reason| Exception { operation, target: "*", nth: 0, kinds, expected, reason };
        let finished = "what follows takes moments and is not left half-done: the run succeeds";
        let no_body = "the answer to a HEAD request has no body that could say why";
        let service = Expected::fails("aws/service-error", 1, Left::Untouched);
        let less = "the right is not required: without it the run compares or knows less, and says so";
        vec![
            exception("s3:DeleteObjects", &[Kind::Cancelled], Expected::Unnoticed, finished),
            exception("s3:HeadObject", &[Kind::ThrottledAlways, Kind::Expired], service, no_body),
            exception("s3:HeadObject", &[Kind::Denied], Expected::Unnoticed, less),
            exception("cloudfront:GetDistributionConfig", &[Kind::Denied], Expected::Unnoticed, less),
        ]
    }
}

impl Place {
    /// The old site, with so many more new assets and pages in the new one.
    fn new(more: usize) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bucket = format!("faults-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(raw("PUT", &format!("/{bucket}"), b"").is_success());
        let put = |key: &str, kind: &str, control: &str, content: &str| {
            let headers = [("content-type", kind), ("cache-control", control)];
            let url = format!("{}/{bucket}/{key}", emulator().endpoint());
            assert!(send("PUT", &url, &headers, content.as_bytes()).expect("an answer").is_success());
        };
        put(OLD_ASSET, "text/javascript; charset=utf-8", "public, max-age=31536000, immutable", "old");
        put("site/site.css", "text/css; charset=utf-8", "no-cache", "old");
        put("site/index.html", "text/html; charset=utf-8", "no-cache", "old");
        put("site/robots.txt", "text/plain; charset=utf-8", "no-cache", "same");
        let distribution = create_distribution(&bucket, "/site");
        let objects = format!("/{bucket}/");
        let stage = Stage::aws(&emulator().endpoint(), emulator().env())
            .naming(move |request| named(request, &objects))
            .with(|runner| prepare(runner, more).input("bucket", &bucket).input("distribution-id", &distribution));
        Self { bucket, distribution, stage }
    }
}

/// The new site, with so many more assets and pages.
fn prepare(runner: FakeRunner, more: usize) -> FakeRunner {
    let runner = runner
        .input("source", "dist")
        .input("prefix", "site")
        .input("delete", "true")
        .file("dist/app.45d844a759a9e983.js", "new")
        .file("dist/site.css", "new")
        .file("dist/index.html", "new")
        .file("dist/robots.txt", "same");
    (0..more).fold(runner, |runner, number| {
        runner
            .file(&format!("dist/part{number}.45d844a759a9e98{number}.js"), "new")
            .file(&format!("dist/page{number}.html"), "new")
    })
}

fn named(request: &Request, objects: &str) -> Option<Named> {
    let call = matrix::aws(request)?;
    let key = request.path.strip_prefix(objects).unwrap_or_default();
    Some(call.about(if key.starts_with(NOTE) { "the note" } else { key.trim_start_matches("site/") }))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        let listing = raw("GET", &format!("/{}?list-type=2", self.bucket), b"").to_text();
        let mut facts = Facts::new();
        for key in between(&listing, "<Key>", "</Key>").iter().map(|key| unescape(key)) {
            let object = raw("GET", &format!("/{}/{key}", self.bucket), b"");
            let header = |name| object.header(name).unwrap_or_default().to_owned();
            let shown = format!("{}; {}; {}", object.to_text(), header("content-type"), header("cache-control"));
            if key.starts_with(NOTE) && object.body.is_empty() {
                // It was settled by a role that may not delete.
                continue;
            }
            let is_note = key.starts_with(NOTE);
            facts.insert(if is_note { "note".to_owned() } else { key }, if is_note { object.to_text() } else { shown });
        }
        let mut paths: Vec<String> = invalidations(&self.distribution).concat();
        // A distribution that may not be read is told both forms of each path; one of them is the right one.
        paths.retain(|path| !path.starts_with("/site/"));
        paths.sort();
        paths.dedup();
        facts.insert("invalidated".to_owned(), paths.join(" "));
        facts
    }

    fn is_transient(&self, name: &str, _: &str) -> bool {
        name == "note"
    }

    fn broken_laws(&self, now: &Facts, end: &Facts) -> Vec<String> {
        let is_new = |key: &String| now.get(key) == end.get(key);
        let pages = || end.keys().filter(|key| key.ends_with(".html"));
        let assets = || end.keys().filter(|key| key.ends_with(".js") || key.ends_with(".css"));
        let mut broken = Vec::new();
        if pages().any(is_new) && !(assets().all(is_new) && now.contains_key(NEW_ASSET)) {
            broken.push("a page is new whose assets are not there".to_owned());
        }
        let uploaded = pages().all(is_new) && assets().all(is_new);
        if !now.contains_key(OLD_ASSET) && !uploaded {
            broken.push("an object was deleted before everything was uploaded".to_owned());
        }
        let is_owed = now.get("invalidated") != end.get("invalidated");
        let is_old = |key: &&String| ["site/site.css", "site/index.html"].contains(&key.as_str());
        if is_owed && pages().chain(assets()).filter(is_old).any(is_new) && !now.contains_key("note") {
            broken.push("an invalidation is due, and no note says so".to_owned());
        }
        broken
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.distribution, "DISTRIBUTION").replace(&self.bucket, "BUCKET")
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["invalidation-ids", "paths-invalidated", "estimated-cost"]
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Publication);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Publication);
}
