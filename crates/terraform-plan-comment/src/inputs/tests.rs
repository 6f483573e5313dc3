use aws_client::AwsArgs;

use super::*;
use crate::target::{DestinationArgs, OverrideArgs};

fn args() -> Args {
    Args {
        plan: Some("tfplan".into()),
        terraform: None,
        terraform_timeout: "5m".into(),
        working_directory: ".".into(),
        provider_schemas: None,
        destination: DestinationArgs {
            target: vec!["comment".to_owned()],
            label: "false".to_owned(),
            ..DestinationArgs::default()
        },
        name: None,
        fail_on: vec!["none".to_owned()],
        allow: Vec::new(),
        fail_on_destroy: Vec::new(),
        overrides: OverrideArgs::default(),
        rules: None,
        redact: Vec::new(),
        redact_likely: true,
        html_file: None,
        review_file: None,
        binary_plan: None,
        part_file: None,
        plan_log: None,
        format: None,
        change_set: None,
        stack: None,
        change_set_timeout: "5m".into(),
        aws: AwsArgs::default(),
    }
}

fn pull_request(number: &str) -> DestinationArgs {
    DestinationArgs { pull_request: Some(number.to_owned()), ..args().destination }
}

#[test]
fn a_dash_is_standard_input_and_a_hash_may_stand_before_a_number() {
    let args = Args { plan: Some("-".into()), destination: pull_request("#7"), ..args() };
    let inputs = Inputs::parse(&args).unwrap();
    assert_eq!((inputs.plan, inputs.destinations.pull_request), (PlanSource::Stdin, Some(7)));
}

#[test]
fn every_bad_field_is_noted() {
    let args = Args {
        plan: None,
        terraform: Some("--help".into()),
        terraform_timeout: "5".into(),
        name: Some("<b>".into()),
        fail_on_destroy: vec!["aws_s3_bucket,,a b".into()],
        destination: pull_request("0"),
        ..args()
    };
    let names: Vec<String> = Inputs::parse(&args).unwrap_err().iter().map(|bad| bad.name.clone()).collect();
    assert_eq!(names, ["plan", "terraform", "terraform-timeout", "name", "fail-on-destroy", "pull-request"]);
}

#[test]
fn a_pattern_that_is_none_or_matches_everywhere_is_a_bad_input() {
    for (pattern, says) in [("(", "no regular expression"), ("a*", "matches the empty text")] {
        let errors = Inputs::parse(&Args { redact: vec![pattern.to_owned()], ..args() }).unwrap_err();
        assert!(errors.to_string().contains(says), "{errors}");
    }
    let inputs = Inputs::parse(&Args { redact: vec!["a+\n b+ ".to_owned()], redact_likely: false, ..args() }).unwrap();
    let patterns = ["a+", "b+"].map(|pattern| Regex::new(pattern).unwrap()).to_vec();
    assert_eq!(inputs.detector, Detector::new(patterns, true));
}

const CHANGE_SET: &str = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/release/0123";

fn of_change_set(change_set: &str, stack: Option<&str>) -> Args {
    Args { plan: None, change_set: Some(change_set.into()), stack: stack.map(Into::into), ..args() }
}

#[test]
fn an_arn_names_the_region() {
    let PlanSource::ChangeSet(request) = Inputs::parse(&of_change_set(CHANGE_SET, None)).unwrap().plan else {
        panic!()
    };
    assert_eq!(request.aws.region.as_deref(), Some("eu-west-1"));
    let elsewhere = AwsArgs { aws_region: Some("us-east-1".into()), ..AwsArgs::default() };
    let bad = Inputs::parse(&Args { aws: elsewhere, ..of_change_set(CHANGE_SET, None) }).unwrap_err();
    assert!(bad.to_string().contains("aws-region"), "{bad}");
}

#[test]
fn a_plan_or_a_change_set_is_shown_and_never_both() {
    let named =
        |args: &Args| -> Vec<String> { Inputs::parse(args).unwrap_err().iter().map(|bad| bad.name.clone()).collect() };
    assert_eq!(named(&Args { plan: None, ..args() }), ["plan"]);
    assert_eq!(named(&Args { plan: Some("tfplan".into()), ..of_change_set(CHANGE_SET, None) }), ["change-set"]);
    assert_eq!(named(&Args { stack: Some("shop".into()), ..args() }), ["stack"]);
    assert_eq!(named(&of_change_set("release", None)), ["stack"]);
    assert_eq!(named(&of_change_set("no name", Some("shop"))), ["change-set"]);
    assert_eq!(
        named(&Args { change_set_timeout: "soon".into(), ..of_change_set("release", Some("shop")) }),
        ["change-set-timeout"]
    );
}

#[test]
fn rules_that_are_not_there_refuse_nothing() {
    let fail_on = |rules: Option<&str>| {
        let args = Args { fail_on: vec!["destroy, rules".into()], rules: rules.map(str::to_owned), ..args() };
        Inputs::parse(&args).map_err(|errors| errors.to_string())
    };
    for rules in [None, Some("")] {
        let error = fail_on(rules).unwrap_err();
        assert!(error.contains("`fail-on` has `rules`, and there are none"), "{error}");
    }
    fail_on(Some("rules.toml")).unwrap();
}

#[test]
fn a_part_needs_a_name() {
    let part = |name: Option<&str>| {
        let args = Args { part_file: Some("part.json".into()), name: name.map(str::to_owned), ..args() };
        Inputs::parse(&args).map_err(|bad| bad.iter().map(|bad| bad.name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(part(None).unwrap_err(), ["part-file"]);
    assert_eq!(part(Some("network")).unwrap().part_file, Some("part.json".into()));
}
