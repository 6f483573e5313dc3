use super::*;

/// The code of an error.
fn code(error: &GitHubError) -> String {
    miette::Diagnostic::code(error).unwrap().to_string()
}

#[test]
fn a_repository_can_name_no_other_path() {
    for good in ["acme/shop", "a-b/c.d_e"] {
        assert!(is_repository(good), "{good}");
    }
    for bad in
        ["acme", "acme/", "/shop", "acme/..", "acme/shop/issues", "acme/sh op", "acme/shop?x", "a%2F/b", "acme/$(x)"]
    {
        assert!(!is_repository(bad), "{bad}");
    }
}

#[test]
fn an_api_has_a_web_address() {
    assert!(root("https://ghe.example/api/v3").is_ok());
    for bad in ["", "ghe.example", "file:///etc/passwd", "mailto:a@b"] {
        assert_eq!(code(&root(bad).unwrap_err()), "github/invalid-api-url", "{bad}");
    }
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_unshown() {
    let environment = [("GITHUB_REPOSITORY", "acme/shop")];
    let context = Context::new(&environment.into_iter().collect());
    let token = SecretString::from("sec\nret");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async { GitHub::new(&context, &token) }).unwrap_err();
    assert_eq!(code(&error), "github/invalid-token");
    assert!(!format!("{error:?}").contains("ret"), "{error:?}");
}

#[test]
fn a_context_without_a_repository_and_with_a_wrong_one_is_refused() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let refused = |variables: &[(&'static str, &str)]| {
        let context = Context::new(&variables.iter().map(|(name, value)| (*name, (*value).to_owned())).collect());
        code(&runtime.block_on(async { GitHub::new(&context, &SecretString::from("ghs_x")) }).unwrap_err())
    };
    assert_eq!(refused(&[]), "github/no-repository");
    assert_eq!(refused(&[("GITHUB_REPOSITORY", "https://github.com/acme/shop")]), "github/invalid-repository");
}

#[test]
fn what_cannot_be_brought_about_here_has_its_code_too() {
    // The client starts wherever there are certificates.
    let error = GitHubError::NoTransport { source: "no certificates".into() };
    assert_eq!(code(&error), "github/no-transport");
    let silent =
        |changes| GitHubError::TimedOut { what: "create the tag".into(), server: "api.github.com".into(), changes };
    assert_eq!(code(&silent(true)), "github/timed-out");
    let exits = [true, false].map(|changes| actions_core::ActionError::exit_code(&silent(changes)).number());
    assert_eq!(exits, [4, 1]);
}
