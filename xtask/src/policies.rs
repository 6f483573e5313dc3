//! What the binaries print with `--print-iam-policy`: for the READMEs, docs/reference/iam.md, and the tests of the infrastructure.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::docs::changed;
use crate::program::{Program, binary, invocation, root};

/// The page.
pub(crate) const PAGE: &str = "docs/reference/iam.md";

/// What an intro.md has in the place of the policy.
const MARK: &str = "{{iam-policy}}";

/// The files that `infrastructure/tests/policies.tftest.hcl` compares the roles with.
const INFRASTRUCTURE: &str = "infrastructure/tests/policies";

/// The actions that talk to AWS, each with the inputs of its README's example.
const EXAMPLES: [(&str, &[&str]); 10] = [
    (
        "build-and-tag",
        &[
            "--image=slipway/backend",
            "--version=1.0.0",
            "--repository-uri=123456789012.dkr.ecr.eu-west-1.amazonaws.com/slipway/backend",
            "--cache=registry:123456789012.dkr.ecr.eu-west-1.amazonaws.com/slipway/cache:backend",
            "--file=xtask/src/policies/Dockerfile",
        ],
    ),
    ("ecr-push", &["--source=oci:image", "--repository=slipway/backend", "--tags=1.0.0", "--tags=latest"]),
    (
        "ecr-promote",
        &[
            "--image=210987654321.dkr.ecr.eu-west-1.amazonaws.com/slipway/backend:1.0.0-rc",
            "--tags=1.0.0",
            "--tags=latest",
        ],
    ),
    (
        "ecs-deploy",
        &["--cluster=production", "--service=shop", "--task-definition=xtask/src/policies/task-definition.json"],
    ),
    ("ecs-continue", &["--cluster=production", "--service=shop", "--hook-id=0123456789abcdef", "--action=continue"]),
    ("ecs-rollback", &["--cluster=production", "--service=shop", "--confirm=ROLLBACK"]),
    (
        "ecs-run-task",
        &["--cluster=production", "--service=shop", "--task-definition=xtask/src/policies/task-definition.json"],
    ),
    (
        "s3-sync-invalidate",
        &[
            "--source=dist",
            "--bucket=shop-site",
            "--prefix=site",
            "--distribution-id=E2QWRUHAPOMQZL",
            "--delete=true",
            "--wait=true",
        ],
    ),
    ("terraform-plan-comment", &["--change-set=pr-1-1", "--stack=shop"]),
    ("s3-rollback", &["--bucket=shop-site", "--prefix=site", "--distribution-id=E2QWRUHAPOMQZL", "--wait=true"]),
];

/// The same actions with the inputs of the repository's own workflows, as `infrastructure/` names things.
const WORKFLOWS: [(&str, &[&str]); 3] = [
    ("ecr-push", &["--source=oci:image", "--repository=slipway-backend", "--tags=1.0.0"]),
    (
        "ecs-deploy",
        &[
            "--cluster=slipway",
            "--service=slipway-backend",
            "--task-definition=infrastructure/tests/policies/task-definition.json",
        ],
    ),
    (
        "s3-sync-invalidate",
        &[
            "--source=dist",
            "--bucket=slipway-frontend-111122223333-eu-west-1",
            "--distribution-id=E0123456789ABC",
            "--delete=true",
            "--allow-whole-bucket=true",
            "--wait=true",
        ],
    ),
];

/// An intro with the action's policy in its place.
pub(crate) fn in_place(name: &str, intro: &str) -> Result<String, String> {
    match EXAMPLES.iter().find(|(action, _)| *action == name) {
        Some((_, inputs)) if intro.contains(MARK) => {
            Ok(intro.replace(MARK, &fenced(&printed(name, "123456789012", inputs)?)))
        }
        Some(_) => Err(format!("actions/{name}/intro.md has no `{MARK}`")),
        None => Ok(intro.to_owned()),
    }
}

/// The generated files that are out of date.
pub(crate) fn stale() -> Result<Vec<(PathBuf, String)>, String> {
    let mut stale = Vec::new();
    for (name, inputs) in WORKFLOWS {
        let path = PathBuf::from(INFRASTRUCTURE).join(format!("{name}.json"));
        stale.extend(changed(path, printed(name, "111122223333", inputs)?));
    }
    stale.extend(changed(PathBuf::from(PAGE), page()?));
    Ok(stale)
}

/// What an action prints, in an environment that names no region and holds no credentials.
fn printed(name: &str, account: &str, inputs: &[&str]) -> Result<String, String> {
    let account = format!("--allowed-account-ids={account}");
    let common = ["--print-iam-policy", "--aws-region=eu-west-1", account.as_str()];
    let (tool, word) = invocation(name);
    let output = Program::new(binary(tool)).args(word.iter().chain(&common).chain(inputs)).output()?;
    if output.status == 0 {
        Ok(output.stdout)
    } else {
        Err(format!("`{name} --print-iam-policy` failed: {}", output.text()))
    }
}

fn fenced(json: &str) -> String {
    format!("```json\n{}\n```", json.trim_end())
}

/// The page: a text with a policy of each action and the trust policies.
fn page() -> Result<String, String> {
    let template = root().join("xtask/src/policies/iam.md");
    let mut text = std::fs::read_to_string(&template).map_err(|error| format!("{}: {error}", template.display()))?;
    for (name, inputs) in EXAMPLES {
        let policy = fenced(&printed(name, "123456789012", inputs)?);
        let command: Vec<&str> = invocation_words(name).chain(inputs.iter().copied()).collect();
        text = text.replace(&format!("{{{{{name}}}}}"), &format!("For `{}`:\n\n{policy}", shown(&command)));
    }
    for (mark, subject) in SUBJECTS {
        let json = serde_json::to_string_pretty(&trust(subject)).unwrap_or_default();
        text = text.replace(mark, &fenced(&json));
    }
    Ok(text)
}

/// What is typed to run the action `name`.
fn invocation_words(name: &'static str) -> impl Iterator<Item = &'static str> {
    let (tool, word) = invocation(name);
    std::iter::once(tool).chain(word)
}

fn shown(command: &[&str]) -> String {
    command.join(" ").replace("xtask/src/policies/", "")
}

/// The forms of a subject
/// (<https://docs.github.com/en/actions/reference/security/oidc>).
const SUBJECTS: [(&str, &str); 4] = [
    ("{{trust-environment-immutable}}", "repo:octo-org@123456/octo-repo@456789:environment:production"),
    ("{{trust-branch-immutable}}", "repo:octo-org@123456/octo-repo@456789:ref:refs/heads/main"),
    ("{{trust-environment}}", "repo:octo-org/octo-repo:environment:production"),
    ("{{trust-branch}}", "repo:octo-org/octo-repo:ref:refs/heads/main"),
];

fn trust(subject: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": { "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" },
            "Condition": {
                "StringEquals": {
                    "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                    "token.actions.githubusercontent.com:sub": subject,
                },
            },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::SUBJECTS;

    #[test]
    fn no_subject_holds_a_wildcard() {
        assert!(SUBJECTS.iter().all(|(_, subject)| !subject.contains(['*', '?'])));
    }
}
