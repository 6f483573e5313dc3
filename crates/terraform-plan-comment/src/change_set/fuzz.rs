//! Laws of change sets that are made up: nothing is dropped, nothing leaks, and the page's structure is ours.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::cases;

use super::answer::Described;
use super::fetch::ChangeSets;
use super::plan;
use crate::document::Document;
use crate::fuzz::{SECRET, check, check_html, hostile};
use crate::guard::Guard;
use crate::html;
use crate::likely::Detector;
use crate::markdown::{Frame, Limit, page};
use crate::review::Review;
use crate::text;

/// One of CloudFormation's words, or another.
fn word(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![6 => prop::sample::select(words).prop_map(str::to_owned), 1 => hostile()]
}

/// A context with a secret under a secret's name and elsewhere; one in four is cut off.
fn context() -> impl Strategy<Value = String> {
    (hostile(), "[a-z0-9]{4,10}", hostile(), 0..4_usize).prop_map(|(name, tail, text, cut)| {
        let secret = format!("{SECRET}{tail}");
        let context = json!({
            "Properties": {
                "Password": secret, name: text, "Copy": format!("{text}{secret}"), "Later": "{{changeSet:KNOWN_AFTER_APPLY}}",
                "PubliclyAccessible": "true", "Environment": [{ "Name": "API_TOKEN", "Value": secret }],
                "PolicyDocument": { "Statement": { "Effect": "Allow", "Action": text, "Resource": "*" } },
            },
            "Metadata": { "aws:cdk:path": format!("Shop/{text}") },
        });
        let context = context.to_string();
        if cut == 0 { context.chars().take(context.len() / 2).collect() } else { context }
    })
}

fn detail() -> impl Strategy<Value = Value> {
    let words = (
        word(&["Properties", "Metadata", "Tags"]),
        word(&["Never", "Conditionally", "Always"]),
        word(&["Static", "Dynamic"]),
        word(&["DirectModification", "ParameterReference", "ResourceAttribute", "Automatic", "NoModification"]),
        word(&["Add", "Remove", "Modify", "SyncWithActual"]),
    );
    let texts = (
        word(&["/Properties/Password", "/Properties/Environment/0/Value", "/Properties/A/1/B"]),
        hostile(),
        "[a-z0-9]{4,10}",
    );
    (words, texts).prop_map(|((attribute, recreation, evaluation, source, change), (path, text, tail))| {
        json!({
            "Target": {
                "Attribute": attribute, "Name": text, "RequiresRecreation": recreation, "Path": path, "AttributeChangeType": change,
                "BeforeValue": text, "AfterValue": if path.contains("Password") { format!("{SECRET}{tail}") } else { text.clone() },
            },
            "Evaluation": evaluation, "ChangeSource": source, "CausingEntity": text,
        })
    })
}

fn change() -> impl Strategy<Value = Value> {
    let words = (
        word(&["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual"]),
        word(&["True", "False", "Conditional"]),
        word(&["Delete", "Retain", "Snapshot", "ReplaceAndDelete", "ReplaceAndRetain", "ReplaceAndSnapshot"]),
        word(&["AWS::RDS::DBInstance", "AWS::S3::Bucket", "AWS::IAM::ManagedPolicy", "AWS::CloudFormation::Stack"]),
        word(&["", "inner", "a"]),
    );
    (words, hostile(), context(), context(), vec(detail(), 0..4)).prop_map(
        |((action, replacement, policy, kind, nested), name, before, after, details)| {
            json!({ "Type": "Resource", "HookInvocationCount": name, "ResourceChange": {
                "Action": action, "LogicalResourceId": name, "PhysicalResourceId": name, "ResourceType": kind,
                "Replacement": replacement, "PolicyAction": policy, "ChangeSetId": nested, "Scope": [name],
                "BeforeContext": before, "AfterContext": after, "Details": details, "ResourceDriftStatus": name,
            } })
        },
    )
}

fn set(id: &'static str) -> impl Strategy<Value = Described> {
    let statuses = word(&["AVAILABLE", "OBSOLETE", "UNAVAILABLE", "EXECUTE_COMPLETE"]);
    (hostile(), statuses, vec(change(), 0..4), "[a-z0-9]{4,10}").prop_map(move |(name, status, changes, tail)| {
        let answer = json!({
            "ChangeSetId": id, "ChangeSetName": name, "StackName": format!("s{name}"), "Status": "CREATE_COMPLETE",
            "ExecutionStatus": status, "Changes": changes,
            "Parameters": [{ "ParameterKey": "DbPassword", "ParameterValue": format!("{SECRET}{tail}") }],
        });
        Described::read(&answer).unwrap()
    })
}

/// A change set, with one that is nested in it where it names that.
fn sets() -> impl Strategy<Value = ChangeSets> {
    (set("a"), set("inner")).prop_map(|(root, inner)| ChangeSets {
        root,
        nested: [("inner".to_owned(), inner)].into(),
        region: "eu-west-1".to_owned(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(48), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_a_change_set_is_shown_whole_and_tells_no_secret(sets in sets(), most in 4_000_usize..30_000) {
        let document: Document = plan::document(&sets, &Guard::default(), &Detector::default()).unwrap();
        let names_inner = sets.root.changes.iter().any(|change| change.nested == "inner");
        let inner = if names_inner { sets.nested["inner"].changes.len() } else { 0 };
        let review = Review::of(&document);
        prop_assert_eq!(review.resources.len(), sets.root.changes.len() + inner);

        let frame = Frame { heading: true, ..Frame::default() };
        let markdown = page(&review, &frame, Limit::Characters(most));
        check(&markdown)?;
        let html = html::page(&review, &frame);
        check_html(&html)?;
        let json = serde_json::to_string(&review).unwrap();
        let text = text::plan(&document);
        for shown in [&markdown, &html, &json, &text, &format!("{document:?}")] {
            prop_assert!(!shown.contains(SECRET), "{shown}");
        }
    }
}
