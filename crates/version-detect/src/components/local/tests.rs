use std::path::Path;

use super::*;
use crate::manifest::memory::Memory;
use crate::manifest::needs::manifest_at;

/// What the components in `folders` are built with: `a: b, c + libs/x` of those with anything.
#[track_caller]
fn check(files: &[(&str, &str)], components: &[(&str, Ecosystem)], expect: &[&str]) {
    let memory = Memory::new(files);
    let project = |(folder, ecosystem): &(&str, Ecosystem)| {
        let folder = Path::new("/").join(folder);
        let file = manifest_at(&memory, &folder, *ecosystem).unwrap();
        let needs = needs::of(&Reader::new(&memory, *ecosystem), &file, *ecosystem).unwrap();
        let version =
            resolve(&memory, &file, *ecosystem).ok().flatten().map_or_else(String::new, |found| found.version);
        Project { folder, version, manifests: vec![Manifest { file, ecosystem: *ecosystem, needs }] }
    };
    let found = locals(&memory, components.iter().map(project).collect());
    let shown: Vec<String> = found
        .iter()
        .zip(components)
        .filter(|(local, _)| **local != Local::default())
        .map(|(local, (name, _))| {
            let named = |name: &str| if name.is_empty() { ".".to_owned() } else { name.to_owned() };
            let names: Vec<String> = local.components.iter().map(|place| named(components[*place].0)).collect();
            let folders: Vec<String> =
                local.folders.iter().map(|folder| named(folder.strip_prefix("/").unwrap().to_str().unwrap())).collect();
            let more = if folders.is_empty() { String::new() } else { format!(" + {}", folders.join(", ")) };
            format!("{name}: {}{more}", names.join(", "))
        })
        .collect();
    assert_eq!(shown, expect);
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
