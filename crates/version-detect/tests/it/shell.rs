//! On a person's machine: Git is read where GitHub cannot be asked.

use testkit::{FakeGitHub, FakeRunner};

use crate::{BINARY, git, package, run};

/// A clone on `main` with a commit for each of `tags`, and `version` on top.
fn clone(version: &str, tags: &[&str]) -> FakeRunner {
    let runner = FakeRunner::plain_shell().file("package.json", package(version));
    let folder = runner.workspace();
    git(folder, &["init", "--quiet"]);
    for tag in tags {
        git(folder, &["commit", "--quiet", "--allow-empty", "-m", tag]);
        git(folder, &["tag", "-a", "-m", tag, tag]);
    }
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "--allow-empty", "-m", "work"]);
    runner
}

/// What a person reads.
fn stderr(runner: &FakeRunner, arguments: &[&str]) -> String {
    runner.run(BINARY, arguments).stderr
}

#[test]
fn outputs_go_to_standard_output() {
    let output = run(&clone("1.1.0", &["v0.9.0", "v1.0.0"]));
    output.assert_code(0);
    for line in
        ["version=1.1.0", "tag=v1.1.0", "changed=true", "publish=true", "previous-version=1.0.0", "image-tags=1.1.0"]
    {
        assert!(output.stdout.lines().any(|found| found == line), "{line}: {}", output.stdout);
    }
}

#[test]
fn a_person_sees_the_plan_of_a_dry_run_and_the_place_of_an_error() {
    let clone = clone("1.0.0", &[]);
    let dry = stderr(&clone, &["--dry-run"]);
    assert!(
        dry.contains("  Version     `1.0.0`\n") && dry.contains("  Git tag     `v1.0.0`, which does not exist yet"),
        "{dry}"
    );
    assert!(dry.ends_with("version-detect: 1.0.0 is new\n"), "{dry}");
    assert_eq!(stderr(&clone, &[]), "package.json, line 3: 1.0.0\nversion-detect: 1.0.0 is new\n");
    let wrong = stderr(&clone, &["--branch=develop"]);
    assert!(wrong.contains("\n  at:   package.json:3:14\n  why:  "), "{wrong}");
}

#[test]
fn results_that_are_lost_are_no_success() {
    let clone = clone("1.0.0", &[]);
    for format in ["text", "json"] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = std::process::Command::new(BINARY);
        command
            .args(["--output", format])
            .current_dir(clone.workspace())
            .stdout(full)
            .stderr(std::process::Stdio::piped())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        let output = testkit::provoked::output(&mut command).unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains("outputs/unwritable"), "{text}");
    }
}

#[test]
fn a_tag_of_the_clone_is_peeled_and_compared() {
    let runner = clone("1.0.0", &["v1.0.0"]);
    let older = run(&runner);
    assert!(older.stdout.contains("changed=false\npublish=false"), "{}", older.stdout);
    git(runner.workspace(), &["tag", "-f", "-a", "-m", "again", "v1.0.0"]);
    assert!(run(&runner).stdout.contains("changed=false\npublish=true"));
}

#[test]
fn the_branch_of_the_clone_has_its_rules() {
    let runner = clone("1.0.0-SNAPSHOT", &[]);
    let output = run(&runner);
    output.assert_code(2);
    assert!(output.stderr.contains("branch `main` needs a stable version"), "{}", output.stderr);
    git(runner.workspace(), &["switch", "--quiet", "-c", "develop"]);
    run(&runner).assert_code(0);
    git(runner.workspace(), &["checkout", "--quiet", "--detach"]);
    let detached = run(&runner);
    detached.assert_code(0);
    assert!(detached.stdout.contains("image-tags=\n"), "{}", detached.stdout);
    let told = "publish is false: a commit without a branch publishes nothing and has no image tags; name its branch";
    assert!(detached.stderr.contains(told), "{}", detached.stderr);
}

#[test]
fn components_of_a_clone_are_compared_with_their_releases_and_what_was_not_raised_is_told() {
    let runner = FakeRunner::plain_shell()
        .file("slipway.toml", "[discover]\nfolders = [\"*\"]\n")
        .file("api/package.json", package("1.0.0"))
        .file("web/package.json", package("3.1.0"));
    let folder = runner.workspace();
    git(folder, &["init", "--quiet"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "-m", "released"]);
    git(folder, &["tag", "api-v1.0.0"]);
    git(folder, &["tag", "web-v3.1.0"]);
    std::fs::write(folder.join("web/a"), "x").unwrap();
    git(folder, &["add", "."]);
    git(folder, &["commit", "--quiet", "-m", "changed"]);
    let output = run(&runner);
    output.assert_code(0);
    assert!(output.stdout.contains("changed-components=[\"web\"]\n"), "{}", output.stdout);
    let commit = git(folder, &["rev-parse", "--short=7", "HEAD~1"]);
    let told = format!(
        "web 3.1.0: web/a matches web/**; not published: released before, from commit {}; what changed since needs a higher version",
        commit.trim()
    );
    assert!(output.stderr.contains(&told), "{}", output.stderr);
    assert!(output.stderr.contains("1 of 2 components are to be built, none to be published"), "{}", output.stderr);
}

#[test]
fn without_git_and_without_a_token_nothing_is_claimed() {
    let runner = FakeRunner::plain_shell().file("VERSION", "1.0.0");
    let output = runner.run(BINARY, ["--branch", "main"]);
    output.assert_code(0);
    assert!(output.stdout.contains("changed=\npublish=\n"), "{}", output.stdout);
    assert!(output.stderr.contains("whether it is new is not known"), "{}", output.stderr);
}

#[test]
fn a_shallow_clone_may_lack_tags_so_nothing_is_claimed() {
    let origin = clone("1.0.5", &["v2.0.0"]);
    git(origin.workspace(), &["tag", "v1.0.4"]);
    let shallow = FakeRunner::plain_shell();
    let address = format!("file://{}", origin.workspace().display());
    git(shallow.workspace(), &["clone", "--quiet", "--depth=1", &address, "shop"]);
    assert_eq!(git(&shallow.workspace().join("shop"), &["tag"]), "v1.0.4");
    let output = shallow.run(BINARY, ["--working-directory=shop", "--latest=stable"]);
    output.assert_code(0);
    assert!(output.stdout.contains("changed=\npublish=\n"), "{}", output.stdout);
    assert!(output.stdout.contains("image-tags=1.0.5\n"), "{}", output.stdout);
}

#[test]
fn a_tag_needs_a_token() {
    let output = clone("1.0.0", &[]).run(BINARY, ["--create-tag"]);
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/create-tag-needs-token"), "{}", output.stderr);
}

#[test]
fn a_token_and_a_repository_are_enough_for_github() {
    let server = FakeGitHub::start().unwrap();
    let runner = clone("1.0.0", &[])
        .env("GITHUB_TOKEN", server.token())
        .env("GITHUB_REPOSITORY", crate::REPOSITORY)
        .env("GITHUB_API_URL", server.api_url());
    let head = git(runner.workspace(), &["rev-parse", "HEAD"]);
    server.add_commit(crate::REPOSITORY, &head, "work");
    runner.run(BINARY, ["--create-tag"]).assert_code(0);
    assert_eq!(server.tag(crate::REPOSITORY, "v1.0.0"), Some(head));
}

#[test]
fn the_folder_of_the_project_can_be_named() {
    let runner = clone("1.0.0", &[]).file("app/VERSION", "1.5.0");
    let output = runner.run(BINARY, ["--working-directory", "app", "--output", "json"]);
    output.assert_code(0);
    let outcome: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!((&outcome["version"], &outcome["manifest"]), (&"1.5.0".into(), &"app/VERSION".into()));
}

#[test]
fn a_tag_needs_a_commit() {
    let server = testkit::FakeGitHub::start().unwrap();
    let runner = FakeRunner::plain_shell()
        .file("VERSION", "1.0.0")
        .env("GITHUB_REPOSITORY", crate::REPOSITORY)
        .env("GITHUB_API_URL", server.api_url())
        .env("GITHUB_TOKEN", server.token());
    let output = runner.run(crate::BINARY, ["--create-tag=true", "--branch", "main"]);
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/create-tag-needs-commit"), "{}", output.stderr);
}

#[test]
fn without_git_the_current_folder_is_the_repository() {
    let child =
        "<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>${v}</version></parent></project>";
    let parent = "<project><groupId>g</groupId><artifactId>p</artifactId><version>${v}</version><properties><v>1.2.0</v></properties></project>";
    let runner = FakeRunner::plain_shell().file("pom.xml", parent).file("app/pom.xml", child);
    let output = runner.run(BINARY, ["--working-directory=app"]);
    output.assert_code(0);
    assert!(output.stdout.lines().any(|line| line == "version=1.2.0"), "{}", output.stdout);
}
