use std::path::Path;

use super::*;
use crate::manifest::memory::Memory;
use crate::manifest::needs::manifest_at;

/// What the components in `folders` are built with: `a: b, c + libs/x` of those with anything, with `? why` behind it where
/// there may be more.
#[track_caller]
fn check(files: &[(&str, &str)], components: &[(&str, Ecosystem)], expect: &[&str]) {
    assert_eq!(shown(&found((MOST_OTHERS, MOST_STEPS), files, components), components), expect);
}

fn found(most: (usize, usize), files: &[(&str, &str)], components: &[(&str, Ecosystem)]) -> Vec<Local> {
    let memory = Memory::new(files);
    let project = |(folder, ecosystem): &(&str, Ecosystem)| {
        let folder = Path::new("/").join(folder);
        let file = manifest_at(&memory, &folder, *ecosystem).unwrap();
        let told = Told::by(&memory, &file, *ecosystem);
        let version =
            resolve(&memory, &file, *ecosystem).ok().flatten().map_or_else(String::new, |found| found.version);
        Project { folder, version, manifests: vec![Manifest { file, ecosystem: *ecosystem, told }] }
    };
    within(most, &memory, components.iter().map(project).collect())
}

fn shown(found: &[Local], components: &[(&str, Ecosystem)]) -> Vec<String> {
    let or_root = |folder: &str| if folder.is_empty() { ".".to_owned() } else { folder.to_owned() };
    let shown = found.iter().zip(components).map(|(local, (name, _))| {
        let names: Vec<String> = local.components.iter().map(|place| or_root(components[*place].0)).collect();
        let below = |folder: &PathBuf| or_root(folder.strip_prefix("/").unwrap().to_str().unwrap());
        let folders: Vec<String> = local.folders.iter().map(below).collect();
        let more = if folders.is_empty() { String::new() } else { format!(" + {}", folders.join(", ")) };
        let doubt = local.doubt.as_ref().map_or_else(String::new, |why| format!(" ? {why}"));
        format!("{name}: {}{more}{doubt}", names.join(", "))
    });
    shown.filter(|shown| !shown.ends_with(": ")).collect()
}

#[test]
fn packages_of_a_workspace_need_each_other_by_name() {
    let files = [
        ("package.json", "{\"private\": true, \"workspaces\": [\"packages/*\", \"apps/**\", \"!apps/old\"]}"),
        ("packages/ui/package.json", "{\"name\": \"@a/ui\"}"),
        (
            "packages/core/package.json",
            "{\"name\": \"core\", \"version\": \"1.2.0\", \"dependencies\": {\"@a/ui\": \"*\"}}",
        ),
        ("packages/base/package.json", "{\"name\": \"base\", \"version\": \"2.0.0-SNAPSHOT\"}"),
        ("packages/ui/node_modules/x/package.json", "{\"name\": \"x\"}"),
        (
            "apps/web/package.json",
            "{\"name\": \"web\", \"version\": \"1.0.0\", \"devDependencies\": {\"core\": \"workspace:^\", \"x\": \"*\", \"react\": \"18\"}, \"dependencies\": {\"base\": \"^2.0.0\"}}",
        ),
        ("apps/old/package.json", "{\"name\": \"old\", \"version\": \"1.0.0\"}"),
        (
            "apps/deep/er/package.json",
            "{\"name\": \"er\", \"version\": \"1.0.0\", \"dependencies\": {\"core\": \"^0.9.0\", \"old\": \"*\", \"@a/ui\": \"^1.0.0\"}}",
        ),
        (
            "outside/package.json",
            "{\"name\": \"outside\", \"version\": \"1.0.0\", \"dependencies\": {\"local\": \"link:../lib\"}}",
        ),
        ("lib/index.js", ""),
    ];
    let npm = Ecosystem::Npm;
    let folders = ["packages/core", "packages/base", "apps/web", "apps/old", "apps/deep/er", "outside"];
    check(
        &files,
        &folders.map(|folder| (folder, npm)),
        &[
            "packages/core:  + packages/ui",
            "apps/web: packages/core, packages/base",
            // Its version is not what npm would compare, so the package counts.
            "apps/deep/er:  + packages/ui",
            "outside:  + lib",
        ],
    );
}

#[test]
fn pnpm_has_a_file_of_its_own() {
    let files = [
        ("js/pnpm-workspace.yaml", "packages:\n  - 'a'\n  - \"./b/\"\n"),
        ("js/a/package.json", "{\"name\": \"a\", \"version\": \"1.0.0\", \"dependencies\": {\"b\": \"workspace:*\"}}"),
        ("js/b/package.json", "{\"name\": \"b\", \"version\": \"1.0.0\"}"),
    ];
    check(&files, &[("js/a", Ecosystem::Npm), ("js/b", Ecosystem::Npm)], &["js/a: js/b"]);
}

#[test]
fn crates_need_each_other_by_their_path() {
    let files = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"*\"]\n[workspace.dependencies]\nb = { path = \"b\", version = \"1\" }\n",
        ),
        (
            "a/Cargo.toml",
            "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nserde = \"1\"\n[dev-dependencies]\nc = { path = \"../libs/c\" }\n",
        ),
        (
            "b/Cargo.toml",
            "[package]\nname = \"b\"\n[target.x.dependencies]\nd = { path = \"../libs/d\" }\nown = { path = \"own\" }\nup = { path = \"../..\" }\n",
        ),
        ("b/own/Cargo.toml", "[package]\nname = \"own\"\n"),
        (
            "libs/c/Cargo.toml",
            "[package]\nname = \"c\"\n[dependencies]\nd = { path = \"../d\" }\na = { path = \"../../a\" }\n",
        ),
        ("libs/d/Cargo.toml", "[package]\nname = \"d\"\n"),
    ];
    let cargo = Ecosystem::Cargo;
    check(&files, &[("a", cargo), ("b", cargo)], &["a: b + libs/c, libs/d", "b:  + ., libs/d"]);
}

#[test]
fn modules_need_each_other_by_their_coordinates() {
    let pom = |artifact: &str, inside: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>root</artifactId><version>${{revision}}</version></parent><artifactId>{artifact}</artifactId>{inside}</project>"
        )
    };
    let needs = |artifact: &str, version: &str| {
        format!(
            "<dependencies><dependency><groupId>${{project.groupId}}</groupId><artifactId>{artifact}</artifactId><version>{version}</version></dependency></dependencies>"
        )
    };
    let root = "<project><groupId>g</groupId><artifactId>root</artifactId><version>${revision}</version><properties><revision>1.0.0</revision></properties><modules><module>api</module><module>web</module><module>common</module><module>old</module></modules></project>";
    let (api, web) = (pom("api", &needs("common", "${project.version}")), pom("web", &needs("api", "1.0.0")));
    let (common, old) = (pom("common", ""), pom("old", &needs("api", "0.9.0")));
    let files = [
        ("pom.xml", root),
        ("api/pom.xml", &api),
        ("web/pom.xml", &web),
        ("common/pom.xml", &common),
        ("old/pom.xml", &old),
    ];
    let maven = Ecosystem::Maven;
    check(&files, &[("api", maven), ("web", maven), ("old", maven)], &["api:  + common", "web: api"]);
}

#[test]
fn projects_of_other_tools_need_each_other_by_what_they_write() {
    let files = [
        ("settings.gradle.kts", "include(\":app\", \":libs:my-core\")\ninclude(\":util\")\n"),
        (
            "app/build.gradle.kts",
            "dependencies {\n  implementation(project(\":util\"))\n  api(projects.libs.myCore)\n}\n",
        ),
        ("libs/my-core/build.gradle.kts", "dependencies { }"),
        ("util/build.gradle.kts", "dependencies { testImplementation(project(path = \":libs:my-core\")) }"),
    ];
    let gradle = Ecosystem::Gradle;
    check(&files, &[("app", gradle), ("util", gradle)], &["app: util + libs/my-core", "util:  + libs/my-core"]);
    let files = [
        (
            "a/pyproject.toml",
            "[project]\nname = \"a\"\nversion = \"1\"\n[tool.uv.sources]\nb = { workspace = true }\nc = { path = \"../c\" }\n",
        ),
        ("b/pyproject.toml", "[project]\nname = \"B\"\nversion = \"1\"\n"),
        (
            "c/pyproject.toml",
            "[tool.poetry]\nname = \"c\"\n[tool.poetry.group.dev.dependencies]\nd = { path = \"../d\", develop = true }\n",
        ),
        ("d/pyproject.toml", "[project]\nname = \"d\"\n"),
    ];
    let python = Ecosystem::Python;
    check(&files, &[("a", python), ("b", python)], &["a: b + c, d"]);
    let files = [
        (
            "a/a.csproj",
            "<Project><ItemGroup><ProjectReference Include=\"..\\b\\b.csproj;..\\c\\c.csproj\" /></ItemGroup></Project>",
        ),
        ("b/b.csproj", "<Project></Project>"),
        ("c/c.csproj", "<Project></Project>"),
    ];
    let dotnet = Ecosystem::DotNet;
    check(&files, &[("a", dotnet), ("b", dotnet)], &["a: b + c"]);
    let files = [
        ("a/Chart.yaml", "version: 1.0.0\ndependencies:\n- {name: b, version: 1.0.0, repository: \"file://../b\"}\n"),
        ("b/Chart.yaml", "version: 1.0.0\n"),
    ];
    check(&files, &[("a", Ecosystem::Helm), ("b", Ecosystem::Helm)], &["a: b"]);
}

#[test]
fn what_lies_in_a_project_may_need_it() {
    let pom = "<project><groupId>g</groupId><artifactId>core</artifactId><version>1.0.0</version><modules><module>cli</module></modules></project>";
    let module = "<project><parent><groupId>g</groupId><artifactId>core</artifactId><version>1.0.0</version></parent><artifactId>cli</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>core</artifactId><version>${project.version}</version></dependency></dependencies></project>";
    let cases: [(Ecosystem, &[(&str, &str)]); 7] = [
        (
            Ecosystem::Cargo,
            &[
                ("Cargo.toml", "[package]\nname = \"core\"\nversion = \"1.0.0\"\n[workspace]\nmembers = [\"cli\"]\n"),
                ("cli/Cargo.toml", "[package]\nname = \"cli\"\n[dependencies]\ncore = { path = \"..\" }\n"),
            ],
        ),
        (
            Ecosystem::Npm,
            &[
                ("package.json", "{\"name\": \"core\", \"version\": \"1.0.0\"}"),
                (
                    "cli/package.json",
                    "{\"name\": \"cli\", \"version\": \"1.0.0\", \"dependencies\": {\"core\": \"file:..\"}}",
                ),
            ],
        ),
        (
            Ecosystem::DotNet,
            &[
                ("Core.csproj", "<Project></Project>"),
                (
                    "cli/Cli.csproj",
                    "<Project><ItemGroup><ProjectReference Include=\"..\\Core.csproj\" /></ItemGroup></Project>",
                ),
            ],
        ),
        (
            Ecosystem::Gradle,
            &[
                ("settings.gradle", "include ':cli'\n"),
                ("build.gradle", "version = '1.0.0'\n"),
                ("cli/build.gradle", "dependencies { implementation project(':') }\n"),
            ],
        ),
        (Ecosystem::Maven, &[("pom.xml", pom), ("cli/pom.xml", module)]),
        (
            Ecosystem::Python,
            &[
                ("pyproject.toml", "[project]\nname = \"core\"\nversion = \"1.0.0\"\n"),
                (
                    "cli/pyproject.toml",
                    "[project]\nname = \"cli\"\n[tool.uv.sources]\ncore = { path = \"..\", editable = true }\n",
                ),
            ],
        ),
        (
            Ecosystem::Helm,
            &[
                ("Chart.yaml", "name: core\nversion: 1.0.0\n"),
                (
                    "cli/Chart.yaml",
                    "version: 1.0.0\ndependencies:\n- {name: core, version: 1.0.0, repository: \"file://..\"}\n",
                ),
            ],
        ),
    ];
    for (ecosystem, files) in cases {
        check(files, &[("cli", ecosystem)], &["cli:  + ."]);
        check(files, &[("", ecosystem), ("cli", ecosystem)], &["cli: ."]);
    }
}

const NPM: Ecosystem = Ecosystem::Npm;
const CARGO: Ecosystem = Ecosystem::Cargo;
const MAVEN: Ecosystem = Ecosystem::Maven;
const GRADLE: Ecosystem = Ecosystem::Gradle;
const PYTHON: Ecosystem = Ecosystem::Python;

#[test]
fn a_package_goes_by_the_name_that_is_meant() {
    let core = ("core/package.json", "{\"name\": \"@x/core\", \"version\": \"1.0.0\"}");
    let other = ("other/package.json", "{\"name\": \"core\", \"version\": \"1.0.0\"}");
    for (dependency, expect) in [
        ("\"core\": \"npm:@x/core@1.0.0\"", &["web: core"][..]),
        ("\"core\": \"npm:@x/core@2.0.0\"", &[]),
        ("\"core\": \"npm:@x/core\"", &["web: core"]),
        ("\"a\": \"npm:core@^1.0.0\"", &["web: other"]),
        ("\"core\": \"npm:^1.0.0\"", &["web: other"]),
        ("\"core\": \"1.0.0\"", &["web: other"]),
        ("\"core\": \"workspace:@x/core@*\"", &["web: core"]),
        ("\"core\": \"workspace:^\"", &["web: other"]),
        ("\"core\": \"workspace:../core\"", &["web: core"]),
        ("\"core\": \"portal:../core\"", &["web: core"]),
        ("\"a\": \"link:../core\"", &["web: core"]),
        ("\"a\": \"../core\"", &["web: core"]),
        ("\"core\": \"catalog:\"", &["web: other"]),
        ("\"x\": \"catalog:\"", &[]),
    ] {
        let web = format!("{{\"name\": \"web\", \"version\": \"1.0.0\", \"dependencies\": {{{dependency}}}}}");
        let files = [
            ("package.json", "{\"name\": \"root\", \"workspaces\": {\"packages\": [\"*\"]}}"),
            core,
            other,
            ("web/package.json", web.as_str()),
        ];
        check(&files, &[("core", NPM), ("other", NPM), ("web", NPM)], expect);
    }
}

#[test]
fn a_catalog_tells_what_those_are_built_with_that_take_from_it() {
    let files = [
        ("pnpm-workspace.yaml", "packages: ['*']\ncatalog:\n  react: ^18.0.0\n"),
        ("package.json", "{\"name\": \"root\", \"version\": \"1.0.0\"}"),
        (
            "a/package.json",
            "{\"version\": \"1.0.0\", \"dependencies\": {\"react\": \"catalog:\", \"root\": \"workspace:*\"}}",
        ),
        (
            "b/package.json",
            "{\"version\": \"1.0.0\", \"dependencies\": {\"react\": \"18.0.0\", \"x\": \"file:../x.tgz\"}}",
        ),
        ("x.tgz", ""),
        (
            "c/settings.gradle",
            "dependencyResolutionManagement { versionCatalogs { create('deps') { from(files('../deps.versions.toml')) } } }",
        ),
        ("c/build.gradle", "version = '1.0.0'"),
    ];
    let components = [("a", NPM), ("b", NPM), ("c", GRADLE)];
    let found = found((9, 99), &files, &components);
    assert_eq!(shown(&found, &components), ["a:  + ."]);
    let reads: Vec<String> = found.iter().map(|local| local.reads.join(" ")).collect();
    // The root is a package of its own, which pnpm links.
    assert_eq!(
        reads,
        [
            "a/package.json package.json pnpm-workspace.yaml",
            "b/package.json x.tgz",
            "c/build.gradle c/settings.gradle deps.versions.toml"
        ]
    );
}

#[test]
fn packages_without_a_workspace_of_npm_are_siblings_by_name() {
    let files = [
        (
            "a/package.json",
            "{\"name\": \"a\", \"version\": \"1.0.0\", \"dependencies\": {\"b\": \"workspace:*\", \"c\": \"1.0.0\"}}",
        ),
        ("b/package.json", "{\"name\": \"b\", \"version\": \"1.0.0\"}"),
        ("c/package.json", "{\"name\": \"c\", \"version\": \"1.0.0\"}"),
    ];
    check(&files, &[("a", NPM), ("b", NPM), ("c", NPM)], &["a: b"]);
}

#[test]
fn what_a_bom_manages_is_a_module_all_the_same() {
    let root = "<project><groupId>g</groupId><artifactId>root</artifactId><version>1.0.0</version><modules><module>bom</module><module>lib</module><module>other</module><module>svc</module></modules><dependencyManagement><dependencies><dependency><groupId>${project.groupId}</groupId><artifactId>bom</artifactId><version>${project.version}</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement></project>";
    let alone = "<project><groupId>g</groupId><artifactId>bom</artifactId><version>1.0.0</version><dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>lib</artifactId><version>1.0.0</version></dependency><dependency><groupId>g</groupId><artifactId>other</artifactId><version>1.0.0</version></dependency></dependencies></dependencyManagement></project>";
    let module = |name: &str, inside: &str| {
        format!(
            "<project><parent><groupId>g</groupId><artifactId>root</artifactId><version>1.0.0</version></parent><artifactId>{name}</artifactId>{inside}</project>"
        )
    };
    let uses = "<dependencies><dependency><groupId>g</groupId><artifactId>lib</artifactId></dependency><dependency><groupId>org.x</groupId><artifactId>y</artifactId></dependency></dependencies>";
    let (lib, other, svc) = (module("lib", ""), module("other", ""), module("svc", uses));
    let files = [
        ("pom.xml", root),
        ("bom/pom.xml", alone),
        ("lib/pom.xml", &lib),
        ("other/pom.xml", &other),
        ("svc/pom.xml", &svc),
    ];
    let all = [("lib", MAVEN), ("other", MAVEN), ("svc", MAVEN)];
    // A module that the bom only manages is not what the service is built with.
    check(&files, &all, &["lib:  + bom", "other:  + bom", "svc: lib + bom"]);
    check(&files, &[("bom", MAVEN), ("svc", MAVEN)], &["svc: bom + lib"]);
}

#[test]
fn a_build_of_gradle_has_builds_and_folders_of_its_own() {
    let settings = "pluginManagement { includeBuild(\"build-logic\") }\nincludeBuild '../shared'\ninclude(\":app\", \":core\", \":far\")\nproject(\":core\").projectDir = file(\"libs/core\")\nproject(':far').projectDir = new File(settingsDir, '../far')\n";
    let files = [
        ("g/settings.gradle.kts", settings),
        ("g/build.gradle.kts", "version = \"1.0.0\""),
        (
            "g/app/build.gradle.kts",
            "dependencies {\n  implementation(project(\":core\"))\n  api(project(\":far\"))\n  implementation(rootProject)\n}",
        ),
        ("g/libs/core/build.gradle.kts", ""),
        ("far/build.gradle", "dependencies { }"),
        ("g/buildSrc/src/x.kt", ""),
        ("g/build-logic/x/build.gradle", ""),
        ("shared/build.gradle", ""),
    ];
    let tools = "g/build-logic, g/buildSrc, shared";
    check(
        &files,
        &[("g/app", GRADLE), ("g/libs/core", GRADLE), ("far", GRADLE)],
        &[&format!("g/app: g/libs/core, far + g, {tools}"), &format!("g/libs/core:  + {tools}")],
    );
    check(&files, &[("shared", GRADLE), ("g", GRADLE)], &["g: shared"]);
}

#[test]
fn a_project_of_dotnet_takes_in_files_of_others() {
    let project = r#"<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><Protos>..\..\protos</Protos></PropertyGroup>
        <Import Project="..\Shared\Shared.projitems" Label="Shared" />
        <ItemGroup><Protobuf Include="$(Protos)\greet.proto;own.proto" /><Compile Include="..\..\common\**\*.cs" LinkBase="x" />
        <Content Include="wwwroot\**;$(Nothing)x" /><None Include="..\..\..\..\outside" /><Reference Include="..\x.dll" />
        <Compile Include="@(Other)" /><Compile Remove="..\gone.cs" /></ItemGroup></Project>"#;
    let shared = r#"<Project><ItemGroup><Compile Include="$(MSBuildThisFileDirectory)A.cs" /></ItemGroup></Project>"#;
    let files = [
        ("src/a/a.csproj", project),
        ("src/Shared/Shared.projitems", shared),
        ("common/x.cs", ""),
        ("protos/greet.proto", ""),
    ];
    let found = found((9, 99), &files, &[("src/a", Ecosystem::DotNet)]);
    assert_eq!(found[0].folders, [Path::new("/common")]);
    assert_eq!(
        found[0].reads,
        ["outside", "protos/greet.proto", "src/Shared/A.cs", "src/Shared/Shared.projitems", "src/a/a.csproj"]
    );
}

#[test]
fn python_names_folders_in_many_ways() {
    let other = ("b/pyproject.toml", "[project]\nname = \"b\"\nversion = \"1\"\n");
    for (own, requirements) in [
        ("dependencies = [\"b @ file:../b\"]\n", ""),
        ("dependencies = [\"b @ file:///${PROJECT_ROOT}/../b ; python_version > '3'\"]\n", ""),
        ("dependencies = [\"b[x] @ {root:uri}/../b\"]\n", ""),
        ("", "-e ../b[extra]\n"),
        ("", "--editable=../b  # ours\n"),
        ("", "../b\n"),
        ("", "file:x\n-e git+https://example.com/b\nb @ file:../b\n"),
    ] {
        let a = format!("[project]\nname = \"a\"\nversion = \"1\"\n{own}");
        let files =
            [("a/pyproject.toml", a.as_str()), ("a/setup.py", "setup()"), ("a/requirements.txt", requirements), other];
        check(&files, &[("a", PYTHON), ("b", PYTHON)], &["a: b"]);
    }
    let none = [
        (
            "a/pyproject.toml",
            "[project]\nname = \"a\"\ndependencies = [\"b\", \"c @ https://x/../b\", \"d @ file:///b\"]\n",
        ),
        other,
    ];
    check(&none, &[("a", PYTHON), ("b", PYTHON)], &[]);
}

#[test]
fn a_workspace_of_uv_has_members_that_are_no_components() {
    let root = "[project]\nname = \"root\"\nversion = \"1\"\n[tool.uv.workspace]\nmembers = [\"libs/*\", \"apps/*\"]\nexclude = [\"libs/old\"]\n[tool.uv.sources]\nlib-b = { workspace = true }\nfar = { path = \"far\" }\n";
    let files = [
        ("pyproject.toml", root),
        (
            "apps/a/pyproject.toml",
            "[project]\nname = \"a\"\ndependencies = [\"lib_a\", \"lib_b>=1\", \"far\", \"old\"]\n[tool.uv.sources]\nlib-a = { workspace = true }\nold = { workspace = true }\n",
        ),
        (
            "apps/c/pyproject.toml",
            "[project]\nname = \"c\"\ndependencies = [\"lib-a\", \"root\"]\n[tool.uv.sources]\nroot = { workspace = true }\n",
        ),
        (
            "apps/d/pyproject.toml",
            "[project]\nname = \"d\"\ndependencies = [\"lib-b\", \"far\"]\n[tool.uv.sources]\nlib-b = { index = \"x\" }\n",
        ),
        ("libs/a/pyproject.toml", "[project]\nname = \"lib-a\"\n"),
        ("libs/b/pyproject.toml", "[project]\nname = \"lib-b\"\n"),
        ("libs/old/pyproject.toml", "[project]\nname = \"old\"\n"),
        ("far/x.py", ""),
    ];
    check(
        &files,
        &[("apps/a", PYTHON), ("apps/c", PYTHON), ("apps/d", PYTHON)],
        &["apps/a:  + far, libs/a, libs/b", "apps/c:  + ., far, libs/b", "apps/d:  + far"],
    );
}

#[test]
fn what_cannot_be_told_is_a_doubt() {
    let package = |name: &str, needs: &str| {
        format!("{{\"name\": \"{name}\", \"version\": \"1.0.0\", \"dependencies\": {{{needs}}}}}")
    };
    let (a, b) = (package("a", "\"broken\": \"*\""), package("b", "\"a\": \"*\""));
    let root = ("package.json", "{\"workspaces\": [\"*\"]}");
    let files = [root, ("a/package.json", &a), ("b/package.json", &b), ("c/package.json", "{\"name\": "), ("d/x", "")];
    // Whoever asks for nothing else has nothing to fear.
    check(&files, &[("a", NPM), ("b", NPM)], &["a:  ? c/package.json, line 1: it is no object", "b: a"]);
    let files = [("pnpm-workspace.yaml", "packages: [\n"), ("a/package.json", &a), ("b/package.json", &b)];
    let doubts = found((9, 99), &files, &[("a", NPM), ("b", NPM)]);
    assert!(
        doubts.iter().all(|local| local.doubt.as_ref().is_some_and(|why| why.contains("pnpm-workspace.yaml"))),
        "{doubts:?}"
    );
    let files = [
        ("a/Cargo.toml", "[package]\nname = \"a\"\n[dependencies]\nb = { path = \"../b\" }\n"),
        ("b/Cargo.toml", "[package"),
        ("c/Cargo.toml", "[package]\nname = \"c\"\n[dependencies]\na = { path = \"../a\" }\nd = { path = \"../d\" }\n"),
        ("d/Cargo.toml", "[package]\nname = \"d\"\n[dependencies]\ne = { path = \"../e\" }\n"),
        ("e/Cargo.toml", "[package]\nname = \"e\"\n"),
    ];
    let components = [("a", CARGO), ("c", CARGO)];
    let all = found((9, 99), &files, &components);
    assert_eq!(all[0].folders, [Path::new("/b")]);
    assert!(all[0].doubt.as_ref().unwrap().starts_with("b/Cargo.toml, line 1: "), "{all:?}");
    assert_eq!((&all[1].components, &all[1].doubt), (&vec![0], &None));
    // The budgets end in a doubt of those that they are short for, and of nobody else.
    let few = |most| shown(&found(most, &files, &components), &components).pop().unwrap();
    assert_eq!(few((1, 99)), "c: a + d ? too many manifests of what is no component would have to be read");
    assert_eq!(few((9, 2)), "c: a ? all components together ask for too much");
    let more = (0..60).map(|n| format!("-r r{n}.txt\n")).collect::<Vec<_>>().concat();
    let names: Vec<String> = (0..60).map(|n| format!("a/r{n}.txt")).collect();
    let mut files = vec![
        ("a/pyproject.toml", "[project]\nname = \"a\"\nversion = \"1\"\n"),
        ("a/setup.py", ""),
        ("a/requirements.txt", &more),
    ];
    files.extend(names.iter().map(|name| (name.as_str(), "x==1\n")));
    check(
        &files,
        &[("a", PYTHON)],
        &["a:  ? of a/pyproject.toml not all is looked at: it has more than 50 files of requirements"],
    );
}

#[test]
fn circles_end() {
    let files = [
        ("a/Cargo.toml", "[package]\nname = \"a\"\n[dev-dependencies]\nb = { path = \"../b\" }\n"),
        ("b/Cargo.toml", "[package]\nname = \"b\"\n[dependencies]\na = { path = \"../a\" }\nc = { path = \"../c\" }\n"),
        ("c/Cargo.toml", "[package]\nname = \"c\"\n[dependencies]\nc = { path = \"../c\" }\nb = { path = \"../b\" }\n"),
    ];
    let cargo = Ecosystem::Cargo;
    check(&files, &[("a", cargo), ("b", cargo)], &["a: b", "b: a + c"]);
}

#[test]
fn all_components_of_a_folder_are_what_is_built_with_it() {
    let files = [
        ("lib/package.json", "{\"name\": \"lib\", \"version\": \"1.0.0\"}"),
        ("lib/pyproject.toml", "[project]\nname = \"lib\"\nversion = \"1.0.0\"\n"),
        (
            "web/package.json",
            "{\"name\": \"web\", \"version\": \"1.0.0\", \"dependencies\": {\"lib\": \"file:../lib\"}}",
        ),
    ];
    let components = [("lib", Ecosystem::Npm), ("lib", Ecosystem::Python), ("web", Ecosystem::Npm)];
    check(&files, &components, &["web: lib, lib"]);
}
