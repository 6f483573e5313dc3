//! Change sets that an emulator of CloudFormation made.

use serde_json::{Value, json};
use testkit::ministack::Ministack;
use testkit::tools::Tools;
use testkit::{FakeRunner, RunOutput};

use super::run;

fn template(resources: &Value) -> String {
    json!({ "AWSTemplateFormatVersion": "2010-09-09", "Resources": resources }).to_string()
}

/// A call of CloudFormation's that must be answered well.
#[track_caller]
fn call(ministack: &Ministack, parameters: &[(&str, &str)]) -> String {
    let encoded = |text: &str| -> String {
        let byte = |byte: u8| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        text.bytes().map(byte).collect()
    };
    let pairs = parameters.iter().chain(&[("Version", "2010-05-15")]);
    let body: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let scope = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261122/eu-west-1/cloudformation/aws4_request, \
                 SignedHeaders=host, Signature=0";
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", scope)];
    let reply = testkit::http::send("POST", &ministack.endpoint(), &headers, body.join("&").as_bytes()).unwrap();
    assert!(reply.is_success(), "{}", reply.to_text());
    reply.to_text()
}

fn make(ministack: &Ministack, name: &str, kind: &str, resources: &Value) {
    call(
        ministack,
        &[
            ("Action", "CreateChangeSet"),
            ("StackName", "shop"),
            ("ChangeSetName", name),
            ("ChangeSetType", kind),
            ("TemplateBody", &template(resources)),
        ],
    );
}

fn show(ministack: &Ministack, name: &str) -> RunOutput {
    let step = FakeRunner::new().envs(ministack.env()).input("target", "none");
    run(&step, &["--change-set", name, "--stack", "shop"])
}

#[test]
fn change_sets_of_the_emulator_are_shown() {
    let ministack = Tools::locate()
        .map_err(|error| error.to_string())
        .and_then(|tools| Ministack::start(&tools).map_err(|error| error.to_string()));
    let ministack = match ministack {
        Ok(ministack) => ministack,
        Err(reason) => {
            eprintln!("SKIPPED terraform-plan-comment against ministack: {reason}");
            return;
        }
    };
    let queue =
        |seconds: &str| json!({ "Type": "AWS::SQS::Queue", "Properties": { "MessageRetentionPeriod": seconds } });
    let bucket = |name: &str| json!({ "Type": "AWS::S3::Bucket", "Properties": { "BucketName": name } });
    let first = json!({ "Jobs": queue("600"), "Files": bucket("slipway-files-a"), "Old": queue("60") });
    make(&ministack, "first", "CREATE", &first);
    let out = show(&ministack, "first");
    out.assert_code(0);
    assert_eq!((out.outputs["add"].as_str(), out.outputs["destroy"].as_str()), ("3", "0"), "{}", out.summary);
    assert!(out.summary.contains("`Jobs`"), "{}", out.summary);
    call(&ministack, &[("Action", "ExecuteChangeSet"), ("StackName", "shop"), ("ChangeSetName", "first")]);
    wait_for_the_stack(&ministack);

    // A bucket's name cannot change in place, a queue's retention can, and one queue goes. The emulator does not know the first for sure.
    let second = json!({ "Jobs": queue("300"), "Files": bucket("slipway-files-b") });
    make(&ministack, "second", "UPDATE", &second);
    let out = show(&ministack, "second");
    out.assert_code(0);
    let counts = ["add", "change", "destroy", "replace"].map(|name| out.outputs[name].as_str());
    assert_eq!(counts, ["1", "1", "2", "1"], "{}", out.summary);
    for words in [
        "may be replaced (create first)",
        "`BucketName` may not change in place",
        "**destroy**",
        "`Old`",
        "the messages in the queue",
    ] {
        assert!(out.summary.contains(words), "{words}: {}", out.summary);
    }
    // The emulator has no values, and that is said.
    assert!(out.summary.contains("CloudFormation gave no values for"), "{}", out.summary);

    make(&ministack, "third", "UPDATE", &first);
    let out = show(&ministack, "third");
    out.assert_code(0);
    assert_eq!(out.outputs["has-changes"], "false", "{}", out.summary);

    let out = show(&ministack, "missing");
    out.assert_code(1);
    assert!(out.stderr.contains("aws/not-found"), "{}", out.stderr);
}

fn wait_for_the_stack(ministack: &Ministack) {
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let text = call(ministack, &[("Action", "DescribeStacks"), ("StackName", "shop")]);
        if text.contains("CREATE_COMPLETE") {
            return;
        }
        assert!(std::time::Instant::now() < deadline, "{text}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
