use serde_json::{Value, json};

use super::*;
use crate::guard::Pattern;
use crate::likely::Detector;
use crate::markdown::{Frame, Limit, page};
use crate::review::{Review, Verb};

/// A change set that is there, with these changes.
fn set(name: &str, changes: &[Value]) -> Described {
    let answer = json!({
        "ChangeSetId": name, "ChangeSetName": name, "StackName": "shop", "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "Changes": changes.iter().map(|change| json!({ "Type": "Resource", "ResourceChange": change })).collect::<Vec<_>>(),
    });
    Described::read(&answer).unwrap()
}

fn sets(changes: &[Value]) -> ChangeSets {
    ChangeSets { root: set("release", changes), region: "eu-west-1".to_owned(), ..ChangeSets::default() }
}

fn read(changes: &[Value]) -> Document {
    document(&sets(changes), &Guard::default(), &Detector::default()).unwrap()
}

fn review(changes: &[Value]) -> Review {
    Review::of(&read(changes))
}

fn markdown(review: &Review) -> String {
    page(review, &Frame { heading: true, ..Frame::default() }, Limit::Characters(65_536))
}

fn modify(replacement: &str, policy: &str) -> Value {
    json!({
        "Action": "Modify", "LogicalResourceId": "Db", "ResourceType": "AWS::RDS::DBInstance",
        "Replacement": replacement, "PolicyAction": policy,
        "BeforeContext": r#"{"Properties":{"Engine":"mysql","DBName":"a"}}"#,
        "AfterContext": r#"{"Properties":{"Engine":"postgres","DBName":"a"}}"#,
        "Details": [{
            "Target": { "Attribute": "Properties", "Name": "Engine", "RequiresRecreation": "Always", "Path": "/Properties/Engine" },
            "Evaluation": "Static", "ChangeSource": "ParameterReference", "CausingEntity": "Engine",
        }],
    })
}

#[track_caller]
fn verb_of(change: Value, verb: &Verb) -> crate::review::Resource {
    let review = review(&[change]);
    let [resource] = review.resources.as_slice() else { panic!("{:?}", review.resources) };
    assert_eq!(&resource.verb, verb);
    resource.clone()
}

#[test]
fn a_replacement_names_what_forces_it_and_why() {
    let resource = verb_of(modify("True", "ReplaceAndDelete"), &Verb::CreateThenDelete);
    assert_eq!(resource.forced_by, ["Engine"]);
    let set = resource.set.as_ref().unwrap();
    assert_eq!(set.causes.as_deref(), Some("Engine follows the parameter Engine"));
    assert!(resource.risks[0].reason.starts_with("destroys its databases"), "{:?}", resource.risks);
}

#[test]
fn a_conditional_replacement_counts_as_one_and_says_so() {
    let review = review(&[modify("Conditional", "ReplaceAndDelete")]);
    assert_eq!((review.counts.replace, review.counts.destroy), (1, 1));
    assert!(review.resources[0].risks[0].reason.starts_with("may be replaced: destroys its databases"));
    let page = markdown(&review);
    assert!(
        page.contains("may be replaced (create first)") && page.contains("`Engine` may not change in place"),
        "{page}"
    );
    assert!(page.contains("may be replaced: destroys"), "{page}");
}

#[test]
fn the_policy_decides_what_is_lost() {
    let risks = |policy: &str| -> Vec<String> {
        let change = json!({
            "Action": "Remove", "LogicalResourceId": "Db", "ResourceType": "AWS::RDS::DBInstance", "PolicyAction": policy,
            "BeforeContext": r#"{"Properties":{}}"#,
        });
        let verb = if policy == "Retain" { Verb::Forget } else { Verb::Delete };
        let risks = verb_of(change, &verb).risks;
        risks.into_iter().filter(|risk| risk.grade == crate::risk::Grade::DataLoss).map(|risk| risk.reason).collect()
    };
    assert_eq!(risks("Delete"), ["destroys its databases and automated backups"]);
    assert_eq!(risks("Snapshot"), ["destroys its databases and automated backups; a last snapshot is taken first"]);
    assert_eq!(risks("Retain"), Vec::<String>::new());
    let kept = verb_of(modify("True", "ReplaceAndRetain"), &Verb::CreateAndForget);
    assert!(kept.risks.iter().all(|risk| risk.grade != crate::risk::Grade::DataLoss), "{:?}", kept.risks);
    let softened = verb_of(modify("True", "ReplaceAndSnapshot"), &Verb::CreateThenDelete);
    assert!(softened.risks[0].reason.contains("a last snapshot is taken first"));
}

#[test]
fn every_action_is_shown() {
    let of = |action: &str| json!({ "Action": action, "LogicalResourceId": action, "ResourceType": "AWS::SNS::Topic", "PhysicalResourceId": "topic-1" });
    let actions = ["Add", "Modify", "Remove", "Import", "Dynamic", "SyncWithActual", "Teleport", "no-op"];
    let review = review(&actions.map(of));
    assert_eq!(review.resources.len(), actions.len());
    let page = markdown(&review);
    for words in [
        "create",
        "update",
        "**destroy**",
        "import",
        "decided while it is deployed",
        "record as it is (not changed)",
        "unknown action: Teleport of CloudFormation",
        "imports `topic-1`",
        "**CloudFormation decides only while it deploys what happens to:** `Dynamic`",
        "**Actions that this version does not know:** `Teleport`, `no-op`",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(
        page.starts_with("### 🔴 CloudFormation change set of `shop`: 1 to add, 1 to change, 1 to destroy"),
        "{page}"
    );
    assert!(!page.contains("Terraform"), "{page}");
}

#[test]
fn what_nested_stacks_do_stands_below_their_names() {
    let nested = |id: &str| {
        json!({
            "Action": "Modify", "LogicalResourceId": "Network", "ResourceType": STACK, "ChangeSetId": id, "Replacement": "False",
            "Details": [{ "Target": {}, "Evaluation": "Dynamic", "ChangeSource": "Automatic" }],
        })
    };
    let vpc = json!({ "Action": "Add", "LogicalResourceId": "Vpc", "ResourceType": "AWS::EC2::VPC" });
    let mut all =
        sets(&[nested("inner"), json!({ "Action": "Add", "LogicalResourceId": "Other", "ResourceType": STACK })]);
    // A change set that is nested in itself ends.
    all.nested.insert("inner".to_owned(), set("inner", &[vpc, nested("inner")]));
    let guard = Guard::new(vec![Pattern::parse("Network/*").unwrap(), Pattern::parse("AWS::EC2::*").unwrap()]);
    let document = document(&all, &guard, &Detector::default()).unwrap();
    let addresses: Vec<(&str, bool)> =
        document.changes.iter().map(|change| (change.address.as_str(), change.guarded)).collect();
    assert_eq!(addresses, [("Network", false), ("Network/Vpc", true), ("Network/Network", true), ("Other", false)]);
    let stack = document.stack.as_ref().unwrap();
    assert_eq!(stack.nested, 1);
    assert!(stack.notes.contains(&Note::NestedUntold(vec!["Other".to_owned()])), "{:?}", stack.notes);
    let page = markdown(&Review::of(&document));
    assert!(page.contains("the template of the nested stack may have changed"), "{page}");
    assert!(page.contains("change set `release` with 1 nested one of the stack `shop` in `eu-west-1`"), "{page}");
}

#[test]
fn a_nested_stack_that_goes_untold_loses_data() {
    let stack = |policy: &str| json!({ "Action": "Remove", "LogicalResourceId": "Data", "ResourceType": STACK, "PolicyAction": policy });
    let resource = verb_of(stack("Delete"), &Verb::Delete);
    assert_eq!(resource.grade(), crate::risk::Grade::DataLoss);
    assert_eq!(verb_of(stack("Retain"), &Verb::Forget).risks, Vec::new());
}

#[test]
fn what_its_name_calls_a_secret_is_hidden_wherever_it_is() {
    let change = json!({
        "Action": "Modify", "LogicalResourceId": "Db", "ResourceType": "AWS::RDS::DBInstance", "Replacement": "False",
        "BeforeContext": r#"{"Properties":{"MasterUserPassword":"hunter2-old","Tags":[{"Key":"copy","Value":"hunter2-new"}]}}"#,
        "AfterContext": r#"{"Properties":{"MasterUserPassword":"hunter2-new","Tags":[{"Key":"copy","Value":"by param-secret"}]},
            "Metadata":{"aws:cdk:path":"Shop/hunter2-new/Db"}}"#,
        "Details": [{
            "Target": { "Attribute": "Properties", "Name": "MasterUserPassword" },
            "ChangeSource": "ParameterReference", "CausingEntity": "hunter2-new",
        }],
    });
    let mut sets = sets(&[change]);
    sets.root.parameters = vec![
        ("ApiToken".to_owned(), "param-secret".to_owned()),
        ("Size".to_owned(), "shop".to_owned()),
        ("DbPassword".to_owned(), "****".to_owned()),
    ];
    let document = document(&sets, &Guard::default(), &Detector::default()).unwrap();
    let review = Review::of(&document);
    let all = markdown(&review)
        + &serde_json::to_string(&review).unwrap()
        + &crate::text::plan(&document)
        + &format!("{document:?}");
    for secret in ["hunter2", "param-secret"] {
        assert!(!all.contains(secret), "{all}");
    }
    assert!(all.contains("construct `Shop/(sensitive value)/Db`"), "{all}");
    assert!(all.contains("change set of `shop`"), "what is no secret is shown: {all}");
}

#[test]
fn a_change_set_without_values_says_so() {
    let change = json!({
        "Action": "Modify", "LogicalResourceId": "Web", "ResourceType": "AWS::EC2::Instance", "Replacement": "True",
        "PolicyAction": "ReplaceAndDelete",
        "Details": [{ "Target": { "Attribute": "Properties", "Name": "ImageId", "RequiresRecreation": "Always" }, "Evaluation": "Static" }],
    });
    let page = markdown(&review(&[change]));
    assert!(page.contains("`ImageId` cannot change in place"), "{page}");
    assert!(page.contains("CloudFormation gave no values for 1 change:"), "{page}");
    assert!(page.contains("\"(not told)\" -> (known after apply)"), "{page}");
}

#[test]
fn what_cannot_be_executed_is_said() {
    for (status, words) in [
        ("OBSOLETE", "**This change set is obsolete:**"),
        ("EXECUTE_COMPLETE", "**This change set has been executed,**"),
        ("UNAVAILABLE", "**This change set cannot be executed:** its status is `UNAVAILABLE`"),
    ] {
        let mut sets = sets(&[modify("False", "")]);
        sets.root.execution = status.to_owned();
        let page = markdown(&Review::of(&document(&sets, &Guard::default(), &Detector::default()).unwrap()));
        assert!(page.contains(words), "{page}");
    }
}

#[test]
fn nothing_to_do_is_said_so() {
    let mut sets = sets(&[]);
    sets.root.status = "FAILED".to_owned();
    sets.root.execution = "UNAVAILABLE".to_owned();
    let document = document(&sets, &Guard::default(), &Detector::default()).unwrap();
    let review = Review::of(&document);
    assert!(!review.has_changes);
    let page = markdown(&review);
    assert!(page.contains(": no changes") && page.contains("No changes. The stack is as the template says."), "{page}");
    let text = crate::text::plan(&document);
    assert!(
        text.contains("CloudFormation change set release of the stack shop") && !text.contains("Terraform"),
        "{text}"
    );
}

#[test]
fn what_is_executed_without_resource_changes_is_no_empty_change_set() {
    let document = read(&[]);
    let review = Review::of(&document);
    assert!(review.has_changes);
    let page = markdown(&review);
    assert!(page.contains("`shop`: no resource changes, something else changes"), "{page}");
    assert!(page.contains("**No resource changes, and yet there is something to execute:**"), "{page}");
    assert!(!page.contains("No changes."), "{page}");
    let text = crate::text::plan(&document);
    assert!(text.contains("yet there is something to execute") && !text.contains("No changes"), "{text}");
}

#[test]
fn the_text_has_words_of_its_own() {
    let change = modify("Conditional", "ReplaceAndDelete");
    let text = crate::text::plan(&read(&[change]));
    assert!(text.contains("# Db must be replaced") && text.contains("# (may be replaced (create first))"), "{text}");
    assert!(text.contains("CloudFormation will perform") && !text.contains("Terraform"), "{text}");
}

#[test]
fn hooks_and_drift_are_causes() {
    let mut change = modify("False", "");
    change["ResourceDriftStatus"] = "MODIFIED".into();
    change["Scope"] = json!(["Properties", "UpdatePolicy"]);
    let mut sets = sets(&[change]);
    sets.root.changes[0].hooks = "2".to_owned();
    let document = document(&sets, &Guard::default(), &Detector::default()).unwrap();
    assert_eq!(
        document.changes[0].set.as_ref().unwrap().causes.as_deref(),
        Some(
            "Engine follows the parameter Engine; its UpdatePolicy too; was changed outside of CloudFormation; 2 hooks check it"
        )
    );
}
