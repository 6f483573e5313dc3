//! What a revision names is looked at before a service goes back to it.

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::http::Reply;

use super::refusals::refused;
use super::{back, step};
use crate::preflight::{file, wired};
use crate::scene::{NEW, OLD, deployment, described, ours};

/// A service that runs the eighth revision, and whose seventh names one of each.
fn world() -> FakeAws {
    let aws = FakeAws::start().unwrap();
    testkit::ecs::surroundings::all_is_there(&aws);
    aws.on("ListServiceDeployments").reply(json!({"serviceDeployments": []}));
    aws.on("DescribeServices").answer(|_| Reply::json(200, &described(wired(ours("COMPLETED")))));
    aws.on("DescribeTaskDefinition").answer(|call| {
        let mut definition = file();
        let number = if call.body["taskDefinition"] == NEW { 8 } else { 7 };
        definition["taskDefinitionArn"] = json!(if number == 8 { NEW } else { OLD });
        definition["revision"] = json!(number);
        definition["status"] = json!("ACTIVE");
        Reply::json(200, &json!({"taskDefinition": definition, "tags": []}))
    });
    aws
}

/// The same; the service goes back at once when it is told to.
fn willing() -> FakeAws {
    let aws = world();
    let is_back = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let seen = std::sync::Arc::clone(&is_back);
    let now =
        |is_back: bool| if is_back { deployment("ecs-svc/3", "PRIMARY", OLD, "COMPLETED") } else { ours("COMPLETED") };
    aws.on("DescribeServices")
        .answer(move |_| Reply::json(200, &described(wired(now(seen.load(std::sync::atomic::Ordering::SeqCst))))));
    aws.on("UpdateService").answer(move |_| {
        is_back.store(true, std::sync::atomic::Ordering::SeqCst);
        Reply::json(200, &json!({"service": wired(now(true))}))
    });
    aws
}

fn no_secret(aws: &FakeAws) {
    aws.on("DescribeSecret").error(
        400,
        "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret.",
    );
}

fn runner(aws: &FakeAws) -> testkit::FakeRunner {
    step(aws.env()).input("to", "7")
}

#[test]
fn all_that_the_revision_names_is_looked_at_once() {
    let aws = willing();
    let out = back(&runner(&aws));
    out.assert_code(0);
    for line in [
        "passed: secret shop/db-AbCdEf: it is there",
        "passed: parameter /shop/key: it is there",
        "passed: role shop-task: it is there, and tasks may have it",
        "passed: log group /ecs/shop: it is there",
        "passed: target group web: app has the port 8080",
        "passed: port http: a port mapping has this name",
    ] {
        assert!(out.stderr.contains(line), "without `{line}`: {}", out.stderr);
    }
    assert!(out.summary.contains("Preflight: 8 passed, 0 failed, 0 not known"), "{}", out.summary);
    let again = back(&runner(&aws));
    assert_eq!(again.assert_code(0).outputs["verdict"], "already-deployed");
    assert_eq!(aws.calls_to("DescribeSecret").len(), 1, "nothing is looked at where nothing is changed");
}

#[test]
fn a_secret_that_is_gone_keeps_the_service_where_it_is() {
    let aws = world();
    no_secret(&aws);
    let parts = ["the tasks would not start: secret shop/db-AbCdEf", "`preflight: warn` goes back all the same"];
    refused(&runner(&aws), &aws, "ecs-rollback/not-ready", &parts);
    let planned = runner(&aws).input("mode", "plan");
    refused(&planned, &aws, "ecs-rollback/not-ready", &["failed: secret shop/db-AbCdEf"]);
    let out = back(&planned);
    assert!(out.summary.contains("Preflight: 7 passed, 1 failed, 0 not known"), "{}", out.summary);
    assert_eq!(out.outputs["revision"], "shop:7");
}

#[test]
fn who_must_go_back_is_warned_or_not_even_that() {
    let aws = willing();
    no_secret(&aws);
    let out = back(&runner(&aws).input("preflight", "warn"));
    out.assert_code(0);
    assert!(out.stdout.contains("::warning") && out.stdout.contains("secret shop/db-AbCdEf"), "{}", out.stdout);
    let aws = willing();
    let out = back(&runner(&aws).input("preflight", "off"));
    out.assert_code(0);
    let looks = ["BatchGetImage", "DescribeSecret", "DescribeParameters", "GetRole", "DescribeLogGroups"];
    assert!(looks.iter().all(|name| aws.calls_to(name).is_empty()), "{:?}", aws.operations());
}

#[test]
fn an_image_that_is_gone_is_a_warning_where_that_was_asked_for() {
    let aws = willing();
    let failure = json!({"imageId": {"imageTag": "1"}, "failureCode": "ImageNotFound", "failureReason": "gone"});
    aws.on("BatchGetImage").reply(json!({"images": [], "failures": [failure]}));
    let out = back(&runner(&aws).input("preflight", "warn"));
    out.assert_code(0);
    assert!(out.stdout.contains("`shop:7` cannot run any more"), "{}", out.stdout);
}

#[test]
fn a_port_that_the_older_revision_does_not_have_is_seen_without_any_call() {
    let aws = world();
    aws.on("DescribeTaskDefinition").answer(|_| {
        let mut definition = file();
        definition["containerDefinitions"][0]["portMappings"] = json!([{"containerPort": 9090}]);
        (definition["taskDefinitionArn"], definition["status"]) = (json!(OLD), json!("ACTIVE"));
        Reply::json(200, &json!({"taskDefinition": definition, "tags": []}))
    });
    refused(&runner(&aws), &aws, "ecs-rollback/not-ready", &["target group web"]);
}

#[test]
fn a_right_that_is_missing_costs_one_line() {
    let aws = willing();
    for operation in ["DescribeSecret", "DescribeParameters", "DescribeLogGroups", "DescribeTargetGroups", "GetRole"] {
        aws.on(operation).error(400, "AccessDeniedException", "no");
    }
    let out = back(&runner(&aws));
    out.assert_code(0);
    let line = "not known: grant `secretsmanager:DescribeSecret` to look at secret shop/db-AbCdEf";
    assert_eq!(out.stderr.matches(line).count(), 1, "{}", out.stderr);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services[0]["verdict"], "restored");
}
