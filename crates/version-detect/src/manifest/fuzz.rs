//! Laws of the manifests' parsers, on damaged copies of real files and on made-up ones.
#![allow(clippy::format_collect, reason = "short texts, made for a test")]

use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, Work, cases};

use super::cargo::document::PackageVersion;
use super::{Flaw, FlawKind, Place, Written, cargo, maven, npm, plain};
use crate::files::{decode, decode_xml};
use crate::version::{Form, ProjectVersion};

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
            let _ =
                ProjectVersion::parse(&version).map(|version| (version.core(), version.suggestion(Form::Stable, &[])));
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
                let suggestion = ProjectVersion::parse(&version.suggestion(form, &[])).unwrap();
                prop_assert_eq!(suggestion.misfit(form), None, "{:?}", suggestion);
            }
        }
    }
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
        "\n".repeat(200_000),
    ] {
        check(&text, npm_version(&text)).unwrap();
        check(&text, plain::parse(&text)).unwrap();
        check_cargo(&text).unwrap();
        check_pom(&text).unwrap();
    }
    work.assert_below(30);
}
