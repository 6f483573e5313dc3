use super::*;

#[test]
fn reads_the_challenges_of_real_registries() {
    let docker = Challenge::parse(
        r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push""#,
    );
    let expected = Challenge::Bearer {
        realm: "https://auth.docker.io/token".to_owned(),
        service: Some("registry.docker.io".to_owned()),
    };
    assert_eq!(docker, Some(expected));
    let ecr = r#"Basic realm="https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com""#;
    assert_eq!(Challenge::parse(ecr), Some(Challenge::Basic));
    assert_eq!(
        Challenge::parse("bearer realm=https://t"),
        Some(Challenge::Bearer { realm: "https://t".to_owned(), service: None })
    );
}

#[test]
fn ignores_challenges_it_cannot_answer() {
    for other in ["", "Negotiate abc", "Bearer", "Bearer service=\"x\""] {
        assert_eq!(Challenge::parse(other), None, "{other}");
    }
}

#[test]
fn a_comma_in_quotes_belongs_to_the_value() {
    let parsed = parameters(r#"realm="a,b", service=c"#);
    assert_eq!((parsed["realm"].as_str(), parsed["service"].as_str()), ("a,b", "c"));
}

#[test]
fn credentials_do_not_show_in_debug_output() {
    let auth = Auth::Basic { username: "AWS".to_owned(), password: SecretString::from("hunter2") };
    let header = auth.header().unwrap();
    assert_eq!(header.to_str().unwrap(), "Basic QVdTOmh1bnRlcjI=");
    assert_eq!(format!("{auth:?} {header:?}"), "Basic Sensitive");
}
