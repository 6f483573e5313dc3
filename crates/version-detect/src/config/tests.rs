use super::*;

#[track_caller]
fn flaw(text: &str) -> String {
    match parse(text).unwrap_err() {
        ConfigFlaw::Malformed { place, reason } => format!("{reason}@{}:{}", place.line, place.column),
        ConfigFlaw::UnknownKey { place, key, advice } => format!("{key}? {advice}@{}:{}", place.line, place.column),
    }
}

const EXAMPLE: &str = r#"
shared = ["libs/**", "!libs/**/*.md"]

[version]
snapshot = ["-SNAPSHOT", "-dev"]
allow-snapshots = ["numpy", "com.example:*", "@acme/core"]
tag-prefix = "release-"

[[branch]]
pattern = "main"
version = "stable"

[[branch]]
pattern = "release/*"
version = "stable"
line = true

[[branch]]
pattern = "feature/**"
publish = "always"

[[component]]
name = "api"
path = "./services/api/"
depends-on = ["core"]
allow-snapshots = ["web"]

[[component]]
name = "core"
path = "core"
manifest = "pyproject.toml"
paths = ["core/**"]
tag-prefix = "core/v"

[discover]
folders = ["web/*"]
"#;

#[test]
fn everything_is_read() {
    let config = parse(EXAMPLE).unwrap();
    let rules = config.rules.unwrap();
    let rule = |branch: &str| rules.of(branch).map(|rule| (rule.takes, rule.publish, rule.tag, rule.line));
    assert_eq!(rule("main"), Some((Takes::Stable, Publish::New, true, false)));
    assert_eq!(rule("release/1.x"), Some((Takes::Stable, Publish::New, true, true)));
    assert_eq!(rule("feature/a/b"), Some((Takes::Any, Publish::Always, false, false)));
    assert_eq!(rule("other"), None);
    assert_eq!((config.snapshot.join(" "), config.tag_prefix.as_deref()), ("-SNAPSHOT -dev".into(), Some("release-")));
    let [api, core] = config.components.as_slice() else { panic!("{:?}", config.components) };
    assert_eq!((api.name.as_str(), api.folder.as_str(), api.place.line), ("api", "services/api", 22));
    assert_eq!(api.depends_on, [("core".to_owned(), Place { line: 25, column: 15 })]);
    assert_eq!(config.allow_snapshots, ["numpy", "com.example:*", "@acme/core"]);
    assert_eq!(api.allow_snapshots, ["web"]);
    assert_eq!((core.tag_prefix.as_deref(), core.manifest.as_deref()), (Some("core/v"), Some("pyproject.toml")));
    assert_eq!(config.shared.len(), 2);
    assert_eq!(config.discover.unwrap().len(), 1);
    assert_eq!(parse("").unwrap(), Config::default());
    assert_eq!(parse("preset = \"trunk\"").unwrap().preset, Preset::Trunk);
}

#[test]
fn an_unknown_key_is_named_at_its_line_with_the_nearest_one() {
    assert_eq!(flaw("[[component]]\nname = \"a\"\npaht = \"a\"\n"), "paht? did you mean `path`?@3:1");
    assert_eq!(flaw("branches = []\n"), "branches? did you mean `branch`?@1:1");
    assert_eq!(flaw("[version]\n\ntag_prefix = \"v\"\n"), "tag_prefix? did you mean `tag-prefix`?@3:1");
    assert_eq!(flaw("[version]\nxyz = 1\n"), "xyz? the keys here are `snapshot`, `allow-snapshots`, `tag-prefix`@2:1");
}

#[test]
fn a_value_that_cannot_be_is_refused_at_its_place() {
    for (text, expect) in [
        ("shared = [\"!a\"]", "`shared` has no pattern without `!`@1:10"),
        ("shared = [\"a[\"]", "`a[` is no pattern: a `[` has no `]`@1:11"),
        ("shared = \"a\"", "`shared` is a list of texts@1:10"),
        ("preset = \"tree\"", "`preset` is one of `branches`, `trunk`@1:10"),
        ("[[branch]]\nversion = \"any\"", "`pattern` is missing here@1:1"),
        ("[[branch]]\npattern = \"!a\"", "the pattern of a rule has no `!`: the first rule that matches counts@2:11"),
        ("[[branch]]\npattern = \"a\"\ntag = 1", "`tag` is `true` or `false`@3:7"),
        ("preset = \"trunk\"\n[[branch]]\npattern = \"a\"", "`preset` and `[[branch]]` cannot be used together@1:10"),
        ("[branch]\npattern = \"a\"", "`branch` is a list of tables: `[[branch]]`@1:1"),
    ] {
        assert_eq!(flaw(text), expect, "{text}");
    }
    for (key, value) in [
        ("name", "a b"),
        ("name", ""),
        ("name", "-a"),
        ("name", "a/b"),
        ("name", "a.lock"),
        ("path", "../a"),
        ("path", "/a"),
        ("path", "a//b"),
        ("path", "a\\\\b"),
        ("manifest", "../pom.xml"),
        ("tag-prefix", "a b"),
    ] {
        let mut lines = vec![("name", "a"), ("path", "a")];
        lines.retain(|(known, _)| *known != key);
        lines.push((key, value));
        let lines: Vec<String> = lines.iter().map(|(key, value)| format!("{key} = \"{value}\"\n")).collect();
        assert!(
            flaw(&format!("[[component]]\n{}", lines.concat())).starts_with(&format!("`{key}` cannot be")),
            "{value}"
        );
    }
    assert!(flaw("[version]\nsnapshot = [\"SNAPSHOT\"]").contains("a snapshot ends in `-` and a word"));
    assert!(flaw("a = [").ends_with("@1:6"), "{}", flaw("a = ["));
    assert!(flaw(&"#".repeat(LONGEST + 1)).starts_with("it has more than 256 KiB"));
    let many =
        (0..=MOST_COMPONENTS).map(|n| format!("[[component]]\nname=\"c{n}\"\npath=\"c{n}\"\n")).collect::<Vec<_>>();
    assert!(flaw(&many.concat()).starts_with("it has more than 2000 components"));
}

#[test]
fn the_schema_knows_every_key_and_no_other() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/slipway.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let keys = |pointer: &str| {
        let properties = schema.pointer(pointer).and_then(|found| found["properties"].as_object()).unwrap();
        let mut keys: Vec<String> = properties.keys().cloned().collect();
        keys.sort();
        keys
    };
    // What the parser says when it is given a key that nobody has.
    let known = |before: &str, behind: &str| {
        let said = flaw(&format!("{before}\nqqqqqqqqqqqqqq = 1\n{behind}"));
        let mut keys: Vec<String> = said.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(""), known("", ""));
    assert_eq!(keys("/properties/version"), known("[version]", ""));
    assert_eq!(keys("/properties/branch/items"), known("[[branch]]", ""));
    assert_eq!(keys("/properties/component/items"), known("[[component]]", ""));
    assert_eq!(keys("/properties/discover"), known("[discover]", ""));
    let values = |pointer: &str| schema.pointer(pointer).unwrap()["enum"].as_array().unwrap().len();
    assert_eq!(values("/properties/branch/items/properties/version"), Takes::ALL.len());
    assert_eq!(values("/properties/branch/items/properties/publish"), Publish::ALL.len());
    for pointer in
        ["", "/properties/version", "/properties/branch/items", "/properties/component/items", "/properties/discover"]
    {
        assert_eq!(schema.pointer(pointer).unwrap()["additionalProperties"], false, "{pointer}");
    }
}

/// Whether the schema takes a file.
fn is_valid(text: &str) -> bool {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/slipway.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let document: serde_json::Value = toml::from_str(text).unwrap();
    jsonschema::validator_for(&schema).unwrap().is_valid(&document)
}

#[test]
fn the_schema_takes_every_example_and_refuses_what_is_refused() {
    let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples/slipway.toml");
    let example = std::fs::read_to_string(example).unwrap();
    let folder = |path: &str| format!("[[component]]\nname = \"a.b\"\npath = \"{path}\"\ntag-prefix = \"a/v\"");
    let folders = [folder("."), folder("./a"), folder("a/b/"), folder("a.b/..c")];
    let folders = folders.iter().map(String::as_str);
    for text in [EXAMPLE, &example, "", "preset = \"trunk\"", "[discover]\n"].into_iter().chain(folders) {
        assert!(parse(text).is_ok() && is_valid(text), "{text}");
    }
    for text in [
        "preset = \"tree\"",
        "shared = []",
        "shared = [\"\"]",
        "[version]\nsnapshot = [\"SNAPSHOT\"]",
        "[[branch]]\nversion = \"any\"",
        "[[branch]]\npattern = \"a\"\npublish = \"sometimes\"",
        "[[component]]\nname = \"a\"",
        "[[component]]\nname = \"a b\"\npath = \"a\"",
        "preset = \"trunk\"\n[[branch]]\npattern = \"a\"",
        "[[branch]]\npattern = \"!a\"",
        "[[component]]\nname = \"a..b\"\npath = \"a\"",
        "[[component]]\nname = \"x.lock\"\npath = \"a\"",
        "[[component]]\nname = \"a\"\npath = \"../a\"",
        "[[component]]\nname = \"a\"\npath = \"/a\"",
        "[[component]]\nname = \"a\"\npath = \"a//b\"",
        "[[component]]\nname = \"a\"\npath = \"a\"\nmanifest = \"../pom.xml\"",
        "[version]\ntag-prefix = \"v \"",
        "[version]\nallow-snapshots = [\"*\"]",
        "[version]\nallow-snapshots = [\"a*b\"]",
        "[version]\nallow-snapshots = [\"a b\"]",
        "[version]\nallow-snapshots = [\"\"]",
        "[version]\nallow-snapshots = \"a\"",
        "[[component]]\nname = \"a\"\npath = \"a\"\ntag-prefix = \"-v\"",
        "[discover]\ndeep = true",
        "other = 1",
    ] {
        assert!(parse(text).is_err() && !is_valid(text), "{text}");
    }
}
