//! Laws of the manifests' parsers, on damaged copies of real files and on made-up ones.
#![allow(clippy::format_collect, reason = "short texts, made for a test")]

use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, Work, cases};

use super::cargo::document::PackageVersion;
use super::memory::Memory;
use super::{Ecosystem, Flaw, FlawKind, Found, Place, Written, cargo, maven, npm, plain};
use crate::error::Error;
use crate::files::{decode, decode_xml};
use project_version::{Form, Height, ProjectVersion};

const PACKAGE: &str = include_str!("../../../../examples/frontend/package.json");
const CARGO: &str = include_str!("../../../../examples/backend/Cargo.toml");
const WORKSPACE: &str = "[workspace]\nmembers = [\"a\"]\n\n[workspace.package]\nversion = \"1.2.3\"\n\n[package]\nname = \"a\"\nversion.workspace = true\nworkspace = \"..\"\n";
const POM: &str = "<?xml version=\"1.0\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <parent>\n    <groupId>g</groupId><artifactId>p</artifactId>\n    <version>1</version><relativePath>../pom.xml</relativePath>\n  </parent>\n  <artifactId>a</artifactId>\n  <version>${revision}<!-- c -->${sha1}</version>\n  <properties>\n    <revision>1.${minor}.0</revision><minor>2</minor><sha1/>\n  </properties>\n</project>\n";

/// Whether `place` is one of `text`: a flaw that names no place in the file helps nobody.
fn is_in(text: &str, place: Place) -> bool {
    let line = text.split('\n').nth(place.line - 1);
    place.column >= 1 && line.is_some_and(|line| place.column <= line.chars().count() + 2)
}

fn check(text: &str, found: Result<Option<Written>, Flaw>) -> Result<(), TestCaseError> {
    match found {
        Ok(None) => Ok(()),
        Ok(Some(Written { text: version, place })) => {
            prop_assert!(is_in(text, place), "{place:?} in {text:?}");
            let _ = ProjectVersion::parse(&version)
                .map(|version| (version.core(), version.suggestion(Form::Stable, &[], Height::AboveAll)));
            Ok(())
        }
        Err(Flaw { kind, place }) => {
            prop_assert!(is_in(text, place), "{kind:?} at {place:?} in {text:?}");
            let said = match kind {
                FlawKind::Malformed(reason) => reason,
                FlawKind::Unresolved { why, .. } => why,
                FlawKind::NeedsGit { by } => by,
                FlawKind::NotText => "not text".to_owned(),
            };
            prop_assert!(!said.is_empty());
            Ok(())
        }
    }
}

fn npm_version(text: &str) -> Result<Option<Written>, Flaw> {
    npm::parse(text).map(|package| package.version)
}

/// The version of the first pom, whose parents the others are.
fn version_of(poms: &[maven::pom::Pom]) -> Result<Option<Written>, Flaw> {
    let options = maven::config::Options::default();
    let chain: Vec<_> =
        poms.iter().map(|pom| maven::interpolate::Link::new(pom.clone(), &options, &|_| false)).collect();
    maven::version(&chain, &options).map(|found| found.map(|(_, written)| written)).map_err(|(_, flaw)| flaw)
}

fn check_pom(text: &str) -> Result<(), TestCaseError> {
    match maven::pom::parse(text) {
        Ok(pom) => check(text, version_of(&[pom.clone(), pom])),
        Err(flaw) => check(text, Err(flaw)),
    }
}

fn check_cargo(text: &str) -> Result<(), TestCaseError> {
    match cargo::document::parse(text) {
        Ok(manifest) => {
            if let Some(PackageVersion::Workspace(place)) = manifest.package {
                prop_assert!(is_in(text, place), "{place:?} in {text:?}");
            }
            let own = match manifest.package {
                Some(PackageVersion::Own(own)) => Some(own),
                _ => None,
            };
            check(text, Ok(own))?;
            check(text, Ok(manifest.workspace_version))
        }
        Err(flaw) => check(text, Err(flaw)),
    }
}

/// Small projects of the other ecosystems: the manifest, and what it leads to.
const PROJECTS: [&[(&str, &str)]; 8] = [
    &[
        (
            "pyproject.toml",
            "[build-system]\nbuild-backend = \"setuptools.build_meta\"\n[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = { attr = \"a.__version__\" }\n",
        ),
        ("a/__init__.py", "\"\"\"é\"\"\"\nfrom .v import V\na = 1\n__version__ = V\n"),
        ("a/v.py", "V: str = \"1.2.3\"  # c\n"),
    ],
    &[
        (
            "pyproject.toml",
            "[build-system]\nbuild-backend = \"hatchling.build\"\n[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.hatch.version]\npath = \"a/__init__.py\"\npattern = \"^v = '(?P<version>.+)'$\"\n",
        ),
        ("a/__init__.py", "v = '1.2.3'\n"),
    ],
    &[("setup.cfg", "[metadata]\nname = a\nx = 1\nversion = %(x)s.2.3\n[egg_info]\ntag_build = .dev\n")],
    &[("setup.py", "from setuptools import setup\nV = '1.2'\nsetup(name='a',\n  version=V + '.3', # c\n)\n")],
    &[(
        "Chart.yaml",
        "apiVersion: v2\nversion: &v \"1.2.3\"\nappVersion: *v\ndependencies:\n  - {name: a, version: 1}\n",
    )],
    &[
        (
            "a.csproj",
            "<Project Sdk=\"Microsoft.NET.Sdk\">\n<PropertyGroup Condition=\"'$(A)' == '' and Exists('x.props')\"><A>1.$(B)</A></PropertyGroup>\n<Import Project=\"x.props\" />\n<PropertyGroup><Version>$(B).$(A)</Version></PropertyGroup></Project>\n",
        ),
        ("x.props", "<Project><PropertyGroup><B>2</B></PropertyGroup></Project>"),
    ],
    &[
        (
            "build.gradle",
            "plugins { id 'my.conventions' version '1' }\ndef a = \"1.${b}.$c\"\next { d = 2 }\nif (x) { version = 'é' } else version = 2\nallprojects { p -> p.version = a ?: /x/ }\napply from: 'v.gradle'\n",
        ),
        ("gradle.properties", "c = \\\n  3\nversion=0.1\n"),
        ("v.gradle", "project.version = \"$version-SNAPSHOT\"\n"),
        ("buildSrc/src/main/groovy/my.conventions.gradle", "ext.b = [1, 2].join('.')\n"),
    ],
    &[
        (
            "build.gradle.kts",
            "val v: String by project\nval w by extra { \"$v.${1}\" }\nsubprojects { version = if (a == \"b\") w else listOf(1, 2).joinToString(\".\") }\nversion = providers.gradleProperty(\"v\").orElse(\"x\").get()\n",
        ),
        ("gradle.properties", "v: 1.2.3\n"),
    ],
];

/// What is found in a project whose file of the index `damaged` has another text is written there, and what is refused is too.
fn check_project(project: &[(&str, &str)], damaged: usize, text: &str) -> Result<bool, TestCaseError> {
    let files =
        project.iter().enumerate().map(|(index, (path, own))| (*path, if index == damaged { text } else { own }));
    let files: Vec<(&str, &str)> = files.collect();
    let manifest = std::path::Path::new("/").join(project[0].0);
    let text_of = |path: &str| files.iter().find(|(name, _)| *name == path).map_or("", |(_, text)| *text);
    match super::resolve(&Memory::new(&files), &manifest, Ecosystem::of(&manifest)) {
        Ok(None) => Ok(true),
        Ok(Some(Found { file, place, version, .. })) => {
            prop_assert!(is_in(text_of(&file), place), "{version} at {file} {place:?} in {:?}", text_of(&file));
            Ok(true)
        }
        Err(error) => {
            let said = error.to_string();
            if let Error::Malformed { file, place, .. }
            | Error::VersionNotText { file, place }
            | Error::Unresolved { file, place, .. }
            | Error::NeedsGit { file, place, .. } = error
            {
                prop_assert!(is_in(text_of(&file), place), "{said} at {place:?} in {:?}", text_of(&file));
            }
            Ok(false)
        }
    }
}

fn edits() -> impl Strategy<Value = Vec<testkit::Edit>> {
    vec(any::<testkit::Edit>(), 1..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_damaged_manifests_are_read_or_refused_at_a_place(edits in edits()) {
        static SHARE: Share = Share::new();
        let package = testkit::mutate_json(&serde_json::from_str(PACKAGE).unwrap(), &edits);
        SHARE.note(npm::parse(&package).is_ok());
        check(&package, npm_version(&package))?;
        for original in [PACKAGE, CARGO, WORKSPACE, POM, "v1.0.0\n# c\n"] {
            let bytes = testkit::mutate(original.as_bytes(), &edits);
            if let Ok(text) = decode_xml(bytes.clone()) {
                check_pom(&text)?;
            }
            match decode(bytes) {
                Ok(text) => {
                    SHARE.note([npm::parse(&text).is_ok(), cargo::document::parse(&text).is_ok(), maven::pom::parse(&text).is_ok()].contains(&true));
                    check(&text, npm_version(&text))?;
                    check(&text, plain::parse(&text))?;
                    check_cargo(&text)?;
                    let _ = maven::config::parse(&text);
                }
                Err(line) => prop_assert!(line >= 1),
            }
        }
    }

    #[test]
    fn fuzz_damaged_projects_are_read_or_refused_at_a_place(edits in edits(), project in 0..PROJECTS.len(), damaged in 0_usize..4) {
        static SHARE: Share = Share::new();
        let project = PROJECTS[project];
        let damaged = damaged % project.len();
        let bytes = testkit::mutate(project[damaged].1.as_bytes(), &edits);
        if let Ok(text) = decode(bytes) {
            SHARE.note(check_project(project, damaged, &text)?);
        }
    }

    #[test]
    fn fuzz_what_a_manifest_says_is_what_is_found(version in "[0-9A-Za-z.+_-]{1,20}", name in "[a-z]{1,8}", depth in 0_usize..40) {
        let json = serde_json::json!({ "name": name, "x": { "version": "9" }, "version": version }).to_string();
        prop_assert_eq!(npm_version(&json).unwrap().unwrap().text, version.clone());
        let nested = format!("{}{}", "<x>".repeat(depth), "</x>".repeat(depth));
        let pom = format!("<project>{nested}<version> {version}\n</version></project>");
        let pom = maven::pom::parse(&pom).unwrap();
        prop_assert_eq!(version_of(&[pom]).unwrap().unwrap().text, version.clone());
        let toml = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n");
        let Some(PackageVersion::Own(own)) = cargo::document::parse(&toml).unwrap().package else { panic!("{toml}") };
        prop_assert_eq!(own.text, version);
    }

    #[test]
    fn fuzz_properties_end_whatever_they_refer_to(properties in vec(("[a-d]", "(\\$\\{[a-d]\\}|1|\\.){0,6}"), 0..6), version in "(\\$\\{[a-d]\\}|[0-9.]){1,5}") {
        let list: String = properties.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
        let text = format!("<project><version>{version}</version><properties>{list}</properties></project>");
        let pom = maven::pom::parse(&text).unwrap();
        if let Ok(Some(found)) = version_of(&[pom]) {
            prop_assert!(!found.text.contains("${") && found.text.len() <= 4096, "{found:?}");
        }
    }

    #[test]
    fn fuzz_a_version_that_is_taken_holds_nothing_hostile(text in "\\PC{0,40}|[0-9]{1,25}(\\.[0-9]{1,25}){0,4}(-[A-Z]{1,9})?|.{0,200}") {
        if let Ok(version) = ProjectVersion::parse(&text) {
            prop_assert!(version.as_str().len() <= 128);
            prop_assert!(version.as_str().chars().all(|c| c.is_ascii_alphanumeric() || ".+-_".contains(c)), "{version:?}");
            prop_assert_eq!(ProjectVersion::parse(version.as_str()).unwrap(), version.clone());
            for form in [Form::Stable, Form::Snapshot] {
                let suggestion = ProjectVersion::parse(&version.suggestion(form, &[], Height::AboveAll)).unwrap();
                prop_assert_eq!(suggestion.misfit(form), None, "{:?}", suggestion);
            }
        }
    }
}

#[test]
fn the_projects_of_the_fuzz_tests_have_versions() {
    let versions = PROJECTS.map(|project| super::memory::resolved(project, project[0].0));
    let versions: Vec<&str> = versions.iter().map(|found| found.split('@').next().unwrap_or_default()).collect();
    assert_eq!(versions, ["1.2.3", "1.2.3", "1.2.3.dev0", "1.2.3", "1.2.3", "2.1.", "1.1.2.3-SNAPSHOT", "1.2.3"]);
}

#[test]
fn bombs_of_every_ecosystem_are_refused_or_read_in_no_time() {
    let work = Work::start();
    let many = 10_000;
    let bombs = [
        format!("a = {}", "[".repeat(many)),
        format!("a = {}", "{a = ".repeat(many)),
        format!("a{} = 1", ".a".repeat(many)),
        "[a]\n".repeat(many),
        (0..30_000).map(|n| format!("a{n} = {n}\n")).collect(),
        format!("a: {}", "[".repeat(50_000)),
        "a:\n ".repeat(many),
        format!("<Project>{}", "<a>".repeat(many)),
        format!("<Project><PropertyGroup>{}</PropertyGroup></Project>", "<a/>".repeat(25_000)),
        format!("<!DOCTYPE a [{}]><Project/>", "<!ENTITY a 'a'>".repeat(many)),
        "\\\n".repeat(50_000),
        "a=\\".repeat(50_000),
        "\\".repeat(250_000),
        "x".repeat(250_000),
        "\n".repeat(250_000),
        "(".repeat(37_500),
        "{".repeat(37_500),
        "\"${".repeat(37_500),
        "'''".repeat(37_501),
        "f'{".repeat(37_500),
        "setup(version=".repeat(10_000),
        "__version__ = ".repeat(10_000),
        "version = a + ".repeat(10_000),
        "version = a.b(".repeat(10_000),
        "/* ".repeat(37_500),
        "if (a) ".repeat(15_000),
        "else ".repeat(20_000),
        "%(a)s".repeat(many),
        format!("[metadata]\na = %(b)s%(b)s\nb = %(a)s%(a)s\nversion = %(a)s\n{}", " x\n".repeat(many)),
    ];
    for bomb in &bombs {
        for (project, damaged) in
            [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (6, 1), (7, 0), (7, 1)]
        {
            check_project(PROJECTS[project], damaged, bomb).unwrap();
        }
    }
    work.assert_below(20);
}

#[test]
fn a_version_takes_only_so_many_files_to_read() {
    let files = |count: usize| {
        let list = vec!["\"V\""; count].join(",");
        let project = format!(
            "[project]\nname = \"a\"\ndynamic = [\"version\"]\n[tool.setuptools.dynamic]\nversion = {{ file = [{list}] }}\n"
        );
        super::memory::resolved(&[("pyproject.toml", &project), ("V", "1")], "pyproject.toml")
    };
    assert_eq!(files(1), "1@V:1:1");
    assert_eq!(files(2100), "the version of `pyproject.toml` takes more than 2,000 files or 64 MiB to read");
}

#[test]
fn bombs_are_refused_or_read_in_no_time() {
    let work = Work::start();
    let many = 20_000;
    for text in [
        "{\"a\":".repeat(many),
        "[".repeat(many),
        format!("{{\"version\": {}}}", "1".repeat(many)),
        format!("a = {}", "[".repeat(many)),
        format!("a{} = 1", ".a".repeat(many)),
        format!("[{}]", "a.".repeat(many)),
        "[[a]]\n".repeat(many),
        "x".repeat(1_000_000),
        "<x a='".repeat(many),
        "<![CDATA[".repeat(many),
        format!("<project {}/>", (0..5_000).map(|n| format!("a{n}='' ")).collect::<String>()),
        format!("<project {}/>", (0..2_000).map(|n| format!("xmlns:a{n}='u{n}' ")).collect::<String>()),
        format!("<project><version>{}</version></project>", "${a}".repeat(many)),
        format!("<project><properties>{}</properties></project>", "<a/>\n".repeat(200_000)),
        format!("<project><dependencies>{}</dependencies></project>", "<dependency><version>1</version></dependency>".repeat(50_000)),
        format!("<project><profiles>{}</profiles></project>", "<profile><properties><a>1</a></properties><activation><property><name>a</name></property></activation></profile>".repeat(10_000)),
        "\n".repeat(200_000),
    ] {
        check(&text, npm_version(&text)).unwrap();
        check(&text, plain::parse(&text)).unwrap();
        check_cargo(&text).unwrap();
        check_pom(&text).unwrap();
    }
    work.assert_below(30);
}
