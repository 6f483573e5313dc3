use serde_json::json;

use super::*;

fn json(text: &str) -> Document {
    Document::read(text, Format::Json).unwrap()
}

fn yaml(text: &str) -> Document {
    Document::read(text, Format::Yaml).unwrap()
}

/// `line:column: why`.
fn flaw(text: &str, format: Format) -> String {
    let flawed = Document::read(text, format).unwrap_err();
    format!("{}:{}: {}", flawed.at.line, flawed.at.column, flawed.flaw)
}

fn path(steps: &str) -> Vec<Step> {
    let step = |step: &str| step.parse().map_or_else(|_| Step::Member(step.to_owned()), Step::Item);
    steps.split('/').filter(|step| !step.is_empty()).map(step).collect()
}

#[track_caller]
fn stands_at(document: &Document, steps: &str, line: usize, column: usize) {
    assert_eq!(document.position(&path(steps)), Some(Position { line, column }), "{steps}");
}

#[test]
fn json_is_read_as_it_is_and_everything_has_its_place() {
    let text =
        "\u{FEFF}{\n  \"a\": [1, -2.50, \"é\\n\\\"\", null],\n\t\"é\": {\"b\" : {}, \"c\":true }, \"d\": []\n}\n";
    let document = json(text);
    assert_eq!(document.to_value(), json!({"a": [1, -2.5, "é\n\"", null], "é": {"b": {}, "c": true}, "d": []}));
    stands_at(&document, "", 1, 1);
    stands_at(&document, "a", 2, 3);
    stands_at(&document, "a/2", 2, 19);
    stands_at(&document, "é/c", 3, 18);
    stands_at(&document, "d", 3, 30);
    assert_eq!(document.position(&path("a/9")), None);
    assert_eq!(document.position(&path("é/x")), None);
}

#[test]
fn yaml_is_read_with_its_core_schema_and_everything_has_its_place() {
    let text = "# head\nfamily: shop\ncpu: \"0123\"\nlist:\n  - no\n  - 0123\n  - 'true'\n  - name: é\n    value: 2021-01-01\n";
    let document = yaml(text);
    let expected =
        json!({"family": "shop", "cpu": "0123", "list": ["no", 123, "true", {"name": "é", "value": "2021-01-01"}]});
    assert_eq!(document.to_value(), expected);
    stands_at(&document, "cpu", 3, 1);
    stands_at(&document, "list/1", 6, 5);
    stands_at(&document, "list/3/value", 9, 5);
}

#[test]
fn plain_yaml_is_what_the_core_schema_says() {
    for (text, expected) in [
        ("~", json!(null)),
        ("", json!(null)),
        ("Null", json!(null)),
        ("nULL", json!("nULL")),
        ("True", json!(true)),
        ("yes", json!("yes")),
        ("off", json!("off")),
        ("0123", json!(123)),
        ("+12", json!(12)),
        ("-0", json!(-0.0)),
        ("0o14", json!(12)),
        ("0x1F", json!(31)),
        ("0b11", json!("0b11")),
        ("1_000", json!("1_000")),
        ("1:30", json!("1:30")),
        ("1e3", json!(1000.0)),
        (".5", json!(0.5)),
        ("1.", json!(1)),
        ("1.2.3", json!("1.2.3")),
        ("123456789012", json!(123_456_789_012_u64)),
        ("18446744073709551615", json!(u64::MAX)),
        ("!!str 0123", json!("0123")),
        ("!!int 7", json!(7)),
        ("! 7", json!("7")),
        ("\"7\"", json!("7")),
        ("'no'", json!("no")),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        ("{a: [1, b], \"c\": {}}", json!({"a": [1, "b"], "c": {}})),
        ("8080: a", json!({"8080": "a"})),
    ] {
        assert_eq!(yaml(text).to_value(), expected, "{text}");
    }
}

#[test]
fn what_is_no_document_is_told_with_its_place() {
    for (text, expected) in [
        ("{\n \"a\": oops}", "2:7: expected value at line 2 column 7"),
        ("{\"a\": 1,\n}", "2:1: trailing comma at line 2 column 1"),
        ("{\n  \"a\": 1,\n  \"a\": 2\n}", "3:3: `a` is there twice"),
        ("{\"a\": [{\"b\": 1}, {\"b\": 1, \"c\": 2, \"\\u0062\": 3}]}", "1:35: `b` is there twice"),
        (
            "{\n \"a\": 18446744073709551616}",
            "2:7: the number 18446744073709551616 has more digits than can be kept, so another one would be registered",
        ),
    ] {
        assert_eq!(flaw(text, Format::Json), expected, "{text}");
    }
    let nested = "it is nested too deeply";
    for (text, expected) in [
        ("a: 1\nb: 2\na: 3\n", "3:1: `a` is there twice".to_owned()),
        ("a: 1\n'a': 3\n", "2:1: `a` is there twice".to_owned()),
        ("a:\n  - {x: 1,\n     x: 2}\n", "3:6: `x` is there twice".to_owned()),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins".to_owned()),
        ("a: !Ref b\n", "1:4: its tag means nothing in a task definition".to_owned()),
        ("a: !!int b\n", "1:4: its tag means nothing in a task definition".to_owned()),
        ("x: &x {y: 1}\na:\n  <<: *x\n", "3:3: `<<` merges nothing in YAML 1.2: write the members out".to_owned()),
        ("? [a]\n: b\n", "1:3: the name of a member is no text".to_owned()),
        ("a: .inf\n", "1:4: JSON has no infinity and no not-a-number: quote it if it is text".to_owned()),
        ("a: &a [*a]\n", "1:8: an alias stands inside what it names".to_owned()),
        (&format!("{}{}", "[".repeat(200), "]".repeat(200)), format!("1:129: {nested}")),
    ] {
        assert_eq!(flaw(text, Format::Yaml), expected, "{text}");
    }
    let long = flaw("a: 123456789012345678901234567890\n", Format::Yaml);
    assert!(long.starts_with("1:4: the number 123456789012345678901234567890 has more digits"), "{long}");
    let open = flaw("a: 1\nb: [1,\n", Format::Yaml);
    assert!(open.starts_with("3:1: "), "{open}");
}

#[test]
fn aliases_stand_for_what_they_name_and_blow_nothing_up() {
    let document = yaml("x: &x\n  a: [1]\ny: *x\n");
    assert_eq!(document.to_value(), json!({"x": {"a": [1]}, "y": {"a": [1]}}));
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (name, last) in ('b'..='i').zip('a'..='h') {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{last}"); 10].join(", ")));
    }
    let told = flaw(&bomb, Format::Yaml);
    assert!(told.contains("more than 100000 values"), "{told}");
}

#[test]
fn the_extension_tells_the_format_and_else_the_text() {
    let of = |path: &str, text: &str| Format::of(Path::new(path), text);
    assert_eq!(of("a.json", "family: x"), Format::Json);
    assert_eq!(of("a.YML", "{}"), Format::Yaml);
    assert_eq!(of("a.yaml", "{}"), Format::Yaml);
    assert_eq!(of("rendered", "\n {\"family\": \"x\"}"), Format::Json);
    assert_eq!(of("rendered", "family: x"), Format::Yaml);
}

#[test]
fn what_is_left_out_in_the_end_stands_there() {
    let document = Document::read("? ", Format::Yaml).unwrap();
    let member = document.position(&[Step::Member(String::new())]);
    assert_eq!(member.map(|at| at.line), Some(1));
}
