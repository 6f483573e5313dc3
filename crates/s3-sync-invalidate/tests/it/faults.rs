//! Every fault at every call, and two hundred places to be killed at.

#![expect(clippy::expect_used, reason = "a test that cannot be set up fails")]
#![expect(clippy::case_sensitive_file_extension_comparisons, reason = "the names are the test's own")]

mod release_prefix;
mod rollback;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

use testkit::FakeRunner;
use testkit::http::Request;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Left, Named, Scenario, Stage};

use crate::site::{between, create_distribution, emulator, invalidations, raw, unescape};

/// A hashed asset of the old site, which goes, and one of the new site.
const OLD_ASSET: &str = "site/app.0000aaaa1111bbbb.js";
const NEW_ASSET: &str = "site/app.45d844a759a9e983.js";

const NOTE: &str = "site/.slipway/";

/// Where manifests lie, and the present one.
const MANIFESTS: &str = ".slipway/site-";
const CURRENT: &str = "/current.jsonl.gz";

/// What requests are about: the manifest, a look whether it is still the same, and the copy of a release.
const MANIFEST: &str = "the manifest";
const AGAIN: &str = "the manifest, again";
const RELEASE: &str = "the release";

/// A site of which a new version is published: assets come, pages and a stylesheet change, an asset goes.
struct Publication;

struct Place {
    bucket: String,
    distribution: String,
    stage: Stage,
    /// An object that goes; empty where none does.
    goes: &'static str,
    /// Another run that publishes the same after the first one ended.
    other: Mutex<Option<FakeRunner>>,
}

/// How the new site is published.
#[derive(Clone, Copy, PartialEq)]
enum Variant {
    /// With so many more assets and pages; what is not in it is deleted.
    Larger(usize),
    /// Compressed and tagged; old assets are kept for a release, and what others put there stays.
    Kept,
    /// Without a listing, and without deletes.
    Trusted,
}

/// The first one is that of the table.
const VARIANTS: [Variant; 5] =
    [Variant::Larger(0), Variant::Larger(1), Variant::Larger(9), Variant::Kept, Variant::Trusted];

/// What does not pass.
const FINAL: [Kind; 6] =
    [Kind::ThrottledAlways, Kind::ErrorAlways, Kind::ResetAlways, Kind::TimedOutAlways, Kind::Expired, Kind::Denied];

/// A page of the old site that goes although assets are kept.
const OLD_PAGE: &str = "site/old.html";

impl Scenario for Publication {
    type World = Place;

    fn action(&self) -> &'static str {
        "s3-sync-invalidate"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_s3-sync-invalidate")
    }

    fn world(&self, variant: usize) -> Place {
        Place::new(VARIANTS[variant])
    }

    fn variants(&self) -> usize {
        VARIANTS.len()
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        if call.target == AGAIN {
            // It reads, but among the changes.
            return Some(Class::IdempotentWrite);
        }
        if (call.operation.as_str(), call.target.as_str()) == ("s3:HeadObject", RELEASE) {
            // Whether the release before has its copy; the next release looks again.
            return Some(Class::Hint);
        }
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
            // What only makes a message better is read while something is uploaded.
            Class::IdempotentWrite | Class::Hint => {
                Failure { code: "s3-sync-invalidate/incomplete".to_owned(), ..failure }
            }
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
        let reads = "a read that gets no answer left nothing open";
        let unread = "it deletes, and a manifest that may not be read may tell what it needs";
        let copy = "there is no way back to this release, which the run says";
        let among_changes = || Expected::fails("s3-sync-invalidate/incomplete", 1, Left::Partly);
        let less = "the right is not required: without it the run compares or knows less, and says so";
        vec![
            exception("s3:DeleteObjects", &[Kind::Cancelled], Expected::Unnoticed, finished),
            exception("cloudfront:GetDistributionConfig", &[Kind::Denied], Expected::Unnoticed, less),
            Exception { target: MANIFEST, ..exception("s3:GetObject", &[Kind::Denied], among_changes(), unread) },
            Exception { target: RELEASE, ..exception("s3:PutObject", &FINAL, Expected::Unnoticed, copy) },
            Exception { target: AGAIN, ..exception("s3:GetObject", &[Kind::TimedOutAlways], among_changes(), reads) },
        ]
    }
}

impl Place {
    /// The old site, and how the new one is published.
    fn new(variant: Variant) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bucket = format!("faults-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(raw("PUT", &format!("/{bucket}"), b"").is_success());
        let old = FakeRunner::new()
            .envs(emulator(&bucket).env())
            .input("source", "dist")
            .input("bucket", &bucket)
            .input("prefix", "site")
            .input("cache-control", "*.css: no-cache\n*.txt: no-cache")
            .file(&format!("dist/{}", OLD_ASSET.trim_start_matches("site/")), "old")
            .file("dist/site.css", "old")
            .file("dist/index.html", "old")
            .file("dist/robots.txt", "same");
        let old = if variant == Variant::Kept { old.file("dist/old.html", "old") } else { old };
        old.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        if variant == Variant::Kept {
            assert!(raw("PUT", &format!("/{bucket}/site/theirs.txt"), b"theirs").is_success());
        }
        let distribution = create_distribution(&bucket, "/site");
        let objects = format!("/{bucket}/");
        // Whoever finds what was left first need not be the one that left it.
        let other = (variant == Variant::Larger(1)).then(|| {
            let other = FakeRunner::new().envs(emulator(&bucket).env()).env("GITHUB_RUN_ID", "2");
            prepare(other, variant).input("bucket", &bucket).input("distribution-id", &distribution)
        });
        let stage = Stage::aws(&emulator(&bucket).endpoint(), emulator(&bucket).env())
            .naming(move |request| named(request, &objects))
            .with(|runner| prepare(runner, variant).input("bucket", &bucket).input("distribution-id", &distribution));
        let goes = match variant {
            Variant::Larger(_) => OLD_ASSET,
            Variant::Kept => OLD_PAGE,
            Variant::Trusted => "",
        };
        Self { bucket, distribution, stage, goes, other: Mutex::new(other) }
    }
}

/// The new site.
fn prepare(runner: FakeRunner, variant: Variant) -> FakeRunner {
    let runner = runner
        .input("source", "dist")
        .input("prefix", "site")
        .input("cache-control", "*.txt: no-cache")
        .file("dist/app.45d844a759a9e983.js", "new")
        .file("dist/site.css", "new")
        .file("dist/index.html", "new")
        .file("dist/robots.txt", "same");
    let more = match variant {
        Variant::Larger(more) => more,
        Variant::Kept => {
            let runner = runner.input("delete", "true").input("compress", "gzip").input("tags", "team=web");
            return runner.file("dist/large.css", "new".repeat(1000));
        }
        Variant::Trusted => return runner.input("trust-manifest", "true"),
    };
    let runner = runner.input("delete", "true").input("delete-scope", "all").input("keep-releases", "0");
    (0..more).fold(runner, |runner, number| {
        runner
            .file(&format!("dist/part{number}.45d844a759a9e98{number}.js"), "new")
            .file(&format!("dist/page{number}.html"), "new")
    })
}

fn named(request: &Request, objects: &str) -> Option<Named> {
    let call = matrix::aws(request)?;
    let key = request.path.strip_prefix(objects).unwrap_or_default();
    let is_again = request.header("if-none-match").is_some_and(|etag| etag != "*");
    Some(call.about(match key {
        key if key.ends_with(CURRENT) && is_again && request.method == "GET" => AGAIN,
        key if key.ends_with(CURRENT) => MANIFEST,
        key if key.starts_with(MANIFESTS) => RELEASE,
        key if key.starts_with(NOTE) => "the note",
        key => key.trim_start_matches("site/"),
    }))
}

/// What a manifest says of the objects of the present release.
fn live(manifest: &[u8]) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(manifest), &mut text).expect("a manifest");
    let lines: Vec<&str> = text.lines().collect();
    let objects = lines[1..lines.len() - 1].iter().filter(|line| !line.contains("\"last-used\""));
    objects.copied().collect::<Vec<_>>().join("\n")
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
            if key.ends_with(CURRENT) {
                facts.insert(MANIFEST.to_owned(), live(&object.body));
            }
            if key.starts_with(MANIFESTS) {
                continue;
            }
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

    fn meanwhile(&self) {
        let other = self.other.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(other) = other {
            other.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        }
    }

    /// A role that may not read the manifest publishes without it.
    fn can_wait(&self, name: &str) -> bool {
        name == MANIFEST
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
        if !self.goes.is_empty() && !now.contains_key(self.goes) && !uploaded {
            broken.push("an object was deleted before everything was uploaded".to_owned());
        }
        if self.goes != OLD_ASSET && !now.contains_key(OLD_ASSET) {
            broken.push("an asset is gone that is kept".to_owned());
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
        &["invalidation-ids", "paths-invalidated", "estimated-cost", "release-id"]
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
