//! Every fault at every call, and two hundred places to be killed at, of a build on an image from a registry; and what the
//! machine's files can do to it.

mod look;

use std::path::Path;
use std::sync::OnceLock;

use serde_json::{Value, json};
use testkit::http::Request;
use testkit::matrix::{
    self, Class, Exception, Expected, Facts, Failure, Kind, Left, Mishap, Named, Scenario, Service, Stage, Trouble,
};
use testkit::registry::{FakeRegistry, digest};

use crate::support::{BINARY, out, run, runner};

/// A build on an image of two layers, behind a registry that wants a token.
struct Build {
    /// Whether the folder of a build under way may be left behind: by a run that is killed, by no other.
    killed: bool,
}

struct Place {
    registry: FakeRegistry,
    stage: Stage,
    killed: bool,
    before: Facts,
}

/// The base image: its manifest, and what this names.
struct Base {
    manifest: Vec<u8>,
    blobs: Vec<Vec<u8>>,
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const PASSWORD: &str = "a-password-of-mine";

/// Built once, by the program itself.
fn base() -> &'static Base {
    static BASE: OnceLock<Base> = OnceLock::new();
    BASE.get_or_init(|| {
        let runner = runner("FROM scratch\nCOPY a /base/a\nCOPY b /base/b\nENV FROM_BASE=yes\n");
        let runner = runner.file("a", "first layer").file("b", "second layer");
        run(&runner).assert_code(0);
        let index: Value = serde_json::from_slice(&std::fs::read(out(&runner).join("index.json")).unwrap()).unwrap();
        let wanted = &index["manifests"][0]["digest"];
        let files = std::fs::read_dir(out(&runner).join("blobs/sha256")).unwrap();
        let all = files.map(|file| std::fs::read(file.unwrap().path()).unwrap());
        let (mut manifests, blobs): (Vec<_>, Vec<_>) = all.partition(|bytes| *wanted == digest(bytes));
        Base { manifest: manifests.remove(0), blobs }
    })
}

impl Place {
    fn new(killed: bool, variant: usize) -> Self {
        let registry = FakeRegistry::builder().token_auth("me", PASSWORD).start().unwrap();
        let Base { manifest, blobs } = base();
        for blob in blobs {
            registry.put_blob("base", blob.clone());
        }
        let wanted = registry.put_manifest("base", "image", MANIFEST, manifest.clone());
        let auths = json!({"auths": {registry.host(): {"auth": "bWU6YS1wYXNzd29yZC1vZi1taW5l"}}});
        // All of the context is copied: what a killed run left beside the image would show in the next one.
        let runner = runner("FROM scratch\nCOPY . /earlier\n")
            .file(".dockerignore", "Dockerfile\ndocker\n")
            .file("docker/config.json", auths.to_string())
            .file("src/main", noise())
            .input("builder", "embedded");
        let config = runner.workspace().join("docker");
        let runner = runner.env("DOCKER_CONFIG", config.display().to_string());
        let stage = Stage::new(runner, [registry.faults().clone()], named)
            .secret("the registry's password", PASSWORD)
            .secret("the registry's token", "testkit-registry-token")
            .inputs(&["docker/config.json"]);
        let mut place = Self { registry, stage, killed, before: Facts::new() };
        if variant > 0 {
            run(&place.stage.runner).assert_code(0);
        }
        place.before = matrix::World::facts(&place);
        let dockerfile = format!("FROM {}/base@{wanted}\nCOPY . /app\nCOPY src /more\n", place.registry.host());
        place.stage = place.stage.with(|runner| runner.file("Dockerfile", dockerfile));
        place
    }

    fn file(&self, path: &str) -> std::path::PathBuf {
        self.stage.runner.workspace().join(path)
    }
}

/// A program that no compression makes much smaller.
fn noise() -> Vec<u8> {
    let next = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        Some(state.to_be_bytes()[0])
    };
    std::iter::repeat_n((), 20_000).scan(1, |state, ()| next(state)).collect()
}

impl Scenario for Build {
    type World = Place;

    fn action(&self) -> &'static str {
        "build-and-tag"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, variant: usize) -> Place {
        Place::new(self.killed, variant)
    }

    /// Without an earlier image in the output folder, and with one.
    fn variants(&self) -> usize {
        2
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "registry:GET token" | "registry:GET manifest" | "registry:GET blob" => Class::Read,
            _ => return None,
        })
    }

    /// The error names the image and its line; the registry's answer is its reason.
    fn told(&self, _: Class, kind: Kind, failure: Failure) -> Failure {
        if kind.is_cancelled() { failure } else { Failure { code: "build-and-tag/pull".to_owned(), ..failure } }
    }

    fn exceptions(&self) -> Vec<Exception> {
        let challenged = |target| Exception {
            operation: "*",
            target,
            nth: 1,
            kinds: &[Kind::Truncated, Kind::Stalled],
            expected: Expected::Unnoticed,
            reason: "the answer is a challenge, whose head says it all",
        };
        vec![challenged("the image"), challenged("the first layer")]
    }

    fn mishaps(&self) -> Vec<Mishap<Place>> {
        files()
    }

    fn writes_files(&self) -> bool {
        true
    }

    /// Without an image and with the earlier one: everything is pulled before anything is written.
    fn least_states(&self) -> usize {
        2
    }
}

/// What the machine's files can do to a build.
fn files() -> Vec<Mishap<Place>> {
    let fails = |code, exit| Expected::fails(code, exit, Left::Untouched);
    vec![
        Mishap::new("the image's files", Trouble::DiskFull, fails("oci-image/unwritable", 1)).longest_file(16),
        Mishap::new("the output folder", Trouble::Unwritable, fails("oci-image/occupied", 2)).damage(
            |place: &Place| std::fs::write(place.file("out"), "in the way").unwrap(),
            |place| std::fs::remove_file(place.file("out")).unwrap(),
        ),
        Mishap::new("the step's outputs", Trouble::DiskFull, Expected::fails("outputs/unwritable", 1, Left::Done))
            .variable("GITHUB_OUTPUT", "/dev/full"),
        Mishap::new("the step's summary", Trouble::DiskFull, Expected::Unnoticed)
            .variable("GITHUB_STEP_SUMMARY", "/dev/full"),
        moved("the Dockerfile", "Dockerfile", fails("build-and-tag/dockerfile-unreadable", 2)),
        moved("a source of a copy", "src", fails("build-and-tag/source-missing", 2)),
        cut("the Dockerfile", "Dockerfile", fails("build-and-tag/dockerfile", 2)),
        cut("the registry's credentials", "docker/config.json", fails("build-and-tag/auth-file", 2)),
    ]
}

/// Something that is not there.
fn moved(subject: &'static str, path: &'static str, expected: Expected) -> Mishap<Place> {
    let aside = format!("docker/{path}-aside");
    let back = aside.clone();
    Mishap::new(subject, Trouble::Absent, expected).damage(
        move |place: &Place| std::fs::rename(place.file(path), place.file(&aside)).unwrap(),
        move |place| std::fs::rename(place.file(&back), place.file(path)).unwrap(),
    )
}

/// A file that ends in the middle of its last line.
fn cut(subject: &'static str, path: &'static str, expected: Expected) -> Mishap<Place> {
    let whole = std::sync::Arc::new(OnceLock::new());
    let kept = std::sync::Arc::clone(&whole);
    Mishap::new(subject, Trouble::CutOff, expected).damage(
        move |place: &Place| {
            let text = whole.get_or_init(|| std::fs::read(place.file(path)).unwrap());
            std::fs::write(place.file(path), &text[..text.len() - 7]).unwrap();
        },
        move |place| std::fs::write(place.file(path), kept.get().unwrap()).unwrap(),
    )
}

/// Adds every file below `folder` with the digest of its content.
fn collect(folder: &Path, root: &Path, facts: &mut Facts) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, root, facts);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            facts.insert(name, digest(&std::fs::read(&path).unwrap()));
        }
    }
}

fn named(request: &Request) -> Option<Named> {
    if request.path == "/token" {
        let operation = format!("registry:{} token", request.method);
        return Some(Named { service: Service::Registry, operation, target: String::new() });
    }
    let call = matrix::registry(request)?;
    let manifest: Value = serde_json::from_slice(&base().manifest).unwrap();
    Some(call.about(match request.path.rsplit('/').next().unwrap_or_default() {
        part if manifest["config"]["digest"] == part => "the configuration",
        part if manifest["layers"][0]["digest"] == part => "the first layer",
        part if manifest["layers"][1]["digest"] == part => "the second layer",
        _ => "the image",
    }))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The bake file is in the runner's own folder.
    fn erase(&self, text: &str) -> String {
        text.replace(&self.stage.runner.root().display().to_string(), "")
    }

    /// Every file of the output folder, and what a build under way leaves beside it.
    fn facts(&self) -> Facts {
        let (mut facts, runner) = (Facts::new(), &self.stage.runner);
        collect(&out(runner), &out(runner), &mut facts);
        let beside = std::fs::read_dir(runner.workspace()).unwrap().flatten();
        let names = beside.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let left = names.filter(|name| name.starts_with(".slipway-") && !self.killed);
        facts.extend(left.map(|name| (name, "left behind".to_owned())));
        facts
    }

    /// There is a whole image or none: the one of before, or the new one.
    fn broken_laws(&self, now: &Facts, end: &Facts) -> Vec<String> {
        let mut broken = Vec::new();
        if *now != self.before && now != end {
            broken.push("the output folder is neither the one of before nor the new one".to_owned());
        }
        let blobs = now.iter().filter_map(|(name, found)| Some((name.strip_prefix("blobs/sha256/")?, found)));
        let damaged = blobs.filter(|(hex, found)| format!("sha256:{hex}") != **found);
        broken.extend(damaged.map(|(hex, _)| format!("blob {hex} is damaged")));
        broken
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Build { killed: false });
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Build { killed: true });
}

#[test]
fn a_build_killed_while_it_writes_leaves_the_earlier_image_or_the_new_one() {
    let mut ends = Vec::new();
    for line in ["pulling ", "line 2: ", "line 3: ", "built shop/backend"] {
        let place = Place::new(true, 1);
        let mut running = place.stage.runner.spawn(BINARY, [] as [&str; 0]);
        running.wait_for_output(line);
        running.kill();
        running.finish();
        let now = matrix::World::facts(&place);
        run(&place.stage.runner).assert_code(0);
        let end = matrix::World::facts(&place);
        assert_eq!(matrix::World::broken_laws(&place, &now, &end), Vec::<String>::new(), "killed at `{line}`");
        assert!(line != "built shop/backend" || now == end, "what was told as built is there");
        ends.push(end);
    }
    ends.dedup();
    assert_eq!(ends.len(), 1, "wherever it was killed, the next run builds the same");
}
