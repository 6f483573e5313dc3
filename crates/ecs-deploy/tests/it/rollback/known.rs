//! What is said of the revision that a service goes back to, before it goes.

use serde_json::{Value, json};
use testkit::FakeEcs;
use testkit::ecs::{named, revision_arn};
use testkit::http::Reply;

use super::images::with_image;
use super::refusals::refused;
use super::{back, changes, deployed, of};

const PLACE: &str = "arn:aws:ecs:eu-west-1:123456789012";
/// 2026-05-04 10:00 UTC.
const DAY: u64 = 1_777_888_800;

/// Gives the service a history: of each deployment its revision and how it ended, an hour apart, oldest first. The newest one is there.
fn with_history(ecs: &FakeEcs, all: &'static [(u64, &'static str)]) {
    let revision = |number: usize| format!("{PLACE}:service-revision/prod/web/{number}");
    let brief = move |(number, (_, status)): (usize, &(u64, &str))| {
        let ended = DAY + 3600 * number as u64;
        json!({
            "serviceDeploymentArn": format!("{PLACE}:service-deployment/prod/web/{number}"), "status": status,
            "createdAt": ended - 60, "finishedAt": ended, "targetServiceRevisionArn": revision(number)
        })
    };
    ecs.aws().on("ListServiceDeployments").answer(move |_| {
        let briefs: Vec<Value> = all.iter().enumerate().map(brief).collect();
        Reply::json(200, &json!({"serviceDeployments": briefs}))
    });
    ecs.aws().on("DescribeServiceDeployments").answer(move |call| {
        let newest = all.len() - 1;
        let own = json!({
            "serviceDeploymentArn": call.body["serviceDeploymentArns"][0], "status": all[newest].1, "createdAt": DAY,
            "sourceServiceRevisions": [{"arn": revision(newest - 1)}], "targetServiceRevision": {"arn": revision(newest)}
        });
        Reply::json(200, &json!({"serviceDeployments": [own], "failures": []}))
    });
    ecs.aws().on("DescribeServiceRevisions").answer(move |call| {
        let asked = call.body["serviceRevisionArns"].as_array().unwrap();
        let of = |arn: &Value| {
            let number: usize = arn.as_str()?.rsplit('/').next()?.parse().ok()?;
            Some(json!({"serviceRevisionArn": arn, "taskDefinition": revision_arn(all.get(number)?.0)}))
        };
        let found: Vec<Value> = asked.iter().filter_map(of).collect();
        Reply::json(200, &json!({"serviceRevisions": found, "failures": []}))
    });
}

/// The seventh ran well, the sixth was rolled back twice, and the service runs the eighth.
fn with_a_bad_one() -> FakeEcs {
    let ecs = deployed(named("healthy"));
    let all = &[
        (5, "SUCCESSFUL"),
        (6, "ROLLBACK_SUCCESSFUL"),
        (7, "SUCCESSFUL"),
        (6, "ROLLBACK_SUCCESSFUL"),
        (8, "SUCCESSFUL"),
    ];
    with_history(&ecs, all);
    ecs.aws().on("DescribeTaskDefinition").answer(|call| {
        let name = call.body["taskDefinition"].as_str().unwrap_or_default();
        let number: u64 = name.rsplit(':').next().unwrap_or_default().parse().unwrap();
        Reply::json(200, &with_image("shop", number, &image(number)))
    });
    ecs
}

fn image(number: u64) -> String {
    format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:{number}")
}

/// ECR has the images of all revisions but for these.
fn without_images(ecs: &FakeEcs, gone: &'static [u64]) {
    ecs.aws().on("DescribePullThroughCacheRules").reply(json!({"pullThroughCacheRules": []}));
    ecs.aws().on("BatchGetImage").answer(move |call| {
        let id = &call.body["imageIds"][0];
        let number: u64 = id["imageTag"].as_str().unwrap_or_default().parse().unwrap_or_default();
        if gone.contains(&number) {
            let failure = json!({"imageId": id, "failureCode": "ImageNotFound", "failureReason": "gone"});
            return Reply::json(200, &json!({"images": [], "failures": [failure]}));
        }
        let image = json!({"imageId": {"imageDigest": format!("sha256:{}", "a".repeat(64))}, "imageManifest": "{}"});
        Reply::json(200, &json!({"images": [image], "failures": []}))
    });
}

#[test]
fn a_plan_says_when_it_ran_well_and_what_is_skipped() {
    let ecs = with_a_bad_one();
    let out = back(&of(&ecs).input("mode", "plan"));
    out.assert_code(0);
    let line = "would take web from shop:8 to shop:7 (deployed successfully 2026-05-04 12:00 UTC; skipped: shop:6 was \
                rolled back 2026-05-04 13:00 UTC)";
    assert!(out.stdout.contains(line), "{}", out.stdout);
    assert!(!out.stdout.contains("::warning"), "{}", out.stdout);
    let applied = back(&of(&ecs).input("wait-timeout", "0s"));
    let line = "- `shop:7` \\(deployed successfully 2026-05-04 12:00 UTC; skipped: shop:6 was rolled back 2026-05-04 13:00 UTC";
    assert!(applied.summary.contains(line), "{}", applied.summary);
    assert!(applied.stderr.contains("web goes back to shop:7 (deployed successfully"), "{}", applied.stderr);
}

#[test]
fn one_that_was_rolled_back_is_warned_of_before_it_is_gone_to() {
    let warning = "the last deployment of shop:6 to web was rolled back 2026-05-04 13:00 UTC, and no deployment of it is \
                   remembered as successful";
    let ecs = with_a_bad_one();
    let planned = back(&of(&ecs).input("mode", "plan").input("to", "6"));
    assert!(planned.stdout.contains("::warning") && planned.stdout.contains(warning), "{}", planned.stdout);
    assert!(planned.summary.contains("⚠️ the last deployment of shop:6 to web"), "{}", planned.summary);
    let out = back(&of(&ecs).input("to", "6").input("wait-timeout", "0s"));
    let told = out.stdout.find(warning).unwrap_or_else(|| panic!("{}", out.stdout));
    assert_eq!(out.stdout.matches(warning).count(), 1, "{}", out.stdout);
    assert!(told < out.stdout.rfind("shop:6").unwrap_or_default(), "before the end: {}", out.stdout);
    assert_eq!(changes(&ecs).len(), 1);
}

#[test]
fn one_that_nobody_remembers_is_told() {
    let ecs = with_a_bad_one();
    let out = back(&of(&ecs).input("mode", "plan").input("to", "3"));
    out.assert_code(0);
    assert!(out.stdout.contains("no deployment of shop:3 to web is remembered"), "{}", out.stdout);
}

#[test]
fn where_an_image_is_gone_those_that_could_be_are_named() {
    let ecs = with_a_bad_one();
    without_images(&ecs, &[7]);
    let parts = [
        "`shop:7` cannot run any more",
        "push the image again, or name in `to` one that was successful",
        ": `shop:5`;",
    ];
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/image-gone", &parts);
    let ecs = with_a_bad_one();
    without_images(&ecs, &[5, 7]);
    let none = ["push the image again, or name another revision in `to`, such as `to: 41`"];
    refused(&of(&ecs), ecs.aws(), "ecs-rollback/image-gone", &none);
}

#[test]
fn a_way_back_that_failed_is_not_told_as_done() {
    let ecs = deployed(named("healthy"));
    with_history(&ecs, &[(6, "SUCCESSFUL"), (7, "SUCCESSFUL"), (8, "SUCCESSFUL"), (7, "ROLLBACK_SUCCESSFUL")]);
    ecs.aws().on("DescribeTaskDefinition").answer(|call| {
        let name = call.body["taskDefinition"].as_str().unwrap_or_default();
        let number: u64 = name.rsplit(':').next().unwrap_or_default().parse().unwrap();
        Reply::json(200, &with_image("shop", number, &image(number)))
    });
    without_images(&ecs, &[]);
    for to in ["last-successful", "previous"] {
        let parts = ["the way back to shop:7 failed, and ECS undid it", "one that was successful", ": `shop:6`;"];
        refused(&of(&ecs).input("to", to), ecs.aws(), "ecs-rollback/nothing-to-restore", &parts);
    }
}

#[test]
fn where_nothing_fits_those_that_were_successful_are_named() {
    let ecs = with_a_bad_one();
    let early = of(&ecs).input("to", "2026-05-04T10:30:00Z");
    assert_eq!(back(&early.input("mode", "plan")).assert_code(0).outputs["revision"], "shop:5");
    let earlier = of(&ecs).input("to", "2026-05-04T09:00:00Z");
    without_images(&ecs, &[]);
    refused(
        &earlier,
        ecs.aws(),
        "ecs-rollback/nothing-to-restore",
        &["one that was successful", ": `shop:7`, `shop:5`;"],
    );
}
