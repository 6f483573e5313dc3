//! A push to ECR's public registry, which keeps no tag by itself, and every fault at every call.

use testkit::http::Request;
use testkit::matrix::{self, Class, Exception, Expected, Facts, Failure, Kind, Named, Scenario, Service, Stage};

use crate::public;
use crate::world::{PASSWORD, World, write_image};

struct Publish;

struct Place {
    world: World,
    stage: Stage,
}

impl Scenario for Publish {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecr-push"
    }

    fn name(&self) -> &'static str {
        "ecr-push-to-the-public-registry"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_ecr-push")
    }

    fn world(&self, _: usize) -> Place {
        let world = public::world();
        // One tag, and one blob that is missing: what goes on at once asks for tokens in any order.
        world.registry.put_blob("acme/shop", "layer");
        let step = public::step(&world, "1.0.0");
        write_image(step.workspace(), "layer");
        let fronts = [world.aws.faults().clone(), world.registry.faults().clone()];
        let stage = Stage::new(step, fronts, named).secret("the registry's password", PASSWORD);
        Place { world, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecr-public:BatchCheckLayerAvailability" => Class::Hint,
            "ecr-public:DescribeRepositories"
            | "ecr-public:GetAuthorizationToken"
            | "registry:HEAD manifest"
            | "registry:GET token"
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

    /// The registry asks for IAM actions where something is written: the error names them.
    fn told_of(&self, call: &Named, _: usize, class: Class, kind: Kind, failure: Failure) -> Failure {
        let writes = class == Class::IdempotentWrite || call.target == "pull,push";
        match kind {
            Kind::Denied if writes => Failure { code: "aws/access-denied".to_owned(), ..failure },
            _ => failure,
        }
    }
}

fn named(request: &Request) -> Option<Named> {
    if request.path == "/token" {
        let operation = format!("registry:{} token", request.method);
        let scope = request.query_value("scope").unwrap_or_default();
        let target = scope.rsplit(':').next().unwrap_or_default().to_owned();
        return Some(Named { service: Service::Registry, operation, target });
    }
    let Some(call) = matrix::registry(request) else { return matrix::aws(request) };
    let last = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let subject = match call.operation.as_str() {
        "registry:POST upload" => String::new(),
        "registry:PUT upload" => request.query_value("digest").unwrap_or_default(),
        _ => last,
    };
    let short = subject.strip_prefix("sha256:").map(|hex| hex[..hex.len().min(8)].to_owned());
    Some(call.about(short.unwrap_or(subject)))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        self.world.registry.tags("acme/shop").into_iter().collect()
    }

    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let registry = &self.world.registry;
        let mut broken = Vec::new();
        for tag in now.keys() {
            let manifest = registry.manifest("acme/shop", tag).unwrap().json();
            let blobs = manifest["layers"].as_array().unwrap().iter().chain([&manifest["config"]]);
            let missing = blobs
                .filter_map(|blob| blob["digest"].as_str())
                .filter(|digest| registry.blob("acme/shop", digest).is_none());
            broken.extend(missing.map(|digest| format!("`{tag}` is there without {digest}")));
        }
        broken
    }

    fn erase(&self, text: &str) -> String {
        text.replace(&self.world.registry.host(), "HOST")
    }
}

#[test]
fn every_fault_of_a_push_to_the_public_registry_has_its_promised_end() {
    matrix::every_fault(&Publish);
}
