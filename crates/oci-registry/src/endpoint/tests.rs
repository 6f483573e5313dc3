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

#[test]
fn nothing_leads_to_the_machine_itself() {
    let reaches = |from: &str, to: &str| endpoint(from).may_reach(&Url::parse(to).unwrap());
    for good in ["https://store.example/b", "https://10.0.0.7/b", "https://[2001:db8::1]/b", "https://r.example/b"] {
        assert!(reaches("https://r.example", good), "{good}");
    }
    for bad in [
        "http://r.example/b",
        "ftp://r.example/b",
        "https://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/b",
        "https://localhost/b",
        "https://0.0.0.0/b",
        "https://[::1]/b",
        "https://[::]/b",
        "https://[fe80::1]/b",
        "https://[::ffff:169.254.169.254]/b",
        "https://[fd00:ec2::254]/b",
    ] {
        assert!(!reaches("https://r.example", bad), "{bad}");
    }
    assert!(reaches("http://127.0.0.1:5000", "http://localhost:1/b"));
    assert!(!reaches("http://127.0.0.1:5000", "https://169.254.169.254/b"));
}

#[test]
fn a_password_stays_with_the_owner_of_the_registry() {
    let trusts = |from: &str, realm: &str| endpoint(from).trusts(&Url::parse(realm).unwrap());
    for (from, realm) in [
        ("https://registry-1.docker.io", "https://auth.docker.io/token"),
        ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"),
        ("https://ghcr.io", "https://ghcr.io/token"),
        ("https://ghcr.io", "https://auth.ghcr.io/token"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token"),
    ] {
        assert!(trusts(from, realm), "{from} {realm}");
    }
    for (from, realm) in [
        ("https://registry-1.docker.io", "https://docker.io.evil.example/token"),
        ("https://registry-1.docker.io", "https://evildocker.io/token"),
        ("https://ghcr.io", "https://evil.io/token"),
        ("https://10.0.0.7", "https://0.0.7.evil.example/token"),
        ("https://10.0.0.7", "https://11.0.0.7/token"),
        ("http://127.0.0.1:5000", "http://localhost:5000/token"),
    ] {
        assert!(!trusts(from, realm), "{from} {realm}");
    }
}
