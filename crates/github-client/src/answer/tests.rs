use super::*;

fn message(body: &str) -> String {
    Answer { status: StatusCode::UNPROCESSABLE_ENTITY, headers: HeaderMap::new(), body: body.to_owned() }.message()
}

#[test]
fn the_message_holds_what_the_errors_add() {
    assert_eq!(message(r#"{"message": "Reference already exists"}"#), "Reference already exists");
    assert_eq!(
        message(
            r#"{"message": "Validation Failed", "errors": [{"code": "custom", "message": "too long"}, "odd", {"code": "missing"}]}"#
        ),
        "Validation Failed: too long: odd: missing"
    );
    assert_eq!(message("<html>"), "Unprocessable Entity");
    assert_eq!(message("{}"), "no message");
}
