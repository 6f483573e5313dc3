//! Change sets of CloudFormation, from a scripted endpoint whose answers are held to botocore's model.

use std::time::Duration;

use serde_json::{Value, json};
use testkit::aws::{Call, FakeAws};
use testkit::fault::Fault;
use testkit::http::Reply;
use testkit::{FakeRunner, RunOutput};

use super::{BINARY, comments, github, run, runner};

/// A change set of the stack `shop`.
pub(crate) const ARN: &str = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/release-7/0123abcd";

const STACK_ID: &str = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/89abcdef";

const NESTED: &str = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/shop-Network-1ABC/4567cdef";

/// The same in XML as the query protocol has it: a list has `member`s.
fn xml(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            items.iter().fold(String::new(), |text, item| text + "<member>" + &xml(item) + "</member>")
        }
        Value::Object(entries) => {
            entries.iter().fold(String::new(), |text, (key, item)| text + &format!("<{key}>{}</{key}>", xml(item)))
        }
        Value::String(text) => {
            text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
        }
        other => other.to_string(),
    }
}

/// An answer to `DescribeChangeSet`.
pub(crate) fn described(result: &Value) -> Reply {
    let body = format!(
        "<DescribeChangeSetResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><DescribeChangeSetResult>{}\
         </DescribeChangeSetResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeChangeSetResponse>",
        xml(result)
    );
    Reply::xml(200, body)
}

/// A change set with these members besides the usual ones.
pub(crate) fn change_set(more: Value) -> Value {
    let mut set = json!({
        "ChangeSetId": ARN, "ChangeSetName": "release-7", "StackId": STACK_ID, "StackName": "shop",
        "Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "CreationTime": "2026-11-22T10:00:00.000Z",
        "Changes": [], "Capabilities": [], "Tags": [], "NotificationARNs": [], "Parameters": [],
        "IncludeNestedStacks": true,
    });
    let (Value::Object(set_members), Value::Object(more)) = (&mut set, more) else { panic!("not an object") };
    set_members.extend(more);
    set
}

#[expect(clippy::needless_pass_by_value, reason = "callers pass a `json!` literal")]
fn resource(change: Value) -> Value {
    json!({ "Type": "Resource", "ResourceChange": change })
}

fn database() -> Value {
    resource(json!({
        "Action": "Modify", "PolicyAction": "ReplaceAndDelete", "LogicalResourceId": "Orders",
        "PhysicalResourceId": "shop-orders", "ResourceType": "AWS::RDS::DBInstance", "Replacement": "True",
        "Scope": ["Properties"],
        "Details": [
            {
                "Target": {
                    "Attribute": "Properties", "Name": "Engine", "RequiresRecreation": "Always", "Path": "/Properties/Engine",
                    "BeforeValue": "mysql", "AfterValue": "postgres", "AttributeChangeType": "Modify",
                },
                "Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": "Engine",
            },
            {
                "Target": {
                    "Attribute": "Properties", "Name": "MasterUserPassword", "RequiresRecreation": "Never",
                    "Path": "/Properties/MasterUserPassword", "AttributeChangeType": "Modify",
                    "BeforeValue": "hunter2-before", "AfterValue": "hunter2-after",
                },
                "Evaluation": "Static", "ChangeSource": "DirectModification",
            },
        ],
        "BeforeContext": r#"{"Properties":{"Engine":"mysql","MasterUserPassword":"hunter2-before","PubliclyAccessible":"false"}}"#,
        "AfterContext": r#"{"Properties":{"Engine":"postgres","MasterUserPassword":"hunter2-after","PubliclyAccessible":"true",
            "Tags":[{"Key":"note","Value":"was hunter2-before"}]},"Metadata":{"aws:cdk:path":"Shop/Orders/Resource"}}"#,
    }))
}

fn topic(name: &str) -> Value {
    resource(json!({
        "Action": "Add", "LogicalResourceId": name, "ResourceType": "AWS::SNS::Topic", "Scope": [], "Details": [],
        "AfterContext": r#"{"Properties":{"TopicName":"orders"}}"#,
    }))
}

fn aws_with(set: &Value) -> FakeAws {
    let aws = FakeAws::start().unwrap();
    aws.on("DescribeChangeSet").raw(described(set));
    aws
}

/// A step that only looks, without a pull request.
fn step(aws: &FakeAws) -> FakeRunner {
    FakeRunner::new().envs(aws.env()).env("SLIPWAY_TIME_DIVISOR", "1000").input("target", "none")
}

fn show(aws: &FakeAws, more: &[&str]) -> RunOutput {
    let mut arguments = vec!["--change-set", ARN];
    arguments.extend(more);
    run(&step(aws), &arguments)
}

#[track_caller]
fn refused(out: &RunOutput, exit: i32, words: &[&str]) {
    out.assert_code(exit);
    for words in words {
        assert!(out.stderr.contains(words), "{words}: {}", out.stderr);
    }
}

#[test]
fn a_change_set_is_commented_on_its_pull_request() {
    let aws = aws_with(&change_set(json!({ "Changes": [database(), topic("Events")] })));
    let github = github("");
    let runner = runner(&github).envs(aws.env());
    let out = run(&runner, &["--change-set", ARN, "--fail-on", "data-loss"]);
    out.assert_code(1);
    let comment = &comments(&github)[0];
    for words in [
        "### ⛔ CloudFormation change set of `shop`: 2 to add, 0 to change, 1 to destroy (1 replacement included)",
        "`Engine` cannot change in place; Engine follows the parameter Engine; construct `Shop/Orders/Resource`",
        "**data loss:** destroys its databases and automated backups",
        "**exposure:** it is reachable from the internet \\(`PubliclyAccessible`\\)",
        "🟢 create | `Events`",
        "change set `release-7` of the stack `shop` in `eu-west-1`",
    ] {
        assert!(comment.contains(words), "{words}: {comment}");
    }
    assert!(!comment.contains("Terraform"), "{comment}");
    assert_eq!(out.outputs["risk"], "data-loss");
    assert_eq!(out.outputs["risk-refused"], "Orders");
    assert!(out.stderr.contains("terraform-plan-comment/risk-refused"), "{}", out.stderr);
    let everything = format!("{comment}{}{}{}{:?}", out.stdout, out.stderr, out.summary, out.outputs);
    assert!(!everything.contains("hunter2"), "{everything}");
    let calls = aws.calls_to("DescribeChangeSet");
    assert!(calls.iter().all(|call| call.request.text().contains("IncludePropertyValues=true")));
    assert_eq!(aws.operations(), ["DescribeChangeSet"]);

    // The next run has nothing new to say, and says nothing.
    run(&runner, &["--change-set", ARN, "--fail-on", "data-loss"]).assert_code(1);
    assert_eq!(comments(&github).len(), 1);
}

#[test]
fn every_rendering_shows_it() {
    let aws = aws_with(&change_set(json!({ "Changes": [database()] })));
    for format in ["markdown", "text", "html", "json"] {
        let out = show(&aws, &["--format", format]);
        out.assert_code(0);
        assert!(out.stdout.contains("Orders") && out.stdout.contains("shop"), "{format}: {}", out.stdout);
        assert!(!out.stdout.contains("hunter2") && !out.stdout.contains("Terraform"), "{format}: {}", out.stdout);
    }
}

#[test]
fn all_pages_are_read() {
    let aws = FakeAws::start().unwrap();
    aws.on("DescribeChangeSet").answer(|call: &Call| {
        let page = |name: &str, next: &str| {
            let mut set = change_set(json!({ "Changes": [topic(name)] }));
            if !next.is_empty() {
                set["NextToken"] = next.into();
            }
            described(&set)
        };
        match call.request.text() {
            text if text.contains("NextToken=b%2B") => page("Third", ""),
            text if text.contains("NextToken=a") => page("Second", "b+"),
            _ => page("First", "a"),
        }
    });
    let out = show(&aws, &[]);
    out.assert_code(0);
    assert_eq!(out.outputs["add"], "3");
    assert_eq!(aws.calls().len(), 3);
}

#[test]
fn pages_that_do_not_end_are_refused() {
    let aws = aws_with(&change_set(json!({ "Changes": [topic("First")], "NextToken": "a" })));
    refused(&show(&aws, &[]), 1, &["terraform-plan-comment/change-set-unreadable: ", "its pages do not end"]);
}

#[test]
fn nested_stacks_are_shown_below_their_names() {
    let aws = FakeAws::start().unwrap();
    aws.on("DescribeChangeSet").answer(|call: &Call| {
        let stack = json!({
            "Action": "Modify", "LogicalResourceId": "Network", "ResourceType": "AWS::CloudFormation::Stack", "ChangeSetId": NESTED,
            "Replacement": "False", "Scope": ["Properties"], "PhysicalResourceId": STACK_ID,
            "Details": [{ "Target": { "Attribute": "Properties" }, "Evaluation": "Dynamic", "ChangeSource": "Automatic" }],
        });
        if call.request.text().contains("shop-Network-1ABC") {
            let inner = json!({
                "ChangeSetId": NESTED, "ChangeSetName": "shop-Network-1ABC", "StackName": "shop-Network-1ABC",
                "ParentChangeSetId": ARN, "RootChangeSetId": ARN, "Changes": [topic("Alarms")],
            });
            return described(&change_set(inner));
        }
        described(&change_set(json!({ "Changes": [resource(stack)] })))
    });
    let out = show(&aws, &[]);
    out.assert_code(0);
    assert!(out.summary.contains("`Network/Alarms`") && out.summary.contains("`Network`"), "{}", out.summary);
    assert!(out.summary.contains("with 1 nested one"), "{}", out.summary);
}

#[test]
fn a_change_set_that_is_being_made_is_waited_for() {
    let making = change_set(json!({ "Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE" }));
    let aws = FakeAws::start().unwrap();
    let script = aws.on("DescribeChangeSet");
    script.raw(described(&change_set(json!({ "Status": "CREATE_PENDING", "ExecutionStatus": "UNAVAILABLE" }))));
    script.raw(described(&making)).raw(described(&change_set(json!({ "Changes": [topic("Events")] }))));
    let out = show(&aws, &[]);
    out.assert_code(0);
    assert_eq!(out.outputs["add"], "1");
    assert!(out.stderr.contains("waiting for the change set release-7 (CREATE_PENDING)"), "{}", out.stderr);

    let out = show(&aws_with(&making), &["--change-set-timeout", "30s"]);
    refused(&out, 4, &["terraform-plan-comment/change-set-not-ready: ", "CREATE_IN_PROGRESS", "change-set-timeout"]);
}

#[test]
fn a_change_set_without_changes_is_no_failure() {
    for reason in [
        "The submitted information didn't contain changes. Submit different information to create a change set.",
        "No updates are to be performed.",
    ] {
        let aws = aws_with(&change_set(
            json!({ "Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": reason }),
        ));
        let out = show(&aws, &["--fail-on", "any"]);
        out.assert_code(0);
        assert_eq!(out.outputs["has-changes"], "false");
        assert!(out.summary.contains("No changes. The stack is as the template says."), "{}", out.summary);
        assert!(!out.summary.contains("cannot be executed"), "{}", out.summary);
    }
}

#[test]
fn a_change_set_that_failed_says_why() {
    let failed = change_set(json!({
        "Status": "FAILED", "ExecutionStatus": "UNAVAILABLE",
        "StatusReason": "Template error: instance of Fn::GetAtt references undefined resource Db; DbPassword was hunter2-param",
        "Parameters": [{ "ParameterKey": "DbPassword", "ParameterValue": "hunter2-param" }],
    }));
    let out = show(&aws_with(&failed), &[]);
    refused(
        &out,
        1,
        &["terraform-plan-comment/change-set-failed: ", "references undefined resource Db", "its status is FAILED"],
    );
    assert!(!format!("{}{}{}", out.stderr, out.stdout, out.summary).contains("hunter2"), "{}", out.stderr);
}

#[test]
fn the_stack_is_checked() {
    let aws = aws_with(&change_set(json!({})));
    refused(
        &show(&aws, &["--stack", "billing"]),
        2,
        &["terraform-plan-comment/change-set-of-another-stack: ", "belongs to the stack `shop`, and not to `billing`"],
    );
    show(&aws, &["--stack", "shop"]).assert_code(0);
    let out = run(&step(&aws), &["--change-set", "release-7", "--stack", STACK_ID]);
    out.assert_code(0);
    let last = aws.calls().last().unwrap().request.text();
    assert!(last.contains("ChangeSetName=release-7") && last.contains("StackName=shop"), "{last}");
}

#[test]
fn what_passes_is_tried_again() {
    let aws = aws_with(&change_set(json!({ "Changes": [topic("Events")] })));
    aws.faults().add(Fault::throttle(0).nth(1));
    aws.faults().add(Fault::status(500).nth(2));
    let out = show(&aws, &[]);
    out.assert_code(0);
    assert_eq!(out.outputs["add"], "1");
    assert_eq!(aws.requests().len(), 3);
}

#[test]
fn a_refusal_names_the_permission() {
    let aws = FakeAws::start().unwrap();
    let message =
        "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: cloudformation:DescribeChangeSet";
    aws.on("DescribeChangeSet").error(403, "AccessDenied", message);
    let out = show(&aws, &["--stack", "shop"]);
    let arn = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/*";
    refused(&out, 1, &["aws/access-denied: ", "cloudformation:DescribeChangeSet", arn]);
}

#[test]
fn a_change_set_that_is_not_there_is_named() {
    let aws = FakeAws::start().unwrap();
    aws.on("DescribeChangeSet").error(404, "ChangeSetNotFound", "ChangeSet [release-7] does not exist");
    refused(&show(&aws, &[]), 1, &["aws/not-found: ", "ChangeSet [release-7] does not exist"]);
}

#[test]
fn an_answer_that_is_none_is_refused() {
    let aws = FakeAws::start().unwrap();
    aws.on("DescribeChangeSet").raw(described(&json!({ "ChangeSetName": "release-7" })));
    refused(&show(&aws, &[]), 1, &["terraform-plan-comment/change-set-unreadable: ", "has no `Status`"]);
}

#[test]
fn a_hanging_endpoint_ends() {
    let aws = aws_with(&change_set(json!({})));
    aws.faults().add(Fault::delay(Duration::from_millis(200)).always());
    let out = show(&aws, &[]);
    refused(&out, 1, &["aws/"]);
}

#[test]
fn both_and_neither_are_bad_input() {
    let aws = FakeAws::start().unwrap();
    refused(&show(&aws, &["--plan", "tfplan"]), 2, &["invalid-input", "stands beside `plan`"]);
    refused(&run(&step(&aws), &["--change-set", "release-7"]), 2, &["invalid-input", "needs its stack"]);
    refused(&run(&step(&aws), &[]), 2, &["invalid-input", "plan"]);
}

#[test]
fn the_policy_is_that_of_one_call() {
    let printed = |arguments: &[&str]| {
        let out = run(&FakeRunner::plain_shell(), arguments);
        out.assert_code(0);
        serde_json::from_str::<Value>(&out.stdout).unwrap()
    };
    let policy = printed(&["--print-iam-policy", "--change-set", ARN, "--stack", "shop"]);
    let [statement] = policy["Statement"].as_array().unwrap().as_slice() else { panic!("{policy}") };
    assert_eq!(statement["Action"], "cloudformation:DescribeChangeSet");
    assert_eq!(statement["Resource"][1], "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/*");
    let known = testkit::iam::Definitions::locate().unwrap();
    assert_eq!(known.problems(&testkit::iam::Policy::parse(&policy.to_string())), Vec::<String>::new());
    let unknown = run(&FakeRunner::plain_shell(), &["--print-iam-policy", "--change-set", ARN]);
    refused(&unknown, 2, &["invalid-input", "`stack`", "a policy names it"]);
    let policy = printed(&["--print-iam-policy", "--plan", "tfplan"]);
    assert_eq!(policy["Statement"], json!([]));
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let aws = aws_with(&change_set(json!({ "Changes": [database()] })));
    // Where the page goes is for the input to say.
    testkit::hostile::check_with_places(BINARY, &["html-file", "review-file"], || step(&aws).input("change-set", ARN));
    testkit::hostile::check_with_places(BINARY, &["html-file", "review-file"], || {
        step(&aws).input("change-set", "release-7").input("stack", "shop")
    });
}

#[test]
fn hostile_answers_stay_text() {
    let hostile = "::error::boom\n::error::boom\n##[error]z </details> <script>x</script> @acme/ops \u{202e}[a](http://x.example)";
    let mut change = topic(hostile);
    change["ResourceChange"]["LogicalResourceId"] = hostile.into();
    change["ResourceChange"]["ResourceType"] = hostile.into();
    let shown = change_set(json!({ "Changes": [change] }));
    let failed = change_set(json!({ "Status": "FAILED", "StatusReason": hostile }));
    let named = change_set(json!({ "StackName": hostile, "ChangeSetName": hostile }));
    for (set, code) in [(shown, 0), (failed, 1), (named, 1)] {
        let aws = FakeAws::start_lenient().unwrap();
        aws.on("DescribeChangeSet").raw(described(&set));
        let out = show(&aws, &[]);
        out.assert_code(code);
        for line in out.stdout.lines().chain(out.stderr.lines()) {
            let is_command = line.starts_with("::");
            assert!(!line.trim_start().starts_with("::error::boom"), "{line}");
            // The older form counts only where the line is no command already.
            assert!(is_command || !line.contains("##["), "{line}");
            assert!(!line.contains('\u{202e}'), "{line}");
        }
        let page = testkit::page::Page::parse(&out.summary);
        assert!(!page.html.concat().contains("<script"), "{}", out.summary);
        assert!(
            page.mentions.is_empty() && page.links.iter().all(|link| !link.contains("x.example")),
            "{}",
            out.summary
        );
        // CloudFormation names nothing so, which the models know of some names.
        aws.violations();
    }
}
