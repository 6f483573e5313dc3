use serde::de::DeserializeOwned;

use super::{Kind, SECTIONS, read};
use crate::config::{Breakage, Config, Denial, Edit, Oidc, Resources, Run, Service, Terraform};
use crate::problem::Problem;

const SAMPLE: &str =
    "repository = 'acme/shop'\n\n[[run]]\nname = 'backend'\nworkflow = 'backend.yml'\nevent = 'push'\n";

fn problems(text: &str) -> Vec<Problem> {
    read(text).problems
}

/// Problems as one sees them: the message and the help.
fn told(text: &str) -> Vec<String> {
    let failure = |problem: &Problem| actions_core::Failure::from_error(problem);
    problems(text)
        .iter()
        .map(|problem| {
            format!("{}: {} ({})", failure(problem).code, problem, failure(problem).help.unwrap_or_default())
        })
        .collect()
}

#[test]
fn a_right_file_has_no_problem() {
    let reading = read(SAMPLE);
    assert_eq!(reading.problems, []);
    assert_eq!(reading.config.unwrap().runs[0].version_path, "/version");
}

#[test]
fn a_misspelled_key_is_found_by_line_and_column_with_the_key_that_was_meant() {
    let told = told(&SAMPLE.replace("workflow =", "workflwo ="));
    assert_eq!(told.len(), 1, "{told:?}");
    let expected = "rehearsal/unknown-key: rehearsal.toml:5:1: there is no key `workflwo` in [[run]] (did you mean `workflow`? [[run]] knows:";
    assert!(told[0].starts_with(expected), "{}", told[0]);
}

#[test]
fn every_mistake_is_told_at_once() {
    let text = "repository = 3\nvarz = { A = 'a' }\nuses = { 'a/b' = 1 }\n[terraform]\nrecorded_plan = 'x'\n[[run]]\nname = 'a'\nevent = 'tag'\nrepeat = 'yes'\nnonsense = 1\n[run.break]\nwhat = 'x'\n";
    let codes: Vec<String> =
        told(text).iter().map(|told| told.split(" (").next().unwrap_or_default().to_owned()).collect();
    let expected = [
        "rehearsal/wrong-value: rehearsal.toml:1:14: `repository` in the top level is not a text in quotes",
        "rehearsal/unknown-key: rehearsal.toml:2:1: there is no key `varz` in the top level",
        "rehearsal/wrong-value: rehearsal.toml:3:18: `uses.a/b` in the top level is not a text in quotes",
        "rehearsal/unknown-key: rehearsal.toml:5:1: there is no key `recorded_plan` in [terraform]",
        "rehearsal/missing-key: rehearsal.toml:4:1: [terraform] lacks `directory`",
        "rehearsal/wrong-value: rehearsal.toml:8:9: `event` in [[run]] is not `\"push\"` or `\"pull_request\"`",
        "rehearsal/wrong-value: rehearsal.toml:9:10: `repeat` in [[run]] is not `true` or `false`",
        "rehearsal/unknown-key: rehearsal.toml:10:1: there is no key `nonsense` in [[run]]",
        "rehearsal/missing-key: rehearsal.toml:11:1: [run.break] lacks `reason`",
        "rehearsal/missing-key: rehearsal.toml:6:1: [[run]] lacks `workflow`",
    ];
    for expected in expected {
        assert!(codes.iter().any(|code| code == expected), "{expected}\nis not among\n{}", codes.join("\n"));
    }
    assert_eq!(codes.len(), expected.len(), "{}", codes.join("\n"));
}

#[test]
fn a_mistake_that_leaves_the_rest_readable_does() {
    let reading = read(&SAMPLE.replace("repository", "repositroy"));
    assert_eq!(reading.problems.len(), 1);
    assert_eq!(reading.config.unwrap().repository, "acme/shop");
}

#[test]
fn text_that_is_no_toml_is_one_problem_with_its_line() {
    let problems = problems("repository = 'a\n[[run]]\n");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().starts_with("rehearsal.toml:1:"), "{}", problems[0]);
    let why = actions_core::ActionError::why(&problems[0]).unwrap();
    assert!(why.starts_with("1 | repository = 'a\n  | ") && why.ends_with('^'), "{why}");
}

/// The keys that serde knows of a struct.
fn fields<T: DeserializeOwned>() -> Vec<String> {
    let error = toml::from_str::<T>("no-such-key = 1").err().unwrap().message().to_owned();
    let known = error.split_once(", expected ").unwrap().1.to_owned();
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_table_of_keys_is_that_of_the_structs() {
    let structs = [
        fields::<Config>(),
        fields::<Oidc>(),
        fields::<Terraform>(),
        fields::<Resources>(),
        fields::<Service>(),
        fields::<Run>(),
        fields::<Edit>(),
        fields::<Breakage>(),
        fields::<Edit>(),
        fields::<Denial>(),
    ];
    for (section, fields) in SECTIONS.iter().zip(structs) {
        let keys: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
        assert_eq!(keys, fields, "{}", section.title);
    }
}

#[test]
fn the_reference_documents_each_key_and_no_other() {
    let reference = include_str!("../../../../docs/reference/rehearsal-toml.md");
    let mut documented: Vec<(String, String, bool)> = Vec::new();
    let mut title = String::new();
    for line in reference.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            title = heading.trim_matches('`').to_owned();
        } else if let Some(row) = line.strip_prefix("| `") {
            let key = row.split('`').next().unwrap_or_default().to_owned();
            documented.push((title.clone(), key, row.contains("**required**")));
        }
    }
    let title = |section: &super::Section| section.title.replace("the top level", "The top level");
    let known: Vec<(String, String, bool)> = SECTIONS
        .iter()
        .flat_map(|section| section.keys.iter().map(|key| (title(section), key.name.to_owned(), key.required)))
        .collect();
    for key in &known {
        assert!(documented.contains(key), "{key:?} is not in docs/reference/rehearsal-toml.md");
    }
    for key in &documented {
        assert!(known.contains(key), "{key:?} in docs/reference/rehearsal-toml.md does not exist");
    }
    assert_eq!(documented.len(), known.len());
}

#[test]
fn the_reference_names_the_choices() {
    let reference = include_str!("../../../../docs/reference/rehearsal-toml.md");
    for key in SECTIONS.iter().flat_map(|section| section.keys) {
        if let Kind::OneOf(choices) = key.kind {
            assert!(choices.iter().all(|choice| reference.contains(choice)), "{}", key.name);
        }
    }
}
