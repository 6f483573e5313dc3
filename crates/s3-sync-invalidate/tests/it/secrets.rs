//! No credential is left anywhere; and no value of an input does harm.

use testkit::canary::Canaries;
use testkit::fault::Gate;
use testkit::http::Reply;
use testkit::{FakeAws, FakeRunner, Fault};

use crate::site::Site;

const BINARY: &str = env!("CARGO_BIN_EXE_s3-sync-invalidate");
const SECRET_KEY: &str = "aws/c4nary+Secret&Key\"<0123456789";
const SESSION: &str = "IQoJb3JpZ2luX2VjEcanary+session/token==";

fn canaries() -> Canaries {
    Canaries::new().with("the secret key", SECRET_KEY).with("the session token", SESSION)
}

fn with_credentials(runner: FakeRunner) -> FakeRunner {
    runner.env("AWS_SECRET_ACCESS_KEY", SECRET_KEY).env("AWS_SESSION_TOKEN", SESSION)
}

#[test]
fn a_publication_leaves_no_credential() {
    let mut site = Site::new();
    site.write("index.html", "<h1>x</h1>");
    site.write("a.js", "1");
    site.runner = with_credentials(site.runner);
    let runner = std::mem::take(&mut site.runner);
    let output = canaries().check_all_ways(runner, BINARY, &[], &[]);
    output.assert_code(0);
    assert!(!site.keys().is_empty(), "it was published");
    for request in site.proxy.requests() {
        assert_eq!(request.header("x-amz-security-token"), Some(SESSION), "the credentials were really used");
        Canaries::new().with("the secret key", SECRET_KEY).check("a request", request.line());
    }
}

#[test]
fn what_s3_says_about_a_credential_is_not_repeated() {
    let site = Site::new();
    site.write("index.html", "x");
    let words = format!(
        "<Error><Code>AccessDenied</Code><Message>{SESSION} of {}</Message></Error>",
        SECRET_KEY.replace('&', "&amp;").replace('<', "&lt;")
    );
    site.proxy.faults().add(Fault::reply(Reply::xml(403, words)).on("*", "*").always());
    let mut site = site;
    let runner = with_credentials(std::mem::take(&mut site.runner));
    let output = canaries().check_all_ways(runner, BINARY, &[], &[]);
    assert_ne!(output.code, 0);
}

#[test]
fn a_killed_publication_leaves_no_credential() {
    let mut site = Site::new();
    site.write("index.html", "x");
    site.proxy.faults().add(Fault::gate(&Gate::default()).on("PUT", "*").always());
    let runner = with_credentials(std::mem::take(&mut site.runner));
    let steps = || site.proxy.requests().iter().filter(|request| request.method == "PUT").count();
    canaries().check_killed(&runner, BINARY, &[], &[], steps);
}

#[test]
fn hostile_values_of_inputs_do_no_harm() {
    let aws = FakeAws::start_lenient().unwrap();
    aws.on_rest("*", "*").raw(Reply::xml(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"));
    testkit::hostile::check(BINARY, || {
        let runner = FakeRunner::new().envs(aws.env()).file("dist/index.html", "x");
        with_credentials(runner).input("source", "dist").input("bucket", "site").input("distribution-id", "E1EXAMPLE")
    });
}
