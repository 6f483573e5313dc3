//! A repository of several components.

use serde_json::{Value, json};
use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner, RunOutput};

use crate::origin::{Origin, state};
use crate::{OTHER, REPOSITORY, annotations, package, run, runner};

const CONFIG: &str = r#"shared = ["libs/**"]

[[component]]
name = "web"
path = "web"
depends-on = ["api"]

[[component]]
name = "api"
path = "services/api"
depends-on = ["core"]

[[component]]
name = "core"
path = "core"

[[component]]
name = "tool"
path = "tool"
tag-prefix = "tool/v"
"#;

/// Four components: npm, Maven below a parent, Cargo, a VERSION.
fn origin() -> (Origin, String) {
    let origin = Origin::new();
    let parent = "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>parent</artifactId><version>2.0.0</version></project>";
    let child = "<project><modelVersion>4.0.0</modelVersion><parent><groupId>g</groupId><artifactId>parent</artifactId><version>2.0.0</version><relativePath>../../pom.xml</relativePath></parent><artifactId>api</artifactId></project>";
    let first = origin.commit(&[
        ("slipway.toml", Some(CONFIG)),
        ("pom.xml", Some(parent)),
        ("services/api/pom.xml", Some(child)),
        ("web/package.json", Some(&package("1.0.0"))),
        ("core/Cargo.toml", Some("[package]\nname = \"core\"\nversion = \"0.3.0\"\n")),
        ("tool/VERSION", Some("3.0.0\n")),
        ("libs/x", Some("1")),
    ]);
    (origin, first)
}

/// A server that knows all released versions of the first commit.
fn server(origin: &Origin, released: &str) -> FakeGitHub {
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    for tag in ["web-v1.0.0", "api-v2.0.0", "core-v0.3.0", "tool/v3.0.0"] {
        server.add_tag(REPOSITORY, tag, released);
    }
    server
}

fn push(server: &FakeGitHub, origin: &Origin, before: &str, after: &str) -> FakeRunner {
    let runner = runner(server)
        .github("push", "refs/heads/main", after, REPOSITORY)
        .event(json!({"before": before, "repository": {"default_branch": "main"}}));
    origin.check_out(&runner, after);
    runner
}

#[track_caller]
fn changed(output: &RunOutput) -> String {
    output.assert_code(0);
    let names: Vec<String> = serde_json::from_str(&output.outputs["changed-components"]).unwrap();
    let matrix: Value = serde_json::from_str(&output.outputs["matrix"]).unwrap();
    let listed: Vec<&str> =
        matrix["include"].as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap()).collect();
    assert_eq!(names, listed);
    assert_eq!(output.outputs["any-changed"], (!names.is_empty()).to_string());
    names.join(" ")
}

#[test]
fn a_change_builds_its_component_and_what_is_built_with_it_for_two_requests() {
    let (origin, first) = origin();
    for (files, expect) in [
        (&[("tool/a", Some("x"))][..], "tool"),
        (&[("core/src/lib.rs", Some("x"))], "core api web"),
        (&[("services/api/a", Some("x"))], "api web"),
        (&[("README.md", Some("x"))], ""),
        (&[("libs/x", None), ("core/x", Some("1"))], "core api tool web"),
        (&[("libs/y", Some("1"))], "core api tool web"),
    ] {
        origin.git(&["checkout", "-q", "-B", "main", &first]);
        let after = origin.commit(files);
        let server = server(&origin, &first);
        let step = push(&server, &origin, &first, &after);
        let before = state(step.workspace());
        let output = run(&step);
        assert_eq!(changed(&output), expect, "{files:?}");
        assert_eq!(state(step.workspace()), before, "the clone was changed");
        let asked: Vec<String> = server.requests().iter().map(testkit::http::Request::line).collect();
        let path = |rest: &str| format!("GET /repos/{REPOSITORY}/git/{rest}");
        assert_eq!(asked, [path("matching-refs/tags%2F"), path(&format!("trees/{first}?recursive=1"))]);
        assert_eq!((output.outputs["version"].as_str(), output.outputs["component"].as_str()), ("", ""));
    }
}

#[test]
fn a_parent_pom_belongs_to_those_that_inherit_from_it_and_a_new_version_is_told() {
    let (origin, first) = origin();
    let parent = "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>parent</artifactId><version>2.0.0</version><name>x</name></project>";
    let after = origin.commit(&[("pom.xml", Some(parent)), ("tool/VERSION", Some("3.1.0\n"))]);
    let server = server(&origin, &first);
    let output = run(&push(&server, &origin, &first, &after));
    assert_eq!(changed(&output), "api tool web");
    let matrix: Value = serde_json::from_str(&output.outputs["matrix"]).unwrap();
    let tool = &matrix["include"][1];
    assert_eq!((&tool["version"], &tool["tag"]), (&"3.1.0".into(), &"tool/v3.1.0".into()));
    assert_eq!((&tool["changed"], &tool["publish"]), (&true.into(), &true.into()));
    assert_eq!(
        (&tool["path"], &tool["previous-version"], &tool["ecosystem"]),
        (&"tool".into(), &"3.0.0".into(), &"plain".into())
    );
    assert_eq!(matrix["include"][0]["publish"], false);
    let all: Vec<Value> = serde_json::from_str(&output.outputs["components-json"]).unwrap();
    let because: Vec<String> =
        all.iter().map(|one| format!("{} {}", one["name"], one["because"]).replace('"', "")).collect();
    assert_eq!(
        because,
        [
            "core ",
            "api its version is read from pom.xml, too",
            "tool tool/VERSION matches tool/**",
            "web it is built with api"
        ]
    );
    assert!(output.summary.contains("| `tool` | `3.1.0` | tool/VERSION matches"), "{}", output.summary);
}

#[test]
fn a_version_that_a_failed_run_left_untagged_is_built_again() {
    let (origin, first) = origin();
    let after = origin.commit(&[("README.md", Some("x"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    for tag in ["web-v1.0.0", "api-v2.0.0", "core-v0.3.0", "tool/v2.0.0"] {
        server.add_tag(REPOSITORY, tag, &first);
    }
    assert_eq!(changed(&run(&push(&server, &origin, &first, &after))), "tool");
}

#[test]
fn one_component_is_chosen_by_name_or_by_its_folder_and_tagged_with_its_prefix() {
    let (origin, first) = origin();
    let after = origin.commit(&[("tool/VERSION", Some("3.1.0\n"))]);
    let server = server(&origin, &first);
    let step = push(&server, &origin, &first, &after).input("create-tag", "true");
    let output = run(&step.input("component", "tool"));
    assert_eq!(changed(&output), "tool");
    assert_eq!((output.outputs["version"].as_str(), output.outputs["tag"].as_str()), ("3.1.0", "tool/v3.1.0"));
    assert_eq!((output.outputs["component"].as_str(), output.outputs["tag-created"].as_str()), ("tool", "true"));
    assert_eq!(server.tag(REPOSITORY, "tool/v3.1.0").as_deref(), Some(after.as_str()));
    let folder = push(&server, &origin, &first, &after).input("working-directory", "core");
    let output = run(&folder);
    assert_eq!((changed(&output).as_str(), output.outputs["tag"].as_str()), ("core", "core-v0.3.0"));
    let unknown = run(&push(&server, &origin, &first, &after).input("component", "tol"));
    unknown.assert_code(2);
    assert!(
        unknown.stderr.contains("version-detect/component-unknown: there is no component `tol`"),
        "{}",
        unknown.stderr
    );
    assert!(unknown.stderr.contains("did you mean `tool`?"), "{}", unknown.stderr);
}

#[test]
fn all_new_versions_are_tagged_and_a_second_run_finds_it_done() {
    let (origin, first) = origin();
    let after = origin.commit(&[("tool/VERSION", Some("3.1.0\n")), ("web/package.json", Some(&package("1.1.0")))]);
    let server = server(&origin, &first);
    let step = push(&server, &origin, &first, &after).input("create-tag", "true").input("component", "");
    // Two components have nothing new: their tags are at another commit, and they are not concerned.
    let output = run(&step);
    output.assert_code(0);
    assert!(
        output.stdout.contains("2 of 4 components are to be built, 2 to be published, 2 tagged"),
        "{}",
        output.stdout
    );
    assert!(output.stderr.contains("tool 3.1.0: tool/VERSION matches tool/**; to be published\n"), "{}", output.stderr);
    for tag in ["tool/v3.1.0", "web-v1.1.0"] {
        assert_eq!(server.tag(REPOSITORY, tag).as_deref(), Some(after.as_str()));
    }
    let again = run(&step);
    again.assert_code(0);
    assert_eq!(again.outputs["tag-created"], "false");
}

#[test]
fn a_run_by_hand_builds_what_changed_since_its_last_release() {
    let (origin, first) = origin();
    let second = origin.commit(&[("tool/a", Some("x"))]);
    let third = origin.commit(&[("core/a", Some("x"))]);
    let server = server(&origin, &first);
    server.add_tag(REPOSITORY, "tool/v3.0.0", &second);
    let step = runner(&server).github("workflow_dispatch", "refs/heads/main", &third, REPOSITORY).event(json!({}));
    origin.check_out(&step, &third);
    // The tool has not changed since its release, the others have or are built with what has.
    assert_eq!(changed(&run(&step)), "core api web");
}

#[test]
fn all_problems_of_all_components_are_told_at_once() {
    let step = FakeRunner::new()
        .github("push", "refs/heads/main", SHA, REPOSITORY)
        .file("slipway.toml", "[[component]]\nname = \"a\"\npath = \"a\"\n[[component]]\nname = \"b\"\npath = \"b\"\ndepends-on = [\"x\"]\n[[component]]\nname = \"c\"\npath = \"gone\"\ntag-prefix = \"a-v\"\n[[component]]\nname = \"d\"\npath = \"d\"\n")
        .file("a/package.json", "{")
        .file("b/package.json", package("1.0.0-SNAPSHOT"))
        .file("d/package.json", package("1.0.0"));
    let output = run(&step);
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/components: 3 components have problems"), "{}", output.stderr);
    for part in [
        "a/package.json:1: `a`: `a/package.json` cannot be understood",
        "slipway.toml:10: `c`: `gone` is not a folder (version-detect/folder-missing; correct the component's `path` in `slipway.toml`",
        "slipway.toml:8: `c`: the prefix of tags `a-v` is that of the component in `a`, too (version-detect/component-overlap; ",
        "slipway.toml:7: `b`: there is no component `x` (version-detect/component-unknown; ",
        "b/package.json:3: `b`: branch `main` needs a stable version, and `b/package.json` says `1.0.0-SNAPSHOT`",
    ] {
        assert!(output.stderr.contains(part), "{part}\n{}", output.stderr);
    }
    assert!(annotations(&output)[0].starts_with("::error title=version-detect/components,file=a/package.json,line=1"));
}

#[test]
fn a_circle_is_named() {
    let config = "[[component]]\nname = \"a\"\npath = \"a\"\ndepends-on = [\"b\"]\n[[component]]\nname = \"b\"\npath = \"b\"\ndepends-on = [\"a\"]\n";
    let step = FakeRunner::new()
        .github("push", "refs/heads/main", SHA, REPOSITORY)
        .file("slipway.toml", config)
        .file("a/VERSION", "1.0.0")
        .file("b/VERSION", "1.0.0");
    let output = run(&step);
    output.assert_code(2);
    assert!(
        output.stderr.contains("version-detect/component-cycle: the components `a` -> `b` -> `a` depend on each other"),
        "{}",
        output.stderr
    );
}

#[test]
fn components_are_found_by_their_manifests() {
    let step = FakeRunner::new()
        .github("workflow_dispatch", "refs/heads/feature/x", SHA, REPOSITORY)
        .file("slipway.toml", "[discover]\nfolders = [\"services/*\", \"tools/**\", \"!**/old\"]\n")
        .file("package.json", package("9.0.0"))
        .file("services/api/package.json", package("1.0.0"))
        .file("services/api/sub/package.json", package("8.0.0"))
        .file("services/web/VERSION", "2.0.0")
        .file("services/none/README.md", "no manifest")
        .file("services/private/package.json", "{\"private\": true}")
        .file("tools/site/gen/Cargo.toml", "[package]\nname = \"x\"\nversion = \"3.0.0\"\n")
        .file("tools/old/VERSION", "1.0.0")
        .file("tools/site/node_modules/y/package.json", package("7.0.0"));
    let output = run(&step);
    output.assert_code(0);
    let all: Vec<Value> = serde_json::from_str(&output.outputs["components-json"]).unwrap();
    let shown: Vec<String> =
        all.iter().map(|one| format!("{}@{}", one["name"], one["path"]).replace('"', "")).collect();
    assert_eq!(shown, ["api@services/api", "site-gen@tools/site/gen", "web@services/web"]);
}

#[test]
fn more_components_than_anybody_has_are_refused() {
    let mut step = FakeRunner::new()
        .github("push", "refs/heads/main", SHA, REPOSITORY)
        .file("slipway.toml", "[discover]\nfolders = [\"s/*\"]\n");
    for number in 0..=2000 {
        step = step.file(&format!("s/c{number}/VERSION"), "1.0.0");
    }
    let output = run(&step);
    output.assert_code(2);
    assert!(output.stderr.contains("version-detect/too-many-components: there are 2001 folders"), "{}", output.stderr);
}

#[test]
fn a_mistake_in_the_configuration_is_named_at_its_line() {
    let with = |config: &str| {
        run(&FakeRunner::new()
            .github("push", "refs/heads/main", SHA, REPOSITORY)
            .file("slipway.toml", config)
            .file("VERSION", "1.0.0"))
    };
    let unknown = with("[version]\ntag_prefix = \"v\"\n");
    unknown.assert_code(2);
    assert!(unknown.stderr.contains("version-detect/config-unknown-key: `slipway.toml` has the key `tag_prefix`"));
    assert!(unknown.stderr.contains("did you mean `tag-prefix`?"), "{}", unknown.stderr);
    assert!(unknown.stdout.contains("file=slipway.toml,line=2,col=1"), "{}", unknown.stdout);
    let malformed = with("preset = \"tree\"\n");
    malformed.assert_code(2);
    assert!(malformed.stderr.contains("version-detect/config-malformed: `slipway.toml` cannot be used"));
    let deep = with(&format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000)));
    deep.assert_code(2);
    let huge = with(&format!("# {}", "x".repeat(300_000)));
    huge.assert_code(2);
}

#[test]
fn a_repository_has_its_own_rules_for_branches_and_snapshots() {
    let config = "[version]\nsnapshot = [\"-dev\"]\ntag-prefix = \"release-\"\n[[branch]]\npattern = \"trunk\"\nversion = \"stable-or-snapshot\"\n[[branch]]\npattern = \"release/**\"\nversion = \"stable\"\nline = true\n";
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "release-2.0.0", OTHER);
    let on = |branch: &str, version: &str| {
        let output = run(&crate::on_branch(&server, branch).file("slipway.toml", config).file("VERSION", version));
        match output.code {
            0 => format!("{} {} {}", output.outputs["publish"], output.outputs["is-snapshot"], output.outputs["tag"]),
            _ => output.stderr.lines().find(|line| line.contains("version-detect/")).unwrap_or_default().to_owned(),
        }
    };
    assert_eq!(on("trunk", "2.1.0-dev"), "true true ");
    assert_eq!(on("trunk", "2.1.0"), "true false release-2.1.0");
    assert_eq!(on("release/1/x", "1.0.1"), "true false release-1.0.1");
    assert!(on("trunk", "1.0.1").contains("version-detect/downgrade"));
    assert!(on("release/1/x", "1.0.1-dev").contains("version-detect/wrong-version"));
    assert_eq!(on("main", "1.0.1-dev"), "false true ");
}

#[test]
fn a_push_back_to_a_released_version_is_refused() {
    let origin = Origin::new();
    let released = origin.commit(&[("package.json", Some(&package("1.0.0")))]);
    let before = origin.commit(&[("package.json", Some(&package("1.1.0")))]);
    let after = origin.commit(&[("package.json", Some(&package("1.0.0"))), ("a", Some("x"))]);
    let next = origin.commit(&[("a", Some("y"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    server.add_tag(REPOSITORY, "v1.0.0", &released);
    server.add_tag(REPOSITORY, "v1.1.0", &before);
    let output = run(&push(&server, &origin, &before, &after));
    output.assert_code(2);
    assert!(
        output.stderr.contains("version-detect/version-reused: this push changes the version from `1.1.0` to `1.0.0`"),
        "{}",
        output.stderr
    );
    assert!(output.stderr.contains("write `1.1.1` in package.json, line 3"), "{}", output.stderr);
    assert!(output.stderr.contains(&format!("commit {released} has the tag")), "{}", output.stderr);
    assert!(output.stdout.contains("file=package.json,line=3"), "{}", output.stdout);
    assert_eq!(server.requests().len(), 4, "the tags, the files before, the manifest before, and a comparison");
    // A push that does not touch the version releases nothing, and asks twice at most.
    let asked = server.requests().len();
    let same = run(&push(&server, &origin, &after, &next));
    same.assert_code(0);
    assert_eq!((same.outputs["publish"].as_str(), server.requests().len() - asked), ("false", 2));
}

/// A package with a name, a version and one dependency.
fn npm(name: &str, needs: &str) -> String {
    format!("{{\n\"name\": \"{name}\",\n\"version\": \"1.0.0\",\n\"dependencies\": {{{needs}}}\n}}\n")
}

#[test]
fn what_manifests_name_is_built_with_what_changed() {
    let config = "[discover]\nfolders = [\"apps/*\", \"packages/*\", \"!packages/ui\"]\n";
    let origin = Origin::new();
    let files = [
        ("package.json", "{\"private\": true, \"workspaces\": [\"apps/*\", \"packages/*\"]}".to_owned()),
        ("packages/core/package.json", npm("core", "")),
        ("packages/ui/package.json", "{\"name\": \"ui\", \"dependencies\": {\"core\": \"*\"}}".to_owned()),
        ("apps/web/package.json", npm("web", "\"ui\": \"workspace:*\"")),
        ("apps/api/package.json", npm("api", "\"core\": \"^1.0.0\"")),
        ("apps/old/package.json", npm("old", "\"core\": \"^0.9.0\"")),
    ];
    let mut listed: Vec<(&str, Option<&str>)> = files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect();
    listed.push(("slipway.toml", Some(config)));
    let first = origin.commit(&listed);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    for name in ["core", "web", "api", "old"] {
        server.add_tag(REPOSITORY, &format!("{name}-v1.0.0"), &first);
    }
    let because = |output: &RunOutput, wanted: &str| {
        let all: Value = serde_json::from_str(&output.outputs["components-json"]).unwrap();
        let one = all.as_array().unwrap().iter().find(|entry| entry["name"] == wanted).unwrap().clone();
        one["because"].as_str().unwrap().to_owned()
    };
    let core = origin.commit(&[("packages/core/x.js", Some("1"))]);
    let output = run(&push(&server, &origin, &first, &core));
    assert_eq!(changed(&output), "core api web");
    assert_eq!(because(&output, "web"), "it is built with core");
    let ui = origin.commit(&[("packages/ui/x.js", Some("1"))]);
    let output = run(&push(&server, &origin, &core, &ui));
    assert_eq!(changed(&output), "web");
    assert_eq!(because(&output, "web"), "packages/ui/x.js matches packages/ui/**");
    let declared = origin.commit(&[
        ("slipway.toml", Some(&format!("dependencies = \"declared\"\n{config}"))),
        ("packages/core/x.js", Some("2")),
    ]);
    assert_eq!(changed(&run(&push(&server, &origin, &ui, &declared))), "core");
}

#[test]
fn files_that_the_version_is_read_from_count_beside_paths_of_its_own() {
    let origin = Origin::new();
    let parent = |version: &str| {
        format!(
            "<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>parent</artifactId><version>${{revision}}</version><properties><revision>{version}</revision></properties></project>"
        )
    };
    let child = "<project><modelVersion>4.0.0</modelVersion><parent><groupId>g</groupId><artifactId>parent</artifactId><version>${revision}</version></parent><artifactId>a</artifactId></project>";
    let config = "[[component]]\nname = \"a\"\npath = \"a\"\npaths = [\"a/src/**\"]\n";
    let first = origin.commit(&[
        ("slipway.toml", Some(config)),
        ("pom.xml", Some(&parent("1.0.0"))),
        ("a/pom.xml", Some(child)),
    ]);
    let raised = origin.commit(&[("pom.xml", Some(&parent("1.1.0-SNAPSHOT")))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    let runner = push(&server, &origin, &first, &raised).github("push", "refs/heads/develop", &raised, REPOSITORY);
    let output = run(&runner);
    assert_eq!(changed(&output), "a");
    assert!(output.outputs["components-json"].contains("its version is read from pom.xml, too"));
}
