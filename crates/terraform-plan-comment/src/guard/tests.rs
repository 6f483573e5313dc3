use proptest::prelude::*;

use super::*;

fn guard(patterns: &[&str]) -> Guard {
    Guard::new(patterns.iter().map(|pattern| Pattern::parse(pattern).unwrap()).collect())
}

#[track_caller]
fn names(pattern: &str, kind: &str, address: &str) {
    assert!(guard(&[pattern]).names(Some(kind), address), "{pattern} names {address}");
}

#[track_caller]
fn spares(pattern: &str, kind: &str, address: &str) {
    assert!(!guard(&[pattern]).names(Some(kind), address), "{pattern} spares {address}");
}

#[test]
fn a_type_names_its_resources_in_every_module() {
    names("aws_db_instance", "aws_db_instance", "aws_db_instance.orders");
    names("aws_db_instance", "aws_db_instance", "module.a[\"x.y\"].aws_db_instance.orders[0]");
    spares("aws_db_instance", "aws_db_instance_role_association", "aws_db_instance_role_association.a");
    spares("aws_db_instance", "aws_instance", "aws_instance.aws_db_instance");
    names("aws_rds_cluster*", "aws_rds_cluster_instance", "aws_rds_cluster_instance.a");
    names("aws_rds_cluster*", "aws_rds_cluster", "module.a.aws_rds_cluster.a");
}

#[test]
fn an_address_names_itself_its_instances_and_what_is_in_a_module() {
    names("a_b.orders", "a_b", "a_b.orders");
    names("a_b.orders", "a_b", "a_b.orders[\"]\\\"[\"]");
    names("a_b.orders[0]", "a_b", "a_b.orders[0]");
    spares("a_b.orders[0]", "a_b", "a_b.orders[01]");
    spares("a_b.orders", "a_b", "a_b.orders2");
    spares("a_b.orders", "a_b", "module.a.a_b.orders");
    names("*a_b.orders", "a_b", "module.a.a_b.orders[3]");
    names("module.data", "a_b", "module.data.module.x[1].a_b.orders");
    names("module.data[*]", "a_b", "module.data[\"eu\"].a_b.orders");
    spares("module.data", "a_b", "module.database.a_b.orders");
    spares("module", "a_b", "module.data.a_b.orders");
    names("a_b.orders[\"prod-*\"]", "a_b", "a_b.orders[\"prod-eu, 1\"]");
    spares("a_b.orders[\"prod-*\"]", "a_b", "a_b.orders[\"test\"]");
    names("*", "a_b", "a_b.c");
}

#[test]
fn a_key_cannot_pass_for_an_address() {
    spares("aws_db_instance.orders", "null", "null.x[\"aws_db_instance.orders\"]");
    spares("module.data", "null", "null.x[\".module.data.\"]");
    spares("*.orders", "null", "null.x[\"a.orders\"]");
}

#[test]
fn an_exception_does_not_reach_into_keys() {
    let allow = |text: &str| Guard::default().refusing(FailOn::default(), vec![Pattern::parse(text).unwrap()]);
    assert!(allow("*logs*").allows(Some("a_b"), "a_b.logs[\"x\"]"));
    assert!(!allow("*logs*").allows(Some("a_b"), "a_b.orders[\"logs\"]"));
    assert!(allow("a_b.orders[\"logs*\"]").allows(Some("a_b"), "a_b.orders[\"logs-1\"]"));
    assert!(allow("module.x").allows(Some("a_b"), "module.x[0].a_b.orders"));
    assert!(!allow("*orders[*]").allows(Some("a_b"), "module.x[0].a_b.c"));
}

#[test]
fn without_a_type_the_address_says_it() {
    let guard = guard(&["aws_db_instance"]);
    assert!(guard.names(None, "module.m[\"a.b\"].aws_db_instance.orders[0]"));
    assert!(!guard.names(None, "module.aws_db_instance.a_b.orders"));
    assert!(!Guard::default().names(Some("aws_db_instance"), "aws_db_instance.orders"));
}

#[test]
fn what_cannot_name_anything_is_refused() {
    let refused = [
        ("", InvalidPattern::Empty),
        ("aws db", InvalidPattern::Character(' ')),
        ("\"aws_db_instance\"", InvalidPattern::Character('"')),
        ("aws_(db|rds)", InvalidPattern::Character('(')),
        ("!aws_db", InvalidPattern::Character('!')),
        ("aws_db?", InvalidPattern::Character('?')),
        ("a.b\u{202e}", InvalidPattern::Character('\u{202e}')),
        ("a.b]", InvalidPattern::Character(']')),
        ("a.b[0", InvalidPattern::Key),
        ("a.b[]", InvalidPattern::Key),
        ("a.b[x]", InvalidPattern::Key),
        ("a.b[\"x]", InvalidPattern::Key),
        (".a", InvalidPattern::Dot),
        ("a.", InvalidPattern::Dot),
        ("a..b", InvalidPattern::Dot),
        ("aws_db[0]", InvalidPattern::KeyOfType),
    ];
    for (text, problem) in refused {
        assert_eq!(Pattern::parse(text), Err(problem), "{text}");
    }
}

#[test]
fn lines_and_commas_separate_and_quotes_protect() {
    let split = |text: &str| split(&[text.to_owned()]);
    assert_eq!(split("\n a, b ,c,\n\n  d\r\n"), ["a", "b", "c", "d"]);
    assert_eq!(split("a.b[\"x,\\\",y\"],c"), ["a.b[\"x,\\\",y\"]", "c"]);
    assert_eq!(split("a,,b"), ["a", "", "b"]);
    assert_eq!(split(" \n"), [""; 0]);
    assert_eq!(split(","), [""]);
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_pattern_without_a_star_names_itself(text in "[a-z.*\\[\\]\"\\\\0-9é ]{0,24}") {
        guard(&["module.*", "x*y*z"]).names(None, &text);
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert!(pattern.matches(&text));
        }
    }

    #[test]
    fn a_star_stands_for_any_text(start in "[a-z]{1,5}", middle in "[a-z*.é]{0,9}", end in "[a-z]{1,5}") {
        let pattern = Pattern::parse(&format!("{start}*{end}")).unwrap();
        let fits = format!("{start}{middle}{end}");
        let with_more = format!("{fits}-");
        prop_assert!(pattern.matches(&fits));
        prop_assert!(!pattern.matches(&with_more));
    }
}
