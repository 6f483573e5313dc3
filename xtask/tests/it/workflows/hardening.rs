//! Least permissions, pinned actions, no expression in a shell.

use super::files::{File, actions, entries, items, workflow, workflows};

/// Every permission a job has. A new one is a decision, so it is made here as well.
const PERMISSIONS: [(&str, &str, &str); 35] = [
    ("backend", "check", "contents: read"),
    ("backend", "deploy", "contents: read"),
    ("backend", "deploy", "id-token: write"),
    ("backend", "tag", "contents: write"),
    ("backend", "tools", "contents: read"),
    ("ci", "actions", "contents: read"),
    ("ci", "size", "contents: read"),
    ("ci", "test", "contents: read"),
    ("frontend", "check", "contents: read"),
    ("frontend", "deploy", "contents: read"),
    ("frontend", "deploy", "id-token: write"),
    ("frontend", "tag", "contents: write"),
    ("frontend", "tools", "contents: read"),
    ("gate", "changes", "contents: read"),
    ("gate", "wait", "actions: read"),
    ("infrastructure", "plan", "contents: read"),
    ("infrastructure", "plan", "id-token: write"),
    ("infrastructure", "plan", "pull-requests: write"),
    ("infrastructure", "tools", "contents: read"),
    ("nightly", "fuzz", "contents: read"),
    ("nightly", "release", "contents: read"),
    ("release", "attest", "attestations: write"),
    ("release", "attest", "contents: read"),
    ("release", "attest", "id-token: write"),
    ("release", "build", "contents: read"),
    ("release", "draft", "contents: write"),
    ("release", "lock", "contents: read"),
    ("release", "plan", "contents: read"),
    ("release", "publish", "contents: write"),
    ("release", "try", "contents: read"),
    ("release", "verify", "attestations: read"),
    ("release", "verify", "contents: write"),
    ("smoke", "build", "contents: read"),
    ("smoke", "deploy", "contents: read"),
    ("smoke", "deploy", "id-token: write"),
];

#[test]
fn nothing_is_permitted_but_what_is_listed() {
    let mut found = Vec::new();
    for file in workflows() {
        let top = file.yaml["permissions"].as_mapping();
        assert!(top.is_some_and(yaml_serde::Mapping::is_empty), "{}: `permissions: {{}}` at the top", file.path);
        let workflow = file.yaml["name"].as_str().expect("a workflow has a name").to_owned();
        for (job, value) in file.jobs() {
            assert!(value["permissions"].is_mapping(), "{}: {job} states its permissions", file.path);
            for (scope, access) in entries(&value["permissions"]) {
                found.push((workflow.clone(), job.to_owned(), format!("{scope}: {}", access.as_str().expect("text"))));
            }
        }
    }
    found.sort();
    let listed: Vec<_> =
        PERMISSIONS.map(|(file, job, scope)| (file.to_owned(), job.to_owned(), scope.to_owned())).into();
    assert_eq!(found, listed);
}

#[test]
fn only_a_push_may_deploy_or_tag() {
    for name in ["backend", "frontend"] {
        let file = workflow(name);
        assert_eq!(file.yaml["jobs"]["deploy"]["if"], "github.event_name == 'push'", "{name}");
        // `needs` without a condition that says otherwise: it runs only after a deployment that worked, so on a push too.
        let needs: Vec<_> = items(&file.yaml["jobs"]["tag"]["needs"]).iter().filter_map(|job| job.as_str()).collect();
        assert_eq!(needs, ["tools", "deploy"], "{name}");
        let condition = file.yaml["jobs"]["tag"]["if"].as_str().expect("it has a condition");
        assert_eq!(condition, "github.ref_name == 'main' && needs.deploy.outputs.publish == 'true'", "{name}");
    }
    for file in workflows() {
        assert!(file.yaml["on"]["pull_request_target"].is_null() && file.yaml["on"]["workflow_run"].is_null());
    }
}

#[test]
fn a_job_of_the_release_that_may_write_runs_no_third_party_code() {
    let file = workflow("release");
    for (job, value) in file.jobs() {
        let writes = entries(&value["permissions"]).iter().any(|(_, access)| **access == "write");
        let steps = value["steps"].as_sequence().expect("it has steps");
        for step in steps.iter().filter(|_| writes) {
            let uses = step["uses"].as_str().unwrap_or("actions/");
            if uses == "./.github/actions/get-archives" {
                continue;
            }
            assert!(uses.starts_with("actions/"), "{job}: {uses} is not GitHub's own");
            let run = step["run"].as_str().unwrap_or_default();
            for program in ["cargo", "npm", "pip", "curl", "scripts/", "python"] {
                assert!(!run.contains(program), "{job} runs {program}");
            }
        }
        assert_eq!(
            job == "attest",
            entries(&value["permissions"]).iter().any(|(scope, _)| *scope == "id-token"),
            "{job}"
        );
    }
}

#[test]
fn what_is_released_is_what_the_script_and_the_dry_run_know() {
    let file = workflow("release");
    let matrix = &file.yaml["jobs"]["build"]["strategy"]["matrix"]["include"];
    let built: Vec<&str> = items(matrix).iter().map(|leg| leg["target"].as_str().expect("text")).collect();
    let script = std::fs::read_to_string(super::files::root().join("scripts/run-action.sh")).expect("it is there");
    let source =
        std::fs::read_to_string(super::files::root().join("xtask/src/release/target.rs")).expect("it is there");
    for target in &built {
        assert!(script.contains(&format!("printf {target} ;;")), "the script knows no {target}");
        assert!(source.contains(&format!("Target(\"{target}\")")), "xtask knows no {target}");
    }
    assert_eq!(source.matches("    Target(\"").count(), built.len());
    assert_eq!(script.matches(") printf ").count(), built.len());
    let tools = super::archives::tools().len();
    let verify = file.step("Compare with the lock of the release commit")["run"].as_str().expect("it runs").to_owned();
    assert_eq!(verify.matches(&format!("= {} ]", tools * built.len())).count(), 2, "{verify}");
}

#[test]
fn a_tag_has_the_same_name_wherever_it_is_looked_for() {
    for name in ["backend", "frontend"] {
        let file = workflow(name);
        let steps = file.steps();
        let detect = steps.iter().filter(|step| step["uses"] == "./actions/version-detect");
        let prefixes: Vec<_> = detect.map(|step| step["with"]["tag-prefix"].as_str().unwrap_or("v")).collect();
        assert!(prefixes.len() == 3 && prefixes.iter().all(|prefix| *prefix == prefixes[0]), "{name}: {prefixes:?}");
    }
}

#[test]
fn what_publishes_waits_for_the_version_to_be_publishable() {
    for name in ["backend", "frontend"] {
        let file = workflow(name);
        let steps = file.yaml["jobs"]["deploy"]["steps"].as_sequence().expect("it has steps");
        let prepares = |name: &str| ["Check out", "Get Slipway", "Detect the version"].contains(&name);
        for step in steps.iter().filter(|step| !step["name"].as_str().is_some_and(prepares)) {
            assert_eq!(step["if"], "steps.version.outputs.publish == 'true'", "{name}: {:?}", step["name"]);
        }
    }
}

#[test]
fn every_foreign_action_is_pinned_with_its_version() {
    let mut count = 0;
    for file in workflows().iter().chain(&actions()) {
        let lines: Vec<&str> = file.text.lines().filter_map(used).collect();
        assert_eq!(lines.len(), file.steps().iter().filter(|step| !step["uses"].is_null()).count(), "{}", file.path);
        for line in lines.iter().filter(|line| !line.starts_with("./")) {
            count += 1;
            assert!(is_pinned(line), "{}: {line}", file.path);
        }
        for line in lines.iter().filter_map(|line| line.strip_prefix("./")) {
            assert!(super::files::root().join(line).is_dir(), "{}: {line} is not there", file.path);
        }
    }
    assert!(count > 5);
}

/// What follows `uses:` on a line.
fn used(line: &str) -> Option<&str> {
    line.trim_start().trim_start_matches("- ").strip_prefix("uses: ")
}

fn is_pinned(line: &str) -> bool {
    let Some((action, version)) = line.split_once(" # v") else { return false };
    let Some((name, sha)) = action.split_once('@') else { return false };
    let is_sha = sha.len() == 40 && sha.chars().all(|c| c.is_ascii_hexdigit());
    let is_version = version.split('.').count() == 3 && version.split('.').all(|part| part.parse::<u32>().is_ok());
    name.contains('/') && is_sha && is_version
}

#[test]
fn a_pin_is_a_whole_commit_and_a_whole_version() {
    let sha = "8e8c483db84b4bee98b60c0593521ed34d9990e8";
    assert!(is_pinned(&format!("actions/checkout@{sha} # v6.0.1")));
    for wrong in [
        format!("actions/checkout@{sha}"),
        format!("actions/checkout@{sha} # v6"),
        format!("actions/checkout@{} # v6.0.1", &sha[1..]),
        "actions/checkout@v6 # v6.0.1".to_owned(),
        "docker://alpine:3".to_owned(),
    ] {
        assert!(!is_pinned(&wrong), "{wrong}");
    }
}

#[test]
fn no_expression_is_pasted_into_a_shell() {
    for file in workflows().iter().chain(&actions()) {
        for step in file.steps() {
            let run = step["run"].as_str().unwrap_or_default();
            assert!(!run.contains("${{"), "{}: {run}", file.path);
        }
    }
}

#[test]
fn no_checkout_leaves_a_token_behind() {
    for file in workflows() {
        for step in file.steps() {
            if step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@")) {
                assert_eq!(step["with"]["persist-credentials"], false, "{}", file.path);
            }
        }
    }
}

#[test]
fn every_workflow_bounds_its_runs() {
    for file in workflows() {
        let group = file.yaml["concurrency"]["group"].as_str().unwrap_or_default();
        let name = file.yaml["name"].as_str().expect("a workflow has a name");
        assert_eq!(group, format!("{name}-${{{{ github.ref }}}}"), "{}", file.path);
        assert_eq!(file.yaml["defaults"]["run"]["shell"], "bash", "{}: with pipefail", file.path);
        for (job, value) in file.jobs() {
            assert!(value["timeout-minutes"].as_u64().is_some_and(|minutes| minutes <= 120), "{}: {job}", file.path);
        }
    }
}

#[test]
fn a_deployment_is_never_cut_off() {
    for name in ["backend", "frontend"] {
        let cancel = &workflow(name).yaml["concurrency"]["cancel-in-progress"];
        assert_eq!(*cancel, "${{ github.event_name == 'pull_request' }}", "{name}");
    }
}

#[test]
fn outputs_that_a_job_reads_are_set_by_a_step_that_has_them() {
    for file in workflows() {
        for (job, value) in file.jobs() {
            for (output, expression) in entries(&value["outputs"]) {
                let expression = expression.as_str().expect("an expression");
                let path = expression.trim_start_matches("${{ steps.").trim_end_matches(" }}");
                let (id, name) = path.split_once(".outputs.").unwrap_or_else(|| panic!("{}: {expression}", file.path));
                assert_eq!(output, name, "{}: {job}", file.path);
                assert_sets(&file, file.step(id), name);
            }
        }
    }
}

fn assert_sets(file: &File, step: &yaml_serde::Value, name: &str) {
    match step["uses"].as_str().and_then(|uses| uses.strip_prefix("./")) {
        Some(folder) => {
            let path = format!("{folder}/action.yml");
            let actions = actions();
            let action =
                actions.iter().find(|action| action.path == path).unwrap_or_else(|| panic!("{path} is missing"));
            assert!(!action.yaml["outputs"][name].is_null(), "{}: {path} has no output `{name}`", file.path);
        }
        None => {
            assert!(step["run"].as_str().unwrap_or_default().contains(&format!("{name}=")), "{}: {name}", file.path);
        }
    }
}
