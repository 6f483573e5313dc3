use crate::source::PlanJson;

fn texts(plan: &str) -> Vec<String> {
    PlanJson::of(plan).secrets.texts().map(str::to_owned).collect()
}

fn change(before: &str, mask: &str) -> String {
    format!(r#"{{"resource_changes":[{{"change":{{"before":{before},"before_sensitive":{mask}}}}}]}}"#)
}

#[test]
fn masks_say_what_is_secret() {
    assert_eq!(texts(&change(r#"{"a":"s3cret","b":"open-text"}"#, r#"{"a":true}"#)), ["s3cret"]);
    assert_eq!(texts(&change(r#"{"l":["xxxxx1","xxxxx2"]}"#, r#"{"l":[false,true]}"#)), ["xxxxx2"]);
    assert!(texts(&change(r#"{"a":true,"b":"none","c":"","d":"five5","e":1234567,"f":"default"}"#, "true")).is_empty());
}

#[test]
fn a_mask_of_another_shape_covers_everything() {
    let both = ["xxxxx1", "xxxxx2"];
    assert_eq!(texts(&change(r#"{"l":["xxxxx1","xxxxx2"]}"#, r#"{"l":{}}"#)), both);
    assert_eq!(texts(&change(r#"{"l":["xxxxx1","xxxxx2"]}"#, r#"{"l":[false]}"#)), both);
    assert_eq!(texts(&change(r#"["xxxxx1"]"#, r#""what""#)), ["xxxxx1"]);
}

#[test]
fn secret_variables_outputs_and_states_are_found() {
    let plan = r#"{
        "variables": {"v": {"value": "from-variable"}, "open": {"value": "no"}},
        "output_changes": {"o": {"after": "from-output", "after_sensitive": true}},
        "prior_state": {"values": {"root_module": {"child_modules": [{"resources": [
            {"values": {"p": "from-state"}, "sensitive_values": {"p": true}}]}]}}},
        "planned_values": {"outputs": {"x": {"sensitive": true, "value": ["from-planned"]}}},
        "configuration": {"root_module": {"variables": {"v": {"sensitive": true, "default": "from-default"}},
            "module_calls": {"m": {"expressions": {"w": {"constant_value": "from-call"}},
                "module": {"variables": {"w": {"sensitive": true}}}}}}}
    }"#;
    let found = ["from-call", "from-default", "from-output", "from-planned", "from-state", "from-variable"];
    assert_eq!(texts(plan), found);
}

#[test]
fn a_secret_is_taken_apart() {
    let url = texts(&change(r#""postgres://app:p4ssw0rd@db/shop""#, "true"));
    assert_eq!(url, ["p4ssw0rd", "postgres://app:p4ssw0rd@db/shop"]);
    let json = texts(&change(r#""{\"engine\":\"postgres\",\"password\":\"p4ssw0rd\"}""#, "true"));
    assert!(json.contains(&"p4ssw0rd".to_owned()) && !json.contains(&"postgres".to_owned()));
    let lines = texts(&change(r#""-----BEGIN KEY-----\nMIIEvQIBADAN\nend""#, "true"));
    assert!(lines.contains(&"MIIEvQIBADAN".to_owned()) && !lines.contains(&"end".to_owned()));
}
