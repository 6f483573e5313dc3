//! A promotion from one account to another, and every fault at every call of both registries.

use testkit::http::Request;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Kind, Named, Scenario, Stage};

use crate::promote::{DEVELOP, Two, sign};
use crate::world::PASSWORD;

/// A signed image.
struct Promote;

struct Place {
    two: Two,
    stage: Stage,
}

impl Scenario for Promote {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecr-promote"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_ecr-push")
    }

    fn arguments(&self) -> Vec<String> {
        vec!["promote".to_owned()]
    }

    fn world(&self, _: usize) -> Place {
        let two = Two::with_one_image();
        sign(&two.develop, "shop", &two.digest);
        let step = two.step(&format!("{DEVELOP}/shop@{}", two.digest), "1.0.0\nlatest");
        let (aws, registry) = (&two.production.aws, &two.production.registry);
        // The last call of a run is one of production.
        let fronts = [aws.faults().clone(), two.develop.faults().clone(), registry.faults().clone()];
        let (develop, digest) = (two.develop.host(), two.digest.clone());
        let named = move |request: &Request| named(request, &develop, &digest);
        let stage = Stage::new(step, fronts, named).secret("the registry's password", PASSWORD);
        Place { two, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecr:BatchCheckLayerAvailability" => Class::Hint,
            "ecr:DescribeRepositories"
            | "ecr:GetAuthorizationToken"
            | "registry:HEAD manifest"
            | "registry:GET manifest"
            | "registry:GET tags"
            | "registry:GET referrers"
            | "registry:GET blob"
            | "registry:HEAD blob" => Class::Read,
            "registry:POST upload" | "registry:PUT upload" | "registry:PUT manifest" => Class::IdempotentWrite,
            _ => return None,
        })
    }

    fn exceptions(&self) -> Vec<Exception> {
        vec![Exception {
            operation: "registry:PUT upload",
            target: "*",
            nth: 0,
            kinds: &[Kind::AnswerLost, Kind::TimedOutOnce, Kind::TimedOutAlways],
            expected: Expected::Unnoticed,
            reason: "before a blob is sent again it is looked for, and found",
        }]
    }

    /// ECR's registry asks for IAM actions: the error names them.
    fn told(&self, _: Class, kind: Kind, failure: Failure) -> Failure {
        match kind {
            Kind::Denied => Failure { code: "aws/access-denied".to_owned(), ..failure },
            _ => failure,
        }
    }
}

fn named(request: &Request, develop: &str, digest: &str) -> Option<Named> {
    let Some(call) = matrix::registry(request) else { return matrix::aws(request) };
    let last = request
        .query_value("digest")
        .unwrap_or_else(|| request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned());
    let subject = match call.operation.as_str() {
        "registry:POST upload" => String::new(),
        _ if last == digest => "the index".to_owned(),
        _ => last,
    };
    let short = subject.strip_prefix("sha256:").map(|hex| hex[..hex.len().min(8)].to_owned());
    let subject = short.unwrap_or(subject);
    let of_develop = request.header("host") == Some(develop);
    Some(call.about(if of_develop { format!("develop's {subject}") } else { subject }))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        self.two.production.registry.tags("shop").into_iter().collect()
    }

    /// What a tag points at is whole, with its signature; and develop was only read.
    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let (develop, production) = (&self.two.develop, &self.two.production.registry);
        let mut broken = Vec::new();
        for (tag, digest) in now {
            let mut wanted = vec![digest.clone()];
            wanted.extend(develop.tags("shop").into_values());
            for digest in wanted {
                let Some(manifest) = production.manifest("shop", &digest) else {
                    broken.push(format!("`{tag}` is there without {digest}"));
                    continue;
                };
                let manifest = manifest.json();
                let layers = manifest["layers"].as_array().into_iter().flatten();
                let blobs = layers.chain(manifest["config"].as_object().map(|_| &manifest["config"]));
                let missing = blobs
                    .filter_map(|blob| blob["digest"].as_str())
                    .filter(|digest| production.blob("shop", digest).is_none());
                broken.extend(missing.map(|digest| format!("`{tag}` is there without {digest}")));
            }
        }
        let written =
            develop.requests().into_iter().filter(|request| !matches!(request.method.as_str(), "GET" | "HEAD"));
        broken.extend(written.map(|request| format!("develop got {}", request.line())));
        broken
    }

    fn erase(&self, text: &str) -> String {
        let text = text.replace(&self.two.develop.host(), "DEVELOP");
        text.replace(&self.two.production.registry.host(), "HOST")
    }
}

#[test]
fn every_fault_of_a_promotion_has_its_promised_end() {
    matrix::every_fault(&Promote);
}

#[test]
fn every_kill_point_of_a_promotion_leaves_a_state_that_converges() {
    matrix::every_kill(&Promote);
}
