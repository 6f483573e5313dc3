use super::*;

#[test]
fn quotes_are_those_of_go() {
    assert_eq!(quote("a\"b\\c\n\t\u{1b}[31m\u{7}"), r#""a\"b\\c\n\t\x1b[31m\a""#);
    assert_eq!(quote("é 你 😀 '"), r#""é 你 😀 '""#);
    assert_eq!(quote("\u{a0}\u{202e}\u{200b}\u{feff}\u{e0001}"), r#""\u00a0\u202e\u200b\ufeff\U000e0001""#);
    assert_eq!(quote("e\u{301}"), "\"e\u{301}\"");
}

#[test]
fn names_are_quoted_where_hcl_needs_it() {
    assert_eq!(
        [name("a-b_1"), name("_x"), name("é"), name("1a"), name("a b"), name("")],
        ["a-b_1", "_x", "é", "\"1a\"", "\"a b\"", "\"\""]
    );
}

#[test]
fn long_lines_are_wrapped_between_words() {
    let words = "word ".repeat(20);
    let wrapped = wrap(words.trim_end());
    assert_eq!(wrapped.lines().map(str::len).collect::<Vec<_>>(), [74, 24]);
    assert_eq!(wrapped.replace('\n', " "), words.trim_end());
}
