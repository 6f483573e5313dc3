//! Composite actions: a `run` step gets no `INPUT_*` of its own, so each input is mapped by hand, once.

use std::collections::BTreeSet;

use super::files::{File, actions, entries, is_public};

#[test]
fn every_input_is_mapped_exactly_once() {
    let files = actions();
    assert_eq!(files[0].path, "action.yml");
    for file in files.iter().filter(|file| is_public(file)) {
        let mapped: Vec<(String, String)> = file
            .steps()
            .iter()
            .flat_map(|step| entries(&step["env"]))
            .map(|(name, value)| (name.to_owned(), value.as_str().expect("text").to_owned()))
            .collect();
        let inputs = entries(&file.yaml["inputs"]);
        let wanted: Vec<(String, String)> =
            inputs.iter().map(|(name, _)| (variable(name), format!("${{{{ inputs.{name} }}}}"))).collect();
        assert_eq!(mapped.len(), wanted.len(), "{}", file.path);
        assert_eq!(mapped.iter().collect::<BTreeSet<_>>(), wanted.iter().collect(), "{}", file.path);
    }
}

fn variable(input: &str) -> String {
    format!("INPUT_{}", input.to_uppercase().replace('-', "_"))
}

#[test]
fn every_output_comes_from_the_one_step() {
    for file in actions().iter().filter(|file| is_public(file)) {
        let steps = file.steps();
        let [step] = steps[..] else { panic!("{} has one step", file.path) };
        let id = step["id"].as_str().expect("the step has an id");
        for (name, output) in entries(&file.yaml["outputs"]) {
            assert_eq!(output["value"], format!("${{{{ steps.{id}.outputs.{name} }}}}").as_str(), "{}", file.path);
        }
    }
}

#[test]
fn every_action_runs_its_own_binary_through_the_script() {
    for file in actions().iter().filter(|file| file.path.starts_with("actions/")) {
        let name = file.path.split('/').nth(1).expect("it is in a folder");
        let script = "${GITHUB_ACTION_PATH}/../../scripts/run-action.sh";
        let run = file.steps()[0]["run"].as_str().expect("it runs something").to_owned();
        let rest = run.strip_prefix(&format!("bash --noprofile --norc \"{script}\" "));
        let words: Vec<&str> = rest.unwrap_or_else(|| panic!("{}: {run}", file.path)).split_whitespace().collect();
        // An action may be a subcommand of another's binary, as `ecs-rollback` is of `ecs-deploy`.
        assert!(words == [name] || words.len() == 2, "{}: {run}", file.path);
        assert_eq!(file.steps()[0]["shell"], "bash", "{}", file.path);
    }
}

#[test]
fn the_set_up_action_installs_every_action() {
    let files: Vec<File> = actions();
    let tools = files[0].yaml["inputs"]["tools"]["default"].as_str().expect("it has a default");
    let tools: BTreeSet<&str> = tools.split_whitespace().collect();
    for file in files.iter().filter(|file| file.path.starts_with("actions/")) {
        let name = file.path.split('/').nth(1).expect("it is in a folder");
        let run = file.steps()[0]["run"].as_str().expect("it runs something").to_owned();
        let binary = run.rsplit(".sh\" ").next().and_then(|rest| rest.split_whitespace().next());
        assert!(tools.contains(name) || binary.is_some_and(|binary| tools.contains(binary)), "{name}");
    }
}
