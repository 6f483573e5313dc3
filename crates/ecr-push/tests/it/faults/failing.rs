//! A push into a repository that is not there, and every fault at the call that finds a similar name: the error is told all the same.

use serde_json::json;
use testkit::FakeRegistry;
use testkit::http::{Reply, Request};
use testkit::iam;
use testkit::matrix::{self, Class, Facts, Failure, Iam, Left, Named, Scenario, Stage};

use crate::world::{PASSWORD, World, repository, write_image};

/// The account has `shops`, not `shop`.
struct Missing;

struct Place {
    world: World,
    stage: Stage,
}

impl Scenario for Missing {
    type World = Place;

    fn action(&self) -> &'static str {
        "ecr-push"
    }

    fn name(&self) -> &'static str {
        "ecr-push-without-repository"
    }

    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_ecr-push")
    }

    fn world(&self, _: usize) -> Place {
        let world = World::with(FakeRegistry::builder().repository("shops"));
        let similar = json!({"repositories": [repository("shops", "MUTABLE")]});
        world.aws.on("DescribeRepositories").answer(move |call| {
            if call.body["repositoryNames"].is_array() {
                let body = json!({"__type": "RepositoryNotFoundException", "message": "no"});
                Reply::json(400, &body).with_header("x-amzn-errortype", "RepositoryNotFoundException")
            } else {
                Reply::json(200, &similar)
            }
        });
        let step = world.step("1.0.0");
        write_image(step.workspace(), "layer");
        let fronts = [world.aws.faults().clone(), world.registry.faults().clone()];
        let named = |request: &Request| {
            let call = matrix::registry(request).or_else(|| matrix::aws(request))?;
            let is_list = call.operation == "ecr:DescribeRepositories" && request.json()["repositoryNames"].is_null();
            Some(if is_list { call.about("all of them") } else { call })
        };
        let stage = Stage::new(step, fronts, named).secret("the registry's password", PASSWORD);
        Place { world, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        Some(match (call.operation.as_str(), call.target.as_str()) {
            ("ecr:DescribeRepositories", "all of them") => Class::Hint,
            ("ecr:DescribeRepositories" | "ecr:GetAuthorizationToken", _) => Class::Read,
            _ => return None,
        })
    }

    fn fails(&self) -> Option<Failure> {
        Some(Failure { code: "ecr-push/repository-missing".to_owned(), exit: 2, left: Left::Untouched })
    }

    fn iam(&self) -> Option<Iam> {
        let flags = ["--aws-region=eu-west-1", "--allowed-account-ids=123456789012"].map(str::to_owned).into();
        let place = iam::Place::new("eu-west-1", "123456789012");
        Some(Iam { place, flags, courtesies: &["ecr:DescribeRepositories"] })
    }
}

impl matrix::World for Place {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    fn facts(&self) -> Facts {
        self.world.registry.tags("shop").into_iter().collect()
    }
}

#[test]
fn every_fault_of_a_hint_leaves_the_error() {
    matrix::every_fault(&Missing);
}
