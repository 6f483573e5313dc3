//! Laws of documents: whatever a text holds is read as `serde_json` reads it or refused with a place in it.

use proptest::collection::vec;
use proptest::prelude::*;
use testkit::budget::{Share, cases};

use super::*;

const EXAMPLE: &str = include_str!("../../../../examples/backend/task-definition.json");

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i16>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
        "\\PC{0,6}".prop_map(Value::from),
        prop::sample::select(vec![
            "no", "0123", "~", "true", "1e3", "<<", "- a", "a: b", "#", "", " ", "\n", "\t\"\\", "*a", "&a", "!x"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec(("\\PC{0,5}", inner), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Everything that a document says it holds has a place inside the text.
fn places_are_inside(text: &str, document: &Document) -> Result<(), TestCaseError> {
    let lines: Vec<&str> = text.trim_start_matches('\u{FEFF}').split('\n').collect();
    let mut open = vec![&document.root];
    while let Some(node) = open.pop() {
        let mut places = vec![node.at];
        match &node.content {
            Content::List(items) => open.extend(items),
            Content::Object(members) => {
                places.extend(members.iter().map(|member| member.at));
                open.extend(members.iter().map(|member| &member.node));
            }
            Content::Null | Content::Bool(_) | Content::Number(_) | Content::Text(_) => {}
        }
        for place in places {
            let line = lines.get(place.line - 1).map_or(0, |line| line.chars().count());
            prop_assert!(
                (1..=lines.len()).contains(&place.line) && (1..=line + 1).contains(&place.column),
                "{place:?}"
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(128), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_json_is_read_as_serde_reads_it(value in value(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let document = Document::read(&text, Format::Json).unwrap();
        prop_assert_eq!(document.to_value(), value);
        places_are_inside(&text, &document)?;
    }

    #[test]
    fn fuzz_yaml_is_read_as_what_was_written(value in value()) {
        static SHARE: Share = Share::new();
        let text = yaml_serde::to_string(&value).unwrap();
        let read = Document::read(&text, Format::Yaml);
        SHARE.note(read.is_ok());
        if let Ok(document) = read {
            places_are_inside(&text, &document)?;
        }
    }

    #[test]
    fn fuzz_json_is_yaml_too(value in value()) {
        let text = serde_json::to_string(&value).unwrap();
        if let Ok(document) = Document::read(&text, Format::Yaml) {
            prop_assert_eq!(document.to_value(), value, "{}", text);
        }
    }

    #[test]
    fn fuzz_a_damaged_document_is_refused_or_read(edits in vec(any::<testkit::Edit>(), 1..5)) {
        static SHARE: Share = Share::new();
        let bytes = testkit::mutate(EXAMPLE.as_bytes(), &edits);
        let other = testkit::mutate_json(&serde_json::from_str(EXAMPLE).unwrap(), &edits);
        SHARE.note(Document::read(&other, Format::Json).is_ok());
        for text in [&*String::from_utf8_lossy(&bytes), &other] {
            for format in [Format::Json, Format::Yaml] {
                match (&Document::read(text, format), serde_json::from_str::<Value>(text.trim_start_matches('\u{FEFF}'))) {
                    (Ok(document), Ok(expected)) => prop_assert_eq!(document.to_value(), expected),
                    (Ok(document), Err(_)) => {
                        prop_assert_eq!(format, Format::Yaml);
                        places_are_inside(text, document)?;
                    }
                    (Err(flawed), _) => prop_assert!(flawed.at.line >= 1 && flawed.at.column >= 1),
                }
            }
        }
    }

    #[test]
    fn fuzz_any_text_is_refused_or_read(text in "([-:#&*!|>'\"%@`{}\\[\\],?~ \n\ta-c0-9.]|\\PC){0,40}") {
        for format in [Format::Json, Format::Yaml] {
            if let Ok(document) = Document::read(&text, format) {
                places_are_inside(&text, &document)?;
            }
        }
    }

    #[test]
    fn fuzz_a_number_is_kept_or_refused(number in "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?", short in any::<i32>(), places in 0_usize..5) {
        if let Ok(document) = Document::read(&number, Format::Json) {
            let kept = document.to_value().to_string();
            prop_assert_eq!(Document::read(&kept, Format::Json).unwrap().to_value().to_string(), kept);
        }
        let short = format!("{short}.{}1", "0".repeat(places));
        prop_assert_eq!(Document::read(&short, Format::Json).unwrap().to_value().to_string(), short);
    }
}

#[test]
fn bombs_are_refused_in_no_time() {
    let start = std::time::Instant::now();
    let many = 20_000;
    for text in [
        "[".repeat(many),
        "{\"a\":".repeat(many),
        format!("{{\"a\":{}", "[".repeat(many)),
        "- ".repeat(many),
        "? ".repeat(many),
    ] {
        for format in [Format::Json, Format::Yaml] {
            assert!(Document::read(&text, format).is_err());
        }
    }
    let wide: Vec<Value> = (0..20_000).map(|number| serde_json::json!({ "name": format!("c{number}") })).collect();
    let text = Value::from(wide.clone()).to_string();
    assert_eq!(Document::read(&text, Format::Json).unwrap().to_value(), Value::from(wide));
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
