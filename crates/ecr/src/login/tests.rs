use actions_core::Environment;

use super::*;

#[test]
fn a_token_is_a_user_and_a_password() {
    let session = Session::new(Environment::default());
    let read = |token: &str| match password(token, &session)? {
        Auth::Basic { username, password } => Some(format!("{username} {}", password.expose_secret())),
        Auth::Anonymous => None,
    };
    assert_eq!(read(&STANDARD.encode("AWS:a:b")).as_deref(), Some("AWS a:b"));
    for bad in ["", "%%%", &STANDARD.encode("AWS"), &STANDARD.encode("AWS:"), &STANDARD.encode(":b"), "/w=="] {
        assert_eq!(read(bad), None, "{bad}");
    }
}
