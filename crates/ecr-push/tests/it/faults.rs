//! Every fault at every call, and two hundred places to be killed at.

mod contrary;
mod failing;
mod promoting;
mod publishing;

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use testkit::http::{Request, get, send};
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Iam, Kind, Named, Scenario, Stage};
use testkit::{Ministack, Tools};

use crate::world::write_index;

/// An image of two platforms that is pushed under two tags into a repository that is not there yet.
struct Push;

struct Place {
    repository: String,
    digest: String,
    stage: Stage,
}

/// One emulator for all cells; each has a repository of its own.
fn emulator() -> &'static Ministack {
    static EMULATOR: OnceLock<Ministack> = OnceLock::new();
    EMULATOR.get_or_init(|| Ministack::start(&Tools::locate().unwrap()).unwrap())
}

impl Scenario for Push {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecr-push"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_ecr-push")
    }

    fn world(&self, _: usize) -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let repository = format!("faults/{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let stage = Stage::aws(&emulator().endpoint(), emulator().env())
            .secret("the registry's password", "ministack-auth-token")
            .with(|runner| {
                runner
                    .input("source", "oci:image")
                    .input("repository", &repository)
                    .input("create-repository", "true")
                    .input("tags", "1.0.0\nlatest")
            });
        let digest = write_index(stage.runner.workspace());
        let index = digest.clone();
        Place { repository, digest, stage: stage.naming(move |request| named(request, &index)) }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecr:DescribeRepositories"
            | "ecr:GetAuthorizationToken"
            | "registry:HEAD manifest"
            | "registry:GET manifest"
            | "registry:GET tags"
            | "registry:HEAD blob" => Class::Read,
            "ecr:BatchCheckLayerAvailability" => Class::Hint,
            "ecr:CreateRepository" | "registry:POST upload" | "registry:PUT upload" | "registry:PUT manifest" => {
                Class::IdempotentWrite
            }
            _ => return None,
        })
    }

    fn iam(&self) -> Option<Iam> {
        Some(Iam::emulated())
    }

    fn exceptions(&self) -> Vec<Exception> {
        vec![
            Exception {
                operation: "registry:PUT upload",
                target: "*",
                nth: 0,
                kinds: &[Kind::AnswerLost, Kind::TimedOutOnce, Kind::TimedOutAlways],
                expected: Expected::Unnoticed,
                reason: "before a blob is sent again it is looked for, and found",
            },
            Exception {
                operation: "registry:PUT manifest",
                target: "latest",
                nth: 0,
                kinds: &[Kind::Cancelled],
                expected: Expected::Unnoticed,
                reason: "it is the last tag: everything is written",
            },
            Exception {
                operation: "registry:GET tags",
                target: "list",
                nth: 2,
                kinds: &[Kind::Cancelled],
                expected: Expected::Unnoticed,
                reason: "it is the look for higher versions behind the last tag: everything is written",
            },
            Exception {
                operation: "registry:HEAD manifest",
                target: "latest",
                nth: 2,
                kinds: &[Kind::Cancelled],
                expected: Expected::Unnoticed,
                reason: "it is the look behind the last tag: everything is written",
            },
        ]
    }

    /// ECR's registry asks for IAM actions: the error names them.
    fn told(&self, _: Class, kind: Kind, failure: Failure) -> Failure {
        match kind {
            Kind::Denied => Failure { code: "aws/access-denied".to_owned(), ..failure },
            _ => failure,
        }
    }
}

impl Place {
    fn read(&self, path: &str) -> testkit::http::Reply {
        get(&format!("{}/v2/{}/{path}", emulator().endpoint(), self.repository)).unwrap()
    }

    /// The blobs and manifests that a manifest names.
    fn parts(&self, reference: &str) -> Vec<(String, bool)> {
        let manifest = self.read(&format!("manifests/{reference}")).to_json();
        let list = |name: &str| manifest[name].as_array().cloned().unwrap_or_default();
        let digest = |part: &serde_json::Value| part["digest"].as_str().unwrap_or_default().to_owned();
        let mut parts = Vec::new();
        for child in list("manifests").iter().map(digest) {
            parts.push((child.clone(), self.read(&format!("manifests/{child}")).is_success()));
            parts.extend(self.parts(&child));
        }
        let config = manifest["config"].as_object().map(|_| digest(&manifest["config"]));
        for blob in config.into_iter().chain(list("layers").iter().map(digest)) {
            parts.push((blob.clone(), self.read(&format!("blobs/{blob}")).is_success()));
        }
        parts
    }
}

fn named(request: &Request, index: &str) -> Option<Named> {
    let Some(call) = matrix::registry(request) else { return matrix::aws(request) };
    let query = request.query_value("digest");
    let last = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let subject = match call.operation.as_str() {
        "registry:POST upload" => String::new(),
        "registry:PUT upload" => query.unwrap_or_default(),
        _ => last,
    };
    let subject = if subject == index { "the index".to_owned() } else { subject };
    let short = subject.strip_prefix("sha256:").map(|hex| hex[..hex.len().min(8)].to_owned());
    Some(call.about(short.unwrap_or(subject)))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target)];
        let ask = format!("{{\"repositoryNames\":[\"{}\"]}}", self.repository);
        let there = send("POST", &emulator().endpoint(), &headers, ask.as_bytes()).unwrap().is_success();
        let mut facts = Facts::from([("repository".to_owned(), there.to_string())]);
        for reference in ["1.0.0", "latest", self.digest.as_str()] {
            let manifest = self.read(&format!("manifests/{reference}"));
            if manifest.is_success() {
                facts.insert(reference.to_owned(), testkit::registry::digest(&manifest.body));
            }
        }
        facts
    }

    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let tags = ["1.0.0", "latest"].into_iter().filter(|tag| now.contains_key(*tag));
        let missing = tags.flat_map(|tag| self.parts(tag).into_iter().map(move |part| (tag, part)));
        missing
            .filter(|(_, (_, there))| !there)
            .map(|(tag, (part, _))| format!("`{tag}` points at an image whose {part} is not there"))
            .collect()
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.repository, "REPOSITORY").replace(&self.stage.host(), "HOST")
    }
}

#[test]
fn every_fault_has_its_promised_end() {
    matrix::every_fault(&Push);
}

#[test]
fn every_kill_point_leaves_a_state_that_converges() {
    matrix::every_kill(&Push);
}
