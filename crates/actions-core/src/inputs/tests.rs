use super::*;

#[test]
fn reports_every_bad_field_at_once() {
    let mut bad = InputErrors::new();
    let cluster = bad.required("cluster", None, |text| Ok::<_, String>(text.to_owned()));
    let wait = bad.optional("wait-timeout", Some("10"), duration);
    let errors = bad.finish(|| Some((cluster?, wait?))).unwrap_err();
    assert_eq!(errors.to_string(), "2 inputs cannot be used: `cluster`, `wait-timeout`");
    assert_eq!(
        errors.why().unwrap(),
        "`cluster` is missing\n`wait-timeout` is `10`: not a duration; write for example 90s, 10m or 1h30m"
    );
    assert_eq!(errors.exit_code(), ExitCode::BadInput);
}

#[test]
fn durations_need_a_unit() {
    assert_eq!(duration("1h30m"), Ok(Duration::from_mins(90)));
    assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
    for wrong in ["", "10", "m", "1h30", "-5s", "1.5h", "99999999999999999999h", "9999999999999999999h"] {
        assert!(duration(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn booleans_are_yaml_1_2_only() {
    assert_eq!(boolean("True"), Ok(true));
    assert_eq!(boolean("FALSE"), Ok(false));
    for wrong in ["yes", "1", "tRue", " true", ""] {
        assert!(boolean(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn lists_take_lines_and_where_asked_commas() {
    let typed = vec!["a=1\n\n  b=2,3 ".to_owned(), "c".to_owned()];
    assert_eq!(lines(&typed), ["a=1", "b=2,3", "c"]);
    assert_eq!(lines_or_commas(&typed), ["a=1", "b=2", "3", "c"]);
}

#[test]
fn a_value_with_newlines_and_backticks_stays_one_quoted_line() {
    assert_eq!(quote("a\n`b`\u{1b}[0m"), "`a⏎'b'\u{FFFD}[0m`");
}
