use super::*;

fn number(text: &str) -> Json {
    Json::Number(text.to_owned())
}

#[test]
fn numbers_stay_as_they_were_written() {
    let parsed = Json::parse("[12345678901234567890123, 1.10, -0.0, 1e400]").unwrap();
    assert_eq!(parsed.items(), ["12345678901234567890123", "1.10", "-0.0", "1e400"].map(number));
}

#[test]
fn a_map_is_read_with_its_escapes() {
    let parsed = Json::parse(r#"{"k\u0061": {"x": [true, false, null, "\n"]}}"#).unwrap();
    assert_eq!(parsed.at(&["ka", "x"]).unwrap().items()[3], Json::Text("\n".to_owned()));
    assert_eq!(parsed.get("nothing"), None);
}

#[test]
fn errors_say_line_and_column() {
    let error = Json::parse("{\n  \"a\": [1,\n  x]\n}").unwrap_err();
    assert_eq!((error.place, error.reason.as_str()), (Place { line: 3, column: 3 }, "expected value"));
}

#[test]
fn an_error_deep_inside_is_placed_in_the_whole_text() {
    let error = Json::parse("{\n  \"a\": \"\\ud800\"\n}").unwrap_err();
    assert_eq!(error.place.line, 2, "{error:?}");
    assert_eq!(error.after("noise\nmore ").place.line, 3);
}

#[test]
fn columns_are_characters_wherever_the_error_is_found() {
    let place = |text: &str| Json::parse(text).unwrap_err().place;
    assert_eq!(place("[\"\u{f0000}é\" x]"), Place { line: 1, column: 7 });
    // Each value is looked at by itself, so the error's place is counted from the value's.
    let inside = |name: &str| place(&format!("{{\"{name}\": [\"\\ud800\"]}}"));
    let ascii = inside("ab");
    assert_eq!(inside("\u{f0000}é"), ascii);
    assert!(ascii.line == 1 && ascii.column > 8, "{ascii:?}");
    let plan = Json::parse_prefix("{\"ü\" x}").unwrap_err();
    assert_eq!(plan.clone().after("é ").place, Place { line: 1, column: 8 });
    assert_eq!(plan.after("é\n").place, Place { line: 2, column: 6 });
}

#[test]
fn bottomless_nesting_is_refused() {
    let text = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(Json::parse(&text).is_err());
    let (value, length) = Json::parse_prefix("{\"a\":1} noise").unwrap();
    assert_eq!((value.get("a"), length), (Some(&number("1")), 7));
}

#[test]
fn a_reader_passes_over_what_is_not_wanted() {
    let text = " { \"a\" : [ 1 , {\"x\":\"]}\\\"\"} ] , \"b\\u0062\" : null , \"c\" : { } } tail";
    let (mut reader, length) = checked_prefix(text).unwrap();
    let mut seen = Vec::new();
    reader
        .entries(|reader, key| {
            seen.push((key.into_owned(), reader.skip().to_owned()));
            Ok::<_, JsonError>(())
        })
        .unwrap();
    let expected = [("a", "[ 1 , {\"x\":\"]}\\\"\"} ]"), ("bb", "null"), ("c", "{ }")];
    assert_eq!(seen, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    assert_eq!(&text[length..], " tail");
}
