use actions_core::ExposeSecret as _;
use serde_json::json;

use super::*;

fn file(document: &Value) -> Result<AuthFile, Error> {
    written(&document.to_string())
}

fn written(text: &str) -> Result<AuthFile, Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.json");
    std::fs::write(&path, text).unwrap();
    AuthFile::read(&path, Form::Usual)
}

#[test]
fn a_registry_gets_its_own_credentials_and_no_others() {
    let auth = |pair: &str| json!({ "auth": STANDARD.encode(pair) });
    let file = file(&json!({
        "credsStore": "desktop",
        "auths": {
            "https://index.docker.io/v1/": auth("me:hub"),
            "registry.example:5000": auth("you:a:b"),
            "plain.example": {"username": "we", "password": "plain"},
            "helped.example": {},
            "token.example": {"auth": STANDARD.encode("0000:"), "identitytoken": "a-token"},
            "both.example": {"auth": STANDARD.encode("me:both"), "identitytoken": "a-token"},
            "broken.example": {"auth": "%%%"},
        }
    }))
    .unwrap();
    let of = |registry: &str| {
        let Login { username, secret } = file.basic(registry)?;
        Some(format!("{username} {}", secret.expose_secret()))
    };
    assert_eq!(of("docker.io").as_deref(), Some("me hub"));
    assert_eq!(of("registry.example:5000").as_deref(), Some("you a:b"));
    assert_eq!(of("plain.example").as_deref(), Some("we plain"));
    assert_eq!(of("both.example").as_deref(), Some("me both"));
    for none in ["registry.example", "example", "helped.example", "token.example", "broken.example", "io", ""] {
        assert_eq!(of(none), None, "{none}");
    }
    assert_eq!(file.unreadable().collect::<Vec<_>>(), ["broken.example"]);
}

#[test]
fn what_is_no_file_of_logins_is_an_error_that_shows_nothing_of_it() {
    for (text, why) in [
        ("{\"auths\": {\"a\": hunter2", "line 1, column 17 is no JSON"),
        ("\"hunter2\"", "it is no JSON object"),
        ("{\"auths\": \"hunter2\"}", "`auths` is no JSON object"),
        ("{\"credHelpers\": [\"hunter2\"]}", "`credHelpers` is no JSON object"),
    ] {
        let Err(Error::AuthFile { source, .. }) = written(text) else { panic!("{text} was read") };
        assert_eq!(source.to_string(), why);
    }
    let large = format!("{{\"auths\": {{}}, \"x\": \"{}\"}}", "x".repeat(1024 * 1024));
    assert!(matches!(written(&large), Err(Error::AuthFile { .. })));
    for empty in ["", " \n", "{}", "{\"auths\": null}"] {
        assert!(written(empty).unwrap().auths.is_empty(), "{empty}");
    }
    assert!(AuthFile::read(Path::new("/nonexistent/config.json"), Form::Usual).unwrap().rest.is_empty());
    assert!(matches!(AuthFile::read(Path::new("/"), Form::Usual), Err(Error::AuthFile { .. })));
}

#[test]
fn docker_config_wins_over_the_home_folder() {
    let docker = |variables: &[(&str, &str)]| AuthFiles::of(&variables.iter().copied().collect()).docker;
    assert_eq!(docker(&[("HOME", "/h")]).unwrap(), Path::new("/h/.docker/config.json"));
    assert_eq!(docker(&[("HOME", "/h"), ("DOCKER_CONFIG", "/d")]).unwrap(), Path::new("/d/config.json"));
    assert_eq!(docker(&[]), None);
}

#[cfg(target_os = "linux")]
#[test]
fn buildah_s_files_are_searched_in_its_order() {
    let files = |variables: &[(&str, &str)]| -> Vec<String> {
        let files = AuthFiles::of(&variables.iter().copied().collect());
        files.containers.iter().map(|(path, _)| path.display().to_string()).collect()
    };
    let usual = [("HOME", "/h"), ("XDG_RUNTIME_DIR", "/r")];
    let expect =
        ["/r/containers/auth.json", "/h/.config/containers/auth.json", "/h/.docker/config.json", "/h/.dockercfg"];
    assert_eq!(files(&usual), expect);
    assert_eq!(files(&[("HOME", "/h"), ("XDG_CONFIG_HOME", "/c")])[1], "/c/containers/auth.json");
    let own = files(&[("HOME", "/h")])[0].clone();
    assert!(own.starts_with("/run/containers/") && own.ends_with("/auth.json"), "{own}");
    assert_eq!(
        files(&[usual[0], usual[1], ("DOCKER_CONFIG", "/d")]),
        ["/d/config.json", expect[0], expect[1], expect[3]]
    );
    assert_eq!(files(&[usual[0], ("DOCKER_CONFIG", "/d"), ("REGISTRY_AUTH_FILE", "/a")]), ["/a"]);
}
