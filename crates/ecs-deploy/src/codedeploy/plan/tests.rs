//! What is begun, for what was seen.

use std::path::Path;

use super::*;
use crate::codedeploy::answer::{Group, Status};

const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop:8";
const FILE: &str = r#"{"Resources": [{"S": {"Properties": {"TaskDefinition": "x"}}}]}"#;

fn seen(under_way: Option<Deployment>) -> Seen {
    let appspec = AppSpec::parse("a.json", Path::new("a.json"), FILE).unwrap();
    Seen { appspec, under_way, ..Seen::default() }
}

/// A deployment under way of an `AppSpec` that was read.
fn of(appspec: &serde_json::Value) -> Deployment {
    let revision = serde_json::json!({"appSpecContent": {"content": appspec.to_string()}});
    let appspec = AppSpec::of_revision(&revision);
    Deployment { id: "d-1".to_owned(), status: Status::InProgress, appspec, ..Deployment::default() }
}

fn content() -> serde_json::Value {
    serde_json::from_str(seen(None).appspec.with(ARN).text()).unwrap()
}

fn reuse() -> Registration {
    Registration::Reuse(ARN.to_owned())
}

#[test]
fn the_same_deployment_under_way_is_joined() {
    let same = of(&content());
    assert_eq!(begin(&seen(Some(same.clone())), &reuse(), true), Begin::Join("d-1".to_owned()));
    // Not a rollback to it, which nobody asked to undo; not one of a revision that is yet to be registered.
    let back = Deployment { is_rollback: true, ..same.clone() };
    assert_eq!(begin(&seen(Some(back)), &reuse(), true), Begin::Create);
    assert_eq!(begin(&seen(Some(same)), &Registration::New, true), Begin::Create);
}

#[test]
fn another_deployment_is_none_of_ours() {
    let mut other = content();
    other["Hooks"] = serde_json::json!([]);
    assert_eq!(begin(&seen(Some(of(&other))), &reuse(), true), Begin::Create);
    // It takes away what runs, which is what is asked for.
    assert_eq!(begin(&seen(Some(of(&other))), &reuse(), false), Begin::Create);
    assert_eq!(begin(&seen(Some(Deployment::default())), &reuse(), true), Begin::Create);
}

#[test]
fn the_hash_alone_tells_the_same_deployment() {
    let hash = seen(None).appspec.with(ARN).hash().to_uppercase();
    let known = |hash: &str| Deployment { id: "d-1".to_owned(), hash: hash.to_owned(), ..Deployment::default() };
    assert_eq!(begin(&seen(Some(known(&hash))), &reuse(), true), Begin::Join("d-1".to_owned()));
    assert_eq!(begin(&seen(Some(known(&hash.replace('A', "B")))), &reuse(), true), Begin::Create);
}

#[test]
fn nothing_new_is_nothing_to_do() {
    assert_eq!(begin(&seen(None), &reuse(), false), Begin::Nothing);
}

#[test]
fn a_failure_is_added_to_the_occasions_of_the_group() {
    let group = Group { rollback_events: vec!["DEPLOYMENT_STOP_ON_ALARM".to_owned()], ..Group::default() };
    let seen = Seen { group: Some(group), ..seen(None) };
    assert_eq!(rollback_events(&seen), ["DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_FAILURE"]);
}

#[test]
fn update_service_is_told_what_it_takes_there() {
    let update =
        ServiceUpdate { desired_count: Some(3), force_new_deployment: Some(true), ..ServiceUpdate::TASK_DEFINITION };
    let left = settings(&update).unwrap();
    assert_eq!((left.task_definition, left.desired_count, left.force_new_deployment), (false, Some(3), None));
    assert_eq!(settings(&ServiceUpdate::TASK_DEFINITION), None);
}

#[test]
fn the_default_time_includes_what_the_group_waits() {
    let half_an_hour = Duration::from_mins(30);
    assert_eq!(longer(&WaitUntil::Deployed, half_an_hour, 65), Duration::from_mins(95));
    assert_eq!(longer(&WaitUntil::Ready, half_an_hour, 65), half_an_hour);
}
