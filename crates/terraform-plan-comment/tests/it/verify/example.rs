//! The guide's workflow: what its step finds and refuses, with a stand-in for `gh`.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::super::{HEAD, REPOSITORY};

const MERGE: &str = "0e1600000000000000000000000000000000e160";

/// The script of the step `Find the review` of the guide's workflow.
fn script() -> String {
    let path = "../../docs/examples/apply-what-was-reviewed/.github/workflows/apply.yml";
    let workflow = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let step = workflow.split("- name: Find the review\n").nth(1).unwrap();
    let lines = step.split("run: |\n").nth(1).unwrap().lines();
    let indent = " ".repeat(10);
    lines.map_while(|line| line.strip_prefix(&indent)).collect::<Vec<_>>().join("\n")
}

/// A stand-in for `gh` that answers from files, and filters with jq as gh does.
const GH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
filter=.
arguments=("$@")
for ((i = 0; i < $#; i++)); do
  if [[ "${arguments[i]}" == --jq ]]; then filter=${arguments[i + 1]}; fi
done
case "$*" in
  *"/commits/"*"/pulls"*) file=pulls ;;
  "run list "*) file=runs ;;
  *"/attempts/2/jobs"*) file=jobs ;;
  *"/pulls/7/reviews"*) file=reviews ;;
  *"/collaborators/alice/permission"*) file=alice ;;
  *"/collaborators/bob/permission"*) file=bob ;;
  "run download 41 "*"--name review-2 "*) echo downloaded >>downloads; exit 0 ;;
  *) echo "unexpected: $*" >&2; exit 9 ;;
esac
jq -r "$filter" "$file.json"
"#;

/// What GitHub says where everything is as it should be.
fn answers() -> Value {
    json!({
        "pulls": [{ "number": 6, "merge_commit_sha": "x", "head": { "sha": "x" } },
                  { "number": 7, "merge_commit_sha": MERGE, "head": { "sha": HEAD } }],
        "runs": [{ "databaseId": 41, "attempt": 2, "conclusion": "success" }],
        "jobs": { "jobs": [{ "completed_at": "2026-11-22T10:00:00Z" }, { "completed_at": "2026-11-22T10:05:00Z" }, { "completed_at": null }] },
        "reviews": [{ "state": "APPROVED", "commit_id": HEAD, "user": { "login": "alice", "type": "User" }, "submitted_at": "2026-11-22T10:06:00Z" }],
        "alice": { "permission": "write" },
        "bob": { "permission": "read" },
    })
}

/// What is said where no approval counts.
const NOBODY: &str = "nobody who may write to this repository approved beef";

/// Runs the step; whether it found the review, and what it said.
fn find(answers: &Value) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, answer) in answers.as_object().unwrap() {
        std::fs::write(folder.path().join(format!("{name}.json")), answer.to_string()).unwrap();
    }
    let gh = folder.path().join("gh");
    std::fs::write(&gh, GH).unwrap();
    std::fs::set_permissions(&gh, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap_or_default());
    // As a runner starts `shell: bash`.
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &script()])
        .current_dir(folder.path())
        .env("PATH", path)
        .env("GITHUB_REPOSITORY", REPOSITORY)
        .env("GITHUB_SHA", MERGE)
        .env("RUNNER_TEMP", folder.path())
        .env("GITHUB_OUTPUT", folder.path().join("output"))
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let has_downloaded = folder.path().join("downloads").exists();
    assert_eq!(output.status.success(), has_downloaded, "{said}");
    if has_downloaded {
        let outputs = std::fs::read_to_string(folder.path().join("output")).unwrap();
        assert_eq!(outputs, format!("head={HEAD}\n"));
    }
    (has_downloaded, said)
}

#[test]
fn the_guide_applies_only_what_was_approved_after_it_was_shown() {
    if Command::new("jq").arg("--version").output().is_err() {
        eprintln!("SKIPPED the_guide_applies_only_what_was_approved_after_it_was_shown: there is no jq in PATH");
        return;
    }
    assert_eq!(find(&answers()), (true, String::new()));
    let edits: [(&str, &str, Value, &str); 11] = [
        ("no merge", "/pulls/1/merge_commit_sha", json!("x"), "not the merge of a pull request"),
        ("no run", "/runs", json!([]), "did not succeed, or there is none"),
        ("a failed run", "/runs/0/conclusion", json!("failure"), "did not succeed, or there is none"),
        ("a run that has not ended", "/runs/0/conclusion", json!(""), "did not succeed, or there is none"),
        ("nobody approved", "/reviews", json!([]), NOBODY),
        ("an approval of another commit", "/reviews/0/commit_id", json!(MERGE), NOBODY),
        ("a dismissed approval", "/reviews/0/state", json!("DISMISSED"), NOBODY),
        ("a stranger's approval", "/reviews/0/user/login", json!("bob"), "bob approved, and may not write: read"),
        ("an approval of who is gone", "/reviews/0/user/login", json!("carol"), NOBODY),
        ("a bot's approval", "/reviews/0/user/type", json!("Bot"), NOBODY),
        (
            "an approval before the last attempt",
            "/reviews/0/submitted_at",
            json!("2026-11-22T09:59:00Z"),
            "planned again until",
        ),
    ];
    for (what, path, value, told) in edits {
        let mut now = answers();
        *now.pointer_mut(path).unwrap() = value;
        let (found, said) = find(&now);
        assert!(!found && said.contains("::error title=not applied::") && said.contains(told), "{what}: {said}");
    }
}
