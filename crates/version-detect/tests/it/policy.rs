//! What each branch asks of the version.

use testkit::FakeGitHub;
use testkit::runner::SHA;

use crate::{OTHER, REPOSITORY, annotations, on_branch, on_pull, package, run, runner};

#[test]
fn a_new_version_on_main_is_reported_in_full() {
    let server = FakeGitHub::start().unwrap();
    for tag in ["v0.9.0", "v1.0.0", "v2.0.0-rc.1", "backend-v1.0.5", "nightly"] {
        server.add_tag(REPOSITORY, tag, OTHER);
    }
    let output = run(&runner(&server).file("package.json", package("1.1.0")));
    output.assert_code(0);
    let expected = [
        ("version", "1.1.0"),
        ("tag", "v1.1.0"),
        ("changed", "true"),
        ("publish", "true"),
        ("version-normalized", "1.1.0"),
        ("is-snapshot", "false"),
        ("is-release", "true"),
        ("previous-version", "1.0.0"),
        ("previous-tag", "v1.0.0"),
        ("commit", SHA),
        ("image-tags", "1.1.0"),
        ("manifest", "package.json"),
        ("ecosystem", "npm"),
        ("tag-created", "false"),
        ("component", ""),
        ("any-changed", "true"),
        ("changed-components", "[\".\"]"),
    ];
    for (name, value) in expected {
        assert_eq!(output.outputs[name], value, "{name}");
    }
    let matrix: serde_json::Value = serde_json::from_str(&output.outputs["matrix"]).unwrap();
    assert_eq!((&matrix["include"][0]["path"], &matrix["include"][0]["version"]), (&".".into(), &"1.1.0".into()));
    assert!(output.outputs["components-json"].starts_with('['));
    assert_eq!(output.outputs.len(), expected.len() + 2);
    assert_eq!(annotations(&output), ["::notice title=version-detect::1.1.0 is new, after 1.0.0"]);
    assert!(output.summary.starts_with("### ✅ version-detect: 1.1.0 is new, after 1.0.0\n"), "{}", output.summary);
    assert_eq!(server.requests().len(), 1, "one request tells everything about a new version");
}

#[test]
fn a_snapshot_on_main_is_refused_at_its_line() {
    let server = FakeGitHub::start().unwrap();
    let output =
        run(&runner(&server).file("app/package.json", package("1.1.0-SNAPSHOT")).input("working-directory", "app"));
    output.assert_code(2);
    let [error] = annotations(&output)[..] else { panic!("{}", output.stdout) };
    let expected = "::error title=version-detect/wrong-version,file=app/package.json,line=3,col=14::branch `main` needs a stable version, \
         and `app/package.json` says `1.1.0-SNAPSHOT`%0Awhy: `-SNAPSHOT` marks work in progress%0Ahelp: write `1.1.0` in \
         app/package.json, line 3";
    assert_eq!(error, expected);
    assert!(output.outputs.is_empty());
    assert!(output.summary.contains("How to fix it"), "{}", output.summary);
}

#[test]
fn a_release_on_develop_is_refused() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", OTHER);
    let output = run(&on_branch(&server, "develop").file("VERSION", "v1.0.0\n"));
    output.assert_code(2);
    assert!(output.stderr.contains("help: write `1.1.0-SNAPSHOT` in VERSION, line 1"), "{}", output.stderr);
}

#[test]
fn a_snapshot_on_develop_gets_the_moving_tags() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&on_branch(&server, "develop").file("package.json", package("1.1.0-SNAPSHOT")));
    output.assert_code(0);
    assert_eq!(output.outputs["image-tags"], "1.1.0-SNAPSHOT\ndevelop\nlatest");
    assert_eq!((output.outputs["is-snapshot"].as_str(), output.outputs["changed"].as_str()), ("true", "true"));
    assert_eq!(output.outputs["tag"], "");
    let none = on_branch(&server, "develop").file("package.json", package("1.1.0-SNAPSHOT")).input("latest", "none");
    assert_eq!(run(&none).outputs["image-tags"], "1.1.0-SNAPSHOT\ndevelop");
}

#[test]
fn the_branches_can_have_other_names() {
    let server = FakeGitHub::start().unwrap();
    let named = on_branch(&server, "release").input("stable-branch", "release").input("snapshot-branch", "main");
    run(&named.file("VERSION", "1.0.0-SNAPSHOT")).assert_code(2);
    let given = on_branch(&server, "x").input("branch", "develop").file("VERSION", "1.0.0");
    run(&given).assert_code(2);
}

#[test]
fn other_branches_only_report() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&on_branch(&server, "feature/a").file("VERSION", "1.1.0-SNAPSHOT"));
    output.assert_code(0);
    assert_eq!(output.outputs["publish"], "false");
    assert!(output.outputs["image-tags"].starts_with("1.1.0-feature-a-"));
}

#[test]
fn a_pull_request_into_main_is_warned_at_the_line() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&on_pull(&server, "feature/a", "main").file("package.json", package("1.1.0-SNAPSHOT")));
    output.assert_code(0);
    let warning = annotations(&output)[0];
    assert!(
        warning.starts_with("::warning title=version-detect,file=package.json,line=3,col=14::After the merge"),
        "{warning}"
    );
    assert!(output.summary.contains("pull request #7 from `feature/a` into `main`"), "{}", output.summary);
}

#[test]
fn a_pushed_tag_must_stand_for_the_version() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", SHA);
    let tagged =
        |version: &str| runner(&server).github("push", "refs/tags/v1.0.0", SHA, REPOSITORY).file("VERSION", version);
    let output = run(&tagged("1.0.0"));
    output.assert_code(0);
    assert_eq!((output.outputs["publish"].as_str(), output.outputs["image-tags"].as_str()), ("true", "1.0.0"));
    let output = run(&tagged("1.0.1"));
    output.assert_code(2);
    assert!(
        output.stderr.contains("version-detect/tag-mismatch: the tag `v1.0.0` stands for `1.0.0`"),
        "{}",
        output.stderr
    );
}

#[test]
fn bad_inputs_are_told_all_at_once() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&runner(&server)
        .file("VERSION", "1.0.0")
        .input("snapshot-branch", "main")
        .input("tag-prefix", "a b")
        .input("create-tag", "yes")
        .input("latest", "stabel"));
    output.assert_code(2);
    for name in ["snapshot-branch", "tag-prefix", "create-tag", "latest"] {
        assert!(output.stderr.contains(&format!("`{name}`")), "{name}: {}", output.stderr);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn a_release_goes_upwards_and_is_built_with_releases() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v2.0.0", OTHER);
    let lower = run(&runner(&server).file("package.json", package("1.9.0")));
    lower.assert_code(2);
    assert!(
        lower.stdout.contains("::error title=version-detect/downgrade,file=package.json,line=3"),
        "{}",
        lower.stdout
    );
    assert!(lower.stderr.contains("write `2.0.1` in package.json, line 3"), "{}", lower.stderr);
    let snapshot = "<groupId>g</groupId><artifactId>a</artifactId>\n<version>1-SNAPSHOT</version>";
    let parent = format!("<project><parent>{snapshot}</parent>\n<version>2.1.0</version></project>");
    let dependency = format!(
        "<project><version>2.1.0</version><dependencies><dependency>{snapshot}</dependency></dependencies></project>"
    );
    for (pom, code) in [(parent, "version-detect/snapshot-parent"), (dependency, "version-detect/snapshot-dependency")]
    {
        let output = run(&runner(&server).file("pom.xml", pom));
        output.assert_code(2);
        let annotation = format!("::error title={code},file=pom.xml,line=2");
        assert!(output.stdout.contains(&annotation), "{}", output.stdout);
    }
}

#[test]
fn a_development_release_of_python_is_a_snapshot() {
    let server = FakeGitHub::start().unwrap();
    let output = run(&on_branch(&server, "develop").input("version-command", "echo 1.1.0.dev0"));
    output.assert_code(0);
    let found = ["version", "is-snapshot", "tag", "publish", "image-tags"].map(|name| output.outputs[name].as_str());
    assert_eq!(found, ["1.1.0.dev0", "true", "", "true", "1.1.0-SNAPSHOT\ndevelop\nlatest"]);
}
