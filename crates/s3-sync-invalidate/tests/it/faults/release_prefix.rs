//! Every fault on the way of a release that gets a folder of its own.

use super::*;
use crate::release_prefix::origin_path;

/// What a listing is about.
const OLDEST: &str = "the oldest release";

/// What a distribution shows is asked for by this.
const CONFIG: &str = "cloudfront:GetDistributionConfig";

/// A site that gets its third release: an asset, a stylesheet and a page are new, the rest is copied, and the first release goes.
struct Release;

struct Folders {
    place: Place,
    /// The first release.
    oldest: String,
}

impl Scenario for Release {
    type World = Folders;

    fn action(&self) -> &'static str {
        "s3-sync-invalidate"
    }

    fn name(&self) -> &'static str {
        "s3-sync-invalidate-release-prefix"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_s3-sync-invalidate")
    }

    fn world(&self, _: usize) -> Folders {
        Folders::new()
    }

    fn class(&self, call: &Named, nth: usize) -> Option<Class> {
        // What reads, but among the changes, and after them, before the first release goes.
        let late = match (call.operation.as_str(), call.target.as_str()) {
            ("s3:GetObject", AGAIN) => Some(if nth > 3 { Class::Tidy } else { Class::IdempotentWrite }),
            (CONFIG, _) if nth > 1 => Some(if nth > 2 { Class::Tidy } else { Class::IdempotentWrite }),
            ("s3:ListObjectsV2", OLDEST) => Some(Class::Tidy),
            ("cloudfront:GetDistribution", _) => Some(Class::Hint),
            _ => None,
        };
        late.or_else(|| match call.operation.as_str() {
            "s3:ListObjectsV2" => Some(Class::Read),
            "s3:CopyObject" | "cloudfront:UpdateDistribution" => Some(Class::IdempotentWrite),
            "s3:DeleteObjects" => Some(Class::Tidy),
            _ => Publication.class(call, nth),
        })
    }

    /// What a publication in place does too has its cells in the table of that; of calls that are alike one has them.
    fn covers(&self, call: &Named, nth: usize, _: Class) -> bool {
        match (call.operation.as_str(), call.target.as_str()) {
            ("s3:CopyObject", path) => path == "number.txt" || path.ends_with(", early"),
            ("s3:ListObjectsV2", target) => ["all releases", OLDEST].contains(&target) && nth == 1,
            ("s3:GetObject", AGAIN) => nth > 1,
            ("s3:DeleteObjects" | CONFIG | "cloudfront:GetDistribution" | "cloudfront:UpdateDistribution", _) => true,
            _ => false,
        }
    }

    /// A release stops as a publication does. What makes a message better is read alone here.
    fn told(&self, class: Class, kind: Kind, failure: Failure) -> Failure {
        let is_alone = class == Class::Hint && kind == Kind::Abandoned;
        if is_alone { failure } else { Publication.told(class, kind, failure) }
    }

    fn iam(&self) -> Option<Iam> {
        Some(Iam::emulated())
    }

    fn exceptions(&self) -> Vec<Exception> {
        // What is switched must be known, and old releases are deleted when the result is there.
        let is_same = |exception: &Exception| {
            let deletes = exception.operation == "s3:DeleteObjects";
            !deletes && ![MANIFEST, RELEASE].contains(&exception.target) && exception.operation != CONFIG
        };
        let finished = |operation, target, nth| Exception {
            operation,
            target,
            nth,
            kinds: &[Kind::Cancelled],
            expected: Expected::Unnoticed,
            reason: "what follows takes moments and is not left half-done: the run succeeds",
        };
        let read = Exception {
            kinds: &[Kind::TimedOutAlways],
            expected: Expected::fails("s3-sync-invalidate/incomplete", 1, Left::Partly),
            reason: "a read that gets no answer left nothing open",
            ..finished(CONFIG, "*", 2)
        };
        let switch = [
            finished(CONFIG, "*", 2),
            finished("s3:GetObject", AGAIN, 2),
            finished("cloudfront:UpdateDistribution", "*", 0),
        ];
        Publication.exceptions().into_iter().filter(is_same).chain([read]).chain(switch).collect()
    }
}

impl Folders {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let bucket = format!("folders-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        assert!(raw("PUT", &format!("/{bucket}"), b"").is_success());
        let distribution = create_distribution(&bucket, "/site");
        let site = |runner: FakeRunner| {
            runner
                .input("source", "dist")
                .input("bucket", &bucket)
                .input("prefix", "site")
                .input("distribution-id", &distribution)
                .input("mode", "release-prefix")
                .input("adopt-origin-path", "true")
                .file("dist/robots.txt", "same")
        };
        let publish = |number: &str| {
            let runner = site(FakeRunner::new().envs(emulator(&bucket).env()))
                .file(&format!("dist/{}", OLD_ASSET.trim_start_matches("site/")), "old")
                .file("dist/site.css", "old")
                .file("dist/index.html", "old")
                .file("dist/number.txt", number);
            let out = runner.run(env!("CARGO_BIN_EXE_s3-sync-invalidate"), [] as [&str; 0]);
            out.assert_code(0).outputs["release-id"].clone()
        };
        let (oldest, shown) = (publish("1"), publish("2"));
        let (objects, first) = (format!("/{bucket}/"), oldest.clone());
        let stage = Stage::aws(&emulator(&bucket).endpoint(), emulator(&bucket).env())
            .naming(move |request| about(request, &objects, [&first, &shown]))
            .with(|runner| {
                site(runner)
                    .file(&format!("dist/{}", NEW_ASSET.trim_start_matches("site/")), "new")
                    .file("dist/site.css", "new")
                    .file("dist/index.html", "new")
                    .file("dist/number.txt", "2")
            });
        let place = Place { bucket, distribution, stage, goes: "", other: Mutex::default() };
        Self { place, oldest }
    }
}

/// The call, and what it is about, in words that are the same whatever the releases are called.
fn about(request: &Request, objects: &str, [oldest, shown]: [&str; 2]) -> Option<Named> {
    let call = named(request, objects)?;
    let prefix = request.query_value("prefix").unwrap_or_default();
    let folder = |id: &str| format!("releases/{id}/");
    let target = match call.target.as_str() {
        "" if prefix.contains(oldest) => OLDEST.to_owned(),
        "" if prefix.contains(shown) => "the release that is shown".to_owned(),
        "" if prefix.contains(NOTE) => "the notes".to_owned(),
        "" if call.operation == "s3:ListObjectsV2" => "all releases".to_owned(),
        key if key.starts_with(&folder(shown)) => format!("{}, early", &key[folder(shown).len()..]),
        key if key.starts_with("releases/") => key.splitn(3, '/').nth(2).unwrap_or_default().to_owned(),
        other => other.to_owned(),
    };
    Some(call.about(target))
}

/// What any release is called in a text that is compared.
const ANY: &str = "20200101T000000Z-00000000";

/// The text with one name for all releases, of which each run has its own.
fn with_one_name(text: &str) -> String {
    let is_like = |(letter, like): (char, char)| match like {
        '0'..='9' => letter.is_ascii_hexdigit(),
        _ => letter == like,
    };
    let is_id = |text: &str| text.get(..ANY.len()).is_some_and(|text| text.chars().zip(ANY.chars()).all(is_like));
    let (mut out, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let (word, length) =
            if is_id(rest) { (ANY, ANY.len()) } else { (&rest[..letter.len_utf8()], letter.len_utf8()) };
        out.push_str(word);
        rest = &rest[length..];
    }
    out
}

impl matrix::World for Folders {
    fn stage(&self) -> &Stage {
        &self.place.stage
    }

    /// What visitors see, by its path below the prefix, and whether the first release is there.
    fn facts(&self) -> Facts {
        let shown = format!("{}/", origin_path(&self.place.distribution).trim_start_matches('/'));
        let all = self.place.facts();
        let is_there = all.keys().any(|key| key.contains(&self.oldest));
        let seen = |(key, value): (String, String)| match key.strip_prefix(&shown) {
            Some(path) => Some((format!("site/{path}"), value)),
            None => (!key.starts_with("site/")).then_some((key, value)),
        };
        let mut facts: Facts = all.into_iter().filter_map(seen).collect();
        facts.insert(OLDEST.to_owned(), if is_there { "there" } else { "gone" }.to_owned());
        facts
    }

    /// What is too old goes with the next publication.
    fn can_wait(&self, name: &str) -> bool {
        name == OLDEST
    }

    fn is_transient(&self, name: &str, value: &str) -> bool {
        self.place.is_transient(name, value)
    }

    fn broken_laws(&self, now: &Facts, end: &Facts) -> Vec<String> {
        let is_new = |key: &str| now.get(key) == end.get(key);
        let mut broken = Vec::new();
        if is_new("site/index.html") != is_new("site/site.css") || !now.contains_key(OLD_ASSET) {
            broken.push("what is shown is not one release".to_owned());
        }
        if is_new("site/index.html") && !now.contains_key(NEW_ASSET) {
            broken.push("a page is new whose assets are not there".to_owned());
        }
        let is_owed = now.get("invalidated") != end.get("invalidated");
        if is_owed && is_new("site/index.html") && !now.contains_key("note") {
            broken.push("an invalidation is due, and no note says so".to_owned());
        }
        broken
    }

    fn erase(&self, text: &str) -> String {
        with_one_name(&self.place.erase(text))
    }

    fn volatile_outputs(&self) -> &'static [&'static str] {
        self.place.volatile_outputs()
    }
}

#[test]
fn every_fault_of_a_release_has_its_promised_end() {
    matrix::every_fault(&Release);
}
