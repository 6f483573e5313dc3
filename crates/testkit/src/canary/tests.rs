use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;

const SECRET: &str = "s3cr&t/\"v<lue";

fn canaries() -> Canaries {
    Canaries::new().with("it", SECRET)
}

#[test]
fn each_form_is_found() {
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let mut texts = vec![
        SECRET.to_owned(),
        hex,
        serde_json::json!({ "a": SECRET }).to_string(),
        "s3cr&amp;t/&quot;v&lt;lue".to_owned(),
        "x=s3cr%26t%2F%22v%3Clue".to_owned(),
        format!("{:?}", Some(SECRET)),
    ];
    texts.extend(["", "a", "ab", "AWS:"].map(|before| STANDARD.encode(format!("{before}{SECRET} and more"))));
    for text in texts {
        assert!(!canaries().found_in(text.as_bytes()).is_empty(), "{text}");
    }
    assert!(canaries().found_in(b"s3cr and value").is_empty());
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
