//! The printed policy is the least one: every scenario passes with it, and none of its parts can be left out.

use testkit::iam::{Definitions, Place, Policy, Role, Scenario, prove};
use testkit::runner::{FakeRunner, RunOutput, SHA};

use crate::ecr::{HOST, World, run, run_with};
use crate::published::{push, push_into};
use crate::support::runner;

fn place() -> Place {
    Place::new("eu-west-1", "123456789012")
}

fn printed(step: &FakeRunner, flags: &[&str]) -> String {
    let arguments: Vec<&str> = std::iter::once("--print-iam-policy").chain(flags.iter().copied()).collect();
    let output = run_with(step, &arguments);
    output.assert_code(0);
    let problems = Definitions::locate().unwrap().problems(&Policy::parse(&output.stdout));
    assert_eq!(problems, Vec::<String>::new());
    output.stdout
}

/// Runs a step of `world` through the role's guards.
fn guarded(world: &World, role: &Role, step: FakeRunner) -> RunOutput {
    let aws = role.guard(&world.aws.url()).unwrap();
    let registry = role.guard(&world.registry.url()).unwrap();
    run(&step.env("AWS_ENDPOINT_URL", aws.url()).env("SLIPWAY_REGISTRY_ENDPOINT", registry.url()))
}

fn uri() -> String {
    format!("{HOST}/shop/backend")
}

#[test]
fn the_policy_of_a_look_is_the_least_one() {
    let policy = printed(&runner("FROM scratch\n").input("repository-uri", &uri()), &[]);
    let skips = |role: &Role| {
        let world = World::new();
        push(&world.registry, "1.0.0", SHA);
        guarded(&world, role, world.step())
    };
    prove(&place(), &policy, &[Scenario::new("skips", skips)], &[]);
}

#[test]
fn the_policy_of_a_look_for_the_highest_version_may_list_tags() {
    let stable = |step: FakeRunner| step.input("latest", "stable");
    let policy = printed(&stable(runner("FROM scratch\n").input("repository-uri", &uri())), &[]);
    let skips = |role: &Role| {
        let world = World::new();
        push(&world.registry, "1.0.0", SHA);
        guarded(&world, role, stable(world.step()))
    };
    prove(&place(), &policy, &[Scenario::new("skips", skips)], &[]);
}

#[test]
fn the_policy_names_what_caches_and_base_images_need_and_nothing_else() {
    let dockerfile = format!(
        "ARG VERSION=1\nFROM {HOST}/base:${{VERSION}}\nFROM public.ecr.aws/docker/library/alpine:3\nRUN true\n"
    );
    let step = runner(&dockerfile).input("cache", &format!("registry:{HOST}/shop/cache:main"));
    let policy = printed(&step, &[]);
    for words in ["repository/base\"", "repository/shop/cache\"", "\"ecr:PutImage\"", "\"ecr:GetAuthorizationToken\""] {
        assert!(policy.contains(words), "`{words}` is not in {policy}");
    }
    assert!(!policy.contains("DescribeRepositories") && !policy.contains("ecr-public"), "{policy}");
    let dry = printed(&step, &["--dry-run"]);
    assert!(!dry.contains("PutImage") && dry.contains("repository/shop/cache\""), "{dry}");
    let public = printed(&runner("FROM scratch\n").input("cache-to", "type=registry,ref=public.ecr.aws/a1b2/c:1"), &[]);
    assert!(public.contains("ecr-public:GetAuthorizationToken") && public.contains("sts:GetServiceBearerToken"));
    let nothing = printed(&runner("FROM scratch\n"), &[]);
    assert_eq!(Policy::parse(&nothing).parts(), [], "{nothing}");
}

#[test]
fn the_policy_names_what_is_mounted_and_what_reads_the_dockerfile() {
    let dockerfile =
        format!("# syntax={HOST}/frontend:1\nFROM scratch\nRUN --mount=from={HOST}/tools,target=/t true\n");
    let policy = printed(&runner(&dockerfile).input("sbom", &format!("generator={HOST}/syft")), &[]);
    for words in ["repository/frontend\"", "repository/tools\"", "repository/syft\"", "\"ecr:GetAuthorizationToken\""] {
        assert!(policy.contains(words), "`{words}` is not in {policy}");
    }
    // Of a host that is only written a password is asked for, and nothing is known that is read there.
    let mentioned = printed(&runner(&format!("FROM scratch\nRUN echo {HOST}\n")), &[]);
    let sids = |policy: &str| policy.matches("\"Sid\"").count();
    assert!(mentioned.contains("\"ecr:GetAuthorizationToken\"") && sids(&mentioned) == 1, "{mentioned}");
    // A dry run writes no cache, and asks for the password all the same.
    let dry = printed(&runner("FROM scratch\n").input("cache-to", &format!("{HOST}/cache:1")), &["--dry-run"]);
    assert!(dry.contains("\"ecr:GetAuthorizationToken\"") && !dry.contains("repository/cache"), "{dry}");
}

#[test]
fn the_policy_of_a_base_image_is_enough_for_it() {
    let world = World::new();
    let digest = push_into(&world.registry, "base", "1", SHA);
    let step = runner(&format!("FROM {HOST}/base@{digest}\nCOPY a /a\n")).file("a", "1");
    let policy = printed(&step, &[]);
    let pulls = |role: &Role| {
        let step = runner(&format!("FROM {HOST}/base@{digest}\nCOPY a /a\n")).file("a", "1");
        guarded(&world, role, world.around(step))
    };
    testkit::iam::passes(&place(), &policy, &Scenario::new("pulls", pulls));
}
