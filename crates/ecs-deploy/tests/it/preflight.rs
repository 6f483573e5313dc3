//! What the task definition names is looked at before anything is changed.

mod doubts;

use std::sync::LazyLock;

use serde_json::{Value, json};
use testkit::ecs::surroundings::{DIGEST, TRUST, role, target_group};
use testkit::http::Reply;
use testkit::iam::{Place, Role, Scenario, prove};
use testkit::{FakeAws, FakeRegistry, FakeRunner, Fault, RunOutput};

use crate::scene::{self, old, ours, run, runner, scene, service};

const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const GROUP: &str = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef";
const SECRET_ARN: &str = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf";

/// A task definition that names one of each.
pub(crate) fn file() -> Value {
    let logs = json!({"logDriver": "awslogs", "options": {
        "awslogs-group": "/ecs/shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web"
    }});
    json!({
        "family": "shop", "networkMode": "awsvpc", "cpu": "256", "memory": "512", "requiresCompatibilities": ["FARGATE"],
        "taskRoleArn": "arn:aws:iam::123456789012:role/shop-task", "executionRoleArn": "shop-execution",
        "containerDefinitions": [
            {"name": "app", "image": format!("{REGISTRY}/shop:1"), "logConfiguration": logs,
             "portMappings": [{"containerPort": 8080, "name": "http"}],
             "secrets": [{"name": "DB", "valueFrom": format!("{SECRET_ARN}:password::")}, {"name": "KEY", "valueFrom": "/shop/key"}]},
            {"name": "side", "image": format!("{REGISTRY}/shop:1"), "logConfiguration": logs}
        ]
    })
}

/// The service behind a load balancer, and connected.
pub(crate) fn wired(deployment: Value) -> Value {
    let mut deployment = deployment;
    deployment["serviceConnectConfiguration"] = json!({"enabled": true, "services": [{"portName": "http"}]});
    let mut service = service(&[deployment]);
    service["loadBalancers"] = json!([{"targetGroupArn": GROUP, "containerName": "app", "containerPort": 8080}]);
    service
}

pub(crate) fn world() -> FakeAws {
    let aws = scene([]);
    aws.on("DescribeServices")
        .reply(scene::described(wired(old("PRIMARY"))))
        .then(scene::described(wired(ours("COMPLETED"))));
    aws
}

pub(crate) fn step(aws: &FakeAws, file: &Value) -> FakeRunner {
    let image = format!("app={REGISTRY}/shop:2\nside={REGISTRY}/shop:2");
    runner(aws).file("td.json", file.to_string()).input("images", &image)
}

fn has_changed(aws: &FakeAws) -> bool {
    aws.operations().iter().any(|name| name.contains("Register") || name.contains("UpdateService"))
}

/// Something is wrong: the step says what, changes nothing, and with `preflight: warn` goes on.
#[track_caller]
fn refused(prepare: impl Fn(&FakeAws), edit: impl Fn(&mut Value), why: &str) {
    let mut file = file();
    edit(&mut file);
    let aws = world();
    prepare(&aws);
    let out = run(&step(&aws, &file));
    out.assert_code(2);
    assert!(out.stderr.contains("ecs-deploy/preflight") && out.stderr.contains(why), "{}", out.stderr);
    assert!(!has_changed(&aws), "{:?}", aws.operations());

    let aws = world();
    prepare(&aws);
    let out = run(&step(&aws, &file).input("preflight", "warn"));
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains(why), "{}", out.stdout);
}

#[test]
fn all_of_it_is_looked_at_once() {
    let aws = world();
    let out = run(&step(&aws, &file()));
    out.assert_code(0);
    for line in [
        &format!("passed: image {REGISTRY}/shop:2 (app, side): it is there for linux/amd64 ({DIGEST})"),
        "passed: secret shop/db-AbCdEf: it is there",
        "passed: parameter /shop/key: it is there",
        "passed: role shop-task: it is there, and tasks may have it",
        "passed: role shop-execution: it is there, and tasks may have it",
        "passed: log group /ecs/shop: it is there",
        "passed: target group web: app has the port 8080",
        "passed: target group web: its target type is `ip`",
        "passed: port http: a port mapping has this name",
    ] {
        assert!(out.stderr.contains(line), "without `{line}`: {}", out.stderr);
    }
    assert!(out.summary.contains("Preflight: 9 passed, 0 failed, 0 not known"), "{}", out.summary);
    let calls = ["BatchGetImage", "DescribeSecret", "DescribeParameters", "DescribeLogGroups", "DescribeTargetGroups"];
    assert!(calls.iter().all(|name| aws.calls_to(name).len() == 1), "{:?}", aws.operations());
    assert_eq!(aws.calls_to("GetRole").len(), 2);
}

fn not_found(aws: &FakeAws) {
    aws.on("BatchGetImage").answer(|call| {
        let failure = json!({"imageId": call.body["imageIds"][0], "failureCode": "ImageNotFound",
                             "failureReason": "Requested image not found"});
        Reply::json(200, &json!({"images": [], "failures": [failure]}))
    });
}

#[test]
fn an_image_that_is_not_there() {
    refused(not_found, |_| (), "the repository shop has no tag 2");
    let repository = |aws: &FakeAws| {
        aws.on("BatchGetImage").error(400, "RepositoryNotFoundException", "The repository does not exist");
    };
    refused(repository, |_| (), "ECR has no repository shop");
}

/// Not there yet: it comes from elsewhere when it is pulled.
fn cached(aws: &FakeAws) {
    not_found(aws);
    let rule = json!({"ecrRepositoryPrefix": "ROOT", "upstreamRegistryUrl": "public.ecr.aws"});
    aws.on("DescribePullThroughCacheRules").reply(json!({"pullThroughCacheRules": [rule]}));
}

#[test]
fn an_image_of_a_cache_comes_when_it_is_pulled() {
    let aws = world();
    cached(&aws);
    let out = run(&step(&aws, &file()));
    out.assert_code(0);
    assert!(out.stderr.contains("but it is filled from elsewhere when it is pulled"), "{}", out.stderr);
}

/// One manifest, whose configuration says for which processor it is. Layers are not where the API is.
pub(crate) fn single(aws: &FakeAws, architecture: &str) {
    let layers = layers();
    let configuration = layers.put_blob("shop", json!({"os": "linux", "architecture": architecture}).to_string());
    let manifest = json!({"schemaVersion": 2, "config": {"digest": DIGEST}, "layers": []}).to_string();
    aws.on("BatchGetImage").answer(move |call| {
        let mut id = call.body["imageIds"][0].clone();
        id["imageDigest"] = json!(DIGEST);
        Reply::json(200, &json!({"images": [{"imageId": id, "imageManifest": manifest}], "failures": []}))
    });
    let url = format!("{}/v2/shop/blobs/{configuration}", layers.url());
    aws.on("GetDownloadUrlForLayer").reply(json!({"downloadUrl": url, "layerDigest": configuration}));
}

/// One for all tests.
fn layers() -> &'static FakeRegistry {
    static LAYERS: LazyLock<FakeRegistry> = LazyLock::new(|| FakeRegistry::start().unwrap());
    &LAYERS
}

#[test]
fn an_image_for_another_processor() {
    refused(|aws| single(aws, "arm64"), |_| (), "it is for linux/arm64, and the task is for linux/amd64");
    refused(
        |aws| single(aws, "amd64"),
        |file| file["runtimePlatform"] = json!({"cpuArchitecture": "ARM64"}),
        "it is for linux/amd64, and the task is for linux/arm64",
    );
}

#[test]
fn secrets_and_parameters_that_are_not_there() {
    let missing = |aws: &FakeAws| {
        aws.on("DescribeSecret").error(400, "ResourceNotFoundException", "Secrets Manager can't find it");
    };
    refused(missing, |_| (), "secret shop/db-AbCdEf: it is not in eu-west-1");
    let deleted = |aws: &FakeAws| {
        aws.on("DescribeSecret").reply(json!({"ARN": SECRET_ARN, "DeletedDate": 1_700_000_000.0}));
    };
    refused(deleted, |_| (), "it is marked for deletion");
    // A page may be empty although there is another one.
    let none = |aws: &FakeAws| {
        let pages = [json!({"Parameters": [], "NextToken": "more"}), json!({"Parameters": []})];
        aws.on("DescribeParameters").sequence(pages);
    };
    refused(none, |_| (), "parameter /shop/key: it is not in eu-west-1");
}

#[test]
fn a_secret_in_the_place_of_its_name_is_never_shown() {
    let aws = world();
    aws.on("DescribeParameters").reply(json!({"Parameters": []}));
    let mut file = file();
    file["containerDefinitions"][0]["secrets"] = json!([
        {"name": "KEY", "valueFrom": "hunter2:and-more"}, {"name": "AMI", "valueFrom": "/aws/service/ecs/x"}
    ]);
    let out = run(&step(&aws, &file));
    out.assert_code(2);
    let told = "secret KEY of app: its `valueFrom` is the name of no parameter in eu-west-1";
    assert!(out.stderr.contains(told), "{}", out.stderr);
    assert!(out.stderr.contains("not known: parameter /aws/service/ecs/x: it is one of AWS's own"), "{}", out.stderr);
    assert!(
        ![&out.stdout, &out.stderr, &out.summary].into_iter().any(|text| text.contains("hunter2")),
        "{}",
        out.stderr
    );
}

#[test]
fn roles_that_are_missing_or_trust_others() {
    let gone = |aws: &FakeAws| {
        aws.on("GetRole").error(404, "NoSuchEntity", "The role with name shop-task cannot be found.");
    };
    refused(gone, |_| (), "role shop-task: there is no such role");
    // The first cause stands in the first line, the others below it.
    let aws = world();
    gone(&aws);
    let out = run(&step(&aws, &file()));
    let told = "ecs-deploy/preflight: the tasks would not start: role shop-task: there is no such role (and 1 more)\n";
    assert!(out.stderr.contains(told), "{}", out.stderr);
    let others = |aws: &FakeAws| {
        aws.on("GetRole").answer(|call| {
            role(call.body["RoleName"].as_str().unwrap_or_default(), &TRUST.replace("ecs-tasks", "ecs"))
        });
    };
    refused(others, |_| (), "its trust policy lacks `ecs-tasks.amazonaws.com`");
    let none = |file: &mut Value| drop(file.as_object_mut().unwrap().remove("executionRoleArn"));
    refused(|_| (), none, "executionRoleArn: it is missing, and secrets, images of ECR on Fargate");
}

#[test]
fn a_log_group_that_is_not_there() {
    let other = |aws: &FakeAws| {
        aws.on("DescribeLogGroups").reply(json!({"logGroups": [{"logGroupName": "/ecs/shop-2"}]}));
    };
    refused(other, |_| (), "log group /ecs/shop: it is not in eu-west-1");
}

#[test]
fn ports_that_nothing_listens_on() {
    let mappings =
        |mappings: Value| move |file: &mut Value| file["containerDefinitions"][0]["portMappings"] = mappings.clone();
    refused(|_| (), mappings(json!([{"containerPort": 80, "name": "http"}])), "it sends to the port 8080");
    refused(
        |_| (),
        mappings(json!([{"containerPort": 8080, "name": "web"}])),
        "port http: the service is connected to it",
    );
    let instance = |aws: &FakeAws| {
        aws.on("DescribeTargetGroups").answer(|_| target_group("instance"));
    };
    refused(instance, |_| (), "its target type is `instance`, and tasks with the network mode `awsvpc` need `ip`");
    let gone = |aws: &FakeAws| {
        aws.on("DescribeTargetGroups").error(400, "TargetGroupNotFound", "One or more target groups not found");
    };
    refused(gone, |_| (), "target group web: it is not there any more");
}

#[test]
fn a_dry_run_shows_the_plan_and_what_is_wrong() {
    let aws = world();
    not_found(&aws);
    let out = run(&step(&aws, &file()).input("dry-run", "true"));
    out.assert_code(2);
    assert!(!has_changed(&aws), "{:?}", aws.operations());
    for words in [
        "would register a new revision of shop",
        "**Preflight: 8 passed, 1 failed, 0 not known**",
        "containerDefinitions.app.image: shop:1 ->",
        "the repository shop has no tag 2",
    ] {
        assert!(out.summary.contains(words), "without `{words}`: {}", out.summary);
    }
}

#[test]
fn nobody_looks_where_nothing_is_changed_or_it_is_off() {
    let aws = world();
    let out = run(&step(&aws, &file()).input("preflight", "off"));
    out.assert_code(0);
    assert!(aws.calls_to("GetRole").is_empty() && aws.calls_to("BatchGetImage").is_empty(), "{:?}", aws.operations());

    let aws = scene([]);
    let out = run(&runner(&aws).input("images", "").input("task-definition", ""));
    assert_eq!(out.outputs["verdict"], "already-deployed", "{}", out.stderr);
    assert!(!out.stderr.contains("preflight"), "{}", out.stderr);
}

#[test]
fn what_is_not_answered_is_not_waited_for() {
    let aws = world();
    aws.faults().add(Fault::hang().matching(|request| request.text().contains("GetRole")).always());
    let before = std::time::Instant::now();
    let out = run(&step(&aws, &file()));
    out.assert_code(0);
    assert!(before.elapsed().as_secs() < 12, "{:?}", before.elapsed());
    assert!(out.stderr.contains("not known: role shop-task: it was not answered in time"), "{}", out.stderr);
}

fn printed(flags: &[&str]) -> String {
    let shell = FakeRunner::plain_shell().file("td.json", file().to_string()).input("cluster", "prod");
    let mut arguments = vec![
        "--print-iam-policy",
        "--aws-region=eu-west-1",
        "--role-to-assume=arn:aws:iam::123456789012:role/deploy",
        "--task-definition=td.json",
        "--service=web",
    ];
    arguments.extend(flags);
    let out = shell.run(env!("CARGO_BIN_EXE_ecs-deploy"), &arguments);
    out.assert_code(0);
    let definitions = testkit::iam::Definitions::locate().unwrap();
    assert_eq!(definitions.problems(&testkit::iam::Policy::parse(&out.stdout)), Vec::<String>::new());
    out.stdout
}

fn with_role(role: &Role, prepare: fn(&FakeAws)) -> RunOutput {
    let aws = world();
    prepare(&aws);
    let guard = role.guard(&aws.url()).unwrap();
    let step = step(&aws, &file()).env("AWS_ENDPOINT_URL", guard.url());
    run(&step.input("wait-for-service-stability", "false").input("dry-run", "true"))
}

const NOTICES: [(&str, &str); 9] = [
    ("ecs:DescribeTaskDefinition", "grant `ecs:DescribeTaskDefinition`"),
    ("ecr:BatchGetImage", "grant `ecr:BatchGetImage` to look at image"),
    ("ecr:GetDownloadUrlForLayer", "grant `ecr:GetDownloadUrlForLayer` to look at image"),
    ("ecr:DescribePullThroughCacheRules", "grant `ecr:DescribePullThroughCacheRules` to know that"),
    ("secretsmanager:DescribeSecret", "grant `secretsmanager:DescribeSecret` to look at secret shop/db-AbCdEf"),
    ("ssm:DescribeParameters", "grant `ssm:DescribeParameters` to look at parameter /shop/key"),
    ("iam:GetRole", "grant `iam:GetRole` to look at role shop-"),
    ("logs:DescribeLogGroups", "grant `logs:DescribeLogGroups` to look at log group /ecs/shop"),
    (
        "elasticloadbalancing:DescribeTargetGroups",
        "grant `elasticloadbalancing:DescribeTargetGroups` to look at target group web",
    ),
];

#[test]
fn the_policy_of_looking_is_the_least_one() {
    let policy = printed(&["--dry-run", "--wait-for-service-stability=false"]);
    let scenarios = [
        Scenario::new("all is there", |role| with_role(role, |aws| single(aws, "amd64"))),
        Scenario::new("an image of a cache", |role| with_role(role, cached)),
    ];
    prove(&Place::new("eu-west-1", "123456789012"), &policy, &scenarios, &NOTICES);
}
