//! Every fault at every call of the look at ECR before a build.

use testkit::http::Request;
use testkit::matrix::{self, Class, Facts, Failure, Kind, Named, Scenario, Stage};
use testkit::runner::SHA;

use crate::ecr::{PASSWORD, World};
use crate::published::push;
use crate::support::BINARY;

/// A look that finds the image of this commit, so that nothing is built.
struct Look;

struct Place {
    world: World,
    stage: Stage,
}

impl Scenario for Look {
    type World = Place;

    fn action(&self) -> &'static str {
        "build-and-tag"
    }

    fn name(&self) -> &'static str {
        "build-and-tag-look"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn world(&self, _: usize) -> Place {
        let world = World::new();
        let digest = push(&world.registry, "1.0.0", SHA);
        let step = world.step().input("latest", "stable");
        let fronts = [world.aws.faults().clone(), world.registry.faults().clone()];
        let stage = Stage::new(step, fronts, move |request| named(request, &digest))
            .secret("the registry's password", PASSWORD);
        Place { world, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match call.operation.as_str() {
            "ecr:GetAuthorizationToken"
            | "ecr:DescribeRepositories"
            | "registry:GET manifest"
            | "registry:GET blob"
            | "registry:GET tags" => Class::Read,
            _ => return None,
        })
    }

    /// ECR's registry asks for IAM actions: the error names them. What else is wrong with it is told with the repository's name.
    fn told_of(&self, call: &Named, _: usize, _: Class, kind: Kind, failure: Failure) -> Failure {
        match (call.operation.starts_with("registry:"), kind) {
            (true, Kind::Denied) => Failure { code: "aws/access-denied".to_owned(), ..failure },
            (true, _) if !kind.is_cancelled() => Failure { code: "build-and-tag/registry-look".to_owned(), ..failure },
            _ => failure,
        }
    }
}

fn named(request: &Request, image: &str) -> Option<Named> {
    let Some(call) = matrix::registry(request) else { return matrix::aws(request) };
    let last = request.path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let subject = match call.operation.as_str() {
        "registry:GET blob" => "the configuration",
        _ if last == image => "the image",
        _ => last,
    };
    Some(call.about(subject))
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// What the registry has: it is only read.
    fn facts(&self) -> Facts {
        self.world.registry.tags("shop/backend").into_iter().collect()
    }

    fn erase(&self, text: &str) -> String {
        let text = text.replace(&self.stage.runner.root().display().to_string(), "");
        text.replace(&self.world.registry.host(), "HOST")
    }
}

#[test]
fn every_fault_of_the_look_has_its_promised_end() {
    matrix::every_fault(&Look);
}
