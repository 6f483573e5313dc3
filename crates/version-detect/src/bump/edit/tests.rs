use super::*;

#[track_caller]
fn check(text: &str, line: usize, column: usize, old: &str, expect: Option<&str>) {
    let found = written(text, Place { line, column }, old);
    let replaced = found.map(|range| {
        let mut text = text.to_owned();
        text.replace_range(range, "2");
        text
    });
    assert_eq!(replaced.as_deref(), expect);
}

#[test]
fn only_the_version_itself_is_replaced() {
    check("{\n \"version\": \"1.0.0\"}", 2, 13, "1.0.0", Some("{\n \"version\": \"2\"}"));
    check("\u{feff}é='1.0.0'\r\n", 1, 3, "1.0.0", Some("\u{feff}é='2'\r\n"));
    check("a\r\nversion: 1.0.0 # x", 2, 10, "1.0.0", Some("a\r\nversion: 2 # x"));
    check("1.0.0", 1, 1, "1.0.0", Some("2"));
    check("<v>1.0.0</v>", 1, 4, "1.0.0", Some("<v>2</v>"));
    for (text, column) in
        [("1.0.0.1", 1), ("1.0.0-x", 1), ("\"1.0.0 \"", 1), ("1.0.0${x}", 1), ("${x}", 1), ("x", 1), ("", 9)]
    {
        check(text, 1, column, "1.0.0", None);
    }
    check("x", 9, 9, "1", None);
}
