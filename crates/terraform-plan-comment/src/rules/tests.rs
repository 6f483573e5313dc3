use super::*;

#[test]
fn a_file_of_rules_is_read() {
    let text = r#"
        [[rule]]
        name = "an owner"
        types = ["aws_*"]
        require-tags = ["Owner", "CostCenter"]
        [[rule]]
        types = ["aws_db_instance"]
        attribute = "storage_encrypted"
        equals = true
        [[rule]]
        attribute = "retention_in_days"
        at-least = 30
        [[rule]]
        attribute = "metadata_options.http_tokens"
        one-of = ["required", 1]
        [[rule]]
        attribute = "kms_key_id"
        present = true
    "#;
    let Rules(rules) = Rules::parse(text).unwrap();
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "an owner",
            "`storage_encrypted` is `true`",
            "`retention_in_days` is at least 30",
            "`metadata_options.http_tokens` is `required`, `1`",
            "`kms_key_id` is set",
        ]
    );
    assert_eq!(rules[0].demand, Demand::Tags(vec!["Owner".to_owned(), "CostCenter".to_owned()]));
    assert_eq!(Rules::parse("").unwrap(), Rules::default());
}

#[test]
fn what_is_no_rule_is_told_with_its_name() {
    for (text, says) in [
        ("[[rule]]\nname = \"x\"", "x: a rule has either `require-tags`, or `attribute`"),
        ("[[rule]]\nattribute = \"a\"", "rule 1: a rule has either"),
        ("[[rule]]\nattribute = \"a\"\nequals = 1\nat-least = 2", "tested in one way"),
        ("[[rule]]\nattribute = \"a\"\nequals = 1.5", "not a float"),
        ("[[rule]]\nattribute = \"a\"\npresent = false", "`present` can only be `true`"),
        ("[[rule]]\nrequire-tags = []", "a rule has either"),
        ("[[rule]]\ntypes = [\"a b\"]\nrequire-tags = [\"x\"]", "the type `a b` holds ' '"),
        ("[[rule]]\nrequired-tags = [\"x\"]", "unknown field `required-tags`"),
        ("[[rules]]", "unknown field `rules`"),
        ("not toml", "line 1"),
    ] {
        let BadRules(reason) = Rules::parse(text).unwrap_err();
        assert!(reason.contains(says), "{text}: {reason}");
    }
}
