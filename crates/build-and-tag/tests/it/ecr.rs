//! ECR is asked before anything is built, without anybody's login.

use serde_json::{Value, json};
use testkit::FakeOidc;
use testkit::aws::FakeAws;
use testkit::http::Reply;
use testkit::registry::FakeRegistry;
use testkit::runner::{FakeRunner, RunOutput, SHA};

use crate::published::push;
use crate::support::{BINARY, out, runner};

pub(crate) const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/build";
const ARN: &str = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/backend";
const OTHER: &str = "beefbeefbeefbeefbeefbeefbeefbeefbeefbeef";

/// The password that must be seen nowhere.
pub(crate) const PASSWORD: &str = "registry-password-of-twelve-hours";

/// `AWS:` and the password.
const TOKEN: &str = "QVdTOnJlZ2lzdHJ5LXBhc3N3b3JkLW9mLXR3ZWx2ZS1ob3Vycw==";

/// What ECR answers to who asks for a password.
pub(crate) fn token() -> Value {
    json!({"authorizationData": [{"authorizationToken": TOKEN}]})
}

/// ECR's API and the registry behind it.
pub(crate) struct World {
    pub(crate) aws: FakeAws,
    pub(crate) registry: FakeRegistry,
}

impl World {
    /// A repository whose tags may all move, as far as ECR is concerned.
    pub(crate) fn new() -> Self {
        Self::with("MUTABLE", &[])
    }

    fn with(mutability: &str, filters: &[&str]) -> Self {
        let registry = FakeRegistry::builder().repository("shop/backend").repository("base");
        let registry = registry.basic_auth("AWS", PASSWORD).ecr_quirks().start().unwrap();
        let aws = FakeAws::start().unwrap();
        aws.on("GetAuthorizationToken").reply(token());
        let filters: Vec<Value> =
            filters.iter().map(|filter| json!({"filterType": "WILDCARD", "filter": filter})).collect();
        let mut repository = json!({
            "repositoryName": "shop/backend", "repositoryArn": ARN, "repositoryUri": format!("{HOST}/shop/backend"),
            "registryId": "123456789012", "imageTagMutability": mutability,
        });
        if !filters.is_empty() {
            repository["imageTagMutabilityExclusionFilters"] = json!(filters);
        }
        aws.on("DescribeRepositories").reply(json!({"repositories": [repository]}));
        Self { aws, registry }
    }

    /// The surroundings of a step that can use this world.
    pub(crate) fn around(&self, step: FakeRunner) -> FakeRunner {
        step.envs(self.aws.env()).env("SLIPWAY_REGISTRY_ENDPOINT", self.registry.url())
    }

    /// The step with [`ROLE`], which may be taken, and no credentials but those.
    pub(crate) fn with_role(&self, oidc: &FakeOidc, step: FakeRunner) -> FakeRunner {
        self.aws.on("AssumeRoleWithWebIdentity").raw(Reply::xml(
            200,
            "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIAROLE00000000EXAMPLE</AccessKeyId>\
             <SecretAccessKey>a-key</SecretAccessKey><SessionToken>a-session</SessionToken>\
             <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
             </AssumeRoleWithWebIdentityResponse>",
        ));
        step.envs(oidc.env()).input("role-to-assume", ROLE).input("aws-region", "eu-west-1")
    }

    /// A step whose build would fail if it came to it.
    pub(crate) fn step(&self) -> FakeRunner {
        let step = runner("FROM scratch\nCOPY not-there /\n");
        self.around(step.input("repository-uri", &format!("{HOST}/shop/backend")))
    }

    /// The same of a branch whose tags move: `1.1.0-SNAPSHOT`, `develop` and `latest`.
    fn snapshot(&self) -> FakeRunner {
        self.step().github("push", "refs/heads/develop", SHA, "acme/shop").input("version", "1.1.0-SNAPSHOT")
    }
}

pub(crate) fn run(step: &FakeRunner) -> RunOutput {
    run_with(step, &[])
}

pub(crate) fn run_with(step: &FakeRunner, arguments: &[&str]) -> RunOutput {
    let output = step.run(BINARY, arguments);
    let everything = format!("{}\n{}\n{}\n{:?}", output.stdout, output.stderr, output.summary, output.outputs);
    let mut unmasked = everything.lines().filter(|line| !line.starts_with("::add-mask::"));
    assert!(!unmasked.any(|line| line.contains(PASSWORD) || line.contains(TOKEN)), "the password was written");
    output
}

/// Builds what only looked like a failure: the file is there.
fn builds(step: FakeRunner) -> RunOutput {
    let output = run(&step.file("not-there", "it is"));
    output.assert_code(0);
    assert_eq!(output.outputs["skipped"], "false");
    output
}

#[track_caller]
fn fails(output: &RunOutput, exit: i32, code: &str, words: &[&str]) {
    output.assert_code(exit);
    assert!(output.stdout.contains(&format!("::error title={code}::")), "{}", output.stdout);
    for words in words {
        assert!(output.stderr.contains(words), "`{words}` is not in {}", output.stderr);
    }
}

#[test]
fn an_image_of_this_commit_is_not_built_again() {
    let world = World::new();
    let digest = push(&world.registry, "1.0.0", SHA);
    let step = world.step();
    let output = run(&step);
    output.assert_code(0);
    assert_eq!((output.outputs["skipped"].as_str(), output.outputs["digest"].as_str()), ("true", digest.as_str()));
    assert_eq!(output.outputs["source"], format!("docker://{HOST}/shop/backend@{digest}"));
    assert!(!out(&step).exists());
    assert_eq!(world.aws.operations(), ["GetAuthorizationToken", "DescribeRepositories"]);
    assert!(world.registry.requests().iter().all(|request| request.method == "GET"), "it only looks");
}

#[test]
fn a_tag_of_another_commit_ends_the_run_before_the_build() {
    let world = World::new();
    push(&world.registry, "1.0.0", OTHER);
    fails(&run(&world.step()), 1, "build-and-tag/tag-taken", &["it is of commit beef", SHA]);
}

#[test]
fn a_repository_that_holds_a_moving_tag_ends_the_run_before_the_build() {
    let world = World::with("IMMUTABLE", &[]);
    builds(world.snapshot());
    push(&world.registry, "develop", OTHER);
    let code = "build-and-tag/repository-immutable";
    let image = format!("{HOST}/shop/backend:develop");
    fails(
        &run(&world.snapshot()),
        1,
        code,
        &["is IMMUTABLE", &image, "it is of commit beef", "IMMUTABLE_WITH_EXCLUSION"],
    );
    // What is of this commit cannot be pushed again, and need not be.
    for tag in ["1.1.0-SNAPSHOT", "develop", "latest"] {
        push(&world.registry, tag, SHA);
    }
    let again = run(&world.snapshot());
    again.assert_code(0);
    assert_eq!(again.outputs["skipped"], "true");
}

#[test]
fn the_filters_of_a_repository_say_which_tags_move() {
    let world = World::with("IMMUTABLE_WITH_EXCLUSION", &["*-SNAPSHOT", "develop", "latest"]);
    for tag in ["1.1.0-SNAPSHOT", "develop", "latest"] {
        push(&world.registry, tag, OTHER);
    }
    builds(world.snapshot());
    let partly = World::with("IMMUTABLE_WITH_EXCLUSION", &["*-SNAPSHOT", "develop"]);
    push(&partly.registry, "latest", OTHER);
    let refused = run(&partly.snapshot());
    fails(&refused, 1, "build-and-tag/repository-immutable", &["is IMMUTABLE_WITH_EXCLUSION", "backend:latest"]);
    let turned = World::with("MUTABLE_WITH_EXCLUSION", &["dev*"]);
    push(&turned.registry, "develop", OTHER);
    let refused = run(&turned.snapshot());
    fails(&refused, 1, "build-and-tag/repository-immutable", &["is MUTABLE_WITH_EXCLUSION", "backend:develop"]);
}

#[test]
fn a_repository_that_is_not_there_is_told_and_built_for() {
    let world = World::new();
    world.aws.on("DescribeRepositories").error(400, "RepositoryNotFoundException", "no such repository");
    let output = builds(world.step().input("repository-uri", &format!("{HOST}/shop/new")));
    assert!(output.stdout.contains("does not exist: a push creates it only with `create-repository: true`"));
}

#[test]
fn what_is_not_allowed_is_named_with_the_statement_that_allows_it() {
    let world = World::new();
    world.aws.on("DescribeRepositories").error(400, "AccessDeniedException", "not authorized");
    fails(&run(&world.step()), 1, "aws/access-denied", &["ecr:DescribeRepositories", ARN]);
    let world = World::new();
    world.aws.on("GetAuthorizationToken").error(400, "AccessDeniedException", "not authorized");
    fails(&run(&world.step()), 1, "aws/access-denied", &["ecr:GetAuthorizationToken"]);
}

#[test]
fn credentials_that_are_old_or_missing_are_told_before_the_build() {
    let world = World::new();
    world.aws.on("GetAuthorizationToken").error(400, "ExpiredTokenException", "The security token is expired");
    fails(&run(&world.step()), 2, "aws/credentials-expired", &[]);
    let without = world.step().without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    fails(&run(&without), 2, "aws/no-credentials", &["role-to-assume"]);
    // A password that is not taken any more.
    let world = World::new();
    let old = "QVdTOnBhc3N3b3JkLW9mLXllc3RlcmRheQ==";
    world.aws.on("GetAuthorizationToken").reply(json!({"authorizationData": [{"authorizationToken": old}]}));
    fails(&run(&world.step()), 1, "build-and-tag/registry-look", &["oci-registry/unauthorized"]);
    world.aws.on("GetAuthorizationToken").reply(json!({"authorizationData": []}));
    fails(&run(&world.step()), 1, "build-and-tag/incomplete-answer", &["`ecr:GetAuthorizationToken` answered without"]);
}

#[test]
fn the_registry_s_own_region_is_asked_and_needs_no_input() {
    let world = World::new();
    let host = "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com";
    push(&world.registry, "1.0.0", SHA);
    let step = world.step().input("repository-uri", &format!("{host}/shop/backend"));
    for step in [
        step.without("AWS_REGION").without("AWS_DEFAULT_REGION"),
        world.step().input("repository-uri", &format!("{host}/shop/backend")),
    ] {
        world.aws.clear_requests();
        run(&step).assert_code(0);
        let scope = |request: &testkit::http::Request| {
            request.header("authorization").unwrap_or_default().contains("/us-east-1/ecr/")
        };
        assert!(
            world.aws.requests().len() == 2 && world.aws.requests().iter().all(scope),
            "{:?}",
            world.aws.requests()
        );
    }
}

#[test]
fn nobody_asks_aws_where_nothing_is_ecr_s() {
    let world = World::new();
    let step = || world.around(runner("FROM scratch\nCOPY not-there /\n").file("not-there", "it is"));
    run(&step()).assert_code(0);
    let other = FakeRegistry::builder().repository("shop/backend").start().unwrap();
    run(&step().input("repository-uri", &format!("{}/shop/backend", other.host()))).assert_code(0);
    let not_asked = step().input("repository-uri", &format!("{HOST}/shop/backend")).input("if-exists", "build");
    run(&not_asked).assert_code(0);
    assert!(world.aws.requests().is_empty() && world.registry.requests().is_empty());
}

#[test]
fn a_base_image_in_ecr_is_pulled_with_ecr_s_password() {
    let world = World::new();
    let digest = crate::published::push_into(&world.registry, "base", "1", SHA);
    let step = world.around(runner(&format!("FROM {HOST}/base@{digest}\nCOPY a /a\n")).file("a", "1"));
    let output = run(&step);
    output.assert_code(0);
    assert_eq!(output.outputs["builder"], "embedded");
    assert_eq!(world.aws.operations(), ["GetAuthorizationToken"]);
    let without = step.without("AWS_ACCESS_KEY_ID").without("AWS_SECRET_ACCESS_KEY");
    fails(&run(&without), 2, "aws/no-credentials", &[]);
}

#[test]
fn a_mistaken_pattern_and_a_reserved_build_argument_are_bad_input() {
    let step = runner("FROM scratch\n").input("repository-uri", &format!("{HOST}/shop/backend"));
    let output = run(&step.input("mutable-tags", "a*b*c*d").input("build-args", "SLIPWAY_REGISTRY_PASSWORDS=x"));
    output.assert_code(2);
    assert!(output.stderr.contains("at most two `*`") && output.stderr.contains("`build-args`"), "{}", output.stderr);
}
