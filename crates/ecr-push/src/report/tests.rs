use ecr::{Mutability, Wildcard};

use super::*;
use crate::outcome::{TagOutcome, Transfer};
use crate::plan::plan;
use crate::plan::tests::{inputs, snapshot, tag};

const REGISTRY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

const TRANSFER: Transfer = Transfer { blobs_uploaded: 1, bytes_uploaded: 1536, blobs_reused: 1, bytes_reused: 512 };

fn some_plan() -> Plan {
    let existing = [("latest", Digest::of(b"theirs"))];
    plan(&inputs(&["1.1.0-SNAPSHOT", "latest"]), &snapshot(Mutability::Mutable, &existing)).unwrap()
}

fn some_outcome() -> Outcome {
    let tag = |name: &str, result| TagOutcome { tag: tag(name), result };
    Outcome {
        registry: REGISTRY.to_owned(),
        images: vec![ImageOutcome {
            repository: image_ref::RepositoryName::parse("shop").unwrap(),
            created_repository: false,
            tags: vec![
                tag("1.1.0-SNAPSHOT", TagResult::Pushed),
                tag("latest", TagResult::Moved { from: Digest::of(b"theirs") }),
            ],
            transfer: TRANSFER,
            judgment: None,
        }],
        transfer: TRANSFER,
        requests: 9,
        retries: 0,
        milliseconds: 1234,
    }
}

#[test]
fn a_tag_that_another_run_moved_on_is_a_warning_and_no_output() {
    let mut outcome = some_outcome();
    outcome.images[0].tags[1].result = TagResult::Overtaken { by: Digest::of(b"later") };
    let report = report(&some_plan(), Some(&outcome));
    assert_eq!(report.outputs.get("tags").unwrap(), "1.1.0-SNAPSHOT");
    let warnings: Vec<String> = report.annotations.iter().map(|annotation| format!("{annotation:?}")).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("`latest` points at its image"), "{warnings:?}");
    assert!(report.summary.contains("by another run"), "{}", report.summary);
}

#[test]
fn the_outputs_name_the_image_by_tag_and_by_digest() {
    let report = report(&some_plan(), Some(&some_outcome()));
    let output = |name| report.outputs.get(name).unwrap().to_owned();
    assert_eq!(output("image"), format!("{REGISTRY}/shop:1.1.0-SNAPSHOT"));
    assert_eq!(output("image-uri"), format!("{REGISTRY}/shop@{}", Digest::of(b"ours")));
    assert_eq!(output("tags"), "1.1.0-SNAPSHOT\nlatest");
    assert_eq!(output("pushed"), "true");
}

#[test]
fn every_declared_output_is_set() {
    for outcome in [None, Some(&some_outcome())] {
        let report = report(&some_plan(), outcome);
        for declared in <crate::EcrPush as actions_core::Action>::OUTPUTS {
            assert!(report.outputs.get(declared.name).is_some(), "{}", declared.name);
        }
    }
}

#[test]
fn the_summary_tells_each_tag_and_how_to_pull() {
    let report = report(&some_plan(), Some(&some_outcome()));
    insta::assert_snapshot!(report.summary.replace(Digest::of(b"ours").hex(), "OURS"), @r"
    | Tag | Result |
    | --- | --- |
    | `1.1.0-SNAPSHOT` | pushed |
    | `latest` | moved from 4c55a8552a2c |

    | What | Value |
    | --- | --- |
    | Digest | `sha256:OURS` |
    | Content | 2 blobs, 2.0 KiB |
    | Uploaded | 1 blob, 1.5 KiB |
    | Reused | 1 blob, 512 B |
    | Requests | 9 |
    | Time | 1.2 s |

    ```sh
    docker pull 123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:OURS
    ```
    ");
}

#[test]
fn the_verdict_names_the_tags_and_the_digest() {
    let verdict = report(&some_plan(), Some(&some_outcome())).verdict;
    assert_eq!(verdict, format!("pushed shop: 1.1.0-SNAPSHOT, latest ({})", Digest::of(b"ours").short()));
}

#[test]
fn a_dry_run_says_would() {
    let report = report(&some_plan(), None);
    assert!(report.verdict.starts_with("would push shop"), "{}", report.verdict);
    assert!(report.summary.contains("would be moved from"), "{}", report.summary);
    assert_eq!(report.outputs.get("pushed"), Some("false"));
}

#[test]
fn a_registry_that_is_not_known_yet_leaves_its_outputs_empty() {
    let mut plan = some_plan();
    plan.images[0].existing = None;
    let report = report(&plan, None);
    assert_eq!((report.outputs.get("image"), report.outputs.get("image-uri")), (Some(""), Some("")));
}

#[test]
fn a_tag_that_moves_to_another_line_is_a_warning() {
    let told = |tags: &[&str]| {
        let mut inputs = inputs(tags);
        inputs.mutable_tags = ["latest", "1.0", "*-SNAPSHOT"].map(|text| Wildcard::parse(text).unwrap()).to_vec();
        let report = report(&plan(&inputs, &snapshot(Mutability::Mutable, &[])).unwrap(), None);
        report.annotations.iter().map(|annotation| annotation.message.clone()).collect::<Vec<_>>()
    };
    for (tags, version) in [(["1.1.0", "1.0"], "`1.1.0`"), (["1.0.0-SNAPSHOT", "1.0"], "`1.0.0-SNAPSHOT`")] {
        let warning = told(&tags);
        let expected =
            format!("`1.0` of repository `shop` goes to the image of {version}, which is no release of that line");
        assert!(warning.len() == 1 && warning[0].starts_with(&expected), "{warning:?}");
    }
    assert!(told(&["1.0.4", "1.0", "latest"]).is_empty());
}

#[test]
fn a_part_of_a_version_that_is_written_once_is_a_notice() {
    let told = |tags: &[&str]| {
        let report = report(&plan(&inputs(tags), &snapshot(Mutability::Mutable, &[])).unwrap(), None);
        report.annotations.iter().map(|annotation| annotation.message.clone()).collect::<Vec<_>>()
    };
    let notice = told(&["1.0.1", "1.0", "1"]);
    assert!(
        notice.len() == 1 && notice[0].starts_with("`1.0`, `1` of repository `shop` is written once"),
        "{notice:?}"
    );
    assert!(told(&["1.0.1", "17", "10", "latest"]).is_empty());
}

#[test]
fn tags_that_could_not_move_next_time_are_a_warning() {
    let warnings = |mutability| {
        let plan = plan(&inputs(&["1.0.0", "latest"]), &snapshot(mutability, &[])).unwrap();
        let report = report(&plan, None);
        assert_eq!(report.annotations.is_empty(), !report.summary.starts_with("⚠️ Repository `shop` is IMMUTABLE"));
        report.annotations.iter().map(|annotation| annotation.message.clone()).collect::<Vec<_>>()
    };
    let told = warnings(Mutability::Immutable);
    assert!(told.len() == 1 && told[0].contains("cannot move `latest`;"), "{told:?}");
    assert!(warnings(Mutability::Mutable).is_empty());
    let filter = ecr::Wildcard::parse("lat*").unwrap();
    assert!(warnings(Mutability::ImmutableExcept(vec![filter])).is_empty());
}
