use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use testkit::budget::cases;

use super::*;
use crate::document::Document;
use crate::fuzz::{SECRET, check, check_html, hostile};
use crate::guard::Guard;
use crate::markdown::{Frame, Limit, page};
use crate::review::{PlanState, Review};
use crate::schema::SchemaFile;

fn parse(text: &str) -> Result<Stream, NotAStream> {
    Stream::parse(text.as_bytes())
}

fn message(diagnostic: &Value) -> String {
    json!({ "@level": "error", "@message": "Error", "@module": "terraform.ui", "type": "diagnostic", "diagnostic": diagnostic })
        .to_string()
}

fn log_of(stream: &Stream) -> Log {
    stream.sealed(&[], &Detector::default()).unwrap().log.shown()
}

fn summaries(text: &str) -> Vec<String> {
    log_of(&parse(text).unwrap()).diagnostics.into_iter().map(|diagnostic| diagnostic.summary).collect()
}

fn recorded(name: &str) -> Stream {
    let path = format!("{}/tests/logs/{name}.ndjson", env!("CARGO_MANIFEST_DIR"));
    Stream::parse(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn what_terraform_printed_is_read_with_its_place() {
    let log = log_of(&recorded("precondition_fail"));
    let [error] = &log.diagnostics[..] else { panic!("{log:?}") };
    assert_eq!((error.severity, error.summary.as_str()), (Severity::Error, "Resource precondition failed"));
    assert_eq!((error.detail.as_str(), error.place().as_deref()), ("boom ``` @octocat", Some("main.tf:8")));
    assert_eq!(error.subject(), "in `resource \"terraform_data\" \"a\"`, at `main.tf:8`");
    let log = log_of(&recorded("check_block_fail"));
    assert_eq!((log.diagnostics[0].severity, log.has_errors()), (Severity::Warning, false));
    assert_eq!(log.unknown_log_version, None);
}

#[test]
fn errors_come_before_warnings_and_each_kind_in_the_order_of_the_log() {
    let log = ["w1", "E1", "w2", "E2"].map(|name| {
        let severity = if name.starts_with('E') { "error" } else { "warning" };
        message(&json!({ "severity": severity, "summary": name }))
    });
    assert_eq!(summaries(&log.join("\n")), ["E1", "E2", "w1", "w2"]);
}

#[test]
fn what_is_no_message_or_of_no_known_type_is_skipped() {
    let error = message(&json!({ "severity": "error", "summary": "E" }));
    let other = json!({ "@level": "info", "type": "telepathy", "diagnostic": { "summary": "no" } });
    for noise in
        ["[command]/usr/bin/terraform plan -json", "{", "{}", "[]", "null", "a {b} c", "\u{0}", &other.to_string()]
    {
        assert_eq!(summaries(&format!("{noise}\n{error}\n{noise}\n")), ["E"], "{noise}");
    }
    // Some keep a time in front of each line, some keep all messages as a list.
    assert_eq!(summaries(&format!("2026-11-23T01:00:00Z {error}\n")), ["E"]);
    assert_eq!(summaries(&format!("[{error},\n{other}]")), ["E"]);
    assert!(parse(&other.to_string()).is_ok(), "a log without errors is one");
}

#[test]
fn byte_order_marks_utf_16_and_bytes_that_are_no_text_are_read() {
    let error = message(&json!({ "severity": "error", "summary": "É" }));
    let utf_16: Vec<u8> = [0xFF, 0xFE].into_iter().chain(error.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = [b"\xEF\xBB\xBF", error.as_bytes()].concat();
    let broken = [b"\xC3\x28\n", error.as_bytes()].concat();
    for bytes in [utf_16, marked, broken] {
        assert_eq!(log_of(&Stream::parse(&bytes).unwrap()).diagnostics[0].summary, "É");
    }
}

#[test]
fn what_every_instance_says_stands_once_with_its_number() {
    let error = message(&json!({ "severity": "error", "summary": "E", "detail": "d" }));
    let other = message(&json!({ "severity": "error", "summary": "E", "detail": "another" }));
    let log = log_of(&parse(&format!("{error}\n{other}\n{error}\n{error}")).unwrap());
    let said: Vec<(&str, usize)> = log.diagnostics.iter().map(|one| (one.detail.as_str(), one.times)).collect();
    assert_eq!((said, log.error_count()), (vec![("d", 3), ("another", 1)], 4));
    assert_eq!((log.diagnostics[0].often().as_str(), log.diagnostics[1].often().as_str()), (" (3 times)", ""));
}

#[test]
fn the_result_of_a_validation_is_read_too() {
    let validation = json!({ "format_version": "1.0", "valid": false, "diagnostics": [{ "severity": "warning", "summary": "w" },
        { "severity": "error", "summary": "e", "range": { "filename": "a.tf", "start": { "line": 3 } } }] });
    let log = log_of(&parse(&format!("{validation:#}")).unwrap());
    assert_eq!(log.diagnostics[0].place().as_deref(), Some("a.tf:3"));
    assert_eq!(log.diagnostics.len(), 2);
}

#[test]
fn a_file_that_is_no_log_is_named_for_what_it_is() {
    for (text, what) in [
        ("", "it is empty"),
        ("Terraform will perform the following actions:", "it is text for people"),
        ("<!doctype html>", "it is an HTML page"),
        ("{\"format_version\":\"1.2\",\"resource_changes\":[]}", "it is a plan, which belongs in `plan`"),
        ("PK\u{3}\u{4}", "it is a binary plan, which belongs in `plan`"),
        ("{\"@level\":\"info\",\"@mess", "no line of it is a whole message"),
        ("{\"a\":", "no line of it is a message of Terraform's"),
        ("{\"format_version\":\"9.0\",\"configuration\":{}}", "no line of it is a message of Terraform's"),
    ] {
        assert_eq!(parse(text), Err(NotAStream(what.to_owned())), "{text}");
    }
    assert_eq!(Stream::parse(b"\xFF\x28\xC3"), Err(NotAStream("it is no text".to_owned())));
}

#[test]
fn an_unknown_major_version_is_told_and_read_all_the_same() {
    for (version, unknown) in [("0.1.0", None), ("1.2", None), ("1.9", None), ("2.0", Some("2.0")), ("x", Some("x"))] {
        let version = json!({ "@level": "info", "type": "version", "ui": version, "tofu": "1.8.0" }).to_string();
        let stream =
            parse(&format!("{version}\n{}", message(&json!({ "severity": "error", "summary": "E" })))).unwrap();
        let log = log_of(&stream);
        assert_eq!((log.unknown_log_version.as_deref(), log.diagnostics.len()), (unknown, 1));
        assert!(stream.is_of_opentofu);
    }
    assert!(!recorded("syntax_error").is_of_opentofu);
}

#[test]
fn a_summary_of_several_lines_and_one_without_words_are_shown() {
    let log =
        log_of(&parse(&message(&json!({ "summary": "first\nsecond", "detail": "third", "severity": "?" }))).unwrap());
    let [error] = &log.diagnostics[..] else { panic!("{log:?}") };
    assert_eq!(
        (error.severity, error.summary.as_str(), error.detail.as_str()),
        (Severity::Error, "first", "second\n\nthird")
    );
    assert_eq!(summaries(&message(&json!({ "severity": "error" }))), ["(without words)"]);
}

#[test]
fn secrets_of_the_plan_and_what_looks_like_one_are_hidden() {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "a.b", "change": {
        "actions": ["create"], "before": null, "after": { "p": "correct horse" }, "after_sensitive": { "p": true } } }] });
    let plan = PlanJson::of(&plan.to_string());
    let token = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let diagnostic = json!({ "severity": "error", "summary": "bad: correct horse", "detail": format!("DB_PASSWORD=Tr0ub4dor&3x\nuse {token}"),
        "address": "a.b[\"correct horse\"]", "range": { "filename": "correct horse.tf", "start": { "line": 1 } },
        "snippet": { "context": "resource \"correct horse\"", "code": "x" } });
    let output = json!({ "@level": "info", "type": "outputs", "outputs": { "o": { "sensitive": true, "value": "from the log" } } });
    let quoted = message(&json!({ "severity": "warning", "summary": "it was from the log" }));
    let stream = parse(&format!("{}\n{output}\n{quoted}", message(&diagnostic))).unwrap();
    let SealedLog { log, unmarked } = stream.sealed(&[plan], &Detector::default()).unwrap();
    let shown = serde_json::to_string(&log.shown()).unwrap();
    for secret in ["correct horse", "Tr0ub4dor", &token, "from the log"] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
    assert_eq!((shown.matches("(sensitive value)").count(), unmarked), (7, 7), "{shown}");
    let annotations = format!("{:?}", log.shown().annotations().collect::<Vec<_>>());
    assert!(!annotations.contains("correct horse") && annotations.contains("(sensitive value)"), "{annotations}");
}

#[test]
fn errors_make_a_plan_one_that_failed_and_leave_its_digest_alone() {
    let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "a.b", "type": "a", "change": { "actions": ["update"],
        "before": { "v": "Tr0ub4dor&3x" }, "after": { "v": 2 }, "before_sensitive": {}, "after_sensitive": {} } }] });
    let plan = PlanJson::of(&plan.to_string());
    let document = Document::with_schemas(&plan, &Guard::default(), &SchemaFile::default()).unwrap();
    let stream =
        parse(&message(&json!({ "severity": "error", "summary": "E", "detail": "password=Tr0ub4dor&3x" }))).unwrap();
    let sealed = stream.sealed(std::slice::from_ref(&plan), &Detector::default()).unwrap();
    let with_log = document.clone().with_log(sealed, false);
    assert_eq!(with_log.provenance, document.provenance);
    assert_eq!(Review::of(&with_log).state, PlanState::Errored);
    assert_eq!(Review::of(&document).state, PlanState::Complete);
    let warning = parse(&message(&json!({ "severity": "warning", "summary": "W" }))).unwrap();
    let sealed = warning.sealed(&[plan], &Detector::default()).unwrap();
    assert_eq!(Review::of(&document.with_log(sealed, false)).state, PlanState::Complete);
}

/// A diagnostic of hostile texts, with secrets of the plan among them.
fn diagnostic() -> impl Strategy<Value = Value> {
    (vec(hostile(), 5), "[a-z0-9]{4,6}", any::<[bool; 4]>(), 0_usize..9).prop_map(|(texts, tail, flags, line)| {
        let text = |index: usize| if flags[0] { format!("{}{SECRET}secret{}", texts[index], texts[4]) } else { texts[index].clone() };
        json!({ "severity": if flags[1] { "error" } else { "warning" }, "summary": text(0), "detail": format!("{}\n{tail}", text(1)),
            "address": flags[2].then(|| text(2)), "snippet": { "context": text(3) },
            "range": { "filename": text(3), "start": { "line": line } } })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(64), ..ProptestConfig::default() })]

    #[test]
    fn fuzz_any_bytes_are_a_log_or_refused(bytes in vec(any::<u8>(), 0..400), texts in vec(hostile(), 0..4)) {
        let _ = Stream::parse(&bytes);
        let _ = parse(&texts.join("\n"));
    }

    #[test]
    fn fuzz_a_damaged_log_is_read_or_refused(which in 0_usize..4, edits in vec(any::<testkit::Edit>(), 1..6)) {
        let name = ["syntax_error", "precondition_fail", "prevent_destroy", "check_block_fail"][which];
        let original = std::fs::read(format!("{}/tests/logs/{name}.ndjson", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let read = Stream::parse(&testkit::mutate(&original, &edits));
        if let Ok(stream) = read {
            let log = log_of(&stream);
            prop_assert!(log.diagnostics.iter().all(|one| !one.summary.is_empty() && one.line != Some(0)), "{log:?}");
        }
    }

    #[test]
    fn fuzz_a_hostile_log_has_no_say_in_the_page_and_tells_no_secret(all in vec(diagnostic(), 1..5), most in 3_000_usize..30_000) {
        let plan = json!({ "format_version": "1.2", "resource_changes": [{ "address": "a.b", "change": { "actions": ["create"],
            "before": null, "after": { "p": format!("{SECRET}secret") }, "after_sensitive": { "p": true } } }] });
        let plan = PlanJson::of(&plan.to_string());
        let text = all.iter().map(message).collect::<Vec<_>>().join("\n");
        let sealed = parse(&text).unwrap().sealed(std::slice::from_ref(&plan), &Detector::default()).unwrap();
        let review = Review::of(&Document::with_schemas(&plan, &Guard::default(), &SchemaFile::default()).unwrap().with_log(sealed, false));
        let said: usize = review.log.diagnostics.iter().map(|one| one.times).sum();
        prop_assert_eq!(said, all.len());
        let frame = Frame { run_url: Some("https://github.com/o/r/actions/runs/1"), ..Frame::default() };
        let markdown = page(&review, &frame, Limit::Characters(most));
        check(&markdown)?;
        prop_assert!(markdown.chars().count() <= most.max(4_000), "{} characters", markdown.chars().count());
        let html = crate::html::page(&review, &frame);
        check_html(&html)?;
        let annotations = format!("{:?}", review.log.annotations().collect::<Vec<_>>());
        for text in [&markdown, &html, &annotations, &format!("{review:?}")] {
            prop_assert!(!text.contains(SECRET), "{text}");
        }
    }
}
