//! A release is not built with snapshots, in any ecosystem.

use testkit::FakeGitHub;

use crate::{OTHER, REPOSITORY, on_branch, on_pull, run, runner};

/// Files by path.
type Files<'a> = &'a [(&'a str, &'a str)];

#[test]
fn a_snapshot_of_any_ecosystem_is_refused_at_its_line() {
    let server = FakeGitHub::start().unwrap();
    let cases: [(Files<'_>, &str); 8] = [
        (
            &[
                (
                    "pom.xml",
                    "<project><groupId>g</groupId><artifactId>r</artifactId><version>1.0.0</version>\n<modules><module>core</module></modules></project>",
                ),
                (
                    "core/pom.xml",
                    "<project><groupId>g</groupId><artifactId>c</artifactId><version>1.0.0</version><dependencies>\n<dependency><groupId>x</groupId><artifactId>y</artifactId>\n<version>2.0-20240101.120000-3</version></dependency></dependencies></project>",
                ),
            ],
            "file=core/pom.xml,line=3",
        ),
        (
            &[("package.json", "{\"version\": \"1.0.0\", \"optionalDependencies\": {\n\"x\": \"2.0.0-SNAPSHOT\"}}")],
            "file=package.json,line=2",
        ),
        (
            &[(
                "Cargo.toml",
                "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[target.'cfg(unix)'.dependencies]\nx = \"=2.0.0-SNAPSHOT\"\n",
            )],
            "file=Cargo.toml,line=5",
        ),
        (
            &[("pyproject.toml", "[project]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"x==2.0.0.dev3\"]\n")],
            "file=pyproject.toml,line=4",
        ),
        (
            &[(
                "Chart.yaml",
                "apiVersion: v2\nname: a\nversion: 1.0.0\ndependencies:\n- name: x\n  version: 2.0.0-SNAPSHOT\n",
            )],
            "file=Chart.yaml,line=6",
        ),
        (
            &[("build.gradle", "version = '1.0.0'\ndependencies {\n  implementation \"g:x:2.0-SNAPSHOT\"\n}\n")],
            "file=build.gradle,line=3",
        ),
        (
            &[
                ("build.gradle.kts", "version = \"1.0.0\"\ndependencies { implementation(libs.x) }\n"),
                ("gradle/libs.versions.toml", "[libraries]\nx = \"g:x:2.0-SNAPSHOT\"\n"),
            ],
            "file=gradle/libs.versions.toml,line=2",
        ),
        (
            &[(
                "a.csproj",
                "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><Version>1.0.0</Version></PropertyGroup><ItemGroup>\n<PackageReference Include=\"x\" Version=\"2.0.0-SNAPSHOT\" /></ItemGroup></Project>",
            )],
            "file=a.csproj,line=2",
        ),
    ];
    for (files, place) in cases {
        let with_files =
            |runner| files.iter().fold(runner, |runner: testkit::FakeRunner, (path, text)| runner.file(path, *text));
        let output = run(&with_files(runner(&server)));
        output.assert_code(2);
        let annotation = format!("::error title=version-detect/snapshot-dependency,{place}");
        assert!(output.stdout.contains(&annotation), "{place}: {}", output.stdout);
        let pull = run(&with_files(on_pull(&server, "topic", "main")));
        pull.assert_code(0);
        assert!(pull.stdout.contains("branch main will refuse version 1.0.0: its dependency"), "{}", pull.stdout);
        run(&with_files(on_branch(&server, "topic"))).assert_code(0);
    }
}

#[test]
fn what_cannot_be_looked_at_is_said_and_all_snapshots_are_named() {
    let server = FakeGitHub::start().unwrap();
    let script = "version = '1.0.0'\ndependencies {\n  implementation \"g:x:$y\"\n}\n";
    let output = run(&runner(&server).file("build.gradle", script));
    output.assert_code(0);
    let said = "Not looked at for snapshots: 1 versions of build.gradle that its scripts put together.";
    assert!(output.summary.contains(said), "{}", output.summary);
    let both = "{\"version\": \"1.0.0\", \"dependencies\": {\n\"x\": \"2.0.0-SNAPSHOT\",\n\"y\": \"3.0.0-dev\",\n\"z\": \"4.0.0-dev\"}}";
    let output =
        run(&runner(&server).file("package.json", both).file("slipway.toml", "[version]\nsnapshot = [\"-dev\"]\n"));
    output.assert_code(2);
    assert!(output.stderr.contains("has the dependency `y` `3.0.0-dev`"), "{}", output.stderr);
    assert!(output.stderr.contains("also dependency z 4.0.0-dev in package.json, line 4"), "{}", output.stderr);
    assert!(!output.stderr.contains("2.0.0-SNAPSHOT"), "{}", output.stderr);
}

#[test]
fn a_manifest_without_a_version_says_what_the_release_is_built_with() {
    let server = FakeGitHub::start().unwrap();
    let package = "{\"name\": \"a\", \"dependencies\": {\n\"x\": \"2.0.0-SNAPSHOT\"}}";
    let project = "<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup>\n<PackageReference Include=\"x\" Version=\"2.0.0-SNAPSHOT\" /></ItemGroup></Project>";
    for (file, text) in [("package.json", package), ("a.csproj", project)] {
        let place = format!("::error title=version-detect/snapshot-dependency,file={file},line=2");
        let with = |runner: testkit::FakeRunner| run(&runner.file(file, text));
        for output in [
            with(runner(&server).file("VERSION", "1.0.0")),
            with(runner(&server).file("VERSION", "1.0.0").input("manifest", "VERSION")),
            with(runner(&server).input("version-command", "echo 1.0.0")),
        ] {
            output.assert_code(2);
            assert!(output.stdout.contains(&place), "{}", output.stdout);
        }
    }
}

#[test]
fn a_command_tells_the_version_of_the_projects_of_the_repository() {
    let server = FakeGitHub::start().unwrap();
    let module = |artifact: &str, inside: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>root</artifactId><version>0-SNAPSHOT</version></parent>\n<artifactId>{artifact}</artifactId><dependencies>\n{inside}</dependencies></project>"
        )
    };
    let root = "<project><groupId>g</groupId><artifactId>root</artifactId><version>0-SNAPSHOT</version><modules><module>core</module><module>web</module></modules></project>";
    let used = |name: &str, version: &str| {
        format!(
            "<dependency><groupId>g</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>"
        )
    };
    let maven = |more: &str| {
        let web = module("web", &format!("{}\n{more}", used("core", "${project.version}")));
        runner(&server)
            .input("version-command", "echo 1.0.0")
            .file("pom.xml", root)
            .file("core/pom.xml", module("core", ""))
            .file("web/pom.xml", web)
    };
    let output = run(&maven(""));
    output.assert_code(0);
    assert_eq!(output.outputs["publish"], "true");
    let said = "g:root 0-SNAPSHOT, whose version version-command tells";
    assert!(output.summary.contains(said), "{}", output.summary);
    // The module alone belongs to the same build.
    run(&maven("").input("working-directory", "web")).assert_code(0);
    for foreign in
        [maven(&used("x", "2.0-SNAPSHOT")), maven(&used("x", "2.0-SNAPSHOT")).input("working-directory", "web")]
    {
        let output = run(&foreign);
        output.assert_code(2);
        let place = "::error title=version-detect/snapshot-dependency,file=web/pom.xml,line=4";
        assert!(output.stdout.contains(place), "{}", output.stdout);
        assert!(!output.stderr.contains("0-SNAPSHOT in"), "{}", output.stderr);
    }

    // What has releases of its own is not of that version.
    let components = "[[component]]\nname = \"core\"\npath = \"core\"\n[[component]]\nname = \"web\"\npath = \"web\"\n";
    let released = maven("").file("slipway.toml", components).input("component", "web");
    let output = run(&released);
    output.assert_code(2);
    assert!(output.stdout.contains("version-detect/snapshot-dependency,file=web/pom.xml,line=3"), "{}", output.stdout);

    let own = "{\"name\": \"core\", \"version\": \"0.0.0-SNAPSHOT\"}";
    let package = |more: &str| {
        let text = format!("{{\"workspaces\": [\"core\"], \"dependencies\": {{\"core\": \"0.0.0-SNAPSHOT\"{more}}}}}");
        runner(&server).input("version-command", "echo 1.0.0").file("package.json", text).file("core/package.json", own)
    };
    run(&package("")).assert_code(0);
    run(&package(", \"x\": \"2.0.0-SNAPSHOT\"")).assert_code(2);
    let alone = "[[component]]\nname = \"core\"\npath = \"core\"\n[[component]]\nname = \"all\"\npath = \".\"\n";
    run(&package("").file("slipway.toml", alone).input("component", "all")).assert_code(2);
    let crates = |more: &str| {
        let text = format!(
            "[package]\nname = \"a\"\n[dependencies]\ncore = {{ path = \"core\", version = \"0.0.0-SNAPSHOT\" }}\n{more}"
        );
        let core = "[package]\nname = \"core\"\nversion = \"0.0.0-SNAPSHOT\"\n";
        runner(&server).input("version-command", "echo 1.0.0").file("Cargo.toml", text).file("core/Cargo.toml", core)
    };
    run(&crates("")).assert_code(0);
    run(&crates("x = \"=2.0.0-SNAPSHOT\"\n")).assert_code(2);
    run(&crates("").file("slipway.toml", alone).input("component", "all")).assert_code(2);
}

#[test]
fn what_was_released_stays_as_it_is() {
    let server = FakeGitHub::start().unwrap();
    server.add_tag(REPOSITORY, "v1.0.0", OTHER);
    let package = "{\"version\": \"1.0.0\", \"dependencies\": {\"x\": \"2.0.0-SNAPSHOT\"}}";
    let output = run(&runner(&server).file("package.json", package));
    output.assert_code(0);
    assert_eq!(output.outputs["publish"], "false");
}

#[test]
fn a_component_is_not_built_with_snapshots_either() {
    let server = FakeGitHub::start().unwrap();
    let config = "[[component]]\nname = \"a\"\npath = \"a\"\n[[component]]\nname = \"b\"\npath = \"b\"\n";
    let snapshot = "{\"version\": \"1.0.0\", \"dependencies\": {\n\"x\": \"2.0.0-SNAPSHOT\"}}";
    let output =
        run(&runner(&server).file("slipway.toml", config).file("a/package.json", snapshot).file("b/VERSION", "1.0.0"));
    output.assert_code(2);
    assert!(output.stderr.contains("component `a`: the release"), "{}", output.stderr);
}

#[test]
fn a_component_is_held_to_what_it_is_built_with_and_to_nothing_else() {
    let server = FakeGitHub::start().unwrap();
    let config = "preset = \"trunk\"\n[[component]]\nname = \"parent\"\npath = \".\"\n[[component]]\nname = \"svc\"\npath = \"svc\"\n";
    let pom = |artifact: &str, version: &str, inside: &str| {
        format!(
            "<project><groupId>g</groupId><artifactId>{artifact}</artifactId><version>{version}</version>\n{inside}</project>"
        )
    };
    let parent = pom("parent", "1.0.0", "<modules><module>svc</module></modules>");
    let used =
        "<dependency><groupId>g</groupId><artifactId>lib</artifactId><version>1.1.0-SNAPSHOT</version></dependency>";
    let svc = |version: &str| pom("svc", version, &format!("<dependencies>{used}</dependencies>"));
    let with = |version: &str, runner: testkit::FakeRunner| {
        runner.file("slipway.toml", config).file("pom.xml", &*parent).file("svc/pom.xml", svc(version))
    };
    run(&with("1.1.0-SNAPSHOT", runner(&server))).assert_code(0);
    run(&with("1.1.0-SNAPSHOT", runner(&server).input("component", "parent"))).assert_code(0);
    run(&with("1.1.0", runner(&server).input("component", "parent"))).assert_code(0);
    let output = run(&with("1.1.0", runner(&server)));
    output.assert_code(2);
    assert!(output.stderr.contains("component `svc`: the release"), "{}", output.stderr);

    let config = "preset = \"trunk\"\n[discover]\nfolders = [\"crates/*\"]\n";
    let web = "[package]\nname = \"web\"\nversion = \"1.0.0\"\n[dependencies]\ncore = { path = \"../core\" }\n";
    let core = "[package]\nname = \"core\"\nversion = \"1.1.0-SNAPSHOT\"\n";
    let runner = runner(&server).file("crates/web/Cargo.toml", web).file("crates/core/Cargo.toml", core);
    let output = run(&runner.file("slipway.toml", config).input("component", "web"));
    output.assert_code(2);
    let annotation = "::error title=version-detect/snapshot-dependency,file=crates/web/Cargo.toml,line=5";
    assert!(output.stdout.contains(annotation), "{}", output.stdout);
    assert!(output.stderr.contains("has the dependency `core` `1.1.0-SNAPSHOT`"), "{}", output.stderr);
}

#[test]
fn components_that_are_built_with_too_much_are_named() {
    let server = FakeGitHub::start().unwrap();
    let config = "[[component]]\nname = \"big\"\npath = \"big\"\n[[component]]\nname = \"small\"\npath = \"small\"\n";
    let many: Vec<String> = (0..1_001).map(|n| format!("l{n} = {{ path = \"../l/{n}\" }}\n")).collect();
    let many = many.concat();
    let big = format!("[package]\nname = \"big\"\nversion = \"1.0.0\"\n[dependencies]\n{many}");
    let small = "[package]\nname = \"small\"\nversion = \"1.0.0\"\n";
    let runner =
        runner(&server).file("slipway.toml", config).file("big/Cargo.toml", big).file("small/Cargo.toml", small);
    let with = |runner, n| -> testkit::FakeRunner {
        let runner: testkit::FakeRunner = runner;
        runner.file(&format!("l/{n}/Cargo.toml"), format!("[package]\nname = \"l{n}\"\nversion = \"1.0.0\"\n"))
    };
    let runner = (0..1_001).fold(runner, with);
    let all = run(&runner);
    all.assert_code(0);
    let warning = |whose: &str| format!("::Not all that {whose} is built with was looked at for snapshots, because");
    assert!(all.stdout.contains(&warning("big")), "{}", all.stdout);
    let one = run(&runner.input("component", "big"));
    one.assert_code(0);
    assert!(one.stdout.contains(&warning("the project")), "{}", one.stdout);
}

#[test]
fn a_snapshot_that_is_named_in_the_advice_is_let_through() {
    let server = FakeGitHub::start().unwrap();
    let package = "{\"name\": \"a\", \"version\": \"1.0.0\", \"dependencies\": {\n\"@x/y\": \"2.0.0-SNAPSHOT\"}}";
    let with = |config: &str| runner(&server).file("package.json", package).file("slipway.toml", config);
    let refused = run(&with(""));
    refused.assert_code(2);
    let advice = "below [version]: allow-snapshots = [\"@x/y\"]";
    assert!(refused.stderr.contains(advice), "{}", refused.stderr);
    let output = run(&with("[version]\nallow-snapshots = [\"@x/y\"]\n"));
    output.assert_code(0);
    assert!(output.summary.contains("x/y 2.0.0-SNAPSHOT, which allow-snapshots names"), "{}", output.summary);
    let own = "[[component]]\nname = \"a\"\npath = \".\"\nallow-snapshots = [\"@x/*\"]\n";
    run(&with(own)).assert_code(0);
    run(&with(own).input("component", "a")).assert_code(0);
    run(&with("[version]\nallow-snapshots = [\"y\"]\n")).assert_code(2);
}

#[test]
fn the_advice_names_all_snapshots() {
    let server = FakeGitHub::start().unwrap();
    let package =
        "{\"version\": \"1.0.0\", \"dependencies\": {\n\"a\": \"2.0.0-SNAPSHOT\",\n\"b\": \"3.0.0-SNAPSHOT\"}}";
    let refused = run(&runner(&server).file("package.json", package));
    refused.assert_code(2);
    assert!(refused.stderr.contains("allow-snapshots = [\"a\", \"b\"]"), "{}", refused.stderr);
}

#[test]
fn what_a_release_does_not_hold_on_to_is_a_warning() {
    let server = FakeGitHub::start().unwrap();
    let package = "{\"version\": \"1.0.0\", \"devDependencies\": {\n\"x\": \"2.0.0-SNAPSHOT\"}, \"peerDependencies\": {\n\"y\": \">=3.0.0-SNAPSHOT\"}}";
    let output = run(&runner(&server).file("package.json", package));
    output.assert_code(0);
    for warning in [
        "::Development dependency x 2.0.0-SNAPSHOT in package.json, line 2 takes a snapshot, ",
        "::Dependency y >=3.0.0-SNAPSHOT in package.json, line 3 takes a snapshot, ",
    ] {
        assert!(output.stdout.contains(warning), "{}", output.stdout);
    }
    assert_eq!(output.outputs["publish"], "true");
    let elsewhere = run(&on_branch(&server, "topic").file("package.json", package));
    elsewhere.assert_code(0);
    assert!(!elsewhere.stdout.contains("takes a snapshot"), "{}", elsewhere.stdout);
}
