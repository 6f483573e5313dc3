use super::*;

fn endpoint(text: &str) -> Endpoint {
    Endpoint::parse(text).unwrap()
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for good in
        ["https://ghcr.io", "https://ghcr.io:8443/", "http://127.0.0.1:5000", "http://localhost", "http://[::1]:1"]
    {
        assert!(Endpoint::parse(good).is_ok(), "{good}");
    }
    for bad in [
        "http://ghcr.io",
        "http://127.0.0.1.evil.example",
        "http://user:pw@127.0.0.1",
        "https://ghcr.io/v2/x",
        "ftp://a",
        "ghcr.io",
        "",
        "http://127.0.0.1?x",
    ] {
        assert!(Endpoint::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn the_scheme_follows_the_host() {
    let of = |host: &str| Endpoint::of(&RegistryHost::parse(host).unwrap()).unwrap().url("x").to_string();
    assert_eq!(of("ghcr.io"), "https://ghcr.io/v2/x");
    assert_eq!(of("127.0.0.1:5000"), "http://127.0.0.1:5000/v2/x");
    assert_eq!(of("docker.io"), "https://registry-1.docker.io/v2/x");
}

#[test]
fn a_location_keeps_its_query_and_never_leaves_https() {
    let registry = endpoint("https://r.example");
    let asked = registry.url("a/blobs/uploads/");
    let location = |text: &str| registry.location(&asked, text).map(String::from);
    assert_eq!(
        location("/v2/a/blobs/uploads/7?state=x%2By").unwrap(),
        "https://r.example/v2/a/blobs/uploads/7?state=x%2By"
    );
    assert_eq!(location("7").unwrap(), "https://r.example/v2/a/blobs/uploads/7");
    assert_eq!(location("https://store.example/u?s=1").unwrap(), "https://store.example/u?s=1");
    assert!(location("http://r.example/u").is_err());
    assert!(location("http://127.0.0.1/u").is_err());
    assert!(location("file:///etc/passwd").is_err());
}

#[test]
fn credentials_belong_to_one_origin() {
    let registry = endpoint("http://127.0.0.1:5000");
    let is_own = |text: &str| registry.is_own(&Url::parse(text).unwrap());
    assert!(is_own("http://127.0.0.1:5000/v2/"));
    assert!(!is_own("http://127.0.0.1:5001/v2/"));
    assert!(!is_own("https://127.0.0.1:5000/v2/"));
}
