//! A push of two images with one base to a registry that does everything at once by which clients have been made to fail, killed at two
//! hundred places: what is left is looked at, and the same step run again.

use serde_json::json;
use testkit::FakeRegistry;
use testkit::http::Request;
use testkit::matrix::{self, Class, Facts, Named, Scenario, Stage};

use crate::several::write;
use crate::world::{PASSWORD, World, repository};

const NAMES: [&str; 2] = ["api", "worker"];

struct Contrary;

struct Place {
    world: World,
    stage: Stage,
}

impl Scenario for Contrary {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecr-push"
    }

    fn name(&self) -> &'static str {
        "ecr-push-to-a-contrary-registry"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_ecr-push")
    }

    fn world(&self, _: usize) -> Place {
        let builder = NAMES.iter().fold(FakeRegistry::builder().contrary(), |builder, name| builder.repository(name));
        let world = World::with(builder);
        let repositories = NAMES.map(|name| repository(name, "MUTABLE"));
        world.aws.on("DescribeRepositories").reply(json!({"repositories": repositories}));
        let images =
            NAMES.map(|name| json!({"source": format!("oci:{name}"), "repository": name, "tags": ["1.0.0", "latest"]}));
        let step =
            world.step("").input("source", "").input("repository", "").input("images", &json!(images).to_string());
        for name in NAMES {
            write(step.workspace(), name);
        }
        let fronts = [world.aws.faults().clone(), world.registry.faults().clone()];
        let stage = Stage::new(step, fronts, named).secret("the registry's password", PASSWORD);
        Place { world, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        let reads = ["ecr:", "registry:HEAD", "registry:GET"].iter().any(|start| call.operation.starts_with(start));
        Some(match call.operation.as_str() {
            "ecr:BatchCheckLayerAvailability" => Class::Hint,
            _ if reads => Class::Read,
            _ => Class::IdempotentWrite,
        })
    }
}

fn named(request: &Request) -> Option<Named> {
    let Some(call) = matrix::registry(request) else { return matrix::aws(request) };
    let repository = request.path.split('/').nth(2).unwrap_or_default().to_owned();
    let last = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let subject = match call.operation.as_str() {
        "registry:POST upload" => String::new(),
        "registry:PUT upload" => request.query_value("digest").unwrap_or_default(),
        _ => last,
    };
    Some(call.about(format!("{repository} {}", subject.chars().take(15).collect::<String>())))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        let tags = NAMES.iter().flat_map(|name| {
            self.world.registry.tags(name).into_iter().map(move |(tag, digest)| (format!("{name}:{tag}"), digest))
        });
        tags.collect()
    }

    /// What a tag points at is whole, moving tags come last, and no chunk is ever sent.
    fn broken_laws(&self, now: &Facts, _: &Facts) -> Vec<String> {
        let registry = &self.world.registry;
        let mut broken = Vec::new();
        for name in now.keys() {
            let (repository, tag) = name.split_once(':').unwrap();
            let manifest = registry.manifest(repository, tag).unwrap().json();
            let layers = manifest["layers"].as_array().unwrap().iter().chain([&manifest["config"]]);
            let missing = layers
                .filter_map(|layer| layer["digest"].as_str())
                .filter(|digest| registry.blob(repository, digest).is_none());
            broken.extend(missing.map(|digest| format!("`{name}` is there without {digest}")));
        }
        let has = |tag: &str| NAMES.iter().filter(|name| now.contains_key(&format!("{name}:{tag}"))).count();
        if has("latest") > 0 && has("1.0.0") < NAMES.len() {
            broken.push("a moving tag is there before all that stay".to_owned());
        }
        broken.extend(registry.requests().iter().filter(|request| request.method == "PATCH").map(Request::line));
        broken
    }
}

#[test]
fn every_kill_point_of_a_push_to_a_contrary_registry_leaves_a_state_that_converges() {
    matrix::every_kill(&Contrary);
}
