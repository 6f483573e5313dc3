use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// What a parser found: `version@line:column`, `-` for nothing, `!message@line:column` for a flaw.
fn show(result: Result<Option<Written>, Flaw>) -> String {
    let at = |place: Place| format!("{}:{}", place.line, place.column);
    match result {
        Ok(Some(written)) => format!("{}@{}", written.text, at(written.place)),
        Ok(None) => "-".to_owned(),
        Err(Flaw { kind: FlawKind::Malformed(reason), place }) => format!("!{reason}@{}", at(place)),
        Err(Flaw { kind: FlawKind::NotText, place }) => format!("!not text@{}", at(place)),
        Err(Flaw { kind: FlawKind::Unresolved { expression, .. }, place }) => format!("!{expression}@{}", at(place)),
        Err(Flaw { kind: FlawKind::NeedsGit { by }, place }) => format!("!{by}@{}", at(place)),
    }
}

fn npm_version(text: &str) -> Result<Option<Written>, Flaw> {
    npm::parse(text).map(|package| package.version)
}

fn pom(text: &str) -> Result<Option<Written>, Flaw> {
    pom_with(text, &[], &[])
}

fn pom_with(text: &str, parents: &[&str], options: &[(&str, &str)]) -> Result<Option<Written>, Flaw> {
    let options: BTreeMap<String, String> = options.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let options = maven::config::Options { properties: options, ..maven::config::Options::default() };
    let link = |text: &&str| Ok(maven::interpolate::Link::new(maven::pom::parse(text)?, &options, &|_| false));
    let chain: Vec<_> = std::iter::once(&text).chain(parents).map(link).collect::<Result<_, Flaw>>()?;
    maven::version(&chain, &options).map(|found| found.map(|(_, written)| written)).map_err(|(_, flaw)| flaw)
}

fn crate_version(text: &str) -> String {
    match cargo::document::parse(text) {
        Ok(cargo::document::CargoManifest { package: Some(cargo::document::PackageVersion::Own(own)), .. }) => {
            show(Ok(Some(own)))
        }
        Ok(cargo::document::CargoManifest {
            package: Some(cargo::document::PackageVersion::Workspace(place)), ..
        }) => {
            format!("workspace@{}:{}", place.line, place.column)
        }
        Ok(cargo::document::CargoManifest {
            package: Some(cargo::document::PackageVersion::Default(place)), ..
        }) => {
            format!("default@{}:{}", place.line, place.column)
        }
        Ok(manifest) => show(Ok(manifest.workspace_version)),
        Err(flaw) => show(Err(flaw)),
    }
}

#[test]
fn package_json_has_its_version_at_the_top_level() {
    let check = |text: &str, expect: &str| assert_eq!(show(npm_version(text)), expect, "{text}");
    check("{\n  \"name\": \"a\",\n  \"version\": \"1.0.0\"\n}", "1.0.0@3:14");
    check("{\"scripts\": {\"version\": \"x\"}, \"version\": \"1.0.0\"}", "1.0.0@1:42");
    check("{\"scripts\": {\"version\": \"x\"}}", "-");
    check("{\"version\": null}", "-");
    check("{\"version\": \"1.0.0\\u000a2\"}", "1.0.0\n2@1:13");
    check("{\r\n  \"version\": 1.10\r\n}", "!not text@2:14");
    check("{\n  \"version\": \"1.0.0\",\n}", "!trailing comma@3:1");
    check("{\"version\": \"1\", \"version\": \"2\"}", "!duplicate field `version`@1:26");
    check("", "!EOF while parsing a value@1:1");
    check(" [\"1.0.0\"]", "!its top level is not an object@1:2");
}

#[test]
fn a_flaw_of_a_package_json_is_at_a_character_not_a_byte() {
    let column = |text: &str| npm::parse(text).unwrap_err().place;
    assert_eq!(column("{\n\"a\": \"b\" x}"), Place { line: 2, column: 10 });
    assert_eq!(column("{\n\"\u{f0000}é\": \"b\" x}"), Place { line: 2, column: 11 });
}

#[test]
fn a_version_file_holds_one_line() {
    let check = |text: &str, expect: &str| assert_eq!(show(plain::parse(text)), expect, "{text}");
    check("1.0.0\n", "1.0.0@1:1");
    check("v1.0.0", "1.0.0@1:2");
    check("\r\n# the version\r\n  1.0.0\r\n\r\n", "1.0.0@3:3");
    check("version\n", "version@1:1");
    check("", "-");
    check("1.0.0\n2.0.0\n", "!a second line, although the file holds a version and nothing else@2:1");
}

#[test]
fn cargo_manifests_have_or_inherit_a_version() {
    let check = |text: &str, expect: &str| assert_eq!(crate_version(text), expect, "{text}");
    check("[package]\nname = \"a\"\nversion = \"1.0.0\"\n", "1.0.0@3:11");
    check("[dependencies]\nversion = \"9\"\n[package]\nversion = '1.0.0'", "1.0.0@4:11");
    check("[package]\nversion.workspace = true", "workspace@2:1");
    check("[package]\nversion = { workspace = true }", "workspace@2:11");
    check("[workspace.package]\nversion = \"2.0.0\"", "2.0.0@2:11");
    check("[package]\nname = \"a\"", "default@1:1");
    check("[package]\nversion = 1.0", "!not text@2:11");
    check("package.version = \"1.0.0\"", "1.0.0@1:19");
    assert!(crate_version("[package\nversion = \"1\"").starts_with('!'));
    assert!(crate_version("[package]\nversion = \"1.0.0\nx = 1").starts_with('!'));
}

#[test]
fn a_pom_has_its_own_version_or_that_of_its_parent() {
    let check = |text: &str, expect: &str| assert_eq!(show(pom(text)), expect, "{text}");
    check(
        "<project><parent><version>104</version></parent><version>3.21.0-SNAPSHOT</version></project>",
        "3.21.0-SNAPSHOT@1:58",
    );
    check("<project>\n  <parent>\n    <version>104</version>\n  </parent>\n</project>", "104@3:14");
    check("<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><version>1.0.0</version></project>", "1.0.0@1:61");
    check("<project><version>\n  1.0.0\n</version></project>", "1.0.0@2:3");
    check("<project><version>1.<!-- x -->0.0</version></project>", "1.0.0@1:19");
    check("<project><dependencies><dependency><version>9</version></dependency></dependencies></project>", "-");
    check("<project><version/></project>", "-");
    check("<html/>", "!the root element is `html` instead of `project`@1:1");
    assert!(show(pom("<project>\n<version>1</project>")).starts_with('!'));
}

#[test]
fn expressions_of_a_pom_are_resolved_or_named() {
    let revision =
        "<project>\n<version>${revision}</version>\n<properties>\n<revision>1.2.3</revision>\n</properties></project>";
    assert_eq!(show(pom(revision)), "1.2.3@4:11");
    assert_eq!(show(pom_with(revision, &[], &[("revision", "9.0.0")])), "9.0.0@2:10");
    let parts =
        "<project><version>${a}${b}-SNAPSHOT</version><properties><a>1.${c}</a><b/><c>0.0</c></properties></project>";
    assert_eq!(show(pom(parts)), "1.0.0-SNAPSHOT@1:19");
    let of_parent =
        "<project><parent><version>2.0.0</version></parent><version>${project.parent.version}</version></project>";
    assert_eq!(show(pom(of_parent)), "2.0.0@1:60");
    let child = "<project><parent><version>${revision}</version></parent></project>";
    let parent = "<project><version>${revision}</version><properties><revision>3.0.0</revision></properties></project>";
    assert_eq!(show(pom_with(child, &[parent], &[])), "3.0.0@1:62");
    assert_eq!(show(pom(child)), "!${revision}@1:27");
    assert_eq!(show(pom("<project><version>${env.V}</version></project>")), "!${env.V}@1:19");
    assert_eq!(show(pom("<project><version>${open</version></project>")), "!${open@1:19");
}

#[test]
fn endless_properties_end() {
    let own = "<project><version>${a}</version><properties><a>${a}</a></properties></project>";
    assert_eq!(show(pom(own)), "!${a}@1:19");
    let bomb = "<project><version>${a}</version><properties><a>${b}${b}${b}${b}${b}${b}${b}${b}</a><b>${a}${a}</b></properties></project>";
    assert!(show(pom(bomb)).starts_with('!'));
}

#[test]
fn an_entity_bomb_is_refused_unexpanded() {
    let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE lolz [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>\n<project><version>&b;</version></project>";
    let shown = show(pom(bomb));
    assert!(shown.starts_with('!') && shown.contains("DTD"), "{shown}");
    let external = "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><project><version>&x;</version></project>";
    assert!(show(pom(external)).contains("DTD"));
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let deep = 200_000;
    assert!(show(pom(&format!("<project>{}", "<a>".repeat(deep)))).starts_with('!'));
    assert!(show(npm_version(&format!("{{\"version\": {}", "[".repeat(deep)))).starts_with('!'));
    assert!(crate_version(&format!("a = {}", "[".repeat(deep))).starts_with('!'));
    assert!(crate_version(&format!("a = {}", "{b=".repeat(deep))).starts_with('!'));
}

#[test]
fn maven_options_define_properties() {
    let options = maven::config::parse(
        "# comment -Dx=1\n-Drevision=1.0.0 -T 4\n-D\nsha1=.abc\n--define=changelist=\n-Pfast,!b\n-P\n?c,-?d\n-Dflag",
    );
    assert_eq!((options.active.concat(), options.inactive.concat()), ("fastc".to_owned(), "bd".to_owned()));
    let pairs: Vec<(&str, &str)> = options.properties.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    assert_eq!(pairs, [("changelist", ""), ("flag", "true"), ("revision", "1.0.0"), ("sha1", ".abc")]);
}

#[test]
fn a_manifest_with_a_name_of_its_own_is_known_by_its_extension() {
    let of = |name: &str| Ecosystem::of(Path::new(name)).name();
    assert_eq!(of("a/package.json"), "npm");
    assert_eq!(of("lerna.json"), "npm");
    assert_eq!(of("parent.pom"), "maven");
    assert_eq!(of("x.toml"), "cargo");
    assert_eq!(of("version.txt"), "plain");
}

/// Any version there can be, and any text around it.
fn a_version() -> impl Strategy<Value = String> {
    "[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}(-[A-Za-z0-9.-]{1,10})?(\\+[a-z0-9]{1,5})?"
}

proptest! {
    #[test]
    fn no_parser_panics(text in "(?s).{0,200}") {
        let _ = show(npm_version(&text));
        let _ = show(plain::parse(&text));
        let _ = show(pom(&text));
        let _ = crate_version(&text);
        let _ = maven::config::parse(&text);
    }

    #[test]
    fn no_parser_panics_on_near_misses(pieces in proptest::collection::vec(
        prop_oneof!["<project>", "</project>", "<version>", "</version>", "<parent>", "\\$\\{a\\}", "<!--", "\\]\\]>", "<!\\[CDATA\\[", "\\[package\\]", "version", "=", "\"", "\\{", "\\}", ":", ",", "\n", "é", "1.0.0"], 0..20)) {
        let text = pieces.concat();
        let _ = (show(npm_version(&text)), show(pom(&text)), crate_version(&text), show(plain::parse(&text)));
    }

    #[test]
    fn the_version_found_is_the_one_written(version in a_version(), noise in "[a-z ]{0,20}", lines in 0_usize..5, crlf: bool) {
        let end = if crlf { "\r\n" } else { "\n" };
        let blank = end.repeat(lines);
        let line = lines + 2;
        let json = format!("{{{end}{blank}\"version\": \"{version}\", \"x\": \"{noise}\"}}");
        prop_assert_eq!(show(npm_version(&json)), format!("{version}@{line}:12"));
        let toml = format!("[package]{end}{blank}version = \"{version}\"{end}x = \"{noise}\"{end}");
        prop_assert_eq!(crate_version(&toml), format!("{version}@{line}:11"));
        let xml = format!("<project>{end}{blank}<version>{version}</version><name>{noise}</name></project>");
        prop_assert_eq!(show(pom(&xml)), format!("{version}@{line}:10"));
        let plain = format!("#{noise}{end}{blank}v{version}{end}");
        prop_assert_eq!(show(plain::parse(&plain)), format!("{version}@{line}:2"));
    }
}
