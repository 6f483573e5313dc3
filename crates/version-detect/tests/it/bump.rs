//! `version-detect bump`: the next snapshot, as one commit and a pull request.

use std::collections::BTreeMap;

use serde_json::json;
use testkit::github::Commit;
use testkit::http::Reply;
use testkit::{FakeGitHub, FakeRunner, Fault, RunOutput};

use crate::{BINARY, OTHER, REPOSITORY, annotations, package, runner};

/// A repository whose `develop`, at another commit than the run's, has these files.
pub(crate) fn server(files: &[(&str, &str)]) -> FakeGitHub {
    let server = FakeGitHub::start().unwrap();
    server.add_ref(REPOSITORY, "refs/heads/develop", OTHER);
    server.set_files(REPOSITORY, OTHER, files);
    server
}

pub(crate) fn step(server: &FakeGitHub) -> FakeRunner {
    runner(server).input("released-version", "1.1.0")
}

pub(crate) fn bump(runner: &FakeRunner) -> RunOutput {
    runner.run(BINARY, ["bump"])
}

fn writes(server: &FakeGitHub) -> usize {
    server.requests().iter().filter(|request| request.method != "GET").count()
}

#[track_caller]
fn refused(out: &RunOutput, exit: i32, code: &str) {
    out.assert_code(exit);
    assert!(out.stdout.contains(&format!("::error title={code}")), "{code}: {} {}", out.stdout, out.stderr);
}

/// The files after the bump: as `expect` has them, all others as they were.
#[track_caller]
fn check(files: &[(&str, &str)], inputs: &[(&str, &str)], expect: &[(&str, &str)]) {
    let server = server(files);
    let step = inputs.iter().fold(step(&server), |step, (name, value)| step.input(name, value));
    let out = bump(&step);
    out.assert_code(0);
    let mut wanted: BTreeMap<String, String> =
        files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    wanted.extend(expect.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())));
    assert_eq!(server.files(REPOSITORY, &out.outputs["branch"]), wanted, "{}", out.stderr);
    let mut paths: Vec<&str> = expect.iter().map(|(path, _)| *path).collect();
    paths.sort_unstable();
    assert_eq!(out.outputs["files"].lines().collect::<Vec<_>>(), paths);
    assert_eq!(server.files(REPOSITORY, "develop")[files[0].0], files[0].1);
}

#[test]
fn the_next_snapshot_is_proposed_and_a_second_run_finds_it_done() {
    let server = server(&[("package.json", &package("1.1.0-SNAPSHOT")), ("src/a.js", "1.1.0-SNAPSHOT")]);
    let first = bump(&step(&server));
    first.assert_code(0);
    let told = "::notice title=version-bump::pull request #1 proposes 1.2.0-SNAPSHOT after 1.1.0-SNAPSHOT";
    assert_eq!(annotations(&first), [told]);
    let branch = "slipway/next-1.2.0-SNAPSHOT";
    assert_eq!((first.outputs["branch"].as_str(), first.outputs["changed"].as_str()), (branch, "true"));
    assert_eq!(server.files(REPOSITORY, branch)["package.json"], package("1.2.0-SNAPSHOT"));
    let commit = server.commit(REPOSITORY, branch).unwrap();
    assert_eq!(
        (commit.parents.as_slice(), commit.message.as_str()),
        ([OTHER.to_owned()].as_slice(), "chore: begin 1.2.0-SNAPSHOT")
    );
    let pull = &server.pulls(REPOSITORY)[0];
    assert_eq!((pull["base"]["ref"].as_str(), pull["head"]["ref"].as_str()), (Some("develop"), Some(branch)));
    assert_eq!(server.refs(REPOSITORY)["refs/heads/develop"], OTHER);

    server.clear_requests();
    let second = bump(&step(&server));
    second.assert_code(0);
    assert!(second.stdout.contains("already done: pull request #1 proposes 1.2.0-SNAPSHOT"), "{}", second.stdout);
    assert_eq!(
        (writes(&server), second.outputs["pull-request"].as_str(), second.outputs["changed"].as_str()),
        (0, "1", "false")
    );
}

#[test]
fn a_branch_that_goes_on_already_is_left_alone() {
    for version in ["1.2.0-SNAPSHOT", "1.3.0-SNAPSHOT", "2.0.0"] {
        let server = server(&[("package.json", &package(version))]);
        let out = bump(&step(&server));
        out.assert_code(0);
        assert!(out.stdout.contains(&format!("already done: the snapshot branch has {version}")), "{}", out.stdout);
        assert_eq!((writes(&server), out.outputs["branch"].as_str()), (0, ""));
    }
}

#[test]
fn each_mode_has_its_number() {
    for (next, expect) in [
        ("next-patch", "1.1.1-SNAPSHOT"),
        ("next-minor", "1.2.0-SNAPSHOT"),
        ("next-major", "2.0.0-SNAPSHOT"),
        ("3.0.0-rc.1", "3.0.0-rc.1"),
    ] {
        check(&[("VERSION", "v1.1.0\n")], &[("next", next)], &[("VERSION", &format!("v{expect}\n"))]);
    }
}

#[test]
fn npm_has_the_version_in_its_lockfile_twice() {
    let lock = |version: &str| {
        format!(
            "{{\n  \"name\": \"shop\",\n  \"version\": \"{version}\",\n  \"packages\": {{\n    \"\": {{\n      \"version\": \"{version}\"\n    }},\n    \"node_modules/x\": {{\n      \"version\": \"1.1.0\"\n    }}\n  }}\n}}\n"
        )
    };
    let files = [("package.json", &*package("1.1.0")), ("package-lock.json", &lock("1.1.0"))];
    let mut after = lock("1.2.0-SNAPSHOT");
    after = after.replace(
        "node_modules/x\": {\n      \"version\": \"1.2.0-SNAPSHOT\"",
        "node_modules/x\": {\n      \"version\": \"1.1.0\"",
    );
    check(&files, &[], &[("package.json", &package("1.2.0-SNAPSHOT")), ("package-lock.json", &after)]);
    let root = "{\"version\": \"1.1.0\", \"packages\": {\"\": {}, \"web\": {\"version\": \"1.1.0\"}}}";
    let member = [("web/package.json", &*package("1.1.0")), ("package-lock.json", root)];
    let after = root.replace("\"web\": {\"version\": \"1.1.0\"}", "\"web\": {\"version\": \"1.2.0-SNAPSHOT\"}");
    check(
        &member,
        &[("working-directory", "./web")],
        &[("web/package.json", &package("1.2.0-SNAPSHOT")), ("package-lock.json", &after)],
    );
}

#[test]
fn maven_has_the_version_in_the_modules_that_name_their_parent() {
    let root = "<project>\r\n<groupId>g</groupId><artifactId>a</artifactId>\r\n<version>1.1.0-SNAPSHOT</version><!-- 1.1.0-SNAPSHOT -->\r\n</project>";
    let module = "<project><parent><groupId>g</groupId><artifactId>a</artifactId><version> 1.1.0-SNAPSHOT\n</version></parent><artifactId>m</artifactId>\
                  <dependencies><dependency><artifactId>a</artifactId><version>1.1.0-SNAPSHOT</version></dependency></dependencies></project>";
    let nested = "<project><parent><groupId>g</groupId><artifactId>m</artifactId><version>1.1.0-SNAPSHOT</version></parent>\
                  <artifactId>n</artifactId><version>1.1.0-SNAPSHOT</version></project>";
    let other = "<project><parent><groupId>h</groupId><artifactId>a</artifactId><version>1.1.0-SNAPSHOT</version></parent><artifactId>o</artifactId></project>";
    let files = [("pom.xml", root), ("m/pom.xml", module), ("m/n/pom.xml", nested), ("o/pom.xml", other)];
    let new = "1.2.0-SNAPSHOT";
    check(
        &files,
        &[],
        &[
            ("pom.xml", &root.replace("<version>1.1.0-SNAPSHOT", &format!("<version>{new}"))),
            ("m/pom.xml", &module.replacen("1.1.0-SNAPSHOT", new, 1)),
            ("m/n/pom.xml", &nested.replace("1.1.0-SNAPSHOT", new)),
        ],
    );
    let property = "<project><groupId>g</groupId><artifactId>a</artifactId><version>${revision}</version><properties><revision>1.1.0-SNAPSHOT</revision></properties></project>";
    check(&[("pom.xml", property)], &[], &[("pom.xml", &property.replace("1.1.0-SNAPSHOT", new))]);
}

#[test]
fn cargo_has_the_version_in_its_lockfile_and_in_what_members_ask_of_each_other() {
    let root = "[workspace]\nmembers = [\"a\", \"b\"]\n[workspace.package]\nversion = \"1.1.0\" # 1.1.0\n[workspace.dependencies]\na = { path = \"a\", version = \"=1.1.0\" }\nx = \"1.1.0\"\n";
    let member = |name: &str| format!("[package]\nname = \"{name}\"\nversion.workspace = true\n");
    let b = member("b") + "[dependencies]\na = { path = \"../a\", version = \"1.1.0\" }\n";
    let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.1.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.1.0\"\ndependencies = [\n \"a 1.1.0\",\n]\n\n[[package]]\nname = \"x\"\nversion = \"1.1.0\"\nsource = \"registry+https://example.com\"\n";
    let files = [("Cargo.toml", root), ("Cargo.lock", lock), ("a/Cargo.toml", &*member("a")), ("b/Cargo.toml", &b)];
    let new = "1.2.0-SNAPSHOT";
    let new_root =
        root.replace("version = \"1.1.0\" #", &format!("version = \"{new}\" #")).replace("=1.1.0", &format!("={new}"));
    let new_lock = lock
        .replacen("version = \"1.1.0\"", &format!("version = \"{new}\""), 2)
        .replace("\"a 1.1.0\"", &format!("\"a {new}\""));
    check(
        &files,
        &[],
        &[("Cargo.toml", &new_root), ("Cargo.lock", &new_lock), ("b/Cargo.toml", &b.replace("1.1.0", new))],
    );
}

#[test]
fn a_cargo_package_with_a_version_of_its_own_raises_no_other() {
    let root = "[workspace]\nmembers = [\"*\"]\n[workspace.package]\nversion = \"1.1.0\"\n";
    let a =
        "[package]\nname = \"a\"\nversion = \"1.1.0\"\n[dependencies]\nb = { path = \"../b\", version = \"1.1.0\" }\n";
    let b = "[package]\nname = \"b\"\nversion.workspace = true\n[dev-dependencies]\na = { path = \"../a\", version = \"1.1.0\" }\n";
    let nested =
        "[workspace]\n[workspace.package]\nversion = \"1.1.0\"\n[package]\nname = \"n\"\nversion.workspace = true\n";
    let lock = |a: &str, b: &str| {
        format!(
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"{a}\"\n\n[[package]]\nname = \"b\"\nversion = \"{b}\"\n\n[[package]]\nname = \"n\"\nversion = \"1.1.0\"\n"
        )
    };
    let before = lock("1.1.0", "1.1.0");
    let files = [
        ("Cargo.toml", root),
        ("Cargo.lock", &*before),
        ("a/Cargo.toml", a),
        ("b/Cargo.toml", b),
        ("n/Cargo.toml", nested),
    ];
    let new = "1.2.0-SNAPSHOT";
    let raised = |text: &str, name: &str| {
        let line = |found: &str| format!("{name} = {{ path = \"../{name}\", version = \"{found}\" }}");
        text.replace(&line("1.1.0"), &line(new))
    };
    check(
        &files,
        &[("working-directory", "a")],
        &[
            ("Cargo.lock", &lock(new, "1.1.0")),
            ("a/Cargo.toml", &a.replacen("1.1.0", new, 1)),
            ("b/Cargo.toml", &raised(b, "a")),
        ],
    );
    // The other way around: the workspace's version is that of `b` alone.
    check(
        &files,
        &[],
        &[
            ("Cargo.toml", &root.replace("1.1.0", new)),
            ("Cargo.lock", &lock("1.1.0", new)),
            ("a/Cargo.toml", &raised(a, "b")),
        ],
    );
}

#[test]
fn lerna_has_one_version_for_all_packages() {
    let lerna = "{\n  \"version\": \"1.1.0\",\n  \"packages\": [\"packages/*\", \"!packages/old\"]\n}\n";
    let root = "{\n  \"private\": true,\n  \"version\": \"1.1.0\",\n  \"devDependencies\": {\"@x/b\": \"^1.1.0\"}\n}\n";
    let a = "{\"name\": \"@x/a\", \"version\": \"1.1.0\", \"dependencies\": {\"@x/b\": \"~1.1.0\", \"left-pad\": \"1.1.0\", \"@x/old\": \"1.1.0\"}}\n";
    let b = "{\"name\": \"@x/b\", \"version\": \"1.1.0\", \"peerDependencies\": {\"@x/a\": \"workspace:^1.1.0\"}}\n";
    let other = "{\"name\": \"@x/c\", \"version\": \"2.0.0\", \"dependencies\": {\"@x/a\": \">=1.0.0 <1.1.0\"}}\n";
    let old = "{\"name\": \"@x/old\", \"version\": \"1.1.0\"}\n";
    let lock = "{\"version\": \"1.1.0\", \"packages\": {\"\": {\"version\": \"1.1.0\", \"devDependencies\": {\"@x/b\": \"^1.1.0\"}}, \
                \"packages/a\": {\"version\": \"1.1.0\", \"dependencies\": {\"@x/b\": \"~1.1.0\"}}, \"packages/b\": {\"version\": \"1.1.0\"}, \
                \"packages/old\": {\"version\": \"1.1.0\"}, \"node_modules/y\": {\"version\": \"1.1.0\", \"dependencies\": {\"@x/b\": \"1.1.0\"}}}}\n";
    let files = [
        ("lerna.json", lerna),
        ("package.json", root),
        ("package-lock.json", lock),
        ("packages/a/node_modules/z/package.json", a),
        ("packages/a/package.json", a),
        ("packages/b/package.json", b),
        ("packages/c/package.json", other),
        ("packages/old/package.json", old),
    ];
    let new = "1.2.0-SNAPSHOT";
    let kept = ["\"left-pad\": \"1.1.0\"", "\"@x/old\": \"1.1.0\""];
    let marked = |text: &str| {
        let mut text = kept.iter().fold(text.to_owned(), |text, kept| text.replace(kept, &kept.replace("1.1.0", "?")));
        let tail = text.find("\"packages/old\": {").unwrap_or(text.len());
        let rest = text.split_off(tail);
        text.replace("1.1.0", new).replace('?', "1.1.0") + &rest
    };
    check(
        &files,
        &[],
        &[
            ("lerna.json", &marked(lerna)),
            ("package.json", &marked(root)),
            ("package-lock.json", &marked(lock)),
            ("packages/a/package.json", &marked(a)),
            ("packages/b/package.json", &marked(b)),
        ],
    );
    // Without a list of its own it has the workspaces of npm, of pnpm, or its default.
    let plain = "{\"version\": \"1.1.0\"}";
    let member = "{\"name\": \"m\", \"version\": \"1.1.0\"}";
    let expect = |folder: &'static str| [("lerna.json", marked(plain)), (folder, marked(member))];
    for (list, text, path) in [
        ("package.json", "{\"private\": true, \"workspaces\": {\"packages\": [\"./libs/*/\"]}}", "libs/m/package.json"),
        ("pnpm-workspace.yaml", "packages:\n  - 'apps/**'\n", "apps/deep/m/package.json"),
        ("README.md", "", "packages/m/package.json"),
    ] {
        let files = [("lerna.json", plain), (list, text), (path, member), ("other/package.json", member)];
        let wanted = expect(path);
        let wanted: Vec<(&str, &str)> = wanted.iter().map(|(path, text)| (*path, text.as_str())).collect();
        check(&files, &[], &wanted);
    }
}

#[test]
fn a_module_that_github_cannot_be_given_is_refused_rather_than_left_behind() {
    let origin = crate::origin::Origin::new();
    let root = "<project><groupId>g</groupId><artifactId>a</artifactId><version>1.1.0</version></project>";
    let latin = |parent: &str| {
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><!-- caf\u{e9} --><project><parent><groupId>g</groupId><artifactId>{parent}</artifactId>\
             <version>1.1.0</version></parent><artifactId>m</artifactId></project>"
        );
        text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect::<Vec<u8>>()
    };
    std::fs::create_dir_all(origin.path().join("m")).unwrap();
    let server = FakeGitHub::start().unwrap();
    for (parent, code) in [("a", 2), ("other", 0)] {
        std::fs::write(origin.path().join("m/pom.xml"), latin(parent)).unwrap();
        let tip = origin.commit(&[("pom.xml", Some(root))]);
        origin.show(&server);
        server.add_ref(REPOSITORY, "refs/heads/develop", &tip);
        let out = bump(&step(&server).input("dry-run", "true"));
        out.assert_code(code);
        assert_eq!(out.stderr.contains("`1.1.0` is not written in `m/pom.xml` as it is"), code == 2, "{}", out.stderr);
    }
}

#[test]
fn every_ecosystem_has_its_spelling_at_its_place() {
    let pyproject = "[build-system]\nrequires = [\"setuptools\"]\n[project]\nname = \"a\"\nversion = '1.1.0.dev0'\n";
    check(&[("pyproject.toml", pyproject)], &[], &[("pyproject.toml", &pyproject.replace("1.1.0.dev0", "1.2.0.dev0"))]);
    let flit = "[build-system]\nrequires = [\"flit_core\"]\nbuild-backend = \"flit_core.buildapi\"\n[project]\nname = \"a\"\ndynamic = [\"version\"]\n";
    let module = "\"\"\"A.\"\"\"\n__version__ = \"1.1.0\"  # here\n";
    check(
        &[("pyproject.toml", flit), ("a/__init__.py", module)],
        &[],
        &[("a/__init__.py", &module.replace("1.1.0", "1.2.0.dev0"))],
    );
    let setup = "[metadata]\nname = a\nversion = 1.1.0\n";
    check(&[("setup.cfg", setup)], &[], &[("setup.cfg", &setup.replace("1.1.0", "1.2.0.dev0"))]);
    let gradle = "org.gradle.caching = true\nversion = 1.1.0-SNAPSHOT\n";
    check(&[("gradle.properties", gradle)], &[], &[("gradle.properties", &gradle.replace("1.1.0", "1.2.0"))]);
    let chart = "apiVersion: v2\nappVersion: \"1.1.0\"\nversion: \"1.1.0\" # the chart\n";
    check(
        &[("Chart.yaml", chart)],
        &[],
        &[("Chart.yaml", &chart.replace("version: \"1.1.0\" #", "version: \"1.2.0-SNAPSHOT\" #"))],
    );
    let project = "\u{feff}<Project Sdk=\"Microsoft.NET.Sdk\">\r\n  <PropertyGroup>\r\n    <Version>1.1.0</Version>\r\n  </PropertyGroup>\r\n</Project>\r\n";
    check(&[("a.csproj", project)], &[], &[("a.csproj", &project.replace("1.1.0", "1.2.0-SNAPSHOT"))]);
}

#[test]
fn a_version_that_is_put_together_is_not_replaced() {
    let pom = "<project><groupId>g</groupId><artifactId>a</artifactId><version>${x}.0</version><properties><x>1.1</x></properties></project>";
    for (name, text) in [
        ("pom.xml", pom),
        ("Cargo.toml", "[package]\nname = \"a\"\n"),
        ("Cargo.toml", "[package]\nname = \"a\"\nversion = \" 1.1.0\"\n"),
    ] {
        let server = server(&[(name, text)]);
        refused(&bump(&step(&server)), 2, "version-bump/not-writable");
        assert_eq!(writes(&server), 0, "{name}");
    }
}

#[test]
fn an_outdated_proposal_is_updated_and_a_foreign_one_is_not() {
    let server = server(&[("VERSION", "1.1.0-SNAPSHOT\n")]);
    bump(&step(&server)).assert_code(0);
    let branch = "slipway/next-1.2.0-SNAPSHOT";
    let tip = server.commit(REPOSITORY, branch).unwrap().sha;
    // Meanwhile the version went into another file on the branch of snapshots.
    server.set_files(REPOSITORY, OTHER, &[("VERSION", "# the version\n1.1.0-SNAPSHOT\n")]);
    let out = bump(&step(&server));
    out.assert_code(0);
    let commit = server.commit(REPOSITORY, branch).unwrap();
    assert_eq!((commit.parents.as_slice(), server.pulls(REPOSITORY).len()), ([tip].as_slice(), 1));
    assert_eq!(server.files(REPOSITORY, branch)["VERSION"], "# the version\n1.2.0-SNAPSHOT\n");

    let foreign = Commit {
        sha: "f".repeat(40),
        message: "fix: more".to_owned(),
        parents: vec![commit.sha.clone()],
        ..Commit::default()
    };
    server.add_history(REPOSITORY, foreign);
    server.set_files(REPOSITORY, &"f".repeat(40), &[("VERSION", "x\n")]);
    server.add_ref(REPOSITORY, &format!("refs/heads/{branch}"), &"f".repeat(40));
    server.clear_requests();
    let out = bump(&step(&server));
    refused(&out, 1, "version-bump/branch-in-use");
    assert!(out.stderr.contains("`fix: more`") && writes(&server) == 0, "{}", out.stderr);
}

#[test]
fn a_dry_run_and_a_component() {
    let server = server(&[("VERSION", "0.1.0"), ("api/VERSION", "1.1.0")]);
    let step = || step(&server).input("working-directory", "api").input("component", "api");
    let dry = bump(&step().input("dry-run", "true"));
    dry.assert_code(0);
    assert!(
        dry.stdout.contains("would propose 1.2.0-SNAPSHOT after 1.1.0 on the branch slipway/next-api-1.2.0-SNAPSHOT"),
        "{}",
        dry.stdout
    );
    assert_eq!((writes(&server), dry.outputs["files"].as_str()), (0, "api/VERSION"));
    bump(&step()).assert_code(0);
    assert_eq!(
        server.commit(REPOSITORY, "slipway/next-api-1.2.0-SNAPSHOT").unwrap().message,
        "chore(api): begin 1.2.0-SNAPSHOT"
    );
}

#[test]
fn what_cannot_be_proposed_says_why() {
    let server = server(&[("VERSION", "1.1.0")]);
    refused(&bump(&step(&server).without("INPUT_GITHUB_TOKEN")), 2, "version-bump/needs-token");
    refused(&bump(&step(&server).input("snapshot-branch", "next")), 2, "version-bump/no-branch");
    refused(&bump(&step(&server).input("working-directory", "none")), 2, "version-detect/no-manifest");
    let bad = bump(&runner(&server).input("working-directory", "../x").input("component", "a/b"));
    bad.assert_code(2);
    for name in ["released-version", "working-directory", "component"] {
        assert!(bad.stderr.contains(&format!("`{name}`")), "{name}: {}", bad.stderr);
    }
    let tree = json!({"sha": OTHER, "tree": [], "truncated": true});
    server.faults().add(Fault::reply(Reply::json(200, &tree)).on("GET", "*/git/trees/*"));
    refused(&bump(&step(&server)), 1, "version-bump/too-many-files");
    assert_eq!(writes(&server), 0);
    let words = json!({"message": "GitHub Actions is not permitted to create or approve pull requests."});
    server.faults().add(Fault::reply(Reply::json(403, &words)).on("POST", "*/pulls"));
    let out = bump(&step(&server));
    refused(&out, 1, "github/forbidden");
    assert!(out.stderr.contains("Allow GitHub Actions to create and approve pull requests"), "{}", out.stderr);
    bump(&step(&server)).assert_code(0);
    assert_eq!(server.pulls(REPOSITORY).len(), 1);
}

/// What is proposed on a branch with these files: the version and the file, or the code of the error.
fn proposed(files: &[(&str, &str)], inputs: &[(&str, &str)]) -> (String, String) {
    let server = server(files);
    let out = bump(&inputs.iter().fold(step(&server), |step, (name, value)| step.input(name, value)));
    let value = |name: &str| out.outputs.get(name).cloned().unwrap_or_default();
    (value("version"), value("files"))
}

#[test]
fn the_file_of_the_repository_says_what_snapshots_end_in() {
    let toml = "[version]\nsnapshot = [\"-dev\", \"-SNAPSHOT\"]\n";
    for there in ["1.1.0", "1.1.0-dev", "1.1.0-SNAPSHOT", "1.2.0-rc.1"] {
        let files = [("slipway.toml", toml), ("VERSION", there)];
        assert_eq!(proposed(&files, &[]), ("1.2.0-dev".to_owned(), "VERSION".to_owned()), "{there}");
    }
    for there in ["1.2.0-dev", "1.2.0-SNAPSHOT", "1.3.0-dev"] {
        let files = [("slipway.toml", toml), ("VERSION", there)];
        assert_eq!(proposed(&files, &[]), (there.to_owned(), String::new()), "{there}");
    }
    let python = ("setup.cfg", "[metadata]\nname = a\nversion = 1.1.0\n");
    assert_eq!(proposed(&[("slipway.toml", toml), python], &[]).0, "1.2.0.dev0");
    let server = server(&[("slipway.toml", "[version]\nsnapshot = [\"dev\"]\n"), ("VERSION", "1.1.0")]);
    refused(&bump(&step(&server)), 2, "version-detect/config-malformed,file=slipway.toml,line=2");
}

#[test]
fn a_component_is_bumped_in_its_own_folder() {
    let toml = "[discover]\nfolders = [\"services/**\", \"tools/*\", \"tools/*/*\"]\n[[component]]\nname = \"orders.v2\"\npath = \"services/orders\"\nmanifest = \"ORDERS\"\n";
    let files = [
        ("VERSION", "9.0.0"),
        ("services/api/VERSION", "1.1.0"),
        ("services/orders/ORDERS", "1.1.0"),
        ("services/orders/VERSION", "5.0.0"),
        ("services/web/VERSION", "1.1.0"),
        ("services/docs/README.md", "text"),
        ("services/team/api/VERSION", "1.1.0"),
        ("services/-rf/VERSION", "1.1.0"),
        ("services/target/made/VERSION", "1.1.0"),
        ("slipway.toml", toml),
        ("tools/web/package.json", "{\"private\": true}"),
        ("tools/team/gen/VERSION", "1.1.0"),
        ("tools/one/VERSION", "1.1.0"),
        ("services/one/VERSION", "1.1.0"),
    ];
    for (inputs, expect) in [
        (&[("component", "orders.v2")][..], "services/orders/ORDERS"),
        (&[("component", "web")], "services/web/VERSION"),
        // By the path below what the pattern names, as version-detect has it; what has no version is no component.
        (&[("component", "api")], "services/api/VERSION"),
        (&[("component", "team-api")], "services/team/api/VERSION"),
        (&[("component", "team-gen")], "tools/team/gen/VERSION"),
        (&[("working-directory", "services/orders")], "services/orders/ORDERS"),
        (&[("working-directory", "services/web")], "services/web/VERSION"),
    ] {
        assert_eq!(proposed(&files, inputs), ("1.2.0-SNAPSHOT".to_owned(), expect.to_owned()), "{inputs:?}");
    }
    let server = server(&files);
    for (name, advice) in [
        ("orders.v3", "did you mean `orders.v2`?"),
        ("docs", "the components are"),
        ("services-api", "the components are"),
        ("made", "the components are"),
    ] {
        let out = bump(&step(&server).input("component", name));
        refused(&out, 2, "version-detect/component-unknown");
        assert!(out.stderr.contains(advice), "{name}: {}", out.stderr);
        assert!(!out.stderr.contains("-rf"), "{name}: {}", out.stderr);
    }
    let twice = bump(&step(&server).input("component", "one"));
    refused(&twice, 2, "version-detect/component-overlap");
    assert!(
        twice.stderr.contains("the name `one` is that of the component in `services/one`, too"),
        "{}",
        twice.stderr
    );
    assert_eq!(writes(&server), 0);
}

#[test]
fn what_is_odd_about_the_next_version_is_told() {
    let server = server(&[("VERSION", "2.0.0-SNAPSHOT")]);
    let lower = bump(&step(&server).input("next", "1.0.0-SNAPSHOT"));
    refused(&lower, 2, "version-bump/not-higher,file=VERSION");
    assert!(
        lower.stderr.contains("`1.0.0-SNAPSHOT` is below `2.0.0-SNAPSHOT`, which `develop` has"),
        "{}",
        lower.stderr
    );
    let stable = bump(&step(&server).input("next", "2.0.0"));
    stable.assert_code(0);
    assert!(stable.stdout.contains("::warning title=version-bump::2.0.0 is no snapshot"), "{}", stable.stdout);
    let higher = self::server(&[("VERSION", "2.0.0")]);
    let left = bump(&step(&higher));
    left.assert_code(0);
    let told = "::warning title=version-bump::develop has 2.0.0, which is higher and no snapshot; nothing is proposed.";
    assert!(left.stdout.contains(told) && writes(&higher) == 0, "{}", left.stdout);
    let words = bump(&runner(&higher).input("released-version", "1x-docs"));
    words.assert_code(2);
    assert!(words.stderr.contains("its numbers cannot be told"), "{}", words.stderr);
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let server = server(&[("VERSION", "1.1.0")]);
    testkit::hostile::check_command(BINARY, "bump", || step(&server).input("dry-run", "true"));
}

#[test]
fn a_lost_race_is_looked_at_again_once() {
    let server = server(&[("VERSION", "1.1.0")]);
    server.add_ref(REPOSITORY, "refs/heads/slipway/next-1.2.0-SNAPSHOT", OTHER);
    // The first look does not see the branch yet.
    let unseen = || Fault::reply(Reply::json(404, &json!({"message": "Not Found"}))).on("GET", "*next-1*");
    server.faults().add(unseen());
    bump(&step(&server)).assert_code(0);
    assert_eq!(server.files(REPOSITORY, "slipway/next-1.2.0-SNAPSHOT")["VERSION"], "1.2.0-SNAPSHOT");
    let stuck = self::server(&[("VERSION", "1.1.0")]);
    let refusal =
        || Fault::reply(Reply::json(422, &json!({"message": "Reference already exists"}))).on("POST", "*/git/refs");
    stuck.add_ref(REPOSITORY, "refs/heads/slipway/next-1.2.0-SNAPSHOT", OTHER);
    stuck.faults().add(refusal().always());
    stuck.faults().add(
        Fault::reply(Reply::json(422, &json!({"message": "Update is not a fast forward"})))
            .on("PATCH", "*/git/refs/*")
            .always(),
    );
    refused(&bump(&step(&stuck)), 1, "version-bump/branch-moved");
}

#[test]
fn a_cancelled_run_begins_nothing_more() {
    let server = server(&[("VERSION", "1.1.0")]);
    server.faults().add(Fault::delay(std::time::Duration::from_secs(2)).on("POST", "*/git/trees"));
    let step = step(&server);
    let mut running = step.spawn(BINARY, ["bump"]);
    let started = std::time::Instant::now();
    while writes(&server) == 0 {
        assert!(started.elapsed().as_secs() < 30, "no tree is written");
        std::thread::yield_now();
    }
    running.interrupt();
    let out = running.finish();
    out.assert_code(130);
    let told = "version-bump/cancelled: cancelled before the branch `slipway/next-1.2.0-SNAPSHOT` was written";
    assert!(out.stderr.contains(told), "{}", out.stderr);
    assert!(server.pulls(REPOSITORY).is_empty());
}
