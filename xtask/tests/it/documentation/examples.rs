//! The workflows of `docs/examples`: checked against the real `action.yml` files, and hardened.
//!
//! An example names the actions as `OWNER/slipway/actions/<name>@<full sha>`, which no linter takes for a reference. For actionlint the
//! actions stand in for themselves (`./actions/<name>`), so that their inputs and outputs are checked; for zizmor `OWNER` and
//! `<full sha>` become an owner and a hash.

use std::path::Path;
use std::process::Command;

use testkit::Tools;

use super::{files, read, root};

const REFERENCE: &str = "OWNER/slipway/actions/";
const PIN: &str = "@<full sha> # v0.1.0";

/// The workflows of the examples, each with its text.
fn workflows() -> Vec<(String, String)> {
    let all = files("docs/examples/*.yml").into_iter().map(|file| (file.clone(), read(&file)));
    let workflows: Vec<(String, String)> = all.filter(|(_, text)| text.contains("\njobs:\n")).collect();
    assert!(workflows.len() >= 4, "{workflows:?}");
    workflows
}

fn write(folder: &Path, file: &str, text: &str) {
    let path = folder.join(file);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is ours");
    std::fs::write(path, text).expect("the folder is ours");
}

/// A name for the workflow that no other example has; its own, where others may call it by that.
fn name(file: &str) -> String {
    let own = file.strip_prefix("docs/examples/").filter(|own| !own.contains('/'));
    own.map_or_else(|| file.replace('/', "-"), str::to_owned)
}

#[track_caller]
fn succeeds(command: &mut Command) {
    let output = command.output().expect("the tool is there");
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
}

#[test]
fn examples_give_the_actions_inputs_they_have() {
    let tools = Tools::locate().expect("the pinned tools");
    let repository = tempfile::tempdir().expect("a temporary folder");
    std::fs::create_dir(repository.path().join(".git")).expect("the folder is ours");
    for file in files("actions/*/action.yml") {
        write(repository.path(), &file, &read(&file));
    }
    for (file, text) in workflows() {
        let local = text.replace(REFERENCE, "./actions/").replace(PIN, "");
        assert!(!local.contains("OWNER") && !local.contains("<full sha>"), "{file} names an action in another form");
        write(repository.path(), &format!(".github/workflows/{}", name(&file)), &local);
    }
    let shellcheck = format!("-shellcheck={}", tools.shellcheck().display());
    succeeds(Command::new(tools.actionlint()).current_dir(repository.path()).args([
        "-no-color",
        &shellcheck,
        "-pyflakes=",
    ]));
}

#[test]
fn examples_are_hardened() {
    let tools = Tools::locate().expect("the pinned tools");
    let repository = tempfile::tempdir().expect("a temporary folder");
    let pinned = |text: &str| text.replace("OWNER", "acme").replace("<full sha>", &"0123456789".repeat(4));
    for (file, text) in workflows() {
        assert!(text.contains("\npermissions: {}\n"), "{file} states no permissions");
        write(repository.path(), &format!(".github/workflows/{}", name(&file)), &pinned(&text));
    }
    write(repository.path(), ".github/zizmor.yml", &read(".github/zizmor.yml"));
    write(repository.path(), ".github/dependabot.yml", &pinned(&read("docs/examples/dependabot.yml")));
    succeeds(
        Command::new(tools.zizmor())
            .current_dir(repository.path())
            .env_remove("GH_TOKEN")
            .env_remove("GITHUB_TOKEN")
            .args(["--offline", "--no-progress", "--color", "never", "--persona", "auditor", "."]),
    );
}

#[test]
fn every_example_is_shown_on_a_page() {
    let pages: Vec<String> = files("*.md").iter().map(|page| read(page)).collect();
    // A folder is a repository of its own, with a README.
    for file in files("docs/examples/*").into_iter().filter(|file| file.matches('/').count() == 2) {
        let marker = format!("<!-- example: {file} -->");
        assert!(pages.iter().any(|page| page.contains(&marker)), "{file} is shown nowhere");
    }
}

#[test]
fn the_configuration_of_renovate_is_json() {
    let text = std::fs::read(root().join("docs/examples/renovate.json")).expect("the example is there");
    let document: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    assert_eq!(document["packageRules"][0]["groupName"], "slipway");
}
