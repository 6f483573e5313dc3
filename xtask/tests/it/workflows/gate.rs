//! The gate's own shell, taken out of gate.yml and run.

use std::fs;

use testkit::{FakeRunner, RunOutput};

use super::files::workflow;
use super::filters::FILTERED;
use super::steps::{self, Shims};

/// Runs a step of gate.yml.
fn run_step(name: &str, runner: &FakeRunner) -> RunOutput {
    steps::run("gate", name, runner)
}

#[test]
fn asks_every_workflow_that_a_pull_request_may_start() {
    let gate = workflow("gate");
    let asked = gate.step("Find the workflows that have to run")["with"]["workflows"].as_str().expect("text");
    let filtered = FILTERED.iter().map(|name| format!("{name}.yml"));
    let wanted: Vec<String> = std::iter::once("ci.yml".to_owned()).chain(filtered).collect();
    assert_eq!(asked.lines().collect::<Vec<_>>(), wanted);
}

/// Plays `gh api`: the next line of the workflow's file are its runs, oldest first; the last line stays. `!` is an API that fails.
const GH: &str = r#"#!/bin/bash
[ "$1" = api ] || exit 64
echo "$2" >>"${0%/*}/asked"
name=${2#*/workflows/}
answers="${0%/*}/${name%%.yml*}"
read -r first <"$answers"
if [ "$(wc -l <"$answers")" -gt 1 ]; then tail -n +2 "$answers" >"$answers.next" && mv "$answers.next" "$answers"; fi
[ "$first" != '!' ] || exit 1
runs='[splits("; *") | select(. != "") | split(" ") | {status: .[0], conclusion: .[1], html_url: .[2], display_title: (.[3:] | join(" "))}]'
jq --raw-input "$runs | {workflow_runs: [to_entries[] | .value + {run_number: .key}] | reverse}" <<<"$first"
"#;

/// What the gate waits for: the runs whose title begins like this.
const TITLE: &str = "#7 to main: ";

/// Runs the wait step of pull request 7 with these answers, where what has no title is its own run; what it printed, and how often it slept.
fn wait(answers: &[(&str, &[&str])]) -> (RunOutput, usize, String) {
    let shims = Shims::new();
    shims.add("gh", GH);
    shims.add("sleep", "#!/bin/sh\necho x >>\"${0%/*}/slept\"\n");
    for (name, lines) in answers {
        let lines: Vec<String> = lines.iter().map(|line| titled(line)).collect();
        fs::write(shims.path().join(name), lines.join("\n") + "\n").expect("the folder is ours");
    }
    let names: Vec<String> = answers.iter().map(|(name, _)| format!("{name}.yml")).collect();
    let runner = FakeRunner::new()
        .env("PATH", shims.search_path())
        .env("REPOSITORY", "acme/shop")
        .env("EVENT", "pull_request")
        .env("HEAD", testkit::runner::SHA)
        .env("TITLE", TITLE)
        .env("WORKFLOWS", names.join("\n"));
    let output = run_step("Wait for the workflows that have to run", &runner);
    (output, shims.read("slept").lines().count(), shims.read("asked"))
}

/// A line of runs in which each has a title.
fn titled(line: &str) -> String {
    let run = |run: &str| if run.split(' ').count() == 3 { format!("{run} {TITLE}feat: x") } else { run.to_owned() };
    line.split("; ").map(run).collect::<Vec<_>>().join("; ")
}

const GOOD: &str = "completed success https://github.com/runs/1";

#[test]
fn passes_when_every_workflow_succeeded() {
    let (output, slept, asked) =
        wait(&[("ci", &[GOOD]), ("backend", &["queued none page", "in_progress none page", GOOD])]);
    output.assert_code(0);
    assert_eq!(slept, 2);
    let query = format!("event=pull_request&head_sha={}", testkit::runner::SHA);
    assert_eq!(asked.matches(&query).count(), 4);
    assert!(asked.starts_with("repos/acme/shop/actions/workflows/ci.yml/runs?"), "{asked}");
}

#[test]
fn a_run_of_another_pull_request_for_the_same_commit_does_not_count() {
    let others =
        ["#7 to develop: feat: x", "#71 to main: feat: x", "#8 to main: #7 to main: x", "feat: x #7 to main: x"];
    for other in others {
        // Theirs is the newer one.
        let failed = format!("completed failure mine; completed success theirs {other}");
        let (output, ..) = wait(&[("ci", &[failed.as_str()])]);
        assert!(output.assert_code(1).stdout.contains("ci ended with failure: mine"), "{other}");
    }
    let theirs = format!("completed success theirs {}", others[0]);
    let (working, done) = (format!("in_progress none mine; {theirs}"), format!("{GOOD}; {theirs}"));
    let (output, slept, _) = wait(&[("ci", &[theirs.as_str(), working.as_str(), done.as_str()])]);
    output.assert_code(0);
    assert_eq!(slept, 2);
}

#[test]
fn the_newest_run_of_a_pull_request_counts() {
    wait(&[("ci", &["completed failure old; completed success new"])]).0.assert_code(0);
    wait(&[("ci", &["completed success old; completed failure new"])]).0.assert_code(1);
}

#[test]
fn every_workflow_that_is_waited_for_says_whose_run_it_is() {
    let beginning = "${{ github.event_name == 'pull_request' && format('#{0} to {1}: ";
    let gate = workflow("gate");
    let title = gate.step("Wait for the workflows that have to run")["env"]["TITLE"].as_str().expect("text");
    assert_eq!(title, format!("{beginning}', github.event.number, github.base_ref) || '' }}}}"));
    for name in ["ci", "backend", "frontend", "infrastructure"] {
        let run = workflow(name);
        let all = "{2}', github.event.number, github.base_ref, github.event.pull_request.title) || '' }}";
        assert_eq!(run.yaml["run-name"], format!("{beginning}{all}").as_str(), "{name}");
    }
}

#[test]
fn waits_for_the_run_that_replaces_a_cancelled_one() {
    let answers = ["", "!", "completed cancelled page", "completed action_required page", "waiting none page", GOOD];
    wait(&[("ci", &answers)]).0.assert_code(0);
}

#[test]
fn waits_long_for_a_run_that_works() {
    let mut answers = vec!["in_progress none page"; 40];
    answers.push(GOOD);
    wait(&[("ci", &answers)]).0.assert_code(0);
}

#[test]
fn fails_with_the_page_and_names_every_workflow_that_failed() {
    let failed = ["completed failure https://github.com/runs/2"];
    let (output, slept, _) = wait(&[("ci", &failed), ("backend", &[GOOD]), ("frontend", &failed)]);
    output.assert_code(1);
    assert!(output.stdout.contains("::error title=gate::ci ended with failure: https://github.com/runs/2"));
    assert!(output.stdout.contains("::error title=gate::frontend ended with failure"));
    assert_eq!(slept, 0);
}

#[test]
fn a_skipped_run_is_no_success() {
    for conclusion in ["skipped", "neutral", "timed_out", "startup_failure"] {
        let line = format!("completed {conclusion} https://github.com/runs/3");
        let (output, ..) = wait(&[("infrastructure", &[line.as_str()])]);
        assert!(output.assert_code(1).stdout.contains("https://github.com/runs/3"), "{conclusion}");
    }
}

#[test]
fn a_workflow_that_never_starts_is_named_after_five_minutes() {
    for answer in ["", "!", "completed cancelled page"] {
        let (output, slept, _) = wait(&[("backend", &[answer])]);
        assert!(output.assert_code(1).stdout.contains("::error title=gate::backend has to run for this change"));
        assert_eq!(slept, 14, "times 20 seconds");
    }
}

#[test]
fn the_verdict_needs_both_jobs() {
    for result in ["success", "failure", "cancelled", "skipped"] {
        for (changes, wait) in [(result, "success"), ("success", result)] {
            let output = run_step("Report", &FakeRunner::new().env("CHANGES", changes).env("WAIT", wait));
            assert_eq!(output.code == 0, result == "success", "{changes} {wait}");
        }
    }
    let gate = workflow("gate");
    let job = &gate.yaml["jobs"]["gate"];
    assert_eq!((job["if"].as_str(), job["name"].as_str()), (Some("always()"), Some("gate")));
    assert_eq!(job["needs"].as_sequence().map(Vec::len), Some(gate.jobs().len() - 1), "it reports on every other job");
}
