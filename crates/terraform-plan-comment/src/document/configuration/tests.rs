use super::*;

#[test]
fn a_modules_address_names_its_calls() {
    for (address, expected) in [
        ("", Some("")),
        ("module.a", Some("a")),
        ("module.a.module.b", Some("a.b")),
        ("module.a[0].module.b[\"k\"]", Some("a.b")),
        ("module.a[\"x.module.y\"].module.b", Some("a.b")),
        ("module.a[\"]\\\"].x\"].module.b", Some("a.b")),
        ("module.a[\"\\\\\"]", Some("a")),
        ("module.a[\"open", None),
        ("module.a[0", None),
        ("data.a", None),
    ] {
        assert_eq!(calls(address).as_deref(), expected, "{address}");
    }
}

#[test]
fn a_variable_has_the_address_of_its_module() {
    assert_eq!(variable("", "x"), "var.x");
    assert_eq!(variable("a.b", "x"), "module.a.module.b.var.x");
}

#[test]
fn names_of_secrets_hide_their_values_at_any_depth() {
    let value = Json::parse(r#"{ "region": "r", "nested": [{ "api_token": 5, "id": 1 }] }"#).unwrap();
    let expected = Json::parse(r#"{ "region": false, "nested": [{ "api_token": true, "id": false }] }"#).unwrap();
    assert_eq!(mask(&value, "settings"), expected);
    assert_eq!(mask(&value, "password"), Json::Bool(true));
}
