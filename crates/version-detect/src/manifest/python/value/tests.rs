use super::*;

fn with_names(source: &str, names: Option<&Names<'_>>) -> Option<String> {
    let line = Lines::of(source).next()?;
    evaluate(&line.tokens, names)?.joined()
}

#[track_caller]
fn check(source: &str, expect: &str) {
    let mut names = Names::new();
    names.insert("a", Value::Number("1".into()));
    names.insert("b", Value::of_text("2"));
    names.insert("v", Value::List([Value::Number("1".into()), Value::of_text("2"), Value::of_text("x")].into()));
    assert_eq!(with_names(source, Some(&names)).as_deref().unwrap_or("?"), expect, "{source}");
}

#[test]
fn constants_and_what_versions_are_made_with_have_a_value() {
    for (source, expect) in [
        ("'1.2'", "1.2"),
        ("(\"1\" '.2')", "1.2"),
        ("r'1.2'", "1.2"),
        ("'''1.2'''", "1.2"),
        ("'1\\\\2\\n'", "1\\2\n"),
        ("1.10", "1.1"),
        ("1_0", "10"),
        ("(1, 2, '3')", "1.2.3"),
        ("1, 2", "1.2"),
        ("[1, 2,]", "1.2"),
        ("b + '.0'", "2.0"),
        ("'.'.join(v)", "?"),
        ("'.'.join(map(str, v))", "1.2.x"),
        ("'.'.join(map(str, v[:2]))", "1.2"),
        ("'.'.join(str(i) for i in v)", "1.2.x"),
        ("'.'.join([str(i) for i in v])", "1.2.x"),
        ("'.'.join(['1', b])", "1.2"),
        ("f'{a}.{b}'", "1.2"),
        ("f'{{{a}}}{str(v[0])}'", "{1}1"),
        ("'%s.%d' % (b, a)", "2.1"),
        ("'%s' % b", "2"),
        ("'{}.{}'.format(a, b)", "1.2"),
        ("'{1}.{0}'.format(a, b)", "2.1"),
        ("' 1 '.strip()", "1"),
        ("str(a) + b", "12"),
        ("v", "1.2.x"),
        ("v[1]", "2"),
    ] {
        check(source, expect);
    }
}

#[test]
fn what_would_have_to_run_has_none() {
    for source in [
        "nope",
        "f()",
        "a.b",
        "b'1'",
        "rb'1'",
        "f'{a!r}'",
        "f'{a:02}'",
        "f'{a",
        "'1' if a else '2'",
        "a + a",
        "v[9]",
        "'%d' % b",
        "'%s' % v",
        "'{x}'.format(a)",
        "'}{'.format(a)",
        "'\\x31'",
        "not a",
        "0x10",
        "01",
        "1e5",
        "-1",
        "lambda: 1",
        "{'a': 1}",
        "'1' == '1'",
        "'.'.join(int(i) for i in v)",
        "'.'.join(i for i in v if i)",
        "None",
        "1234567890123456.5",
    ] {
        check(source, "?");
    }
}

#[test]
fn a_literal_is_no_expression() {
    assert_eq!(with_names("'1' '2'", None).as_deref(), Some("12"));
    assert_eq!(with_names("(1, 2)", None).as_deref(), Some("1.2"));
    for source in ["'1' + '2'", "str(1)", "f'1{2}'", "f'1'", "v", "'.'.join(('1', '2'))", "'%s' % 1", "(1, 2)[0]"] {
        assert_eq!(with_names(source, None), None, "{source}");
    }
}

#[test]
fn nesting_and_growth_end() {
    check(&format!("{}'1'{}", "(".repeat(1000), ")".repeat(1000)), "?");
    check(&"'1' + ".repeat(900), "?");
    check(&format!("'{}'", "1".repeat(LARGEST + 1)), "?");
    check(&format!("{}a", "f'{".repeat(500)), "?");
}
