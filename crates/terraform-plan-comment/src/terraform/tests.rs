use super::*;

#[test]
fn messages_lose_their_frame_and_their_secrets() {
    let environment: Environment = [("AWS_SECRET_ACCESS_KEY", "very-secret")].into_iter().collect();
    let stderr = "╷\n│ Error: no\n│ \n│   key very-secret\n╵\n";
    assert_eq!(message(stderr, &environment), "Error: no\nkey ***");
    assert_eq!(message("", &environment), "it printed no message");
}
