use super::*;

#[test]
fn names_are_safe_in_a_comment_of_html() {
    for good in ["network", "envs/prod", "a b_c-1.2"] {
        assert_eq!(Name::parse(good).unwrap().as_str(), good);
    }
    for bad in ["", "a\nb", "a-->b", "a--b", "a\"b", "ü", &"a".repeat(65)] {
        assert!(Name::parse(bad).is_err(), "{bad:?}");
    }
}

#[test]
fn a_writer_is_found_again() {
    let writer = Writer { run: Some((17, 2)), commit: Some("beef".to_owned()) };
    assert_eq!(Writer::find(&format!("x\n{writer}\r\ny")), writer);
    assert_eq!(Writer::find("nothing"), Writer::default());
    assert_eq!(Writer::find(&Writer::default().to_string()), Writer::default());
}

#[test]
fn runs_are_ordered_by_id_and_attempt() {
    let run = |id, attempt| Writer { run: Some((id, attempt)), commit: None };
    assert!(run(2, 1).is_newer_than(&run(1, 9)) && run(1, 2).is_newer_than(&run(1, 1)));
    assert!(!run(1, 1).is_newer_than(&run(1, 1)) && !Writer::default().is_newer_than(&run(1, 1)));
}
