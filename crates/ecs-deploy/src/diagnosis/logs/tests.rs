use actions_core::Redactor;
use serde_json::json;

use super::*;

fn definition(log: &Value) -> Value {
    json!({"containerDefinitions": [{"name": "app", "logConfiguration": log, "environment": [{"name": "API_TOKEN", "value": "hunter2"}]}]})
}

fn awslogs(prefix: Option<&str>) -> Value {
    let mut options = json!({"awslogs-group": "/ecs/shop", "awslogs-region": "eu-central-1"});
    if let Some(prefix) = prefix {
        options["awslogs-stream-prefix"] = json!(prefix);
    }
    definition(&json!({"logDriver": "awslogs", "options": options}))
}

fn group_of(definition: &Value) -> Group {
    match route(definition, "app") {
        Route::CloudWatch(group) => group,
        Route::Elsewhere(line) => panic!("{line}"),
    }
}

fn task() -> Value {
    json!({"taskArn": "arn:aws:ecs:x:1:task/prod/0a1b", "containers": [{"name": "app", "runtimeId": "0a1b-77"}]})
}

fn tail(answer: &Value) -> Vec<String> {
    let definition = awslogs(Some("web"));
    let stream = stream(group_of(&definition), "app", &task()).unwrap();
    stream.tail(answer, &Mask::new(&Redactor::default(), &definition)).lines
}

#[test]
fn a_stream_is_named_by_its_prefix_or_by_the_containers_id() {
    let named = stream(group_of(&awslogs(Some("web"))), "app", &task()).unwrap();
    assert_eq!(
        named.question(),
        json!({"logGroupName": "/ecs/shop", "logStreamName": "web/app/0a1b", "limit": 50, "startFromHead": false})
    );
    assert_eq!(named.group.region.as_deref(), Some("eu-central-1"));
    assert_eq!(stream(group_of(&awslogs(None)), "app", &task()).unwrap().name, "0a1b-77");
    assert_eq!(stream(group_of(&awslogs(None)), "app", &json!({"taskArn": "arn:task/1"})), None);
    assert_eq!(stream(group_of(&awslogs(Some("web"))), "app", &json!({})), None);
}

#[test]
fn other_drivers_are_told_in_a_line_without_their_tokens() {
    let line = |log: Value| match route(&definition(&log), "app") {
        Route::Elsewhere(line) => line,
        Route::CloudWatch(group) => panic!("{group:?}"),
    };
    let splunk =
        json!({"logDriver": "splunk", "options": {"splunk-url": "https://splunk.example", "splunk-token": "hunter2"}});
    assert_eq!(line(splunk), "the log of app goes through the driver `splunk`: splunk-url = https://splunk.example");
    assert_eq!(line(json!({"logDriver": "json-file"})), "the log of app goes through the driver `json-file`");
    assert!(line(json!(null)).contains("keeps nothing"));
    assert!(
        line(json!({"logDriver": "awslogs", "options": {"awslogs-group": 3}})).contains("names no `awslogs-group`")
    );
    assert!(matches!(route(&json!("no definition"), "app"), Route::Elsewhere(_)));
}

#[test]
fn the_newest_lines_come_clean() {
    let event = |message: Value| json!({"timestamp": 1, "message": message});
    let colored = event(json!("\u{1b}[31mpanic\u{1b}[0m: token hunter2 was refused\n  at main"));
    assert_eq!(
        tail(&json!({"events": [event(json!("start")), colored, event(json!(7))]})),
        ["start", "panic: token *** was refused", "  at main"]
    );
    let many: Vec<Value> = (0..80).map(|n| event(json!(format!("line {n}")))).collect();
    let lines = tail(&json!({"events": many}));
    assert_eq!((lines.len(), lines[0].as_str(), lines[49].as_str()), (50, "line 30", "line 79"));
    assert_eq!(tail(&json!({"events": [event(json!("x".repeat(100_000)))]}))[0].chars().count(), LONGEST_LINE + 1);
}

#[test]
fn answers_of_other_shapes_hold_no_lines() {
    for answer in [json!(null), json!([]), json!({"events": "x"}), json!({"events": [null, 1, {"message": {}}]})] {
        assert!(tail(&answer).iter().all(String::is_empty), "{answer}");
    }
}

#[test]
fn an_empty_page_is_followed_back_once() {
    let stream = stream(group_of(&awslogs(Some("web"))), "app", &task()).unwrap();
    let empty = json!({"events": [], "nextBackwardToken": "b/1"});
    assert_eq!(stream.question_before(&empty).unwrap()["nextToken"], "b/1");
    assert_eq!(stream.question_before(&json!({"events": [{"message": "x"}], "nextBackwardToken": "b/1"})), None);
    assert_eq!(stream.question_before(&json!({"events": []})), None);
}
