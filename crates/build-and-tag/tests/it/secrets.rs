//! No build argument and no stored login is left where it was not asked for; and no value of an input does harm.

use std::time::Duration;

use testkit::canary::{Canaries, Recorder};
use testkit::runner::FakeRunner;
use testkit::{FakeRegistry, Fault};

use crate::support::{BINARY, out, runner};

const ARGUMENT: &str = "arg-c4nary/+<value>&\"q";
const PASSWORD: &str = "login-c4nary/+<pass>&\"word";

fn canaries() -> Canaries {
    Canaries::new()
        .with("the build argument", ARGUMENT)
        .with("the login", PASSWORD)
        .with("the token", "ghs_c4naryT0ken000")
}

fn step(dockerfile: &str) -> FakeRunner {
    runner(dockerfile)
        .file("a", "1")
        .input("build-args", &format!("TOKEN={ARGUMENT}"))
        .env("GITHUB_TOKEN", "ghs_c4naryT0ken000")
}

#[test]
fn an_argument_that_is_only_declared_is_not_in_the_image() {
    let step = step("FROM scratch\nARG TOKEN\nCOPY a /a\nCMD [\"/a\"]\n").input("builder", "embedded");
    let folder = out(&step);
    let output = canaries().check_all_ways(step, BINARY, &[], &[]);
    output.assert_code(0);
    assert!(!folder.as_os_str().is_empty());
}

#[test]
fn builders_get_arguments_by_name_alone() {
    let script = "case \"$1\" in version|--version) exit 0;; esac; echo $GITHUB_TOKEN >&2; exit 1";
    for builder in ["docker", "buildah"] {
        let recorder = Recorder::new().program(builder, script);
        let step = step("FROM scratch\nARG TOKEN\nRUN x\n").input("builder", builder).env("PATH", recorder.path());
        let output = step.run(BINARY, [] as [&str; 0]);
        assert_ne!(output.code, 0);
        canaries().check("the builder's arguments", recorder.arguments());
        assert!(recorder.arguments().contains("TOKEN"), "it was called: {}", recorder.arguments());
        assert!(recorder.environment().contains(ARGUMENT), "it got the argument");
        // A builder may print its environment: its last lines are in our report.
        canaries().check("the summary", &output.summary);
    }
}

#[test]
fn a_stored_login_is_used_and_not_told() {
    use base64::Engine as _;
    let registry = FakeRegistry::builder().basic_auth("me", PASSWORD).start().unwrap();
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("me:{PASSWORD}"));
    let login = serde_json::json!({ "auths": { registry.host(): { "auth": pair } } }).to_string();
    let step = step(&format!("FROM {}/base@sha256:{}\nCOPY a /a\n", registry.host(), "0a".repeat(32)))
        .input("builder", "embedded")
        .file("docker/config.json", login);
    let folder = step.workspace().join("docker").display().to_string();
    let output = canaries().check_all_ways(step.env("DOCKER_CONFIG", folder), BINARY, &[], &["docker/config.json"]);
    assert_ne!(output.code, 0, "there is no such base image");
    let asked = registry.requests();
    let basic = format!("Basic {pair}");
    let is_told = |request: &testkit::http::Request| request.header("authorization") == Some(&basic);
    assert!(asked.iter().any(is_told), "the login was really used: {asked:?} {}", output.stderr);
}

#[test]
fn a_killed_build_leaves_no_login() {
    use base64::Engine as _;
    let registry = FakeRegistry::builder().basic_auth("me", PASSWORD).start().unwrap();
    registry.faults().add(Fault::delay(Duration::from_secs(20)).on("*", "*").always());
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("me:{PASSWORD}"));
    let login = serde_json::json!({ "auths": { registry.host(): { "auth": pair } } }).to_string();
    let step = step(&format!("FROM {}/base@sha256:{}\nCOPY a /a\n", registry.host(), "0a".repeat(32)))
        .input("builder", "embedded")
        .file("docker/config.json", login);
    let folder = step.workspace().join("docker").display().to_string();
    let step = step.env("DOCKER_CONFIG", folder);
    canaries().check_killed(&step, BINARY, &[], &["docker/config.json"], || registry.requests().len());
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let recorder = Recorder::new().program("docker", "exit 1").program("buildah", "exit 1");
    let step = || step("FROM scratch\nCOPY a /a\n").env("PATH", recorder.path());
    testkit::hostile::check_with_places(BINARY, &["output-folder"], step);
}

#[test]
fn a_huge_dockerfile_is_refused_early() {
    testkit::hostile::check_huge(BINARY, &runner("FROM scratch\n"), &["--builder", "embedded"], "Dockerfile");
    let runner = runner("FROM scratch\nCOPY a /a\n").file("a", "1");
    testkit::hostile::check_huge(BINARY, &runner, &["--builder", "embedded"], ".dockerignore");
}
