//! What an error or a warning says to do is what the next run takes.

use testkit::{FakeGitHub, FakeRunner, RunOutput};

use crate::{OTHER, REPOSITORY, on_branch, on_pull, run};

const RULES: &str = "[[branch]]\npattern = \"main\"\nversion = \"stable\"\n[[branch]]\npattern = \"develop\"\nversion = \"snapshot\"\n[[branch]]\npattern = \"next\"\nversion = \"prerelease\"\n";

fn server(tags: &[&str]) -> FakeGitHub {
    let server = FakeGitHub::start().unwrap();
    for tag in tags {
        server.add_tag(REPOSITORY, tag, OTHER);
    }
    server
}

/// The version that an error or a warning says to write.
fn advised(output: &RunOutput) -> Option<String> {
    let text = format!("{}\n{}", output.stderr, output.stdout);
    let (_, rest) = text.rsplit_once("rite ")?;
    let rest = rest.strip_prefix('`').unwrap_or(rest);
    let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || ".-".contains(c))).unwrap_or(rest.len());
    Some(rest[..end].trim_end_matches('.').to_owned())
}

#[track_caller]
fn check(version: &str, tags: &[&str], step: impl Fn(&FakeGitHub) -> FakeRunner) {
    let server = server(tags);
    let with = |version: &str| run(&step(&server).file("VERSION", version));
    let first = with(version);
    let advice = advised(&first).unwrap_or_else(|| panic!("no advice: {}\n{}", first.stdout, first.stderr));
    let next = with(&advice);
    assert_eq!(next.code, 0, "{version} -> {advice}: {}", next.stderr);
    assert_eq!(advised(&next), None, "{version} -> {advice}: {}\n{}", next.stdout, next.stderr);
}

#[test]
fn what_is_advised_is_taken() {
    let on = |branch: &'static str| move |server: &FakeGitHub| on_branch(server, branch).file("slipway.toml", RULES);
    let into = |branch: &'static str| {
        move |server: &FakeGitHub| on_pull(server, "feature/a", branch).file("slipway.toml", RULES)
    };
    for tags in [&["v1.0.0", "v2.0.0"][..], &["v1.5.0", "v1.5.1"], &["v1.4.9", "v1.10.0"]] {
        for (branch, version) in [
            ("main", "1.5.0-SNAPSHOT"),
            ("main", "1.5.0-rc.1"),
            ("main", "1.3.0"),
            ("develop", "1.5.0"),
            ("develop", "1.3.0-SNAPSHOT"),
            ("develop", "1.5-SNAPSHOT"),
            ("next", "1.5.0"),
            ("next", "1.3.0-rc.1"),
        ] {
            check(version, tags, on(branch));
            check(version, tags, into(branch));
        }
    }
    // What was released from another commit, by a change and without one.
    check("1.0.0", &["v1.0.0", "v2.0.0"], on("main"));
    check("1.0.0", &["v1.0.0", "v1.1.0"], |server| on("main")(server).input("create-tag", "true"));
    check("2.0.0-SNAPSHOT", &["v1.0.0", "v2.0.0"], on("develop"));
}

#[test]
fn an_older_release_is_corrected_where_the_downgrade_says() {
    let server = server(&["v1.5.0", "v2.0.0"]);
    let step = || on_branch(&server, "release/1.5").file("VERSION", "1.5.1").input("create-tag", "true");
    let refused = run(&step().input("stable-branch", "release/1.5"));
    refused.assert_code(2);
    assert!(refused.stderr.contains("version-detect/downgrade"), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("from a branch of its own, which `maintenance-branch` names"),
        "{}",
        refused.stderr
    );
    let taken = run(&step().input("maintenance-branch", "release/**"));
    taken.assert_code(0);
    assert_eq!((taken.outputs["publish"].as_str(), taken.outputs["tag-created"].as_str()), ("true", "true"));
    assert_eq!(taken.outputs["previous-version"], "1.5.0");
    // The other branches keep their rules.
    let main = run(&on_branch(&server, "main").file("VERSION", "1.6.0").input("maintenance-branch", "release/**"));
    main.assert_code(2);
    // A snapshot and a candidate of an older line have a rule of their own.
    let rule = "[[branch]]\npattern = \"develop-1\"\nversion = \"snapshot\"\n";
    let lower = |rule: String| {
        run(&on_branch(&server, "develop-1").file("slipway.toml", rule).file("VERSION", "1.6.0-SNAPSHOT"))
    };
    let refused = lower(rule.to_owned());
    refused.assert_code(2);
    assert!(refused.stderr.contains("whose `[[branch]]` in `slipway.toml` has `line = true`"), "{}", refused.stderr);
    lower(format!("{rule}line = true\n")).assert_code(0);
}

#[test]
fn a_tag_with_the_last_number_of_all_does_not_stop_the_run() {
    let server = server(&["v1.0.18446744073709551615"]);
    let output = run(&on_branch(&server, "main").file("VERSION", "1.0.18446744073709551615-SNAPSHOT"));
    output.assert_code(2);
    assert!(output.stderr.contains("write `1.1.0` in VERSION, line 1"), "{}", output.stderr);
}
