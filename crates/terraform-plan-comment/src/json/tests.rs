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
    assert_eq!((error.line, error.column, error.reason.as_str()), (3, 3, "expected value"));
}

#[test]
fn an_error_deep_inside_is_placed_in_the_whole_text() {
    let error = Json::parse("{\n  \"a\": \"\\ud800\"\n}").unwrap_err();
    assert_eq!(error.line, 2, "{error:?}");
    assert_eq!(error.after("noise\nmore ").line, 3);
}

#[test]
fn bottomless_nesting_is_refused() {
    let text = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(Json::parse(&text).is_err());
    let (value, length) = Json::parse_prefix("{\"a\":1} noise").unwrap();
    assert_eq!((value.get("a"), length), (Some(&number("1")), 7));
}
