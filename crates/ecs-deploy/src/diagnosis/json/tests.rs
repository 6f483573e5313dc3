use super::super::logs::LogTail;
use super::super::tests::crashed;
use super::*;

fn entry(diagnosis: &Diagnosis) -> Entry<'_> {
    Entry {
        service: "web",
        verdict: "failed",
        reason: "tasks failed to start",
        cause: diagnosis.cause().unwrap_or_default(),
        advice: diagnosis.advice().unwrap_or_default(),
        diagnosis,
    }
}

fn log(lines: usize, line: &str) -> LogTail {
    LogTail {
        container: "app".into(),
        task: "1".into(),
        group: "/ecs/shop".into(),
        stream: "web/app/1".into(),
        lines: (0..lines).map(|n| format!("{n} {line}")).collect(),
    }
}

fn parsed(diagnosis: &Diagnosis) -> Value {
    let document = document(&[entry(diagnosis)]);
    assert!(document.len() <= LIMIT, "{}", document.len());
    serde_json::from_str(&document).unwrap()
}

#[test]
fn the_document_is_shaped_as_documented() {
    let mut diagnosis = crashed();
    diagnosis.logs = vec![log(2, "boom")];
    insta::assert_snapshot!(serde_json::to_string_pretty(&parsed(&diagnosis)).unwrap(), @r#"
    {
      "version": 1,
      "truncated": false,
      "services": [
        {
          "service": "web",
          "verdict": "failed",
          "reason": "tasks failed to start",
          "cause": "3 tasks stopped: app exited with 1 (the program's own error)",
          "advice": "",
          "alarms": [],
          "hooks": [],
          "stopped": [
            {
              "count": 3,
              "stop-code": "EssentialContainerExited",
              "reason": "Essential container in task exited",
              "containers": [
                {
                  "name": "app",
                  "exit-code": 1,
                  "reason": "",
                  "unhealthy": false
                }
              ],
              "advice": "",
              "tasks": []
            }
          ],
          "living": [],
          "targets": [],
          "logs": [
            {
              "container": "app",
              "task": "1",
              "group": "/ecs/shop",
              "stream": "web/app/1",
              "lines": [
                "0 boom",
                "1 boom"
              ]
            }
          ],
          "events": [],
          "blind-spots": []
        }
      ]
    }
    "#);
    assert_eq!(document(&[]), "");
}

#[test]
fn too_long_logs_lose_their_oldest_lines() {
    let mut diagnosis = crashed();
    diagnosis.logs = (0..4).map(|_| log(50, &"x\"\u{1}".repeat(200))).collect();
    let parsed = parsed(&diagnosis);
    assert_eq!(parsed["truncated"], true);
    let lines = parsed["services"][0]["logs"][0]["lines"].as_array().unwrap();
    assert!(!lines.is_empty() && lines.last().unwrap().as_str().unwrap().starts_with("49 "), "{lines:?}");
    assert_eq!(parsed["services"][0]["stopped"][0]["containers"][0]["exit-code"], 1);
}

#[test]
fn whatever_is_too_long_ends_in_a_short_document() {
    let mut diagnosis = crashed();
    diagnosis.events = (0..1000).map(|n| format!("{n}{}", "é".repeat(500))).collect();
    diagnosis.blind_spots = vec!["x".repeat(200_000)];
    let parsed = parsed(&diagnosis);
    assert_eq!(parsed["services"][0]["service"], "web");
    assert_eq!(parsed["services"][0]["events"].as_array().unwrap().len(), SHORT_LIST);
    let small = crashed();
    let many: Vec<Entry<'_>> = (0..1000).map(|_| entry(&small)).collect();
    let document = document(&many);
    assert!(document.len() <= LIMIT);
    let _: Value = serde_json::from_str(&document).unwrap();
}
