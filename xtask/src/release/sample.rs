//! Somebody else's repository that uses the actions by the full SHA of a release: what the dry run runs.

use std::path::Path;

use serde_json::{Value, json};

use super::source::{commit_all, git};

/// The repository the actions are in, as its users spell it.
pub(crate) const SLIPWAY: &str = "OWNER/slipway";

/// The users' own repository.
pub(crate) const REPOSITORY: &str = "acme/shop";

/// The pull request that the sample's workflow runs for.
pub(crate) const PULL_REQUEST: u64 = 7;

/// What the sample's resources are called.
pub(crate) const NAME: &str = "shop";

/// The sample's workflow, below its root.
pub(crate) const WORKFLOW: &str = ".github/workflows/deploy.yml";

const TEMPLATE: &str = include_str!("sample/deploy.yml");

/// Writes the repository: a version, an image of one file, a page, a task definition and a Terraform plan. Returns its head.
pub(crate) fn write(folder: &Path, release: &str) -> Result<String, String> {
    let files = [
        (WORKFLOW, TEMPLATE.replace("RELEASE", release)),
        ("VERSION", "1.4.0\n".to_owned()),
        ("Dockerfile", "FROM scratch\nCOPY VERSION /VERSION\nCMD [\"/VERSION\"]\n".to_owned()),
        ("site/index.html", "<!doctype html><title>Shop</title>\n".to_owned()),
        ("task-definition.json", task_definition().to_string()),
        ("plan.json", plan().to_string()),
    ];
    for (path, content) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        std::fs::create_dir_all(parent)
            .and_then(|()| std::fs::write(&path, content))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    git(folder, &["init", "--quiet", "--initial-branch=main"])?;
    git(folder, &["remote", "add", "origin", &format!("https://github.com/{REPOSITORY}.git")])?;
    commit_all(folder, "feat: sell things")?;
    git(folder, &["rev-parse", "HEAD"])
}

/// The event of the run: a pull request, which all of the actions can work on.
pub(crate) fn event(head: &str) -> Value {
    let repository =
        json!({ "name": "shop", "full_name": REPOSITORY, "default_branch": "main", "owner": { "login": "acme" } });
    json!({
        "action": "opened", "number": PULL_REQUEST, "repository": repository,
        "pull_request": {
            "number": PULL_REQUEST, "title": "feat: sell things", "body": "", "state": "open", "draft": false,
            "head": { "ref": "main", "sha": head, "repo": repository },
            "base": { "ref": "main", "sha": head, "repo": repository },
        },
    })
}

/// What the sample runs; the service starts with it, and the workflow deploys a new image of it.
pub(crate) fn task_definition() -> Value {
    json!({
        "family": NAME, "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "containerDefinitions": [{ "name": "app", "image": "shop:0", "essential": true }]
    })
}

/// A plan that adds one resource, as `terraform show -json` prints it.
fn plan() -> Value {
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "applyable": true, "complete": true, "errored": false,
        "resource_changes": [{
            "address": "terraform_data.shop", "mode": "managed", "type": "terraform_data", "name": "shop",
            "provider_name": "terraform.io/builtin/terraform",
            "change": {
                "actions": ["create"], "before": null, "after": { "input": "1.4.0" }, "after_unknown": { "id": true },
                "before_sensitive": false, "after_sensitive": {}
            }
        }]
    })
}
