use super::*;

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
        assert!(matches!(root(bad), Err(GitHubError::InvalidApiUrl { .. })), "{bad}");
    }
}

#[test]
fn a_token_that_no_header_can_carry_is_refused_unshown() {
    let environment = [("GITHUB_REPOSITORY", "acme/shop")];
    let context = Context::new(&environment.into_iter().collect());
    let token = SecretString::from("sec\nret");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let error = runtime.block_on(async { GitHub::new(&context, &token) }).unwrap_err();
    assert!(matches!(error, GitHubError::InvalidToken));
    assert!(!format!("{error:?}").contains("ret"), "{error:?}");
}
