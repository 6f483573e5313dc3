//! What each ecosystem asks for, and where that stands.
#![allow(clippy::format_collect, reason = "short texts, made for a test")]

use std::path::Path;

use proptest::prelude::*;
use testkit::budget::{Share, Work, cases};

use super::{MOST_NEEDS, of};
use crate::manifest::memory::{Memory, snapshots, snapshots_with, unseen};
use crate::manifest::{Ecosystem, Files, Reader, resolve};

#[track_caller]
fn check(files: &[(&str, &str)], manifest: &str, expect: &[&str]) {
    assert_eq!(snapshots(files, manifest), expect);
}

/// A pom with a version; `inside` stands below it.
fn pom(artifact: &str, inside: &str) -> String {
    format!(
        "<project><groupId>g</groupId><artifactId>{artifact}</artifactId>\n<version>1.0.0</version>\n{inside}\n</project>"
    )
}

fn dependency(artifact: &str, version: &str) -> String {
    format!(
        "<dependency><groupId>x</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency>"
    )
}

#[test]
fn a_release_of_maven_is_the_whole_reactor() {
    let root = pom(
        "root",
        "<packaging>pom</packaging>\n<modules><module>core</module><module>web/pom.xml</module><module>gone</module></modules>",
    );
    let core = pom("core", &format!("<dependencies>\n{}</dependencies>", dependency("y", "2.0-snapshot")));
    let web = pom("web", "<modules><module>deep</module></modules>");
    let deep = pom("deep", &format!("<dependencies>{}</dependencies>", dependency("z", "2.0-20240101.120000-3")));
    let files =
        [("pom.xml", root.as_str()), ("core/pom.xml", &core), ("web/pom.xml", &web), ("web/deep/pom.xml", &deep)];
    check(
        &files,
        "pom.xml",
        &["dependency x:y 2.0-snapshot@core/pom.xml:4", "dependency x:z 2.0-20240101.120000-3@web/deep/pom.xml:3"],
    );
    check(&files, "web/pom.xml", &["dependency x:z 2.0-20240101.120000-3@web/deep/pom.xml:3"]);
    assert_eq!(unseen(&files, "pom.xml"), ["the module `gone` of pom.xml, which is not there"]);
}

#[test]
fn modules_that_lead_in_circles_end() {
    let root = pom("root", "<modules><module>.</module><module>a</module></modules>");
    let a = pom(
        "a",
        &format!(
            "<modules><module>..</module></modules><dependencies>{}</dependencies>",
            dependency("y", "1-SNAPSHOT")
        ),
    );
    check(&[("pom.xml", &root), ("a/pom.xml", &a)], "pom.xml", &["dependency x:y 1-SNAPSHOT@a/pom.xml:3"]);
}

#[test]
fn profiles_count_where_they_are_active() {
    let profile = |id: &str, activation: &str, artifact: &str| {
        format!(
            "<profile><id>{id}</id><activation>{activation}</activation><dependencies>{}</dependencies></profile>\n",
            dependency(artifact, "2-SNAPSHOT")
        )
    };
    let profiles = |list: &[String]| pom("a", &format!("<profiles>\n{}</profiles>", list.concat()));
    let by_default = profile("a", "<activeByDefault>true</activeByDefault>", "default");
    let off = profile("b", "<property><name>nope</name></property>", "off");
    let on = profile("c", "<property><name>yes</name></property>", "on");
    let machine = profile("d", "<os><family>mac</family></os>", "machine");
    let active = profiles(&[by_default.clone(), off.clone()]);
    check(&[("pom.xml", &active)], "pom.xml", &["dependency x:default 2-SNAPSHOT@pom.xml:4"]);
    let other = profiles(&[by_default, on]);
    check(
        &[("pom.xml", &other), (".mvn/maven.config", "-Dyes=1")],
        "pom.xml",
        &["dependency x:on 2-SNAPSHOT@pom.xml:5"],
    );
    let unknown = profiles(&[machine, off]);
    let files = [("pom.xml", unknown.as_str())];
    check(&files, "pom.xml", &[]);
    assert_eq!(
        unseen(&files, "pom.xml"),
        ["a profile of pom.xml, line 4: its activity depends on the operating system"]
    );
}

#[test]
fn versions_that_other_poms_tell_are_counted() {
    let own = pom(
        "a",
        "<dependencies><dependency><groupId>x</groupId><artifactId>y</artifactId></dependency></dependencies><build><plugins><plugin><artifactId>maven-jar-plugin</artifactId></plugin><plugin><groupId>g</groupId><artifactId>p</artifactId><version>1</version><dependencies><dependency><groupId>x</groupId><artifactId>z</artifactId><version>3-SNAPSHOT</version></dependency></dependencies></plugin></plugins></build>",
    );
    let files = [("pom.xml", own.as_str())];
    check(&files, "pom.xml", &["dependency x:z 3-SNAPSHOT@pom.xml:3"]);
    assert_eq!(unseen(&files, "pom.xml"), ["1 versions of pom.xml that its poms in this repository do not tell"]);
}

#[test]
fn every_section_of_a_package_counts() {
    let package = "{\n\"name\": \"a\",\n\"version\": \"1.0.0\",\n\"dependencies\": {\"b\": \"2.0.0-SNAPSHOT\", \"c\": \"^1.0.0\"},\n\"devDependencies\": {\n\"d\": \"npm:other@3.0.0-SNAPSHOT\",\n\"g\": \"workspace:4.0.0-SNAPSHOT\"},\n\"peerDependencies\": {\"e\": \">=1 <2.0.0-SNAPSHOT\"},\n\"overrides\": {\"f\": \"=2.0.0-SNAPSHOT\", \"h\": {\"i\": \"1\"}}}";
    check(
        &[("package.json", package)],
        "package.json",
        &[
            "dependency b 2.0.0-SNAPSHOT@package.json:4",
            "dependency f =2.0.0-SNAPSHOT@package.json:9",
            "loose development dependency other 3.0.0-SNAPSHOT@package.json:6",
            "loose development dependency g 4.0.0-SNAPSHOT@package.json:7",
        ],
    );
    let with_folder = "{\"version\": \"1.0.0\", \"dependencies\": {\"b\": \"file:../b\"}}";
    let other = "{\"name\": \"b\", \"optionalDependencies\": {\"x\": \"1.0.0-SNAPSHOT\"}}";
    check(
        &[("a/package.json", with_folder), ("b/package.json", other)],
        "a/package.json",
        &["dependency x 1.0.0-SNAPSHOT@b/package.json:1"],
    );
}

#[test]
fn every_table_of_cargo_counts() {
    let root = "[workspace]\nmembers = [\"crates/*\", \"tools\"]\n[workspace.package]\nversion = \"1.0.0\"\n[workspace.dependencies]\nshared = \"=2.0.0-SNAPSHOT\"\nunused = \"=3.0.0-SNAPSHOT\"\n";
    let own = "[package]\nname = \"a\"\nversion.workspace = true\n[dependencies]\nshared.workspace = true\n[target.'cfg(unix)'.build-dependencies]\nt = { version = \"1.0.0-SNAPSHOT\", features = [\"x\"] }\n";
    let tools = "[package]\nname = \"tools\"\nversion = \"1.0.0\"\n[dev-dependencies]\nd = \"4.0.0-SNAPSHOT\"\na = { path = \"../crates/a\" }\n";
    let files = [("Cargo.toml", root), ("crates/a/Cargo.toml", own), ("tools/Cargo.toml", tools)];
    let of_a = ["dependency shared =2.0.0-SNAPSHOT@Cargo.toml:6", "dependency t 1.0.0-SNAPSHOT@crates/a/Cargo.toml:7"];
    let of_tools = "loose development dependency d 4.0.0-SNAPSHOT@tools/Cargo.toml:5";
    check(&files, "crates/a/Cargo.toml", &of_a);
    check(&files, "Cargo.toml", &[of_a[0], of_a[1], of_tools]);
    let for_tests = of_a.map(|used| format!("loose development {used}"));
    check(&files, "tools/Cargo.toml", &[of_tools, &for_tests[0], &for_tests[1]]);
}

#[test]
fn requirements_of_python_count_wherever_they_are_written() {
    let project = "[build-system]\nrequires = [\"hatchling==1.0.dev1\"]\n[project]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n\"b[x]==2.0.0.dev3 ; python_version > '3'\",\n\"c<3.0.dev0\", \"d @ https://example.com/d-1.0.dev1.whl\"]\n[project.optional-dependencies]\ne = [\"f~=1.0.dev2\"]\n";
    check(
        &[("pyproject.toml", project)],
        "pyproject.toml",
        &[
            "dependency b ==2.0.0.dev3@pyproject.toml:7",
            "dependency hatchling ==1.0.dev1@pyproject.toml:2",
            "dependency f ~=1.0.dev2@pyproject.toml:10",
        ],
    );
    let poetry = "[tool.poetry]\nname = \"a\"\nversion = \"1.0.0\"\n[tool.poetry.dependencies]\npython = \"^3.9\"\nb = \"^2.0.dev0\"\nc = { path = \"../c\" }\nd = [{ version = \"1.0.dev1\", python = \"<3\" }]\n";
    let c = "[project]\nname = \"c\"\nversion = \"1.0.0\"\ndependencies = [\"x===1.dev4\"]\n";
    check(
        &[("a/pyproject.toml", poetry), ("c/pyproject.toml", c)],
        "a/pyproject.toml",
        &[
            "dependency b ^2.0.dev0@a/pyproject.toml:6",
            "dependency d 1.0.dev1@a/pyproject.toml:8",
            "dependency x ===1.dev4@c/pyproject.toml:4",
        ],
    );
}

#[test]
fn files_of_requirements_are_followed() {
    let config =
        "[metadata]\nname = a\nversion = 1.0.0\n[options]\ninstall_requires =\n  b\n  # a comment\n  c==1.dev0\n";
    let files = [
        ("setup.cfg", config),
        ("setup.py", "setup()"),
        ("requirements.txt", "# x\n-r more.txt\nd==2.0.dev1 --hash=sha256:0\n"),
        ("more.txt", "e>=1.0.dev1\n-r requirements.txt\n-r ../../outside.txt\n"),
    ];
    check(
        &files,
        "setup.cfg",
        &[
            "dependency c ==1.dev0@setup.cfg:8",
            "dependency d ==2.0.dev1@requirements.txt:3",
            "loose dependency e >=1.0.dev1@more.txt:1",
        ],
    );
}

#[test]
fn charts_of_both_versions_count() {
    let chart = "version: 1.0.0\ndependencies:\n  - name: b\n    version: ~2.0.0-SNAPSHOT\n    repository: https://x\n  - name: c\n    version: 1.0.0\n    repository: file://../c\n";
    let older = "dependencies:\n- name: d\n  version: \"3.0.0-SNAPSHOT\"\n";
    let c = "version: 1.0.0\ndependencies: [{name: e, version: 4.0.0-SNAPSHOT}]\n";
    check(
        &[("a/Chart.yaml", chart), ("a/requirements.yaml", older), ("c/Chart.yaml", c)],
        "a/Chart.yaml",
        &[
            "dependency b ~2.0.0-SNAPSHOT@a/Chart.yaml:4",
            "dependency d 3.0.0-SNAPSHOT@a/requirements.yaml:3",
            "dependency e 4.0.0-SNAPSHOT@c/Chart.yaml:2",
        ],
    );
}

#[test]
fn scripts_of_gradle_count_as_far_as_they_write_versions_out() {
    let script = "plugins {\n    id 'x.y' version '1.0-SNAPSHOT'\n    alias(libs.plugins.tool)\n}\nversion = '1.0.0'\ndef note = 'a:b:9-SNAPSHOT'\ndependencies {\n    implementation 'g:a:2.0-SNAPSHOT'\n    api(\"g:b:${v}\")\n    testImplementation group: 'g', name: 'c', version: '3-SNAPSHOT'\n    implementation libs.one.two.get()\n    implementation(libs.bundles.all)\n    implementation('g:d:1.0') { exclude module: 'e' }\n    implementation project(':sub')\n}\n";
    let catalog = "[versions]\nv = \"5-SNAPSHOT\"\n[libraries]\none-two = { module = \"g:one\", version.ref = \"v\" }\nthree = \"g:three:6-SNAPSHOT\"\nunused = \"g:u:7-SNAPSHOT\"\n[plugins]\ntool = { id = \"tool\", version = \"8-SNAPSHOT\" }\n[bundles]\nall = [\"three\"]\n";
    let sub = "dependencies { runtimeOnly(\"g:f:4-20240101.120000-1\") }";
    let files = [
        ("build.gradle", script),
        ("settings.gradle", "include 'sub', ':other'"),
        ("sub/build.gradle.kts", sub),
        ("gradle/libs.versions.toml", catalog),
    ];
    let of_sub = "dependency g:f 4-20240101.120000-1@sub/build.gradle.kts:1";
    check(
        &files,
        "build.gradle",
        &[
            "plugin x.y 1.0-SNAPSHOT@build.gradle:2",
            "plugin tool 8-SNAPSHOT@gradle/libs.versions.toml:8",
            "dependency g:a 2.0-SNAPSHOT@build.gradle:8",
            "dependency c 3-SNAPSHOT@build.gradle:10",
            "dependency g:one 5-SNAPSHOT@gradle/libs.versions.toml:2",
            "dependency g:three 6-SNAPSHOT@gradle/libs.versions.toml:5",
            of_sub,
        ],
    );
    assert_eq!(unseen(&files, "build.gradle"), ["1 versions of build.gradle that its scripts put together"]);
    let found =
        snapshots(&[("sub/gradle.properties", "version=1.0.0"), files[0], files[1], files[2]], "sub/gradle.properties");
    assert_eq!(found, ["plugin x.y 1.0-SNAPSHOT@build.gradle:2", of_sub]);
}

#[test]
fn packages_of_dotnet_count_with_their_managed_versions() {
    let packages = "<Project><PropertyGroup><B>2.0.0-SNAPSHOT</B></PropertyGroup><ItemGroup>\n<PackageVersion Include=\"b\" Version=\"$(B)\" />\n<PackageVersion Include=\"unused\" Version=\"9-SNAPSHOT\" /></ItemGroup></Project>";
    let own = "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><Version>1.0.0</Version></PropertyGroup><ItemGroup>\n<PackageReference Include=\"a\" Version=\"[1.0.0-snapshot]\" />\n<PackageReference Include=\"B\" />\n<PackageReference Include=\"c\"><Version>3.0.0</Version></PackageReference>\n<PackageReference Include=\"d\" Version=\"$(NOPE_X)\" />\n<ProjectReference Include=\"..\\lib\\lib.csproj\" /></ItemGroup></Project>";
    let lib = "<Project Sdk=\"Microsoft.NET.Sdk\"><ItemGroup><PackageReference Include=\"e\" Version=\"4.0.0-SNAPSHOT\" /></ItemGroup></Project>";
    let files = [("Directory.Packages.props", packages), ("app/app.csproj", own), ("lib/lib.csproj", lib)];
    check(
        &files,
        "app/app.csproj",
        &[
            "dependency a [1.0.0-snapshot]@app/app.csproj:2",
            "dependency B 2.0.0-SNAPSHOT@Directory.Packages.props:2",
            "dependency e 4.0.0-SNAPSHOT@lib/lib.csproj:1",
        ],
    );
    assert_eq!(unseen(&files, "app/app.csproj"), ["1 versions of app/app.csproj that the files do not tell"]);
}

#[test]
fn a_project_of_this_repository_that_is_a_snapshot_is_one() {
    let name = |name: &str, version: &str| format!("{{\"name\": \"{name}\", \"version\": \"{version}\"}}");
    let (core, other) = (name("@x/core", "1.1.0-SNAPSHOT"), name("other", "1.0.0"));
    let web =
        "{\"version\": \"1.0.0\", \"dependencies\": {\n\"@x/core\": \"workspace:*\",\n\"other\": \"workspace:^\"}}";
    let any = "{\"version\": \"1.0.0\", \"dependencies\": {\n\"@x/core\": \"*\", \"elsewhere\": \"*\"}}";
    let path = "{\"version\": \"1.0.0\", \"devDependencies\": {\n\"c\": \"file:../core\"}}";
    let npm = [
        ("package.json", "{\"workspaces\": [\"packages/*\"]}"),
        ("packages/web/package.json", web),
        ("packages/any/package.json", any),
        ("packages/path/package.json", path),
        ("packages/core/package.json", &core),
        ("packages/other/package.json", &other),
    ];
    check(&npm, "packages/web/package.json", &["dependency @x/core 1.1.0-SNAPSHOT@packages/web/package.json:2"]);
    check(&npm, "packages/any/package.json", &["dependency @x/core 1.1.0-SNAPSHOT@packages/any/package.json:2"]);
    check(
        &npm,
        "packages/path/package.json",
        &["loose development dependency c 1.1.0-SNAPSHOT@packages/path/package.json:2"],
    );
    let cargo = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"core\", \"web\"]\n[workspace.dependencies]\ncore = { path = \"core\" }\n",
        ),
        ("core/Cargo.toml", "[package]\nname = \"core\"\nversion = \"1.1.0-SNAPSHOT\"\n"),
        ("web/Cargo.toml", "[package]\nname = \"web\"\nversion = \"1.0.0\"\n[dependencies]\ncore.workspace = true\n"),
        (
            "app/Cargo.toml",
            "[package]\nname = \"app\"\nversion = \"1.0.0\"\n[dependencies]\nc = { path = \"../core\", package = \"core\", version = \"=1.1.0-SNAPSHOT\" }\n",
        ),
    ];
    check(&cargo, "web/Cargo.toml", &["dependency core 1.1.0-SNAPSHOT@Cargo.toml:4"]);
    check(&cargo, "app/Cargo.toml", &["dependency core =1.1.0-SNAPSHOT@app/Cargo.toml:5"]);
    let python = [
        ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"packages/*\"]\nexclude = [\"packages/old\"]\n"),
        ("packages/core/pyproject.toml", "[project]\nname = \"acme.core\"\nversion = \"1.1.0.dev0\"\n"),
        ("packages/old/pyproject.toml", "[project]\nname = \"old\"\nversion = \"1.1.0.dev0\"\n"),
        (
            "packages/web/pyproject.toml",
            "[project]\nname = \"web\"\nversion = \"1.0.0\"\ndependencies = [\"Acme_Core\", \"old\"]\n[tool.uv.sources]\nacme-core = { workspace = true }\nold = { workspace = true }\n",
        ),
        (
            "packages/lint/pyproject.toml",
            "[project]\nname = \"lint\"\nversion = \"1.0.0\"\n[dependency-groups]\ndev = [\"acme-core\"]\n[tool.uv.sources]\nacme-core = { workspace = true }\n",
        ),
    ];
    check(&python, "packages/web/pyproject.toml", &["dependency acme-core 1.1.0.dev0@packages/web/pyproject.toml:6"]);
    check(
        &python,
        "packages/lint/pyproject.toml",
        &["loose development dependency acme-core 1.1.0.dev0@packages/lint/pyproject.toml:7"],
    );
    let gradle = [
        ("settings.gradle", "include ':core', ':web'"),
        ("core/build.gradle", "version = '1.1.0-SNAPSHOT'"),
        ("web/build.gradle", "version = '1.0.0'\ndependencies {\n  api project(':core')\n}"),
    ];
    check(&gradle, "web/build.gradle", &["dependency :core 1.1.0-SNAPSHOT@web/build.gradle:3"]);
    let project = |inside: &str| format!("<Project Sdk=\"Microsoft.NET.Sdk\">\n{inside}</Project>");
    let version = |version: &str| format!("<PropertyGroup><Version>{version}</Version></PropertyGroup>");
    let web = project(&format!(
        "{}<ItemGroup>\n<ProjectReference Include=\"..\\core\\Core.csproj\" /></ItemGroup>",
        version("1.0.0")
    ));
    let core = project(&version("1.1.0-SNAPSHOT"));
    let dotnet = [("core/Core.csproj", core.as_str()), ("web/web.csproj", &web)];
    check(&dotnet, "web/web.csproj", &["dependency Core 1.1.0-SNAPSHOT@web/web.csproj:3"]);
    let chart = [
        ("a/Chart.yaml", "version: 1.0.0\ndependencies:\n- name: c\n  version: \"*\"\n  repository: file://../c\n"),
        ("c/Chart.yaml", "version: 1.1.0-SNAPSHOT\n"),
    ];
    check(&chart, "a/Chart.yaml", &["dependency c 1.1.0-SNAPSHOT@a/Chart.yaml:4"]);
}

#[test]
fn members_that_are_released_on_their_own_are_not_followed() {
    let root = pom("root", "<modules><module>svc</module><module>web</module></modules>");
    let module =
        |artifact: &str| pom(artifact, &format!("<dependencies>\n{}</dependencies>", dependency("y", "2-SNAPSHOT")));
    let (svc, web) = (module("svc"), module("web"));
    let files = [("pom.xml", root.as_str()), ("svc/pom.xml", &svc), ("web/pom.xml", &web)];
    let of_svc = "dependency x:y 2-SNAPSHOT@svc/pom.xml:4";
    let of_web = "dependency x:y 2-SNAPSHOT@web/pom.xml:4";
    check(&files, "pom.xml", &[of_svc, of_web]);
    assert_eq!(snapshots_with(&files, "pom.xml", (&[], &["svc"])), [of_web]);
    assert_eq!(snapshots_with(&files, "svc/pom.xml", (&[], &["svc", "web"])), [of_svc]);
    let cargo = [
        ("Cargo.toml", "[workspace]\nmembers = [\"a\"]\n[workspace.package]\nversion = \"1.0.0\"\n"),
        ("a/Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nx = \"2.0.0-SNAPSHOT\"\n"),
    ];
    // What nobody gave a version is no component, wherever it lies.
    assert_eq!(snapshots_with(&cargo, "Cargo.toml", (&[], &["a"])), ["dependency x 2.0.0-SNAPSHOT@a/Cargo.toml:4"]);
}

#[test]
fn snapshots_that_are_named_are_let_through() {
    let package =
        "{\"version\": \"1.0.0\", \"dependencies\": {\n\"@x/a\": \"1.0.0-SNAPSHOT\",\n\"@y/b\": \"1.0.0-SNAPSHOT\"}}";
    let files = [("package.json", package)];
    let of_b = "dependency @y/b 1.0.0-SNAPSHOT@package.json:3";
    assert_eq!(snapshots_with(&files, "package.json", (&["@x/a"], &[])), [of_b]);
    assert_eq!(snapshots_with(&files, "package.json", (&["@x/*"], &[])), [of_b]);
    assert!(snapshots_with(&files, "package.json", (&["@*"], &[])).is_empty());
    assert_eq!(snapshots_with(&files, "package.json", (&["@X/a", "x"], &[])).len(), 2);
    let python = "[project]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"My_Lib==1.dev0\"]\n";
    assert!(snapshots_with(&[("pyproject.toml", python)], "pyproject.toml", (&["my.lib"], &[])).is_empty());
}

#[test]
fn what_developers_need_is_loose_until_a_release_needs_it_too() {
    let both = "[project]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"numpy>=2.0.0.dev0\"]\n[dependency-groups]\ndev = [\"ruff==1.dev0\"]\n[tool.uv]\ndev-dependencies = [\"ty==1.dev0\"]\n[tool.poetry.group.test.dependencies]\npytest = \"1.dev0\"\n";
    check(
        &[("pyproject.toml", both)],
        "pyproject.toml",
        &[
            "loose dependency numpy >=2.0.0.dev0@pyproject.toml:4",
            "loose development dependency ruff ==1.dev0@pyproject.toml:6",
            "loose development dependency ty ==1.dev0@pyproject.toml:8",
            "loose development dependency pytest 1.dev0@pyproject.toml:10",
        ],
    );
    let twice = "{\"version\": \"1.0.0\", \"devDependencies\": {\"b\": \"file:../b\"}, \"dependencies\": {\"c\": \"file:../c\"}}";
    let c = "{\"name\": \"c\", \"dependencies\": {\"b\": \"file:../b\"}}";
    let b = "{\"name\": \"b\", \"dependencies\": {\"x\": \"1.0.0-SNAPSHOT\"}}";
    check(
        &[("a/package.json", twice), ("b/package.json", b), ("c/package.json", c)],
        "a/package.json",
        &["dependency x 1.0.0-SNAPSHOT@b/package.json:1"],
    );
}

#[test]
fn a_workspace_that_is_not_known_is_said() {
    let web = "{\"name\": \"web\", \"version\": \"1.0.0\", \"dependencies\": {\"core\": \"*\", \"x\": \"catalog:\"}}";
    let core = "{\"name\": \"core\", \"version\": \"1.0.0\"}";
    let pnpm = "packages:\n- p/*\n";
    let catalog = "the versions of p/web/package.json that a catalog of its workspace has";
    let whole = [("pnpm-workspace.yaml", pnpm), ("p/web/package.json", web), ("p/core/package.json", core)];
    assert_eq!(unseen(&whole, "p/web/package.json"), [catalog]);
    let around = "all packages of the workspace around p/web/package.json: ";
    for (files, why) in [
        ([("pnpm-workspace.yaml", "packages: ["), whole[1], whole[2]], "pnpm-workspace.yaml, line 1: "),
        ([whole[0], whole[1], ("p/broken/package.json", "{")], "p/broken/package.json, line 1: "),
    ] {
        let said = unseen(&files, "p/web/package.json");
        assert_eq!((said.len(), said[1].as_str()), (2, catalog), "{said:?}");
        assert!(said[0].starts_with(&format!("{around}{why}")), "{said:?}");
    }
}

#[test]
fn sources_of_the_root_of_uv_are_those_of_its_members() {
    let web = "[project]\nname = \"web\"\nversion = \"1.0.0\"\ndependencies = [\"core\", \"other\"]\n";
    let root = "[tool.uv.workspace]\nmembers = [\"p/*\"]\n[tool.uv.sources]\ncore = { workspace = true }\nother = { path = \"o\" }\n";
    let at = |name: &str| format!("[project]\nname = \"{name}\"\nversion = \"1.1.0.dev0\"\n");
    let (core, other) = (at("core"), at("other"));
    let files = [
        ("pyproject.toml", root),
        ("p/web/pyproject.toml", web),
        ("p/core/pyproject.toml", core.as_str()),
        ("o/pyproject.toml", other.as_str()),
    ];
    let expect = ["core", "other"].map(|name| format!("dependency {name} 1.1.0.dev0@p/web/pyproject.toml:4"));
    assert_eq!(snapshots(&files, "p/web/pyproject.toml"), expect);
    // A member's own one comes first.
    for own in ["{ index = \"x\" }", "{ git = \"https://example.com/core\" }"] {
        let web = format!("{web}[tool.uv.sources]\ncore = {own}\n");
        let files = [files[0], ("p/web/pyproject.toml", web.as_str()), files[2], files[3]];
        assert_eq!(snapshots(&files, "p/web/pyproject.toml"), expect[1..]);
    }
}

#[test]
fn all_components_together_read_each_file_once() {
    let names: Vec<String> = (0..60).map(|n| format!("p/c{n}/package.json")).collect();
    let others: String = (0..60).map(|n| format!("\"c{n}\": \"workspace:*\",\n")).collect();
    let package = |n: usize| {
        format!(
            "{{\"name\": \"c{n}\", \"version\": \"1.0.0\", \"dependencies\": {{\n{others}\"x\": \"1.0.0-SNAPSHOT\"}}}}"
        )
    };
    let texts: Vec<String> = (0..60).map(package).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    files.push(("package.json", "{\"workspaces\": [\"p/*\"]}"));
    let memory = Memory::new(&files);
    let (mut siblings, components) = (super::Siblings::new(&memory), std::collections::HashSet::new());
    for name in &names {
        let found = resolve(&memory, &Path::new("/").join(name), Ecosystem::Npm).unwrap().unwrap();
        let gate = super::Gate { endings: &[], allowed: &[], components: &components };
        assert_eq!(super::snapshots(&mut siblings, &found, &gate).found.len(), 60);
    }
    // For its own version, for what it asks for, and for its version as somebody else's.
    assert!(memory.most_asked() <= 3, "{}", memory.most_asked());
}

#[test]
fn all_components_together_look_at_each_manifest_once() {
    let names: Vec<String> = (0..60).map(|n| format!("c{n}/Cargo.toml")).collect();
    let others: String = (0..60).map(|n| format!("x{n} = \"1\"\n")).collect();
    let package = |n: usize| {
        let next =
            if n < 59 { format!("c{next} = {{ path = \"../c{next}\" }}\n", next = n + 1) } else { String::new() };
        format!(
            "[package]\nname = \"c{n}\"\nversion = \"1.0.0\"\n[dependencies]\ny = \"=2.0.0-SNAPSHOT\"\n{next}{others}"
        )
    };
    let texts: Vec<String> = (0..60).map(package).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(texts.iter().map(String::as_str)).collect();
    let (memory, components) = (Memory::new(&files), std::collections::HashSet::new());
    let gate = super::Gate { endings: &[], allowed: &[], components: &components };
    let look = |siblings: &mut super::Siblings<'_>, n: usize| {
        let found = resolve(&memory, &Path::new("/").join(&names[n]), Ecosystem::Cargo).unwrap().unwrap();
        super::snapshots(siblings, &found, &gate)
    };
    let mut siblings = super::Siblings::taking(&memory, 8_000);
    for n in 0..60 {
        let snapshots = look(&mut siblings, n);
        assert_eq!((snapshots.found.len(), snapshots.is_cut), (60 - n, false), "{n}: {:?}", snapshots.unseen);
    }
    // Whoever comes after nothing is left is told so, each.
    let mut siblings = super::Siblings::taking(&memory, 2_000);
    assert!(look(&mut siblings, 0).is_cut && look(&mut siblings, 0).is_cut && look(&mut siblings, 1).is_cut);
}

#[test]
fn a_manifest_that_asks_for_too_much_is_said() {
    let many: String = (0..=MOST_NEEDS).map(|n| format!("\"a{n}\":\"1\",")).collect();
    let package = format!("{{\"version\": \"1.0.0\", \"dependencies\": {{{many}\"b\": \"1\"}}}}");
    let said = unseen(&[("package.json", package.as_str())], "package.json");
    assert_eq!(said, [format!("all of package.json: it asks for more than {MOST_NEEDS} things")]);
}

#[test]
fn a_bundle_counts_also_where_the_scripts_name_too_much() {
    let named: String = (0..20_001).map(|n| format!("implementation \"g:a{n}:1\"\n")).collect();
    let script = format!("dependencies {{\nimplementation(libs.bundles.b)\n{named}}}\n");
    let catalog = "[libraries]\nx = \"g:x:1\"\ny = \"g:y:2-SNAPSHOT\"\n[bundles]\nb = [\"x\", \"y\"]\n";
    let files = [
        ("gradle.properties", "version=1.0.0"),
        ("build.gradle", script.as_str()),
        ("gradle/libs.versions.toml", catalog),
    ];
    check(&files, "gradle.properties", &["dependency g:y 2-SNAPSHOT@gradle/libs.versions.toml:3"]);
    let said = unseen(&files, "gradle.properties");
    assert!(said.contains(&"all of gradle.properties: its scripts name too much".to_owned()), "{said:?}");
}

#[test]
fn what_all_packages_ask_for_is_not_kept_without_end() {
    let many: String = (0..200).map(|n| format!("\"a{n}\":\"1\",")).collect();
    let package = format!("{{\"name\": \"x\", \"version\": \"1.0.0\", \"dependencies\": {{{many}\"b\": \"1\"}}}}");
    let names: Vec<String> = (0..60).map(|n| format!("p/c{n}/package.json")).collect();
    let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), package.as_str())).collect();
    let web =
        "{\"name\": \"web\", \"version\": \"1.0.0\", \"dependencies\": {\"a\": \"*\", \"y\": \"2.0.0-SNAPSHOT\"}}";
    files.extend([("package.json", "{\"workspaces\": [\"p/*\"]}"), ("p/web/package.json", web)]);
    let memory = Memory::new(&files);
    let (mut siblings, components) = (super::Siblings::keeping(&memory, 10_000), std::collections::HashSet::new());
    let found = resolve(&memory, Path::new("/p/web/package.json"), Ecosystem::Npm).unwrap().unwrap();
    let gate = super::Gate { endings: &[], allowed: &[], components: &components };
    assert_eq!(super::snapshots(&mut siblings, &found, &gate).found.len(), 1);
    assert!((5_000..=10_000).contains(&siblings.kept()), "{}", siblings.kept());
}

#[test]
fn what_may_be_a_snapshot_does_not_hide_what_may_not() {
    let allowed: String = (0..300).map(|n| format!("\"@ok/p{n}\": \"1.0.0-SNAPSHOT\",\n")).collect();
    let package = format!("{{\"version\": \"1.0.0\", \"dependencies\": {{\n{allowed}\"x\": \"2.0.0-SNAPSHOT\"}}}}");
    let files = [("package.json", package.as_str())];
    let found = snapshots_with(&files, "package.json", (&["@ok/*"], &[]));
    assert_eq!(found, ["dependency x 2.0.0-SNAPSHOT@package.json:302"]);
}

#[test]
fn what_is_found_over_a_long_way_first_is_looked_at_all_the_same() {
    // Depth first, `p16` is reached over all others before the root's own dependency on it.
    let name = |n: usize| format!("p{n:02}/Cargo.toml");
    let package = |n: usize| {
        let next = format!("next = {{ path = \"../p{:02}\" }}\n", n + 1);
        let last = "x = \"=2.0.0-SNAPSHOT\"\n".to_owned();
        let needs = if n < 30 { next } else { last };
        let short = if n == 0 { "zz = { path = \"../p16\" }\n" } else { "" };
        format!("[package]\nname = \"p{n}\"\nversion = \"1.0.0\"\n[dependencies]\n{needs}{short}")
    };
    let texts: Vec<(String, String)> = (0..=30).map(|n| (name(n), package(n))).collect();
    let files: Vec<(&str, &str)> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    check(&files, "p00/Cargo.toml", &["dependency x =2.0.0-SNAPSHOT@p30/Cargo.toml:5"]);
    assert_eq!(unseen(&files, "p00/Cargo.toml"), [] as [&str; 0]);
}

#[test]
fn what_is_broken_beside_is_said() {
    let root = pom("root", "<modules><module>a</module></modules>");
    let files = [("pom.xml", root.as_str()), ("a/pom.xml", "<project>\n<")];
    let said = unseen(&files, "pom.xml");
    assert!(said.len() == 1 && said[0].starts_with("a/pom.xml, line 2: "), "{said:?}");
}

/// What asks for something in each ecosystem: the manifest first.
const PROJECTS: [&[(&str, &str)]; 7] = [
    &[(
        "package.json",
        "{\n\"name\": \"é\",\n\"version\": \"1.0.0\",\n\"dependencies\": {\"b\": \"^2.0.0-SNAPSHOT || 1 - 2\", \"c\": \"workspace:*\"},\n\"overrides\": {\"d\": \"npm:e@1\"}}",
    )],
    &[(
        "Cargo.toml",
        "[package]\nname = \"a\"\nversion = \"1.0.0\"\n[dependencies]\nb.workspace = true\n[target.'cfg(x)'.dev-dependencies]\nc = { version = \"=1.0.0-SNAPSHOT\", path = \"../é\" }\n[workspace]\nmembers = [\"c*/d\"]\n[workspace.dependencies]\nb = \"2\"\n",
    )],
    &[
        (
            "pyproject.toml",
            "[project]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"b[x]==1.dev0 ; é\"]\n[tool.poetry.group.d.dependencies]\nc = [{ version = \"^1.dev1\" }]\n[tool.uv.sources]\nd = { path = \"..\" }\n",
        ),
        ("setup.cfg", "[options]\ninstall_requires =\n  é==1.dev0\n  # x\n  f\n"),
        ("requirements.txt", "-r other.txt\ng==1.dev2 --hash=x\n"),
        ("setup.py", "setup()"),
    ],
    &[(
        "Chart.yaml",
        "version: 1.0.0\ndependencies:\n- {name: é, version: &v 1.0.0-SNAPSHOT, repository: \"file://../b\"}\n- {name: c, version: *v}\n",
    )],
    &[
        (
            "build.gradle",
            "plugins { id 'é' version \"1-SNAPSHOT\" }\nversion = '1.0.0'\ndependencies {\n  api \"g:a:$v\", libs.x.y\n  api group: 'g', name: 'b', version: '2-SNAPSHOT'\n  api project(path: ':c'), projects.c\n}\n",
        ),
        ("settings.gradle", "include ':c', 'd'\n"),
        (
            "gradle/libs.versions.toml",
            "[versions]\nv = { strictly = \"1-SNAPSHOT\" }\n[libraries]\nx-y = { group = \"g\", name = \"é\", version.ref = \"v\" }\n[bundles]\nb = [\"x-y\"]\n",
        ),
    ],
    &[
        (
            "a.csproj",
            "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><Version>1.0.0</Version></PropertyGroup>\n<ItemGroup Condition=\"'$(A)' == ''\"><PackageReference Include=\"é\" VersionOverride=\"[1-SNAPSHOT]\" /><PackageReference Include=\"b\" /><ProjectReference Include=\"..\\c\\c.csproj\" /></ItemGroup></Project>",
        ),
        (
            "Directory.Packages.props",
            "<Project><ItemGroup><PackageVersion Include=\"B\" Version=\"2-SNAPSHOT\" /></ItemGroup></Project>",
        ),
    ],
    &[
        (
            "pom.xml",
            "<project><groupId>g</groupId><artifactId>é</artifactId><version>1.0.0</version>\n<modules><module>m</module></modules>\n<profiles><profile><activation><activeByDefault>true</activeByDefault></activation><dependencies><dependency><groupId>g</groupId><artifactId>b</artifactId><version>${v}</version></dependency></dependencies></profile></profiles><properties><v>2-SNAPSHOT</v></properties></project>",
        ),
        (
            "m/pom.xml",
            "<project><parent><groupId>g</groupId><artifactId>é</artifactId><version>1.0.0</version></parent><artifactId>m</artifactId><build><plugins><plugin><artifactId>p</artifactId><version>1-SNAPSHOT</version></plugin></plugins></build></project>",
        ),
    ],
];

/// What is asked for in `files` stands in the file and at the place that is said.
fn check_places(files: &[(&str, &str)]) -> Result<usize, TestCaseError> {
    let (memory, manifest) = (Memory::new(files), Path::new("/").join(files[0].0));
    let ecosystem = Ecosystem::of(&manifest);
    let Ok(needs) = of(&Reader::new(&memory, ecosystem), &manifest, ecosystem) else { return Ok(0) };
    for need in &needs.all {
        let file = memory.shown(&need.file);
        let text = files.iter().find(|(path, _)| *path == file).map_or("", |(_, text)| *text);
        let line = text.split('\n').nth(need.place.line - 1);
        let is_there = line.is_some_and(|line| (1..=line.chars().count() + 1).contains(&need.place.column));
        prop_assert!(is_there, "{need:?} in {text:?}");
    }
    if let Ok(Some(found)) = resolve(&memory, &manifest, ecosystem) {
        let gate = super::Gate { endings: &[], allowed: &[], components: &std::collections::HashSet::new() };
        let _ = super::snapshots(&mut super::Siblings::new(&memory), &found, &gate);
    }
    Ok(needs.all.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_what_damaged_manifests_ask_for_has_a_place(
        edits in proptest::collection::vec(any::<testkit::Edit>(), 1..5), project in 0..PROJECTS.len(), damaged in 0_usize..4
    ) {
        static SHARE: Share = Share::new();
        let project = PROJECTS[project];
        let damaged = damaged % project.len();
        if let Ok(text) = String::from_utf8(testkit::mutate(project[damaged].1.as_bytes(), &edits)) {
            let files: Vec<(&str, &str)> =
                project.iter().enumerate().map(|(index, (path, own))| (*path, if index == damaged { &*text } else { *own })).collect();
            SHARE.note(check_places(&files)? > 0);
        }
    }

    #[test]
    fn fuzz_requirements_end(requirement in "\\PC{0,40}|[<>=~^!v|, 0-9.x*-]{0,30}|(-SNAPSHOT|1|\\.|\\^| ){0,20}", version in "[0-9]{1,3}(\\.[0-9]{1,3}){0,3}(-[a-z]{1,4})?") {
        for ecosystem in Ecosystem::ALL {
            super::requirement::entry(ecosystem, &requirement, &[]);
            super::takes(ecosystem, &requirement, &version);
        }
    }
}

#[test]
fn the_projects_of_the_fuzz_tests_ask_for_something() {
    let counts: Vec<usize> = PROJECTS.iter().map(|project| check_places(project).unwrap()).collect();
    assert_eq!(counts, [4, 3, 5, 3, 5, 3, 1]);
}

#[test]
fn bombs_of_every_ecosystem_end() {
    let poms: String = (0..20_000)
        .map(|n| format!("<dependency><groupId>g</groupId><artifactId>a{n}</artifactId></dependency>"))
        .collect();
    let managed: String = (0..20_000)
        .map(|n| {
            format!("<dependency><groupId>h</groupId><artifactId>a{n}</artifactId><version>1</version></dependency>")
        })
        .collect();
    let pom = pom(
        "a",
        &format!(
            "<dependencies>{poms}</dependencies><dependencyManagement><dependencies>{managed}</dependencies></dependencyManagement>"
        ),
    );
    let members: String = (0..100_000).map(|n| format!("\"a{n}\":\"1\",")).collect();
    let package = format!("{{\"version\": \"1.0.0\", \"dependencies\": {{{members}\"z\": \"2\"}}}}");
    let inherited: String = (0..15_000).map(|n| format!("a{n}.workspace=true\n")).collect();
    let shared: String = (0..15_000).map(|n| format!("a{n}=\"1\"\n")).collect();
    let cargo = format!(
        "[package]\nname=\"a\"\nversion=\"1.0.0\"\n[dependencies]\n{inherited}[workspace]\n[workspace.dependencies]\n{shared}"
    );
    let setup = format!(
        "[metadata]\nname = a\nversion = 1.0.0\n[options]\ninstall_requires =\n{}",
        "  a==%%1\n".repeat(100_000)
    );
    let braces = format!("version = '1.0.0'\n{}", "{ ".repeat(300_000));
    let versions = format!("version = '1.0.0'\nplugins {{ {} }}", "version ".repeat(200_000));
    let accessors = format!("version = '1.0.0'\ndependencies {{ {} }}", "api projects.a.b.c\n".repeat(50_000));
    let included = format!("include {}", "':x:y', ".repeat(100_000));
    let packages: String = (0..9_000)
        .map(|n| format!("<PackageReference Include='a{n}' /><PackageVersion Include='b{n}' Version='1' />"))
        .collect();
    let project = format!(
        "<Project Sdk='Microsoft.NET.Sdk'><PropertyGroup><Version>1.0.0</Version></PropertyGroup><ItemGroup>{packages}</ItemGroup></Project>"
    );
    // A bundle of what has no version, or does not exist, and scripts that name it again and again.
    let listed: String = (0..150_000).map(|n| ["\"a\",", "\"b\","][n % 2]).collect();
    let bundle = format!("[libraries]\na.module = \"g:a\"\n[bundles]\nx = [{listed}]\n");
    let bundles = format!("version = '1.0.0'\ndependencies {{ {} }}", "api libs.bundles.x.y\n".repeat(20_000));
    for files in [
        &[("pom.xml", pom.as_str())][..],
        &[("package.json", &package)],
        &[("Cargo.toml", &cargo)],
        &[("setup.cfg", &setup)],
        &[("build.gradle", &braces)],
        &[("build.gradle", &versions)],
        &[("build.gradle", &accessors), ("settings.gradle", &included)],
        &[("build.gradle", &bundles), ("gradle/libs.versions.toml", &bundle)],
        &[("a.csproj", &project)],
    ] {
        let manifest = Path::new("/").join(files[0].0);
        let (memory, ecosystem, work) = (Memory::new(files), Ecosystem::of(&manifest), Work::start());
        let needs = of(&Reader::new(&memory, ecosystem), &manifest, ecosystem).unwrap();
        assert!(needs.all.len() <= MOST_NEEDS);
        work.assert_below(20);
    }
}
