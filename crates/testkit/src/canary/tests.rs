#![allow(clippy::format_collect, reason = "short texts, made for a test")]

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::*;

const SECRET: &str = "s3cr&t/\"v<lue%z";

fn canaries() -> Canaries {
    Canaries::new().with("it", SECRET)
}

/// What others make of a secret, made here without the code under test.
fn planted() -> Vec<(&'static str, String)> {
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut texts = vec![
        ("text", format!("a{SECRET}b")),
        ("hexadecimal", hex.clone()),
        ("upper-case hexadecimal", hex.to_uppercase()),
        ("JSON", serde_json::json!({ "a": SECRET }).to_string()),
        ("Go's JSON", r#"{"a":"s3cr\u0026t/\"v\u003clue%z"}"#.to_owned()),
        ("HTML", "s3cr&amp;t/&quot;v&lt;lue%z".to_owned()),
        ("a URL", "x=s3cr%26t%2F%22v%3Clue%25z".to_owned()),
        ("a workflow command", "::debug::s3cr&t/\"v<lue%25z".to_owned()),
        ("Debug", format!("{:?}", Some(SECRET))),
        ("reversed", "x z%eul<v\"/t&rc3s".to_owned()),
    ];
    for before in ["", "a", "ab", "AWS:", "user:"] {
        let whole = format!("{before}{SECRET} and more");
        texts.extend([("base64", STANDARD.encode(&whole)), ("base64url", URL_SAFE.encode(&whole))]);
        texts.push(("base64 to its end", STANDARD.encode(format!("{before}{SECRET}"))));
    }
    texts
}

#[test]
fn each_form_is_found() {
    for (form, text) in planted() {
        assert!(!canaries().found_in(text.as_bytes()).is_empty(), "{form}: {text}");
    }
    assert!(canaries().found_in(b"s3cr and value").is_empty());
}

#[test]
fn a_secret_that_is_split_over_lines_is_found() {
    for end in ["\n", "\r\n", "\n    ", "\n\n\t"] {
        for at in 1..SECRET.len() {
            let (one, other) = SECRET.split_at(at);
            let found = canaries().found_in(format!("a{one}{end}{other}b").as_bytes());
            assert!(found.contains(&"it (as it is, split over lines)".to_owned()), "{at}: {found:?}");
        }
    }
    let wrapped: String = STANDARD.encode(SECRET).chars().flat_map(|sign| [sign, '\n']).collect();
    assert!(!canaries().found_in(wrapped.as_bytes()).is_empty());
    let key = Canaries::new().with("key", "first-line\n  second-line\n");
    assert!(key.found_in(b"x first-lin\ne\nsecond-line").contains(&"key (as it is, split over lines)".to_owned()));
}

#[test]
fn what_cannot_be_listed_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert!(std::panic::catch_unwind(|| canaries().check_folder(&missing, &[])).is_err());
}

#[test]
fn an_input_is_excepted_by_its_path_alone() {
    let runner = FakeRunner::new().file("in/key", SECRET);
    let output = runner.run("sh", ["-c", "true"]);
    assert_eq!(canaries().leaks(&runner, &output, &["in/key"]), Vec::<String>::new());
    for place in ["key", "in/key/..", "../key"] {
        assert_eq!(canaries().leaks(&runner, &output, &[place]).len(), 1, "{place}");
    }
    let output = runner.run("sh", ["-c", "mkdir -p other; cp in/key other/key"]);
    assert_eq!(canaries().leaks(&runner, &output, &["in/key"]).len(), 1);
}

#[test]
fn temporary_files_and_links_are_searched() {
    for script in ["file=$(mktemp) && printf %s \"$1\" >\"$file\"", "ln -s \"x$1\" link"] {
        let runner = FakeRunner::new();
        let plain = "s3cret-without-slashes";
        let output = runner.run("sh", ["-c", script, "sh", plain]);
        output.assert_code(0);
        assert_eq!(Canaries::new().with("it", plain).leaks(&runner, &output, &[]).len(), 1, "{script}");
    }
}

#[test]
fn each_form_is_found_in_each_place_a_run_can_leave_it() {
    for (form, text) in planted() {
        let places = [
            format!("printf '%s\\n' '{text}'"),
            format!("printf '%s\\n' '{text}' >&2"),
            format!("printf '%s\\n' '{text}' >> \"$GITHUB_STEP_SUMMARY\""),
            format!("printf 'a=%s\\n' '{text}' >> \"$GITHUB_OUTPUT\""),
            format!("printf 'a=%s\\n' '{text}' >> \"$GITHUB_ENV\""),
            format!("mkdir -p \"$HOME/.cache\"; printf '%s' '{text}' > \"$HOME/.cache/x\""),
            format!("printf '%s' '{text}' | gzip > layer.tar.gz"),
        ];
        for script in places {
            let runner = FakeRunner::new();
            let output = runner.run("sh", ["-c", script.as_str()]);
            output.assert_code(0);
            let checked = std::panic::catch_unwind(|| canaries().check_run(&runner, &output, &[]));
            assert!(checked.is_err(), "{form} was overlooked: {script}");
        }
    }
}

#[test]
fn what_a_killed_run_left_is_found() {
    let killed = |script: &str| {
        let runner = FakeRunner::new();
        let mark = runner.workspace().join("mark");
        let script = format!("{script}; : > mark; while :; do sleep 0.05; done");
        // Each of the two runs starts without the mark.
        let steps = || usize::from(mark.exists() && std::fs::remove_file(&mark).is_ok());
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            canaries().check_killed(&runner, "sh", &["-c", &script], &[], steps);
        }))
    };
    assert!(killed("echo hello").is_ok());
    let message = killed(&format!("printf '%s' 's3cr'; printf '%s\\n' '{}'", &SECRET[4..])).unwrap_err();
    let message = message.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("standard output holds"), "{message}");
    let message = killed(&format!("echo '{SECRET}' > left")).unwrap_err();
    assert!(message.downcast_ref::<String>().unwrap().starts_with("the command line holds"));
}

#[test]
fn lines_are_secrets_of_their_own() {
    let canaries = Canaries::new().with("key", "first-line-of-it\nsecond-line-of-it");
    assert_eq!(canaries.found_in(b"... second-line-of-it"), ["key (as it is)"]);
}

#[test]
fn folders_are_searched_through_gzip() {
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("a.gz")).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    encoder.write_all(SECRET.as_bytes()).unwrap();
    encoder.finish().unwrap();
    canaries().check_folder(folder.path(), &["a.gz"]);
    assert!(std::panic::catch_unwind(|| canaries().check_folder(folder.path(), &[])).is_err());
}

#[test]
fn only_masks_on_a_runner_may_hold_a_secret() {
    let script = format!("echo '::add-mask::{SECRET}'");
    for (runner, passes) in [(FakeRunner::new(), true), (FakeRunner::plain_shell(), false)] {
        let output = runner.run("sh", ["-c", script.as_str()]);
        let checked = std::panic::catch_unwind(|| canaries().check_run(&runner, &output, &[]));
        assert_eq!(checked.is_ok(), passes);
    }
}

#[test]
fn a_recorder_writes_down_arguments_and_environment() {
    let recorder = Recorder::new().program("docker", "exit 3");
    let output =
        FakeRunner::new().env("PATH", recorder.path()).env("A", "b").run("sh", ["-c", "docker build --x 'y z'"]);
    assert_eq!((output.code, recorder.arguments().as_str()), (3, "docker\nbuild\n--x\ny z\n"));
    assert!(recorder.environment().lines().any(|line| line == "A=b"));
}
