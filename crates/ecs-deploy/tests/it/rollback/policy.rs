//! The printed policy of a rollback is the least one.

use testkit::ecs::named;
use testkit::iam::{Definitions, Place, Policy, Role as IamRole, Scenario as Proof, prove};
use testkit::{FakeEcs, FakeRunner, RunOutput};

use super::{PROGRAM, back, deployed, failing, of, step, stuck};

fn printed(flags: &[&str]) -> String {
    let shell = FakeRunner::plain_shell().input("cluster", "prod").input("service", "web").input("to", "7");
    let place = ["rollback", "--print-iam-policy", "--aws-region=eu-west-1", "--allowed-account-ids=123456789012"];
    let out = shell.run(PROGRAM, place.iter().chain(flags));
    out.assert_code(0);
    assert_eq!(Definitions::locate().unwrap().problems(&Policy::parse(&out.stdout)), Vec::<String>::new());
    out.stdout
}

/// Goes back through the role's guard. What the preflight may look at only AWS knows, so the policy does not print it.
fn guarded(role: &IamRole, ecs: &FakeEcs, mode: &str) -> RunOutput {
    let guard = role.guard(&ecs.aws().url()).unwrap();
    back(&of(ecs).input("to", "7").input("mode", mode).input("preflight", "off").env("AWS_ENDPOINT_URL", guard.url()))
}

#[test]
fn the_policy_is_the_least_one() {
    let place = Place::new("eu-west-1", "123456789012");
    let notices = [
        ("ecs:StopServiceDeployment", "grant `ecs:StopServiceDeployment` to have ECS roll back"),
        ("ecs:ListServiceDeployments", "grant `ecs:ListServiceDeployments` to follow the service deployment"),
        ("ecs:DescribeServiceDeployments", "grant `ecs:DescribeServiceDeployments` to follow the service deployment"),
        ("ecs:DescribeServiceRevisions", "grant `ecs:DescribeServiceRevisions` to follow the service deployment"),
        ("ecs:ListTasks", "grant `ecs:ListTasks`"),
        ("ecs:DescribeTasks", "grant `ecs:DescribeTasks`"),
    ];
    let update = Proof::new("by an update", |role| guarded(role, &deployed(named("healthy")), "apply"));
    let stop = Proof::new("by ECS", |role| guarded(role, &stuck(), "apply"));
    let fails = Proof::new("that fails", |role| {
        let aws = failing();
        let guard = role.guard(&aws.url()).unwrap();
        back(&step(aws.env()).input("to", "7").env("AWS_ENDPOINT_URL", guard.url()))
    });
    let proofs = [update, stop, fails.ends_with(1)];
    prove(&place, &printed(&["--confirm=ROLLBACK"]), &proofs, &notices);
    let plan = Proof::new("a plan", |role| guarded(role, &deployed(named("healthy")), "plan"));
    let only_reads = printed(&["--mode=plan"]);
    assert!(!only_reads.contains("Update") && !only_reads.contains("Stop"), "{only_reads}");
    prove(&place, &only_reads, &[plan], &notices);
}
