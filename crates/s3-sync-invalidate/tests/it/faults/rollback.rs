//! Every fault on the way of a site back to the release before.

use super::*;
use crate::rollback::versioning;

/// A site that goes back: an asset, a stylesheet and a page come back, an asset and a page go.
struct Back;

struct BackPlace(Place);

impl Scenario for Back {
    type World = BackPlace;

    fn action(&self) -> &'static str {
        "s3-rollback"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_s3-sync-invalidate")
    }

    fn arguments(&self) -> Vec<String> {
        vec!["rollback".to_owned()]
    }

    fn world(&self, _: usize) -> BackPlace {
        BackPlace::new()
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
            "s3:ListObjectVersions"
            | "s3:GetBucketVersioning"
            | "s3:HeadObject"
            | "s3:GetObject"
            | "cloudfront:GetDistributionConfig" => Class::Read,
            "s3:CopyObject" | "s3:PutObject" | "s3:DeleteObjects" | "cloudfront:CreateInvalidation" => {
                Class::IdempotentWrite
            }
            "s3:DeleteObject" => Class::Tidy,
            _ => return None,
        })
    }

    /// What a publication does too is in its table.
    fn covers(&self, call: &Named, _: usize, _: Class) -> bool {
        match (call.operation.as_str(), call.target.as_str()) {
            ("s3:HeadObject", "index.html") | ("s3:GetObject", RELEASE) | ("s3:PutObject", MANIFEST) => true,
            ("s3:CopyObject", target) => target != "site.css",
            (operation, _) => {
                ["s3:ListObjectVersions", "s3:GetBucketVersioning", "s3:DeleteObjects"].contains(&operation)
            }
        }
    }

    /// A rollback stops as a publication does.
    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        Publication.told(class, kind, failure)
    }

    fn iam(&self) -> Option<Iam> {
        Some(Iam::emulated())
    }

    fn exceptions(&self) -> Vec<Exception> {
        let same = |exception: &Exception| exception.operation == "s3:DeleteObjects";
        let mute = Exception {
            operation: "s3:HeadObject",
            target: "index.html",
            nth: 0,
            kinds: &[Kind::ThrottledAlways, Kind::Expired],
            expected: Expected::fails("aws/service-error", 1, Left::Untouched),
            reason: "the answer to a HEAD request has no body that says why",
        };
        Publication.exceptions().into_iter().filter(same).chain([mute]).collect()
    }
}

impl BackPlace {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bucket = format!("back-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(raw("PUT", &format!("/{bucket}"), b"").is_success());
        versioning(&bucket, "Enabled");
        let site = || {
            FakeRunner::new()
                .envs(emulator(&bucket).env())
                .input("source", "dist")
                .input("bucket", &bucket)
                .input("prefix", "site")
                .input("delete", "true")
                .input("delete-scope", "all")
                .input("keep-releases", "0")
                .file("dist/robots.txt", "same")
        };
        let old = site()
            .file(&format!("dist/{}", OLD_ASSET.trim_start_matches("site/")), "old")
            .file("dist/site.css", "old")
            .file("dist/index.html", "old");
        let new = site()
            .file(&format!("dist/{}", NEW_ASSET.trim_start_matches("site/")), "new")
            .file("dist/site.css", "new")
            .file("dist/index.html", "new")
            .file("dist/new.html", "new");
        for publication in [old, new] {
            publication.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]).assert_code(0);
        }
        let distribution = create_distribution(&bucket, "/site");
        let objects = format!("/{bucket}/");
        let stage = Stage::aws(&emulator(&bucket).endpoint(), emulator(&bucket).env())
            .naming(move |request| named(request, &objects))
            .with(|runner| {
                runner
                    .input("bucket", &bucket)
                    .input("prefix", "site")
                    .input("distribution-id", &distribution)
                    .input("keep-releases", "0")
            });
        Self(Place { bucket, distribution, stage, goes: NEW_ASSET, other: Mutex::default() })
    }
}

impl matrix::World for BackPlace {
    fn stage(&self) -> &Stage {
        &self.0.stage
    }

    fn facts(&self) -> Facts {
        self.0.facts()
    }

    fn is_transient(&self, name: &str, value: &str) -> bool {
        self.0.is_transient(name, value)
    }

    fn broken_laws(&self, now: &Facts, end: &Facts) -> Vec<String> {
        let is_back = |key: &str| now.get(key) == end.get(key);
        let mut broken = Vec::new();
        if is_back("site/index.html") && !(is_back("site/site.css") && now.contains_key(OLD_ASSET)) {
            broken.push("a page is back whose assets are not there".to_owned());
        }
        let is_gone = !now.contains_key(NEW_ASSET) || !now.contains_key("site/new.html");
        if is_gone && !is_back("site/index.html") {
            broken.push("an object was deleted before everything was back".to_owned());
        }
        let is_owed = now.get("invalidated") != end.get("invalidated");
        if is_owed && (is_back("site/site.css") || is_back("site/index.html")) && !now.contains_key("note") {
            broken.push("an invalidation is due, and no note says so".to_owned());
        }
        broken
    }

    fn erase(&self, text: &str) -> String {
        self.0.erase(text)
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        &["invalidation-ids", "paths-invalidated", "estimated-cost", "release-id", "rolled-back-to"]
    }
}

#[test]
fn every_fault_of_a_rollback_has_its_promised_end() {
    matrix::every_fault(&Back);
}

#[test]
fn every_kill_point_of_a_rollback_leaves_a_state_that_converges() {
    matrix::every_kill(&Back);
}
