//! Every fault at every call for a change set, and the least policy for it.

use serde_json::{Value, json};
use testkit::FakeRunner;
use testkit::aws::{Call, FakeAws};
use testkit::iam::{Place, Role, Scenario, prove};
use testkit::matrix::{self, Class, Facts, Iam, Named, Stage};

use super::change_set::{change_set, described};
use super::{BINARY, run};

const ACCOUNT: &str = "000000000000";

/// The change set of the nested stack; its ARN does not say the stack, but its name does here.
const NESTED: &str = "arn:aws:cloudformation:eu-west-1:000000000000:changeSet/shop-Network-1ABC/4567cdef";

/// A change set of two pages with a nested one.
fn cloud() -> FakeAws {
    let aws = FakeAws::start().unwrap();
    aws.on("DescribeChangeSet").answer(|call: &Call| {
        let resource = |change: Value| json!([{ "Type": "Resource", "ResourceChange": change }]);
        let stack = json!({
            "Action": "Modify", "LogicalResourceId": "Network", "ResourceType": "AWS::CloudFormation::Stack", "ChangeSetId": NESTED,
        });
        let topic = json!({ "Action": "Add", "LogicalResourceId": "Events", "ResourceType": "AWS::SNS::Topic" });
        described(&change_set(match call.request.text() {
            text if text.contains("shop-Network") => json!({
                "ChangeSetId": NESTED, "ChangeSetName": "nested", "StackName": "shop-Network-1ABC", "Changes": resource(topic),
            }),
            text if text.contains("NextToken") => json!({ "Changes": resource(topic) }),
            _ => json!({ "Changes": resource(stack), "NextToken": "next" }),
        }))
    });
    aws
}

fn arguments() -> [&'static str; 6] {
    ["--change-set", "release-7", "--stack", "shop", "--target", "none"]
}

struct Shown;

struct World {
    _aws: FakeAws,
    stage: Stage,
}

impl matrix::Scenario for Shown {
    type World = World;

    fn action(&self) -> &'static str {
        "terraform-plan-comment"
    }

    fn name(&self) -> &'static str {
        "terraform-plan-comment-change-set"
    }

    fn program(&self) -> &'static str {
        BINARY
    }

    fn arguments(&self) -> Vec<String> {
        arguments().map(str::to_owned).into()
    }

    fn world(&self, _: usize) -> World {
        let aws = cloud();
        let stage = Stage::aws(&aws.url(), aws.env());
        World { _aws: aws, stage }
    }

    fn class(&self, call: &Named, _: usize) -> Option<Class> {
        (call.operation == "cloudformation:DescribeChangeSet").then_some(Class::Read)
    }

    fn iam(&self) -> Option<Iam> {
        Some(Iam::emulated())
    }

    fn repeats(&self) -> bool {
        true
    }
}

impl matrix::World for World {
    fn stage(&self) -> &Stage {
        &self.stage
    }

    /// It only reads.
    fn facts(&self) -> Facts {
        Facts::new()
    }
}

#[test]
fn every_fault_of_a_change_set_has_its_promised_end() {
    matrix::every_fault(&Shown);
}

#[test]
fn the_policy_for_a_change_set_is_the_least_one() {
    let mut printing = vec!["--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=000000000000"];
    printing.extend(arguments());
    let out = run(&FakeRunner::plain_shell(), &printing);
    out.assert_code(0);
    let shown = |role: &Role| {
        let aws = cloud();
        let guard = role.guard(&aws.url()).unwrap();
        run(&FakeRunner::new().envs(aws.env()).env("AWS_ENDPOINT_URL", guard.url()), &arguments())
    };
    prove(&Place::new("eu-west-1", ACCOUNT), &out.stdout, &[Scenario::new("with a nested stack", shown)], &[]);
}
