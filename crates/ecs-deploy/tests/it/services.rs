//! One revision for several services: at the same time, and each with a verdict of its own.

use serde_json::{Value, json};
use testkit::FakeAws;
use testkit::http::Reply;

use crate::reluctant::{self, Service, Way};
use crate::scene::{NEW, OLD, deployment, described, old, only_body, ours, run, runner, scene, service};

/// The services `web` and `worker`; `looks` are what each is answered after its update, by its name.
fn two(looks: fn(&str) -> Value) -> FakeAws {
    let aws = scene([]);
    let named = |name: &str, mut service: Value| {
        service["serviceName"] = json!(name);
        service["serviceArn"] = json!(format!("arn:aws:ecs:eu-west-1:123456789012:service/prod/{name}"));
        service
    };
    let updated = std::sync::Arc::new(std::sync::Mutex::new(Vec::<String>::new()));
    let seen = std::sync::Arc::clone(&updated);
    aws.on("DescribeServices").answer(move |call| {
        let name = call.body["services"][0].as_str().unwrap_or_default().to_owned();
        let now = if seen.lock().unwrap().contains(&name) { looks(&name) } else { service(&[old("PRIMARY")]) };
        Reply::json(200, &described(named(&name, now)))
    });
    aws.on("UpdateService").answer(move |call| {
        let name = call.body["service"].as_str().unwrap_or_default().to_owned();
        updated.lock().unwrap().push(name.clone());
        Reply::json(200, &json!({"service": named(&name, service(&[ours("IN_PROGRESS"), old("ACTIVE")]))}))
    });
    aws
}

#[test]
fn both_get_the_revision_that_is_registered_once() {
    let aws = two(|_| service(&[ours("COMPLETED")]));
    let out = run(&runner(&aws).input("services", "worker"));
    out.assert_code(0);
    assert_eq!(aws.calls_to("RegisterTaskDefinition").len(), 1);
    assert_eq!(aws.calls_to("UpdateService").len(), 2);
    assert!(out.summary.contains("deployed shop:8 to services web, worker in cluster prod"), "{}", out.summary);
    for line in ["web: shop:8: COMPLETED", "worker: shop:8: COMPLETED"] {
        assert!(out.stderr.contains(line), "{line}\n{}", out.stderr);
    }
}

#[test]
fn one_that_fails_is_told_beside_one_that_does_not() {
    let aws = two(|name| service(&[ours(if name == "worker" { "FAILED" } else { "COMPLETED" })]));
    let out = run(&runner(&aws).input("services", "worker"));
    out.assert_code(1);
    assert_eq!(out.outputs["verdict"], "failed");
    assert!(out.outputs["reason"].starts_with("worker: "), "{:?}", out.outputs);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!([&services[0]["verdict"], &services[1]["verdict"]], ["deployed", "failed"]);
    assert!(out.summary.contains("failed: shop:8 on service worker in cluster prod; web: deployed"), "{}", out.summary);
}

#[test]
fn one_that_is_refused_keeps_none_from_its_end() {
    let aws = two(|_| service(&[ours("COMPLETED")]));
    aws.faults().add(
        testkit::Fault::reply(Reply::json(
            400,
            &json!({"__type": "InvalidParameterException", "message": "The target group is not there."}),
        ))
        .on("POST", "/")
        .matching(|request| {
            request.header("x-amz-target").is_some_and(|target| target.ends_with("UpdateService"))
                && request.json()["service"] == "worker"
        })
        .always(),
    );
    let out = run(&runner(&aws).input("services", "worker"));
    out.assert_code(1);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!(services[0]["verdict"], "deployed");
    assert_eq!(services[1]["verdict"], "failed");
    assert_eq!(services[1]["previous-task-definition-arn"], OLD);
    assert!(
        services[1]["reason"].as_str().is_some_and(|why| why.contains("The target group is not there.")),
        "{services}"
    );
    // `worker` was never updated: whoever took it back would take it from a good revision.
    let told = format!("{}{}", out.stdout, out.stderr);
    assert!(!told.contains("ecs-deploy rollback") && !told.contains("aims at"), "{told}");
}

#[test]
fn a_cancellation_ends_all_of_them() {
    let aws = two(|_| service(&[ours("IN_PROGRESS")]));
    let runner = runner(&aws).input("services", "worker");
    let mut running = runner.spawn(env!("CARGO_BIN_EXE_ecs-deploy"), Vec::<String>::new());
    running.wait_for_output("worker: shop:8: IN_PROGRESS");
    running.terminate();
    let out = running.finish();
    out.assert_code(130);
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    assert_eq!([&services[0]["verdict"], &services[1]["verdict"]], ["cancelled", "cancelled"]);
}

#[test]
fn each_of_two_that_fail_goes_back_by_itself() {
    let aws = scene([]);
    let (web, worker) = (Service::named("web", Way::Failure, 1), Service::named("worker", Way::GivenUp, 101));
    reluctant::script(&aws, &[web, worker]);
    let step = runner(&aws).input("services", "worker").input("on-failure", "rollback").input("preflight", "off");
    let out = run(&step.env("SLIPWAY_TIME_DIVISOR", "20"));
    out.assert_code(3);
    assert_eq!(out.outputs["verdict"], "rolled-back");
    let arn = |service: &str, number: u32| {
        json!(format!("arn:aws:ecs:eu-west-1:123456789012:service-deployment/prod/{service}/{number}"))
    };
    // One is rolled back by ECS, the other one is given what ran before; and neither is touched twice.
    let asked = only_body(&aws, "StopServiceDeployment");
    assert_eq!(asked["serviceDeploymentArn"], arn("web", 2));
    let updates: Vec<Value> = aws.calls_to("UpdateService").iter().map(|call| call.body.clone()).collect();
    let given = |service: &str, revision: &str| {
        updates.iter().filter(|body| body["service"] == service && body["taskDefinition"] == revision).count()
    };
    assert_eq!((given("web", NEW), given("worker", NEW), given("worker", OLD), updates.len()), (1, 1, 1, 3));
    let services: Value = serde_json::from_str(&out.outputs["services-json"]).unwrap();
    for (index, (name, reason)) in [("web", "app exited with 1"), ("worker", "circuit breaker")].into_iter().enumerate()
    {
        let own = &services[index];
        assert_eq!([&own["service"], &own["verdict"]], [name, "rolled-back"]);
        assert_eq!(own["restored-task-definition-arn"], OLD);
        assert!(own["reason"].as_str().is_some_and(|why| why.contains(reason)), "{services}");
        assert!(out.summary.contains(&format!("**{name}**")), "{}", out.summary);
        assert!(out.outputs["reason"].contains(&format!("{name}: ")), "{:?}", out.outputs);
    }
    assert_eq!(out.stdout.matches("::error ").count(), 1, "{}", out.stdout);
    let headline = "rolled back: shop:8 failed on services web, worker in cluster prod, which went back to shop:7";
    assert!(out.summary.contains(headline), "{}", out.summary);
}

/// `web` runs the seventh revision, and `worker` the sixth.
fn apart() -> FakeAws {
    let aws = scene([]);
    aws.on("DescribeServices").answer(|call| {
        let arn = if call.body["services"][0] == "worker" { OLD.replace(":7", ":6") } else { OLD.to_owned() };
        Reply::json(200, &described(service(&[deployment("ecs-svc/1", "PRIMARY", &arn, "COMPLETED")])))
    });
    aws
}

#[test]
fn each_is_told_with_the_revision_that_it_comes_from() {
    let aws = apart();
    let out = run(&runner(&aws).input("services", "worker").input("dry-run", "true"));
    out.assert_code(0);
    for row in [
        "| Service | Task definition | What |",
        "| `web` | `shop:7` → a new revision of `shop` | would be updated |",
        "| `worker` | `shop:6` → a new revision of `shop` | would be updated |",
        "| Task definition | a new revision of `shop` |",
        "compared with shop:7 of web",
    ] {
        assert!(out.summary.contains(row), "{row}\n{}", out.summary);
    }
}
