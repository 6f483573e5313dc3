//! The components of a repository: their names, their tags and the versions that come back.

use serde_json::{Value, json};
use testkit::runner::SHA;
use testkit::{FakeGitHub, FakeRunner, Fault, RunOutput};

use crate::origin::Origin;
use crate::{BINARY, OTHER, REPOSITORY, package, run, runner};

const DISCOVER: &str = "[discover]\nfolders = [\"services/*\"]\n";

fn push(server: &FakeGitHub, origin: &Origin, [before, after]: [&str; 2]) -> FakeRunner {
    let step = runner(server)
        .github("push", "refs/heads/main", after, REPOSITORY)
        .event(json!({"before": before, "repository": {"default_branch": "main"}}));
    origin.check_out(&step, after);
    step
}

fn entries(output: &RunOutput) -> Vec<Value> {
    output.assert_code(0);
    serde_json::from_str(&output.outputs["components-json"]).unwrap()
}

fn names(output: &RunOutput) -> Vec<String> {
    entries(output).iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

fn built(output: &RunOutput) -> String {
    output.assert_code(0);
    let names: Vec<String> = serde_json::from_str(&output.outputs["changed-components"]).unwrap();
    names.join(" ")
}

/// A run of two components without a history.
fn alone() -> FakeRunner {
    FakeRunner::new()
        .github("push", "refs/heads/main", SHA, REPOSITORY)
        .file("slipway.toml", DISCOVER)
        .file("services/api/package.json", package("1.4.0"))
        .file("services/web/package.json", package("1.0.0"))
}

#[test]
fn a_component_that_goes_back_to_a_released_version_is_refused_among_others() {
    let origin = Origin::new();
    let web = ("services/web/package.json", package("3.0.0"));
    let api = |version: &str| [("services/api/package.json", package(version))];
    let commit = |files: &[(&str, String)]| {
        origin.commit(&files.iter().map(|(path, text)| (*path, Some(text.as_str()))).collect::<Vec<_>>())
    };
    let released = commit(&[("slipway.toml", DISCOVER.to_owned()), web, api("1.0.0")[0].clone()]);
    let before = commit(&api("1.1.0"));
    let after = commit(&api("1.0.0"));
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    server.add_annotated_tag(REPOSITORY, "api-v1.0.0", &released);
    server.add_tag(REPOSITORY, "api-v1.1.0", &before);
    server.add_tag(REPOSITORY, "web-v3.0.0", &released);
    let output = run(&push(&server, &origin, [&before, &after]));
    output.assert_code(2);
    let told = "component `api`: this push changes the version from `1.1.0` to `1.0.0`, which was released from another commit";
    assert!(output.stderr.contains(told), "{}", output.stderr);
    assert!(output.stderr.contains("help: write `1.1.1` in services/api/package.json, line 3"), "{}", output.stderr);
    assert!(output.stdout.contains("file=services/api/package.json,line=3"), "{}", output.stdout);
    // The push after it no longer changes the version, and still releases nothing without a word.
    let later = commit(&[("services/api/a", "x".to_owned())]);
    let output = run(&push(&server, &origin, [&after, &later]));
    assert_eq!(entries(&output)[0]["publish"], false);
    assert!(output.stdout.contains("api: 1.0.0 was released before, and 1.1.0 is higher"), "{}", output.stdout);
    // What goes up is fine.
    let raised = commit(&api("1.2.0"));
    assert_eq!(built(&run(&push(&server, &origin, [&later, &raised]))), "api");
}

#[test]
fn a_new_folder_renames_no_component_and_a_name_that_is_taken_is_refused() {
    let first = run(&alone());
    assert_eq!(names(&first), ["api", "web"]);
    let two = "[discover]\nfolders = [\"services/*\", \"tools/*\"]\n";
    let with = |config: &str| alone().file("slipway.toml", config).file("tools/api/package.json", package("0.1.0"));
    let taken = run(&with(two));
    taken.assert_code(2);
    let told = "component `api`: the name `api` is that of the component in `services/api`, too";
    assert!(taken.stderr.contains(told), "{}", taken.stderr);
    assert!(taken.stderr.contains("the problem is version-detect/component-overlap"), "{}", taken.stderr);
    assert!(taken.stderr.contains("help: give one of them a `[[component]]`"), "{}", taken.stderr);
    // The advice is taken, and the others keep their names.
    let named = format!("{two}[[component]]\nname = \"api-tool\"\npath = \"tools/api\"\n");
    assert_eq!(names(&run(&with(&named))), ["api", "api-tool", "web"]);
    // By name, too; a folder without a version is no component.
    run(&with(two).input("component", "api")).assert_code(2);
    let private = with(two).file("tools/api/package.json", "{\"private\": true}");
    assert_eq!(names(&run(&private)), ["api", "web"]);
    assert_eq!(run(&private.input("component", "api")).outputs["version"], "1.4.0");
}

#[test]
fn a_component_is_called_by_its_path_below_what_its_pattern_names() {
    let with =
        |folders: &str| names(&run(&alone().file("slipway.toml", format!("[discover]\nfolders = [{folders}]\n"))));
    assert_eq!(with("\"services/*\""), ["api", "web"]);
    assert_eq!(with("\"services/api\", \"services/w*\""), ["api", "web"]);
    assert_eq!(with("\"**\""), ["services-api", "services-web"]);
    assert_eq!(names(&run(&alone().file("slipway.toml", "[discover]\n"))), ["services-api", "services-web"]);
}

#[test]
fn a_folder_that_gives_no_name_is_refused_in_every_way() {
    for folder in ["-rf", "x.lock", "a..b", &"x".repeat(65)] {
        let step = || alone().file(&format!("services/{folder}/VERSION"), "1.0.0");
        for output in [run(&step()), run(&step().input("working-directory", &format!("services/{folder}")))] {
            output.assert_code(2);
            assert!(output.stderr.contains("version-detect/component-name"), "{folder}: {}", output.stderr);
            assert!(
                output.stderr.contains(&format!("with the path `services/{folder}` and a `name`")),
                "{}",
                output.stderr
            );
        }
    }
}

#[test]
fn a_folder_stands_for_its_component_wherever_its_version_is_read_from() {
    let web = || alone().input("working-directory", "services/web");
    for step in [web().input("manifest", "package.json"), web().input("version-command", "echo 1.0.0")] {
        let output = run(&step);
        output.assert_code(0);
        assert_eq!((output.outputs["component"].as_str(), output.outputs["tag"].as_str()), ("web", "web-v1.0.0"));
    }
    for (input, value) in [("manifest", "package.json"), ("version-command", "echo 1.0.0"), ("tag-prefix", "zzz-")] {
        let output = run(&alone().input(input, value));
        output.assert_code(2);
        let told = format!("version-detect/input-unused: the input `{input}` says nothing of all components at once");
        assert!(output.stderr.contains(&told), "{}", output.stderr);
    }
    let other = run(&alone().input("component", "web").input("tag-prefix", "zzz-"));
    other.assert_code(2);
    assert!(
        other.stderr.contains("says nothing of component `web`, whose tags begin with `web-v`"),
        "{}",
        other.stderr
    );
    run(&alone().input("component", "web").input("tag-prefix", "web-v")).assert_code(0);
}

#[test]
fn two_components_do_not_share_a_manifest() {
    let config =
        "[[component]]\nname = \"x\"\npath = \"services/api\"\n[[component]]\nname = \"y\"\npath = \"services/api\"\n";
    for step in [alone(), alone().input("working-directory", "services/api")] {
        let output = run(&step.file("slipway.toml", config));
        output.assert_code(2);
        assert!(output.stderr.contains("the folder `services/api` is that of the component"), "{}", output.stderr);
    }
    let two = config.replace("name = \"y\"", "name = \"y\"\nmanifest = \"VERSION\"");
    let step = || alone().file("slipway.toml", &two).file("services/api/VERSION", "1.4.0");
    assert_eq!(names(&run(&step())), ["x", "y"]);
    let chosen = run(&step().input("working-directory", "services/api").input("manifest", "VERSION"));
    assert_eq!(chosen.outputs["component"], "y");
}

/// The usual layout of Cargo: a package at the root, and others in it that are built with that one.
#[test]
fn a_change_above_builds_what_needs_it_and_nothing_beside() {
    let cli = "[package]\nname = \"cli\"\nversion = \"1.0.0\"\n[dependencies]\nroot = { path = \"..\" }\n";
    let other = "[package]\nname = \"other\"\nversion = \"1.0.0\"\n";
    let root = "[package]\nname = \"root\"\nversion = \"1.0.0\"\n";
    let found = "[discover]\nfolders = [\"*\"]\n";
    let with_root = format!("{found}[[component]]\nname = \"root\"\npath = \".\"\npaths = [\"**\", \"!*.md\"]\n");
    for (config, cases) in [
        (
            found,
            [
                ("src/lib.rs", "cli", "src/lib.rs matches **"),
                ("other/a", "other", "other/a matches other/**"),
                ("cli/a", "cli", "cli/a matches cli/**"),
            ],
        ),
        (
            with_root.as_str(),
            [
                ("src/lib.rs", "root cli", "it is built with root"),
                ("other/a", "other root", "other/a matches other/**"),
                ("README.md", "", ""),
            ],
        ),
    ] {
        let origin = Origin::new();
        let first = origin.commit(&[
            ("slipway.toml", Some(config)),
            ("Cargo.toml", Some(root)),
            ("cli/Cargo.toml", Some(cli)),
            ("other/Cargo.toml", Some(other)),
        ]);
        for (file, expect, because) in cases {
            origin.git(&["checkout", "-q", "-B", "main", &first]);
            let after = origin.commit(&[(file, Some("x"))]);
            let server = FakeGitHub::start().unwrap();
            origin.show(&server);
            for tag in ["root-v1.0.0", "cli-v1.0.0", "other-v1.0.0"] {
                server.add_tag(REPOSITORY, tag, &first);
            }
            let output = run(&push(&server, &origin, [&first, &after]));
            assert_eq!(built(&output), expect, "{file}");
            let told: Vec<Value> = entries(&output).into_iter().filter(|one| one["because"] == because).collect();
            assert!(because.is_empty() || told.len() == 1, "{file}: {}", output.outputs["components-json"]);
        }
    }
}

#[test]
fn what_a_component_is_built_with_is_read_from_all_its_manifests() {
    let origin = Origin::new();
    let toml =
        "[discover]\nfolders = [\"*\"]\n[[component]]\nname = \"named\"\npath = \"named\"\nmanifest = \"VERSION\"\n";
    let package = |name: &str| {
        format!("{{\"name\": \"{name}\", \"private\": true, \"dependencies\": {{\"lib\": \"workspace:*\"}}}}")
    };
    let (web, named) = (package("web"), package("named"));
    let first = origin.commit(&[
        ("slipway.toml", Some(toml)),
        ("pnpm-workspace.yaml", Some("packages: ['*']\n")),
        ("Cargo.toml", Some("[workspace]\nmembers = [\"rust\"]\n[workspace.dependencies]\nserde = \"1\"\n")),
        (
            "rust/Cargo.toml",
            Some("[package]\nname = \"rust\"\nversion = \"1.0.0\"\n[dependencies]\nserde.workspace = true\n"),
        ),
        ("lib/package.json", Some("{\"name\": \"lib\", \"version\": \"1.0.0\"}")),
        // Their versions are in a file of their own, and their dependencies in a manifest without one.
        ("web/VERSION", Some("1.0.0")),
        ("web/package.json", Some(&web)),
        ("named/VERSION", Some("1.0.0")),
        ("named/package.json", Some(&named)),
    ]);
    for (file, text, expect, because) in [
        ("lib/a.js", "x", "lib named web", "it is built with lib"),
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"rust\"]\n[workspace.dependencies]\nserde = \"2\"\n",
            "rust",
            "what it is built with is read from Cargo.toml, too",
        ),
    ] {
        origin.git(&["checkout", "-q", "-B", "main", &first]);
        let after = origin.commit(&[(file, Some(text))]);
        let server = FakeGitHub::start().unwrap();
        origin.show(&server);
        for tag in ["lib-v1.0.0", "rust-v1.0.0", "web-v1.0.0", "named-v1.0.0"] {
            server.add_tag(REPOSITORY, tag, &first);
        }
        let output = run(&push(&server, &origin, [&first, &after]));
        assert_eq!(built(&output), expect, "{file}");
        assert!(output.outputs["components-json"].contains(because), "{}", output.outputs["components-json"]);
        assert!(!output.stdout.contains("::warning"), "{}", output.stdout);
    }
}

#[test]
fn a_component_of_which_it_is_not_known_what_it_needs_is_built_and_said() {
    let origin = Origin::new();
    let project = |name: &str| format!("[project]\nname = \"{name}\"\nversion = \"1.0.0\"\n");
    let (api, web) = (project("api"), project("web"));
    let first = origin.commit(&[
        ("slipway.toml", Some(DISCOVER)),
        ("services/api/pyproject.toml", Some(&api)),
        ("services/api/setup.py", Some("setup()")),
        ("services/api/requirements.txt", Some("x==1\n# \u{7f}\n")),
        ("services/web/pyproject.toml", Some(&web)),
    ]);
    std::fs::write(origin.path().join("services/api/requirements.txt"), b"x==1\n\xff\xfe\n").unwrap();
    let after = origin.commit(&[("README.md", Some("x"))]);
    let last = origin.commit(&[("README.md", Some("y"))]);
    let server = FakeGitHub::start().unwrap();
    origin.show(&server);
    for tag in ["api-v1.0.0", "web-v1.0.0"] {
        server.add_tag(REPOSITORY, tag, &first);
    }
    let output = run(&push(&server, &origin, [&after, &last]));
    assert_eq!(built(&output), "api");
    let why = "services/api/requirements.txt, line 2: it is not UTF-8 text";
    assert_eq!(entries(&output)[0]["because"], format!("what it is built with is not known: {why}"));
    let told = format!(
        "::warning title=version-detect::What api is built with is not known, so it counts as changed: {why}; mend that"
    );
    assert!(output.stdout.contains(&told), "{}", output.stdout);
    assert!(output.summary.contains("What api is built with is not known"), "{}", output.summary);
}

#[test]
fn a_pushed_tag_builds_the_component_whose_it_is() {
    let server = FakeGitHub::start().unwrap();
    for tag in ["web-v1.0.0", "api-v1.4.0", "nightly"] {
        server.add_tag(REPOSITORY, tag, SHA);
    }
    let on = |tag: &str| {
        run(&runner(&server)
            .github("push", &format!("refs/tags/{tag}"), SHA, REPOSITORY)
            .event(json!({"before": "0".repeat(40)}))
            .file("slipway.toml", DISCOVER)
            .file("services/api/package.json", package("1.4.0"))
            .file("services/web/package.json", package("1.0.0")))
    };
    let web = on("web-v1.0.0");
    assert_eq!(built(&web), "web");
    let all = entries(&web);
    assert_eq!((&all[1]["publish"], &all[1]["because"]), (&true.into(), &"its tag web-v1.0.0 was pushed".into()));
    assert_eq!(all[0]["publish"], false);
    let other = on("nightly");
    assert_eq!(built(&other), "");
    assert!(other.stdout.contains("The tag nightly is the one of no component's version"), "{}", other.stdout);
    let wrong = on("web-v9.0.0");
    wrong.assert_code(2);
    assert!(wrong.stderr.contains("version-detect/tag-mismatch"), "{}", wrong.stderr);
}

#[test]
fn many_tags_of_which_one_is_elsewhere_are_told_one_by_one() {
    let server = FakeGitHub::start().unwrap();
    // The list does not know the tag yet, as in a race.
    let empty = testkit::http::Reply::json(200, &json!([]));
    server.faults().add(Fault::reply(empty).on("GET", "*/matching-refs/*").always());
    server.add_tag(REPOSITORY, "b-v1.0.0", OTHER);
    let step = ["a", "b", "c"]
        .iter()
        .fold(runner(&server).file("slipway.toml", DISCOVER).input("create-tag", "true"), |step, name| {
            step.file(&format!("services/{name}/VERSION"), "1.0.0")
        });
    let output = run(&step);
    output.assert_code(1);
    assert!(output.stderr.contains("version-detect/tags-left: 2 of 3 tags were created"), "{}", output.stderr);
    assert!(output.stderr.contains("created: a-v1.0.0, c-v1.0.0"), "{}", output.stderr);
    assert!(output.stderr.contains("left: b-v1.0.0"), "{}", output.stderr);
    assert_eq!(output.outputs["tag-created"], "true");
    assert_eq!(output.outputs["changed-components"], "[\"a\",\"b\",\"c\"]");
    for tag in ["a-v1.0.0", "c-v1.0.0"] {
        assert_eq!(server.tag(REPOSITORY, tag).as_deref(), Some(SHA));
    }
    assert_eq!(server.tag(REPOSITORY, "b-v1.0.0").as_deref(), Some(OTHER));
}

#[test]
fn a_cancelled_run_says_which_tags_are_there() {
    let server = FakeGitHub::start().unwrap();
    server.faults().add(Fault::delay(std::time::Duration::from_secs(1)).on("POST", "*/git/tags").nth(2));
    let step = ["a", "b", "c"].iter().fold(
        runner(&server)
            .file("slipway.toml", DISCOVER)
            .input("create-tag", "true")
            .input("tag-message", "Release {tag}")
            .env("RUNNER_DEBUG", "1"),
        |step, name| step.file(&format!("services/{name}/VERSION"), "1.0.0"),
    );
    let mut running = step.spawn(BINARY, [] as [&str; 0]);
    running.wait_for_output("/git/refs");
    running.interrupt();
    let output = running.finish();
    output.assert_code(130);
    assert!(output.stderr.contains("created: a-v1.0.0"), "{}", output.stderr);
    assert!(output.stderr.contains("left: b-v1.0.0, c-v1.0.0"), "{}", output.stderr);
    run(&step).assert_code(0);
}

#[test]
fn a_run_by_hand_in_a_clone_without_a_token_is_compared_with_its_own_line() {
    let origin = Origin::new();
    origin.commit(&[
        ("slipway.toml", Some(DISCOVER)),
        ("services/api/VERSION", Some("1.0.0")),
        ("services/web/VERSION", Some("1.0.0")),
    ]);
    origin.git(&["tag", "api-v1.0.0"]);
    origin.git(&["tag", "web-v1.0.0"]);
    origin.commit(&[("services/api/VERSION", Some("2.0.0"))]);
    origin.git(&["tag", "api-v2.0.0"]);
    origin.git(&["checkout", "-q", "-b", "release/1.x", "api-v1.0.0"]);
    let last = origin.commit(&[("services/web/a", Some("x"))]);
    let step =
        FakeRunner::new().github("workflow_dispatch", "refs/heads/release/1.x", &last, REPOSITORY).event(json!({}));
    crate::git(
        step.workspace(),
        &["clone", "-q", "-b", "release/1.x", &format!("file://{}", origin.path().display()), "."],
    );
    let output = run(&step.input("maintenance-branch", "release/**"));
    assert_eq!(built(&output), "web");
}

#[test]
fn outputs_that_no_job_can_pass_on_are_told() {
    let component = |n: usize| format!("[[component]]\nname = \"{}{n}\"\npath = \"s/{n}\"\n", "c".repeat(55));
    let patterns: Vec<String> = (0..1500).map(component).collect();
    let step = (0..1500).fold(
        FakeRunner::new().github("push", "refs/heads/main", SHA, REPOSITORY).file("slipway.toml", patterns.concat()),
        |step, n| step.file(&format!("s/{n}/VERSION"), "1.0.0"),
    );
    let output = run(&step);
    output.assert_code(0);
    assert!(output.stdout.contains("The output matrix has "), "{}", output.stdout.len());
    assert!(output.stdout.contains("1500 components are to be built, and a matrix has 256 jobs at most"));
}

#[cfg(unix)]
#[test]
fn what_git_has_as_one_path_is_seen_to_change() {
    let origin = Origin::new();
    let config = "[discover]\nfolders = [\"services/*\", \"modules/*/*\"]\n";
    let needs = |path: &str| format!("{{\"version\": \"1.0.0\", \"dependencies\": {{\"x\": \"file:{path}\"}}}}");
    std::fs::create_dir_all(origin.path().join("services")).unwrap();
    std::os::unix::fs::symlink("../libs/shared", origin.path().join("services/shared")).unwrap();
    std::os::unix::fs::symlink("../libs/proto", origin.path().join("services/proto")).unwrap();
    origin.commit(&[
        ("slipway.toml", Some(config)),
        ("libs/proto/a.proto", Some("")),
        ("services/cli/package.json", Some(&needs("../proto"))),
        ("libs/shared/package.json", Some("{\"name\": \"x\"}")),
        ("services/web/package.json", Some(&needs("../../libs/core"))),
        ("services/api/package.json", Some(&needs("../shared"))),
    ]);
    let submodule = |path: &str, to: &str| {
        std::fs::create_dir_all(origin.path().join(path)).unwrap();
        origin.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{to},{path}")]);
        origin.commit(&[])
    };
    let first = submodule("libs/core", OTHER);
    let server = FakeGitHub::start().unwrap();
    let concerned = |before: &str, after: &str| {
        origin.show(&server);
        let step = runner(&server)
            .github("push", "refs/heads/topic", after, REPOSITORY)
            .event(json!({"before": before, "repository": {"default_branch": "main"}}));
        origin.check_out(&step, after);
        let output = run(&step);
        output.assert_code(0);
        output.outputs["changed-components"].clone()
    };
    let moved = submodule("libs/core", &first);
    assert_eq!(concerned(&first, &moved), "[\"web\"]");
    let changed = origin.commit(&[("libs/shared/a.js", Some("x"))]);
    assert_eq!(concerned(&moved, &changed), "[\"api\"]");
    let before = changed;
    let changed = origin.commit(&[("libs/proto/a.proto", Some("x"))]);
    assert_eq!(concerned(&before, &changed), "[\"cli\"]", "also where no manifest is");
    let beside = origin.commit(&[("libs/other/a.js", Some("x"))]);
    assert_eq!(concerned(&changed, &beside), "[]");
}
